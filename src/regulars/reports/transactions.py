# SPDX-License-Identifier: Apache-2.0
"""
The audits that list transactions: all of them, or what was redeemed (api.md 10). Reads only.

Rows are in the order they were recorded, or in that of when they happened, from a server-side cursor, one at a time. What
depreciations and fees have taken by now and nobody has booked yet comes last (pending.py), so that the report adds up to the
balances.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.reports.customers import FETCH, NOT_DELETED
from regulars.reports.pending import DUE_JSON, IS_DUE, due_parameters, losses_of
from regulars.reports.rules import Span
from regulars.users.models import User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose transaction it is; ``fields`` are his custom fields by number."""

    code: str
    card_number: str
    first_name: str
    last_name: str
    phone: str
    email: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """
    One transaction.

    Units: ``amount`` signed, in the campaign's unit; ``purchase_minor`` in currency minor units. ``kind`` is what it is
    about: of a reversal, the kind of what was taken back. ``id`` is None where it is not booked yet.
    """

    id: int | None
    campaign_id: int
    kind: str
    is_reversal: bool
    amount: int
    purchase_minor: int | None
    description: str
    promotion: str
    chosen: str
    """The item or reward, as it is called now."""
    rule_id: int | None
    user_code: str
    user_location: str
    fields: dict[str, str]
    occurred_at: datetime
    recorded_at: datetime
    holder: Holder


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which transactions. ``after_id``: only those recorded after it, and then only what is booked; so with ``user_id``."""

    campaigns: Sequence[CampaignConfig]
    span: Span
    only_redemptions: bool = False
    with_activations: bool = False
    after_id: int | None = None
    user_id: int | None = None
    by_time: bool = False
    """In the order of when they happened, which an index has; else of when they were recorded, which clients go on from."""
    offset: int = 0
    limit: int | None = None

    @property
    def needed(self) -> int | None:
        """How many rows are read; None = all."""
        return None if self.limit is None else self.offset + self.limit

    @property
    def has_pending(self) -> bool:
        """Whether what is due and not booked yet is among them."""
        return not self.only_redemptions and self.after_id is None and self.user_id is None


_HOLDER = "c.code, c.card_number, c.first_name, c.last_name, c.phone, c.email, c.fields"
_KIND = "CASE WHEN e.kind = 'reverse' THEN o.kind ELSE e.kind END"
_ENTRIES = f"""
SELECT 0 AS part, e.id, e.campaign_id, {_KIND} AS kind, e.kind = 'reverse' AS is_reversal, e.amount, e.purchase_minor,
       e.description, coalesce(p.description, '') AS promotion, coalesce(i.description, r.description, '') AS chosen,
       e.rule_id, e.user_id, e.fields AS entry_fields, e.occurred_at, e.recorded_at, NULL::jsonb AS due, {_HOLDER}
FROM ledger_entries e
JOIN customers_customers c ON c.account_id = e.account_id AND c.id = e.customer_id AND c.deleted_at IS NULL
LEFT JOIN ledger_entries o ON o.account_id = e.account_id AND o.id = e.reverses_id
LEFT JOIN campaigns_promotions p ON p.account_id = e.account_id AND p.id = e.promotion_id
LEFT JOIN campaigns_rewards r ON r.account_id = e.account_id AND r.id = e.reward_id
LEFT JOIN campaigns_items i ON i.account_id = e.account_id AND i.id = e.item_id
WHERE e.account_id = %(account)s AND e.campaign_id = ANY(%(campaigns)s)
  AND e.occurred_at >= %(starts_at)s AND e.occurred_at < %(ends_at)s AND e.id > %(after_id)s
  AND (%(user_id)s::bigint IS NULL OR e.user_id = %(user_id)s)
  AND (%(with_activations)s OR e.kind <> 'activation')
  AND NOT (e.kind = 'move' AND EXISTS (  -- what only moved between the coalition's balance and the campaign's own
      SELECT 1 FROM ledger_entries m WHERE m.account_id = e.account_id AND m.id = e.cause_id AND m.customer_id = e.customer_id))
  AND (NOT %(only_redemptions)s OR {_KIND} = 'redeem')
  AND {NOT_DELETED}
"""  # noqa: S608 - our own texts
_COUNT = f"SELECT count(*) FROM ({_ENTRIES}) e"  # noqa: S608
_DUE = f"""
SELECT 1 AS part, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, {DUE_JSON}, {_HOLDER}
FROM ledger_balances b
JOIN customers_customers c ON c.account_id = b.account_id AND c.id = b.customer_id AND c.deleted_at IS NULL
WHERE b.account_id = %(account)s AND b.pool_id = ANY(%(pools)s) AND {IS_DUE}
"""  # noqa: S608 - our own texts


def iterate_transactions(
    *, account: AccountConfig, at: datetime, wanted: TransactionFilter
) -> Generator[TransactionLine, None, None]:
    """
    Yield the transactions that are wanted.

    Deleted transactions and deleted customers are not shown. A redemption taken back stands as a row of its own, of kind
    redeem, with the opposite sign: so the redemptions add up to ``redeemed`` of the totals.

    Queries: 2, one by a server-side cursor; to be read inside the unit of work. Memory: one row, or one due balance.
    """
    users = {
        user_id: (code, location)
        for user_id, code, location in User.objects.filter(account_id=account.id).values_list("id", "code", "custom1")
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(_statement(wanted), _given(account, at, wanted))
        yield from _page(_lines(account, at, wanted, users, cursor), wanted.offset, wanted.limit)


def iterate_raw(*, account: AccountConfig, at: datetime, wanted: TransactionFilter) -> Generator[tuple[Any, ...], None, None]:
    """
    Yield what ``iterate_transactions`` does as plain tuples: what files of a million rows have time for.

    (happened at, code, first name, last name, campaign id, kind, amount, purchase_minor, text, user id, number).
    Units, queries, memory: as there.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_statement(wanted), _given(account, at, wanted))
        yield from _page(_raw(account, at, wanted, cursor), wanted.offset, wanted.limit)


