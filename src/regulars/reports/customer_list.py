# SPDX-License-Identifier: Apache-2.0
"""
The list of customers with what they have: filtered, in an order, a page or all of it (ADR-0022). Reads only.

Which customers, sql/customer_list.sql says; what they have is computed as of now for those that are shown, nothing is booked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.coalition.rules import BalancesMoving
from regulars.customers.rows import CustomerRow
from regulars.customers.search import Wanted
from regulars.kit.db import unit_of_work
from regulars.reports.pending import DUE_JSON, IS_DUE, due_parameters, losses_of

LENGTH_MAX = 100
"""Most customers of one page."""
ROWS_AT_ONCE = 500
ROUNDS_MAX = 3
"""How often a page is asked for again because a balance turned out to be another by now."""

Sort = Literal["newest", "oldest", "name"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    What customers are asked for; all that is given must hold. Periods are [from, to), balances [from, to].

    Units: balances in the unit of ``campaign``, which they need; buyx: units over all items.
    """

    wanted: Wanted = field(default_factory=dict)
    """What stands in their data (customers/search.py)."""
    campaigns: tuple[CampaignConfig, ...] = ()
    """Those whose activity is looked at: what the user may see."""
    campaign: CampaignConfig | None = None
    """They are in it."""
    balance_from: int | None = None
    balance_to: int | None = None
    active_from: datetime | None = None
    """Their last earning or redemption, in ``campaign`` or in any of ``campaigns``."""
    active_to: datetime | None = None
    joined_from: datetime | None = None
    """When the record was made."""
    joined_to: datetime | None = None
    sort: Sort = "newest"

    @property
    def asks_balance(self) -> bool:
        """Whether a balance is asked for."""
        return self.campaign is not None and (self.balance_from is not None or self.balance_to is not None)

    @property
    def seen(self) -> tuple[CampaignConfig, ...]:
        """The campaigns whose activity is shown."""
        return (self.campaign,) if self.campaign is not None else self.campaigns


@dataclass(frozen=True, slots=True)
class Line:
    """One customer. ``balance`` in the unit of the campaign asked for; None where none is."""

    customer: CustomerRow
    is_erased: bool
    last_activity_at: datetime | None
    balance: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """
    A page. ``before`` and ``after`` are customers' ids to go on with, None where nothing is there. ``is_cut``: many
    customers were looked at and there may be more; going on behind ``after`` looks at the next.
    """

    lines: tuple[Line, ...]
    before: int | None
    after: int | None
    is_cut: bool


_IDS = "SELECT ids, is_all, last FROM reports_customer_list(%s, %s::jsonb, %s::jsonb, %s, %s, %s, %s)"
_ROWS = f"""
SELECT {", ".join(f"c.{name}" for name in CustomerRow._fields)}, c.erased_at IS NOT NULL,
    (SELECT max(greatest(m.last_transaction_at, m.last_redemption_at)) FROM ledger_memberships m
     WHERE m.account_id = c.account_id AND m.customer_id = c.id AND m.campaign_id = ANY(%(campaigns)s)),
    held.balance, held.due
FROM customers_customers c
LEFT JOIN LATERAL (
    SELECT coalesce(sum(b.balance), 0) AS balance, jsonb_agg({DUE_JSON}) FILTER (WHERE {IS_DUE}) AS due
    FROM ledger_balances b
    WHERE b.account_id = c.account_id AND b.customer_id = c.id AND b.pool_id = %(pool)s::bigint
) held ON %(pool)s::bigint IS NOT NULL
WHERE c.account_id = %(account)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL
"""  # noqa: S608 - our own texts


def list_part(
    *, account: AccountConfig, asked: Asked, at: datetime, length: int, after: int | None = None, before: int | None = None
) -> Part:
    """
    Return a page: of the first customers, of those ``after`` one, or of those ``before`` one (ids).

    Queries: 2, and 2 more where balances have changed by themselves, at most 6.
    Raises:  BalancesMoving, where a balance is asked for while they follow a change of the coalition.
    """
    is_back = before is not None
    last = before if is_back else after
    found: list[Line] = []
    is_all = False
    for _ in range(ROUNDS_MAX):
        missing = length + 1 - len(found)
        ids, is_all, last = _ids(account, asked, at, is_back, last, missing - 1)
        found += _lines(account, asked, at, ids[:missing])
        if len(ids) > missing:
            last, is_all = ids[missing - 1], False
        if len(found) > length or is_all or len(ids) < missing:
            break
    is_full = len(found) > length
    found = found[:length]
    there_is_more = is_full or not is_all
    if is_full:
        last = found[-1].customer.id
    if is_back:
        found.reverse()
        nearest = found[-1].customer.id if found else before
        return Part(tuple(found), last if there_is_more else None, nearest, is_cut=False)
    first = found[0].customer.id if found and after is not None else None
    return Part(tuple(found), first, last if there_is_more else None, is_cut=there_is_more and not is_full)


