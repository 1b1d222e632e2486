"""However many rows an answer has, it is asked for in the same number of statements."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from coord.application.case.questions import ReadLeftBehindBy
from coord.application.declared import Question
from coord.application.find.questions import Find
from coord.application.groups import commands as w
from coord.application.groups import questions as g
from coord.application.history.questions import ReadAudit
from coord.application.home.questions import ReadCaseload, ReadForSupply
from coord.application.notes.commands import AddAddendum, AmendNote
from coord.application.timeline.questions import ReadTimeline
from coord.application.waiting.questions import ReadWaiting
from coord.domain.actors import Actor, Discipline, Relation, Role
from tests.aims import alerted, goal, strategy
from tests.group_story import Group, a_plan
from tests.house import House
from tests.statements import Statement, statements_of

Asked = Callable[[House], tuple[Actor, Question]]


def asked_with(house: House, who: Actor, question: Question) -> list[Statement]:
    """What is sent for an answer, once everything that is kept in memory is."""
    house.services.doors.ask(who, question)
    with statements_of(house.services) as sent:
        house.services.doors.ask(who, question)
    return sent


def more_of(few: list[Statement], many: list[Statement]) -> Counter[str]:
    """What is sent more often for many rows: the beginning of each statement, and how much more often."""
    return Counter(s.text[:200] for s in many) - Counter(s.text[:200] for s in few)


# ---- lists of children -------------------------------------------------------------------------------------------


def children(house: House, count: int) -> None:
    """Children with notes, some of which wait for a co-signature that nobody can give, and looks at each."""
    sent, lead = house.services.doors, house.lead
    other = house.person("Otto Rem", Role.STUDENT, Discipline.PSYCHOLOGY)
    for number in range(count):
        relations = ((house.slt, Relation.SPEECH_THERAPIST), (house.teacher, Relation.CLASS_TEACHER))
        child = house.open_case(
            f"Child {chr(65 + number % 26)}{number // 26 * 'a'}",
            members=(*relations, (house.student, Relation.STUDENT), (other, Relation.STUDENT)),
        )
        for reader in (house.ot, house.teacher, lead):
            sent.ask(reader, ReadTimeline(child))
        note = house.note(house.slt, case_id=child)
        sent.execute(house.slt, AddAddendum(child, note, uuid4(), "Twice since."))
        sent.execute(house.slt, AmendNote(child, note, 2, {"text": "Tied them once."}, "miscounted"))
        house.note(house.student, case_id=child)
        house.note(other, case_id=child)
        house.summary(case_id=child, valid_in=1)
        goal(house, f"Child {number} asks.", case_id=child)
        goal(house, f"Child {number} waits.", case_id=child, status="proposed")
        goal(house, f"Child {number} sits.", by=house.slt, case_id=child, status="proposed")
        alerted(house, case_id=child, review_on=house.clock.now.date() + timedelta(days=1))
        strategy(house, "Give one step at a time", case_id=child)
    house.clock.turn(days=2)


LISTS: dict[str, Asked] = {
    "home of a therapist": lambda house: (house.ot, ReadCaseload(waiting=7)),
    "home of a teacher": lambda house: (house.teacher, ReadCaseload()),
    "cards of a teacher": lambda house: (house.teacher, ReadCaseload(cards=True, waiting=7)),
    "page for a supply teacher": lambda house: (house.teacher, ReadForSupply()),
    "home of a lead": lambda house: (house.lead, ReadCaseload(waiting=7)),
    "what waits for a therapist": lambda house: (house.ot, ReadWaiting(choices=True)),
    "what waits for a lead": lambda house: (house.lead, ReadWaiting(choices=True)),
    "find by words": lambda house: (house.ot, Find("laces")),
    "find by names": lambda house: (house.lead, Find("child")),
    "find of a teacher": lambda house: (house.teacher, Find("laces")),
    "find a colleague": lambda house: (house.ot, Find("sol")),
    "audit": lambda house: (house.lead, ReadAudit(limit=200)),
    "audit with its choices": lambda house: (house.lead, ReadAudit(limit=200, choices=True, grouped=True)),
    "what one would leave behind": lambda house: (house.admin, ReadLeftBehindBy(house.ot.person_id)),
}


@pytest.fixture
def counted(house: House) -> dict[str, list[list[Statement]]]:
    """What is sent for each list, with three children and with thirty."""
    found: dict[str, list[list[Statement]]] = {name: [] for name in LISTS}
    for more in (3, 27):
        children(house, more)
        for name, question in LISTS.items():
            found[name].append(asked_with(house, *question(house)))
    return found


def test_thirty_children_are_asked_about_in_as_many_statements_as_three(
    house: House, counted: dict[str, list[list[Statement]]]
):
    home = house.services.doors.ask(house.ot, ReadCaseload())
    assert len(home.children) == 30
    assert all(child["new"] for child in home.children)
    assert len(house.services.doors.ask(house.lead, ReadCaseload()).nobody_cosigns) == 30
    assert house.services.doors.ask(house.ot, ReadWaiting()).total == 90
    for name, (few, many) in counted.items():
        assert len(many) <= len(few), f"{name}: {more_of(few, many)}"


# ---- groups ------------------------------------------------------------------------------------------------------


GROUPS: dict[str, Callable[[Group], tuple[Actor, Question]]] = {
    "my sessions": lambda group: (group.house.ot, my_sessions(group.house)),
    "courses": lambda group: (group.house.ot, g.ReadCourses()),
    "roster": lambda group: (group.house.ot, g.ReadRoster(group.course)),
    "session": lambda group: (group.house.ot, g.ReadSession(group.course, 1)),
    "a child's groups": lambda group: (group.house.ot, g.ReadGroups(group.children[0])),
}


def my_sessions(house: House) -> g.ReadMySessions:
    day = house.clock.now.date()
    return g.ReadMySessions(day - timedelta(days=100), day + timedelta(days=100), waiting=True)


def with_more(group: Group, number: int) -> None:
    """A session planned with so many activities, and as many of one child's lines recorded and corrected since."""
    house = group.house
    activities = [house.activity(f"Rain of rice {group.course} {n}") for n in range(number)]
    group.do(house.ot, w.PlanSession(group.course, 1, a_plan(*activities)))
    child = group.children[0]
    for session in range(1, number + 1):
        recording, line = uuid4(), group.line(child, level=None)
        others = [group.line(other, level=None) for other in group.children[1:]]
        group.record(line, *others, number=session, id=recording)
        corrected = replace(line, content=replace(line.content, response="Waited twice."))
        group.do(house.ot, w.CorrectSession(group.course, session, recording, 1, "A slip", children=[corrected]))


def test_a_group_of_six_is_asked_about_in_as_many_statements_as_one_of_two(house: House):
    counts: dict[str, list[list[Statement]]] = {name: [] for name in GROUPS}
    for names in (("Brio", "Cleo"), ("Dario", "Elsa", "Fulvio", "Ginevra", "Heidi", "Ivo")):
        group = Group(house)
        group.plan(title=f"Group of {names[0]}")
        for name in names:
            group.enrol(group.child(name))
        with_more(group, len(names))
        for name, question in GROUPS.items():
            counts[name].append(asked_with(house, *question(group)))
    for name, (few, many) in counts.items():
        assert len(many) <= len(few), f"{name}: {more_of(few, many)}"
