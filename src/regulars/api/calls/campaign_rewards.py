# SPDX-License-Identifier: Apache-2.0
"""campaign_rewards: what a campaign's points or events buy (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import RewardConfig
from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import queries
from regulars.protocol.params import param
from regulars.protocol.tree import Element, filled, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points or events campaign")


def handle(ctx: Context, params: Params) -> Element:
    """List the rewards, lowest level first; none for campaigns of a type without rewards. ``id`` is what redeem takes."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    return success(
        record("campaign", leaf("id", campaign.number)),
        items("rewards", (reward_element(reward) for reward in campaign.rewards.values())),
    )


def reward_element(reward: RewardConfig) -> Element:
    """Return one reward; ``reward_id`` (the owner's identifier) and custom fields only where set."""
    return record(
        "reward",
        leaf("id", reward.id),
        leaf("level", reward.level),
        leaf("description", reward.description),
        filled("reward_id", reward.identifier),
        *(filled(f"reward_custom_field_{number}", reward.fields[number]) for number in sorted(reward.fields, key=int)),
    )


CALL = Call(
    type="campaign_rewards",
    handle=handle,
    params=Params,
    permission="view_rewards",
    summary="Campaign Rewards List",
    errors=("campaign_not_found",),
    source="api.md 9",
)
