"""What administrators come for: who may use Coord, as what, in which team. No child is on these pages.

What gives somebody sight of children takes two people: it is proposed here, and confirmed in `proposals`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.case.questions import LeftBehindAnswer, ReadLeftBehindBy
from coord.application.declared import Command, Receipt
from coord.application.people.accounts import give_email
from coord.application.people.commands import (
    ChangePersonRole,
    DisablePerson,
    EnablePerson,
    MovePerson,
    NoteAccountChange,
    RegisterPerson,
    RemoveFactors,
    RenamePerson,
)
from coord.application.people.handlers import PROPOSED
from coord.application.people.questions import PeopleAnswer, ReadAccounts
from coord.application.waiting.questions import ReadWaiting, WaitingAnswer
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound
from coord.domain.rising import Way
from coord.office.accounts import Account, Language
from coord.office.links import INVITATION, Link
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind, among
from coord.web.kit.form import Form, declared
from coord.web.kit.listed import asked, next_page
from coord.web.labels import DISCIPLINES, ROLES
from coord.web.people.letter import Letter, letter_pdf
from coord.web.people.proposals import proposals
from coord.web.people.ways_in import address_of, end_everything, ways_in
from coord.web.people.words import link_in_words
from coord.web.visit import entrance, require_actor, require_proof, see_other, the_services
from coord.web.waiting.words import ON_THE_FIRST_PAGE, lines

pages = Blueprint("people", __name__)
DONE = Done("people")

_SMALL_LEGEND = {"legend_class": "nhsuk-fieldset__legend--s"}
_ADDRESS = {"type": "email", "autocomplete": "off", "spellcheck": False}
TEAM = Field(
    "team",
    Kind.TEXT,
    _l("Service team, or school of a teacher"),
    _l("Write it as the others of the team have it: a team lead sees the children of exactly this team."),
    width=20,
    look={"list": "teams", "autocomplete": "off"},
)
_CLINICAL = {code: words for code, words in DISCIPLINES.items() if code != Discipline.SCHOOL.value}
ROLE = (
    Field("role", Kind.RADIOS, _l("Role"), options=ROLES, becomes=Role, look=_SMALL_LEGEND),
    Field(
        "discipline",
        Kind.RADIOS,
        _l("Discipline"),
        _l("Therapists, students and assistants have one."),
        first=_l("None, or a teacher"),
        options=_CLINICAL,
        becomes=Discipline,
        optional=True,
        look=_SMALL_LEGEND,
    ),
)
LANGUAGE_NAMES = {"en": "English", "it": "Italiano"}
WAYS = {
    Way.MAIL.value: _l("By mail, to their address"),
    Way.LETTER.value: _l("By a letter, which you print and hand over"),
}
_KNOWN_AS = _l("First and last name, as colleagues know it. It stays on what the person writes.")
_KEEPS = _l("Colleagues see it from now on. What the person wrote before keeps the name that they had then.")
_AS_TYPED = {"autocomplete": "off", "spellcheck": False}
_SIGNED_OUT = _l("They sign in with it from then on, with the same password, and are signed out everywhere now.")
KEPT = _l("It is kept in the record, for the team lead to read.")
NEW = declared(
    "person-new",
    Field("person_id", Kind.ID),
    Field("name", Kind.TEXT, _l("Name"), _KNOWN_AS, look=_AS_TYPED),
    Field("email", Kind.TEXT, _l("Email address"), _l("With it they sign in."), look=_ADDRESS),
    *ROLE,
    TEAM,
    Field(
        "language",
        Kind.RADIOS,
        _l("Language"),
        _l("Of the invitation, and of their pages until they choose another."),
        options=LANGUAGE_NAMES,
        becomes=among(LANGUAGE_NAMES),
        optional=True,
        look=_SMALL_LEGEND,
    ),
    Field("invite", Kind.RADIOS, _l("Invitation"), options=WAYS, becomes=Way, optional=True, look=_SMALL_LEGEND),
)
_NEW_ADDRESS = Field(
    "email", Kind.TEXT, _l("New email address"), _SIGNED_OUT, called=_l("Email address"), look=_ADDRESS
)
OF_A_PERSON = {
    "name": declared("person-name", Field("name", Kind.TEXT, _l("Name"), _KEEPS, look=_AS_TYPED)),
    "role": declared("person-role", *ROLE),
    "team": declared("person-team", TEAM),
    "email": declared("person-email", _NEW_ADDRESS),
    "access": declared("person-access", Field("reason", Kind.LONG, _l("Reason"), KEPT, rows=2)),
}
"""The forms on the page of one person."""
LINK = declared("person-password", Field("way", Kind.HIDDEN))
NO_FACTORS = declared("person-factors")
"""Two buttons: mail and letter."""
_STATES = {"active": _l("With access"), "disabled": _l("Without access")}
FILTERS = declared(
    "people-filters",
    Field("text", Kind.TEXT, _l("Name or email address"), optional=True),
    Field("state", Kind.CHOICE, _l("Access"), optional=True, options=_STATES, first=_l("Everybody")),
)


@pages.before_request
def _asked_again() -> None:
    """Whoever changes somebody's account has just shown who they are: an open screen does not do it for them. The file
    of a letter changes nothing: it is for who has the link before them, and would be lost on the way."""
    if request.method == "POST" and request.endpoint != "people.letter":
        require_proof()


# ---- the list ----------------------------------------------------------------------------------------------------

A_PAGE = 50
"""People that are listed at once."""


@pages.get("/people")
def index() -> Response:
    """Everybody with an account: name, address, role, team, and whether they may come in."""
    actor, form = require_actor(), FILTERS.asked()
    active, cursor = {"active": True, "disabled": False}.get(form.typed["state"]), request.args.get("cursor", "")
    question = ReadAccounts(form.typed["text"][:200], active, cursor, A_PAGE)
    waits = ReadWaiting(limit=ON_THE_FIRST_PAGE)
    answer: PeopleAnswer
    first: WaitingAnswer
    answer, first = the_services().doors.ask_together(actor, question, waits)
    page = render_template(
        "people/index.html",
        people=answer.items,
        form=form,
        shown=answer.shown,
        paging=bool(cursor),
        beginning=url_for("people.index", **asked(form)),
        more=next_page(form, answer, "people.index"),
        waiting=lines(first.items, {}),
        waiting_in_all=first.total,
    )
    return make_response(page)


# ---- somebody new ------------------------------------------------------------------------------------------------


@pages.get("/people/new")
def new() -> Response:
    """The form for somebody new."""
    way = Way.MAIL if ways_in().mails else Way.LETTER
    form = NEW.of({"language": the_services().settings.language, "invite": way.value})
    return _new_page(form, accounts_for(require_proof()))


@pages.post("/people/new", endpoint="register")
def register() -> Response:
    """Registered and invited: the mail is on its way, or the letter is there; or the form, with what to put right.

    The record comes first and the account second. Sent again (twice clicked, or after a crash in between) it is the
    same person, and what was missing is completed.
    """
    actor = require_actor()
    form = NEW.sent()

    def act() -> Response:
        accounts_for(actor)  # before the address is looked at: who may not do this learns of no account
        try:
            return _registered(actor, form["person_id"], form.values())
        except Conflict as refusal:
            if refusal.code != "email-taken":
                raise
            form.typed["person_id"] = str(uuid4())  # somebody else took the address in this very moment
            raise InvalidInput([FieldProblem("/email", "email-taken")]) from None

    return form.send(act, lambda: _new_page(form, accounts_for(actor)))


def _registered(actor: Actor, person_id: UUID, values: dict[str, Any]) -> Response:
    accounts, email = entrance().accounts, values["email"]
    language, way = values.pop("language"), ways_in().way(values.pop("invite"))
    taken = accounts.by_email(email) if email.strip() else None
    if taken is not None and taken.person_id != person_id:
        raise InvalidInput([FieldProblem("/email", "email-taken")])
    command = RegisterPerson(person_id, **values, confirmed=confirmed(), invite=way)
    receipt: Receipt = the_services().doors.execute(actor, command)
    account = _account(person_id, values["name"], email, language)
    if receipt.repeated and account.password:
        return see_other(url_for("people.show", person_id=person_id))  # an old form sent again: it is theirs now
    if receipt.status == PROPOSED:
        DONE.say(f"waits-{way.value}")
        return see_other(url_for("people.show", person_id=person_id))
    return _given(actor, account, values["name"], way)


def _account(person_id: UUID, name: str, email: str, language: Language | None = None) -> Account:
    """The account of somebody who is registered; one without a password, where there is none yet."""
    accounts = entrance().accounts
    found = accounts.by_person(person_id)
    if found is not None:
        return found
    language = language or the_services().settings.language
    return accounts.create_account(person_id, email, None, now=entrance().clock(), language=language, name=name)


def _new_page(form: Form, answer: PeopleAnswer) -> Response:
    offer_roles(form)
    if not ways_in().mails and form.typed["invite"] != Way.MAIL:  # chosen while there was a server, it is not lost
        form.offer("invite", [{"value": Way.LETTER.value, "text": str(WAYS[Way.LETTER.value])}])
    return make_response(render_template("people/new.html", form=form, shown=answer.shown, teams=teams_in(answer)))


# ---- one person --------------------------------------------------------------------------------------------------


@pages.get("/people/<uuid:person_id>")
def show(person_id: UUID) -> Response:
    """One person's account, and what can be changed in it."""
    return _person_page(require_actor(), person_id, {}, DONE.once())


