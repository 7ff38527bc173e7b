# SPDX-License-Identifier: Apache-2.0
"""The list of customers holds what a look at every one of them would find, in order, in pages and as a whole (I16)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.customers.rules import words_of
from regulars.customers.search import Filters, wanted_fields, wanted_words
from regulars.kit.db import unit_of_work
from regulars.ledger.books import Query
from regulars.ledger.operations import look_up
from regulars.reports.customer_list import SORTS, Asked, Line, iterate_lines, list_part
from regulars.transactions.operations import record_activity
from regulars.transactions.standing import standing_in
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_depreciation

LATER = NOW + timedelta(days=45)
FIRST, LAST = ["Amy", "amy", "Bo", "", "Édith"], ["Park", "park", "Zorn", "", "Ünal", "100%_\\x"]


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    """Forty customers in up to two campaigns; what the first gives expires after thirty days, and nobody has booked that."""
    account = make_account(country="US")
    club, visits = make_campaign(account, name="Club"), make_campaign(account, kind="events", name="Visits")
    make_depreciation(account, club)
    for number in range(40):
        at = NOW + timedelta(days=number)
        joined = tuple(each for each, every in ((club, 2), (visits, 3)) if number % every == 0)
        amy = make_customer(
            account, code=f"c{number}", first_name=FIRST[number % 5], last_name=LAST[number % 6], at=at,
            phone=f"555 01{number:02d}", campaigns=joined,
        )  # fmt: skip
        for campaign in joined:
            if number % 4 == 0:
                with unit_of_work(account.id):
                    terms = Terms(occurred_at=at, recorded_at=at, customer_id=amy.id)
                    amount = 100 * (number + 1) if campaign.kind == "points" else None
                    record_activity(
                        account=account.fresh(), by=account.owner, campaign=campaign, terms=terms, amount_minor=amount
                    )  # fmt: skip
    return account


def everyone(shop: MadeAccount, asked: Asked) -> list[Line]:
    with unit_of_work(shop.id):
        config = shop.fresh()
    return [line for lines in iterate_lines(account=config, asked=asked, at=LATER) for line in lines]


def paged(shop: MadeAccount, asked: Asked, length: int) -> tuple[list[str], list[str]]:
    """The codes as pages give them, on the way there and on the way back."""
    pages, after = [], None
    while True:
        with unit_of_work(shop.id):
            part = list_part(account=shop.fresh(), asked=asked, at=LATER, length=length, after=after)
        pages.append(part)
        if part.after is None:
            break
        assert part.after != after, "a page leads on"
        after = part.after
    back: list[str] = []
    place = pages[-1].lines[0].customer.id if len(pages) > 1 and pages[-1].lines else None
    while place is not None:
        with unit_of_work(shop.id):
            part = list_part(account=shop.fresh(), asked=asked, at=LATER, length=length, before=place)
        back = [line.customer.code for line in part.lines] + back
        place = part.before
    last = [line.customer.code for line in pages[-1].lines] if len(pages) > 1 and pages[-1].lines else back
    return [line.customer.code for part in pages for line in part.lines], back + last if back else back


asked_for = st.fixed_dictionaries(
    {
        "sort": st.sampled_from(SORTS),
        "campaign": st.sampled_from([None, "Club", "Visits"]),
        "first_name": st.sampled_from(["", "a", "amy", "É"]),
        "last_name": st.sampled_from(["", "ar", "%_"]),
        "words": st.sampled_from(["", "amy", "zorn,bo", "555"]),
        "balance_from": st.sampled_from([None, 0, 1, 2_000]),
        "balance_to": st.sampled_from([None, 0, 3_000]),
        "active_from": st.sampled_from([None, 0, 20]),
        "active_to": st.sampled_from([None, 10, 41]),
        "joined_from": st.sampled_from([None, 5]),
        "joined_to": st.sampled_from([None, 30]),
    }
)


def day(number: int | None):
    return None if number is None else NOW + timedelta(days=number)


def as_asked(shop: MadeAccount, wish: dict) -> Asked:
    config = shop.fresh()
    by_name = {campaign.name: campaign for campaign in config.campaigns.values()}
    wanted = wanted_fields(config, Filters(first_name=wish["first_name"], last_name=wish["last_name"]), "partial")
    if wish["words"]:
        wanted |= wanted_words(words_of(wish["words"]))
    campaign = by_name.get(wish["campaign"])
    return Asked(
        wanted=wanted, campaigns=tuple(config.campaigns.values()), campaign=campaign, sort=wish["sort"],
        balance_from=wish["balance_from"] if campaign else None, balance_to=wish["balance_to"] if campaign else None,
        **{name: day(wish[name]) for name in ("active_from", "active_to", "joined_from", "joined_to")},
    )  # fmt: skip


def by_hand(wish: dict, asked: Asked, lines: list[Line]) -> list[str]:
    """The same from a look at every customer, whose balance ``lines`` have from look-ups."""

    def within(value, low, high, is_open: bool = True) -> bool:
        return (
            value is not None
            and (low is None or low <= value)
            and (high is None or (value < high if is_open else value <= high))
        )

    def is_wanted(line: Line) -> bool:
        row = line.customer
        text = "\n".join((row.code, row.first_name, row.last_name, row.phone, row.phone.replace(" ", ""))).lower()
        groups = [group.split() for group in wish["words"].split(",")] if wish["words"] else [[]]
        return (
            wish["first_name"].lower() in row.first_name.lower()
            and wish["last_name"].lower() in row.last_name.lower()
            and any(all(word in text for word in group) for group in groups)
            and (asked.campaign is None or line.balance is not None)
            and (not asked.asks_balance or within(line.balance, asked.balance_from, asked.balance_to, is_open=False))
            and (
                asked.active_from is asked.active_to is None
                or within(line.last_activity_at, asked.active_from, asked.active_to)
            )
            and within(row.created_at, asked.joined_from, asked.joined_to)
        )

    def key(line: Line):
        row = line.customer
        if asked.sort == "name":
            return (not (row.first_name or row.last_name), row.last_name.lower(), row.first_name.lower(), row.id)
        return row.id if asked.sort == "oldest" else -row.id

    return [line.customer.code for line in sorted(filter(is_wanted, lines), key=key)]


def look_at_all(shop: MadeAccount) -> list[tuple[Line, dict]]:
    """Each customer with what look-ups say he has in each campaign; rolled back, as they book what is due."""
    known = everyone(shop, Asked(campaigns=tuple(shop.fresh().campaigns.values())))
    result = []
    with unit_of_work(shop.id):
        config = shop.fresh()
        for line in known:
            found = look_up(config, Query(config.id, config.version, LATER, customer_id=line.customer.id))
            held = {
                row.campaign_id: standing_in(config, config.campaigns_by_id[row.campaign_id], found.memberships)
                for row in found.memberships
            }
            result.append((line, held))
        connection.set_rollback(True)
    return result


def seen(looked_at: list[tuple[Line, dict]], asked: Asked) -> list[Line]:
    """What the list should show of each."""
    result = []
    for line, held in looked_at:
        ends = [
            at
            for number, each in held.items()
            if asked.campaign is None or number == asked.campaign.id
            for at in (each.last_earning_at, each.last_redemption_at)
            if at is not None
        ]
        own = held.get(asked.campaign.id) if asked.campaign else None
        result.append(Line(line.customer, False, max(ends, default=None), own.balance if own else None))
    return result


@dataclass
class LookedAt:
    shop: MadeAccount = field(repr=False)
    all: list[tuple[Line, dict]] = field(repr=False)


@pytest.fixture(scope="module")
def looked_at(shop: MadeAccount) -> LookedAt:
    return LookedAt(shop, look_at_all(shop))


@settings(max_examples=60)
@given(wish=asked_for, length=st.integers(5, 50))
def test_the_list_is_what_a_look_at_everyone_finds(looked_at: LookedAt, wish: dict, length: int) -> None:
    shop = looked_at.shop
    asked = as_asked(shop, wish)
    found = everyone(shop, asked)
    expected = by_hand(wish, asked, seen(looked_at.all, asked))
    assert [line.customer.code for line in found] == expected
    there, back = paged(shop, asked, length)
    assert there == expected
    assert back in ([], expected)


def test_what_is_shown_is_as_of_now(shop: MadeAccount) -> None:
    club = next(each for each in shop.fresh().campaigns.values() if each.name == "Club")
    shown = {line.customer.code: line.balance for line in everyone(shop, Asked(campaign=club))}
    assert (shown["c0"], shown["c36"]) == (0, 3_700)


def test_in_an_account_of_many_each_way_of_reading_gives_the_same(
    shop: MadeAccount, monkeypatch: pytest.MonkeyPatch, run_as_owner
) -> None:
    """With probes of seven customers everything is read in many steps, and what is rare is asked from the indexes."""
    text = resources.files("regulars.reports").joinpath("sql", "customer_list.sql").read_text("utf-8")
    small = text.replace("THEN 10000 ELSE 5000 END", "THEN 7 ELSE 7 END").replace("[20 * (p_need + 1),", "[3,")
    assert small != text
    wishes = [
        {"sort": sort, "campaign": campaign, "first_name": first, "last_name": "", "words": "", "balance_from": low,
         "balance_to": None, "active_from": None, "active_to": to, "joined_from": None, "joined_to": None}
        for sort in SORTS
        for campaign, first, low, to in (
            (None, "", None, 30), ("Visits", "É", None, None), ("Club", "", 1, None), ("Club", "É", 1, 30),
        )
    ]  # fmt: skip
    expected = [[line.customer.code for line in everyone(shop, as_asked(shop, wish))] for wish in wishes]
    run_as_owner(small)
    try:
        for wish, codes in zip(wishes, expected, strict=True):
            asked = as_asked(shop, wish)
            assert [line.customer.code for line in everyone(shop, asked)] == codes
            there, back = paged(shop, asked, 4)
            assert there == codes
            assert back in ([], codes)
    finally:
        run_as_owner(text)


def test_another_accounts_customers_are_in_no_list(shop: MadeAccount) -> None:
    carol = make_account()
    make_customer(carol, code="hers", first_name="Amy")
    with unit_of_work(carol.id):
        part = list_part(account=carol.fresh(), asked=Asked(), at=LATER, length=100)
    assert [line.customer.code for line in part.lines] == ["hers"]
    assert part == replace(part, before=None, after=None, is_cut=False)
    assert "hers" not in {line.customer.code for line in everyone(shop, Asked())}
