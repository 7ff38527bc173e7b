# SPDX-License-Identifier: Apache-2.0
"""An account and a user as elements (account_info, user_info, user_login)."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.localisation import language_code, time_zone_number
from regulars.api.calls.standing_element import ratio_text
from regulars.protocol.tree import Element, items, leaf, record
from regulars.users.access import PERMISSIONS, permissions_of

CREATED_FORMAT = "%Y-%m-%d %H:%M:%S"
PROFILE_BEFORE_CONTACT = (
    "biz_name", "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "biz_country", "biz_locations",
    "biz_online", "biz_employees", "industry", "contact_first_name", "contact_last_name",
)  # fmt: skip


def contact_email(account: AccountConfig) -> str:
    """Return the agency's address, which is what contact_email means (api.md 4); without an agency, the business's own."""
    return account.agency[2] if account.agency else account.profile["client_email"]


def account_members(account: AccountConfig) -> list[Element | None]:
    """Return the children of ``<account>`` in their documented order; ``coalition`` and ``two_tier_*`` where it is such."""
    profile = account.profile
    return [
        leaf("account_id", account.code),
        *(leaf(name, profile[name]) for name in PROFILE_BEFORE_CONTACT),
        leaf("contact_email", contact_email(account)),
        leaf("contact_phone", profile["contact_phone"]),
        leaf("language", language_code(account.language)),
        leaf("symbol", account.currency.code),
        leaf("glyph", account.currency.glyph),
        leaf("timezone", time_zone_number(account.timezone)),
        leaf("coalition", "Yes") if account.is_coalition else None,
        *_second_tier(account),
        leaf("created", account.created_at.astimezone(account.zone).strftime(CREATED_FORMAT)),
    ]


def _second_tier(account: AccountConfig) -> list[Element]:
    """The terms of the second tier (our extension)."""
    master = account.campaigns_by_id.get(account.master_campaign_id or 0)
    if master is None:
        return []
    return [
        leaf("two_tier_campaign", master.number),
        leaf("two_tier_percentage", ratio_text(account.contribution_ppm * 100)),
        leaf("two_tier_rounding", account.contribution_rounding),
    ]


def yes_no(value: bool) -> str:
    """Return "Yes" or "No"."""
    return "Yes" if value else "No"


def allowed_campaigns(name: str, account: AccountConfig, user: UserConfig) -> Element:
    """Return all, none, or some with the campaigns' ids."""
    some = user.campaigns_access == "some"
    numbers = sorted(campaign.number for campaign in account.campaigns.values() if some and user.may_see(campaign))
    return record(
        name,
        leaf("status", user.campaigns_access),
        items("campaign_ids", (leaf("campaign_id", number) for number in numbers)),
    )


def permission_members(user: UserConfig) -> Element:
    """Return ``<user_permissions>``: those the user has, in the published order; the others are left out."""
    own = permissions_of(user)
    return record("user_permissions", *(leaf(name, "Yes") for name in PERMISSIONS if name in own))
