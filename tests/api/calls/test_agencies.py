# SPDX-License-Identifier: Apache-2.0
"""agency_new, agency_list, account_new, account_list: who opens accounts for whom, and who sees them (ADR-0011)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError
from PIL import Image

from regulars.accounts.queries import (
    BrandRow,
    find_account_config_by_user,
    get_account_config,
    get_brand,
    list_accounts_under,
)
from regulars.errors import InvariantViolation
from regulars.kit.db import unit_of_work
from regulars.transactions.agencies import open_account
from tests.client import Api, Parsed
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_agency,
    make_brand,
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

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
NOT_THEIRS = "The account does not belong to the agency"


@pytest.fixture(scope="module")
def platform() -> MadeAccount:
    return make_account(biz_name="Headquarters", kind="platform", currency="EUR", timezone="Europe/Berlin", language="de")


@pytest.fixture
def agency() -> MadeAccount:
    return make_agency(currency="EUR", timezone="Europe/Paris", language="fr")


def agency_id(agency: MadeAccount) -> int:
    assert agency.account.agency is not None
    return agency.account.agency[0]


def opened(api: Api, office: MadeAccount, **fields: Any) -> dict[str, Any]:
    """Open an account and return what stands in ``<account>``."""
    answer = new(api, office, **fields)
    assert answer.ok, answer
    shown: dict[str, Any] = answer.json["account"]
    return shown


def new(api: Api, office: Any, **fields: Any) -> Parsed:
    given = {"new_account_id": unique_name("shop"), "biz_name": "Corner Shop", **fields}
    return api.call("account_new", **office.credentials, **given)


def listed(api: Api, office: Any, **fields: Any) -> list[str]:
    answer = api.call("account_list", **office.credentials, **fields)
    assert answer.ok, answer
    return [row["account_id"] for row in answer.json["accounts"]]


# -- agency_new ----------------------------------------------------------------------------------------------------------
def test_an_agency_comes_with_an_account_whose_key_opens_accounts(api: Api, platform: MadeAccount) -> None:
    code = unique_name("agcy")
    answer = api.call(
        "agency_new", **platform.credentials, agency_name="Loyal & Sons", agency_email="hello@loyal.example",
        new_account_id=code, new_account_password="secret_1",
    )  # fmt: skip
    shown = answer.json["agency"]
    assert (shown["name"], shown["email"], shown["account_id"], shown["user_id"]) == (
        "Loyal & Sons", "hello@loyal.example", code, code,
    )  # fmt: skip
    account = find_account_config_by_user(code)
    assert account is not None
    assert (account.kind, account.state, account.agency) == (
        "agency", "active", (int(shown["id"]), "Loyal & Sons", "hello@loyal.example"),
    )  # fmt: skip
    assert (account.currency.code, account.timezone, account.language) == ("EUR", "Europe/Berlin", "de"), "as who asked"
    signed = {"user_id": code, "user_api_key": shown["user_api_key"], "account_id": code}
    client = api.call("account_new", **signed, new_account_id=unique_name("shop"), biz_name="First Client")
    assert client.at("account/agency") == shown["id"]
    assert api.call("user_login", user_id=code, user_password="secret_1").ok


def test_an_agency_of_a_taken_name_leaves_nothing(api: Api, platform: MadeAccount, run_as_owner: RunAsOwner) -> None:
    name = unique_name("Name")
    answer = api.call(
        "agency_new", **platform.credentials, agency_name=name, agency_email="a@b.example", new_account_id=platform.code
    )
    assert answer.error_code == "user_id_taken"
    assert "new_account_id" in (answer.answer.error.parts[0].fields if answer.answer.error else ())
    assert run_as_owner("SELECT id FROM accounts_agencies WHERE name = %s", name) == []


def test_a_key_makes_one_agency_and_gives_the_first_answer_again(api: Api, platform: MadeAccount) -> None:
    given = {"agency_name": "Twice", "agency_email": "a@b.example", "new_account_id": unique_name("agcy")}
    first = api.call("agency_new", **platform.credentials, **given, idempotency_key=given["new_account_id"])
    again = api.call("agency_new", **platform.credentials, **given, idempotency_key=given["new_account_id"])
    assert first.ok
    assert again.xml_body == first.xml_body


def test_a_dry_run_makes_nothing(api: Api, platform: MadeAccount, run_as_owner: RunAsOwner) -> None:
    code = unique_name("agcy")
    given = {"agency_name": code, "agency_email": "a@b.example", "new_account_id": code, "dry_run": "Y"}
    assert api.call("agency_new", **platform.credentials, **given).ok
    assert run_as_owner("SELECT id FROM accounts_agencies WHERE name = %s", code) == []
    assert find_account_config_by_user(code) is None


# -- account_new -----------------------------------------------------------------------------------------------------------
def test_a_client_is_under_the_agency_on_trial_and_speaks_its_language(api: Api, agency: MadeAccount) -> None:
    shown = opened(api, agency, client_email="cora@corner.example", contact_first_name="Cora", biz_city="Lyon")
    assert (shown["state"], shown["agency"], shown["biz_city"]) == ("trial", str(agency_id(agency)), "Lyon")
    assert (shown["symbol"], shown["language"]) == ("EUR", "FR")
    account = find_account_config_by_user(shown["user_id"])
    assert account is not None
    (owner,) = account.users.values()
    assert (owner.is_owner, owner.first_name, owner.code, account.kind) == (True, "Cora", shown["account_id"], "business")
    signed = {name: shown[name] for name in ("account_id", "user_id", "user_api_key")}
    assert api.call("account_info", **signed).at("account/biz_name") == "Corner Shop"


def test_what_is_given_wins(api: Api, agency: MadeAccount) -> None:
    shown = opened(
        api, agency, language_selector="EN", symbol_selector="USD", timezone_selector="5", activate="Y", biz_country="US",
        new_account_password="secret_1",
    )  # fmt: skip
    assert (shown["language"], shown["symbol"], shown["timezone"], shown["state"]) == ("EN", "USD", "5", "active")
    assert api.call("user_login", user_id=shown["user_id"], user_password="secret_1").ok


def test_receipts_of_a_client_carry_the_agency(api: Api, agency: MadeAccount) -> None:
    shown = opened(api, agency, activate="Y")
    account = find_account_config_by_user(shown["user_id"])
    assert account is not None
    campaign = make_campaign(account)
    make_customer(account, code="c1")
    signed = {name: shown[name] for name in ("account_id", "user_id", "user_api_key")}
    receipt = api.call("record_activity", **signed, campaign_id=campaign.number, code="c1", amount="1")
    assert receipt.at("receipt/agency/id") == shown["agency"]


def test_the_platform_owner_says_which_agency_or_none(api: Api, platform: MadeAccount, agency: MadeAccount) -> None:
    assert opened(api, platform, agency=str(agency_id(agency)))["agency"] == str(agency_id(agency))
    assert "agency" not in opened(api, platform)
    unknown = new(api, platform, agency="999999999")
    assert (unknown.error_code, unknown.errors) == ("agency_not_found", ["agency is not valid: no such agency"])


def test_an_agency_opens_no_account_for_another(api: Api, agency: MadeAccount) -> None:
    other = make_agency()
    assert new(api, agency, agency=str(agency_id(other))).error_code == "agency_not_found"
    assert opened(api, agency, agency=str(agency_id(agency)))["agency"] == str(agency_id(agency))


def test_a_taken_user_id_opens_nothing(api: Api, agency: MadeAccount) -> None:
    before = listed(api, agency)
    assert new(api, agency, new_account_id=agency.code).error_code == "user_id_taken"
    assert listed(api, agency) == before


# -- copying settings ------------------------------------------------------------------------------------------------------
def make_model_shop(agency: MadeAccount) -> MadeAccount:
    """A client with something of everything that is copied, and of what is not."""
    shop = make_account(agency_id=agency_id(agency), currency="EUR", timezone="Europe/Madrid", language="es")
    make_field(shop, number=2, label="Favourite", type="Pick", choices=("Coffee", "Tea"), show=True)
    make_field(shop, owner="reward", number=1, label="Counter")
    points = make_campaign(
        shop, name="Points", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000, rounding="nearest", latitude="1",
        longitude="2", description="For all",
    )  # fmt: skip
    make_reward(shop, points, level=500, description="Free Cookie", identifier="COOKIE", fields={1: "3"})
    make_promotion(shop, points, operation="x", multiplier_ppm=1_250_000, description="Happy hour")
    make_depreciation(shop, points, interval_count=2, interval_unit="years")
    make_fee(shop, points, interval_count=3, interval_unit="months", amount=7, description="Idle")
    buyx = make_campaign(shop, kind="buyx", name="Cups", default_item_level=8)
    make_item(shop, buyx, description="Flat White", level=None, identifier="FW")
    make_campaign(shop, kind="earned", name="Visits", amount_per_event_minor=50)
    make_user(shop)
    make_customer(shop, code="c1", campaigns=(points,))
    make_brand(
        shop, name="The Model", accent_colour="#1f5f8b", bar_colour="#222222", mail_name="Cora",
        mail_reply_to="cora@shop.example", logo=logo(),
    )  # fmt: skip
    return shop


def logo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (60, 20), "#b03060").save(kept, "PNG")
    return kept.getvalue()


def test_a_copy_has_all_settings_and_nobody_of_the_other(api: Api, agency: MadeAccount) -> None:
    shop = make_model_shop(agency)
    shown = opened(api, agency, copy_from=shop.code)
    assert (shown["symbol"], shown["language"]) == ("EUR", "ES")
    copy, model = find_account_config_by_user(shown["user_id"]), shop.fresh()
    assert copy is not None
    assert (copy.timezone, copy.fields) == ("Europe/Madrid", model.fields)
    assert [user.is_owner for user in copy.users.values()] == [True]
    by_name = {campaign.name: campaign for campaign in copy.campaigns.values()}
    assert set(by_name) == {"Points", "Cups", "Visits"}
    assert set(copy.campaigns).isdisjoint(model.campaigns)
    for campaign in model.campaigns.values():
        twin = by_name[campaign.name]
        same = (
            "kind", "description", "state", "points_ratio_ppm", "reward_ratio_ppm", "amount_per_event_minor", "rounding",
            "carries_remainder",
        )  # fmt: skip
        assert [getattr(twin, name) for name in same] == [getattr(campaign, name) for name in same]
        assert (twin.latitude, twin.longitude, twin.pool_id) == ("", "", twin.id)
        for part, columns in (
            ("rewards", ("level", "description", "identifier", "fields")),
            ("promotions", ("operation", "multiplier_ppm", "points", "description")),
            ("items", ("level", "description", "identifier")),
        ):
            ours, theirs = getattr(twin, part), getattr(campaign, part)
            assert set(ours).isdisjoint(theirs)
            assert [[getattr(row, name) for name in columns] for row in ours.values()] == [
                [getattr(row, name) for name in columns] for row in theirs.values()
            ]
        assert [(rule.basis, rule.interval_count, rule.interval_unit) for rule in twin.depreciations] == [
            (rule.basis, rule.interval_count, rule.interval_unit) for rule in campaign.depreciations
        ]
        assert [(fee.amount, fee.description) for fee in twin.fees] == [(fee.amount, fee.description) for fee in campaign.fees]
        assert {rule.rule_id for rule in twin.depreciations}.isdisjoint(rule.rule_id for rule in campaign.depreciations)
    with unit_of_work(copy.id):
        assert get_brand(account=copy) == BrandRow(accent_colour="#1f5f8b", bar_colour="#222222"), "who it is, it says itself"
    signed = {name: shown[name] for name in ("account_id", "user_id", "user_api_key")}
    assert api.call("customer_info", **signed, code="c1").error_code == "customer_not_found"
    make_customer(copy, code="c1")
    sale = api.call("record_activity", **signed, campaign_id=by_name["Points"].number, code="c1", amount="9.95")
    assert sale.at("receipt/transaction/recorded/points") == "50"


def test_what_is_given_beside_a_copy_wins_but_for_the_currency(api: Api, agency: MadeAccount) -> None:
    shop = make_model_shop(agency)
    shown = opened(api, agency, copy_from=shop.code, language_selector="EN", symbol_selector="EUR")
    assert shown["language"] == "EN"
    refused = new(api, agency, copy_from=shop.code, symbol_selector="USD")
    assert refused.error_code == "invalid_parameter"
    assert refused.text.startswith("symbol_selector is not valid: settings are copied with their amounts of money")


def test_deleted_campaigns_are_not_copied_and_held_ones_stay_on_hold(api: Api, agency: MadeAccount) -> None:
    shop = make_account(agency_id=agency_id(agency))
    held, gone = make_campaign(shop, name="Held"), make_campaign(shop, name="Gone")
    client = api.as_(**shop.credentials)
    assert client.call("campaign_deactivate", campaign_id=held.number).ok
    assert client.call("campaign_delete", action="campaign", campaign_id=gone.number).ok
    copy = find_account_config_by_user(opened(api, agency, copy_from=shop.code)["user_id"])
    assert copy is not None
    state = shop.fresh().campaigns[held.number].state
    assert [(campaign.name, campaign.state) for campaign in copy.campaigns.values()] == [("Held", state)]
    assert state != "active"


def test_settings_of_another_agencys_account_are_not_copied(api: Api, agency: MadeAccount, platform: MadeAccount) -> None:
    other = make_agency()
    theirs, nobodys = make_account(agency_id=agency_id(other)), make_account()
    for source in (theirs.code, nobodys.code, other.code, agency.code, "nobody_of_that_id"):
        code = unique_name("shop")
        refused = new(api, agency, new_account_id=code, copy_from=source)
        assert (refused.error_code, refused.errors) == ("account_not_of_agency", [NOT_THEIRS]), source
        assert find_account_config_by_user(code) is None
    across = new(api, platform, agency=str(agency_id(agency)), copy_from=theirs.code)
    assert across.errors == [NOT_THEIRS]
    assert new(api, platform, agency=str(agency_id(other)), copy_from=theirs.code).ok
    assert new(api, platform, copy_from=nobodys.code).ok


# -- the lists -------------------------------------------------------------------------------------------------------------
def test_an_agency_sees_its_own_clients_and_nobody_elses(api: Api, agency: MadeAccount, platform: MadeAccount) -> None:
    other = make_agency()
    own = [opened(api, agency)["account_id"] for _ in range(2)]
    theirs = opened(api, other)["account_id"]
    nobodys = make_account().code
    assert listed(api, agency) == own
    assert listed(api, other) == [theirs]
    everybody = listed(api, platform)
    assert {*own, theirs, nobodys} <= set(everybody)
    assert {agency.code, other.code, platform.code}.isdisjoint(everybody), "offices are no clients"
    by_agency = {"searchField": "agency", "searchOper": "eq", "searchValue": str(agency_id(agency))}
    assert listed(api, platform, **by_agency) == own


def test_an_agency_without_clients_has_an_empty_list(api: Api, agency: MadeAccount) -> None:
    answer = api.call("account_list", **agency.credentials)
    assert answer.json["accounts"] == []
    assert answer.json["pagination"] == {"total": "0", "offset": "0"}


OPERATORS = [
    ("eq", "bean bar", ["Bean Bar"]), ("ne", "bean bar", ["Amber", "Leaf", "Zest & Bean"]),
    ("bw", "be", ["Bean Bar"]), ("bn", "be", ["Amber", "Leaf", "Zest & Bean"]), ("ew", "bean", ["Zest & Bean"]),
    ("en", "bean", ["Amber", "Bean Bar", "Leaf"]), ("cn", "bean", ["Bean Bar", "Zest & Bean"]),
    ("nc", "bean", ["Amber", "Leaf"]), ("in", "Leaf,Amber", ["Amber", "Leaf"]),
    ("ni", "Leaf,Amber", ["Bean Bar", "Zest & Bean"]),
    ("nu", "", []), ("nn", "", ["Amber", "Bean Bar", "Leaf", "Zest & Bean"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def four() -> MadeAccount:
    """An agency with four clients."""
    agency = make_agency()
    for name in ("Zest & Bean", "Amber", "Leaf", "Bean Bar"):
        make_account(biz_name=name, agency_id=agency_id(agency), client_email=f"{name[0].lower()}@shop.example")
    return agency


@pytest.mark.parametrize(("operator", "value", "names"), OPERATORS)
def test_accounts_are_found_by_every_operator(api: Api, four: MadeAccount, operator: str, value: str, names: list[str]) -> None:
    answer = api.call(
        "account_list", **four.credentials, searchField="biz_name", searchOper=operator, searchValue=value,
        sortField="biz_name",
    )  # fmt: skip
    assert [row["biz_name"] for row in answer.json["accounts"]] == names


def test_accounts_come_sorted_and_in_pages(api: Api, four: MadeAccount) -> None:
    answer = api.call("account_list", **four.credentials, sortField="biz_name", sortOrder="DESC", offset="1", length="2")
    assert [row["biz_name"] for row in answer.json["accounts"]] == ["Leaf", "Bean Bar"]
    assert answer.json["pagination"] == {"total": "4", "offset": "1", "length": "2"}
    assert api.call("account_list", **four.credentials, sortField="secret").error_code == "invalid_parameter"


def test_agencies_are_listed_with_their_accounts(
    api: Api, platform: MadeAccount, four: MadeAccount, agency: MadeAccount
) -> None:
    find = {"searchField": "account_id", "searchOper": "eq", "searchValue": four.code}
    (row,) = api.call("agency_list", **platform.credentials, **find).json["agencies"]
    assert (row["id"], row["account_id"], row["accounts"]) == (str(agency_id(four)), four.code, "4")
    (own,) = api.call("agency_list", **agency.credentials).json["agencies"]
    assert (own["account_id"], own["accounts"]) == (agency.code, "0"), "an agency sees itself alone"
    assert api.call("agency_list", **agency.credentials, **find).json["agencies"] == []


# -- fences ------------------------------------------------------------------------------------------------------------------
def test_a_suspended_agency_does_nothing_and_its_clients_go_on(api: Api, agency: MadeAccount, run_as_owner: RunAsOwner) -> None:
    shown = opened(api, agency)
    run_as_owner("UPDATE accounts_accounts SET state = 'suspended' WHERE id = %s", agency.id)
    for call in ("account_list", "agency_list"):
        assert api.call(call, **agency.credentials).error_code == "account_suspended"
    signed = {name: shown[name] for name in ("account_id", "user_id", "user_api_key")}
    assert api.call("account_info", **signed).ok


def test_the_token_of_an_office_opens_nothing_in_a_clients_account(api: Api, agency: MadeAccount) -> None:
    shown = opened(api, agency)
    answer = api.call("account_info", **{**agency.credentials, "account_id": shown["account_id"]})
    assert answer.error_code == "account_not_permitted"


def test_the_database_itself_shows_an_account_only_what_is_under_it(agency: MadeAccount) -> None:
    shop = make_account(agency_id=agency_id(agency))
    with unit_of_work(shop.id):
        assert list_accounts_under(account=shop.account) == ()
    with pytest.raises(DatabaseError, match="no unit of work is open for this account"), unit_of_work(shop.id):
        list_accounts_under(account=agency.account)


def test_the_database_refuses_an_agencys_account_without_an_agency(owner_url: str) -> None:
    shop = make_account()
    with psycopg.connect(owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE accounts_accounts SET kind = 'agency' WHERE id = %s", (shop.id,))


def test_without_the_edge_nobody_else_opens_an_account_either(agency: MadeAccount) -> None:
    where: dict[str, Any] = {"at": NOW, "code": unique_name("shop"), "biz_name": "X"}
    clerk = make_user(agency, role="K")
    shop = make_account()
    with unit_of_work(agency.id), pytest.raises(Exception, match="User does not have permission"):
        open_account(account=get_account_config(agency.id), by=clerk.user, **where)
    with unit_of_work(shop.id), pytest.raises(Exception, match="The agency token is missing"):
        open_account(account=shop.account, by=shop.owner, **where)
    with unit_of_work(agency.id), pytest.raises(InvariantViolation):
        open_account(account=agency.account, by=None, **where)  # type: ignore[arg-type]
