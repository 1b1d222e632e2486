"""Sign-in, sign-out and the account page: our own thin views over Flask-Security.

Flask-Security's own views stay off. They verify before anything can be counted, know no access log and keep a sign-in
in the cookie alone; each would have had to be turned round by a hook. What it gives here: the user of a request
(`flask_security.current_user`) and `login_user`.

After the right password whoever has a second factor is asked for it: until then their sign-in is half open, which is
kept in a table of its own and opens nothing. Passkeys, and one's own factors, are in `coord.web.factors`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Flask, current_app, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import Security
from flask_security.utils import login_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from coord.application.people.ways_in import CHANGED_BY_ONESELF, NEW_BROWSER
from coord.domain.actors import Actor, Standing
from coord.domain.errors import FieldProblem, InvalidInput, NotFound, Unavailable
from coord.office.accounts import LANGUAGES, Account, AccountDatastore, Accounts
from coord.office.calendars import CalendarFeeds
from coord.office.chosen_roles import ChosenRoles
from coord.office.devices import device_of
from coord.office.factors import Factors
from coord.office.known import LASTS, KnownBrowsers
from coord.office.passwords import LANES, MEMORY_KIB, MINIMUM, TIME_COST, refuse_weak
from coord.office.sign_ins import SignIns
from coord.office.steps import Challenges, HalfOpen
from coord.office.throttle import Throttle
from coord.office.tokens import Tokens, Unauthenticated
from coord.web.form_token import FormTokens
from coord.web.unsent import Unsent, brought_back, came_too_late, token_for
from coord.web.visit import (
    ENDED,
    EXTENSION,
    SECRET,
    Entrance,
    LoadPerson,
    RecordAccess,
    SignInRequired,
    SignInSettings,
    Visit,
    actor_from_bearer,
    address,
    current_actor,
    current_language,
    current_visit,
    entrance,
    require_actor,
    safe_next,
    see_other,
    wanted,
)

__all__ = [
    "SignInRequired",
    "Unauthenticated",
    "actor_from_bearer",
    "current_actor",
    "current_language",
    "init_sign_in",
    "require_actor",
    "safe_next",
]

pages = Blueprint("account", __name__)

LANGUAGE_DAYS = 365
RETRY_AFTER_REFUSAL = 10
"""Seconds, when the access log did not answer."""
HALF = "half_open"
"""Key of the session cookie: the secret of a sign-in that waits for its second factor."""


def init_sign_in(
    app: Flask,
    office_engine: Engine,
    settings: SignInSettings,
    load_person: LoadPerson,
    record_access: RecordAccess,
    clock: Callable[[], datetime],
    was_changed: Callable[[Actor], bool] = lambda _actor: False,
    grace_of: Callable[[Actor], int | None] = lambda _actor: None,
    tell: Callable[[Account, str], None] = lambda _account, _kind: None,
) -> Entrance:
    """Give the app sign-in, cookies, CSRF protection and the account pages.

    ``load_person`` and ``record_access`` may raise when a store is down. ``clock`` gives an aware time. ``was_changed``
    says whether there is something about a person's account that they have not seen and should: after signing in they
    are told (``proposals.changes``). ``grace_of`` gives the days in which a person has to set up a second factor, None
    if they need none; ``tell`` mails somebody what was done under their name. Call it before any other
    ``before_request`` of the app: CSRF goes first. The API's blueprints must be exempted
    (``entrance.csrf.exempt(blueprint)``): cookies mean nothing there.
    """
    prefix = "__Host-" if settings.secure_cookies else ""  # browsers take the prefix only with Secure and Path=/
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        WTF_CSRF_SECRET_KEY=list(reversed(settings.secret_keys)),  # the last one signs
        SESSION_COOKIE_NAME=f"{prefix}coord",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_DOMAIN=None,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a note may take an hour to write
        WTF_CSRF_SSL_STRICT=False,  # our Referrer-Policy may leave nothing to compare; the token stands on its own
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the scheme's name
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__memory_cost": MEMORY_KIB,
            "argon2__time_cost": TIME_COST,
            "argon2__parallelism": LANES,
        },
        SECURITY_PASSWORD_NORMALIZE_FORM="NFKC",  # noqa: S106 - a form's name
        SECURITY_PASSWORD_LENGTH_MIN=MINIMUM,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SESSION_PROTECTION=None,  # compares addresses, which change on a phone; the server's own row decides
    )
    csrf = FormTokens(app)
    accounts = Accounts(office_engine)
    app.extensions[EXTENSION] = made = Entrance(
        accounts=accounts,
        sign_ins=SignIns(office_engine, idle_limit=settings.idle_limit, absolute_limit=settings.absolute_limit),
        tokens=Tokens(office_engine),
        feeds=CalendarFeeds(office_engine, *settings.secret_keys),
        roles=ChosenRoles(office_engine),
        throttle=Throttle(office_engine, settings.secret_keys[0]),
        browsers=KnownBrowsers(*settings.secret_keys),
        factors=Factors(office_engine, *settings.secret_keys),
        half_open=HalfOpen(office_engine),
        challenges=Challenges(office_engine),
        relying_party=settings.relying_party,
        csrf=csrf,
        load_person=load_person,
        record_access=record_access,
        clock=clock,
        language_cookie=f"{prefix}coord-language",
        browser_cookie=f"{prefix}coord-browser",
        secure_cookies=settings.secure_cookies,
        was_changed=was_changed,
        grace_of=grace_of,
        tell=tell,
    )
    security = Security(app, AccountDatastore(accounts), register_blueprint=False)
    # Flask-Security would believe the cookie alone, and a token in any request's address. One truth instead: the visit.
    security.login_manager.user_loader(_user)
    security.login_manager.request_loader(_nobody)
    # Else every request, one for a style sheet too, would look up the visit for permissions that nobody reads there.
    security.principal.identity_loaders.clear()
    app.register_blueprint(pages)
    app.register_error_handler(SignInRequired, _sign_in_first)
    app.register_error_handler(CSRFError, _stale_form)
    return made


def _user(user_id: str) -> Account | None:
    try:
        visit = current_visit()
    except Unavailable:
        return None  # Flask-Login asks for every template, also for the one that says that the store is down
    if visit is None or visit.account.fs_uniquifier != user_id:
        return None
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
    return visit.account


def _nobody(_request: object) -> None:
    return None


def _sign_in_first(required: SignInRequired) -> Response:
    """On to the sign-in page; or at once that page, with what the form held, so that it is not lost on the way."""
    unsent = came_too_late() if current_visit() is None else None
    if unsent is None:
        return required.get_response()
    return _sign_in_page(403, next=safe_next(wanted()), unsent=unsent)


def _stale_form(_error: CSRFError) -> Response:
    """Nothing is done with a form from before the last sign-in; but its words are given back to whom they belong to."""
    unsent = brought_back() if request.endpoint == "account.sign_in_with_password" else came_too_late()
    if unsent is None:
        return make_response(render_template("security/stale_form.html"), 400)
    back = safe_next(request.form.get("next") or wanted())
    try:
        visit = current_visit()
    except Unavailable as unavailable:
        return _unavailable(_sign_in_page(503, next=back, unsent=unsent, unavailable=True), unavailable)
    if visit is None:
        return _sign_in_page(403, next=back, unsent=unsent)
    if visit.account.must_change_password:
        return _password_page(403, next=back, unsent=unsent)
    return _given_back(403, unsent, visit.account, back)


def _given_back(status: int, unsent: Unsent, account: Account, back: str, *, title: str = "signed-in") -> Response:
    """What somebody wrote before their sign-in ended, or before they were asked whether it is still they (``title``
    again), to read and send; to anybody else, that it is not shown."""
    refresh()  # the person's own language, now that they are known
    own = unsent if unsent.person_id == account.person_id else None
    visit = current_visit()
    here_as = visit.actor.role.value if visit else ""
    again = False
    if own is not None and own.role not in ("", here_as):
        again = _be(account, own.role, entrance().clock())  # it is sent in the role in which it was written
    page = render_template("security/unsent.html", unsent=own, back=back, reason=title, again=again)
    return make_response(page, status)


@pages.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


# --- signing in and out -------------------------------------------------------------------------------------------


@pages.get("/sign-in")
def sign_in() -> Response:
    """The page on which to sign in; who is signed in already goes on."""
    if current_actor() is not None:
        return see_other(safe_next(request.args.get("next")))
    return _sign_in_page(200, next=safe_next(request.args.get("next")), ended=session.pop(ENDED, None))


@pages.post("/sign-in", endpoint="sign_in_with_password")
def sign_in_with_password() -> Response:
    """On to the page that was wanted, or the form again. It never tells whether the account exists."""
    here, now = entrance(), entrance().clock()
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    back = safe_next(request.form.get("next"))
    missing = [
        problem
        for problem, given in (
            (FieldProblem("/email", "email-missing"), email),
            (FieldProblem("/password", "password-missing"), password),
        )
        if not given
    ]
    if missing:
        return _sign_in_page(422, email=email, next=back, problems=missing)
    known = _known_browser(email)
    wait = here.throttle.admit(email, address(), now, known=known)
    try:
        if wait is not None:
            _record("sign-in-throttled", None, {"wait": wait})
            page = _sign_in_page(429, email=email, next=back, wait=wait)
            page.headers["Retry-After"] = str(wait)
            return page
        account = here.accounts.by_email(email)
        right = _verify(account, password, email, now)
        actor = here.load_person(account.person_id) if account and right else None
        if account is None or actor is None:
            why = "unknown-account" if account is None else "no-access" if right else "wrong-password"
            _record("sign-in-failed", account.person_id if account else None, {"why": why})
            wrong = [FieldProblem("/email", "sign-in-wrong")]
            return _sign_in_page(422, email=email, next=back, problems=wrong)
        if account.password and here.accounts.hasher.is_outdated(account.password):
            here.accounts.rehash(account.person_id, password)
        half = here.factors.any(account.person_id)
        if half:
            _open_half(account, actor, now)
        else:
            actor = _as_last_time(actor)
            _open(account, actor, "signed-in", now)
    except Unavailable as unavailable:
        return _unavailable(_sign_in_page(503, email=email, next=back, unavailable=True), unavailable)
    here.throttle.succeeded(email, address(), now, known=known)
    if not half:
        return _arrived(account, actor, back)
    if brought_back() is not None:
        return _second_page(200, account, next=back)
    return see_other(url_for("account.second", next=back))


def _arrived(account: Account, actor: Actor, back: str) -> Response:
    """Where somebody comes out who has signed in: at what they wanted; before it, at what must come first."""
    unsent = brought_back()
    if account.must_change_password:
        if unsent is not None:
            response = _password_page(200, next=back, unsent=unsent)
        else:
            response = see_other(url_for("account.change_password", next=back))
    elif is_confined() and unsent is not None:
        show = cast("Callable[[], Response]", current_app.view_functions["factors.show"])
        response = show()  # here and now: it carries the words along, as an address cannot
    elif is_confined():
        response = see_other(url_for("factors.show", next=back))
    elif unsent is not None:
        response = _given_back(200, unsent, account, back)
    else:
        response = see_other(_told_first(actor, back))
    return _keep_browser(response, account)


# --- the second factor --------------------------------------------------------------------------------------------


@pages.get("/sign-in/second")
def second() -> Response:
    """The page that asks for a second factor; without the right password before it there is none."""
    account = _half_opened()
    if account is None:
        return see_other(url_for("account.sign_in", next=safe_next(request.args.get("next"))))
    return _second_page(200, account, next=safe_next(request.args.get("next")))


@pages.post("/sign-in/second", endpoint="sign_in_with_second")
def sign_in_with_second() -> Response:
    """On to the page that was wanted, or the form again. Which of the two codes was wrong is not told."""
    here, now = entrance(), entrance().clock()
    back = safe_next(request.form.get("next"))
    try:
        account = _half_opened()
        if account is None:
            return _sign_in_page(403, next=back, ended="half-open")
        try:
            how = take_code(account, now)
        except InvalidInput as invalid:
            return _second_page(422, account, next=back, problems=invalid.problems)
        except TooMany as wait:
            return _second_page(429, account, next=back, wait=wait.seconds)
        actor = here.load_person(account.person_id)
        if actor is None or not here.half_open.end(session[HALF]):
            return _sign_in_page(403, next=back, ended="half-open")
        actor = _as_last_time(actor)
        _open(account, actor, "signed-in", now, how)
    except Unavailable as unavailable:
        return _unavailable(_sign_in_page(503, next=back, unavailable=True), unavailable)
    return _arrived(account, actor, back)


class TooMany(Exception):
    """There were too many attempts; ``seconds`` are to be waited."""

    def __init__(self, seconds: int) -> None:
        """Whole seconds, one at least."""
        super().__init__(seconds)
        self.seconds = seconds


def take_code(account: Account, now: datetime) -> str:
    """What the form's one-time or recovery code was (``code``, ``recovery-code``), which is used from now on.

    Counted before it is looked at, and apart from passwords: whoever knows the password does not try codes for ever.
    Raises `TooMany`, and `InvalidInput` for one that is missing or not right.
    """
    here, person_id = entrance(), account.person_id
    code, recovery = (request.form.get(name, "").strip() for name in ("one_time_code", "recovery_code"))
    if not code and not recovery:
        named = "/one_time_code" if here.factors.one_time_codes(person_id) else "/recovery_code"
        raise InvalidInput([FieldProblem(named, "code-missing")])
    known, of = _known_browser(account.email), f"second factor\0{account.email}"
    wait = here.throttle.admit(of, address(), now, known=known)
    if wait is not None:
        _record("second-factor-throttled", person_id, {"wait": wait})
        raise TooMany(wait)
    if code and here.factors.take_code(person_id, code, now):
        how = "code"
    elif recovery and here.factors.take_recovery_code(person_id, recovery, now):
        how = "recovery-code"
    else:
        _record("second-factor-failed", person_id, {"why": "wrong-recovery-code" if recovery else "wrong-code"})
        raise InvalidInput([FieldProblem("/recovery_code" if recovery else "/one_time_code", "code-wrong")])
    here.throttle.succeeded(of, address(), now, known=known)
    return how


def _open_half(account: Account, actor: Actor, now: datetime) -> None:
    """The password was right; recorded, or nothing is half open."""
    _record("sign-in-half-open", account.person_id, {}, actor.name)
    session[HALF] = entrance().half_open.begin(account.person_id, now, account.fs_uniquifier)


def _half_opened() -> Account | None:
    """Whose sign-in waits in this browser for a second factor."""
    secret = session.get(HALF)
    if not isinstance(secret, str):
        return None
    here = entrance()
    whose = here.half_open.whose(secret, here.clock())
    account = here.accounts.by_person(whose[0]) if whose else None
    # Another password or address since then: what was half open by the old one ends, even if nobody ended it.
    return account if account and whose and account.fs_uniquifier == whose[1] else None


def half_opened() -> UUID | None:
    """Who has given the right password in this browser, and is asked for a second factor."""
    account = _half_opened()
    return account.person_id if account else None


def factor_due(actor: Actor, now: datetime) -> datetime | None:
    """By when somebody is to set up a second factor; None if they have one, or need none.

    The days run from their first sign-in while one was asked of them.
    """
    here = entrance()
    days = here.grace_of(actor)
    if days is None or here.factors.any(actor.person_id):
        return None
    return here.factors.grace_since(actor.person_id, now) + timedelta(days=days)


def is_confined() -> bool:
    """Whether the sign-in of this request opens nothing but the page that sets up a second factor."""
    visit = current_visit()
    return visit is not None and visit.sign_in.confined


# --- what signing in leaves behind --------------------------------------------------------------------------------


def _known_browser(email: str) -> str:
    """The browser of this request, if the account's owner has signed in with it before."""
    here = entrance()
    return here.browsers.recognise(request.cookies.get(here.browser_cookie, ""), email)


