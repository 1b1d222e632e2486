"""What the environment may say: a slip is refused in one line, and never quietly a default."""

import os
import re
import secrets
from pathlib import Path

import pytest

from coord.office import accounts
from coord.settings import LANGUAGES, OF_THE_TOOLS, SETTINGS, Settings, SettingsError

ROOT = Path(__file__).parents[1]
GOOD = secrets.token_urlsafe(48)
AT = {"COORD_PUBLIC_URL": "https://coord.example.org"}


def of(data: Path, **env: str) -> Settings:
    return Settings.from_env({"COORD_DATA": str(data), **env})


def refusal(data: Path, **env: str) -> str:
    with pytest.raises(SettingsError) as refused:
        of(data, **env)
    words = str(refused.value)
    assert "\n" not in words
    assert not data.exists() or not list(data.iterdir()), "something was made before it was refused"
    return words


@pytest.mark.parametrize("text", ["production", "Production", "PRODUCTION"])
def test_production_is_production_however_it_is_spelt(tmp_path: Path, text: str) -> None:
    settings = of(tmp_path, COORD_ENV=text, COORD_SECRET_KEY=GOOD, **AT)
    assert settings.production
    assert settings.secure_cookies
    assert "COORD_SECRET_KEY must be set" in refusal(tmp_path, COORD_ENV=text)


@pytest.mark.parametrize("text", ["", "development", "Development"])
def test_development_is_what_nothing_is_said_for(tmp_path: Path, text: str) -> None:
    assert not of(tmp_path, COORD_ENV=text).production


@pytest.mark.parametrize("text", ["prod", "production ", "staging", "producton"])
def test_an_environment_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, COORD_ENV=text) == f"COORD_ENV must be development or production, not {text!r}"


@pytest.mark.parametrize(
    "weak",
    [
        "a" * 36,
        "ab" * 24,
        "0123456789abcdef0123456789abcdef",
        "1234567890" * 5,
        "changeme" * 6,
        "password" * 8,
        "qwertyuiopasdfghjklzxcvbnm123456",
    ],
)
def test_a_secret_that_can_be_guessed_is_refused_in_production(tmp_path: Path, weak: str) -> None:
    words = refusal(tmp_path, COORD_ENV="production", COORD_SECRET_KEY=weak)
    assert words.startswith("COORD_SECRET_KEY can be guessed")
    assert weak not in words
    assert "can be guessed" in refusal(tmp_path, COORD_ENV="production", COORD_SECRET_KEY=f"{GOOD},{weak}")


@pytest.mark.parametrize(("made", "of_bytes"), [("urlsafe", 48), ("urlsafe", 24), ("hex", 16), ("hex", 32)])
def test_a_random_secret_is_taken(tmp_path: Path, made: str, of_bytes: int) -> None:
    strong = secrets.token_hex(of_bytes) if made == "hex" else secrets.token_urlsafe(of_bytes)
    assert of(tmp_path, COORD_ENV="production", COORD_SECRET_KEY=strong, **AT).secret_keys == (strong,)


@pytest.mark.parametrize("short", ["", ",", "x" * 31, "kT4-9vQz_m2LxR7w"])
def test_a_short_secret_is_refused_in_production(tmp_path: Path, short: str) -> None:
    assert "32 or more random characters" in refusal(tmp_path, COORD_ENV="production", COORD_SECRET_KEY=short)


def test_a_list_of_secrets_signs_with_the_first(tmp_path: Path) -> None:
    newer = secrets.token_urlsafe(48)
    settings = of(tmp_path, COORD_ENV="production", COORD_SECRET_KEY=f" {newer} , {GOOD} ,", **AT)
    assert settings.secret_key == newer
    assert settings.secret_keys == (newer, GOOD)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("COORD_SECERT_KEY", "COORD_SECRET_KEY"),
        ("COORD_SECRET", "COORD_SECRET_KEY"),
        ("COORD_DATABASE", "COORD_DATABASE_URL"),
        ("COORD_TRUSTED_PROXY", "COORD_TRUSTED_PROXIES"),
        ("COORD_ENVIRONMENT", "COORD_ENV"),
    ],
)
def test_a_misspelt_setting_is_refused(tmp_path: Path, name: str, meant: str) -> None:
    assert refusal(tmp_path, **{name: "x"}) == f"{name} is not a setting: did you mean {meant}?"


