"""Whatever shows words or names of a child leaves a look: every answer of every route is held against the access log.

Each child has a word of its own that stands in all that is told of them, and each entry one more. An answer that holds
the word must have left a look at that child by who asked; one that holds an entry's word, a look with that entry.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from coord.application.case.commands import AddToTeam, CorrectDetails, NameInCircle
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.notes.commands import AddAddendum, AmendNote, SaveDraft
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.case import GoalContent, LineContent
from coord.domain.case.goals import ScaleContent
from coord.office.tokens import Tokens
from tests.aims import copm, goal, instrument, seen, strategy, tried
from tests.group_story import Group
from tests.house import House, open_house
from tests.stores import new_folder

CHILDREN = ("Quillon", "Brixley", "Corvina", "Tarsin")

HOW: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "activities.index"): (
        "",
        "?q=a",
    ),
    ("GET", "api-courses.read_courses"): (
        "",
        "?ended=true",
    ),
    ("GET", "api-courses.read_fit"): ("?case={case_id}",),
    ("GET", "api-find.find"): (
        "?q=asks",
        "?q=corvina",
        "?q=sol",
        "?q=a&group=children",
    ),
    ("GET", "find.show"): (
        "",
        "?q=asks",
        "?q=school",
        "?q=sol",
    ),
    ("GET", "api-goals.read_goals"): (
        "",
        "?ended=true",
    ),
    ("GET", "api-history.read_audit"): (
        "",
        "?format=csv",
        "?format=jsonl",
        "?case={case_id}",
        "?kind=changes",
    ),
    ("GET", "api-history.read_history"): (
        "",
        "?format=csv",
        "?format=jsonl",
    ),
    ("GET", "api-people.read_people"): (
        "",
        "?q=a",
    ),
    ("GET", "api-sessions.read_my_sessions"): ("?from=2026-03-01&to=2026-04-01",),
    ("GET", "api-summary.read_summary"): (
        "",
        "?version=1",
    ),
    ("GET", "api-timeline.read_timeline"): (
        "",
        "?q=asks",
        "?as_of=5",
    ),
    ("GET", "audit.as_reader"): (
        "",
        "?reader={teacher_id}",
        "?reader={person_id}",
        "?reader={teacher_id}&date=2026-03-10&time=10:30",
    ),
    ("GET", "audit.child"): (
        "",
        "?person={person_id}",
        "?kind=changes",
        "?from=tomorrow",
    ),
    ("GET", "audit.team"): (
        "",
        "?child={case_id}",
        "?person={person_id}",
        "?child={case_id}&person={person_id}",
        "?from=tomorrow",
        "?kind=accesses",
    ),
    ("GET", "audit.team_file"): (
        "",
        "?kind=changes",
    ),
    ("GET", "waiting.index"): (
        "",
        "?child={case_id}",
        "?kind=goal-agreement",
    ),
    ("GET", "api-waiting.read_waiting"): (
        "",
        "?child={case_id}",
    ),
    ("GET", "timeline.show"): (
        "",
        "?q=asks",
        "?kind=note",
        "?as_of=2026-03-10",
    ),
    ("GET", "goals.index"): (
        "",
        "?ended=yes",
        "?note={note_id}",
    ),
    ("GET", "groups.enrol"): (
        "",
        "?child={case_id}",
    ),
    ("GET", "groups.index"): (
        "",
        "?ended=yes",
    ),
    ("GET", "home.show"): (
        "",
        "?done=closed",
    ),
    ("GET", "home.supply"): (
        "",
        "?school=Hill School&class=2B",
    ),
    ("GET", "notes.new"): (
        "",
        "?linked={note_id}",
    ),
    ("GET", "notes.show"): (
        "",
        "?again={addendum_id}",
    ),
    ("GET", "people.index"): (
        "",
        "?q=a",
    ),
    ("GET", "summaries.edit"): (
        "",
        "?q=asks",
    ),
    ("GET", "summaries.show"): (
        "",
        "?version=1",
    ),
}
"""With which queries a route is called, where it is called with any. Ids in addresses are those of the world, for every
child of it."""


@dataclass
class World:
    """Children of two teams, with a word in everything that is told of them."""

    house: House
    children: dict[str, UUID] = field(default_factory=dict)
    words: dict[str, tuple[str, UUID]] = field(default_factory=dict)
    """A word, and the child and the entry that it tells of."""
    ids: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    def word(self, child: str, entry: UUID | None = None) -> str:
        """A text with the child's word, and one for the entry."""
        if entry is None:
            return f"{child} asks and waits"
        token = f"zeta{len(self.words)}x"
        self.words[token] = (child, entry)
        return f"{child} asks {token}"

    def later(self, child: str) -> tuple[str, Any]:
        """A text whose entry's id is known when it is written, and what to call then."""
        token = f"zeta{len(self.words)}x"
        self.words[token] = (child, UUID(int=0))
        return f"{child} asks {token}", lambda entry: self.words.__setitem__(token, (child, entry))


