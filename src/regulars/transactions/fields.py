# SPDX-License-Identifier: Apache-2.0
"""Adding, changing and deleting data fields together with what was recorded in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.accounts import fields
from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.fields import FieldChange
from regulars.campaigns.operations import forget_reward_field
from regulars.customers.fields import forget_field, index_field
from regulars.ledger.operations import forget_transaction_field


def add_fields(*, account: AccountConfig, by: UserConfig, at: datetime, owner: str, changes: Mapping[int, FieldChange]) -> None:
    """
    Add custom fields of customers, transactions or rewards (``owner``), by number.

    Raises: InvalidParameter, MissingParameter, FieldExists; each names custom_field_# and the part.
    Source: api.md 6.
    """
    for number, change in sorted(changes.items()):
        fields.insert_field(account=account, owner=owner, number=number, change=change)


def update_fields(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    owner: str,
    changes: Mapping[int, FieldChange],
    predefined: Mapping[str, FieldChange],
) -> None:
    """
    Change custom fields by number, and the labels and visibility of predefined ones by name.

    A field that becomes searchable or unique is so for the customers there are, too.

    Raises: InvalidParameter, MissingParameter, NotUnique; each names the field and the part.
    Source: api.md 6, 13 "Fields".
    """
    fields.change_predefined(account=account, changes=predefined)
    for number, change in sorted(changes.items()):
        before, after = fields.change_field(account=account, owner=owner, number=number, change=change)
        if owner == "customer" and (before.searchable, before.unique) != (after.searchable, after.unique):
            index_field(account=account, definition=after)


def delete_fields(*, account: AccountConfig, by: UserConfig, at: datetime, owner: str, names: Iterable[str]) -> None:
    """
    Delete custom fields, and for good everything that was recorded in them.

    Raises: InvalidParameter("field_list").
    Source: api.md 6.
    """
    for number in fields.remove_fields(account=account, owner=owner, names=names):
        if owner == "customer":
            forget_field(account=account, number=number, at=at)
        elif owner == "transaction":
            forget_transaction_field(account=account, number=number)
        else:
            forget_reward_field(account=account, number=number)


USAGE_ROWS_MAX = 10_000
"""So many records, the newest, are looked at to say what a change of a field means."""

_ROWS = {
    "customer": "SELECT fields FROM customers_customers WHERE account_id = %s AND deleted_at IS NULL ORDER BY id DESC LIMIT %s",
    "transaction": "SELECT fields FROM ledger_entries WHERE account_id = %s AND kind IN ('earn', 'redeem')"
    " ORDER BY id DESC LIMIT %s",
    "reward": "SELECT fields FROM campaigns_rewards WHERE account_id = %s AND deleted_at IS NULL ORDER BY id DESC LIMIT %s",
}


@dataclass(frozen=True, slots=True)
class FieldUsage:
    """Of the newest records ``looked_at``, how many have a value; and how many have each choice, of a Pick or List."""

    looked_at: int
    filled: int
    choices: Mapping[str, int]

    @property
    def is_all(self) -> bool:
        """Whether there are no more records than were looked at."""
        return self.looked_at < USAGE_ROWS_MAX


def get_field_usage(*, account: AccountConfig, owner: str, number: int, with_choices: bool) -> FieldUsage:
    """
    Return what stands in a custom field of the newest 10,000 records.

    Queries: 1, along the primary key; with choices 2.
    """
    key = str(number)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE fields ->> %s <> '') FROM ({_ROWS[owner]}) r",  # noqa: S608
            [key, account.id, USAGE_ROWS_MAX],
        )
        looked_at, filled = cursor.fetchone()
        choices: dict[str, int] = {}
        if with_choices:
            cursor.execute(
                f"SELECT choice, count(*) FROM ({_ROWS[owner]}) r,"  # noqa: S608
                " unnest(string_to_array(fields ->> %s, ',')) AS choice GROUP BY 1 LIMIT 1000",
                [account.id, USAGE_ROWS_MAX, key],
            )
            choices = dict(cursor.fetchall())
    return FieldUsage(looked_at, filled, choices)
