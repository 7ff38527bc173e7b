# SPDX-License-Identifier: Apache-2.0
"""A customer's card or code is replaced; where the new one is somebody's already, the two can be merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers import merge as customers
from regulars.customers import queries
from regulars.customers.operations import new_card_number
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import CardRequest
from regulars.errors import CardInUse, SeveralCustomersMatch
from regulars.transactions.merge import merge_customers
from regulars.users.access import require


@dataclass(frozen=True, slots=True)
class Replaced:
    """The customer with his new numbers, and the one who was found, as he was."""

    customer: CustomerRow
    previous: CustomerRow


def replace_card(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    customer_id: int,
    code: str | None = None,
    card_number: str | None = None,
    card: CardRequest | None = None,
    merges: bool = False,
    keeps_matched: bool = True,
) -> Replaced:
    """
    Give a customer a new code, a new card (``card``: a made-up one), or both; his old numbers find him from now on, too.

    Where a new number is somebody else's it is refused, or with ``merges`` the two become one customer, with the profile of
    the one who was found (``keeps_matched``) or of the other. Merging needs the permission to delete customers.

    Raises: CustomerNotFound, CardInUse, SeveralCustomersMatch where code and card are two others', PermissionDenied,
            NumberNotGenerated, InvalidParameter, StaleConfiguration, LockTimeout.
    Source: api.md 7, 13 card_replace.
    """
    previous = queries.get_customer(account=account, customer_id=customer_id)
    if card is not None and card_number is None:
        card_number = new_card_number(account=account, request=card)
    others = {}
    if code is not None:
        others[queries.find_id_by_code(account=account, code=code)] = "code"
    if card_number is not None:
        others[queries.find_id_by_card(account=account, card_number=card_number)] = "card_number"
    taken = {found: name for found, name in others.items() if found not in (None, customer_id)}
    if taken and not merges:
        raise CardInUse(fields=tuple(taken.values()))
    if len(taken) > 1:
        raise SeveralCustomersMatch(fields=("code", "card_number"))
    stays = customer_id
    for other in taken:
        assert other is not None
        require(by, "delete_customer")
        stays, gone = (customer_id, other) if keeps_matched else (other, customer_id)
        merge_customers(account=account, by=by, at=at, customer_id=stays, gone_id=gone)
    customer = customers.replace_numbers(account=account, customer_id=stays, code=code, card_number=card_number, at=at)
    return Replaced(customer, previous)
