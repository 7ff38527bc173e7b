# SPDX-License-Identifier: Apache-2.0
"""Searches over many customers find what a look at every one of them would find."""

from __future__ import annotations

import os
import secrets
from importlib import resources
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from regulars.customers import operations
from regulars.customers import search as search_module
from regulars.customers.rules import words_of
from regulars.customers.search import (
    Filters,
    iterate_customers,
    list_customers,
    list_customers_by_secret,
    wanted_fields,
    wanted_words,
)
from regulars.errors import InvalidParameter, TooManyCandidates
from regulars.kit.db import unit_of_work
from tests.factories import NOW, MadeAccount, make_account, make_customer, make_field


def search(account: MadeAccount, match="partial", offset=0, length=1000, **filters) -> list[str]:
    config, asked = account.fresh(), Filters(**filters)
    with unit_of_work(account.id):
        if asked.has_secret:
            page = list_customers_by_secret(account=config, filters=asked, match=match, at=NOW, offset=offset, length=length)
        else:
            page = list_customers(account=config, wanted=wanted_fields(config, asked, match), offset=offset, length=length)
    return [row.code for row in page.rows]


def find(account: MadeAccount, text: str) -> list[str]:
    with unit_of_work(account.id):
        page = list_customers(account=account.account, wanted=wanted_words(words_of(text)))
    return [row.code for row in page.rows]


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    account = make_account(country="US")
    make_field(account, number=2, label="Colour")
    make_customer(
        account, code="amy", card_number="7001", first_name="Amy", last_name="Acker", phone="(555) 123-4567",
        email="amy@example.com", street1="1234 Main St", city="Fargo", state="ND", postal_code="58102",
        custom_date="1980-05-01", username="amy_a", fields={1: "vip", 2: "Blue"}, password="secret_1", pin="1234",
    )  # fmt: skip
    make_customer(
        account, code="john", card_number="7002", first_name="Johnny", last_name="O'Neil", phone="555 987 6543",
        email="john@example.org", city="Fargo", fields={2: "100%_red\\x"}, password="secret_1", pin="4321",
    )  # fmt: skip
    make_customer(account, code="jose", card_number="8001", first_name="JOSÉ", last_name="Acker", city="Bismarck")
    other = make_account()
    make_customer(other, code="spy", first_name="Amy", card_number="7001")
    return account


def test_without_a_filter_everybody_is_listed_in_the_order_enrolled(shop):
    assert search(shop) == ["amy", "john", "jose"]


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"first_name": "John"}, ["john"]),
        ({"first_name": "john"}, ["john"]),
        ({"first_name": "josé"}, ["jose"]),
        ({"last_name": "acker"}, ["amy", "jose"]),
        ({"last_name": "acker", "city": "fargo"}, ["amy"]),
        ({"last_name": "o'n"}, ["john"]),
        ({"card_number": "700"}, ["amy", "john"]),
        ({"email": "EXAMPLE"}, ["amy", "john"]),
        ({"state": "n"}, ["amy"]),
        ({"postal_code": "581"}, ["amy"]),
        ({"custom_date": "1980-05"}, ["amy"]),
        ({"username": "_"}, ["amy"]),
        ({"fields": {1: "vip"}}, ["amy"]),
        ({"fields": {2: "blu"}}, ["amy"]),
        ({"fields": {2: "0%_r"}}, ["john"]),
        ({"fields": {2: "\\x"}}, ["john"]),
        ({"first_name": "%"}, []),
        ({"first_name": "a_y"}, []),
        ({"city": "Acker"}, []),
        ({"first_name": "x' OR 'a'='a"}, []),
        ({"phone": "555"}, ["amy", "john"]),
        ({"phone": "123-45"}, ["amy"]),
        ({"phone": "5551234567"}, ["amy"]),
        ({"phone": "+1 (555) 123"}, ["amy"]),
        ({"phone": "0555123"}, ["amy"]),
    ],
)
def test_a_part_of_each_field_is_enough(shop, filters, codes):
    assert search(shop, **filters) == codes


@pytest.mark.parametrize(
    ("match", "filters", "codes"),
    [
        ("exact", {"first_name": "Amy"}, ["amy"]),
        ("exact", {"first_name": "amy"}, []),
        ("exact", {"first_name": "Am"}, []),
        ("exact_any_case", {"first_name": "aMY"}, ["amy"]),
        ("exact_any_case", {"first_name": "am"}, []),
        ("exact_any_case", {"first_name": "josé"}, ["jose"]),
        ("exact", {"phone": "555-123-4567"}, ["amy"]),
        ("exact", {"phone": "555-123"}, []),
        ("exact", {"fields": {2: "Blue"}}, ["amy"]),
        ("exact_any_case", {"fields": {2: "BLUE"}}, ["amy"]),
        ("exact", {"fields": {2: "blue"}}, []),
    ],
)
def test_an_exact_match_is_of_the_whole_value(shop, match, filters, codes):
    assert search(shop, match, **filters) == codes


