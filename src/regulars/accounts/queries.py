# SPDX-License-Identifier: Apache-2.0
"""Reads an account's configuration over Django's connection, for everything that is not on the event loop."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from regulars.accounts.directory import SNAPSHOT_BY_USER_SQL, SNAPSHOT_SQL, AccountConfig, account_config
from regulars.errors import AccountNotFound


def _load(statement: str, argument: int | str) -> AccountConfig | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [argument])
        document: Any = cursor.fetchone()[0]
    if document is None:
        return None
    return account_config(json.loads(document) if isinstance(document, str) else document)


def get_account_config(account_id: int) -> AccountConfig:
    """
    Return the account's configuration as it is now. Needs no unit of work.

    Queries: 1.
    Raises:  AccountNotFound.
    """
    account = _load(SNAPSHOT_SQL, account_id)
    if account is None:
        raise AccountNotFound
    return account


def find_account_config_by_user(user_code: str) -> AccountConfig | None:
    """
    Return the configuration of the account that a user id belongs to (any case), or None. Needs no unit of work.

    Queries: 1.
    """
    return _load(SNAPSHOT_BY_USER_SQL, user_code)