def test_a_setting_like_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, COORD_QQQQ="x") == "COORD_QQQQ is not a setting"
    assert of(tmp_path, QQQQ="x", COORD_CHROMIUM="/usr/bin/chromium").port == 8000


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("COORD_TRUSTED_PROXIES", "one", "must be a whole number from 0"),
        ("COORD_TRUSTED_PROXIES", "-1", "must be a whole number from 0"),
        ("COORD_THREADS", "0", "must be a whole number from 1"),
        ("WEB_CONCURRENCY", "two", "must be a whole number from 1"),
        ("COORD_GRACEFUL_SECONDS", "1.5", "must be a whole number from 1"),
        ("COORD_READ_SECONDS", "long", "must be a number of seconds"),
        ("COORD_READ_SECONDS", "nan", "must be a number of seconds"),
        ("COORD_QUEUE_SECONDS", "0", "must be a number of seconds"),
        ("COORD_SECURE_COOKIES", "true", "must be 0 or 1"),
        ("COORD_LANGUAGE", "fr", "must be en or it"),
        ("PORT", "http", "must be a port number"),
        ("COORD_METRICS_PORT", "70000", "must be a port number"),
        ("COORD_DATABASE_URL", "mysql://x", "must start with postgresql://"),
        ("COORD_ZONE", "Rome", "no time zone is called"),
        ("COORD_PUBLIC_URL", "coord.clinic.example", "must start with https://"),
        ("COORD_PUBLIC_URL", "https://coord.clinic.example/here", "the first page alone"),
        ("COORD_PUBLIC_URL", "https://ada@coord.clinic.example", "the first page alone"),
        ("COORD_PUBLIC_URL", "https://coord.clinic.example:x", "is no address"),
        ("COORD_PUBLIC_URL", "ftp://coord.clinic.example", "must start with https://"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    said = refusal(tmp_path, **{name: text})
    assert said.startswith(name)
    assert words in said


def test_every_setting_that_the_code_reads_is_known_and_every_known_one_is_read() -> None:
    source = "".join(path.read_text() for path in (ROOT / "coord").rglob("*.py"))
    before, _, table = source.partition("SETTINGS = frozenset(")
    source = before + table.partition("ENVIRONMENTS = ")[2]  # where they are read, without the table of them
    assert set(re.findall(r'"(COORD_[A-Z_]*[A-Z])"', source)) == SETTINGS
    assert set() == SETTINGS & OF_THE_TOOLS


def test_every_setting_is_in_the_guide_and_what_the_guide_lists_is_one() -> None:
    guide = (ROOT / "docs" / "production.md").read_text().split("## Settings")[1].split("\n## ")[0]
    assert {name for name in SETTINGS if f"`{name}`" not in guide} == set()
    listed = [line.split("|")[1] for line in guide.splitlines() if line.startswith("|")]
    assert set(re.findall(r"COORD_[A-Z_]*[A-Z]", " ".join(listed))) == SETTINGS


def test_languages_are_those_of_the_accounts() -> None:
    assert LANGUAGES == accounts.LANGUAGES


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://coord:se%40cret@db.example:5433/clinic", "PostgreSQL database clinic at db.example:5433"),
        ("postgresql://coord:secret@/clinic?host=/run/pg", "PostgreSQL database clinic at the default host"),
        ("postgres://db.example", "PostgreSQL database of the default name at db.example"),
    ],
)
def test_a_place_is_named_without_its_password(tmp_path: Path, url: str, place: str) -> None:
    assert Settings(data=tmp_path, database_url=url).place == place


def test_reading_the_settings_makes_nothing_unless_it_is_asked_to(tmp_path: Path) -> None:
    here = {"COORD_DATA": str(tmp_path / "var")}
    assert Settings.from_env(here, make=False).secret_key == ""
    assert not (tmp_path / "var").exists()
    made = Settings.from_env(here).secret_key
    assert Settings.from_env(here, make=False).secret_key == made
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o077 == 0
    assert os.listdir(tmp_path / "var") == ["secret"]


# ---- where people reach the service, and mail


