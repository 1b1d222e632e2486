"""What helps, at home, in class and elsewhere: offered in plain words, tried, and told what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from coord.application.goals.commands import EndStrategy, EnterTrialInError, OfferStrategy, TellOfStrategy
from coord.application.goals.questions import GoalsAnswer, ReadGoals, StrategyLine
from coord.domain.actors import Actor
from coord.domain.case.goals.observing import contexts_of
from coord.domain.case.goals.wording import Context
from coord.domain.case.strategies import Trial, TrialContent
from coord.domain.errors import NotPermitted
from coord.domain.permissions import PERMISSIONS, leads_service_team
from coord.web.kit.child import around, page, refuse_unless_offered
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.kit.reason import Act, Asks, one_of, seen, told, what_is_wrong, why
from coord.web.labels import label
from coord.web.reading_ease import LONGEST_SENTENCE, Ease, Language, language_of, read
from coord.web.visit import here, require_actor, safe_next, see_other

pages = Blueprint("strategies", __name__)

DONE = Done("strategies")
"""What was just done, said once."""
CONTEXTS = (Context.HOME.value, Context.SCHOOL.value, Context.THERAPY.value, Context.COMMUNITY.value)
"""In the order of the page: where the child spends most of the day comes first."""
_TEAM_ALONE = _l("The care team will see it.")
_WHERE = {
    "home": (_l("At home"), _l("The care team and the family will see it.")),
    "school": (_l("In class"), _l("The care team and the school will see it.")),
    "therapy": (_l("In therapy"), _TEAM_ALONE),
    "community": (_l("Out and about"), _TEAM_ALONE),
}
_IN_WORDS = _l(
    "Say what to do, in words that a parent or a teacher uses: “Give one step at a time. Wait for ten seconds.”"
)
OFFER = declared(
    "strategy-offered",
    Field("strategy_id", Kind.ID, pointer="/id"),
    Field("text", Kind.LONG, _l("What to try"), _IN_WORDS, rows=3),
    Field("context", Kind.RADIOS, _l("Where"), options={context: where for context, (where, _who) in _WHERE.items()}),
    Field(
        "goal",
        Kind.CHOICE,
        _l("Goal (optional)"),
        called=_l("Goal"),
        optional=True,
        first=_l("For no goal in particular"),
        before=_l("The goal you chose"),
        becomes=lambda text: uuid_of(text) or UUID(int=0),  # no goal has it: what is no id names none
    ),
    taken=_l("This form was sent before, with other words. To offer something else, send it again"),
)
FOR_THE_FAMILY = (Context.HOME.value, Context.COMMUNITY.value)
"""Where a family is with the child."""

TOLD = declared(
    "strategy-told",
    Field("trial_id", Kind.ID, pointer="/id"),
    Field("remark", Kind.LONG, _l("Remark"), _l("Then choose above what came of it."), optional=True, rows=2),
    Field("outcome", Kind.HIDDEN),
    Field("next", Kind.HIDDEN),
)


# ---- reading -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/strategies")
def index(case_id: UUID) -> Response:
    """What to try, by context, with what came of trying it; below it what is no longer advised."""
    actor = require_actor()
    return _index_page(actor, _goals(actor, case_id))


def _index_page(actor: Actor, answer: GoalsAnswer, form: Form | None = None) -> Response:
    """``form`` is what was told of a strategy, and could not be kept."""
    lines: Sequence[StrategyLine] = answer.strategies
    return page(
        "strategies/index.html",
        **around(answer),
        closed=answer.status != "open",
        by_context=[(c, [s for s in lines if s.context == c and s.status == "offered"]) for c in CONTEXTS],
        ended=[s for s in lines if s.status != "offered"],
        goals=statements_of(answer),
        may=may_of(actor, answer),
        contexts=contexts_of(actor),
        deals_with=deals_with(actor, answer),
        form=form,
        done=None if form else DONE.once(),
    )


@pages.get("/children/<uuid:case_id>/strategies/family")
def family(case_id: UUID) -> Response:
    """What is advised for home and for outings, to be printed and handed over. Teachers have nothing of it to give."""
    _services, actor = here()
    answer = _goals(actor, case_id)
    if actor.sight.as_school:
        raise NotPermitted
    offered = [s for s in answer.strategies if s.status == "offered"]
    return page(
        "strategies/family.html",
        **around(answer),
        by_context=[(c, [s for s in offered if s.context == c]) for c in FOR_THE_FAMILY],
    )


def may_of(actor: Actor, answer: GoalsAnswer | None) -> frozenset[str]:
    """Which commands about strategies to offer."""
    if answer is None:
        return frozenset()
    may = set(answer.may & {"OfferStrategy", "TellOfStrategy"})
    if PERMISSIONS["EndStrategy"].who(actor, answer.relationship):
        may.add("EndStrategy")
    return frozenset(may)


def deals_with(actor: Actor, answer: GoalsAnswer) -> set[UUID]:
    """The reports that this person may mark as a mistake: their own, and for the team lead all."""
    child = answer.relationship
    if not PERMISSIONS["EnterTrialInError"].who(actor, child):
        return set()
    told = [trial for strategy in answer.strategies for trial in strategy.trials if not trial.error]
    return {t.id for t in told if leads_service_team(actor, child) or t.person_id == actor.person_id}


def statements_of(answer: GoalsAnswer | None) -> Mapping[UUID, str]:
    """The words of each goal that the reader may read, by its id."""
    return {g.id: g.content["statement"] for g in answer.goals} if answer else {}


def _goals(actor: Actor, case_id: UUID) -> GoalsAnswer:
    services, _actor = here()
    return cast(GoalsAnswer, services.doors.ask(actor, ReadGoals(case_id, ended=True)))


# ---- telling what came of it -------------------------------------------------------------------------------------


@pages.post("/children/<uuid:case_id>/strategies/<uuid:strategy_id>/tell")
def tell(case_id: UUID, strategy_id: UUID) -> AnyResponse:
    """Kept, and back to where the button was; or the page again, with the remark as typed."""
    (services, actor), form = here(), TOLD.sent(at=f"strategy-{strategy_id}-")

    def act() -> AnyResponse:
        content = TrialContent(form["outcome"], form["remark"])
        services.doors.execute(actor, TellOfStrategy(case_id, strategy_id, form.id, content))
        if form["next"]:
            return see_other(safe_next(form["next"]))
        place = url_for("strategies.index", case_id=case_id) + f"#strategy-{strategy_id}"
        return DONE.then(f"told-{form['outcome']}", place)

    def again() -> AnyResponse:
        answer = _goals(actor, case_id)
        offered = {s.id for s in answer.strategies if s.status == "offered"}
        if strategy_id not in offered or "TellOfStrategy" not in may_of(actor, answer):
            raise NotPermitted  # it has no place for the remark any more
        return _index_page(actor, answer, form)

    return form.send(act, again)


# ---- offering ----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/strategies/offer")
def offer(case_id: UUID) -> AnyResponse:
    """The form that offers one; ``context`` and ``goal`` in the address are chosen already."""
    _services, actor = here()
    return _offer_page(actor, case_id, OFFER.of({name: request.args.get(name) for name in ("context", "goal")}))


@pages.post("/children/<uuid:case_id>/strategies/offer", endpoint="do_offer")
def do_offer(case_id: UUID) -> AnyResponse:
    """Offered; or the form again."""
    services, actor = here()
    form = OFFER.sent()

    def act() -> AnyResponse:
        values = form.values()
        services.doors.execute(
            actor, OfferStrategy(case_id, form.id, values["text"], values["context"], values["goal"])
        )
        return DONE.then("offered", url_for("strategies.index", case_id=case_id) + f"#strategy-{form.id}")

    return form.send(act, lambda: _offer_page(actor, case_id, form))


def _offer_page(actor: Actor, case_id: UUID, form: Form) -> AnyResponse:
    answer = _goals(actor, case_id)
    refuse_unless_offered("OfferStrategy", actor, answer)
    may = (g for g in answer.goals if "OfferStrategy" in g.may or str(g.id) == form.typed["goal"])
    form.offer("context", ({"value": code, "text": text, "hint": hint} for code, (text, hint) in _WHERE.items()))
    form.offer("goal", ({"value": str(g.id), "text": g.content["statement"]} for g in may))
    return page(
        "strategies/offer.html",
        **around(answer),
        form=form,
        hint=_ease(form.typed["text"]),
        longest=LONGEST_SENTENCE,
        offering=True,
    )


@pages.post("/children/<uuid:case_id>/strategies/reading-hint")
def reading_hint(case_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - part of the address
    """How easy what is being typed is to read. Nothing of it is kept, and nothing of the child is shown."""
    require_actor()
    hint = _ease(request.form.get("text", ""))
    return render_template("_macros/reading_hint.html", hint=hint, longest=LONGEST_SENTENCE, offering=True)


def _ease(text: str) -> Ease:
    locale = get_locale()
    ours: Language = "it" if locale is not None and locale.language == "it" else "en"
    return read([text], language_of(text, ours))


# ---- ending ------------------------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda case_id, **_of_it: _goals(here()[1], case_id))


_WHY = why(_l("The care team will see this."), _l("Why"))


@asks("/children/<uuid:case_id>/strategies/<uuid:strategy_id>/end", [_WHY], "EndStrategy")
def end(answer: GoalsAnswer | None, case_id: UUID, strategy_id: UUID) -> Act:
    """Advise it no longer, saying why; if somebody has ended it already, what was wanted is so."""
    strategy = one_of(answer.strategies, strategy_id, "no-such-strategy") if answer else None
    return Act(
        _("Advise it no longer"),
        _("Advise it no longer"),
        lambda form: EndStrategy(case_id, strategy_id, form["reason"], seen("expected_version")),
        back=(url_for("strategies.index", case_id=case_id), _("Things to try")),
        said=_("It is no longer advised. It stays in the record, with your reason."),
        about=[told("strategies/_end.html", strategy=strategy)],
        seen={"expected_version": strategy.version if strategy else ""},
        already=["strategy-ended"],
    )


# ---- mistakes ----------------------------------------------------------------------------------------------------


_OF_A_REPORT = "/children/<uuid:case_id>/strategies/<uuid:strategy_id>/trials/<uuid:trial_id>"


@asks(f"{_OF_A_REPORT}/error", [what_is_wrong()], "EnterTrialInError")
def trial_error(answer: GoalsAnswer | None, case_id: UUID, strategy_id: UUID, trial_id: UUID) -> Act:
    """Mark what was told as a mistake; if somebody has done so already, what was wanted is so."""
    strategy = one_of(answer.strategies, strategy_id, "no-such-strategy") if answer else None
    trial: Trial | None = one_of(strategy.trials, trial_id, "no-such-trial") if strategy else None

    def may() -> None:
        if answer and trial and not trial.error and trial.id not in deals_with(here()[1], answer):
            raise NotPermitted("not-the-author")

    return Act(
        _("This report is a mistake"),
        pgettext("report", "Mark as entered in error"),
        lambda form: EnterTrialInError(case_id, strategy_id, trial_id, form["reason"]),
        back=(url_for("strategies.index", case_id=case_id), _("Things to try")),
        said=pgettext("report", "Marked as entered in error. Only its author and the team lead still see it."),
        about=[
            *(_in_words(strategy, trial) if strategy and trial else ()),
            pgettext(
                "report",
                "It counts no more, and nobody sees it but who wrote it and the team lead."
                " It is kept, with your reason.",
            ),
        ],
        dangerous=True,
        may=may,
        already=["entered-in-error"],
    )


def _in_words(strategy: StrategyLine, trial: Trial) -> list[str]:
    """Of what it was told; what came of it, when, by whom; and the remark."""
    said = f"{label('strategy-outcome', trial.outcome)}, {format_date(trial.tried_at, 'medium')}, {trial.name}"
    return [f"“{strategy.text}”", said, *filter(None, [trial.remark])]
