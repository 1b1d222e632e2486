"""A teacher's first page: a card for each pupil, on which a goal is rated in one tap and an observation is a line.

What is tapped or written there is signed at once, at school and now; it can be undone as long as the card says so. A
card is one form: whichever of its buttons is pressed, a line that was typed and not signed is still there afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid5

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.declared import CaseCommand
from coord.application.goals.commands import EnterObservationInError, ObserveGoal
from coord.application.home.questions import CaseloadAnswer, Pupil, ReadCaseload, ReadForSupply, SupplyAnswer
from coord.application.notes.commands import EnterNoteInError, SignNote
from coord.application.notes.questions import NoteAnswer, ReadNote
from coord.domain.actors import Role
from coord.domain.case import Audience, NoteContent, ObservationContent, Setting
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import SUPPORTS, Context
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.projections.timeline import NEWS_AT_MOST
from coord.web.goals import words as goal_words
from coord.web.home.page import MANY_CHILDREN, found_among, pages, sought
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind, Text, number_of, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.kit.moment import PRESSED, pressed_at
from coord.web.kit.namesakes import marks_of, names_of
from coord.web.reading_ease import Language, language_of
from coord.web.visit import here
from coord.web.waiting.words import ON_THE_FIRST_PAGE, waiting_on_the_first_page
from coord.words import spelled_alike

DONE = Done("pupils")
"""What was just done: a code, and the ids by which the card finds it."""
HOW: dict[str, Text] = {"went-well": _l("Went well"), "mixed": _l("Mixed"), "hard": _l("Hard")}
"""How it went: what the three buttons say, and what the signed words begin with. These are the writer's own, in the
writer's language: what was signed reads as it did when it was signed."""
_AGAIN = _l(
    "You have kept something from this card already: it stands. What is here differs from it. Press the button again "
    "to keep this as well."
)
NOTED = declared(
    "pupil-noted",
    Field("note_id", Kind.ID, pointer="/id"),
    PRESSED,
    Field(
        "line",
        Kind.LONG,
        _l("A line about today"),
        pointer="/sections/observed",
        says={
            "missing": _l("Write a line about what you saw, then press one of the three buttons"),
            "unknown-choice": _l("Press one of the three buttons below the line"),
        },
        rows=1,
    ),
    taken=_AGAIN,
    small=True,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What was just done from a card (``rated``, ``noted``, ``undone``): of which child, of which goal, under which id.

    Of what came from a forged session nothing is said.
    """

    what: str = ""
    case_id: UUID | None = None
    goal_id: UUID | None = None
    id: UUID | None = None

    @classmethod
    def once(cls) -> Said:
        """What the last form had to say."""
        what, *ids = (DONE.once() or "").split(":")
        found = [uuid_of(one) for one in ids]
        return cls(what, *found) if len(found) == 3 else cls()

    @property
    def as_kept(self) -> str:
        """For the next page to say."""
        return ":".join([self.what, *(str(id or "") for id in (self.case_id, self.goal_id, self.id))])


@dataclass(frozen=True, slots=True)
class Sent:
    """A card's form on its way, and the goal that it was about, if it was about one."""

    form: Form
    case_id: UUID
    goal_id: UUID | None = None


# ---- the page ----------------------------------------------------------------------------------------------------


def pupils_page(said: Said | None = None, sent: Sent | None = None) -> Response:
    """The cards; with what was just kept, and with a form that was ``sent`` and still has something in it: it came
    back, or its line is not signed yet.

    Raises `NotPermitted` for somebody who is no teacher any more, and for a form whose card is gone (a closed case).
    """
    services, actor = here()
    if actor.role is not Role.TEACHER:
        raise NotPermitted
    if said is None:
        said = Said.once() if sent is None else Said()
    kept = (said.goal_id, said.id) if said.what == "rated" and said.goal_id and said.id else None
    (answer,) = services.doors.ask_together(actor, ReadCaseload(cards=True, kept=kept, waiting=ON_THE_FIRST_PAGE))
    text = sought()
    found = found_among(answer.children, text)
    own = [child for child in found if child["status"] == "open"]
    if sent is not None and sent.case_id not in {child["case_id"] for child in own}:
        raise NotPermitted  # there is no card to bring the line back: it comes back alone
    marks = marks_of(answer.children)
    names = names_of(answer.children, marks)
    page = render_template(
        "home/teacher.html",
        answer=answer,
        text=text,
        searchable=bool(text) or len(answer.children) > MANY_CHILDREN,
        own=own,
        closed=[child for child in found if child["status"] != "open"],
        many=NEWS_AT_MOST,
        names=names,
        marks=marks,
        **waiting_on_the_first_page(answer.waiting, names, teacher=True),
        said=said,
        came_back=sent is not None and sent.form.came_back,
        open_goal=_open_goal(answer, [child["case_id"] for child in own], said, sent),
        form_of=lambda case_id: sent.form if sent and sent.case_id == case_id else NOTED.of(at=_at(case_id)),
        words=goal_words,
        levels=LEVELS,
        supports=SUPPORTS,
        how=HOW,
        spoken=_spoken,
    )
    return make_response(page)


def _open_goal(answer: CaseloadAnswer, own: list[UUID], said: Said, sent: Sent | None) -> UUID | None:
    """The one goal whose levels are seen: which was just rated, or the first of the first pupil who has one."""
    if acted_on := said.goal_id or (sent.goal_id if sent else None):
        return acted_on
    cards: list[Pupil] = [answer.cards[case_id] for case_id in own if case_id in answer.cards]
    return next((card.goals[0].id for card in cards if card.goals), None)


def _at(case_id: UUID) -> str:
    return f"pupil-{case_id}-"


def _spoken(*texts: str) -> Language:
    """What the words of a summary are written in, for voices that read them aloud."""
    locale = get_locale()
    return language_of(" ".join(texts), "it" if locale is not None and locale.language == "it" else "en")


# ---- what is kept from a card ------------------------------------------------------------------------------------


@pages.post("/pupils/<uuid:case_id>/observation")
def observe(case_id: UUID) -> ResponseReturnValue:
    """Sign a line: how it went, and what one saw."""
    services, actor = here()

    def sign(form: Form) -> Said:
        words = _words_of(form)
        content = NoteContent(
            format="school-observation",
            sections={"observed": words},
            observed_from=pressed_at(form, services.clock()) or services.clock(),
            setting=Setting.SCHOOL,
            audience=Audience.CARE_TEAM,
        )
        try:
            services.doors.execute(actor, SignNote(case_id, form.id, content, confirmed=form.given))
        except InvalidInput as refusal:
            if not _id_taken(refusal) or not _signed_before(case_id, form.id, words):
                raise
        form.typed["line"] = ""
        return Said("noted", case_id, None, form.id)

    return _carried_out(case_id, None, sign)


def _carried_out(case_id: UUID, goal_id: UUID | None, act: Callable[[Form], Said]) -> Response:
    """What a button of a card does, with what is then said; a line that it did not sign stays in the card."""
    form = NOTED.sent(at=_at(case_id))
    sent = Sent(form, case_id, goal_id)

    def done() -> Response:
        said = act(form)
        if form.typed["line"].strip():
            form.renew()  # what was kept from this form was kept
            return pupils_page(said, sent)
        return DONE.then(said.as_kept, url_for("home.show") + "#said")

    return form.send(done, lambda: pupils_page(sent=sent))


def _words_of(form: Form) -> str:
    """What is signed: "Went well: put the box away by himself". Raises `InvalidInput`."""
    how, line = HOW.get(request.form.get("how", "")), form.typed["line"]
    if how is None or not line.strip():
        code = "unknown-choice" if line.strip() else "missing"
        raise InvalidInput([FieldProblem("/sections/observed", code)])
    return f"{how}: {line.strip()}"


def _id_taken(refusal: InvalidInput) -> bool:
    return any(problem.code == "id-taken" for problem in refusal.problems)


def _signed_before(case_id: UUID, note_id: UUID, words: str) -> bool:
    """Whether the same was signed from this form before: sent again, it would only be a few moments later."""
    services, actor = here()
    try:
        answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    except NotFound:
        return False
    note = answer.note
    if note is None or note.author["person"] != str(actor.person_id):
        return False
    return spelled_alike(note.sections.get("observed", "")) == spelled_alike(words)


@pages.post("/pupils/<uuid:case_id>/goals/<uuid:goal_id>/level")
def rate(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Keep the level that was tapped (or the help that was needed, of a goal without a scale)."""
    services, actor = here()

    def keep(form: Form) -> Said:
        level, support = number_of(request.form.get("level", "")), request.form.get("support", "")
        scale = number_of(request.form.get(f"scale-{goal_id}", ""))
        at = pressed_at(form, services.clock())
        content = ObservationContent(Context.SCHOOL, level, support, observed_at=at, scale_version=scale)
        id = uuid5(form.id, goal_id.hex)  # chance, as the form's is: a card has one id for all its goals
        services.doors.execute(actor, ObserveGoal(case_id, goal_id, id, content))
        return Said("rated", case_id, goal_id, id)

    return _carried_out(case_id, goal_id, keep)


# ---- and undone --------------------------------------------------------------------------------------------------


@pages.post("/pupils/<uuid:case_id>/goals/<uuid:goal_id>/observations/<uuid:observation_id>/undo")
def undo_level(case_id: UUID, goal_id: UUID, observation_id: UUID) -> ResponseReturnValue:
    """Take back a level that was tapped by mistake."""
    command = EnterObservationInError(case_id, goal_id, observation_id, _("A slip, taken back"))
    return _undone(command, Said("undone", case_id, goal_id, observation_id))


@pages.post("/pupils/<uuid:case_id>/notes/<uuid:note_id>/undo")
def undo_observation(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Take back a line that was signed by mistake."""
    command = EnterNoteInError(case_id, note_id, _("A slip, taken back"))
    return _undone(command, Said("undone", case_id, None, note_id))


def _undone(command: CaseCommand, said: Said) -> Response:
    def undo(_form: Form) -> Said:
        services, actor = here()
        try:
            services.doors.execute(actor, command)
        except Conflict as refusal:
            if refusal.code != "entered-in-error":  # sent twice, it is undone
                raise
        return said

    return _carried_out(command.case_id, said.goal_id, undo)


# ---- for who stands in -------------------------------------------------------------------------------------------


@pages.get("/pupils/supply")
def supply() -> ResponseReturnValue:
    """A page to print for a supply teacher: of one class, or of all pupils."""
    services, actor = here()
    school, school_class = request.args.get("school"), request.args.get("class")
    one = school_class is not None
    question = ReadForSupply(school or "", school_class) if one else ReadForSupply()
    answer: SupplyAnswer = services.doors.ask(actor, question)
    return render_template(
        "home/supply.html",
        answer=answer,
        of=(school or "", school_class) if one else None,
        printed_at=services.clock(),
        by=actor.name,
        spoken=_spoken,
    )
