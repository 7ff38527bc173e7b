# SPDX-License-Identifier: Apache-2.0
"""What stores gave, honoured and lost over some entries of the books, and which store honoured whose value. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.coalition.positions import Flow

NO_LIMIT = 2**63 - 1
KINDS = ("points", "giftcard", "earned")
"""The kinds of campaigns that stores can share."""


@dataclass(frozen=True, slots=True)
class Range:
    """
    Which entries count: those of [starts_at, ends_at), by when they happened, with ids up to ``last_id``.

    ``starts_at`` None: from the beginning. Late ones count too: recorded after ``closed_id`` (the last entry that an earlier
    period has counted) with a date before ``starts_at``; None = they do not. Nothing before ``first_id`` is looked at.
    """

    starts_at: datetime | None
    ends_at: datetime
    first_id: int = 0
    closed_id: int | None = None
    last_id: int = NO_LIMIT


@dataclass(frozen=True, slots=True)
class Line:
    """
    One campaign of the statement. Units: points, or currency minor units where ``is_money``.

    ``issued``: earned and opened in it, and what it brought the second tier (``contributed``: that part of it, in points of
    the master campaign); ``taken_back`` of that; ``redeemed`` in it, whoever had given it, less what was taken back of it;
    ``expired``: what its depreciations, fees and the deletion of customers took. All at least 0, but for ``redeemed`` and
    ``expired`` where more was given back than taken.
    """

    campaign_id: int
    number: str
    name: str
    is_money: bool
    issued: int = 0
    contributed: int = 0
    taken_back: int = 0
    redeemed: int = 0
    expired: int = 0

    @property
    def change(self) -> int:
        """By how much customers have more than before by this campaign's entries."""
        return self.issued - self.taken_back - self.redeemed - self.expired


_PERIOD = """
WITH lines AS MATERIALIZED (
    SELECT e.* FROM ledger_entries e
    WHERE e.account_id = %(account)s AND e.id >= %(first_id)s AND e.id <= %(last_id)s AND e.occurred_at < %(ends_at)s
      AND (%(starts_at)s::timestamptz IS NULL OR e.occurred_at >= %(starts_at)s OR e.id > %(closed_id)s)
      AND e.kind <> 'move'
), told AS (
    -- What a line is about: itself, or the one it takes back. Subqueries, not joins: few lines need one.
    SELECT e.*,
           CASE WHEN e.reverses_id IS NULL THEN e.kind ELSE (
               SELECT x.kind FROM ledger_entries x WHERE x.account_id = %(account)s AND x.id = e.reverses_id) END AS about,
           CASE WHEN e.reverses_id IS NULL THEN e.cause_id ELSE (
               SELECT x.cause_id FROM ledger_entries x WHERE x.account_id = %(account)s AND x.id = e.reverses_id) END AS stem
    FROM lines e
), named AS MATERIALIZED (
    -- giver: the store whose sale it was. What came into the second tier was given by the store that sold.
    SELECT e.*, CASE WHEN e.about <> 'contribute' THEN e.campaign_id ELSE (
               SELECT x.campaign_id FROM ledger_entries x WHERE x.account_id = %(account)s AND x.id = e.stem) END AS giver
    FROM told e
)
"""

_SUMS = f"""{_PERIOD}
SELECT campaign_id, giver, about, kind = 'reverse' OR amount < 0 AND about <> 'redeem', sum(amount)::bigint
FROM named GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - our own texts

_GIVER_OF_LOT = """
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.kind = 'contribute' AND g.campaign_id = l.campaign_id THEN (
                   SELECT s.campaign_id FROM ledger_entries s WHERE s.account_id = %(account)s AND s.id = g.cause_id)
               ELSE l.campaign_id END AS giver
        FROM ledger_entries g WHERE g.account_id = %(account)s AND g.id = l.origin_entry_id
    ) of
"""
_MADE_LOTS = f"""
    -- What a line made: the lot of an earning, or the lots that spending taken back restored.
    SELECT e.*, l.origin_entry_id, l.id AS lot_id, l.issued, l.remaining, of.giver AS lot_giver
    FROM named e
    CROSS JOIN LATERAL (
        SELECT e.id AS origin WHERE e.kind <> 'reverse' AND e.amount > 0
        UNION ALL
        SELECT DISTINCT u.origin_entry_id FROM ledger_lot_uses u
        WHERE u.account_id = %(account)s AND u.entry_id = e.reverses_id AND e.amount > 0 AND e.about NOT IN ('expire', 'fee')
    ) h
    CROSS JOIN LATERAL (
        SELECT x.* FROM ledger_lots x WHERE x.account_id = %(account)s AND x.origin_entry_id = h.origin AND x.id = e.id
    ) l {_GIVER_OF_LOT}
