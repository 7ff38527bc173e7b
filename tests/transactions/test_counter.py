# SPDX-License-Identifier: Apache-2.0
"""The counter: previews that are what is recorded, balances, receipts again, one customer for two clicks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.rules import Calculation, calculate, steps_of
from regulars.customers.lookup import look_for_customer
from regulars.customers.models import Customer
from regulars.customers.rules import CardRequest, Profile
from regulars.errors import (
    CardInUse,
    CustomerNotFound,
    InsufficientBalance,
    InvalidParameter,
    KeyReused,
    TransactionNotFound,
)
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.messages.models import OutboxMessage
from regulars.messages.operations import queue_receipt
from regulars.transactions.counter import AtCounter, get_at_counter
from regulars.transactions.enrol_once import enrol_once
from regulars.transactions.kept_receipts import get_receipt
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.preview import preview_activity, preview_redemption
from regulars.transactions.queries import get_transaction
from regulars.transactions.receipts import Receipt
from regulars.transactions.redeem import currency_spending, item_spending, money_spending, points_spending
from regulars.transactions.reverse import TakenBackMeanwhile, delete_transaction, reverse_transaction
from regulars.transactions.terms import Terms
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_depreciation,
    make_item,
    make_promotion,
    make_second_tier,
    make_user,
    owner_of,
)


class Desk:
    """An account with one customer, and what is done there."""

    def __init__(self, made: MadeAccount | None = None, **customer: Any) -> None:
        self.made = made or make_account()
        self.customer = make_customer(self.made, **{"code": "c1", "first_name": "Ann", "email": "ann@example.org"} | customer)

    def terms(self, days: float = 0, **changes: Any) -> Terms:
        at = NOW + timedelta(days=days)
        return Terms(at, at, customer_id=self.customer.id, **changes)

    def sale(self, campaign: Any, days: float = 0, *, act: Any = record_activity, key: str | None = None, **what: Any) -> Any:
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            return act(
                account=account, by=owner_of(account), campaign=account.campaigns_by_id[campaign.id],
                terms=self.terms(days, idempotency_key=key, fingerprint=b"x" if key else b""), **what,
            )  # fmt: skip

    def seen(self, days: float = 0, recent_length: int = 10, by: Any = None) -> AtCounter:
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            return get_at_counter(
                account=account, by=by or owner_of(account), at=NOW + timedelta(days=days), customer_id=self.customer.id,
                recent_length=recent_length,
            )  # fmt: skip

    def entries(self) -> int:
        with unit_of_work(self.made.id):
            return Entry.objects.filter(account_id=self.made.id).count()


def shown(receipt: Receipt) -> tuple[int, int, int, int | None]:
    posted = receipt.posted
    return posted.amount, posted.balance, posted.cumulative, posted.contribute_amount


# -- steps ---------------------------------------------------------------------------------------------------------
@given(
    st.integers(1, 10**9), st.integers(0, 500 * 10**6), st.none() | st.integers(0, 10**7),
    st.none() | st.integers(-5_000, 5_000), st.sampled_from(["down", "nearest", "up"]),
)  # fmt: skip
def test_steps_lead_to_the_points_that_are_recorded(amount, ratio, factor, bonus, rounding) -> None:
    calculation = Calculation(ratio, factor, bonus, rounding)
    steps = steps_of(calculation, amount, 2)
    assert steps.points == calculate(calculation, amount, 2)[0] == max(0, steps.whole + steps.bonus)


def test_a_promotion_alone_has_no_money_in_its_steps() -> None:
    assert steps_of(Calculation(bonus=-10), None, 2) == (None, None, None, 0, -10, -10)


# -- previews ------------------------------------------------------------------------------------------------------
def test_preview_of_the_documented_sale_says_each_step() -> None:
    desk = Desk()
    club = make_campaign(desk.made, points_ratio_ppm=5_000_000)
    promotion_id = make_promotion(desk.made, club, points=100)
    club = desk.made.fresh().campaigns_by_id[club.id]
    what = {"amount_minor": 995, "promotion": club.promotions[promotion_id]}
    before = desk.entries()
    preview = desk.sale(club, act=preview_activity, **what)
    assert (preview.steps.amount_minor, preview.steps.ratio_ppm, preview.steps.whole, preview.steps.bonus) == (
        995,
        5_000_000,
        49,
        100,
    )
    assert (preview.receipt.posted.amount, preview.receipt.posted.balance, preview.receipt.is_dry_run) == (149, 149, True)
    assert desk.entries() == before, "a preview writes nothing"
    assert shown(desk.sale(club, **what)) == shown(preview.receipt)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=4), st.sampled_from(["down", "nearest", "up"]), st.booleans())
def test_preview_is_what_is_recorded_also_with_carried_fractions_and_a_second_tier(amounts, rounding, carries) -> None:
    desk = Desk()
    club = make_campaign(
        desk.made, points_ratio_ppm=70_000, rounding=rounding, carries_remainder=carries and rounding == "down"
    )
    mall = make_campaign(desk.made)
    make_second_tier(desk.made, mall)
    for amount_minor in amounts:
        preview = desk.sale(club, act=preview_activity, amount_minor=amount_minor)
        receipt = desk.sale(club, amount_minor=amount_minor)
        assert shown(preview.receipt) == shown(receipt)
        assert preview.steps.points + preview.carried == receipt.posted.amount


def test_preview_of_a_redemption_refuses_what_redeeming_refuses() -> None:
    desk = Desk()
    club = make_campaign(desk.made, reward_ratio_ppm=20_000_000, points_ratio_ppm=5_000_000)
    desk.sale(club, amount_minor=20_000)
    account = desk.made.fresh()
    spending = currency_spending(account, account.campaigns_by_id[club.id], 1_000)
    preview = desk.sale(club, act=preview_redemption, spending=spending)
    assert (preview.receipt.posted.amount, preview.receipt.posted.balance) == (-1_000, 0)
    with pytest.raises(InsufficientBalance):
        desk.sale(club, act=preview_redemption, spending=points_spending(1_001))
    assert shown(desk.sale(club, act=redeem, spending=spending)) == shown(preview.receipt)


def test_preview_does_not_book_what_is_due() -> None:
    desk = Desk()
    club = make_campaign(desk.made)
    make_depreciation(desk.made, club)
    desk.sale(club, amount_minor=100)
    before = desk.entries()
    preview = desk.sale(club, 31, act=preview_activity, amount_minor=5)
    assert preview.receipt.posted.balance == 5, "the 100 points are gone by then"
    assert desk.entries() == before
    assert desk.sale(club, 31, amount_minor=5).posted.balance == 5


# -- the customer at the counter -----------------------------------------------------------------------------------
def test_balances_of_every_campaign_with_what_expires_soon() -> None:
    desk = Desk()
    club, cards = make_campaign(desk.made, name="Club"), make_campaign(desk.made, kind="giftcard", name="Cards")
    make_depreciation(desk.made, club, percentage_ppm=500_000)
    desk.sale(club, 0, amount_minor=100)
    desk.sale(club, 20, amount_minor=60)
    desk.sale(cards, 0, amount_minor=995)
    seen = desk.seen(21)
    assert [(place.campaign.name, place.standing.balance) for place in seen.places] == [("Club", 160), ("Cards", 995)]
    club_place, cards_place = seen.places
    assert club_place.coming is not None
    assert (club_place.coming.amount, club_place.coming.first_at) == (80, NOW + timedelta(days=30))
    assert cards_place.coming is None
    assert [(row.row.amount, row.left) for row in seen.recent if row.row.kind == "earn"] == [(60, 60), (995, 995), (100, 100)]
    assert desk.seen(21, recent_length=0).recent == ()


def test_a_campaign_never_joined_stands_behind_with_zeros() -> None:
    desk = Desk()
    make_campaign(desk.made, name="First")
    club = make_campaign(desk.made, name="Second")
    desk.sale(club, amount_minor=1)
    assert [(place.campaign.name, place.standing.is_joined) for place in desk.seen().places] == [
        ("Second", True),
        ("First", False),
    ]


def test_a_clerk_sees_only_his_campaigns_and_their_transactions() -> None:
    desk = Desk()
    club, other = make_campaign(desk.made), make_campaign(desk.made)
    bob = make_user(desk.made, campaigns_access="some", allowed_campaign_ids=[club.id])
    desk.sale(club, amount_minor=1)
    desk.sale(other, amount_minor=2)
    seen = desk.seen(by=bob.user)
    assert [place.campaign.id for place in seen.places] == [club.id]
    assert {row.campaign.id for row in seen.recent} == {club.id}


def test_another_accounts_customer_does_not_exist() -> None:
    desk, charlie = Desk(), make_account()
    with pytest.raises(CustomerNotFound), unit_of_work(charlie.id):
        get_at_counter(account=charlie.fresh(), by=charlie.owner, at=NOW, customer_id=desk.customer.id)


def test_what_was_taken_back_is_less_and_what_was_deleted_is_gone() -> None:
    desk = Desk()
    club = make_campaign(desk.made)
    first, second = (desk.sale(club, amount_minor=100).posted.entry_id for _ in range(2))
    with unit_of_work(desk.made.id):
        account = desk.made.fresh()
        by = owner_of(account)
        recorded = get_transaction(account=account, by=by, entry_id=first)
        reverse_transaction(account=account, by=by, at=NOW, recorded=recorded, amount=30, description="Two cups came back")
        recorded = get_transaction(account=account, by=by, entry_id=second)
        delete_transaction(account=account, by=by, at=NOW, recorded=recorded)
    rows = {row.row.id: row.left for row in desk.seen().recent if row.row.kind == "earn"}
    assert rows == {first: 70}
    assert any(row.row.description == "Two cups came back" and row.left == 0 for row in desk.seen().recent)


def test_the_same_part_is_not_taken_back_twice() -> None:
    desk = Desk()
    club = make_campaign(desk.made)
    entry_id = desk.sale(club, amount_minor=100).posted.entry_id

    def take() -> None:
        with unit_of_work(desk.made.id):
            account = desk.made.fresh()
            by = owner_of(account)
            recorded = get_transaction(account=account, by=by, entry_id=entry_id)
            reverse_transaction(account=account, by=by, at=NOW, recorded=recorded, amount=30, seen_left=100)

    take()
    with pytest.raises(TakenBackMeanwhile):
        take()
    assert desk.seen().places[0].standing.balance == 70


# -- receipts ------------------------------------------------------------------------------------------------------
def test_a_receipt_again_says_what_the_first_said() -> None:
    desk = Desk()
    club = make_campaign(desk.made, name="Club")
    mall = make_campaign(desk.made, name="Mall")
    make_second_tier(desk.made, mall)
    first = desk.sale(club, amount_minor=995)
    desk.sale(club, amount_minor=5)
    account = desk.made.fresh()
    with unit_of_work(desk.made.id):
        kept = get_receipt(account=account, by=owner_of(account), entry_id=first.posted.entry_id)
    assert (kept.amount, kept.balance_after, kept.left, kept.second_tier) == (995, 995, 995, (99, 99))
    assert (kept.frame.purchase_minor, kept.frame.description, kept.frame.is_redemption) == (995, "Club", False)
    assert kept.customer.first_name == "Ann"


def test_a_receipt_of_a_free_item_counts_what_is_left() -> None:
    desk = Desk()
    stamps = make_campaign(desk.made, kind="buyx")
    item_id = make_item(desk.made, stamps, level=3)
    item = desk.made.fresh().campaigns_by_id[stamps.id].items[item_id]
    desk.sale(stamps, item=item, quantity=5)
    posted = desk.sale(stamps, act=redeem, spending=item_spending(item)).posted
    account = desk.made.fresh()
    with unit_of_work(desk.made.id):
        kept = get_receipt(account=account, by=owner_of(account), entry_id=posted.entry_id)
    assert (kept.amount, kept.balance_after, kept.needed_for_free, kept.free_available) == (-3, 2, 1, 0)
    assert kept.subject == "Flat white"


def test_no_receipt_of_another_account_of_a_hidden_campaign_or_of_a_deleted_sale() -> None:
    desk, charlie = Desk(), make_account()
    club = make_campaign(desk.made)
    bob = make_user(desk.made, campaigns_access="none")
    entry_id = desk.sale(club, amount_minor=1).posted.entry_id
    account = desk.made.fresh()

    def refused(account: AccountConfig, by: Any) -> bool:
        with pytest.raises(TransactionNotFound), unit_of_work(account.id):
            get_receipt(account=account, by=by, entry_id=entry_id)
        return True

    assert refused(charlie.fresh(), charlie.owner)
    assert refused(account, bob.user)
    with unit_of_work(desk.made.id):
        by = owner_of(account)
        recorded = get_transaction(account=account, by=by, entry_id=entry_id)
        delete_transaction(account=account, by=by, at=NOW, recorded=recorded)
    assert refused(account, by)


def test_a_receipt_waits_in_the_outbox_once() -> None:
    desk = Desk()
    club = make_campaign(desk.made)
    entry_id = desk.sale(club, amount_minor=1).posted.entry_id
    with unit_of_work(desk.made.id):
        account = desk.made.fresh()
        for _ in range(2):
            queue_receipt(account=account, customer=desk.customer, entry_id=entry_id, at=NOW)
        rows = list(OutboxMessage.objects.filter(account_id=account.id).values_list("kind", "entry_id", "customer_id"))
        assert rows == [("transaction", entry_id, desk.customer.id)]
        with pytest.raises(InvalidParameter, match="no e-mail address"):
            queue_receipt(account=account, customer=desk.customer._replace(email=""), entry_id=entry_id, at=NOW)


# -- finding -------------------------------------------------------------------------------------------------------
def test_one_field_finds_by_card_code_mail_phone_and_words() -> None:
    made = make_account()
    ann = make_customer(
        made,
        code="A-1",
        card_number="777001",
        first_name="Ann",
        last_name="Lee",
        email="ann@example.org",
        phone="(503) 555-0100",
    )
    amy = make_customer(made, code="A-2", card_number="777002", first_name="Amy", last_name="Lee")

    def look(text: str, account: MadeAccount = made) -> Any:
        with unit_of_work(account.id):
            return look_for_customer(account=account.fresh(), text=text, length=20)

    for text in ("777001", "A-1", " 777001 ", "ann@example.org", "5035550100", "Ann", "ann lee"):
        assert look(text).customer_id == ann.id, text
    both = look("lee")
    assert both.customer_id is None
    assert [row.id for row in both.page.rows] == [ann.id, amy.id]
    nobody = look("Zoe")
    assert (nobody.customer_id, nobody.page.total) == (None, 0)
    assert look("777001", make_account()).page.total == 0
    for wrong in (" ", ",", "x" * 1_001):
        with pytest.raises(InvalidParameter):
            look(wrong)


# -- enrolling -----------------------------------------------------------------------------------------------------
def enrol(made: MadeAccount, key: str = "k1", **changes: Any) -> int:
    with unit_of_work(made.id):
        account = made.fresh()
        given: dict[str, Any] = {"profile": Profile(first_name="Ann", card_number="5", email="ann@example.org")} | changes
        return enrol_once(account=account, by=owner_of(account), at=NOW, key=key, **given)


def customers(made: MadeAccount) -> int:
    with unit_of_work(made.id):
        return Customer.objects.filter(account_id=made.id).count()


def test_a_form_sent_twice_is_one_customer_and_one_mail() -> None:
    made = make_account()
    assert enrol(made) == enrol(made)
    assert customers(made) == 1
    with unit_of_work(made.id):
        assert OutboxMessage.objects.filter(account_id=made.id).count() == 1


def test_a_key_used_for_another_customer_is_refused() -> None:
    made = make_account()
    enrol(made)
    with pytest.raises(KeyReused):
        enrol(made, profile=Profile(first_name="Amy"))
    with pytest.raises(CardInUse):
        enrol(made, key="k2")
    assert customers(made) == 1


@pytest.mark.parametrize("card", ["5", None])
def test_a_double_click_at_the_same_moment_is_one_customer(card: str | None) -> None:
    made = make_account()
    profile = Profile(first_name="Ann", card_number=card)

    def once(_: int) -> int:
        try:
            return enrol(made, profile=profile, card=None if card else CardRequest())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(once, range(4)))) == 1
    assert customers(made) == 1


def test_a_sale_sent_twice_under_one_key_is_one_sale() -> None:
    desk = Desk()
    cards = make_campaign(desk.made, kind="giftcard")
    first = desk.sale(cards, key="k", amount_minor=500)
    again = desk.sale(cards, key="k", amount_minor=500)
    assert (again.posted.entry_id, again.posted.is_replay) == (first.posted.entry_id, True)
    with pytest.raises(InsufficientBalance):
        desk.sale(cards, act=redeem, spending=money_spending(desk.made.fresh(), 501))
