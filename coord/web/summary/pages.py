"""The school summary: read as one calm page, taken away as a sheet, written beside its sources, recalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from coord.application.notes.commands import DiscardDraft, SaveDraft
from coord.application.services import Services
from coord.application.shown import Shown
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import (
    ReadSummary,
    ReadSummarySources,
    Statement,
    SummaryAnswer,
    SummarySourcesAnswer,
)
from coord.domain.actors import Actor, Relationship, Role
from coord.domain.case.summary import SECTIONS
from coord.domain.errors import DomainError, FieldProblem, InvalidInput, NotFound, Stale, Unavailable
from coord.domain.permissions import PERMISSIONS, leads_service_team
from coord.web.errors import status_of
from coord.web.kit.done import Done
from coord.web.kit.reason import Act, Asks, seen, told, why
from coord.web.labels import label
from coord.web.messages import Explanation, explanation
from coord.web.reading_ease import LONGEST_SENTENCE, Language, language_of
from coord.web.spelling import format_date, format_datetime
from coord.web.summary.form import SummaryForm, draft_id_of, limit_of
from coord.web.summary.pdf import Fact, Part, Sheet, summary_pdf
from coord.web.visit import require_actor, see_other

pages = Blueprint("summaries", __name__)

DONE = Done("summary")
"""What was just done, said once."""
SHOWN_SOURCES = 12
"""Entries offered beside the form; the search finds the others."""
ROWS = (("strengths",), ("helps", "avoid"), ("overload-signs", "overload-response"), ("aims",))
TAKEN = ("helps", "aims")
"""Sections into which strategies and goals can be taken by a button."""
SCHOOL_DAY = ("lessons", "transitions", "playground")


# ---- reading -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/summary")
def show(case_id: UUID) -> ResponseReturnValue:
    """The summary in force, or an earlier ``version`` for those who work with the child; or why there is none."""
    services, actor = _here()
    answer: SummaryAnswer = services.doors.ask(actor, ReadSummary(case_id, request.args.get("version", type=int)))
    return render_template(
        "summary/show.html",
        **_about(actor, answer.relationship, answer),
        done=DONE.once(),
        may_edit=_may("PublishSummary", actor, answer.relationship),
        may_recall=_may("RecallSummary", actor, answer.relationship),
        statements=_given(answer),
        text_language=_language_of(answer.statements),
        provenance=_provenance(answer),
    )


@pages.get("/children/<uuid:case_id>/summary.pdf")
def pdf(case_id: UUID) -> ResponseReturnValue:
    """The summary in force as an accessible file that says who took it away and when; without one, the page."""
    services, actor = _here()
    answer: SummaryAnswer = services.doors.ask(actor, ReadSummary(case_id, export="pdf"))
    if answer.status != "published":
        return see_other(url_for("summaries.show", case_id=case_id))
    at = services.clock()
    response = make_response(summary_pdf(_sheet(answer, actor, format_datetime(at, "d MMMM y, HH:mm")), at=at))
    response.content_type = "application/pdf"
    # No name in it: it would be read by whoever looks into the folder of downloads.
    name = _("school-summary") + f"-{answer.version}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _given(answer: SummaryAnswer) -> dict[str, list[Statement]]:
    """The statements that are given to the school: without advice that was ended since."""
    found = {
        section: [row for row in rows if row["withdrawn_at"] is None] for section, rows in answer.statements.items()
    }
    return {section: rows for section, rows in found.items() if rows}


def _sheet(answer: SummaryAnswer, actor: Actor, when: str) -> Sheet:
    language = _page_language()
    who = f"{actor.name}, {label('role', actor.role.value)}"
    kinds: dict[str, Any] = {"helps": "do", "avoid": "dont"}
    given = _given(answer)
    rows = []
    for row in (*ROWS, SCHOOL_DAY):
        parts = [
            Part(
                kinds.get(section, "plain"),
                label("summary-section", section),
                [statement["text"] for statement in given[section]],
            )
            for section in row
            if section in given
        ]
        if parts:
            rows.append(parts)
    name = answer.details["preferred_name"]
    by = answer.published_by
    # Without a first day nothing is published.
    assert answer.valid_from and answer.review_date and answer.published_at  # noqa: S101, PT018
    valid = _(
        "%(start)s, to be reviewed by %(review)s",
        start=format_date(answer.valid_from, "long"),
        review=format_date(answer.review_date, "long"),
    )
    published = f"{by['name'] if by else ''}, {format_datetime(answer.published_at, 'd MMMM y')}"
    return Sheet(
        language=language,
        text_language=_language_of(answer.statements),
        title=_("School summary: %(name)s, version %(version)s", name=name, version=answer.version),
        kind=_("School summary"),
        heading=name,
        subtitle=", ".join(p for p in (answer.details["school"], answer.details["school_class"]) if p),
        notices=list(dict.fromkeys(label("out-of-date", entry["why"]) for entry in answer.out_of_date)),
        rows=rows,
        facts=[
            Fact(_("Who to ask:"), answer.contact, written=True),
            Fact(_("Valid from:"), valid),
            Fact(_("Published by:"), published + " (" + _("version %(number)s", number=answer.version) + ")"),
        ],
        notes=[
            _("What works and what does not? Write an observation in Coord: the care team reads it."),
            _("Downloaded by %(who)s on %(when)s.", who=who, when=when)
            + " "
            + _("A summary can be recalled. Look in Coord whether this version is still in force."),
        ],
        footer=_(
            "Version %(version)s. Downloaded by %(who)s, %(when)s. May be recalled: look in Coord.",
            version=answer.version,
            who=who,
            when=when,
        ),
        missing=_("A character that cannot be printed is shown as a box. The page in Coord has it."),
    )


def _provenance(answer: SummaryAnswer) -> list[dict[str, Any]]:
    """Section by section, what each statement rests on: the entries to open, and how many are withheld."""
    return [
        {
            "section": section,
            "rows": [
                {
                    "text": row["text"],
                    "withdrawn_at": row["withdrawn_at"],
                    "open": [source for source in row["sources"] if source["visible"]],
                    "withheld": sum(not source["visible"] for source in row["sources"]),
                    "all": len(row["sources"]),
                }
                for row in answer.statements[section]
            ],
        }
        for section in SECTIONS
        if answer.statements.get(section)
    ]


# ---- writing -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/summary/edit")
def edit(case_id: UUID) -> ResponseReturnValue:
    """One's draft of the next version, or what stands now to begin with; beside it the entries that it may rest on."""
    search = request.args.get("q", "")
    try:
        answer = _sources(case_id, search)
    except InvalidInput as invalid:
        return _Writing(case_id, search=search).page(answer=_sources(case_id, ""), error=invalid)
    if request.args.get("view") == "preview":
        return _Writing(case_id, search=search).preview(answer)
    return _Writing(case_id, search=search).page(answer=answer)


