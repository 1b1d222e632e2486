"""The browsers that a person has signed in with before: others' failures must not keep them out of their own.

A browser keeps a number that says nothing, and for each person who has signed in with it a mark that nobody else can
make: a keyed hash of number and account, which is its signature. It opens nothing: the password is asked for as ever,
and the browser's own failures are counted. Nothing about it is stored here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from coord.office.accounts import fold_email

MOST_PEOPLE = 12
"""So many people's marks one browser keeps; a shared tablet forgets whoever has not signed in for longest."""
LASTS = timedelta(days=180)
"""A browser keeps it for so long after the last sign-in."""
_SHAPE = re.compile(r"[0-9a-f]{32}(\.[0-9a-f]{32}){1,12}", re.ASCII)


class KnownBrowsers:
    """What the service's secret lets it recognise."""

    def __init__(self, *keys: str) -> None:
        """``keys`` are the service's secrets: the first marks, all recognise; with others, every browser is unknown."""
        self._keys = [hashlib.sha256(b"known browsers\0" + key.encode()).digest() for key in keys]

    def recognise(self, kept: str, email: str) -> str:
        """The number of the browser that keeps this, if its mark is that of the account; nothing otherwise.

        The same work for an account that does not exist.
        """
        number, marks = _parts(kept)
        mine = [self._mark(key, number, email) for key in self._keys]
        found = [mark for mark in marks for own in mine if hmac.compare_digest(mark, own)]
        return number if found else ""

    def keep(self, kept: str, email: str) -> str:
        """What the browser is to keep from now on, after the person has signed in."""
        number, marks = _parts(kept)
        number = number or secrets.token_hex(16)
        mine = self._mark(self._keys[0], number, email)
        return ".".join([number, mine, *(mark for mark in marks if mark != mine)][: MOST_PEOPLE + 1])

    @staticmethod
    def _mark(key: bytes, number: str, email: str) -> str:
        told = f"{number}\0{fold_email(email)}".encode()
        return hashlib.blake2b(told, key=key, digest_size=16).hexdigest()


def _parts(kept: str) -> tuple[str, list[str]]:
    if not _SHAPE.fullmatch(kept):
        return "", []
    number, *marks = kept.split(".")
    return number, marks
