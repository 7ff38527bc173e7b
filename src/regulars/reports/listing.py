# SPDX-License-Identifier: Apache-2.0
"""
Every report as columns and rows of plain values, for screens and files. Reads only; a rule stands in the report's own module.

Values: text; whole numbers; Decimal for money, in currency units; instants in the account's time zone. Rows come one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.coalition.rules import BalancesMoving
from regulars.customers.rules import words_of
from regulars.errors import InvalidParameter
from regulars.reports import customers
from regulars.reports.balances import Held, count_holders, iterate_balances
from regulars.reports.customers import Condition
from regulars.reports.rules import Span
from regulars.reports.totals import get_totals, shares_points, shares_stored_value
from regulars.reports.transactions import TransactionFilter, count_transactions, iterate_raw
from regulars.users.models import User

CUSTOMERS = (
    "customers_all", "customers_new", "customers_frequent", "customers_missing", "customers_birthday", "customers_custom_date",
    "customers_search",
)  # fmt: skip
TRANSACTIONS = ("transactions_all", "transactions_redeemed")
TOTALS = ("audit_totals", "coalition_points", "coalition_stored_value")
BALANCES = ("customers_balances",)
NAMES = (*TRANSACTIONS, *TOTALS, *BALANCES, *CUSTOMERS)
"""As the API calls them (api.md 10)."""

COLUMNS = {
    **dict.fromkeys(
        CUSTOMERS,
        (
            "code", "card_number", "first_name", "last_name", "phone", "email", "city", "postal_code", "custom_date",
            "created_at",
        ),
    ),
    **dict.fromkeys(
        TRANSACTIONS,
        (
            "occurred_at", "code", "first_name", "last_name", "campaign", "kind", "amount", "purchase", "description", "user",
            "location", "number",
        ),
    ),
    **dict.fromkeys(TOTALS, ("campaign", "earned", "redeemed", "liability", "worth")),
    "customers_balances": (
        "code", "card_number", "first_name", "last_name", "phone", "email", "balance", "cumulative", "last_transaction_at",
    ),
}  # fmt: skip
"""The columns of each report, in their order."""

Cell = str | int | Decimal | datetime | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which report of what. ``campaigns`` may be empty for customers_all alone (every customer); customers_balances takes one.

    ``frequency``: visits at least; ``days``: not seen for so many; ``search``: words; ``user_id``: only what he recorded.
    """

    name: str
    campaigns: tuple[CampaignConfig, ...]
    span: Span
    frequency: int = 1
    days: int = 0
    search: str = ""
    with_redemptions: bool = False
    with_activations: bool = False
    user_id: int | None = None


def iterate(*, account: AccountConfig, at: datetime, asked: Asked, offset: int = 0, limit: int | None = None) -> Iterator[Row]:
    """
    Yield the rows of a report; to be read inside the unit of work.

    Raises:  InvalidParameter("search"), InvalidParameter("campaigns") where none of them shares its balances, BalancesMoving.
    Queries: 1 or 2, by server-side cursors.
    """
    if asked.name in CUSTOMERS:
        yield from _customers(account, _condition(account, at, asked), offset, limit)
    elif asked.name in TRANSACTIONS:
        yield from _transactions(account, at, _filter(asked, offset, limit))
    elif asked.name in BALANCES:
        yield from _balances(account, at, asked, offset, limit)
    else:
        rows = list(_totals(account, at, asked))
        yield from rows[offset:] if limit is None else rows[offset : offset + limit]


def count(*, account: AccountConfig, at: datetime, asked: Asked) -> int:
    """Return how many rows a report has. Raises as iterate(). Queries: 0 to 2."""
    if asked.name in CUSTOMERS:
        condition = _condition(account, at, asked)
        statement = (
            "SELECT count(*) FROM customers_customers c WHERE c.account_id = %(account)s AND c.deleted_at IS NULL"  # noqa: S608
            f" AND ({condition.text})"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, condition.parameters | {"account": account.id})
            ((total,),) = cursor.fetchall()
        return int(total)
    if asked.name in TRANSACTIONS:
        return count_transactions(account=account, at=at, wanted=_filter(asked, 0, None))
    if asked.name in BALANCES:
        return count_holders(account=account, held=_held(asked))
    return len(_sharing(account, asked))


def check(*, account: AccountConfig, asked: Asked) -> None:
    """Refuse what can not be had, before a row is read. Raises as iterate(). Queries: 0."""
    if asked.name in TOTALS:
        _sharing(account, asked)
    elif asked.name in BALANCES and account.is_moving:
        raise BalancesMoving
    elif asked.name == "customers_search":
        words_of(asked.search, "search")


