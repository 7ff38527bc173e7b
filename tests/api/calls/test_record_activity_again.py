# SPDX-License-Identifier: Apache-2.0
"""record_activity sent again, tried dry, guarded; in coalitions and with a second tier (api.md 13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.campaigns.operations import delete_promotion, update_promotion
from regulars.kit.db import unit_of_work
from tests.client import Api
from tests.factories import make_campaign, make_coalition, make_customer, make_promotion, make_second_tier, make_user, owner_of
from tests.till import TRANSACTION, RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    return till


# -- repetition ------------------------------------------------------------------------------------------------------
def test_a_key_answers_the_first_answer_byte_for_byte_whatever_changed_since(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    promotion = make_promotion(till.made, campaign, description="Friend", points=100)
    sale: dict[str, Any] = {"amount": "5", "promo_id": promotion, "idempotency_key": "till-1-000042", "receipt_text": "Y"}
    first = till.record(campaign, **sale)
    assert first.ok
    till.sold(campaign, amount="1")
    till.set_up("UPDATE campaigns_campaigns SET name = 'Renamed' WHERE account_id = %s")
    till.set_up("UPDATE customers_customers SET first_name = 'Anna' WHERE account_id = %s")
    till.set_up("UPDATE accounts_accounts SET biz_name = 'Other Ltd' WHERE id = %s")
    with unit_of_work(till.made.id):
        update_promotion(
            account=till.made.fresh(), by=till.made.owner, at=datetime.now(UTC), promotion_id=promotion, description="Changed"
        )
    again = till.record(campaign, **sale)
    assert (again.xml_body, again.json_body) == (first.xml_body, first.json_body)
    assert till.entry_count() == 2


def test_a_key_answers_even_where_the_call_could_not_be_made_any_more(till: Till) -> None:
    campaign = make_campaign(till.made)
    promotion = make_promotion(till.made, campaign, points=100)
    sale: dict[str, Any] = {"amount": "5", "promo_id": promotion, "idempotency_key": "k1"}
    first = till.record(campaign, **sale)
    with unit_of_work(till.made.id):
        delete_promotion(
            account=till.made.fresh(), by=owner_of(till.made.fresh()), at=datetime.now(UTC), promotion_id=promotion
        )
    assert till.record(campaign, **sale).xml_body == first.xml_body
    till.set_up("UPDATE campaigns_campaigns SET state = 'on_hold' WHERE account_id = %s")
    assert till.record(campaign, **sale).xml_body == first.xml_body
    assert till.entry_count() == 1


def test_a_key_with_other_content_is_an_error(till: Till) -> None:
    campaign = make_campaign(till.made)
    assert till.record(campaign, amount="5", idempotency_key="k1").ok
    other = till.record(campaign, amount="6", idempotency_key="k1")
    assert other.error_code == "key_reused"
    assert "idempotency_key" in other.text
    assert till.balance(campaign) == "500"


def test_the_key_may_come_as_a_header(till: Till) -> None:
    campaign = make_campaign(till.made)
    first = till.record(campaign, amount="5", headers={"Idempotency-Key": "h1"})
    assert till.record(campaign, amount="5", idempotency_key="h1").xml_body == first.xml_body
    assert till.entry_count() == 1


def test_an_error_under_a_key_leaves_the_key_free(till: Till) -> None:
    campaign = make_campaign(till.made)
    assert not till.record(campaign, "nobody", amount="5", idempotency_key="k1").ok
    assert till.record(campaign, amount="5", idempotency_key="k1").ok


def test_many_repetitions_at_once_have_one_effect(till: Till) -> None:
    campaign = make_campaign(till.made)
    request = till.api.signed_request(
        "record_activity", campaign_id=campaign.number, code="c1", amount="5", idempotency_key="storm"
    )
    answers = till.api.together([request] * 30)
    assert len({answer.xml_body for answer in answers}) == 1
    assert answers[0].ok
    assert till.entry_count() == 1


def test_a_dry_run_answers_as_the_sale_would_and_writes_nothing(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    before = till.books()
    answer = till.record(campaign, amount="5", dry_run="Y", idempotency_key="k1", send_transaction_email="Y")
    assert answer.at(f"{TRANSACTION}/balance/points") == "600"
    assert answer.at(f"{TRANSACTION}/dry_run") == "Y"
    assert answer.xml.find(f"{TRANSACTION}/id") is None
    assert till.books() == before
    assert till.record(campaign, amount="5", idempotency_key="k1").at(f"{TRANSACTION}/balance/points") == "600"


def _set_guard(till: Till, mode: str, seconds: int = 30) -> None:
    till.set_up(
        "UPDATE users_users SET duplicate_guard = %s, duplicate_guard_seconds = %s WHERE account_id = %s", mode, seconds
    )


def test_without_a_guard_two_equal_sales_are_two_sales(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="5")
    till.sold(campaign, amount="5")
    assert till.balance(campaign) == "1000"


def test_the_guard_flags_a_likely_duplicate_and_records_it(till: Till) -> None:
    campaign = make_campaign(till.made)
    _set_guard(till, "flag")
    first = till.record(campaign, amount="5")
    assert first.xml.find(f"{TRANSACTION}/possible_duplicate_of") is None
    second = till.record(campaign, amount="5")
    assert second.at(f"{TRANSACTION}/possible_duplicate_of") == first.at(f"{TRANSACTION}/id")
    assert till.balance(campaign) == "1000"
    assert till.record(campaign, amount="6").xml.find(f"{TRANSACTION}/possible_duplicate_of") is None


def test_the_guard_may_answer_as_the_first(till: Till) -> None:
    campaign = make_campaign(till.made)
    _set_guard(till, "first")
    first = till.record(campaign, amount="5")
    assert till.record(campaign, amount="5").xml_body == first.xml_body
    assert till.balance(campaign) == "500"
    assert till.record(campaign, amount="5", reference="another sale").at(f"{TRANSACTION}/balance/points") == "1000"


def test_the_guard_looks_back_only_its_seconds(till: Till) -> None:
    campaign = make_campaign(till.made)
    _set_guard(till, "first", 30)
    at = datetime(2027, 3, 1, 12, tzinfo=UTC)
    fields: dict[str, Any] = {"campaign_id": campaign.number, "code": "c1", "amount": "5"}
    first = till.api.call_at(at, "record_activity", **fields)
    soon = till.api.call_at(at + timedelta(seconds=29), "record_activity", **fields)
    later = till.api.call_at(at + timedelta(seconds=90), "record_activity", **fields)
    assert soon.xml_body == first.xml_body
    assert later.at(f"{TRANSACTION}/balance/points") == "1000"


def test_the_guard_knows_two_tills_apart(till: Till, api: Api) -> None:
    campaign = make_campaign(till.made)
    bob, eve = make_user(till.made, role="K"), make_user(till.made, role="K")
    _set_guard(till, "first")
    for user in (bob, eve):
        assert api.call("record_activity", **user.credentials, campaign_id=campaign.number, code="c1", amount="5").ok
    assert till.balance(campaign) == "1000"


# -- coalitions and second tiers ---------------------------------------------------------------------------------------
def test_a_coalition_shares_the_balance_and_shows_its_cumulative(till: Till) -> None:
    make_coalition(till.made)
    north, south = make_campaign(till.made), make_campaign(till.made)
    alone = make_campaign(till.made, coalition_opt_out=True)
    till.sold(north, amount="5")
    answer = till.record(south, amount="2")
    assert answer.json["receipt"]["transaction"]["balance"] == {"points": "700"}
    assert answer.json["receipt"]["transaction"]["cumulative_balance"] == {"points": "200"}
    assert answer.json["receipt"]["transaction"]["coalition_cumulative_balance"] == {"points": "700"}
    apart = till.record(alone, amount="1")
    assert apart.at(f"{TRANSACTION}/balance/points") == "100"
    assert apart.xml.find(f"{TRANSACTION}/coalition_cumulative_balance") is None


def test_a_share_of_what_is_earned_goes_to_the_second_tier(till: Till) -> None:
    master, shop = make_campaign(till.made, name="Mall"), make_campaign(till.made)
    out = make_campaign(till.made, two_tier_opt_out=True)
    visits = make_campaign(till.made, kind="events")
    make_second_tier(till.made, master)
    answer = till.record(shop, amount="0.50")
    assert answer.json["receipt"]["transaction"]["second_tier"] == {"campaign_id": master.number, "points": "5", "balance": "5"}
    for campaign in (master, out, visits):
        assert till.record(campaign, amount="1").xml.find(f"{TRANSACTION}/second_tier") is None
    assert till.balance(master) == "105"


def test_a_second_tier_is_replayed_with_its_sale(till: Till) -> None:
    master, shop = make_campaign(till.made), make_campaign(till.made)
    make_second_tier(till.made, master)
    first = till.record(shop, amount="5", idempotency_key="k")
    assert till.record(shop, amount="5", idempotency_key="k").xml_body == first.xml_body
    assert till.balance(master) == "50"
