"""Pages and API over the doors. `create_app` wires them; nothing here decides what is true or who may see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel import Locale
from flask import Flask, Request, Response, current_app, g, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from coord.application.doors import stores_answer
from coord.application.people.handlers import actor_of
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import NotFound
from coord.domain.person import Person
from coord.domain.policy import PolicyName, days_for_second_factor
from coord.office.access import FAILED, SHOWN, Look
from coord.office.accounts import LANGUAGES
from coord.web import api, pages
from coord.web.catalogue import catalogue
from coord.web.compressing import init_compressing
from coord.web.errors import init_errors
from coord.web.factors import init_factors
from coord.web.kit.asking import asked_words
from coord.web.layout import IsolatingDomain, init_layout
from coord.web.observability import init_observability
from coord.web.people import proposals
from coord.web.people.ways_in import ways_in
from coord.web.rendering import Templates
from coord.web.sign_in import current_language, init_sign_in
from coord.web.spelling import LOCALES, init_spelling
from coord.web.visit import LoadPerson, RecordAccess

MOST_BYTES = 1_000_000
"""Of a request's body; the largest note is a fifth of it."""
ADDRESSES = 8192
"""That are remembered: some two megabytes."""
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
NOBODY = UUID(int=1)
_FAILURES = frozenset(
    {
        "sign-in-failed",
        "sign-in-throttled",
        "reset-throttled",
        "second-factor-failed",
        "second-factor-throttled",
        "proof-failed",
        "token-refused",
        "calendar-refused",
    }
)


class _Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, at no cost for who brings no cookie and takes none: every request of the API."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")


class _App(Flask):
    """Flask, for an application that has no coroutines among its views."""

    session_interface = _Sessions()
    jinja_environment = Templates  # type: ignore[assignment]  # Flask asks for just this, and types it narrower

    def __init__(self, name: str) -> None:
        """As Flask's."""
        super().__init__(name)
        self._address = lru_cache(ADDRESSES, typed=True)(self._built)

    def url_for(self, endpoint: str, /, **values: Any) -> str:  # type: ignore[override]  # its options are among them
        """The address of a page. A page has hundreds, the same ones each time: each is put together once."""
        whole = values.get("_external") or values.get("_scheme")  # `flask.url_for` names both, as a rule as None
        if endpoint.startswith(".") or not has_request_context() or whole:
            return super().url_for(endpoint, **values)
        try:
            return self._address(request.root_path, endpoint, **values)
        except TypeError:  # a list of values is no key
            return super().url_for(endpoint, **values)

    def _built(self, _root: str, endpoint: str, /, **values: Any) -> str:
        return super().url_for(endpoint, **values)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """As it is: to look whether it is a coroutine costs more than most of what is called here."""
        return func


def create_app(services: Services) -> Flask:
    """The WSGI application over ``services``. Call it after a fork."""
    settings = services.settings
    app = _App(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_MEMORY_SIZE=MOST_BYTES, MAX_FORM_PARTS=500)
    app.extensions["coord"] = services
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    init_layout(app, settings.compiled_templates)
    app.jinja_env.globals["clock"] = services.clock
    app.jinja_env.globals["asked_words"] = asked_words
    app.extensions["coord-metrics"] = init_observability(app, services)
    entrance = init_sign_in(
        app,
        services.office,
        settings,
        _person_loader(services),
        _access_recorder(services),
        services.clock,
        lambda actor: bool(proposals.news() or proposals.changed_since(actor, services).items),
        lambda actor: _days_for_second_factor(services, actor),
        lambda account, kind: ways_in().tell(account, kind),
    )
    init_factors(app)
    app.extensions["coord-policy"] = SECURITY_HEADERS["Content-Security-Policy"]  # for pages from the device
    babel = Babel(app, locale_selector=_locale, timezone_selector=lambda: settings.zone.key)
    babel.domain_instance = IsolatingDomain()
    for locale in LOCALES.values():
        catalogue(locale)  # now, so that the first reader does not wait for it
    init_spelling(app, settings.zone)
    init_errors(app)
    pages.init_pages(app)
    for blueprint in api.init_api(app, services):
        entrance.csrf.exempt(blueprint)
    init_compressing(app)
    app.after_request(_secure)
    return app


def _locale() -> Locale:
    """The person's choice, or what their browser asks for, or the clinic's language. English is Britain's: dates and
    the 24-hour clock."""
    services: Services = current_app.extensions["coord"]
    language = current_language() or request.accept_languages.best_match(LANGUAGES) or services.settings.language
    return LOCALES[language]


def _person_loader(services: Services) -> LoadPerson:
    def load(person_id: UUID, role: str = "") -> Actor | None:
        """The person as the record has them at this moment, in their first role or in ``role``; None if there is no
        such person, they are disabled, or do not have it.

        Asked of the record and not of a view: a post need not wait until the views have caught up.
        """
        person = _person(services, person_id)
        if person is None or not person.active or (role and role not in {one.role for one in person.standings}):
            return None
        return actor_of(person, role)

    return load


def _person(services: Services, person_id: UUID) -> Person | None:
    with stores_answer():
        try:
            return services.record.person(person_id)
        except NotFound:
            return None


def _days_for_second_factor(services: Services, actor: Actor) -> int | None:
    """By the policies of the teams that the person has a role in, the strictest: they sign in once, and are in any of
    their roles then. Asked of the record: a view that stands still may not know of a change."""

    def days(one: Actor) -> int | None:
        values = services.record.policy(one.team).values(PolicyName.SIGNING_IN)
        return days_for_second_factor(one.role, values)

    with stores_answer():
        asked = [days(one) for one in (actor, *actor.in_other_roles())]
    return min((days for days in asked if days is not None), default=None)


def _access_recorder(services: Services) -> RecordAccess:
    def record(
        kind: str, *, person_id: UUID | None, name: str, detail: dict[str, object], actor: Actor | None = None
    ) -> None:
        """Record that somebody came in, left or was turned away; with their team, so that its lead finds it: in the
        role that they are here in, or in their first where that is not known."""
        # Nobody's id is looked up too: an account that exists must not answer more slowly than one that does not.
        person = _person(services, person_id or NOBODY)
        here = actor or (actor_of(person) if person else None)
        services.doors.note(
            Look(
                at=services.clock(),
                kind=kind,
                outcome=FAILED if kind in _FAILURES else SHOWN,
                person_id=person_id,
                person_name=name or (here.name if here else ""),
                role=here.role.value if here else "",
                discipline=here.discipline.value if here and here.discipline else None,
                team=here.team if here else "",
                channel="api" if request.path.startswith("/api/") else "page",
                request=g.get("request_id", ""),
                detail=detail,
            )
        )

    return record


def _secure(response: Response) -> Response:
    present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - no mapping: it iterates over pairs
    for name, value in SECURITY_HEADERS.items():
        if name.lower() not in present:
            response.headers.add(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if "cache-control" not in present:
        response.headers.add("Cache-Control", "no-store")
    return response
