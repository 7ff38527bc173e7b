# SPDX-License-Identifier: Apache-2.0
"""generate_card_number: a card number that nobody has (api.md 7)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.customers.operations import new_card_number
from regulars.customers.rules import CARD_DIGITS_DEFAULT, CARD_DIGITS_MAX, CardRequest, random_digits_needed
from regulars.protocol.kinds import integer, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    how_many_digits: int = param(
        integer(1, CARD_DIGITS_MAX), default=CARD_DIGITS_DEFAULT, note="in all, prefix and suffix included"
    )
    card_number_prefix: str = param(text(CARD_DIGITS_MAX), default="", note="digits it begins with")
    card_number_suffix: str = param(text(CARD_DIGITS_MAX), default="", note="digits it ends with")


def handle(ctx: Context, params: Params) -> Element:
    """Answer with a random number that is no card and no code of the account. It is not kept for the caller."""
    request = CardRequest(params.how_many_digits, params.card_number_prefix, params.card_number_suffix)
    random_digits_needed(request, ("how_many_digits", "card_number_prefix", "card_number_suffix"))
    number = new_card_number(account=ctx.account, request=request)
    return success(record("customer", leaf("card_number", number)))


CALL = Call(
    type="generate_card_number",
    handle=handle,
    params=Params,
    permission="add_customer",
    summary="Generate a New Customer Card Number",
    errors=("number_not_generated",),
    source="api.md 7",
)
