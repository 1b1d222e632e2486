"""Given what had happened, when somebody decides, then this happens: the domain told by its events, without a store."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from coord.domain.actors import Actor, By, Discipline, Role
from coord.domain.case import Note, NoteEvent
from coord.domain.case.child import CaseClosed, CaseOpened
from coord.domain.case.notes import (
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteContent,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
)
from coord.domain.case.summary import SummaryPublished
from coord.domain.case.team import TeamMemberJoined
from coord.domain.errors import DomainError, InvalidInput
from coord.domain.events import CoordEvent
from coord.domain.person import Person, PersonRegistered

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 6, 1)
CHILD, NOTE = UUID(int=1), UUID(int=2)


def somebody(number: int, name: str, role: Role, discipline: Discipline | None = None, team: str = "North") -> Actor:
    return Actor(UUID(int=number), name, role, discipline, team, request_id="r1", channel="page")


ADA = somebody(11, "Ada", Role.THERAPIST, Discipline.OT)
OTTO = somebody(12, "Otto", Role.THERAPIST, Discipline.OT)
PIA = somebody(13, "Pia", Role.THERAPIST, Discipline.PSYCHOLOGY)
SAM = somebody(14, "Sam", Role.STUDENT, Discipline.OT)
TESS = somebody(15, "Tess", Role.TEACHER, Discipline.SCHOOL, "School")
LEA = somebody(16, "Lea", Role.TEAM_LEAD)
LARS = somebody(17, "Lars", Role.TEAM_LEAD, None, "South")

DETAILS = {
    "preferred_name": "Zig",
    "full_name": "Zigmund Test",
    "birth_date": "2019-03-02",
    "languages": ["it", "en"],
    "school": "Pine School",
    "school_class": "2B",
    "team": "North",
}


class Fact:
    """An event without its place: what kind, by whom, with which values."""

    def __init__(self, kind: type[CoordEvent], by: Actor = ADA, **values: Any) -> None:
        self.kind, self.by, self.values = kind, by, values

    def at(self, stream: UUID, version: int) -> Any:
        created = {"originator_topic": "case" if self.kind is CaseOpened else "person"} if version == 1 else {}
        make: Any = self.kind
        return make(
            originator_id=stream,
            originator_version=version,
            timestamp=NOW - timedelta(days=1),
            by=self.by.by(),
            **created,
            **self.values,
        )

    def __repr__(self) -> str:
        return f"{self.kind.__name__}({self.values})"


class Story:
    def __init__(self, *facts: Fact) -> None:
        stream = UUID(int=99) if facts[0].kind is PersonRegistered else CHILD
        self.past = [fact.at(stream, i) for i, fact in enumerate(facts, 1)]
        state: Any = None
        for event in self.past:
            state = event.mutate(state)
        self.state: Any = state
        self.error: DomainError | None = None

    def note(self, note_id: UUID = NOTE) -> Note:
        note = Note.from_events(e for e in self.past if isinstance(e, NoteEvent) and e.note_id == note_id)
        assert note is not None
        return note

    def when(self, decision: Callable[..., object], *arguments: Any, **named: Any) -> Self:
        """Decide, at NOW. A decision about a note gets it; the rest is passed on."""
        try:
            decision(self.state, *arguments, at=NOW, **named)
        except DomainError as error:
            self.error = error
        return self

    def when_about_the_note(self, decision: Callable[..., object], **named: Any) -> Self:
        return self.when(decision, self.note(), **named)

    def then(self, *expected: Fact) -> Self:
        """Exactly these events happened; the values named are compared."""
        assert self.error is None, f"refused: {self.error!r} {getattr(self.error, 'problems', '')}"
        happened = list(self.state.pending_events)
        assert [type(e) for e in happened] == [f.kind for f in expected]
        for event, fact in zip(happened, expected, strict=True):
            assert {name: getattr(event, name) for name in fact.values} == fact.values
            assert event.by == fact.by.by()
            assert event.timestamp == NOW
        return self

    def then_nothing(self) -> Self:
        return self.then()

    def refused(self, code: str, kind: type[DomainError] = DomainError) -> Self:
        """Refused with this code (``/pointer code`` for input), and nothing was written."""
        assert self.error is not None, f"not refused: {list(self.state.pending_events)}"
        assert isinstance(self.error, kind)
        if isinstance(self.error, InvalidInput):
            assert code in [f"{p.pointer} {p.code}" for p in self.error.problems]
        else:
            assert self.error.code == code
        assert list(self.state.pending_events) == []
        return self


def given(*facts: Fact) -> Story:
    """A child's case in which this happened, after it was opened."""
    return Story(Fact(CaseOpened, details=DETAILS), *facts)


