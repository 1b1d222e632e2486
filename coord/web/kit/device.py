"""What is kept on a device is sealed with a key of the person, which a live sign-in alone is given.

A phone or a shared tablet keeps what is written and not sent yet, and the page of a form that one is on. Whoever
signs in next finds nothing that can be read: the key is made from the service's secret and the person, is on no page,
cannot be exported from the browser, goes with the sign-in, and comes back when that person signs in again. See
docs/adr/0016-what-is-kept-on-a-device.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app

from coord.domain.actors import Actor
from coord.office.sign_ins import SEEN_EVERY, SignIn

_PURPOSE = b"coord.device.seal\0"
HEADER = "Coord-Device"
"""Sent by the scripts of a device alone: ``here``, or ``away`` if nobody looks at what follows."""


def owner_of(actor: Actor) -> str:
    """Whose what is kept is: a person's, and of a further role of theirs that role's. What was written in one is not
    sent in another, nor is a page of one shown there."""
    return f"{actor.person_id}.{actor.role.value}" if actor.further else str(actor.person_id)


def seals_of(person_id: UUID, further_role: str = "") -> list[str]:
    """The keys of a person (in a further role), in base64url: the first one seals, all of them open. There are several
    while the service's secret is being changed."""
    secrets = [current_app.secret_key, *(current_app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [_seal(str(secret), person_id, further_role) for secret in secrets]


def _seal(secret: str, person_id: UUID, further_role: str) -> str:
    key = hmac.new(secret.encode(), _PURPOSE + person_id.bytes + further_role.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def lives_for(sign_in: SignIn, now: datetime, idle: timedelta, absolute: timedelta) -> str:
    """For how many seconds a sign-in lives without another request, and in all: the device destroys the key then, by
    its own clock. What the server last heard may be a little older than this request (`SEEN_EVERY`)."""
    left = (idle - SEEN_EVERY, sign_in.created_at + absolute - now)
    return " ".join(str(max(0, int(one.total_seconds()))) for one in left)
