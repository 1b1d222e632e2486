"""One's own factors: passkeys, one-time codes, recovery codes; added, named, removed. Each change is asked for anew.

The one page of an account that a sign-in is led to whose second factor is due: it opens nothing else until then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pyotp
import segno
from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound
from coord.web.factors.passkeys import ADD, Refused, made
from coord.web.kit.done import Done
from coord.web.sign_in import _given_back, _how_to_ask, _in_words, _record, _visitor
from coord.web.unsent import brought_back
from coord.web.visit import ProofRequired, SignInRequired, Visit, entrance, proved_lately, safe_next, see_other

pages = Blueprint("factors", __name__)
DONE = Done("factors")


@pages.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/account/factors")
def show() -> AnyResponse:
    """What one has, and what can be added and removed."""
    return _page(200, _who())


def _page(status: int, visit: Visit, *, problems: Sequence[FieldProblem] = (), name: str = "") -> AnyResponse:
    here, person_id = entrance(), visit.actor.person_id
    unsent, factors = brought_back(), here.factors
    html = render_template(
        "factors/show.html",
        unsent=unsent,
        **({"language_url": None} if unsent else {}),
        confined=visit.sign_in.confined,
        due=visit.sign_in.factor_due,
        passkeys=factors.passkeys(person_id),
        codes=factors.one_time_codes(person_id),
        left=factors.recovery_codes_left(person_id),
        passkey=_how_to_ask(ADD),
        name=name,
        next=safe_next(request.values.get("next") or url_for("account.show")),
        done=DONE.once(),
        **_in_words(problems),
    )
    return make_response(html, status)


# ---- passkeys ----------------------------------------------------------------------------------------------------


@pages.post("/account/passkeys", endpoint="add_passkey")
def add_passkey() -> AnyResponse:
    """One more passkey; or the page again. With the first factor come recovery codes."""
    visit, here, name = _who(proved=True), entrance(), request.form.get("name", "")
    person_id = visit.actor.person_id
    try:
        name = here.factors.check_name(name)
        verified, transports = made(person_id)
        _record("factor-added", person_id, {"factor": "passkey", "name": name}, visit.actor.name)
        here.factors.add_passkey(
            person_id,
            name,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=transports,
            now=here.clock(),
        )
    except Refused as refused:
        _record("proof-failed", person_id, {"why": refused.why}, visit.actor.name)
        return _page(422, visit, problems=[FieldProblem("/name", "passkey-not-made")], name=name)
    except InvalidInput as invalid:
        return _page(422, visit, problems=[_of_name(problem) for problem in invalid.problems], name=name)
    except Conflict:
        return _page(422, visit, problems=[FieldProblem("/name", "passkey-known")], name=name)
    return _added(visit, "passkey-added")


@pages.post("/account/passkeys/<uuid:id>/remove", endpoint="remove_passkey")
def remove_passkey(id: UUID) -> AnyResponse:
    """One passkey opens nothing any more."""
    visit = _who(proved=True)
    factors, person_id = entrance().factors, visit.actor.person_id
    passkey = next((key for key in factors.passkeys(person_id) if key.id == id), None)
    if passkey is None:
        raise NotFound
    return _removed(
        visit,
        {"factor": "passkey", "name": passkey.name},
        lambda: factors.remove_passkey(id, person_id),
        "passkey-removed",
    )


# ---- one-time codes ----------------------------------------------------------------------------------------------


@pages.post("/account/one-time-codes/begin", endpoint="begin_codes")
def begin_codes() -> AnyResponse:
    """The secret for an app, as a picture and in letters, and the form for the first code of it."""
    visit = _who(proved=True)
    if entrance().factors.one_time_codes(visit.actor.person_id) is not None:
        return see_other(url_for("factors.show"))
    return _codes_page(200, visit)


@pages.post("/account/one-time-codes", endpoint="add_codes")
def add_codes() -> AnyResponse:
    """The codes count from now on; or the form again. With the first factor come recovery codes."""
    visit, here = _who(proved=True), entrance()
    person_id, code = visit.actor.person_id, request.form.get("one_time_code", "")
    if here.factors.one_time_codes(person_id) is not None:
        return see_other(url_for("factors.show"))  # sent twice
    if not code.strip():
        return _codes_page(422, visit, problems=[FieldProblem("/one_time_code", "code-missing")])
    now, wrong = here.clock(), [FieldProblem("/one_time_code", "first-code-wrong")]
    if not here.factors.fits(person_id, code, now):
        return _codes_page(422, visit, problems=wrong)
    _record("factor-added", person_id, {"factor": "one-time-codes"}, visit.actor.name)
    if not here.factors.confirm_codes(person_id, code, now):  # sent twice at one moment
        return _codes_page(422, visit, problems=wrong)
    return _added(visit, "codes-added")


@pages.post("/account/one-time-codes/remove", endpoint="remove_codes")
def remove_codes() -> AnyResponse:
    """One-time codes are not asked for and open nothing any more."""
    visit = _who(proved=True)
    factors, person_id = entrance().factors, visit.actor.person_id
    if factors.one_time_codes(person_id) is None:
        return see_other(url_for("factors.show"))
    return _removed(visit, {"factor": "one-time-codes"}, lambda: factors.remove_codes(person_id), "codes-removed")


def _codes_page(status: int, visit: Visit, *, problems: Sequence[FieldProblem] = ()) -> AnyResponse:
    here = entrance()
    secret = here.factors.begin_codes(visit.actor.person_id, here.clock(), visit.sign_in.id)
    address = pyotp.TOTP(secret).provisioning_uri(name=visit.account.email, issuer_name="Coord")
    picture = segno.make_qr(address, error="m").svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
    unsent = brought_back()
    html = render_template(
        "factors/one_time_codes.html",
        unsent=unsent,
        language_url=None,  # another language is another request, which the secret is not shown to
        picture=Markup(picture),  # noqa: S704 - segno's own, of figures alone
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        address=address,
        next=safe_next(request.values.get("next") or url_for("account.show")),
        **_in_words(problems),
    )
    return make_response(html, status)


# ---- recovery codes ----------------------------------------------------------------------------------------------


@pages.post("/account/recovery-codes", endpoint="make_recovery_codes")
def make_recovery_codes() -> AnyResponse:
    """Ten new ones, shown once; those of before are void."""
    visit = _who(proved=True)
    if not entrance().factors.any(visit.actor.person_id):
        return see_other(url_for("factors.show"))  # there is nothing to recover
    return _recovery_codes(visit, "")


def _recovery_codes(visit: Visit, done: str) -> AnyResponse:
    here, person_id = entrance(), visit.actor.person_id
    _record("recovery-codes-made", person_id, {}, visit.actor.name)
    html = render_template(
        "factors/recovery_codes.html",
        codes=here.factors.make_recovery_codes(person_id, here.clock()),
        email=visit.account.email,
        next=safe_next(request.form.get("next") or url_for("factors.show")),
        done=done,
        unsent=brought_back(),
        language_url=None,
    )
    return make_response(html)


# ---- shared ------------------------------------------------------------------------------------------------------


def _added(visit: Visit, done: str) -> AnyResponse:
    here, person_id = entrance(), visit.actor.person_id
    if here.factors.how_many(person_id) == 1:
        # Whoever came in by the password alone has shown less than is asked for from now on.
        here.sign_ins.end_all(person_id, "factor-added", here.clock(), keep=visit.sign_in.id)
    here.sign_ins.set_free(visit.sign_in.id)
    if not here.factors.recovery_codes_left(person_id):
        return _recovery_codes(visit, done)
    unsent = brought_back()
    if unsent is not None:
        return _given_back(200, unsent, visit.account, safe_next(request.form.get("next")))
    return DONE.then(done, url_for("factors.show"))


def _removed(visit: Visit, detail: dict[str, Any], remove: Callable[[], object], done: str) -> AnyResponse:
    """Recorded, then removed: what cannot be recorded does not happen."""
    _record("factor-removed", visit.actor.person_id, detail, visit.actor.name)
    remove()
    return DONE.then(done, url_for("factors.show"))


def _of_name(problem: FieldProblem) -> FieldProblem:
    return FieldProblem(problem.pointer, f"passkey-name-{problem.code}", problem.params)


def _who(*, proved: bool = False) -> Visit:
    """Who is signed in, also only to set up a second factor. Raises `SignInRequired`; and `ProofRequired`, where they
    are to have ``proved`` a moment ago that it is they."""
    visit = _visitor()
    if visit.account.must_change_password:
        raise SignInRequired("account.change_password")
    if proved and not proved_lately():
        raise ProofRequired
    return visit
