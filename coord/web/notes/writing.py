"""Writing a note: kept while it is typed, signed from the same page; and what all pages about a note have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.notes.commands import DiscardDraft, SignNote
from coord.application.notes.questions import BesideAnswer, NoteAnswer, OwnLastNote, ReadBeside, ReadDraft, ReadNote
from coord.application.phrases.questions import PhrasesAnswer, ReadPhrases
from coord.application.timeline.questions import ReadTimeline, TimelineAnswer, TimelineFilter
from coord.domain.actors import Role
from coord.domain.case.note_twins import meant_beside
from coord.domain.case.notes import Format
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, Stale, Unavailable
from coord.web.kit.child import around, audiences_for
from coord.web.kit.done import Done
from coord.web.kit.drafts import another_tab, autosaved, keep, number_in
from coord.web.kit.form import Form
from coord.web.labels import AUDIENCE_STATEMENTS
from coord.web.messages import Explanation, explanation
from coord.web.notes import form as forms
from coord.web.notes import rating_form
from coord.web.notes.formats import Offered, spelled, stand_in
from coord.web.notes.likely_time import last_format, last_note, likely_time, remember
from coord.web.sections import format_called, written_in
from coord.web.spelling import format_date
from coord.web.visit import here, see_other

pages = Blueprint("notes", __name__)

DONE = Done("note")
"""What was just done, said once."""
EARLIER_NOTES = 20


@pages.get("/children/<uuid:case_id>/notes/new")
def new(case_id: UUID) -> ResponseReturnValue:
    """An empty page for what has just ended, if one writes as one goes; ``linked`` names an earlier note that it
    continues."""
    services, actor = here()
    beside: BesideAnswer = services.doors.ask(actor, ReadBeside(case_id))
    offered = Offered.beside(actor, beside)
    name = forms.spelled_of(offered.named(offered.now(request.args.get("format") or last_format())))
    linked = request.args.get("linked", type=UUID)
    now = services.clock()
    likely = likely_time(now, last_note())
    began_with = forms.beginning(actor, beside.own)
    form = forms.blank(name, [linked] if linked else [], began_with, now, services.settings.zone, likely)
    return WritingPage(case_id, uuid4(), form, filled_in=likely is not None).page(beside, offered)


@pages.get("/children/<uuid:case_id>/drafts/<uuid:draft_id>")
def draft(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """One's own draft, to go on with; what has been signed meanwhile is shown as the note that it is."""
    services, actor = here()
    answer = _own(case_id, draft_id)
    if not isinstance(answer, NoteAnswer):
        return answer
    assert answer.draft is not None  # noqa: S101 - what was signed is elsewhere
    form = forms.kept(answer.draft.body, answer.draft.revision, actor, services.settings.zone)
    return WritingPage(case_id, draft_id, form, kept_at=answer.draft.updated_at).page()


def _own(case_id: UUID, draft_id: UUID) -> NoteAnswer | ResponseReturnValue:
    """One's own draft. What has been signed is at its own place; words about a child whom one knows no more are there
    to read once more, and to throw away, never to sign."""
    services, actor = here()
    answer: NoteAnswer | Mapping[str, Any] = services.doors.ask(
        actor, ReadNote(case_id, draft_id), otherwise=ReadDraft(case_id, draft_id)
    )
    if not isinstance(answer, NoteAnswer):
        return render_template("notes/left.html", case_id=case_id, draft=answer, texts=_texts_in(answer["body"]))
    if answer.draft is None:
        return see_other(url_for("notes.show", case_id=case_id, note_id=draft_id))
    return answer


_NO_WORDS = frozenset(
    {"note", "addendum_id", "tab", "turn", "version", "seen", "format", "audience", "setting", "linked"}
    | {"observed_from", "observed_to", "typed", "valid_from", "review_date", "sources", "revision", "ratings"}
)


