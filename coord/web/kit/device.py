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

from coord.office.sign_ins import SEEN_EVERY, SignIn

_PURPOSE = b"coord.device.seal\0"
HEADER = "Coord-Device"
"""Sent by the scripts of a device alone: ``here``, or ``away`` if nobody looks at what follows."""


def seals_of(person_id: UUID) -> list[str]:
    """The keys of a person, in base64url: the first one seals, all of them open. There are several while the service's
    secret is being changed."""
    secrets = [current_app.secret_key, *(current_app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [_seal(str(secret), person_id) for secret in secrets]


def _seal(secret: str, person_id: UUID) -> str:
    key = hmac.new(secret.encode(), _PURPOSE + person_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def lives_for(sign_in: SignIn, now: datetime, idle: timedelta, absolute: timedelta) -> str:
    """For how many seconds a sign-in lives without another request, and in all: the device destroys the key then, by
    its own clock. What the server last heard may be a little older than this request (`SEEN_EVERY`)."""
    left = (idle - SEEN_EVERY, sign_in.created_at + absolute - now)
    return " ".join(str(max(0, int(one.total_seconds()))) for one in left)
