# SPDX-License-Identifier: Apache-2.0
"""Redeeming: from what a till asks for to one posting, for all five kinds of campaigns. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, RewardConfig, UserConfig
from regulars.campaigns.rules import Calculation, redeem_points_for_currency
from regulars.errors import InsufficientBalance, InvalidParameter, RewardNotFound
from regulars.transactions.receipts import frame_for
from regulars.transactions.terms import Prepared, Terms, posting_of

POINTS_MAX = 10**15
"""More than this is no balance anybody has; it keeps every sum far inside 64 bits."""


@dataclass(frozen=True, slots=True)
class Spending:
    """
    What is taken: ``amount`` (positive, in the campaign's unit), and what was asked for.

    Units: ``value_minor``: the money that points are spent as, in currency minor units.
    """

    amount: int
    reward: RewardConfig | None = None
    item: ItemConfig | None = None
    value_minor: int | None = None
    calculation: Calculation | None = None
    """What the points were computed from where money was asked for."""

    @property
    def exceeded(self) -> str:
        """The published sentence where the balance is too small."""
        if self.reward is not None or self.item is not None:
            return "The reward level selected exceeds the available balance"
        return "The amount entered exceeds the available balance"


def find_reward(campaign: CampaignConfig, reward_id: int) -> RewardConfig:
    """Return a reward by its id (not the owner's identifier, which may stand on several). Raises: RewardNotFound."""
    reward = campaign.rewards.get(reward_id)
    if reward is None:
        raise RewardNotFound(fields=("reward_to_redeem",))
    return reward


def find_reward_named(campaign: CampaignConfig, named: str, parameter: str) -> RewardConfig:
    """
    Return a reward by its id or the owner's identifier (``reward_id``); where both match, by its id.

    Raises: RewardNotFound, naming ``parameter``; also where the identifier stands on several rewards.
    """
    if named.isdecimal() and len(named) < 16 and int(named) in campaign.rewards:
        return campaign.rewards[int(named)]
    meant = [reward for reward in campaign.rewards.values() if reward.identifier and reward.identifier == named]
    if len(meant) != 1:
        reason = "several rewards of this campaign have it" if meant else "no such reward in this campaign"
        raise RewardNotFound(f"{parameter} is not valid: {reason}", fields=(parameter,))
    return meant[0]


def reward_spending(reward: RewardConfig) -> Spending:
    """Return what a reward takes: its level, in points or events."""
    return Spending(reward.level, reward=reward)


def item_spending(item: ItemConfig) -> Spending:
    """Return what one free item takes: its level, in units."""
    return Spending(item.level, item=item)


def points_spending(points: int) -> Spending:
    """Return what a number of points takes. Raises: InvalidParameter("custom_points_redeem")."""
    if points < 1:
        raise InvalidParameter("custom_points_redeem", text="The amount entered needs to be at least 1")
    if points > POINTS_MAX:
        raise InvalidParameter("custom_points_redeem", text="The amount entered is not valid")
    return Spending(points)


def counted_spending(units: int, item: ItemConfig | None = None) -> Spending:
    """Return what a number of events or of units takes, as a batch brings it. Raises: InvalidParameter("amount")."""
    if units < 1:
        raise InvalidParameter("amount", text="The amount entered needs to be at least 1")
    if units > POINTS_MAX:
        raise InvalidParameter("amount", text="The amount entered is not valid")
    return Spending(units, item=item)


def currency_spending(account: AccountConfig, campaign: CampaignConfig, value_minor: int) -> Spending:
    """
    Return the points that a money value takes at the Spend-to-Reward Ratio.

    Units:  value_minor in currency minor units. Raises: RedeemingByCurrencyOff, InvalidParameter("custom_dollars_redeem").
    """
    points = redeem_points_for_currency(campaign, account.currency, value_minor)
    if points > POINTS_MAX:
        raise InvalidParameter("custom_dollars_redeem", text="The amount entered is not valid")
    calculation = Calculation(campaign.points_ratio_ppm, campaign.reward_ratio_ppm, None, "up")
    return Spending(points, value_minor=value_minor, calculation=calculation)


def money_spending(account: AccountConfig, amount_minor: int) -> Spending:
    """Return what an amount takes from a money balance. Raises: InvalidParameter("reward_to_redeem")."""
    if amount_minor < 1:
        smallest = account.currency.text(1)
        raise InvalidParameter("reward_to_redeem", text=f"The amount entered must be at least {smallest}")
    return Spending(amount_minor)


def redemption_posting(
    *, account: AccountConfig, by: UserConfig, campaign: CampaignConfig, terms: Terms, spending: Spending
) -> Prepared:
    """
    Compute what one redemption takes from the customer's balance. Whether it is enough, only the ledger knows.

    Units:  spending.amount in the campaign's unit, positive; the posting's amount is negative.
    Source: api.md 8 redeem, 13 "Receipts", "buyx"; concepts.md 2.
    """
    frame = frame_for(
        account,
        campaign,
        is_redemption=True,
        occurred_at=terms.occurred_at,
        description=terms.description,
        purchase_minor=spending.value_minor,
        reward=spending.reward,
        item=spending.item,
    )
    posting = posting_of(
        account, by, campaign, terms, frame, kind="redeem", amount=-spending.amount,
        item_id=spending.item.id if spending.item else 0, purchase_minor=spending.value_minor,
        calculation=spending.calculation, reward_id=spending.reward.id if spending.reward else None,
    )  # fmt: skip
    return Prepared(posting, frame)


def insufficient(spending: Spending, error: InsufficientBalance) -> InsufficientBalance:
    """Return the refusal in the published words for what was asked."""
    return InsufficientBalance(spending.exceeded, fields=error.fields)
