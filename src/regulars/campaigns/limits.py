# SPDX-License-Identifier: Apache-2.0
"""
What a campaign's settings may be, and the sentences that refuse the rest (api.md 9). Pure.

Fields in these errors are named by our own words (``name``, ``level``); a face puts its own names in their place.
"""

from __future__ import annotations

from datetime import datetime

from regulars.errors import InvalidParameter
from regulars.kit.units import PPM

NAME_MAX = 30
DESCRIPTION_MAX = 2_000
TEXT_MAX = 255
IDENTIFIER_MAX = 60
RATIO_PPM_MAX = 1_000_000 * PPM
MULTIPLIER_PPM_MAX = 1_000 * PPM
QUANTITY_MAX = 10**12
"""Points, units, events or minor units in one level, promotion or fee."""
INTERVAL_MAX = {"days": 36_500, "months": 1_200, "years": 100}
KINDS = ("points", "giftcard", "events", "earned", "buyx")
ROUNDINGS = ("down", "nearest", "up")
BASES = ("per_transaction", "last_transaction")

CAMPAIGNS_MAX = 10_000
"""Per account, deleted ones included."""
REWARDS_MAX = 1_000
PROMOTIONS_MAX = 1_000
ITEMS_MAX = 10_000
RULES_MAX = 100
"""Depreciations, and fees, in force in one campaign."""

REWARD_TEXT = "Error with campaign reward parameters"
PROMOTION_TEXT = "Error with campaign promotion parameters"
ITEM_TEXT = "Error with BuyX campaign item parameters"
DEPRECIATION_TEXT = "Error with campaign depreciation settings"
REWARD_RATIO_TEXT = "Error with campaign spend-to-reward ratio"
PER_EVENT_TEXT = "Error with campaign earn-per-event amount"


def points_ratio_text(currency_code: str) -> str:
    """Return the sentence about a points ratio, which names the account's currency."""
    return f"Error with campaign points-per-{currency_code} ratio"


def check_text(field: str, value: str, maximum: int, *, is_blank_allowed: bool = False, text: str | None = None) -> str:
    """Return the text without blanks at its ends. Raises InvalidParameter(field)."""
    value = value.strip()
    if not value and not is_blank_allowed:
        raise InvalidParameter(field, "it must not be empty", text)
    if len(value) > maximum:
        raise InvalidParameter(field, f"at most {maximum} characters", text)
    return value


def check_range(field: str, value: int, minimum: int, maximum: int, text: str | None = None) -> int:
    """Return the number. Raises InvalidParameter(field) outside minimum to maximum."""
    if not minimum <= value <= maximum:
        raise InvalidParameter(field, f"from {minimum} to {maximum}", text)
    return value


def check_choice(field: str, value: str, choices: tuple[str, ...], text: str | None = None) -> str:
    """Return the word. Raises InvalidParameter(field) for one that is not among the choices."""
    if value not in choices:
        raise InvalidParameter(field, "one of " + ", ".join(choices), text)
    return value


def check_degrees(field: str, value: str, maximum: int) -> str:
    """
    Return a latitude (maximum 90) or longitude (180) in degrees as it is stored: "-36.85"; "" = none.

    Raises: InvalidParameter(field). At most 6 decimals: a tenth of a metre.
    """
    value = value.strip()
    if not value:
        return ""
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value.removeprefix("+"))
    whole, _, part = digits.replace(",", ".", 1).partition(".")
    if not (whole + part).isdecimal() or not (whole + part).isascii() or not whole or len(whole) > 3 or len(part) > 6:
        raise InvalidParameter(field, f"degrees from -{maximum} to {maximum} with at most 6 decimals")
    micro = int(whole) * PPM + int(part.ljust(6, "0"))
    if micro > maximum * PPM:
        raise InvalidParameter(field, f"degrees from -{maximum} to {maximum} with at most 6 decimals")
    part = part.rstrip("0")
    return (sign if micro else "") + str(int(whole)) + (f".{part}" if part else "")


def check_promotion(operation: str, multiplier_ppm: int | None, points: int | None) -> None:
    """Raise InvalidParameter("amount") unless the amount is one that the operation takes: ``x`` above 0, ``+`` not 0."""
    check_choice("operation", operation, ("x", "+"), PROMOTION_TEXT)
    if operation == "x":
        valid = points is None and multiplier_ppm is not None and 0 < multiplier_ppm <= MULTIPLIER_PPM_MAX
    else:
        valid = multiplier_ppm is None and points is not None and points != 0 and abs(points) <= QUANTITY_MAX
    if not valid:
        raise InvalidParameter("amount", text=PROMOTION_TEXT)


def check_window(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise InvalidParameter("ends_at") for a promotion that would end before it begins."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidParameter("ends_at", text=PROMOTION_TEXT)


def check_interval(count: int, unit: str, text: str | None = None) -> None:
    """Raise InvalidParameter("interval_unit" or "interval_count") for an interval that cannot be."""
    check_choice("interval_unit", unit, tuple(INTERVAL_MAX), text)
    check_range("interval_count", count, 1, INTERVAL_MAX[unit], text)


def interval_key(count: int, unit: str) -> tuple[str, int]:
    """Return the same key for the same interval: 1 year = 12 months."""
    return ("months", count * 12) if unit == "years" else (unit, count)
