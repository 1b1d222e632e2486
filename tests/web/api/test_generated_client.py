"""A Python client that is generated from our description is all that somebody needs to work with goals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from coord.web.api import openapi_document
from tests.house import House
from tests.web.api.conftest import token_of

TEXTS = {-2: "Waits", -1: "One arm", 0: "Both arms", 1: "No zip", 2: "Zip and all"}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the client calls the shapes of the API; nothing of the description may be left out of it."""
    (tmp_path / "openapi.json").write_text(json.dumps(openapi_document()))
    (tmp_path / "config.yml").write_text("post_hooks: []")
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    where = ["--path", "openapi.json", "--config", "config.yml", "--output-path", "coord_client"]
    made = subprocess.run([*generate, *where], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    return import_module("coord_client.models")


def calls(house: House) -> Callable[..., Any]:
    """The operations of the client, as the occupational therapist."""
    client = import_module("coord_client").AuthenticatedClient(
        base_url="http://coord.test",
        token=token_of(house, house.ot),
        httpx_args={"transport": httpx.WSGITransport(app=house.app)},
    )

    def call(operation: str, **arguments: Any) -> Any:
        return import_module(f"coord_client.api.goals.{operation}").sync(client=client, **arguments)

    return call


def test_a_generated_client_sets_a_goal_with_a_scale_rates_it_and_reads_the_matrix(sqlite_house: House, models: Any):
    call, child = calls(sqlite_house), sqlite_house.child
    scale = models.ScaleContent([models.NewLevel(level, text) for level, text in TEXTS.items()], baseline=-2)
    contexts = [models.Context.HOME, models.Context.SCHOOL]
    wish = models.ProposeGoal("Zig puts his jacket on.", contexts, review_date=date(2026, 6, 10), scale=scale)
    goal = call("propose_goal", case=child, body=wish).id
    party = models.NewParty("His mother", models.PartyKind.GUARDIAN)
    call("agree_goal", case=child, goal=goal, if_match='"1"', body=models.AgreeGoal([party]))
    active = models.ChangeGoalStatus(models.ChangeGoalStatusStatus.ACTIVE)
    assert call("change_goal_status", case=child, goal=goal, if_match='"2"', body=active).version == 3
    seen = models.ObserveGoal(models.Context.SCHOOL, level=1)
    call("observe_goal", case=child, goal=goal, body=seen)

    story = call("read_goal", case=child, goal=goal)
    assert {one.level: one.text for one in story.scale.levels} == TEXTS
    assert (story.level, story.level_context) == (1, models.Context.SCHOOL)
    (row,) = call("read_generalisation", case=child).items
    assert (row.goal, row.state) == (goal, models.SkillState.EMERGING)
    assert {cell.context: cell.state for cell in row.cells} == {
        models.Context.HOME: models.CellState.UNKNOWN,
        models.Context.SCHOOL: models.CellState.SHOWN,
    }
