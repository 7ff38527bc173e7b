# SPDX-License-Identifier: Apache-2.0
"""customer_delete over the wire (api.md 7)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import make_account, make_campaign, make_customer, make_user

GONE = "This customer does not exist."


def test_a_deleted_customer_is_gone_for_every_call(api: Api):
    account = make_account()
    campaign = make_campaign(account)
    make_customer(account, code="c1", card_number="7001", email="amy@example.com", campaigns=(campaign,), openings=(100,))
    call = api.as_(**account.credentials).call
    answer = call("customer_delete", code="c1")
    assert answer.xml_body == (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<response status="success"><customer status="deleted"><code>c1</code></customer></response>'
    )
    assert answer.json == {"status": "success", "customer": {"status": "deleted", "code": "c1"}}
    assert call("customer_info", code="c1").text == GONE
    assert call("customer_info", card_number="amy@example.com").text == GONE
    assert call("record_activity", code="c1", campaign_id=campaign.number, amount="5").text == GONE
    assert call("customer_find", find_customer="c1").error_code == "no_customer_matches"
    assert call("customer_delete", code="c1").text == GONE
    assert call("record_customer", customer_action="new", code="c1", card_number="7001").ok


def test_a_customer_is_deleted_by_his_code_alone(api: Api):
    account, other = make_account(), make_account()
    make_customer(account, code="c1", card_number="7001")
    make_customer(other, code="c2")
    call = api.as_(**account.credentials).call
    for code in ("7001", "c2", "c9"):
        answer = call("customer_delete", code=code)
        assert (answer.text, answer.error_code) == (GONE, "customer_not_found")
    assert call("customer_delete").text == "Missing parameter: code"
    assert call("customer_delete", code="x" * 65).text.startswith("code is not valid")
    assert call("customer_info", code="c1").ok
    assert api.as_(**other.credentials).call("customer_info", code="c2").ok


@pytest.mark.parametrize("role", ["K", "G", "S", "O"])
def test_roles_that_may_not_delete_are_refused(api: Api, role):
    account = make_account()
    make_customer(account, code="c1")
    user = make_user(account, role=role)
    assert api.as_(**user.credentials).call("customer_delete", code="c1").text == "User does not have permission"
    assert api.as_(**account.credentials).call("customer_info", code="c1").ok


def test_a_dry_run_deletes_nobody_and_a_key_answers_again(api: Api):
    account = make_account()
    make_customer(account, code="c1")
    call = api.as_(**account.credentials).call
    assert call("customer_delete", code="c1", dry_run="Y").ok
    assert call("customer_info", code="c1").ok
    assert call("customer_delete", code="c1", idempotency_key="k1").ok
    assert call("customer_delete", code="c1", idempotency_key="k1").ok