"""  # noqa: S608 - our own texts

_FLOWS = f"""{_PERIOD}, made AS MATERIALIZED ({_MADE_LOTS})
SELECT giver, taker, kind, sum(amount)::bigint FROM (
    -- What was spent: whose lots a redemption took. What was taken back after it was spent: whose lots paid it.
    SELECT of.giver, CASE WHEN e.kind = 'redeem' THEN e.campaign_id ELSE e.giver END AS taker,
           CASE WHEN e.kind = 'redeem' THEN 'redeemed' ELSE 'set_off' END AS kind, u.amount
    FROM named e
    CROSS JOIN LATERAL (
        SELECT x.* FROM ledger_lot_uses x WHERE x.account_id = %(account)s AND x.entry_id = e.id
    ) u
    CROSS JOIN LATERAL (
        SELECT x.* FROM ledger_lots x
        WHERE x.account_id = %(account)s AND x.origin_entry_id = u.origin_entry_id AND x.id = u.lot_id
    ) l {_GIVER_OF_LOT}
    WHERE e.amount < 0 AND e.kind NOT IN ('expire', 'fee')
  UNION ALL
    -- What is given back returns to whose it is now.
    SELECT lot_giver, CASE WHEN about = 'redeem' THEN campaign_id ELSE giver END,
           CASE WHEN about = 'redeem' THEN 'redeemed' ELSE 'set_off' END, -issued
    FROM made WHERE kind = 'reverse'
  UNION ALL
    -- A lot that paid a debt on arrival: of the store whose earning was taken back last before.
    SELECT lot_giver, d.giver, 'set_off', p.paid
    FROM made m
    CROSS JOIN LATERAL (
        SELECT m.issued - m.remaining - coalesce(sum(u.amount), 0) AS paid FROM ledger_lot_uses u
        WHERE u.account_id = %(account)s AND u.origin_entry_id = m.origin_entry_id AND u.lot_id = m.lot_id
    ) p
    CROSS JOIN LATERAL (
        SELECT coalesce(s.campaign_id, x.campaign_id) AS giver
        FROM ledger_entries x
        JOIN ledger_entries o ON o.account_id = %(account)s AND o.id = x.reverses_id
        LEFT JOIN ledger_entries s ON s.account_id = %(account)s AND o.kind = 'contribute' AND s.id = o.cause_id
        WHERE p.paid > 0 AND x.account_id = %(account)s AND x.customer_id = m.customer_id AND x.pool_id = m.pool_id
          AND x.item_id = m.item_id AND x.version < m.version AND x.kind = 'reverse' AND x.amount < 0
        ORDER BY x.version DESC LIMIT 1
    ) d
    WHERE p.paid > 0
) f GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 ORDER BY 1, 2, 3
"""  # noqa: S608 - our own texts


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a statement is made from. ``lines`` in the order of the campaigns, those with nothing left out."""

    lines: tuple[Line, ...]
    flows: tuple[Flow, ...]


def get_figures(*, account: AccountConfig, over: Range) -> Figures:
    """
    Return what stores gave, honoured and lost over a range of the books.

    Booked entries only: what depreciations and fees have taken and nobody has booked yet counts once it is booked.
    Deleted transactions are there with what took them back, so that they add up to nothing.

    Queries: 3. Reads the entries of the range, by their ids, and what each of them names.
    """
    given: dict[str, Any] = {
        "account": account.id,
        "starts_at": over.starts_at,
        "ends_at": over.ends_at,
        "first_id": over.first_id,
        "closed_id": NO_LIMIT if over.closed_id is None else over.closed_id,
        "last_id": over.last_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, name, kind IN ('giftcard', 'earned') FROM campaigns_campaigns"
            " WHERE account_id = %(account)s AND kind = ANY(%(kinds)s) ORDER BY id",
            {"account": account.id, "kinds": list(KINDS)},
        )
        campaigns = {row[0]: row for row in cursor.fetchall()}
        cursor.execute(_SUMS, given)
        sums = [row for row in cursor.fetchall() if row[0] in campaigns]
        cursor.execute(_FLOWS, given)
        flows = tuple(
            Flow(giver, taker, kind, campaigns[giver][3], int(amount))
            for giver, taker, kind, amount in cursor.fetchall()
            if giver in campaigns and taker in campaigns
        )
    parts: dict[int, dict[str, Any]] = {}
    for campaign_id, giver, about, is_taking_back, amount in sums:
        _add(parts, giver if about == "contribute" else campaign_id, about, is_taking_back, int(amount))
    seen = parts.keys() | {flow.giver_id for flow in flows} | {flow.taker_id for flow in flows}
    lines = [Line(*campaigns[each], **parts.get(each, {})) for each in campaigns if each in seen]
    return Figures(tuple(lines), flows)


def _add(parts: dict[int, dict[str, Any]], campaign_id: int, about: str, is_taking_back: bool, amount: int) -> None:
    """Put a sum of entries where the statement shows it."""
    names: tuple[tuple[str, int], ...]
    if about == "redeem":
        names = (("redeemed", -amount),)
    elif about in ("expire", "fee"):
        names = (("expired", -amount),)
    elif is_taking_back:
        names = (("taken_back", -amount),)
    else:
        names = (("issued", amount), ("contributed", amount if about == "contribute" else 0))
    for name, added in names:
        mine = parts.setdefault(campaign_id, {})
        mine[name] = mine.get(name, 0) + added
