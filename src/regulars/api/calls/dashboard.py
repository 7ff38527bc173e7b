# SPDX-License-Identifier: Apache-2.0
"""dashboard: what happened lately, each block on demand (api.md 4, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.customer_element import customer_element
from regulars.api.calls.standing_element import history_element
from regulars.protocol.kinds import flag, integer
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.reports import dashboard as report
from regulars.users.access import may

LENGTH_MAX = 100
DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class Params:
    most_active: int | None = param(integer(1, LENGTH_MAX), note="how many customers")
    customer_count: bool = param(flag(), default=False, note="Yes: how many customers there are")
    total_customers_this_month: bool = param(
        flag(), default=False, note="Yes: new customers this month, last month, and last month up to today's day"
    )
    total_transactions_this_month: bool = param(flag(), default=False, note="Yes: transactions in the same three periods")
    active_campaigns_count: bool = param(flag(), default=False, note="Yes: how many active campaigns the user may see")
    campaigns_per_day_activity: int | None = param(integer(1, DAYS_MAX), note="how many days, today included")
    last_x_transactions: int | None = param(
        integer(1, LENGTH_MAX), wire="last_X_transactions", note="how many transactions, newest first"
    )
    last_x_customers: int | None = param(
        integer(1, LENGTH_MAX), wire="last_X_customers", note="how many customers, newest first"
    )


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer the blocks that are asked for, cut down to the active campaigns the user may see.

    Blocks about customers are left out for who may not look customers up, blocks about transactions for who sees no history.

    Queries: 0 to 18.
    """
    blocks: list[Element | None] = []
    sees_customers, sees_history = may(ctx.user, "view_customer_search"), may(ctx.user, "customer_visits_view")
    if params.most_active and sees_customers and sees_history:
        blocks.append(_most_active(ctx, params.most_active))
    if params.customer_count and sees_customers:
        blocks.append(leaf("customer_count", report.count_customers(account=ctx.account, by=ctx.user)))
    if params.total_customers_this_month and sees_customers:
        counts = report.count_customers_by_month(account=ctx.account, by=ctx.user, at=ctx.at)
        blocks.append(_months("total_customers_this_month", counts))
    if params.total_transactions_this_month and sees_history:
        counts = report.count_transactions_by_month(account=ctx.account, by=ctx.user, at=ctx.at)
        blocks.append(_months("total_transactions_this_month", counts))
    if params.active_campaigns_count:
        blocks.append(leaf("active_campaigns_count", len(report.visible_campaigns(ctx.account, ctx.user))))
    if params.campaigns_per_day_activity and sees_history:
        blocks.append(_per_day(ctx, params.campaigns_per_day_activity))
    if params.last_x_transactions and sees_history:
        blocks.append(_last_transactions(ctx, params.last_x_transactions))
    if params.last_x_customers and sees_customers:
        newest = report.list_last_customers(account=ctx.account, by=ctx.user, length=params.last_x_customers)
        blocks.append(items("last_X_customers", (customer_element(ctx.account, customer) for customer in newest)))
    return success(record("dashboard", *blocks))


def _most_active(ctx: Context, length: int) -> Element:
    found = report.list_most_active(account=ctx.account, by=ctx.user, length=length)
    names = ("code", "first_name", "last_name", "card_number")
    return items(
        "most_active",
        (
            record("customer", *(leaf(name, getattr(customer, name)) for name in names), leaf("transactions", times))
            for customer, times in found
        ),
    )


def _months(name: str, counts: report.MonthCounts) -> Element:
    return record(
        name,
        leaf("this_month", counts.this_month),
        leaf("last_month", counts.last_month),
        leaf("last_month_same_period", counts.last_month_same_period),
    )


def _per_day(ctx: Context, days: int) -> Element:
    counted = report.count_by_day(account=ctx.account, by=ctx.user, at=ctx.at, days=days)
    return items(
        "campaigns_per_day_activity",
        (
            record(
                "campaign",
                leaf("id", campaign.number),
                leaf("name", campaign.name),
                items(
                    "days",
                    (
                        record("day", leaf("date", day.isoformat()), leaf("transactions", times))
                        for day, times in counted[campaign.id].items()
                    ),
                ),
            )
            for campaign in report.visible_campaigns(ctx.account, ctx.user)
        ),
    )


def _last_transactions(ctx: Context, length: int) -> Element:
    shown = []
    for row, code in report.list_last_transactions(account=ctx.account, by=ctx.user, length=length):
        history = history_element(ctx.account, (row,))
        for transaction in history.children if history is not None else ():
            campaign = ctx.account.campaigns_by_id[row.campaign_id]
            transaction.children += [leaf("customer_code", code), leaf("campaign_name", campaign.name)]
            shown.append(transaction)
    return items("last_X_transactions", shown)


CALL = Call(
    type="dashboard",
    handle=handle,
    params=Params,
    permission=None,
    summary="Dashboard Info",
    source="api.md 4, 13",
)
