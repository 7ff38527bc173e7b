# SPDX-License-Identifier: Apache-2.0
"""The SQL by which entries become roll-ups: said once, for making them, for what is newer than they are, and for verify."""

from __future__ import annotations

from regulars.ledger.verify import Check

MEASURES = ("joined", "sales", "redemptions", "sales_minor", "issued", "redeemed", "lost", "changed")

_KIND = "coalesce(o.kind, e.kind)"
_ONE = "CASE WHEN o.id IS NULL THEN 1 WHEN e.amount = -o.amount THEN -1 ELSE 0 END"


def _lines(zone: str, of: str, joins: str = "") -> str:
    return f"""
SELECT e.account_id, (coalesce(o.occurred_at, e.occurred_at) AT TIME ZONE {zone})::date AS day, e.campaign_id,
       coalesce(o.user_id, e.user_id) AS user_id,
       coalesce(sum({_ONE}) FILTER (WHERE {_KIND} = 'activation'), 0)::int AS joined,
       coalesce(sum({_ONE}) FILTER (WHERE {_KIND} = 'earn'), 0)::int AS sales,
       coalesce(sum({_ONE}) FILTER (WHERE {_KIND} = 'redeem'), 0)::int AS redemptions,
       coalesce(sum(e.purchase_minor) FILTER (WHERE {_KIND} = 'earn'), 0)::bigint AS sales_minor,
       coalesce(sum(e.amount) FILTER (WHERE {_KIND} IN ('activation', 'earn', 'contribute')), 0)::bigint AS issued,
       coalesce(-sum(e.amount) FILTER (WHERE {_KIND} = 'redeem'), 0)::bigint AS redeemed,
       coalesce(-sum(e.amount) FILTER (WHERE {_KIND} IN ('expire', 'fee')), 0)::bigint AS lost,
       sum(e.amount)::bigint AS changed
FROM ledger_entries e {joins}
LEFT JOIN ledger_entries o ON e.kind = 'reverse' AND o.account_id = e.account_id AND o.id = e.reverses_id
WHERE {of}
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - our own texts


def _cohorts(zone: str, of: str, joins: str = "") -> str:
    return f"""
SELECT account_id, first_month, month, count(*)::int AS customers FROM (
    SELECT account_id, customer_id, month, min(month) OVER (PARTITION BY account_id, customer_id) AS first_month FROM (
        SELECT DISTINCT e.account_id, e.customer_id, date_trunc('month', e.occurred_at AT TIME ZONE {zone})::date AS month
        FROM ledger_entries e {joins}
        WHERE {of} AND e.kind IN ('earn', 'redeem')
    ) seen
) ranked
GROUP BY 1, 2, 3
"""  # noqa: S608


LINES = _lines("%(zone)s", "e.account_id = %(account)s AND e.id > %(after)s AND e.id <= %(upto)s")
"""Days, campaigns and users, by the primary key: from one entry (not included) to another (included)."""

COHORTS = _cohorts("%(zone)s", "e.account_id = %(account)s AND e.id <= %(upto)s")
"""Whoever earned or redeemed was seen, also where it was taken back later."""

_PROGRESS = "JOIN reports_progress p ON p.account_id = e.account_id"
_DAY = f"account_id, day, campaign_id, user_id, {', '.join(MEASURES)}"
_COHORT = "account_id, first_month, month, customers"


def _differences(columns: str, table: str, said: str) -> str:
    kept = f"SELECT {columns} FROM {table} WHERE {{scope}}"  # noqa: S608
    said = f"SELECT {columns} FROM ({said}) s"  # noqa: S608
    return f"({said} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {said})"


CHECKS = (
    Check(
        "I16",
        "the days of the dashboard are what the entries say",
        _differences(_DAY, "reports_days", _lines("p.zone", "{scope:e} AND e.id <= p.entry_id", _PROGRESS)),
    ),
    Check(
        "I16",
        "the cohorts of the dashboard are what the entries say",
        _differences(_COHORT, "reports_cohorts", _cohorts("p.zone", "{scope:e} AND e.id <= p.cohorts_entry_id", _PROGRESS)),
    ),
)
"""For ledger/verify.py."""
