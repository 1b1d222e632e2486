"""A device with passkeys, written by the standard (WebAuthn level 3): honest unless a test makes it lie."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


def encoded(what: bytes) -> str:
    return urlsafe_b64encode(what).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """One passkey. ``origin``, ``rp_id`` and ``flags`` are what it says of where it was used and how."""

    origin: str
    rp_id: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    handle: bytes = b""

    def made(self, options: dict[str, Any]) -> str:
        """What a browser gives back where a passkey was asked to be made."""
        self.handle = decoded(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        of_credential = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        data = self._data(self.flags | HAS_CREDENTIAL) + of_credential
        told = {
            "clientDataJSON": encoded(self._said("webauthn.create", options["challenge"])),
            "attestationObject": encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "made-up"],
        }
        return self._given(told)

    def used(self, options: dict[str, Any], **lies: Any) -> str:
        """What a browser gives back where a passkey was asked for."""
        said, data = self._said("webauthn.get", options["challenge"]), self._data(self.flags)
        told = {
            "clientDataJSON": encoded(said),
            "authenticatorData": encoded(data),
            "signature": encoded(self.key.sign(data + hashlib.sha256(said).digest(), ECDSA(SHA256()))),
            "userHandle": encoded(self.handle),
        }
        return self._given({**told, **lies})

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _given(self, told: dict[str, Any]) -> str:
        return json.dumps({"id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key", "response": told})
