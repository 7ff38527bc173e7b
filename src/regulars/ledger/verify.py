# SPDX-License-Identifier: Apache-2.0
"""
``regulars verify``: the invariants of the books, checked in SQL against every row (design.md 4; docs/concepts/invariants.md).

Run as the owner of the tables, so that row-level security hides nothing. Reads only; one snapshot for all checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from babel.numbers import list_currencies

from regulars.kit.units import currency


class Cursor(Protocol):
    """The part of a database cursor that is used: psycopg's and Django's both have it."""

    def execute(self, query: Any, params: Any = None) -> Any: ...
    def fetchall(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Check:
    """``sql`` returns a row per offence, at most ``LIMIT``; {scope} (or {scope:alias}) is the accounts asked for."""

    invariant: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant. ``example`` are the columns of the first offences."""

    invariant: str
    says: str
    offences: tuple[tuple[Any, ...], ...]


LIMIT = 20


def _decimals_of(column: str) -> str:
    """The SQL of a currency's decimals (kit/units.py)."""
    others: dict[int, list[str]] = {}
    for code in sorted(list_currencies()):
        if currency(code).decimals != USUAL_DECIMALS:
            others.setdefault(currency(code).decimals, []).append(f"'{code}'")
    cases = " ".join(f"WHEN {column} IN ({', '.join(codes)}) THEN {count}" for count, codes in sorted(others.items()))
    return f"(CASE {cases} ELSE {USUAL_DECIMALS} END)"


USUAL_DECIMALS = 2
_REMAINDERS = "1000000000000000"

CALCULATED = f"""
    SELECT e.account_id, e.id, e.kind, e.amount, e.purchase_minor, e.ratio_ppm, e.factor_ppm, e.bonus, e.rounding, e.carried_in,
           e.purchase_minor::numeric * e.ratio_ppm * coalesce(e.factor_ppm, 1000000) AS num,
           10::numeric ^ {_decimals_of("a.currency")} * 1000000000000 AS den
    FROM ledger_entries e JOIN accounts_accounts a ON a.id = e.account_id
    WHERE {{scope:e}} AND e.kind IN ('earn', 'redeem') AND e.ratio_ppm IS NOT NULL"""  # noqa: S608 - the checks are ours
"""Entries computed from money and a ratio, with the exact fraction."""

