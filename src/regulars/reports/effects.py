# SPDX-License-Identifier: Apache-2.0
"""
The effect of changed terms on sales that really happened: their stored inputs are computed again. Reads only.

Every earning keeps what it was computed from (money, ratio, factor, bonus, rounding, what was carried in): the same rules can
be asked what it would have given under other terms (I17). Bounded: the account's newest SCANNED_MAX entries are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig, PromotionConfig
from regulars.campaigns.rules import Calculation, calculate, is_promotion_active
from regulars.kit.units import REMAINDER_SCALE

DAYS = 30
SCANNED_MAX = 20_000
"""Entries of the account, of every kind and campaign, read from the newest one back: some 30 ms of a primary key."""

# The limit stands inside, before the campaign is asked for: a rare campaign of a large account costs no more than a busy one.
_SALES = """
    WITH newest AS MATERIALIZED (
        SELECT * FROM ledger_entries WHERE account_id = %(account)s ORDER BY id DESC LIMIT %(scanned)s
    )
    SELECT e.id, e.customer_id, e.purchase_minor, e.promotion_id, e.amount, e.ratio_ppm, e.factor_ppm, e.bonus, e.rounding,
           e.carried_in, e.occurred_at, r.entry_id IS NOT NULL
    FROM newest e
    LEFT JOIN ledger_reversals r ON r.account_id = e.account_id AND r.entry_id = e.id
    WHERE e.campaign_id = %(campaign)s AND e.kind = 'earn' AND e.occurred_at >= %(since)s AND e.occurred_at <= %(at)s
      AND (e.ratio_ppm IS NOT NULL OR e.bonus IS NOT NULL)
    ORDER BY e.id
"""
_REACH = """
    SELECT count(*), min(recorded_at) FROM (
        SELECT recorded_at FROM ledger_entries WHERE account_id = %(account)s ORDER BY id DESC LIMIT %(scanned)s
    ) newest
