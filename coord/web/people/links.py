"""Coming to a password of one's own by a link, and asking for one where it was forgotten. Nobody is signed in here.

Opening a link changes nothing, for mail programs open links too: what counts is the form behind it, which is good once.
No page here tells who has an account; a link tells its owner's name and team to whoever has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, session, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.people.ways_in import Opened
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, Unavailable
from coord.office.accounts import LANGUAGES, Language
from coord.office.links import INVITATION
from coord.office.passwords import MINIMUM
from coord.web.history.words import who
from coord.web.people.ways_in import end_everything, ways_in
from coord.web.spelling import LOCALES
from coord.web.visit import ENDED, address, current_visit, entrance, see_other

pages = Blueprint("links", __name__)

CHOSEN = "password-chosen"
"""Why there is no sign-in yet, for the sign-in page."""
RETRY_AFTER = 10


@pages.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """What stands in the address opens something: no cache keeps it, and no other page learns of it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# ---- the link ----------------------------------------------------------------------------------------------------


@pages.get("/link/<secret>")
def show(secret: str) -> Response:
    """Whose link it is, and the form for a password; or that the link is over."""
    return _with(secret, lambda opened: _form(200, secret, opened))


@pages.post("/link/<secret>", endpoint="choose")
def choose(secret: str) -> Response:
    """The password is chosen, and one signs in with it; or the form again, with what to put right."""
    return _with(secret, lambda opened: _chosen(secret, opened))


def _with(secret: str, then: Callable[[Opened], Response]) -> Response:
    """What is made of an open link, in its owner's language."""
    here = entrance()
    try:
        opened = ways_in().opened(secret, here.load_person)
    except Conflict:
        wait = here.throttle.admit_address(address(), here.clock(), of="link")
        if wait is not None:
            return _held_back(make_response(render_template("people/link_over.html", wait=wait), 429), wait)
        return make_response(render_template("people/link_over.html", wait=None), 410)
    with _language_of(opened):
        return then(opened)


def _language_of(opened: Opened) -> AbstractContextManager[None]:
    """The account's language, unless the browser has chosen one here."""
    if request.cookies.get(entrance().language_cookie) in LANGUAGES or current_visit() is not None:
        return nullcontext()
    return cast("AbstractContextManager[None]", force_locale(str(LOCALES[opened.account.language])))


def _chosen(secret: str, opened: Opened) -> Response:
    password, again = request.form.get("password", ""), request.form.get("again", "")
    chosen = request.form.get("language")
    language = cast("Language", chosen if chosen in LANGUAGES else opened.account.language)
    if password != again:
        return _form(422, secret, opened, problems=[FieldProblem("/again", "again-differs")], language=language)

    def end(person_id: UUID) -> None:
        end_everything(person_id, "password-changed", links=False)

    try:
        ways_in().choose(opened, password, language, end)
    except InvalidInput as invalid:
        return _form(422, secret, opened, problems=invalid.problems, language=language)
    except Conflict:
        return make_response(render_template("people/link_over.html", wait=None), 410)
    except Unavailable as unavailable:
        page = _form(503, secret, opened, unavailable=True, language=language)
        page.headers["Retry-After"] = str(unavailable.params.get("retry_after", RETRY_AFTER))
        return page
    _whoever_was_here_is_signed_out()
    session[ENDED] = CHOSEN
    return see_other(url_for("account.sign_in"))


def _whoever_was_here_is_signed_out() -> None:
    """On a shared computer: who signs in next is who has chosen."""
    visit = current_visit()
    if visit is not None:
        entrance().sign_ins.end(visit.sign_in.id, "replaced", entrance().clock())
    session.clear()


def _form(
    status: int,
    secret: str,
    opened: Opened,
    *,
    problems: Sequence[FieldProblem] = (),
    unavailable: bool = False,
    language: str = "",
) -> Response:
    actor = opened.actor
    words = {problem.pointer.removeprefix("/"): _words(problem) for problem in problems}
    html = render_template(
        "people/link.html",
        secret=secret,
        invited=opened.link.kind == INVITATION,
        actor=actor,
        role=who(actor.role.value, actor.discipline.value if actor.discipline else None),
        email=opened.account.email,
        until=opened.link.expires_at,
        chosen=language or (get_locale() or LOCALES["en"]).language,
        minimum=MINIMUM,
        unavailable=unavailable,
        problems=words,
        error_list=[{"text": text, "href": f"#{field}"} for field, text in words.items()],
    )
    return make_response(html, status)


# ---- forgotten ---------------------------------------------------------------------------------------------------


@pages.get("/forgotten")
def forgotten() -> Response:
    """The form for one's address; where nothing can be mailed, whom to ask."""
    return _forgotten(200)


@pages.post("/forgotten", endpoint="ask")
def ask() -> Response:
    """A mail is on its way to whoever has an account with this address. What is said is the same where nobody has."""
    here, now = entrance(), entrance().clock()
    if not ways_in().mails:
        return _forgotten(200)
    email = request.form.get("email", "").strip()
    if not email:
        return _forgotten(422, wrong=_("Enter your email address"))
    # Apart from failures to sign in, by account and by address, so that asking keeps nobody from signing in.
    wait = here.throttle.admit(f"forgotten\0{email}", address(), now, of="forgotten")
    try:
        if wait is not None:
            _record("reset-throttled", None, {"wait": wait})
            return _held_back(_forgotten(429, email=email, wait=wait), wait)
        ways_in().forgotten(email, here.load_person, lambda person_id: _record("reset-asked", person_id, {}))
    except Unavailable:
        return _held_back(_forgotten(503, email=email, unavailable=True), RETRY_AFTER)
    return _forgotten(200, asked=True)


def _forgotten(status: int, **said: Any) -> Response:
    given = {"email": "", "wrong": None, "wait": None, "unavailable": False, "asked": False, **said}
    return make_response(render_template("people/forgotten.html", mails=ways_in().mails, **given), status)


# ---- shared ------------------------------------------------------------------------------------------------------


def _held_back(page: Response, wait: int) -> Response:
    page.headers["Retry-After"] = str(wait)
    return page


def _record(kind: str, person_id: UUID | None, detail: dict[str, object]) -> None:
    """Record it, or let it not happen. What was typed is never in it."""
    try:
        entrance().record_access(kind, person_id=person_id, name="", detail={**detail, "address": address()})
    except Exception as error:
        raise Unavailable("access-not-recorded") from error


def _words(problem: FieldProblem) -> str:
    match problem.code:
        case "again-differs":
            return str(_("The two passwords are not the same"))
        case "password-too-short":
            return str(_("Use at least %(minimum)s characters", **problem.params))
        case "password-too-long":
            return str(_("Use at most %(maximum)s characters", **problem.params))
        case "password-contains-yours":
            return str(_("Leave out your name, your email address and the word Coord"))
    return str(_("Too easy to guess. Try three or four words that have nothing to do with each other"))
