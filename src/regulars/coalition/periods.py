# SPDX-License-Identifier: Apache-2.0
"""The periods of settlement between stores: which are closed, what is open, and the statement of either. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from regulars.accounts.directory import AccountConfig
from regulars.coalition.figures import Range, get_figures
from regulars.coalition.frozen import Statement, thawed
from regulars.coalition.models import Settlement
from regulars.coalition.positions import POINT_COST_MAX_PPM, debts_between
from regulars.coalition.rules import ModuleNotActivated
from regulars.errors import InvalidParameter, MissingParameter, NotFound

LIST_MAX = 500


class SettlementNotFound(NotFound):
    """The account has no closed period of settlement with this id."""

    code = "settlement_not_found"
    text = "This settlement does not exist."


@dataclass(frozen=True, slots=True)
class Begin:
    """Where the open period begins: fields as those of Range."""

    first_date: date | None
    starts_at: datetime | None
    first_id: int
    closed_id: int | None


def get_statement(
    *,
    account: AccountConfig,
    at: datetime,
    settlement_id: int | None = None,
    first_date: date | None = None,
    last_date: date | None = None,
    point_cost_ppm: int | None = None,
) -> Statement:
    """
    Return the statement of a closed period by its id; without one, of days that are not closed yet, as the books are now.

    Without ``first_date`` the open period as closing would count it: late entries of closed days too. With it, the days alone.

    Units:   point_cost_ppm in millionths of a currency unit for a point; None = as in the last closed period.
    Queries: 1 for a closed one, 4 for an open one.
    Raises:  ModuleNotActivated, SettlementNotFound, MissingParameter("point_cost"), InvalidParameter naming date_start,
             date_end or point_cost.
    Source:  ADR-0018.
    """
    refuse_without_module(account)
    if settlement_id is not None:
        found = Settlement.objects.filter(account_id=account.id, id=settlement_id).first()
        if found is None:
            raise SettlementNotFound(fields=("settlement_id",))
        return statement_of(found)
    before = find_last_settlement(account=account)
    cost = check_point_cost(point_cost_ppm, before)
    last = last_date or max(at.astimezone(account.zone).date(), first_date or date.min)
    closed_date = before.last_date if before else date.min
    if last <= closed_date:
        raise InvalidParameter("date_end", f"closed up to {closed_date.isoformat()}: ask by settlement_id")
    if first_date is not None and first_date <= closed_date:
        raise InvalidParameter("date_start", f"closed up to {closed_date.isoformat()}: ask by settlement_id")
    if first_date is not None and last < first_date:
        raise InvalidParameter("date_end", "it is before date_start")
    begin = open_range(before, midnight_after(last, account.zone))
    if first_date is not None:
        starts_at = midnight_after(first_date - timedelta(days=1), account.zone)
        begin = Begin(first_date, max(starts_at, before.ends_at) if before else starts_at, begin.first_id, None)
    over = Range(begin.starts_at, midnight_after(last, account.zone), begin.first_id, begin.closed_id)
    figures = get_figures(account=account, over=over)
    debts = debts_between(figures.flows, cost, account.currency)
    return Statement(None, begin.first_date, last, None, cost, figures.lines, figures.flows, debts)


def list_settlements(*, account: AccountConfig, offset: int = 0, limit: int = LIST_MAX) -> tuple[int, tuple[Statement, ...]]:
    """
    Return how many closed periods the account has, and some of them, the latest first.

    Queries: 2.
    Raises:  ModuleNotActivated.
    """
    refuse_without_module(account)
    found = Settlement.objects.filter(account_id=account.id).order_by("-last_date")
    return found.count(), tuple(statement_of(each) for each in found[offset : offset + limit])


def find_last_settlement(*, account: AccountConfig) -> Settlement | None:
    """Return the account's last closed period. Queries: 1."""
    return Settlement.objects.filter(account_id=account.id).order_by("-last_date").first()


def open_range(before: Settlement | None, ends_at: datetime) -> Begin:
    """
    Return where the period after ``before`` begins. Raises InvalidParameter("date_end") where it would end before it begins.

    (The account's time zone may have changed since; a period begins at the instant where the one before ended.)
    """
    if before is None:
        return Begin(None, None, 0, None)
    if ends_at <= before.ends_at:
        raise InvalidParameter("date_end", "the day was closed in the time zone before")
    return Begin(before.last_date + timedelta(days=1), before.ends_at, before.next_entry_id, before.last_entry_id)


def statement_of(closed: Settlement) -> Statement:
    """Return the statement of a closed period."""
    lines, flows, debts = thawed(closed.figures)
    return Statement(
        closed.id, closed.first_date, closed.last_date, closed.closed_at, closed.point_cost_ppm, lines, flows, debts
    )


def refuse_without_module(account: AccountConfig) -> None:
    """Refuse accounts that never were a coalition or had a second tier. Raises ModuleNotActivated."""
    if not account.modules:
        raise ModuleNotActivated


def check_point_cost(point_cost_ppm: int | None, before: Settlement | None) -> int:
    """Return what a point costs. Raises MissingParameter or InvalidParameter("point_cost")."""
    if point_cost_ppm is None:
        if before is None:
            raise MissingParameter("point_cost")
        return before.point_cost_ppm
    if not 0 <= point_cost_ppm <= POINT_COST_MAX_PPM:
        raise InvalidParameter("point_cost", "0 to 1,000,000 currency units for a point")
    return point_cost_ppm


def midnight_after(day: date, zone: tzinfo) -> datetime:
    """Return when the day after ``day`` begins in a time zone, in UTC."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
