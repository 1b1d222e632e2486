"""Groups, in a child's timeline: what is said of a session, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.domain.case import (
    GroupLineCorrected,
    GroupLineEnteredInError,
    GroupPlaceChanged,
    GroupSessionRecorded,
    ProfileDescribed,
)
from coord.projections.engine import Writer, handles
from coord.projections.timeline.entries import Entries
from coord.words import folded

MESSAGES = (("message_home", "care-team-and-family"), ("message_school", "care-team-and-school"))
"""What of a group session is said to others than the care team: each is an entry of its own, for its own readers."""


def _group_session(event: GroupSessionRecorded | GroupLineCorrected) -> tuple[dict[str, Any], dict[str, str]]:
    """What of a line are codes, and what are words (without the messages)."""
    line: Mapping[str, Any] = event.line
    codes = {name: line[name] for name in ("attendance", "arrival", "grading", "support", "guardian") if line[name]}
    texts = ("absence_reason", "response", "incident", "practice")
    return codes, {name: line[name] for name in texts if line[name]}


def _unrated(event: GroupSessionRecorded | GroupLineCorrected) -> list[str]:
    """The goals that were worked on and not rated: a rating is an entry of its own."""
    rated = {rating["goal"] for rating in event.line["ratings"]}
    return [goal for goal in event.line["goals"] if goal not in rated]


def _other_dates(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Which dates of a group are no more and which are new, where nothing else has changed: a session was cancelled,
    was moved, or takes place after all. A date with another time is both."""
    if {**before, **_DATES} != {**now, **_DATES}:
        return {}
    told, tells = _with_times(before), _with_times(now)
    gone, new = [m for m in told if m not in tells], [m for m in tells if m not in told]
    if not new:
        return {"gone": [m["day"] for m in gone]} if gone else {}
    if len(new) > 1 or len(gone) > 1:
        return {}
    return {"gone": [gone[0]["day"]], "instead": new[0]} if gone else {"after_all": [new[0]["day"]]}


_DATES: dict[str, Any] = {"dates": [], "other_times": {}}


def _with_times(told: Mapping[str, Any]) -> list[dict[str, str]]:
    times = told.get("other_times") or {}
    return [{"day": day, "at": times.get(day, told["start_time"])} for day in told["dates"]]


class GroupsInTimeline(Entries):
    """Of a group there is nothing but what concerns the child."""

    @handles(ProfileDescribed)
    def profile_described(self, writer: Writer, event: ProfileDescribed, position: int) -> None:
        """How much the child copes with."""
        sections = {"remark": event.remark} if event.remark else {}
        detail = {"what": "profile", **{name: level for name, level in event.profile.items() if level}}
        self._insert_marker(writer, event, position, "group", "care-team", detail, sections=sections)

    @handles(GroupPlaceChanged)
    def group_place(self, writer: Writer, event: GroupPlaceChanged, position: int) -> None:
        """The child waits for a group, is in one, has left it. The reason is on the page of the groups.

        The school hears of a place that the child had, and nothing of one that the child only waited for.
        """
        membership, had_place = UUID(event.membership), event.change == "enrolled"
        told = {name: getattr(event, name) for name in ("aims", "start_time", "minutes", "dates", "other_times")}
        detail: dict[str, Any] = {"what": event.change, "group": event.kind}
        day = {"enrolled": event.since, "left": event.until}.get(event.change)
        if day and day != event.timestamp.date().isoformat():
            detail["on"] = day
        if event.change in ("waiting", "enrolled"):
            writer.delete(self.places, membership=membership)
            writer.insert(self.places, {"membership": membership, "had_place": had_place, "told": told})
        else:
            before = writer.one(self.places, membership=membership)
            had_place = before["had_place"]
            if event.change == "revised":
                writer.update(self.places, {"membership": membership}, told=told)
                detail |= _other_dates(before["told"], told)
        audience = "care-team-and-school" if had_place else "care-team"
        self._insert_marker(writer, event, position, "group", audience, detail, sections={"aims": event.aims})

    @handles(GroupSessionRecorded)
    def group_session(self, writer: Writer, event: GroupSessionRecorded, position: int) -> None:
        """What the session was for the child; and what is said of it at home and at school."""
        codes, sections = _group_session(event)
        self._insert_marker(
            writer,
            event,
            position,
            "group",
            "care-team",
            {"what": "session", "group": event.kind, "session": event.session, **codes},
            entry_id=event.line_id,
            subject_id=event.line_id,
            sections=sections,
            observed_at=event.observed_from,
            observed_to=event.observed_to,
            unrated=_unrated(event),
        )
        for name, audience in MESSAGES:
            self._message(writer, event, position, name, audience, event.kind)

    def _message(
        self,
        writer: Writer,
        event: GroupSessionRecorded | GroupLineCorrected,
        position: int,
        name: str,
        audience: str,
        kind: str,
    ) -> None:
        text = str(event.line[name])  # type: ignore[literal-required]
        if not text:
            return
        self._insert_marker(
            writer,
            event,
            position,
            "message",
            audience,
            {"what": name, "group": kind},
            entry_id=UUID(int=event.line_id.int ^ (1 if name == "message_home" else 2)),
            subject_id=event.line_id,
            sections={"message": text},
            observed_at=event.observed_from,
            observed_to=event.observed_to,
        )

    @handles(GroupLineCorrected)
    def group_line_corrected(self, writer: Writer, event: GroupLineCorrected, position: int) -> None:
        """The line and its messages, otherwise."""
        codes, sections = _group_session(event)
        rows = {row["detail"]["what"]: row for row in self._about(writer, event.line_id)}
        times = {"observed_from": event.observed_from, "observed_to": event.observed_to}
        row = rows["session"]
        kept = {name: row["detail"][name] for name in ("what", "group", "session")}
        detail = {**kept, **codes, "corrected_reason": event.reason}
        words = folded(" ".join(sections.values()))
        changes: dict[str, Any] = {"sections": sections, "search_text": words, "unrated": _unrated(event)}
        self._replace(writer, event, row, position, detail=detail, **changes, **times)
        for name, audience in MESSAGES:
            text = str(event.line[name])  # type: ignore[literal-required]
            message = rows.get(name)
            if message is None:
                self._message(writer, event, position, name, audience, row["detail"]["group"])
            elif text:
                changes = {"sections": {"message": text}, "search_text": folded(text), "status": "signed"}
                self._replace(writer, event, message, position, **changes, **times)
            else:
                self._replace(writer, event, message, position, status="entered-in-error")

    @handles(GroupLineEnteredInError)
    def group_line_in_error(self, writer: Writer, event: GroupLineEnteredInError, position: int) -> None:
        """Hidden from ordinary views from here on, with its messages."""
        self._hide(writer, event, event.line_id, position)