@pytest.fixture
def world() -> Iterator[World]:
    with new_folder() as folder, open_house(folder) as house:
        yield made(house)


def made(house: House) -> World:
    world = World(house)
    do = house.services.doors.execute
    child = house.__dict__["child"] = house.open_case("Quillon")
    world.children["Quillon"] = child
    for author, audience in (
        (house.ot, "care-team"),
        (house.teacher, "care-team-and-school"),
        (house.student, "care-team"),
        (house.psychologist, "own-discipline"),
    ):
        text, known = world.later("Quillon")
        note = house.note(author, text, audience=audience)
        known(note)
        world.ids.setdefault("note_id", note)
    note = world.ids["note_id"]
    world.ids["addendum_id"] = uuid4()
    do(house.slt, AddAddendum(child, note, world.ids["addendum_id"], world.word("Quillon", note)))
    amended = {"text": world.word("Quillon", note)}
    do(house.ot, AmendNote(child, note, 2, amended, "Quillon was miscounted"))
    text, known = world.later("Quillon")
    aim = world.ids["goal_id"] = goal(house, text)
    known(aim)
    content = house.services.record.goal(child, aim).content
    revised = {**content, "statement": world.word("Quillon", aim)}
    revise(house, child, aim, revised)
    world.ids["observation_id"] = seen(house, aim, house.teacher, "school", 0, remark=world.word("Quillon", aim))
    text, known = world.later("Quillon")
    advice = world.ids["strategy_id"] = strategy(house, text)
    known(advice)
    tried(house, advice, house.teacher, remark=world.word("Quillon", advice))
    text, known = world.later("Quillon")
    known(instrument(house, summary=text))
    world.ids["measure_id"] = copm(house)
    do(house.ot, g.ScoreAttainment(child, uuid4()))
    house.summary(sources=[note], words=world.word("Quillon"))
    do(house.ot, NameInCircle(child, uuid4(), "Mia Quillon", "mother"))
    world.ids["draft_id"] = uuid4()
    draft = {"format": "narrative", "sections": {"text": world.word("Quillon")}}
    do(house.ot, SaveDraft(child, world.ids["draft_id"], "note", draft))
    do(house.ot, CorrectDetails(child, 1, {"school": "Quillon's new school"}, "Quillon moved"))

    group = Group(house)
    group.plan()
    for name in ("Brixley", "Corvina"):
        case = world.children[name] = group.child(name, teacher=house.teacher if name == "Brixley" else None)
        group.enrol(case)
    recording = uuid4()
    lines = []
    for name in ("Brixley", "Corvina"):
        line = uuid4()
        said = LineContent(attendance="present", response=world.word(name, line), message_school=world.word(name, line))
        lines.append(w.ChildRecord(world.children[name], line, said, []))
    group.record(*lines, id=recording)
    world.ids |= {"course_id": group.course, "recording_id": recording, "number": 1}

    south = house.person("Sara Fell", Role.THERAPIST, Discipline.OT, "South")
    world.children["Tarsin"] = house.open_case("Tarsin", members=(), by=south)
    text, known = world.later("Tarsin")
    known(house.note(south, text, case_id=world.children["Tarsin"]))
    do(south, AddToTeam(world.children["Tarsin"], house.psychologist.person_id, Relation.PSYCHOLOGIST))
    world.people = {
        "ot": house.ot,
        "teacher": house.teacher,
        "student": house.student,
        "psychologist": house.psychologist,
        "stranger": house.stranger,
        "lead": house.lead,
        "lead-of-south": house.person("Lou Fenn", Role.TEAM_LEAD, team="South"),
        "administrator": house.admin,
    }
    world.ids["activity_id"] = house.activity("Rain in the box")
    world.ids["template_id"] = house.template()
    spare = house.person("Nora Spare", Role.THERAPIST, Discipline.OT)
    world.ids |= {"person_id": house.ot.person_id, "teacher_id": house.teacher.person_id, "spare": spare.person_id}
    house.clock.turn(minutes=1)
    return world


