# SPDX-License-Identifier: Apache-2.0
"""The codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds, as all apps know them). No clock, no database."""

from __future__ import annotations

import base64
import random
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from regulars.kit.ids import RANDOM
from regulars.users.rules import CODE_DIGITS

SECRET_BYTES = 20
STEP_SECONDS = 30
STEPS_ASIDE = 1
"""How many steps a telephone's clock may be before or behind ours."""


def new_secret(rng: random.Random = RANDOM) -> bytes:
    """Return a new secret: 160 random bits, as RFC 4226 recommends."""
    return rng.randbytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """Return a secret as it is typed into an app that can not read the picture: base 32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def provisioning_uri(secret: bytes, *, user_code: str, issuer: str) -> str:
    """Return what the picture says: ``otpauth://totp/...``, as authenticator apps read it."""
    return TOTP(secret, CODE_DIGITS, SHA1(), STEP_SECONDS).get_provisioning_uri(user_code, issuer.replace(":", " "))  # noqa: S303


def step_of(at: datetime) -> int:
    """Return the number of the 30 seconds that a moment is in, since 1970."""
    return int(at.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """Return the code that an app shows in a step."""
    return HOTP(secret, CODE_DIGITS, SHA1()).generate(step).decode()  # noqa: S303


def matching_step(secret: bytes, code: str, *, at: datetime) -> int | None:
    """Return the step whose code it is, one before or after ``at`` included, or None. All are compared, in constant time."""
    known, found, now = HOTP(secret, CODE_DIGITS, SHA1()), None, step_of(at)  # noqa: S303
    for step in range(max(0, now - STEPS_ASIDE), now + STEPS_ASIDE + 1):
        try:
            known.verify(code.encode(), step)
        except InvalidToken:
            continue
        found = step
    return found
