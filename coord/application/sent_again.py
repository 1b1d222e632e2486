"""A command that makes something under an id of the sender's, sent again: it is answered as it was the first time.

The event that the id is in keeps a fingerprint of what was sent, and what was answered: who has sent the same has the
first receipt, whatever became of it since. What has no fingerprint that we can read (it is from before there were any,
or its key is gone), or another one, is decided once more, as things were just before: if that decides the very same,
the same was sent, if in other spaces. Else the id is taken. See docs/adr/0014-sent-again.md.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from coord.application.commands import Receipt
from coord.application.declared import DECLARED, CaseCommand, Command, CourseCommand, Makes
from coord.application.record import Recorded, Stream
from coord.domain.actors import Actor
from coord.domain.errors import DomainError, FieldProblem, InvalidInput
from coord.domain.events import CoordEvent
from coord.office.drafts import Drafts

if TYPE_CHECKING:  # the doors ask here before they carry anything out
    from coord.application.doors import CommandHandler, Work

BESIDE = frozenset({"new", "confirmed", "draft_id"})
"""Fields of a command that are no part of what is sent: how it came, and answers to what was asked about."""
NOT_COMPARED = frozenset({"by", "timestamp", "answered", "recorded_at", "sent"})
"""What an event says beside what was sent. Who sent it is compared apart: they may have another role by now."""


# ---- fingerprints ------------------------------------------------------------------------------------------------


class Fingerprints:
    """Fingerprints of what was sent, under the service's secret: who has the store alone cannot try words. What was
    made under an earlier secret is known until that is left out of the settings."""

    def __init__(self, secret: str, *earlier: str) -> None:
        """``secret`` makes new ones."""
        keys = [hmac.digest((one or "development").encode(), b"sent again", "sha256") for one in (secret, *earlier)]
        self._keys = {hmac.digest(key, b"its name", "sha256")[:4].hex(): key for key in reversed(keys)}
        *_, self._newest = self._keys

    def of(self, actor: Actor, command: Command, makes: Makes) -> dict[str, str]:
        """The fingerprint of what this person sends, with the name of its key."""
        return {"key": self._newest, "mac": self._mac(self._keys[self._newest], actor, command, makes)}

    def same(self, kept: Mapping[str, Any], actor: Actor, command: Command, makes: Makes) -> bool:
        """Whether just this was sent then, by this person. False also where the key is gone."""
        key = self._keys.get(kept.get("key", ""))
        return key is not None and hmac.compare_digest(kept["mac"], self._mac(key, actor, command, makes))

    @staticmethod
    def _mac(key: bytes, actor: Actor, command: Command, makes: Makes) -> str:
        said = _plain(command, BESIDE | makes.apart)
        sent = json.dumps([type(command).__name__, actor.person_id, said], default=str, sort_keys=True)
        return hmac.digest(key, sent.encode(), "sha256")[:16].hex()


def _plain(value: Any, but: frozenset[str] = frozenset()) -> Any:
    """As JSON has it. A field that has its default is left out, so that one added later changes no fingerprint."""
    if is_dataclass(value):
        said = {}
        for name, default in _defaults(cast("Any", type(value))):
            if name not in but and (plain := _plain(getattr(value, name))) != default:
                said[name] = plain
        return said
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


@cache
def _defaults(kind: type) -> list[tuple[str, Any]]:
    """The fields of a dataclass; ``MISSING`` for one that must be given."""

    def default_of(field: Field[Any]) -> Any:
        made = field.default if field.default_factory is MISSING else field.default_factory()
        return made if made is MISSING else _plain(made)

    return [(field.name, default_of(field)) for field in fields(kind)]


# ---- at the door -------------------------------------------------------------------------------------------------


class Once:
    """What the door asks about each command that makes something."""

    def __init__(self, fingerprints: Fingerprints) -> None:
        """With the fingerprints of this service."""
        self._fingerprints = fingerprints

    def carry_out(self, handler: CommandHandler, work: Work, command: Command) -> Receipt:
        """Carry a command out, or give its first receipt if it was carried out before.

        Raises what the handler raises, and `InvalidInput` (``id-taken``) when the id was used for anything else.
        """
        makes = DECLARED[type(command).__name__].makes
        if makes is None:
            return handler(work, command)
        id: UUID = getattr(command, makes.field)
        # An id that the server made for this very command is new, unless an attempt of ours was recorded unheard.
        first = None if getattr(command, "new", False) and not work.again else _first(work, command, makes, id)
        if first is None:
            work.keep = partial(self._keep, work, command, makes, id)
            return handler(work, command)
        kept = first.event.sent
        if self._fingerprints.same(kept, work.actor, command, makes):
            of, position = UUID(kept["id"]) if "id" in kept else id, first.position + kept.get("more", 0)
            receipt = Receipt(of, kept["version"], position, kept["status"])
        else:
            receipt = _decided_again(handler, work, command, makes, first)
        work.drafts.discard(getattr(command, "draft_id", None) or id, work.actor.person_id)  # a crash may have left it
        return replace(receipt, repeated=True)

    def _keep(
        self, work: Work, command: Command, makes: Makes, id: UUID, receipt: Receipt, *aggregates: Stream
    ) -> Receipt:
        events = _pending(aggregates)
        at = _place_of(id, events)
        kept: dict[str, Any] = {"version": receipt.version, "status": receipt.status}
        if receipt.id != id:
            kept["id"] = str(receipt.id)
        if more := len(events) - 1 - at:
            kept["more"] = more
        vars(events[at])["sent"] = self._fingerprints.of(work.actor, command, makes) | kept
        return replace(receipt, position=work.record.append(*aggregates))


def _first(work: Work, command: Command, makes: Makes, id: UUID) -> Recorded | None:
    """The event that the id is in already, where there is one."""
    if isinstance(command, CourseCommand):
        known = any(str(id) in session["recordings"] for session in work.the_course.sessions.values())
        return work.record.first_with(id, stream=command.course_id) if known else None
    if not isinstance(command, CaseCommand):
        return work.record.first_with(id, stream=id) if work.record.exists(id) else None
    if makes.within == "case_id":
        return work.record.first_with(id, stream=command.case_id) if str(id) in work.the_case.circle else None
    if not makes.within:
        return work.record.first_with(id, entry=id)
    found = work.record.first_with(id, entry=getattr(command, makes.within))
    # Of what is in another child's record nothing is said; what is asked for here does not exist then.
    return found if found is not None and found.event.originator_id == command.case_id else None


# ---- decided once more -------------------------------------------------------------------------------------------


class _NoDrafts:
    """Nothing is begun, and nothing is used up, by deciding once more."""

    def find(self, *_: object) -> None:
        """None."""

    def discard(self, *_: object) -> None:
        """Nothing."""


@dataclass(slots=True)
class _Decided(Exception):
    """What would have been saved, and the receipt."""

    receipt: Receipt
    events: list[CoordEvent]


def _decided_again(handler: CommandHandler, work: Work, command: Command, makes: Makes, first: Recorded) -> Receipt:
    """The first receipt, if the command decides just what was recorded then. Raises `InvalidInput` if it does not."""
    at, id = first.event.timestamp, getattr(command, makes.field)
    left_open: dict[str, Any] = {name: getattr(first.event, name, None) for name in makes.apart}
    past = work.record.before(first.position)
    then = replace(work, now=at, today=at.astimezone(work.zone).date(), record=past, again=False)
    then.drafts = cast("Drafts", _NoDrafts())
    taken = InvalidInput([FieldProblem("/id", "id-taken")])
    try:
        then.case = past.case(work.case.id) if work.case is not None else None
        then.course = past.course(work.course.id) if work.course is not None else None
        decided = _decision(handler, then, replace(command, **left_open))  # type: ignore[type-var]
        events = decided.events[_place_of(id, decided.events) :]
    except (DomainError, StopIteration):
        raise taken from None
    recorded = work.record.after(first.position - 1, len(events))
    if [_facts(r.event) for r in recorded] != [_facts(work.record.as_stored(event)) for event in events]:
        raise taken
    return replace(decided.receipt, position=recorded[-1].position)


def _decision(handler: CommandHandler, then: Work, command: Any) -> _Decided:
    """What a command decides; what is asked about is meant, as it was then. Raises `DomainError`."""

    def keep(receipt: Receipt, *aggregates: Stream) -> Receipt:
        raise _Decided(receipt, _pending(aggregates))

    then.keep = keep
    try:
        try:
            handler(then, command)
        except InvalidInput as asked:
            answers = [problem.answer for problem in asked.problems]
            if not all(answers) or not hasattr(command, "confirmed"):
                raise
            handler(then, replace(command, confirmed=[*command.confirmed, *answers]))
    except _Decided as decided:
        return decided
    raise TypeError(f"{type(command).__name__} does not keep what it makes")


def _facts(event: CoordEvent) -> dict[str, object]:
    """What an event says, and who says it, whenever it was sent."""
    facts = {name: value for name, value in vars(event).items() if name not in NOT_COMPARED}
    return facts | {"topic": event.TOPIC, "person": event.by["person"]}


def _pending(aggregates: tuple[Stream, ...]) -> list[CoordEvent]:
    return [cast("CoordEvent", event) for aggregate in aggregates for event in aggregate.pending_events]


def _place_of(id: UUID, events: list[CoordEvent]) -> int:
    """Which of the events has the id. Raises `StopIteration`."""
    return next(i for i, event in enumerate(events) if any(str(said) == str(id) for said in vars(event).values()))
