# SPDX-License-Identifier: Apache-2.0
"""
The marketing reports: which customers, and their data (api.md 10). Reads only.

A transaction is an activation, an earning, a redemption, a contribution or a move of a merged record that was not taken back
by transaction_delete. Rows come from a server-side cursor, one at a time: the whole report is never in memory here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.reports.rules import Span, birthdays_in

FETCH = 500
"""Rows per round trip of a server-side cursor."""
SEEN = ["activation", "earn", "redeem", "contribute", "move"]
"""Kinds of entries by which a customer has been in a campaign."""
VISITS = ["earn"]
VISITS_WITH_REDEMPTIONS = ["earn", "redeem"]

COLUMNS = (
    "id", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code", "country",
    "custom_date", "code", "card_number", "fields", "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """One customer of a report; ``fields`` are custom fields by number."""

    id: int
    first_name: str
    last_name: str
    phone: str
    email: str
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    country: str
    custom_date: str
    code: str
    card_number: str
    fields: dict[str, str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """Part of a WHERE over customers ``c``, with its parameters. Made by the functions below and nowhere else."""

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


NOT_DELETED = (
    "NOT EXISTS (SELECT 1 FROM ledger_reversals d WHERE d.account_id = e.account_id"
    " AND d.entry_id = coalesce(e.reverses_id, e.id) AND d.is_deleted)"
)
"""What transaction_delete took back is not shown, nor the taking back."""

_OWN = f"""
FROM ledger_entries e
WHERE e.account_id = %(account)s AND e.campaign_id = ANY(%(campaigns)s) AND e.kind = ANY(%(kinds)s) AND {NOT_DELETED}
"""
_IN_RANGE = "e.occurred_at >= %(starts_at)s AND e.occurred_at < %(ends_at)s"


def _parameters(campaigns: Sequence[CampaignConfig], kinds: list[str], span: Span | None = None) -> dict[str, Any]:
    given: dict[str, Any] = {"campaigns": [campaign.id for campaign in campaigns], "kinds": kinds}
    return given | ({"starts_at": span.starts_at, "ends_at": span.ends_at} if span else {})


def everyone() -> Condition:
    """Every customer."""
    return Condition("true")


def seen(campaigns: Sequence[CampaignConfig], span: Span | None = None) -> Condition:
    """Who has a transaction in one of the campaigns, in the range if one is given."""
    within = f" AND {_IN_RANGE}" if span else ""
    return Condition(f"c.id IN (SELECT e.customer_id {_OWN}{within})", _parameters(campaigns, SEEN, span))


def new(campaigns: Sequence[CampaignConfig], span: Span) -> Condition:
    """Whose first transaction in any of the campaigns is in the range."""
    return Condition(
        f"c.id IN (SELECT e.customer_id {_OWN} GROUP BY e.customer_id"
        " HAVING min(e.occurred_at) >= %(starts_at)s AND min(e.occurred_at) < %(ends_at)s)",
        _parameters(campaigns, SEEN, span),
    )


def frequent(campaigns: Sequence[CampaignConfig], span: Span, *, at_least: int, with_redemptions: bool) -> Condition:
    """Who has at least so many earnings (``with_redemptions``: earnings and redemptions) in the range."""
    kinds = VISITS_WITH_REDEMPTIONS if with_redemptions else VISITS
    return Condition(
        f"c.id IN (SELECT e.customer_id {_OWN} AND {_IN_RANGE} GROUP BY e.customer_id HAVING count(*) >= %(at_least)s)",
        _parameters(campaigns, kinds, span) | {"at_least": at_least},
    )


def missing(campaigns: Sequence[CampaignConfig], span: Span, *, days: int, today: Span, with_redemptions: bool) -> Condition:
    """
    Who has an earning in the range, and none on the last ``days`` days up to ``today`` (its last day included).

    With 10 days, who was last seen on the 13th is missing from the 23rd on. ``with_redemptions``: to redeem is to be seen.
    """
    kinds = VISITS_WITH_REDEMPTIONS if with_redemptions else VISITS
    since = Span(today.last - timedelta(days=days - 1), today.last, today.zone).starts_at
    return Condition(
        f"c.id IN (SELECT e.customer_id {_OWN} GROUP BY e.customer_id"
        f" HAVING max(e.occurred_at) < %(since)s AND bool_or({_IN_RANGE}))",
        _parameters(campaigns, kinds, span) | {"since": since},
    )


def with_birthday(campaigns: Sequence[CampaignConfig], span: Span) -> Condition:
    """Who has a transaction in one of the campaigns at any time, and his custom_date's month and day in the range."""
    ranges = birthdays_in(span.first, span.last)
    dates = " OR ".join(
        f"substr(c.custom_date, 6) BETWEEN %(from_{number})s AND %(to_{number})s" for number in range(len(ranges))
    )
    bounds = {f"from_{number}": pair[0] for number, pair in enumerate(ranges)} | {
        f"to_{number}": pair[1] for number, pair in enumerate(ranges)
    }
    known = "c.custom_date <> '' AND c.custom_date NOT LIKE '%%-00%%'"
    return Condition(f"c.id IN (SELECT e.customer_id {_OWN}) AND {known} AND ({dates})", _parameters(campaigns, SEEN) | bounds)


