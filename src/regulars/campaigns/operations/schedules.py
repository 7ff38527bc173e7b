# SPDX-License-Identifier: Apache-2.0
"""
Depreciations and recurring fees, kept in time: a change closes a row (valid_to) and opens the next under the same rule id,
so that the balance of any past day can be computed again (ADR-0006).

A trigger raises the account's rules_version with every change: balances planned under an older one are settled first.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.campaigns import limits
from regulars.campaigns.models import Campaign, Depreciation, Fee
from regulars.campaigns.operations.campaign import locked_campaign
from regulars.campaigns.queries import DepreciationNotFound, FeeNotFound
from regulars.campaigns.rules import SCHEDULED_KINDS
from regulars.errors import Conflict, InvalidParameter, LimitReached, NotFound
from regulars.kit.unchanged import UNCHANGED, Unchanged

Rule = TypeVar("Rule", Depreciation, Fee)


class DepreciationExists(Conflict):
    """A depreciation of the campaign has the same interval (1 year = 12 months)."""

    code = "depreciation_exists"
    text = "A depreciation for the time interval given already exists."

    def __init__(self) -> None:
        super().__init__(fields=("interval_count",))


def add_depreciation(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    basis: str,
    interval_count: int,
    interval_unit: str,
    percentage_ppm: int,
) -> int:
    """
    Let points or money expire from ``at`` on, and return the rule's id, which survives changes.

    Units:  percentage in millionths of what is left (1,000,000 = all); interval_unit days, months or years.
    Writes: 1 depreciation; locks the campaign.
    Raises: CampaignNotFound; InvalidParameter naming campaign_id (wrong kind), basis, interval_count, interval_unit or
            percentage; DepreciationExists; LimitReached.
    Source: api.md 9 depreciation_new; concepts.md 5.
    """
    campaign = locked_campaign(account, campaign_id, kinds=SCHEDULED_KINDS)
    _check_depreciation(basis, interval_count, interval_unit, percentage_ppm)
    _refuse_same_interval(account, campaign, interval_count, interval_unit, 0)
    _refuse_too_many(Depreciation, account, campaign)
    rule_id = next_rule_id()
    Depreciation.objects.create(
        account_id=account.id, campaign_id=campaign.id, rule_id=rule_id, basis=basis, interval_count=interval_count,
        interval_unit=interval_unit, percentage_ppm=percentage_ppm, valid_from=at,
    )  # fmt: skip
    return rule_id


def update_depreciation(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    rule_id: int,
    basis: str | Unchanged = UNCHANGED,
    interval_count: int | Unchanged = UNCHANGED,
    interval_unit: str | Unchanged = UNCHANGED,
    percentage_ppm: int | Unchanged = UNCHANGED,
) -> None:
    """
    Change a depreciation from ``at`` on; what it took before stays taken.

    Writes: closes 1 depreciation, opens 1; locks the campaign. Raises: DepreciationNotFound, and as add_depreciation.
    """
    old, campaign = _locked_rule(Depreciation, account, rule_id, DepreciationNotFound)
    new = Depreciation(
        account_id=account.id, campaign_id=campaign.id, rule_id=rule_id,
        basis=old.basis if basis is UNCHANGED else basis,
        interval_count=old.interval_count if interval_count is UNCHANGED else interval_count,
        interval_unit=old.interval_unit if interval_unit is UNCHANGED else interval_unit,
        percentage_ppm=old.percentage_ppm if percentage_ppm is UNCHANGED else percentage_ppm,
    )  # fmt: skip
    _check_depreciation(new.basis, new.interval_count, new.interval_unit, new.percentage_ppm)
    _refuse_same_interval(account, campaign, new.interval_count, new.interval_unit, rule_id)
    new.valid_from = _close(old, at)
    new.save(force_insert=True)


def delete_depreciation(*, account: AccountConfig, by: UserConfig, at: datetime, rule_id: int) -> None:
    """End a depreciation at ``at``. Writes: closes 1 row; locks the campaign. Raises: DepreciationNotFound."""
    _close(_locked_rule(Depreciation, account, rule_id, DepreciationNotFound)[0], at)


def add_fee(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    interval_count: int,
    interval_unit: str,
    amount: int,
    description: str,
) -> int:
    """
    Take ``amount`` from every balance once each interval from ``at`` on, and return the rule's id, which survives changes.

    Units:  amount in the campaign's unit: points, or currency minor units.
    Writes: 1 fee; locks the campaign.
    Raises: CampaignNotFound; InvalidParameter naming campaign_id (wrong kind), interval_count, interval_unit, amount or
            description; LimitReached.
    Source: api.md 9 campaign_fee_new; concepts.md 5.
    """
    campaign = locked_campaign(account, campaign_id, kinds=SCHEDULED_KINDS)
    _refuse_too_many(Fee, account, campaign)
    description = _checked_fee(interval_count, interval_unit, amount, description)
    rule_id = next_rule_id()
    Fee.objects.create(
        account_id=account.id, campaign_id=campaign.id, rule_id=rule_id, interval_count=interval_count,
        interval_unit=interval_unit, amount=amount, description=description, valid_from=at,
    )  # fmt: skip
    return rule_id


def update_fee(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    rule_id: int,
    interval_count: int | Unchanged = UNCHANGED,
    interval_unit: str | Unchanged = UNCHANGED,
    amount: int | Unchanged = UNCHANGED,
    description: str | Unchanged = UNCHANGED,
) -> None:
    """
    Change a recurring fee from ``at`` on; what it took before stays taken.

    Writes: closes 1 fee, opens 1; locks the campaign. Raises: FeeNotFound, and as add_fee.
    """
    old, campaign = _locked_rule(Fee, account, rule_id, FeeNotFound)
    new = Fee(
        account_id=account.id, campaign_id=campaign.id, rule_id=rule_id,
        interval_count=old.interval_count if interval_count is UNCHANGED else interval_count,
        interval_unit=old.interval_unit if interval_unit is UNCHANGED else interval_unit,
        amount=old.amount if amount is UNCHANGED else amount,
    )  # fmt: skip
    new.description = _checked_fee(
        new.interval_count, new.interval_unit, new.amount, old.description if description is UNCHANGED else description
    )
    new.valid_from = _close(old, at)
    new.save(force_insert=True)


def delete_fee(*, account: AccountConfig, by: UserConfig, at: datetime, rule_id: int) -> None:
    """End a recurring fee at ``at``. Writes: closes 1 row; locks the campaign. Raises: FeeNotFound."""
    _close(_locked_rule(Fee, account, rule_id, FeeNotFound)[0], at)


def _check_depreciation(basis: str, interval_count: int, interval_unit: str, percentage_ppm: int) -> None:
    limits.check_choice("basis", basis, limits.BASES, limits.DEPRECIATION_TEXT)
    limits.check_interval(interval_count, interval_unit, limits.DEPRECIATION_TEXT)
    if not 0 < percentage_ppm <= 1_000_000:
        raise InvalidParameter("percentage", text="The percentage is not valid.")


def _checked_fee(interval_count: int, interval_unit: str, amount: int, description: str) -> str:
    limits.check_interval(interval_count, interval_unit)
    limits.check_range("amount", amount, 1, limits.QUANTITY_MAX)
    return limits.check_text("description", description, limits.TEXT_MAX)


def _refuse_same_interval(
    account: AccountConfig, campaign: Campaign, interval_count: int, interval_unit: str, own_rule_id: int
) -> None:
    wanted = limits.interval_key(interval_count, interval_unit)
    others = Depreciation.objects.filter(account_id=account.id, campaign_id=campaign.id, valid_to__isnull=True)
    for other in others.exclude(rule_id=own_rule_id):
        if limits.interval_key(other.interval_count, other.interval_unit) == wanted:
            raise DepreciationExists


def _refuse_too_many(model: type[Depreciation | Fee], account: AccountConfig, campaign: Campaign) -> None:
    in_force = model._default_manager.filter(account_id=account.id, campaign_id=campaign.id, valid_to__isnull=True)
    if in_force.count() >= limits.RULES_MAX:
        raise LimitReached(f"A campaign has at most {limits.RULES_MAX} of them.", fields=("campaign_id",))


def _locked_rule(model: type[Rule], account: AccountConfig, rule_id: int, missing: type[NotFound]) -> tuple[Rule, Campaign]:
    """Return the rule's row in force and its campaign, both locked: the campaign first, as when rules are added."""
    mine = model._default_manager.filter(account_id=account.id, rule_id=rule_id, valid_to__isnull=True)
    rule = mine.first()
    if rule is not None:
        campaign = locked_campaign(account, rule.campaign_id)
        rule = mine.select_for_update().first()
        if rule is not None:
            return rule, campaign
    raise missing()


def _close(rule: Depreciation | Fee, at: datetime) -> datetime:
    """End a rule, and return when: never before it began (a test clock may be set back)."""
    rule.valid_to = max(at, rule.valid_from)
    rule.save(update_fields=["valid_to"])
    return rule.valid_to


def next_rule_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('campaigns_rules_seq')")
        return int(cursor.fetchone()[0])
