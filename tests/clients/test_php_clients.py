# SPDX-License-Identifier: Apache-2.0
"""
Client programs in PHP that are in the field: each sends what it sends and reads what it reads (api.md, its head).

PHP1: a class. KIT: a member-site kit. CAKE: a site that sends GET requests. WP: a WordPress plug-in. PHP itself runs them, with
its cURL and its SimpleXML, against a server over TLS.
"""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from tests.clients.php_program import needs_php, run_php
from tests.clients.server import Server
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)

pytestmark = needs_php

STAMP = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")
PPM = 1_000_000


def story_of(made: MadeAccount, **more: str) -> dict[str, str]:
    return {"user_id": made.owner.code, "token": made.token, "account_id": made.code, **more}


def test_php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed(tls_server: Server) -> None:
    made = make_account(biz_name="Bean & Leaf")
    points = make_campaign(made, name="Bean & Points", points_ratio_ppm=100 * PPM)
    make_customer(made, code="php1", first_name="Amy & Bob", campaigns=(points,))
    told = run_php("php1.php", f"{tls_server.url}/api.php", story_of(made, points=points.number, code="php1"))
    assert re.fullmatch(r"\d{16}", told["earned"])
    assert told["updated"] == "success"
    assert told["campaigns"] == {points.number: "Bean & Points", told["earned"]: "Bring & Earn"}
    assert told["first_name"] == "Amy & Bob"
    assert (told["custom_date"], told["balance"]) == ("0000-00-00", "0")
    assert (told["points"], told["description"]) == ("995", "Beans & more; all of it")
    fresh = made.fresh()
    assert fresh.campaigns[told["earned"]].amount_per_event_minor == 550


@pytest.fixture(scope="module")
def kit(tls_server: Server) -> dict[str, Any]:
    """What the kit's pages showed."""
    made = make_account()
    make_field(made, number=2, label="Status", type="List", choices=("Single", "Married", "Other"), show=True)
    make_field(made, owner="transaction", number=1, label="Table")
    points = make_campaign(made, name="Points", points_ratio_ppm=100 * PPM, reward_ratio_ppm=20 * PPM)
    giftcard, earned = make_campaign(made, kind="giftcard"), make_campaign(made, kind="earned")
    buyx = make_campaign(made, kind="buyx")
    make_reward(made, points, level=500, description="Free Cookie")
    make_promotion(made, points, operation="+", points=100, description="Bring a friend")
    make_item(made, buyx, description="Flat White")
    make_customer(made, code="kit", card_number="770011")
    clerk = make_user(made, role="M", password="espresso_7")
    numbers = {
        name: each.number for name, each in (("points", points), ("giftcard", giftcard), ("earned", earned), ("buyx", buyx))
    }
    story = {"user_id": clerk.code, "password": "espresso_7", "card": "770011", **numbers}
    return {"clerk_user": clerk, **run_php("kit.php", f"{tls_server.url}/api.php", story)}


def test_kit_signs_its_clerk_in_and_uses_the_key_it_is_given(kit: dict[str, Any]) -> None:
    clerk = kit["clerk_user"]
    assert kit["clerk"] == {"user_id": clerk.code, "user_password": clerk.token, "account_id": clerk.account.code}
    assert re.fullmatch(r"[0-9a-f]{40}", kit["clerk"]["user_password"])


def test_kit_lets_a_member_activate_an_issued_card_once(kit: dict[str, Any]) -> None:
    assert kit["activated"] == "success"
    assert kit["activated_again"] == "The information entered matches an existing customer."
    assert kit["unknown_card"] == "This customer does not exist."
    assert kit["signed_in"] == "success"
    assert kit["wrong_password"] == "The password submitted does not match the one on record."


def test_kit_keeps_a_date_with_unknown_parts_and_takes_custom1_for_the_first_custom_field(kit: dict[str, Any]) -> None:
    assert kit["edited"] == "success"
    assert kit["info"] == {
        "code": "kit", "custom_date": "0000-07-00", "custom_field": "One of the regulars", "registered": "Y",
        "label": "Status", "data": "Single,Other",
    }  # fmt: skip


def test_kit_lists_fields_with_api_1_5_and_user_password(kit: dict[str, Any]) -> None:
    fields = kit["customer_fields"]
    assert list(fields)[:2] == ["card_number", "first_name"]
    assert fields["custom_field_1"][2] == "Text"
    assert fields["custom_field_2"] == ["Status", "Y", "List", ["Single", "Married", "Other"]]
    assert kit["transaction_fields"] == {"custom_field_1": ["Table", "N", "Text", []]}


