"""What team leads come for: who changed what, who saw what, and the record as somebody could see it on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext

from coord.application.history.questions import HistoryAnswer, HistoryFilter, ReadAudit, ReadHistory
from coord.application.services import Services
from coord.application.timeline.questions import ReadTimelineAs
from coord.application.timeline.questions import TimelineAnswer as Timeline
from coord.domain.actors import Actor
from coord.domain.errors import FieldProblem
from coord.patience import SERVING, answer_within
from coord.web.history.files import MEDIA_TYPES, as_file
from coord.web.history.words import kinds, rows, who
from coord.web.kit.namesakes import names_of
from coord.web.local_time import NotADate, NotATime, Readings, SkippedTime, read_day, read_time, readings
from coord.web.messages import field_message
from coord.web.visit import require_actor

pages = Blueprint("audit", __name__)

ROWS = 50
ROWS_AT_A_TIME = 5_000
MOST_ROWS_IN_A_FILE = 50_000
"""Of the history, in one exported file; the page says so, and a last row of the file if there was more."""
_GENERAL = frozenset({"", "changes", "accesses", "refused", "failed"})


# ---- the history -------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/history")
def child(case_id: UUID) -> Response:
    """Everything that was changed in, and seen of, one child's record; and who saw it, on one screen."""
    services, actor, asked = _services(), require_actor(), _asked()
    answer: HistoryAnswer = services.doors.ask(
        actor,
        ReadHistory(case_id, asked.wanted, asked.cursor, ROWS if not asked.problems else 1, grouped=not asked.problems),
    )
    return _history_page("history/child.html", asked, answer, actor, case_id=case_id)


@pages.get("/audit")
def team() -> Response:
    """The same for the children and people of the team lead's service team."""
    services, actor, asked = _services(), require_actor(), _asked()
    answer: HistoryAnswer = services.doors.ask(
        actor,
        ReadAudit(
            asked.wanted, asked.cursor, ROWS if not asked.problems else 1, grouped=not asked.problems, choices=True
        ),
    )
    return _history_page("history/team.html", asked, answer, actor)


@pages.get("/children/<uuid:case_id>/history.<any(csv, jsonl):form>")
def child_file(case_id: UUID, form: str) -> Response:
    """One child's history as a file, as filtered; its leaving is recorded."""
    asked = _asked()
    return _file(form, asked, lambda cursor: ReadHistory(case_id, asked.wanted, cursor, ROWS_AT_A_TIME, form))


@pages.get("/audit.<any(csv, jsonl):form>")
def team_file(form: str) -> Response:
    """The service team's history as a file."""
    asked = _asked()
    return _file(form, asked, lambda cursor: ReadAudit(asked.wanted, cursor, ROWS_AT_A_TIME, form))


def _history_page(
    template: str, asked: _Asked, answer: HistoryAnswer, actor: Actor, case_id: UUID | None = None
) -> Response:
    children = {str(case_id): name for case_id, name in names_of(answer.children).items()}
    items, seen_by, opened = (
        [{**row, "preferred_name": children.get(str(row["case_id"]), row["preferred_name"])} for row in found]
        for found in (answer.items, answer.seen_by, answer.opened)
    )
    people = {str(p["person_id"]): p["name"] for p in answer.people}
    for row in (*answer.items, *answer.seen_by, *answer.opened):  # of somebody from elsewhere who saw this team's child
        person = row.get("person", row.get("person_id"))
        if person is not None and str(person) == asked.typed["person"]:
            people.setdefault(str(person), row["person_name"])
    if asked.wanted.person is not None:
        people.setdefault(str(asked.wanted.person), _("somebody else"))
    today = _services().clock().astimezone(_services().settings.zone).date()
    page = render_template(
        template,
        case_id=case_id,
        preferred_name=children.get(str(case_id or asked.wanted.case), ""),
        person_name=people.get(asked.typed["person"], ""),
        actor_role=actor.role.value,
        asked=asked,
        **_in_words(asked.problems),
        rows=rows(items, people | children) if not asked.problems else [],
        who=who,
        seen_by=seen_by,
        opened=opened,
        times=_times,
        in_lists=_in_lists,
        people=people,
        children=children,
        kind_groups=kinds(of_a_child=case_id is not None),
        link=lambda **changes: _link(case_id, asked, changes),
        file_link=lambda form: _link(case_id, asked, {"cursor": ""}, form),
        older=_link(case_id, asked, {"cursor": answer.next}) if answer.next and not asked.problems else None,
        periods=[
            (_("last 7 days"), (today - timedelta(days=7)).isoformat()),
            (_("last 30 days"), (today - timedelta(days=30)).isoformat()),
            (_("this year"), today.replace(month=1, day=1).isoformat()),
            (_("from the beginning"), ""),
        ],
        most_rows=MOST_ROWS_IN_A_FILE,
        shown=answer.shown,
    )
    return make_response(page, 422 if asked.problems else 200)


