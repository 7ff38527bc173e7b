# SPDX-License-Identifier: Apache-2.0
"""A sale is one database round trip, a look-up is one: counted on a real connection, at asyncpg's protocol."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from regulars.api import services as services_module
from regulars.api.options import Options
from tests.client import Api
from tests.factories import make_campaign, make_customer, make_item, make_reward
from tests.till import RunAsOwner, Till, make_till

SENT: list[str] = []


class CountingConnection(asyncpg.Connection):
    """Notes every statement it sends, prepared or not."""

    async def _do_execute(self, query: str, *rest: Any, **options: Any) -> Any:
        SENT.append(query)
        return await super()._do_execute(query, *rest, **options)

    async def execute(self, query: str, *rest: Any, **options: Any) -> str:
        SENT.append(query)
        return str(await super().execute(query, *rest, **options))


@pytest.fixture(scope="module")
def counting_api() -> Iterator[Api]:
    """An API whose pool counts: open_services() itself, told of another class of connection."""
    create_pool = asyncpg.create_pool

    def counting_pool(*args: Any, **options: Any) -> Any:
        return create_pool(*args, connection_class=CountingConnection, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(services_module.asyncpg, "create_pool", counting_pool)
    role = os.environ.get("REGULARS_DATABASE_ROLE", "")
    client = Api(Options(database_url=os.environ["DATABASE_URL"], database_role=role, has_access_log=False))
    patch.undo()
    yield client
    client.close()


@pytest.fixture
def till(counting_api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(counting_api, run_as_owner)
    make_customer(till.made, code="c1", email="ann@example.org")
    return till


CALLS = {
    "a sale": ("record_activity", {"amount": "5"}),
    "a sale under a key, with mail": (
        "record_activity",
        {"amount": "5", "idempotency_key": "k", "send_transaction_email": "Y", "reference": "R"},
    ),
    "a redemption": ("redeem", {"custom_points_redeem": "1"}),
    "customer_info": ("customer_info", {}),
    "customer_balance": ("customer_balance", {}),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_call_is_one_round_trip(till: Till, what: str) -> None:
    campaign = make_campaign(till.made)
    make_reward(till.made, campaign)
    till.sold(campaign, amount="5")  # the snapshot is loaded,
    assert till.call("customer_info", code="c1").ok  # and the connection knows the types of rows
    call_type, fields = CALLS[what]
    SENT.clear()
    answer = till.call(call_type, campaign_id=campaign.number, code="c1", **fields)
    assert answer.ok, answer
    assert len(SENT) == 1, SENT
    assert "ledger_post" in SENT[0] or "ledger_lookup" in SENT[0]


@pytest.mark.parametrize("kind", ["giftcard", "events", "earned", "buyx"])
def test_a_sale_of_every_kind_is_one_round_trip(till: Till, kind: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    fields: dict[str, Any] = {"giftcard": {"amount": "5"}}.get(kind, {})
    if kind == "buyx":
        fields = {"service_product": make_item(till.made, campaign)}
    till.sold(campaign, **fields)
    SENT.clear()
    till.sold(campaign, **fields)
    assert len(SENT) == 1, SENT


def test_sales_that_meet_share_round_trips(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="5")
    request = till.api.signed_request("record_activity", campaign_id=campaign.number, code="c1", amount="1")
    SENT.clear()
    answers = till.api.together([request] * 40)
    assert all(answer.ok for answer in answers)
    assert len(SENT) <= 4, f"{len(SENT)} statements for 40 sales"


def test_a_two_tier_sale_is_one_round_trip_too(till: Till) -> None:
    master, shop = make_campaign(till.made), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 100000 WHERE id = %s", master.id)
    till.sold(shop, amount="5")
    SENT.clear()
    till.sold(shop, amount="5")
    assert len(SENT) == 1, SENT
