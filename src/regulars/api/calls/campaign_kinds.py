# SPDX-License-Identifier: Apache-2.0
"""The kinds of parameters that campaign calls share, with the sentences api.md 9 gives for each."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns import limits
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import campaign_number, choice, decimal_ppm, integer, money, points
from regulars.protocol.params import Kind

CAMPAIGN_ID_TEXT = "Error with campaign ID"
PERCENTAGE_TEXT = "The percentage is not valid."


def campaign_id() -> Kind[str]:
    """The 16 digits of a campaign."""
    return campaign_number(error_text=CAMPAIGN_ID_TEXT)


def points_ratio() -> Kind[int]:
    """Points per currency unit, to millionths; its sentence names the account's currency."""
    says = decimal_ppm().says

    def parse(name: str, raw: str, account: AccountConfig) -> int:
        kind = decimal_ppm(1, limits.RATIO_PPM_MAX, error_text=limits.points_ratio_text(account.currency.code))
        return kind.parse(name, raw, account)

    return Kind(parse, f"{says}, above 0 and at most {limits.RATIO_PPM_MAX // 1_000_000}", shape="decimal")


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


def interval(text: str | None = None) -> Kind[int]:
    """How many days, months or years."""
    return integer(1, max(limits.INTERVAL_MAX.values()), error_text=text)


def interval_unit(text: str | None = None) -> Kind[str]:
    """What an interval is counted in."""
    return choice(*limits.INTERVAL_MAX, error_text=text)


def percentage() -> Kind[int]:
    """A share above 0 up to 100, with at most 4 decimals, to millionths of the whole (100 gives 1000000)."""
    inner = decimal_ppm(1, 100_000_000, error_text=PERCENTAGE_TEXT)

    def parse(name: str, raw: str, account: AccountConfig) -> int:
        hundredfold = inner.parse(name, raw, account)
        if hundredfold % 100:
            raise InvalidParameter(name, text=PERCENTAGE_TEXT)
        return hundredfold // 100

    return Kind(parse, "a number above 0 and at most 100, with at most 4 decimals", shape="decimal")


def fee_amount(name: str, raw: str, campaign: CampaignConfig, account: AccountConfig) -> int:
    """Return what a fee takes in the campaign's unit: points, or currency minor units. Raises InvalidParameter."""
    kind = money(1, limits.QUANTITY_MAX) if campaign.is_money else points(1, limits.QUANTITY_MAX)
    return kind.parse(name, raw, account)


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
