"""Settings: read once from the environment, frozen, refused in production while a secret is missing or a default."""

from __future__ import annotations

import difflib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, cast
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SettingsError(Exception):
    """The environment does not make sense; the message is one line for the person who starts the service."""


Language = Literal["en", "it"]
LANGUAGES: tuple[Language, ...] = ("en", "it")

SETTINGS = frozenset(
    {
        "COORD_BIND",
        "COORD_DATABASE_URL",
        "COORD_DATA",
        "COORD_ENV",
        "COORD_GRACEFUL_SECONDS",
        "COORD_LANGUAGE",
        "COORD_MAIL_FROM",
        "COORD_METRICS_PORT",
        "COORD_PUBLIC_URL",
        "COORD_QUEUE_SECONDS",
        "COORD_READ_SECONDS",
        "COORD_SECRET_KEY",
        "COORD_SECURE_COOKIES",
        "COORD_SMTP_CA_FILE",
        "COORD_SMTP_PASSWORD_FILE",
        "COORD_SMTP_URL",
        "COORD_THREADS",
        "COORD_TRUSTED_PROXIES",
        "COORD_ZONE",
    }
)
"""Every setting of the service that begins with COORD_; another one is a slip of the pen."""
OF_THE_TOOLS = frozenset({"COORD_CHROMIUM", "COORD_KILLS", "COORD_TOKEN"})
"""For the tests and the examples of the API: they mean nothing to the service, and may stand beside its settings."""
ENVIRONMENTS = ("development", "production")
SHORTEST_SECRET = 32
GUESSES = 24
"""A secret must take at least ten to this power of guesses; 32 random characters take far more."""

SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
"""What a mail server's address begins with: STARTTLS, TLS from the first byte, or nothing, on this machine alone; and
the port where none is said."""
_MAIL_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server that mails are handed to."""

    host: str
    port: int
    security: str
    """``smtp`` (STARTTLS, or nothing is sent), ``smtps`` or ``smtp+plain``."""
    sender: str
    """The address that mails come from."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """Whose certificates are believed, where those of the machine are not the ones."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made, and at which address a browser must say that it used one."""

    id: str
    """The name of the host: what a passkey is bound to, for ever."""
    origin: str
    """Scheme, host and port, as a browser writes them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another."""

    data: Path
    """Folder of the SQLite files and of the development secret."""
    database_url: str | None = None
    """``postgresql://...``; without one, SQLite files in ``data``."""
    secret_key: str = ""
    """Signs whatever the service signs. At least 32 characters in production."""
    earlier_keys: tuple[str, ...] = ()
    """Keys that have signed before: what they signed still counts, until they are left out."""
    production: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Rome"))
    """The clinic's time zone; storage is in UTC always."""
    language: Language = "en"
    """The clinic's language: of the activities that it begins with, and of new accounts until their owner chooses."""
    idle_limit: timedelta = timedelta(minutes=30)
    """A sign-in unused for this long ends."""
    absolute_limit: timedelta = timedelta(hours=12)
    """A sign-in ends after this long, used or not."""
    secure_cookies: bool = False
    port: int = 8000
    metrics_port: int | None = None
    trusted_proxies: int = 0
    public_url: str = ""
    """Where people reach the service, without a slash at its end: what links in mails and letters begin with, and what
    passkeys are bound to. Never what a request says of itself."""
    mail: MailServer | None = None
    """Without one nothing is mailed: letters take its place."""

    @property
    def address(self) -> str:
        """The address that links begin with."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def relying_party(self) -> RelyingParty | None:
        """Whom passkeys are for; None where there is no name in the address, for browsers make none for a bare number,
        and where production does not say it."""
        url = urlsplit("" if self.production and not self.public_url else self.address)
        host = (url.hostname or "").lower()
        if not host or ":" in host or host.replace(".", "").isdigit():
            return None
        return RelyingParty(host, f"{url.scheme}://{url.netloc.lower()}")

    @property
    def compiled_templates(self) -> Path:
        """The folder in which the workers share what templates were compiled to."""
        return self.data.resolve() / "templates"

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """All keys, the one that signs first."""
        return (self.secret_key, *self.earlier_keys)

    @property
    def place(self) -> str:
        """Where the stores are, in words, without a password."""
        if self.database_url is None:
            return f"SQLite files in {self.data.resolve()}"
        url = urlsplit(self.database_url)
        host = url.netloc.rpartition("@")[2] or "the default host"
        return f"PostgreSQL database {url.path.strip('/') or 'of the default name'} at {host}"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, make: bool = True) -> Settings:
        """Read the settings from ``env`` (the process environment by default).

        In development a secret is made in the data folder where there is none; not so without ``make``: then nothing
        is written, and the secret may be empty. Raises `SettingsError` with one clear line if something is missing,
        misspelt or makes no sense.
        """
        e = os.environ if env is None else env
        _refuse_misspelt(e)
        production = _one_of(e, "COORD_ENV", ENVIRONMENTS) == "production"
        data = Path(e.get("COORD_DATA") or "var")
        url = e.get("COORD_DATABASE_URL") or None
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise SettingsError("COORD_DATABASE_URL must start with postgresql://")
        keys = _keys(e, production)
        name = e.get("COORD_ZONE") or "Europe/Rome"
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingsError(f"COORD_ZONE: no time zone is called {name!r}") from error
        for of_gunicorn in ("WEB_CONCURRENCY", "COORD_THREADS"):
            _number(e, of_gunicorn, 1)
        _number(e, "COORD_GRACEFUL_SECONDS", 1)
        for length in ("COORD_READ_SECONDS", "COORD_QUEUE_SECONDS"):
            _seconds(e, length)
        settings = cls(
            data=data,
            database_url=url,
            secret_key=keys[0] if keys else "",
            earlier_keys=keys[1:],
            production=production,
            zone=zone,
            language=cast("Language", _one_of(e, "COORD_LANGUAGE", LANGUAGES)),
            secure_cookies=production or _one_of(e, "COORD_SECURE_COOKIES", ("0", "1")) == "1",
            port=_port(e, "PORT", 8000) or 8000,
            metrics_port=_port(e, "COORD_METRICS_PORT", None),
            trusted_proxies=_number(e, "COORD_TRUSTED_PROXIES", 0) or 0,
            public_url=_public_url(e, production),
            mail=_mail_server(e),
        )
        # Last of all: what is refused leaves nothing behind.
        return settings if keys else replace(settings, secret_key=_development_secret(data, make))


def _refuse_misspelt(env: Mapping[str, str]) -> None:
    """Raise `SettingsError` for a COORD_ name that is none: a slip would quietly leave a setting at its default."""
    for name in sorted(env):
        if name.startswith("COORD_") and name not in SETTINGS | OF_THE_TOOLS:
            said, stems = name.removeprefix("COORD_"), sorted(known.removeprefix("COORD_") for known in SETTINGS)
            near = difflib.get_close_matches(said, stems, 1) or [stem for stem in stems if said.startswith(stem)]
            raise SettingsError(f"{name} is not a setting" + (f": did you mean COORD_{near[0]}?" if near else ""))


def _one_of(env: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    """One of ``values``, in capitals or not; the first of them where nothing is said."""
    text = env.get(name) or values[0]
    if text.lower() not in values:
        raise SettingsError(f"{name} must be {' or '.join(values)}, not {text!r}")
    return text.lower()


def _number(env: Mapping[str, str], name: str, least: int) -> int | None:
    """A whole number, None where nothing is said."""
    text = env.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise SettingsError(f"{name} must be a whole number from {least}, not {text!r}")
    return int(text)


def _seconds(env: Mapping[str, str], name: str) -> None:
    """Raise `SettingsError` unless it is a length of time, or nothing is said."""
    try:
        if not 0 < float(env.get(name) or 1) < 3600:
            raise ValueError
    except ValueError:
        raise SettingsError(f"{name} must be a number of seconds, not {env[name]!r}") from None


def _keys(env: Mapping[str, str], production: bool) -> tuple[str, ...]:
    """The keys of COORD_SECRET_KEY, in their order; none where nothing is said, which production does not allow."""
    keys = tuple(key for part in env.get("COORD_SECRET_KEY", "").split(",") if (key := part.strip()))
    if not production:
        return keys
    if not keys or any(len(key) < SHORTEST_SECRET for key in keys):
        raise SettingsError("COORD_SECRET_KEY must be set to 32 or more random characters in production")
    from zxcvbn import zxcvbn  # only here: a second of the start goes into its lists

    for key in keys:
        if zxcvbn(key[:64])["guesses_log10"] < GUESSES:
            raise SettingsError(
                "COORD_SECRET_KEY can be guessed; make one with "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
    return keys


def _public_url(env: Mapping[str, str], production: bool) -> str:
    """An address of ours: of https in production, but on this machine."""
    text = (env.get("COORD_PUBLIC_URL") or "").rstrip("/")
    if not text:
        if production:
            raise SettingsError(
                "COORD_PUBLIC_URL must be set in production: where people reach this service, "
                "such as https://coord.example.org"
            )
        return ""
    parts, port = _split(text, "COORD_PUBLIC_URL")
    plain = parts.scheme == "http" and (not production or _is_here(parts.hostname or ""))
    if not (parts.scheme == "https" or plain) or not parts.hostname:
        raise SettingsError(f"COORD_PUBLIC_URL must start with https:// and name a host, not {text!r}")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError("COORD_PUBLIC_URL must be the address of the first page alone, without a path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]  # a browser leaves it out, and a passkey is bound to what it says
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def _mail_server(env: Mapping[str, str]) -> MailServer | None:
    """The mail server of the settings, None where there is none. What is wrong is said without its password."""
    url, sender = env.get("COORD_SMTP_URL") or "", (env.get("COORD_MAIL_FROM") or "").strip()
    if not url:
        return None
    parts, port = _split(url, "COORD_SMTP_URL")
    if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError("COORD_SMTP_URL must be smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS)")
    if parts.scheme == "smtp+plain" and not _is_here(parts.hostname):
        raise SettingsError("COORD_SMTP_URL: smtp+plain:// is for a mail server on this machine alone")
    if not _MAIL_ADDRESS.fullmatch(sender):
        raise SettingsError("COORD_MAIL_FROM must be set with COORD_SMTP_URL: the address that mails come from")
    password, file = unquote(parts.password or ""), env.get("COORD_SMTP_PASSWORD_FILE")
    if file:
        password = _first_line(file, "COORD_SMTP_PASSWORD_FILE")
    authorities = env.get("COORD_SMTP_CA_FILE") or None
    if authorities:
        _first_line(authorities, "COORD_SMTP_CA_FILE")
    return MailServer(
        host=parts.hostname,
        port=port or SMTP_PORTS[parts.scheme],
        security=parts.scheme,
        sender=sender,
        user=unquote(parts.username or ""),
        password=password,
        ca_file=Path(authorities) if authorities else None,
    )


def _split(url: str, name: str) -> tuple[SplitResult, int | None]:
    """The parts of an address, and its port."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise SettingsError(f"{name} is no address") from None


def _is_here(host: str) -> bool:
    """Whether it is a name of this machine that no network is asked for."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _first_line(file: str, name: str) -> str:
    """The first line of a file that a setting names."""
    try:
        return next(iter(Path(file).read_text().splitlines()), "")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name}: {file} cannot be read") from error


def _port(env: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number from 1 to 65535, not {text!r}")
    return int(text)


def _development_secret(data: Path, make: bool) -> str:
    """A secret that stays the same over restarts, made at the first start and readable by this user only."""
    file = data / "secret"
    if not make:
        return file.read_text().strip() if file.is_file() else ""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if not data.is_dir():
            raise SettingsError(f"the folder {data} cannot be written: there is a file of that name") from None
        return file.read_text().strip()
    except OSError as error:
        raise SettingsError(f"the folder {data} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as stream:
        secret = secrets.token_urlsafe(48)
        stream.write(secret + "\n")
    return secret
