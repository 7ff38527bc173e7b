# SPDX-License-Identifier: Apache-2.0
"""batch_transactions: what lines record in every kind of campaign, which are refused, how often (api.md 8, 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.accounts.directory import CampaignConfig
from tests.client import Api, Parsed
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_depreciation,
    make_field,
    make_item,
    make_reward,
    make_user,
)

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
COLUMNS = ("campaign_id", "code", "redeemed", "amount", "date", "authorization", "none")
WITH_ITEM = (*COLUMNS[:6], "service_product")


@dataclass(frozen=True)
class Shop:
    made: MadeAccount
    campaigns: dict[str, CampaignConfig]
    reward_id: int

    def number(self, kind: str) -> str:
        return self.campaigns[kind].number


@pytest.fixture
def shop() -> Shop:
    made = make_account()
    settings: dict[str, dict[str, Any]] = {
        "points": {"points_ratio_ppm": 100_000_000}, "giftcard": {}, "events": {}, "earned": {"amount_per_event_minor": 50},
        "buyx": {"default_item_level": 10},
    }  # fmt: skip
    campaigns = {kind: make_campaign(made, kind=kind, **options) for kind, options in settings.items()}
    reward_id = make_reward(made, campaigns["points"], level=500, identifier="COOKIE")
    make_reward(made, campaigns["events"], level=2, identifier="VISIT")
    make_item(made, campaigns["buyx"], level=3, identifier="FW")
    make_customer(made, code="12121", card_number="5512121")
    return Shop(made, campaigns, reward_id)


def send(api: Api, made: MadeAccount, *lines: str, columns: tuple[str, ...] = COLUMNS, **fields: Any) -> Parsed:
    headers = {f"visits_header_{number}": name for number, name in enumerate(columns, 1)}
    given = {**made.credentials, "delimiter": "pipe", **headers, "Visits_Data": "\n".join(lines), **fields}
    return api.call("batch_transactions", **given)


def counts(answer: Parsed) -> tuple[str, str]:
    assert answer.ok, answer
    return answer.json["batch"]["transactions"], answer.json["batch"]["lines_refused"]


def errors(answer: Parsed) -> dict[str, str]:
    return {error["line"]: error["xml_value_to_show"] for error in answer.json["batch"].get("errors", ())}


def history(api: Api, shop: Shop, kind: str, code: str = "12121") -> list[tuple[str, str, str]]:
    """Return (date, amount, authorization), the newest first."""
    answer = api.call("customer_balance", **shop.made.credentials, code=code, campaign_id=shop.number(kind))
    rows = answer.xml.iter("transaction")
    return [(row.findtext("date"), row.findtext("amount"), row.findtext("authorization")) for row in rows]


def balance(api: Api, shop: Shop, kind: str, code: str = "12121") -> str:
    answer = api.call("customer_balance", **shop.made.credentials, code=code, campaign_id=shop.number(kind))
    shown = answer.xml.findtext("campaign/customer/balance")
    return shown or answer.at("campaign/customer/balances/item/balance")


def test_the_documented_lines(api: Api, shop: Shop) -> None:
    points = shop.number("points")
    answer = send(
        api, shop.made,
        f"{points}|12121|N|14,95|03/15/2010|API test import 1",
        f"{points}|12121|Y|500|03/16/2010|API test redeem 1",
        apply_ratio="no",
    )  # fmt: skip
    assert errors(answer) == {"1": "amount is not valid: a whole number is expected", "2": errors(answer)["2"]}
    answer = send(
        api, shop.made,
        f"{points}|12121|N|14,95|03/15/2010|API test import 1",
        f"{points}|12121|Y|COOKIE|03/16/2010|API test redeem 1",
        apply_ratio="yes",
    )  # fmt: skip
    assert counts(answer) == ("2", "0")
    assert answer.json["batch"]["status"] == "completed"
    assert balance(api, shop, "points") == "995"
    assert history(api, shop, "points") == [
        ("2010-03-16", "-500", "API test redeem 1"), ("2010-03-15", "1495", "API test import 1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "lines", "applies_ratio", "expected"),
    [
        ("points", ["N|1000", "Y|300"], "no", "700"),
        ("points", ["N|10.00", "Y|{reward}"], "yes", "500"),
        ("points", ["N|10.00", "Y|COOKIE", "Y|COOKIE"], "yes", "0"),
        ("giftcard", ["N|20", "Y|5,50"], "no", "14.50"),
        ("giftcard", ["N|20", "Y|5,50"], "yes", "14.50"),
        ("events", ["N|5", "Y|2"], "no", "3"),
        ("events", ["N|5", "Y|VISIT"], "yes", "3"),
        ("earned", ["N|2.50", "Y|1"], "no", "1.50"),
        ("earned", ["N|4", "Y|1"], "yes", "1.00"),
        ("buyx", ["N|8", "Y|2"], "no", "6"),
        ("buyx", ["N|8", "Y|2"], "yes", "2"),
    ],
)
def test_what_amounts_mean_in_each_kind(
    api: Api, shop: Shop, kind: str, lines: list[str], applies_ratio: str, expected: str
) -> None:
    number = shop.number(kind)
    sent = [f"{number}|12121|{line.replace('{reward}', str(shop.reward_id))}|||FW" for line in lines]
    answer = send(api, shop.made, *sent, columns=WITH_ITEM, apply_ratio=applies_ratio)
    assert (counts(answer), errors(answer)) == ((str(len(lines)), "0"), {})
    assert balance(api, shop, kind) == expected


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{points}|nobody|N|10||", "This customer does not exist."),
        ("1234567890123456|12121|N|10||", "Campaign not valid or deactivated."),
        ("|12121|N|10||", "Missing parameter: campaign_id"),
        ("{points}||N|10||", "Missing parameter: code"),
        ("{points}|12121|N|||", "Missing parameter: amount"),
        ("{points}|12121|perhaps|10||", "redeemed is not valid: Y or N is expected"),
        ("{points}|12121|N|0||", "The amount entered needs to be at least 1"),
        ("{points}|12121|N|-5||", "The amount entered needs to be at least 1"),
        ("{points}|12121|N|1e3||", "amount is not valid: a number is expected, such as 1234"),
        ("{points}|12121|Y|10||", "The amount entered exceeds the available balance"),
        ("{points}|12121|N|10|2026-02-30|", "date is not valid: there is no such date"),
        ("{points}|12121|N|10|13/13/2010|", "date is not valid: there is no such date"),
        ("{points}|12121|N|10|01/01/2999|", "date is not valid: it lies in the future"),
        ("{giftcard}|12121|N|0.001||", None),
        ("{giftcard}|12121|N|0||", "TRANSACTION ERROR: The amount entered must be at least 0.01"),
        ("{buyx}|12121|N|1||", "Missing parameter: service_product"),
        ("{points}|12121|N|10||||x", "line is not valid: it has 8 values for 7 columns"),
    ],
)
def test_a_wrong_line_is_named_and_its_neighbours_are_kept(api: Api, shop: Shop, line: str, text: str | None) -> None:
    wrong = line.format(**{kind: campaign.number for kind, campaign in shop.campaigns.items()})
    good = f"{shop.number('events')}|12121|N|1||"
    answer = send(api, shop.made, good, wrong, "", good)
    assert counts(answer) == ("2", "1")
    assert list(errors(answer)) == ["2"]
    assert text is None or errors(answer)["2"] == text
    assert balance(api, shop, "events") == "2"


def test_rewards_items_and_ratio_errors_are_those_of_a_till(api: Api, shop: Shop) -> None:
    points, buyx = shop.number("points"), shop.number("buyx")
    answer = send(
        api, shop.made, f"{points}|12121|Y|CAKE|||", f"{points}|12121|Y|COOKIE|||", f"{buyx}|12121|N|1|||TEA",
        columns=WITH_ITEM, apply_ratio="yes",
    )  # fmt: skip
    assert errors(answer) == {
        "1": "amount is not valid: no such reward in this campaign",
        "2": "The reward level selected exceeds the available balance",
        "3": "service_product is not valid: no such item in this campaign",
    }


def test_unknown_customers_are_made_where_asked_for_by_what_gives_them_something(api: Api, shop: Shop) -> None:
    points = shop.number("points")
    lines = (f"{points}|77|Y|5||", f"{points}|77|N|10||", f"{points}|77|Y|4||", f"{points}|78|Y|1||", f"{points}|79|N|x||")
    assert counts(send(api, shop.made, *lines)) == ("0", "5")
    answer = send(api, shop.made, *lines, create_new_customers="Y")
    assert (counts(answer), answer.json["batch"]["new_customers"]) == (("2", "3"), "1")
    assert errors(answer)["1"] == errors(answer)["4"] == "This customer does not exist."
    assert balance(api, shop, "points", "77") == "6"
    for code in ("78", "79"):
        assert not api.call("customer_info", **shop.made.credentials, code=code).ok


def test_an_account_in_trial_records_nothing_of_customers_beyond_ten(api: Api) -> None:
    trial = make_account(state="trial")
    points = make_campaign(trial).number
    lines = [f"{points}|{code}|N|10||" for code in (*range(12), 11, 0)]
    answer = send(api, trial, *lines, create_new_customers="Y")
    assert counts(answer) == ("11", "3")
    said = "Account in Trial mode: Maximum of 10 customers. Transactions for extra customers not recorded."
    assert errors(answer) == dict.fromkeys(("11", "12", "13"), said)


def test_a_required_field_of_a_new_customer_stops_its_lines(api: Api, shop: Shop) -> None:
    make_field(shop.made, number=2, label="Favourite", required=True)
    answer = send(api, shop.made, f"{shop.number('points')}|77|N|10||", create_new_customers="Y")
    assert errors(answer) == {"1": "Missing parameter: custom_field_2"}


def test_a_required_predefined_field_stops_them_too(api: Api, shop: Shop) -> None:
    assert api.call("manage_fields", **shop.made.credentials, API="1.6", action="update", first_name_required="Y").ok
    lines = (f"{shop.number('points')}|77|N|10||", f"{shop.number('points')}|12121|N|10||")
    answer = send(api, shop.made, *lines, create_new_customers="Y")
    assert errors(answer) == {"1": "Missing parameter: first_name"}


def test_transaction_fields_and_references(api: Api, shop: Shop) -> None:
    make_field(shop.made, owner="transaction", number=1, label="Table", type="Number")
    columns = ("campaign_id", "code", "redeemed", "amount", "date", "reference", "custom_field_1")
    points = shop.number("points")
    answer = send(api, shop.made, f"{points}|12121|N|10||R-1|7", f"{points}|12121|N|10||R-2|seven", columns=columns)
    assert errors(answer) == {"2": "Not a valid number."}
    assert api.call("transaction_reverse", **shop.made.credentials, reference="R-1").ok


def test_a_date_alone_is_its_first_moment_and_a_time_is_kept(api: Api, shop: Shop) -> None:
    events = shop.number("events")
    days = ("2010-03-15", "03/16/2010 17:45", "2010-03-17 08:00:01")
    assert counts(send(api, shop.made, *(f"{events}|12121|N|1|{day}|" for day in days))) == ("3", "0")
    report = api.call(
        "reports", **shop.made.credentials, report="transactions_all", date_start="2010-01-01", date_end="2010-12-31",
        selected_campaigns=events,
    )  # fmt: skip
    assert sorted(row.findtext("date") for row in report.xml.iter("transaction")) == ["2010-03-15", "2010-03-16", "2010-03-17"]


def test_what_has_expired_is_booked_before_a_line_is(api: Api) -> None:
    made = make_account()
    points = make_campaign(made)
    make_depreciation(made, points, interval_count=30, interval_unit="days")
    make_customer(made, code="1")
    now = datetime.now(UTC)
    line = f"{points.number}|1|N|100||"
    headers = {f"visits_header_{number}": name for number, name in enumerate(COLUMNS, 1)}
    fields = {**made.credentials, "delimiter": "pipe", **headers}
    assert api.call_at(now, "batch_transactions", **fields, Visits_Data=line).ok
    later = now + timedelta(days=31)
    spent = f"{points.number}|1|Y|1||\n{line}\n{points.number}|1|Y|100||"
    answer = api.call_at(later, "batch_transactions", **fields, Visits_Data=spent)
    assert counts(answer) == ("2", "1")
    assert errors(answer) == {"1": "The amount entered exceeds the available balance"}


def test_only_campaigns_that_the_user_may_see(api: Api, shop: Shop) -> None:
    clerk = make_user(shop.made, role="G", campaigns_access="some", allowed_campaign_ids=[shop.campaigns["events"].id])
    headers = {f"visits_header_{number}": name for number, name in enumerate(COLUMNS, 1)}
    data = f"{shop.number('events')}|12121|N|1||\n{shop.number('points')}|12121|N|1||"
    answer = api.call("batch_transactions", **clerk.credentials, delimiter="pipe", **headers, Visits_Data=data)
    assert errors(answer) == {"2": "Campaign not valid or deactivated."}


def test_two_equal_lines_are_two_sales_also_for_a_guarded_user(api: Api, shop: Shop, run_as_owner: RunAsOwner) -> None:
    line = f"{shop.number('events')}|12121|N|1||"
    till = make_user(shop.made, role="A")
    run_as_owner(
        "UPDATE users_users SET duplicate_guard = 'first', duplicate_guard_seconds = 60 WHERE account_id = %s AND id = %s",
        shop.made.id, till.user.id,
    )  # fmt: skip
    headers = {f"visits_header_{number}": name for number, name in enumerate(COLUMNS, 1)}
    answer = api.call("batch_transactions", **till.credentials, delimiter="pipe", **headers, Visits_Data=f"{line}\n{line}")
    assert counts(answer) == ("2", "0")
    assert balance(api, shop, "events") == "2"


def test_a_key_makes_the_whole_batch_count_once(api: Api, shop: Shop) -> None:
    line = f"{shop.number('events')}|12121|N|1||"
    first = send(api, shop.made, line, line, idempotency_key="k-1")
    assert send(api, shop.made, line, line, idempotency_key="k-1").xml_body == first.xml_body
    assert balance(api, shop, "events") == "2"


def test_atomic_is_all_or_none(api: Api, shop: Shop) -> None:
    events = shop.number("events")
    answer = send(api, shop.made, f"{events}|12121|N|1||", f"{events}|12121|Y|9||", atomic="Y")
    assert answer.json["batch"]["status"] == "refused"
    assert (counts(answer), list(errors(answer))) == (("0", "1"), ["2"])
    assert history(api, shop, "events") == []
    assert counts(send(api, shop.made, f"{events}|12121|N|1||", f"{events}|12121|Y|1||", atomic="Y")) == ("2", "0")


def test_a_dry_run_says_what_would_become_of_each_line(api: Api, shop: Shop) -> None:
    events = shop.number("events")
    answer = send(api, shop.made, f"{events}|12121|N|3||", f"{events}|12121|Y|2||", f"{events}|12121|Y|2||", dry_run="Y")
    assert (counts(answer), list(errors(answer))) == (("2", "1"), ["3"])
    assert history(api, shop, "events") == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"visits_header_7": ""}, "Some required fields are missing."),
        ({"visits_header_4": "none"}, "Some required fields are missing."),
        ({"visits_header_2": "none"}, "Some required fields are missing."),
        (
            {"visits_header_9": "none"},
            "visits_header_9 is not valid: headers are numbered upwards without skipping one: 8 is missing",
        ),
        ({"visits_header_7": "colour"}, "visits_header_7 is not valid: there is no such column"),
        ({"delimiter": ";"}, "Invalid delimiter"),
        ({"Visits_Data": ""}, "No data was given"),
        ({"Visits_Data": "\n\n"}, "No data was given"),
        ({"API": "new"}, "API is not valid: a version such as 1.5 is expected"),
    ],
)
def test_what_is_wrong_with_the_whole_is_an_error(api: Api, shop: Shop, changes: dict[str, str], text: str) -> None:
    answer = send(api, shop.made, f"{shop.number('events')}|12121|N|1||", **changes)
    assert answer.errors == [text]
    assert history(api, shop, "events") == []


def test_undo_flags_have_hyphens(api: Api, shop: Shop) -> None:
    def undo(**fields: str) -> str:
        answer = send(api, shop.made, f"{shop.number('events')}|12121|N|1||", **fields)
        return api.call("batch_info", **shop.made.credentials, batch_id=answer.at("batch/batch_id")).at("batch/undo")

    assert [undo(), undo(**{"no-undo": "yes"})] == ["Y", "N"]
    assert [undo(API="1.5"), undo(API="1.5", **{"allow-undo": "yes"}), undo(API="1.5", allow_undo="yes")] == ["N", "Y", "Y"]


def test_a_mail_is_written_where_asked_for(api: Api, shop: Shop, run_as_owner: RunAsOwner) -> None:
    make_customer(shop.made, code="2", email="amy@acker.example")
    line = f"{shop.number('events')}|2|N|1||"
    for wish, mails in (("N", 0), ("Y", 1)):
        assert counts(send(api, shop.made, line, send_transaction_email=wish)) == ("1", "0")
        kept = run_as_owner("SELECT kind FROM messages_outbox WHERE account_id = %s AND entry_id IS NOT NULL", shop.made.id)
        assert len(kept) == mails