"""


class Sale(NamedTuple):
    """
    An earning as it was recorded. Units: money in currency minor units, amount in points, carried_in in 10^-15 points.

    ``carried_in`` None: nothing was carried into it, nor out of it. ``is_taken_back``: wholly or in part.
    """

    id: int
    customer_id: int
    purchase_minor: int | None
    promotion_id: int | None
    amount: int
    calculation: Calculation
    carried_in: int | None
    occurred_at: datetime
    is_taken_back: bool


class Changed(NamedTuple):
    """One sale under other terms; ``calculation`` None = it could not have been recorded at all."""

    calculation: Calculation | None
    carries: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the sales. Units: money in currency minor units, points whole."""

    purchase_minor: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What was issued, and what would have been. ``refused_count``: sales that could not have been recorded; they count 0 after.

    ``left_out_count``: sales that were taken back, wholly or in part; they are in no other number. ``since``: from when on all
    sales are in it; later than asked for where ``is_sample``. ``examples``: the smallest, the middle and the largest sale.
    """

    sale_count: int
    changed_count: int
    refused_count: int
    left_out_count: int
    purchase_minor: int
    before: int
    after: int
    since: datetime
    is_sample: bool
    examples: tuple[Compared, ...]


def effect_of_terms(*, account: AccountConfig, campaign: CampaignConfig, changed: CampaignConfig, at: datetime) -> Effect:
    """
    Return what the sales of the last 30 days would have given at another ratio or rounding. Promotions stay as they were.

    ``changed`` is the campaign with its new terms. Promotions that were recorded alone are not in it: no ratio touches them.
    What had been carried in before the first sale of each customer stays.

    Queries: 2.
    """

    def change(sale: Sale) -> Changed:
        was = sale.calculation
        made = Calculation(changed.points_ratio_ppm, was.factor_ppm, was.bonus, changed.rounding)
        return Changed(made, changed.carries_remainder and changed.rounding == "down")

    sales, since, is_sample = _sales(account, campaign, at)
    return compared((sale for sale in sales if sale.purchase_minor is not None), change, account, since, is_sample)


def effect_of_promotion(*, account: AccountConfig, campaign: CampaignConfig, changed: PromotionConfig, at: datetime) -> Effect:
    """
    Return what the sales of the last 30 days would have given with a promotion changed; ratio and rounding stay as they were.

    Sales with the promotion outside its new dates are computed without it; a promotion recorded alone is refused then, and
    where it multiplies. All sales of the campaign are in the sums, for a fraction may be carried from one into the next.

    Queries: 2.
    """

    def change(sale: Sale) -> Changed:
        was = sale.calculation
        carries = sale.carried_in is not None
        if sale.promotion_id != changed.id:
            return Changed(was, carries)
        has_money = was.ratio_ppm is not None
        if not is_promotion_active(changed, sale.occurred_at):
            return Changed(was._replace(factor_ppm=None, bonus=None) if has_money else None, carries)
        if changed.operation == "x":
            return Changed(was._replace(factor_ppm=changed.multiplier_ppm, bonus=None) if has_money else None, carries)
        return Changed(was._replace(factor_ppm=None, bonus=changed.points), carries)

    sales, since, is_sample = _sales(account, campaign, at)
    return compared(sales, change, account, since, is_sample)


def compared(
    sales: Iterable[Sale], change: Callable[[Sale], Changed], account: AccountConfig, since: datetime, is_sample: bool
) -> Effect:
    """Compute sales again, in the order they were recorded, each customer's remainder from one to the next. Pure."""
    carried: dict[int, int] = {}
    found: list[Compared] = []
    refused_count = left_out_count = purchase_minor = 0
    for sale in sales:
        after = _again(sale, change(sale), carried, account.currency.decimals)
        if sale.is_taken_back:
            left_out_count += 1  # what it left to carry stays all the same: taking back does not touch it
            continue
        if after is None:
            refused_count += 1
        purchase_minor += sale.purchase_minor or 0
        found.append(Compared(sale.purchase_minor or 0, sale.amount, after or 0))
    return Effect(
        sale_count=len(found),
        changed_count=sum(1 for each in found if each.before != each.after),
        refused_count=refused_count,
        left_out_count=left_out_count,
        purchase_minor=purchase_minor,
        before=sum(each.before for each in found),
        after=sum(each.after for each in found),
        since=since,
        is_sample=is_sample,
        examples=_examples(found),
    )


def _again(sale: Sale, changed: Changed, carried: dict[int, int], decimals: int) -> int | None:
    """Return the points of one sale, None = it could not be recorded; ``carried`` is what each customer takes along."""
    calculation, carries = changed
    if calculation is None:
        return None
    if calculation.ratio_ppm is None or sale.purchase_minor is None:
        return calculation.bonus or 0
    points, rest, denominator = calculate(calculation, sale.purchase_minor, decimals)
    if not carries:
        return points
    kept = carried.get(sale.customer_id, sale.carried_in or 0) + rest * REMAINDER_SCALE // denominator
    carried[sale.customer_id] = kept % REMAINDER_SCALE
    return points + kept // REMAINDER_SCALE


def _examples(found: list[Compared]) -> tuple[Compared, ...]:
    by_size = sorted((each for each in found if each.purchase_minor), key=lambda each: each.purchase_minor)
    if len(by_size) < 3:
        return tuple(by_size)
    return (by_size[0], by_size[len(by_size) // 2], by_size[-1])


def _sales(account: AccountConfig, campaign: CampaignConfig, at: datetime) -> tuple[list[Sale], datetime, bool]:
    """Return the sales, from when on all are there, and whether that is later than asked for."""
    asked_since = at - timedelta(days=DAYS)
    given: dict[str, Any] = {
        "account": account.id, "campaign": campaign.id, "scanned": SCANNED_MAX, "since": asked_since, "at": at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REACH, given)
        scanned, oldest = cursor.fetchone() or (0, None)
        cursor.execute(_SALES, given)
        rows = cursor.fetchall()
    sales = [Sale._make((*row[:5], Calculation._make(row[5:9]), *row[9:])) for row in rows]
    if scanned < SCANNED_MAX or oldest is None or oldest <= asked_since:
        return sales, asked_since, False
    return sales, oldest, True
