"""What team leads come for: who changed what, who saw what, and the record as somebody could see it on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from coord.application.history.questions import HistoryAnswer, HistoryFilter, ReadAudit, ReadHistory
from coord.application.timeline.questions import ReadTimelineAs
from coord.application.timeline.questions import TimelineAnswer as Timeline
from coord.domain.errors import FieldProblem, InvalidInput
from coord.patience import SERVING, answer_within
from coord.web.history.files import MEDIA_TYPES, as_file
from coord.web.history.words import kinds, rows, who
from coord.web.kit.child import around
from coord.web.kit.field import Field, Kind, among
from coord.web.kit.form import Form, declared
from coord.web.kit.listed import answered, asked, moment, next_page, period
from coord.web.kit.namesakes import names_of
from coord.web.visit import here, require_proof

pages = Blueprint("audit", __name__)

ROWS = 50
ROWS_AT_A_TIME = 5_000
MOST_ROWS_IN_A_FILE = 50_000
"""Of the history, in one exported file; the page says so, and a last row of the file if there was more."""


def _kind(text: str) -> str:
    return among({value for _heading, group in kinds(of_a_child=False) for value, _words in group})(text)


FILTERS = declared(
    "history-filters",
    Field("child", Kind.CHOICE, _l("Child"), optional=True, first=_l("All children"), becomes=UUID),
    Field("person", Kind.CHOICE, _l("Person"), optional=True, first=_l("Everybody"), becomes=UUID),
    Field("kind", Kind.CHOICE, _l("What"), optional=True, becomes=_kind, look={"grouped": True}),
    Field("from", Kind.DAY, _l("From (first day)"), called=_l("From"), optional=True),
    Field("to", Kind.DAY, _l("To (last day)"), called=_l("To"), optional=True),
)
_OF_DAY = _l("Leave it empty for the end of the day.")
AS_KNOWN = declared(
    "history-as-known",
    Field(
        "reader",
        Kind.CHOICE,
        _l("With whose eyes"),
        optional=True,
        first=_l("Choose a person"),
        becomes=UUID,
        says={"unknown-choice": _l("Choose a person from the list")},
    ),
    Field(
        "date",
        Kind.DAY,
        _l("On which day"),
        _l("Left empty, it means now"),
        optional=True,
        says={"missing": _l("Enter a real date, like 27 3 2026")},
    ),
    Field("time", Kind.TIME, _l("At what time, on the clinic's clock"), _OF_DAY, optional=True, width=10),
    Field("second", Kind.HIDDEN),
)


# ---- the history -------------------------------------------------------------------------------------------------

Asks = Callable[..., ReadHistory | ReadAudit]
"""Makes the question, of the filter, the place in the list, and how much of it."""


@pages.get("/children/<uuid:case_id>/history")
def child(case_id: UUID) -> Response:
    """Everything that was changed in, and seen of, one child's record; and who saw it, on one screen."""
    return _history_page("history/child.html", partial(ReadHistory, case_id), case_id)


@pages.get("/audit")
def team() -> Response:
    """The same for the children and people of the team lead's service team."""
    return _history_page("history/team.html", partial(ReadAudit, choices=True))


@pages.get("/children/<uuid:case_id>/history.<any(csv, jsonl):form>")
def child_file(case_id: UUID, form: str) -> Response:
    """One child's history as a file, as filtered; its leaving is recorded."""
    return _file(form, partial(ReadHistory, case_id))


@pages.get("/audit.<any(csv, jsonl):form>")
def team_file(form: str) -> Response:
    """The service team's history as a file."""
    return _file(form, ReadAudit)


def _wanted(values: Mapping[str, Any]) -> HistoryFilter:
    return HistoryFilter(values["person"], values["child"], values["kind"] or "", *period(values))


