"""Pages about one child: the timeline, the care team, and the details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response as AnyResponse

from coord.application.commands import (
    AddToTeam,
    CloseCase,
    Command,
    CorrectDetails,
    OpenCase,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.questions import (
    CaseAnswer,
    PeopleAnswer,
    ReadCase,
    ReadPeople,
    ReadTimeline,
    TimelineAnswer,
    TimelineFilter,
)
from coord.application.services import Services
from coord.domain.actors import Actor, Relation, Relationship, Role
from coord.domain.case.notes import FORMATS
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotFound, Stale, Unavailable
from coord.domain.permissions import PERMISSIONS, leads_service_team, refuse_unless_permitted
from coord.web.errors import RETRY_AFTER, status_of
from coord.web.goal_words import KINDS_IN_WORDS, entry_sentence, lower_first
from coord.web.labels import DISCIPLINES, KINDS, RELATIONS, SETTINGS, label
from coord.web.local_time import NotADate, NotATime, SkippedTime, read_day, read_time, readings
from coord.web.messages import explanation, field_message
from coord.web.visit import current_actor, require_actor, see_other

pages = Blueprint("children", __name__)

MANY_PEOPLE = 20
"""More than this and the list of people gets a search of its own."""
ON_THE_FORM = (InvalidInput, Stale, Conflict, Unavailable)
"""Refusals that leave the person on the form, with everything they typed."""


def _services() -> Services:
    return cast(Services, current_app.extensions["coord"])


def may(actor: Actor, child: Relationship, *commands: str) -> dict[str, bool]:
    """Which of these commands the permission table would let this person do: what to offer them."""
    return {name: PERMISSIONS[name].who(actor, child) for name in commands}


# ---- forms -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Form:
    """What was typed, and what is wrong with it. ``labels`` names each field and the id of its input."""

    values: dict[str, str]
    labels: dict[str, tuple[str, str]]
    errors: list[dict[str, str]] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    status: int = 200

    def refuse(self, error: DomainError) -> None:
        """Take over a refusal: sentences for the summary on top, and for each field."""
        self.status = status_of(error)
        if isinstance(error, InvalidInput):
            self.problems(error.problems)
            return
        words = explanation(error.code)
        self.title = words.title
        self.errors = [{"text": words.message}, {"text": words.what_next}]

    def problems(self, problems: Iterable[FieldProblem]) -> None:
        """Take over what is wrong with single fields."""
        for problem in problems:
            self.wrong_in(problem.pointer.split("/")[-1 if "filter" in problem.pointer else 1], field_message(problem))

    def wrong_in(self, name: str, message: str) -> None:
        """One sentence for a field, the first one counts; a field that the page does not have is named on top only."""
        self.status = 422
        if name in self.wrong:
            return
        self.wrong[name] = message
        if name in self.labels:
            words, target = self.labels[name]
            self.errors.append({"text": f"{words}: {message}", "href": f"#{target}"})
        else:
            self.errors.append({"text": message})


def _page(template: str, form: Form | None = None, **context: Any) -> Response:
    status = form.status if form else 200
    response = make_response(render_template(template, form=form, **context), status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "") for name in names}


def _options(words: Mapping[str, LazyString], chosen: str, first: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = [{"value": "", "text": first}]
    return items + [{"value": v, "text": str(text), "selected": v == chosen} for v, text in words.items()]


def _execute(form: Form, actor: Actor, command: Command) -> bool:
    """Carry out a command; False if the form has to be shown again, with why."""
    try:
        _services().doors.execute(actor, command)
    except ON_THE_FORM as refusal:
        form.refuse(refusal)
        return False
    return True


def _case(actor: Actor, case_id: UUID) -> CaseAnswer:
    return cast(CaseAnswer, _services().doors.ask(actor, ReadCase(case_id)))


def _case_for(form: Form, actor: Actor, case_id: UUID) -> CaseAnswer | None:
    """The child around a form; None when a store is down and the form stands alone, so that nothing typed is lost."""
    try:
        return _case(actor, case_id)
    except Unavailable as unavailable:
        form.refuse(unavailable)
        return None


def _frame(actor: Actor, case_id: UUID, case: CaseAnswer | None) -> dict[str, Any]:
    """What every page about a child needs around its content."""
    child = case.relationship if case else Relationship()
    return {
        "case_id": case_id,
        "case": case,
        "actor_role": actor.role.value,
        "leads": leads_service_team(actor, child),
        "preferred_name": case.details["preferred_name"] if case else "",
    }


# ---- the timeline ------------------------------------------------------------------------------------------------


def _filter_labels() -> dict[str, tuple[str, str]]:
    return {
        "q": (_("Words"), "q"),
        "text": (_("Words"), "q"),
        "discipline": (_("Discipline"), "discipline"),
        "setting": (_("Where it happened"), "setting"),
        "kind": (_("Kind of entry"), "kind"),
        "author": (_("Written by"), "author"),
        "from": (_("From"), "from"),
        "to": (_("To"), "to"),
        "as_of": (_("As known on"), "as_of"),
        "as_of_time": (_("At"), "as_of_time"),
    }


FILTERS = ("q", "discipline", "setting", "kind", "author", "from", "to", "as_of", "as_of_time")


@pages.get("/children/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """The child's timeline, newest first: everything that this person may read, in full."""
    if request.headers.get("HX-Request") and current_actor() is None:
        # Inside this page there is no room for the sign-in page: go there, and come back to the whole page.
        return Response(headers={"HX-Redirect": url_for("children.show", case_id=case_id)})
    actor = require_actor()
    services = _services()
    zone, now = services.settings.zone, services.clock()
    form = Form({name: request.args.get(name, "").strip() for name in FILTERS}, _filter_labels())
    wanted, as_of = _wanted(form, zone, now)
    answer: TimelineAnswer | None = None
    if form.status == 200:
        question = ReadTimeline(case_id, wanted, as_of, request.args.get("cursor", ""))
        try:
            answer = services.doors.ask(actor, question)
        except InvalidInput as invalid:
            form.refuse(invalid)
    asked: dict[str, Any] = {name: value for name, value in form.values.items() if value}
    if answer is None:  # nothing is shown until the question makes sense
        case = _case(actor, case_id)
        preferred_name, child, shown = case.details["preferred_name"], case.relationship, case.shown
        members, status, older = case.members, case.status, None
    else:
        preferred_name, child, shown = answer.preferred_name, answer.relationship, answer.shown
        members, status = answer.members, answer.status
        older = url_for("children.show", case_id=case_id, **{**asked, "cursor": answer.next}) if answer.next else None
    choices = _choices(form.values, members)
    parts = {m["person_id"]: m["relation"] for m in members}
    entries, further_down = (
        [_entry(item, services.settings.late_after, parts) for item in found]
        for found in ((answer.items, answer.further_down) if answer else ((), ()))
    )
    return _page(
        "children/timeline.html",
        form,
        case_id=case_id,
        preferred_name=preferred_name,
        actor_role=actor.role.value,
        leads=leads_service_team(actor, child),
        shown=shown,
        closed=status == "closed",
        days=_by_day(entries, zone),
        further_down=further_down,
        older=older,
        newest=asked,
        paging="cursor" in request.args,
        added="HX-Request" in request.headers,
        as_of=as_of,
        active=_active(form, choices) if answer else [],
        unfiltered=url_for(
            "children.show", case_id=case_id, **{n: v for n, v in asked.items() if n.startswith("as_of")}
        ),
        choices=choices,
        done=request.args.get("done", ""),
    )