@pages.post("/children/<uuid:case_id>/summary/edit", endpoint="write")
def write(case_id: UUID) -> ResponseReturnValue:
    """Keep the draft and go on with it, or publish it. Whatever goes wrong, the page comes back with every word."""
    services, actor = _here()
    form = SummaryForm.sent(request.form)
    action, _sep, rest = request.form.get("action", "keep").partition(".")
    draft_id = draft_id_of(case_id, actor.person_id)
    try:
        if action == "publish":
            services.doors.execute(
                actor, PublishSummary(case_id, form.version, form.content(), draft_id, form.seen or None)
            )
            return DONE.then("published", url_for("summaries.show", case_id=case_id))
        section, _sep, index = rest.partition(".")
        if action == "remove" and section in SECTIONS and index.isdigit():
            form = form.without(section, int(index))
        if action == "take" and section in TAKEN:
            form = _taking(case_id, form, section, index)
        receipt = services.doors.execute(actor, SaveDraft(case_id, draft_id, "summary", form.body(), form.revision))
    except DomainError as error:
        if action == "autosave":
            return _autosaved(error=error)
        return _Writing(case_id, form=form, search=form.search).refused(error)
    if action == "autosave":
        return _autosaved(revision=receipt.version)
    return see_other(_onwards(case_id, form, action, section))


