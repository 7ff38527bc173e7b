# SPDX-License-Identifier: Apache-2.0
"""record_activity: a customer bought, came, or put money on a card (api.md 8, 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.api.call import Call, Context
from regulars.api.calls.receipt_element import receipt_answer
from regulars.api.calls.transaction_terms import first_answer, read_terms
from regulars.errors import MissingParameter
from regulars.protocol.kinds import campaign_number, card, customer_code, date_time, flag, integer, money, numbered, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.transactions.receipts import receipt_of
from regulars.transactions.record import QUANTITY_MAX, find_item, find_promotion, sale_posting
from regulars.transactions.terms import Prepared, usable_campaign

NOT_VALID = "TRANSACTION ERROR: The amount entered is not valid"


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_number(), required=True, note="an active campaign the user may see")
    code: str | None = param(customer_code(), note="or card_number; code wins")
    card_number: str | None = param(
        card(),
        note="a card; where it is none, an e-mail address, a phone number or a searchable field that one customer alone has",
    )
    amount: int | None = param(money(error_text=NOT_VALID), note="points (or promo_id), giftcard")
    promo_id: str | None = param(text(60), note="points: a promotion's id, or the owner's own promo_custom_id")
    service_product: str | None = param(text(60), note="buyx: an item's id, or its item_identifier")
    buyx_quantity: int = param(integer(1, QUANTITY_MAX), default=1, note="buyx: how many items were bought; absent: 1")
    authorization: str = param(text(255), default="", note="free description")
    send_transaction_email: bool = param(
        flag(), default=False, note="Y: the customer is sent the receipt, where he has an address"
    )
    custom_fields: dict[int, str] = param(
        numbered("custom_field_", text(64_000)), note="the values of transaction fields, made by transaction_fields"
    )
    reference: str | None = param(text(64), note="extension: the till's own number of the sale")
    transaction_time: datetime | None = param(date_time(), note="extension: when it happened; not in the future")
    expected_balance: str | None = param(text(40, shape="value"), note="extension: refuse unless the balance is this before it")
    receipt_text: bool = param(flag(), default=False, note="extension: the receipt as plain lines too")


async def handle(ctx: Context, params: Params) -> Element:
    """
    Record one activity and answer with its receipt.

    points: amount, promo_id, or both. giftcard: amount. buyx: service_product, buyx_quantity. events, earned: nothing
    more. What a kind has no use for is not looked at. Nothing may be recorded that would not be worth a receipt: an
    amount is at least one minor unit.

    Queries: 1.
    """
    prepared = _prepare(ctx, params)
    posted = await ctx.ledger.post(prepared.posting)
    receipt = receipt_of(prepared.frame, posted, is_dry_run=ctx.dry_run)
    return receipt_answer(receipt, with_text=params.receipt_text)


def _prepare(ctx: Context, params: Params) -> Prepared:
    account = ctx.account
    campaign = usable_campaign(account, ctx.user, params.campaign_id)
    terms = read_terms(ctx, campaign, params)
    promotion = item = None
    if campaign.kind == "points" and params.promo_id is not None:
        promotion = find_promotion(campaign, params.promo_id)
    elif campaign.kind == "buyx":
        if params.service_product is None:
            raise MissingParameter("service_product")
        item = find_item(campaign, params.service_product)
    return sale_posting(
        account=account,
        by=ctx.user,
        campaign=campaign,
        terms=terms,
        amount_minor=params.amount,
        promotion=promotion,
        item=item,
        quantity=params.buyx_quantity,
    )


CALL = Call(
    type="record_activity",
    handle=handle,
    params=Params,
    permission="customer_visit_add",
    summary="Record Transaction",
    errors=(
        "campaign_not_found",
        "customer_not_found",
        "item_not_found",
        "promotion_not_found",
        "promotion_not_active",
        "unexpected_balance",
        "insufficient_balance",
    ),
    writes=True,
    replay=first_answer,
    source="api.md 8",
)
