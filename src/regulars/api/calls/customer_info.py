# SPDX-License-Identifier: Apache-2.0
"""customer_info: who a customer is, and what he has in each campaign (api.md 7, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.customer_element import customer_element
from regulars.api.calls.standing_element import campaign_standing
from regulars.errors import MissingParameter
from regulars.ledger.books import Query
from regulars.protocol.kinds import campaign_number, card, customer_code, flag
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, success
from regulars.transactions.standing import Standing, equivalent_cash, standing_in, standings
from regulars.transactions.terms import usable_campaign


@dataclass(frozen=True, slots=True)
class Params:
    code: str | None = param(customer_code(), note="or card_number; code wins")
    card_number: str | None = param(
        card(),
        note="a card; where it is none, an e-mail address, a phone number or a searchable field that one customer alone has",
    )
    include_balances: bool = param(flag(), default=True, note="N: the customer only")
    campaign_id: str | None = param(campaign_number(), note="only this campaign's balance and rewards")
    hide_custom_field: bool = param(
        flag(), default=False, aliases=("hide_customer_field",), note="Y: leave custom_field out; clients misspell it"
    )
    show_only_belong_to: bool = param(flag(), default=False, note="coalitions: only campaigns the customer was in")


async def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``customer`` and ``campaigns``.

    Campaigns: the active ones the user may see, which the customer is in, and in a coalition all of them. A campaign named by
    ``campaign_id`` is shown with zeros where the customer never was in it. ``equivalent_cash_*`` of the customer: what the
    points shown are worth in money, a shared balance once; left out where no campaign has a Spend-to-Reward Ratio.
    """
    if params.code is None and params.card_number is None:
        raise MissingParameter("code")
    account = ctx.account
    campaign = usable_campaign(account, ctx.user, params.campaign_id) if params.campaign_id else None
    found = await ctx.ledger.look_up(
        Query(
            account_id=account.id,
            config_version=account.version,
            at=ctx.at,
            code=params.code,
            card_number=params.card_number if params.code is None else None,
            with_balances=params.include_balances,
        )
    )
    if not params.include_balances:
        return success(customer_element(account, found.customer, hide_custom_field=params.hide_custom_field))
    seen: tuple[Standing, ...]
    if campaign is not None:
        seen = (standing_in(account, campaign, found.memberships),)
    else:
        seen = standings(account, ctx.user, found, only_joined=params.show_only_belong_to)
    return success(
        customer_element(
            account, found.customer, worth_minor=equivalent_cash(seen), hide_custom_field=params.hide_custom_field
        ),
        items("campaigns", (campaign_standing(account, each) for each in seen)),
    )


CALL = Call(
    type="customer_info",
    handle=handle,
    params=Params,
    permission="view_customer_search",
    summary="Retrieve Customer Information",
    errors=("campaign_not_found", "customer_not_found"),
    source="api.md 7",
)
