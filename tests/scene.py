# SPDX-License-Identifier: Apache-2.0
"""
A business in mid-life, and one valid request for every call of the registry.

The tests that go through all calls (access, parameters, contract) begin with these requests. A new call needs its line in
``requests``; ``tests/api/test_parameters.py`` fails until it has one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from regulars.accounts.directory import CampaignConfig
from regulars.api.call import Call, Family
from regulars.api.registry import CALLS
from regulars.kit.ids import RANDOM
from regulars.users.time_tokens import issue_time_token
from tests.client import Api
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_depreciation,
    make_fee,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
    unique_name,
)

SETTINGS: dict[str, dict[str, Any]] = {
    "points": {"name": "Bean Points", "points_ratio_ppm": 100_000_000, "reward_ratio_ppm": 20_000_000},
    "giftcard": {"name": "Leaf Card"},
    "events": {"name": "Ten Visits"},
    "earned": {"name": "Earn as You Come", "amount_per_event_minor": 50},
    "buyx": {"name": "Every Tenth Cup", "default_item_level": 10},
}


@dataclass(frozen=True)
class Scene:
    """One account with all five kinds of campaigns, two customers, and a few transactions of the first."""

    made: MadeAccount
    owner: Api
    """Signs every call as the owner."""
    campaigns: dict[str, CampaignConfig]
    """By kind."""
    reward_id: int
    event_reward_id: int
    promotion_id: int
    item_id: int
    depreciation_id: int
    fee_id: int
    """Of the gift card campaign, both so far away that they never take anything."""
    sale_id: str
    """A points sale of 9.95."""
    redemption_id: str
    time_token: str
    platform: MadeAccount
    """The platform owner's own account: he makes the calls about agencies and accounts."""
    batch_id: str
    """Of a batch of transactions that may be undone, and whose one line was refused."""
    kim: str
    """The User ID of a clerk who may enter two campaigns."""
    jane: str
    """A User ID that is free."""
    corner: str
    sons: str
    """Account IDs that are free."""


def make_scene(
    api: Api,
    *,
    code: str | None = None,
    rng: random.Random = RANDOM,
    at: datetime | None = None,
    prepare: Callable[[MadeAccount], object] | None = None,
) -> Scene:
    """Build the scene; a seeded ``rng`` and a time make it the same each time. ``prepare`` runs before there are campaigns."""
    made = make_account(
        code=code, rng=rng, contact_first_name="Alice", contact_last_name="Baker", client_email="alice@bean.example"
    )
    if prepare is not None:
        prepare(made)
    make_field(made, number=2, label="Favourite", type="Pick", choices=("Coffee", "Tea"), show=True)
    make_field(made, owner="transaction", number=1, label="Table")
    make_field(made, owner="reward", number=1, label="Counter")
    campaigns = {kind: make_campaign(made, kind=kind, rng=rng, **settings) for kind, settings in SETTINGS.items()}
    points, events, buyx = campaigns["points"], campaigns["events"], campaigns["buyx"]
    scene: dict[str, Any] = {
        "reward_id": make_reward(made, points, level=500, description="Free Cookie", identifier="COOKIE"),
        "event_reward_id": make_reward(made, events, level=1, description="Free Visit"),
        "promotion_id": make_promotion(made, points, operation="x", multiplier_ppm=1_250_000, description="Happy hour"),
        "item_id": make_item(made, buyx, description="Flat White", level=2, identifier="FW"),
        "depreciation_id": make_depreciation(made, campaigns["giftcard"], interval_count=10, interval_unit="years"),
        "fee_id": make_fee(made, campaigns["giftcard"], interval_count=5, interval_unit="years", amount=100),
    }
    make_customer(
        made, code="1001", card_number="5500001", first_name="Amy", last_name="Acker", phone="212-555-0101",
        email="amy@acker.example", street1="1234 Main St", city="Boise", state="ID", postal_code="83701", country="US",
        custom_date="1970-07-14", username="amy", password="secret_1", pin="4711", fields={1: "VIP", 2: "Tea"},
        campaigns=tuple(campaigns.values()),
    )  # fmt: skip
    make_customer(made, code="1002", card_number="5500002", at=NOW)
    owner = api.as_(**made.credentials)

    def sold(kind: str, call: str = "record_activity", **fields: Any) -> str:
        given = {"campaign_id": campaigns[kind].number, "code": "1001", **fields}
        answer = owner.call(call, **given) if at is None else owner.call_at(at, call, **given)
        assert answer.ok, answer
        return answer.at("receipt/transaction/id")

    sale_id = sold("points", amount="9.95", reference="R-1")
    sold("giftcard", amount="50")
    sold("events")
    sold("earned")
    sold("buyx", service_product="FW", buyx_quantity="3")
    redemption_id = sold("points", "redeem", custom_points_redeem="100")
    batch = VISITS | {"Visits_Data": f"{campaigns['points'].number}|nobody|N|100|2010-03-15|Lost card|"}
    brought = owner.call("batch_transactions", **batch) if at is None else owner.call_at(at, "batch_transactions", **batch)
    scene["batch_id"] = brought.at("batch/batch_id")
    kim = make_user(
        made, code=f"{made.code}_kim", role="K", first_name="Kim", last_name="Dole", rng=rng, campaigns_access="some",
        allowed_campaign_ids=[points.id, events.id],
    )  # fmt: skip
    scene["corner"] = unique_name("corner") if code is None else "cornershop"
    scene["sons"] = unique_name("sons") if code is None else "loyal_sons"
    scene["jane"] = unique_name("jane") if code is None else "janeclerk"
    given_at = at or datetime.now(UTC)
    scene["time_token"] = issue_time_token(account=made.account, by=made.owner, at=given_at, interval_seconds=86_400, rng=rng)
    scene["platform"] = make_account(
        code=None if code is None else f"{code}_hq", biz_name="Headquarters", kind="platform", rng=random.Random(rng.random())
    )
    return Scene(made, owner, campaigns, sale_id=sale_id, redemption_id=redemption_id, kim=kim.code, **scene)


