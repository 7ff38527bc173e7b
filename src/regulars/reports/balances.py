# SPDX-License-Identifier: Apache-2.0
"""Customer Balances: what each customer of a campaign, or of the coalition, has now (api.md 10). Reads only."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.coalition.rules import BalancesMoving
from regulars.reports.customers import FETCH
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


@dataclass(frozen=True, slots=True)
class Held:
    """Whose balances: customers of these campaigns, in this pool. A pool's campaigns are those that did not opt out."""

    campaigns: tuple[CampaignConfig, ...]
    pool_id: int


def count_holders(*, account: AccountConfig, held: Held) -> int:
    """Return how many customers have ever been in one of the campaigns. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"account": account.id, "campaigns": [campaign.id for campaign in held.campaigns]})
        ((total,),) = cursor.fetchall()
    return int(total)


def iterate_balances(
    *, account: AccountConfig, held: Held, at: datetime, offset: int = 0, limit: int | None = None
) -> Generator[BalanceLine, None, None]:
    """
    Yield the customers of the campaigns, in the order they were enrolled; in a coalition the balance is the shared one.

    Units: of the campaigns. ``cumulative`` is what was earned in the campaigns themselves. What is due and not booked is
    computed for those that are shown (pending.py).
    Raises:  BalancesMoving while balances follow a change of the coalition.
    Queries: 1, by a server-side cursor; to be read inside the unit of work.
    """
    if account.is_moving:
        raise BalancesMoving
    given: dict[str, Any] = due_parameters(account, at) | {
        "account": account.id,
        "campaigns": [campaign.id for campaign in held.campaigns],
        "pool": held.pool_id,
        "offset": offset,
        "limit": limit,
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(_OF_PAGE, given)
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                yield _line(account, at, row)


def _line(account: AccountConfig, at: datetime, row: tuple[Any, ...]) -> BalanceLine:
    code, card, first_name, last_name, email, phone, balance, cumulative, last_at, due = row
    balances = (orjson.loads(due) if isinstance(due, str | bytes) else due) or []
    lost = sum(pending.loss.amount for each in balances for pending in losses_of(account, each, at))
    return BalanceLine(code, card, first_name, last_name, email, phone, int(balance) - lost, int(cumulative), last_at)
