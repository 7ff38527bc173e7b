# SPDX-License-Identifier: Apache-2.0
"""campaign_delete: what is deleted vanishes, and history still names it (api.md 9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from regulars.campaigns.operations import add_depreciation, add_fee
from regulars.kit.db import unit_of_work
from tests.client import Api, Parsed
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_campaign,
    make_coalition,
    make_customer,
    make_item,
    make_promotion,
    make_reward,
    make_user,
    owner_of,
)
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    return till


def delete(till: Till, action: str, **fields: Any) -> Parsed:
    return till.call("campaign_delete", action=action, **fields)


def history(till: Till, campaign: Any, **fields: Any) -> list[tuple[str, str, str]]:
    answer = till.call("customer_balance", campaign_id=campaign.number, code="c1", **fields)
    assert answer.ok, answer
    rows = answer.json["campaign"]["customer"].get("transactions", [])
    return [(row["id"], row["service_product"], row["amount"]) for row in rows]


def let_expire(made: MadeAccount, campaign: Any, at: datetime = NOW, **rule: Any) -> int:
    given = {"basis": "per_transaction", "interval_count": 30, "interval_unit": "days", "percentage_ppm": 1_000_000} | rule
    with unit_of_work(made.id):
        account = made.fresh()
        return add_depreciation(account=account, by=owner_of(account), at=at, campaign_id=campaign.id, **given)


def test_a_deleted_campaign_vanishes_and_its_books_stay(till: Till) -> None:
    campaign = make_campaign(till.made, name="Summer")
    till.sold(campaign, amount="10")
    books = till.books()
    answer = delete(till, "campaign", campaign_id=campaign.number)
    assert answer.json == {"status": "success", "campaign": {"status": "deleted", "id": campaign.number}}
    assert b'<campaign status="deleted"><id>' in answer.xml_body
    assert till.books() == books
    for call in ("campaigns_list", "campaigns_inactive_list"):
        assert till.call(call).json["campaigns"] == []
    assert till.call("customer_info", code="c1").json["campaigns"] == []
    for call, fields in (
        ("campaign_rewards", {}),
        ("record_activity", {"code": "c1", "amount": "1"}),
        ("customer_balance", {"code": "c1"}),
        ("campaign_reactivate", {}),
        ("campaign_delete", {"action": "campaign"}),
    ):
        answer = till.call(call, campaign_id=campaign.number, **fields)
        assert answer.errors == ["Campaign not valid or deactivated."], call


def test_its_name_stays_taken(till: Till) -> None:
    campaign = make_campaign(till.made, name="Summer")
    assert delete(till, "campaign", campaign_id=campaign.number).ok
    again = till.call("campaign_new", action="campaign", campaign_type="points", campaign_name="Summer")
    assert again.errors == ["Error with campaign name"]


def test_a_campaign_on_hold_can_be_deleted(till: Till) -> None:
    campaign = make_campaign(till.made)
    assert till.call("campaign_deactivate", campaign_id=campaign.number).ok
    assert delete(till, "campaign", campaign_id=campaign.number).ok
    assert till.call("campaigns_inactive_list").json["campaigns"] == []


def test_a_deleted_reward_is_gone_and_past_redemptions_name_it(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=100, description="Mug & saucer")
    sale = till.sold(campaign, amount="10")
    spent = till.redeemed(campaign, reward_to_redeem=reward)
    answer = delete(till, "reward", reward_id=reward)
    assert answer.json == {"status": "success", "reward": {"status": "deleted", "id": str(reward)}}
    assert history(till, campaign) == [(spent, "Mug & saucer", "-100"), (sale, "", "1000")]
    assert till.call("campaign_rewards", campaign_id=campaign.number).json["rewards"] == []
    assert till.redeem(campaign, reward_to_redeem=reward).error_code == "reward_not_found"
    assert till.call("campaign_update", action="reward", reward_id=reward, new_reward_level=5).error_code == "reward_not_found"
    again = delete(till, "reward", reward_id=reward)
    assert again.errors == ["reward_id is not valid: no such reward"]


def test_a_deleted_promotion_is_gone_and_past_transactions_name_it(till: Till) -> None:
    campaign = make_campaign(till.made)
    promotion = make_promotion(till.made, campaign, points=25, description="Bring a friend")
    sale = till.sold(campaign, promo_id=promotion)
    answer = delete(till, "promo", promo_id=promotion)
    assert answer.json == {"status": "success", "promo": {"status": "deleted", "id": str(promotion)}}
    assert history(till, campaign) == [(sale, "Bring a friend", "25")]
    assert till.balance(campaign) == "25"
    assert till.call("campaign_promos", campaign_id=campaign.number).json["promotions"] == []
    assert till.record(campaign, promo_id=promotion).error_code == "promotion_not_found"
    assert delete(till, "promo", promo_id=promotion).errors == ["promo_id is not valid: no such promotion"]


def test_a_deleted_item_is_gone_with_what_customers_have_of_it_and_past_transactions_name_it(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    tea, coffee = make_item(till.made, campaign, description="Tea"), make_item(till.made, campaign, description="Coffee")
    first = till.sold(campaign, service_product=tea, buyx_quantity=4)
    second = till.sold(campaign, service_product=coffee, buyx_quantity=3)
    books = till.books()
    answer = delete(till, "item", item_id=tea)
    assert answer.json == {"status": "success", "item": {"status": "deleted", "id": str(tea)}}
    assert history(till, campaign) == [(second, "Coffee", "3"), (first, "Tea", "4")]
    shown = till.call("customer_info", code="c1").json["campaigns"][0]
    assert (shown["balance"], [each["id"] for each in shown["balances"]]) == ("3", [str(coffee)])
    assert till.books() == books
    assert till.record(campaign, service_product=tea).error_code == "item_not_found"
    assert delete(till, "item", item_id=tea).errors == ["item_id is not valid: no such item"]


def test_a_shared_balance_outlives_the_store_it_was_earned_in(till: Till) -> None:
    make_coalition(till.made)
    closed, open_store = make_campaign(till.made), make_campaign(till.made)
    till.sold(closed, amount="10")
    assert delete(till, "campaign", campaign_id=closed.number).ok
    assert till.balance(open_store) == "1000"
    till.redeemed(open_store, custom_points_redeem=400)
    assert till.balance(open_store) == "600"


def test_deleting_a_campaign_ends_its_rules_and_what_was_due_before_is_still_taken(till: Till) -> None:
    make_coalition(till.made)
    closed, open_store = make_campaign(till.made), make_campaign(till.made)
    let_expire(till.made, closed)
    with unit_of_work(till.made.id):
        account = till.made.fresh()
        add_fee(
            account=account, by=owner_of(account), at=NOW, campaign_id=closed.id, interval_count=10, interval_unit="days",
            amount=5, description="Fee",
        )  # fmt: skip
    begun = NOW + timedelta(minutes=5)
    assert till.api.call_at(begun, "record_activity", campaign_id=closed.number, code="c1", amount="10").ok
    later = begun + timedelta(days=25)
    sold = till.api.call_at(later, "record_activity", campaign_id=closed.number, code="c1", amount="1")
    assert sold.at("receipt/transaction/balance/points") == "1090"
    ended = begun + timedelta(days=31)
    assert till.api.call_at(ended, "campaign_delete", action="campaign", campaign_id=closed.number).ok
    shown = till.api.call_at(begun + timedelta(days=900), "customer_info", code="c1", campaign_id=open_store.number)
    assert shown.at("campaigns/campaign/balance") == "95"


def test_a_dry_run_deletes_nothing_and_a_key_gives_the_first_answer_again(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign)
    assert delete(till, "reward", reward_id=reward, dry_run="Y").ok
    first = delete(till, "reward", reward_id=reward, idempotency_key="once")
    again = delete(till, "reward", reward_id=reward, idempotency_key="once")
    assert first.ok
    assert again.json == first.json


def test_each_takes_its_permission_and_a_campaign_of_ones_own(api: Api, till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    reward, hidden = make_reward(till.made, campaign), make_reward(till.made, other)
    clerk = api.as_(**make_user(till.made, role="K").credentials)
    assert clerk.call("campaign_delete", action="reward", reward_id=reward).error_code == "permission_denied"
    manager = make_user(till.made, role="M", campaigns_access="some", allowed_campaign_ids=frozenset({campaign.id}))
    client = api.as_(**manager.credentials)
    assert client.call("campaign_delete", action="reward", reward_id=hidden).error_code == "reward_not_found"
    assert client.call("campaign_delete", action="campaign", campaign_id=other.number).error_code == "campaign_not_found"
    assert client.call("campaign_delete", action="reward", reward_id=reward).ok
    carol = api.as_(**make_account().credentials)
    assert carol.call("campaign_delete", action="campaign", campaign_id=other.number).error_code == "campaign_not_found"
    assert carol.call("campaign_delete", action="reward", reward_id=hidden).error_code == "reward_not_found"
    kept = till.made.fresh().campaigns
    assert (list(kept[campaign.number].rewards), list(kept[other.number].rewards)) == ([], [hidden])


def test_an_unknown_action_is_undefined(till: Till) -> None:
    assert delete(till, "coupon", reward_id="1").errors == ["Action Undefined"]
