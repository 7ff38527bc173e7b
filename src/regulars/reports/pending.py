# SPDX-License-Identifier: Apache-2.0
"""
What depreciations and fees have taken by now and nobody has booked yet (ADR-0006), computed without booking it.

A report must show books as of now, and may not lock the customers of a whole account to bring them there. So a report's
own statement brings the balances that are due along, each with its open lots (``DUE_JSON``): one statement, one moment.
The losses are those that settling would book, from the same pure function. One balance is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from regulars.accounts.directory import AccountConfig
from regulars.ledger.rules import Loss, Lot, PoolState, settle_pool

DUE_JSON = """
jsonb_build_array(b.customer_id, b.pool_id, b.item_id, b.opened_at, b.last_activity_at, b.last_recorded_at, b.settled_until,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(l.origin_entry_id, l.id, l.campaign_id, l.remaining, l.earned_at,
                                                 l.created_at, l.exempt_until, l.expires_at)
                               ORDER BY l.origin_entry_id, l.id), '[]')
     FROM ledger_lots l
     WHERE l.account_id = b.account_id AND l.customer_id = b.customer_id AND l.pool_id = b.pool_id
       AND l.item_id = b.item_id AND l.remaining > 0))
"""
"""A balance ``b`` with its open lots, as ``losses_of`` reads it."""

IS_DUE = (
    "(b.pool_id = ANY(%(shrinking)s) AND b.balance + b.debt > 0"
    " AND (b.next_change_at <= %(at)s OR b.rules_version < %(rules_version)s OR b.rules_version > %(rules_version)s))"
)
"""
Whether something may have happened to balance ``b`` by itself. Takes the parameters of ``due_parameters``. Less or greater, not
unequal: so two indexes tell which balances these are.
"""


def due_parameters(account: AccountConfig, at: datetime) -> dict[str, Any]:
    """Return the parameters of IS_DUE."""
    return {"shrinking": sorted(account.pools_that_shrink), "at": at, "rules_version": account.rules_version}


@dataclass(frozen=True, slots=True)
class Pending:
    """One loss that is due and not booked, and whose it is. Units: ``loss.amount`` positive, in the pool's unit."""

    customer_id: int
    item_id: int
    loss: Loss


def losses_of(account: AccountConfig, due: str | bytes | list[Any], at: datetime) -> Iterator[Pending]:
    """Yield what a balance (a value of DUE_JSON) has lost by ``at`` and what is not booked, soonest first."""
    row = due if isinstance(due, list) else orjson.loads(due)
    customer_id, pool_id, item_id, opened_at, last_activity_at, last_recorded_at, settled_until, lots = row
    state = PoolState(
        _instant(opened_at), _instant(last_activity_at), _instant(last_recorded_at), _instant(settled_until),
        tuple(
            Lot(
                origin, lot_id, campaign_id, remaining, _instant(earned_at), _instant(created_at),
                _instant(exempt_until) if exempt_until else None, _instant(expires_at) if expires_at else None,
            )
            for origin, lot_id, campaign_id, remaining, earned_at, created_at, exempt_until, expires_at in lots
        ),
    )  # fmt: skip
    # A balance that has not followed its campaign to another pool yet is still under the rules it was under.
    campaigns = account.campaigns_by_pool.get(pool_id) or account.campaigns_by_previous_pool.get(pool_id, ())
    for loss in settle_pool(campaigns, state, at).losses:
        yield Pending(customer_id, item_id, loss)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
