"""Passwords: which are accepted, and how they are hashed without making sign-in the way to overload the service."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from coord.domain.errors import FieldProblem, InvalidInput, Unavailable

MINIMUM = 12
"""Characters. ASVS 6.2.1 asks for 8 and recommends 15."""
MAXIMUM = 128
"""Characters. ASVS 6.2.9 asks that at least 64 be allowed; nothing is ever cut off."""
LONGEST_TYPED = 8 * MAXIMUM
"""Characters as typed. Nothing longer is one of `MAXIMUM` in another spelling, so nothing is computed of it."""
MEMORY_KIB, TIME_COST, LANES = 19 * 1024, 2, 1
"""argon2id's cost: about 20 ms, and 19 MiB for each password in work at once."""
PRODUCT = "coord"

_ESTIMATED = 72
"""The estimator's own limit in characters. A password is never weaker than its beginning, so that is enough."""
_LEAST_SCORE = 3
"""Of 4, in the estimator's scale: at least 10^8 guesses."""


def normalise(password: str) -> str:
    """The one spelling that is hashed: the same password typed on another keyboard gives the same characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def refuse_weak(password: str, *, own: Iterable[str] = (), pointer: str = "/password") -> None:
    """Refuse a new password that is too short, too long, common, or made of what everybody knows of the person.

    ``own`` are the person's name and email. There are no rules on capitals, digits or signs. Raises `InvalidInput`
    with one problem: ``password-too-short`` {minimum}, ``password-too-long`` {maximum}, ``password-contains-yours``
    or ``password-common``.
    """
    if len(password) > LONGEST_TYPED:
        raise InvalidInput([FieldProblem(pointer, "password-too-long", {"maximum": MAXIMUM})])
    password = normalise(password)
    if len(password) < MINIMUM:
        raise InvalidInput([FieldProblem(pointer, "password-too-short", {"minimum": MINIMUM})])
    if len(password) > MAXIMUM:
        raise InvalidInput([FieldProblem(pointer, "password-too-long", {"maximum": MAXIMUM})])
    words = {PRODUCT, *_words(own)}
    if any(word in password.casefold() for word in words):
        raise InvalidInput([FieldProblem(pointer, "password-contains-yours")])
    if _is_common(password):
        raise InvalidInput([FieldProblem(pointer, "password-common")])


def _words(own: Iterable[str]) -> set[str]:
    """The words of a name and an address that are long enough not to be in other words by chance."""
    return {word for text in own for word in re.split(r"[\W_]+", normalise(text).casefold()) if len(word) >= 4}


def _is_common(password: str) -> bool:
    """Whether it is one of 30,000 common passwords, or such a password decorated (turned round, l33t, digits, rows).

    Few of the listed ones are as long as `MINIMUM`, so the list alone would refuse too little: people lengthen a common
    word in common ways, and that is what the estimator looks for.
    """
    # Imported here: its dictionaries take some 30 MB that a worker needs only when somebody changes a password.
    from zxcvbn import zxcvbn

    return int(zxcvbn(password[:_ESTIMATED])["score"]) < _LEAST_SCORE


def _argon2id() -> PasswordHasher:
    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return _argon2id().hash("nobody's password: nothing verifies against it")


class Hasher:
    """Hashes and verifies with argon2id, a few at a time.

    ``slots`` is how many may run at once in this process, ``wait`` how many seconds the next one waits for a slot.
    """

    def __init__(self, slots: int = 2, wait: float = 2.0) -> None:
        """The first in a process computes one hash: what passwords for unknown accounts are measured against."""
        self._argon2 = _argon2id()
        self._slots = threading.BoundedSemaphore(slots)
        self._wait = wait
        self._nobody = _nobodys_hash()

    def hash(self, password: str) -> str:
        """The hash to keep. Raises `Unavailable` (``sign-in-busy``, ``retry_after`` seconds) if all slots stay busy."""
        with self._slot():
            return self._argon2.hash(normalise(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` belongs to the kept hash. Without one (no such account) it takes as long, and says no.

        What is too long to be anybody's password is nobody's, and costs nothing. Raises `Unavailable` as `hash` does.
        """
        if len(password) > LONGEST_TYPED:
            return False
        with self._slot():
            try:
                verified = self._argon2.verify(kept or self._nobody, normalise(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None and verified

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with another cost than today's."""
        return self._argon2.check_needs_rehash(kept)

    def _slot(self) -> _Slot:
        return _Slot(self._slots, self._wait)


class _Slot:
    """One of the few places for a hash in work."""

    def __init__(self, slots: threading.BoundedSemaphore, wait: float) -> None:
        self._slots, self._wait = slots, wait

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=self._wait):
            raise Unavailable("sign-in-busy", retry_after=5)

    def __exit__(self, *_: object) -> None:
        self._slots.release()
