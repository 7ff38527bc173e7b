# SPDX-License-Identifier: Apache-2.0
"""
Activation codes: what the platform owner gives out, and an account enters once to open a module (concepts.md 6).

A code carries its module, its last day, a random number and a signature under the installation's key; nothing is kept of
it until it is used. 26 letters and digits in groups of five: "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY-Z".
"""

from __future__ import annotations

import base64
import binascii
import hmac
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from regulars.accounts.directory import AccountConfig
from regulars.accounts.models import Account, UsedCode
from regulars.errors import InvalidParameter, Refused
from regulars.kit.ids import RANDOM
from regulars.kit.secret import keyed_digest

MODULES = ("coalition", "two_tier")
BOUND = 0x80
"""Set in the first byte of a code that one account alone can use."""
DAY_ZERO = date(2020, 1, 1)
DAYS_MAX = 3650
NUMBER_BYTES, SIGNATURE_BYTES = 5, 8
CONTENT_BYTES = 3 + NUMBER_BYTES
_LIKELY_MEANT = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None})


class ActivationCodeNotValid(Refused):
    """Wrong, used, expired, or another account's: one sentence for all, so that guessing teaches nothing."""

    code = "activation_code_not_valid"
    text = "The Activation Code is not valid"

    def __init__(self) -> None:
        super().__init__(fields=("activation_code",))


@dataclass(frozen=True, slots=True)
class ActivationCode:
    """A code as it was read. ``number`` is its own, hex; ``last_day`` None = it does not expire."""

    module: str
    number: str
    last_day: date | None


def make_code(*, module: str, at: datetime, account_code: str = "", days: int = 0, rng: random.Random = RANDOM) -> str:
    """
    Return a new activation code for a module; with ``account_code``, for that account alone.

    Units:  days it can be used, today not counted; 0 = without end.
    Raises: InvalidParameter("module"), InvalidParameter("days").
    """
    if module not in MODULES:
        raise InvalidParameter("module", "one of " + ", ".join(MODULES))
    if not 0 <= days <= DAYS_MAX:
        raise InvalidParameter("days", f"a whole number from 0 to {DAYS_MAX} is expected")
    last = (at.date() + timedelta(days=days) - DAY_ZERO).days if days else 0
    first = MODULES.index(module) | (BOUND if account_code else 0)
    content = bytes([first]) + last.to_bytes(2, "big") + rng.randbytes(NUMBER_BYTES)
    text = base64.b32encode(content + _signature(content, account_code)).decode().rstrip("=")
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def read_code(text: str, *, account_code: str, at: datetime) -> ActivationCode:
    """
    Return what a code opens for an account. Whether it was used before, only the database knows.

    Case, blanks, dashes, and 0, 1, 8 typed for O, I, B make no difference.
    Raises: ActivationCodeNotValid, the same for wrong, expired, and another account's.
    """
    letters = text.upper().translate(_LIKELY_MEANT)
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise ActivationCodeNotValid from error
    content, signature = raw[:CONTENT_BYTES], raw[CONTENT_BYTES:]
    is_bound = bool(raw) and bool(raw[0] & BOUND)
    expected = _signature(content, account_code if is_bound else "")
    if len(raw) != CONTENT_BYTES + SIGNATURE_BYTES or not hmac.compare_digest(signature, expected):
        raise ActivationCodeNotValid
    days = int.from_bytes(content[1:3], "big")
    last_day = DAY_ZERO + timedelta(days=days) if days else None
    if last_day is not None and at.date() > last_day:
        raise ActivationCodeNotValid
    return ActivationCode(MODULES[content[0] & ~BOUND], content[3:].hex(), last_day)


def use_code(*, account: AccountConfig, at: datetime, text: str) -> str:
    """
    Open a module for an account, and return which; the code is used up. Whoever asks was checked.

    Queries: 2, the first in a savepoint.
    Raises:  ActivationCodeNotValid, also where it was used before or the module is open already.
    Source:  concepts.md 6; api.md 12.
    """
    code = read_code(text, account_code=account.code, at=at)
    if code.module in account.modules:
        raise ActivationCodeNotValid
    try:
        with transaction.atomic():
            UsedCode.objects.create(code_id=code.number, user_account_id=account.id, module=code.module, used_at=at)
    except IntegrityError as error:
        raise ActivationCodeNotValid from error
    open_module(account=account, module=code.module)
    return code.module


def open_module(*, account: AccountConfig, module: str) -> None:
    """Open a module for an account without a code, as the platform owner may. Queries: 1."""
    if module not in MODULES:
        raise InvalidParameter("module", "one of " + ", ".join(MODULES))
    Account.objects.filter(id=account.id).update(modules=sorted({*account.modules, module}))


def _signature(content: bytes, account_code: str) -> bytes:
    return keyed_digest(content + account_code.lower().encode(), purpose="activation code")[:SIGNATURE_BYTES]