def _wanted(form: Form, zone: ZoneInfo, now: datetime) -> tuple[TimelineFilter, datetime | None]:
    """What the address asks for; what makes no sense in it is noted on the form."""
    typed = form.values
    for name, words in (("discipline", DISCIPLINES), ("setting", SETTINGS), ("kind", KINDS)):
        if typed[name] and typed[name] not in words:
            form.problems([FieldProblem(f"/{name}", "unknown-choice")])
    author = None
    if typed["author"]:
        author = _uuid(typed["author"])
        if author is None:
            form.problems([FieldProblem("/author", "no-such-person")])
    first, last = _day(form, "from"), _day(form, "to")
    if first and last and last < first:
        form.problems([FieldProblem("/to", "before-the-start")])
    wanted = TimelineFilter(
        discipline=typed["discipline"] or None,
        setting=typed["setting"] or None,
        kind=typed["kind"] or None,
        author=author,
        start=_start_of(form, "from", first, zone),
        end=_start_of(form, "to", _day_after(last), zone),
        text=typed["q"],
    )
    return wanted, _as_of(form, zone, now)


def _as_of(form: Form, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment whose knowledge is asked for: of a day without a time its end, or now, if it is today."""
    day = _day(form, "as_of")
    at = None
    if form.values["as_of_time"]:
        try:
            at = read_time(form.values["as_of_time"])
        except NotATime:
            form.problems([FieldProblem("/as_of_time", "not-a-time")])
            return None
        if not form.values["as_of"]:
            form.problems([FieldProblem("/as_of", "missing")])
    if day is None:
        return None
    if at is None:
        following = _start_of(form, "as_of", _day_after(day), zone)
        if following is None:
            return None
        moment = following - timedelta(microseconds=1)
        if day == now.astimezone(zone).date():
            moment = now
    else:
        try:
            moment = readings(day, at, zone).first
        except NotADate:
            form.problems([FieldProblem("/as_of", "not-a-date")])
            return None
        except SkippedTime as skipped:
            form.wrong_in(
                "as_of_time",
                _(
                    "No clock showed this time: at %(before)s the clocks went forward to %(after)s",
                    before=skipped.before.strftime("%H:%M"),
                    after=skipped.after.strftime("%H:%M"),
                ),
            )
            return None
    if moment > now:
        form.problems([FieldProblem("/as_of", "in-the-future")])
        return None
    return moment


def _day(form: Form, name: str) -> date | None:
    if not form.values[name]:
        return None
    try:
        return read_day(form.values[name])
    except NotADate:
        form.problems([FieldProblem(f"/{name}", "not-a-date")])
        return None


def _day_after(day: date | None) -> date | None:
    """The day after; the calendar's last day has none."""
    return day + timedelta(days=1) if day is not None and day < date.max else day


def _start_of(form: Form, name: str, day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day begins on the clinic's clock; in some places the clocks go forward at midnight."""
    if day is None:
        return None
    try:
        try:
            return readings(day, time(0), zone).first
        except SkippedTime as skipped:
            return readings(day, skipped.after, zone).first
    except NotADate:
        form.problems([FieldProblem(f"/{name}", "not-a-date")])
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _choices(typed: Mapping[str, str], members: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, object]]]:
    authors: list[dict[str, object]] = [{"value": "", "text": _("Anyone")}]
    authors += [
        {
            "value": str(m["person_id"]),
            "text": f"{m['name']}, {label('relation', m['relation'])}",
            "selected": str(m["person_id"]) == typed["author"],
        }
        for m in members
    ]
    return {
        "discipline": _options(DISCIPLINES, typed["discipline"], _("Any discipline")),
        "setting": _options(SETTINGS, typed["setting"], _("Anywhere")),
        "kind": _options(KINDS, typed["kind"], _("Every kind")),
        "author": authors,
    }


