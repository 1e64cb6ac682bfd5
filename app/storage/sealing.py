"""Seals what must not be read in a stolen copy of the database.

AES-256-GCM (NIST SP 800-38D) with a random nonce. A sealed value begins with the id of
its key, so that keys can change while values of the old one are still about; the words
that say whose it is are authenticated with it, so that it cannot be moved elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import TallymarkError

_FORMAT = b"\x01"
_ID, _KEY, _NONCE = 8, 32, 12


class CannotUnseal(TallymarkError):
    """A sealed value is of a key that is not set, or was changed or moved."""


class Keyring:
    """The keys that values are sealed with: the first seals, all of them open."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Derive the keys from secrets, the current one first."""
        derived = [_derived(secret) for secret in secrets]
        self._current = derived[0][0]
        self._keys = {key_id: AESGCM(key) for key_id, key in derived}

    def seal(self, value: bytes, whose: str) -> bytes:
        """Return a value sealed for one place."""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._current].encrypt(nonce, value, whose.encode())
        return self.head + nonce + sealed

    def unseal(self, sealed: bytes, whose: str) -> bytes:
        """Return what was sealed for that place; raises CannotUnseal."""
        key_id, rest = sealed[1 : 1 + _ID], sealed[1 + _ID :]
        key = self._keys.get(key_id)
        if key is None or sealed[:1] != _FORMAT:
            raise CannotUnseal
        try:
            return key.decrypt(rest[:_NONCE], rest[_NONCE:], whose.encode())
        except InvalidTag as error:
            raise CannotUnseal from error

    def new_key(self, whose: str) -> bytes:
        """Return a new key for somebody, random and sealed for one place."""
        return self.seal(os.urandom(_KEY), whose)

    def sub_ring(self, sealed: bytes, whose: str) -> Keyring:
        """Return what a key seals that is itself sealed here; raises CannotUnseal."""
        return Keyring([self.unseal(sealed, whose).hex()])

    @property
    def head(self) -> bytes:
        """How every value begins that is sealed now."""
        return _FORMAT + self._current


def _derived(secret: str) -> tuple[bytes, bytes]:
    """Return id and key of a secret (HKDF, RFC 5869)."""
    material = HKDF(SHA256(), _ID + _KEY, None, b"tallymark sealing").derive(
        secret.encode()
    )
    return material[:_ID], material[_ID:]