def test_kit_reads_promotions_items_and_rewards_without_naming_an_api_version(kit: dict[str, Any]) -> None:
    assert [row[1:] for row in kit["promotions"]] == [["+", "100", "Bring a friend"]]
    assert [row[1:] for row in kit["items"]] == [["Flat White", "Flat White"]]
    assert [row[1:] for row in kit["rewards"]] == [["500", "Free Cookie"]]


def test_kit_records_and_redeems_in_every_way_it_offers(kit: dict[str, Any]) -> None:
    assert kit["empty_history"] == {"balance": "0", "rows": []}
    assert kit["sale"] == ["1095", "1095", "Points"]
    assert kit["earned"] == "4.95"
    assert kit["redeemed"] == ["success"] * 3 + ["The amount entered exceeds the available balance"]
    assert kit["returned"] == "success success"
    assert kit["history"]["balance"] == "395"
    assert [(row[2], row[3]) for row in kit["history"]["rows"]] == [
        ("-100", "Y"), ("-100", "Y"), ("-500", "Y"), ("1095", "N"),
    ]  # fmt: skip


def test_kit_reads_its_report_of_transactions(kit: dict[str, Any]) -> None:
    rows = kit["report"]
    assert {(row["customer"], row["card_number"], row["custom1"]) for row in rows} == {("kit", "770011", "One of the regulars")}
    assert all(STAMP.fullmatch(row["record_timestamp"]) for row in rows)
    sale, card, spent = rows[0], rows[-2], rows[-1]
    assert (sale["amount_number"], sale["amount_type"], sale["original_amount"]) == ("1095", "points", "9.95")
    assert (card["amount_number"], card["amount_type"]) == ("25.00", "$")
    assert (spent["amount_number"], spent["amount_type"]) == ("-5.00", "$")


def test_cake_sends_get_requests_to_the_root_and_reads_balances_and_reports(tls_server: Server) -> None:
    made = make_account()
    points = make_campaign(made, name="Points & more", points_ratio_ppm=100 * PPM)
    make_customer(
        made, code="cake", card_number="660011", first_name="Amy", postal_code="12345", campaigns=(points,), openings=(500,)
    )
    make_customer(made, code="other")
    url = tls_server.url
    sent = {**made.credentials, "campaign_id": points.number, "code": "cake", "type": "redeem", "custom_points_redeem": "100"}
    assert 'status="success"' in httpx2.post(f"{url}/api.php", data=sent, verify=False, trust_env=False).text
    told = run_php("cake.php", url, story_of(made, points=points.number, code="cake", other_code="other"))
    assert (told["name"], told["balance"]) == ("Points &amp; more", "400")  # it replaced an ampersand that was escaped already
    assert (told["last_redemption"], told["has_transactions"]) == ("0000-00-00", False)
    spent, opening, activation = told["transactions"]
    assert (spent["redeemed"], spent["amount"], spent["real"]) == ("Y", "-100", "Y")
    assert (opening["redeemed"], opening["amount"], opening["campaign"]) == ("N", "500", points.number)
    assert (activation["authorization"], activation["amount"]) == ("Account Activated.", "0")
    assert all(STAMP.fullmatch(row["record_timestamp"]) for row in told["transactions"])
    assert told["count"] == len(told["report"]) == 2
    assert [(row["code"], row["redeemed"], row["first_name"]) for row in told["report"]] == [
        ("cake", "", "Amy"),
        ("cake", "R", "Amy"),
    ]
    assert told["customers"] == [
        {"first_name": "Amy", "address1": "", "zip": "12345", "customer_code": "cake", "card_number": "660011"}
    ]
    assert told["none"] == "No Transactions Found"


def test_wp_enrols_and_shows_balances(tls_server: Server) -> None:
    made = make_account()
    points = make_campaign(made, name="Points")
    told = run_php("wp.php", f"{tls_server.url}/api.php", story_of(made, points=points.number))
    assert told["enrolled"] == "880011"
    assert told["again"] == "error: The information entered matches an existing customer."
    assert re.fullmatch(r"\d{16}", told["free"])
    assert told["found"] == ["Amy", "O'Acker & Sons", "880011"]
    kind, balance, rows = told["balance"]
    assert (kind, balance) == ("points", "500")
    assert [row[:3] for row in rows] == [["", "", "500"], ["Account Activated.", "Activation", "0"]]
    assert all(STAMP.fullmatch(row[3]) for row in rows)
    assert told["wrong_password"] == "wrong password"
    assert told["old_form"] == told["new_form"] == {points.number: "Points"}
    assert told["without_wrapper"] == []  # the wrapper stays, as other clients read it; the plug-in shows no campaign
