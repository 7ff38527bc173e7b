# SPDX-License-Identifier: Apache-2.0
"""
What happens to people's access: one line each for whoever watches the log, and one row for the account, which sees it beside
its changes. Never a password, a code or a mail address.

A try for a user id that does not exist writes a row too, to nobody's account: so it takes the same time (ADR-0025).
"""

from __future__ import annotations

import logging
from datetime import datetime

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.kit.db import unit_of_work
from regulars.users.models import SecurityEvent

LOG = logging.getLogger("regulars.security")
EVENTS = (
    "signed_in", "sign_in_failed", "locked_out", "unlocked", "second_factor_on", "second_factor_off", "second_factor_reset",
    "recovery_codes_replaced", "sign_in_rules", "password_reset_by_link", "set_up",
)  # fmt: skip
NOBODYS = 0
"""The account of tries for user ids that do not exist. Nobody looks at them."""
DROPPED_AT_ONCE = 5_000


def note(
    event: str, *, account: AccountConfig, user: UserConfig, by: UserConfig | None = None, address: str = "", how: str = ""
) -> None:
    """
    Note what happened to whom. ``by``: who did it, where that was another.

    Needs no unit of work; in one, it is written with the rest of it. Queries: 2 or 3.
    """
    line = {
        "event": event,
        "account": account.code,
        "user": user.code,
        "by": "" if by is None or by.id == user.id else by.code,
        "client": address,
        "how": how,
    }
    LOG.info("%s", orjson.dumps({name: value for name, value in line.items() if value}).decode())
    _keep(account.id, event, user.id, user.code, line["by"], address, how)


def note_failure(*, account: AccountConfig | None, user: UserConfig | None, address: str = "", how: str = "") -> None:
    """Note a sign-in in vain; of a user id that does not exist nothing but that, where nobody looks. Queries: as note()."""
    if account is not None and user is not None:
        note("sign_in_failed", account=account, user=user, address=address, how=how)
    else:
        _keep(NOBODYS, "sign_in_failed", 0, "", "", address, how)


def drop_old_events(*, account_id: int, before: datetime) -> int:
    """Drop some of an account's events from before a time, in its unit of work; return how many. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM users_security_events WHERE account_id = %s AND id IN (SELECT id FROM users_security_events"
            " WHERE account_id = %s AND at < %s ORDER BY at LIMIT %s)",
            [account_id, account_id, before, DROPPED_AT_ONCE],
        )
        return int(cursor.rowcount)


def _keep(account_id: int, event: str, user_id: int, user_code: str, by: str, address: str, how: str) -> None:
    with unit_of_work(account_id):
        SecurityEvent.objects.create(
            account_id=account_id, event=event, user_id=user_id, user_code=user_code, by_code=by, address=address[:50],
            how=how[:80],
        )  # fmt: skip
