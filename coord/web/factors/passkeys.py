"""Passkeys: what a browser is asked to sign, and whether what it signed counts.

For whom a passkey is, and at which address it was used, is a setting and never what a request says of itself. Each
challenge is made here, for one browser, and counts once. The device must have verified its person (a finger, a face, a
number): so a passkey is both factors. Phones and laptops themselves will do, and keys that are plugged in or held near.
"""

from __future__ import annotations

import json
import secrets
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request, session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration
from werkzeug.wrappers import Response as AnyResponse

from coord.domain.errors import FieldProblem, Unavailable
from coord.office.factors import Passkey
from coord.web.sign_in import (
    HALF,
    _arrived,
    _as_last_time,
    _open,
    _record,
    _sign_in_page,
    _unavailable,
    half_opened,
)
from coord.web.visit import RelyingParty, address, current_visit, entrance, safe_next

pages = Blueprint("passkeys", __name__)

BROWSER = "browser"
"""Key of the session cookie: chance, by which a challenge knows the browser that it was made for."""
PATIENCE = 60_000
"""Milliseconds that a browser waits for somebody to use a passkey, or to find that none fits."""
LONGEST = 20_000
"""Characters of what a browser gives back; a signature has a thousand."""
A_MINUTE = 300
"""Challenges in a minute for one address: a whole clinic signs in behind one."""
SIGN_IN, AGAIN, ADD = "sign-in", "again", "add"


class Refused(Exception):
    """What came is no signature that counts; ``why`` is for the access log, ``person_id`` whose it claims to be."""

    def __init__(self, why: str, person_id: UUID | None = None) -> None:
        """``why`` is a code."""
        super().__init__(why)
        self.why = why
        self.person_id = person_id


def relying_party() -> RelyingParty:
    """For whom passkeys are; without one (`coord.settings.Settings.relying_party`) there are no such pages."""
    found = entrance().relying_party
    if found is None:
        abort(404)
    return found


@pages.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/passkeys/options")
def options() -> AnyResponse:
    """What the browser is asked for: a script puts it to the person, and sends what comes of it with a form."""
    here, party, purpose = entrance(), relying_party(), request.args.get("purpose", "")
    if purpose not in (SIGN_IN, AGAIN, ADD):
        abort(404)
    now = here.clock()
    visit = current_visit()
    if purpose != SIGN_IN and visit is None:
        abort(403)
    wait = here.throttle.admit_address(address(), now, of="passkey", most=A_MINUTE)
    if wait is not None:
        return make_response({"wait": wait}, 429, {"Retry-After": str(wait)})
    person_id = visit.actor.person_id if visit is not None and purpose != SIGN_IN else None
    challenge = here.challenges.make(_browser(), purpose, now, person_id)
    if purpose == ADD and visit is not None:
        made: Any = generate_registration_options(
            rp_id=party.id,
            rp_name="Coord",
            user_id=visit.actor.person_id.bytes,
            user_name=visit.account.email,
            user_display_name=visit.actor.name,
            challenge=challenge,
            timeout=PATIENCE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_described(here.factors.passkeys(visit.actor.person_id)),
        )
    else:
        of = person_id or half_opened()  # before the right password nobody learns which passkeys an account has
        made = generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            timeout=PATIENCE,
            allow_credentials=_described(here.factors.passkeys(of)) if of else None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    return make_response(options_to_json(made), 200, {"Content-Type": "application/json"})


