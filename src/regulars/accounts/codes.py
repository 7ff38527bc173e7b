# SPDX-License-Identifier: Apache-2.0
"""
Activation codes: what the platform owner gives out, and an account enters once to open a module (concepts.md 6).

A code carries its module, its last day, a random number and a signature under the installation's key; of one that is issued
the rest is kept, so that it can be listed and revoked, but not the signature. 26 letters and digits in groups of five:
"ABCDE-FGHIJ-KLMNO-PQRST-UVWXY-Z".
"""

from __future__ import annotations

import base64
import binascii
import hmac
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, IntegerField, OuterRef, Subquery

from regulars.accounts.directory import AccountConfig
from regulars.accounts.models import Account, IssuedCode, UsedCode
from regulars.errors import Conflict, InvalidParameter, NotFound, Refused
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


class CodeNotFound(NotFound):
    """No such code was issued here."""

    code = "activation_code_not_found"
    text = "There is no such Activation Code"


class CodeUsed(Conflict):
    """The code was used: the module is open, and stays so."""

    code = "activation_code_used"
    text = "The Activation Code was used already"


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
    last_day = at.date() + timedelta(days=days) if days else None
    return _written(module, rng.randbytes(NUMBER_BYTES).hex(), last_day, account_code)


def issue_code(
    *, module: str, at: datetime, account_code: str = "", days: int = 0, by: str = "", rng: random.Random = RANDOM
) -> str:
    """
    Make a code, keep that it was issued (``by``: the user id of who did), and return it. Whoever asks was checked.

    Units:   as make_code(). Queries: 1.
    Raises:  InvalidParameter("module"), InvalidParameter("days").
    """
    text = make_code(module=module, at=at, account_code=account_code, days=days, rng=rng)
    code = read_code(text, account_code=account_code, at=at)
    IssuedCode.objects.create(
        code_id=code.number, module=module, account_code=account_code, last_day=code.last_day, issued_at=at, issued_by=by
    )
    return text


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """
    A code that was issued. ``account_code``: the only account that can use it, "" = any; ``last_day`` None = it does not
    expire; ``state``: open, used, expired, revoked.
    """

    number: str
    text: str
    module: str
    account_code: str
    last_day: date | None
    issued_at: datetime
    issued_by: str
    state: str
    used_at: datetime | None
    used_by: int | None
    """The number of the account that used it."""


def list_issued_codes(*, at: datetime, first: int = 0, length: int = 25) -> tuple[IssuedRow, ...]:
    """Return codes, the latest first. Whoever asks was checked. Queries: 1."""
    used = UsedCode.objects.filter(code_id=OuterRef("code_id"))
    rows = IssuedCode.objects.annotate(
        used_at=Subquery(used.values("used_at"), output_field=DateTimeField()),
        used_by=Subquery(used.values("user_account_id"), output_field=IntegerField()),
    ).order_by("-issued_at", "code_id")
    return tuple(_issued(row, at) for row in rows[first : first + length])


def _issued(row: IssuedCode, at: datetime) -> IssuedRow:
    used_at: datetime | None = row.used_at  # type: ignore[attr-defined]
    used_by: int | None = row.used_by  # type: ignore[attr-defined]
    is_over = row.last_day is not None and at.date() > row.last_day
    state = "used" if used_at else "revoked" if row.revoked_at else "expired" if is_over else "open"
    text = _written(row.module, row.code_id, row.last_day, row.account_code)
    return IssuedRow(
        row.code_id, text, row.module, row.account_code, row.last_day, row.issued_at, row.issued_by, state, used_at, used_by
    )


def revoke_code(*, number: str, at: datetime) -> None:
    """
    Let an issued code, by its own number, open nothing any more. Revoked already: nothing changes. Whoever asks was checked.

    Locks the code's row, as its use does. Queries: 3.
    Raises: CodeNotFound; CodeUsed.
    """
    with transaction.atomic():
        row = IssuedCode.objects.select_for_update().filter(code_id=number).first()
        if row is None:
            raise CodeNotFound
        if UsedCode.objects.filter(code_id=number).exists():
            raise CodeUsed
        if row.revoked_at is None:
            IssuedCode.objects.filter(code_id=number).update(revoked_at=at)


def _written(module: str, number: str, last_day: date | None, account_code: str) -> str:
    """Return a code as people type it."""
    last = (last_day - DAY_ZERO).days if last_day else 0
    first = MODULES.index(module) | (BOUND if account_code else 0)
    content = bytes([first]) + last.to_bytes(2, "big") + bytes.fromhex(number)
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

    Locks the row of an issued code, so that it is not revoked meanwhile. Queries: 3, all but the last in a savepoint.
    Raises:  ActivationCodeNotValid, also where it was used before or revoked, or the module is open already.
    Source:  concepts.md 6; api.md 12.
    """
    code = read_code(text, account_code=account.code, at=at)
    if code.module in account.modules:
        raise ActivationCodeNotValid
    try:
        with transaction.atomic():
            issued = IssuedCode.objects.select_for_update().filter(code_id=code.number).first()
            if issued is not None and issued.revoked_at is not None:
                raise ActivationCodeNotValid
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
