"""What makes something under an id of its sender's, sent again: of every such command the same holds."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import field, fields, is_dataclass, make_dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.application import sent_again
from coord.application.case.commands import CloseCase
from coord.application.case.questions import ExportCase
from coord.application.declared import DECLARED, Command, Makes, Receipt
from coord.application.doors import Doors
from coord.application.notes.commands import AmendNote, ChangeNoteAudience, SaveDraft
from coord.application.sent_again import Fingerprints, Once
from coord.bootstrap import build
from coord.domain.actors import Actor, Role
from coord.domain.errors import DomainError, InvalidInput
from tests.application.test_goals import goal
from tests.house import House
from tests.samples import SAMPLES, Sample, id_of

MAKING = [name for name, declared in DECLARED.items() if declared.makes]
of_each = pytest.mark.parametrize("name", MAKING)


def makes(name: str) -> Makes:
    found = DECLARED[name].makes
    assert found is not None
    return found


def same(one: Receipt, other: Receipt) -> bool:
    """Whether both say the same to whoever sent it."""
    return (one.id, one.version, one.position, one.status) == (other.id, other.version, other.position, other.status)


def taken(doors: Doors, who: Actor, command: Command) -> bool:
    """Whether it is refused, for the id is used for something else; and nothing is written."""
    head = doors.record.head()
    with pytest.raises(DomainError) as refusal:
        doors.execute(who, command)
    assert doors.record.head() == head
    found = [(p.pointer, p.code) for p in refusal.value.problems] if isinstance(refusal.value, InvalidInput) else []
    return found == [("/id", "id-taken")]


def kept(house: House, sample: Sample, name: str, position: int) -> tuple[dict[str, Any], bytes]:
    """What the event that began it keeps of how it was sent; and the whole of it, as stored."""
    wanted = str(id_of(sample, makes(name).field))
    for row in house.services.record._entries.select_rows(position - 20, 20):
        if wanted in (str(row[1]), *(str(value) for value in json.loads(row[4]).values())):
            return json.loads(row[4]).get("sent", {}), row[4]
    raise AssertionError("nothing was recorded under that id")


@contextmanager
def before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As long as nobody kept how something was sent."""

    def keep(_: Once, work: Any, _command: Command, _makes: Makes, _id: UUID, receipt: Receipt, *about: Any) -> Receipt:
        return replace(receipt, position=work.record.append(*about))

    with monkeypatch.context() as patched:
        patched.setattr(Once, "_keep", keep)
        yield