@pages.post("/people/<uuid:person_id>/role", endpoint="change_role")
def change_role(person_id: UUID) -> Response:
    """Another role or discipline, from now on."""
    return _changed(person_id, "role", lambda form: ChangePersonRole(person_id, **form.values()))


@pages.post("/people/<uuid:person_id>/team", endpoint="move")
def move(person_id: UUID) -> Response:
    """Another service team, from now on."""
    return _changed(person_id, "team", lambda form: MovePerson(person_id, **form.values(), confirmed=confirmed()))


@pages.post("/people/<uuid:person_id>/name", endpoint="rename")
def rename(person_id: UUID) -> Response:
    """Another name, from now on."""
    return _changed(person_id, "name", lambda form: RenamePerson(person_id, **form.values()))


@pages.post("/people/<uuid:person_id>/email", endpoint="change_email")
def change_email(person_id: UUID) -> Response:
    """Another address to sign in with, from now on; whoever is signed in under the old one is not any more."""
    actor, here, form = require_actor(), entrance(), OF_A_PERSON["email"].sent()

    def act() -> Response:
        doors, end_all = the_services().doors, here.sign_ins.end_all
        receipt = give_email(doors, here.accounts, end_all, actor, person_id, form["email"])
        DONE.say(PROPOSED if receipt.status == PROPOSED else "email")
        return see_other(url_for("people.show", person_id=person_id))

    return form.send(act, lambda: _person_page(actor, person_id, {"email": form}))