def _account_and_user_requests(scene: Scene) -> dict[str, dict[str, str]]:
    return {
        "account_info": {},
        "account_update": {"biz_address1": "12 Bean Street", "biz_city": "Boise", "biz_country": "US", "biz_empoloyees": "12"},
        "dashboard": {"customer_count": "Yes", "total_transactions_this_month": "Yes", "active_campaigns_count": "Yes"},
        "user_info": {},
        "user_login": {"user_id": scene.made.owner.code, "user_password": scene.made.password, "account_id": ""},
        "user_new": {
            "user_name": scene.jane, "user_new_password": "secret_4", "user_role": "K", "allowed_campaigns": "none",
            "user_first_name": "Jane",
        },
        "user_update": {"user_name": scene.kim, "user_last_name": "Dole-Park"},
        "users_list": {},
        "request_log": {"length": "5"},
        "user_delete": {"user_name": scene.kim},
        "user_unlock": {"user_name": scene.kim},
        "campaign_users.add": {"campaign_id": scene.campaigns["giftcard"].number, "users_list": scene.kim},
        "campaign_users.remove": {"campaign_id": scene.campaigns["points"].number, "users_list": scene.kim},
    }  # fmt: skip


def requests(scene: Scene) -> dict[str, dict[str, str]]:
    """Return a valid request for each call, by ``type`` or ``type.action``; each may be sent again after a dry run."""
    number = {kind: campaign.number for kind, campaign in scene.campaigns.items()}
    points, buyx = number["points"], number["buyx"]
    return _rule_requests(scene, number) | {
        "test": {},
        **_account_and_user_requests(scene),
        "record_customer.new": {
            "code": "1003", "card_number": "5500003", "first_name": "Ben", "campaign_id": points, "auto_add": "100",
        },
        "record_customer.register": {"card_number": "5500002", "customer_password": "secret_2"},
        "record_customer.edit": {"code": "1001", "first_name": "Anne", "card_number": "5500001"},
        "generate_card_number": {"how_many_digits": "10"},
        "customer_info": {"code": "1001"},
        "customer_balance": {"campaign_id": points, "code": "1001"},
        "balance_explain": {"campaign_id": points, "code": "1001"},
        "customer_search": {"first_name": "Amy", "include_balances": "Y"},
        "customer_find": {"find_customer": "Amy Acker, 1234 Main St"},
        "validate_customer_password": {"card_number": "5500001", "customer_password": "secret_1"},
        "customer_delete": {"code": "1002"},
        "record_activity": {"campaign_id": points, "code": "1001", "amount": "9.95"},
        "redeem": {"campaign_id": points, "code": "1001", "reward_to_redeem": str(scene.reward_id)},
        "transaction_delete": {"campaign_id": points, "code": "1001", "transaction_id": scene.redemption_id},
        "transaction_reverse": {"transaction_id": scene.redemption_id},
        "campaign_new.campaign": {"campaign_type": "points", "campaign_name": "Widget Rewards", "points_ratio": "50"},
        "campaign_new.reward": {"campaign_id": points, "reward_level": "1500", "reward_description": "Free Service"},
        "campaign_new.promo": {
            "campaign_id": points, "promo_operation": "x", "promo_amount": "1.25", "promo_description": "Summer",
        },
        "campaign_new.item": {"campaign_id": buyx, "reward_level": "9", "item_description": "Long Black"},
        "campaign_update.campaign": {"campaign_id": points, "description": "Points for beans"},
        "campaign_update.reward": {"reward_id": str(scene.reward_id), "new_reward_level": "600"},
        "campaign_update.promo": {"promo_id": str(scene.promotion_id), "new_promo_amount": "1.5"},
        "campaign_update.item": {"item_id": str(scene.item_id), "new_item_description": "Flat White, large"},
        **_reports(points, number["giftcard"]),
        "campaigns_list": {},
        "campaign_rewards": {"campaign_id": points},
        "campaign_promos": {"campaign_id": points},
        "buyx_items_list": {"campaign_id": buyx},
        "campaigns_inactive_list": {},
        "campaign_delete.campaign": {"campaign_id": number["events"]},
        "campaign_delete.reward": {"reward_id": str(scene.reward_id)},
        "campaign_delete.promo": {"promo_id": str(scene.promotion_id)},
        "campaign_delete.item": {"item_id": str(scene.item_id)},
        "campaign_deactivate": {"campaign_id": number["giftcard"]},
        "campaign_reactivate": {"campaign_id": number["giftcard"]},
        **_batches(scene, points),
        "card_replace": {"previous_code": "1001", "new_card_number": "5500009"},
        "customer_merge": {"code": "1001", "duplicate_card_number": "5500002"},
        **_data_fields(),
        **_office_requests(scene),
    }  # fmt: skip


