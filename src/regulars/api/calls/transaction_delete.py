# SPDX-License-Identifier: Apache-2.0
"""transaction_delete: as if it had never been recorded (api.md 8, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.customers.queries import find_customer_id
from regulars.errors import CustomerNotFound, InvalidParameter, TransactionNotFound
from regulars.protocol.kinds import campaign_number, customer_code, small_id, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.queries import get_transaction
from regulars.transactions.reverse import delete_transaction
from regulars.transactions.terms import usable_campaign

NOT_REMOVED = "Error removing transaction. Please try again."
_ID = small_id()


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_number(), required=True, note="the campaign of the transaction")
    code: str = param(customer_code(), required=True, note="the customer's code, not his card")
    transaction_id: str = param(text(20, shape="id"), required=True, note="from a receipt or customer_balance; not D12 or F3")


def handle(ctx: Context, params: Params) -> Element:
    """
    Remove one earning or redemption and answer ``<transaction status="deleted"><id>``; once more, the same answer.

    What was redeemed since is not checked again. What transaction_reverse took back before stays taken back, wholly or in part,
    and is not shown any more either. After a merge (customer_merge, card_replace) the transactions of both records are removed
    under any code the customer has or had. Rows that depreciations and fees made are computed, not stored, and can not be
    deleted; nor can activations.
    """
    account = ctx.account
    is_computed = params.transaction_id[:1] in ("D", "F") and params.transaction_id[1:].isdecimal()
    entry_id = 0 if is_computed else _ID.parse("transaction_id", params.transaction_id, account)
    campaign = usable_campaign(account, ctx.user, params.campaign_id)
    customer_id = find_customer_id(account=account, code=params.code)
    if customer_id is None:
        raise CustomerNotFound(fields=("code",))
    if is_computed:
        raise InvalidParameter("transaction_id", text=NOT_REMOVED)
    try:
        recorded = get_transaction(account=account, by=ctx.user, entry_id=entry_id)
        if recorded.campaign.id != campaign.id or recorded.customer_id != customer_id:
            raise TransactionNotFound(fields=("transaction_id",))
        deleted_id = delete_transaction(account=account, by=ctx.user, at=ctx.at, recorded=recorded)
    except TransactionNotFound as error:
        raise TransactionNotFound(NOT_REMOVED, fields=("transaction_id",)) from error
    return success(record("transaction", leaf("id", deleted_id), status="deleted"))


CALL = Call(
    type="transaction_delete",
    handle=handle,
    params=Params,
    permission="customer_visit_delete",
    summary="Delete a Transaction",
    errors=("campaign_not_found", "customer_not_found", "transaction_not_found"),
    writes=True,
    source="api.md 8",
)
