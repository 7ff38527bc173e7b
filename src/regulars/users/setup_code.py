# SPDX-License-Identifier: Apache-2.0
"""
The code by which somebody may set up an installation that has no user yet. ``regulars serve`` prints it: whoever reads its
output runs the machine, and nobody else may become the first owner (ADR-0025).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction

from regulars.errors import InvariantViolation, Refused
from regulars.kit.ids import RANDOM, random_token
from regulars.users.models import Login, SetupCode, SignInAttempts
from regulars.users.sign_in import count_attempt

SETUP_SECONDS = 24 * 3600
"""How long a code is good; a start of the server makes another."""
TRIES_MAX = 10
"""Wrong codes from one network address in fifteen minutes."""


class SetupCodeNotValid(Refused):
    """The code was used, replaced by a later start's, is too old, or was never made; or somebody can sign in by now."""

    code = "setup_code_not_valid"
    text = "This set-up code is not valid (any more). Each start of the server prints a new one, as long as there is no user."

    def __init__(self) -> None:
        super().__init__(fields=("code",))


def has_users() -> bool:
    """Whether the installation has a user, in any account. Needs no unit of work. Queries: 1."""
    return Login.objects.exists()


def issue_setup_code(*, at: datetime, rng: random.Random = RANDOM) -> str:
    """Return a new code (160 random bits), good for SETUP_SECONDS; an earlier one ends. Only its hash is kept. Queries: 2."""
    code = random_token(rng)
    with transaction.atomic():
        SetupCode.objects.all().delete()
        SetupCode.objects.create(digest=_digest(code), expires_at=at + timedelta(seconds=SETUP_SECONDS))
    return code


def check_setup_code(*, code: str, at: datetime, address: str = "") -> None:
    """
    Check a code that somebody brings. Tries are counted, so it runs outside a unit of work; nothing is used up.

    Queries: 5. Raises: SetupCodeNotValid, RateLimited.
    """
    if connection.in_atomic_block:
        raise InvariantViolation("check_setup_code() inside a unit of work would lose its count")
    subject = f"setup-from:{address[:50]}"
    count_attempt(subject, TRIES_MAX, at, address)
    if not is_setup_code_good(code=code, at=at):
        raise SetupCodeNotValid
    SignInAttempts.objects.filter(subject=subject).delete()


def is_setup_code_good(*, code: str, at: datetime) -> bool:
    """Whether a code that was checked before can still be used. Queries: 1 or 2."""
    return SetupCode.objects.filter(digest=_digest(code), expires_at__gt=at).exists() and not has_users()


def use_setup_code(*, code: str, at: datetime) -> None:
    """
    Use a code up, in the transaction that makes the first user: of two at once the second waits, and is refused.

    Locks the code's row. Queries: 3. Raises: SetupCodeNotValid.
    """
    rows = SetupCode.objects.select_for_update().filter(digest=_digest(code), expires_at__gt=at)
    if not rows.values_list("digest", flat=True).first() or has_users():
        raise SetupCodeNotValid
    SetupCode.objects.all().delete()


def _digest(code: str) -> bytes:
    return sha256(code.encode()).digest()
