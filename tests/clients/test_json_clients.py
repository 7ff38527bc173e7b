# SPDX-License-Identifier: Apache-2.0
"""
Client programs that read JSON (api.md, its head): each sends what it sends and reads what it reads, over TLS.

JAVA: typed classes, every name mapped to a text, a list or an object; another type breaks it. DROID: a point-of-sale app. CS: a
module that takes only HTTP 200 for an answer. PY: a look-up of balances. JS1: a browser page, run by node.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from tests.clients.server import Server
from tests.factories import (
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
)

PPM = 1_000_000
STAMP = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")


class Http:
    """A form POST to a running server."""

    def __init__(self, server: Server, made: Any, *, key_name: str = "user_api_key", **fixed: str) -> None:
        self._url = f"https://localhost:{server.port}/api.php"
        self._trust = ssl.create_default_context(cafile=server.certificate)
        self.signed = {
            "user_id": made.credentials["user_id"],
            key_name: made.token,
            "account_id": made.credentials["account_id"],
        }
        self._fixed = fixed

    def post(self, type_name: str, **fields: str) -> httpx2.Response:
        sent = {"type": type_name, **self.signed, **self._fixed, **fields}
        return httpx2.post(self._url, data=sent, verify=self._trust, trust_env=False)

    def json(self, type_name: str, **fields: str) -> Any:
        return self.post(type_name, **fields).json()


# -- JAVA ----------------------------------------------------------------------------------------------------------
TEXT = str
PAGES = {"total": TEXT, "offset": TEXT, "length": TEXT}
FIELD = {
    "name": TEXT,
    "label": TEXT,
    "show": TEXT,
    "required": TEXT,
    "type": TEXT,
    "unique": TEXT,
    "choices": [{"xml_value_to_show": TEXT}],
}
ALLOWED = {"status": TEXT, "campaign_ids": [{"xml_value_to_show": TEXT}]}
REWARD = dict.fromkeys(("id", "name", "level", "description", "needed_to_redeem", "reward_id"), TEXT)
MONEY = {"amount": TEXT, "currency": TEXT, "glyph": TEXT}
JAVA_CLASSES: dict[str, Any] = {
    "account_info": {
        "account": {
            **dict.fromkeys(
                (
                    "account_id", "biz_name", "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "biz_country",
                    "contact_first_name", "contact_last_name", "contact_phone", "contact_email", "language", "symbol", "glyph",
                    "timezone", "created",
                ),
                TEXT,
            )
        }
    },
    "users_list": {
        "users": [
            {
                **dict.fromkeys(
                    (
                        "user_id", "user_first_name", "user_last_name", "user_api_key", "user_PIN", "user_addtl_info",
                        "user_language", "user_language_custom", "user_timezone", "user_role",
                    ),
                    TEXT,
                ),
                "user_allowed_campaigns": ALLOWED,
            }
        ],
        "pagination": PAGES,
    },
    "user_new": {"user": {"user_id": TEXT, "user_api_key": TEXT}},
    "user_update": {"user": {"user_id": TEXT, "user_api_key": TEXT}},
    "campaign_users": {"users_added": [{"xml_value_to_show": TEXT}]},
    "manage_fields": {"account": {"account_id": TEXT, "fields": [FIELD]}},
    "transaction_fields": {"account": {"account_id": TEXT, "fields": [FIELD]}},
    "record_customer": {"customer": {"status": TEXT, "code": TEXT, "card_number": TEXT}},
    "customer_info": {
        "customer": {
            **dict.fromkeys(
                (
                    "code", "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state",
                    "postal_code", "country", "custom_date", "custom_field", "customer_username", "registered",
                    "record_timestamp", "equivalent_cash_balance", "equivalent_cash_currency", "equivalent_cash_glyph",
                ),
                TEXT,
            ),
            "custom_field_3": {"label": TEXT, "data": TEXT},
        },
        "campaigns": [
            {
                **dict.fromkeys(
                    (
                        "id", "name", "type", "created_stamp", "points_ratio", "reward_ratio", "balance", "monetary_balance",
                        "currency", "glyph", "cumulative", "last_transaction", "first_transaction",
                    ),
                    TEXT,
                ),
                "available_rewards": [REWARD],
                "balances": [dict.fromkeys(("id", "description", "balance", "level"), TEXT)],
            }
        ],
    },
    "customer_balance": {
        "campaign": {
            **dict.fromkeys(("campaign_id", "campaign_type", "campaign_name", "reward_ratio"), TEXT),
            "customer": {
                **dict.fromkeys(
                    (
                        "code", "card_number", "first_name", "last_name", "balance", "last_transaction",
                        "last_transaction_points", "last_redemption", "last_redemption_points",
                    ),
                    TEXT,
                ),
                "transactions": [
                    dict.fromkeys(
                        (
                            "id", "date", "authorization", "service_product", "redeemed", "amount", "campaign", "user_name",
                            "real",
                        ),
                        TEXT,
                    )
                ],
            },
        }
    },
    "record_activity": {
        "receipt": {
            "account_name": TEXT,
            "campaign": {"id": TEXT, "name": TEXT, "type": TEXT},
            "customer": {"first_name": TEXT, "card_number": TEXT, "custom_field_3": {"label": TEXT, "data": TEXT}},
            "transaction": {
                "id": TEXT, "purchase": MONEY, "recorded": {"points": TEXT, "description": TEXT}, "balance": {"points": TEXT},
                "cumulative_balance": {"points": TEXT},
            },
        }
    },
    "redeem": {
        "receipt": {
            "transaction": {
                "id": TEXT, "deduct": {"points": TEXT, "description": TEXT}, "balance": {"points": TEXT},
                "cumulative_balance": {"points": TEXT},
            }
        }
    },
    "campaigns_list": {
        "account_name": TEXT,
        "campaigns": [
            dict.fromkeys(
                (
                    "id", "name", "type", "description", "created_stamp", "points_ratio", "reward_ratio", "currency", "glyph",
                ),
                TEXT,
            )
        ],
        "pagination": PAGES,
    },
    "campaign_new": {"campaign": {"id": TEXT}},
    "campaign_rewards": {
        "campaign": {"id": TEXT}, "rewards": [dict.fromkeys(("id", "level", "description", "reward_id"), TEXT)],
    },
    "campaign_promos": {
        "promotions": [
            dict.fromkeys(
                ("id", "operand", "value", "description", "promo_custom_id", "promo_start_date", "promo_end_date"), TEXT
            )
        ]
    },
    "campaign_depreciations": {
        "depreciations": [
            dict.fromkeys(("id", "depreciation_interval", "depreciation_interval_type", "depreciation_percentage"), TEXT)
        ]
    },
    "depreciation_new": {
        "depreciation": dict.fromkeys(("status", "id", "type", "interval", "interval_type", "percentage"), TEXT)
    },
    "campaign_fees": {"fees": [dict.fromkeys(("id", "interval", "interval_type", "amount", "description"), TEXT)]},
    "buyx_items_list": {"buyx_items": [dict.fromkeys(("id", "name", "description"), TEXT)]},
}  # fmt: skip
"""The Java client's response classes, by the call's type: each name with the type it is read as."""

SOMETIMES = {
    "pagination", "length", "description", "balances", "choices", "available_rewards", "points_ratio", "reward_ratio",
    "currency", "glyph", "monetary_balance", "unique",
}  # fmt: skip
"""Names that not every object has."""


def bind(value: Any, shape: Any, path: str) -> None:
    """Read a value as the Java class does; fail where its type is another, or a name is missing that is always there."""
    if shape is TEXT:
        assert isinstance(value, str), f"{path} is {value!r}"
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{path} is no array: {value!r}"
        for number, each in enumerate(value):
            bind(each, shape[0], f"{path}[{number}]")
    else:
        assert isinstance(value, dict), f"{path} is no object: {value!r}"
        for name, inner in shape.items():
            if name in value:
                bind(value[name], inner, f"{path}.{name}")
            else:
                assert name in SOMETIMES, f"{path} has no {name}: {value!r}"


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    return make_account(biz_name="Bean & Leaf", contact_first_name="Alice")


@pytest.fixture(scope="module")
def java_requests(shop: MadeAccount) -> dict[str, dict[str, str]]:
    """What the Java client sends, by the call's type."""
    points = make_campaign(shop, points_ratio_ppm=100 * PPM, reward_ratio_ppm=20 * PPM)
    buyx = make_campaign(shop, kind="buyx")
    make_field(shop, number=3, label="Status", type="List", choices=("Single", "Other"))
    make_field(shop, owner="transaction", number=1, label="Tags", type="Pick", choices=("A", "B"))
    make_reward(shop, points, level=100, identifier="SKU")
    make_promotion(shop, points)
    make_item(shop, buyx)
    make_depreciation(shop, points, interval_count=10, interval_unit="years")
    make_fee(shop, points, interval_count=10, interval_unit="years")
    make_customer(
        shop,
        code="java",
        card_number="550011",
        first_name="Amy",
        fields={3: "Other"},
        campaigns=(points, buyx),
        openings=(1000, 0),
    )
    clerk = make_user(shop, campaigns_access="some", allowed_campaign_ids=[points.id])
    new_name = f"{shop.code[-10:]}_jv"
    who, where = {"code": "java"}, {"campaign_id": points.number}
    return {
        "account_info": {},
        "users_list": {"API": "1.6", "offset": "0", "length": "10", "searchField": "user_name", "searchOper": "nn"},
        "user_new": {
            "user_name": new_name, "user_new_password": "secret_1", "user_role": "K", "allowed_campaigns": points.number,
            "language_custom": "Yes", "user_PIN": "24680",
        },
        "user_update": {"user_name": clerk.code, "language_custom": "No", "user_custom1": "LAX_1"},
        "campaign_users": {"API": "1.6", "action": "add", "campaign_id": buyx.number, "users_list": clerk.code},
        "manage_fields": {"API": "1.6", "action": "list"},
        "transaction_fields": {"API": "1.6", "action": "list"},
        "record_customer": {"customer_action": "new", "card_number": "550012", "campaign_id": points.number},
        "customer_info": who,
        "customer_balance": who | where,
        "record_activity": who | where | {"amount": "9,95"},
        "redeem": who | where | {"custom_points_redeem": "100"},
        "campaigns_list": {"API": "1.5", "searchField": "campaign_name", "searchOper": "nn", "offset": "0", "length": "10"},
        "campaign_new": {"action": "campaign", "campaign_type": "events", "campaign_name": "Java visits"},
        "campaign_rewards": where,
        "campaign_promos": {"API": "1.5", **where},
        "campaign_depreciations": where,
        "depreciation_new": {
            "API": "1.1", **where, "depreciation_type": "last_transaction", "depreciation_interval": "9",
            "depreciation_interval_type": "years", "depreciation_percentage": "25",
        },
        "campaign_fees": where,
        "buyx_items_list": {"API": "1.5", "campaign_id": buyx.number},
    }  # fmt: skip


