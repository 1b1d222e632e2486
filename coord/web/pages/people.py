"""What administrators come for: who may use Coord, as what, in which team. No child is on these pages.

What gives somebody sight of children takes two people: it is proposed here, and confirmed in `coord.web.pages.waiting`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.commands import (
    ChangePersonRole,
    DisablePerson,
    EnablePerson,
    GivePassword,
    MovePerson,
    NoteAccountChange,
    Receipt,
    RegisterPerson,
)
from coord.application.declared import Command
from coord.application.people import PROPOSED, give_email
from coord.application.questions import LeftBehindAnswer, PeopleAnswer, ReadAccounts, ReadLeftBehindBy
from coord.application.services import Services
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotFound, Stale, Unavailable
from coord.office.passwords import refuse_weak
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.done import Done
from coord.web.labels import DISCIPLINES, ROLES
from coord.web.messages import explanation, field_message
from coord.web.pages.waiting import end_everything, proposals
from coord.web.visit import entrance, require_actor, see_other

pages = Blueprint("people", __name__)
DONE = Done("people")

PASSWORD_GROUPS, PASSWORD_GROUP, PASSWORD_LETTERS = 4, 4, "abcdefghjkmnpqrstuvwxyz23456789"
"""A one-time password: 16 letters and digits that are not taken for each other (79 bits), in groups to read aloud."""
_CHANGED = ("role", "discipline", "team", "email", "reason")
_EMPTY = {"name": "", "email": "", "role": "", "discipline": "", "team": ""}


# ---- the list ----------------------------------------------------------------------------------------------------


@pages.get("/people")
def index() -> Response:
    """Everybody with an account: name, address, role, team, and whether they may come in."""
    text, state = request.args.get("text", "").strip()[:200], request.args.get("state", "")
    actor = require_actor()
    answer = _accounts(actor, text)
    wanted = {"active": (True,), "disabled": (False,)}.get(state, (True, False))
    page = render_template(
        "people/index.html",
        people=[person for person in answer.people if person["active"] in wanted],
        text=text,
        state=state,
        shown=answer.shown,
        waiting=[item for item in proposals(actor).items if item["may"]],
    )
    return make_response(page)


# ---- somebody new ------------------------------------------------------------------------------------------------


@pages.get("/people/new")
def new() -> Response:
    """The form for somebody new."""
    answer = _accounts(require_actor())
    return _new_page(200, answer, uuid4(), _EMPTY)


@pages.post("/people/new", endpoint="register")
def register() -> Response:
    """Registered, with a password to hand over, shown once; or the form, with what to put right.

    The record comes first and the account second. Sent again (twice clicked, or after a crash in between) it is the
    same person, and what was missing is completed.
    """
    services, actor = _services(), require_actor()
    typed = {name: request.form.get(name, "") for name in _EMPTY}
    try:
        person_id = UUID(request.form.get("person_id", ""))
    except ValueError:
        person_id = uuid4()
    answer = _accounts(actor)  # before the address is looked at: who may not do this learns of no account
    try:
        role, discipline = _role_and_discipline(typed)
        taken = entrance().accounts.by_email(typed["email"]) if typed["email"].strip() else None
        if taken is not None and taken.person_id != person_id:
            raise InvalidInput([FieldProblem("/email", "email-taken")])
        receipt: Receipt = services.doors.execute(
            actor,
            RegisterPerson(person_id, typed["name"], typed["email"], role, discipline, typed["team"], confirmed()),
        )
        account = entrance().accounts.by_person(person_id)
        if receipt.repeated and account is not None and account.password and not account.must_change_password:
            return see_other(url_for("people.show", person_id=person_id))  # an old form sent again: it is theirs now
        waits = receipt.status == PROPOSED
        return _with_new_password(actor, person_id, typed["name"], typed["email"], first=True, waits=waits)
    except InvalidInput as invalid:
        return _new_page(422, answer, person_id, typed, invalid=invalid)
    except (Conflict, Unavailable) as refusal:
        if refusal.code == "email-taken":  # somebody else took the address in this very moment
            problem = InvalidInput([FieldProblem("/email", "email-taken")])
            return _new_page(422, answer, uuid4(), typed, invalid=problem)
        return _new_page(status_of(refusal), answer, person_id, typed, refusal=refusal)


def _new_page(
    status: int,
    answer: PeopleAnswer,
    person_id: UUID,
    typed: Mapping[str, str],
    *,
    invalid: InvalidInput | None = None,
    refusal: DomainError | None = None,
) -> Response:
    page = render_template(
        "people/new.html",
        person_id=person_id,
        typed=typed,
        shown=answer.shown,
        **_choices(answer),
        **_in_words(invalid, refusal),
    )
    return make_response(page, status)


# ---- one person --------------------------------------------------------------------------------------------------


@pages.get("/people/<uuid:person_id>")
def show(person_id: UUID) -> Response:
    """One person's account, and what can be changed in it."""
    return _person_page(200, require_actor(), person_id, done=DONE.once())


