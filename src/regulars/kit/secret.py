# SPDX-License-Identifier: Apache-2.0
"""
Secrets at rest. One installation key (settings.SECRET_KEY); every purpose gets its own key from it by HKDF.

So a stolen copy of the database alone gives no Security Token and no PIN away.
"""

from __future__ import annotations

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
"""First byte of everything encrypted here: a later cipher can be told from this one."""
NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """The stored secret was encrypted under another installation key, for another owner, or was changed."""


@lru_cache(maxsize=64)
def _key(secret_key: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=b"regulars", info=purpose.encode())
    return derivation.derive(secret_key.encode())


def encrypt(plain: bytes, *, owner: str = "") -> bytes:
    """
    Return ``plain`` encrypted and authenticated (AES-256-GCM, random nonce).

    ``owner`` names whose secret it is ("12:34:token"): it must be given again to decrypt, so that a ciphertext copied into
    another row is of no use there.
    """
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(_key(settings.SECRET_KEY, "encrypt")).encrypt(nonce, plain, owner.encode())


def decrypt(stored: bytes, *, owner: str = "") -> bytes:
    """Return what encrypt() was given. Raises SecretUnreadable."""
    stored = bytes(stored)
    if stored[:1] != VERSION:
        raise SecretUnreadable("unknown format")
    nonce, sealed = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
    try:
        return AESGCM(_key(settings.SECRET_KEY, "encrypt")).decrypt(nonce, sealed, owner.encode())
    except (InvalidTag, ValueError) as error:
        raise SecretUnreadable("encrypted under another key") from error


def keyed_digest(content: bytes, *, purpose: str) -> bytes:
    """Return 32 bytes that are equal for equal content, and can not be searched without the installation key."""
    return hmac.digest(_key(settings.SECRET_KEY, f"digest {purpose}"), content, sha256)