def test_a_field_that_is_not_defined_is_refused(shop):
    with pytest.raises(InvalidParameter) as caught:
        search(shop, fields={9: "x"})
    assert caught.value.fields == ("custom_field_9",)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("amy", ["amy"]),
        ("acker", ["amy", "jose"]),
        ("acker amy", ["amy"]),
        ("amy bismarck", []),
        ("amy, bismarck", ["amy", "jose"]),
        ("Amy Acker, 1234 Main St", ["amy"]),
        ("acker fargo, johnny", ["amy", "john"]),
        ("7001", ["amy"]),
        ("5551234567", ["amy"]),
        ("blue vip", ["amy"]),
        ("58102", ["amy"]),
        ("amy_a", ["amy"]),
        ("o'neil", ["john"]),
        ("%", ["john"]),
        ("_", ["amy", "john"]),
        ("\\", ["john"]),
        ("secret_1", []),
        ("nobody", []),
    ],
)
def test_words_are_found_in_any_field(shop, text, codes):
    assert find(shop, text) == codes


def test_a_password_or_pin_is_compared_whole(shop):
    assert search(shop, password="secret_1") == ["amy", "john"]
    assert search(shop, password="secret_") == []
    assert search(shop, password="secret_1", first_name="john") == ["john"]
    assert search(shop, pin="1234", card_number="7001") == ["amy"]
    assert search(shop, pin="4321", password="secret_1") == ["john"]


def test_a_secret_is_compared_with_few_customers_only():
    account = make_account()
    for number in range(21):
        make_customer(account, code=f"c{number}", first_name="Amy", password="secret_1" if number == 7 else None)
    with pytest.raises(TooManyCandidates):
        search(account, password="secret_1", first_name="Amy")
    make_customer(account, code="other", first_name="Ann", password="secret_1")
    assert search(account, password="secret_1", first_name="Ann") == ["other"]


def test_a_page_is_cut_out_of_all_that_match():
    account = make_account()
    for number in range(5):
        make_customer(account, code=f"c{number}", city="Fargo")
    wanted = wanted_fields(account.account, Filters(city="far"), "partial")
    with unit_of_work(account.id):
        page = list_customers(account=account.account, wanted=wanted, offset=3, length=5)
        beyond = list_customers(account=account.account, wanted=wanted, offset=9, length=5)
    assert ([row.code for row in page.rows], page.total) == (["c3", "c4"], 5)
    assert (beyond.rows, beyond.total) == ((), 5)


def test_an_erased_customer_is_not_found():
    account = make_account()
    amy = make_customer(account, first_name="Amy")
    with unit_of_work(account.id):
        operations.erase(account=account.account, customer_id=amy.id, by=account.owner.id, at=NOW)
    assert search(account) == []
    assert find(account, "amy") == []