@pages.post("/people/<uuid:person_id>/role", endpoint="change_role")
def change_role(person_id: UUID) -> Response:
    """Another role or discipline, from now on."""

    def command() -> Command:
        return ChangePersonRole(person_id, *_role_and_discipline(request.form))

    return _changed(person_id, command, "role")


@pages.post("/people/<uuid:person_id>/team", endpoint="move")
def move(person_id: UUID) -> Response:
    """Another service team, from now on."""
    team = request.form.get("team", "")

    return _changed(person_id, lambda: MovePerson(person_id, team, confirmed()), "team")


@pages.post("/people/<uuid:person_id>/email", endpoint="change_email")
def change_email(person_id: UUID) -> Response:
    """Another address to sign in with, from now on; whoever is signed in under the old one is not any more."""
    actor, here = require_actor(), entrance()
    try:
        receipt = give_email(
            _services().doors, here.accounts, here.sign_ins.end_all, actor, person_id, request.form.get("email", "")
        )
    except InvalidInput as invalid:
        return _person_page(422, actor, person_id, form="email", invalid=invalid)
    except (Conflict, Unavailable) as refusal:
        return _person_page(status_of(refusal), actor, person_id, form="email", refusal=refusal)
    DONE.say(PROPOSED if receipt.status == PROPOSED else "email")
    return see_other(url_for("people.show", person_id=person_id))


@pages.post("/people/<uuid:person_id>/disable", endpoint="disable")
def disable(person_id: UUID) -> Response:
    """No access from now on: no sign-in and no token is worth anything, on any worker."""

    def command() -> Command:
        return DisablePerson(person_id, request.form.get("reason", ""), confirmed())

    def afterwards() -> None:
        end_everything(person_id)
        _mirror(person_id, active=False)

    return _changed(person_id, command, "disable", afterwards)


@pages.post("/people/<uuid:person_id>/enable", endpoint="enable")
def enable(person_id: UUID) -> Response:
    """Access again. What was open before the access was taken away stays closed."""

    def command() -> Command:
        if not _person(_accounts(require_actor()), person_id)["active"]:
            end_everything(person_id)  # a crash may have left some open when access was taken away
        return EnablePerson(person_id, request.form.get("reason", ""))

    return _changed(person_id, command, "enable", lambda: _mirror(person_id, active=True))


@pages.post("/people/<uuid:person_id>/password", endpoint="give_password")
def give_password(person_id: UUID) -> Response:
    """A new one-time password, shown once; the old one is void, and every sign-in, token and calendar address is over.
    For somebody who sees children it is proposed, and given when it is confirmed."""
    actor = require_actor()
    person = _person(_accounts(actor), person_id)
    try:
        if _services().doors.execute(actor, GivePassword(person_id)).status == PROPOSED:
            DONE.say(PROPOSED)
            return see_other(url_for("people.show", person_id=person_id))
        return _with_new_password(actor, person_id, person["name"], person["email"], first=False)
    except (Conflict, Unavailable) as refusal:
        return _person_page(status_of(refusal), actor, person_id, refusal=refusal)


@pages.post("/people/<uuid:person_id>/sign-ins/end", endpoint="end_sign_ins")
def end_sign_ins(person_id: UUID) -> Response:
    """Signed out everywhere; they may sign in again."""
    actor = require_actor()
    person = _person(_accounts(actor), person_id)
    _services().doors.execute(actor, NoteAccountChange(person_id, "sign-ins-ended"))
    _note(actor, "sign-ins-ended", person)
    entrance().sign_ins.end_all(person_id, "ended-by-administrator", entrance().clock())
    DONE.say("sign-ins")
    return see_other(url_for("people.show", person_id=person_id))