def _taking(case_id: UUID, form: SummaryForm, section: str, chosen: str) -> SummaryForm:
    """The form with a strategy or a goal as a new statement. Raises `InvalidInput` where the section is full."""
    texts = _offered(_sources(case_id, ""))[section]
    text = next((text for identifier, text in texts if str(identifier) == chosen), None)
    taken = form if text is None else form.taking(section, text, UUID(chosen))
    limit = limit_of(section)
    if len(taken.statements.get(section, ())) > limit:
        raise InvalidInput([FieldProblem(f"/statements/{section}", "too-many", {"limit": limit})])
    return taken


def _offered(answer: SummarySourcesAnswer | None) -> dict[str, list[tuple[UUID, str]]]:
    """What may be taken into a section: strategies for school, and goals in plain words."""
    return {
        "helps": [(s.id, s.text) for s in (answer.strategies if answer else ())],
        "aims": [(g["id"], g["statement"]) for g in (answer.goals if answer else ())],
    }


def _onwards(case_id: UUID, form: SummaryForm, action: str, section: str) -> str:
    """Where to go on after the draft was kept."""
    here = url_for("summaries.edit", case_id=case_id, q=form.search or None)
    if action == "preview":
        return url_for("summaries.edit", case_id=case_id, view="preview")
    if action == "search":
        return f"{here}#sources"
    if action == "add" and section in SECTIONS:
        row = min(len(form.statements[section]), limit_of(section) - 1)
        return f"{url_for('summaries.edit', case_id=case_id, q=form.search or None, add=section)}#text-{section}-{row}"
    if action in ("remove", "take") and section in SECTIONS:
        return f"{here}#section-{section}"
    DONE.say("kept")
    return here


def _autosaved(*, revision: int | None = None, error: DomainError | None = None) -> ResponseReturnValue:
    page = render_template("summary/_autosaved.html", revision=revision, error=error, at=_here()[0].clock())
    return page, status_of(error) if error else 200


@pages.post("/children/<uuid:case_id>/summary/edit/discard")
def discard(case_id: UUID) -> ResponseReturnValue:
    """The draft is thrown away; what is published stays."""
    services, actor = _here()
    try:
        services.doors.execute(actor, DiscardDraft(case_id, draft_id_of(case_id, actor.person_id)))
    except NotFound as gone:
        if gone.code != "no-such-draft":
            raise
    return DONE.then("discarded", url_for("summaries.show", case_id=case_id))