def with_custom_date(campaigns: Sequence[CampaignConfig], span: Span) -> Condition:
    """Who has a transaction in one of the campaigns at any time, and his custom_date, wholly known, in the range."""
    return Condition(
        f"c.id IN (SELECT e.customer_id {_OWN}) AND c.custom_date BETWEEN %(first)s AND %(last)s"
        " AND c.custom_date NOT LIKE '%%-00%%'",
        _parameters(campaigns, SEEN) | {"first": span.first.isoformat(), "last": span.last.isoformat()},
    )


def searched(campaigns: Sequence[CampaignConfig], span: Span, *, groups: list[list[str]], with_transactions: bool) -> Condition:
    """
    Who has a transaction in the range, and every word of one of the groups somewhere in his data.

    ``with_transactions``: or in one such transaction (its text, its reference, its custom fields).
    """
    given = _parameters(campaigns, SEEN, span) | {"groups": orjson.dumps(groups).decode()}
    by_data = "c.id IN (SELECT customers_candidates(%(account)s, %(groups)s::jsonb))"
    if with_transactions:
        text = (
            "lower(concat_ws(E'\\n', e.description, e.reference,"
            " (SELECT string_agg(f.value, E'\\n') FROM jsonb_each_text(e.fields) f)))"
        )
        words = [
            " AND ".join(f"position(%(word_{outer}_{inner})s IN {text}) > 0" for inner in range(len(group)))
            for outer, group in enumerate(groups)
        ]
        given |= {
            f"word_{outer}_{inner}": word.lower() for outer, group in enumerate(groups) for inner, word in enumerate(group)
        }
        by_data = f"({by_data} OR c.id IN (SELECT e.customer_id {_OWN} AND {_IN_RANGE} AND ({' OR '.join(words)})))"
    return Condition(f"c.id IN (SELECT e.customer_id {_OWN} AND {_IN_RANGE}) AND {by_data}", given)


def both(one: Condition, other: Condition) -> Condition:
    """Return who meets both conditions."""
    return Condition(f"({one.text}) AND ({other.text})", one.parameters | other.parameters)


def changed_after(at: datetime) -> Condition:
    """Who was enrolled, or whose data were changed, after an instant."""
    return Condition("c.updated_at > %(changed_after)s", {"changed_after": at})


def newest_change(*, account: AccountConfig, condition: Condition, offset: int = 0, limit: int | None = None) -> datetime:
    """Return when one of the customers was last changed that ``iterate_customers`` yields, of whom there is one. Queries: 1."""
    with connection.cursor() as cursor:
        statement = f"SELECT max(m.updated_at) FROM ({_statement(condition)}) m"  # noqa: S608 - our own texts
        cursor.execute(statement, _given(account, condition, offset, limit))
        ((newest,),) = cursor.fetchall()
    assert isinstance(newest, datetime), "only for a report that is not empty"
    return newest


def _statement(condition: Condition) -> str:
    columns = ", ".join(f"c.{name}" for name in COLUMNS)
    return (
        f"SELECT {columns} FROM customers_customers c WHERE c.account_id = %(account)s AND c.deleted_at IS NULL"  # noqa: S608
        f" AND ({condition.text}) ORDER BY c.id OFFSET %(offset)s LIMIT %(limit)s"
    )


def _given(account: AccountConfig, condition: Condition, offset: int, limit: int | None) -> dict[str, Any]:
    return condition.parameters | {"account": account.id, "offset": offset, "limit": limit}


def iterate_customers(
    *, account: AccountConfig, condition: Condition, offset: int = 0, limit: int | None = None
) -> Generator[CustomerLine, None, None]:
    """
    Yield the customers who meet a condition, in the order they were enrolled. Deleted customers are in no report.

    Queries: 1, by a server-side cursor; to be read inside the unit of work.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_statement(condition), _given(account, condition, offset, limit))
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                values = list(row)
                values[14] = orjson.loads(values[14]) if isinstance(values[14], str | bytes) else values[14]
                yield CustomerLine(*values)
