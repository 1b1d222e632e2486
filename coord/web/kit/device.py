"""What is kept on a device is sealed with a key of the person, which comes with their pages and goes with them.

A shared tablet keeps recordings that are not sent yet. Whoever signs in next finds nothing that can be read: the key is
made from the service's secret and the person, is in no storage, and comes back when that person signs in again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from flask import current_app

_PURPOSE = b"coord.device.seal\0"


def seals_of(person_id: UUID) -> str:
    """The keys of a person, in base64url with a space between: the first one seals, all of them open. There are several
    while the service's secret is being changed."""
    secrets = [current_app.secret_key, *(current_app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return " ".join(_seal(str(secret), person_id) for secret in secrets)


def _seal(secret: str, person_id: UUID) -> str:
    key = hmac.new(secret.encode(), _PURPOSE + person_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