@pages.post("/children/<uuid:case_id>/summary/reading-hint")
def reading_hint(case_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - part of the address
    """How easy what is being typed is to read. Nothing of it is kept, and nothing of the child is shown."""
    require_actor()
    form = SummaryForm.sent(request.form)
    return render_template("_macros/reading_hint.html", hint=form.ease(_page_language()), longest=LONGEST_SENTENCE)


class _Writing:
    """The page on which a summary is written."""

    def __init__(self, case_id: UUID, *, form: SummaryForm | None = None, search: str = "") -> None:
        """``form`` is what was typed; None takes the draft, or what stands."""
        self.case_id, self.form, self.search = case_id, form, search

    def refused(self, error: DomainError) -> Response:
        """The page again, with the reason on top and everything typed still in it."""
        assert self.form is not None  # noqa: S101 - only what was typed can be refused
        form = self.form
        try:
            answer = _sources(self.case_id, "" if isinstance(error, InvalidInput) else self.search, form.cited())
        except Unavailable:
            answer = None
        if isinstance(error, Stale):
            # The next attempt is a decision on what stands now.
            published = "summary" in error.changed
            current = error.current_version
            self.form = replace(form, version=current) if published else replace(form, revision=current)
        if isinstance(error, NotFound) or (answer is None and not isinstance(error, Unavailable)):
            raise error
        return self.page(answer=answer, error=error)

    def page(self, *, answer: SummarySourcesAnswer | None, error: DomainError | None = None) -> Response:
        """The form beside its sources. Without an answer (a store is down) only what was typed."""
        _services, actor = _here()
        form = self.form or self._begun(answer)
        if answer is not None:
            form = replace(form, seen=answer.summary.shown.position)
        found = error.problems if isinstance(error, InvalidInput) else ()
        problems = form.problems(found)
        newer = None
        if answer is not None and answer.summary.version != form.version:
            newer = answer.summary
        stale = isinstance(error, Stale) and "summary" in error.changed
        page = render_template(
            "summary/edit.html",
            **_about(
                actor, answer.summary.relationship if answer else Relationship(), answer.summary if answer else None
            ),
            **self._parts(form, answer),
            problems=problems,
            wrong={p["field"]: p["words"] for p in reversed(problems)},
            notice=_notice(error),
            published_meanwhile=answer.summary if answer and (newer or stale) else None,
            done=DONE.once() if error is None else None,
            hint=form.ease(_page_language()),
            longest=LONGEST_SENTENCE,
            limit_of=limit_of,
            sections=SECTIONS,
            search=self.search,
            add=request.args.get("add"),
        )
        return make_response(page, status_of(error) if error else 200)

    def preview(self, answer: SummarySourcesAnswer) -> Response:
        """The draft as a teacher will see it."""
        _services, actor = _here()
        form = self._begun(answer)
        statements = {s: [{"text": row.text} for row in rows] for s, rows in form.statements.items() if rows}
        about = _about(actor, answer.summary.relationship, answer.summary)
        page = render_template(
            "summary/preview.html",
            **about,
            form=form,
            sections=SECTIONS,
            content=form.content(),
            statements=statements,
            text_language=_language_of(statements),
        )
        return make_response(page)

    def _begun(self, answer: SummarySourcesAnswer | None) -> SummaryForm:
        if answer is None:
            return SummaryForm()
        if answer.draft is not None:
            return SummaryForm.kept(answer.draft)
        services, _actor = _here()
        return SummaryForm.following(answer.summary, services.clock().astimezone(services.settings.zone).date())

    def _parts(self, form: SummaryForm, answer: SummarySourcesAnswer | None) -> dict[str, Any]:
        sources = list(answer.sources) if answer else []
        names = {source["entry_id"]: _name_of(source) for source in sources}
        if answer is not None:
            names |= {s.id: _("Strategy: %(text)s", text=s.text) for s in answer.strategies}
            names |= {g["id"]: _("Goal: %(text)s", text=g["statement"]) for g in answer.goals}
            names |= _names_of_cited(answer.summary)
        for entry in form.cited():
            names.setdefault(entry, _("An entry that you cannot open now"))
        return {
            "form": form,
            "sources": sources,
            "names": names,
            "draft": answer.draft if answer else None,
            "offered": _offered(answer),
            "unagreed": [g["id"] for g in (answer.goals if answer else ()) if not g["agreed_as_it_stands"]],
            "tried": {s.id: s.counts for s in (answer.strategies if answer else ())},
        }


def _names_of_cited(answer: SummaryAnswer) -> dict[UUID, str]:
    """What the strategies and goals are called that the version before rests on and that are not offered any more."""
    cited = [source for rows in _given(answer).values() for row in rows for source in row["sources"]]
    texts = {"strategy": _("Strategy: %(text)s"), "goal": _("Goal: %(text)s")}
    return {s["entry"]: texts[s["kind"]] % {"text": s["text"]} for s in cited if s["entry"] and s["kind"] in texts}


def _name_of(source: Mapping[str, Any]) -> str:
    """What an entry is called in a list to choose from."""
    parts = [
        format_datetime(source["observed_from"], "d MMM y"),
        label("format", source["format"]),
        source["author_name"],
    ]
    if source["status"] in ("awaiting-cosignature", "entered-in-error"):
        parts.append(label("status", source["status"]))
    return ", ".join(parts)


def _notice(error: DomainError | None) -> Explanation | None:
    """Why the page came back, where that is not a matter of single fields."""
    if error is None or isinstance(error, InvalidInput):
        return None
    if isinstance(error, Stale) and "draft" in error.changed:
        return Explanation(
            _("Your draft was changed in another window"),
            _("It was kept there after you opened this page."),
            _("What you typed here is below. Keeping it replaces what was kept in the other window."),
        )
    return explanation(error.code)


# ---- recalling ---------------------------------------------------------------------------------------------------


def _to_recall(case_id: UUID) -> SummaryAnswer:
    services, actor = _here()
    return cast(SummaryAnswer, services.doors.ask(actor, ReadSummary(case_id, request.values.get("version", type=int))))


asks = Asks(pages, DONE, _to_recall)


@asks("/children/<uuid:case_id>/summary/recall", "RecallSummary")
def recall(answer: SummaryAnswer | None, case_id: UUID) -> Act:
    """Take the summary back, or the ``version`` for a later day, saying why; the school sees so at once."""
    name = answer.details["preferred_name"] if answer else ""
    return Act(
        _("Recall the school summary of %(name)s", name=name) if name else _("Recall the school summary"),
        _("Recall"),
        lambda form: RecallSummary(case_id, form["reason"], seen()),
        back=(url_for("summaries.show", case_id=case_id), _("School summary")),
        said="recalled",
        about=[told("summary/_recall.html", summary=answer)],
        fields=[why(_("The care team will see this."), _("Why do you recall it?"))],
        tab="summary",
        dangerous=True,
        seen={"version": answer.version if answer else ""},
        may=lambda: answer is not None and answer.status in ("published", "upcoming"),
    )


# ---- shared ------------------------------------------------------------------------------------------------------


def _here() -> tuple[Services, Actor]:
    return cast(Services, current_app.extensions["coord"]), require_actor()


def _sources(case_id: UUID, search: str, cited: Sequence[UUID] = ()) -> SummarySourcesAnswer:
    services, actor = _here()
    question = ReadSummarySources(case_id, search, tuple(cited), SHOWN_SOURCES)
    return cast(SummarySourcesAnswer, services.doors.ask(actor, question))


def _may(name: str, actor: Actor, child: Relationship) -> bool:
    return PERMISSIONS[name].who(actor, child)


def _about(actor: Actor, child: Relationship, answer: SummaryAnswer | None) -> dict[str, Any]:
    """What every page of this area says: whose summary, who reads, and which place of the record it shows."""
    shown: Shown | None = answer.shown if answer else None
    return {
        "case_id": answer.case_id if answer else request.view_args["case_id"] if request.view_args else None,
        "preferred_name": answer.details["preferred_name"] if answer else "",
        "summary": answer,
        "role": actor.role.value,
        "leads": leads_service_team(actor, child),
        "teacher": actor.role is Role.TEACHER,
        "shown": shown,
        "incomplete_since": min(shown.incomplete.values()) if shown and shown.incomplete else None,
    }


def _page_language() -> Language:
    locale = get_locale()
    return "it" if locale is not None and locale.language == "it" else "en"


def _language_of(statements: Mapping[str, Sequence[Mapping[str, Any]]]) -> Language:
    """What the statements are written in, for voices that read them aloud."""
    return language_of(" ".join(row["text"] for rows in statements.values() for row in rows), _page_language())
