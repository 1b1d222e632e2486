"""Alerts: what everybody who is with the child must know before anything else, in a few words, and what to do then.

Who answers for the child raises, changes and ends them: an alert stands on every page about the child and on paper in
a class, and somebody has to answer for each. What a teacher or a student notices they write down, as ever, and a
therapist makes an alert of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Alert, Case
from coord.domain.case.notes import Audience
from coord.domain.errors import Conflict, NotFound, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input
from coord.domain.said import Said

FEW_WORDS = 80
"""Letters of an alert: it is read in passing."""
MOST_STANDING = 20


class AlertKind(StrEnum):
    """What an alert is about; what can cost a life comes first."""

    HEALTH = "health"
    SAFETY = "safety"
    CONTACT = "contact"


FOR_WHOM = (Audience.CARE_TEAM_AND_SCHOOL.value, Audience.CARE_TEAM.value)
"""Whom an alert can be for: all who are with the child, the school too; or the professionals alone."""


class AlertWords(TypedDict, total=False):
    """What an alert says, or what of it is otherwise now. Days are ISO dates, "" for none."""

    text: str
    what_to_do: str
    kind: str
    since: str
    review_on: str
    audience: str


@dataclass(frozen=True, slots=True)
class AlertContent:
    """What an alert says, and for whom."""

    text: Annotated[str, Said("In a few words, such as “Nut allergy”", most=FEW_WORDS)]
    kind: Annotated[str, Said(of=AlertKind)]
    audience: Annotated[str, Said("`care-team` is for the professionals alone", of=FOR_WHOM)]
    what_to_do: Annotated[str, Said("What to do, or not to do, then", most=REASON)] = ""
    since: Annotated[date | None, Said("Since when it is so; today, if left out", null=True)] = None
    review_on: Annotated[date | None, Said("When it is to be looked at again", null=True)] = None


class AlertRaised(CoordEvent):
    """Somebody who answers for the child said what everybody who is with it must know before anything else."""

    TOPIC = "case.alert-raised.v1"
    HISTORY = in_the_history("Alert raised")
    alert_id: UUID
    """An id of its own, chosen at random by the sender."""
    content: AlertWords
    """All that it says: ``text`` in a few words, ``what_to_do``, ``kind`` (``health``, ``safety``, ``contact``),
    ``since`` and ``review_on`` (ISO dates; "": not to be looked at again), ``audience`` (``care-team-and-school``, or
    ``care-team`` for the professionals alone)."""

    def apply(self, aggregate: Case) -> None:
        """It stands."""
        aggregate.alerts = self.alerts_after(aggregate.alerts)

    def alerts_after(self, alerts: Mapping[str, Alert]) -> dict[str, Alert]:
        """The alerts of the child with this one."""
        author = {"author": self.by["person"], "author_name": self.by["name"]}
        return {**alerts, str(self.alert_id): {**self.content, **author, "version": 1, "ended": False}}  # type: ignore[typeddict-item]

    def told(self) -> Particulars:
        """Of what kind, and for whom; the words are in the timeline, for who may read them."""
        return {"alert_kind": self.content["kind"], "audience": self.content["audience"]}


class AlertChanged(CoordEvent):
    """An alert says something else, is for others, or is to be looked at on another day."""

    TOPIC = "case.alert-changed.v1"
    HISTORY = in_the_history("Alert changed")
    alert_id: UUID
    """Which."""
    changes: AlertWords
    """What is otherwise now, as in `AlertRaised`."""
    before: AlertWords
    """The same as it was."""
    reason: str

    def apply(self, aggregate: Case) -> None:
        """As it is now."""
        aggregate.alerts = self.alerts_after(aggregate.alerts)

    def alerts_after(self, alerts: Mapping[str, Alert]) -> dict[str, Alert]:
        """The alerts of the child, this one as it is from now on."""
        present = alerts[str(self.alert_id)]
        return {**alerts, str(self.alert_id): {**present, **self.changes, "version": present["version"] + 1}}

    def told(self) -> Particulars:
        """For whom it is, and when it is to be looked at, if that is otherwise; and why."""
        facts = {"audience": "audience", "review_on": "review_date"}
        before, after = (
            {facts[name]: value or None for name, value in of.items() if name in facts}
            for of in (self.before, self.changes)
        )
        return {"before": before, "after": after, "reason": self.reason}


class AlertEnded(CoordEvent):
    """It is so no longer, or never was. It stays in the record."""

    TOPIC = "case.alert-ended.v1"
    HISTORY = in_the_history("Alert ended")
    alert_id: UUID
    """Which."""
    reason: str

    def apply(self, aggregate: Case) -> None:
        """It stands no longer."""
        aggregate.alerts = self.alerts_after(aggregate.alerts)

    def alerts_after(self, alerts: Mapping[str, Alert]) -> dict[str, Alert]:
        """The alerts of the child, this one as ended."""
        return {**alerts, str(self.alert_id): {**alerts[str(self.alert_id)], "ended": True}}

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


def in_order(alerts: Mapping[str, Alert]) -> dict[str, Alert]:
    """Those that stand: what can cost a life first, then as they were raised."""
    kinds = [kind.value for kind in AlertKind]
    standing = {id: alert for id, alert in alerts.items() if not alert["ended"]}
    return dict(sorted(standing.items(), key=lambda one: kinds.index(one[1]["kind"])))


def raise_alert(case: Case, *, at: datetime, actor: Actor, today: date, alert_id: UUID, content: AlertContent) -> None:
    """Raise an alert. Raises `InvalidInput`, and `Conflict` when the case is closed or very many stand already."""
    case.refuse_if_closed()
    check = Input()
    if str(alert_id) in case.alerts:
        check.problem("/id", "id-taken")
    said = _checked(check, case, content, today, since=today)
    check.refuse_if_any()
    if len(in_order(case.alerts)) >= MOST_STANDING:
        raise Conflict("alerts-full")
    case.trigger_event(AlertRaised, timestamp=at, by=actor.by(), alert_id=alert_id, content=said)


def change_alert(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    alert_id: UUID,
    expected_version: int,
    content: AlertContent,
    reason: str,
) -> None:
    """Let an alert say something else, saying why; also in a closed case, for it may say too much, or to too many.

    Raises `NotFound`, `Stale` when it was changed since ``expected_version``, `InvalidInput`, and `Conflict` when it
    was ended or says all of this already.
    """
    present = _standing(case, alert_id)
    if present["version"] != expected_version:
        raise Stale(present["version"], ["alert"])
    check = Input()
    due = date.fromisoformat(present["review_on"]) if present["review_on"] else None
    # A day that has passed may stay: who puts a word right need not have looked at all of it.
    earliest = today if due is None or content.review_on != due else due
    said = _checked(check, case, content, today, since=date.fromisoformat(present["since"]), earliest=earliest)
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    changes = {name: value for name, value in said.items() if value != present[name]}  # type: ignore[literal-required]
    if not changes:
        raise Conflict("nothing-changed")
    case.trigger_event(
        AlertChanged,
        timestamp=at,
        by=actor.by(),
        alert_id=alert_id,
        changes=changes,
        before={name: present[name] for name in changes},  # type: ignore[literal-required]
        reason=reason,
    )


def end_alert(
    case: Case, *, at: datetime, actor: Actor, alert_id: UUID, reason: str, expected_version: int | None = None
) -> None:
    """End an alert, saying why; also in a closed case. Raises `NotFound`, `InvalidInput`, `Conflict` when it was ended
    already, and `Stale` when it was changed since ``expected_version``: it may warn of something else by now."""
    present = _standing(case, alert_id)
    if expected_version is not None and present["version"] != expected_version:
        raise Stale(present["version"], ["alert"])
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(AlertEnded, timestamp=at, by=actor.by(), alert_id=alert_id, reason=reason)


def _standing(case: Case, alert_id: UUID) -> Alert:
    alert = case.alerts.get(str(alert_id))
    if alert is None:
        raise NotFound("no-such-alert")
    if alert["ended"]:
        raise Conflict("alert-ended")
    return alert


def _checked(
    check: Input, case: Case, content: AlertContent, today: date, *, since: date, earliest: date | None = None
) -> AlertWords:
    since = content.since or since
    if since > today:
        check.problem("/since", "in-the-future")
    elif since < case.born:
        check.problem("/since", "before-birth")
    if content.review_on is not None and content.review_on < (earliest or today):
        check.problem("/review_on", "in-the-past")
    return {
        "text": check.text("/text", content.text, limit=FEW_WORDS, lines=False),
        "what_to_do": check.text("/what_to_do", content.what_to_do, limit=REASON, required=False),
        "kind": check.choice("/kind", content.kind, [kind.value for kind in AlertKind]),
        "since": since.isoformat(),
        "review_on": content.review_on.isoformat() if content.review_on else "",
        "audience": check.choice("/audience", content.audience, FOR_WHOM),
    }