def _history_page(template: str, asks: Asks, case_id: UUID | None = None) -> Response:
    (services, actor), form, cursor = here(), FILTERS.asked(), request.args.get("cursor", "")
    question, found = answered(form, lambda values: asks(_wanted(values), cursor, ROWS, grouped=True))
    wanted = question.filter if question else HistoryFilter()
    answer: HistoryAnswer = found or services.doors.ask(actor, asks(HistoryFilter(), limit=1))
    children = {str(case_id): name for case_id, name in names_of(answer.children).items()}
    items, seen_by, opened = (
        [{**row, "preferred_name": children.get(str(row["case_id"]), row["preferred_name"])} for row in found]
        for found in (answer.items, answer.seen_by, answer.opened)
    )
    people = {str(p["person_id"]): p["name"] for p in answer.people}
    for row in (*answer.items, *answer.seen_by, *answer.opened):  # of somebody from elsewhere who saw this team's child
        person = row.get("person", row.get("person_id"))
        if person is not None and str(person) == form.typed["person"]:
            people.setdefault(str(person), row["person_name"])
    if wanted.person is not None:
        people.setdefault(str(wanted.person), _("somebody else"))
    for name, known in (("child", children), ("person", people)):
        form.offer(name, ({"value": value, "text": text} for value, text in known.items()))
    form.offer(
        "kind",
        (
            {"value": value, "text": text, "group": heading}
            for heading, group in kinds(of_a_child=case_id is not None)
            for value, text in group
        ),
    )
    today = services.clock().astimezone(services.settings.zone).date()
    place: dict[str, Any] = {"case_id": case_id} if case_id else {}
    end = "audit.child" if case_id else "audit.team"
    page = render_template(
        template,
        case_id=case_id,
        preferred_name=children.get(str(case_id or wanted.case), ""),
        person_name=people.get(form.typed["person"], ""),
        role=actor.role.value,
        form=form,
        wanted=wanted,
        paging=bool(cursor),
        rows=rows(items, people | children) if found else [],
        who=who,
        seen_by=seen_by,
        opened=opened,
        times=_times,
        in_lists=_in_lists,
        link=lambda **changes: url_for(end, **place, **_changed(form, changes)),
        file_link=lambda kind: url_for(f"{end}_file", **place, **asked(form), form=kind),
        older=next_page(form, found, end, **place),
        periods=[
            (_("last 7 days"), (today - timedelta(days=7)).isoformat()),
            (_("last 30 days"), (today - timedelta(days=30)).isoformat()),
            (_("this year"), today.replace(month=1, day=1).isoformat()),
            (_("from the beginning"), ""),
        ],
        most_rows=MOST_ROWS_IN_A_FILE,
        shown=answer.shown,
    )
    return make_response(page, form.status)


def _changed(form: Form, changes: Mapping[str, str]) -> dict[str, Any]:
    """The filters with others in their place."""
    return {name: value for name, value in {**form.typed, **changes}.items() if value}


def _file(kind: str, asks: Asks) -> Response:
    require_proof()  # it leaves: not by whoever finds a screen open
    (services, actor), form, cursor = here(), FILTERS.asked(), request.args.get("cursor", "")
    # The first page is asked for before anything is sent: a refusal is a page then, and not half a file.
    question, first = answered(form, lambda values: asks(_wanted(values), cursor, ROWS_AT_A_TIME, kind))
    if first is None:  # an address typed by hand: the page says what is wrong with it
        return _asked_wrongly(form)

    def all_pages() -> Iterator[Any]:
        answer: HistoryAnswer = first
        while True:
            yield answer.items
            if not answer.next:
                return
            answer_within(SERVING)  # each page anew: the file may be long
            answer = services.doors.ask(actor, replace(question, cursor=answer.next))

    today = services.clock().astimezone(services.settings.zone).date()
    response = Response(
        stream_with_context(as_file(kind, all_pages(), MOST_ROWS_IN_A_FILE, zone=services.settings.zone)),
        content_type=MEDIA_TYPES[kind],
    )
    response.headers["Content-Disposition"] = f'attachment; filename="coord-history-{today.isoformat()}.{kind}"'
    return response


def _asked_wrongly(form: Form) -> Response:
    page = render_template(
        "errors/error.html",
        title=_("There is a problem"),
        message=" ".join(error["text"] for error in form.errors),
        what_next=_("Go back to the history, correct the filter and take the file from there."),
    )
    return make_response(page, 422)


def _times(count: int) -> str:
    return str(ngettext("once", "%(num)s times", count))


def _in_lists(count: int) -> str:
    return str(ngettext("the name in a list, once", "the name in a list, %(num)s times", count))


# ---- as somebody could see it ------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/history/as-known")
def as_reader(case_id: UUID) -> Response:
    """The child's timeline as a chosen reader could see it at a time; and the form that asks for it."""
    (services, actor), form = here(), AS_KNOWN.asked()
    second, when = form.typed["second"] == "yes", None

    def means(values: Mapping[str, Any]) -> ReadTimelineAs:
        nonlocal when
        if values["reader"] is None and "reader" in request.args:
            raise InvalidInput([FieldProblem("/reader", "no-such-person")])
        when = moment(values, "date", "time", second=second)
        as_of = when.chosen(second=second) if when else None
        return ReadTimelineAs(case_id, values["reader"], as_of, cursor=request.args.get("cursor", ""))

    question, found = answered(form, means)
    answer: Timeline = found or services.doors.ask(actor, ReadTimelineAs(case_id, None))
    form.offer("reader", ({"value": str(p["person_id"]), "text": p["name"]} for p in answer.readers))
    page = render_template(
        "history/as_reader.html",
        **around(answer),
        form=form,
        moment_asked=question.as_of if question else None,
        twice=when is not None and when.second is not None,
        answer=answer,
        reader=answer.reader,
        reader_words=who(answer.reader["role"], answer.reader["discipline"]) if answer.reader else "",
        older=next_page(form, found, "audit.as_reader", case_id=case_id),
    )
    return make_response(page, form.status)
