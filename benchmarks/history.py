# SPDX-License-Identifier: Apache-2.0
"""
Years of sales of a great many customers, by COPY: entries, lots, balances, memberships, as the ledger would have written them.

The account grows evenly: of N customers, N/40 take part in the first month, all of them in the last (the current one). Whoever
takes part does one thing a month: mostly a purchase of points, every fifth month a gift card; then every fourth spends some;
a few sales are taken back the month after, half of those by deletion. Descriptions, ratios and expiry are those of postings
made by the code that a sale and a redemption use. `regulars verify` finds the books in order: that is what holds this file.

Nothing but a few numbers per customer is held; which entry is whose in a month is arithmetic (``Month``).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import psycopg

from benchmarks.options import BenchmarkError, say
from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.ledger.books import Posting
from regulars.ledger.rules import add_interval

MONTHS = 40
"""So that N customers make 20.5 N entries."""
MONEY_EVERY = 5
SPENT_POINTS, SPENT_MINOR = 100, 500
TAKES_BACK_MONTHS = (13, 33)
EXPIRES_YEARS = 5
DAY_SECONDS = 86_400
WRITE_LINES = 4_000
NULL = "\\N"
CLOCK = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+00" for second in range(DAY_SECONDS)]
MONEY_BITS = sum(1 << number for number in range(MONTHS) if number % MONEY_EVERY == MONEY_EVERY - 1)
POINTS_BITS = (1 << MONTHS) - 1 - MONEY_BITS

ENTRIES = (
    "account_id, campaign_id, pool_id, item_id, kind, description, reward_id, ratio_ppm, factor_ppm, bonus, rounding, id,"
    " customer_id, amount, balance_after, version, user_id, purchase_minor, occurred_at, recorded_at, reverses_id, reference"
)
USES = "account_id, entry_id, origin_entry_id, lot_id, amount, returned, used_at"
REVERSALS = "account_id, entry_id, reversed_amount, reversed_purchase_minor, is_deleted, last_entry_id"
LOTS = (
    "account_id, customer_id, pool_id, item_id, campaign_id, origin_entry_id, id, issued, remaining, earned_at, created_at,"
    " exempt_until, expires_at"
)
BALANCES = (
    "account_id, customer_id, pool_id, item_id, balance, debt, cumulative, version, opened_at, last_activity_at,"
    " last_recorded_at, settled_until, next_change_at, rules_version"
)
MEMBERSHIPS = (
    "account_id, customer_id, campaign_id, pool_id, item_id, cumulative, remainder, joined_at, first_transaction_at,"
    " last_transaction_at, last_transaction_amount, last_redemption_at, last_redemption_amount"
)


@dataclass(frozen=True, slots=True)
class Month:
    """
    One month and its entries: ``first_entry`` and those after it, one of each customer that takes part, evenly in time.

    Which customer (0, 1, ... in order of enrolment) has an entry is ``step``, a number without a divisor in common with
    ``entries``: so every customer comes once, and ``back`` leads from him to his entry.
    """

    number: int
    starts_at: datetime
    seconds: int
    entries: int
    first_entry: int
    step: int
    back: int
    days: tuple[str, ...]
    expiries: tuple[str, ...]

    def second(self, customer: int) -> int:
        """When a customer's entry was, in seconds of the month."""
        return customer * self.back % self.entries * self.seconds // self.entries

    def at(self, customer: int) -> str:
        """When a customer's entry was, as text."""
        second = self.second(customer)
        return self.days[second // DAY_SECONDS] + CLOCK[second % DAY_SECONDS]

    def expiry(self, customer: int) -> str:
        """When what a customer earned expires."""
        second = self.second(customer)
        return self.expiries[second // DAY_SECONDS] + CLOCK[second % DAY_SECONDS]

    def entry(self, customer: int) -> int:
        """The number of a customer's entry."""
        return self.first_entry + customer * self.back % self.entries


@dataclass(frozen=True, slots=True)
class Shop:
    """Whose history it is. ``sale`` and ``spending`` are postings to take texts from, of points and of money."""

    account: AccountConfig
    tills: tuple[UserConfig, ...]
    points: CampaignConfig
    money: CampaignConfig
    first_customer: int
    customers: int
    sale: Posting
    spending: Posting
    loading: Posting
    paying: Posting


def month_starts(at: datetime, months: int = MONTHS) -> list[datetime]:
    """Return the first instants of so many months, the current one last."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [add_interval(start, number - months + 1, "months") for number in range(months)]
    return [each for each in found if each is not None]


def months_of(customers: int, at: datetime, first_entry: int) -> list[Month]:
    """Return the months up to ``at``, with their entries numbered from ``first_entry`` on."""
    starts = month_starts(at)
    made = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < MONTHS else at
        entries = customers * (number + 1) // MONTHS
        step = next(each for each in range(max(int(entries * 0.618), 1), 2 * entries + 2) if math.gcd(each, entries) == 1)
        dates = [start + timedelta(days=day) for day in range(32)]
        later = [add_interval(date, EXPIRES_YEARS, "years") or date for date in dates]
        made.append(
            Month(
                number, start, int((end - start).total_seconds()), entries, first_entry, step, pow(step, -1, entries),
                tuple(f"{date:%Y-%m-%d} " for date in dates), tuple(f"{date:%Y-%m-%d} " for date in later),
            )
        )  # fmt: skip
        first_entry += entries
    return made


def money_of(customer: int, month: int) -> int:
    """Return what a customer's purchase of a month was, in minor units: 1.00 to 99.99."""
    return 100 + (customer * 7919 + month * 104_729) % 9_900


def gain_of(customer: int, month: int, is_money: bool) -> int:
    """Return what an earning adds: a point for each whole unit of the purchase, or its money to a gift card."""
    purchase = money_of(customer, month)
    return purchase if is_money else purchase // 100


class Lines:
    """Lines of one table on their way into it, by a connection of their own."""

    def __init__(self, url: str, table: str, columns: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._copying = self._connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode())
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        self._copy = self._copying.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._write()
        try:
            self._copying.__exit__(kind, error, trace)
        finally:
            self._connection.close()

    def add(self, line: str) -> None:
        """Add one line, without its end."""
        self._lines.append(line)
        if len(self._lines) >= WRITE_LINES:
            self._write()

    def _write(self) -> None:
        if self._lines:
            self._copy.write("\n".join(self._lines) + "\n")
            self._lines.clear()


@dataclass(slots=True)
class Pool:
    """What customers have in one campaign. ``left``: what is left of a customer's oldest open lot."""

    balance: array[int]
    cumulative: array[int]
    version: array[int]
    left: array[int]

    @classmethod
    def of(cls, customers: int) -> Self:
        """Return nothing, for everybody."""
        return cls(*(array("q", bytes(8 * customers)) for _ in range(4)))


class History:
    """All of one shop. Months are bits of a number: ``made`` a lot then, ``open`` still, ``taken`` something back."""

    def __init__(self, shop: Shop, at: datetime, first_entry: int) -> None:
        self.shop = shop
        self.months = months_of(shop.customers, at, first_entry)
        self.made, self.open, self.taken = (array("Q", bytes(8 * shop.customers)) for _ in range(3))
        self.points, self.money = Pool.of(shop.customers), Pool.of(shop.customers)

    @property
    def last_entry(self) -> int:
        last = self.months[-1]
        return last.first_entry + last.entries - 1

    def write(self, url: str) -> None:
        """Write all tables; each is committed by itself."""
        with (
            Lines(url, "ledger_entries", ENTRIES) as entries,
            Lines(url, "ledger_lot_uses", USES) as uses,
            Lines(url, "ledger_reversals", REVERSALS) as reversals,
        ):
            for month in self.months:
                self._live(month, entries, uses, reversals)
                say(f"month {month.number + 1} of {MONTHS}: {month.entries:,} entries")
        with Lines(url, "ledger_lots", LOTS) as lots:
            for month in self.months:
                self._write_lots(month, lots)
        with ExitStack() as stack:
            balances = stack.enter_context(Lines(url, "ledger_balances", BALANCES))
            memberships = stack.enter_context(Lines(url, "ledger_memberships", MEMBERSHIPS))
            self._write_balances(balances, memberships)

    def _live(self, month: Month, entries: Lines, uses: Lines, reversals: Lines) -> None:
        shop, number = self.shop, month.number
        is_money = MONEY_BITS >> number & 1 == 1
        pool = self.money if is_money else self.points
        earning = _constant(shop.loading if is_money else shop.sale)
        spending = _constant(shop.paying if is_money else shop.spending)
        taking_back = _reversing(shop.sale)
        least, every = (SPENT_MINOR, 2) if is_money else (SPENT_POINTS, 4)
        tills = [user.id for user in shop.tills]
        before = self.months[number - 1] if number in TAKES_BACK_MONTHS else None
        for position in range(month.entries):
            customer = position * month.step % month.entries
            entry, second = month.first_entry + position, position * month.seconds // month.entries
            at = month.days[second // DAY_SECONDS] + CLOCK[second % DAY_SECONDS]
            purchase, reverses = NULL, NULL
            if before is not None and customer % 10 == 7 and self._is_whole(customer, before):
                gone = gain_of(customer, before.number, is_money)
                origin, spent = before.entry(customer), money_of(customer, before.number)
                self._take_back(customer, before, number, pool)
                uses.add(f"{shop.account.id}\t{entry}\t{origin}\t{origin}\t{gone}\t0\t{at}")
                is_deleted = "t" if customer % 20 == 7 else "f"
                reversals.add(f"{shop.account.id}\t{origin}\t{gone}\t{spent}\t{is_deleted}\t{entry}")
                constant, amount, purchase, reverses = taking_back, -gone, str(-spent), str(origin)
                pool.cumulative[customer] -= gone
            elif pool.balance[customer] >= least and (customer + number) % every == 0:
                for origin, part in self._spend(customer, least, pool, is_money):
                    uses.add(f"{shop.account.id}\t{entry}\t{origin}\t{origin}\t{part}\t0\t{at}")
                constant, amount = spending, -least
            else:
                amount = gain_of(customer, number, is_money)
                if not is_money:
                    purchase = str(money_of(customer, number))
                self._earn(customer, number, amount, pool, is_money)
                constant = earning
            pool.balance[customer] += amount
            pool.version[customer] += 1
            reference = f"T{entry}" if entry & 3 == 0 else NULL
            entries.add(
                f"{constant}\t{entry}\t{shop.first_customer + customer}\t{amount}\t{pool.balance[customer]}\t"
                f"{pool.version[customer]}\t{tills[customer % len(tills)]}\t{purchase}\t{at}\t{at}\t{reverses}\t{reference}"
            )

    # -- lots ------------------------------------------------------------------------------------------------------
    def _earn(self, customer: int, number: int, amount: int, pool: Pool, is_money: bool) -> None:
        if not self.open[customer] & (MONEY_BITS if is_money else POINTS_BITS):
            pool.left[customer] = amount
        self.made[customer] |= 1 << number
        self.open[customer] |= 1 << number
        pool.cumulative[customer] += amount

    def _spend(self, customer: int, need: int, pool: Pool, is_money: bool) -> Iterator[tuple[int, int]]:
        """Take from the oldest open lots; yield the earnings they come from, and how much of each."""
        mask = MONEY_BITS if is_money else POINTS_BITS
        while need:
            lowest = _lowest(self.open[customer] & mask)
            part = min(need, pool.left[customer])
            yield self.months[lowest].entry(customer), part
            need -= part
            pool.left[customer] -= part
            if not pool.left[customer]:
                self.open[customer] ^= 1 << lowest
                rest = self.open[customer] & mask
                pool.left[customer] = gain_of(customer, _lowest(rest), is_money) if rest else 0

    def _is_whole(self, customer: int, month: Month) -> bool:
        """Whether all of what he earned in a month (of points) is still there."""
        bit, points = 1 << month.number, self.open[customer] & POINTS_BITS
        if customer >= month.entries or not points & bit:
            return False
        return points & -points != bit or self.points.left[customer] == gain_of(customer, month.number, is_money=False)

    def _take_back(self, customer: int, month: Month, number: int, pool: Pool) -> None:
        self.open[customer] ^= 1 << month.number
        self.taken[customer] |= 1 << number
        if not self.open[customer] & POINTS_BITS:
            pool.left[customer] = 0

    def _write_lots(self, month: Month, lots: Lines) -> None:
        shop, number = self.shop, month.number
        is_money = MONEY_BITS >> number & 1 == 1
        pool, mask = (self.money, MONEY_BITS) if is_money else (self.points, POINTS_BITS)
        campaign = shop.money if is_money else shop.points
        for position in range(month.entries):
            customer = position * month.step % month.entries
            if not self.made[customer] >> number & 1:
                continue
            issued, is_open = gain_of(customer, number, is_money), self.open[customer] & mask
            remaining = issued if is_open >> number & 1 else 0
            if remaining and _lowest(is_open) == number:
                remaining = pool.left[customer]
            entry, at = month.first_entry + position, month.at(customer)
            expiry = NULL if is_money else month.expiry(customer)
            lots.add(
                f"{shop.account.id}\t{shop.first_customer + customer}\t{campaign.pool_id}\t0\t{campaign.id}\t{entry}\t{entry}\t"
                f"{issued}\t{remaining}\t{at}\t{at}\t{NULL}\t{expiry}"
            )

    # -- what customers have ---------------------------------------------------------------------------------------
    def _write_balances(self, balances: Lines, memberships: Lines) -> None:
        shop = self.shop
        all_months, first = (1 << MONTHS) - 1, 0
        for customer in range(shop.customers):
            while customer >= self.months[first].entries:
                first += 1
            lived = all_months >> first << first
            for campaign, pool, mask in ((shop.points, self.points, POINTS_BITS), (shop.money, self.money, MONEY_BITS)):
                if not lived & mask:
                    continue
                opened = self.months[_lowest(lived & mask)].at(customer)
                last = self.months[(lived & mask).bit_length() - 1].at(customer)
                made, taken = self.made[customer] & mask, self.taken[customer] & mask
                kept = made & ~(taken >> 1)
                spent = lived & mask & ~made & ~taken
                is_money = campaign is shop.money
                next_change = self.months[_lowest(made)].expiry(customer) if made and not is_money else NULL
                whose = f"{shop.account.id}\t{shop.first_customer + customer}"
                balances.add(
                    f"{whose}\t{campaign.pool_id}\t0\t{pool.balance[customer]}\t0\t{pool.cumulative[customer]}\t"
                    f"{pool.version[customer]}\t{opened}\t{last}\t{last}\t{opened}\t{next_change}\t{shop.account.rules_version}"
                )
                memberships.add(
                    f"{whose}\t{campaign.id}\t{campaign.pool_id}\t0\t{pool.cumulative[customer]}\t0\t{opened}\t"
                    f"{self._moments(customer, kept, spent, is_money)}"
                )

    def _moments(self, customer: int, kept: int, spent: int, is_money: bool) -> str:
        """The first transaction, the last earning and the last redemption."""
        first = self.months[_lowest(kept | spent)].at(customer) if kept | spent else NULL
        earned, gained = NULL, 0
        if kept:
            number = kept.bit_length() - 1
            earned, gained = self.months[number].at(customer), gain_of(customer, number, is_money)
        redeemed = self.months[spent.bit_length() - 1].at(customer) if spent else NULL
        gone = (SPENT_MINOR if is_money else SPENT_POINTS) if spent else 0
        return f"{first}\t{earned}\t{gained}\t{redeemed}\t{gone}"


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _texts(*values: Any) -> str:
    return "\t".join(NULL if value is None else str(value).replace("\\", "\\\\") for value in values)


def _constant(posting: Posting) -> str:
    """The columns that all entries of one sort have in common."""
    if posting.remainder is not None:
        raise BenchmarkError("the generator does not carry fractions")
    made = posting.calculation or (None, None, None, None)
    return _texts(
        posting.account_id, posting.campaign_id, posting.pool_id, posting.item_id, posting.kind, posting.description,
        posting.reward_id, *made,
    )  # fmt: skip


def _reversing(posting: Posting) -> str:
    return _texts(
        posting.account_id, posting.campaign_id, posting.pool_id, posting.item_id, "reverse", "", None, None, None, None, None
    )
