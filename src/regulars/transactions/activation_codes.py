# SPDX-License-Identifier: Apache-2.0
"""
Activation codes as the platform owner gives them out (concepts.md 6). ``account`` and ``by`` None = the operator at the
machine, who asks nobody. What an account does with one: account_modules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from regulars.accounts.codes import IssuedRow, issue_code, list_issued_codes, revoke_code
from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config, list_accounts_under
from regulars.errors import AccountNotFound
from regulars.transactions.agencies import require_office

OFFICES = ("platform",)


def issue_activation_code(
    *, account: AccountConfig | None, by: UserConfig | None, at: datetime, module: str, account_code: str = "", days: int = 0
) -> str:
    """
    Make an activation code and return it; with ``account_code``, for that account alone. The operator's was looked up.

    Units:  days it can be used, today not counted; 0 = without end.
    Writes: 1 code.
    Raises: AgencyTokenMissing, PermissionDenied; AccountNotFound naming account_code; InvalidParameter naming module or days.
    """
    if account is not None:
        require_office(account, by, "manage_accounts", OFFICES)
        if account_code:
            account_code = _known(account, account_code)
    return issue_code(module=module, at=at, account_code=account_code, days=days, by="" if by is None else by.code)


def list_activation_codes(
    *, account: AccountConfig | None, by: UserConfig | None, at: datetime, first: int = 0, length: int = 25
) -> tuple[tuple[IssuedRow, str], ...]:
    """
    Return codes, the latest first, each with the account id of who used it ("" = nobody).

    Queries: 2; the operator's 1 and 1 for each that was used. Raises: AgencyTokenMissing, PermissionDenied.
    """
    if account is not None:
        require_office(account, by, "manage_accounts", OFFICES)
    rows = list_issued_codes(at=at, first=first, length=length)
    names = _names(account, {row.used_by for row in rows if row.used_by is not None})
    return tuple((row, names.get(row.used_by, "") if row.used_by is not None else "") for row in rows)


def revoke_activation_code(*, account: AccountConfig | None, by: UserConfig | None, at: datetime, number: str) -> None:
    """Revoke a code by its own number. Raises: AgencyTokenMissing, PermissionDenied; CodeNotFound; CodeUsed."""
    if account is not None:
        require_office(account, by, "manage_accounts", OFFICES)
    revoke_code(number=number, at=at)


def _known(account: AccountConfig, code: str) -> str:
    for row in list_accounts_under(account=account):
        if row.code.lower() == code.lower() and row.kind == "business":
            return row.code
    raise AccountNotFound(fields=("account_code",))


def _names(account: AccountConfig | None, ids: set[int]) -> Mapping[int, str]:
    if account is not None:
        return {row.id: row.code for row in list_accounts_under(account=account) if row.id in ids} if ids else {}
    return {account_id: get_account_config(account_id).code for account_id in ids}