@pages.post("/people/<uuid:person_id>/sign-ins/<uuid:sign_in>/end", endpoint="end_sign_in")
def end_sign_in(person_id: UUID, sign_in: UUID) -> Response:
    """One sign-in is over."""
    actor = require_actor()
    person = _person(_accounts(actor), person_id)
    _services().doors.execute(actor, NoteAccountChange(person_id, "sign-ins-ended"))
    _note(actor, "sign-ins-ended", person)
    entrance().sign_ins.end(sign_in, "ended-by-administrator", entrance().clock(), person_id=person_id)
    DONE.say("sign-in")
    return see_other(url_for("people.show", person_id=person_id))


@pages.post("/people/<uuid:person_id>/tokens/<uuid:token_id>/revoke", endpoint="revoke_token")
def revoke_token(person_id: UUID, token_id: UUID) -> Response:
    """One token is worth nothing any more; the person's others go on."""
    actor, here = require_actor(), entrance()
    person = _person(_accounts(actor), person_id)
    token = next((token for token in here.tokens.of(person_id) if token.id == token_id), None)
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        _services().doors.execute(actor, NoteAccountChange(person_id, "token-ended", token.name))
        _note(actor, "token-ended", person, token=token.name)
        here.tokens.revoke(token_id, here.clock(), person_id=person_id)
    DONE.say("token")
    return see_other(url_for("people.show", person_id=person_id))


def _changed(
    person_id: UUID, command: Callable[[], Command], form: str, afterwards: Callable[[], None] | None = None
) -> Response:
    """Carry out a change and show the person again; or the page with what was wrong and what was typed."""
    actor = require_actor()
    try:
        proposed = _services().doors.execute(actor, command()).status == PROPOSED
        if afterwards is not None and not proposed:
            afterwards()
    except InvalidInput as invalid:
        return _person_page(422, actor, person_id, form=form, invalid=invalid)
    except (Conflict, Stale, Unavailable) as refusal:
        if afterwards is not None and refusal.code in ("already-disabled", "already-enabled"):
            afterwards()  # the rest of it may be missing, if a process died half way
        return _person_page(status_of(refusal), actor, person_id, form=form, refusal=refusal)
    DONE.say(PROPOSED if proposed else form)
    return see_other(url_for("people.show", person_id=person_id))


def _person_page(
    status: int,
    actor: Actor,
    person_id: UUID,
    *,
    form: str = "",
    invalid: InvalidInput | None = None,
    refusal: DomainError | None = None,
    done: str | None = None,
) -> Response:
    answer = _accounts(actor)
    person = _person(answer, person_id)
    here = entrance()
    account = here.accounts.by_person(person_id)
    typed = {
        "role": person["role"],
        "discipline": person["discipline"] or "",
        "team": person["team"],
        "email": person["email"],
        "reason": "",
        **{name: request.form[name] for name in _CHANGED if name in request.form},
    }
    page = render_template(
        "people/show.html",
        person=person,
        oneself=person_id == actor.person_id,
        account=account,
        sign_ins=here.sign_ins.open_of(person_id, here.clock()),
        tokens=[t for t in here.tokens.of(person_id) if t.revoked_at is None and t.expires_at > here.clock()],
        typed=typed,
        form=form,
        done=done,
        waiting=[item for item in proposals(actor).items if item["person_id"] == person_id],
        shown=answer.shown,
        left_behind=_left_behind(actor, person),
        **_choices(answer),
        **_in_words(invalid, refusal),
    )
    return make_response(page, status)


def _left_behind(actor: Actor, person: Mapping[str, Any]) -> list[Asked]:
    """What would be asked before their access is taken away: it is on the page before it is done."""
    if not person["active"] or person["person_id"] == actor.person_id:
        return []
    answer: LeftBehindAnswer = _services().doors.ask(actor, ReadLeftBehindBy(person["person_id"]))
    return questions(answer.asked)


# ---- accounts ----------------------------------------------------------------------------------------------------


