"""The calendar feed: its addresses, and the feed.

The feed is fetched by calendars, which cannot sign in. Nothing of it leans on a cookie; its address is checked on every
request, its person as well, and what it holds is asked through the entrance as that person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, session, url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from coord.application.doors import stores_answer
from coord.application.groups.questions import MySessionsAnswer, ReadMySessions
from coord.application.services import Services
from coord.domain.actors import Actor, Relationship
from coord.domain.errors import NotPermitted, Unavailable
from coord.domain.permissions import PERMISSIONS
from coord.office.calendars import NoFeed
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.visit import address, entrance, here, in_chosen_role, require_proof, see_other, the_services

pages = Blueprint("calendar", __name__)

BACK, AHEAD = timedelta(days=90), timedelta(days=365)
MADE, DONE = "calendar-made", Done("calendar")
"""In the session: the address that was just made, shown once; and what was just done."""
_WHICH = _l("So that you know later which one to revoke, such as “My phone”.")
ADDRESS = declared("calendar-address", Field("name", Kind.TEXT, _l("Name of the device"), _WHICH))


# ---- the addresses -----------------------------------------------------------------------------------------------


@pages.get("/calendar")
def show() -> AnyResponse:
    """The addresses of my calendar feed: make one for a device, see when each was fetched, revoke it."""
    return _page(ADDRESS.of())


@pages.post("/calendar", endpoint="make")
def make() -> AnyResponse:
    """A new address, shown once; or the form again."""
    require_proof()
    form = ADDRESS.sent()

    def act() -> AnyResponse:
        services, actor = _mine()
        with stores_answer():
            kept = entrance().feeds.check_name(actor.person_id, form["name"])
        _record("calendar-made", actor, kept)
        with stores_answer():
            token = entrance().feeds.issue(actor.person_id, form["name"], now=services.clock())
            if actor.also:
                feed_id, _person = entrance().feeds.verify(token)
                entrance().roles.choose(feed_id, actor.role.value, services.clock())
        session[MADE] = {"name": kept, "address": url_for("calendar.feed", token=token, _external=True)}
        return see_other(url_for("calendar.show"))

    return form.send(act, lambda: _page(form))


@pages.post("/calendar/<uuid:id>/revoke")
def revoke(id: UUID) -> AnyResponse:
    """The address is worth nothing from now on."""
    services, actor = _mine()
    with stores_answer():
        known = next((feed for feed in entrance().feeds.of(actor.person_id) if feed.id == id), None)
        if known is not None and entrance().feeds.revoke(id, services.clock(), person_id=actor.person_id):
            DONE.say("revoked")
            _record("calendar-revoked", actor, known.name)  # after it: a log that is down must not keep it open
    return see_other(url_for("calendar.show"))


def _mine() -> tuple[Services, Actor]:
    services, actor = here()
    if not PERMISSIONS["ReadMySessions"].who(actor, Relationship()):
        raise NotPermitted
    return services, actor


def _page(form: Form) -> AnyResponse:
    _here, actor = _mine()
    with stores_answer():
        feeds = entrance().feeds.of(actor.person_id)
    page = render_template(
        "groups/calendar.html",
        form=form,
        feeds=feeds,
        made=None if form.came_back else session.pop(MADE, None),
        done=None if form.came_back else DONE.once(),
    )
    return make_response(page)


def _record(kind: str, actor: Actor, device: str) -> None:
    """Record it, or it does not happen."""
    the_services().doors.note_look(actor, kind, detail={"device": device})


# ---- the feed ----------------------------------------------------------------------------------------------------


@pages.get("/calendar/<token>.ics")
def feed(token: str) -> Response:
    """My sessions as iCalendar, for whoever knows the address: that there is something, and when, and no more."""
    try:
        with stores_answer():
            actor = _person_behind(token)
            return _as_file(actor)
    except (NoFeed, NotPermitted):  # one answer for all: an address tells nobody whether it ever was one
        return _bare(404, "There is no calendar here.")
    except Unavailable:
        return _bare(503, "Try again later.")


def _person_behind(token: str) -> Actor:
    """Whose address it is, as the record has them now. A refusal is recorded, up to 30 a minute from one network."""
    office = entrance()
    now = office.clock()
    try:
        feed_id, person_id = office.feeds.verify(token)
        first = office.load_person(person_id)
        actor = in_chosen_role(first, feed_id) if first is not None else None
        if actor is None:
            raise NoFeed("no-access", person_id)
    except NoFeed as refused:
        if office.throttle.admit_address(address(), now, of="calendar") is None:
            detail: dict[str, object] = {"why": refused.why, "address": address()}
            office.record_access("calendar-refused", person_id=refused.person_id, name="", detail=detail)
        raise
    office.feeds.fetched(feed_id, now)
    return replace(actor, request_id=str(g.get("request_id", "")), channel="calendar")


def _as_file(actor: Actor) -> Response:
    # Imported here: few workers ever make a calendar, and every one would be 3 MB larger.
    from coord.web.groups.calendar_file import as_calendar

    services = the_services()
    now, zone = services.clock(), services.settings.zone
    today = now.astimezone(zone).date()
    answer: MySessionsAnswer = services.doors.ask(actor, ReadMySessions(today - BACK, today + AHEAD, waiting=False))
    account = entrance().accounts.by_person(actor.person_id)
    with force_locale(account.language if account is not None and account.language else "en"):
        content = as_calendar(answer.sessions, now=now, zone=zone, secret_key=services.settings.secret_keys[-1])
    return _bare(200, content, {"Content-Type": "text/calendar; charset=utf-8"})


def _bare(status: int, content: str | bytes, headers: dict[str, str] | None = None) -> Response:
    """An answer without a page around it, which no cache keeps and which hands the address to nobody."""
    response = Response(content, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response
