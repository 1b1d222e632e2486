"""Who is asking: the signed-in person behind a page's cookie, or the owner of an API token.

Nothing is cached from one request to the next: each asks the office store for the sign-in and the record for the
person, so ending a sign-in or disabling a person holds at the next request, on every worker.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from coord.application.doors import stores_answer
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.office.accounts import LANGUAGES, Account, Accounts, Language
from coord.office.calendars import CalendarFeeds
from coord.office.chosen_roles import ChosenRoles
from coord.office.factors import Factors
from coord.office.known import KnownBrowsers
from coord.office.sign_ins import SignIn, SignIns
from coord.office.steps import Challenges, HalfOpen
from coord.office.throttle import Throttle
from coord.office.tokens import Tokens, Unauthenticated


class RelyingParty(Protocol):
    """What of `coord.settings.RelyingParty` matters here."""

    @property
    def id(self) -> str:
        """The name that passkeys are bound to."""

    @property
    def origin(self) -> str:
        """The address at which a browser must say that it used one."""


class SignInSettings(Protocol):
    """What of `coord.settings.Settings` matters here."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The first signs whatever is signed; what any of them signed counts."""

    @property
    def secure_cookies(self) -> bool:
        """Whether the service is reached by https."""

    @property
    def idle_limit(self) -> timedelta:
        """A sign-in unused for this long ends."""

    @property
    def absolute_limit(self) -> timedelta:
        """A sign-in ends after this long, used or not."""

    @property
    def relying_party(self) -> RelyingParty | None:
        """Whom passkeys are for; None where they cannot be used."""


class RecordAccess(Protocol):
    """Appends to the access log. If it raises, what was to be recorded must not happen."""

    def __call__(
        self,
        kind: str,
        *,
        person_id: UUID | None,
        name: str,
        detail: dict[str, object],
        actor: Actor | None = None,
    ) -> None:
        """``name`` is empty where nobody has proved who they are; ``actor`` says in which of their roles they are
        here, where that is known."""


class LoadPerson(Protocol):
    """A person as the record has them now."""

    def __call__(self, person_id: UUID, role: str = "") -> Actor | None:
        """In their first role, or in this one. None if they are unknown or disabled, or do not have that role."""


@dataclass(frozen=True)
class Entrance:
    """What the sign-in pages, the other pages and the API share; `coord.web.sign_in.init_sign_in` makes it."""

    accounts: Accounts
    sign_ins: SignIns
    tokens: Tokens
    feeds: CalendarFeeds
    roles: ChosenRoles
    throttle: Throttle
    browsers: KnownBrowsers
    factors: Factors
    half_open: HalfOpen
    challenges: Challenges
    relying_party: RelyingParty | None
    csrf: CSRFProtect
    load_person: LoadPerson
    record_access: RecordAccess
    clock: Callable[[], datetime]
    language_cookie: str
    browser_cookie: str
    secure_cookies: bool
    was_changed: Callable[[Actor], bool]
    grace_of: Callable[[Actor], int | None]
    tell: Callable[[Account, str], None]


EXTENSION = "coord-sign-in"
SECRET, USER, ENDED = "sign_in", "_user_id", "ended"
"""Keys of the session cookie: our secret, Flask-Login's user, and why the last sign-in ended (shown once)."""
ROLE_ENDED = "role-ended"
"""Why a sign-in ended: its person does not have the role any more in which they were here."""
NEVER_GIVEN_BACK = frozenset(
    {"csrf_token", "password", "current", "again", "new", "next", "one_time_code", "recovery_code", "credential"}
)
"""Fields of a form that let somebody in, or are the page's own: not carried along, and shown to nobody."""
PROVED_FOR = timedelta(minutes=5)
"""So long after somebody proved who they are, they are not asked again."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An open sign-in, whose it is in the office, and who they are in the record."""

    sign_in: SignIn
    account: Account
    actor: Actor


class SignInRequired(HTTPException):
    """Nobody is signed in, or a password must be changed or a second factor set up first: leads to the page for it."""

    code = 303

    def __init__(self, endpoint: str) -> None:
        """``endpoint`` is where the person is led."""
        super().__init__(response=redirect(url_for(endpoint, next=wanted()), 303))


class ProofRequired(HTTPException):
    """Whoever is signed in has not proved for a while that it is they: leads to the page that asks, and back."""

    code = 303

    def __init__(self) -> None:
        """What was wanted is the request's own page, or the one that its form stood on."""
        super().__init__(response=redirect(url_for("again.show", next=wanted()), 303))


def entrance(app: Flask | None = None) -> Entrance:
    """The way in of this app: accounts, sign-ins, tokens."""
    return cast(Entrance, (app or current_app).extensions[EXTENSION])


def current_visit() -> Visit | None:
    """The sign-in behind this request's cookie, looked up once per request.

    One past its limits, or of a person whom the record no longer lets in, is ended here.
    """
    if "visit" not in g:
        if "visit_error" in g:  # a store that is down is asked once: the page that says so is waiting
            raise g.visit_error
        try:
            with stores_answer():
                g.visit = _visit()
        except Exception as error:
            g.visit_error = error
            raise
    return cast("Visit | None", g.visit)


def current_actor() -> Actor | None:
    """Who is signed in. Nobody, as long as a password that somebody else chose has not been changed, or a second factor
    that is due has not been set up."""
    visit = current_visit()
    if visit is None or visit.account.must_change_password or visit.sign_in.confined:
        return None
    return visit.actor


def require_actor() -> Actor:
    """Who is signed in; raises `SignInRequired`, which leads to the right page and back here afterwards."""
    actor = current_actor()
    if actor is None:
        visit = current_visit()
        if visit is None:
            raise SignInRequired("account.sign_in")
        password_first = visit.account.must_change_password
        raise SignInRequired("account.change_password" if password_first else "factors.show")
    return actor


