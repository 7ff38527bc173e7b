# SPDX-License-Identifier: Apache-2.0
"""settlement, settlement_close, settlement_list: who gave, who honoured, who pays whom; a closed period stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_campaign, make_coalition, make_customer, make_second_tier
from tests.scene import VISITS
from tests.till import RunAsOwner, Till, make_till

OPENED = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    """A mall of three stores, in New York."""
    till = make_till(api, run_as_owner, biz_name="Riverside Mall", at=OPENED)
    for name, kind in (("North", "points"), ("South", "points"), ("Card", "giftcard"), ("Gifts", "giftcard")):
        options = {"points_ratio_ppm": 1_000_000} if kind == "points" else {}
        make_campaign(till.made, kind=kind, name=name, at=OPENED, **options)
    make_coalition(till.made, at=OPENED)
    make_customer(till.made, code="c1", at=OPENED)
    return till


def on(till: Till, day: str, call_type: str, **fields: Any) -> Parsed:
    """Make a call at noon of a day in New York."""
    at = datetime.fromisoformat(f"{day}T17:00:00+00:00") if len(day) == 10 else datetime.fromisoformat(day)
    return till.api.call_at(at, call_type, **fields)


def number(till: Till, name: str) -> str:
    return next(each.number for each in till.made.fresh().campaigns.values() if each.name == name)


def sell(till: Till, day: str, store: str, amount: str, **more: str) -> str:
    answer = on(till, day, "record_activity", campaign_id=number(till, store), code="c1", amount=amount, **more)
    assert answer.ok, answer
    return str(answer.at("receipt/transaction/id"))


def redeem(till: Till, day: str, store: str, **more: str) -> str:
    answer = on(till, day, "redeem", campaign_id=number(till, store), code="c1", **more)
    assert answer.ok, answer
    return str(answer.at("receipt/transaction/id"))


def statement(answer: Parsed) -> dict[str, Any]:
    assert answer.ok, answer
    return dict(answer.json["settlement"])


def nets(shown: dict[str, Any]) -> dict[str, str]:
    return {store["name"]: store["net"] for store in shown["stores"]}


def close(till: Till, today: str, last: str, **more: str) -> dict[str, Any]:
    return statement(on(till, today, "settlement_close", date_end=last, **more))


def test_a_store_that_honours_anothers_points_is_paid_for_them(till: Till) -> None:
    sell(till, "2026-01-05", "North", "100")
    sell(till, "2026-01-06", "South", "30")
    redeem(till, "2026-01-07", "South", custom_points_redeem="60")
    sell(till, "2026-01-08", "Card", "20")
    redeem(till, "2026-01-09", "Gifts", reward_to_redeem="7.50")
    shown = statement(on(till, "2026-01-10", "settlement", point_cost="0.0125"))
    stores = {store["name"]: store for store in shown["stores"]}
    assert {name: (each["issued"], each["redeemed"], each["unit"]) for name, each in stores.items()} == {
        "North": ("100", "0", "points"), "South": ("30", "60", "points"), "Card": ("20.00", "0.00", "USD"),
        "Gifts": ("0.00", "7.50", "USD"),
    }  # fmt: skip
    assert nets(shown) == {"North": "-0.75", "South": "0.75", "Card": "-7.50", "Gifts": "7.50"}
    assert [(flow["given_by"], flow["honoured_by"], flow["kind"], flow["amount"]) for flow in shown["flows"]] == [
        (number(till, "North"), number(till, "South"), "redeemed", "60"),
        (number(till, "Card"), number(till, "Gifts"), "redeemed", "7.50"),
    ]
    assert [(debt["from"], debt["to"], debt["amount"]) for debt in shown["debts"]] == [
        (number(till, "North"), number(till, "South"), "0.75"), (number(till, "Card"), number(till, "Gifts"), "7.50"),
    ]  # fmt: skip
    assert (shown["settlement_status"], shown["date_start"], shown["date_end"]) == ("open", "", "2026-01-10")


def test_a_closed_period_stays_as_it_was_and_what_comes_later_counts_in_the_open_one(till: Till) -> None:
    sell(till, "2026-01-05", "North", "100")
    spent = redeem(till, "2026-01-07", "South", custom_points_redeem="60")
    before = till.books()
    closed = close(till, "2026-02-03", "2026-01-31", point_cost="0.01")
    assert till.books() == before
    assert (closed["settlement_status"], nets(closed)) == ("closed", {"North": "-0.60", "South": "0.60"})

    assert on(till, "2026-02-04", "transaction_reverse", transaction_id=spent).ok
    late = VISITS | {"Visits_Data": f"{number(till, 'South')}|c1|N|5|2026-01-20|Brought in late|"}
    batch = on(till, "2026-02-05", "batch_transactions", **late)
    assert batch.ok, batch
    assert batch.json["batch"]["lines_refused"] == "0", batch

    again = statement(on(till, "2026-02-06", "settlement", settlement_id=closed["settlement_id"]))
    assert again == closed
    still_open = statement(on(till, "2026-02-06", "settlement"))
    assert nets(still_open) == {"North": "0.60", "South": "-0.60"}
    assert {store["name"]: store["issued"] for store in still_open["stores"]} == {"North": "0", "South": "5"}
    assert (still_open["date_start"], still_open["point_cost"]) == ("2026-02-01", "0.01")
    second = close(till, "2026-03-01", "2026-02-28", point_cost="0.02")
    assert nets(second) == {"North": "1.20", "South": "-1.20"}
    listed = on(till, "2026-03-01", "settlement_list").json
    assert [(each["date_start"], each["date_end"], each["total"]) for each in listed["settlements"]] == [
        ("2026-02-01", "2026-02-28", "1.20"), ("", "2026-01-31", "0.60"),
    ]  # fmt: skip
    assert listed["pagination"]["total"] == "2"
    assert [each["date_end"] for each in on(till, "2026-03-01", "settlement_list", offset=1).json["settlements"]] == [
        "2026-01-31"
    ]


def test_periods_end_at_midnight_in_the_accounts_time_zone(till: Till) -> None:
    midnight = datetime(2026, 2, 1, 5, tzinfo=UTC)  # in New York
    for at, amount in ((midnight - timedelta(seconds=1), "3"), (midnight, "5")):
        sell(till, at.isoformat(), "North", amount)
    closed = close(till, "2026-02-10", "2026-01-31", point_cost="1")
    assert [store["issued"] for store in closed["stores"]] == ["3"]
    assert [store["issued"] for store in statement(on(till, "2026-02-10", "settlement"))["stores"]] == ["5"]


def test_what_a_second_tier_gives_is_given_by_the_store_that_sold_and_honoured_by_the_mall(till: Till) -> None:
    master = make_campaign(till.made, name="Mall", coalition_opt_out=True, at=OPENED)
    make_second_tier(till.made, master, at=OPENED)
    sell(till, "2026-01-05", "North", "100")
    sell(till, "2026-01-06", "South", "50")
    redeem(till, "2026-01-07", "Mall", custom_points_redeem="12")
    shown = statement(on(till, "2026-01-10", "settlement", point_cost="0.1"))
    stores = {
        store["name"]: (store["issued"], store["contributed"], store["redeemed"], store["net"]) for store in shown["stores"]
    }
    assert stores == {
        "North": ("110", "10", "0", "-1.00"), "South": ("55", "5", "0", "-0.20"), "Mall": ("0", "0", "12", "1.20"),
    }  # fmt: skip


def test_points_taken_back_after_they_were_spent_are_paid_by_the_store_whose_they_were(till: Till) -> None:
    sale = sell(till, "2026-01-05", "North", "100")
    redeem(till, "2026-01-06", "South", custom_points_redeem="100")
    assert on(till, "2026-01-07", "transaction_delete", campaign_id=number(till, "North"), code="c1", transaction_id=sale).ok
    sell(till, "2026-01-08", "South", "40")
    shown = statement(on(till, "2026-01-10", "settlement", point_cost="1"))
    assert nets(shown) == {"North": "-60.00", "South": "60.00"}
    assert [(flow["kind"], flow["amount"]) for flow in shown["flows"]] == [("redeemed", "100"), ("set_off", "40")]


def test_days_that_are_not_closed_can_be_shown_alone(till: Till) -> None:
    for day, amount in (("2026-01-05", "1"), ("2026-01-06", "2"), ("2026-01-07", "4")):
        sell(till, day, "North", amount)
    shown = statement(on(till, "2026-01-10", "settlement", date_start="2026-01-06", date_end="2026-01-06", point_cost="1"))
    assert [store["issued"] for store in shown["stores"]] == ["2"]


@pytest.mark.parametrize(
    ("call", "fields", "name"),
    [
        ("settlement", {}, "point_cost"),
        ("settlement", {"point_cost": "-1"}, "point_cost"),
        ("settlement", {"point_cost": "0.0000001"}, "point_cost"),
        ("settlement", {"point_cost": "1000001"}, "point_cost"),
        ("settlement", {"point_cost": "a lot"}, "point_cost"),
        ("settlement", {"point_cost": "1", "date_start": "2026-01-09", "date_end": "2026-01-08"}, "date_end"),
        ("settlement", {"point_cost": "1", "date_start": "soon"}, "date_start"),
        ("settlement", {"point_cost": "1", "settlement_id": "1"}, "point_cost"),
        ("settlement", {"settlement_id": "1", "date_end": "2026-01-08"}, "date_end"),
        ("settlement", {"settlement_id": "999999"}, "settlement_id"),
        ("settlement", {"settlement_id": "x"}, "settlement_id"),
        ("settlement", {"point_cost": "1", "date_end": "9999-12-31"}, "date_end"),
        ("settlement", {"point_cost": "1", "date_start": "0001-01-01"}, "date_start"),
        ("settlement_close", {"point_cost": "1"}, "date_end"),
        ("settlement_close", {"date_end": "2026-01-09"}, "point_cost"),
        ("settlement_close", {"point_cost": "1", "date_end": "2026-01-10"}, "date_end"),
        ("settlement_close", {"point_cost": "1", "date_end": "0001-01-01"}, "date_end"),
        ("settlement_close", {"point_cost": "1", "date_end": "2026-02-30"}, "date_end"),
        ("settlement_list", {"length": "501"}, "length"),
        ("settlement_list", {"offset": "-1"}, "offset"),
    ],
)
def test_a_wrong_parameter_is_named_and_nothing_is_closed(till: Till, call: str, fields: dict[str, str], name: str) -> None:
    answer = on(till, "2026-01-10", call, **fields)
    assert not answer.ok
    assert answer.answer.error is not None
    assert answer.answer.error.parts[0].fields == (name,)
    assert on(till, "2026-01-10", "settlement_list").json["pagination"]["total"] == "0"


def test_closed_days_are_not_closed_again_nor_shown_as_open(till: Till) -> None:
    close(till, "2026-02-03", "2026-01-31", point_cost="0.01")
    for call, fields, name in (
        ("settlement_close", {"date_end": "2026-01-31"}, "date_end"),
        ("settlement_close", {"date_end": "2026-01-15"}, "date_end"),
        ("settlement", {"date_start": "2026-01-31"}, "date_start"),
        ("settlement", {"date_end": "2026-01-31"}, "date_end"),
    ):
        answer = on(till, "2026-02-04", call, **fields)
        assert answer.error_code == "invalid_parameter"
        assert answer.answer.error is not None
        assert (answer.answer.error.parts[0].fields, "closed up to 2026-01-31" in answer.errors[0]) == ((name,), True)


def test_a_dry_run_closes_nothing_and_a_key_closes_once(till: Till) -> None:
    sell(till, "2026-01-05", "North", "100")
    shown = close(till, "2026-02-03", "2026-01-31", point_cost="0.01", dry_run="Y")
    assert shown["settlement_status"] == "closed"
    assert on(till, "2026-02-03", "settlement_list").json["pagination"]["total"] == "0"
    first = close(till, "2026-02-03", "2026-01-31", point_cost="0.01", idempotency_key="january")
    assert close(till, "2026-02-03", "2026-01-31", point_cost="0.01", idempotency_key="january") == first


def test_who_never_shared_anything_has_nothing_to_settle(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner, at=OPENED)
    for call in ("settlement", "settlement_close", "settlement_list"):
        fields = {"date_end": "2026-01-05", "point_cost": "1"} if call != "settlement_list" else {}
        assert on(till, "2026-01-10", call, **fields).error_code == "module_not_activated"


def test_a_closed_period_can_not_be_changed_by_the_application(till: Till, app_role: str) -> None:
    sell(till, "2026-01-05", "North", "100")
    close(till, "2026-02-03", "2026-01-31", point_cost="0.01")
    for privilege in ("UPDATE", "DELETE", "TRUNCATE"):
        rows = till.run_as_owner("SELECT has_table_privilege(%s, 'coalition_settlements', %s)", app_role, privilege)
        assert rows == [(False,)]