@pages.post("/people/<uuid:person_id>/disable", endpoint="disable")
def disable(person_id: UUID) -> Response:
    """No access from now on: no sign-in and no token is worth anything, on any worker."""

    def afterwards() -> None:
        end_everything(person_id)
        _mirror(person_id, active=False)

    def command(form: Form) -> Command:
        return DisablePerson(person_id, form["reason"], confirmed())

    return _changed(person_id, "access", command, "disable", afterwards)


@pages.post("/people/<uuid:person_id>/enable", endpoint="enable")
def enable(person_id: UUID) -> Response:
    """Access again. What was open before the access was taken away stays closed."""

    def command(form: Form) -> Command:
        if not person_in(accounts_for(require_actor()), person_id)["active"]:
            end_everything(person_id)  # a crash may have left some open when access was taken away
        return EnablePerson(person_id, form["reason"])

    return _changed(person_id, "access", command, "enable", lambda: _mirror(person_id, active=True))


@pages.post("/people/<uuid:person_id>/password", endpoint="give_password")
def give_password(person_id: UUID) -> Response:
    """A link to choose a password by, mailed or on a letter; the password they had and earlier links are void. What
    would let whoever has it see children is proposed, and given when it is confirmed."""
    actor, form = require_actor(), LINK.sent()

    def act() -> Response:
        person = person_in(accounts_for(actor), person_id)
        way = ways_in().way(Way.LETTER if form["way"] == Way.LETTER else None)
        return _given(actor, _account(person_id, person["name"], person["email"]), person["name"], way)

    return form.send(act, lambda: _person_page(actor, person_id, {"password": form}))


