# SPDX-License-Identifier: Apache-2.0
"""redeem: points, events or units for a reward, or money off a card (api.md 8, 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import CampaignConfig
from regulars.api.call import Call, Context
from regulars.api.calls.receipt_element import receipt_answer
from regulars.api.calls.transaction_terms import first_answer, read_terms
from regulars.errors import InsufficientBalance, InvalidParameter, MissingParameter, Problems
from regulars.protocol.kinds import campaign_number, card, customer_code, date_time, flag, money, numbered, small_id, text
from regulars.protocol.kinds import points as whole
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.transactions.receipts import receipt_of
from regulars.transactions.record import find_item
from regulars.transactions.redeem import (
    Spending,
    currency_spending,
    find_reward,
    insufficient,
    item_spending,
    money_spending,
    points_spending,
    redemption_posting,
    reward_spending,
)
from regulars.transactions.terms import usable_campaign

NOT_VALID = "The amount entered is not valid"
_AMOUNT = money(error_text=NOT_VALID)
_REWARD_ID = small_id()


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_number(), required=True, note="an active campaign the user may see")
    code: str | None = param(customer_code(), note="or card_number; code wins")
    card_number: str | None = param(
        card(),
        note="a card; where it is none, an e-mail address, a phone number or a searchable field that one customer alone has",
    )
    custom_points_redeem: int | None = param(whole(error_text=NOT_VALID), note="points: how many")
    custom_dollars_redeem: int | None = param(
        money(error_text=NOT_VALID), note="points: a money value, at the spend-to-reward ratio"
    )
    reward_to_redeem: str | None = param(
        text(60, shape="value"),
        note="points, events: a reward's id; giftcard, earned: the amount; buyx: an item's id or item_identifier",
    )
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


def spending_of(ctx: Context, campaign: CampaignConfig, params: Params) -> Spending:
    """
    Return what is asked for. Several of the three choices may stand side by side only where they mean the same amount.

    Raises: MissingParameter, InvalidParameter, RewardNotFound, ItemNotFound, RedeemingByCurrencyOff; Problems that name
    every choice where they contradict each other.
    """
    given: list[tuple[str, Spending]] = []
    account, named = ctx.account, params.reward_to_redeem
    if named is not None:
        if campaign.kind == "buyx":
            given.append(("reward_to_redeem", item_spending(find_item(campaign, named, "reward_to_redeem"))))
        elif campaign.is_money:
            given.append(("reward_to_redeem", money_spending(account, _AMOUNT.parse("reward_to_redeem", named, account))))
        else:
            reward_id = _REWARD_ID.parse("reward_to_redeem", named, account)
            given.append(("reward_to_redeem", reward_spending(find_reward(campaign, reward_id))))
    points, dollars = params.custom_points_redeem, params.custom_dollars_redeem
    if campaign.kind == "points":
        if points is not None:
            given.append(("custom_points_redeem", points_spending(points)))
        if dollars is not None:
            given.append(("custom_dollars_redeem", currency_spending(account, campaign, dollars)))
    else:
        misplaced = [
            name for name, value in (("custom_points_redeem", points), ("custom_dollars_redeem", dollars)) if value is not None
        ]
        if misplaced:
            reason = "this campaign is redeemed by reward_to_redeem"
            raise _all(tuple(InvalidParameter(name, reason) for name in misplaced))
    if not given:
        raise MissingParameter("reward_to_redeem", "Nothing was requested to be redeemed")
    if any(spending.amount != given[0][1].amount for _, spending in given):
        names = " and ".join(name for name, _ in given)
        reason = f"{names} ask for different amounts; send one of them"
        raise _all(tuple(InvalidParameter(name, reason) for name, _ in given))
    return given[0][1]


def _all(errors: tuple[InvalidParameter, ...]) -> InvalidParameter | Problems:
    return errors[0] if len(errors) == 1 else Problems(errors)


async def handle(ctx: Context, params: Params) -> Element:
    """
    Redeem and answer with the receipt.

    points: a reward, so many points, or so much money at the spend-to-reward ratio. giftcard, earned: an amount of money.
    events: a reward. buyx: an item, at the price of its level in units. Never more than the balance.

    Queries: 1.
    """
    campaign = usable_campaign(ctx.account, ctx.user, params.campaign_id)
    terms = read_terms(ctx, campaign, params)
    spending = spending_of(ctx, campaign, params)
    prepared = redemption_posting(account=ctx.account, by=ctx.user, campaign=campaign, terms=terms, spending=spending)
    try:
        posted = await ctx.ledger.post(prepared.posting)
    except InsufficientBalance as error:
        raise insufficient(spending, error) from error
    receipt = receipt_of(prepared.frame, posted, is_dry_run=ctx.dry_run)
    return receipt_answer(receipt, with_text=params.receipt_text)


CALL = Call(
    type="redeem",
    handle=handle,
    params=Params,
    permission="customer_visit_redeem",
    summary="Redemption Transaction",
    errors=(
        "campaign_not_found",
        "customer_not_found",
        "reward_not_found",
        "item_not_found",
        "insufficient_balance",
        "redeeming_by_currency_off",
        "unexpected_balance",
    ),
    writes=True,
    replay=first_answer,
    source="api.md 8",
)
