# SPDX-License-Identifier: Apache-2.0
"""Taking a person out of a record that stays (ADR-0022): balances and books go on under a number that leads to nobody."""

from __future__ import annotations

import random
from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Customer
from regulars.customers.operations import BLANK, forget_numbers, locked_to_change, new_card_number
from regulars.customers.rules import CODE_DIGITS, CardRequest
from regulars.kit.ids import RANDOM


def forget_person(*, account: AccountConfig, customer_id: int, by: int, at: datetime, rng: random.Random = RANDOM) -> str:
    """
    Empty a customer's data and take his numbers away; the record lives on under a new random code, which is returned.

    Neither his old code nor a card, address, phone number, name or field finds it. It takes no new data.

    Writes:  1 customer. Locks his row.
    Raises:  CustomerNotFound, CustomerErased where it was done before, NumberNotGenerated.
    """
    locked_to_change(account, customer_id)
    code = new_card_number(account=account, request=CardRequest(CODE_DIGITS), rng=rng)
    forget_numbers(account, customer_id)
    Customer.objects.filter(account_id=account.id, id=customer_id).update(**BLANK, code=code, updated_at=at, erased_at=at)
    return code
