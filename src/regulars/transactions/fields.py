# SPDX-License-Identifier: Apache-2.0
"""Adding, changing and deleting data fields together with what was recorded in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

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