@pytest.mark.parametrize("type_name", sorted(JAVA_CLASSES))
def test_java_binds_every_answer_to_its_classes(
    tls_server: Server, shop: MadeAccount, java_requests: dict[str, dict[str, str]], type_name: str
) -> None:
    answer = Http(tls_server, shop, output="json").json(type_name, **java_requests[type_name])
    assert answer["status"] == "success", answer
    bind(answer, JAVA_CLASSES[type_name], type_name)


def test_java_finds_the_error_under_both_names(tls_server: Server, shop: MadeAccount) -> None:
    answer = Http(tls_server, shop, output="json").json("campaign_fee_new")
    bind(answer, {"status": TEXT, "error": TEXT}, "error")
    assert answer["status"] == "error"
    assert answer["errors"][0] == answer["error"]
    assert len(answer["errors"]) > 1
    assert all(isinstance(text, str) for text in answer["errors"])


# -- DROID ---------------------------------------------------------------------------------------------------------
def message_of(answer: Any) -> str:
    """As the app: the first of ``errors`` when it is there, else ``error``."""
    return str(answer["errors"][0] if answer.get("errors") else answer["error"])


class Droid(Http):
    """The app, and the two campaigns it shows."""

    points = ""
    card = ""


@pytest.fixture(scope="module")
def droid(tls_server: Server) -> Droid:
    made = make_account(currency="RWF", timezone="Africa/Kigali", biz_name="Kigali Mart")
    points = make_campaign(made, name="Points", points_ratio_ppm=50_000)
    card = make_campaign(made, kind="giftcard", name="Card")
    make_customer(made, code="6000000000000011", card_number="440011", first_name="Amy", campaigns=(points, card))
    make_customer(made, code="6000000000000012", card_number="440012", campaigns=(points, card))
    make_user(
        made, role="M", code=f"{made.code[-10:]}_m", campaigns_access="some", allowed_campaign_ids=[points.id], custom1="LAX_1"
    )
    app = Droid(tls_server, made, output="JSON")
    app.points, app.card = points.number, card.number
    return app


