# SPDX-License-Identifier: Apache-2.0
"""Erasing a person's data changes no balance and no report total, and leaves nothing that tells or finds who it was (I15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from regulars.customers.cards import Number, add_card, end_number
from regulars.customers.forgetting import forget_person
from regulars.customers.many import edit_many
from regulars.customers.merge import replace_numbers
from regulars.customers.models import Alias, Customer, FieldValue
from regulars.customers.queries import find_customer_id
from regulars.customers.rules import CustomerErased, Profile
from regulars.errors import CustomerNotFound
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance, Entry, Lot
from regulars.ledger.verify import verify
from regulars.messages.models import OutboxMessage
from regulars.reports.customer_list import Asked, iterate_lines
from regulars.reports.rules import Span
from regulars.reports.totals import get_totals
from regulars.transactions.enrol import edit_customer
from regulars.transactions.erase import delete_customer, erase_personal_data
from regulars.transactions.merge import merge_customers
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.redeem import points_spending
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field

LATER = NOW + timedelta(days=1)
WHOLE = Span(NOW.date() - timedelta(days=9), NOW.date() + timedelta(days=9), UTC)
TOLD = ("amy", "7001", "6001", "amy@example.com", "+1 555 123 4567", "5551234567", "the blue one", "amy_a")
"""Everything that Amy was found by."""


def shop() -> tuple[MadeAccount, int]:
    """Amy with a record that was merged into hers, in a shop of two campaigns; people wrote beside her sales."""
    account = make_account(country="US")
    make_field(account, number=2, searchable=True, unique=True)
    club, gift = make_campaign(account, name="Club"), make_campaign(account, kind="giftcard", name="Gift")
    amy = make_customer(
        account, code="amy", card_number="7001", first_name="Amy", last_name="Acker", phone="555-123-4567",
        email="amy@example.com", street1="1234 Main St", custom_date="1970-07-14", username="amy_a", password="secret_1",
        pin="1234", fields={2: "the blue one"}, campaigns=(club, gift), openings=(100, 950), sends_mail=True,
    )  # fmt: skip
    old = make_customer(account, code="old", card_number="6001", first_name="Ami", campaigns=(club,), openings=(50,))
    for customer in (amy, old):
        with unit_of_work(account.id):
            terms = Terms(
                occurred_at=NOW, recorded_at=NOW, customer_id=customer.id, description="for Amy's birthday",
                fields='{"1": "Amy"}', reference=f"sale {customer.id}",
                idempotency_key=f"key {customer.id}", fingerprint=b"x" * 32,
            )  # fmt: skip
            record_activity(account=account.fresh(), by=account.owner, campaign=club, terms=terms, amount_minor=1_000)
            terms = Terms(occurred_at=NOW, recorded_at=NOW, customer_id=customer.id, description="Amy's mug")
            redeem(account=account.fresh(), by=account.owner, campaign=club, terms=terms, spending=points_spending(7))
    with unit_of_work(account.id):
        merge_customers(account=account.fresh(), by=account.owner, at=NOW, customer_id=amy.id, gone_id=old.id)
    return account, amy.id


def erase(account: MadeAccount, code: str = "amy") -> str:
    with unit_of_work(account.id):
        return erase_personal_data(account=account.fresh(), by=account.owner, at=LATER, code=code)


def books(account: MadeAccount) -> list[Any]:
    """All that is value: balances, lots, amounts, and what the reports add up."""
    with unit_of_work(account.id):
        config = account.fresh()
        return [
            sorted(Balance.objects.filter(account_id=account.id).values_list()),
            sorted(Lot.objects.filter(account_id=account.id).values_list("origin_entry_id", "id", "customer_id", "remaining")),
            sorted(
                Entry.objects.filter(account_id=account.id).values_list(
                    "id", "customer_id", "campaign_id", "kind", "amount", "balance_after", "reference", "occurred_at", "user_id"
                ),
                key=str,
            ),
            [
                (each.campaign.number, each)
                for each in get_totals(account=config, at=LATER, campaigns=tuple(config.campaigns.values()), span=WHOLE)
            ],
            Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).count(),
        ]


def test_no_balance_and_no_total_changes_and_the_books_verify(owner_connection: Any) -> None:
    account, amy = shop()
    before = books(account)
    new_code = erase(account)
    assert books(account) == before
    with owner_connection.cursor() as cursor:
        assert verify(cursor, [account.id]) == []
    lines = [line for lines in iterate_lines(account=account.fresh(), asked=Asked(), at=LATER) for line in lines]
    assert [(line.customer.code, line.is_erased) for line in lines] == [(new_code, True)]
    assert lines[0].customer.id == amy


def test_nothing_finds_or_tells_who_it_was() -> None:
    account, amy = shop()
    erase(account)
    with unit_of_work(account.id):
        config = account.fresh()
        for told in TOLD:
            assert find_customer_id(account=config, code=told) is None, told
            assert find_customer_id(account=config, card_number=told) is None, told
        row = Customer.objects.get(account_id=account.id, id=amy)
        assert (row.search_text.strip(), row.fields, row.password_hash, row.pin_hash) == (row.code, {}, "", "")
        assert not Alias.objects.filter(account_id=account.id).exists()
        assert not FieldValue.objects.filter(account_id=account.id).exists()
        assert "Amy" not in str(list(Entry.objects.filter(account_id=account.id).values_list()))
        assert "old" not in str(list(Entry.objects.filter(account_id=account.id).values_list("description", flat=True)))
        assert not OutboxMessage.objects.filter(account_id=account.id).exclude(body="", recipient="").exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT result::text FROM ledger_keys WHERE account_id = %s AND result IS NOT NULL", [account.id])
            assert not [text for (text,) in cursor.fetchall() if "Amy" in text or "Ami" in text]
    again = make_customer(account, code="amy", card_number="7001", username="amy_a", fields={2: "the blue one"})
    assert again.id != amy


def test_it_takes_no_new_data_and_is_merged_with_nobody() -> None:
    account, amy = shop()
    code = erase(account)
    bo = make_customer(account, code="bo")
    by, at = account.owner, LATER
    attempts: tuple[Callable[[Any], Any], ...] = (
        lambda config: edit_customer(account=config, by=by, at=at, profile=Profile(first_name="Amy"), code=code),
        lambda config: replace_numbers(account=config, customer_id=amy, code=None, card_number="7001", at=at),
        lambda config: add_card(account=config, customer_id=amy, card_number="7001", by=by.id, at=at),
        lambda config: end_number(account=config, customer_id=amy, number=Number("card", "1"), by=by.id, at=at),
        lambda config: merge_customers(account=config, by=by, at=at, customer_id=amy, gone_id=bo.id),
        lambda config: merge_customers(account=config, by=by, at=at, customer_id=bo.id, gone_id=amy),
        lambda config: forget_person(account=config, customer_id=amy, by=by.id, at=at),
    )
    for attempt in attempts:
        with pytest.raises(CustomerErased), unit_of_work(account.id):
            attempt(account.fresh())
    with unit_of_work(account.id):
        (outcome,) = edit_many(account=account.fresh(), changes=[(amy, Profile(first_name="Amy"))], by=by.id, at=at)
    assert isinstance(outcome, CustomerErased)


def test_what_he_has_can_still_be_spent_and_taken_back_and_he_can_be_deleted(owner_connection: Any) -> None:
    account, amy = shop()
    code = erase(account)
    with unit_of_work(account.id):
        config = account.fresh()
        club = next(each for each in config.campaigns.values() if each.name == "Club")
        terms = Terms(occurred_at=LATER, recorded_at=LATER, customer_id=amy, description="left at the desk")
        redeem(account=config, by=account.owner, campaign=club, terms=terms, spending=points_spending(5))
    with owner_connection.cursor() as cursor:
        assert verify(cursor, [account.id]) == []
    with unit_of_work(account.id):
        delete_customer(account=account.fresh(), by=account.owner, at=LATER, code=code)
        assert not Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).exists()


def test_strangers_and_the_unknown_are_not_erased() -> None:
    account, other = shop()[0], make_account()
    for code in ("nobody", "7001"):
        with pytest.raises(CustomerNotFound):
            erase(account, code)
    with pytest.raises(CustomerNotFound):
        erase(other)


def test_entries_lose_nothing_but_words(run_as_owner: Any) -> None:
    account, _amy = shop()
    entry, *_rest = run_as_owner(
        "SELECT id FROM ledger_entries WHERE account_id = %s AND reference IS NOT NULL LIMIT 1", account.id
    )
    run_as_owner("SELECT set_config('regulars.forgets_person', 'on', false)")
    for change in ("amount = amount + 1", "description = 'other words'", "reference = NULL", "occurred_at = now()"):
        with pytest.raises(psycopg.Error, match="never changed"):
            run_as_owner(
                f"UPDATE ledger_entries SET fields = NULL, {change} WHERE account_id = %s AND id = %s", account.id, entry[0]
            )
    with pytest.raises(DatabaseError, match="no unit of work"), unit_of_work(account.id), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_forget_person(%s, %s)", [account.id + 1, [1]])


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE customers_customers SET first_name = 'Amy' WHERE account_id = %s AND id = %s",
        'UPDATE customers_customers SET fields = \'{"1": "Amy"}\' WHERE account_id = %s AND id = %s',
        "INSERT INTO customers_aliases (account_id, kind, value, customer_id) SELECT %s, 'card', '7001', %s",
    ],
)
def test_verify_sees_what_was_left_behind(run_as_owner: Any, owner_connection: Any, broken: str) -> None:
    account, amy = shop()
    erase(account)
    run_as_owner(broken, account.id, amy)
    with owner_connection.cursor() as cursor:
        assert {finding.invariant for finding in verify(cursor, [account.id])} == {"I15"}
    run_as_owner("DELETE FROM customers_aliases WHERE account_id = %s", account.id)
    run_as_owner(
        "UPDATE customers_customers SET first_name = '', fields = '{}' WHERE account_id = %s AND id = %s", account.id, amy
    )
