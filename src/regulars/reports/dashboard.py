# SPDX-License-Identifier: Apache-2.0
"""
The numbers of a dashboard, cut down to what the user may see. Reads only.

A transaction is what a till recorded: an earning or a redemption, unless it was deleted. Months and days are the account's.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.campaigns.models import Item, Promotion, Reward
from regulars.customers.models import Customer
from regulars.customers.queries import row_of
from regulars.customers.rows import CustomerRow
from regulars.ledger.books import HistoryRow
from regulars.ledger.models import Entry, Membership, Reversal

TRANSACTION_KINDS = ("earn", "redeem")


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """This month so far, all last month, and last month up to the same day and time."""

    this_month: int
    last_month: int
    last_month_same_period: int


def visible_campaigns(account: AccountConfig, by: UserConfig) -> tuple[CampaignConfig, ...]:
    """Return the active campaigns the user may see, oldest first."""
    return tuple(each for each in account.campaigns.values() if each.state == "active" and by.may_see(each))


def count_customers(*, account: AccountConfig, by: UserConfig) -> int:
    """Return how many customers there are; for a user of some campaigns, those who are in one of them. Queries: 1."""
    return _customers(account, by).count()


def count_customers_by_month(*, account: AccountConfig, by: UserConfig, at: datetime) -> MonthCounts:
    """Return how many of them are new. Queries: 3."""
    return _by_month(_customers(account, by), "created_at", account, at)


def count_transactions_by_month(*, account: AccountConfig, by: UserConfig, at: datetime) -> MonthCounts:
    """Return how many transactions there were. Queries: 3."""
    return _by_month(_transactions(account, by), "occurred_at", account, at)


def list_most_active(*, account: AccountConfig, by: UserConfig, length: int) -> list[tuple[CustomerRow, int]]:
    """Return the customers with the most transactions ever, and how many. Queries: 2."""
    alive = _customers(account, by).values("id")
    counted = (
        _transactions(account, by).filter(customer_id__in=alive).values("customer_id").annotate(times=Count("id"))
        .order_by("-times", "customer_id")[:length]
    )  # fmt: skip
    times = {row["customer_id"]: row["times"] for row in counted}
    known = {customer.id: row_of(customer) for customer in _customers(account, by).filter(id__in=times)}
    return [(known[customer_id], count) for customer_id, count in times.items() if customer_id in known]


def list_last_customers(*, account: AccountConfig, by: UserConfig, length: int) -> list[CustomerRow]:
    """Return the newest customers, newest first. Queries: 1."""
    return [row_of(customer) for customer in _customers(account, by).order_by("-created_at", "-id")[:length]]


def list_last_transactions(*, account: AccountConfig, by: UserConfig, length: int) -> list[tuple[HistoryRow, str]]:
    """Return the newest transactions, newest first, each with its customer's code ("" = erased). Queries: 5."""
    rows = list(_transactions(account, by).order_by("-id")[:length])
    codes = dict(_alive(account).filter(id__in={row.customer_id for row in rows}).values_list("id", "code"))
    names: dict[str, dict[int, str]] = {
        "item_id": _names(Item, account, (row.item_id for row in rows)),
        "reward_id": _names(Reward, account, (row.reward_id for row in rows)),
        "promotion_id": _names(Promotion, account, (row.promotion_id for row in rows)),
    }

    def subject(row: Entry) -> str:
        return next((known[getattr(row, what)] for what, known in names.items() if getattr(row, what) in known), "")

    return [(_history_row(row, subject(row)), codes.get(row.customer_id, "")) for row in rows]


def count_by_day(*, account: AccountConfig, by: UserConfig, at: datetime, days: int) -> dict[int, dict[date, int]]:
    """Return, by campaign id, the number of transactions of each of the last ``days`` days, today included. Queries: 1."""
    today = at.astimezone(account.zone).date()
    first = today - timedelta(days=days - 1)
    start = datetime(first.year, first.month, first.day, tzinfo=account.zone)
    counted = (
        _transactions(account, by).filter(occurred_at__gte=start, occurred_at__lte=at)
        .annotate(day=TruncDate("occurred_at", tzinfo=account.zone)).values_list("campaign_id", "day").annotate(Count("id"))
    )  # fmt: skip
    found = {campaign.id: {first + timedelta(days=n): 0 for n in range(days)} for campaign in visible_campaigns(account, by)}
    for campaign_id, day, times in counted:
        found[campaign_id][day] = times
    return found


def _alive(account: AccountConfig) -> QuerySet[Customer]:
    return Customer.objects.filter(account_id=account.id, deleted_at__isnull=True)


def _customers(account: AccountConfig, by: UserConfig) -> QuerySet[Customer]:
    if by.campaigns_access == "all":
        return _alive(account)
    seen = [campaign.id for campaign in visible_campaigns(account, by)]
    members = Membership.objects.filter(account_id=account.id, campaign_id__in=seen).values("customer_id")
    return _alive(account).filter(id__in=members)


def _transactions(account: AccountConfig, by: UserConfig) -> QuerySet[Entry]:
    seen = [campaign.id for campaign in visible_campaigns(account, by)]
    deleted = Reversal.objects.filter(account_id=account.id, entry_id=OuterRef("id"), is_deleted=True)
    return Entry.objects.filter(account_id=account.id, kind__in=TRANSACTION_KINDS, campaign_id__in=seen).exclude(
        Exists(deleted)
    )


def _by_month(rows: QuerySet[Any], column: str, account: AccountConfig, at: datetime) -> MonthCounts:
    now = at.astimezone(account.zone)
    this_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    last_month = this_month.replace(year=year, month=month)
    same = now.replace(year=year, month=month, day=min(now.day, calendar.monthrange(year, month)[1]))

    def count(start: datetime, end: datetime) -> int:
        return rows.filter(**{f"{column}__gte": start, f"{column}__lt": end}).count()

    return MonthCounts(
        count(this_month, now + timedelta(microseconds=1)), count(last_month, this_month), count(last_month, same)
    )


def _names(model: Any, account: AccountConfig, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {each for each in ids if each}
    return dict(model.objects.filter(account_id=account.id, id__in=wanted).values_list("id", "description"))


def _history_row(row: Entry, subject: str) -> HistoryRow:
    return HistoryRow(
        id=row.id, campaign_id=row.campaign_id, item_id=row.item_id, kind=row.kind, amount=row.amount,
        balance_after=row.balance_after, user_id=row.user_id, description=row.description, purchase_minor=row.purchase_minor,
        promotion_id=row.promotion_id, reward_id=row.reward_id, rule_id=row.rule_id, fields=row.fields or {},
        occurred_at=row.occurred_at, recorded_at=row.recorded_at, reference=row.reference, reverses_id=row.reverses_id,
        subject=subject,
    )  # fmt: skip
