# SPDX-License-Identifier: Apache-2.0
"""The kinds of parameters that campaign calls share, with the sentences api.md 9 gives for each."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig
from regulars.campaigns import limits
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import campaign_number, decimal_ppm, integer, money, points
from regulars.protocol.params import Kind

CAMPAIGN_ID_TEXT = "Error with campaign ID"


def campaign_id() -> Kind[str]:
    """The 16 digits of a campaign."""
    return campaign_number(error_text=CAMPAIGN_ID_TEXT)


def points_ratio() -> Kind[int]:
    """Points per currency unit, to millionths; its sentence names the account's currency."""
    says = decimal_ppm().says

    def parse(name: str, raw: str, account: AccountConfig) -> int:
        kind = decimal_ppm(1, limits.RATIO_PPM_MAX, error_text=limits.points_ratio_text(account.currency.code))
        return kind.parse(name, raw, account)

    return Kind(parse, f"{says}, above 0 and at most {limits.RATIO_PPM_MAX // 1_000_000}")


def reward_ratio() -> Kind[int]:
    """Spend-to-Reward Ratio, to millionths; 0, as our own lists show it, is off."""
    return decimal_ppm(0, limits.RATIO_PPM_MAX, error_text=limits.REWARD_RATIO_TEXT)


def amount_per_event() -> Kind[int]:
    """Money per event, at least one minor unit."""
    return money(1, limits.QUANTITY_MAX, error_text=limits.PER_EVENT_TEXT)


def level(text: str) -> Kind[int]:
    """Points, events or units that buy something."""
    return points(1, limits.QUANTITY_MAX, error_text=text)


def item_level() -> Kind[int]:
    """The default level of a buyx campaign's items."""
    return integer(1, limits.QUANTITY_MAX)


def promotion_amount(name: str, raw: str, operation: str, account: AccountConfig) -> dict[str, int]:
    """
    Return what add_promotion and update_promotion take: ``multiplier_ppm`` for x, ``points`` for +.

    Raises: InvalidParameter with the sentence for promotions; also for 0.
    """
    if operation == "x":
        kind = decimal_ppm(1, limits.MULTIPLIER_PPM_MAX, error_text=limits.PROMOTION_TEXT)
        return {"multiplier_ppm": kind.parse(name, raw, account)}
    value = points(-limits.QUANTITY_MAX, limits.QUANTITY_MAX, error_text=limits.PROMOTION_TEXT).parse(name, raw, account)
    if not value:
        raise InvalidParameter(name, text=limits.PROMOTION_TEXT)
    return {"points": value}
