# SPDX-License-Identifier: Apache-2.0
"""Members' passwords and PINs."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from regulars.customers.models import Customer
from regulars.customers.operations import edit
from regulars.customers.rules import Profile
from regulars.customers.search import Filters, list_customers_by_secret
from regulars.customers.secrets import check_secrets
from regulars.errors import (
    CustomerNotRegistered,
    NoCustomerMatches,
    NoSecretOnRecord,
    PasswordLocked,
    PinLocked,
    RegularsError,
    SecretMismatch,
    SeveralCustomersMatch,
)
from regulars.kit.db import unit_of_work
from tests.factories import NOW, MadeAccount, make_account, make_customer


def check(account: MadeAccount, at=NOW, **given) -> int:
    """As the edge does it: an error that keeps changes keeps them."""
    kept: RegularsError | None = None
    with unit_of_work(account.id):
        try:
            return check_secrets(account=account.account, at=at, **given)
        except RegularsError as error:
            if not error.keeps_changes:
                raise
            kept = error
    raise kept


@pytest.fixture
def shop() -> MadeAccount:
    account = make_account(country="US")
    make_customer(
        account, code="c1", card_number="7001", username="amy", phone="555-123-4567", email="amy@example.com",
        password="secret_1", pin="1234",
    )  # fmt: skip
    return account


def test_everything_given_must_match(shop):
    for given in (
        {"code": "c1"}, {"card_number": "7001"}, {"username": "amy"}, {"card_number": "amy@example.com"},
        {"code": "c1", "card_number": "7001", "username": "amy", "phone": "(555) 1234567"},
    ):  # fmt: skip
        assert check(shop, password="secret_1", **given)
        assert check(shop, pin="1234", **given)
        assert check(shop, password="secret_1", pin="1234", **given)


@pytest.mark.parametrize(
    "given",
    [
        {"code": "c2"},
        {"card_number": "7002"},
        {"username": "Amy"},
        {"code": "c1", "card_number": "7002"},
        {"code": "c1", "username": "bob"},
        {"code": "c1", "phone": "555-000-0000"},
    ],
)
def test_what_does_not_belong_together_matches_nobody(shop, given):
    with pytest.raises(NoCustomerMatches, match=r"^No customer matches data provided\.$"):
        check(shop, password="secret_1", **given)


def test_a_wrong_password_or_pin_is_refused(shop):
    with pytest.raises(SecretMismatch, match="does not match the one on record"):
        check(shop, code="c1", password="secret_2")
    with pytest.raises(SecretMismatch, match=r"^PINs do not match$"):
        check(shop, code="c1", pin="1235")
    with pytest.raises(SecretMismatch):
        check(shop, code="c1", password="secret_1", pin="1235")


def test_several_who_share_an_address_are_told_apart_from_nobody(shop):
    make_customer(shop, email="amy@example.com", password="secret_1")
    with pytest.raises(SeveralCustomersMatch, match=r"^More than one customer matches data provided\.$"):
        check(shop, card_number="amy@example.com", password="secret_1")


def test_where_there_is_nothing_to_compare_with_it_is_said(shop):
    make_customer(shop, code="c2")
    with pytest.raises(CustomerNotRegistered, match=r"^Customer is not yet registered$"):
        check(shop, code="c2", password="secret_1")
    with pytest.raises(NoSecretOnRecord, match=r"^No PIN exists in the record$"):
        check(shop, code="c2", pin="1234")


def test_a_registered_member_without_a_password_is_told_so(shop):
    with unit_of_work(shop.id):
        Customer.objects.filter(account_id=shop.id, code="c1").update(password_hash="")
    with pytest.raises(NoSecretOnRecord, match=r"^There is no recorded password for this customer$"):
        check(shop, code="c1", password="secret_1")


def test_five_wrong_pins_lock_the_pin_for_a_quarter_of_an_hour(shop):
    for _ in range(5):
        with pytest.raises(SecretMismatch):
            check(shop, code="c1", pin="0000")
    with pytest.raises(PinLocked):
        check(shop, code="c1", pin="1234")
    assert check(shop, code="c1", password="secret_1")
    with pytest.raises(PinLocked):
        check(shop, at=NOW + timedelta(minutes=14), code="c1", pin="1234")
    assert check(shop, at=NOW + timedelta(minutes=16), code="c1", pin="1234")


def test_a_right_pin_starts_the_count_again(shop):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(SecretMismatch):
                check(shop, code="c1", pin="0000")
        assert check(shop, code="c1", pin="1234")


def test_ten_wrong_passwords_lock_the_password_for_a_quarter_of_an_hour(shop):
    for _ in range(10):
        with pytest.raises(SecretMismatch):
            check(shop, code="c1", password="guess")
    with pytest.raises(PasswordLocked, match=r"^Too many wrong passwords\. Please try again later\.$"):
        check(shop, code="c1", password="secret_1")
    assert check(shop, code="c1", pin="1234"), "the PIN is counted by itself"
    assert check(shop, at=NOW + timedelta(minutes=16), code="c1", password="secret_1")


def test_a_new_password_ends_the_lock(shop):
    for _ in range(10):
        with pytest.raises(SecretMismatch):
            check(shop, code="c1", password="guess")
    with unit_of_work(shop.id):
        customer_id = Customer.objects.get(account_id=shop.id, code="c1").id
        edit(account=shop.account, customer_id=customer_id, profile=Profile(password="secret_9"), by=shop.owner.id, at=NOW)
    assert check(shop, code="c1", password="secret_9")


@pytest.mark.parametrize(
    ("kind", "wrong", "right", "most"), [("pin", "0000", "1234", 5), ("password", "guess", "secret_1", 10)]
)
def test_many_tries_at_once_are_counted_one_by_one(shop, kind, wrong, right, most):
    outcomes = []

    def attempt() -> None:
        try:
            check(shop, code="c1", **{kind: wrong})
        except RegularsError as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2 * most)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(SecretMismatch) == most
    assert len(outcomes) == 2 * most
    with pytest.raises((PinLocked, PasswordLocked)):
        check(shop, code="c1", **{kind: right})


def test_a_search_is_no_way_around_the_limit_of_password_tries(shop):
    for password in (*(f"guess_{number}" for number in range(10)), "secret_1"):
        with unit_of_work(shop.id):
            page = list_customers_by_secret(account=shop.account, filters=Filters(password=password), match="partial", at=NOW)
        assert page.total == 0


def test_a_search_is_no_way_around_the_limit_of_pin_tries(shop):
    for pin in ("0000", "0001", "0002", "0003", "0004", "1234"):
        with unit_of_work(shop.id):
            page = list_customers_by_secret(account=shop.account, filters=Filters(pin=pin), match="partial", at=NOW)
        assert page.total == 0


def test_a_new_pin_lifts_the_lock(shop):
    from regulars.customers.operations import edit
    from regulars.customers.rules import Profile

    for _ in range(5):
        with pytest.raises(SecretMismatch):
            check(shop, code="c1", pin="0000")
    with unit_of_work(shop.id):
        customer_id = Customer.objects.get(account_id=shop.id, code="c1").id
        edit(account=shop.account, customer_id=customer_id, profile=Profile(pin="54321"), by=shop.owner.id, at=NOW)
    assert check(shop, code="c1", pin="54321")


def test_secrets_are_kept_as_hashes_only(shop):
    with unit_of_work(shop.id):
        customer = Customer.objects.get(account_id=shop.id, code="c1")
    assert customer.password_hash.startswith("$argon2id$")
    assert customer.pin_hash.startswith("$argon2id$")
    assert "secret_1" not in customer.search_text
