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
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import orjson

from coord.application.declared import DECLARED, CaseCommand, Command, CourseCommand, Makes, Receipt
from coord.application.record import Recorded, Stream
from coord.domain.actors import Actor
from coord.domain.errors import DomainError, FieldProblem, InvalidInput
from coord.domain.events import CoordEvent

if TYPE_CHECKING:  # the doors ask here before they carry anything out
    from coord.application.doors import CommandHandler, Work

BESIDE = frozenset({"new", "confirmed", "draft_id", "in_part"})
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
        said = [type(command).__name__, actor.person_id, _plain(command, BESIDE | makes.apart)]
        try:
            sent = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # half a character, or a number beyond all bounds: it was never recorded, but may be sent
            sent = json.dumps(said, default=str, sort_keys=True).encode()
        return hmac.digest(key, sent, "sha256")[:16].hex()


_PLAIN = frozenset({str, UUID, datetime, date, int, float, bool, type(None)})
"""Most of what is sent."""


def _plain(value: Any, but: frozenset[str] = frozenset()) -> Any:
    """As JSON has it. A field that has its default is left out, so that one added later changes no fingerprint."""
    if type(value) in _PLAIN:
        return value
    if is_dataclass(value):
        said = {}
        for name, default in _defaults(cast("Any", type(value))):
            if name not in but:
                one = getattr(value, name)
                plain = one if type(one) in _PLAIN else _plain(one)
                if plain != default:
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

    def carry_out(self, handler: CommandHandler, work: Work, command: Command, *, again: bool) -> Receipt:
        """Carry a command out, or give its first receipt if it was carried out before. ``again``: this is another
        attempt, and the one before may have been recorded without our hearing of it.

        Raises what the handler raises, and `InvalidInput` (``id-taken``) when the id was used for anything else.
        """
        makes = DECLARED[type(command).__name__].makes
        if makes is None:
            return handler(work, command)
        id: UUID = getattr(command, makes.field)
        # An id that the server made for this very command is new at the first attempt.
        first = None if getattr(command, "new", False) and not again else _first(work, command, makes, id)
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
        others = {"id": str(receipt.id), "more": len(events) - 1 - at}
        kept |= {name: value for name, value in others.items() if value not in (str(id), 0)}
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
        known = any(str(id) in things for things in (work.the_case.circle, work.the_case.alerts))
        return work.record.first_with(id, stream=command.case_id) if known else None
    if not makes.within:
        return work.record.first_with(id, entry=id)
    found = work.record.first_with(id, entry=getattr(command, makes.within))
    # Of what is in another child's record nothing is said; what is asked for here does not exist then.
    return found if found is not None and found.event.originator_id == command.case_id else None


# ---- decided once more -------------------------------------------------------------------------------------------


def _decided_again(handler: CommandHandler, work: Work, command: Command, makes: Makes, first: Recorded) -> Receipt:
    """The first receipt, if the command decides just what was recorded then. Raises `InvalidInput` if it does not."""
    at, id, decided = first.event.timestamp, getattr(command, makes.field), list[CoordEvent]()

    def keep(receipt: Receipt, *aggregates: Stream) -> Receipt:
        decided[:] = _pending(aggregates)
        return receipt

    past = work.record.before(first.position)
    then = replace(work, now=at, today=at.astimezone(work.zone).date(), record=past)
    then.keep = keep
    taken = InvalidInput([FieldProblem("/id", "id-taken")])
    try:
        then.case = past.case(work.case.id) if work.case is not None else None
        then.course = past.course(work.course.id) if work.course is not None else None
        receipt = _meant(handler, then, _untouched(command, makes, first))
        events = decided[_place_of(id, decided) :]
    except (DomainError, StopIteration):
        raise taken from None
    if len(events) <= first.event.sent.get("more", 0) and not getattr(command, "in_part", False):
        raise taken  # what came with it then is left out now
    recorded = work.record.after(first.position - 1, len(events))
    if [_facts(r.event) for r in recorded] != [_facts(work.record.as_stored(event)) for event in events]:
        raise taken
    return replace(receipt, position=recorded[-1].position)


def _untouched(command: Any, makes: Makes, first: Recorded) -> Any:
    """The command with what is no part of the same as it was then, and without a draft to use up."""
    there = {"new": True, "draft_id": None} | {name: getattr(first.event, name, None) for name in makes.apart}
    return replace(command, **{name: value for name, value in there.items() if hasattr(command, name)})


def _meant(handler: CommandHandler, then: Work, command: Any) -> Receipt:
    """Carry it out; what is asked about is meant, as it was then."""
    try:
        return handler(then, command)
    except InvalidInput as asked:
        answers = [problem.answer for problem in asked.problems]
        if not all(answers) or not hasattr(command, "confirmed"):
            raise
        return handler(then, replace(command, confirmed=[*command.confirmed, *answers]))


def _facts(event: CoordEvent) -> dict[str, object]:
    """What an event says, and who says it, whenever it was sent."""
    facts = {name: value for name, value in vars(event).items() if name not in NOT_COMPARED}
    return facts | {"topic": event.TOPIC, "person": event.by["person"]}


def _pending(aggregates: tuple[Stream, ...]) -> list[CoordEvent]:
    return [cast("CoordEvent", event) for aggregate in aggregates for event in aggregate.pending_events]


def _place_of(id: UUID, events: list[CoordEvent]) -> int:
    """Which of the events has the id. Raises `StopIteration`."""
    text = str(id)
    return next(i for i, event in enumerate(events) if any(said in (id, text) for said in vars(event).values()))
