# SPDX-License-Identifier: Apache-2.0
"""balance_explain: why a balance is what it is, line by line (our extension, api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from regulars.api.call import Call, Context
from regulars.api.calls.explanation_element import explanation_members
from regulars.api.calls.search_params import OFFSET_MAX
from regulars.customers.queries import find_customer_id, get_customer
from regulars.errors import CustomerNotFound, InvalidParameter, MissingParameter
from regulars.ledger.explain import explain_balance
from regulars.protocol.kinds import campaign_number, card, customer_code, integer, iso_date, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.record import find_item
from regulars.transactions.terms import usable_campaign

LENGTH = 100
LENGTH_MAX = 500
UNTIL_DAYS = 365
UNTIL_DAYS_MAX = 3_660


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_number(), required=True, note="an active campaign the user may see")
    code: str | None = param(customer_code(), note="or card_number; code wins")
    card_number: str | None = param(card(), note="a card, or what stands for it as in customer_balance")
    service_product: str | None = param(text(60), note="buyx: the item, by id or identifier; required there")
    offset: int = param(integer(0, OFFSET_MAX), default=0, note="lines to leave out, from the newest")
    length: int = param(integer(1, LENGTH_MAX), default=LENGTH, note=f"lines in one answer; absent: {LENGTH}")
    expiries_until: date | None = param(
        iso_date(), note=f"how far ahead expiries and fees are told; absent: {UNTIL_DAYS} days, at most {UNTIL_DAYS_MAX}"
    )


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``campaign{..., customer{code, card_number, balance, cumulative, debt, totals[], lines[], lots[], expiries[],
    remains}}`` and ``pagination``; amounts in the campaign's unit.

    - ``totals/total{kind, lines, amount}``: the amounts of all kinds add up to ``balance``.
    - ``lines/line``, newest first: ``id, number, date, kind, amount, balance`` after it, campaign, who, what, why;
      ``calculation`` with purchase, ratio, multiplier or reward_ratio, bonus, rounding, the exact number, what rounding cut off
      (negative: gave), what was carried in and out; of a contribution its share and the earning it is ``of``; ``debt``: what it
      added to the debt (negative: paid); ``reversed``: what was taken back of it since, ``deleted`` = Y where neither is shown
      elsewhere; ``lots/lot`` it made with what is left of them; ``taken/from``: what it took from which lot, and what of it was
      given back since. Only what there is.
    - ``lots/lot``: what is open now, in the order it is spent in; their ``remaining`` less ``debt`` add up to ``balance``.
    - ``expiries/expiry``: what expiry and fees will take until ``expiries_until`` if nothing else happens; with
      ``expiries_later`` (where there are more than 1,000) and ``remains``, what is left then, they add up to the open lots.

    Kinds: activation, earn, redeem, expire, fee, contribute, move (a merge), reverse. In a coalition the balance is the shared
    one, and so are its lines; of a store that the user may not enter only date, kind, amount and balance are shown. Lines from
    before calculations were kept have none. Points in time are local.
    """
    account = ctx.account
    if params.code is None and params.card_number is None:
        raise MissingParameter("code")
    campaign = usable_campaign(account, ctx.user, params.campaign_id)
    if campaign.kind == "buyx" and params.service_product is None:
        raise MissingParameter("service_product")
    item = find_item(campaign, params.service_product) if campaign.kind == "buyx" and params.service_product else None
    until = _until(ctx, params.expiries_until)
    customer_id = find_customer_id(
        account=account, code=params.code, card_number=params.card_number if params.code is None else None
    )
    if customer_id is None:
        raise CustomerNotFound(fields=("card_number" if params.code is None else "code",))
    customer = get_customer(account=account, customer_id=customer_id)
    explained = explain_balance(
        account=account,
        customer_id=customer_id,
        pool_id=campaign.pool_id,
        item_id=item.id if item else 0,
        at=ctx.at,
        until=until,
        offset=params.offset,
        length=params.length,
    )
    return success(
        record(
            "campaign",
            leaf("campaign_id", campaign.number),
            leaf("campaign_type", campaign.kind),
            leaf("campaign_name", campaign.name),
            leaf("in_coalition", "Y" if campaign.pool_id != campaign.id else "N") if account.is_coalition else None,
            record("item", leaf("id", item.id), leaf("name", item.description)) if item else None,
            record(
                "customer",
                leaf("code", customer.code),
                leaf("card_number", customer.card_number),
                *explanation_members(account, ctx.user, campaign, explained, until),
            ),
        ),
        record(
            "pagination",
            leaf("total", explained.line_count),
            leaf("offset", params.offset),
            leaf("length", params.length),
        ),
    )


def _until(ctx: Context, day: date | None) -> datetime:
    """Return the end of the period that is looked ahead."""
    if day is None:
        return ctx.at + timedelta(days=UNTIL_DAYS)
    today = ctx.at.astimezone(ctx.account.zone).date()
    if not today <= day <= today + timedelta(days=UNTIL_DAYS_MAX):
        raise InvalidParameter("expiries_until", f"a day from today on, at most {UNTIL_DAYS_MAX} days ahead")
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ctx.account.zone)
    return max(end, ctx.at)


CALL = Call(
    type="balance_explain",
    handle=handle,
    params=Params,
    permission="customer_visits_view",
    summary="Explain a Balance",
    errors=("campaign_not_found", "customer_not_found", "item_not_found"),
    source="api.md 13",
)