def iterate_lines(*, account: AccountConfig, asked: Asked, at: datetime) -> Iterator[list[Line]]:
    """
    Yield all customers that are asked for, in their order, some hundreds at a time.

    Each time in a unit of work of its own: whoever reads slowly holds neither a snapshot nor a lock. Nobody comes twice.
    Memory: ROWS_AT_ONCE customers, and at most 50,000 ids.
    """
    after: int | None = None
    is_all = False
    while not is_all:
        with unit_of_work(account.id):
            ids, is_all, last = _ids(account, asked, at, False, after, ROWS_AT_ONCE)
        for start in range(0, len(ids), ROWS_AT_ONCE):
            with unit_of_work(account.id):
                lines = _lines(account, asked, at, ids[start : start + ROWS_AT_ONCE])
            if lines:
                yield lines
        if last is None or last == after:
            return
        after = last


def _ids(
    account: AccountConfig, asked: Asked, at: datetime, is_back: bool, after: int | None, need: int
) -> tuple[list[int], bool, int | None]:
    if asked.asks_balance and account.is_moving:
        raise BalancesMoving
    with connection.cursor() as cursor:
        cursor.execute(
            _IDS,
            [
                account.id, orjson.dumps(asked.wanted).decode(), orjson.dumps(_books(account, asked, at)).decode(), asked.sort,
                is_back, after, need,
            ],
        )  # fmt: skip
        row = cursor.fetchone()
    assert row is not None
    return list(row[0]), row[1], row[2]


def _books(account: AccountConfig, asked: Asked, at: datetime) -> dict[str, Any]:
    """What the function is asked besides the customer's own data."""
    given: dict[str, Any] = {"joined_from": asked.joined_from, "joined_to": asked.joined_to}
    if asked.campaign is not None:
        given["campaign"] = asked.campaign.id
    if asked.asks_balance:
        assert asked.campaign is not None
        given |= due_parameters(account, at)
        given |= {"pool": asked.campaign.pool_id, "balance_from": asked.balance_from, "balance_to": asked.balance_to}
    if asked.active_from is not None or asked.active_to is not None:
        given |= {"active_from": asked.active_from, "active_to": asked.active_to}
        given["campaigns"] = [campaign.id for campaign in asked.seen]
    return {name: value for name, value in given.items() if value is not None}


def _lines(account: AccountConfig, asked: Asked, at: datetime, ids: Sequence[int]) -> list[Line]:
    """The customers of these ids, in their order, without those whose balance is another by now."""
    if not ids:
        return []
    given = due_parameters(account, at) | {
        "account": account.id,
        "ids": list(ids),
        "campaigns": [campaign.id for campaign in asked.seen],
        "pool": asked.campaign.pool_id if asked.campaign is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)
        rows = {row[0]: _line(account, at, row) for row in cursor.fetchall()}
    lines = [rows[customer_id] for customer_id in ids if customer_id in rows]
    if not asked.asks_balance:
        return lines
    low, high = asked.balance_from, asked.balance_to
    return [
        line
        for line in lines
        if line.balance is not None and (low is None or low <= line.balance) and (high is None or line.balance <= high)
    ]


def _line(account: AccountConfig, at: datetime, row: tuple[Any, ...]) -> Line:
    *values, is_erased, last_at, balance, due = row
    customer = CustomerRow(*values)
    if isinstance(customer.fields, str | bytes):
        customer = customer._replace(fields=orjson.loads(customer.fields))
    if balance is None:
        return Line(customer, is_erased, last_at, None)
    balances = (orjson.loads(due) if isinstance(due, str | bytes) else due) or []
    lost = sum(pending.loss.amount for each in balances for pending in losses_of(account, each, at))
    return Line(customer, is_erased, last_at, int(balance) - lost)