CHECKS = (
    Check("I1", "every balance is the sum of its entries", """
        SELECT account_id, customer_id, pool_id, item_id, b.balance, e.total, b.version, e.lines
        FROM (SELECT * FROM ledger_balances b WHERE {scope}) b
        FULL JOIN (SELECT account_id, customer_id, pool_id, item_id, sum(amount) AS total, count(*) AS lines
                   FROM ledger_entries WHERE {scope} GROUP BY 1, 2, 3, 4) e
        USING (account_id, customer_id, pool_id, item_id)
        WHERE b.balance IS DISTINCT FROM e.total"""),
    Check("I1", "each entry's balance_after is the running sum", """
        SELECT account_id, id, balance_after, running FROM (
            SELECT account_id, id, balance_after, sum(amount) OVER (
                PARTITION BY account_id, customer_id, pool_id, item_id ORDER BY version) AS running
            FROM ledger_entries WHERE {scope}) r
        WHERE balance_after <> running"""),
    Check("I2", "every balance is the sum of its open lots, less its debt", """
        SELECT account_id, customer_id, pool_id, item_id, b.balance, b.debt, l.open
        FROM (SELECT * FROM ledger_balances b WHERE {scope}) b
        FULL JOIN (SELECT account_id, customer_id, pool_id, item_id, sum(remaining) AS open
                   FROM ledger_lots WHERE {scope} GROUP BY 1, 2, 3, 4) l
        USING (account_id, customer_id, pool_id, item_id)
        WHERE coalesce(b.balance, 0) IS DISTINCT FROM coalesce(l.open, 0) - coalesce(b.debt, 0)"""),
    Check("I3", "no balance is below its floor (the debt of what was taken back)", """
        SELECT account_id, customer_id, pool_id, item_id, balance, debt FROM ledger_balances
        WHERE {scope} AND (balance < -debt OR (debt > 0 AND balance <> -debt))"""),
    Check("I3", "only taking back leads below zero, and the moving of what was taken back", """
        SELECT account_id, id, kind, amount, balance_after FROM ledger_entries
        WHERE {scope} AND amount < 0 AND balance_after < 0 AND kind NOT IN ('reverse', 'move')"""),
    Check("I4", "0 <= remaining <= issued, and what is gone is noted", """
        SELECT l.account_id, l.origin_entry_id, l.id, l.issued, l.remaining, u.used FROM ledger_lots l
        LEFT JOIN (SELECT account_id, origin_entry_id, lot_id, sum(amount) AS used FROM ledger_lot_uses
                   WHERE {scope} GROUP BY 1, 2, 3) u
               ON u.account_id = l.account_id AND u.origin_entry_id = l.origin_entry_id AND u.lot_id = l.id
        WHERE {scope:l}
          AND (l.remaining < 0 OR l.remaining > l.issued OR l.issued - l.remaining < coalesce(u.used, 0))"""),
    Check("I4", "the uses of a debit add up to it", """
        SELECT e.account_id, e.id, e.kind, e.amount, u.used FROM ledger_entries e
        LEFT JOIN (SELECT account_id, entry_id, sum(amount) AS used FROM ledger_lot_uses WHERE {scope} GROUP BY 1, 2) u
               ON u.account_id = e.account_id AND u.entry_id = e.id
        WHERE {scope:e}
          AND e.kind IN ('earn', 'redeem', 'expire', 'fee') AND e.amount < 0
          AND NOT (e.kind = 'expire' AND e.rule_id IS NULL) AND coalesce(u.used, 0) <> -e.amount"""),
    Check("I5", "a lot's next loss is not before its balance's next change", """
        SELECT l.account_id, l.origin_entry_id, l.id, l.expires_at, b.next_change_at FROM ledger_lots l
        JOIN ledger_balances b USING (account_id, customer_id, pool_id, item_id)
        WHERE {scope} AND l.remaining > 0 AND l.expires_at IS NOT NULL
          AND (b.next_change_at IS NULL OR b.next_change_at > l.expires_at)"""),
    Check("I6", "entries are protected against change", """
        SELECT 'trigger missing or disabled', t.part::text FROM (
            SELECT 'ledger_entries'::regclass UNION ALL
            SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass) t (part)
        WHERE NOT EXISTS (
            SELECT 1 FROM pg_trigger WHERE tgrelid = t.part AND tgname = 'ledger_entries_append_only' AND tgenabled <> 'D')"""),
    Check("I7", "never more is taken back than there was, and each taking back is an entry", """
        SELECT v.account_id, v.entry_id, v.reversed_amount, e.amount, r.total FROM ledger_reversals v
        LEFT JOIN ledger_entries e ON e.account_id = v.account_id AND e.id = v.entry_id
        LEFT JOIN (SELECT account_id, reverses_id, sum(amount) AS total FROM ledger_entries
                   WHERE {scope} AND kind = 'reverse' GROUP BY 1, 2) r
               ON r.account_id = v.account_id AND r.reverses_id = v.entry_id
        WHERE {scope:v}
          AND (e.id IS NULL OR v.reversed_amount > abs(e.amount) OR v.reversed_amount < 0
               OR abs(coalesce(r.total, 0)) <> v.reversed_amount)"""),
    Check("I7", "what returned to lots is at most what was used", """
        SELECT account_id, entry_id, origin_entry_id, lot_id, amount, returned FROM ledger_lot_uses
        WHERE {scope} AND (returned < 0 OR returned > amount)"""),
    Check("I8", "an idempotency key has at most one effect", """
        SELECT account_id, idempotency_key, count(*) FROM ledger_entries
        WHERE {scope} AND idempotency_key IS NOT NULL AND cause_id IS NULL GROUP BY 1, 2 HAVING count(*) > 1"""),
    Check("I8", "the answer kept with a key is that of its entry", """
        SELECT k.account_id, k.key FROM ledger_keys k
        LEFT JOIN ledger_entries e ON e.account_id = k.account_id AND e.id = (k.result ->> 'entry_id')::bigint
        WHERE {scope:k}
          AND k.result IS NOT NULL AND (e.id IS NULL OR e.amount <> (k.result ->> 'amount')::bigint)"""),
    Check("I10", "entries belong to customers and campaigns of their own account", """
        SELECT e.account_id, e.id, e.customer_id, e.campaign_id FROM ledger_entries e
        LEFT JOIN customers_customers c ON c.account_id = e.account_id AND c.id = e.customer_id
        LEFT JOIN campaigns_campaigns g ON g.account_id = e.account_id AND g.id = e.campaign_id
        WHERE {scope:e}
          AND (c.id IS NULL OR g.id IS NULL)"""),
    Check("I11", "a pool's earnings are the sum over its campaigns", """
        SELECT account_id, customer_id, pool_id, item_id, b.cumulative, m.total
        FROM (SELECT * FROM ledger_balances b WHERE {scope}) b
        FULL JOIN (SELECT account_id, customer_id, pool_id, item_id, sum(cumulative) AS total FROM ledger_memberships
                   WHERE {scope} GROUP BY 1, 2, 3, 4) m USING (account_id, customer_id, pool_id, item_id)
        WHERE coalesce(b.cumulative, 0) <> coalesce(m.total, 0)"""),
    Check("I11", "a membership's earnings are those of its entries", """
        SELECT account_id, customer_id, campaign_id, item_id, m.cumulative, e.total FROM ledger_memberships m
        JOIN (SELECT account_id, customer_id, campaign_id, item_id, sum(amount) AS total FROM (
                SELECT account_id, customer_id, campaign_id, item_id, CASE
                    WHEN kind IN ('earn', 'contribute') AND amount > 0 OR kind = 'reverse' AND amount < 0 THEN amount
                    ELSE 0 END AS amount FROM ledger_entries WHERE {scope}
                UNION ALL
                SELECT * FROM (SELECT DISTINCT ON (i.account_id, i.cause_id, i.campaign_id)
                        i.account_id, i.customer_id, i.campaign_id, i.item_id, i.amount
                    FROM ledger_entries i
                    JOIN ledger_entries o ON o.account_id = i.account_id AND o.id = i.cause_id
                    WHERE {scope:i} AND i.kind = 'move' AND o.customer_id <> i.customer_id
                    ORDER BY i.account_id, i.cause_id, i.campaign_id, i.id) merged) lines
              GROUP BY 1, 2, 3, 4) e USING (account_id, customer_id, campaign_id, item_id)
        WHERE m.cumulative <> e.total"""),
    Check("I11", "a balance in a pool is made of lots of campaigns in it", """
        SELECT l.account_id, l.origin_entry_id, l.id, l.pool_id, l.campaign_id, m.pool_id FROM ledger_lots l
        LEFT JOIN ledger_memberships m ON m.account_id = l.account_id AND m.customer_id = l.customer_id
         AND m.campaign_id = l.campaign_id AND m.item_id = l.item_id
        WHERE {scope:l} AND l.remaining > 0 AND m.pool_id IS DISTINCT FROM l.pool_id"""),
    Check("I11", "who was settled since a campaign changed its pool has his balance there", """
        SELECT m.account_id, m.customer_id, m.campaign_id, m.pool_id, c.pool_id FROM ledger_memberships m
        JOIN campaigns_campaigns c ON c.account_id = m.account_id AND c.id = m.campaign_id
        JOIN accounts_accounts a ON a.id = m.account_id
        JOIN ledger_balances b ON b.account_id = m.account_id AND b.customer_id = m.customer_id AND b.pool_id = m.pool_id
         AND b.item_id = m.item_id AND b.rules_version = a.rules_version
        WHERE {scope:m} AND m.pool_id <> coalesce(c.pool_id, c.id)"""),
    Check("I11", "what left a pool came into another one: no total changed", """
        SELECT o.account_id, o.id, o.amount, i.id, i.amount FROM ledger_entries o
        JOIN ledger_entries i ON i.account_id = o.account_id AND i.id = o.cause_id AND i.customer_id = o.customer_id
        WHERE {scope:o} AND o.kind = 'move' AND (i.kind <> 'move' OR i.cause_id IS DISTINCT FROM o.id
            OR i.amount <> -o.amount OR i.campaign_id <> o.campaign_id OR i.item_id <> o.item_id OR i.pool_id = o.pool_id)"""),
    Check("I11", "a closed settlement's lines add up to the entries it counted, of points and of money", """
        SELECT s.account_id, s.id, u.is_money, u.shown, coalesce(sum(e.amount), 0) AS booked
        FROM (SELECT x.*, lag(ends_at) OVER w AS starts_at, lag(last_entry_id) OVER w AS closed_id FROM coalition_settlements x
              WHERE {scope:x} WINDOW w AS (PARTITION BY account_id ORDER BY last_date)) s
        CROSS JOIN LATERAL (
            SELECT k.is_money, coalesce(sum((l ->> 'issued')::bigint - (l ->> 'taken_back')::bigint
                - (l ->> 'redeemed')::bigint - (l ->> 'expired')::bigint), 0) AS shown
            FROM (VALUES (false), (true)) k (is_money)
            LEFT JOIN jsonb_array_elements(s.figures -> 'lines') l ON (l ->> 'is_money')::boolean = k.is_money
            GROUP BY 1) u
        LEFT JOIN campaigns_campaigns c ON c.account_id = s.account_id
            AND CASE WHEN u.is_money THEN c.kind IN ('giftcard', 'earned') ELSE c.kind = 'points' END
        LEFT JOIN ledger_entries e ON e.account_id = s.account_id AND e.campaign_id = c.id AND e.kind <> 'move'
            AND e.id <= s.last_entry_id AND e.occurred_at < s.ends_at
            AND (s.starts_at IS NULL OR e.occurred_at >= s.starts_at OR e.id > s.closed_id)
        GROUP BY s.account_id, s.id, u.is_money, u.shown
        HAVING u.shown <> coalesce(sum(e.amount), 0)"""),
    Check("I11", "in a closed settlement what stores honoured is what was redeemed in them", """
        SELECT s.account_id, s.id, l ->> 'campaign_id', l ->> 'redeemed', f.honoured
        FROM coalition_settlements s
        CROSS JOIN LATERAL jsonb_array_elements(s.figures -> 'lines') l
        CROSS JOIN LATERAL (
            SELECT coalesce(sum((x ->> 'amount')::bigint), 0) AS honoured FROM jsonb_array_elements(s.figures -> 'flows') x
            WHERE x ->> 'kind' = 'redeemed' AND x ->> 'taker_id' = l ->> 'campaign_id') f
        WHERE {scope:s} AND f.honoured <> (l ->> 'redeemed')::bigint"""),
    Check("I12", "a contribution is the rounded percentage of the earning it stems from", """
        SELECT c.account_id, c.id, c.cause_id, c.amount, e.amount, c.factor_ppm, c.rounding FROM ledger_entries c
        LEFT JOIN ledger_entries e ON e.account_id = c.account_id AND e.id = c.cause_id
        WHERE {scope:c} AND c.kind = 'contribute'
          AND (e.id IS NULL OR e.kind <> 'earn' OR e.customer_id <> c.customer_id OR e.campaign_id = c.campaign_id
               OR c.amount IS DISTINCT FROM ledger_round(e.amount::numeric * c.factor_ppm, 1000000, c.rounding))"""),
    Check("I12", "an earning contributes once", """
        SELECT account_id, cause_id, count(*) FROM ledger_entries WHERE {scope} AND kind = 'contribute'
        GROUP BY 1, 2 HAVING count(*) > 1"""),
    Check("I12", "a contribution is taken back in proportion to its earning", """
        SELECT c.account_id, c.id, c.amount, vc.reversed_amount, e.amount, ve.reversed_amount FROM ledger_entries c
        JOIN ledger_entries e ON e.account_id = c.account_id AND e.id = c.cause_id
        LEFT JOIN ledger_reversals vc ON vc.account_id = c.account_id AND vc.entry_id = c.id
        LEFT JOIN ledger_reversals ve ON ve.account_id = e.account_id AND ve.entry_id = e.id
        WHERE {scope:c} AND c.kind = 'contribute' AND e.amount > 0
          AND coalesce(vc.reversed_amount, 0) <> div(c.amount::numeric * coalesce(ve.reversed_amount, 0), e.amount)"""),
    Check("I15", "what a merge took from one customer arrived with one other", """
        SELECT o.account_id, o.id, o.amount, sum(i.amount), count(DISTINCT i.customer_id) FROM ledger_entries o
        LEFT JOIN ledger_entries i ON i.account_id = o.account_id AND i.cause_id = o.id AND i.kind = 'move'
         AND i.customer_id <> o.customer_id AND i.pool_id = o.pool_id AND i.item_id = o.item_id
         AND i.campaign_id = o.campaign_id
        WHERE {scope:o} AND o.kind = 'move' AND o.cause_id IS NULL
        GROUP BY o.account_id, o.id, o.amount
        HAVING sum(i.amount) IS DISTINCT FROM -o.amount OR count(DISTINCT i.customer_id) <> 1"""),
    Check("I15", "what moves names the line it stems from, or the line it went to", """
        SELECT i.account_id, i.id, i.cause_id FROM ledger_entries i
        LEFT JOIN ledger_entries o ON o.account_id = i.account_id AND o.id = i.cause_id
        WHERE {scope:i} AND i.kind = 'move' AND i.cause_id IS NOT NULL
          AND (o.id IS NULL OR o.kind <> 'move' OR (o.cause_id IS NULL) = (o.customer_id = i.customer_id))"""),
    Check("I15", "a record that was erased tells nothing of who it was", """
        SELECT c.account_id, c.id, c.erased_at, c.deleted_at FROM customers_customers c
        WHERE {scope:c} AND (c.erased_at IS NOT NULL OR c.deleted_at IS NOT NULL)
          AND (concat(c.card_number, c.first_name, c.last_name, c.phone, c.phone_digits, c.phone_national, c.email, c.street1,
                      c.street2, c.city, c.state, c.postal_code, c.country, c.custom_date, c.username, c.password_hash,
                      c.pin_hash) <> '' OR c.fields <> '{}' OR c.is_registered
               OR c.erased_at IS NULL AND c.code <> '')"""),
    Check("I15", "nothing finds, and nobody wrote about, a person who was erased", """
        SELECT c.account_id, c.id, c.erased_at FROM customers_customers c
        WHERE {scope:c} AND c.erased_at IS NOT NULL AND (
            EXISTS (SELECT 1 FROM customers_aliases a WHERE a.account_id = c.account_id AND a.customer_id = c.id)
            OR EXISTS (SELECT 1 FROM customers_field_values v WHERE v.account_id = c.account_id AND v.customer_id = c.id)
            OR EXISTS (SELECT 1 FROM ledger_entries e WHERE e.account_id = c.account_id AND e.recorded_at < c.erased_at
                       AND e.customer_id = ANY (customers_records(c.account_id, c.id))
                       AND (e.fields IS NOT NULL OR e.description <> '' AND e.kind = ANY (ledger_written_kinds()))))"""),
    Check("I17", "points of a purchase are those of its own money, ratio, promotion and rounding", f"""
        SELECT account_id, id, kind, amount, purchase_minor, ratio_ppm, factor_ppm, bonus, rounding, carried_in FROM (
            SELECT c.*, ledger_round(num, den, rounding) + coalesce(bonus, 0) AS points,
                   CASE rounding WHEN 'down' THEN div(mod(num, den) * {_REMAINDERS}, den) ELSE 0 END AS rest
            FROM ({CALCULATED}) c) p
        WHERE amount IS DISTINCT FROM (CASE
            WHEN kind = 'redeem' THEN -points
            WHEN points < 0 THEN coalesce(div(carried_in, {_REMAINDERS}), 0)
            ELSE points + coalesce(div(carried_in + rest, {_REMAINDERS}), 0) END)"""),  # noqa: S608 - the checks are ours
    Check("I17", "a promotion recorded alone gives its own points", """
        SELECT account_id, id, amount, bonus FROM ledger_entries
        WHERE {scope} AND kind = 'earn' AND ratio_ppm IS NULL AND bonus IS NOT NULL AND amount <> bonus"""),
    Check("I13", "entry versions are 1, 2, 3 ... per balance", """
        SELECT account_id, customer_id, pool_id, item_id, count(*), max(version), min(version) FROM ledger_entries
        WHERE {scope} GROUP BY 1, 2, 3, 4 HAVING count(*) <> max(version) OR min(version) <> 1"""),
    Check("I13", "a balance's version is that of its last entry", """
        SELECT account_id, customer_id, pool_id, item_id, b.version, e.lines FROM ledger_balances b
        LEFT JOIN (SELECT account_id, customer_id, pool_id, item_id, count(*) AS lines FROM ledger_entries
                   WHERE {scope} GROUP BY 1, 2, 3, 4) e USING (account_id, customer_id, pool_id, item_id)
        WHERE {scope:b} AND b.version IS DISTINCT FROM e.lines"""),
)  # fmt: skip