def _statement(wanted: TransactionFilter) -> str:
    """What is booked, in order; then what is due. PostgreSQL appends the second to the first, and begins it when asked to."""
    order = "e.occurred_at, e.id" if wanted.by_time else "e.id"
    entries = f"{_ENTRIES} ORDER BY {order} LIMIT %(needed)s"
    return f"({entries}) UNION ALL {_DUE}" if wanted.has_pending else entries


def count_transactions(*, account: AccountConfig, at: datetime, wanted: TransactionFilter) -> int:
    """
    Return how many transactions ``iterate_transactions`` yields.

    Queries: 1 or 2, one by a server-side cursor; to be read inside the unit of work.
    """
    given = _given(account, at, wanted)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        ((total,),) = cursor.fetchall()
    if wanted.has_pending:
        with connection.chunked_cursor() as cursor:
            cursor.execute(_DUE, given)
            total += sum(1 for _ in _lines(account, at, wanted, {}, cursor))
    found: int = max(total - wanted.offset, 0)
    return found if wanted.limit is None else min(found, wanted.limit)


def _given(account: AccountConfig, at: datetime, wanted: TransactionFilter) -> dict[str, Any]:
    return due_parameters(account, at) | {
        "account": account.id,
        "campaigns": [campaign.id for campaign in wanted.campaigns],
        "pools": sorted({campaign.pool_id for campaign in wanted.campaigns}),
        "starts_at": wanted.span.starts_at,
        "ends_at": wanted.span.ends_at,
        "after_id": wanted.after_id or 0,
        "needed": wanted.needed,
        "user_id": wanted.user_id,
        "with_activations": wanted.with_activations,
        "only_redemptions": wanted.only_redemptions,
    }


def _lines(
    account: AccountConfig, at: datetime, wanted: TransactionFilter, users: dict[int, tuple[str, str]], cursor: Any
) -> Iterator[TransactionLine]:
    chosen = {campaign.id for campaign in wanted.campaigns}
    while rows := cursor.fetchmany(_at_once(wanted)):
        for row in rows:
            part, entry_id, *middle, due = row[:16]
            code, card, first_name, last_name, phone, email, fields = row[16:]
            holder = Holder(code, card, first_name, last_name, phone, email, _fields(fields))
            if not part:
                campaign_id, kind, is_reversal, amount, purchase, text, promotion, item, rule_id, user_id, own, *times = middle
                user_code, location = users.get(user_id, ("", ""))
                yield TransactionLine(
                    entry_id, campaign_id, kind, is_reversal, amount, purchase, text, promotion, item, rule_id, user_code,
                    location, _fields(own), times[0], times[1], holder,
                )  # fmt: skip
                continue
            for pending in losses_of(account, due, at):
                loss = pending.loss
                if loss.campaign_id in chosen and wanted.span.holds(loss.at):
                    yield TransactionLine(
                        None, loss.campaign_id, loss.kind, False, -loss.amount, None, loss.description, "", "",
                        loss.rule_id, "", "", {}, loss.at, at, holder,
                    )  # fmt: skip


def _at_once(wanted: TransactionFilter) -> int:
    """Not more than are needed: what is due is not looked for, where a page is full without it."""
    return FETCH if wanted.needed is None else max(min(FETCH, wanted.needed), 1)


def _raw(account: AccountConfig, at: datetime, wanted: TransactionFilter, cursor: Any) -> Iterator[tuple[Any, ...]]:
    chosen = {campaign.id for campaign in wanted.campaigns}
    while rows := cursor.fetchmany(_at_once(wanted)):
        for row in rows:
            if not row[0]:
                text = row[7] or row[8] or row[9]
                yield row[13], row[16], row[18], row[19], row[2], row[3], row[5], row[6], text, row[11], row[1]
                continue
            for pending in losses_of(account, row[15], at):
                loss = pending.loss
                if loss.campaign_id in chosen and wanted.span.holds(loss.at):
                    text = loss.description
                    yield loss.at, row[16], row[18], row[19], loss.campaign_id, loss.kind, -loss.amount, None, text, None, None


def _page(lines: Iterator[T], offset: int, limit: int | None) -> Iterator[T]:
    """Part of the lines. Not by OFFSET and LIMIT: a due balance becomes any number of lines."""
    for position, line in enumerate(lines):
        if limit is not None and position >= offset + limit:
            return
        if position >= offset:
            yield line


def _fields(value: Any) -> dict[str, str]:
    document = orjson.loads(value) if isinstance(value, str | bytes) else value
    return {str(number): str(text) for number, text in (document or {}).items()}