def _texts_in(body: object) -> list[str]:
    """The words of a draft of any kind, in its order."""
    if isinstance(body, Mapping):
        return [text for name, part in body.items() if name not in _NO_WORDS for text in _texts_in(part)]
    if isinstance(body, list):
        return [text for part in body for text in _texts_in(part)]
    return [body.strip()] if isinstance(body, str) and body.strip() else []


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>")
def write(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed, and sign it if that is wanted. Whatever goes wrong, the page comes back with every word."""
    action, _sep, name = request.form.get("action", "keep").partition(":")
    writing = WritingPage(case_id, draft_id, forms.sent(here()[1], name if action == "format" else ""))
    if action == "keep-apart":
        writing.go_apart()
    return writing.form.send(lambda: writing.written(action, name), writing.page, explained)


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>/autosave")
def autosave(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Keep what is being typed; the answer is what the page's status line says."""
    return autosaved(WritingPage(case_id, draft_id, forms.sent(here()[1])).keep)


@pages.get("/children/<uuid:case_id>/drafts/<uuid:draft_id>/discard")
def confirm_discard(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Asks whether the draft is really to go, and shows it once more."""
    answer = _own(case_id, draft_id)
    if not isinstance(answer, NoteAnswer):
        return answer
    draft = answer.draft
    template = Offered(here()[1]).named(spelled(draft.template)) if draft and draft.template else None
    return render_template(
        "notes/discard.html",
        sections=draft and draft.sections,
        kept=template and template.written_in,
        rated=len(draft.ratings) if draft else 0,
        draft_id=draft_id,
        **around(answer),
    )


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>/discard")
def discard(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Throw one's own draft away."""
    services, actor = here()
    services.doors.execute(actor, DiscardDraft(case_id, draft_id))
    return see_other(url_for("home.show"))


@dataclass(slots=True)
class WritingPage:
    """The writing page in one of its states."""

    case_id: UUID
    draft_id: UUID
    form: Form
    kept: bool = False
    nothing_to_keep: bool = False
    """Whether it was to be kept, and there is not a word in it."""
    filled_in: bool | None = None
    """Whether a new page has a time that it chose itself, or lacks one because nobody can say; None for any other."""
    kept_at: datetime | None = None
    """When its words were kept, if they were before this page."""
    signed_as: UUID | None = None
    """The note that was signed from this page before, with other words."""

    def keep(self) -> int:
        """Keep the words as a draft; its revision, 0 without a word."""
        body = forms.body_of(self.form, here()[0].settings.zone)
        revision = keep(self.case_id, self.draft_id, "note", self.form, body, has_words=forms.has_words(self.form))
        self.kept = revision > 0
        return revision

    def go_apart(self) -> None:
        """From here on the same words are a draft of their own."""
        self.draft_id = uuid4()
        self.form.typed |= {name: str(value) for name, value in another_tab().items()}

    def written(self, action: str, name: str = "") -> Response:
        """Kept, and signed if that is wanted; on to what it has become. ``name`` is of a section to take over, or of a
        phrase to put in."""
        took = self._take_over(name) if action == "take" else self._put_in(name) if action == "phrase" else ""
        try:
            self.keep()
        except Conflict as conflict:
            if conflict.code != "already-signed":
                raise
            if action != "sign":
                raise self._signed_before() from None
        if action == "sign":
            return self._sign()
        if not self.kept:  # a page without words is no draft: it goes on as it is
            self.nothing_to_keep = action.startswith("keep")
            return self.page()
        place = url_for("notes.draft", case_id=self.case_id, draft_id=self.draft_id)
        if took:
            return see_other(f"{place}#{took}")
        return see_other(f"{place}?earlier=1#earlier-notes" if action == "find-notes" else place)

    def _take_over(self, name: str) -> str:
        """Put a section of the last note into this one, for a page without JavaScript; the field where it is now."""
        beside = self._beside()
        text = beside.last["sections"].get(name, "") if beside.last else ""
        if not beside.last or not text:
            return ""
        template = Offered.beside(here()[1], beside).named(self.form.typed["format"])
        return forms.take_over(self.form, forms.section_for(template, name, written_in(beside.last)), text)

    def _beside(self) -> BesideAnswer:
        services, actor = here()
        rated = [UUID(goal) for goal in rating_form.goals_of(self.form.typed)]
        answer: BesideAnswer = services.doors.ask(actor, ReadBeside(self.case_id, rated))
        return answer

    def _put_in(self, name: str) -> str:
        """Put a phrase into this note, for a page without JavaScript; the field where it is now."""
        services, actor = here()
        mine: PhrasesAnswer = services.doors.ask(actor, ReadPhrases())
        text = next((one["text"] for one in mine.items if one["name"] == name), "")
        template = Offered(actor).named(self.form.typed["format"])
        return forms.put_in(self.form, template, request.form.get("phrase-into", ""), text) if text else ""

    def _sign(self) -> Response:
        services, actor = here()
        content = forms.content_of(self.form, actor, Offered(actor), services.clock(), services.settings.zone)
        ratings = rating_form.ratings_of(self.form)
        command = SignNote(self.case_id, self.draft_id, content, confirmed=self.form.given, ratings=ratings)
        try:
            services.doors.execute(actor, command)
        except InvalidInput as invalid:
            if any(problem.code == "id-taken" for problem in invalid.problems):
                raise self._signed_before() from None
            raise
        remember(content, self.form.typed["format"], services.clock())
        said = f"signed:{len(ratings)}" if ratings else "signed"
        return DONE.then(said, url_for("notes.show", case_id=self.case_id, note_id=self.draft_id))

    def _signed_before(self) -> Conflict:
        """A note was signed from this page with other words: these are something of their own.

        Whoever is told so need not be asked whether it is another.
        """
        self.signed_as = self.draft_id
        self.go_apart()
        begun, *_rest = forms.read_circumstances(self.form, here()[0].settings.zone)
        if begun:
            self.form.given = (*self.form.given, meant_beside(self.signed_as, begun))
        return Conflict("already-signed")

    def page(self, beside: BesideAnswer | None = None, offered: Offered | None = None) -> Response:
        """The page. Without an answer it asks what is to be beside the note; if not even that works, it does without,
        and without the child's name."""
        services, actor = here()
        form, now = self.form, services.clock()
        if beside is None:
            with suppress(Unavailable):
                beside = self._beside()
        stale = form.status == 412
        earlier = self._earlier()
        form.offer("linked", [_to_link(item) for item in earlier or ()])
        form.offer("audience", [{"value": v, "text": text, "hint": says} for v, text, says in audiences_for(actor)])
        form.where = self._earlier_note
        offered = offered or Offered.beside(actor, beside)
        template = self._laid_out(offered)
        kept = self.kept or number_in(form, "revision") > 0
        page = render_template(
            "notes/write.html",
            draft_id=self.draft_id,
            form=form,
            template=template,
            left_over=forms.left_over(form, template),
            others=offered.others(template),
            newer=offered.newer(template),
            retired=offered.retired(template),
            goes_into=self._goes_into(template, beside),
            is_student=actor.role is Role.STUDENT,
            closed=beside is not None and beside.status != "open",
            stale=stale,
            signed_as=self.signed_as,
            nothing_to_keep=self.nothing_to_keep,
            filled_in=self.filled_in,
            kept=kept and not stale and not self.signed_as,
            unsaved=form.came_back and not self.kept,
            kept_at=now if self.kept else self.kept_at,
            earlier=earlier,
            below=forms.BELOW,
            beside=beside,
            boxes=[(one, form.fields[one].label) for one in forms.boxes_of(template)],
            goals=rating_form.offer(form, beside) if beside else (),
            when_and_where=forms.when_and_where(form, services.settings.zone, now),
            of_today=_of_today(beside.own if beside else None),
            statements=AUDIENCE_STATEMENTS,
            **around(beside, self.case_id),
        )
        return make_response(page)

    def _laid_out(self, offered: Offered) -> Format:
        """What it is written in, with its boxes on the page."""
        form = self.form
        template = offered.named(form.typed["format"])
        if offered.unknown:
            template = stand_in(form.typed["format"], list(forms.written_in(form))) or template
        forms.lay_out(form, template, offered.called())
        return template

    def _goes_into(self, template: Format, beside: BesideAnswer | None) -> dict[str, str]:
        """Of each section of the last note, where it is taken over to."""
        if beside is None or beside.last is None:
            return {}
        kept = written_in(beside.last)
        return {name: forms.section_for(template, name, kept) for name in beside.last["sections"]}

    def _earlier_note(self, problem: FieldProblem) -> str:
        """Where the note is that a question is about."""
        note = problem.params.get("note")
        return url_for("notes.show", case_id=self.case_id, note_id=note) if note else ""

    def _earlier(self) -> Sequence[Mapping[str, Any]] | None:
        """Earlier notes to link, once the person has asked for them: listing them is a look at each."""
        services, actor = here()
        if self.form.came_back or not ("earlier" in request.args or request.form.get("action") == "find-notes"):
            return None
        notes = ReadTimeline(self.case_id, TimelineFilter(kind="note"), limit=EARLIER_NOTES)
        answer: TimelineAnswer = services.doors.ask(actor, notes)
        return answer.items


def _of_today(own: OwnLastNote | None) -> OwnLastNote | None:
    """One's own last note of this child, if it is of today: whoever writes another should know."""
    services, _actor = here()
    zone = services.settings.zone
    if own is None or own["observed_from"].astimezone(zone).date() != services.clock().astimezone(zone).date():
        return None
    return own


def _to_link(item: Mapping[str, Any]) -> dict[str, str]:
    words = " ".join(item["sections"].values())
    written = format_called(item["format"], written_in(item))
    called = (format_date(item["observed_from"], "medium"), written, item["author_name"])
    return {"value": str(item["entry_id"]), "text": ", ".join(called), "hint": shorten(words, 110, placeholder="...")}


def explained(error: DomainError) -> Explanation:
    """What happened, and what to do, for the box on top of a page that came back."""
    if isinstance(error, Stale) and error.changed == ("draft",):
        return Explanation(
            _("This draft was changed elsewhere"),
            _("Another tab or window has kept other words in it since you opened it here. Nothing was overwritten."),
            _("Look at the other one, or keep what is below as a draft of its own."),
        )
    if error.code == "already-signed":
        return Explanation(
            _("This note is signed already"),
            _("It was signed from another tab or window, and what is below differs from it."),
            _("Look at the signed note. If what is below is something more, sign it as a note of its own."),
        )
    return explanation(error.code)