@contextmanager
def no_second_thought(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As long as nothing may be decided once more: only the fingerprint can know it again."""

    def decided_again(*_: object) -> Receipt:
        raise AssertionError("it was decided once more")

    with monkeypatch.context() as patched:
        patched.setattr(sent_again, "_decided_again", decided_again)
        yield


def the_world_moves_on(house: House) -> None:
    house.clock.turn(minutes=3)
    house.note(house.slt)


def test_there_is_a_sample_of_each_command_that_makes_something():
    assert set(SAMPLES) == set(MAKING)


# ---- the same ----------------------------------------------------------------------------------------------------


@of_each
def test_sent_again_it_has_the_first_receipt(house: House, name: str, monkeypatch: pytest.MonkeyPatch):
    sample, doors = SAMPLES[name](house), house.services.doors
    first = doors.execute(sample.who, sample.command)
    the_world_moves_on(house)
    head = doors.record.head()
    with no_second_thought(monkeypatch):
        again = doors.execute(sample.who, sample.command)
    assert (first.repeated, again.repeated) == (False, True)
    assert same(first, again)
    assert doors.record.head() == head


@of_each
def test_with_another_word_or_by_somebody_else_the_id_is_taken(house: House, name: str):
    sample, doors = SAMPLES[name](house), house.services.doors
    doors.execute(sample.who, sample.command)
    assert taken(doors, sample.who, sample.otherwise)
    other = house.admin if name == "RegisterPerson" else house.lead if sample.who == house.ot else house.ot
    if name == "DrawUpNoteTemplate":  # for leads alone
        other = house.person("Another Lead", Role.TEAM_LEAD)
    assert taken(doors, other, sample.command)


GOALS = ["ProposeGoal", "RecordCopm", "RecordInstrument", "OfferStrategy"]


@pytest.mark.parametrize("name", ["SignNote", "ScoreAttainment", *GOALS])
def test_an_id_that_was_used_for_anything_else_is_taken(house: House, name: str):
    sample, doors, other = SAMPLES[name](house), house.services.doors, house.open_case("Zag")
    used = [house.note(house.ot), goal(house), house.note(house.ot, case_id=other), goal(house, case_id=other)]
    for id in used:
        assert taken(doors, sample.who, replace(sample.command, **{makes(name).field: id}))  # type: ignore[type-var]


@pytest.mark.parametrize("name", GOALS)
def test_in_another_childs_record_an_id_is_taken(house: House, name: str):
    sample, doors, other = SAMPLES[name](house), house.services.doors, house.open_case("Zag")
    doors.execute(sample.who, sample.command)
    assert taken(doors, sample.who, replace(sample.command, case_id=other))  # type: ignore[type-var]


# ---- from before -------------------------------------------------------------------------------------------------


@of_each
def test_what_was_recorded_before_is_known_by_what_it_says(house: House, name: str, monkeypatch: pytest.MonkeyPatch):
    sample, doors = SAMPLES[name](house), house.services.doors
    with before(monkeypatch):
        first = doors.execute(sample.who, sample.command)
    sent, stored = kept(house, sample, name, first.position)
    assert not sent
    the_world_moves_on(house)
    again = doors.execute(sample.who, sample.command)
    assert again.repeated
    assert same(first, again)
    assert taken(doors, sample.who, sample.otherwise)
    assert kept(house, sample, name, first.position) == ({}, stored), "the bytes of an old event are as they were"


@of_each
def test_so_it_is_when_the_case_was_closed_since(house: House, name: str, monkeypatch: pytest.MonkeyPatch):
    sample, doors = SAMPLES[name](house), house.services.doors
    with before(monkeypatch):
        first = doors.execute(sample.who, sample.command)
    for case in {getattr(sample.command, "case_id", house.child), house.child}:
        close(house, case)
    again = doors.execute(sample.who, sample.command)
    assert again.repeated
    assert same(first, again)
    assert taken(doors, sample.who, sample.otherwise)


def close(house: House, case: UUID) -> None:
    command = CloseCase(case, "Moved away")
    try:
        house.services.doors.execute(house.lead, command)
    except InvalidInput as asked:
        house.services.doors.execute(house.lead, replace(command, confirmed=[p.answer for p in asked.problems]))


# ---- keys --------------------------------------------------------------------------------------------------------


@of_each
def test_it_is_known_under_a_new_key_and_when_the_old_one_is_gone(
    house: House, name: str, monkeypatch: pytest.MonkeyPatch
):
    sample, settings = SAMPLES[name](house), house.services.settings
    first = house.services.doors.execute(sample.who, sample.command)
    new = "a new secret of this very service, long enough"
    rotated = build(replace(settings, secret_key=new, earlier_keys=settings.secret_keys), house.clock)
    gone = build(replace(settings, secret_key=new, earlier_keys=()), house.clock)
    try:
        with no_second_thought(monkeypatch):
            assert same(first, rotated.doors.execute(sample.who, sample.command))
        assert same(first, gone.doors.execute(sample.who, sample.command))
        for services in (rotated, gone):
            assert taken(services.doors, sample.who, sample.otherwise)
    finally:
        rotated.close()
        gone.close()


@of_each
def test_nobody_who_has_the_store_alone_can_try_words(house: House, name: str):
    sample = SAMPLES[name](house)
    position = house.services.doors.execute(sample.who, sample.command).position
    sent, stored = kept(house, sample, name, position)
    assert {"key", "mac", "version", "status"} <= set(sent) <= {"key", "mac", "version", "status", "id", "more"}
    one, other = Fingerprints("one secret"), Fingerprints("another secret")
    assert one.of(sample.who, sample.command, makes(name)) != other.of(sample.who, sample.command, makes(name))
    for secret in (b"", b"development", sent["key"].encode()):
        key = hmac.digest(secret, b"sent again", hashlib.sha256)
        assert sent["mac"] != Fingerprints._mac(key, sample.who, sample.command, makes(name))
    assert house.services.settings.secret_key.encode() not in stored


# ---- fields ------------------------------------------------------------------------------------------------------


def grown(value: Any, more: str) -> Any:
    """The same, from a version in which every form has one more field, that may be left out."""
    if not is_dataclass(value) or isinstance(value, type):
        return [grown(one, more) for one in value] if isinstance(value, list | tuple) else value
    kind = type(value)
    wider = make_dataclass(kind.__name__, [("added_later", str, field(default=""))], bases=(kind,), frozen=True)
    said = {f.name: grown(getattr(value, f.name), "") for f in fields(value)}
    return wider(**said, added_later=more)


@of_each
def test_a_field_that_is_added_later_changes_no_fingerprint(house: House, name: str):
    sample, fingerprints = SAMPLES[name](house), Fingerprints("secret")
    sent = fingerprints.of(sample.who, sample.command, makes(name))
    assert fingerprints.same(sent, sample.who, grown(sample.command, ""), makes(name))
    assert not fingerprints.same(sent, sample.who, grown(sample.command, "said"), makes(name))


@of_each
def test_each_field_that_is_sent_counts(house: House, name: str):
    sample, fingerprints = SAMPLES[name](house), Fingerprints("secret")
    sent = fingerprints.of(sample.who, sample.command, makes(name))
    for part in fields(sample.command):  # type: ignore[arg-type]
        counts = part.name not in sent_again.BESIDE | makes(name).apart
        otherwise: Any = replace(sample.command, **{part.name: "something else"})  # type: ignore[type-var]
        assert fingerprints.same(sent, sample.who, otherwise, makes(name)) is not counts, part.name


# ---- what says the same in other signs ---------------------------------------------------------------------------


def retold(name: str, **otherwise: Any) -> Callable[[House], tuple[Sample, Command]]:
    """A sample, and its content as it may be sent again."""

    def of(house: House) -> tuple[Sample, Command]:
        sample = SAMPLES[name](house)
        command: Any = sample.command
        return sample, replace(command, content=replace(command.content, **otherwise))

    return of


SEEN = UUID(int=7)
RETOLD = {
    "a note in other spaces": (retold("SignNote", sections={"text": "  Tied one shoe.  "}), True),
    "another word": (retold("SignNote", sections={"text": "Tied no shoe."}), False),
    "elsewhere": (retold("SignNote", setting="home"), False),
    "for others": (retold("SignNote", audience="own-discipline"), False),
    "with others": (retold("SignNote", present=["mother"]), False),
    "beside another note": (retold("SignNote", linked=[SEEN]), False),
    "without its end": (retold("SignNote", observed_to=None), False),
    "without words": (retold("SignNote", sections={}), False),
    "an observation in other spaces": (retold("ObserveGoal", remark=" Twice.\r\n"), True),
    "of another level": (retold("ObserveGoal", level=1), False),
    "in another context": (retold("ObserveGoal", context="school"), False),
    "with other help": (retold("ObserveGoal", support="verbal"), False),
    "in other words": (retold("ObserveGoal", remark="Three times."), False),
    "by another": (retold("ObserveGoal", reported_by="Father"), False),
    "by somebody of the circle": (retold("ObserveGoal", seen_by=SEEN), False),
    "from a note": (retold("ObserveGoal", note=SEEN), False),
    "a report with other line ends": (retold("TellOfStrategy", remark=" a\nb "), True),
    "of something else": (retold("TellOfStrategy", remark="once"), False),
    "told by another": (retold("TellOfStrategy", reported_by="x"), False),
}


@pytest.mark.parametrize("of_before", [False, True])
@pytest.mark.parametrize("what", list(RETOLD))
def test_what_says_the_same_is_the_same(house: House, what: str, of_before: bool, monkeypatch: pytest.MonkeyPatch):
    of, is_same = RETOLD[what]
    sample, again = of(house)
    doors = house.services.doors
    with before(monkeypatch) if of_before else nullcontext():
        first = doors.execute(sample.who, sample.command)
    house.clock.turn(minutes=2)
    if is_same:
        receipt = doors.execute(sample.who, again)
        assert receipt.repeated
        assert same(first, receipt)
    else:
        assert taken(doors, sample.who, again)


def test_a_time_that_was_left_to_us_is_not_another(house: House, monkeypatch: pytest.MonkeyPatch):
    sample, doors = SAMPLES["ObserveGoal"](house), house.services.doors
    command: Any = sample.command
    with before(monkeypatch):
        first = doors.execute(sample.who, command)
    at = house.clock.now
    house.clock.turn(hours=2)
    assert same(first, doors.execute(sample.who, command))
    assert same(first, doors.execute(sample.who, replace(command, content=replace(command.content, observed_at=at))))
    earlier = replace(command.content, observed_at=at - timedelta(days=1))
    assert taken(doors, sample.who, replace(command, content=earlier))


@pytest.mark.parametrize("of_before", [False, True])
def test_what_became_of_it_since_is_no_matter(house: House, of_before: bool, monkeypatch: pytest.MonkeyPatch):
    sample, doors = SAMPLES["SignNote"](house), house.services.doors
    command: Any = sample.command
    with before(monkeypatch) if of_before else nullcontext():
        first = doors.execute(sample.who, command)
    doors.execute(house.ot, AmendNote(house.child, command.note_id, 1, {"text": "Tied both."}, "Seen again"))
    doors.execute(house.ot, ChangeNoteAudience(house.child, command.note_id, "own-discipline"))
    assert same(first, doors.execute(sample.who, command))
    words = replace(command.content, sections={"text": "Tied both."})
    assert taken(doors, sample.who, replace(command, content=words))


@pytest.mark.parametrize("of_before", [False, True])
def test_what_was_asked_about_and_meant_is_not_asked_again(
    house: House, of_before: bool, monkeypatch: pytest.MonkeyPatch
):
    house.open_case("Cleo", full_name="Cleopatra Rossi")
    sample, doors = SAMPLES["ObserveGoal"](house), house.services.doors
    command: Any = replace(sample.command, content=replace(sample.command.content, remark="Sat with Cleo."))  # type: ignore[attr-defined,type-var]
    with pytest.raises(InvalidInput) as asked:
        doors.execute(sample.who, command)
    meant = replace(command, confirmed=[asked.value.problems[0].answer])
    with before(monkeypatch) if of_before else nullcontext():
        first = doors.execute(sample.who, meant)
    for again in (meant, command):
        assert same(first, doors.execute(sample.who, again))


def test_deciding_once_more_uses_no_draft_up_when_it_is_refused(house: House):
    sample, doors = SAMPLES["AddAddendum"](house), house.services.doors
    doors.execute(sample.who, sample.command)
    draft = UUID(int=11)
    doors.execute(sample.who, SaveDraft(house.child, draft, "addendum", {"text": "She asked."}, 0))
    assert taken(doors, sample.who, replace(sample.otherwise, draft_id=draft))  # type: ignore[type-var]
    assert house.services.drafts.find(draft, house.child, sample.who.person_id) is not None
    assert doors.execute(sample.who, replace(sample.command, draft_id=draft)).repeated  # type: ignore[type-var]
    assert house.services.drafts.find(draft, house.child, sample.who.person_id) is None


def test_in_another_childs_record_it_is_not_found(house: House):
    sample, other = SAMPLES["ObserveGoal"](house), house.open_case("Zag")
    house.services.doors.execute(sample.who, sample.command)
    with pytest.raises(DomainError, match="no-such-goal"):
        house.services.doors.execute(sample.who, replace(sample.command, case_id=other))  # type: ignore[type-var]


def test_an_export_does_not_say_how_it_was_sent(house: House):
    sample = SAMPLES["SignNote"](house)
    house.services.doors.execute(sample.who, sample.command)
    answer = house.services.doors.ask(house.lead, ExportCase(house.child))
    assert not [event for event in answer.events if "sent" in event]
