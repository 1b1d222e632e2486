"""Requests that a machine makes up from the OpenAPI document, as each role: never a 500, always as documented."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance  # the domain may refuse what fits the shape

from coord.web.api import routes
from coord.web.compressing import WORTH_IT
from tests.group_story import NAMES, Group, a_group
from tests.house import House, open_house
from tests.web.api.conftest import ALERT, Api, json_of, opener_for, token_of
from tests.web.api.test_goals import COPM, GOAL, STRATEGY, goal_under_way, seen
from tests.web.api.test_routes import ACTIVITY, routes_of

ROLES = ("ot", "student", "teacher", "lead", "admin")
EXAMPLES = {GenerationMode.POSITIVE: 15, GenerationMode.NEGATIVE: 10}


NEEDED = {
    "GET /api/v1/courses/{course}/fit": "?case={child}",
    "GET /api/v1/me/sessions": "?from=2026-03-09&to=2026-03-17",
}
"""What a question needs beside its address."""


@dataclass
class Stage:
    """A house with something of everything in it, and the description that requests are made from."""

    house: House
    operations: dict[str, Any]
    tokens: dict[str, str]
    notes: list[str]
    others: dict[str, Any]
    group: Group
    ending: Group

    def place(self, case: Any, note: int) -> None:
        """Aim a made-up request at what is there, or nearly every one would be a 404."""
        there = {
            "case": str(self.house.child),
            "note": self.notes[note],
            "draft": self.notes[3],
            "name": "praise",
            "person": str(self.house.slt.person_id),
            **self.others,
        }
        if "course" in (case.path_parameters or {}):  # a child with a place in it
            there |= {"case": str(self.group.children[0]), "number": 1}
            # What ends or calls off something is aimed apart, or all that comes later would meet the same conflict.
            if case.path.endswith("/end"):
                there["course"] = str(self.ending.course)
                there["case"] = str(self.ending.children[note % 2])
            elif case.path.endswith(("/plan", "/cancellation")):
                there["number"] = note + (2 if case.path.endswith("/plan") else 6)
            case.body = self._about_children_of_the_course(case.body)
            case.query = self._about_children_of_the_course(case.query)
            if note % 2 and "If-Match" in (case.headers or {}):  # a version that is made up is nearly always stale
                case.headers["If-Match"] = f'"{self._version(case.path)}"'
        case.path_parameters = {name: there[name] for name in case.path_parameters or {}}

    def _version(self, path: str) -> int:
        course = self.house.services.record.course(self.group.course)
        (recording,) = course.session(1)["recordings"].values()
        return recording["version"] if path.endswith("/corrections") else course.version

    def _about_children_of_the_course(self, body: Any) -> Any:
        """The body with ids of children who are in the course, and of their goals; all else stays made up."""
        child = self.group.children[0]
        goal = str(self.group.goals[child])
        there: dict[str, Any] = {"case": str(child), "goal": goal}
        if isinstance(body, list):
            return [self._about_children_of_the_course(item) for item in body]
        if isinstance(body, dict):
            there |= {"goals": [goal]} if body.get("goals") else {}
            return {k: there.get(k) or self._about_children_of_the_course(v) for k, v in body.items()}
        return body


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_house(tmp_path_factory.mktemp("var")) as house:
        opener = opener_for(house)
        note = house.note(house.ot)
        house.summary(sources=[note])
        learnt = opener(house.student).note(house.child).json["id"]
        watched = opener(house.teacher).note(house.child, format="school-observation", sections={"observed": "x"})
        draft = opener(house.ot).note(house.child, sign=False).json["id"]
        ot, case = opener(house.ot), f"/cases/{house.child}"
        goal = goal_under_way(ot, case)
        others: dict[str, Any] = {
            "activity": ot.post("/activities", ACTIVITY).json["id"],
            "template": str(house.template()),
            "goal": goal.rsplit("/", 1)[1],
            "observation": seen(ot, goal, "school", 1),
            "strategy": ot.post(f"{case}/strategies", STRATEGY).json["id"],
            "measure": ot.post(f"{case}/measures/copm", COPM).json["id"],
            "alert": ot.post(f"{case}/alerts", ALERT).json["id"],
            "file": opener(house.lead).post(f"{case}/complaint-files", {"reason": "Asked for"}).json["id"],
        }
        told = ot.post(f"{case}/strategies/{others['strategy']}/trials", {"outcome": "helped"})
        others["trial"] = told.json["id"]
        ot.post(f"{case}/goals", {**GOAL, "scale": None})
        ot.post(f"{case}/attainment")
        group, ending = a_group(house, 2), Group(house)
        ending.plan(start_time="15:00")
        for name in NAMES[2:4]:
            ending.enrol(ending.child(name))
        others |= {"course": str(group.course), "number": 1, "recording": str(group.record().id)}
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app)
        found: list[Any] = [o.ok() for o in schema.get_all_operations() if isinstance(o, Ok)]
        operations = {o.label: o for o in found}
        tokens = {role: token_of(house, getattr(house, role)) for role in ROLES}
        yield Stage(house, operations, tokens, [str(note), learnt, watched.json["id"], draft], others, group, ending)


def _labels() -> list[str]:
    return sorted(f"{method} /api/v1{path}" for method, path in routes_of("all"))


@pytest.mark.parametrize("mode", list(EXAMPLES), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", _labels())
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_whatever_is_sent_is_answered_as_documented(stage: Stage, label: str, mode: GenerationMode):
    operation = stage.operations[label]

    @seed(20260310)
    @settings(
        max_examples=EXAMPLES[mode],
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.sampled_from(ROLES), st.integers(0, 3))
    def answers_as_documented(case: Any, role: str, note: int) -> None:
        if mode is GenerationMode.POSITIVE:
            stage.place(case, note)
        answer = case.call_and_validate(
            headers={"Authorization": f"Bearer {stage.tokens[role]}", "Accept-Encoding": "identity"},
            excluded_checks=[positive_data_acceptance],
        )
        assert answer.status_code < 500

    answers_as_documented()


AS_JSON = [label for label in _labels() if label.startswith("GET ") and not label.endswith("{file}/content")]
"""What a complaint file holds is a file: see `test_complaint_files`."""


@pytest.mark.parametrize("label", AS_JSON)
def test_whoever_takes_gzip_is_told_the_same(stage: Stage, label: str):
    there = {**stage.others, "case": stage.house.child, "note": stage.notes[0]}
    ot = Api(stage.house, stage.tokens["ot"], set())
    there["draft"] = ot.note(stage.house.child, sign=False).json["id"]  # the stage's was perhaps discarded above
    path = label.removeprefix("GET /api/v1").format(**there, person=stage.house.slt.person_id)
    query = NEEDED.get(label, "").format(child=stage.group.children[0])
    asked = [partial(Api(stage.house, stage.tokens[role], set()).get, path + query) for role in ("ot", "lead", "admin")]
    ask = next(ask for ask in asked if ask().status_code == 200)
    plain, small = ask(), ask(headers={"Accept-Encoding": "gzip"})
    worth_it = len(plain.data) >= WORTH_IT and "ETag" not in plain.headers and not query
    assert ("Content-Encoding" in small.headers) == worth_it
    one, other = json_of(plain), json_of(small)
    if path.endswith(("/history", "/audit")):  # the look before is one line more, and pushes the last one out
        lines, others = one["items"], other["items"]
        assert len([line for line in lines if line in others]) >= len(lines) - 1 > 0
        one = {**one, "items": [line for line in lines if line in others], "next": None}
        other = {**other, "items": [line for line in others if line in lines], "next": None}
    assert other == one


def test_a_planted_fault_is_noticed(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    def undocumented(answer: Any, _: type) -> dict[str, Any]:
        return {"id": str(answer.case_id), "gossip": 1}

    monkeypatch.setattr(routes, "told", undocumented)
    with pytest.raises(BaseException, match=r"gossip|schema"):
        test_whatever_is_sent_is_answered_as_documented(stage, "GET /api/v1/cases/{case}", GenerationMode.POSITIVE)
