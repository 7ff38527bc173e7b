# SPDX-License-Identifier: Apache-2.0
"""idempotency_key and dry_run, the same for calls on the event loop and calls in threads (I8, I9; design.md 4)."""

from __future__ import annotations

import pytest

from regulars.campaigns.operations import deactivate_campaign
from regulars.kit.db import unit_of_work
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_user


@pytest.fixture
def made() -> MadeAccount:
    return make_account()


@pytest.fixture
def till(api: Api, made: MadeAccount) -> Api:
    return api.as_(**made.credentials)


def new(till: Api, **fields: str):
    return till.call("record_customer", customer_action="new", **fields)


def count(till: Api) -> int:
    answer = till.call("customer_search")
    return len(answer.json.get("customers", []))


def test_a_repeated_key_gets_the_first_answer_and_does_nothing(till: Api) -> None:
    first = new(till, first_name="Amy", new_code="Yes", idempotency_key="k1")
    again = new(till, first_name="Amy", new_code="Yes", idempotency_key="k1", output="JSON")
    assert first.ok, first
    assert again.xml_body == first.xml_body
    assert count(till) == 1


def test_a_key_with_other_content_is_refused(till: Api) -> None:
    assert new(till, first_name="Amy", idempotency_key="k1").ok
    answer = new(till, first_name="Bob", idempotency_key="k1")
    assert answer.error_code == "key_reused"
    assert till.call("customer_delete", code="c1", idempotency_key="k1").error_code == "key_reused"
    assert count(till) == 1


def test_a_key_is_its_users_own(api: Api, made: MadeAccount, till: Api) -> None:
    clerk = make_user(made, role="K")
    assert new(till, first_name="Amy", idempotency_key="k1").ok
    assert new(api.as_(**clerk.credentials), first_name="Amy", idempotency_key="k1").error_code == "key_reused"


def test_the_same_key_in_another_account_is_another_key(api: Api, till: Api) -> None:
    other = make_account()
    assert new(till, code="c1", idempotency_key="k1").ok
    assert new(api.as_(**other.credentials), code="c1", idempotency_key="k1").ok


def test_many_at_once_under_one_key_have_one_effect(till: Api) -> None:
    request = till.signed_request(
        "record_customer", customer_action="new", first_name="Amy", new_code="Yes", idempotency_key="k"
    )
    answers = till.together([request] * 8)
    assert {answer.xml_body for answer in answers} == {answers[0].xml_body}
    assert answers[0].ok, answers[0]
    assert count(till) == 1


def test_the_stored_answer_comes_though_the_call_would_fail_today(till: Api) -> None:
    first = new(till, code="c1", idempotency_key="k1")
    assert first.ok
    assert new(till, code="c1").error_code == "customer_exists"
    assert new(till, code="c1", idempotency_key="k1").xml_body == first.xml_body


def test_an_error_is_not_stored(till: Api) -> None:
    assert new(till, email="broken", idempotency_key="k1").error_code == "invalid_parameter"
    make = new(till, code="c1")
    assert new(till, code="c1", idempotency_key="k2").error_code == "customer_exists"
    assert till.call("customer_delete", code=make.at("customer/code")).ok
    assert new(till, code="c1", idempotency_key="k2").ok


def test_the_key_may_come_as_a_header(till: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    fields = {"customer_action": "new", "new_code": "Yes", "first_name": "Amy"}
    first = till.call("record_customer", headers=headers, **fields)
    assert till.call("record_customer", headers=headers, **fields).xml_body == first.xml_body
    assert till.call("record_customer", idempotency_key="k1", **fields).xml_body == first.xml_body
    both = till.call("record_customer", headers=headers, idempotency_key="k2", **fields)
    assert (both.error_code, both.text.split(" ")[0]) == ("invalid_parameter", "idempotency_key")


@pytest.mark.parametrize("key", ["x" * 129, "caf\u00e9", "a\nb"])
def test_a_key_that_is_none_is_refused(till: Api, key: str) -> None:
    answer = new(till, first_name="Amy", idempotency_key=key)
    assert answer.error_code == "invalid_parameter"
    assert count(till) == 0


def test_a_dry_run_answers_and_changes_nothing(till: Api) -> None:
    answer = new(till, code="c1", dry_run="Y", idempotency_key="k1")
    assert answer.at("customer/code") == "c1"
    assert count(till) == 0
    assert new(till, code="c1", dry_run="N", idempotency_key="k1").ok
    assert count(till) == 1
    assert new(till, code="c2", dry_run="maybe").text == "dry_run is not valid: Y or N is expected"


def test_a_sale_under_a_key_is_recorded_once_and_answered_again(made: MadeAccount, till: Api) -> None:
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    sale = {"campaign_id": campaign.number, "code": "c1", "amount": "9.95", "idempotency_key": "sale-1"}
    first = till.call("record_activity", **sale)
    assert first.ok, first
    assert till.call("record_activity", **sale).xml_body == first.xml_body
    assert till.call("record_activity", **{**sale, "amount": "9.96"}).error_code == "key_reused"
    answers = till.together([till.signed_request("record_activity", **sale)] * 5)
    assert {answer.xml_body for answer in answers} == {first.xml_body}


def test_a_sale_is_answered_again_though_its_campaign_is_on_hold_by_now(made: MadeAccount, till: Api) -> None:
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    sale = {"campaign_id": campaign.number, "code": "c1", "amount": "9.95", "idempotency_key": "sale-1"}
    first = till.call("record_activity", **sale)
    with unit_of_work(made.id):
        deactivate_campaign(account=made.fresh(), by=made.owner, at=NOW, campaign_id=campaign.id)
    assert till.call("record_activity", **sale).xml_body == first.xml_body
    assert till.call("record_activity", **{**sale, "amount": "1"}).error_code == "key_reused"
    assert till.call("record_activity", **{**sale, "idempotency_key": "sale-2"}).error_code == "campaign_not_found"
