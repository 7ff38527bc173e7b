# SPDX-License-Identifier: Apache-2.0
"""Which pool holds a campaign's balances (concepts.md 6, ADR-0013), and what a second tier may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.errors import InvalidParameter, OperationalError, Refused

PPM = 1_000_000
ROUNDINGS = ("down", "nearest", "up")
PERCENTAGE_TEXT = "The percentage is not valid."
"""The published sentence."""


class ModuleNotActivated(Refused):
    """The account has not entered an activation code for it."""

    code = "module_not_activated"
    text = "This needs an Activation Code"


class SwitchStands(Refused):
    """Something happened since balances were moved, so that moving them back would not restore what was."""

    code = "switch_stands"
    text = "It can not be undone: something was recorded since"


class BalancesMoving(OperationalError):
    """Balances are following a change of the coalition, customer by customer; what needs them all in place waits."""

    code = "balances_moving"
    text = "Balances are being moved between campaigns. Please try again in a few minutes."


@dataclass(frozen=True, slots=True)
class Pools:
    """The two pools of a coalition: of points, and of stored value (gift card and earned campaigns)."""

    points_id: int
    money_id: int

    def of_kind(self, kind: str) -> int | None:
        """Return the pool for a kind of campaign; None = such campaigns share nothing."""
        return {"points": self.points_id, "giftcard": self.money_id, "earned": self.money_id}.get(kind)


def pools_of(account: AccountConfig) -> Pools | None:
    """Return the account's pools; None where it is no coalition."""
    if account.coalition_pool_points_id is None or account.coalition_pool_money_id is None:
        return None
    return Pools(account.coalition_pool_points_id, account.coalition_pool_money_id)


def campaigns_to_join(campaigns: Iterable[CampaignConfig], pools: Pools) -> dict[int, int]:
    """Return campaign id -> pool of all that share their balances once the account is a coalition: who did not opt out."""
    joining = {}
    for campaign in campaigns:
        pool_id = pools.of_kind(campaign.kind)
        if pool_id is not None and not campaign.coalition_opt_out and campaign.pool_id != pool_id:
            joining[campaign.id] = pool_id
    return joining


def refuse_sharing_master(account: AccountConfig, joining: Iterable[int]) -> None:
    """
    Refuse a second tier in a shared balance: what a store's sale contributes would be added to the store's own points.

    Raises: InvalidParameter("coalition").
    """
    if account.master_campaign_id is not None and account.master_campaign_id in set(joining):
        raise InvalidParameter("coalition", "the master campaign of the second tier must opt out of the coalition first")


def percentage_ppm(text: str) -> int:
    """
    Return a percentage as people type it, in millionths of the whole: "2.5" and "2,5" give 25,000.

    Raises: InvalidParameter("percentage").
    """
    whole, _, part = text.strip().replace(",", ".").partition(".")
    is_number = whole.isascii() and whole.isdecimal() and (not part or (part.isascii() and part.isdecimal()))
    if not is_number or len(whole) > 3 or len(part) > 4:
        raise InvalidParameter("percentage", text=PERCENTAGE_TEXT)
    return int(whole) * 10_000 + int(part.ljust(4, "0"))


def check_second_tier(campaign: CampaignConfig, contribution_ppm: int, rounding: str) -> None:
    """
    Refuse terms that no second tier can have.

    Units:  contribution_ppm in millionths, 1 to 1,000,000.
    Raises: InvalidParameter naming master_campaign, percentage or rounding.
    """
    if campaign.kind != "points":
        raise InvalidParameter("master_campaign", f"a points campaign is expected, this one is {campaign.kind}")
    if campaign.pool_id != campaign.id:
        raise InvalidParameter("master_campaign", "it must opt out of the coalition first")
    if not 1 <= contribution_ppm <= PPM:
        raise InvalidParameter("percentage", text=PERCENTAGE_TEXT)
    if rounding not in ROUNDINGS:
        raise InvalidParameter("rounding", "one of " + ", ".join(ROUNDINGS))
