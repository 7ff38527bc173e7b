# SPDX-License-Identifier: Apache-2.0
"""An event exists if and only if its fact was committed: whatever the order in which transactions begin and end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from regulars.customers.merge import replace_numbers
from regulars.customers.operations import edit
from regulars.customers.rules import Profile
from regulars.errors import InvariantViolation
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import post, reverse
from regulars.transactions.erase import delete_customer, erase_personal_data
from regulars.transactions.merge import merge_customers
from regulars.webhooks.collecting import collect, list_endpoints_behind
from regulars.webhooks.horizon import Horizon
from tests.client import Api
from tests.concurrency.workers import Shop, in_threads, open_shop
from tests.factories import (
    NOW,
    make_account,
    make_campaign,
    make_customer,
    make_item,
    make_promotion,
    make_sale,
    make_second_tier,
    make_user,
    owner_of,
)
from tests.till import RunAsOwner, make_till
from tests.webhooks.telling import Hook, collect_all, make_webhook, now, settled_mark

SALES = ("transaction.recorded", "transaction.redeemed", "transaction.reversed", "transaction.deleted")


def told(hook: Hook) -> list[tuple[str, dict[str, Any]]]:
    """Collect, and return (kind, data) of all there is for an endpoint."""
    return [(each.kind, json.loads(each.payload)["data"]) for each in collect_all(hook)]


def facts(run_as_owner: RunAsOwner, account_id: int) -> set[str]:
    """The ids of all events about transactions that there must be, by a scan of the books that shares nothing with the job."""
    rows = run_as_owner(
        "SELECT e.id FROM ledger_entries e LEFT JOIN ledger_entries o ON o.account_id = e.account_id AND o.id = e.reverses_id"
        " WHERE e.account_id = %s AND (e.kind IN ('earn', 'redeem') OR (e.kind = 'reverse' AND o.kind IN ('earn', 'redeem')))",
        account_id,
    )
    return {f"evt_t{row[0]}" for row in rows}


# -- what is told ---------------------------------------------------------------------------------------------------
def test_a_sale_is_told_as_it_stands_in_the_books(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner, currency="EUR")
    club = make_campaign(till.made, name="Coffee club")
    promotion = make_promotion(till.made, club, description="Bring a friend")
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    hook = make_webhook(till.made)
    sale = till.sold(club, amount="9.95", promo_id=promotion, authorization="Order 7", reference="R-7", idempotency_key="k")
    assert till.record(
        club, amount="9.95", promo_id=promotion, authorization="Order 7", reference="R-7", idempotency_key="k"
    ).ok
    assert till.record(club, amount="5", dry_run="Y").ok
    ((kind, data),) = told(hook)
    assert kind == "transaction.recorded"
    uid = data["customer"].pop("profile_uid")
    assert data["customer"] == {"code": "c1", "card_number": "777001"}, "who he is is told in events about customers only"
    sold = data["transaction"]
    assert uid.isdecimal()
    assert (sold["id"], sold["amount"], sold["balance"], sold["unit"]) == (sale, "1095", "1095", "points")
    assert sold["campaign"] == {"id": club.number, "name": "Coffee club", "type": "points"}
    assert sold["purchase"] == {"amount": "9.95", "currency": "EUR"}
    assert sold["promotion"] == {"id": str(promotion), "description": "Bring a friend"}
    assert (sold["description"], sold["reference"], sold["user"]) == ("Order 7", "R-7", till.made.code)
    assert (sold["item"], sold["reward"], sold["contribution"], sold["custom_fields"]) == (None, None, None, {})
    (delivery,) = hook.deliveries()
    event = json.loads(delivery.payload)
    assert (event["id"], event["type"], event["account_id"]) == (delivery.event_id, kind, till.made.code)
    assert event["timestamp"] == sold["recorded_at"]
    assert event["timestamp"].endswith("Z")


def test_money_and_units_are_told_in_their_own_way(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner, currency="EUR")
    make_customer(till.made, code="c1")
    card, drinks = make_campaign(till.made, kind="giftcard"), make_campaign(till.made, kind="buyx")
    item = make_item(till.made, drinks, description="Latte", level=2)
    hook = make_webhook(till.made)
    till.sold(card, amount="20")
    till.redeemed(card, reward_to_redeem="7.5")
    till.sold(drinks, service_product=item, buyx_quantity=3)
    sold, redeemed, bought = (data["transaction"] for _, data in told(hook))
    assert (sold["amount"], sold["balance"], sold["unit"]) == ("20.00", "20.00", "EUR")
    assert (redeemed["amount"], redeemed["balance"]) == ("-7.50", "12.50")
    assert (bought["amount"], bought["unit"], bought["item"]) == ("3", "units", {"id": str(item), "description": "Latte"})


def test_taking_back_deleting_and_deleting_what_was_taken_back_are_one_event_each(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    club = make_campaign(till.made, points_ratio_ppm=10_000_000)
    hook = make_webhook(till.made)
    first, second = till.sold(club, amount="10"), till.sold(club, amount="10")
    of = {"campaign_id": club.number, "code": "c1"}
    assert till.call("transaction_reverse", transaction_id=first, amount="4").ok
    assert till.call("transaction_reverse", transaction_id=first).ok
    assert till.call("transaction_delete", transaction_id=first, **of).ok
    assert till.call("transaction_delete", transaction_id=first, **of).ok, "once more changes nothing"
    assert till.call("transaction_delete", transaction_id=second, **of).ok
    events = told(hook)
    assert [kind for kind, _ in events] == [
        "transaction.recorded", "transaction.recorded", "transaction.reversed", "transaction.reversed", "transaction.deleted",
        "transaction.deleted",
    ]  # fmt: skip
    part, rest, hidden, deleted = (data for _, data in events[2:])
    assert (part["reversal"]["amount"], part["reversal"]["balance"]) == ("-40", "160")
    assert (rest["reversal"]["amount"], rest["reversal"]["balance"]) == ("-60", "100")
    assert [data["transaction"]["id"] for data in (part, rest, hidden)] == [first] * 3
    assert hidden["reversal"] is None
    assert hidden["deletion"]["user"] == till.made.code
    assert (deleted["transaction"]["id"], deleted["reversal"]["amount"], deleted["reversal"]["balance"]) == (
        second,
        "-100",
        "0",
    )


def test_the_share_of_a_second_tier_is_told_with_its_sale() -> None:
    made = make_account()
    club, mall = make_campaign(made, name="Club", points_ratio_ppm=10_000_000), make_campaign(made, name="Mall")
    make_second_tier(made, mall, percent=10)
    customer = make_customer(made)
    hook = make_webhook(made)
    sale = make_sale(made, customer, club, amount_minor=1000)
    with unit_of_work(made.id):
        reverse(account=made.fresh(), entry_id=sale, by=made.owner.id, at=NOW)
    (_, sold), (_, taken_back) = told(hook)
    assert sold["transaction"]["contribution"] == {
        "campaign": {"id": mall.number, "name": "Mall", "type": "points"}, "amount": "10", "balance": "10",
    }  # fmt: skip
    assert taken_back["reversal"]["amount"] == "-100"


def test_what_becomes_of_customers() -> None:
    made = make_account()
    hook = make_webhook(made)
    ann = make_customer(made, code="c1", first_name="Ann", email="ann@example.org", password="a_secret_word_1")
    bob = make_customer(made, code="c2", first_name="Bob")
    at = {"by": made.owner.id, "at": NOW}
    with unit_of_work(made.id):
        edit(account=made.fresh(), customer_id=ann.id, profile=Profile(last_name="Lee", pin="4711"), **at)
        replace_numbers(account=made.fresh(), customer_id=ann.id, code=None, card_number="999001", at=NOW)
    events = told(hook)
    assert [kind for kind, _ in events] == ["customer.created", "customer.created", "customer.updated", "customer.updated"]
    created, _, named, carded = (data for _, data in events)
    assert created["customer"]["email"] == "ann@example.org"
    assert created["customer"]["card_number"] == "999001", "data are as of when the event was collected"
    assert (named["changed"], carded["changed"]) == (["last_name", "pin"], ["card_number"])
    raw = "".join(delivery.payload for delivery in hook.deliveries())
    assert "4711" not in raw
    assert "secret_word" not in raw
    assert "argon2" not in raw
    with unit_of_work(made.id):
        merge_customers(account=made.fresh(), by=made.owner, at=NOW, customer_id=ann.id, gone_id=bob.id)
        erase_personal_data(account=made.fresh(), by=made.owner, at=NOW, code="c1")
    (_, merged), (_, erased) = told(hook)[4:]
    assert merged == {
        "customer": {"profile_uid": str(bob.id)}, "reason": "merged", "merged_into": {"profile_uid": str(ann.id)},
    }  # fmt: skip
    assert erased == {"customer": {"profile_uid": str(ann.id)}, "reason": "erased", "merged_into": None}
    make_customer(made, code="c3")
    with unit_of_work(made.id):
        delete_customer(account=made.fresh(), by=made.owner, at=NOW, code="c3")
    assert [(kind, data.get("reason")) for kind, data in told(hook)[6:]] == [
        ("customer.created", None), ("customer.deleted", "deleted"),
    ]  # fmt: skip


def test_an_endpoint_is_told_only_what_it_chose(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner)
    club, other = make_campaign(till.made), make_campaign(till.made)
    everything = make_webhook(till.made)
    redeemed = make_webhook(till.made, kinds=["transaction.redeemed"])
    of_club = make_webhook(till.made, kinds=SALES, campaign_ids=[club.id])
    people = make_webhook(till.made, kinds=["customer.created"])
    make_customer(till.made, code="c1")
    for campaign in (club, other):
        till.sold(campaign, amount="10")
        till.redeemed(campaign, custom_points_redeem="5")
    deleted = till.sold(other, amount="1")
    assert till.call("transaction_delete", campaign_id=other.number, code="c1", transaction_id=deleted).ok
    collect_all(everything, redeemed, of_club, people)
    counts = [len(hook.deliveries()) for hook in (everything, redeemed, of_club, people)]
    assert counts == [7, 2, 2, 1]
    assert {delivery.kind for delivery in people.deliveries()} == {"customer.created"}


def test_rules_and_merges_write_no_events_of_their_own() -> None:
    made = make_account()
    club = make_campaign(made)
    hook = make_webhook(made, kinds=SALES)
    ann, bob = make_customer(made, campaigns=(club,), openings=(30,)), make_customer(made, campaigns=(club,))
    with unit_of_work(made.id):
        merge_customers(account=made.fresh(), by=made.owner, at=NOW, customer_id=bob.id, gone_id=ann.id)
    assert {kind for kind, _ in told(hook)} <= {"transaction.recorded"}


# -- from when on ---------------------------------------------------------------------------------------------------
def test_what_was_before_an_endpoint_and_what_is_of_others_is_not_told() -> None:
    made, other = make_account(), make_account()
    for each in (made, other):
        make_customer(each, code="c1")
    hook = make_webhook(made)
    assert told(hook) == []
    make_customer(other, code="c2")
    make_sale(other, make_customer(other), make_campaign(other))
    assert told(hook) == []


def test_collecting_in_pages_and_again_tells_each_fact_once() -> None:
    made = make_account()
    club, customer = make_campaign(made), make_customer(made)
    hook = make_webhook(made)
    sales = [make_sale(made, customer, club) for _ in range(10)]
    mark = settled_mark()
    with unit_of_work(made.id):
        is_all = collect(account=made.fresh(), endpoint_id=hook.id, until=mark, at=now(), page=3)
    assert not is_all
    assert [delivery.event_id for delivery in hook.deliveries()] == [f"evt_t{sale}" for sale in sales[:3]]
    for _ in range(2):
        assert [delivery.event_id for delivery in collect_all(hook, page=3)] == [f"evt_t{sale}" for sale in sales]


def test_an_endpoint_that_somebody_works_on_is_left_for_the_next_time(owner_url: str) -> None:
    made = make_account()
    hook = make_webhook(made)
    make_customer(made)
    mark = settled_mark()
    with psycopg.connect(owner_url) as other:
        other.execute("SELECT 1 FROM webhooks_lanes WHERE endpoint_id = %s FOR UPDATE", (hook.id,))
        with unit_of_work(made.id):
            assert collect(account=made.account, endpoint_id=hook.id, until=mark, at=now())
        assert hook.deliveries() == []
    assert len(collect_all(hook)) == 1


# -- gaps -----------------------------------------------------------------------------------------------------------
class Till(threading.Thread):
    """A sale in a transaction that is held open."""

    def __init__(self, shop: Shop, customer: int) -> None:
        super().__init__(daemon=True)
        self.shop, self.customer = shop, customer
        self.posted, self.may_end = threading.Event(), threading.Event()
        self.rolls_back = False

    def run(self) -> None:
        from django.db import connection, transaction

        try:
            with unit_of_work(self.shop.made.id):
                post(self.shop.account, self.shop.posting(self.customer, 10))
                self.posted.set()
                assert self.may_end.wait(60)
                transaction.set_rollback(self.rolls_back)
        finally:
            connection.close()


@contextmanager
def held_sale(shop: Shop, customer: int) -> Iterator[Till]:
    till = Till(shop, customer)
    till.start()
    assert till.posted.wait(60)
    try:
        yield till
    finally:
        till.may_end.set()
        till.join(60)


@pytest.mark.parametrize("rolls_back", [False, True])
def test_a_sale_that_commits_late_is_not_overtaken(run_as_owner: RunAsOwner, *, rolls_back: bool) -> None:
    shop = open_shop()
    hook = make_webhook(shop.made)
    horizon = Horizon()
    with held_sale(shop, shop.customer_ids[0]) as late:
        late.rolls_back = rolls_back
        with unit_of_work(shop.made.id):
            post(shop.account, shop.posting(shop.customer_ids[1], 10))  # a higher number, committed first
        for _ in range(3):
            mark = horizon.look()
            assert horizon.is_behind
            if mark is not None:
                assert (shop.made.id, hook.id) not in list_endpoints_behind(mark)
    assert {each.event_id for each in collect_all(hook)} == facts(run_as_owner, shop.made.id)
    assert len(hook.deliveries()) == (1 if rolls_back else 2)


def test_a_number_is_held_even_if_nothing_was_committed_after_it(run_as_owner: RunAsOwner) -> None:
    """The xmax of a snapshot would call this settled: it is one past the last transaction that has ended."""
    shop = open_shop()
    hook = make_webhook(shop.made)
    horizon = Horizon()
    with held_sale(shop, shop.customer_ids[0]):
        for _ in range(2):
            mark = horizon.look()
            drawn = run_as_owner("SELECT pg_sequence_last_value('ledger_entries_id_seq')")[0][0]
            assert mark is None or mark.entry_id < drawn
    assert len(collect_all(hook)) == 1


def test_who_has_drawn_a_number_has_a_transaction_number_before_that(run_as_owner: RunAsOwner) -> None:
    """What the horizon stands on."""
    shop = open_shop()
    with held_sale(shop, shop.customer_ids[0]):
        settled = int(run_as_owner("SELECT webhooks_settled()")[0][0])
        mark = run_as_owner("SELECT xid FROM webhooks_mark()")[0][0]
    assert settled < mark


def test_the_horizon_is_not_looked_at_inside_a_transaction() -> None:
    made = make_account()
    with unit_of_work(made.id), pytest.raises(InvariantViolation):
        Horizon().look()


def test_marks_of_a_long_transaction_are_thinned_out() -> None:
    shop = open_shop()
    horizon = Horizon()
    with held_sale(shop, shop.customer_ids[0]):
        for _ in range(150):
            horizon.look()
        assert len(horizon._waiting) <= 65
        newest = horizon._waiting[-1]
    assert settled_mark().entry_id >= newest[1].entry_id


def test_under_concurrent_sales_the_events_are_exactly_what_was_committed(run_as_owner: RunAsOwner) -> None:
    shop = open_shop(customer_count=6)
    hook = make_webhook(shop.made, kinds=SALES)
    sold: list[int] = []

    def sell(number: int) -> None:
        customer = shop.customer_ids[number % 6]
        for turn in range(12):
            with unit_of_work(shop.made.id):
                posted = post(shop.account, shop.posting(customer, 10 + turn))
                if turn % 4 == 3:
                    post(shop.account, shop.posting(customer, -3))
                if turn % 5 == 4:
                    reverse(account=shop.account, entry_id=posted.entry_id, by=shop.made.owner.id, at=NOW, is_delete=turn > 5)
                if (turn + number) % 3 == 0:
                    raise_away()
                sold.append(posted.entry_id)

    def raise_away() -> None:
        from django.db import transaction

        transaction.set_rollback(True)

    done = threading.Event()

    def collect_meanwhile() -> int:
        horizon, rounds = Horizon(), 0
        while not done.is_set():
            mark = horizon.look()
            if mark is not None and (shop.made.id, hook.id) in list_endpoints_behind(mark):
                with unit_of_work(shop.made.id):
                    collect(account=shop.account, endpoint_id=hook.id, until=mark, at=now())
                rounds += 1
        return rounds

    def sell_all() -> int:
        try:
            return len([failed for failed in in_threads([lambda n=n: sell(n) for n in range(6)], 6) if failed is not None])
        finally:
            done.set()

    failed, rounds, others = in_threads([sell_all, collect_meanwhile, collect_meanwhile], 3)
    assert failed == 0
    assert isinstance(rounds, int)
    assert isinstance(others, int)
    deliveries = collect_all(hook)
    lines = facts(run_as_owner, shop.made.id)
    deletions = run_as_owner("SELECT id, reversal_id FROM ledger_deletions WHERE account_id = %s", shop.made.id)
    assert deletions, "some were deleted"
    expected = (lines - {f"evt_t{row[1]}" for row in deletions}) | {f"evt_d{row[0]}" for row in deletions}
    assert sorted(each.event_id for each in deliveries) == sorted(expected)
    assert rounds + others > 1, "it was collected while sales went on"


def test_a_user_of_the_account_is_named_also_once_he_is_gone() -> None:
    made = make_account()
    club, customer = make_campaign(made), make_customer(made)
    bob = make_user(made, role="K")
    hook = make_webhook(made)
    make_sale(made, customer, club, by=bob.user)
    with unit_of_work(made.id):
        from regulars.users.operations import delete_user

        delete_user(account=made.fresh(), by=owner_of(made.fresh()), at=NOW, code=bob.code)
    ((_, data),) = told(hook)
    assert data["transaction"]["user"] == bob.code


def test_times_are_the_accounts_also_with_a_test_clock(run_as_owner: RunAsOwner) -> None:
    made = make_account()
    hook = make_webhook(made, kinds=["customer.created"])
    run_as_owner("UPDATE accounts_accounts SET test_clock_offset_seconds = 86400 WHERE id = %s", made.id)
    make_customer(made)
    (delivery,) = collect_all(hook)
    assert json.loads(delivery.payload)["timestamp"] > (now() + timedelta(hours=23)).isoformat()
