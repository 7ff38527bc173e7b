# SPDX-License-Identifier: Apache-2.0
"""customer_merge: two records of one person become one; our extension (api.md 13)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_item, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def owner(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_the_one_who_stays_has_everything_and_answers_to_both_numbers(owner: Api, alice: MadeAccount) -> None:
    points, card = make_campaign(alice), make_campaign(alice, kind="giftcard")
    make_customer(alice, code="1", card_number="51", first_name="Amy", campaigns=(points,), openings=(100,))
    make_customer(alice, code="2", card_number="52", first_name="Ann", campaigns=(points, card), openings=(40, 995))
    assert owner.call("redeem", campaign_id=points.number, code="2", custom_points_redeem="15").ok
    answer = owner.call("customer_merge", code="1", duplicate_card_number="52")
    assert answer.json["customer"] == {
        "code": "1", "card_number": "51", "duplicate_code": "2", "duplicate_card_number": "52", "status": "merged",
    }  # fmt: skip
    for number in ({"code": "1"}, {"code": "2"}, {"card_number": "51"}, {"card_number": "52"}):
        info = owner.call("customer_info", **number).json
        assert (info["customer"]["code"], info["customer"]["first_name"]) == ("1", "Amy")
        held = {campaign["id"]: (campaign["balance"], campaign["cumulative"]) for campaign in info["campaigns"]}
        assert held == {points.number: ("125", "140"), card.number: ("9.95", "9.95")}
    assert owner.call("redeem", campaign_id=points.number, card_number="52", custom_points_redeem="125").ok
    (only,) = owner.call("customer_search").json["customers"]
    assert only["code"] == "1"


def test_items_of_a_buyx_campaign_go_along(owner: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx")
    make_item(alice, campaign, identifier="FW", level=3)
    for code, units in (("1", "2"), ("2", "1")):
        make_customer(alice, code=code, campaigns=(campaign,))
        sold = {"campaign_id": campaign.number, "code": code, "service_product": "FW", "buyx_quantity": units}
        assert owner.call("record_activity", **sold).ok
    assert owner.call("customer_merge", code="1", duplicate_code="2").ok
    assert owner.call("redeem", campaign_id=campaign.number, code="1", reward_to_redeem="FW").ok


def test_a_customer_is_not_merged_with_himself_or_with_nobody(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", card_number="51")
    carol = make_account()
    make_customer(carol, code="9")
    same = owner.call("customer_merge", code="1", duplicate_card_number="51")
    assert same.errors == ["duplicate_card_number is not valid: both are the same customer"]
    for code in ("nobody", "9"):
        assert owner.call("customer_merge", code="1", duplicate_code=code).error_code == "customer_not_found"
    assert owner.call("customer_merge", code="1").errors == ["Missing parameter: duplicate_code"]
    assert owner.call("customer_merge", duplicate_code="1").errors == ["Missing parameter: code"]


def test_merged_again_every_earlier_number_still_finds_him(owner: Api, alice: MadeAccount) -> None:
    for code in ("1", "2", "3"):
        make_customer(alice, code=code, card_number=f"5{code}")
    assert owner.call("customer_merge", code="2", duplicate_code="3").ok
    assert owner.call("customer_merge", code="1", duplicate_code="3").ok
    for number in ({"code": "2"}, {"code": "3"}, {"card_number": "52"}, {"card_number": "53"}):
        assert owner.call("customer_info", **number).at("customer/code") == "1"
    taken = owner.call("record_customer", customer_action="new", code="3")
    assert taken.error_code == "customer_exists"


def test_who_may_delete_customers_may_merge_them(api: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1")
    make_customer(alice, code="2")
    clerk = make_user(alice, role="K")
    assert api.as_(**clerk.credentials).call("customer_merge", code="1", duplicate_code="2").error_code == "permission_denied"
