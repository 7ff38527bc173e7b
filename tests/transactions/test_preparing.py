# SPDX-License-Identifier: Apache-2.0
"""From what a till sends to one posting: pure."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.directory import AccountConfig
from regulars.coalition.contributions import second_tier
from regulars.errors import InvalidParameter, ItemNotFound, MissingParameter, PromotionNotFound, RewardNotFound
from regulars.kit.units import REMAINDER_SCALE
from regulars.ledger.books import Posting
from regulars.transactions.record import find_item, find_promotion, sale_posting
from regulars.transactions.redeem import (
    currency_spending,
    find_reward,
    item_spending,
    money_spending,
    points_spending,
    redemption_posting,
    reward_spending,
)  # fmt: skip
from regulars.transactions.terms import Terms
from tests.transactions.configs import campaign_row, config, part_row, user_row

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def sale(account: AccountConfig, *, terms: Terms | None = None, campaign: int = 1, by: int = 1, **fields: Any) -> Posting:
    return sale_posting(
        account=account,
        by=account.users_by_id[by],
        campaign=account.campaigns_by_id[campaign],
        terms=terms or Terms(AT, AT, code="c1"),
        **fields,
    ).posting


@pytest.mark.parametrize(
    ("kind", "fields", "amount", "purchase"),
    [
        ("points", {"amount_minor": 995}, 995, 995),
        ("giftcard", {"amount_minor": 995}, 995, None),
        ("events", {"amount_minor": 995}, 1, None),
        ("earned", {"amount_minor": 995}, 495, None),
    ],
)
def test_each_kind_earns_in_its_own_unit(kind: str, fields: dict[str, int], amount: int, purchase: int | None) -> None:
    posting = sale(config(campaign_row(kind=kind)), **fields)
    assert (posting.kind, posting.amount, posting.purchase_minor, posting.item_id) == ("earn", amount, purchase, 0)
    assert (posting.campaign_id, posting.pool_id, posting.config_version, posting.rules_version) == (1, 1, 3, 2)


def test_buyx_counts_units_of_its_item() -> None:
    account = config(campaign_row(kind="buyx"), items=(part_row(8),))
    posting = sale(account, item=account.campaigns_by_id[1].items[8], quantity=3)
    assert (posting.amount, posting.item_id) == (3, 8)


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
def test_buyx_quantity_has_bounds(quantity: int) -> None:
    account = config(campaign_row(kind="buyx"), items=(part_row(8),))
    with pytest.raises(InvalidParameter) as caught:
        sale(account, item=account.campaigns_by_id[1].items[8], quantity=quantity)
    assert caught.value.fields == ("buyx_quantity",)


def test_what_a_kind_needs_is_asked_for() -> None:
    with pytest.raises(MissingParameter, match="Missing parameter: service_product"):
        sale(config(campaign_row(kind="buyx")))
    with pytest.raises(MissingParameter, match="Missing parameter: amount"):
        sale(config(campaign_row(kind="giftcard")))


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 2))
def test_carried_remainders_lose_nothing(amount_minor: int, ratio_ppm: int, decimals_choice: int) -> None:
    money = ("RWF", "USD", "BHD")[decimals_choice]
    account = config(campaign_row(points_ratio_ppm=ratio_ppm, carries_remainder=True), currency=money)
    posting = sale(account, amount_minor=amount_minor)
    assert posting.remainder is not None
    assert 0 <= posting.remainder < REMAINDER_SCALE
    exact = amount_minor * ratio_ppm * REMAINDER_SCALE
    scale = 10**account.currency.decimals * 1_000_000
    assert exact == (posting.amount * REMAINDER_SCALE + posting.remainder) * scale


def test_nothing_is_carried_unless_the_campaign_says_so() -> None:
    assert sale(config(campaign_row()), amount_minor=995).remainder is None


def test_the_posting_says_who_and_when() -> None:
    terms = Terms(
        AT - timedelta(days=1), AT, code="c1", description="By phone", reference="R-1", expected_balance=7, sends_mail=True,
        fields='{"1":"x"}', is_dry_run=True,
    )  # fmt: skip
    posting = sale(config(), terms=terms, amount_minor=100)
    wanted = {
        "code": "c1", "occurred_at": AT - timedelta(days=1), "recorded_at": AT, "user_id": 1, "description": "By phone",
        "reference": "R-1", "expected_balance": 7, "sends_mail": True, "fields": '{"1":"x"}', "dry_run": True,
    }  # fmt: skip
    assert {name: getattr(posting, name) for name in wanted} == wanted


# -- repetition ------------------------------------------------------------------------------------------------------
GUARDED = user_row(1, duplicate_guard="flag", duplicate_guard_seconds=45)


def test_context_is_stored_only_where_a_repetition_can_be_recognised() -> None:
    plain = sale(config(), amount_minor=100)
    assert (plain.context, plain.guard, plain.fingerprint) == (None, None, None)
    keyed = sale(config(), amount_minor=100, terms=Terms(AT, AT, code="c1", idempotency_key="k", fingerprint=b"f"))
    assert (keyed.idempotency_key, keyed.fingerprint, keyed.guard) == ("k", b"f", None)
    assert keyed.context is not None
    guarded = sale(config(users=(GUARDED,)), amount_minor=100)
    assert (guarded.guard, guarded.guard_seconds, guarded.idempotency_key) == ("flag", 45, None)
    assert guarded.context is not None


def test_a_key_is_stronger_than_the_guard() -> None:
    terms = Terms(AT, AT, code="c1", idempotency_key="k", fingerprint=b"f")
    assert sale(config(users=(GUARDED,)), amount_minor=100, terms=terms).guard is None


@pytest.mark.parametrize(
    "change",
    [
        {"code": "c2"}, {"description": "x"}, {"reference": "R"}, {"fields": '{"1":"x"}'}, {"occurred_at": AT - timedelta(1)},
        {"card_number": "7"}, {"customer_id": 4},
    ],
)  # fmt: skip
def test_the_guard_takes_only_the_same_sale_for_the_same(change: dict[str, Any]) -> None:
    account = config(campaign_row(1), campaign_row(2), users=(GUARDED, user_row(2, duplicate_guard="flag")))
    terms = Terms(AT, AT, code="c1")
    same = sale(account, amount_minor=100, terms=terms).fingerprint
    later = dataclasses.replace(terms, occurred_at=AT + timedelta(seconds=5), recorded_at=AT + timedelta(seconds=5))
    assert sale(account, amount_minor=100, terms=later).fingerprint == same
    assert sale(account, amount_minor=100, terms=dataclasses.replace(terms, **change)).fingerprint != same
    assert sale(account, amount_minor=101, terms=terms).fingerprint != same
    assert sale(account, amount_minor=100, terms=terms, campaign=2).fingerprint != same
    assert sale(account, amount_minor=100, terms=terms, by=2).fingerprint != same


# -- the second tier -----------------------------------------------------------------------------------------------------
TWO_TIER: dict[str, Any] = {"master_campaign_id": 1, "contribution_ppm": 100_000, "contribution_rounding": "nearest"}


def test_points_contribute_to_the_master() -> None:
    posting = sale(config(campaign_row(1), campaign_row(2), **TWO_TIER), campaign=2, amount_minor=100)
    assert (posting.contribute_campaign_id, posting.contribute_pool_id) == (1, 1)
    assert (posting.contribute_ppm, posting.contribute_rounding, posting.contribute_rules_version) == (100_000, "nearest", 2)


@pytest.mark.parametrize(
    ("campaign", "account"),
    [
        (campaign_row(2, two_tier_opt_out=True), TWO_TIER),
        (campaign_row(2, kind="giftcard"), TWO_TIER),
        (campaign_row(2), TWO_TIER | {"contribution_ppm": 0}),
        (campaign_row(2), {}),
        (campaign_row(2), TWO_TIER | {"master_campaign_id": 2}),
        (campaign_row(2), TWO_TIER | {"master_campaign_id": 99}),
    ],
)
def test_others_do_not(campaign: dict[str, Any], account: dict[str, Any]) -> None:
    made = config(campaign_row(1), campaign, **account)
    assert second_tier(made, made.campaigns_by_id[2]) is None
    assert sale(made, campaign=2, amount_minor=100).contribute_campaign_id is None


def test_nothing_goes_to_a_master_on_hold() -> None:
    made = config(campaign_row(1, state="on_hold"), campaign_row(2), **TWO_TIER)
    assert second_tier(made, made.campaigns_by_id[2]) is None


# -- finding what is named -------------------------------------------------------------------------------------------------
def test_a_promotion_or_item_is_found_by_id_first_and_by_the_owners_id_then() -> None:
    account = config(
        promotions=(part_row(5, custom_id="7"), part_row(7, custom_id="SPRING")),
        items=(part_row(8, identifier="9"), part_row(9, identifier="LATTE")),
    )
    campaign = account.campaigns_by_id[1]
    assert [find_promotion(campaign, name).id for name in ("5", "7", "SPRING")] == [5, 7, 7]
    assert [find_item(campaign, name).id for name in ("8", "9", "LATTE")] == [8, 9, 9]
    for unknown in ("", "99", "spring", "1" * 40, "²"):
        with pytest.raises(PromotionNotFound):
            find_promotion(campaign, unknown)
        with pytest.raises(ItemNotFound):
            find_item(campaign, unknown)


# -- redeeming ---------------------------------------------------------------------------------------------------------------
def test_what_is_spent_is_taken_from_the_balance() -> None:
    account = config(
        campaign_row(points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000), rewards=(part_row(3),), items=(part_row(8),)
    )
    campaign, by = account.campaigns_by_id[1], account.users_by_id[1]
    for spending, amount, reward, item, purchase in (
        (points_spending(40), -40, None, 0, None),
        (reward_spending(find_reward(campaign, 3)), -100, 3, 0, None),
        (currency_spending(account, campaign, 995), -995, None, 0, 995),
        (item_spending(find_item(campaign, "8")), -5, None, 8, None),
        (money_spending(account, 250), -250, None, 0, None),
    ):
        posting = redemption_posting(
            account=account, by=by, campaign=campaign, terms=Terms(AT, AT, code="c1"), spending=spending
        ).posting
        assert (posting.kind, posting.amount, posting.reward_id, posting.item_id, posting.purchase_minor) == (
            "redeem", amount, reward, item, purchase,
        )  # fmt: skip
        assert posting.contribute_campaign_id is None


def test_a_reward_is_found_by_its_id_only() -> None:
    campaign = config(rewards=(part_row(3, identifier="77"),)).campaigns_by_id[1]
    assert find_reward(campaign, 3).id == 3
    with pytest.raises(RewardNotFound):
        find_reward(campaign, 77)


@given(st.integers(-(10**20), 10**20))
def test_points_spent_stay_inside_what_a_balance_can_be(points: int) -> None:
    if 1 <= points <= 10**15:
        assert points_spending(points).amount == points
    else:
        with pytest.raises(InvalidParameter):
            points_spending(points)
