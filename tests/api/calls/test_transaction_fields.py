# SPDX-License-Identifier: Apache-2.0
"""transaction_fields and reward_fields: the custom fields of sales and of rewards (api.md 6, 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_field, make_reward

BOTH = pytest.mark.parametrize("call_type", ["transaction_fields", "reward_fields"])


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def owner(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


@BOTH
def test_the_answer_holds_only_what_was_added_from_number_one(owner: Api, call_type: str) -> None:
    assert owner.call(call_type, action="list").json["account"]["fields"] == []
    answer = owner.call(
        call_type, action="add", custom_field_1_label="Customer ID", custom_field_1_show="Y", custom_field_2_label="Tags",
        custom_field_2_type="List", custom_field_2_choices="Tag A,Tag B",
    )  # fmt: skip
    assert answer.json["account"]["fields"] == [
        {"name": "custom_field_1", "label": "Customer ID", "show": "Y", "required": "N", "type": "Text"},
        {
            "name": "custom_field_2", "label": "Tags", "show": "N", "required": "N", "type": "List",
            "choices": [{"xml_value_to_show": "Tag A"}, {"xml_value_to_show": "Tag B"}],
        },
    ]  # fmt: skip
    changed = owner.call(call_type, action="update", custom_field_1_label="Member", custom_field_1_required="Y")
    assert changed.json["account"]["fields"][0]["label"] == "Member"
    left = owner.call(call_type, action="delete", field_list="custom_field_1")
    assert [field["name"] for field in left.json["account"]["fields"]] == ["custom_field_2"]
    assert len(owner.call("manage_fields", action="list").json["account"]["fields"]) == 16


@BOTH
def test_only_fields_of_customers_are_searchable_or_unique(owner: Api, call_type: str) -> None:
    for part in ("searchable", "unique"):
        refused = owner.call(call_type, action="add", custom_field_1_label="A", **{f"custom_field_1_{part}": "Y"})
        assert refused.errors == [f"custom_field_1_{part} is not valid: only a field of customers can be that"]


def test_a_deleted_transaction_field_takes_its_values_out_of_past_sales_and_nothing_else(
    owner: Api, alice: MadeAccount, run_as_owner: Callable[..., list[tuple[Any, ...]]]
) -> None:
    make_field(alice, owner="transaction", number=1)
    make_field(alice, owner="transaction", number=2)
    campaign = make_campaign(alice)
    make_customer(alice, code="1", campaigns=(campaign,))
    sold = owner.call(
        "record_activity", campaign_id=campaign.number, code="1", amount="5", custom_field_1="one", custom_field_2="two"
    )
    assert sold.ok
    entries = "SELECT to_jsonb(e) - 'fields', e.fields FROM ledger_entries e WHERE account_id = %s ORDER BY id"
    before = run_as_owner(entries, alice.id)
    assert before[-1][1] == {"1": "one", "2": "two"}
    assert owner.call("transaction_fields", action="delete", field_list="custom_field_1").ok
    after = run_as_owner(entries, alice.id)
    assert [row[0] for row in after] == [row[0] for row in before]
    assert after[-1][1] == {"2": "two"}


def test_a_deleted_reward_field_takes_its_values_out_of_the_rewards(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, owner="reward", number=1)
    make_field(alice, owner="reward", number=2)
    campaign = make_campaign(alice)
    make_reward(alice, campaign, fields={1: "one", 2: "two"})
    assert owner.call("reward_fields", action="delete", field_list="custom_field_1").ok
    make_field(alice, owner="reward", number=1)
    (reward,) = owner.call("campaign_rewards", campaign_id=campaign.number).json["rewards"]
    assert "reward_custom_field_1" not in reward
    assert reward["reward_custom_field_2"] == "two"