def require_proof() -> Actor:
    """Who is signed in, and has proved in the last minutes that it is they; before what must not be done by whoever
    finds a browser open. Raises `SignInRequired` and `ProofRequired`."""
    actor = require_actor()
    if not proved_lately():
        raise ProofRequired
    return actor


def proved_lately() -> bool:
    """Whether whoever is signed in proved who they are within `PROVED_FOR`."""
    visit = current_visit()
    verified_at = visit.sign_in.verified_at if visit else None
    return verified_at is not None and entrance().clock() - verified_at < PROVED_FOR


def the_services() -> Services:
    """What answers every question and carries out every command here."""
    return cast(Services, current_app.extensions["coord"])


def here() -> tuple[Services, Actor]:
    """The services, and who is asking. Raises `SignInRequired`."""
    return the_services(), require_actor()


def current_language() -> Language | None:
    """The language the person chose: of their account, or before sign-in of the cookie. None: ask the browser.

    It never raises: the page that says that a store is down needs a language as well.
    """
    try:
        visit = current_visit()
    except Exception:
        visit = None
    chosen = visit.account.language if visit else request.cookies.get(entrance().language_cookie)
    return chosen if chosen in LANGUAGES else None


def actor_from_bearer(header: str | None) -> Actor:
    """The person whose API token an ``Authorization`` header carries. A page's cookie never counts here.

    Raises `Unauthenticated` (``token-missing``, ``-invalid``, ``-expired``, ``-revoked``). A refusal is recorded; those
    of unknown tokens up to 30 a minute and address, so that guessing does not fill the log.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token-missing")
    here = entrance()
    now = here.clock()
    try:
        person_id = here.tokens.verify(token.strip(), now)
        actor = here.load_person(person_id)
        if actor is not None and (actor.also or actor.apart):
            actor = in_chosen_role(actor, here.tokens.id_of(token.strip()))
        if actor is None:
            raise Unauthenticated("token-revoked", person_id)
    except Unauthenticated as refused:
        known = refused.person_id is not None
        if known or here.throttle.admit_address(address(), now, of="token") is None:
            detail: dict[str, object] = {"why": refused.code, "address": address()}
            here.record_access("token-refused", person_id=refused.person_id, name="", detail=detail)
        raise
    return _for_this_request(actor, "api")


def in_chosen_role(actor: Actor, of: UUID | None) -> Actor | None:
    """Somebody with several roles in the one that was chosen for a sign-in, a token or an address: the first, where
    none was. None if they do not have it any more: nobody is in another role than they believe."""
    if of is None or not (actor.also or actor.apart):
        return actor
    role = entrance().roles.of(of)
    return entrance().load_person(actor.person_id, role) if role else actor


def safe_next(target: str | None) -> str:
    """Where to go afterwards: a path of this site, or the front page for whatever else was asked."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    # A browser drops tabs and line ends and reads a backslash as a slash: "/\t/host" and "/\host" would leave the site.
    if "\\" in target or any(ord(character) < 0x20 or ord(character) == 0x7F for character in target):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else target


def address() -> str:
    """Where the request came from, as far as the trusted proxies say."""
    return request.remote_addr or ""


def _visit() -> Visit | None:
    secret = session.get(SECRET)
    if not isinstance(secret, str):
        return None
    here = entrance()
    now = here.clock()
    found = here.sign_ins.find(secret, now)
    # The account's own mark changes with the password, so an old cookie dies even if nobody ended its sign-in.
    if found is None or found.account.fs_uniquifier != session.get(USER):
        _forget()
        return None
    if found.expired:
        _record_end(found.sign_in, "", found.expired)
        _forget(found.expired)
        return None
    first = here.load_person(found.sign_in.person_id)
    if first is None:
        here.sign_ins.end_all(found.sign_in.person_id, "no-access", now)
        _record_end(found.sign_in, "", "no-access")
        _forget()
        return None
    actor = in_chosen_role(first, found.sign_in.id)
    if actor is None:
        here.sign_ins.end(found.sign_in.id, ROLE_ENDED, now)
        _record_end(found.sign_in, first.name, ROLE_ENDED)
        _forget(ROLE_ENDED)
        return None
    return Visit(found.sign_in, found.account, _for_this_request(actor, "page"))


def _record_end(sign_in: SignIn, name: str, why: str) -> None:
    """Record an end that has happened already. The row says so too: a log that is down must not keep anybody in."""
    try:
        entrance().record_access("signed-out", person_id=sign_in.person_id, name=name, detail={"why": why})
    except Exception:
        current_app.logger.exception("an ended sign-in could not be recorded")


def _forget(why: str | None = None) -> None:
    """Empty the cookie of a sign-in that is over."""
    for key in (SECRET, USER, "_fresh", "_id", "fs_paa", "fs_cc", "fs_gexp"):
        session.pop(key, None)
    if why is not None:
        session[ENDED] = why


def _for_this_request(actor: Actor, channel: str) -> Actor:
    return dataclasses.replace(actor, request_id=str(g.get("request_id", "")), channel=channel)


def wanted() -> str | None:
    """The page to come back to. A form's own address shows nothing when fetched, so for it the page it stood on."""
    if request.method in ("GET", "HEAD"):
        return safe_next(request.full_path.rstrip("?"))
    came_from = urlsplit(request.referrer or "")
    return safe_next(came_from.path) if came_from.netloc == request.host else None


def see_other(target: str) -> Response:
    """On to a page, after a form."""
    return redirect(target, 303)
