# SPDX-License-Identifier: Apache-2.0
"""Campaigns and their rules in words. Values come from the domain; here they only get their sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.accounts.directory import CampaignConfig, DepreciationConfig, FeeConfig, ItemConfig, PromotionConfig
from regulars.campaigns.rules import is_promotion_active
from regulars.kit.units import PPM
from regulars.panel.forms.quantities import RatioField
from regulars.panel.viewer import Viewer

KINDS = {
    "points": gettext_lazy("Points Program"),
    "giftcard": gettext_lazy("Gift Card Program"),
    "events": gettext_lazy("Event-Based Program"),
    "earned": gettext_lazy("Earn Money per Event"),
    "buyx": gettext_lazy("Buy X Get 1 Free"),
}
KIND_ICONS = {"points": "coins", "giftcard": "credit-card", "events": "calendar-check", "earned": "cash", "buyx": "basket"}
KIND_TEXTS = {
    "points": gettext_lazy("Customers collect points for what they spend, and trade them for rewards."),
    "giftcard": gettext_lazy("Money is put on a card and spent from it: gift cards, prepaid series, tabs."),
    "events": gettext_lazy("Visits, referrals or any other deed count one each, and lead to rewards."),
    "earned": gettext_lazy("Each visit or deed earns a fixed amount of money to spend."),
    "buyx": gettext_lazy("Customers buy a number of one thing, and the next is free."),
}
KIND_EXAMPLES = {
    "points": gettext_lazy("5 points for each unit of money; 500 points are a lunch."),
    "giftcard": gettext_lazy("A card with 50.00 on it is a birthday present."),
    "events": gettext_lazy("The tenth visit brings a free cut."),
    "earned": gettext_lazy("Who brings a friend gets 5.00 on his card."),
    "buyx": gettext_lazy("Nine coffees bought, the tenth is on the house."),
}
STATES = {"active": gettext_lazy("Active"), "on_hold": gettext_lazy("On hold")}


def ratio(ppm: int) -> str:
    """Return a ratio as people write it: "5", "0.25"."""
    return RatioField().written(ppm)


def amount_text(viewer: Viewer, campaign: CampaignConfig, amount: int) -> str:
    """Return an amount in the campaign's unit: "49 points", "$9.50", "3 visits", "2 units"."""
    if campaign.is_money:
        return viewer.shown.money(amount)
    number = {"number": viewer.shown.number(amount)}
    if campaign.kind == "points":
        return ngettext("%(number)s point", "%(number)s points", amount) % number
    if campaign.kind == "events":
        return ngettext("%(number)s event", "%(number)s events", amount) % number
    return ngettext("%(number)s unit", "%(number)s units", amount) % number


def interval_text(count: int, unit: str) -> str:
    """Return "30 days", "1 month"."""
    if unit == "days":
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    if unit == "months":
        return ngettext("%(count)s month", "%(count)s months", count) % {"count": count}
    return ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def depreciation_text(viewer: Viewer, rule: DepreciationConfig) -> str:
    """Say a rule in one sentence."""
    told = {
        "share": viewer.shown.percent(rule.percentage_ppm),
        "interval": interval_text(rule.interval_count, rule.interval_unit),
    }
    everything = rule.percentage_ppm == PPM
    if rule.basis == "per_transaction":
        if everything:
            return _("Each earning expires %(interval)s after it was earned.") % told
        return _("%(share)s of what is left of each earning goes %(interval)s after it was earned.") % told
    if everything:
        return _("Everything expires %(interval)s after the customer's last activity.") % told
    return _("%(share)s of what is left goes %(interval)s after the customer's last activity.") % told


def fee_text(viewer: Viewer, campaign: CampaignConfig, rule: FeeConfig) -> str:
    """Say a fee in one sentence."""
    told = {
        "amount": amount_text(viewer, campaign, rule.amount),
        "interval": interval_text(rule.interval_count, rule.interval_unit),
        "name": rule.description,
    }
    return _("%(name)s: %(amount)s, once every %(interval)s.") % told


def promotion_text(viewer: Viewer, promotion: PromotionConfig) -> str:
    """Say what a promotion does."""
    if promotion.operation == "x":
        return _("Points of the sale x %(factor)s") % {"factor": ratio(promotion.multiplier_ppm)}
    points = viewer.shown.number(abs(promotion.points))
    if promotion.points < 0:
        return ngettext("%(number)s point less", "%(number)s points less", abs(promotion.points)) % {"number": points}
    return ngettext("%(number)s point more", "%(number)s points more", promotion.points) % {"number": points}


def promotion_state(promotion: PromotionConfig, at: datetime) -> tuple[str, str]:
    """Return whether a promotion runs, in a word, and the badge's class."""
    if is_promotion_active(promotion, at):
        return _("Running"), "badge-good"
    if promotion.starts_at is not None and promotion.starts_at > at:
        return _("To come"), "badge-note"
    return _("Over"), ""


def item_text(item: ItemConfig) -> str:
    """Say what an item takes."""
    return _("Buy %(count)s, get one free") % {"count": item.level}


def campaign_facts(viewer: Viewer, campaign: CampaignConfig) -> list[tuple[str, str]]:
    """Return the settings that say how the campaign works, as (name, value)."""
    shown, currency = viewer.shown, viewer.account.currency
    facts: list[tuple[str, Any]] = []
    if campaign.kind == "points":
        unit = shown.money(10**currency.decimals)
        facts.append((_("Points for each %(unit)s spent") % {"unit": unit}, ratio(campaign.points_ratio_ppm)))
        reward_ratio = _("Off") if campaign.reward_ratio_ppm is None else ratio(campaign.reward_ratio_ppm)
        facts.append((_("Spend-to-Reward Ratio"), reward_ratio))
        rounding = {"down": _("Down"), "nearest": _("To the nearest"), "up": _("Up")}[campaign.rounding]
        if campaign.carries_remainder and campaign.rounding == "down":
            rounding = _("Down; what is cut off counts in the next sale")
        facts.append((_("Parts of a point are rounded"), rounding))
    if campaign.kind == "earned":
        facts.append((_("Money for each event"), shown.money(campaign.amount_per_event_minor)))
    if campaign.kind == "buyx":
        facts.append((_("How many to buy for a free one"), shown.number(campaign.default_item_level)))
    if campaign.latitude or campaign.longitude:
        facts.append((_("Place on the map"), f"{campaign.latitude or '–'}, {campaign.longitude or '–'}"))
    if viewer.account.is_coalition:
        is_shared = campaign.pool_id != campaign.id
        facts.append((_("Balances"), _("Shared with the coalition") if is_shared else _("Its own")))
    facts.append((_("Created"), shown.day(campaign.created_at)))
    return facts
