# SPDX-License-Identifier: Apache-2.0
"""Passwords and PINs: argon2id. Costs tens of milliseconds, so never on the event loop."""

from __future__ import annotations

import os
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    if os.environ.get("REGULARS_ARGON2", "") == "fast":
        # The test suite only: thousands of users are made there.
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that matches nothing anyone knows, to spend the same time where there is nothing to compare with."""
    return _hasher().hash(os.urandom(16))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password or PIN, with its own salt."""
    return _hasher().hash(password)


def verify_password(stored: str, password: str) -> bool:
    """
    Whether ``password`` is the one behind ``stored``.

    An empty ``stored`` (no password, no such user) is False after the same work.
    """
    try:
        matches = _hasher().verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(stored)


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made at another cost than today's; it is renewed at the next sign-in."""
    return _hasher().check_needs_rehash(stored)