def _keep_browser(response: Response, account: Account) -> Response:
    """Remember the browser as the person's own, once they are in."""
    here = entrance()
    response.set_cookie(
        here.browser_cookie,
        here.browsers.keep(request.cookies.get(here.browser_cookie, ""), account.email),
        max_age=LASTS,
        path="/",
        secure=here.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return response


def _as_last_time(actor: Actor) -> Actor:
    """Somebody with several roles in the one that they chose last, so that what they wrote then is sent in it."""
    here = entrance()
    last = here.roles.of(actor.person_id) if actor.also else ""
    return (here.load_person(actor.person_id, last) if last else None) or actor


def _told_first(actor: Actor, back: str) -> str:
    """Where to go after signing in: to the choice of a role, for who has several, and to what others changed in the
    account, if it was not seen yet.

    It is told at the next sign-in where this cannot be found out now; nobody is kept out for it.
    """
    try:
        changed = entrance().was_changed(actor)
    except Unavailable:
        changed = False
    back = url_for("proposals.changes", next=back) if changed else back
    return url_for("account.roles", next=back) if actor.also else back


@pages.post("/sign-out")
def sign_out() -> Response:
    """Signed out, here and on the server: the old cookie is worth nothing from now on."""
    visit = current_visit()
    if visit is not None:
        entrance().sign_ins.end(visit.sign_in.id, "signed-out", entrance().clock())
        session.clear()
        g.visit = None
        # The row is closed already; if the log is down, the person learns that signing out was not recorded.
        _record("signed-out", visit.actor.person_id, {"why": "signed-out"}, visit.actor.name, visit.actor)
    session.clear()
    return see_other(url_for("account.sign_in"))


def _verify(account: Account | None, password: str, email: str, now: datetime) -> bool:
    """Whether the password is right; as slow for no account as for one. Finding no slot is not counted."""
    here = entrance()
    try:
        return here.accounts.hasher.verify(account.password if account else None, password)
    except Unavailable:
        here.throttle.not_looked_at(email, address(), now, known=_known_browser(email))
        raise


def _open(
    account: Account,
    actor: Actor,
    kind: str,
    now: datetime,
    how: str = "password",
    verified_at: datetime | None = None,
    created_at: datetime | None = None,
) -> None:
    """Open a sign-in under a new secret (whatever the cookie held before is void), recorded or not at all.

    ``how`` the person proved who they are, and when, if it was before now; ``created_at``: when they signed in, then.
    """
    here, before = entrance(), current_visit()
    known = bool(_known_browser(account.email))
    secret, sign_in_id = here.sign_ins.start(
        account.person_id,
        now,
        how=how,
        device=device_of(request.headers.get("User-Agent", "")),
        factor_due=factor_due(actor, now),
        known=known,
        verified_at=verified_at,
        created_at=created_at,
    )
    try:
        if actor.also:
            for of in (sign_in_id, account.person_id):
                here.roles.choose(of, actor.role.value, now)
        # Of who has one role it need not be said in which they are here.
        said = {"role": actor.role.value} if actor.also else {}
        _record(kind, account.person_id, {"sign_in": str(sign_in_id), "how": how, **said}, actor.name, actor)
    except Unavailable:
        here.sign_ins.end(sign_in_id, "not-recorded", now)
        raise
    if before is not None:
        here.sign_ins.end(before.sign_in.id, "replaced", now)
    if not known and here.sign_ins.is_news(sign_in_id):
        _tell(account, NEW_BROWSER)
    session.clear()
    g.pop("csrf_token", None)
    login_user(account, remember=False, authn_via=[how])
    session[SECRET] = secret
    session["csrf_token"] = token_for(account.person_id, actor.role.value)
    g.pop("visit", None)


def _tell(account: Account, kind: str) -> None:
    """Mail somebody what was done under their name. It is done: an outbox that is down keeps nobody out, and they are
    told at the next sign-in."""
    try:
        entrance().tell(account, kind)
    except Exception:
        current_app.logger.exception("a mail about a sign-in could not be kept")


# --- in which role -------------------------------------------------------------------------------------------------


@pages.get("/account/role")
def roles() -> Response:
    """In which of one's roles one is here, and the others to choose."""
    actor = require_actor()
    return make_response(
        render_template(
            "security/roles.html",
            actor=actor,
            standings=(Standing(actor.role, actor.discipline, actor.team), *actor.also),
            next=safe_next(request.args.get("next")),
        )
    )


@pages.post("/account/role", endpoint="choose_role")
def choose_role() -> Response:
    """Here in another role from now on: a sign-in of its own, so that a page of the other one sends nothing in it."""
    actor, now = require_actor(), entrance().clock()
    back, wished = safe_next(request.form.get("next")), request.form.get("role", "")
    if wished != actor.role.value and not _be(_visitor().account, wished, now):
        raise NotFound("no-such-role")
    return see_other(back)


def _be(account: Account, role: str, now: datetime) -> bool:
    """Here in a role of the person's from now on; False if they do not have it."""
    chosen, visit = entrance().load_person(account.person_id, role) if role else None, current_visit()
    if chosen is None or visit is None:
        return False
    # Another role is no proof of who one is: the last one stays as old as it is, and so does the sign-in.
    began = visit.sign_in.created_at
    since = visit.sign_in.verified_at or began
    _open(account, chosen, "role-chosen", now, visit.sign_in.verified_how, since, began)
    return True


# --- the account page ---------------------------------------------------------------------------------------------


@pages.get("/account")
def show() -> Response:
    """Who one is, the language, the password, where one is signed in, and one's API tokens."""
    require_actor()
    visit = _visitor()
    here, now = entrance(), entrance().clock()
    page = render_template(
        "security/account.html",
        actor=visit.actor,
        account=visit.account,
        sign_ins=here.sign_ins.open_of(visit.actor.person_id, now),
        this=visit.sign_in.id,
        tokens=[token for token in here.tokens.of(visit.actor.person_id) if token.revoked_at is None],
        passkeys=len(here.factors.passkeys(visit.actor.person_id)),
        codes=here.factors.one_time_codes(visit.actor.person_id),
        recovery=here.factors.recovery_codes_left(visit.actor.person_id),
        now=now,
        done=session.pop("done", None),
    )
    return make_response(page)


@pages.get("/account/password")
def change_password() -> Response:
    """The form for a new password."""
    _visitor()
    return _password_page(200, next=safe_next(request.args.get("next")))


@pages.post("/account/password", endpoint="set_password")
def set_password() -> Response:
    """The new password holds, and all other sign-ins of the person are over, and the tokens and calendar addresses too
    unless they are to stay; or the form, with what to put right."""
    visit = _visitor()
    here, now = entrance(), entrance().clock()
    current, new, again = (request.form.get(name, "") for name in ("current", "password", "again"))
    back = safe_next(request.form.get("next") or "/account")
    known = _known_browser(visit.account.email)
    wait = here.throttle.admit(visit.account.email, address(), now, known=known)
    if wait is not None:
        page = _password_page(429, next=back, wait=wait)
        page.headers["Retry-After"] = str(wait)
        return page
    try:
        if not _verify(visit.account, current, visit.account.email, now):
            return _password_page(422, next=back, problems=[FieldProblem("/current", "current-wrong")])
        here.throttle.succeeded(visit.account.email, address(), now, known=known)
        if new != again:
            return _password_page(422, next=back, problems=[FieldProblem("/again", "again-differs")])
        if new == current:
            return _password_page(422, next=back, problems=[FieldProblem("/password", "password-same")])
        _check_and_set(visit, new, now)
        here.sign_ins.end_all(visit.actor.person_id, "password-changed", now)
        here.factors.drop_unconfirmed(visit.actor.person_id)
        if _ends_the_rest():
            here.tokens.revoke_all(visit.actor.person_id, now)
            here.feeds.revoke_all(visit.actor.person_id, now)
        g.visit = None
        account = here.accounts.get(visit.actor.person_id)
        # A password alone is not the proof of who has a second factor: theirs stays as old as it is.
        since = visit.sign_in.verified_at or visit.sign_in.created_at
        proof = (visit.sign_in.verified_how, since) if here.factors.any(account.person_id) else ()
        _open(account, visit.actor, "signed-in", now, *proof)
        _tell(account, CHANGED_BY_ONESELF)
    except InvalidInput as invalid:
        return _password_page(422, next=back, problems=invalid.problems)
    except Unavailable as unavailable:
        return _unavailable(_password_page(503, next=back, unavailable=True), unavailable)
    unsent = brought_back()
    if unsent is not None and not is_confined():
        return _given_back(200, unsent, account, back)
    session["done"] = "password"
    return see_other(url_for("factors.show", next=back) if is_confined() else _told_first(visit.actor, back))


def _ends_the_rest() -> bool:
    """Whether tokens and calendar addresses end with the password: unless the form asked, and they are to stay."""
    return "asked_to_end" not in request.form or "end_the_rest" in request.form


def _check_and_set(visit: Visit, new: str, now: datetime) -> None:
    """Record, then set: a change that cannot be recorded does not happen. What would be refused is not recorded."""
    refuse_weak(new, own=(visit.actor.name, visit.account.email))
    _record("password-changed", visit.actor.person_id, {}, visit.actor.name, visit.actor)
    entrance().accounts.set_password(visit.actor.person_id, new, now=now, name=visit.actor.name)


@pages.post("/account/language")
def set_language() -> Response:
    """The same page, in the chosen language."""
    chosen = request.form.get("language")
    response = see_other(safe_next(request.form.get("next")))
    for language in LANGUAGES:
        if chosen == language:
            visit = current_visit()
            if visit is not None:
                entrance().accounts.set_language(visit.actor.person_id, language)
            response.set_cookie(
                entrance().language_cookie,
                language,
                max_age=LANGUAGE_DAYS * 86400,
                path="/",
                secure=entrance().secure_cookies,
                httponly=True,
                samesite="Lax",
            )
    return response


@pages.post("/account/sign-ins/<uuid:id>/end")
def end_sign_in(id: UUID) -> Response:
    """One of the person's own sign-ins is over."""
    actor = require_actor()
    if entrance().sign_ins.end(id, "ended-by-person", entrance().clock(), person_id=actor.person_id):
        _record("signed-out", actor.person_id, {"why": "ended-by-person", "sign_in": str(id)}, actor.name, actor)
    session["done"] = "sign-in"
    return see_other(url_for("account.show"))


@pages.post("/account/sign-ins/end-others")
def end_other_sign_ins() -> Response:
    """All of the person's sign-ins but this one are over."""
    actor, visit = require_actor(), _visitor()
    ended = entrance().sign_ins.end_all(actor.person_id, "ended-by-person", entrance().clock(), keep=visit.sign_in.id)
    if ended:
        _record("signed-out", actor.person_id, {"why": "ended-by-person", "others": ended}, actor.name, actor)
    session["done"] = "sign-ins"
    return see_other(url_for("account.show"))


@pages.post("/account/tokens/<uuid:id>/revoke")
def revoke_token(id: UUID) -> Response:
    """One of the person's own tokens is worth nothing any more."""
    actor = require_actor()
    entrance().tokens.revoke(id, entrance().clock(), person_id=actor.person_id)
    session["done"] = "token"
    return see_other(url_for("account.show"))


# --- shared by the views ------------------------------------------------------------------------------------------


def _visitor() -> Visit:
    """Who is signed in, be it only to change a password that somebody else chose."""
    visit = current_visit()
    if visit is None:
        raise SignInRequired("account.sign_in")
    return visit


def _record(
    kind: str, person_id: UUID | None, detail: dict[str, object], name: str = "", actor: Actor | None = None
) -> None:
    """Record an access; in the role of ``actor`` where one is known. Raises `Unavailable` whatever went wrong: the
    caller then does nothing and says so.

    The typed email is never recorded: people type their password there by mistake.
    """
    try:
        entrance().record_access(
            kind, person_id=person_id, name=name, detail={**detail, "address": address()}, actor=actor
        )
    except Exception as error:
        raise Unavailable("access-not-recorded") from error


def _unavailable(page: Response, unavailable: Unavailable) -> Response:
    page.headers["Retry-After"] = str(unavailable.params.get("retry_after", RETRY_AFTER_REFUSAL))
    return page


def _sign_in_page(
    status: int,
    *,
    next: str,
    email: str = "",
    problems: Sequence[FieldProblem] = (),
    wait: int | None = None,
    unavailable: bool = False,
    ended: str | None = None,
    unsent: Unsent | None = None,
) -> Response:
    unsent = unsent or brought_back()
    html = render_template(
        "security/sign_in.html",
        unsent=unsent,
        # Another language is another request, which would not have the words.
        **({"language_url": None} if unsent else {}),
        next=next,
        email=email,
        wait=wait,
        unavailable=unavailable,
        ended=ended,
        passkey=_how_to_ask(),
        **_in_words(problems),
    )
    return make_response(html, status)


def _how_to_ask(purpose: str = "sign-in") -> dict[str, str]:
    """What a page's script needs to ask for a passkey: where, and at which address it is of use. Nothing where there
    are none."""
    party = entrance().relying_party
    return {"options": url_for("passkeys.options", purpose=purpose), "origin": party.origin} if party else {}


def _second_page(
    status: int,
    account: Account,
    *,
    next: str,
    problems: Sequence[FieldProblem] = (),
    wait: int | None = None,
) -> Response:
    here, unsent = entrance(), brought_back()
    html = render_template(
        "security/second.html",
        unsent=unsent,
        **({"language_url": None} if unsent else {}),
        next=next,
        codes=here.factors.one_time_codes(account.person_id) is not None,
        passkey=_how_to_ask() if here.factors.passkeys(account.person_id) else {},
        wait=wait,
        **_in_words(problems),
    )
    page = make_response(html, status)
    if wait is not None:
        page.headers["Retry-After"] = str(wait)
    return page


def _password_page(
    status: int,
    *,
    next: str,
    problems: Sequence[FieldProblem] = (),
    wait: int | None = None,
    unavailable: bool = False,
    unsent: Unsent | None = None,
) -> Response:
    unsent = unsent or brought_back()
    here, account = entrance(), _visitor().account
    # Who still has a password that somebody else chose has nothing that is their own to keep.
    asks = not account.must_change_password
    tokens = [t for t in here.tokens.of(account.person_id) if t.revoked_at is None and t.expires_at > here.clock()]
    html = render_template(
        "security/change_password.html",
        unsent=unsent,
        open_still=[t.name for t in tokens] + [f.name for f in here.feeds.of(account.person_id)] if asks else [],
        ends_the_rest=request.method == "GET" or _ends_the_rest(),
        **({"language_url": None} if unsent else {}),
        next=next,
        account=_visitor().account,
        minimum=MINIMUM,
        wait=wait,
        unavailable=unavailable,
        **_in_words(problems),
    )
    return make_response(html, status)


def _in_words(problems: Sequence[FieldProblem]) -> dict[str, Any]:
    """What to tell the person: beside each field, and in the summary on top with a link to it."""
    words = {problem.pointer.removeprefix("/"): _words(problem) for problem in problems}
    return {
        "problems": words,
        "error_list": [{"text": text, "href": f"#{field}"} for field, text in words.items()],
    }


def _words(problem: FieldProblem) -> Any:  # a sentence: Flask-Babel has no types
    match problem.code:
        case "email-missing":
            return _("Enter your email address")
        case "password-missing":
            return _("Enter your password")
        case "sign-in-wrong":
            return _("The email address or the password is not right")
        case "passkey-wrong":
            return _("This passkey could not be used here. Try again, or sign in with your email address and password")
        case "passkey-wrong-again":
            return _("This passkey could not be used here. Try again, or enter your password")
        case "passkey-not-made":
            return _("The passkey could not be made. Try again")
        case "passkey-known":
            return _("This passkey is kept already")
        case "passkey-name-missing":
            return _("Enter a name for the passkey, such as “My phone”")
        case "passkey-name-too-long":
            return _("Use at most %(limit)s characters for the name", **problem.params)
        case "passkey-name-too-many":
            return _("You have %(limit)s passkeys, and there can be no more. Remove one first", **problem.params)
        case "first-code-wrong":
            return _(
                "This is not the code that your app should show now. See that your phone has the right time, and enter "
                "the next one"
            )
        case "code-missing":
            return _("Enter a code")
        case "code-wrong":
            return _("This code is not right, or it was used already. Wait for the next one and enter that")
        case "current-wrong":
            return _("This is not your present password")
        case "again-differs":
            return _("The two new passwords are not the same")
        case "password-same":
            return _("Choose a password other than the present one")
        case "password-too-short":
            return _("Use at least %(minimum)s characters", **problem.params)
        case "password-too-long":
            return _("Use at most %(maximum)s characters", **problem.params)
        case "password-contains-yours":
            return _("Leave out your name, your email address and the word Coord")
        case "password-common":
            return _("Too easy to guess. Try three or four words that have nothing to do with each other")
    return _("This cannot be used")