def _condition(account: AccountConfig, at: datetime, asked: Asked) -> Condition:
    campaigns, span = asked.campaigns, asked.span
    today = at.astimezone(account.zone).date()
    if asked.name == "customers_all":
        return customers.seen(campaigns, span) if campaigns else customers.everyone()
    if asked.name == "customers_new":
        return customers.new(campaigns, span)
    if asked.name == "customers_frequent":
        return customers.frequent(campaigns, span, at_least=asked.frequency, with_redemptions=asked.with_redemptions)
    if asked.name == "customers_missing":
        now = Span(today, today, account.zone)
        return customers.missing(campaigns, span, days=asked.days, today=now, with_redemptions=asked.with_redemptions)
    if asked.name == "customers_birthday":
        return customers.with_birthday(campaigns, span)
    if asked.name == "customers_custom_date":
        return customers.with_custom_date(campaigns, span)
    return customers.searched(campaigns, span, groups=words_of(asked.search, "search"), with_transactions=False)


def _customers(account: AccountConfig, condition: Condition, offset: int, limit: int | None) -> Iterator[Row]:
    names = COLUMNS["customers_all"][:-1]
    for line in customers.iterate_customers(account=account, condition=condition, offset=offset, limit=limit):
        yield (*(getattr(line, name) for name in names), line.created_at.astimezone(account.zone))


def _filter(asked: Asked, offset: int, limit: int | None) -> TransactionFilter:
    return TransactionFilter(
        campaigns=asked.campaigns, span=asked.span, only_redemptions=asked.name == "transactions_redeemed",
        with_activations=asked.with_activations, user_id=asked.user_id, by_time=True, offset=offset, limit=limit,
    )  # fmt: skip


def _money(account: AccountConfig, amount_minor: int) -> Decimal:
    return Decimal(amount_minor).scaleb(-account.currency.decimals)


def _amount(account: AccountConfig, campaign: CampaignConfig, amount: int) -> int | Decimal:
    return _money(account, amount) if campaign.is_money else amount


def _transactions(account: AccountConfig, at: datetime, wanted: TransactionFilter) -> Iterator[Row]:
    users: dict[int | None, tuple[str, str]] = {
        user_id: (code, location)
        for user_id, code, location in User.objects.filter(account_id=account.id).values_list("id", "code", "custom1")
    }
    nobody, zone, places = ("", ""), account.zone, -account.currency.decimals
    campaigns = {each.id: (each.name, each.is_money) for each in account.campaigns_by_id.values()}
    for happened_at, code, first, last, campaign_id, kind, amount, purchase, text, user_id, number in iterate_raw(
        account=account, at=at, wanted=wanted
    ):
        name, is_money = campaigns[campaign_id]
        yield (
            happened_at.astimezone(zone), code, first, last, name, kind,
            Decimal(amount).scaleb(places) if is_money else amount,
            None if purchase is None else Decimal(purchase).scaleb(places),
            text, *users.get(user_id, nobody), "" if number is None else str(number),
        )  # fmt: skip


def _held(asked: Asked) -> Held:
    (campaign,) = asked.campaigns
    return Held((campaign,), campaign.pool_id)


def _balances(account: AccountConfig, at: datetime, asked: Asked, offset: int, limit: int | None) -> Iterator[Row]:
    (campaign,) = asked.campaigns
    for line in iterate_balances(account=account, held=_held(asked), at=at, offset=offset, limit=limit):
        last = line.last_transaction_at
        yield (
            line.code, line.card_number, line.first_name, line.last_name, line.phone, line.email,
            _amount(account, campaign, line.balance), _amount(account, campaign, line.cumulative),
            None if last is None else last.astimezone(account.zone),
        )  # fmt: skip


def _sharing(account: AccountConfig, asked: Asked) -> tuple[CampaignConfig, ...]:
    """The campaigns of a totals report. Raises InvalidParameter where a report of shared balances finds none."""
    shares: Any = {"coalition_points": shares_points, "coalition_stored_value": shares_stored_value}.get(asked.name)
    if shares is None:
        return asked.campaigns
    found = tuple(campaign for campaign in asked.campaigns if shares(account, campaign))
    if not found:
        raise InvalidParameter("campaigns", "none of them shares its balances")
    return found


def _totals(account: AccountConfig, at: datetime, asked: Asked) -> Iterator[Row]:
    for total in get_totals(account=account, at=at, campaigns=_sharing(account, asked), span=asked.span):
        campaign, value = total.campaign, total.value_minor(account)
        sums = (total.earned, total.redeemed, total.liability)
        yield (
            campaign.name, *(_amount(account, campaign, each) for each in sums),
            None if value is None else _money(account, value),
        )  # fmt: skip