@pytest.mark.parametrize(
    "function",
    ["customers_candidates(%s, '[]')", "customers_search(%s, '{}', 0, 0, 10)", "customers_resolve_own(%s, NULL, '7001')"],
)
def test_the_search_functions_serve_only_the_account_of_the_unit_of_work(function):
    mine, theirs = make_account(), make_account()
    with (
        pytest.raises(Exception, match="no unit of work") as caught,
        unit_of_work(mine.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT {function}", [theirs.id])
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_rare_word_is_found_by_the_trigram_index(run_as_owner):
    account = make_account()
    run_as_owner(
        "INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits,"
        " phone_national, email, street1, street2, city, state, postal_code, country, custom_date, username, password_hash,"
        " pin_hash, pin_failures, is_registered, fields)"
        " SELECT %s, 'n' || n, '', 'Name ' || md5(n::text), '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0,"
        " false, '{}'"
        " FROM generate_series(1, 5000) n",
        account.id,
    )
    run_as_owner("VACUUM ANALYZE customers_customers")
    needle = run_as_owner("SELECT md5('4321')")[0][0]
    assert search(account, first_name=needle) == ["n4321"]
    # Few rows are read fastest one after the other; what matters is that the index can serve the condition.
    run_as_owner("SET enable_seqscan = off")
    run_as_owner("SET enable_indexscan = off")
    plan = "\n".join(
        row[0]
        for row in run_as_owner(
            f"EXPLAIN SELECT c.id FROM customers_customers c WHERE c.account_id = {account.id}"
            f" AND c.deleted_at IS NULL AND (c.search_text LIKE '%{needle}%')"
        )
    )
    assert "customers_customers_search" in plan


def test_all_that_match_come_in_their_order_each_once(monkeypatch):
    monkeypatch.setattr(search_module, "ROWS_AT_ONCE", 2)
    account = make_account()
    for number in range(7):
        make_customer(account, code=f"c{number}", city="Fargo" if number % 3 else "Bismarck")
    wanted = wanted_fields(account.account, Filters(city="far"), "partial")
    batches = [[row.code for row in rows] for rows in iterate_customers(account=account.account, wanted=wanted)]
    assert batches == [["c1", "c2"], ["c4", "c5"]]
    everybody = iterate_customers(account=account.account, wanted=wanted_fields(account.account, Filters(), "partial"))
    assert [row.code for rows in everybody for row in rows] == [f"c{number}" for number in range(7)]


@pytest.fixture(scope="module")
def town() -> MadeAccount:
    """12,000 customers: more than are read one after the other. All are called Jo; a few others stand at the end."""
    account = make_account()
    make_field(account, number=2, label="Number", searchable=True)
    with unit_of_work(account.id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits,"
            " phone_national, email, street1, street2, city, state, postal_code, country, custom_date, username, password_hash,"
            " pin_hash, pin_failures, is_registered, fields)"
            " SELECT %s, 'n' || n, '', 'Jo', 'Lo', '', '', '', '', 'Park Lane', '', '', '', '', '', '', '', '', '', 0, false,"
            " '{}' FROM generate_series(1, 12000) n",
            [account.id],
        )
    make_customer(
        account, code="zed", card_number="AB-77", first_name="Zoë", last_name="Parker", phone="+1 (555) 123-4567",
        email="Zoe@Example.com", username="zed_z", city="q!", fields={2: "M-0001"},
    )  # fmt: skip
    make_customer(account, code="zwei", first_name="Jo", last_name="Zz")
    return account


@pytest.mark.parametrize(
    ("match", "filters", "codes"),
    [
        ("partial", {"first_name": "ZO"}, ["zed"]),
        ("partial", {"first_name": "Ë"}, ["zed"]),
        ("partial", {"last_name": "park"}, ["zed"]),
        ("partial", {"last_name": "z"}, ["zwei"]),
        ("partial", {"last_name": "zz", "first_name": "jo"}, ["zwei"]),
        ("partial", {"last_name": "lane"}, []),
        ("partial", {"phone": "123-45"}, ["zed"]),
        ("partial", {"phone": ") 1"}, ["zed"]),
        ("partial", {"phone": "45"}, ["zed"]),
        ("partial", {"email": "e@e"}, ["zed"]),
        ("partial", {"city": "!"}, ["zed"]),
        ("partial", {"city": "q!"}, ["zed"]),
        ("partial", {"fields": {2: "001"}}, ["zed"]),
        ("exact_any_case", {"email": "zoe@example.COM"}, ["zed"]),
        ("exact", {"email": "Zoe@Example.com"}, ["zed"]),
        ("exact", {"email": "zoe@example.com"}, []),
        ("exact_any_case", {"card_number": "ab-77"}, ["zed"]),
        ("exact", {"card_number": "AB-77"}, ["zed"]),
        ("exact", {"username": "zed_z"}, ["zed"]),
        ("exact", {"phone": "555-123-4567"}, ["zed"]),
        ("exact_any_case", {"fields": {2: "m-0001"}}, ["zed"]),
        ("exact", {"fields": {2: "m-0001"}}, []),
        ("exact_any_case", {"first_name": "zoË"}, ["zed"]),
    ],
)
def test_who_stands_behind_many_others_is_found(town, match, filters, codes):
    assert search(town, match, **filters) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("zo", ["zed"]),
        ("!", ["zed"]),
        ("q!", ["zed"]),
        ("1!", []),
        ("park zed", ["zed"]),
        ("zz, m-0001", ["zed", "zwei"]),
        ("zz, !", ["zed", "zwei"]),
    ],
)
def test_words_of_who_stands_behind_many_others_are_found(town, text, codes):
    assert find(town, text) == codes


def test_what_everybody_matches_is_not_counted_to_the_end(town):
    wanted = wanted_fields(town.account, Filters(first_name="jo"), "partial")
    with unit_of_work(town.id):
        page = list_customers(account=town.account, wanted=wanted, length=5)
        far = list_customers(account=town.account, wanted=wanted, offset=11_998, length=5)
    assert ([row.code for row in page.rows], page.is_total_minimum) == (["n1", "n2", "n3", "n4", "n5"], True)
    assert 5 < page.total < 12_001
    assert ([row.code for row in far.rows], far.total, far.is_total_minimum) == (["n11999", "n12000", "zwei"], 12_001, False)


def test_letters_of_every_language_are_folded_whatever_the_locale(owner_connection):
    """A database whose locale is C, made anew: customers_fold() finds another collation."""
    name = f"fold_{secrets.token_hex(4)}"
    statements = resources.files("regulars.customers").joinpath("sql", "search.sql").read_text("utf-8")
    fold = statements.split("-- customers_customers.")[0]
    owner_connection.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'".encode()
    )
    url = urlsplit(os.environ["REGULARS_TEST_OWNER_URL"])
    try:
        with psycopg.connect(url._replace(path=f"/{name}").geturl(), autocommit=True) as other:
            assert other.execute("SELECT lower('ÉŁ')").fetchone() == ("ÉŁ",)
            other.execute(fold.encode())
            assert other.execute("SELECT customers_fold('JOSÉ Łódź ÆØÅ ЖЩ')").fetchone() == ("josé łódź æøå жщ",)
    finally:
        owner_connection.execute(f"DROP DATABASE {name}".encode())
