"""The school summary: read as one calm page, taken away as a sheet, written beside its sources, recalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.notes.commands import SaveDraft
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary, ReadSummarySources, SummaryAnswer, SummarySourcesAnswer
from coord.domain.case.summary import SECTIONS
from coord.domain.errors import DomainError, FieldProblem, InvalidInput, Stale, Unavailable
from coord.domain.permissions import PERMISSIONS
from coord.web.errors import status_of
from coord.web.kit.child import around
from coord.web.kit.done import Done
from coord.web.kit.drafts import discard as discard_draft
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, seen, told, why
from coord.web.kit.sent import refused
from coord.web.labels import label
from coord.web.messages import Explanation, explanation
from coord.web.reading_ease import LONGEST_SENTENCE
from coord.web.sections import format_called, written_in
from coord.web.spelling import format_datetime
from coord.web.summary import form as forms
from coord.web.summary.pdf import summary_pdf
from coord.web.summary.sheet import given, language_of_statements, page_language, sheet_of
from coord.web.visit import here, require_actor, see_other

pages = Blueprint("summaries", __name__)

DONE = Done("summary")
"""What was just done, said once."""
SHOWN_SOURCES = 12
"""Entries offered beside the form; the search finds the others."""
TAKEN = ("helps", "aims")
"""Sections into which strategies and goals can be taken by a button."""


# ---- reading -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/summary")
def show(case_id: UUID) -> ResponseReturnValue:
    """The summary in force, or an earlier ``version`` for those who work with the child; or why there is none."""
    services, actor = here()
    answer: SummaryAnswer = services.doors.ask(actor, ReadSummary(case_id, request.args.get("version", type=int)))
    return render_template(
        "summary/show.html",
        summary=answer,
        **around(answer),
        done=DONE.once(),
        may_edit=PERMISSIONS["PublishSummary"].who(actor, answer.relationship),
        may_recall=PERMISSIONS["RecallSummary"].who(actor, answer.relationship),
        statements=given(answer),
        text_language=language_of_statements(answer.statements),
        provenance=_provenance(answer),
    )


@pages.get("/children/<uuid:case_id>/summary.pdf")
def pdf(case_id: UUID) -> ResponseReturnValue:
    """The summary in force as an accessible file that says who took it away and when; without one, the page."""
    services, actor = here()
    answer: SummaryAnswer = services.doors.ask(actor, ReadSummary(case_id, export="pdf"))
    if answer.status != "published":
        return see_other(url_for("summaries.show", case_id=case_id))
    at = services.clock()
    response = make_response(summary_pdf(sheet_of(answer, actor, format_datetime(at, "d MMMM y, HH:mm")), at=at))
    response.content_type = "application/pdf"
    # No name in it: it would be read by whoever looks into the folder of downloads.
    name = _("school-summary") + f"-{answer.version}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


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
        answer, error = _sources(case_id, search), None
    except InvalidInput as invalid:
        answer, error = _sources(case_id, ""), invalid
    form = _begun(answer)
    form.typed["q"] = search
    if error:
        form.take(refused(error))
    elif request.args.get("view") == "preview":
        return _preview(answer, form)
    return make_response(_page(case_id, answer, form), form.status)


@pages.post("/children/<uuid:case_id>/summary/edit", endpoint="write")
def write(case_id: UUID) -> ResponseReturnValue:
    """Keep the draft and go on with it, or publish it. Whatever goes wrong, the page comes back with every word."""
    services, actor = here()
    form = forms.sent()
    action, _sep, rest = request.form.get("action", "keep").partition(".")
    section, _sep, chosen = rest.partition(".")
    draft_id = forms.draft_id_of(case_id, actor.person_id)

    def keep() -> int:
        revision = forms.number_in(form, "revision")
        command = SaveDraft(case_id, draft_id, "summary", forms.body_of(form), revision)
        return services.doors.execute(actor, command).version

    def act() -> Response:
        if action == "publish":
            seen = forms.number_in(form, "seen") or None
            command = PublishSummary(case_id, form.version, forms.content_of(form), draft_id, seen)
            services.doors.execute(actor, command)
            return DONE.then("published", url_for("summaries.show", case_id=case_id))
        if action == "remove" and section in SECTIONS and chosen.isdigit():
            rows = forms.rows_in(form, section)
            form.become(forms.changed(form, section, [row for i, row in enumerate(rows) if i != int(chosen)]))
        if action == "take" and section in TAKEN:
            form.become(_taking(case_id, form, section, chosen))
        keep()
        return see_other(_onwards(case_id, form, action, section))

    if action == "autosave":
        return _autosaved(keep)
    return form.send(act, lambda: _again(case_id, form), _explained)


def _again(case_id: UUID, form: Form) -> Response:
    """The page that came back; the next attempt is a decision on what stands now."""
    error = form.error
    try:
        search = "" if isinstance(error, InvalidInput) else form.typed["q"]
        answer = _sources(case_id, search, forms.cited_in(form))
    except Unavailable:
        answer = None
    if isinstance(error, Stale):
        form.typed["version" if "summary" in error.changed else "revision"] = str(error.current_version)
    return make_response(_page(case_id, answer, form))


def _taking(case_id: UUID, form: Form, section: str, chosen: str) -> Form:
    """The form with a strategy or a goal as a new statement that rests on it; as it is, if it says so already. Raises
    `InvalidInput` where the section is full."""
    texts = _offered(_sources(case_id, ""))[section]
    text = next((text for identifier, text in texts if str(identifier) == chosen), None)
    rows, limit = forms.statements_in(form).get(section, []), forms.limit_of(section)
    if text is None or any(row.text.strip() == text for row in rows):
        return form
    if len(rows) >= limit:
        raise InvalidInput([FieldProblem(f"/statements/{section}", "too-many", {"limit": limit})])
    return forms.changed(form, section, [*rows, forms.Row(text, [chosen])])


def _offered(answer: SummarySourcesAnswer | None) -> dict[str, list[tuple[UUID, str]]]:
    """What may be taken into a section: strategies for school, and goals in plain words."""
    return {
        "helps": [(s.id, s.text) for s in (answer.strategies if answer else ())],
        "aims": [(g["id"], g["statement"]) for g in (answer.goals if answer else ())],
    }


def _onwards(case_id: UUID, form: Form, action: str, section: str) -> str:
    """Where to go on after the draft was kept."""
    search, section = form.typed["q"] or None, section if section in SECTIONS else ""
    place = url_for("summaries.edit", case_id=case_id, q=search)
    if action == "preview":
        return url_for("summaries.edit", case_id=case_id, view="preview")
    if action == "search":
        return f"{place}#sources"
    if action == "add" and section:
        row = min(len(forms.statements_in(form).get(section, ())), forms.limit_of(section) - 1)
        return url_for("summaries.edit", case_id=case_id, q=search, add=section, _anchor=f"text-{section}-{row}")
    if action in ("remove", "take") and section:
        return f"{place}#section-{section}"
    DONE.say("kept")
    return place


def _autosaved(keep: Callable[[], int]) -> ResponseReturnValue:
    error, revision = None, 0
    try:
        revision = keep()
    except DomainError as refusal:
        error = refusal
    page = render_template("summary/_autosaved.html", revision=revision, error=error, at=here()[0].clock())
    return page, status_of(error) if error else 200


@pages.post("/children/<uuid:case_id>/summary/edit/discard")
def discard(case_id: UUID) -> ResponseReturnValue:
    """The draft is thrown away; what is published stays."""
    discard_draft(case_id, forms.draft_id_of(case_id, here()[1].person_id))
    return DONE.then("discarded", url_for("summaries.show", case_id=case_id))


@pages.post("/children/<uuid:case_id>/summary/reading-hint")
def reading_hint(case_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - part of the address
    """How easy what is being typed is to read. Nothing of it is kept, and nothing of the child is shown."""
    require_actor()
    hint = forms.ease_of(forms.sent(), page_language())
    return render_template("_macros/reading_hint.html", hint=hint, longest=LONGEST_SENTENCE)


def _begun(answer: SummarySourcesAnswer) -> Form:
    """One's draft, or what stands now to begin with."""
    add = request.args.get("add", "")
    if answer.draft is not None:
        return forms.kept(answer.draft, add)
    services = here()[0]
    return forms.following(answer.summary, services.clock().astimezone(services.settings.zone).date(), add)