def _active(form: Form, choices: Mapping[str, list[dict[str, object]]]) -> list[tuple[str, str]]:
    """What is searched for, in words; the time whose knowledge is asked for has a banner of its own."""
    active = []
    for name, typed in form.values.items():
        if not typed or name.startswith("as_of"):
            continue
        words = typed
        if name in choices:
            words = next((str(c["text"]) for c in choices[name] if c["value"] == typed), _("Somebody else"))
        elif name in ("from", "to"):
            words = format_date(read_day(typed), "medium")
        active.append((form.labels[name][0], words))
    return active


def _entry(item: Mapping[str, Any], late_after: timedelta, parts: Mapping[UUID, str]) -> dict[str, Any]:
    """A row of the timeline, with its sections in the order of their format, and whether it was written late.

    What is told of a goal, a strategy or a measure is a sentence; ``parts`` says what each person is to the child.
    """
    sections: Mapping[str, str] = item["sections"]
    known = FORMATS[item["format"]].sections if item["format"] in FORMATS else ()
    names = [n for n in known if n in sections] + [n for n in sections if n not in known]
    return {
        **item,
        "texts": [(name, sections[name]) for name in names],
        "late": item["kind"] == "note" and item["signed_at"] - item["observed_to"] > late_after,
        "addenda": [{**a, "at": datetime.fromisoformat(a["at"])} for a in item["addenda"]],
        "sentence": entry_sentence(item, _who(item, parts)) if item["kind"] in KINDS_IN_WORDS else "",
        "place": _place(item),
    }


