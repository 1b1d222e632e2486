"""What takes two people: what waits for a second one, and what was changed in one's own account.

For administrators and team leads, who confirm; and, after signing in, for everybody whose account somebody changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from coord.application.people.accounts import confirm as confirm_with_account
from coord.application.people.commands import DeclineChange
from coord.application.people.questions import AccountChangesAnswer, ProposalsAnswer, ReadAccountChanges, ReadProposals
from coord.application.services import Services
from coord.domain.actors import Actor, Role
from coord.office.sign_ins import SignIn
from coord.office.told import Told
from coord.web.history.words import who
from coord.web.kit.done import Done
from coord.web.kit.sent import NOTHING, Refusal, sent
from coord.web.messages import field_message
from coord.web.people.ways_in import end_everything, ways_in
from coord.web.visit import (
    current_visit,
    entrance,
    require_actor,
    require_proof,
    safe_next,
    see_other,
    the_services,
)

pages = Blueprint("proposals", __name__)
DONE = Done("proposals")


@pages.get("/proposals")
def index() -> Response:
    """Each change that waits for a second person, with what this one can do about it."""
    return _page(require_actor(), NOTHING, done=DONE.once())


@pages.post("/waiting/<uuid:person_id>/<int:number>/confirm", endpoint="confirm")  # of a page from before
@pages.post("/proposals/<uuid:person_id>/<int:number>/confirm", endpoint="confirm")
def confirm(person_id: UUID, number: int) -> AnyResponse:
    """Done, by two; or the list again, with why not."""
    actor, here = require_proof(), entrance()

    def act() -> AnyResponse:
        _receipt, what = confirm_with_account(
            the_services().doors,
            here.accounts,
            here.sign_ins.end_all,
            end_everything,
            here.factors.remove_all,
            ways_in(),
            actor,
            person_id,
            number,
        )
        return DONE.then(what, url_for("proposals.index"))

    return sent(act, lambda refusal: _page(actor, refusal))


@pages.post("/waiting/<uuid:person_id>/<int:number>/decline", endpoint="decline")  # of a page from before
@pages.post("/proposals/<uuid:person_id>/<int:number>/decline", endpoint="decline")
def decline(person_id: UUID, number: int) -> AnyResponse:
    """It is not done."""
    actor = require_actor()

    def act() -> AnyResponse:
        the_services().doors.execute(actor, DeclineChange(person_id, number))
        return DONE.then("declined", url_for("proposals.index"))

    return sent(act, lambda refusal: _page(actor, refusal))


def _page(actor: Actor, refusal: Refusal, done: str | None = None) -> Response:
    answer = proposals(actor)
    page = render_template(
        "people/proposals.html",
        items=answer.items,
        refusal=refusal,
        refusal_words=[{"text": field_message(problem)} for problem in refusal.problems],
        who=who,
        administers=actor.role is Role.ADMINISTRATOR,
        shown=answer.shown,
        done=done,
    )
    return make_response(page)


def proposals(actor: Actor) -> ProposalsAnswer:
    """What waits, as far as this administrator or team lead may decide it."""
    return cast("ProposalsAnswer", the_services().doors.ask(actor, ReadProposals()))


# ---- what others changed in one's own account --------------------------------------------------------------------


def changed_since(actor: Actor, services: Services) -> AccountChangesAnswer:
    """What others changed in the actor's account, and they have not said that they saw."""
    after = Told(services.office).until(actor.person_id)
    return cast("AccountChangesAnswer", services.doors.ask(actor, ReadAccountChanges(after)))


def news() -> list[SignIn]:
    """Sign-ins of who is signed in here, in browsers that were new, of which they were not told."""
    visit = current_visit()
    return entrance().sign_ins.news(visit.actor.person_id, besides=visit.sign_in.id) if visit else []


@pages.get("/account/changes")
def changes() -> AnyResponse:
    """What was changed, by whom and when; nothing to read leads on."""
    actor = require_actor()
    back = safe_next(request.args.get("next"))
    answer, here, told = changed_since(actor, the_services()), entrance(), news()
    if not answer.items and not told and "next" in request.args:
        return see_other(back)
    until = max((one.created_at for one in told), default=here.clock())
    page = render_template(
        "people/changes.html",
        items=answer.items,
        news=told,
        until=until.isoformat(),
        open_still={one.id for one in here.sign_ins.open_of(actor.person_id, here.clock())},
        shown=answer.shown,
        next=back,
    )
    return make_response(page)


@pages.post("/account/changes/seen", endpoint="seen")
def seen() -> AnyResponse:
    """Seen; on to the page that was wanted."""
    actor = require_actor()
    position = request.form.get("position", "")
    if position.isascii() and position.isdigit() and len(position) < 19:
        Told(the_services().office).seen(actor.person_id, min(int(position), the_services().record.head()))
    visit, until = current_visit(), _instant(request.form.get("until", ""))
    if visit is not None and until is not None:
        entrance().sign_ins.told(actor.person_id, until, besides=visit.sign_in.id)
    return see_other(safe_next(request.form.get("next")))


def _instant(text: str) -> datetime | None:
    """Up to which moment sign-ins in new browsers were shown."""
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