def _page(case_id: UUID, answer: SummarySourcesAnswer | None, form: Form) -> str:
    """The form beside its sources. Without an answer (a store is down) only what was typed."""
    if answer is not None:
        form.typed["seen"] = str(answer.summary.shown.position)
    newer = answer is not None and answer.summary.version != form.version
    stale = isinstance(form.error, Stale) and "summary" in form.error.changed
    names = _names(answer, form)
    for name in form.fields:
        if name.startswith("source."):
            form.offer(name, [{"value": str(entry), "text": text} for entry, text in names.items()])
    return render_template(
        "summary/edit.html",
        summary=answer.summary if answer else None,
        **around(answer.summary if answer else None, case_id),
        form=form,
        rows={section: forms.rows_in(form, section) for section in SECTIONS},
        names=names,
        sources=answer.sources if answer else (),
        draft=answer.draft if answer else None,
        offered=_offered(answer),
        unagreed=[g["id"] for g in (answer.goals if answer else ()) if not g["agreed_as_it_stands"]],
        tried={s.id: s.counts for s in (answer.strategies if answer else ())},
        published_meanwhile=answer.summary if answer and (newer or stale) else None,
        done=None if form.came_back else DONE.once(),
        hint=forms.ease_of(form, page_language()),
        longest=LONGEST_SENTENCE,
        limit_of=forms.limit_of,
        sections=SECTIONS,
    )


