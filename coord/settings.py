"""Settings: read once from the environment, frozen, refused in production while a secret is missing or a default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SettingsError(Exception):
    """The environment does not make sense; the message is one line for the person who starts the service."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another."""

    data: Path
    """Folder of the SQLite files and of the development secret."""
    database_url: str | None = None
    """``postgresql://...``; without one, SQLite files in ``data``."""
    secret_key: str = ""
    """Signs cookies. At least 32 characters in production."""
    production: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Rome"))
    """The clinic's time zone; storage is in UTC always."""
    late_after: timedelta = timedelta(hours=48)
    """A note signed longer than this after the observation ended is labelled late (practice varies, 24-48 h)."""
    idle_limit: timedelta = timedelta(minutes=30)
    """A sign-in unused for this long ends."""
    absolute_limit: timedelta = timedelta(hours=12)
    """A sign-in ends after this long, used or not."""
    secure_cookies: bool = False
    port: int = 8000
    metrics_port: int | None = None
    trusted_proxies: int = 0

    @property
    def compiled_templates(self) -> Path:
        """The folder in which the workers share what templates were compiled to."""
        return self.data.resolve() / "templates"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``env`` (the process environment by default).

        Raises `SettingsError` with one clear line if something is missing or makes no sense.
        """
        e = os.environ if env is None else env
        production = e.get("COORD_ENV", "development") == "production"
        data = Path(e.get("COORD_DATA") or "var")
        url = e.get("COORD_DATABASE_URL") or None
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise SettingsError("COORD_DATABASE_URL must start with postgresql://")
        secret = e.get("COORD_SECRET_KEY", "")
        if production and len(secret) < 32:
            raise SettingsError("COORD_SECRET_KEY must be set to 32 or more random characters in production")
        if not production and not secret:
            secret = _development_secret(data)
        name = e.get("COORD_ZONE") or "Europe/Rome"
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(f"COORD_ZONE: no time zone is called {name!r}") from error
        return cls(
            data=data,
            database_url=url,
            secret_key=secret,
            production=production,
            zone=zone,
            secure_cookies=production or e.get("COORD_SECURE_COOKIES") == "1",
            port=_port(e, "PORT", 8000) or 8000,
            metrics_port=_port(e, "COORD_METRICS_PORT", None),
            trusted_proxies=int(e.get("COORD_TRUSTED_PROXIES") or 0),
        )


def _port(env: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number from 1 to 65535, not {text!r}")
    return int(text)


def _development_secret(data: Path) -> str:
    """A secret that stays the same over restarts, made at the first start and readable by this user only."""
    file = data / "secret"
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    except OSError as error:
        raise SettingsError(f"the folder {data} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as stream:
        secret = secrets.token_urlsafe(48)
        stream.write(secret + "\n")
    return secret
