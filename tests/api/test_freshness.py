# SPDX-License-Identifier: Apache-2.0
"""A change of configuration binds from the very next call, in whichever process it was made (ADR-0004)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from regulars.accounts.operations import change_state
from regulars.campaigns.operations import deactivate_campaign, reactivate_campaign, update_campaign
from regulars.kit.db import unit_of_work
from regulars.users.operations import create_user, delete_user, rotate_token, update_user
from tests.client import Api
from tests.factories import NOW, make_account, make_campaign, make_customer, make_reward, make_user, owner_of, unique_name


def test_a_rotated_token_works_until_its_time_and_then_no_more(api: Api) -> None:
    made = make_account()
    user = make_user(made, role="M")
    now = datetime.now(UTC)
    assert api.call("account_info", **user.credentials).ok
    with unit_of_work(made.id):
        token = rotate_token(account=made.fresh(), by=owner_of(made.fresh()), at=now, code=user.code, overlap_seconds=3600)
    assert api.call("account_info", **{**user.credentials, "user_api_key": token}).ok
    assert api.call("account_info", **user.credentials).ok
    assert api.call_at(now + timedelta(minutes=59), "account_info", **user.credentials).ok
    assert api.call_at(now + timedelta(minutes=61), "account_info", **user.credentials).error_code == "bad_credentials"


def test_a_revoked_token_is_refused_by_the_next_call(api: Api) -> None:
    made = make_account()
    user = make_user(made, role="M")
    assert api.call("account_info", **user.credentials).ok
    with unit_of_work(made.id):
        delete_user(account=made.fresh(), by=owner_of(made.fresh()), at=NOW, code=user.code)
    assert api.call("account_info", **user.credentials).error_code == "bad_credentials"


def test_a_new_user_is_known_to_the_next_call(api: Api) -> None:
    made = make_account()
    code = unique_name("new")
    assert api.call("account_info", user_id=code, user_api_key="x", account_id=made.code).error_code == "bad_credentials"
    assert api.call("account_info", **made.credentials).ok
    with unit_of_work(made.id):
        user = create_user(account=made.fresh(), by=None, at=NOW, code=code, role="K", password="espresso_7")
    assert api.call("account_info", user_id=code, user_api_key=user.token, account_id=made.code).ok


def test_a_changed_role_binds_the_next_call_both_ways(api: Api) -> None:
    made = make_account()
    make_campaign(made)
    user = make_user(made, role="P")
    for role, refused in (("P", True), ("K", False), ("P", True)):
        with unit_of_work(made.id):
            update_user(account=made.fresh(), by=owner_of(made.fresh()), at=NOW, code=user.code, role=role)
        answer = api.call("redeem", **user.credentials, campaign_id="1" * 16, code="c", custom_points_redeem="1")
        assert (answer.error_code == "permission_denied") is refused, role


def test_a_campaign_on_hold_is_refused_and_one_that_is_back_is_taken(api: Api) -> None:
    made = make_account()
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    till = api.as_(**made.credentials)
    sale = {"campaign_id": campaign.number, "code": "c1", "amount": "1.00"}
    assert till.call("record_activity", **sale).ok
    with unit_of_work(made.id):
        deactivate_campaign(account=made.fresh(), by=made.owner, at=NOW, campaign_id=campaign.id)
    assert till.call("record_activity", **sale).error_code == "campaign_not_found"
    with unit_of_work(made.id):
        reactivate_campaign(account=made.fresh(), by=made.owner, at=NOW, campaign_id=campaign.id)
    assert till.call("record_activity", **sale).ok


def test_a_new_ratio_counts_for_the_next_sale(api: Api) -> None:
    made = make_account()
    campaign = make_campaign(made, points_ratio_ppm=1_000_000)
    make_customer(made, code="c1")
    till = api.as_(**made.credentials, campaign_id=campaign.number, code="c1", amount="10.00")
    assert till.call("record_activity").at("receipt/transaction/recorded/points") == "10"
    with unit_of_work(made.id):
        update_campaign(account=made.fresh(), by=made.owner, at=NOW, campaign_id=campaign.id, points_ratio_ppm=2_000_000)
    assert till.call("record_activity").at("receipt/transaction/recorded/points") == "20"


def test_a_new_campaign_and_a_new_reward_are_found_at_once(api: Api) -> None:
    made = make_account()
    make_customer(made, code="c1")
    till = api.as_(**made.credentials)
    assert till.call("customer_info", code="c1").ok
    campaign = make_campaign(made)
    assert till.call("record_activity", campaign_id=campaign.number, code="c1", amount="5").ok
    reward = make_reward(made, campaign, level=1)
    answer = till.call("redeem", campaign_id=campaign.number, code="c1", reward_to_redeem=str(reward))
    assert answer.ok, answer


def test_a_reactivated_account_answers_at_once(api: Api) -> None:
    made = make_account()
    for state, is_open in (("suspended", False), ("active", True)):
        with unit_of_work(made.id):
            change_state(account=made.fresh(), state=state)
        assert api.call("account_info", **made.credentials).ok is is_open