def _who(item: Mapping[str, Any], parts: Mapping[UUID, str]) -> str:
    """As in "Tove Dahl, class teacher": what they are to this child, or, if they have no part in it today, their role
    and discipline: "Bo Lind, therapist, psychology"."""
    part = parts.get(item["author_id"])
    if part:
        return f"{item['author_name']}, {lower_first(label('relation', part))}"
    known = [label("role", item["role"])]
    if item["discipline"] not in (None, "", "school"):
        known.append(label("discipline", item["discipline"]))
    return ", ".join([item["author_name"], *(lower_first(words) for words in known)])


def _place(item: Mapping[str, Any]) -> str | None:
    """Where more can be read of what an entry tells in a sentence."""
    case_id, what = item["case_id"], item["detail"].get("what")
    if item["kind"] == "goal":
        anchor = f"observation-{item['detail']['observation']}" if what == "observed" else None
        return url_for("goals.show", case_id=case_id, goal_id=item["subject_id"], _anchor=anchor)
    if item["kind"] == "measure" and what == "scored":
        return url_for("goals.index", case_id=case_id, _anchor="score")
    if item["kind"] in ("group", "message"):
        anchor = f"line-{item['subject_id']}" if item["subject_id"] else None
        return url_for("child_groups.index", case_id=case_id, _anchor=anchor)
    endpoint = {"strategy": "strategies.index", "measure": "measures.index"}.get(item["kind"], "")
    return url_for(endpoint, case_id=case_id) if endpoint else None