def _file(form: str, asked: _Asked, question: Any) -> Response:
    services, actor = _services(), require_actor()
    if asked.problems:  # an address typed by hand: the page says what is wrong with it
        return _asked_wrongly(asked)
    # The first page is asked for before anything is sent: a refusal is a page then, and not half a file.
    first: HistoryAnswer = services.doors.ask(actor, question(asked.cursor))

    def all_pages() -> Iterator[Any]:
        answer = first
        while True:
            yield answer.items
            if not answer.next:
                return
            answer_within(SERVING)  # each page anew: the file may be long
            answer = services.doors.ask(actor, question(answer.next))

    today = services.clock().astimezone(services.settings.zone).date()
    response = Response(
        stream_with_context(as_file(form, all_pages(), MOST_ROWS_IN_A_FILE, zone=services.settings.zone)),
        content_type=MEDIA_TYPES[form],
    )
    response.headers["Content-Disposition"] = f'attachment; filename="coord-history-{today.isoformat()}.{form}"'
    return response


def _asked_wrongly(asked: _Asked) -> Response:
    page = render_template(
        "errors/error.html",
        title=_("There is a problem"),
        message=" ".join(field_message(p) for p in asked.problems),
        what_next=_("Go back to the history, correct the filter and take the file from there."),
    )
    return make_response(page, 422)


# ---- what was asked for ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """What the address asks for: as typed, as understood, and what is wrong with it."""

    typed: dict[str, str]
    cursor: str
    wanted: HistoryFilter = field(default_factory=HistoryFilter)
    first: date | None = None
    last: date | None = None
    problems: list[FieldProblem] = field(default_factory=list)


def _asked() -> _Asked:
    typed = {name: request.args.get(name, "").strip() for name in ("person", "child", "kind", "from", "to")}
    asked = _Asked(typed, request.args.get("cursor", ""))
    person, case = _identifier(asked, "person"), _identifier(asked, "child")
    known = {value for _heading, group in kinds(of_a_child=False) for value, _words in group}
    if typed["kind"] not in known | _GENERAL:
        asked.problems.append(FieldProblem("/kind", "unknown-choice"))
    asked.first, asked.last = _day(asked, "from"), _day(asked, "to")
    if asked.first and asked.last and asked.last < asked.first:
        asked.problems.append(FieldProblem("/to", "before-the-start"))
    asked.wanted = HistoryFilter(
        person=person,
        case=case,
        kind="" if any(p.pointer == "/kind" for p in asked.problems) else typed["kind"],
        start=_midnight(asked.first) if asked.first else None,
        end=_midnight(asked.last + timedelta(days=1)) if asked.last else None,
    )
    return asked


def _identifier(asked: _Asked, name: str) -> UUID | None:
    if not asked.typed[name]:
        return None
    try:
        return UUID(asked.typed[name])
    except ValueError:
        asked.problems.append(FieldProblem(f"/{name}", "unknown-choice"))
        return None


def _day(asked: _Asked, name: str) -> date | None:
    if not asked.typed[name]:
        return None
    try:
        day = read_day(asked.typed[name])
        if not 1900 <= day.year <= 2999:
            raise NotADate
    except NotADate:
        asked.problems.append(FieldProblem(f"/{name}", "not-a-date"))
        return None
    return day


def _midnight(day: date) -> datetime:
    """When the day begins in the clinic; where clocks skip midnight, when they go on."""
    return datetime.combine(day, time.min, _services().settings.zone).astimezone(UTC)


