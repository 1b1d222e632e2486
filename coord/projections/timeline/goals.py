"""Goals, strategies and measures, in the timeline: each step of one is an entry of its own, as is each observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.domain.case import (
    AttainmentScored,
    CopmRecorded,
    GoalAgreed,
    GoalEvent,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
    InstrumentRecorded,
    StrategyEnded,
    StrategyEvent,
    StrategyOffered,
    StrategyTried,
)
from coord.domain.events import EVENT_CLASSES, CoordEvent
from coord.projections.engine import Writer, handles
from coord.projections.timeline.entries import Entries


def _audience_about_goal(goal: Mapping[str, Any], detail: Mapping[str, Any], role: str) -> str:
    """Who may read an entry about a goal: as the goal.

    But the school nothing in words that were not agreed and for the school at that time (``for_school``), and of what
    was seen only what was seen at school, and not by a student, for nobody attested it.
    """
    for_school = detail["what"] in ("agreed", "active", "on-hold", "achieved", "maintained", "stopped")
    if detail["what"] == "observed":
        for_school = detail["context"] == "school" and role != "student"
    if goal["audience"] == "care-team-and-school" and not (for_school and detail["for_school"]):
        return "care-team"
    return str(goal["audience"])


def _session_of(event: GoalObserved) -> UUID | None:
    """The entry of the group session that a rating was made in: it bears the child's line as its request. Whoever rates
    afterwards, and names a session that it came from, rates at a time and in a place of their own."""
    return UUID(event.note) if event.note and event.note == event.by["request"] else None


class GoalsInTimeline(Entries):
    """What is said of a goal or a strategy is for its readers, and changes them with it."""

    @handles(GoalProposed)
    def goal_proposed(self, writer: Writer, event: GoalProposed, position: int) -> None:
        """A goal was put into words."""
        self._new_subject(writer, event, event.goal_id, event.content["statement"], event.content["audience"])
        self._about_goal(writer, event, position, {"what": "proposed"})

    @handles(GoalRevised)
    def goal_revised(self, writer: Writer, event: GoalRevised, position: int) -> None:
        """Other words; and where its readers are others too, those of every entry about it."""
        changes = {"words": event.content["statement"], "audience": event.content["audience"]}
        self._change_goal(writer, event, position, changes)
        self._about_goal(writer, event, position, {"what": "revised", "version": event.content_version})

    @handles(GoalAgreed)
    def goal_agreed(self, writer: Writer, event: GoalAgreed, position: int) -> None:
        """These people agreed; who they are is on the goal's own page. The school hears of it from now on."""
        self._change_goal(writer, event, position, {"agreed": True})
        self._about_goal(writer, event, position, {"what": "agreed"})

    @handles(GoalStatusChanged)
    def goal_status(self, writer: Writer, event: GoalStatusChanged, position: int) -> None:
        """Another state; the reason is on the goal's own page. A goal entered in error is hidden, and all about it."""
        if event.status == "entered-in-error":
            self._hide(writer, event, event.goal_id, position)
        else:
            self._about_goal(writer, event, position, {"what": event.status})

    @handles(GoalObserved)
    def goal_observed(self, writer: Writer, event: GoalObserved, position: int) -> None:
        """What somebody saw of a goal."""
        detail = {
            "what": "observed",
            "observation": str(event.observation_id),
            "context": event.context,
            "level": event.level,
            "support": event.support,
            "reported_by": event.reported_by,
        }
        self._about_goal(
            writer,
            event,
            position,
            detail,
            remark=event.remark,
            observed_at=event.observed_at,
            report_id=event.observation_id,
            within=_session_of(event),
            note_id=UUID(event.note) if event.note else None,
        )

    @handles(*(one for one in EVENT_CLASSES.values() if one.MISTAKE))
    def mistaken(self, writer: Writer, event: CoordEvent, position: int) -> None:
        """Hidden from ordinary views from here on: all that is told of it; of a report, that alone."""
        entry, mistake = event.entry_id, event.mistake
        for row in self._about(writer, entry) if entry else ():
            if mistake in (entry, row["report_id"]) and row["status"] != "entered-in-error":
                self._replace(writer, event, row, position, status="entered-in-error")

    def _change_goal(self, writer: Writer, event: GoalEvent, position: int, changes: Mapping[str, Any]) -> None:
        """Keep it for the entries to come; where the readers are others too, those of the earlier entries are."""
        goal_id = event.goal_id
        before = self._subject(writer, goal_id)
        after = {**before, **changes}
        if after == before:
            return
        writer.update(self.subjects, {"subject_id": goal_id}, **changes)
        for row in self._about(writer, goal_id) if after["audience"] != before["audience"] else ():
            audience = _audience_about_goal(after, row["detail"], row["role"])
            if audience != row["audience"]:
                self._replace(writer, event, row, position, audience=audience)

    def _about_goal(
        self,
        writer: Writer,
        event: GoalEvent,
        position: int,
        detail: dict[str, Any],
        *,
        remark: str = "",
        **more: Any,
    ) -> None:
        goal = self._subject(writer, event.goal_id)
        detail = {**detail, "for_school": goal["agreed"] and goal["audience"] == "care-team-and-school"}
        self._insert_marker(
            writer,
            event,
            position,
            "goal",
            _audience_about_goal(goal, detail, event.by["role"]),
            detail,
            subject_id=event.goal_id,
            sections={"goal": goal["words"]} | ({"remark": remark} if remark else {}),
            owner=(goal["author_id"], goal["discipline"]),
            **more,
        )

    @handles(StrategyOffered)
    def strategy_offered(self, writer: Writer, event: StrategyOffered, position: int) -> None:
        """Something new to try, for those who are to use it."""
        self._new_subject(writer, event, event.strategy_id, event.text, event.audience)
        self._about_strategy(writer, event, position, {"what": "offered", "context": event.context})

    @handles(StrategyTried)
    def strategy_tried(self, writer: Writer, event: StrategyTried, position: int) -> None:
        """What came of it."""
        told = {"outcome": event.outcome, "reported_by": event.reported_by}
        detail = {"what": "tried", **told, "trial": str(event.trial_id)}
        self._about_strategy(
            writer, event, position, detail, remark=event.remark, observed_at=event.tried_at, report_id=event.trial_id
        )

    @handles(StrategyEnded)
    def strategy_ended(self, writer: Writer, event: StrategyEnded, position: int) -> None:
        """No longer advised; the reason is beside the strategy."""
        self._about_strategy(writer, event, position, {"what": "ended"})

    def _about_strategy(
        self,
        writer: Writer,
        event: StrategyEvent,
        position: int,
        detail: dict[str, Any],
        *,
        remark: str = "",
        **more: Any,
    ) -> None:
        strategy = self._subject(writer, event.strategy_id)
        for_school = strategy["audience"] == "care-team-and-school"  # but not from a student: nobody attested it
        self._insert_marker(
            writer,
            event,
            position,
            "strategy",
            "care-team" if for_school and event.by["role"] == "student" else strategy["audience"],
            detail,
            subject_id=event.strategy_id,
            sections={"strategy": strategy["words"]} | ({"remark": remark} if remark else {}),
            **more,
        )

    @handles(CopmRecorded, InstrumentRecorded)
    def measured(self, writer: Writer, event: CopmRecorded | InstrumentRecorded, position: int) -> None:
        """Something was measured; the numbers are on their own page, for those who can weigh them."""
        name = event.instrument if isinstance(event, InstrumentRecorded) else "COPM"
        detail = {"what": "recorded", "instrument": name, "measured_on": event.measured_on}
        self._insert_marker(
            writer, event, position, "measure", "care-team", detail, subject_id=event.measure_id, sections={}
        )

    @handles(AttainmentScored)
    def scored(self, writer: Writer, event: AttainmentScored, position: int) -> None:
        """A T-score was kept; it is never shown without its levels, so it is on the page of the goals."""
        self._insert_marker(writer, event, position, "measure", "care-team", {"what": "scored"})