def test_droid_signs_its_user_in_with_account_info(droid: Droid) -> None:
    account = droid.json("account_info")["account"]
    assert (account["symbol"], account["timezone"], account["biz_name"]) == ("RWF", "35", "Kigali Mart")
    assert STAMP.fullmatch(account["created"])
    answer = droid.json("account_info", user_api_key="0" * 40)
    assert (answer["status"], message_of(answer)) == ("error", "The user_id or user_api_key is not valid.")


def test_droid_lists_campaigns_in_the_1_5_form(droid: Droid) -> None:
    answer = droid.json("campaigns_list", API="1.5")
    assert answer["account_name"] == droid.signed["account_id"]
    first, second = answer["campaigns"]
    assert (first["points_ratio"], first["reward_ratio"], first["currency"]) == ("0.05", "0", "RWF")
    assert STAMP.fullmatch(first["created_stamp"])
    assert "points_ratio" not in second
    assert answer["pagination"] == {"total": "2", "offset": "0"}
    assert droid.json("campaigns_list", API="1.5", length="1")["pagination"]["length"] == "1"


def test_droid_looks_a_customer_up_and_reads_balance_and_history(droid: Droid) -> None:
    found = droid.json("customer_search", card_number="440012")["customers"][0]
    assert (found["code"], found["registered"], found["custom_date"]) == ("6000000000000012", "N", "0000-00-00")
    assert STAMP.fullmatch(found["record_timestamp"])
    info = droid.json("customer_info", code=found["code"])
    assert [campaign["balance"] for campaign in info["campaigns"]] == ["0", "0"]
    balance = droid.json("customer_balance", campaign_id=droid.points, code=found["code"])["campaign"]
    row = balance["customer"]["transactions"][-1]
    assert (row["authorization"], row["service_product"], row["amount"]) == ("Account Activated.", "Activation", "0")
    assert (row["redeemed"], row["real"], balance["customer"]["last_redemption"]) == ("N", "Y", "0000-00-00")


