"""The shapes of a caseload: my children, my drafts, and what waits for whom."""

from __future__ import annotations

from marshmallow import fields

from coord.web.api.fields import Day, Flag, Strict, choice, id_, time_, whole, words
from coord.web.api.schemas import DISCIPLINES, RELATIONS, Placed
from coord.web.api.summary_schemas import SUMMARY_STATUSES


class CaseRow(Strict):
    """One of my children."""

    id = id_(required=True)
    preferred_name = words(required=True)
    full_name = words("Not for teachers")
    birth_date = Day(metadata={"description": "Not for teachers"})
    school = words(required=True)
    school_class = words(required=True)
    team = words(required=True)
    status = choice("open", "closed", required=True)
    relation = choice(*RELATIONS, required=True, null=True)
    new = whole("Entries by others since your last visit (100: or more)")
    latest = time_(required=True, null=True)
    last_visit = time_(required=True, null=True)
    summary_status = choice(*SUMMARY_STATUSES, required=True)
    summary_version = whole()
    summary_review_date = Day(required=True, allow_none=True)
    summary_out_of_date = Flag(required=True)


class DraftRow(Strict):
    """One of my drafts."""

    id = id_(required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    kind = choice("note", "summary", "addendum", "amendment", required=True)
    note = id_("What an addendum or amendment is about", required=True, null=True)
    updated_at = time_(required=True)


class DraftLeft(Strict):
    """A draft of mine about a child whom I know no more: I can read it once more, and discard it."""

    id = id_(required=True)
    case = id_(required=True)
    kind = choice("note", "summary", "addendum", "amendment", required=True)
    updated_at = time_(required=True)


class AwaitingRow(Strict):
    """A note that waits for a co-signature."""

    note = id_(required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    author = id_(required=True)
    author_name = words(required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True)
    signed_at = time_(required=True)
    entrusted_to = id_("Who may co-sign it though of another discipline", required=True, null=True)


class CaseloadAnswer(Placed):
    """My children, my drafts, what I may co-sign, and what of mine waits for others."""

    items = fields.List(fields.Nested(CaseRow), required=True)
    drafts = fields.List(fields.Nested(DraftRow), required=True)
    awaiting = fields.List(fields.Nested(AwaitingRow), required=True)
    mine_awaiting = fields.List(fields.Nested(AwaitingRow), required=True)
    drafts_left = fields.List(fields.Nested(DraftLeft), required=True)
    nobody_cosigns = fields.List(
        fields.Nested(AwaitingRow),
        required=True,
        metadata={"description": "For the team lead: nobody on the care team can co-sign them"},
    )