def _with_new_password(
    actor: Actor, person_id: UUID, name: str, email: str, *, first: bool, waits: bool = False
) -> Response:
    """Give the person a one-time password and show it, this once. Recorded before it is done.

    The answer to the form itself, without a redirect: the password is kept nowhere from which it could be shown again.
    """
    here, now = entrance(), entrance().clock()
    password = _one_time_password(name, email)
    if not here.accounts.by_person(person_id):
        language = _services().settings.language
        here.accounts.create_account(
            person_id, email, None, now=now, language=language, must_change_password=True, name=name
        )
    _note(actor, "password-given", {"person_id": person_id, "name": name})
    here.accounts.set_password(person_id, password, now=now, must_change_password=True, name=name)
    end_everything(person_id, "password-changed")
    page = render_template(
        "people/password.html",
        person_id=person_id,
        name=name,
        email=here.accounts.get(person_id).email,
        password=password,
        first=first,
        waits=waits,
        shown=_accounts(actor).shown,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _one_time_password(name: str, email: str) -> str:
    while True:
        groups = (
            "".join(secrets.choice(PASSWORD_LETTERS) for _letter in range(PASSWORD_GROUP))
            for _group in range(PASSWORD_GROUPS)
        )
        password = "-".join(groups)
        try:
            refuse_weak(password, own=(name, email))
        except InvalidInput:
            continue
        return password


def _mirror(person_id: UUID, *, active: bool) -> None:
    if entrance().accounts.by_person(person_id) is not None:
        entrance().accounts.set_active(person_id, active)


def _note(actor: Actor, kind: str, person: Mapping[str, Any], **more: str) -> None:
    """Record what was done to an account; if that is not possible, it must not be done."""
    detail = {"person": str(person["person_id"]), "name": person["name"], **more}
    _services().doors.note_look(actor, kind, detail=detail)


# ---- shared ------------------------------------------------------------------------------------------------------


def _services() -> Services:
    return cast("Services", current_app.extensions["coord"])


def _accounts(actor: Actor, text: str = "") -> PeopleAnswer:
    """Everybody; refused to whoever is no administrator."""
    return cast("PeopleAnswer", _services().doors.ask(actor, ReadAccounts(text)))


def _person(answer: PeopleAnswer, person_id: UUID) -> Mapping[str, Any]:
    found = next((person for person in answer.people if person["person_id"] == person_id), None)
    if found is None:
        raise NotFound("no-such-person")
    return found


def _role_and_discipline(typed: Mapping[str, str]) -> tuple[Role, Discipline | None]:
    role, discipline = typed.get("role", ""), typed.get("discipline", "")
    problems = []
    if role not in ROLES:
        problems.append(FieldProblem("/role", "unknown-choice"))
    if discipline and discipline not in DISCIPLINES:
        problems.append(FieldProblem("/discipline", "unknown-choice"))
    if problems:
        raise InvalidInput(problems)
    return Role(role), Discipline(discipline) if discipline else None


def _choices(answer: PeopleAnswer) -> dict[str, Any]:
    return {
        "roles": ROLES,
        "disciplines": {k: v for k, v in DISCIPLINES.items() if k != Discipline.SCHOOL.value},
        "teams": sorted({person["team"] for person in answer.people if person["team"]}),
    }


def _in_words(invalid: InvalidInput | None, refusal: DomainError | None) -> dict[str, Any]:
    problems = invalid.problems if invalid else ()
    words: dict[str, str] = {}
    for problem in problems:
        name = "asked-1" if problem.answer else problem.pointer.removeprefix("/")
        words.setdefault(name, field_message(problem))
    asked = questions(problems)
    return {
        "asked": asked,
        "given": confirmed() if request.method == "POST" else (),
        "error_title": _("Please look at this once more") if problems and len(asked) >= len(problems) else None,
        "problems": words,
        "error_list": [{"text": _titled(name, text), "href": f"#{name}"} for name, text in words.items()],
        "refusal": explanation(refusal.code) if refusal else None,
    }


def _titled(field: str, text: str) -> str:
    titles = {
        "name": _("Name"),
        "email": _("Email address"),
        "role": _("Role"),
        "discipline": _("Discipline"),
        "team": _("Service team, or school of a teacher"),
        "reason": _("Reason"),
    }
    return f"{titles[field]}: {text}" if field in titles else text
