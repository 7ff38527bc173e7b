# SPDX-License-Identifier: Apache-2.0
"""reports, the audits: transactions, campaign totals, customer balances (api.md 10, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.api.call import Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.report_params import (
    OFFSET_MAX,
    ROWS_MAX,
    NoCoalition,
    NoCustomersInReport,
    NoTransactionsInReport,
    RangeParams,
    SpanParams,
    chosen_campaigns,
    read_ahead,
    report_rows,
    span_of,
)
from regulars.api.calls.standing_element import COMPUTED, date_text, stamp_text, unit_text
from regulars.errors import (
    CampaignNotFound,
    InvalidParameter,
    MissingParameter,
    UserNotFound,
)
from regulars.protocol.kinds import choice, flag, integer, small_id, user_code
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, rows, side_by_side, success
from regulars.reports.balances import BalanceLine, Held, count_holders, iterate_balances
from regulars.reports.rules import CAMPAIGN_LETTERS
from regulars.reports.totals import CampaignTotal, get_totals, shares_points, shares_stored_value
from regulars.reports.transactions import TransactionFilter, TransactionLine, count_transactions, iterate_transactions
from regulars.users.access import may_see_user, require

AMOUNT_TYPES = {"points": "points", "events": "events", "buyx": "units"}
"""amount_type of what is not money; money is "$" whatever its currency, as clients compare it."""


@dataclass(frozen=True, slots=True)
class RedeemedParams(RangeParams):
    last: int | None = param(small_id(), note="a transaction id: only those recorded after it")


@dataclass(frozen=True, slots=True)
class TransactionsParams(RedeemedParams):
    restrict_by_user: str | None = param(user_code(), note="a user id: only what he recorded")
    show_activations: bool = param(flag(), default=False, note="Yes: the rows of joining a campaign too")


def transactions_all(ctx: Context, params: TransactionsParams) -> Element:
    """
    Answer with the transactions of the range, in the order they were recorded.

    What depreciations and fees took has the rule's letter and id in place of a transaction id; what they have taken by now and
    is not booked yet comes last, but not with ``last`` (it comes once it is booked), nor with ``restrict_by_user``.
    Deleted transactions and those of deleted customers are not shown.
    """
    user = None if params.restrict_by_user is None else _recorder(ctx, params.restrict_by_user)
    return _transactions(
        ctx, params, only_redemptions=False, with_activations=params.show_activations, user_id=user.id if user else None
    )


def transactions_redeemed(ctx: Context, params: RedeemedParams) -> Element:
    """
    Answer with the redemptions of the range, in the order they were recorded.

    A redemption taken back (transaction_reverse) has a row of its own with the opposite sign, so that the rows add up to
    ``redeemed`` of Campaign Totals.
    """
    return _transactions(ctx, params, only_redemptions=True, with_activations=False, user_id=None)


def _recorder(ctx: Context, code: str) -> UserConfig:
    user = ctx.account.users.get(code.lower())
    if user is None or not may_see_user(ctx.user, user):
        raise UserNotFound(fields=("restrict_by_user",))
    if user.id != ctx.user.id:
        require(ctx.user, "report_on_users")
    return user


def _transactions(
    ctx: Context, params: RedeemedParams, *, only_redemptions: bool, with_activations: bool, user_id: int | None
) -> Element:
    wanted = TransactionFilter(
        campaigns=chosen_campaigns(ctx, params.selected_campaigns),
        span=span_of(ctx, params.date_start, params.date_end),
        only_redemptions=only_redemptions,
        with_activations=with_activations,
        after_id=params.last,
        user_id=user_id,
        offset=params.offset,
        limit=params.limit,
    )
    lines = read_ahead(iterate_transactions(account=ctx.account, at=ctx.at, wanted=wanted))
    count = len(lines.first) if lines.is_all else count_transactions(account=ctx.account, at=ctx.at, wanted=wanted)
    shown = report_rows("transaction", lines, lambda line: transaction_line(ctx.account, line), NoTransactionsInReport)
    return success(leaf("transactions_count", count), shown)


def transaction_line(account: AccountConfig, line: TransactionLine) -> Element:
    """Return ``<transaction>`` as reports show it. ``custom_field_#`` are the transaction's own; the rest the customer's."""
    campaign, holder = account.campaigns_by_id[line.campaign_id], line.holder
    own_field = holder.fields.get("1", "")
    purchase = line.purchase_minor
    return record(
        "transaction",
        leaf("code", holder.code),
        leaf("date", date_text(account, line.occurred_at)),
        leaf("authorization", line.description),
        leaf("campaign_id", campaign.number),
        leaf("user_name", line.user_code),
        leaf("user_custom1", line.user_location),
        leaf("first_name", holder.first_name),
        leaf("last_name", holder.last_name),
        leaf("phone", holder.phone),
        leaf("email", holder.email),
        leaf("customer", holder.code),
        leaf("custom1", own_field),
        leaf("custom_field", own_field),
        leaf("card_number", holder.card_number),
        leaf("amount_number", unit_text(account, campaign, line.amount)),
        leaf("amount_type", AMOUNT_TYPES.get(campaign.kind, "$")),
        leaf("original_amount", "" if purchase is None else account.currency.text(purchase)),
        leaf("redeemed", "R" if line.kind == "redeem" else ""),
        leaf("promotion", line.promotion),
        leaf("service_product", "Activation" if line.kind == "activation" else line.chosen),
        leaf("campaign_name", campaign.name),
        leaf("record_timestamp", stamp_text(account, line.recorded_at)),
        leaf("transaction_id", f"{COMPUTED[line.kind]}{line.rule_id}" if line.rule_id is not None else str(line.id)),
        *(leaf(f"custom_field_{number}", line.fields.get(str(number), "")) for number in sorted(account.transaction_fields)),
    )