def _by_day(entries: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[tuple[date, list[Mapping[str, Any]]]]:
    def day_of(entry: Mapping[str, Any]) -> date:
        observed: datetime = entry["observed_from"]
        return observed.astimezone(zone).date()

    return [(day, list(group)) for day, group in groupby(entries, key=day_of)]


# ---- opening a case, and its details -----------------------------------------------------------------------------

DETAILS = ("preferred_name", "full_name", "languages", "school", "school_class", "team")
BIRTH_DATE = ("birth_date-day", "birth_date-month", "birth_date-year")


def _detail_labels() -> dict[str, tuple[str, str]]:
    return {
        "preferred_name": (_("Preferred name"), "preferred_name"),
        "full_name": (_("Full name"), "full_name"),
        "birth_date": (_("Date of birth"), "birth_date-day"),
        "languages": (_("Languages at home"), "languages"),
        "school": (_("School"), "school"),
        "school_class": (_("Class"), "school_class"),
        "team": (_("Service team"), "team"),
        "reason": (_("Reason"), "reason"),
    }


def _details_of(form: Form) -> tuple[dict[str, object], list[FieldProblem]]:
    """The details as typed. A birth date that is none is left out (then the command is refused, never carried out)."""
    day, problems = None, []
    parts = [form.values[name].strip() for name in BIRTH_DATE]
    if any(parts):
        try:
            day = read_day("-".join(reversed(parts)))
        except NotADate:
            problems.append(FieldProblem("/birth_date", "not-a-date"))
    details: dict[str, object] = {name: form.values[name] for name in DETAILS if name not in ("languages", "team")}
    details["birth_date"] = day
    details["languages"] = [word.strip() for word in form.values["languages"].split(",") if word.strip()]
    return details, problems


@pages.get("/children/new")
def new() -> Response:
    """The form that opens a case."""
    actor = require_actor()
    values = dict.fromkeys((*DETAILS, *BIRTH_DATE), "") | {"case_id": str(uuid4())}
    return _new_page(actor, Form(values, _detail_labels()))


def _new_page(actor: Actor, form: Form) -> Response:
    return _page("children/new.html", form, asks_team=not actor.team, team=actor.team)


@pages.post("/children/new", endpoint="open")
def open_case() -> AnyResponse:
    """The new child's care team page; or the form again."""
    actor = require_actor()
    form = Form(_typed(*DETAILS, *BIRTH_DATE, "case_id"), _detail_labels())
    case_id = _uuid(form.values["case_id"]) or uuid4()
    details, problems = _details_of(form)
    form.problems(problems)
    team = "" if actor.team else form.values["team"]
    if _execute(form, actor, OpenCase(case_id=case_id, team=team, **cast(dict[str, Any], details))):
        return see_other(url_for("children.team", case_id=case_id, done="opened"))
    if "id" in form.wrong:
        form.title = _("A case was opened from this form already")
        form.errors = [
            {
                "text": _(
                    "If you meant to correct it, go to the child's page. To open a case for another child, send again."
                )
            }
        ]
        form.values["case_id"] = str(uuid4())
    return _new_page(actor, form)


@pages.get("/children/<uuid:case_id>/details")
def edit(case_id: UUID) -> Response:
    """The form that corrects the child's details."""
    actor = require_actor()
    case = _case(actor, case_id)
    return _edit_page(actor, case_id, case, Form(_present_values(case), _detail_labels()))


def _present_values(case: CaseAnswer) -> dict[str, str]:
    details = case.details
    born: date | None = details.get("birth_date")
    return {
        **{name: str(details.get(name, "")) for name in DETAILS},
        "languages": ", ".join(details.get("languages", ())),
        "birth_date-day": str(born.day) if born else "",
        "birth_date-month": str(born.month) if born else "",
        "birth_date-year": str(born.year) if born else "",
        "reason": "",
        "expected_version": str(case.version),
    }


def _edit_page(actor: Actor, case_id: UUID, case: CaseAnswer | None, form: Form, *, stale: bool = False) -> Response:
    return _page(
        "children/edit.html",
        form,
        **_frame(actor, case_id, case),
        asks_team=actor.role is Role.TEAM_LEAD,
        stands_now=case.details if case and stale else None,
    )


@pages.post("/children/<uuid:case_id>/details", endpoint="correct")
def correct(case_id: UUID) -> AnyResponse:
    """Back to the child's page; or the form again, beside what stands now if somebody else was faster."""
    actor = require_actor()
    form = Form(_typed(*DETAILS, *BIRTH_DATE, "reason", "expected_version"), _detail_labels())
    changes, problems = _details_of(form)
    form.problems(problems)
    if actor.role is Role.TEAM_LEAD:  # the form asks nobody else for it
        changes["team"] = form.values["team"]
    expected = form.values["expected_version"]
    version = int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 10 else 0
    if _execute(form, actor, CorrectDetails(case_id, version, changes, form.values["reason"])):
        return see_other(url_for("children.team", case_id=case_id, done="corrected"))
    case = _case_for(form, actor, case_id)
    stale = form.status == 412
    if stale and case:
        form.values["expected_version"] = str(case.version)  # they see what stands now, and decide on that
    return _edit_page(actor, case_id, case, form, stale=stale)


# ---- the care team -----------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/team")
def team(case_id: UUID) -> Response:
    """The child's details and care team, with what this person may change."""
    actor, services = require_actor(), _services()
    case = _case(actor, case_id)
    today = services.clock().astimezone(services.settings.zone).date()
    commands = ("CorrectDetails", "AddToTeam", "RemoveFromTeam", "CloseCase", "ReopenCase")
    return _page(
        "children/team.html",
        **_frame(actor, case_id, case),
        may=may(actor, case.relationship, *commands),
        over=[m["person_id"] for m in case.members if not m["current"] and m["since"] <= today],
        done=request.args.get("done", ""),
    )


def _add_labels() -> dict[str, tuple[str, str]]:
    return {
        "person": (_("Person"), "person"),
        "relation": (_("What they are to the child"), "relation"),
        "since": (_("From"), "since"),
        "until": (_("Until"), "until"),
    }


@pages.get("/children/<uuid:case_id>/team/add")
def add(case_id: UUID) -> Response:
    """The form that puts somebody on the care team."""
    actor = require_actor()
    form = Form(dict.fromkeys(("person", "relation", "since", "until"), ""), _add_labels())
    return _add_page(actor, case_id, form)


def _add_page(actor: Actor, case_id: UUID, form: Form) -> Response:
    case = _case_for(form, actor, case_id)
    text = request.args.get("q", "").strip()
    people: Sequence[Mapping[str, Any]] = ()
    try:
        found: PeopleAnswer = _services().doors.ask(actor, ReadPeople(text))
        people = found.people
    except Unavailable as unavailable:
        form.refuse(unavailable)
    if case is not None:  # nobody fills in a form that would be refused
        refuse_unless_permitted("AddToTeam", actor, case.relationship)
    chosen = form.values["person"]
    items: list[dict[str, object]] = [{"value": "", "text": _("Choose a person")}]
    for p in people:
        about = [p["name"], label("role", p["role"])]
        if p["discipline"] not in (None, "school"):
            about.append(label("discipline", p["discipline"]))
        if p["team"]:
            about.append(p["team"])
        value = str(p["person_id"])
        items.append({"value": value, "text": ", ".join(about), "selected": value == chosen})
    if chosen and _uuid(chosen) and all(item["value"] != chosen for item in items):
        items.append({"value": chosen, "text": _("The person you chose"), "selected": True})
    return _page(
        "children/add.html",
        form,
        **_frame(actor, case_id, case),
        people=items,
        relations=_options(RELATIONS, form.values["relation"], _("Choose what they are")),
        text=text,
        searchable=bool(text) or len(people) > MANY_PEOPLE,
    )


@pages.post("/children/<uuid:case_id>/team/add", endpoint="add_member")
def add_member(case_id: UUID) -> AnyResponse:
    """Back to the care team; or the form again."""
    actor = require_actor()
    form = Form(_typed("person", "relation", "since", "until"), _add_labels())
    person = _uuid(form.values["person"])
    if person is None:
        form.problems([FieldProblem("/person", "no-such-person")])
    if form.values["relation"] not in RELATIONS:
        form.problems([FieldProblem("/relation", "unknown-choice")])
    since, until = _day(form, "since"), _day(form, "until")
    if form.status == 200 and person is not None:
        command = AddToTeam(case_id, person, Relation(form.values["relation"]), since, until)
        if _execute(form, actor, command):
            return see_other(url_for("children.team", case_id=case_id, done="added"))
    return _add_page(actor, case_id, form)


@pages.get("/children/<uuid:case_id>/team/<uuid:person_id>/remove")
def remove(case_id: UUID, person_id: UUID) -> Response:
    """A page that asks once more before somebody is taken off the care team."""
    return _remove_page(require_actor(), case_id, person_id, Form({}, {}))


def _remove_page(actor: Actor, case_id: UUID, person_id: UUID, form: Form) -> Response:
    case = _case_for(form, actor, case_id)
    member = next((m for m in case.members if m["person_id"] == person_id), None) if case else None
    if case and member is None:
        raise NotFound("not-on-team")
    own = person_id == actor.person_id
    return _page("children/remove.html", form, **_frame(actor, case_id, case), member=member, own=own)


@pages.post("/children/<uuid:case_id>/team/<uuid:person_id>/remove", endpoint="remove_member")
def remove_member(case_id: UUID, person_id: UUID) -> AnyResponse:
    """Back to the care team; home for somebody who took themselves off it, as the child is no longer theirs to see."""
    actor = require_actor()
    form = Form({}, {})
    try:
        if not _execute(form, actor, RemoveFromTeam(case_id, person_id)):
            return _remove_page(actor, case_id, person_id, form)
    except NotFound as gone:
        if gone.code != "not-on-team":
            raise
    if person_id == actor.person_id:
        return see_other(url_for("home.show"))
    return see_other(url_for("children.team", case_id=case_id, done="removed"))


# ---- closing and reopening ---------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/close", endpoint="close")
@pages.get("/children/<uuid:case_id>/reopen", endpoint="reopen")
def ask_reason(case_id: UUID) -> Response:
    """The form that closes the case, or reopens it, with a reason."""
    return _reason_page(require_actor(), case_id, Form({"reason": ""}, {"reason": (_("Reason"), "reason")}))


def _reason_page(actor: Actor, case_id: UUID, form: Form) -> Response:
    case = _case_for(form, actor, case_id)
    closing = request.path.endswith("/close")
    return _page("children/reason.html", form, **_frame(actor, case_id, case), closing=closing)


@pages.post("/children/<uuid:case_id>/close", endpoint="close_case")
@pages.post("/children/<uuid:case_id>/reopen", endpoint="reopen_case")
def close_or_reopen(case_id: UUID) -> AnyResponse:
    """Back to the child's page; or the form again."""
    actor = require_actor()
    form = Form(_typed("reason"), {"reason": (_("Reason"), "reason")})
    closing = request.path.endswith("/close")
    command = (CloseCase if closing else ReopenCase)(case_id, form.values["reason"])
    if _execute(form, actor, command):
        return see_other(url_for("children.team", case_id=case_id, done="closed" if closing else "reopened"))
    return _reason_page(actor, case_id, form)