@pages.post("/people/<uuid:person_id>/letter", endpoint="letter")
def letter(person_id: UUID) -> Response:
    """The letter of a link as a file, for who has the link before them: it is shown once, and not found again."""
    actor, services, ways = require_actor(), the_services(), ways_in()
    person = person_in(accounts_for(actor), person_id)
    now = services.clock()
    link, account = ways.links.found(request.form.get("secret", ""), now), entrance().accounts.by_person(person_id)
    if link is None or account is None or link.person_id != person_id:
        raise NotFound
    content = Letter(
        person["name"],
        account.email,
        address_of(link),
        link.expires_at,
        first=link.kind == INVITATION,
        language=account.language,
    )
    response = make_response(letter_pdf(content, now))
    response.content_type = "application/pdf"
    # No name in it: it would be read by whoever looks into the folder of downloads.
    response.headers.set("Content-Disposition", "attachment", filename=_("letter") + ".pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/people/<uuid:person_id>/factors/remove", endpoint="remove_factors")
def remove_factors(person_id: UUID) -> Response:
    """Whoever has lost phone and key signs in with the password alone, and sets up a second factor anew. For somebody
    who sees children it is proposed, and done when it is confirmed."""
    actor, nothing = require_actor(), NO_FACTORS.sent()

    def act() -> Response:
        person, here = person_in(accounts_for(actor), person_id), entrance()
        if the_services().doors.execute(actor, RemoveFactors(person_id)).status == PROPOSED:
            DONE.say(PROPOSED)
        else:
            _note(actor, "factors-removed", person)
            here.factors.remove_all(person_id)
            here.sign_ins.end_all(person_id, "factors-removed", here.clock())
            DONE.say("factors")
        return see_other(url_for("people.show", person_id=person_id))

    return nothing.send(act, lambda: _person_page(actor, person_id, {"factors": nothing}))


@pages.post("/people/<uuid:person_id>/sign-ins/end", endpoint="end_sign_ins")
def end_sign_ins(person_id: UUID) -> Response:
    """Signed out everywhere; they may sign in again."""
    actor = require_actor()
    person = person_in(accounts_for(actor), person_id)
    the_services().doors.execute(actor, NoteAccountChange(person_id, "sign-ins-ended"))
    _note(actor, "sign-ins-ended", person)
    entrance().sign_ins.end_all(person_id, "ended-by-administrator", entrance().clock())
    DONE.say("sign-ins")
    return see_other(url_for("people.show", person_id=person_id))


@pages.post("/people/<uuid:person_id>/sign-ins/<uuid:sign_in>/end", endpoint="end_sign_in")
def end_sign_in(person_id: UUID, sign_in: UUID) -> Response:
    """One sign-in is over."""
    actor = require_actor()
    person = person_in(accounts_for(actor), person_id)
    the_services().doors.execute(actor, NoteAccountChange(person_id, "sign-ins-ended"))
    _note(actor, "sign-ins-ended", person)
    entrance().sign_ins.end(sign_in, "ended-by-administrator", entrance().clock(), person_id=person_id)
    DONE.say("sign-in")
    return see_other(url_for("people.show", person_id=person_id))


@pages.post("/people/<uuid:person_id>/tokens/<uuid:token_id>/revoke", endpoint="revoke_token")
def revoke_token(person_id: UUID, token_id: UUID) -> Response:
    """One token is worth nothing any more; the person's others go on."""
    actor, here = require_actor(), entrance()
    person = person_in(accounts_for(actor), person_id)
    token = next((token for token in here.tokens.of(person_id) if token.id == token_id), None)
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        the_services().doors.execute(actor, NoteAccountChange(person_id, "token-ended", token.name))
        _note(actor, "token-ended", person, token=token.name)
        here.tokens.revoke(token_id, here.clock(), person_id=person_id)
    DONE.say("token")
    return see_other(url_for("people.show", person_id=person_id))


def _changed(
    person_id: UUID,
    name: str,
    command: Callable[[Form], Command],
    said: str = "",
    afterwards: Callable[[], None] = lambda: None,
) -> Response:
    """Carry out a change and show the person again; or the page with what was wrong and what was typed."""
    actor, form = require_actor(), OF_A_PERSON[name].sent()

    def act() -> Response:
        try:
            proposed = the_services().doors.execute(actor, command(form)).status == PROPOSED
        except Conflict as refusal:
            if refusal.code in ("already-disabled", "already-enabled"):
                afterwards()  # the rest of it may be missing, if a process died half way
            raise
        if not proposed:
            afterwards()
        DONE.say(PROPOSED if proposed else said or name)
        return see_other(url_for("people.show", person_id=person_id))

    return form.send(act, lambda: _person_page(actor, person_id, {name: form}))


