# SPDX-License-Identifier: Apache-2.0
"""campaigns_list: both forms, and who sees what (api.md 9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_coalition, make_item, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account(currency="EUR", timezone="Pacific/Auckland")


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_the_old_form_shows_each_kind_with_what_it_has(till: Api, alice: MadeAccount) -> None:
    points = make_campaign(alice, name="Widget Rewards", points_ratio_ppm=50_000, reward_ratio_ppm=15_000_000, description="Hi")
    earned = make_campaign(alice, kind="earned", name="Visits", amount_per_event_minor=495)
    buyx = make_campaign(alice, kind="buyx", name="Cups")
    coffee, tea = (
        make_item(alice, buyx, description="Coffee", level=9, identifier="C"),
        make_item(alice, buyx, description="Tea"),
    )
    card, events = make_campaign(alice, kind="giftcard", name="Card"), make_campaign(alice, kind="events", name="Stamps")
    answer = till.call("campaigns_list")
    created = {"created_stamp": "2026-11-23 22:30:00"}
    money = {"currency": "EUR", "glyph": "€"}
    assert answer.json == {
        "status": "success",
        "account_name": alice.code,
        "campaigns": [
            {"id": points.number, "name": "Widget Rewards", "type": "points", "description": "Hi", "points_ratio": "0.05",
             "reward_ratio": "15"} | money | created,
            {"id": earned.number, "name": "Visits", "type": "earned", "earned_per_event": "4.95"} | money | created,
            {"id": buyx.number, "name": "Cups", "type": "buyx"} | created | {"items": [
                {"id": str(coffee), "description": "Coffee", "buy_amount": "9", "reward_id": "C"},
                {"id": str(tea), "description": "Tea", "buy_amount": "10"}]},
            {"id": card.number, "name": "Card", "type": "giftcard"} | money | created,
            {"id": events.number, "name": "Stamps", "type": "events"} | created,
        ],
    }  # fmt: skip
    assert [item.findtext("id") for item in answer.xml.findall("campaigns/campaign/item")] == [str(coffee), str(tea)]
    first = answer.xml.find("campaigns/campaign")
    assert first is not None
    assert [child.tag for child in first] == [
        "id", "name", "type", "description", "points_ratio", "reward_ratio", "currency", "glyph", "created_stamp",
    ]  # fmt: skip


def test_a_ratio_that_is_off_is_0(till: Api, alice: MadeAccount) -> None:
    make_campaign(alice)
    assert till.call("campaigns_list").at("campaigns/campaign/reward_ratio") == "0"


def test_an_account_without_campaigns_has_an_empty_list(till: Api) -> None:
    answer = till.call("campaigns_list")
    assert answer.json["campaigns"] == []
    assert b"<campaigns></campaigns>" in answer.xml_body


def test_coalition_accounts_say_which_campaigns_share(api: Api, alice: MadeAccount) -> None:
    make_coalition(alice)
    make_campaign(alice)
    make_campaign(alice, coalition_opt_out=True)
    campaigns = api.as_(**alice.credentials).call("campaigns_list").json["campaigns"]
    assert [campaign["in_coalition"] for campaign in campaigns] == ["Y", "N"]


def test_type_restrict_narrows_both_forms(till: Api, alice: MadeAccount) -> None:
    for kind in ("points", "events", "giftcard"):
        make_campaign(alice, kind=kind, name=f"My {kind}")

    def names(**fields: str) -> list[str]:
        return [campaign["name"] for campaign in till.call("campaigns_list", **fields).json["campaigns"]]

    assert names(type_restrict="points,events") == ["My points", "My events"]
    assert names(type_restrict="GiftCard") == ["My giftcard"]
    assert names(type_restrict="points,events", searchField="campaign_name", searchOper="ew", searchValue="s") == [
        "My points", "My events",
    ]  # fmt: skip
    assert names(type_restrict="points", searchField="campaign_name", searchOper="cn", searchValue="event") == []
    answer = till.call("campaigns_list", type_restrict="lottery")
    assert answer.errors == ["type_restrict is not valid: one of points, giftcard, events, earned, buyx"]


def test_the_new_form_searches_sorts_and_pages(till: Api, alice: MadeAccount) -> None:
    for day, name in enumerate(("Bravo", "alpha", "Charlie", "delta Employee")):
        make_campaign(alice, name=name, at=NOW + timedelta(days=day))

    def found(**fields: str) -> tuple[list[str], dict[str, str]]:
        answer = till.call("campaigns_list", API="1.5", **fields)
        return [campaign["name"] for campaign in answer.json["campaigns"]], answer.json["pagination"]

    assert found() == (["Bravo", "alpha", "Charlie", "delta Employee"], {"total": "4", "offset": "0"})
    assert found(searchField="campaign_name", searchValue="employee")[0] == ["delta Employee"]
    assert found(searchField="campaign_name", searchOper="bw", searchValue="A")[0] == ["alpha"]
    assert found(searchField="campaign_name", searchOper="in", searchValue="alpha, bravo")[0] == ["Bravo", "alpha"]
    assert found(searchField="create_date", searchOper="bw", searchValue="2026-11-24")[0] == ["alpha"]
    assert found(sortField="campaign_name")[0] == ["alpha", "Bravo", "Charlie", "delta Employee"]
    assert found(sortField="create_date", sortOrder="DESC", offset="1", length="2") == (
        ["Charlie", "alpha"], {"total": "4", "offset": "1", "length": "2"},
    )  # fmt: skip
    assert found(offset="9") == ([], {"total": "4", "offset": "9"})
    number = till.call("campaigns_list", searchField="campaign_name", searchOper="eq", searchValue="Bravo").at(
        "campaigns/campaign/id"
    )
    assert found(searchField="campaign_id", searchOper="eq", searchValue=number)[0] == ["Bravo"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"searchField": "secret", "searchOper": "eq", "searchValue": "x"}, "searchField is not valid: one of campaign_name, "),
        ({"searchField": "campaign_name", "searchOper": "gt", "searchValue": "x"}, "searchOper is not valid: one of eq, "),
        ({"searchField": "campaign_name", "searchOper": "eq"}, "Missing parameter: searchValue"),
        ({"searchOper": "eq", "searchValue": "x"}, "Missing parameter: searchField"),
        ({"searchField": "campaign_name", "searchValue": "x" * 256}, "searchValue is not valid: at most 255 characters"),
        ({"sortField": "glyph"}, "sortField is not valid: one of campaign_name, "),
        ({"sortOrder": "UP"}, "sortOrder is not valid: one of ASC, DESC"),
        ({"offset": "-1"}, "offset is not valid: "),
        ({"length": "0"}, "length is not valid: "),
        ({"length": "ten"}, "length is not valid: "),
        ({"API": "1.5.1.5.1.5.1.5"}, "API is not valid: at most 10 characters"),
    ],
)
def test_a_bad_search_is_refused_by_name(till: Api, fields: dict[str, str], text: str) -> None:
    answer = till.call("campaigns_list", **fields)
    assert len(answer.errors) == 1
    assert answer.text.startswith(text)


def test_only_active_campaigns_that_the_user_may_see_are_listed(api: Api, till: Api, alice: MadeAccount) -> None:
    seen, hidden, held = (make_campaign(alice, name=name) for name in ("Seen", "Hidden", "Held"))
    till.call("campaign_deactivate", campaign_id=held.number)
    make_campaign(make_account(), name="Elsewhere")
    bob = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=frozenset({seen.id, held.id}))
    nobody = make_user(alice, role="P", campaigns_access="none")

    def names(client: Api) -> list[str]:
        return [campaign["name"] for campaign in client.call("campaigns_list").json["campaigns"]]

    assert names(till) == ["Seen", "Hidden"]
    assert names(api.as_(**bob.credentials)) == ["Seen"]
    assert names(api.as_(**nobody.credentials)) == []
    assert hidden.number not in api.as_(**bob.credentials).call("campaigns_list").xml_body.decode()


def test_a_list_is_never_older_than_the_last_change(till: Api, alice: MadeAccount) -> None:
    assert till.call("campaigns_list").json["campaigns"] == []
    campaign = make_campaign(alice, name="Fresh")
    assert till.call("campaigns_list").at("campaigns/campaign/id") == campaign.number
