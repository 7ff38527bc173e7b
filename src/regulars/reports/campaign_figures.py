# SPDX-License-Identifier: Apache-2.0
"""
What a list of campaigns shows beside their names, and what would be lost with one. Reads only, and never more than a bound.

The account's newest entries are counted by campaign: what happened of late costs the same in an account of any size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.users.access import may

DAYS = 30
SCANNED_MAX = 20_000
"""Entries, balances or memberships that are looked at; beyond it a number is of the newest, or a lower bound."""

_RECENT = """
    SELECT campaign_id, count(*) FILTER (WHERE kind = 'earn' AND is_recent),
           count(*) FILTER (WHERE kind = 'redeem' AND is_recent),
           coalesce(sum(amount) FILTER (WHERE kind = 'earn' AND is_recent), 0)::bigint,
           coalesce(-sum(amount) FILTER (WHERE kind = 'redeem' AND is_recent), 0)::bigint,
           count(DISTINCT customer_id) FILTER (WHERE kind IN ('earn', 'redeem') AND is_recent),
           count(*), min(recorded_at)
    FROM (
        SELECT n.*, n.occurred_at >= %(since)s AND n.occurred_at <= %(at)s AND r.entry_id IS NULL AS is_recent
        FROM (
            SELECT account_id, id, campaign_id, kind, amount, customer_id, occurred_at, recorded_at FROM ledger_entries
            WHERE account_id = %(account)s ORDER BY id DESC LIMIT %(scanned)s
        ) n
        LEFT JOIN ledger_reversals r ON r.account_id = n.account_id AND r.entry_id = n.id AND r.is_deleted
    ) e
    GROUP BY campaign_id
"""
_HELD = """
    SELECT count(*) FILTER (WHERE pool_id = %(pool)s AND balance <> 0),
           coalesce(sum(balance) FILTER (WHERE pool_id = %(pool)s), 0)::bigint, count(*)
    FROM (SELECT pool_id, balance FROM ledger_balances WHERE account_id = %(account)s LIMIT %(scanned)s) b
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What happened in one campaign since ``Recent.since``; deleted transactions are in no number.

    Units: issued and redeemed in the campaign's unit, as recorded; what was taken back later is still in them.
    """

    earning_count: int = 0
    redemption_count: int = 0
    issued: int = 0
    redeemed: int = 0
    customer_count: int = 0
    """Customers who did something."""


@dataclass(frozen=True, slots=True)
class Recent:
    """By campaign id. ``is_bounded``: only the newest entries were looked at, and ``since`` is when they begin."""

    figures: dict[int, Figures]
    since: datetime
    is_bounded: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What customers have in a campaign's own balances. ``is_bounded``: there is more."""

    customer_count: int
    balance: int
    is_bounded: bool


def list_recent(*, account: AccountConfig, by: UserConfig, campaigns: Iterable[CampaignConfig], at: datetime) -> Recent | None:
    """
    Return what happened in the last 30 days in campaigns that the user may see; None where he may not see reports.

    Queries: 1; 0 where the answer is None.
    """
    if not may(by, "access_reports"):
        return None
    since = at - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, {"account": account.id, "scanned": SCANNED_MAX, "since": since, "at": at})
        rows = cursor.fetchall()
    oldest = min((row[7] for row in rows), default=since)
    is_bounded = sum(row[6] for row in rows) == SCANNED_MAX and oldest > since
    found = {row[0]: Figures(*row[1:6]) for row in rows}
    shown = {each.id: found.get(each.id, Figures()) for each in campaigns if by.may_see(each)}
    return Recent(shown, oldest if is_bounded else since, is_bounded)


def count_held(*, account: AccountConfig, campaign: CampaignConfig) -> Held:
    """
    Return what customers have in the campaign's own balances; nothing where it shares the coalition's.

    Units: balance in the campaign's unit. Queries: 1.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"account": account.id, "pool": campaign.id, "scanned": SCANNED_MAX})
        customer_count, balance, scanned = cursor.fetchone() or (0, 0, 0)
    return Held(customer_count, balance, scanned == SCANNED_MAX)
