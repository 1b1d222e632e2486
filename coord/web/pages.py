"""The pages: a blueprint an area."""

from __future__ import annotations

from uuid import uuid4

from babel import Locale
from flask import Flask, request, url_for
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from coord.domain.actors import Relationship, Role
from coord.domain.case.notes import counts_as
from coord.domain.errors import Unavailable
from coord.domain.permissions import PERMISSIONS
from coord.web.activities import pages as activities
from coord.web.case import circle
from coord.web.case import pages as case
from coord.web.complaint_file import pages as complaint_file
from coord.web.device import pages as device
from coord.web.find import pages as find
from coord.web.goals import pages as goals
from coord.web.goals import review as goal_review
from coord.web.goals.words import entry_sentence
from coord.web.groups import calendar, child_groups
from coord.web.groups import pages as groups
from coord.web.groups import sessions as group_sessions
from coord.web.groups.words import entry_facts, entry_texts
from coord.web.history import pages as audit
from coord.web.history.words import roles_in_words
from coord.web.home import pages as home
from coord.web.kit.device import lives_for, owner_of
from coord.web.kit.namesakes import called
from coord.web.labels import label
from coord.web.measures import pages as measures
from coord.web.note_templates import pages as note_templates
from coord.web.notes import after_signing
from coord.web.notes import circumstances as note_circumstances
from coord.web.notes import pages as notes
from coord.web.people import further_roles, links, proposals
from coord.web.people.words import team_sentence
from coord.web.phrases import pages as phrases
from coord.web.policies import pages as policies
from coord.web.sections import format_called, section_called
from coord.web.strategies import pages as strategies
from coord.web.summary import pages as summaries
from coord.web.timeline import pages as timeline
from coord.web.visit import current_actor, current_visit, the_services
from coord.web.waiting import pages as waiting

LANGUAGE_NAMES = (("en", "English"), ("it", "Italiano"))
WORDS = {
    "label": label,
    "entry_sentence": entry_sentence,
    "called": called,
    "roles_in_words": roles_in_words,
    "team_sentence": team_sentence,
    "entry_facts": entry_facts,
    "entry_texts": entry_texts,
    "new_id": uuid4,
    "counts_as": counts_as,
    "format_called": format_called,
    "section_called": section_called,
}
"""What every template may call, beside what is given to it; the plain app of the bench takes the same."""


def init_pages(app: Flask) -> None:
    """Register every area's blueprint and give the templates what each page needs."""
    first = (home, waiting, find, device)
    care = (timeline, case, circle, notes, summaries, goals, goal_review, strategies, measures)
    in_groups = (groups, group_sessions, child_groups, calendar)
    accounts = (further_roles, proposals, links, phrases)
    of_the_house = (activities, policies, note_templates)
    audits = (audit, complaint_file)
    for area in (*first, *care, after_signing, note_circumstances, *in_groups, *audits, *accounts, *of_the_house):
        app.register_blueprint(area.pages)
    app.jinja_env.globals |= WORDS
    app.context_processor(_common)


def _lives_for() -> str:
    """How long what is kept on the device of who is signed in can be opened without another page. An administrator
    writes about no child: nothing of theirs is kept."""
    services, visit = the_services(), current_visit()
    limits = services.settings.idle_limit, services.settings.absolute_limit
    return lives_for(visit.sign_in, services.clock(), *limits) if visit else ""


def _common() -> dict[str, object]:
    try:
        actor = current_actor()
    except Unavailable:  # the page that says so has nobody's name on it
        actor = None
    common: dict[str, object] = {
        "current_language": (get_locale() or Locale("en")).language,
        "languages": LANGUAGE_NAMES,
        "language_url": url_for("account.set_language"),
        "home_url": url_for("home.show"),
        "forgotten_url": url_for("links.forgotten"),
    }
    if actor is None:
        return common
    links = [("home.show", pgettext("the first page", "Home")), ("find.show", pgettext("a page", "Find"))]
    if actor.role in (Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD):
        links.append(("groups.index", _("Groups")))
        links.append(("activities.index", _("Activities")))
    if actor.role is Role.TEAM_LEAD:
        links.append(("policies.index", _("Policies")))
        links.append(("audit.team", _("Audit")))
    if actor.role is Role.ADMINISTRATOR:
        links = [("people.index", _("People"))]
    return common | {
        "current_actor": {
            "id": str(actor.person_id),
            "owner": owner_of(actor),
            "name": actor.name,
            "role": label("role", actor.role.value),
            "session": "" if actor.role is Role.ADMINISTRATOR else _lives_for(),
        },
        "account_url": url_for("account.show"),
        "phrases_url": url_for("phrases.index") if PERMISSIONS["ReadPhrases"].who(actor, Relationship()) else "",
        "sign_out_url": url_for("account.sign_out"),
        "health_url": url_for("healthz"),
        "find_url": None if actor.role is Role.ADMINISTRATOR else url_for("find.show"),
        "navigation": [{"href": url_for(end), "text": text, "current": request.endpoint == end} for end, text in links],
    }