@pages.post("/sign-in/passkey", endpoint="sign_in")
def sign_in() -> AnyResponse:
    """On to the page that was wanted, or the sign-in page with what to do instead."""
    here, now = entrance(), entrance().clock()
    back = safe_next(request.form.get("next"))
    wrong = [FieldProblem("/email", "passkey-wrong")]
    try:
        try:
            passkey = used(SIGN_IN)
        except Refused as refused:
            _record_failed(refused.person_id, refused.why)
            return _sign_in_page(422, next=back, problems=wrong)
        account = here.accounts.by_person(passkey.person_id)
        actor = here.load_person(passkey.person_id) if account else None
        if account is None or actor is None:
            _record_failed(passkey.person_id, "no-access")
            return _sign_in_page(422, next=back, problems=wrong)
        actor, half = _as_last_time(actor), session.get(HALF)
        _open(account, actor, "signed-in", now, "passkey")
        if isinstance(half, str):
            here.half_open.end(half)
    except Unavailable as unavailable:
        return _unavailable(_sign_in_page(503, next=back, unavailable=True), unavailable)
    return _arrived(account, actor, back)


def _record_failed(person_id: UUID | None, why: str) -> None:
    """Of one address up to 30 in a minute: anybody can send what is no passkey, and the log is not to be filled so."""
    here = entrance()
    if here.throttle.admit_address(address(), here.clock(), of="passkey-refused") is None:
        _record("sign-in-failed", person_id, {"why": why})


# ---- whether it counts -------------------------------------------------------------------------------------------


def used(purpose: str, person_id: UUID | None = None) -> Passkey:
    """The passkey whose signature the form brings; it was used just now. Raises `Refused`.

    ``person_id``: only theirs counts, and only for a challenge that was made for them.
    """
    here, party = entrance(), relying_party()
    now = here.clock()
    credential, challenge = _sent()
    if not here.challenges.take(challenge, _browser(), purpose, now, person_id):
        raise Refused("passkey-challenge", person_id)
    passkey = here.factors.passkey(_bytes(credential.get("rawId")))
    if passkey is None:
        raise Refused("passkey-unknown", person_id)
    if person_id is not None and passkey.person_id != person_id:
        raise Refused("passkey-of-another", person_id)
    handle = credential["response"].get("userHandle")
    if handle and _bytes(handle) != passkey.person_id.bytes:
        raise Refused("passkey-of-another", passkey.person_id)
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (
        Exception
    ) as error:  # the library trips over what is malformed in many ways: whatever it is, it does not count
        raise Refused("passkey-refused", passkey.person_id) from error
    if not here.factors.passkey_used(passkey, verified.new_sign_count, now):
        raise Refused("passkey-refused", passkey.person_id)
    return passkey


def made(person_id: UUID) -> tuple[VerifiedRegistration, tuple[str, ...]]:
    """The passkey that the form brings, and how its device can be reached. Raises `Refused`."""
    here, party = entrance(), relying_party()
    credential, challenge = _sent()
    if not here.challenges.take(challenge, _browser(), ADD, here.clock(), person_id):
        raise Refused("passkey-challenge", person_id)
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise Refused("passkey-refused", person_id) from error
    named = credential["response"].get("transports")
    known = [one.value for one in AuthenticatorTransport]
    return verified, tuple(t for t in known if isinstance(named, list) and t in named)


def _sent() -> tuple[dict[str, Any], bytes]:
    """What the form's script put into it, and the challenge that it says it signed."""
    text = request.form.get("credential", "")
    try:
        credential: Any = json.loads(text) if len(text) <= LONGEST else None
        signed = _bytes(credential["response"]["clientDataJSON"])
        return cast("dict[str, Any]", credential), parse_client_data_json(signed).challenge
    except (ValueError, TypeError, KeyError, RecursionError, WebAuthnException) as error:
        raise Refused("passkey-unreadable") from error


def _bytes(text: object) -> bytes:
    try:
        return base64url_to_bytes(text) if isinstance(text, str) else b""
    except ValueError as error:
        raise Refused("passkey-unreadable") from error


def _browser() -> str:
    kept = session.get(BROWSER)
    if not isinstance(kept, str):
        kept = session[BROWSER] = secrets.token_urlsafe(32)
    return kept


def _described(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=key.credential_id, transports=[AuthenticatorTransport(t) for t in key.transports]
        )
        for key in passkeys
    ]
