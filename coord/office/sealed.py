"""What the office must be able to read again, and nobody who finds the store alone: sealed under the service's secrets.

AES-256-GCM with a key that HKDF derives from the service's secret, for one purpose each. What is sealed is bound to
whose it is: put into somebody else's row it opens no more. Each seal names the secret that made it, so that there can
be several at a time: the first seals, any of them opens.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NAME, _NONCE = 4, 12
"""Bytes: of the name of a secret, and of the number that is used once."""


class Unsealable(Exception):
    """None of the service's secrets opens it: the one that sealed it was left out, or it is damaged."""


class Seal:
    """Seals and opens for one purpose."""

    def __init__(self, purpose: str, *keys: str) -> None:
        """``keys`` are the service's secrets, the one that seals first."""
        self._keys = {_name(purpose, key): _derived(purpose, key) for key in reversed(keys)}
        self._first = _name(purpose, keys[0])

    def seal(self, plain: bytes, owner: bytes) -> bytes:
        """The secret's name, a nonce, and what is sealed; ``owner`` is whose it is."""
        nonce = os.urandom(_NONCE)
        return self._first + nonce + self._keys[self._first].encrypt(nonce, plain, owner)

    def open(self, sealed: bytes, owner: bytes) -> bytes:
        """What was sealed for ``owner``. Raises `Unsealable`."""
        cipher = self._keys.get(sealed[:_NAME])
        if cipher is None:
            raise Unsealable
        try:
            return cipher.decrypt(sealed[_NAME : _NAME + _NONCE], sealed[_NAME + _NONCE :], owner)
        except (InvalidTag, ValueError) as error:
            raise Unsealable from error

    def is_older(self, sealed: bytes) -> bool:
        """Whether another secret than today's sealed it."""
        return sealed[:_NAME] != self._first


def _derived(purpose: str, key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=f"coord {purpose}".encode()).derive(key.encode()))


def _name(purpose: str, key: str) -> bytes:
    """What tells secrets apart, and says nothing about them."""
    return hashlib.sha256(f"coord name of {purpose}\0{key}".encode()).digest()[:_NAME]
