# SPDX-License-Identifier: Apache-2.0
"""
Time tokens: 36 capital letters that are good for a while, for links and kiosks (api.md 11; concepts.md 13).

Nothing is stored. A token carries when it ends and a random number, sealed for one account with the installation's key:
104 bits of seal, 30 random, 35 of seconds since 1970, written to base 26 (36 letters hold 169 bits).
"""

from __future__ import annotations

import hmac
import random
import re
from datetime import UTC, datetime, timedelta

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import Refused
from regulars.kit.ids import RANDOM
from regulars.kit.secret import keyed_digest

LETTERS = 36
SEAL_BYTES = 13
NONCE_BITS = 30
END_BITS = 35
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
INTERVAL_SECONDS_MAX = 30 * 86_400
_FORM = re.compile(r"[A-Z]{36}", re.ASCII)


class TimeTokenNotValid(Refused):
    """It was not made here, not for this account, or was mistyped: nobody can tell which."""

    code = "time_token_not_valid"
    text = "token is not valid"

    def __init__(self) -> None:
        super().__init__(fields=("token",))


class TimeTokenExpired(Refused):
    """It was good once."""

    code = "time_token_expired"
    text = "token is not valid: it has expired"

    def __init__(self) -> None:
        super().__init__(fields=("token",))


def issue_time_token(
    *, account: AccountConfig, by: UserConfig, at: datetime, interval_seconds: int, rng: random.Random = RANDOM
) -> str:
    """
    Return a token that every user of the account can validate for ``interval_seconds`` from ``at`` on.

    Units:  seconds, 1 to INTERVAL_SECONDS_MAX; the end is rounded up to a whole second.
    Writes: nothing.
    Source: api.md 11.
    """
    end = -((EPOCH - at) // SECOND) + interval_seconds
    nonce = rng.getrandbits(NONCE_BITS)
    number = (_seal(account, nonce, end) << NONCE_BITS | nonce) << END_BITS | end
    letters = []
    for _ in range(LETTERS):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("A") + letter))
    return "".join(reversed(letters))


def check_time_token(*, account: AccountConfig, by: UserConfig, at: datetime, token: str) -> None:
    """
    Raise unless the token was made for this account and is still good at ``at``.

    Raises: TimeTokenNotValid, TimeTokenExpired.
    Source: api.md 11.
    """
    if not _FORM.fullmatch(token):
        raise TimeTokenNotValid
    number = 0
    for letter in token:
        number = number * 26 + ord(letter) - ord("A")
    end = number & ((1 << END_BITS) - 1)
    nonce = number >> END_BITS & ((1 << NONCE_BITS) - 1)
    seal = number >> (END_BITS + NONCE_BITS)
    expected = _seal(account, nonce, end)
    width = SEAL_BYTES + 1  # a number above 169 bits can be typed, and must be compared too
    if not hmac.compare_digest(seal.to_bytes(width, "big"), expected.to_bytes(width, "big")):
        raise TimeTokenNotValid
    if at >= EPOCH + end * SECOND:
        raise TimeTokenExpired


def _seal(account: AccountConfig, nonce: int, end: int) -> int:
    digest = keyed_digest(f"{account.id}:{nonce}:{end}".encode(), purpose="time token")
    return int.from_bytes(digest[:SEAL_BYTES], "big")