def test_droid_records_and_redeems_and_reads_the_receipts(droid: Droid) -> None:
    who = {"campaign_id": droid.card, "code": "6000000000000011"}
    added = droid.json("record_activity", amount="100", **who)["receipt"]
    assert added["campaign"]["type"] == "giftcard"
    assert added["customer"] == {"first_name": "Amy", "card_number": "440011"}
    assert added["transaction"]["add"] == {
        "amount": "100",
        "currency": "RWF",
        "glyph": added["transaction"]["balance"]["glyph"],
        "description": "Card",
    }
    spent = droid.json("redeem", reward_to_redeem="1", **who)["receipt"]["transaction"]
    assert (spent["deduct"]["amount"], spent["balance"]["amount"], spent["cumulative_balance"]["amount"]) == ("-1", "99", "100")
    refused = droid.json("redeem", reward_to_redeem="500", **who)
    assert message_of(refused) == "The amount entered exceeds the available balance"


def test_droid_reads_users_and_their_campaigns(droid: Droid) -> None:
    answer = droid.json(
        "users_list", API="1.6", searchField="user_role", searchOper="eq", searchValue="M", offset="0", length="10"
    )
    user = answer["users"][0]
    assert (user["user_role"], user["user_addtl_info"], user["user_language_custom"]) == ("M", "LAX_1", "No")
    assert user["user_allowed_campaigns"] == {"status": "some", "campaign_ids": [{"xml_value_to_show": droid.points}]}
    assert answer["pagination"] == {"total": "1", "offset": "0", "length": "10"}
    own = droid.json("user_info", API="1.1")["user"]
    assert (own["user_level"], own["account_c2t"], own["account_coalition"]) == ("A", "no", "no")
    assert set(own["user_permissions"].values()) == {"Yes"}
    assert re.fullmatch(r"[0-9a-f]{40}", own["user_api_key"])


