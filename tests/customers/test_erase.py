# SPDX-License-Identifier: Apache-2.0
"""Deleting a customer: personal data go, the books stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.customers.models import Alias, Customer, FieldValue
from regulars.errors import CustomerNotFound
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance, Entry
from regulars.messages.models import OutboxMessage
from regulars.transactions.erase import delete_customer
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field

LATER = NOW + timedelta(days=1)


def delete(account: MadeAccount, code: str) -> str:
    with unit_of_work(account.id):
        return delete_customer(account=account.fresh(), by=account.owner, at=LATER, code=code)


def test_nothing_that_tells_who_it_was_stays():
    account = make_account(country="US")
    make_field(account, number=2, searchable=True)
    amy = make_customer(
        account, code="c1", card_number="7001", first_name="Amy", last_name="Acker", phone="555-123-4567",
        email="amy@example.com", street1="1234 Main St", custom_date="1970-07-14", username="amy", password="secret_1",
        pin="1234", fields={1: "a", 2: "b"}, sends_mail=True,
    )  # fmt: skip
    with unit_of_work(account.id):
        Alias.objects.create(account_id=account.id, kind="card", value="6001", customer_id=amy.id)
        OutboxMessage.objects.create(
            account_id=account.id,
            kind="update",
            customer_id=amy.id,
            recipient="amy@example.com",
            subject="s",
            body="Amy",
            sent_at=NOW,
        )
    assert delete(account, "c1") == "c1"
    with unit_of_work(account.id):
        row = Customer.objects.get(account_id=account.id, id=amy.id)
        left = {
            field.attname: getattr(row, field.attname)
            for field in Customer._meta.concrete_fields
            if field.attname not in ("account_id", "id", "created_at", "updated_at", "deleted_at")
        }
        (message,) = OutboxMessage.objects.filter(account_id=account.id)
        assert not any(left.values()), left
        assert row.deleted_at == LATER
        assert (message.recipient, message.subject, message.body) == ("", "", "")
        assert not Alias.objects.filter(account_id=account.id).exists()
        assert not FieldValue.objects.filter(account_id=account.id).exists()


def test_balances_are_closed_by_entries_and_the_books_stay():
    account = make_account()
    points, card = make_campaign(account), make_campaign(account, kind="giftcard")
    amy = make_customer(account, code="c1", campaigns=(points, card), openings=(100, 950))
    delete(account, "c1")
    with unit_of_work(account.id):
        balances = list(Balance.objects.filter(account_id=account.id, customer_id=amy.id).values_list("balance", flat=True))
        entries = Entry.objects.filter(account_id=account.id, customer_id=amy.id)
        assert balances == [0, 0]
        assert sum(entry.amount for entry in entries) == 0
        assert entries.filter(kind="earn").count() == 2


def test_the_numbers_are_free_again():
    account = make_account()
    make_field(account, number=2, unique=True)
    old = make_customer(account, code="c1", card_number="7001", username="amy", fields={2: "x"})
    delete(account, "c1")
    new = make_customer(account, code="c1", card_number="7001", username="amy", fields={2: "x"})
    assert new.id != old.id


def test_a_deleted_customer_makes_room_in_trial_mode():
    account = make_account(state="trial")
    for number in range(10):
        make_customer(account, code=f"c{number}")
    delete(account, "c3")
    make_customer(account)


def test_who_is_not_there_cannot_be_deleted():
    account, other = make_account(), make_account()
    make_customer(other, code="c1", card_number="7001")
    make_customer(account, code="c2", card_number="7001")
    for code in ("c1", "7001"):
        with pytest.raises(CustomerNotFound, match=r"^This customer does not exist\.$"):
            delete(account, code)
    delete(account, "c2")
    with pytest.raises(CustomerNotFound):
        delete(account, "c2")
