# SPDX-License-Identifier: Apache-2.0
"""Each entry keeps what its amount was computed from, so that it can be computed again (I17)."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from regulars.ledger.verify import verify
from tests.client import Api
from tests.factories import make_campaign, make_customer, make_promotion
from tests.till import RunAsOwner, Till, make_till

COLUMNS = "purchase_minor, ratio_ppm, factor_ppm, bonus, rounding, carried_in"


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    return till


def kept(till: Till, entry_id: str) -> tuple[Any, ...]:
    (row,) = till.run_as_owner(
        f"SELECT {COLUMNS} FROM ledger_entries WHERE account_id = %s AND id = %s", till.made.id, int(entry_id)
    )
    return row


def test_a_sale_keeps_ratio_and_rounding_whatever_becomes_of_the_campaign(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, rounding="nearest")
    sale = till.sold(campaign, amount="9.95")
    till.call("campaign_update", action="campaign", campaign_id=campaign.number, new_points_ratio="7")
    assert kept(till, sale) == (995, 5_000_000, None, None, "nearest", None)
    assert kept(till, till.sold(campaign, amount="9.95")) == (995, 7_000_000, None, None, "nearest", None)


@pytest.mark.parametrize(
    ("offer", "fields", "expected"),
    [
        ({"operation": "x", "multiplier_ppm": 1_250_000}, {"amount": "9.95"}, (995, 5_000_000, 1_250_000, None, "down", None)),
        ({"operation": "+", "points": 10}, {"amount": "9.95"}, (995, 5_000_000, None, 10, "down", None)),
        ({"operation": "+", "points": -10}, {"amount": "0.95"}, (95, 5_000_000, None, -10, "down", None)),
        ({"operation": "+", "points": 10}, {}, (None, None, None, 10, None, None)),
    ],
)
def test_a_sale_keeps_its_promotion(
    till: Till, offer: dict[str, Any], fields: dict[str, str], expected: tuple[object, ...]
) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000)
    promotion = make_promotion(till.made, campaign, **offer)
    assert kept(till, till.sold(campaign, promo_id=str(promotion), **fields)) == expected


def test_a_sale_keeps_what_it_was_carried(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, carries_remainder=True)
    sales = [till.sold(campaign, amount="9.95") for _ in range(3)]
    assert [kept(till, sale)[-1] for sale in sales] == [0, 750_000_000_000_000, 500_000_000_000_000]


def test_points_spent_as_money_keep_both_ratios(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    till.sold(campaign, amount="900")
    assert kept(till, till.redeemed(campaign, custom_dollars_redeem="3.33")) == (333, 5_000_000, 20_000_000, None, "up", None)
    assert kept(till, till.redeemed(campaign, custom_points_redeem="5")) == (None,) * 6


@pytest.mark.parametrize(("kind", "fields"), [("giftcard", {"amount": "9.95"}), ("events", {}), ("earned", {})])
def test_what_is_not_computed_keeps_nothing(till: Till, kind: str, fields: dict[str, str]) -> None:
    settings = {"amount_per_event_minor": 50} if kind == "earned" else {}
    campaign = make_campaign(till.made, kind=kind, **settings)
    assert kept(till, till.sold(campaign, **fields)) == (None,) * 6


def test_a_contribution_keeps_its_share(till: Till) -> None:
    campaign, master = make_campaign(till.made, points_ratio_ppm=5_000_000), make_campaign(till.made)
    till.set_up(
        "UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 105000, contribution_rounding = 'up'"
        " WHERE id = %s", master.id,
    )  # fmt: skip
    sale = till.sold(campaign, amount="9.95")
    ((entry_id, amount),) = till.run_as_owner(
        "SELECT id, amount FROM ledger_entries WHERE account_id = %s AND cause_id = %s", till.made.id, int(sale)
    )
    assert amount == 6, "5.145 rounded up"
    assert kept(till, entry_id) == (None, None, 105_000, None, "up", None)


@pytest.mark.parametrize("currency", ["USD", "JPY", "TND"])
@pytest.mark.parametrize(
    ("damage", "of"),
    [
        ("amount = amount + 1", "kind = 'earn'"),
        ("ratio_ppm = ratio_ppm * 2", "kind = 'earn' AND ratio_ppm IS NOT NULL"),
        ("bonus = 3", "bonus IS NOT NULL"),
        ("carried_in = carried_in + 900000000000000", "carried_in > 0"),
        ("purchase_minor = purchase_minor + 100000", "kind = 'redeem'"),
    ],
)
def test_verify_computes_every_amount_again(
    api: Api, run_as_owner: RunAsOwner, owner_url: str, currency: str, damage: str, of: str
) -> None:
    till = make_till(api, run_as_owner, currency=currency)
    make_customer(till.made, code="c1")
    campaign = make_campaign(till.made, points_ratio_ppm=5_150_000, reward_ratio_ppm=1_000_000, carries_remainder=True)
    plus = make_promotion(till.made, campaign, operation="+", points=-40)
    for amount, fields in (("95", {}), ("7", {"promo_id": str(plus)}), ("93", {}), ("9", {"promo_id": str(plus)})):
        till.sold(campaign, amount=amount, **fields)
    alone = make_promotion(till.made, campaign, operation="+", points=5)
    till.sold(campaign, promo_id=str(alone))
    till.redeemed(campaign, custom_dollars_redeem="3")
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        assert verify(cursor, [till.made.id]) == []
        cursor.execute("ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only")
        cursor.execute(f"UPDATE ledger_entries SET {damage} WHERE account_id = %s AND {of}".encode(), (till.made.id,))
        assert cursor.rowcount
        assert "I17" in {finding.invariant for finding in verify(cursor, [till.made.id])}
        connection.rollback()


def test_code_from_before_goes_on_posting(till: Till, owner_url: str) -> None:
    """Until every worker is a new one, some call ledger_post() without calculations."""
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    make_customer(till.made, code="c2")
    account = till.made.fresh()
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        posting = {
            "position": 0, "account_id": account.id, "config_version": account.version, "kind": "earn", "code": "c2",
            "campaign_id": campaign.id, "pool_id": campaign.id, "amount": 7, "user_id": till.made.owner.id, "item_id": 0,
            "occurred_at": "2026-01-01", "recorded_at": "2026-01-01", "rules_version": account.rules_version,
            "description": "", "dry_run": False,
        }  # fmt: skip
        cursor.execute(
            "SELECT (result).status, (result).amount"
            " FROM ledger_post(ARRAY[jsonb_populate_record(NULL::ledger_posting, %s)], false)",
            (json.dumps(posting),),
        )
        assert cursor.fetchone() == ("ok", 7)