def revise(house: House, case: UUID, goal_id: UUID, content: Any) -> None:
    scale = content["scale"]
    if scale is not None:
        levels = {int(level): words for level, words in scale["levels"].items()}
        scale = ScaleContent(levels, scale["baseline"], scale["importance"], scale["difficulty"])
    kept = {**content, "scale": scale, "review_date": house.clock.now.date() + timedelta(days=80)}
    command = g.ReviseGoal(case, goal_id, 3, GoalContent(**kept), "Quillon does it otherwise")
    house.services.doors.execute(house.ot, command)


# ---- the walk ----------------------------------------------------------------------------------------------------


@dataclass
class Visitor:
    """One person, with a browser and a token."""

    world: World
    actor: Actor | None

    def __post_init__(self) -> None:
        house = self.world.house
        self.browser = house.browser_of(self.actor)
        self.secret, self.csrf = "", ""
        if self.actor is not None:
            house.email(self.actor)
            tokens = Tokens(house.services.office)
            until = house.clock.now + timedelta(days=7)
            self.secret = tokens.issue(self.actor.person_id, "walk", until, now=house.clock.now)
            self.csrf = token_in(self.browser.get("/account").text)

    def call(self, method: str, address: str, body: Any) -> Any:
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.secret}", "If-Match": '"1"'}
            return self.browser.client.open(
                address, method=method, headers=headers, json=body if method != "GET" else None, buffered=True
            )
        if method == "GET":
            return self.browser.client.get(address, buffered=True)
        return self.browser.client.post(address, data={"csrf_token": self.csrf, **(body or {})}, buffered=True)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


_NAMES = {
    "case": "case_id",
    "note": "note_id",
    "goal": "goal_id",
    "measure": "measure_id",
    "strategy": "strategy_id",
    "observation": "observation_id",
    "course": "course_id",
    "recording": "recording_id",
    "activity": "activity_id",
    "template": "template_id",
    "draft": "draft_id",
    "person": "spare",
    "number": "number",
}
_SPARE = {"form": ("csv", "jsonl"), "kind": ("addendum", "amendment"), "name": ("generalisation",), "token": ("x",)}


def addresses(world: World, rule: Any) -> Iterator[dict[str, Any]]:
    """The arguments of an address, for every child where it names one."""
    ids = dict(world.ids)
    # Of the others there is nothing behind the ids of notes, goals and the like, which are those of the first.
    every = rule.arguments - {"form"} in ({"case_id"}, {"case"}) and "GET" in rule.methods
    for name in ("Quillon", "Brixley", "Tarsin") if every else ("Quillon",):
        case = world.children[name]
        known = {"case_id": case, "language": "en", "state": "away", **ids}
        values: dict[str, Any] = {}
        several: tuple[str, tuple[Any, ...]] | None = None
        for part in rule.arguments:
            if part in _SPARE:
                several = (part, _SPARE[part])
            elif part == "filename":
                values[part] = "built/coord.css"
            elif part == "person_id" and not rule.endpoint.startswith("people."):
                values[part] = ids["spare"]
            else:
                values[part] = known.get(_NAMES.get(part, part), UUID(int=7))
        if several is None:
            yield values
        else:
            for value in several[1]:
                yield {**values, several[0]: value}


