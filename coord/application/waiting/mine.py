"""What is known of who asks, found once for all that their first page and their list need of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from coord.application.case.left_behind import cosigners, nobody_cosigns
from coord.application.doors import Reading
from coord.application.waiting.questions import Urgency
from coord.domain.actors import Relationship
from coord.domain.permissions import PERMISSIONS, knows_child, leads_service_team
from coord.office.drafts import Draft
from coord.projections import Caseload, Summaries, Timeline

SOON = timedelta(days=7)
"""What is due within so many days is soon."""
EXCERPT = 80
"""Characters of a text that a list shows."""


def known_now(reading: Reading) -> list[tuple[dict[str, Any], Relationship]]:
    """The children that the reader knows, by name. Who left since a stopped view is known to the record."""
    caseload = reading.snapshot.view(Caseload)
    known = caseload.children_of(reading.snapshot.connection, reading.actor, reading.today)
    if Caseload.NAME not in reading.snapshot.incomplete:
        return known
    return [(case, child) for case, child in known if knows_child(reading.actor, _now(reading, case["case_id"]))]


def _now(reading: Reading, case_id: UUID) -> Relationship:
    return reading.record.case(case_id).relationship_of(reading.actor, reading.today)


@dataclass
class Mine:
    """Who asks, and what is theirs. Each part is asked for when it is first needed, and once: a page that shows the
    children beside what waits asks for nothing twice."""

    reading: Reading
    whole_summaries: bool = False

    @cached_property
    def known(self) -> list[tuple[dict[str, Any], Relationship]]:
        """The children, by name, with what the reader is to each."""
        return known_now(self.reading)

    @cached_property
    def children(self) -> dict[UUID, dict[str, Any]]:
        """Each of these by id."""
        return {case["case_id"]: case for case, _ in self.known}

    @cached_property
    def relations(self) -> dict[UUID, Relationship]:
        """What the reader is to each."""
        return {case["case_id"]: child for case, child in self.known}

    def may(self, name: str, case_id: UUID) -> bool:
        """Whether the reader may send a command about one of the children."""
        return PERMISSIONS[name].who(self.reading.actor, self.relations[case_id])

    @cached_property
    def open_cases(self) -> list[UUID]:
        """Of the children those whose case is open: of another nothing is reviewed."""
        return [case["case_id"] for case, _ in self.known if case["status"] == "open"]

    @cached_property
    def led(self) -> list[UUID]:
        """Of the children those whose service team the reader leads."""
        return [case["case_id"] for case, child in self.known if leads_service_team(self.reading.actor, child)]

    def therapists(self, case_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """Who could answer for each of these children: the therapists on the care team today who have access."""
        return cosigners(self.reading.snapshot, case_ids, self.reading.today) if case_ids else {}

    @cached_property
    def summaries(self) -> dict[UUID, dict[str, Any]]:
        """How the school summary of each child stands, of those who have one; with its statements (``whole_summaries``)
        for who shows them."""
        reading = self.reading
        view = reading.snapshot.view(Summaries)
        return view.states(reading.snapshot.connection, list(self.relations), reading.today, whole=self.whole_summaries)

    @cached_property
    def drafts(self) -> list[Draft]:
        """The reader's own, the latest first, of children whom they know no more as well. Those of children whom they
        know in another of their roles wait there."""
        own = self.reading.drafts.of(self.reading.actor.person_id)
        elsewhere = self._known_in_another_role() if own else set()
        return [draft for draft in own if draft.case_id in self.children or draft.case_id not in elsewhere]

    def _known_in_another_role(self) -> set[UUID]:
        reading, view = self.reading, self.reading.snapshot.view(Caseload)
        others = reading.actor.in_other_roles()
        known = (view.children_of(reading.snapshot.connection, other, reading.today) for other in others)
        return {case["case_id"] for children in known for case, _ in children}

    @cached_property
    def cosignatures(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Notes that the reader may co-sign, and notes of theirs that wait for somebody else; of known children."""
        reading = self.reading
        view = reading.snapshot.view(Caseload)
        for_me, mine = view.awaiting_for(reading.snapshot.connection, reading.actor, reading.today)
        return self._still(for_me), self._still(mine)

    @cached_property
    def nobody_cosigns(self) -> list[dict[str, Any]]:
        """Of the children whose service team the reader leads, the notes that nobody on the care team can co-sign."""
        if not self.led:
            return []
        reading = self.reading
        waiting = reading.snapshot.view(Caseload).waiting_in(reading.snapshot.connection, self.led)
        if not waiting:
            return []
        therapists = self.therapists({note["case_id"] for note in waiting})
        left = [n for n in waiting if nobody_cosigns(n, therapists[n["case_id"]], reading.actor.person_id)]
        readable = reading.snapshot.view(Timeline).readable_ids(
            reading.snapshot.connection,
            actor=reading.actor,
            children=dict.fromkeys(self.led, Relationship(same_service_team=True)),
            entries=[note["note_id"] for note in left],
        )
        theirs = [note for note in left if (note["case_id"], note["note_id"]) in readable]
        return self._still([n | {"preferred_name": self.children[n["case_id"]]["preferred_name"]} for n in theirs])

    def _still(self, notes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that are of known children, and still wait where the view has stopped: then the record says so."""
        known = [note for note in notes if note["case_id"] in self.relations]
        if Caseload.NAME not in self.reading.snapshot.incomplete:
            return known
        record = self.reading.record
        return [n for n in known if record.note(n["case_id"], n["note_id"]).status == "awaiting-cosignature"]

    # ---- how soon

    def day_of(self, at: datetime) -> date:
        """The day of the clinic's calendar."""
        return at.astimezone(self.reading.zone).date()

    def urgency(self, due: date | None) -> Urgency:
        """How soon something is that is due on a day."""
        if due is None or due > self.reading.today + SOON:
            return Urgency.OPEN
        return Urgency.OVERDUE if due < self.reading.today else Urgency.SOON


def first_words(body: Mapping[str, Any]) -> str:
    """What a draft begins with, to tell it from others; of a summary there is only one for each child."""
    sections = body.get("sections")
    texts = sections.values() if isinstance(sections, Mapping) else ()
    return excerpt(" ".join(str(text) for text in texts if isinstance(text, str)))


def excerpt(text: str) -> str:
    """As much of a text as a list shows."""
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…"
