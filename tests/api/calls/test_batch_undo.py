# SPDX-License-Identifier: Apache-2.0
"""batch_undo and batch_info: what comes back, what stays and why, and that twice is once (api.md 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.accounts.directory import CampaignConfig
from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_depreciation, make_field, make_user

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
VISITS = ("campaign_id", "code", "redeemed", "amount", "date", "authorization", "none")


@pytest.fixture
def shop() -> MadeAccount:
    return make_account()


@pytest.fixture
def club(shop: MadeAccount) -> CampaignConfig:
    return make_campaign(shop)


def bring(api: Api, who: dict[str, str], call: str, names: tuple[str, ...], lines: list[str], **fields: Any) -> str:
    """Send a batch that may be undone, and return its id."""
    prefix, data = ("profiles_header_", "profiles_data") if call == "customers_batch" else ("visits_header_", "Visits_Data")
    headers = {f"{prefix}{number}": name for number, name in enumerate(names, 1)}
    answer = api.call(call, **{**who, "delimiter": "pipe", **headers, data: "\n".join(lines), **fields})
    assert answer.ok, answer
    assert "errors" not in answer.json["batch"], answer
    return answer.at("batch/batch_id")


def undo(api: Api, shop: MadeAccount, batch_id: str, **fields: str) -> Parsed:
    return api.call("batch_undo", **{**shop.credentials, "batch_id": batch_id, **fields})


def taken(answer: Parsed) -> tuple[str, str, str]:
    """Return what was taken back: customers, transactions; and the lines refused."""
    assert answer.ok, answer
    batch = answer.json["batch"]
    return batch["customers"], batch["transactions"], batch["lines_refused"]


def errors(answer: Parsed) -> dict[str, str]:
    return {error["line"]: error["code"] for error in answer.json["batch"].get("errors", ())}


def customer(api: Api, shop: MadeAccount, code: str) -> dict[str, str]:
    answer = api.call("customer_info", **shop.credentials, code=code)
    if not answer.ok:
        return {}
    return {child.tag: child.text or child.findtext("data") or "" for child in answer.xml.find("customer")}


def balance(api: Api, shop: MadeAccount, club: CampaignConfig, code: str) -> str:
    return api.call("customer_balance", **shop.credentials, code=code, campaign_id=club.number).at("campaign/customer/balance")


def visit(club: CampaignConfig, code: str, amount: int, redeemed: str = "N") -> str:
    return f"{club.number}|{code}|{redeemed}|{amount}|||"


def test_transactions_are_taken_back_as_if_they_had_never_been(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1", campaigns=(club,), openings=(70,))
    lines = [
        visit(club, "1", 100),
        visit(club, "1", 150, "Y"),
        visit(club, "1", 30),
        visit(club, "9", 40),
        visit(club, "9", 5, "Y"),
    ]
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, lines, create_new_customers="Y")
    assert (balance(api, shop, club, "1"), balance(api, shop, club, "9")) == ("50", "35")
    answer = undo(api, shop, batch)
    assert answer.json["batch"]["status"] == "undone"
    assert (taken(answer), errors(answer)) == (("1", "5", "0"), {})
    assert balance(api, shop, club, "1") == "70"
    assert customer(api, shop, "9") == {}
    history = api.call("customer_balance", **shop.credentials, code="1", campaign_id=club.number)
    assert [row.findtext("amount") for row in history.xml.iter("transaction")] == ["70", "0"]


def test_undoing_again_is_the_first_answer_again(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100)])
    first = undo(api, shop, batch)
    assert undo(api, shop, batch).xml_body == first.xml_body
    assert undo(api, shop, batch, idempotency_key="k").xml_body == first.xml_body
    assert balance(api, shop, club, "1") == "0"


def test_a_dry_run_tells_what_would_come_back(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100)])
    assert taken(undo(api, shop, batch, dry_run="Y")) == ("0", "1", "0")
    assert balance(api, shop, club, "1") == "100"
    assert taken(undo(api, shop, batch)) == ("0", "1", "0")


def test_what_was_taken_back_by_hand_is_named(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    for code in ("1", "2", "3"):
        make_customer(shop, code=code)
    lines = [visit(club, "1", 100), visit(club, "2", 100), visit(club, "3", 100)]
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, lines)
    history = api.call("customer_balance", **shop.credentials, code="1", campaign_id=club.number)
    first = history.at("campaign/customer/transactions/transaction/id")
    assert api.call("transaction_reverse", **shop.credentials, transaction_id=first).ok
    assert api.call("customer_delete", **shop.credentials, code="3").ok
    answer = undo(api, shop, batch)
    assert (taken(answer), errors(answer)) == (("0", "1", "2"), {"1": "already_reversed", "3": "transaction_not_found"})
    assert undo(api, shop, batch).xml_body == answer.xml_body


def test_what_was_spent_since_becomes_debt(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100)])
    assert api.call("redeem", **shop.credentials, campaign_id=club.number, code="1", custom_points_redeem="60").ok
    assert taken(undo(api, shop, batch)) == ("0", "1", "0")
    assert balance(api, shop, club, "1") == "-60"


@pytest.mark.parametrize("shrinks", [False, True])
def test_also_where_balances_shrink(api: Api, shop: MadeAccount, club: CampaignConfig, shrinks: bool) -> None:
    if shrinks:
        make_depreciation(shop, club, interval_count=3, interval_unit="years")
    make_customer(shop, code="1")
    lines = [visit(club, "1", 100), visit(club, "1", 30, "Y"), visit(club, "1", 20, "Y"), visit(club, "1", 7)]
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, lines)
    assert taken(undo(api, shop, batch)) == ("0", "4", "0")
    assert balance(api, shop, club, "1") == "0"


def test_customers_are_removed_and_their_openings_taken_back(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    lines = [f"{number}|First|100" for number in range(60)]
    include = {"campaigns_to_include": club.number}
    batch = bring(api, shop.credentials, "customers_batch", ("code", "first_name", "auto_add"), lines, **include)
    assert balance(api, shop, club, "7") == "100"
    assert taken(undo(api, shop, batch)) == ("60", "60", "0")
    assert customer(api, shop, "7") == {}
    again = bring(api, shop.credentials, "customers_batch", ("code", "first_name", "auto_add"), lines, **include)
    assert again != batch


def test_a_customer_who_was_used_or_changed_since_stays_without_the_opening(
    api: Api, shop: MadeAccount, club: CampaignConfig
) -> None:
    lines = ["1|100", "2|100", "3|100"]
    batch = bring(api, shop.credentials, "customers_batch", ("code", "auto_add"), lines, campaigns_to_include=club.number)
    assert api.call("record_activity", **shop.credentials, campaign_id=club.number, code="1", amount="1").ok
    assert api.call("record_customer", **shop.credentials, customer_action="edit", code="2", first_name="Amy").ok
    answer = undo(api, shop, batch)
    assert (taken(answer), errors(answer)) == (("1", "3", "2"), {"1": "used_since", "2": "used_since"})
    assert (balance(api, shop, club, "1"), balance(api, shop, club, "2")) == ("100", "0")
    assert customer(api, shop, "3") == {}


def test_changed_customers_get_their_former_data_back(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_field(shop, number=2, label="Passport", unique=True)
    for code in ("1", "2", "3"):
        make_customer(
            shop, code=code, card_number=f"5{code}", first_name="Amy", phone="212-555-0101", username=f"amy{code}",
            password="secret_1", fields={1: "VIP", 2: f"P{code}"},
        )  # fmt: skip
    before = {code: customer(api, shop, code) for code in ("1", "2", "3")}
    lines = ["1|511|Anne|", "2||Ben|N2", "3||Cid|N3", "3||Cyd|N4"]
    names = ("code", "card_number", "first_name", "custom_field_2")
    batch = bring(
        api, shop.credentials, "customers_batch", names, lines, campaigns_to_include=club.number, overwrite_duplicates="yes"
    )
    assert (customer(api, shop, "3")["first_name"], customer(api, shop, "1")["card_number"]) == ("Cyd", "511")
    assert api.call("record_customer", **shop.credentials, customer_action="edit", code="2", city="Boise").ok
    answer = undo(api, shop, batch)
    assert (taken(answer), errors(answer)) == (("3", "0", "1"), {"2": "used_since"})
    assert customer(api, shop, "1") == before["1"]
    assert customer(api, shop, "3") == before["3"]
    assert customer(api, shop, "2")["first_name"] == "Ben"
    signed = api.call("validate_customer_password", **shop.credentials, customer_username="amy1", customer_password="secret_1")
    assert signed.ok


def test_a_card_that_is_somebody_elses_by_now_does_not_come_back(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1", card_number="51", first_name="Amy")
    batch = bring(
        api, shop.credentials, "customers_batch", ("code", "card_number"), ["1|52"], campaigns_to_include=club.number,
        overwrite_duplicates="update",
    )  # fmt: skip
    make_customer(shop, code="2", card_number="51")
    answer = undo(api, shop, batch)
    assert (taken(answer), errors(answer)) == (("0", "0", "1"), {"1": "card_in_use"})
    assert customer(api, shop, "1")["card_number"] == "52"


def test_an_erased_customer_is_forgotten_by_the_batch_too(
    api: Api, shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner
) -> None:
    make_customer(shop, code="1", first_name="Amy")
    names, line = ("code", "first_name"), ["1|Anne"]
    bring(
        api, shop.credentials, "customers_batch", names, line, campaigns_to_include=club.number, overwrite_duplicates="update"
    )
    count = "SELECT count(former) FROM transactions_batch_lines WHERE account_id = %s"
    assert run_as_owner(count, shop.id) == [(1,)]
    assert api.call("customer_delete", **shop.credentials, code="1").ok
    assert run_as_owner(count, shop.id) == [(0,)]


def test_undo_must_have_been_allowed(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100)], API="1.5")
    assert undo(api, shop, batch).error_code == "undo_not_allowed"
    assert balance(api, shop, club, "1") == "100"


def test_a_batch_is_seen_and_undone_by_who_may_see_its_campaigns(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    other = make_campaign(shop)
    make_customer(shop, code="1")
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100)])
    for campaign, is_seen in ((other, False), (club, True)):
        user = make_user(shop, role="G", campaigns_access="some", allowed_campaign_ids=[campaign.id])
        assert api.call("batch_info", **user.credentials, batch_id=batch).ok is is_seen
        assert api.call("batch_undo", **user.credentials, batch_id=batch, dry_run="Y").ok is is_seen
    imported = bring(api, shop.credentials, "customers_batch", ("code",), ["7"], campaigns_to_include=club.number)
    user = make_user(shop, role="G")  # he imports transactions, but not customers
    assert api.call("batch_undo", **user.credentials, batch_id=imported).error_code == "batch_not_found"
    assert api.call("batch_undo", **make_account().credentials, batch_id=imported).error_code == "batch_not_found"


def test_batch_info_tells_the_state_and_pages_through_refusals(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    headers = {f"visits_header_{number}": name for number, name in enumerate(VISITS, 1)}
    lines = "\n".join(visit(club, "nobody", 1) for _ in range(5))
    brought = api.call("batch_transactions", **shop.credentials, delimiter="pipe", **headers, Visits_Data=lines)
    info = api.call("batch_info", **shop.credentials, batch_id=brought.at("batch/batch_id"), offset="3", length="1")
    batch = info.json["batch"]
    assert (batch["status"], batch["kind"], batch["lines"], batch["lines_done"]) == ("completed", "transactions", "5", "5")
    assert (batch["lines_refused"], [error["line"] for error in batch["errors"]]) == ("5", ["4"])


def test_what_a_merged_customer_got_is_taken_back_from_who_has_it_now(
    api: Api, shop: MadeAccount, club: CampaignConfig
) -> None:
    for code in ("1", "2"):
        make_customer(shop, code=code)
    batch = bring(api, shop.credentials, "batch_transactions", VISITS, [visit(club, "1", 100), visit(club, "2", 7)])
    assert api.call("customer_merge", **shop.credentials, code="2", duplicate_code="1").ok
    assert balance(api, shop, club, "2") == "107"
    assert taken(undo(api, shop, batch)) == ("0", "2", "0")
    assert balance(api, shop, club, "2") == "0"