def examples(house: House) -> dict[tuple[str, str], Any]:
    """What the API's own description gives as examples of a body, by method and operation."""
    spec = house.app.test_client().get("/api/v1/openapi.json").get_json()
    found = {}
    for path in spec["paths"].values():
        for method, operation in path.items():
            if isinstance(operation, dict):
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                found[method.upper(), operation["operationId"]] = content.get("example", {})
    return found


def text_of(answer: Any) -> str:
    """What somebody reads in an answer, also in a PDF."""
    if answer.mimetype != "application/pdf":
        return str(answer.get_data().decode("utf-8", "replace"))
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)


def seen_since(world: World, before: int) -> list[dict[str, Any]]:
    return [x for x in world.house.services.access.page(limit=60) if x["id"] > before and x["outcome"] == "shown"]


def last(world: World) -> int:
    return max((int(x["id"]) for x in world.house.services.access.page(limit=1)), default=0)


def unaccounted(world: World, visitor: Visitor, text: str, before: int) -> list[str]:
    """What an answer shows without a look at it."""
    if not any(re.search(name, text, re.IGNORECASE) for name in world.children):
        return []
    looks = seen_since(world, before)
    wrong = []
    actor = visitor.actor.person_id if visitor.actor else None
    for name, case in world.children.items():
        of_child = [x for x in looks if x["case_id"] == case and x["person_id"] == actor]
        if re.search(name, text, re.IGNORECASE) and not of_child:
            wrong.append(f"names {name}")
        if any(x["purpose"] is None or not x["categories"] for x in of_child):
            wrong.append(f"a look at {name} without purpose or categories: {of_child}")
        told = " ".join(x["entries"] for x in of_child)
        for word, (child, entry) in world.words.items():
            if child == name and word in text and entry.hex not in told:
                wrong.append(f"shows {word} of {name} ({entry})")
    return wrong


def test_the_table_has_no_route_that_is_gone(world: World):
    routes = {
        (m, r.endpoint)
        for r in world.house.app.url_map.iter_rules()
        for m in (r.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert HOW.keys() - routes == set()


ROLES = (
    *("ot", "teacher", "student", "psychologist", "stranger"),
    *("lead", "lead-of-south", "administrator", None),
)


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_that_shows_a_child_leaves_a_look_at_it(world: World, role: str | None):
    visitor = Visitor(world, world.people[role] if role else None)
    sent = examples(world.house)
    rules: dict[tuple[str, str], Any] = {}
    for rule in world.house.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            rules.setdefault((method, rule.endpoint), rule)
    wrong, shown = [], set()
    # Reading first: what is written changes what there is to read.
    for method, endpoint in sorted(rules, key=lambda route: (route[0] != "GET", route)):
        if endpoint in ENDS_THE_VISIT:
            continue
        rule = rules[method, endpoint]
        for values in addresses(world, rule):
            with world.house.app.test_request_context():
                path = rule.build(values, append_unknown=False)[1]
            for query in HOW.get((method, endpoint), ("",)):
                query = query.format(**{"case_id": world.children["Quillon"], **world.ids, **values})
                before = last(world)
                body = sent.get((method, endpoint.partition(".")[2]))
                answer = visitor.call(method, path + query, body)
                assert answer.status_code < 500, (method, path + query, answer.text)
                text = text_of(answer)
                found = unaccounted(world, visitor, text, before)
                wrong += [f"{method} {endpoint} {path}{query} {answer.status_code}: {x}" for x in found]
                shown |= {n for n in world.children if n in text}
    assert not wrong, "\n".join(wrong)
    assert shown == SEEN_BY[role], "or the walk proves nothing"


ENDS_THE_VISIT = ("account.sign_out", "account.sign_in_with_password", "account.set_password", "account.sign_in")
SEEN_BY: dict[str | None, set[str]] = {
    "ot": {"Quillon", "Brixley", "Corvina"},
    "teacher": {"Quillon", "Brixley"},
    "student": {"Quillon"},
    "psychologist": {"Quillon", "Tarsin"},
    "stranger": {"Brixley", "Corvina"},
    "lead": {"Quillon", "Brixley", "Corvina"},
    "lead-of-south": {"Tarsin"},
    "administrator": set(),
    None: set(),
}
