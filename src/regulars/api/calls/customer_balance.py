# SPDX-License-Identifier: Apache-2.0
"""customer_balance: what a customer has in one campaign, and the transactions behind it (api.md 7, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.customer_element import equivalent_cash_elements
from regulars.api.calls.standing_element import date_text, history_element, item_balances, ratio_text, unit_text
from regulars.errors import MissingParameter
from regulars.ledger.books import HistoryRow, Query
from regulars.protocol.kinds import campaign_number, card, customer_code, flag, integer
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.standing import equivalent_cash, standing_in
from regulars.transactions.terms import usable_campaign

TRANSACTIONS_MAX = 1_000
"""Most transactions in one answer, the newest; also where "all" are asked for, or more. Older ones: the reports."""


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_number(), required=True, note="an active campaign the user may see")
    code: str | None = param(customer_code(), note="or card_number; code wins")
    card_number: str | None = param(
        card(),
        note="a card; where it is none, an e-mail address, a phone number or a searchable field that one customer alone has",
    )
    transactions_number: int = param(
        integer(0), default=TRANSACTIONS_MAX, note=f"0 none; absent = all; never more than the newest {TRANSACTIONS_MAX}"
    )
    across_campaigns: bool = param(flag(), default=False, note="coalitions: transactions of all campaigns")


async def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``campaign{..., customer{..., balance, transactions[]}}``.

    In a coalition the balance is the shared one; the transactions are this campaign's unless ``across_campaigns``, and then
    only of campaigns the user may see. Deleted transactions are not shown. ``last_transaction`` is the last earning.
    """
    if params.code is None and params.card_number is None:
        raise MissingParameter("code")
    account = ctx.account
    campaign = usable_campaign(account, ctx.user, params.campaign_id)
    is_across = params.across_campaigns and account.is_coalition
    found = await ctx.ledger.look_up(
        Query(
            account_id=account.id,
            config_version=account.version,
            at=ctx.at,
            code=params.code,
            card_number=params.card_number if params.code is None else None,
            campaign_id=campaign.id,
            history_limit=min(params.transactions_number, TRANSACTIONS_MAX),
            history_across=is_across,
        )
    )
    standing = standing_in(account, campaign, found.memberships)
    history = [row for row in found.history if _may_be_seen(ctx, row)] if is_across else found.history
    is_buyx = campaign.kind == "buyx"
    last_earning = unit_text(account, campaign, standing.last_earning_amount)
    last_redemption = unit_text(account, campaign, standing.last_redemption_amount)
    customer = record(
        "customer",
        leaf("code", found.customer.code),
        leaf("card_number", found.customer.card_number),
        leaf("first_name", found.customer.first_name),
        leaf("last_name", found.customer.last_name),
        item_balances(standing) if is_buyx else leaf("balance", unit_text(account, campaign, standing.balance)),
        *equivalent_cash_elements(account, equivalent_cash((standing,))),
        leaf("last_transaction", date_text(account, standing.last_earning_at)),
        leaf("last_transaction_points", last_earning),
        leaf("last_redemption", date_text(account, standing.last_redemption_at)),
        leaf("last_redemption_points", last_redemption),
        history_element(account, history),
    )
    ratio = campaign.reward_ratio_ppm
    return success(
        record(
            "campaign",
            leaf("campaign_id", campaign.number),
            leaf("campaign_type", campaign.kind),
            leaf("campaign_name", campaign.name),
            leaf("reward_ratio", ratio_text(ratio)) if ratio is not None else None,
            customer,
        )
    )


def _may_be_seen(ctx: Context, row: HistoryRow) -> bool:
    campaign = ctx.account.campaigns_by_id.get(row.campaign_id)
    return campaign is not None and campaign.state == "active" and ctx.user.may_see(campaign)


CALL = Call(
    type="customer_balance",
    handle=handle,
    params=Params,
    permission="customer_visits_view",
    summary="Customer Balance and Transaction History",
    errors=("campaign_not_found", "customer_not_found"),
    aliases=("balance",),
    source="api.md 7",
)
