"""Is it still you? Before what must not be done by whoever finds a browser open: a passkey, or password and code.

Then it goes on: to the page that was wanted, or the form comes back with its words, to send.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, make_response, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from coord.domain.errors import FieldProblem, InvalidInput, Unavailable
from coord.web.factors.passkeys import AGAIN, Refused, used
from coord.web.sign_in import (
    TooMany,
    _given_back,
    _how_to_ask,
    _in_words,
    _known_browser,
    _record,
    _unavailable,
    _verify,
    _visitor,
    take_code,
)
from coord.web.unsent import Unsent, brought_back, came_too_late
from coord.web.visit import (
    SECRET,
    ProofRequired,
    SignInRequired,
    Visit,
    address,
    entrance,
    proved_lately,
    safe_next,
    see_other,
    wanted,
)

pages = Blueprint("again", __name__)

FILES = (".csv", ".jsonl", ".pdf", ".zip")
"""How an address ends that a browser keeps as a file, and stays on the page that it is at."""


def init_again(app: Flask) -> None:
    """Whoever must prove it first gets the page for it."""
    app.register_error_handler(ProofRequired, _prove_first)


def _prove_first(required: ProofRequired) -> AnyResponse:
    """On to the page that asks; or at once that page, with what the form held."""
    unsent = came_too_late(chosen=True)
    if unsent is None or not unsent.in_words():
        return required.get_response()
    return _page(403, _who(), next=safe_next(wanted()), unsent=unsent)


@pages.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/account/again")
def show() -> AnyResponse:
    """The page that asks; who proved it a moment ago goes on."""
    visit, back = _who(), safe_next(request.args.get("next"))
    return see_other(back) if proved_lately() else _page(200, visit, next=back)


@pages.post("/account/again")
def prove() -> AnyResponse:
    """On to what was wanted; or the page again."""
    visit, back = _who(), safe_next(request.form.get("next"))
    here, now = entrance(), entrance().clock()
    try:
        how = _proof(visit)
        _record("proved-again", visit.actor.person_id, {"how": how}, visit.actor.name)
    except Refused as refused:
        _record("proof-failed", visit.actor.person_id, {"why": refused.why}, visit.actor.name)
        return _page(422, visit, next=back, problems=[FieldProblem("/password", "passkey-wrong-again")])
    except InvalidInput as invalid:
        return _page(422, visit, next=back, problems=invalid.problems)
    except TooMany as wait:
        return _page(429, visit, next=back, wait=wait.seconds)
    except Unavailable as unavailable:
        return _unavailable(_page(503, visit, next=back, unavailable=True), unavailable)
    session[SECRET] = here.sign_ins.verified(visit.sign_in.id, how, now)
    unsent = brought_back()
    if unsent is not None:
        return _given_back(200, unsent, visit.account, back, title="again")
    if back.partition("?")[0].endswith(FILES):
        return make_response(render_template("factors/file.html", file=back, back=safe_next(request.form.get("from"))))
    return see_other(back)


def _proof(visit: Visit) -> str:
    """How it was proved. Raises `Refused`, `InvalidInput`, `TooMany` and `Unavailable`."""
    here, account, now = entrance(), visit.account, entrance().clock()
    if request.form.get("credential"):
        used(AGAIN, visit.actor.person_id)
        return "passkey"
    password, known = request.form.get("password", ""), _known_browser(account.email)
    if not password:
        raise InvalidInput([FieldProblem("/password", "password-missing")])
    wait = here.throttle.admit(account.email, address(), now, known=known)
    if wait is not None:
        raise TooMany(wait)
    if not _verify(account, password, account.email, now):
        _record("proof-failed", visit.actor.person_id, {"why": "wrong-password"}, visit.actor.name)
        raise InvalidInput([FieldProblem("/password", "current-wrong")])
    here.throttle.succeeded(account.email, address(), now, known=known)
    return take_code(account, now) if here.factors.any(account.person_id) else "password"


def _came_from() -> str:
    """The page that a file was asked for on: there one goes on, once one has it."""
    stood_on = urlsplit(request.referrer or "")
    return safe_next(request.form.get("from") or (stood_on.path if stood_on.netloc == request.host else None))


def _who() -> Visit:
    """Who is signed in, also to set up a second factor first. Raises `SignInRequired`."""
    visit = _visitor()
    if visit.account.must_change_password:
        raise SignInRequired("account.change_password")
    return visit


def _page(
    status: int,
    visit: Visit,
    *,
    next: str,
    problems: Sequence[FieldProblem] = (),
    wait: int | None = None,
    unavailable: bool = False,
    unsent: Unsent | None = None,
) -> AnyResponse:
    here, unsent = entrance(), unsent or brought_back()
    factors, person_id = here.factors, visit.actor.person_id
    html = render_template(
        "factors/again.html",
        unsent=unsent,
        **({"language_url": None} if unsent else {}),
        account=visit.account,
        next=next,
        came_from=_came_from(),
        has_factor=factors.any(person_id),
        codes=factors.one_time_codes(person_id) is not None,
        passkey=_how_to_ask(AGAIN) if factors.passkeys(person_id) else {},
        wait=wait,
        unavailable=unavailable,
        **_in_words(problems),
    )
    page = make_response(html, status)
    if wait is not None:
        page.headers["Retry-After"] = str(wait)
    return page
