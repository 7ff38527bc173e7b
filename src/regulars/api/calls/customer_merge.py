# SPDX-License-Identifier: Apache-2.0
"""customer_merge: two records of one person become one; our extension (api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.errors import MissingParameter
from regulars.protocol.kinds import card, customer_code
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.merge import get_named, merge_customers


@dataclass(frozen=True, slots=True)
class Params:
    code: str | None = param(customer_code(), note="the customer who stays; or card_number; code wins")
    card_number: str | None = param(card(), note="his card, where code is not given")
    duplicate_code: str | None = param(customer_code(), note="the record that goes; or duplicate_card_number; code wins")
    duplicate_card_number: str | None = param(card(), note="the duplicate's card, where its code is not given")


def handle(ctx: Context, params: Params) -> Element:
    """
    Give everything that the duplicate has to the customer who stays, erase the duplicate, and answer with both's numbers.

    The profile of the customer who stays is his own. Balances move by entries; the duplicate's code and cards find him from
    now on. It cannot be undone. Past transactions of the duplicate are taken back from the customer who stays.
    """
    for name in ("code", "duplicate_code"):
        if getattr(params, name) is None and getattr(params, name.replace("code", "card_number")) is None:
            raise MissingParameter(name)
    customer_id = get_named(
        account=ctx.account,
        code=params.code,
        card_number=params.card_number,
        name="code" if params.code else "card_number",
    )
    name = "duplicate_code" if params.duplicate_code else "duplicate_card_number"
    gone_id = get_named(account=ctx.account, code=params.duplicate_code, card_number=params.duplicate_card_number, name=name)
    with wire_names({"gone_id": name}):
        merged = merge_customers(account=ctx.account, by=ctx.user, at=ctx.at, customer_id=customer_id, gone_id=gone_id)
    return success(
        record(
            "customer",
            leaf("code", merged.customer.code),
            leaf("card_number", merged.customer.card_number),
            leaf("duplicate_code", merged.gone.code),
            leaf("duplicate_card_number", merged.gone.card_number),
            status="merged",
        )
    )


CALL = Call(
    type="customer_merge",
    handle=handle,
    params=Params,
    permission="delete_customer",
    summary="Merge Two Customers",
    errors=("customer_not_found", "customer_erased"),
    writes=True,
    source="api.md 13",
)
