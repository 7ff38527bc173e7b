# SPDX-License-Identifier: Apache-2.0
"""Customer Balances: what each customer of a campaign, or of the coalition, has now (api.md 10). Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.coalition.rules import BalancesMoving
from regulars.kit.listing import Page
from regulars.reports.pending import DUE_JSON, IS_DUE, due_parameters, losses_of


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One customer's balance. Units: of the campaign; buyx: units, over all items."""

    code: str
    card_number: str
    first_name: str
    last_name: str
    email: str
    phone: str
    balance: int
    cumulative: int
    last_transaction_at: datetime | None


_MEMBERS = """
SELECT m.customer_id, sum(m.cumulative) AS cumulative, max(greatest(m.last_transaction_at, m.last_redemption_at)) AS last_at
FROM ledger_memberships m
WHERE m.account_id = %(account)s AND m.campaign_id = ANY(%(campaigns)s)
GROUP BY m.customer_id
"""
_OF_PAGE = f"""
SELECT c.code, c.card_number, c.first_name, c.last_name, c.email, c.phone, held.balance, c.cumulative, c.last_at, held.due
FROM (
    SELECT c.*, m.cumulative, m.last_at FROM ({_MEMBERS}) m
    JOIN customers_customers c ON c.account_id = %(account)s AND c.id = m.customer_id AND c.deleted_at IS NULL
    ORDER BY c.id OFFSET %(offset)s LIMIT %(limit)s
) c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.balance), 0) AS balance, jsonb_agg({DUE_JSON}) FILTER (WHERE {IS_DUE}) AS due
    FROM ledger_balances b
    WHERE b.account_id = c.account_id AND b.customer_id = c.id AND b.pool_id = %(pool)s
) held
ORDER BY c.id
"""  # noqa: S608 - our own texts
_COUNT = f"""
SELECT count(*) FROM ({_MEMBERS}) m
JOIN customers_customers c ON c.account_id = %(account)s AND c.id = m.customer_id AND c.deleted_at IS NULL
"""  # noqa: S608


def list_balances(
    *, account: AccountConfig, campaign: CampaignConfig, at: datetime, offset: int, limit: int
) -> Page[BalanceLine]:
    """
    Return the customers of one campaign, in the order they were enrolled; in a coalition the balance is the shared one.

    Units: of the campaign. ``cumulative`` is what was earned in the campaign itself.
    Raises: BalancesMoving while balances follow a change of the coalition.
    Queries: 2. Memory: one page. What is due and not booked is computed for the page alone (pending.py).
    """
    return _list(account, at, (campaign,), campaign.pool_id, offset, limit)


def list_pool_balances(*, account: AccountConfig, pool_id: int, at: datetime, offset: int, limit: int) -> Page[BalanceLine]:
    """
    Return the customers of a coalition's pool with their shared balance; ``cumulative`` is over all its campaigns.

    Campaigns that opted out are not in the pool. Queries: 2. Memory: one page. Raises: BalancesMoving.
    """
    return _list(account, at, account.campaigns_by_pool.get(pool_id, ()), pool_id, offset, limit)


def _list(
    account: AccountConfig, at: datetime, campaigns: tuple[CampaignConfig, ...], pool_id: int, offset: int, limit: int
) -> Page[BalanceLine]:
    if account.is_moving:
        raise BalancesMoving
    given: dict[str, Any] = due_parameters(account, at) | {
        "account": account.id,
        "campaigns": [campaign.id for campaign in campaigns],
        "pool": pool_id,
        "offset": offset,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        ((total,),) = cursor.fetchall()
        cursor.execute(_OF_PAGE, given)
        lines = tuple(_line(account, at, row) for row in cursor.fetchall())
    return Page(lines, total, offset, limit)


def _line(account: AccountConfig, at: datetime, row: tuple[Any, ...]) -> BalanceLine:
    code, card, first_name, last_name, email, phone, balance, cumulative, last_at, due = row
    balances = (orjson.loads(due) if isinstance(due, str | bytes) else due) or []
    lost = sum(pending.loss.amount for each in balances for pending in losses_of(account, each, at))
    return BalanceLine(code, card, first_name, last_name, email, phone, int(balance) - lost, int(cumulative), last_at)