def _preview(answer: SummarySourcesAnswer, form: Form) -> ResponseReturnValue:
    """The draft as a teacher will see it."""
    statements = {s: [{"text": row.text} for row in rows] for s, rows in forms.statements_in(form).items()}
    return render_template(
        "summary/preview.html",
        summary=answer.summary,
        **around(answer.summary),
        form=form,
        valid_from=forms.day_in(form, "valid_from"),
        review_date=forms.day_in(form, "review_date"),
        statements=statements,
        text_language=language_of_statements(statements),
    )


def _names(answer: SummarySourcesAnswer | None, form: Form) -> dict[UUID, str]:
    """What the entries are called that a statement may rest on, or does."""
    names: dict[UUID, str] = {}
    if answer is not None:
        names |= {source["entry_id"]: _name_of(source) for source in answer.sources}
        names |= {s.id: _("Strategy: %(text)s", text=s.text) for s in answer.strategies}
        names |= {g["id"]: _("Goal: %(text)s", text=g["statement"]) for g in answer.goals}
        names |= _names_of_cited(answer.summary)
    for entry in forms.cited_in(form):
        names.setdefault(entry, _("An entry that you cannot open now"))
    return names


def _names_of_cited(answer: SummaryAnswer) -> dict[UUID, str]:
    """What the strategies and goals are called that the version before rests on and that are not offered any more."""
    cited = [source for rows in given(answer).values() for row in rows for source in row["sources"]]
    texts = {"strategy": _("Strategy: %(text)s"), "goal": _("Goal: %(text)s")}
    return {s["entry"]: texts[s["kind"]] % {"text": s["text"]} for s in cited if s["entry"] and s["kind"] in texts}


def _name_of(source: Mapping[str, Any]) -> str:
    """What an entry is called in a list to choose from."""
    parts = [
        format_datetime(source["observed_from"], "d MMM y"),
        format_called(source["format"], written_in(source)),
        source["author_name"],
    ]
    if source["status"] in ("awaiting-cosignature", "entered-in-error"):
        parts.append(label("status", source["status"]))
    return ", ".join(parts)


def _explained(error: DomainError) -> Explanation:
    """Why the page came back, where that is not a matter of single fields."""
    if isinstance(error, Stale) and "draft" in error.changed:
        return Explanation(
            _("Your draft was changed in another window"),
            _("It was kept there after you opened this page."),
            _("What you typed here is below. Keeping it replaces what was kept in the other window."),
        )
    return explanation(error.code)


# ---- recalling ---------------------------------------------------------------------------------------------------


def _to_recall(case_id: UUID) -> SummaryAnswer:
    services, actor = here()
    return cast(SummaryAnswer, services.doors.ask(actor, ReadSummary(case_id, request.values.get("version", type=int))))


asks = Asks(pages, DONE, _to_recall)


_WHY = why(_l("The care team will see this."), _l("Why do you recall it?"))


@asks("/children/<uuid:case_id>/summary/recall", [_WHY], "RecallSummary")
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
        tab="summary",
        dangerous=True,
        seen={"version": answer.version if answer else ""},
        may=lambda: answer is not None and answer.status in ("published", "upcoming"),
    )


# ---- shared ------------------------------------------------------------------------------------------------------


def _sources(case_id: UUID, search: str, cited: Sequence[UUID] = ()) -> SummarySourcesAnswer:
    services, actor = here()
    question = ReadSummarySources(case_id, search, tuple(cited), SHOWN_SOURCES)
    return cast(SummarySourcesAnswer, services.doors.ask(actor, question))
