"""The case itself, its care team and its school summary, in the timeline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from coord.domain.case import (
    AlertChanged,
    AlertEnded,
    AlertRaised,
    Audience,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    SummaryPublished,
    SummaryRecalled,
    TeamMemberChanged,
    TeamMemberJoined,
    TeamMemberLeft,
)
from coord.domain.events import CoordEvent
from coord.projections.engine import Writer, handles
from coord.projections.timeline.entries import Entries

_SCHOOL, _TEAM = Audience.CARE_TEAM_AND_SCHOOL.value, Audience.CARE_TEAM.value


class CaseInTimeline(Entries):
    """The frame of all other entries."""

    @handles(SummaryPublished)
    def summary_published(self, writer: Writer, event: SummaryPublished, position: int) -> None:
        """An entry that everybody on the team sees, the school from the day on that it can read the summary."""
        self._tell_school_of(writer, event, event.in_place_of, told=False)
        detail = {"what": "published", "version": event.version, "valid_from": event.valid_from}
        self._insert_marker(
            writer,
            event,
            position,
            "summary",
            "care-team-and-school",
            detail,
            subject_id=event.originator_id,
            school_from=date.fromisoformat(event.valid_from),
        )

    def _tell_school_of(self, writer: Writer, event: CoordEvent, versions: Collection[int], *, told: bool) -> None:
        """Of what was to be in force from a later day on, and will not, the school hears nothing when that day comes.

        Not a state of its own: nobody reads the entry otherwise than before."""
        for row in self._about(writer, event.originator_id) if versions else ():
            if row["detail"]["what"] == "published" and row["detail"]["version"] in versions:
                key = {"entry_id": row["entry_id"], "from_position": row["from_position"]}
                writer.update(self.entries, key, audience="care-team-and-school" if told else "care-team")

    @handles(SummaryRecalled)
    def summary_recalled(self, writer: Writer, event: SummaryRecalled, position: int) -> None:
        """Likewise; of what it never saw, the school does not hear either."""
        if event.before_its_day:
            self._tell_school_of(writer, event, [event.version], told=False)
            self._tell_school_of(writer, event, event.gives_back, told=True)
        self._insert_marker(
            writer,
            event,
            position,
            "summary",
            "care-team" if event.before_its_day else "care-team-and-school",
            {"what": "recalled", "version": event.version},  # the reason is for the team alone; see the summary
        )

    @handles(TeamMemberJoined)
    def member_joined(self, writer: Writer, event: TeamMemberJoined, position: int) -> None:
        """The care team changed."""
        m = event.member
        detail = {
            "what": "joined",
            "name": m["name"],
            "relation": m["relation"],
            "since": m["since"],
            "until": m["until"],
        }
        self._insert_marker(writer, event, position, "team", "care-team", detail)

    @handles(TeamMemberChanged)
    def member_changed(self, writer: Writer, event: TeamMemberChanged, position: int) -> None:
        """The care team changes, or will not change as was planned."""
        stay = event.after or event.before
        detail = {
            "what": "changed" if event.after else "not-to-come",
            "name": event.name,
            "relation": stay["relation"],
            "since": stay["since"],
            "until": stay["until"],
        }
        self._insert_marker(writer, event, position, "team", "care-team", detail)

    @handles(TeamMemberLeft)
    def member_left(self, writer: Writer, event: TeamMemberLeft, position: int) -> None:
        """The care team changed."""
        detail = {"what": "left", "name": event.name, "relation": event.relation}
        self._insert_marker(writer, event, position, "team", "care-team", detail)

    @handles(CaseOpened)
    def case_opened(self, writer: Writer, event: CaseOpened, position: int) -> None:
        """The first entry."""
        self._reaches(writer, event.originator_id, position, event.timestamp)
        self._insert_marker(writer, event, position, "case", "care-team", {"what": "opened"})

    @handles(CaseClosed, CaseReopened)
    def case_closed(self, writer: Writer, event: CaseClosed | CaseReopened, position: int) -> None:
        """The episode ended, or goes on."""
        what = "closed" if isinstance(event, CaseClosed) else "reopened"
        self._insert_marker(writer, event, position, "case", "care-team", {"what": what, "reason": event.reason})

    # ---- alerts

    @handles(AlertRaised)
    def alert_raised(self, writer: Writer, event: AlertRaised, position: int) -> None:
        """For whom it is."""
        self._new_subject(writer, event, event.alert_id, event.content["text"], event.content["audience"])
        self._about_alert(writer, event, position, {"what": "raised"}, event.content.get("what_to_do", ""))

    @handles(AlertChanged)
    def alert_changed(self, writer: Writer, event: AlertChanged, position: int) -> None:
        """In the words and for the readers of now. Of what was told before, the school reads nothing any more where it
        is for the professionals alone by now; and nothing that was not for the school when it was told."""
        alert, changes = event.alert_id, event.changes
        if audience := changes.get("audience"):
            for row in self._about(writer, alert):
                then = _SCHOOL if audience == _SCHOOL and row["detail"]["for_school"] else _TEAM
                if row["audience"] != then:
                    self._replace(writer, event, row, position, audience=then)
        said = {"words": changes.get("text"), "audience": audience}
        if now := {name: value for name, value in said.items() if value}:
            writer.update(self.subjects, {"subject_id": alert}, **now)
        detail = {"what": "changed", "reason": event.reason}
        self._about_alert(writer, event, position, detail, changes.get("what_to_do", ""))

    @handles(AlertEnded)
    def alert_ended(self, writer: Writer, event: AlertEnded, position: int) -> None:
        """With why, for all who read it."""
        self._about_alert(writer, event, position, {"what": "ended", "reason": event.reason})

    def _about_alert(
        self,
        writer: Writer,
        event: AlertRaised | AlertChanged | AlertEnded,
        position: int,
        detail: dict[str, Any],
        do: str = "",
    ) -> None:
        alert = self._subject(writer, event.alert_id)
        detail = {**detail, "for_school": alert["audience"] == _SCHOOL}
        sections = {"alert": alert["words"]} | ({"what-to-do": do} if do else {})
        self._insert_marker(
            writer, event, position, "alert", alert["audience"], detail, subject_id=event.alert_id, sections=sections
        )