def _office_requests(scene: Scene) -> dict[str, dict[str, str]]:
    """Return the requests of the platform owner, signed by himself."""
    platform = scene.platform
    return {
        "agency_new": {
            "agency_name": "Loyal & Sons", "agency_email": "hello@loyal.example", "new_account_id": scene.sons,
            **platform.credentials,
        },
        "agency_list": platform.credentials,
        "account_new": {
            "new_account_id": scene.corner, "biz_name": "Corner Shop", "client_email": "cora@corner.example",
            **platform.credentials,
        },
        "account_list": {"searchField": "biz_name", "searchOper": "bw", "searchValue": "Bean", **platform.credentials},
    }  # fmt: skip


def visits_headers(*names: str) -> dict[str, str]:
    """Return the header fields of batch_transactions."""
    return {f"visits_header_{number}": name for number, name in enumerate(names, 1)}


VISITS = {"delimiter": "pipe"} | visits_headers("campaign_id", "code", "redeemed", "amount", "date", "authorization", "none")
"""The documented columns, in the documented order."""


def _batches(scene: Scene, points: str) -> dict[str, dict[str, str]]:
    names = ("code", "card_number", "first_name", "last_name", "custom_date", "phone")
    headers = {f"profiles_header_{number}": name for number, name in enumerate(names, 1)}
    sale = f"{points}|1001|N|14,95|03/15/2010|API test import 1"
    return {
        "customers_batch": headers | {
            "delimiter": "pipe", "campaigns_to_include": points,
            "profiles_data": "11223344|11223344|jane|doe|1970-07-14|555-5555\n1001|5500001|Anne|Acker||",
        },
        "batch_transactions": VISITS | {
            "apply_ratio": "yes",
            "Visits_Data": f"{sale}\n{points}|1001|Y|COOKIE|03/15/2010|API test redeem 1",
        },
        "batch_undo": {"batch_id": scene.batch_id},
        "batch_info": {"batch_id": scene.batch_id},
    }  # fmt: skip