def _person_page(actor: Actor, person_id: UUID, sent: dict[str, Form], done: str | None = None) -> Response:
    answer = accounts_for(actor)
    person = person_in(answer, person_id)
    here = entrance()
    stands = {**person, "discipline": "" if person["discipline"] == Discipline.SCHOOL else person["discipline"]}
    forms = {name: form.of(stands) for name, form in OF_A_PERSON.items()} | sent
    offer_roles(forms["role"])
    page = render_template(
        "people/show.html",
        person=person,
        oneself=person_id == actor.person_id,
        account=here.accounts.by_person(person_id),
        has_factor=here.factors.any(person_id),
        link=link_in_words(*ways_in().state(person_id), here.clock()),
        mails=ways_in().mails,
        sign_ins=here.sign_ins.open_of(person_id, here.clock()),
        tokens=[t for t in here.tokens.of(person_id) if t.revoked_at is None and t.expires_at > here.clock()],
        forms=forms,
        form=next(iter(sent.values()), forms["role"]),
        done=done,
        waiting=[item for item in proposals(actor).items if item["person_id"] == person_id],
        shown=answer.shown,
        left_behind=_left_behind(actor, person),
        teams=teams_in(answer),
    )
    return make_response(page)


def _left_behind(actor: Actor, person: Mapping[str, Any]) -> list[Asked]:
    """What would be asked before their access is taken away: it is on the page before it is done."""
    if not person["active"] or person["person_id"] == actor.person_id:
        return []
    answer: LeftBehindAnswer = the_services().doors.ask(actor, ReadLeftBehindBy(person["person_id"]))
    return questions(answer.asked)


# ---- accounts ----------------------------------------------------------------------------------------------------


def _given(actor: Actor, account: Account, name: str, way: Way) -> Response:
    """Give the person a link and say so; a letter is the answer to the form itself, without a redirect: what stands in
    its link is kept nowhere from which it could be shown again."""
    given = ways_in().give(actor, account, way, end_everything)
    if not isinstance(given, Link):
        DONE.say(PROPOSED)
        return see_other(url_for("people.show", person_id=account.person_id))
    if way is Way.MAIL:
        DONE.say("mailed")
        return see_other(url_for("people.show", person_id=account.person_id))
    page = render_template(
        "people/letter.html",
        person_id=account.person_id,
        name=name,
        email=account.email,
        address=address_of(given),
        secret=ways_in().links.secret(given),
        until=given.expires_at,
        shown=accounts_for(actor).shown,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _mirror(person_id: UUID, *, active: bool) -> None:
    if entrance().accounts.by_person(person_id) is not None:
        entrance().accounts.set_active(person_id, active)


def _note(actor: Actor, kind: str, person: Mapping[str, Any], **more: str) -> None:
    """Record what was done to an account; if that is not possible, it must not be done."""
    detail = {"person": str(person["person_id"]), "name": person["name"], **more}
    the_services().doors.note_look(actor, kind, detail=detail)


# ---- shared ------------------------------------------------------------------------------------------------------


def accounts_for(actor: Actor, text: str = "") -> PeopleAnswer:
    """Everybody; refused to whoever is no administrator."""
    return cast("PeopleAnswer", the_services().doors.ask(actor, ReadAccounts(text)))


def person_in(answer: PeopleAnswer, person_id: UUID) -> Mapping[str, Any]:
    """One of the people of an answer. Raises `NotFound`."""
    found = next((person for person in answer.items if person["person_id"] == person_id), None)
    if found is None:
        raise NotFound("no-such-person")
    return found


def offer_roles(form: Form) -> None:
    """What each role does, beside its name."""
    hints = {
        "therapist": _("Writes and signs notes for children on whose care team they are."),
        "student": _("Writes notes that a therapist co-signs."),
        "teacher": _("Reads school summaries and what is shared with the school; writes observations."),
        "team-lead": _("Leads a service team: its children, and who saw what."),
        "administrator": _("Looks after accounts, and sees no child."),
    }
    form.offer("role", ({"value": code, "text": str(text), "hint": hints[code]} for code, text in ROLES.items()))


def teams_in(answer: PeopleAnswer) -> list[str]:
    """The service teams and schools that people are in, in any of their roles."""
    return sorted({one["team"] for person in answer.items for one in (person, *person["further"]) if one["team"]})
