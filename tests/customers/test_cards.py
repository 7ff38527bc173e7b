# SPDX-License-Identifier: Apache-2.0
"""Further cards, ended numbers, segments, cards issued in a row."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.customers.cards import CARDS_MAX, Number, add_card, end_number, list_numbers
from regulars.customers.models import Customer, Segment
from regulars.customers.queries import find_customer_id
from regulars.customers.segments import SEGMENTS_MAX, delete_segment, get_segment, list_segments, save_segment
from regulars.errors import (
    CardInUse,
    Conflict,
    CustomerNotFound,
    InvalidParameter,
    LimitReached,
    MissingParameter,
    NotFound,
    TrialLimitReached,
)
from regulars.kit.db import unit_of_work
from regulars.reports.card_sheet import CARDS_MAX as SHEET_MAX
from regulars.reports.card_sheet import Card, card_sheet_pdf
from regulars.transactions.card_issue import issue_cards, numbers_in_a_row
from tests.factories import NOW, MadeAccount, make_account, make_customer


def add(account: MadeAccount, customer_id: int, number: str) -> None:
    with unit_of_work(account.id):
        add_card(account=account.fresh(), customer_id=customer_id, card_number=number, by=1, at=NOW)


def found(account: MadeAccount, number: str) -> int | None:
    with unit_of_work(account.id):
        return find_customer_id(account=account.fresh(), card_number=number)


def test_each_of_several_cards_finds_its_customer_until_it_is_ended():
    account = make_account()
    amy = make_customer(account, card_number="7001")
    for number in ("8001", "8002", "8002", "7001"):
        add(account, amy.id, number)
    assert [found(account, number) for number in ("7001", "8001", "8002")] == [amy.id] * 3
    with unit_of_work(account.id):
        config = account.fresh()
        assert list_numbers(account=config, customer_id=amy.id) == (Number("card", "8001"), Number("card", "8002"))
        end_number(account=config, customer_id=amy.id, number=Number("card", "8001"), by=1, at=NOW)
    assert (found(account, "8001"), found(account, "8002")) == (None, amy.id)
    make_customer(account, card_number="8001")


def test_a_card_is_one_customers_alone():
    account, other = make_account(), make_account()
    amy, bo = make_customer(account, card_number="7001"), make_customer(account, card_number="7002")
    add(account, amy.id, "8001")
    for number in ("7001", "8001"):
        with pytest.raises(CardInUse):
            add(account, bo.id, number)
    for number in ("", "x" * 65, "two\nlines"):
        with pytest.raises(InvalidParameter):
            add(account, bo.id, number)
    with pytest.raises(CustomerNotFound):
        add(other, amy.id, "9001")
    with pytest.raises(NotFound, match="no such number"), unit_of_work(account.id):
        end_number(account=account.fresh(), customer_id=bo.id, number=Number("card", "8001"), by=1, at=NOW)
    assert found(account, "8001") == amy.id


def test_one_customer_has_not_more_cards_than_anybody_carries():
    account = make_account()
    amy = make_customer(account)
    for number in range(CARDS_MAX):
        add(account, amy.id, f"8{number:03d}")
    with pytest.raises(LimitReached):
        add(account, amy.id, "9000")


def save(account: MadeAccount, name: str, **filters: str) -> int:
    with unit_of_work(account.id):
        return save_segment(account=account.fresh(), by=account.owner, at=NOW, name=name, filters=filters).id


def test_segments_are_the_accounts_own_under_names_of_their_own():
    account, other = make_account(), make_account()
    number = save(account, "  The   Ackers ", last_name="Acker", first_name="")
    save(account, "amys", first_name="Amy")
    save(other, "the ackers")
    with unit_of_work(account.id):
        config = account.fresh()
        assert [(each.name, each.filters) for each in list_segments(account=config)] == [
            ("amys", {"first_name": "Amy"}), ("The Ackers", {"last_name": "Acker"}),
        ]  # fmt: skip
    wrong = {"THE ACKERS": Conflict, " ": MissingParameter, "x" * 61: InvalidParameter, "a\x00b": InvalidParameter}
    for name, error in wrong.items():
        with pytest.raises(error):
            save(account, name)
    with pytest.raises(InvalidParameter):
        save(account, "long", first_name="x" * 256)
    with pytest.raises(NotFound), unit_of_work(other.id):
        delete_segment(account=other.fresh(), by=other.owner, at=NOW, segment_id=number)
    with unit_of_work(account.id):
        delete_segment(account=account.fresh(), by=account.owner, at=NOW, segment_id=number)
        with pytest.raises(NotFound):
            get_segment(account=account.fresh(), segment_id=number)


def test_an_account_has_not_more_segments_than_a_list_shows():
    account = make_account()
    with unit_of_work(account.id):
        Segment.objects.bulk_create(
            Segment(account_id=account.id, name=f"n{number}", filters={}, created_by=1, created_at=NOW)
            for number in range(SEGMENTS_MAX)
        )
    with pytest.raises(LimitReached):
        save(account, "one more")


@given(stem=st.text("ABxyz-_ ", max_size=5), digits=st.from_regex(r"\A[0-9]{1,12}\Z"), count=st.integers(1, 500))
def test_numbers_in_a_row_go_up_by_one_and_keep_their_length(stem: str, digits: str, count: int):
    if int(digits) + count > 10 ** len(digits):
        with pytest.raises(InvalidParameter):
            numbers_in_a_row(stem + digits, count)
        return
    numbers = numbers_in_a_row(stem + digits, count)
    assert numbers[0] == stem + digits
    assert len(set(numbers)) == count
    assert {len(number) for number in numbers} == {len(stem + digits)}
    assert int(numbers[-1].removeprefix(stem)) - int(digits) == count - 1


@pytest.mark.parametrize(("first", "count"), [("ABC", 1), ("", 1), ("7001", 0), ("7001", 501), ("x" * 64 + "1", 1)])
def test_what_cannot_be_numbered_is_refused(first: str, count: int):
    with pytest.raises(InvalidParameter):
        numbers_in_a_row(first, count)


def issue(account: MadeAccount, *numbers: str, is_check: bool = False) -> None:
    with unit_of_work(account.id):
        issue_cards(account=account.fresh(), by=account.owner, at=NOW, numbers=numbers, is_check=is_check)


def test_issued_cards_are_known_all_or_none():
    account, trial = make_account(), make_account(state="trial")
    make_customer(account, card_number="0003")
    issue(account, "0001", "0002", is_check=True)
    assert found(account, "0001") is None
    with pytest.raises(CardInUse, match="0003 is the number of a customer already"):
        issue(account, "0002", "0003")
    issue(account, "0001", "0002")
    assert None not in (found(account, "0001"), found(account, "0002"))
    with pytest.raises(TrialLimitReached):
        issue(trial, *(f"{number:04d}" for number in range(11)))
    with unit_of_work(trial.id):
        assert not Customer.objects.filter(account_id=trial.id).exists()


def test_a_sheet_holds_ten_cards_a_page_and_the_same_cards_are_the_same_file():
    account = make_account().account
    cards = [Card(f"{number:016d}", "Zoë Łucka 中") for number in range(21)]
    pdf = card_sheet_pdf(account, cards)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 3
    assert card_sheet_pdf(account, cards) == pdf
    assert card_sheet_pdf(account, [Card("Ä" * 64, "x" * 200)], kind="qr")
    for wrong in ([], [Card("1")] * (SHEET_MAX + 1)):
        with pytest.raises(InvalidParameter):
            card_sheet_pdf(account, wrong)
    for number in ("Ä1", "x" * 64):
        with pytest.raises(InvalidParameter):
            card_sheet_pdf(account, [Card(number)], kind="barcode")
