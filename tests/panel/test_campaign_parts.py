# SPDX-License-Identifier: Apache-2.0
"""What belongs to a campaign, through real forms: rewards, promotions, items, expiry, fees; the calculator and the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns.queries import current_depreciations, current_fees
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_depreciation,
    make_fee,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)
from tests.panel.test_campaigns import TOP, errors_of, sell


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def club(alice: MadeAccount) -> CampaignConfig:
    return make_campaign(alice, name="Coffee club", points_ratio_ppm=5_000_000)


def now(account: MadeAccount, campaign: CampaignConfig) -> CampaignConfig:
    return account.fresh().campaigns[campaign.number]


def form_of(page: Any, ending: str) -> dict[str, Any]:
    """What stands in the form of a page."""
    (form,) = [form for form in page.html.forms if form.action and form.action.endswith(ending)]
    return {name: value for name, value in form.fields.items() if name != "csrfmiddlewaretoken"}


# -- each part ends the way of its form ----------------------------------------------------------------------------
def test_a_reward_with_the_accounts_own_fields(visit, alice, club):
    make_field(alice, owner="reward", number=1, label="Colour", type="Pick", choices=("red", "blue"))
    make_field(alice, owner="reward", number=2, label="For", type="List", choices=("tea", "milk"))
    make_field(alice, owner="reward", number=3, label="Worth", type="Money")
    visitor = visit(alice)
    assert "There are no rewards yet." in visitor.get(f"{TOP}/{club.number}").text
    visitor.get(f"{TOP}/{club.number}/rewards/add")
    given = {
        "level": "100", "description": "Free coffee", "identifier": "C-1", "reward_custom_field_1": "blue",
        "reward_custom_field_2": ["tea", "milk"], "reward_custom_field_3": "many",
    }  # fmt: skip
    page = visitor.submit("rewards/add", **given)
    assert errors_of(page) == {"reward_custom_field_3": "Not a valid monetary amount."}
    assert not now(alice, club).rewards
    page = visitor.submit("rewards/add", **given | {"reward_custom_field_3": "2,5"})
    assert "The reward was added." in page.text
    (reward,) = now(alice, club).rewards.values()
    assert (reward.level, reward.description, reward.identifier) == (100, "Free coffee", "C-1")
    assert reward.fields == {"1": "blue", "2": "tea,milk", "3": "2.50"}
    edit = f"rewards/{reward.id}"
    page = visitor.get(f"{TOP}/{club.number}/{edit}")
    assert form_of(page, edit)["reward_custom_field_1"] == "blue"
    assert page.xpath("//input[@name='reward_custom_field_2' and @checked]/@value") == ["tea", "milk"]
    visitor.submit(edit, level="120", reward_custom_field_3="", reward_custom_field_2=["milk"])
    (reward,) = now(alice, club).rewards.values()
    assert (reward.level, reward.fields) == (120, {"1": "blue", "2": "milk"})


def test_promotions_of_both_kinds_with_their_dates_in_the_accounts_zone(visit, alice, club):
    visitor = visit(alice)
    visitor.get(f"{TOP}/{club.number}/promotions/add")
    page = visitor.submit(
        "promotions/add", description="Double Tuesday", operation="x", amount="2", starts_at="2026-12-01T00:00",
        ends_at="2026-12-24",
    )  # fmt: skip
    assert "The promotion was added." in page.text
    (promotion,) = now(alice, club).promotions.values()
    assert (promotion.operation, promotion.multiplier_ppm) == ("x", 2_000_000)
    assert (str(promotion.starts_at), str(promotion.ends_at)) == ("2026-12-01 05:00:00+00:00", "2026-12-25 04:59:59+00:00")
    edit = f"promotions/{promotion.id}"
    stands = form_of(visitor.get(f"{TOP}/{club.number}/{edit}"), edit)
    assert (stands["amount"], stands["starts_at"], stands["ends_at"]) == ("2", "2026-12-01T00:00", "2026-12-24T23:59:59")
    visitor.submit(edit, operation="+", amount="-50", starts_at="", ends_at="")
    (promotion,) = now(alice, club).promotions.values()
    assert (promotion.operation, promotion.points, promotion.starts_at, promotion.ends_at) == ("+", -50, None, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": "0"}, {"amount": "Nothing would change: 0 points."}),
        ({"operation": "x", "amount": "1001"}, {"amount": "Write a number from 0.000001 to 1000."}),
        ({"amount": "1.5"}, {"amount": "Write a whole number, such as 100."}),
        (
            {"starts_at": "2026-12-02T00:00", "ends_at": "2026-12-01T00:00"},
            {"ends_at": "It has to end after it begins."},
        ),
        ({"starts_at": "tomorrow"}, {"starts_at": "Write a date and time as YYYY-MM-DD HH:MM."}),
        ({"description": " "}, {"description": "This field is required."}),
    ],
)
def test_a_wrong_promotion_is_not_added(visit, alice, club, changes, expected):
    visitor = visit(alice)
    visitor.get(f"{TOP}/{club.number}/promotions/add")
    page = visitor.submit("promotions/add", **{"description": "Friend", "operation": "+", "amount": "100"} | changes)
    assert (page.status, errors_of(page)) == (400, expected)
    assert form_of(page, "promotions/add")["amount"] == changes.get("amount", "100")
    assert not now(alice, club).promotions


def test_the_effect_of_a_changed_promotion_is_shown_before_it_is_saved(visit, alice, club):
    number = make_promotion(alice, club, operation="x", multiplier_ppm=2_000_000)
    sell(alice, club.number, 1_000, promotion=number)
    sell(alice, club.number, 1_000)
    visitor, edit = visit(alice), f"promotions/{number}"
    visitor.get(f"{TOP}/{club.number}/{edit}")
    page = visitor.submit(edit, amount="3")
    assert "Nothing is saved yet." in page.text
    assert "1 of 2 sales would have given another number of points." in page.text
    assert "+50 points" in page.text
    page = visitor.submit(edit, amount="3", seen=page.xpath("//button[@name='seen']/@value")[0])
    assert "The changes were saved." in page.text
    assert now(alice, club).promotions[number].multiplier_ppm == 3_000_000


def test_an_item_keeps_no_number_of_its_own_unless_one_is_typed(visit, alice):
    campaign = make_campaign(alice, kind="buyx", default_item_level=9)
    make_item(alice, campaign, identifier="tea")
    visitor = visit(alice)
    visitor.get(f"{TOP}/{campaign.number}/items/add")
    page = visitor.submit("items/add", description="Flat white", level="", identifier="tea")
    assert errors_of(page) == {"identifier": "Another item of this campaign has this identifier."}
    page = visitor.submit("items/add", description="Flat white", level="", identifier="")
    assert "Buy 9, get one free" in page.text
    item = list(now(alice, campaign).items.values())[1]
    assert (item.level, item.own_level) == (9, None)
    edit = f"items/{item.id}"
    visitor.get(f"{TOP}/{campaign.number}/{edit}")
    visitor.submit(edit, description="Cortado")
    item = now(alice, campaign).items[item.id]
    assert (item.description, item.own_level) == ("Cortado", None)


def test_expiry_and_fees(visit, alice, club):
    visitor = visit(alice)
    visitor.get(f"{TOP}/{club.number}/expiry/add")
    page = visitor.submit("expiry/add", percentage="100,5")
    assert errors_of(page) == {"percentage": "Write a number from 0.0001 to 100."}
    page = visitor.submit("expiry/add", basis="per_transaction", interval_count="12", interval_unit="months", percentage="50")
    assert "50% of what is left of each earning goes 12 months after it was earned." in page.text
    visitor.get(f"{TOP}/{club.number}/expiry/add")
    page = visitor.submit("expiry/add", interval_count="1", interval_unit="years", percentage="100")
    assert errors_of(page) == {"interval_count": "There is an expiry after this time already. Twelve months are one year."}
    visitor.get(f"{TOP}/{club.number}/fees/add")
    page = visitor.submit("fees/add", amount="25", interval_count="1", interval_unit="months", description="Upkeep")
    assert "Upkeep: 25 points, once every 1 month." in page.text
    (rule,), (fee,) = current_depreciations(now(alice, club)), current_fees(now(alice, club))
    assert (rule.percentage_ppm, rule.interval_count, rule.basis) == (500_000, 12, "per_transaction")
    assert (fee.amount, fee.description) == (25, "Upkeep")
    visitor.get(f"{TOP}/{club.number}/fees/{fee.rule_id}")
    visitor.submit(f"fees/{fee.rule_id}", amount="30")
    assert [each.amount for each in current_fees(now(alice, club))] == [30]


def test_a_gift_cards_fee_is_money(visit, alice):
    cards = make_campaign(alice, kind="giftcard")
    visitor = visit(alice)
    visitor.get(f"{TOP}/{cards.number}/fees/add")
    page = visitor.submit("fees/add", amount="1.50", interval_count="6", interval_unit="months", description="Upkeep")
    assert "Upkeep: $1.50, once every 6 months." in page.text
    assert [each.amount for each in current_fees(now(alice, cards))] == [150]


# -- deleting ------------------------------------------------------------------------------------------------------
def test_what_nobody_can_bring_back_is_deleted_only_when_the_word_was_typed(visit, alice, club):
    parts = {"expiry": make_depreciation(alice, club), "fees": make_fee(alice, club)}
    visitor = visit(alice)
    for place, part_id in parts.items():
        path = f"{place}/{part_id}/delete"
        page = visitor.get(f"{TOP}/{club.number}/{path}")
        assert "What will be lost" in page.text
        assert errors_of(visitor.submit(path, typed="yes")) == {"typed": "This is not delete."}
        page = visitor.submit(path, typed="Delete")
        assert ("It was deleted." in page.text, "Undo" in page.text) == (True, False)
        assert visitor.get(f"{TOP}/{club.number}/{path}").status == 404
    club = now(alice, club)
    assert (current_depreciations(club), current_fees(club)) == ((), ())


def test_what_was_deleted_by_one_touch_is_brought_back_by_another(visit, alice, club):
    buyx = make_campaign(alice, kind="buyx")
    parts = {
        "rewards": (club, make_reward(alice, club)),
        "promotions": (club, make_promotion(alice, club)),
        "items": (buyx, make_item(alice, buyx)),
    }
    before = now(alice, club), now(alice, buyx)
    visitor = visit(alice)
    for place, (campaign, part_id) in parts.items():
        path = f"{place}/{part_id}"
        page = visitor.get(f"{TOP}/{campaign.number}/{path}")
        delete = page.xpath("//button[@formaction]/@formaction")[0]
        page = visitor.post(delete, dict(page.html.forms[-1].form_values()), referer=page.path)
        assert "It was deleted." in page.text
        assert visitor.get(f"{TOP}/{campaign.number}/{path}").status == 404
        page = visitor.get(f"{TOP}/{campaign.number}")
        assert "Undo" not in page.text, "it is offered once"
        visitor.get(f"{TOP}/{campaign.number}/settings")
        token = visitor.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        undo = delete.replace("/delete", "/restore")
        assert "It is back." in visitor.post(undo, {"csrfmiddlewaretoken": token}, referer=page.path).text
        assert visitor.get(f"{TOP}/{campaign.number}/{path}").status == 200
    assert (now(alice, club), now(alice, buyx)) == before


def test_undo_stands_beside_what_was_done(visit, alice, club):
    reward = make_reward(alice, club)
    visitor = visit(alice)
    visitor.get(f"{TOP}/{club.number}/rewards/{reward}/delete")
    page = visitor.submit("delete")
    assert page.path == f"{TOP}/{club.number}"
    assert "It is back." in visitor.submit("restore").text
    assert reward in now(alice, club).rewards


def test_what_cannot_come_back_any_more_says_why(visit, alice):
    buyx = make_campaign(alice, kind="buyx")
    gone = make_item(alice, buyx, identifier="CF")
    visitor = visit(alice)
    visitor.get(f"{TOP}/{buyx.number}/items/{gone}/delete")
    visitor.submit("delete")
    make_item(alice, buyx, identifier="cf")
    page = visitor.submit("restore")
    assert "Another item of this campaign has this identifier." in page.text
    assert gone not in now(alice, buyx).items


def test_a_part_is_not_found_under_another_campaign_or_for_a_kind_that_has_none(visit, alice, club):
    other = make_campaign(alice)
    reward = make_reward(alice, club)
    visitor = visit(alice)
    assert visitor.get(f"{TOP}/{club.number}/rewards/{reward}").status == 200
    assert visitor.get(f"{TOP}/{other.number}/rewards/{reward}").status == 404
    assert visitor.get(f"{TOP}/{club.number}/items/add").status == 404
    cards = make_campaign(alice, kind="giftcard")
    for below in ("rewards/add", "promotions/add", "items/add", "calculator"):
        assert visitor.get(f"{TOP}/{cards.number}/{below}").status == 404


def test_an_associate_manager_changes_rewards_and_promotions_and_nothing_else(visit, alice, club):
    visitor = visit(make_user(alice, role="S"))
    reward = make_reward(alice, club)
    for below in (f"rewards/{reward}", f"rewards/{reward}/delete", "promotions/add"):
        assert visitor.get(f"{TOP}/{club.number}/{below}").status == 200
    for below in ("settings", "expiry/add", "fees/add", "delete"):
        assert visitor.get(f"{TOP}/{club.number}/{below}").status == 403


# -- what it would do ----------------------------------------------------------------------------------------------
def test_the_timeline_says_as_a_picture_and_as_text_what_points_will_do(visit, alice, club):
    make_depreciation(alice, club, interval_count=6, interval_unit="months", percentage_ppm=250_000)
    visitor = visit(alice)
    page = visitor.get(f"{TOP}/{club.number}")
    (svg,) = page.xpath("//figure//svg")
    assert svg.get("role") == "img"
    assert "Of 1,000 points, 750 points are left after 24 months. The first loss is 250 points on" in svg.get("aria-label")
    assert len(page.xpath("//path[@class='timeline-loss']")) == 1
    page = visitor.get(f"{TOP}/{club.number}?supposed_amount=200&supposed_pattern=monthly")
    assert "Of 4,800 points," in page.text
    rows = page.xpath("//details//table/tbody/tr")
    assert len(rows) == 24 + 19
    page = visitor.get(f"{TOP}/{club.number}?supposed_amount=-5&supposed_pattern=monthly")
    assert errors_of(page) == {"supposed_amount": "Write a number from 1 to 1000000000000."}


def test_the_timeline_of_a_rule_is_there_before_it_is_saved(visit, alice, club):
    visitor = visit(alice)
    page = visitor.get(f"{TOP}/{club.number}/expiry/add")
    assert "Of 1,000 points, 0 points are left after 24 months." in page.text
    asked = "basis=last_transaction&interval_count=2&interval_unit=months&percentage=10"
    assert "900 points are left" in visitor.get(f"{TOP}/{club.number}/expiry/0/timeline?{asked}").text
    assert "The picture appears" in visitor.get(f"{TOP}/{club.number}/expiry/0/timeline?{asked}x").text
    assert (
        "760 points are left"
        in visitor.get(f"{TOP}/{club.number}/fees/0/timeline?amount=10&interval_count=1&interval_unit=months").text
    )
    rule = make_depreciation(alice, club)
    changed = visitor.get(f"{TOP}/{club.number}/expiry/{rule}/timeline?{asked}").text
    assert "900 points are left" in changed, "the version in force gives way to what is typed"


def test_the_calculator_names_the_rules(visit, alice, club):
    number = make_promotion(alice, club, operation="x", multiplier_ppm=1_250_000, description="Happy hour")
    make_reward(alice, club, level=124)
    visitor = visit(alice)
    page = visitor.get(f"{TOP}/{club.number}/calculator?amount=9.95&promo_id={number}")
    assert "The sale gives 62 points." in page.text
    steps = [[cell.text_content() for cell in row.xpath("*")] for row in page.xpath("//table[1]/tbody/tr")][:3]
    assert steps == [
        ["Points ratio", "$9.95, 5 for each $1.00", "49.75"],
        ["Happy hour", "Points of the sale x 1.25", "62.1875"],
        ["Made whole", "Rounded down", "62"],
    ]
    assert "2 such sales" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("amount=", {"amount": "Write what the customer spends."}),
        ("amount=x", {"amount": "Write a number such as 9.95, with at most 2 decimals."}),
        ("amount=5&at=never", {"at": "Write a date and time as YYYY-MM-DD HH:MM."}),
        ("amount=5&promo_id=77", {"promo_id": "Select a valid choice. 77 is not one of the available choices."}),
    ],
)
def test_the_calculator_says_at_the_field_what_is_wrong(visit, alice, club, query, expected):
    make_promotion(alice, club)
    page = visit(alice).get(f"{TOP}/{club.number}/calculator?{query}")
    assert (page.status, errors_of(page)) == (400, expected)


def test_a_promotion_that_is_over_can_not_be_calculated_with_after_its_end(visit, alice, club):
    from regulars.panel.viewer import clock

    number = make_promotion(alice, club, ends_at=clock())
    visitor = visit(alice)
    page = visitor.get(f"{TOP}/{club.number}/calculator?amount=5&promo_id={number}")
    assert errors_of(page) == {"promo_id": "This promotion does not run on that day."}
    assert (
        "The sale gives 125 points."
        in visitor.get(f"{TOP}/{club.number}/calculator?amount=5&promo_id={number}&at=2026-01-05").text
    )
