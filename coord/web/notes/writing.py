"""The writing page in each of its states, and what all pages about a note have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.notes.questions import CosignersAnswer, NoteAnswer
from coord.application.services import Services
from coord.application.timeline.questions import ReadTimeline, TimelineAnswer, TimelineFilter
from coord.domain.actors import Actor, Role
from coord.domain.case import Setting
from coord.domain.case.note_twins import meant_beside
from coord.domain.errors import DomainError, FieldProblem, InvalidInput, Stale, Unavailable
from coord.domain.permissions import leads_service_team
from coord.web.errors import status_of
from coord.web.kit.asking import confirmed, questions
from coord.web.kit.child import audiences_for, here
from coord.web.kit.problem import Problem
from coord.web.kit.sent import refused
from coord.web.labels import label
from coord.web.messages import Explanation, explanation
from coord.web.notes.form import NoteForm, formats_of, problems_of
from coord.web.spelling import format_time

EARLIER_NOTES = 20


@dataclass(frozen=True, slots=True)
class WritingPage:
    """The writing page in one of its states."""

    case_id: UUID
    draft_id: UUID
    form: NoteForm
    kept: bool = False
    nothing_to_keep: bool = False
    """Whether it was to be kept, and there is not a word in it."""
    filled_in: bool | None = None
    """Whether a new page has a time that it chose itself, or lacks one because nobody can say; None for any other."""
    signed_as: UUID | None = None
    """The note that was signed from this page before, with other words."""

    def after(self, signed: UUID) -> WritingPage:
        """The same words as something of its own, once a note was ``signed`` with others."""
        return WritingPage(self.case_id, uuid4(), self.form.apart(), signed_as=signed)

    def page(
        self,
        *,
        case: CaseAnswer | None = None,
        note: NoteAnswer | None = None,
        problems: Sequence[Problem] = (),
        error: DomainError | None = None,
    ) -> ResponseReturnValue:
        """The page. Without an answer it asks for the child; if not even that works, it does without the name."""
        services, actor = here()
        asked = error.problems if isinstance(error, InvalidInput) else ()
        if isinstance(error, InvalidInput):
            problems = problems_of(error.problems)
        again = bool(problems or error)
        if case is None and note is None:
            try:
                case = services.doors.ask(actor, ReadCase(self.case_id))
            except Unavailable:
                case = None
        earlier, earlier_asked = self._earlier(services, actor, again)
        page = render_template(
            "notes/write.html",
            draft_id=self.draft_id,
            form=self.form,
            template=self.form.template(actor),
            leftover=self.form.leftover(actor),
            formats=formats_of(actor),
            settings=[(s.value, label("setting", s.value)) for s in Setting],
            audiences=audiences_for(actor),
            is_student=actor.role is Role.STUDENT,
            closed=case is not None and case.status != "open",
            problems=problems,
            problems_title=refused(error).title if isinstance(error, InvalidInput) else None,
            notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
            stale=isinstance(error, Stale),
            signed_as=self.signed_as,
            nothing_to_keep=self.nothing_to_keep,
            filled_in=self.filled_in,
            asked=questions(asked, where=self._earlier_note),
            given=self._given(services.settings.zone),
            kept=self.kept or self.form.revision > 0,
            unsaved=again and not self.kept,
            again=again,
            kept_at=services.clock() if self.kept else note.draft.updated_at if note and note.draft else None,
            earlier=earlier,
            earlier_asked=earlier_asked,
            zone=services.settings.zone,
            **around(actor, self.case_id, case=case, note=note),
        )
        return page, (status_of(error) if error else 422 if problems else 200)

    def _given(self, zone: ZoneInfo) -> tuple[str, ...]:
        """The answers so far. Whoever is told here that a note was signed need not be asked whether it is another."""
        begun, _end, _problems = self.form.circumstances.read(zone)
        told = (meant_beside(self.signed_as, begun),) if self.signed_as and begun else ()
        return (*confirmed(), *told)

    def _earlier_note(self, problem: FieldProblem) -> str:
        """Where the note is that a question is about."""
        note = problem.params.get("note")
        return url_for("notes.show", case_id=self.case_id, note_id=note) if note else ""

    def _earlier(self, services: Services, actor: Actor, again: bool) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """Earlier notes to link, once the person has asked for them: listing them is a look at each."""
        asked = "earlier" in request.args or request.form.get("action") == "find-notes"
        if not asked or again:
            return (), False
        answer: TimelineAnswer = services.doors.ask(
            actor, ReadTimeline(self.case_id, TimelineFilter(kind="note"), limit=EARLIER_NOTES)
        )
        return answer.items, True


def around(
    actor: Actor, case_id: UUID, *, case: CaseAnswer | None = None, note: NoteAnswer | CosignersAnswer | None = None
) -> dict[str, Any]:
    """What each page says about the child: name, the reader's place, and the position shown."""
    answer = case or note
    name = note.preferred_name if note else case.details["preferred_name"] if case else ""
    return {
        "case_id": case_id,
        "preferred_name": name,
        "shown": answer.shown if answer else None,
        "incomplete_since": min(answer.shown.incomplete.values(), default=None) if answer else None,
        "leads": answer is not None and leads_service_team(actor, answer.relationship),
        "role": actor.role.value,
    }


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


def autosaved(save: Callable[[], int]) -> ResponseReturnValue:
    """What became of it, for the page's status line; ``save`` gives the draft's new revision."""
    try:
        revision = save()
    except DomainError as error:
        states = {"stale": "stale", "already-signed": "signed"}
        state = states.get(error.code, "failed")
        words = {
            "stale": _("This draft was changed in another tab or window since. Nothing was overwritten."),
            "signed": _("This note was signed in another tab or window. What you type here is not kept any more."),
            "failed": _("The draft could not be kept: %(why)s", why=explanation(error.code).message),
        }
        return jsonify(state=state, message=words[state]), status_of(error)
    message = _("Draft kept, %(time)s", time=format_time(here()[0].clock(), "short")) if revision else ""
    return jsonify(state="saved", message=message, revision=revision)