def _scope(alias: str, account_ids: Sequence[int] | None) -> str:
    return "true" if account_ids is None else f"{alias and alias + '.'}account_id = ANY(%(accounts)s)"


def verify(
    cursor: Cursor,
    account_ids: Sequence[int] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    checks: Sequence[Check] = CHECKS,
) -> list[Finding]:
    """
    Check every invariant; return what is broken, nothing when all is well.

    ``account_ids`` None = all accounts. ``checks``: the books' own, unless others are to be looked at.
    ``progress(done, total, what)`` is told before each check.
    """
    findings = []
    parameters = None if account_ids is None else {"accounts": list(account_ids)}
    for done, check in enumerate(checks):
        if progress:
            progress(done, len(checks), f"{check.invariant} {check.says}")
        sql = re.sub(r"\{scope(?::(\w))?\}", lambda match: _scope(str(match[1] or ""), account_ids), check.sql)
        # All offences are looked for, then a few are shown: planned for the first few alone, a check takes minutes.
        cursor.execute(
            f"WITH offences AS MATERIALIZED ({sql}) SELECT * FROM offences LIMIT {LIMIT}",  # noqa: S608 - the checks are ours
            parameters if "{scope" in check.sql else None,
        )
        offences = tuple(tuple(row) for row in cursor.fetchall())
        if offences:
            findings.append(Finding(check.invariant, check.says, offences))
    return findings
