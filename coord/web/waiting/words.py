"""One thing that waits as a line: what it is, what is to be done about whom, since when or until when, and where.

A kind that is added to `WaitingKind` has its word in `KINDS`, and in `_LINES` its sentence and its page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from coord.application.waiting.questions import Urgency, Waiting, WaitingAnswer, WaitingKind
from coord.web.labels import label
from coord.web.spelling import format_date, spelling
from coord.web.visit import the_services

ON_THE_FIRST_PAGE = 7
"""Lines there; the list has the others."""
LONG = 7
"""Days after which the first page tells that a note of one's own is not co-signed yet."""
KINDS: dict[WaitingKind, LazyString] = {
    WaitingKind.ALERT: _l("Alert to check"),
    WaitingKind.COSIGNATURE: _l("To co-sign"),
    WaitingKind.NOBODY_COSIGNS: _l("Nobody to co-sign"),
    WaitingKind.SESSION: _l("Not recorded yet"),
    WaitingKind.RECORDINGS: _l("Recordings disagree"),
    WaitingKind.PROPOSAL: _l("To confirm"),
    WaitingKind.PASSWORD: _l("To give"),
    WaitingKind.ACCOUNT: _l("Your account"),
    WaitingKind.SUMMARY: _l("Summary to renew"),
    WaitingKind.GOAL_REVIEW: _l("Goal to review"),
    WaitingKind.GOAL_AGREEMENT: _l("Goal to agree"),
    WaitingKind.COMPLAINT_FILE: _l("Complaint file"),
    WaitingKind.DRAFT: _l("Draft"),
    WaitingKind.DRAFT_LEFT: _l("Draft left over"),
}
_COLOURS = {
    Urgency.OVERDUE: "overdue",
    Urgency.SOON: "due",
}
"""Whose tag says that something is late or soon; any other has its kind's."""
_OF_KINDS = {
    WaitingKind.COSIGNATURE: "to-countersign",
    WaitingKind.NOBODY_COSIGNS: "to-countersign",
    WaitingKind.RECORDINGS: "overdue",
    WaitingKind.SUMMARY: "overdue",
    WaitingKind.DRAFT: "draft",
    WaitingKind.DRAFT_LEFT: "draft",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits, as it is read: a mark and its colour, what to do, words of it, when, and where to do it."""

    mark: str
    colour: str
    what: str
    quote: str
    when: str
    href: str


@dataclass(frozen=True, slots=True)
class ForOthers:
    """How many notes of one's own wait long for somebody else, and since when the oldest does."""

    count: int
    since: datetime


def lines(items: Sequence[Waiting], names: Mapping[UUID, str], teacher: bool = False) -> list[Line]:
    """Each as a line; ``names`` tell namesakes apart."""
    return [_line(one, names, teacher) for one in items]


def lines_for_others(items: Sequence[Waiting], names: Mapping[UUID, str]) -> list[Line]:
    """One's own notes that somebody else is to attest."""
    return [
        replace(
            _line(one, names, teacher=False),
            mark=_("Not co-signed yet"),
            colour="due",
            what=_("Your note about %(child)s", child=_child(one, names)),
        )
        for one in items
    ]


def waiting_on_the_first_page(
    answer: WaitingAnswer | None, names: Mapping[UUID, str], *, teacher: bool = False
) -> dict[str, object]:
    """What the first page takes for `waiting_section` of `_macros/waiting.html`."""
    if answer is None:
        return {"waiting": [], "waiting_in_all": 0, "waiting_for_others": None}
    return {
        "waiting": lines(answer.items, names, teacher),
        "waiting_in_all": answer.total,
        "waiting_for_others": _long_for_others(answer),
    }


def _long_for_others(answer: WaitingAnswer) -> ForOthers | None:
    """One's own notes that wait for others; nothing while none does for long."""
    now = the_services().clock()
    found = [one.since for one in answer.for_others if one.since and (now - one.since).days >= LONG]
    return ForOthers(len(found), min(found)) if found else None


def _line(one: Waiting, names: Mapping[UUID, str], teacher: bool) -> Line:
    what, href = _LINES[one.kind](one, _child(one, names), teacher)
    colour = _COLOURS.get(one.urgency) or _OF_KINDS.get(one.kind, "open")
    quote = one.text if one.kind in _QUOTED else ""
    return Line(str(KINDS[one.kind]), colour, what, quote, _when(one), href)


def _child(one: Waiting, names: Mapping[UUID, str]) -> str:
    return names.get(one.case_id, one.preferred_name) if one.case_id else ""


def _when(one: Waiting) -> str:
    """Until when, or since when, in words."""
    if one.kind is WaitingKind.SESSION and one.since:
        return format_date(one.since)
    if one.due is not None:
        return _by(one.due, one.urgency, stands=one.kind in _STAND_UNTIL)
    if one.kind is WaitingKind.SUMMARY:
        return str(_("what it rests on has changed"))
    if one.since is None:
        return ""
    at = spelling().minute(one.since)
    match one.kind:
        case WaitingKind.COSIGNATURE | WaitingKind.NOBODY_COSIGNS:
            return str(_("signed %(time)s", time=at))
        case WaitingKind.DRAFT | WaitingKind.DRAFT_LEFT:
            return str(_("saved %(time)s", time=at))
        case WaitingKind.GOAL_AGREEMENT:
            return str(_("proposed %(day)s", day=format_date(one.since)))
        case WaitingKind.ACCOUNT:
            return str(_("since %(day)s", day=format_date(one.since)))
    return format_date(one.since)


def _by(due: date, urgency: Urgency, *, stands: bool) -> str:
    day = format_date(due)
    if stands:
        return str(_("until %(day)s", day=day))
    if urgency is Urgency.OVERDUE:
        return str(_("was due on %(day)s", day=day))
    return str(_("due on %(day)s", day=day))


# ---- what to do, and where ---------------------------------------------------------------------------------------


def _note(one: Waiting, child: str, _teacher: bool) -> tuple[str, str]:
    what = _("%(author)s's note about %(child)s", author=one.person_name, child=child)
    return what, url_for("notes.show", case_id=one.case_id, note_id=one.id)


def _alert(one: Waiting, child: str, _teacher: bool) -> tuple[str, str]:
    return _("An alert of %(child)s", child=child), url_for("children.alert", case_id=one.case_id, alert_id=one.id)


def _session(one: Waiting, _child: str, _teacher: bool) -> tuple[str, str]:
    what = _("%(title)s, session %(number)s of %(of)s", title=one.text, number=one.number, of=one.detail)
    page = "group_sessions.run" if one.kind is WaitingKind.SESSION else "group_sessions.show"
    return what, url_for(page, course_id=one.id, number=one.number)


def _proposal(one: Waiting, _child: str, _teacher: bool) -> tuple[str, str]:
    change = label("account-change", one.detail)
    return _("A change of %(name)s's account: %(change)s", name=one.person_name, change=change), url_for(
        "proposals.index"
    )


def _password(one: Waiting, _child: str, _teacher: bool) -> tuple[str, str]:
    return _("The link to choose a password for %(name)s", name=one.person_name), url_for("proposals.index")


def _account(one: Waiting, _child: str, _teacher: bool) -> tuple[str, str]:
    count = one.number or 0
    what = ngettext("%(num)s change that somebody else made", "%(num)s changes that others made", count)
    return what, url_for("proposals.changes")


def _summary(one: Waiting, child: str, _teacher: bool) -> tuple[str, str]:
    return _("The school summary of %(child)s", child=child), url_for("summaries.edit", case_id=one.case_id)


def _goal(one: Waiting, child: str, _teacher: bool) -> tuple[str, str]:
    page = "goals.agree" if one.kind is WaitingKind.GOAL_AGREEMENT else "goals.show"
    return _("A goal of %(child)s", child=child), url_for(page, case_id=one.case_id, goal_id=one.id)


def _file(one: Waiting, child: str, _teacher: bool) -> tuple[str, str]:
    ready = _("The complaint file of %(child)s can be taken", child=child)
    failed = _("The complaint file of %(child)s could not be made", child=child)
    href = url_for("complaint_files.index", case_id=one.case_id, _anchor="files")
    return (failed if one.detail == "failed" else ready), href


def _draft(one: Waiting, child: str, teacher: bool) -> tuple[str, str]:
    if one.detail == "summary":
        what = _("Go on with the school summary of %(name)s", name=child)
        return what, url_for("summaries.edit", case_id=one.case_id)
    if one.note_id:
        correction = _("Go on with the correction of a note about %(name)s", name=child)
        addendum = _("Go on with the addendum to a note about %(name)s", name=child)
        page = url_for("after_signing.show", case_id=one.case_id, note_id=one.note_id, kind=one.detail)
        return (correction if one.detail == "amendment" else addendum), page
    if teacher:
        what = _("Go on with the observation about %(name)s", name=child)
    else:
        what = _("Go on with the note about %(name)s", name=child)
    return what, url_for("notes.draft", case_id=one.case_id, draft_id=one.id)


def _draft_left(one: Waiting, _child: str, _teacher: bool) -> tuple[str, str]:
    what = _("Never signed, about a child whose care team you have left")
    return what, url_for("notes.draft", case_id=one.case_id, draft_id=one.id)


_LINES: dict[WaitingKind, Callable[[Waiting, str, bool], tuple[str, str]]] = {
    WaitingKind.ALERT: _alert,
    WaitingKind.COSIGNATURE: _note,
    WaitingKind.NOBODY_COSIGNS: _note,
    WaitingKind.SESSION: _session,
    WaitingKind.RECORDINGS: _session,
    WaitingKind.PROPOSAL: _proposal,
    WaitingKind.PASSWORD: _password,
    WaitingKind.ACCOUNT: _account,
    WaitingKind.SUMMARY: _summary,
    WaitingKind.GOAL_REVIEW: _goal,
    WaitingKind.GOAL_AGREEMENT: _goal,
    WaitingKind.COMPLAINT_FILE: _file,
    WaitingKind.DRAFT: _draft,
    WaitingKind.DRAFT_LEFT: _draft_left,
}
_QUOTED = (WaitingKind.ALERT, WaitingKind.GOAL_REVIEW, WaitingKind.GOAL_AGREEMENT, WaitingKind.DRAFT)
_STAND_UNTIL = (WaitingKind.PROPOSAL, WaitingKind.PASSWORD, WaitingKind.COMPLAINT_FILE)
"""What is over, or gone, after its day; anything else is late then."""
