# SPDX-License-Identifier: Apache-2.0
"""Depreciations and recurring fees as elements, and what their calls have in common (api.md 9)."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig, CampaignConfig, DepreciationConfig, FeeConfig
from regulars.api.calls.standing_element import ratio_text, unit_text
from regulars.errors import CampaignNotFound, MissingParameter
from regulars.kit.unchanged import UNCHANGED
from regulars.protocol.tree import Element, leaf, record, success

DEPRECIATION_NAMES = {
    "basis": "depreciation_type", "interval_count": "depreciation_interval", "interval_unit": "depreciation_interval_type",
    "percentage": "depreciation_percentage",
}  # fmt: skip
FEE_NAMES = {
    "interval_count": "fee_interval", "interval_unit": "interval_type", "amount": "fee_amount",
    "description": "fee_description",
}  # fmt: skip


def percentage_text(percentage_ppm: int) -> str:
    """Return a share as people write it: "25", "12.5"."""
    return ratio_text(percentage_ppm * 100)


def depreciation_answer(
    status: str, rule_id: int, basis: str, interval_count: int, interval_unit: str, percentage_ppm: int
) -> Element:
    """Return ``<depreciation status="new">`` with id, type, interval, interval_type, percentage."""
    return success(
        record(
            "depreciation",
            leaf("id", rule_id),
            leaf("type", basis),
            leaf("interval", interval_count),
            leaf("interval_type", interval_unit),
            leaf("percentage", percentage_text(percentage_ppm)),
            status=status,
        )
    )


def listed_depreciation(rule: DepreciationConfig) -> Element:
    """Return one depreciation of a list, whose members have other names than the answer of a creation."""
    return record(
        "depreciation",
        leaf("id", rule.rule_id),
        leaf("depreciation_type", rule.basis),
        leaf("depreciation_interval", rule.interval_count),
        leaf("depreciation_interval_type", rule.interval_unit),
        leaf("depreciation_percentage", percentage_text(rule.percentage_ppm)),
    )


def fee_element(
    account: AccountConfig,
    campaign: CampaignConfig,
    rule_id: int,
    interval_count: int,
    interval_unit: str,
    amount: int,
    description: str,
    **attributes: str,
) -> Element:
    """Return one fee: id, interval, interval_type, amount (points, or money), description."""
    return record(
        "fee",
        leaf("id", rule_id),
        leaf("interval", interval_count),
        leaf("interval_type", interval_unit),
        leaf("amount", unit_text(account, campaign, amount)),
        leaf("description", description),
        **attributes,
    )


def listed_fee(account: AccountConfig, campaign: CampaignConfig, rule: FeeConfig) -> Element:
    """Return one fee of a list."""
    return fee_element(account, campaign, rule.rule_id, rule.interval_count, rule.interval_unit, rule.amount, rule.description)


def refuse_other_campaign(campaign: CampaignConfig, number: str | None) -> None:
    """Raise CampaignNotFound where the request names another campaign than the rule's."""
    if number is not None and number != campaign.number:
        raise CampaignNotFound(fields=("campaign_id",))


def require_a_change(name: str, *values: object) -> None:
    """Raise MissingParameter, naming the first thing that could change, where nothing is to be changed."""
    if all(value is UNCHANGED for value in values):
        raise MissingParameter(name, f"Missing parameter: {name}, or any other change")
