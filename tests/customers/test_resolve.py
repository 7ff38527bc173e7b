# SPDX-License-Identifier: Apache-2.0
"""Which one customer a code or a card names (sql/resolve.sql)."""

from __future__ import annotations

import pytest

from regulars.customers import operations
from regulars.customers.models import Alias
from regulars.customers.queries import find_customer_id, find_id_by_card, get_customer
from regulars.errors import CustomerNotFound
from regulars.kit.db import unit_of_work
from tests.factories import NOW, MadeAccount, make_account, make_customer, make_field


def resolve(account: MadeAccount, *, code: str | None = None, card: str | None = None) -> int | None:
    with unit_of_work(account.id):
        return find_customer_id(account=account.account, code=code, card_number=card)


def make_alias(account: MadeAccount, kind: str, value: str, customer_id: int) -> None:
    with unit_of_work(account.id):
        Alias.objects.create(account_id=account.id, kind=kind, value=value, customer_id=customer_id)


def test_a_code_wins_over_a_card():
    account = make_account()
    amy = make_customer(account, code="c1", card_number="7001")
    bob = make_customer(account, code="c2", card_number="7002")
    assert resolve(account, code="c1", card="7002") == amy.id
    assert resolve(account, card="7002") == bob.id
    assert resolve(account, code="", card="7002") == bob.id


def test_an_unknown_code_names_nobody_even_beside_a_known_card():
    account = make_account()
    make_customer(account, code="c1", card_number="7001", email="amy@example.com")
    assert resolve(account, code="c9", card="7001") is None
    assert resolve(account, code="amy@example.com") is None
    assert resolve(account) is None
    assert resolve(account, code="", card="") is None


def test_a_code_is_no_card_and_a_card_no_code():
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    assert resolve(account, code="7001") is None
    assert resolve(account, card="c1") is None


def test_replaced_numbers_still_find_their_customer():
    account = make_account()
    amy = make_customer(account, code="c1", card_number="7001")
    make_alias(account, "code", "old", amy.id)
    make_alias(account, "card", "6001", amy.id)
    assert resolve(account, code="old") == amy.id
    assert resolve(account, card="6001") == amy.id
    assert resolve(account, card="old") is None


def test_an_address_stands_in_for_a_card_in_any_case():
    account = make_account()
    amy = make_customer(account, card_number="7001", email="Amy@Example.com")
    assert resolve(account, card="amy@example.COM") == amy.id


@pytest.mark.parametrize(
    "text", ["5551234567", "(555) 123-4567", "555.123.4567", "+1 555 123 4567", "001 555 1234567", "15551234567", "05551234567"]
)
def test_a_phone_number_stands_in_for_a_card_however_it_is_typed(text):
    account = make_account(country="US")
    amy = make_customer(account, card_number="7001", phone="555-123-4567")
    assert resolve(account, card=text) == amy.id


def test_a_number_of_another_country_is_another_number():
    account = make_account(country="US")
    make_customer(account, phone="555-123-4567")
    assert resolve(account, card="+44 555 123 4567") is None


def test_a_searchable_field_stands_in_for_a_card():
    account = make_account()
    make_field(account, number=2, searchable=True)
    make_field(account, number=3)
    make_field(account, number=4, unique=True)
    amy = make_customer(account, fields={2: "AB-12", 3: "plain", 4: "one"})
    assert resolve(account, card="ab-12") == amy.id
    assert resolve(account, card="plain") is None
    assert resolve(account, card="one") is None


def test_what_several_share_names_nobody():
    account = make_account(country="US")
    make_field(account, number=2, searchable=True)
    for _ in range(2):
        make_customer(account, email="amy@example.com", phone="555-123-4567", fields={2: "same"})
    for text in ("amy@example.com", "555-123-4567", "same"):
        assert resolve(account, card=text) is None


def test_several_matches_end_the_search():
    account = make_account(country="US")
    make_field(account, number=2, searchable=True)
    for _ in range(2):
        make_customer(account, phone="555-123-4567")
    make_customer(account, fields={2: "555-123-4567"})
    assert resolve(account, card="555-123-4567") is None


def test_a_known_card_wins_over_another_customers_phone():
    account = make_account(country="US")
    amy = make_customer(account, card_number="5551234567")
    make_customer(account, phone="555-123-4567")
    assert resolve(account, card="5551234567") == amy.id


def test_a_deleted_customer_is_never_found():
    account = make_account(country="US")
    make_field(account, number=2, searchable=True)
    amy = make_customer(
        account, code="c1", card_number="7001", email="amy@example.com", phone="555-123-4567", fields={2: "blue"}
    )
    make_alias(account, "card", "6001", amy.id)
    with unit_of_work(account.id):
        operations.erase(account=account.fresh(), customer_id=amy.id, by=account.owner.id, at=NOW)
        with pytest.raises(CustomerNotFound):
            get_customer(account=account.account, customer_id=amy.id)
    assert resolve(account, code="c1") is None
    for card in ("7001", "6001", "amy@example.com", "555-123-4567", "blue"):
        assert resolve(account, card=card) is None
    with unit_of_work(account.id):
        assert find_id_by_card(account=account.account, card_number="7001") is None


def test_another_accounts_customer_is_never_found(run_as_owner):
    mine, theirs = make_account(country="US"), make_account(country="US")
    make_field(theirs, number=2, searchable=True)
    make_customer(theirs, code="c1", card_number="7001", email="amy@example.com", phone="555-123-4567", fields={2: "blue"})
    cards = ("7001", "amy@example.com", "555-123-4567", "blue")
    assert resolve(mine, code="c1") is None
    assert [resolve(mine, card=card) for card in cards] == [None] * 4
    # The function keeps the account apart by itself, where row-level security does not bind.
    for code, card in [("c1", None), *((None, card) for card in cards)]:
        assert run_as_owner("SELECT customers_resolve(%s, %s, %s)", mine.id, code, card) == [(None,)]
        assert run_as_owner("SELECT customers_resolve(%s, %s, %s)", theirs.id, code, card) != [(None,)]
