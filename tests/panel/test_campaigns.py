# SPDX-License-Identifier: Apache-2.0
"""Campaigns through real forms: made, changed, paused, deleted; and what each role may of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.factories import (
    Cast,
    MadeAccount,
    make_account,
    make_campaign,
    make_cast,
    make_coalition,
    make_customer,
    make_reward,
    make_user,
    owner_of,
)
from tests.panel.conftest import Page

TOP = "/admin.php/campaigns"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def errors_of(page: Page) -> dict[str, str]:
    """What is said against each field, by its name."""
    found = {}
    for field in page.xpath("//div[contains(concat(' ', @class, ' '), ' field ') and .//*[@role='alert']]"):
        said = [each.text_content().strip() for each in field.xpath(".//*[@role='alert']")]
        found[field.xpath(".//*[@name]/@name")[0]] = " ".join(said)
    return found


def sell(account: MadeAccount, number: str, *amounts_minor: int, days_ago: float = 1, promotion: int = 0) -> None:
    """Record sales of a new customer, with a promotion where one is named."""
    from regulars.panel.viewer import clock

    config, at = account.fresh(), clock() - timedelta(days=days_ago)
    customer = make_customer(account).id
    for amount_minor in amounts_minor:
        with unit_of_work(account.id):
            record_activity(
                account=config, by=owner_of(config), campaign=config.campaigns[number], amount_minor=amount_minor,
                promotion=config.campaigns[number].promotions.get(promotion),
                terms=Terms(occurred_at=at, recorded_at=at, customer_id=customer),
            )  # fmt: skip


# -- the list ------------------------------------------------------------------------------------------------------
def test_an_account_without_campaigns_is_told_what_to_do_next(visit):
    page = visit(make_account()).get(TOP)
    assert "There are no campaigns here yet." in page.text
    assert page.xpath("//a[contains(., 'Create the first campaign')]/@href") == [f"{TOP}/new"]


def test_the_list_has_the_figures_of_the_last_thirty_days(visit, cast):
    sell(cast.alice, cast.club.number, 500, 250)
    page = visit(cast.alice).get(TOP)
    row = page.xpath("//tr[.//a[text()='Coffee club']]")[0]
    assert [cell.text_content().strip() for cell in row.xpath("td")] == [
        "Points Program", "Active", "2", "1", "750 points", "0 points",
    ]  # fmt: skip
    assert "Figures of the last 30 days." in page.text


def test_a_clerk_sees_his_campaigns_without_figures_and_no_way_to_make_one(visit, cast):
    page = visit(cast.bob).get(TOP)
    assert page.xpath("//tbody//a/text()") == ["Coffee club"]
    assert "Issued" not in page.text
    assert not page.xpath("//main//a[contains(@href, '/new')]")


# -- a new one -----------------------------------------------------------------------------------------------------
NEW: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "points": (
        {"points_ratio": "5", "reward_ratio": "20", "rounding": "nearest", "latitude": "-36.85", "longitude": "174.76"},
        {"points_ratio_ppm": 5_000_000, "reward_ratio_ppm": 20_000_000, "rounding": "nearest", "latitude": "-36.85"},
    ),
    "giftcard": ({"description": "For birthdays"}, {"description": "For birthdays"}),
    "events": ({}, {"state": "active"}),
    "earned": ({"amount_per_event": "4.95"}, {"amount_per_event_minor": 495}),
    "buyx": ({"default_item_level": "9"}, {"default_item_level": 9}),
}


@pytest.mark.parametrize("kind", NEW)
def test_a_campaign_of_each_kind_is_made_with_a_form_that_asks_only_what_the_kind_has(visit, kind):
    account = make_account()
    visitor = visit(account)
    assert f"{TOP}/new/{kind}" in visitor.get(f"{TOP}/new").xpath("//a/@href")
    visitor.get(f"{TOP}/new/{kind}")
    given, expected = NEW[kind]
    page = visitor.submit(f"new/{kind}", name="Our campaign", **given)
    (campaign,) = account.fresh().campaigns.values()
    assert page.path == f"{TOP}/{campaign.number}"
    assert "The campaign Our campaign was created." in page.text
    assert (campaign.kind, campaign.name) == (kind, "Our campaign")
    assert {name: getattr(campaign, name) for name in expected} == expected


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(visit, cast):
    visitor = visit(cast.alice)
    visitor.get(f"{TOP}/new/points")
    wrong = {
        "name": "Coffee club", "points_ratio": "five", "reward_ratio": "-1", "latitude": "91", "longitude": "1 2",
        "description": "as typed",
    }  # fmt: skip
    page = visitor.submit("new/points", **wrong)
    assert page.status == 400
    assert errors_of(page) == {
        "points_ratio": "Write a number such as 5 or 0.25, with at most 6 decimals.",
        "reward_ratio": "Write a number from 0 to 1000000.",
    }
    page = visitor.submit("new/points", **wrong | {"points_ratio": "5", "reward_ratio": ""})
    assert errors_of(page) == {"name": "Another campaign has this name. Deleted campaigns keep theirs, too."}
    page = visitor.submit("new/points", **wrong | {"name": "Other", "points_ratio": "5", "reward_ratio": ""})
    assert set(errors_of(page)) == {"latitude"}
    form = next(form for form in page.html.forms if form.action and form.action.endswith("new/points"))
    typed = {name: form.fields[name].strip() for name in ("name", "points_ratio", "latitude", "longitude", "description")}
    assert typed == {"name": "Other", "points_ratio": "5", "latitude": "91", "longitude": "1 2", "description": "as typed"}
    assert page.xpath("//details[@class='more']/@open"), "an error may not be folded away"
    assert len(cast.alice.fresh().campaigns) == 2


def test_the_example_is_worked_out_by_the_domain_while_one_types_and_without_scripts_by_a_button(visit, cast):
    visitor = visit(cast.alice)
    piece = visitor.get(f"{TOP}/examples?points_ratio=5&reward_ratio=20&rounding=down")
    assert "A sale of $9.95 gives 49 points." in piece.text
    assert "Customers get about 5% of what they spend back." in piece.text
    assert "The example appears" in visitor.get(f"{TOP}/examples?points_ratio=x").text
    visitor.get(f"{TOP}/new/points")
    page = visitor.submit("new/points", name="", points_ratio="7,5", show="example")
    assert page.status == 200
    assert "A sale of $9.95 gives 74 points." in page.text
    assert len(cast.alice.fresh().campaigns) == 2


def test_a_user_of_some_campaigns_may_see_the_one_he_makes(visit, cast):
    designer = make_user(cast.alice, role="D", campaigns_access="some", allowed_campaign_ids=[cast.other.id])
    visitor = visit(designer)
    visitor.get(f"{TOP}/new/events")
    assert "Visits" in visitor.submit("new/events", name="Visits").text
    assert visitor.get(TOP).xpath("//tbody//a/text()") == ["Gift cards", "Visits"]


# -- its settings --------------------------------------------------------------------------------------------------
def test_settings_are_saved_and_a_ratio_may_be_turned_off(visit):
    account = make_account()
    campaign = make_campaign(account, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    visitor = visit(account)
    page = visitor.get(f"{TOP}/{campaign.number}/settings")
    (form,) = [form for form in page.html.forms if form.action and form.action.endswith("settings")]
    assert (form.fields["points_ratio"], form.fields["reward_ratio"]) == ("5", "20")
    page = visitor.submit("settings", name="New name", points_ratio="2.5", reward_ratio="", carry_remainder="on")
    assert "The settings were saved." in page.text
    saved = account.fresh().campaigns[campaign.number]
    assert (saved.name, saved.points_ratio_ppm, saved.reward_ratio_ppm, saved.carries_remainder) == (
        "New name", 2_500_000, None, True,
    )  # fmt: skip


def test_the_effect_of_another_ratio_on_real_sales_is_shown_before_it_is_saved(visit):
    account = make_account()
    campaign = make_campaign(account, points_ratio_ppm=5_000_000)
    sell(account, campaign.number, 995, 2_000)
    sell(account, campaign.number, 100_000, days_ago=40)
    visitor = visit(account)
    visitor.get(f"{TOP}/{campaign.number}/settings")
    page = visitor.submit("settings", points_ratio="7")
    assert page.status == 200
    assert "Nothing is saved yet." in page.text
    assert "149 points" in page.text
    assert "209 points" in page.text
    assert "+60 points" in page.text
    assert "Computed again for every sale of the last 30 days: 2 sales of $29.95." in page.text
    assert account.fresh().campaigns[campaign.number].points_ratio_ppm == 5_000_000
    seen = page.xpath("//button[@name='seen']/@value")[0]
    page = visitor.submit("settings", points_ratio="8", seen=seen)
    assert "Nothing is saved yet." in page.text, "another ratio has another effect"
    page = visitor.submit("settings", points_ratio="8", seen=page.xpath("//button[@name='seen']/@value")[0])
    assert "The settings were saved." in page.text
    assert account.fresh().campaigns[campaign.number].points_ratio_ppm == 8_000_000


def test_a_coalition_store_leaves_the_coalition_by_its_settings(visit):
    account = make_account()
    campaign = make_campaign(account)
    make_coalition(account)
    visitor = visit(account)
    visitor.get(f"{TOP}/{campaign.number}/settings")
    assert "The settings were saved." in visitor.submit("settings", coalition_opt_out="on").text
    saved = account.fresh().campaigns[campaign.number]
    assert (saved.coalition_opt_out, saved.pool_id) == (True, saved.id)


# -- its states ----------------------------------------------------------------------------------------------------
def test_on_hold_and_back(visit, cast):
    visitor = visit(cast.alice)
    visitor.get(f"{TOP}/{cast.club.number}")
    page = visitor.submit("hold")
    assert "This campaign is on hold" in page.text
    assert cast.alice.fresh().campaigns[cast.club.number].state == "on_hold"
    assert not page.xpath("//a[contains(@href, 'settings') or contains(@href, '/add')]"), "nothing of it can be changed"
    assert visitor.get(f"{TOP}/{cast.club.number}/settings").status == 404
    visitor.get(f"{TOP}/{cast.club.number}")
    assert "Coffee club is active again." in visitor.submit("reactivate").text
    assert cast.alice.fresh().campaigns[cast.club.number].state == "active"


def test_a_campaign_is_deleted_only_when_its_name_was_typed_and_after_saying_what_goes(visit, cast):
    make_reward(cast.alice, cast.club)
    sell(cast.alice, cast.club.number, 500)
    visitor = visit(cast.alice)
    page = visitor.get(f"{TOP}/{cast.club.number}/delete")
    assert "Customers with a balance here that they can no longer use: 1, with 500 points." in page.text
    assert "Its rewards, promotions and items go with it: 1." in page.text
    page = visitor.submit("delete", typed="Coffee")
    assert (page.status, errors_of(page)) == (400, {"typed": "This is not Coffee club."})
    assert cast.club.number in cast.alice.fresh().campaigns
    page = visitor.submit("delete", typed="coffee CLUB ")
    assert (page.path, "The campaign Coffee club was deleted." in page.text) == (TOP, True)
    assert cast.club.number not in cast.alice.fresh().campaigns


# -- who may -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("below", ["", "/settings", "/calculator", "/delete", "/rewards/add", "/expiry/add"])
def test_another_accounts_campaign_and_one_that_is_not_allowed_are_not_there(visit, cast, below):
    assert visit(cast.carol).get(f"{TOP}/{cast.club.number}{below}").status == 404
    manager = make_user(cast.alice, role="M", campaigns_access="some", allowed_campaign_ids=[cast.other.id])
    assert visit(manager).get(f"{TOP}/{cast.club.number}{below}").status == 404


def test_a_stranger_can_change_no_state(visit, cast):
    visitor = visit(cast.carol)
    visitor.get(f"{TOP}/new/points")
    token = visitor.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    for below in ("hold", "reactivate", "delete"):
        given = {"csrfmiddlewaretoken": token, "typed": "Coffee club"}
        assert visitor.post(f"{TOP}/{cast.club.number}/{below}", given, referer=TOP).status == 404
    assert cast.alice.fresh().campaigns[cast.club.number].state == "active"


def test_a_campaign_manager_may_change_what_the_api_lets_him_and_delete_nothing(visit, cast):
    manager = make_user(cast.alice, role="N")
    visitor = visit(manager)
    assert visitor.get(f"{TOP}/new").status == 403
    page = visitor.get(f"{TOP}/{cast.club.number}")
    assert page.xpath("//a[contains(@href, 'settings')]")
    assert not page.xpath("//a[contains(@href, '/delete')]")
    assert visitor.get(f"{TOP}/{cast.club.number}/delete").status == 403


def test_a_clerk_sees_a_campaign_and_may_change_nothing_of_it(visit, cast):
    visitor = visit(cast.bob)
    page = visitor.get(f"{TOP}/{cast.club.number}")
    assert "How it works" in page.text
    assert not page.xpath("//main//form[@method='post']")
    for below in ("settings", "delete", "rewards/add", "promotions/add", "expiry/add", "fees/add"):
        assert visitor.get(f"{TOP}/{cast.club.number}/{below}").status == 403
