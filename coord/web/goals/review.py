"""The sheet for a review meeting: to read from, to print, and to write on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, make_response
from flask_babel import get_locale
from flask_babel import gettext as _

from coord.application.case.questions import ReadCase
from coord.application.goals.questions import GoalsAnswer, ReadGoals
from coord.domain.actors import Actor
from coord.domain.errors import NotPermitted
from coord.web.accessible_pdf import accessible_pdf
from coord.web.goals.review_sheet import ReviewSheet, review_sheet
from coord.web.kit.child import around, page
from coord.web.labels import label
from coord.web.reading_ease import Language, language_of
from coord.web.spelling import format_datetime
from coord.web.visit import here

pages = Blueprint("goal_review", __name__)


@pages.get("/children/<uuid:case_id>/goals/review")
def show(case_id: UUID) -> Response:
    """The goals as they stand today, with room for what is decided; it prints well."""
    services, actor = here()
    answer = _goals(actor, case_id)
    sheet = _sheet(answer, services.clock())
    return page(
        "goals/review.html",
        **around(answer),
        sheet=sheet,
        headings=headings(),
        text_language=_written_in(sheet),
    )


@pages.get("/children/<uuid:case_id>/goals/review.pdf")
def pdf(case_id: UUID) -> Response:
    """The same as an accessible file that says who took it away and when; its leaving is recorded."""
    services, actor = here()
    answer = _goals(actor, case_id, export="pdf")
    at = services.clock()
    sheet = _sheet(answer, at)
    response = make_response(review_pdf(sheet, actor, at))
    response.content_type = "application/pdf"
    # No name in it: it would be read by whoever looks into the folder of downloads.
    name = _("review-sheet") + f"-{at.astimezone(services.settings.zone).date().isoformat()}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _goals(actor: Actor, case_id: UUID, export: str = "") -> GoalsAnswer:
    services, _actor = here()
    if not actor.sight.clinical:
        services.doors.ask(actor, ReadCase(case_id))  # others' children are not found
        raise NotPermitted
    return cast(GoalsAnswer, services.doors.ask(actor, ReadGoals(case_id, ended_strategies=True, export=export)))


def _sheet(answer: GoalsAnswer, at: datetime) -> ReviewSheet:
    services, _actor = here()
    return review_sheet(answer, at.astimezone(services.settings.zone).date())


def headings() -> dict[str, Any]:
    """What the parts of the sheet are called, on the page and in the file."""
    return {
        "kind": _("Review meeting"),
        "present_heading": _("Present, and apologies"),
        "level_headings": [_("Level"), _("Meaning"), _("What one sees"), _("Mark")],
        "no_scale": _("This goal has no scale of levels."),
        "latest_heading": _("Latest in each context"),
        "row_heading": _("Where it is shown"),
        "no_goals": _("There is no goal that you may read."),
        "score_heading": _("T-score beside the levels"),
        "score_headings": [_("Goal"), _("Weight"), _("Level"), _("Where, when, by whom"), _("Baseline")],
        "strategies_heading": _("What was tried, and what came of it"),
        "strategy_headings": [_("Where"), _("Strategy"), _("What came of it")],
        "no_strategies": _("Nothing has been offered yet."),
        "decisions_heading": _("Decisions"),
        "decisions_hint": _("What, who does it, by when; and who sees it otherwise."),
    }


def review_pdf(sheet: ReviewSheet, actor: Actor, at: datetime) -> bytes:
    """The file, in the reader's language."""
    locale = get_locale()
    language: Language = "it" if locale is not None and locale.language == "it" else "en"
    who = f"{actor.name}, {label('role', actor.role.value)}"
    when = format_datetime(at, "d MMMM y, HH:mm")
    content = asdict(sheet)
    for goal in content["goals"]:
        goal["id"] = str(goal["id"])
        for level in goal["levels"]:
            level["mark"] = mark(now=level["now"], baseline=level["baseline"])
    return accessible_pdf(
        "review-sheet.typ",
        {
            **content,
            **headings(),
            "language": language,
            "text_language": _written_in(sheet),
            "title": _("Review meeting: %(name)s, %(day)s", name=sheet.preferred_name, day=sheet.day),
            "heading": sheet.preferred_name,
            "notes": [_("The goals stand as they were known to Coord when this was taken out.")],
            "footer": _("Downloaded by %(who)s, %(when)s. For the care team; not for the school.", who=who, when=when),
        },
        missing=_("A character that cannot be printed is shown as a box. The page in Coord has it."),
        at=at,
    )


def mark(*, now: str, baseline: bool) -> str:
    """What stands beside a level: in which places the child is there now, and whether it was there at the beginning."""
    words = ([_("now %(where)s", where=now)] if now else []) + ([_("baseline")] if baseline else [])
    return ", ".join(words)


def _written_in(sheet: ReviewSheet) -> Language:
    """What the goals are written in, for voices that read them aloud."""
    locale = get_locale()
    ours: Language = "it" if locale is not None and locale.language == "it" else "en"
    written = [g.statement for g in sheet.goals] + [s.text for s in sheet.strategies]
    return language_of(" ".join(written), ours)