# -- CS ------------------------------------------------------------------------------------------------------------
def test_cs_enrols_with_a_made_card_and_takes_errors_only_from_http_200(tls_server: Server, shop: MadeAccount) -> None:
    module = Http(tls_server, shop, output="JSON")
    answer = module.post("record_customer", customer_action="new", card_number_generate="10", first_name="Cem")
    assert answer.status_code == 200
    assert re.fullmatch(r"\d{10}", answer.json()["customer"]["code"])
    refused = module.post("record_customer", customer_action="new", email="no address")
    assert (refused.status_code, refused.json()["errors"]) == (200, ["This email address is not valid."])
    stranger = module.post("campaigns_list", API="1.5", user_api_key="wrong")
    assert (stranger.status_code, stranger.json()["errors"]) == (200, ["The user_id or user_api_key is not valid."])


def test_cs_shows_the_description_of_a_campaign_that_has_one(tls_server: Server) -> None:
    made = make_account()
    make_campaign(made, description="Points for beans")
    make_campaign(made)
    listed = Http(tls_server, made, output="JSON").json("campaigns_list", API="1.5")["campaigns"]
    assert [campaign.get("description") for campaign in listed] == ["Points for beans", None]


# -- PY ------------------------------------------------------------------------------------------------------------
def test_py_looks_a_balance_up(tls_server: Server) -> None:
    made = make_account()
    points = make_campaign(made)
    make_customer(made, code="py", phone="212-555-0101", campaigns=(points,), openings=(750,))
    program = Http(tls_server, made, output="JSON")
    found = program.json("customer_search", phone="2125550101", include_balances="Y")
    assert found["customers"][0]["campaigns"][0]["balance"] == "750"


# -- JS1 -----------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_js1_enrols_by_a_script_element(tls_server: Server) -> None:
    made = make_account()
    make_field(made, number=2, label="Heard of us")
    sent = {
        "type": "record_customer", "customer_action": "new", "user_id": made.owner.code, "user_password": made.token,
        "account_id": made.code, "code": "2125550101", "phone": "2125550101", "first_name": "Zoë & co", "custom_field_1": "a",
        "custom_field_2": "b", "card_number": "2125550101", "output": "JSON", "callback": "loyalty.answer",
    }  # fmt: skip
    url = f"https://localhost:{tls_server.port}/api.php?{urlencode(sent)}"
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("js1.js")), url],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(tls_server.certificate)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["type"].startswith("application/javascript")
    assert told["given"] == {
        "status": "success",
        "customer": {"status": "new", "code": "2125550101", "card_number": "2125550101"},
    }
    info = Http(tls_server, made, output="JSON").json("customer_info", code="2125550101")["customer"]
    assert (info["first_name"], info["custom_field"], info["custom_field_2"]["data"]) == ("Zoë & co", "a", "b")