@dataclass(frozen=True, slots=True)
class TotalsParams(SpanParams):
    """A range of days and campaigns."""


def audit_totals(ctx: Context, params: TotalsParams) -> Element:
    """
    Answer with what each campaign gave, redeemed and owes over the range; thousands have commas.

    ``liability`` is ``earned`` plus ``redeemed``, less what expired, fees and deletions of customers took;
    ``monetary_equivalent`` is its worth by the campaign's ratios now, empty where it can not be had as money.
    """
    return _totals(ctx, params, chosen_campaigns(ctx, params.selected_campaigns))


def coalition_points(ctx: Context, params: TotalsParams) -> Element:
    """Answer with the totals of those of the campaigns that are in the coalition's points, or in the second tier."""
    campaigns = _shared(ctx, params)
    return _totals(ctx, params, tuple(campaign for campaign in campaigns if shares_points(ctx.account, campaign)))


def coalition_stored_value(ctx: Context, params: TotalsParams) -> Element:
    """Answer with the totals of those of the campaigns whose money is in the coalition's stored value."""
    campaigns = _shared(ctx, params)
    return _totals(ctx, params, tuple(campaign for campaign in campaigns if shares_stored_value(ctx.account, campaign)))


def _shared(ctx: Context, params: TotalsParams) -> tuple[CampaignConfig, ...]:
    if not (ctx.account.is_coalition or ctx.account.is_two_tier):
        raise NoCoalition(fields=("report",))
    return chosen_campaigns(ctx, params.selected_campaigns)


def _totals(ctx: Context, params: TotalsParams, campaigns: tuple[CampaignConfig, ...]) -> Element:
    span = span_of(ctx, params.date_start, params.date_end)
    if not campaigns:
        raise InvalidParameter("selected_campaigns", "none of them shares its balances")
    totals = get_totals(account=ctx.account, at=ctx.at, campaigns=campaigns, span=span)
    return success(*side_by_side("campaigns", [_total(ctx.account, total) for total in totals]))


