"""deploy/ and docs/production.md name settings, commands and limits that exist."""

import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from coord import cli
from coord.settings import Settings, SettingsError
from coord.web import MOST_BYTES

ROOT = Path(__file__).parents[1]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
SOURCE = "".join(path.read_text() for path in (ROOT / "coord").rglob("*.py"))
UNITS = ["coord-web.service", "coord-follow.service"]
FILES = [*UNITS, "coord-backup.service", "coord-backup.timer", "nginx.conf", "coord.env.example", "alerts.yml"]


def service(name: str) -> dict[str, str]:
    """What a unit says of its service; a key that comes twice has both values, a line each."""
    found: dict[str, str] = {}
    section = (ROOT / "deploy" / name).read_text().split("[Service]")[1].split("[Install]")[0]
    for line in section.splitlines():
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


@pytest.mark.parametrize("name", [*(f"deploy/{file}" for file in FILES), "docs/production.md", "README.md"])
def test_every_setting_that_is_named_is_one(name: str):
    named = set(re.findall(r"\bCOORD_[A-Z_]*[A-Z]\b", (ROOT / name).read_text())) - {"COORD_SECERT_KEY"}
    assert named or name.endswith(("backup.service", ".timer", "coord-follow.service"))
    assert {setting for setting in named if f'"{setting}"' not in SOURCE} == set()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_commands_that_exist(name: str):
    said = service(name)
    started = [said[key] for key in ("ExecStartPre", "ExecStart") if key in said]
    for command in started:
        binary, word = command.split()
        assert binary == f"{said['WorkingDirectory']}/.venv/bin/coord"
        assert word in cli.main.commands


def test_the_example_of_the_environment_is_one_once_its_secret_is_made():
    lines = (ROOT / "deploy" / "coord.env.example").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert env["COORD_SECRET_KEY"] == "", "an example that works as it stands is a secret that everybody knows"
    with pytest.raises(SettingsError, match="COORD_SECRET_KEY"):
        Settings.from_env(env)
    settings = Settings.from_env({**env, "COORD_SECRET_KEY": secrets.token_urlsafe(48)})
    assert settings.production
    assert settings.database_url
    assert urlsplit(settings.database_url).password == "p%40ss%2Fword"
    assert psycopg.conninfo.conninfo_to_dict(settings.database_url)["password"] == "p@ss/word"


def test_the_backup_unit_takes_a_backup_where_it_may_write():
    said = service("coord-backup.service")
    command = re.search(r'exec (\S+) (\w+) "([^"$]+)/\$\(date ([^)]+)\)"', said["ExecStart"])
    assert command
    binary, word, folder, _date = command.groups()
    assert binary == f"{said['WorkingDirectory']}/.venv/bin/coord"
    assert word in cli.main.commands
    assert said["ReadWritePaths"] == folder
    assert folder in said["ExecStartPost"]
    assert said["UMask"] == "0077"
    assert "coord-backup.timer" in (ROOT / "docs" / "production.md").read_text()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_a_limit_of_memory(name: str):
    assert re.fullmatch(r"\d+[MG]", service(name)["MemoryMax"])


def test_alerts_are_about_figures_that_there_are():
    rules = (ROOT / "deploy" / "alerts.yml").read_text()
    named = set(re.findall(r"\bcoord_[a-z_]+", rules))
    assert named >= {"coord_view_stopped", "coord_view_lag_events", "coord_requests_total"}
    assert {name for name in named if f'"{name.removesuffix("_bucket")}"' not in SOURCE} == set()
    mentioned = set(re.findall(r"`coord (\w+)`", rules))
    assert mentioned <= set(cli.main.commands)


def test_nginx_does_not_publish_whether_the_stores_answer():
    found = re.search(r"location = /readyz \{\s*return 404;\s*\}", NGINX)
    assert found
    assert "/healthz" not in NGINX, "whether the process answers may be asked by anybody"


def test_the_readme_and_the_guide_of_the_api_start_what_is_there_after_make_run():
    for name in ("README.md", "docs/api.md"):
        blocks = re.findall(r"^```[a-z]*\n(.*?)^```", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        started = [line for line in lines if re.search(r"\bcoord (?!make)[a-z]+ ", line)]
        assert started
        assert [line for line in started if ".venv/bin/coord " not in line] == []


def test_the_guide_tells_one_way_to_back_up():
    guide = (ROOT / "docs" / "production.md").read_text()
    assert "coord backup" in guide
    assert not re.search(r"pg_restore|a\.backup|cp -p", guide)


def test_stopping_waits_longer_than_requests_may_take():
    said = service("coord-web.service")
    graceful = re.search(r"COORD_GRACEFUL_SECONDS=(\d+)", said["Environment"])
    assert graceful
    assert int(said["TimeoutStopSec"]) > int(graceful[1])
    assert said["ExecReload"].endswith("-HUP $MAINPID"), "gunicorn's way to take new workers in"


def test_nginx_hands_on_to_where_coord_listens_and_no_less_than_coord_takes():
    assert f"server 127.0.0.1:{Settings(data=Path()).port} " in NGINX
    size = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert size
    assert int(size[1]) * 2**20 >= MOST_BYTES


def test_nginx_compresses_nothing_and_hands_on_what_coord_decides_by():
    assert re.findall(r"\b(gzip|brotli|zstd)\w*\s+(\w+);", NGINX) == [("gzip", "off")]
    assert not re.search(r"proxy_cache|sub_filter|proxy_set_header (Accept-Encoding|Sec-Fetch-Site)", NGINX)


def test_a_client_can_forge_nothing_that_coord_would_believe():
    values = dict(re.findall(r'proxy_set_header (\S+) ("[^"]*"|\S+);', NGINX))
    # All that werkzeug's ProxyFix and gunicorn know of: set to what nginx saw, or removed. Never appended to.
    assert {name: values[name] for name in values if name.startswith(("X-Forwarded", "Forwarded"))} == {
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-Host": "$host",
        "X-Forwarded-Port": '""',
        "X-Forwarded-Prefix": '""',
        "Forwarded": '""',
    }
    assert "proxy_add_x_forwarded_for" not in NGINX
    assert NGINX.count("{") == NGINX.count("}")


def test_the_guide_shows_where_the_files_are_and_keeps_no_second_copy():
    guide = (ROOT / "docs" / "production.md").read_text()
    for name in FILES:
        assert f"(../deploy/{name})" in guide
    assert "proxy_pass" not in guide
    assert "ExecStart=" not in guide
