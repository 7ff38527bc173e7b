# SPDX-License-Identifier: Apache-2.0
"""Where a customer stands in each campaign: what a look-up found, seen with the account's settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, RewardConfig, UserConfig
from regulars.campaigns.rules import currency_value, free_available, needed_for_free
from regulars.ledger.books import Found, MembershipRow


class ItemStanding(NamedTuple):
    """A buyx item and what the customer has of it. Units: units of the item."""

    item: ItemConfig
    balance: int

    @property
    def free_available(self) -> int:
        """Items that can be had for free now."""
        return free_available(self.balance, self.item.level)

    @property
    def needed_for_free(self) -> int:
        """Units still to buy before an item is free."""
        return needed_for_free(self.balance, self.item.level)


class AvailableReward(NamedTuple):
    """A reward with what is still missing for it; 0 = it can be had now."""

    reward: RewardConfig
    needed: int


class Standing(NamedTuple):
    """
    A customer in one campaign.

    Units: amounts in the campaign's unit (buyx: units, summed over items); ``value_minor`` in currency minor units.
    """

    campaign: CampaignConfig
    is_joined: bool
    """Whether the customer has a transaction (also the activation) in this campaign itself."""
    balance: int
    cumulative: int
    pool_cumulative: int
    first_transaction_at: datetime | None
    last_earning_at: datetime | None
    last_earning_amount: int
    last_redemption_at: datetime | None
    last_redemption_amount: int
    value_minor: int | None
    """What the balance is worth in money; None where it can not be redeemed as money."""
    items: tuple[ItemStanding, ...]
    rewards: tuple[AvailableReward, ...]

    @property
    def in_coalition(self) -> bool:
        """Whether the balance is shared with other campaigns."""
        return self.campaign.pool_id != self.campaign.id

    @property
    def last_transaction_at(self) -> datetime | None:
        """The last earning or redemption, whichever was later."""
        earning, redemption = self.last_earning_at, self.last_redemption_at
        if earning is None or redemption is None:
            return earning or redemption
        return max(earning, redemption)


def standing_in(account: AccountConfig, campaign: CampaignConfig, memberships: tuple[MembershipRow, ...]) -> Standing:
    """Return where a customer with these memberships stands in one campaign; zeros where he never was in it."""
    own = [row for row in memberships if row.campaign_id == campaign.id]
    return _standing(account, campaign, own, memberships)


def _standing(
    account: AccountConfig, campaign: CampaignConfig, own: Sequence[MembershipRow], memberships: tuple[MembershipRow, ...]
) -> Standing:
    """``own``: those of the memberships that are in this campaign; one, but for the items of buyx."""
    if len(own) == 1 and not own[0].item_id:
        earning = redemption = first = own[0]
        balance, cumulative, pool_cumulative = earning.balance, earning.cumulative, earning.pool_cumulative
        items = _items(campaign, {}) if campaign.items else ()
    elif own:
        # What there is of an item that was deleted is kept, and out of sight.
        balances = {row.item_id: row.balance for row in own if not row.item_id or row.item_id in campaign.items}
        balance, cumulative = sum(balances.values()), sum(row.cumulative for row in own)
        pool_cumulative = sum(row.pool_cumulative for row in own)
        earning = max(own, key=_last_earning)
        redemption = max(own, key=_last_redemption)
        first = min(own, key=_first_transaction)
        items = _items(campaign, balances)
    else:
        return _never_in(account, campaign, memberships)
    return Standing(
        campaign,
        True,
        balance,
        cumulative,
        pool_cumulative,
        first.first_transaction_at,
        earning.last_transaction_at,
        earning.last_transaction_amount,
        redemption.last_redemption_at,
        redemption.last_redemption_amount,
        _value(account, campaign, balance),
        items,
        _rewards(campaign, balance),
    )


def _never_in(account: AccountConfig, campaign: CampaignConfig, memberships: tuple[MembershipRow, ...]) -> Standing:
    balance = pool_cumulative = 0
    if campaign.pool_id != campaign.id:
        # Never in this store, but the coalition's balance is his here too.
        for row in memberships:
            if row.pool_id == campaign.pool_id:
                balance, pool_cumulative = row.balance, row.pool_cumulative
                break
    value, rewards = _value(account, campaign, balance), _rewards(campaign, balance)
    return Standing(campaign, False, balance, 0, pool_cumulative, None, None, 0, None, 0, value, _items(campaign, {}), rewards)


def _value(account: AccountConfig, campaign: CampaignConfig, balance: int) -> int | None:
    if campaign.kind == "points":
        return currency_value(campaign, account.currency, balance)
    return balance if campaign.is_money else None


def _items(campaign: CampaignConfig, balances: dict[int, int]) -> tuple[ItemStanding, ...]:
    return tuple(ItemStanding(item, balances.get(item.id, 0)) for item in campaign.items.values())


def _rewards(campaign: CampaignConfig, balance: int) -> tuple[AvailableReward, ...]:
    return tuple(
        [
            AvailableReward(reward, reward.level - balance if reward.level > balance else 0)
            for reward in campaign.rewards_by_level
        ]
    )


_NEVER = datetime.min.replace(tzinfo=UTC)
_NOT_YET = datetime.max.replace(tzinfo=UTC)


def _last_earning(row: MembershipRow) -> datetime:
    return row.last_transaction_at or _NEVER


def _last_redemption(row: MembershipRow) -> datetime:
    return row.last_redemption_at or _NEVER


def _first_transaction(row: MembershipRow) -> datetime:
    return row.first_transaction_at or _NOT_YET


def standings(account: AccountConfig, by: UserConfig, found: Found, *, only_joined: bool = False) -> tuple[Standing, ...]:
    """
    Return the customer's standing in every active campaign that the user may see, in the order the campaigns were made.

    Those the customer is in, and in a coalition all of its campaigns (``only_joined``: without those he never was in).
    """
    memberships = found.memberships
    rows: dict[int, list[MembershipRow]] = {}
    for row in memberships:
        rows.setdefault(row.campaign_id, []).append(row)
    return tuple(
        [
            _standing(account, campaign, rows.get(campaign.id, ()), memberships)
            for campaign in account.campaigns.values()  # the snapshot has them as they were made
            if campaign.state == "active"
            and (campaign.id in rows or (not only_joined and campaign.pool_id != campaign.id))
            and by.may_see(campaign)
        ]
    )


def equivalent_cash(seen: tuple[Standing, ...]) -> int | None:
    """
    Return what the points of all these campaigns are worth together, in currency minor units; None where no campaign
    has a Spend-to-Reward Ratio. A coalition's shared balance counts once, at the first campaign's ratio.
    """
    counted: dict[int, int] = {}
    for standing in seen:
        if standing.campaign.kind == "points" and standing.value_minor is not None:
            counted.setdefault(standing.campaign.pool_id, standing.value_minor)
    return sum(counted.values()) if counted else None
