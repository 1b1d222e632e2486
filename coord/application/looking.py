"""What a look was for, and which data of a child it showed: the codes that the access log keeps with each.

An access record says who, whose, when, *for which purpose* and *which categories of data*. Both are found here for
every question, so that no handler can forget them; what depends on the answer is added by its handler.
"""

from __future__ import annotations

from enum import StrEnum

from coord.domain.actors import Actor, Relationship, Role
from coord.domain.permissions import is_operator


class Purpose(StrEnum):
    """What somebody looked for."""

    CARE = "care"
    SCHOOL = "school"
    REVIEW = "team-lead-review"
    EXPORT = "export"
    SERVICE = "service"
    ACCOUNT = "account"
    OPERATOR = "operator"


class Category(StrEnum):
    """Which data of a child were shown. A name alone is `IDENTITY`."""

    IDENTITY = "identity"
    CARE_TEAM = "care-team"
    NOTES = "notes"
    DRAFTS = "drafts"
    GOALS = "goals"
    MEASURES = "measures"
    STRATEGIES = "strategies"
    SUMMARY = "summary"
    GROUPS = "groups"
    HISTORY = "history"
    RECORD = "record"


_C = Category
SHOWS: dict[str, frozenset[Category]] = {
    name: frozenset(categories)
    for name, categories in (
        ("ReadCase", (_C.IDENTITY, _C.CARE_TEAM)),
        ("ReadTimeline", (_C.IDENTITY, _C.CARE_TEAM)),
        ("ReadTimelineAs", (_C.IDENTITY, _C.CARE_TEAM)),
        ("ReadNote", (_C.IDENTITY,)),
        ("ReadNoteReaders", (_C.HISTORY,)),
        ("ReadDraft", (_C.IDENTITY, _C.DRAFTS)),
        ("ReadSummary", (_C.IDENTITY, _C.SUMMARY)),
        ("ReadSummarySources", (_C.IDENTITY, _C.SUMMARY, _C.NOTES, _C.GOALS, _C.STRATEGIES)),
        ("ReadHistory", (_C.IDENTITY, _C.HISTORY)),
        ("ExportCase", (_C.RECORD,)),
        ("ReadGoals", (_C.IDENTITY, _C.GOALS, _C.STRATEGIES)),
        ("ReadGoal", (_C.IDENTITY, _C.GOALS, _C.STRATEGIES)),
        ("ReadMeasures", (_C.IDENTITY, _C.MEASURES)),
        ("ReadLeftBehind", (_C.IDENTITY,)),
        ("ReadCircle", (_C.IDENTITY, _C.CARE_TEAM)),
        ("ReadCosigners", (_C.IDENTITY, _C.CARE_TEAM)),
        ("ReadGroups", (_C.IDENTITY, _C.GROUPS, _C.GOALS)),
        # Of the children that an answer about something else shows, what their handlers say.
        *((name, ()) for name in ("ReadCaseload", "ReadAudit", "ReadRoster", "ReadSession", "ReadFit")),
        *((name, ()) for name in ("ReadCourses", "ReadCourse", "ReadMySessions")),
        *((name, ()) for name in ("ReadMe", "ReadPeople", "ReadAccounts", "ReadProposals", "ReadAccountChanges")),
        ("ReadLeftBehindBy", ()),
        *((name, ()) for name in ("SearchActivities", "ReadActivity", "ReadPolicies")),
    )
}
"""What an answer to each question shows of the child that it is about. A question without a row cannot be asked."""

OF_THE_TIMELINE: dict[str, Category] = {
    "note": _C.NOTES,
    "summary": _C.SUMMARY,
    "team": _C.CARE_TEAM,
    "case": _C.IDENTITY,
    "goal": _C.GOALS,
    "strategy": _C.STRATEGIES,
    "measure": _C.MEASURES,
    "group": _C.GROUPS,
    "message": _C.GROUPS,
}
"""What an entry of the timeline tells, by its kind."""

LISTS = ("ReadCaseload", "ReadAudit")
"""Questions whose answers name many children: one look at the list, and one at each child in it."""

_OF_THE_SERVICE = frozenset(
    {"ReadCourses", "ReadCourse", "ReadMySessions", "SearchActivities", "ReadActivity", "ReadPolicies", "ReadPeople"}
)
_OF_ACCOUNTS = frozenset({"ReadMe", "ReadAccounts", "ReadProposals", "ReadAccountChanges", "ReadLeftBehindBy"})
_REVIEWS = frozenset({"ReadHistory", "ReadAudit", "ReadTimelineAs"})


def purpose_of(name: str, actor: Actor, relation: Relationship, *, export: bool = False) -> Purpose:
    """What a look is for: by the question, by whether a file leaves, and by who asks as what to the child (or course).

    A lead who looks as lead, and not as one of those who work with the child, reviews.
    """
    if is_operator(actor):
        return Purpose.OPERATOR
    if name in _OF_ACCOUNTS:
        return Purpose.ACCOUNT
    if export or name == "ExportCase":
        return Purpose.EXPORT
    if name in _REVIEWS:
        return Purpose.REVIEW
    if name in _OF_THE_SERVICE:
        return Purpose.SERVICE
    if actor.role is Role.TEACHER:
        return Purpose.SCHOOL
    if actor.role is Role.TEAM_LEAD and not (relation.on_care_team or relation.on_staff):
        return Purpose.REVIEW
    return Purpose.CARE
