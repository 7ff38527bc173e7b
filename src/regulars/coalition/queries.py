# SPDX-License-Identifier: Apache-2.0
"""What moves when campaigns change their pool, before it moves. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.models import Campaign
from regulars.coalition.models import Switch


@dataclass(frozen=True, slots=True)
class CampaignMove:
    """
    What moves of one campaign. Units: of the campaign.

    ``amount``: what was earned in it and is left. ``debt``: what was taken back after it was spent (from its own pool only).
    """

    campaign_id: int
    number: str
    name: str
    kind: str
    state: str
    customers: int
    amount: int
    debt: int

    @property
    def is_money(self) -> bool:
        """Whether amounts are currency minor units."""
        return self.kind in ("giftcard", "earned")


_MOVES = """
SELECT c.id, c.number, c.name, c.kind, c.state, coalesce(m.customers, 0), coalesce(l.open, 0), coalesce(m.debt, 0)
FROM campaigns_campaigns c
LEFT JOIN (
    SELECT m.campaign_id, count(*) AS customers, sum(b.debt) FILTER (WHERE b.pool_id = m.campaign_id) AS debt
    FROM ledger_memberships m
    JOIN ledger_balances b ON b.account_id = m.account_id AND b.customer_id = m.customer_id AND b.pool_id = m.pool_id
     AND b.item_id = m.item_id
    JOIN customers_customers k ON k.account_id = m.account_id AND k.id = m.customer_id AND k.deleted_at IS NULL
    WHERE m.account_id = %(account)s AND m.campaign_id = ANY(%(campaigns)s) GROUP BY 1
) m ON m.campaign_id = c.id
LEFT JOIN (
    SELECT campaign_id, sum(remaining) AS open FROM ledger_lots
    WHERE account_id = %(account)s AND campaign_id = ANY(%(campaigns)s) AND remaining > 0 GROUP BY 1
) l ON l.campaign_id = c.id
WHERE c.account_id = %(account)s AND c.id = ANY(%(campaigns)s) ORDER BY c.id
"""
_CUSTOMERS = """
SELECT count(DISTINCT m.customer_id) FROM ledger_memberships m
JOIN customers_customers k ON k.account_id = m.account_id AND k.id = m.customer_id AND k.deleted_at IS NULL
WHERE m.account_id = %(account)s AND m.campaign_id = ANY(%(campaigns)s)
"""


def list_moves(*, account: AccountConfig, campaign_ids: tuple[int, ...]) -> tuple[int, tuple[CampaignMove, ...]]:
    """
    Return how many customers are in any of these campaigns, and what of each moves when it changes its pool.

    As booked now: what depreciations and fees have taken and nobody has booked yet is still in it.
    Queries: 2.
    """
    given: dict[str, Any] = {"account": account.id, "campaigns": list(campaign_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, given)
        ((customers,),) = cursor.fetchall()
        cursor.execute(_MOVES, given)
        moves = tuple(CampaignMove(*row[:5], *map(int, row[5:])) for row in cursor.fetchall())
    return int(customers), moves


def find_last_switch(*, account: AccountConfig) -> Switch | None:
    """Return the account's last switch, undone or not. Queries: 1."""
    return Switch.objects.filter(account_id=account.id).order_by("-id").first()


def can_be_undone(*, account: AccountConfig) -> bool:
    """Whether the last switch can be taken back now. Queries: 1 to 3."""
    last = find_last_switch(account=account)
    return last is not None and last.undone_at is None and not something_happened_since(account=account, switch=last)


def something_happened_since(*, account: AccountConfig, switch: Switch) -> bool:
    """
    Whether the books or the coalition changed after a switch, so that undoing it would not restore what was.

    Lines by which balances follow the switch do not count, nor what depreciations and fees took.
    Queries: 2.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM ledger_entries e LEFT JOIN ledger_entries o ON e.kind = 'move'"
            " AND o.account_id = e.account_id AND o.id = e.cause_id AND o.customer_id = e.customer_id"
            " WHERE e.account_id = %s AND e.id > %s AND e.kind NOT IN ('expire', 'fee') AND o.id IS NULL)",
            [account.id, switch.last_entry_id],
        )
        ((is_recorded,),) = cursor.fetchall()
    if is_recorded:
        return True
    sharing = Campaign.objects.filter(account_id=account.id, pool_id__isnull=False).values_list("id", flat=True)
    expected = switch.campaign_ids if switch.direction == "on" else []
    return sorted(sharing) != sorted(expected)