def _data_fields() -> dict[str, dict[str, str]]:
    return {
        "manage_fields.list": {},
        "manage_fields.add": {
            "custom_field_3_label": "Marital Status", "custom_field_3_type": "List",
            "custom_field_3_choices": "Single, Married, Other",
        },
        "manage_fields.update": {"custom_field_2_label": "Favourite drink"},
        "manage_fields.delete": {"field_list": "custom_field_2"},
        "transaction_fields.list": {},
        "transaction_fields.add": {"custom_field_2_label": "Tags", "custom_field_2_type": "Text"},
        "transaction_fields.update": {"custom_field_1_label": "Table number"},
        "transaction_fields.delete": {"field_list": "custom_field_1"},
        "reward_fields.list": {},
        "reward_fields.add": {"custom_field_2_label": "Shelf", "custom_field_2_type": "Number"},
        "reward_fields.update": {"custom_field_1_label": "Counter number"},
        "reward_fields.delete": {"field_list": "custom_field_1"},
    }  # fmt: skip


def _reports(points: str, giftcard: str) -> dict[str, dict[str, str]]:
    days = {"date_start": "1970-01-01", "date_end": "2999-12-31"}
    asked = days | {"selected_campaigns": points}
    return {
        "reports.customers_all": {},
        "reports.customers_new": asked,
        "reports.customers_frequent": asked | {"frequency": "1"},
        "reports.customers_missing": asked | {"missing_for": "0"},
        "reports.customers_birthday": asked,
        "reports.customers_custom_date": asked,
        "reports.customers_search": asked | {"search_text": "Acker"},
        "reports.transactions_all": asked,
        "reports.transactions_redeemed": asked,
        "reports.audit_totals": asked,
        "reports.coalition_points": asked,
        "reports.coalition_stored_value": days | {"selected_campaigns": giftcard},
        "reports.customers_balances": {"campaign_id": points},
        "settlement": {"point_cost": "0.01"},
        "settlement_close": {"date_end": "2009-12-31", "point_cost": "0.01"},
        "settlement_list": {},
    }


def _rule_requests(scene: Scene, number: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the requests about depreciations, fees and time tokens."""
    return {
        "depreciation_new": {
            "campaign_id": number["points"], "depreciation_type": "per_transaction", "depreciation_interval": "9",
            "depreciation_interval_type": "years", "depreciation_percentage": "25",
        },
        "depreciation_update": {"depreciation_id": str(scene.depreciation_id), "depreciation_percentage": "50"},
        "depreciation_delete": {"depreciation_id": str(scene.depreciation_id)},
        "campaign_depreciations": {"campaign_id": number["giftcard"]},
        "campaign_fee_new": {
            "campaign_id": number["points"], "fee_interval": "18", "interval_type": "months", "fee_amount": "100",
            "fee_description": "Inactivity fee",
        },
        "campaign_fee_update": {"fee_id": str(scene.fee_id), "fee_amount": "2,50"},
        "campaign_fee_delete": {"fee_id": str(scene.fee_id)},
        "campaign_fees": {"campaign_id": number["giftcard"]},
        "generate_time_token": {"token_interval": "300"},
        "validate_time_token": {"token": scene.time_token},
    }  # fmt: skip


def registered_calls() -> Iterator[tuple[str, dict[str, str], Call]]:
    """Yield every call of the registry: its key in ``requests``, the fields that select it, and itself."""
    for name, entry in CALLS.items():
        if isinstance(entry, Call):
            yield name, {"type": name}, entry
        else:
            assert isinstance(entry, Family)
            for action, call in entry.calls.items():
                yield f"{name}.{action}", {"type": name, entry.selector: action}, call
