"""Alerts: what everybody who is with a child must know before anything else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from coord.application.case.commands import ChangeAlert, EndAlert, RaiseAlert
from coord.application.case.questions import CaseAnswer, ReadCase
from coord.domain.errors import NotFound
from coord.web.api.operations import ApiBlueprint, actor, services
from coord.web.api.routes import sends

blueprint = ApiBlueprint("alerts", "Alerts: what everybody who is with a child must know before anything else.")
ALERTS = "/cases/<uuid:case>/alerts"
ALERT = f"{ALERTS}/<uuid:alert>"


sends(
    blueprint,
    "POST",
    ALERTS,
    RaiseAlert,
    status=201,
    makes="alert_id",
    example={
        "text": "Nut allergy",
        "kind": "health",
        "audience": "care-team-and-school",
        "what_to_do": "Adrenaline pen in the red bag. Then call 112, then the family.",
    },
    about="""Raise an alert

    Whoever reads the child reads it, with the child (`GET /cases/{case}`). The professionals alone read what is for
    `care-team`.
    """,
)


def _standing(case: UUID, alert: UUID) -> dict[str, Any]:
    found: CaseAnswer = services().doors.ask(actor(), ReadCase(case))
    now = next((one for one in found.alerts if one.id == alert), None)
    if now is None:
        raise NotFound("no-such-alert")
    words: dict[str, str | date | None] = {
        "text": now.text,
        "what_to_do": now.what_to_do,
        "kind": now.kind,
        "audience": now.audience,
        "since": now.since,
        "review_on": now.review_on,
    }
    return words


sends(
    blueprint,
    "PATCH",
    ALERT,
    ChangeAlert,
    standing=_standing,
    example={"review_on": "2027-01-15", "reason": "Looked at with the family: still so"},
    about="""Change an alert

    Only what is sent is changed; null for `review_on` takes that day away. What it said before stays in the record.
    """,
)


sends(
    blueprint,
    "POST",
    f"{ALERT}/ending",
    EndAlert,
    example={"reason": "The doctor says that he has outgrown it"},
    about="End an alert",
)
