# SPDX-License-Identifier: Apache-2.0
"""Enrolling, registering and editing customers, with what belongs to it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from regulars.customers.models import Customer, FieldValue
from regulars.customers.rules import CardRequest, Profile
from regulars.errors import (
    CampaignsNotValid,
    CardInUse,
    CustomerExists,
    CustomerNotFound,
    InvalidParameter,
    MissingParameter,
    NotUnique,
    NumberNotGenerated,
    PermissionDenied,
    TrialLimitReached,
    UsernameTaken,
)
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance, Entry
from regulars.messages.models import OutboxMessage
from regulars.transactions.enrol import (
    Joining,
    chosen_campaigns,
    edit_customer,
    enrol_customer,
    register_customer,
)
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field, make_user

LATER = NOW + timedelta(hours=1)


def edit(account: MadeAccount, *, code="", by=None, joins=(), sends_mail=False, card=None, **profile):
    with unit_of_work(account.id):
        return edit_customer(
            account=account.fresh(),
            by=by or account.owner,
            at=LATER,
            profile=Profile(**profile),
            code=code,
            card=card,
            joins=joins,
            sends_mail=sends_mail,
        )


def register(account: MadeAccount, *, code="", **profile):
    with unit_of_work(account.id):
        return register_customer(account=account.fresh(), by=account.owner, at=LATER, profile=Profile(**profile), code=code)


def count(account: MadeAccount, model=Customer) -> int:
    with unit_of_work(account.id):
        return model.objects.filter(account_id=account.id).count()


def test_everything_given_is_kept():
    account = make_account(country="US")
    given = {
        "card_number": "7001", "first_name": "Amy", "last_name": "Acker", "phone": "(555) 123-4567",
        "email": "amy@example.com", "street1": "1234 Main St", "street2": "Apt 5", "city": "Fargo", "state": "ND",
        "postal_code": "58102", "country": "United States", "custom_date": "1970-00-14", "username": "amy",
    }  # fmt: skip
    customer = make_customer(account, code="c1", fields={1: "blue"}, **given)
    assert {name: getattr(customer, name) for name in given} == given
    assert customer.code == "c1"
    assert customer.fields == {"1": "blue"}
    assert customer.created_at == NOW
    assert not customer.is_registered
    with unit_of_work(account.id):
        stored = Customer.objects.get(account_id=account.id, id=customer.id)
    assert (stored.phone_digits, stored.phone_national) == ("15551234567", "5551234567")


def test_without_a_code_the_card_number_becomes_the_code():
    assert make_customer(make_account(), card_number="7001").code == "7001"


def test_a_random_code_is_16_digits():
    account = make_account()
    for customer in (make_customer(account, card_number="7001", wants_random_code=True), make_customer(account)):
        assert len(customer.code) == 16
        assert customer.code.isdecimal()


def test_a_made_card_number_has_its_length_prefix_and_suffix():
    customer = make_customer(make_account(), card=CardRequest(10, "12", "9"))
    assert len(customer.card_number) == 10
    assert customer.card_number.startswith("12")
    assert customer.card_number.endswith("9")
    assert customer.code == customer.card_number


def test_when_every_number_is_taken_it_is_said():
    account = make_account()
    for digit in "123456789":
        make_customer(account, card_number=digit)
    with pytest.raises(NumberNotGenerated, match=r"^Error generating ID\. Please try again\.$"):
        make_customer(account, card=CardRequest(1))


def test_a_taken_code_is_refused():
    account = make_account()
    make_customer(account, code="c1")
    with pytest.raises(CustomerExists, match=r"^The customer Account Id you entered already exists\.$"):
        make_customer(account, code="c1")
    assert count(account) == 1


def test_a_taken_card_is_refused():
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    with pytest.raises(CardInUse, match=r"^The information entered matches an existing customer\.$"):
        make_customer(account, code="c2", card_number="7001")
    assert count(account) == 1


def test_a_card_that_would_become_a_taken_code_is_refused():
    account = make_account()
    make_customer(account, code="7001")
    with pytest.raises(CardInUse):
        make_customer(account, card_number="7001")
    assert make_customer(account, card_number="7001", wants_random_code=True).card_number == "7001"


def test_a_taken_username_is_refused():
    account = make_account()
    make_customer(account, username="amy")
    with pytest.raises(UsernameTaken, match=r"^The username is already in use\.$"):
        make_customer(account, username="amy")


def test_accounts_do_not_share_numbers():
    make_customer(make_account(), code="c1", card_number="7001", username="amy")
    make_customer(make_account(), code="c1", card_number="7001", username="amy")


def test_many_customers_may_have_no_card_and_no_username():
    account = make_account()
    make_customer(account)
    make_customer(account)
    assert count(account) == 2


def test_a_trial_account_has_room_for_ten():
    account = make_account(state="trial")
    for _ in range(10):
        make_customer(account)
    with pytest.raises(TrialLimitReached, match=r"^Cannot add more customers: Account in Trial mode\.$"):
        make_customer(account)
    assert count(account) == 10


def test_joining_writes_a_zero_activation_and_the_opening_amount():
    account = make_account()
    points, card = make_campaign(account, kind="points"), make_campaign(account, kind="giftcard")
    customer = make_customer(account, campaigns=(points, card), openings=(0, 1500))
    with unit_of_work(account.id):
        entries = list(Entry.objects.filter(account_id=account.id, customer_id=customer.id).order_by("id"))
        balances = {row.pool_id: row.balance for row in Balance.objects.filter(account_id=account.id)}
    assert [(e.campaign_id, e.kind, e.amount, e.description) for e in entries] == [
        (points.id, "activation", 0, "Account Activated."),
        (card.id, "activation", 0, "Account Activated."),
        (card.id, "earn", 1500, ""),
    ]
    assert all(entry.user_id == account.owner.id for entry in entries)
    assert balances == {points.id: 0, card.id: 1500}


def test_a_buyx_campaign_takes_no_opening_amount():
    account = make_account()
    campaign = make_campaign(account, kind="buyx")
    with pytest.raises(InvalidParameter):
        make_customer(account, campaigns=(campaign,), openings=(5,))
    assert count(account) == 0
    make_customer(account, campaigns=(campaign,))


def test_only_active_campaigns_of_the_user_can_be_joined():
    account = make_account()
    mine, other = make_campaign(account), make_campaign(account)
    clerk = make_user(account, role="K", campaigns_access="some", allowed_campaign_ids=[mine.id]).user
    config = account.fresh()
    assert chosen_campaigns(config, clerk, [mine.number, mine.number]) == (config.campaigns[mine.number],)
    for number in (other.number, "1234567890123456"):
        with pytest.raises(CampaignsNotValid, match=r"^One of the campaigns selected is not valid\.$"):
            chosen_campaigns(config, clerk, [mine.number, number])


def test_a_customer_with_an_address_is_welcomed_by_mail():
    account = make_account(biz_name="Bean & Leaf")
    make_customer(account, email="amy@example.com", card_number="7001", sends_mail=True)
    make_customer(account, sends_mail=True)
    make_customer(account, email="bob@example.com", sends_mail=False)
    with unit_of_work(account.id):
        (message,) = OutboxMessage.objects.filter(account_id=account.id)
    assert (message.kind, message.recipient) == ("welcome", "amy@example.com")
    assert "Bean & Leaf" in message.subject
    assert "7001" in message.body


def test_a_required_field_must_be_there():
    account = make_account()
    make_field(account, number=2, required=True)
    with pytest.raises(MissingParameter) as caught:
        make_customer(account)
    assert caught.value.fields == ("custom_field_2",)
    assert make_customer(account, fields={2: "x"}).fields == {"2": "x"}
    assert count(account) == 1


def test_a_field_that_is_not_defined_is_refused():
    with pytest.raises(InvalidParameter) as caught:
        make_customer(make_account(), fields={7: "x"})
    assert caught.value.fields == ("custom_field_7",)


def test_a_unique_field_is_unique_in_any_case():
    account = make_account()
    make_field(account, number=2, unique=True)
    make_customer(account, code="c1", fields={2: "AB-1"})
    with pytest.raises(NotUnique, match="Not Unique") as caught:
        make_customer(account, fields={2: "ab-1"})
    assert caught.value.fields == ("custom_field_2",)
    assert count(account) == 1
    edit(account, code="c1", fields={2: "AB-2"})
    make_customer(account, fields={2: "ab-1"})


def test_an_edit_changes_what_is_given_and_nothing_else():
    account = make_account()
    make_field(account, number=2)
    make_customer(account, code="c1", first_name="Amy", last_name="Acker", city="Fargo", fields={1: "a", 2: "b"})
    enrolled = edit(account, code="c1", last_name="Adams", city="", fields={2: ""})
    customer = enrolled.customer
    assert not enrolled.is_new
    assert (customer.first_name, customer.last_name, customer.city) == ("Amy", "Adams", "")
    assert customer.fields == {"1": "a"}
    assert customer.created_at == NOW


def test_an_edit_may_give_the_customer_his_own_values_again():
    account = make_account()
    make_field(account, number=2, unique=True)
    make_customer(account, code="c1", card_number="7001", username="amy", fields={2: "x"})
    edit(account, code="c1", card_number="7001", username="amy", fields={2: "x"})


def test_an_edit_of_an_unknown_code_enrols_under_it():
    enrolled = edit(make_account(), code="c9", card_number="7001", first_name="Amy")
    assert enrolled.is_new
    assert (enrolled.customer.code, enrolled.customer.card_number) == ("c9", "7001")


def test_an_edit_without_a_code_changes_the_owner_of_the_card():
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    enrolled = edit(account, card_number="7001", first_name="Amy")
    assert not enrolled.is_new
    assert (enrolled.customer.code, enrolled.customer.first_name) == ("c1", "Amy")


def test_an_edit_without_anybody_to_change_enrols_under_a_random_code():
    account = make_account()
    for profile in ({"card_number": "7001"}, {"first_name": "Amy"}):
        enrolled = edit(account, **profile)
        assert enrolled.is_new
        assert len(enrolled.customer.code) == 16


def test_an_edit_cannot_take_another_customers_numbers():
    account = make_account()
    make_customer(account, code="c1", card_number="7001", username="amy")
    make_customer(account, code="c2", card_number="7002")
    with pytest.raises(CardInUse):
        edit(account, code="c2", card_number="7001")
    with pytest.raises(UsernameTaken):
        edit(account, code="c2", username="amy")
    with pytest.raises(CardInUse):
        edit(account, code="c3", card_number="7001")
    assert count(account) == 2


def test_a_clerk_cannot_change_an_assigned_card():
    account = make_account()
    clerk = make_user(account, role="K").user
    make_customer(account, code="c1", card_number="7001")
    make_customer(account, code="c2")
    with pytest.raises(PermissionDenied):
        edit(account, by=clerk, code="c1", card_number="7009")
    with pytest.raises(PermissionDenied):
        edit(account, by=clerk, code="c1", card_number="")
    edit(account, by=clerk, code="c1", card_number="7001", first_name="Amy")
    assert edit(account, by=clerk, code="c2", card_number="7002").customer.card_number == "7002"


def test_an_edit_joins_further_campaigns_once():
    account = make_account()
    first, second = make_campaign(account), make_campaign(account)
    customer = make_customer(account, code="c1", campaigns=(first,), openings=(100,))
    for _ in range(2):
        edit(account, code="c1", joins=(Joining(first, 100), Joining(second, 50)))
    with unit_of_work(account.id):
        entries = Entry.objects.filter(account_id=account.id, customer_id=customer.id).order_by("id")
        assert [(e.campaign_id, e.kind, e.amount) for e in entries] == [
            (first.id, "activation", 0),
            (first.id, "earn", 100),
            (second.id, "activation", 0),
            (second.id, "earn", 50),
        ]


def test_a_changed_customer_is_told_by_mail_only_if_something_changed():
    account = make_account()
    make_customer(account, code="c1", email="amy@example.com", first_name="Amy")
    edit(account, code="c1", first_name="Amy", sends_mail=True)
    assert count(account, OutboxMessage) == 0
    edit(account, code="c1", first_name="Ann", sends_mail=True)
    with unit_of_work(account.id):
        (message,) = OutboxMessage.objects.filter(account_id=account.id)
    assert (message.kind, message.recipient) == ("update", "amy@example.com")


def test_a_member_registers_an_issued_card_with_a_password():
    account = make_account()
    make_customer(account, code="c1", card_number="7001", first_name="Card")
    customer = register(account, card_number="7001", password="secret_1", first_name="Amy", username="amy").customer
    assert customer.is_registered
    assert (customer.code, customer.card_number, customer.first_name) == ("c1", "7001", "Amy")


def test_a_registered_card_cannot_be_registered_again():
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    register(account, card_number="7001", password="secret_1")
    with pytest.raises(CardInUse):
        register(account, card_number="7001", password="other_11")
    make_customer(account, code="c2", card_number="7002", password="secret_2")
    with pytest.raises(CardInUse):
        register(account, card_number="7002", password="other_22")


def test_a_card_that_was_not_issued_cannot_be_registered():
    account = make_account()
    make_customer(account, card_number="7001", email="amy@example.com", phone="5551234567")
    for text in ("7002", "amy@example.com", "5551234567"):
        with pytest.raises(CustomerNotFound):
            register(account, card_number=text, password="secret_1")


def test_a_demo_seeds_the_same_numbers():
    numbers = []
    for _ in range(2):
        account = make_account()
        with unit_of_work(account.id):
            made = enrol_customer(
                account=account.account,
                by=account.owner,
                at=NOW,
                profile=Profile(),
                card=CardRequest(12),
                rng=random.Random(7),
                sends_mail=False,
            )
        numbers.append((made.customer.code, made.customer.card_number))
    assert numbers[0] == numbers[1]


def test_values_to_be_looked_up_follow_each_change():
    account = make_account()
    make_field(account, number=2, searchable=True)
    make_field(account, number=3)
    make_customer(account, code="c1", fields={2: "Blue", 3: "x"})

    def values():
        with unit_of_work(account.id):
            return list(FieldValue.objects.filter(account_id=account.id).values_list("number", "value"))

    assert values() == [(2, "blue")]
    edit(account, code="c1", fields={2: "RED"})
    assert values() == [(2, "red")]
    edit(account, code="c1", fields={2: ""})
    assert values() == []
