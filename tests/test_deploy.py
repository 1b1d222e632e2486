"""deploy/ and docs/production.md name settings, commands and limits that exist."""

import re
from pathlib import Path

import pytest

from coord import cli
from coord.settings import Settings
from coord.web import MOST_BYTES

ROOT = Path(__file__).parents[1]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
SOURCE = "".join(path.read_text() for path in (ROOT / "coord").rglob("*.py"))
UNITS = ["coord-web.service", "coord-follow.service"]


def service(name: str) -> dict[str, str]:
    """What a unit says of its service; a key that comes twice has both values, a line each."""
    found: dict[str, str] = {}
    section = (ROOT / "deploy" / name).read_text().split("[Service]")[1].split("[Install]")[0]
    for line in section.splitlines():
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


@pytest.mark.parametrize("name", [*(f"deploy/{unit}" for unit in UNITS), "deploy/nginx.conf", "docs/production.md"])
def test_every_setting_that_is_named_is_one(name: str):
    named = set(re.findall(r"\bCOORD_[A-Z_]*[A-Z]\b", (ROOT / name).read_text()))
    assert named
    assert {setting for setting in named if f'"{setting}"' not in SOURCE} == set()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_commands_that_exist(name: str):
    said = service(name)
    started = [said[key] for key in ("ExecStartPre", "ExecStart") if key in said]
    for command in started:
        binary, word = command.split()
        assert binary == f"{said['WorkingDirectory']}/.venv/bin/coord"
        assert word in cli.main.commands


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
    for name in (*UNITS, "nginx.conf"):
        assert f"(../deploy/{name})" in guide
    assert "proxy_pass" not in guide
    assert "ExecStart=" not in guide