def test_production_says_where_people_reach_it_for_links_begin_with_it(tmp_path: Path) -> None:
    keys = {"COORD_ENV": "production", "COORD_SECRET_KEY": GOOD}
    assert "COORD_PUBLIC_URL must be set" in refusal(tmp_path, **keys)
    for plain in ("http://coord.example.org", "coord.example.org", "ftp://coord.example.org", "https://"):
        assert "COORD_PUBLIC_URL must start with https://" in refusal(tmp_path, **keys, COORD_PUBLIC_URL=plain)
    for more in ("https://coord.example.org/x", "https://a@coord.example.org", "https://coord.example.org?x=1"):
        assert "the first page alone" in refusal(tmp_path, **keys, COORD_PUBLIC_URL=more)
    assert "is no address" in refusal(tmp_path, **keys, COORD_PUBLIC_URL="https://coord.example.org:port")
    for text in ("https://coord.example.org:8443/", "http://localhost:8000", "http://[::1]:8000", "http://127.0.0.1"):
        assert of(tmp_path, **keys, COORD_PUBLIC_URL=text).address == text.rstrip("/")


def test_development_is_reached_at_its_port(tmp_path: Path) -> None:
    assert of(tmp_path, PORT="9000").address == "http://localhost:9000"


FROM = {"COORD_MAIL_FROM": "coord@clinic.example"}


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "user", "password"),
    [
        ("smtp://coord:p%40ss%2F@mail.example.org", "mail.example.org", 587, "smtp", "coord", "p@ss/"),
        ("smtps://mail.example.org", "mail.example.org", 465, "smtps", "", ""),
        ("smtp://mail.example.org:2525/", "mail.example.org", 2525, "smtp", "", ""),
        ("smtp+plain://127.0.0.1:1025", "127.0.0.1", 1025, "smtp+plain", "", ""),
        ("smtp+plain://localhost", "localhost", 25, "smtp+plain", "", ""),
    ],
)
def test_a_mail_server(tmp_path: Path, url: str, host: str, port: int, security: str, user: str, password: str) -> None:
    mail = of(tmp_path, COORD_SMTP_URL=url, **FROM).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security, mail.user, mail.password) == (host, port, security, user, password)
    assert mail.sender == "coord@clinic.example"
    assert password == "" or password not in repr(mail)
    assert of(tmp_path).mail is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.org", "must be smtp://"),
        ("https://mail.example.org", "must be smtp://"),
        ("smtp://", "must be smtp://"),
        ("smtp://coord:secret@mail.example.org/x", "must be smtp://"),
        ("smtp://coord:secret@mail.example.org:port", "is no address"),
        ("smtp+plain://coord:secret@mail.example.org", "on this machine alone"),
    ],
)
def test_a_mail_server_that_makes_no_sense_is_refused_without_its_password(
    tmp_path: Path, url: str, words: str
) -> None:
    said = refusal(tmp_path, COORD_SMTP_URL=url, **FROM)
    assert words in said
    assert "secret" not in said


@pytest.mark.parametrize("sender", ["", "coord", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "Coord <a@b.c>"])
def test_mails_come_from_one_address(tmp_path: Path, sender: str) -> None:
    said = refusal(tmp_path, COORD_SMTP_URL="smtps://mail.example.org", COORD_MAIL_FROM=sender)
    assert "COORD_MAIL_FROM must be set" in said


def test_its_password_may_be_in_a_file(tmp_path: Path) -> None:
    file, data = tmp_path / "password", tmp_path / "data"
    file.write_text("nine otters\n")
    url = {"COORD_SMTP_URL": "smtp://coord@mail.example.org", **FROM}
    mail = of(data, **url, COORD_SMTP_PASSWORD_FILE=str(file)).mail
    assert mail is not None
    assert mail.password == "nine otters"
    for name in ("COORD_SMTP_PASSWORD_FILE", "COORD_SMTP_CA_FILE"):
        assert f"{name}: {tmp_path}/none cannot be read" in refusal(
            tmp_path / "new", **url, **{name: f"{tmp_path}/none"}
        )


@pytest.mark.parametrize(
    ("said", "party"),
    [
        ("https://Coord.Clinic.example/", ("coord.clinic.example", "https://coord.clinic.example")),
        ("https://coord.clinic.example:443", ("coord.clinic.example", "https://coord.clinic.example")),
        ("https://coord.clinic.example:8443", ("coord.clinic.example", "https://coord.clinic.example:8443")),
        ("http://localhost:9000", ("localhost", "http://localhost:9000")),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
        ("", ("localhost", "http://localhost:8000")),
    ],
)
def test_for_whom_passkeys_are(tmp_path: Path, said: str, party: tuple[str, str] | None) -> None:
    found = of(tmp_path, COORD_PUBLIC_URL=said).relying_party
    assert (found and (found.id, found.origin)) == party