def given_person(**values: Any) -> Person:
    fields = {"name": "Ada", "email": "ada@example.org", "role": "therapist", "discipline": "ot", "team": "North"}
    person: Person = Story(Fact(PersonRegistered, **{**fields, **values})).state
    return person


# ---- the child's past, in the domain's words ---------------------------------------------------------------------

closed = Fact(CaseClosed, reason="moved away")


def joined(who: Actor, relation: str, since: str = "2026-01-01", until: str | None = None) -> Fact:
    member = {
        "name": who.name,
        "role": who.role.value,
        "discipline": who.discipline.value if who.discipline else None,
        "relation": relation,
        "since": since,
        "until": until,
    }
    return Fact(TeamMemberJoined, person=str(who.person_id), member=member, stays=None)


def signed(by: Actor = ADA, audience: str = "care-team", text: str = "Tied one shoe.", note_id: UUID = NOTE) -> Fact:
    return Fact(
        NoteSigned,
        by,
        note_id=note_id,
        format="narrative",
        sections={"text": text},
        observed_from=NOW - timedelta(days=1, hours=2),
        observed_to=NOW - timedelta(days=1, hours=1),
        setting="therapy-room",
        present=[],
        audience=audience,
        linked=[],
        recorded_at=NOW - timedelta(days=1),
        signed_at=NOW - timedelta(days=1),
        needs_cosignature=by.role is Role.STUDENT,
    )


def cosigned(by: Actor = ADA) -> Fact:
    return Fact(NoteCosigned, by, note_id=NOTE, signed_at=NOW)


def amended(by: Actor = ADA, text: str = "Tied two shoes.", version: int = 2) -> Fact:
    return Fact(
        NoteAmended,
        by,
        note_id=NOTE,
        sections={"text": text},
        reason="miscounted",
        version=version,
        signed_at=NOW,
        needs_cosignature=by.role is Role.STUDENT,
    )


def circumstances_corrected(by: Actor = ADA, days_earlier: int = 2, number: int = 1) -> Fact:
    return Fact(
        NoteCircumstancesCorrected,
        by,
        note_id=NOTE,
        observed_from=NOW - timedelta(days=days_earlier, hours=2),
        observed_to=NOW - timedelta(days=days_earlier, hours=1),
        setting="home",
        present=["his mother"],
        before={
            "observed_from": (NOW - timedelta(days=1, hours=2)).isoformat(),
            "observed_to": (NOW - timedelta(days=1, hours=1)).isoformat(),
            "setting": "therapy-room",
            "present": [],
        },
        reason="It was the day before",
        number=number,
        signed_at=NOW,
        needs_cosignature=by.role is Role.STUDENT,
    )


def addendum(by: Actor = PIA, text: str = "At home too.") -> Fact:
    return Fact(NoteAddendumAdded, by, note_id=NOTE, addendum_id=UUID(int=5), text=text, signed_at=NOW)


def in_error(by: Actor = ADA) -> Fact:
    return Fact(NoteEnteredInError, by, note_id=NOTE, reason="wrong child")


def audience_changed(to: str, before: str = "care-team", by: Actor = ADA) -> Fact:
    return Fact(NoteAudienceChanged, by, note_id=NOTE, audience=to, before=before)


def summary_published(version: int = 1, valid_from: str = "2026-05-01") -> Fact:
    return Fact(
        SummaryPublished,
        version=version,
        statements={},
        contact="Ada",
        valid_from=valid_from,
        review_date="2026-09-01",
        signed_at=NOW,
    )


def content(**changes: Any) -> NoteContent:
    """A note fit to sign, but for ``changes``."""
    values: dict[str, Any] = {
        "format": "narrative",
        "sections": {"text": "Tied one shoe."},
        "observed_from": NOW - timedelta(hours=2),
        "observed_to": NOW - timedelta(hours=1),
    }
    return NoteContent(**{**values, **changes})


def by_of(actor: Actor) -> By:
    return actor.by()