def _total(account: AccountConfig, total: CampaignTotal) -> Element:
    campaign, value = total.campaign, total.value_minor(account)

    def amount(number: int) -> str:
        return grouped(unit_text(account, campaign, number))

    return record(
        "campaign",
        leaf("campaign_name", campaign.name),
        leaf("campaign_type", CAMPAIGN_LETTERS[campaign.kind]),
        leaf("earned", amount(total.earned)),
        leaf("redeemed", amount(total.redeemed)),
        leaf("liability", amount(total.liability)),
        leaf("monetary_equivalent", "" if value is None else grouped(account.currency.text(value))),
        leaf("campaign_id", campaign.number),
    )


def grouped(number: str) -> str:
    """Return a number with commas between thousands: "-3,010", "1,234.50"."""
    whole, point, part = number.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{part}"


@dataclass(frozen=True, slots=True)
class BalancesParams:
    campaign_id: str | None = param(kinds.campaign_id(), note="one campaign; required without coalition_balance")
    coalition_balance: str | None = param(
        choice("coalition_points", "coalition_storedvalue"), note="coalitions: the shared balance of all customers in it"
    )
    offset: int = param(integer(0, OFFSET_MAX), default=0, note="how many rows to skip")
    limit: int | None = param(integer(1, ROWS_MAX), note="absent: all")


def customers_balances(ctx: Context, params: BalancesParams) -> Element:
    """
    Answer with what each customer of one campaign has now, in the order the customers were enrolled, and ``pagination``.

    What depreciations and fees have taken by now is taken off. In a coalition the balance is the shared one. With
    ``coalition_balance`` the customers of all campaigns that did not opt out.
    """
    account = ctx.account
    if params.campaign_id is None and params.coalition_balance is None:
        raise MissingParameter("campaign_id")
    campaign = _campaign(ctx, params.campaign_id) if params.campaign_id is not None else None
    is_money = campaign is not None and campaign.is_money
    if params.coalition_balance is not None:
        is_money = params.coalition_balance == "coalition_storedvalue"
        pool_id = account.coalition_pool_money_id if is_money else account.coalition_pool_points_id
        if pool_id is None:
            raise InvalidParameter("coalition_balance", "this account is no coalition")
        held = Held(account.campaigns_by_pool.get(pool_id, ()), pool_id)
    else:
        assert campaign is not None
        held = Held((campaign,), campaign.pool_id)
    total = count_holders(account=account, held=held)
    if not total:
        raise NoCustomersInReport

    def show(line: BalanceLine) -> Element:
        def amount(number: int) -> str:
            return account.currency.text(number) if is_money else str(number)

        return _balance(account, line, amount(line.balance), amount(line.cumulative))

    lines = iterate_balances(account=account, held=held, at=ctx.at, offset=params.offset, limit=params.limit)
    pages = record(
        "pagination",
        leaf("total", total),
        leaf("offset", params.offset),
        leaf("length", params.limit) if params.limit is not None else None,
    )
    return success(rows("customers", (show(line) for line in lines), is_bare=True), pages)


def _campaign(ctx: Context, number: str) -> CampaignConfig:
    campaign = ctx.account.campaigns.get(number)
    if campaign is None or campaign.state != "active" or not ctx.user.may_see(campaign):
        raise CampaignNotFound(fields=("campaign_id",))
    return campaign


def _balance(account: AccountConfig, line: BalanceLine, balance: str, cumulative: str) -> Element:
    return record(
        "customer",
        leaf("code", line.code),
        leaf("card_number", line.card_number),
        leaf("first_name", line.first_name),
        leaf("last_name", line.last_name),
        leaf("email", line.email),
        leaf("phone", line.phone),
        leaf("balance", balance),
        leaf("cumulative", cumulative),
        leaf("last_transaction", date_text(account, line.last_transaction_at)),
    )