def _link(case_id: UUID | None, asked: _Asked, changes: Mapping[str, str], form: str = "") -> str:
    """The address of the same history with other filters; without a place in it, unless one is given."""
    given = {**asked.typed, **changes}
    kept = {name: value for name, value in given.items() if value}
    end = ("audit.child" if case_id else "audit.team") + ("_file" if form else "")
    values: dict[str, Any] = {**kept, **({"case_id": case_id} if case_id else {}), **({"form": form} if form else {})}
    return url_for(end, **values)


# ---- as somebody could see it ------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/history/as-known")
def as_reader(case_id: UUID) -> Response:
    """The child's timeline as a chosen reader could see it at a time; and the form that asks for it."""
    services, actor = _services(), require_actor()
    typed = {name: request.args.get(name, "").strip() for name in ("reader", "date", "time", "second")}
    problems: list[FieldProblem] = []
    reader: UUID | None = None
    try:
        reader = UUID(typed["reader"]) if typed["reader"] else None
    except ValueError:
        problems.append(FieldProblem("/reader", "no-such-person"))
    if "reader" in request.args and not typed["reader"]:
        problems.append(FieldProblem("/reader", "no-such-person"))
    moment, twice, skipped = _moment(typed, problems)
    question = ReadTimelineAs(
        case_id, None if problems else reader, moment, cursor="" if problems else request.args.get("cursor", "")
    )
    answer: Timeline = services.doors.ask(actor, question)
    words = _in_words(problems)
    if skipped is not None:
        words["problems"]["time"] = skipped
        words["error_list"] = [e | ({"text": skipped} if e["href"] == "#time" else {}) for e in words["error_list"]]
    place: dict[str, Any] = {**{k: v for k, v in typed.items() if v}, "cursor": answer.next}
    page = render_template(
        "history/as_reader.html",
        case_id=case_id,
        preferred_name=answer.preferred_name,
        actor_role=actor.role.value,
        typed=typed,
        **words,
        moment_asked=moment,
        twice=twice,
        answer=answer,
        reader=answer.reader,
        reader_words=who(answer.reader["role"], answer.reader["discipline"]) if answer.reader else "",
        older=url_for("audit.as_reader", case_id=case_id, **place) if answer.next else None,
        shown=answer.shown,
    )
    return make_response(page, 422 if problems else 200)


def _moment(typed: Mapping[str, str], problems: list[FieldProblem]) -> tuple[datetime | None, bool, str | None]:
    """The time asked for (None: now), whether the clock showed it twice, and why it never was, if it was not."""
    services = _services()
    zone, now = services.settings.zone, services.clock()
    if not typed["date"] and not typed["time"]:
        return None, False, None
    try:
        day = read_day(typed["date"])
    except NotADate:
        problems.append(FieldProblem("/date", "not-a-date"))
        return None, False, None
    if not typed["time"]:
        if day > now.astimezone(zone).date():
            problems.append(FieldProblem("/date", "in-the-future"))
            return None, False, None
        return min(_midnight(day + timedelta(days=1)) - timedelta(microseconds=1), now), False, None
    try:
        found: Readings = readings(day, read_time(typed["time"]), zone)
    except NotATime:
        problems.append(FieldProblem("/time", "not-a-time"))
        return None, False, None
    except NotADate:
        problems.append(FieldProblem("/date", "not-a-date"))
        return None, False, None
    except SkippedTime as gap:
        problems.append(FieldProblem("/time", "not-a-time"))
        words = _(
            "On this day the clocks went forward from %(before)s to %(after)s, so this time never was",
            before=f"{gap.before:%H:%M}",
            after=f"{gap.after:%H:%M}",
        )
        return None, False, str(words)
    chosen = found.chosen(second=typed["second"] == "yes")
    if chosen > now:
        problems.append(FieldProblem("/date", "in-the-future"))
        return None, False, None
    return chosen, found.second is not None, None


# ---- shared ------------------------------------------------------------------------------------------------------


def _services() -> Services:
    return cast("Services", current_app.extensions["coord"])


def _times(count: int) -> str:
    return str(ngettext("once", "%(num)s times", count))


def _in_lists(count: int) -> str:
    return str(ngettext("the name in a list, once", "the name in a list, %(num)s times", count))


def _in_words(problems: list[FieldProblem]) -> dict[str, Any]:
    words = {p.pointer.removeprefix("/"): field_message(p) for p in problems}
    return {"problems": words, "error_list": [{"text": text, "href": f"#{name}"} for name, text in words.items()]}
