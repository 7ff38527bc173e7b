# SPDX-License-Identifier: Apache-2.0
"""
Who may do what: 15 roles by the permission names of api.md 5.

The matrix is derived from the prose beside the role letters; where the prose is silent, the narrower reading wins
(api.md 13). docs/reference/permissions.md is written from this file and says each reading in words.
"""

from __future__ import annotations

from regulars.accounts.directory import UserConfig
from regulars.errors import InvariantViolation, PermissionDenied

ROLES = {
    "A": "Administrator",
    "M": "Manager",
    "N": "Campaign Manager",
    "L": "Coalition Store Manager",
    "S": "Associate Manager",
    "D": "Campaign Designer",
    "C": "Accountant",
    "O": "Observer",
    "K": "Clerk",
    "H": "Associate Clerk",
    "P": "Temp",
    "Q": "Temp II",
    "F": "Fulfilment Contractor",
    "G": "Agency Client",
    "I": "Agency Client + Imports",
}
"""Letter to name, from the most to the least, as the panel lists them."""

_PUBLISHED = """
activate_account view_account_info edit_account_info manage_campaign_fields api_user_long_account_info
add_campaign delete_campaign activate_campaign deactivate_campaign open_campaign access_campaign_settings
update_campaign edit_campaign_name
view_gift_card_prefs edit_gift_card_prefs view_points_prefs edit_points_prefs view_events_prefs edit_events_prefs
view_buyx_prefs edit_buyx_prefs view_earn_prefs edit_earn_prefs view_campaign_email edit_campaign_email
view_point_to_dollar_ratio edit_point_to_dollar_ratio view_profit_ratio edit_profit_ratio
view_campaign_points_expiration add_campaign_points_expiration edit_campaign_points_expiration
delete_campaign_points_expiration
view_promotions edit_promotions add_promotions delete_promotions view_rewards edit_rewards add_rewards delete_rewards
show_dollars_earned edit_dollars_earned view_buyx_items edit_buyx_items add_buyx_items delete_buyx_items
view_buyx_default edit_buyx_default
view_depreciations add_depreciation add_depreciations edit_depreciation edit_depreciations delete_depreciation
delete_depreciations view_recurring_fee add_recurring_fee edit_recurring_fee delete_recurring_fee
view_customer_search add_customer edit_customer_card_number print_customer_transactions edit_customer_info
customer_visit_add customer_visit_redeem customer_visit_delete customer_visits_view
manage_cards manage_fields list_fields import_customers import_transactions api_batch_customers api_batch_transactions
view_user edit_user delete_user add_user edit_users_campaigns_list edit_my_info report_on_users
show_administrator_option show_manager_option show_coaltion_store_manager_option show_agency_client_import_option
show_agency_client_option show_campaign_manager_option show_fulfillment_contractor_option show_accountant_option
show_observer_option
access_reports export_apex export_excel export_csv export_mailchimp make_bookmarks affiliate
"""
PERMISSIONS = tuple(_PUBLISHED.split())
"""The published names, in their published order (the misspelt one too)."""

OFFICE_PERMISSIONS = ("manage_agencies", "list_agencies", "manage_accounts", "list_accounts")
"""
Ours, of agencies' and the platform owner's own accounts: elsewhere they open nothing (Call.offices). To see which accounts
there are is also to enter an agency's as a guest (users/guests.py).
"""

OWN_PERMISSIONS = ("delete_customer", "list_users", "view_request_log", "unlock_user", *OFFICE_PERMISSIONS)
"""Ours, never on the wire: the published names have none for customer_delete, users_list, request_log and user_unlock."""

ALL = frozenset(PERMISSIONS) | frozenset(OWN_PERMISSIONS)


def _names(text: str) -> frozenset[str]:
    names = frozenset(text.split())
    unknown = names - ALL
    if unknown:
        raise InvariantViolation(f"unknown permissions: {sorted(unknown)}")
    return names


def _beginning(*prefixes: str) -> frozenset[str]:
    return frozenset(name for name in ALL if name.startswith(prefixes))


EVERYONE = _names("view_account_info open_campaign")
"""Till software signs its user in with account_info; a user may enter the campaigns he is allowed."""

MY_INFO = _names("edit_my_info")
"""Not for the roles whose prose ends in "only" or "nothing else"."""

SEES_CLIENTS = _names("list_accounts")
"""At an agency: for the roles that manage, design, count or look on. Those of a till have nothing to do at a client's."""

USERS = _names("view_user add_user edit_user edit_users_campaigns_list report_on_users") | _beginning("show_") - _names(
    "show_dollars_earned"
)

CAMPAIGN_SETTINGS_VIEW = _names(
    """
    access_campaign_settings view_gift_card_prefs view_points_prefs view_events_prefs view_buyx_prefs view_earn_prefs
    view_campaign_email view_point_to_dollar_ratio view_profit_ratio view_campaign_points_expiration view_promotions
    view_rewards show_dollars_earned view_buyx_items view_buyx_default view_depreciations view_recurring_fee
    """
)

CAMPAIGN_DESIGN = (
    CAMPAIGN_SETTINGS_VIEW
    | _names(
        """
        add_campaign activate_campaign deactivate_campaign update_campaign edit_campaign_name edit_gift_card_prefs
        edit_points_prefs edit_events_prefs edit_buyx_prefs edit_earn_prefs edit_campaign_email edit_point_to_dollar_ratio
        edit_profit_ratio edit_dollars_earned edit_buyx_default
        add_campaign_points_expiration edit_campaign_points_expiration delete_campaign_points_expiration
        """
    )
    | _beginning(
        "add_promotions", "edit_promotions", "delete_promotions", "add_rewards", "edit_rewards", "delete_rewards",
        "add_buyx", "edit_buyx", "delete_buyx", "add_depreciation", "edit_depreciation", "delete_depreciation",
        "add_recurring", "edit_recurring", "delete_recurring",
    )
)  # fmt: skip

REPORTS = _names("access_reports export_excel export_csv")
"""A report and its two file forms; sending addresses on to mail and text services is more."""

_ADMINISTRATOR = ALL
_MANAGER = (
    ALL
    - _names("activate_account edit_account_info api_user_long_account_info affiliate")  # no billing
    - _names("delete_user list_users unlock_user")  # adds and edits users, does not delete them
    - _names("manage_agencies list_agencies manage_accounts")  # a business is opened by whoever answers for it
    - _names("view_request_log")  # it shows what everybody did
    - _names(
        """
        show_administrator_option show_manager_option show_coaltion_store_manager_option show_accountant_option
        show_agency_client_option show_agency_client_import_option
        """  # nobody gives a role as high as his own, nor one with billing
    )
)
_CAMPAIGN_MANAGER = _MANAGER - USERS - _names("add_campaign delete_campaign")
_AGENCY_CLIENT_IMPORTS = _MANAGER - _names("add_campaign add_user")
_AGENCY_CLIENT = _AGENCY_CLIENT_IMPORTS - _names("delete_customer import_customers api_batch_customers")
_ASSOCIATE_MANAGER = (
    EVERYONE
    | MY_INFO
    | SEES_CLIENTS
    | _names(
        """
        view_promotions edit_promotions add_promotions delete_promotions view_rewards edit_rewards add_rewards delete_rewards
        view_buyx_items list_fields
        view_customer_search add_customer edit_customer_info edit_customer_card_number print_customer_transactions
        customer_visit_add customer_visit_redeem customer_visit_delete customer_visits_view
        """
    )
)
_TEMP = EVERYONE | _names("view_customer_search add_customer customer_visit_add view_promotions view_buyx_items list_fields")
_ASSOCIATE_CLERK = _TEMP | MY_INFO | _names("customer_visit_redeem customer_visits_view view_rewards")

MATRIX: dict[str, frozenset[str]] = {
    "A": _ADMINISTRATOR,
    "M": _MANAGER,
    "N": _CAMPAIGN_MANAGER,
    "L": _MANAGER,
    "S": _ASSOCIATE_MANAGER,
    "D": EVERYONE | SEES_CLIENTS | CAMPAIGN_DESIGN | REPORTS | _names("list_fields"),
    "C": EVERYONE | MY_INFO | SEES_CLIENTS | CAMPAIGN_SETTINGS_VIEW | REPORTS | _names("activate_account list_fields"),
    "O": EVERYONE
    | MY_INFO
    | SEES_CLIENTS
    | _names("view_user view_customer_search view_rewards view_promotions view_buyx_items list_fields"),
    "K": _ASSOCIATE_CLERK | _names("edit_customer_info"),
    "H": _ASSOCIATE_CLERK,
    "P": _TEMP,
    "Q": _TEMP | _names("customer_visits_view"),
    "F": EVERYONE | _names("view_customer_search customer_visit_redeem view_rewards view_buyx_items"),
    "G": _AGENCY_CLIENT,
    "I": _AGENCY_CLIENT_IMPORTS,
}
"""Role letter to permissions. L differs from M by whom he sees: only users of his own campaigns (may_see_user)."""

ROLE_OPTIONS = {
    "A": "show_administrator_option",
    "M": "show_manager_option",
    "L": "show_coaltion_store_manager_option",
    "I": "show_agency_client_import_option",
    "G": "show_agency_client_option",
    "N": "show_campaign_manager_option",
    "F": "show_fulfillment_contractor_option",
    "C": "show_accountant_option",
    "O": "show_observer_option",
}
"""The permission it takes to give a role; a role without one is open to whoever may add or edit users."""

CAMPAIGN_SETTINGS = {
    "name": "edit_campaign_name",
    "points_ratio_ppm": "edit_point_to_dollar_ratio",
    "reward_ratio_ppm": "edit_profit_ratio",
    "amount_per_event_minor": "edit_dollars_earned",
    "rounding": "edit_points_prefs",
    "carries_remainder": "edit_points_prefs",
    "default_item_level": "edit_buyx_default",
}
"""The permission it takes to change a campaign's setting, beside update_campaign; one without needs no more than that."""


def permissions_of(user: UserConfig) -> frozenset[str]:
    """Return the names of everything the user may do (published and own); the owner may do everything."""
    return ALL if user.is_owner else MATRIX[user.role]


def may(user: UserConfig, name: str) -> bool:
    """Whether the user has a permission. Raises InvariantViolation for a name that does not exist."""
    if name not in ALL:
        raise InvariantViolation(f"no such permission: {name}")
    return name in permissions_of(user)


def require(user: UserConfig, name: str, denied_text: str = "") -> None:
    """Raise PermissionDenied, in the usual words or the given ones, unless the user has the permission."""
    if not may(user, name):
        raise PermissionDenied(denied_text or None)


def assignable_roles(user: UserConfig) -> tuple[str, ...]:
    """Return the role letters the user may give to others: those he has the option for, and never more than he may himself."""
    own = permissions_of(user)
    return tuple(role for role in ROLES if (role not in ROLE_OPTIONS or ROLE_OPTIONS[role] in own) and MATRIX[role] <= own)


def may_see_user(user: UserConfig, other: UserConfig) -> bool:
    """
    Whether ``other`` is visible to ``user`` (himself always).

    A Coalition Store Manager sees only users who share a campaign with him, and not those who have all.
    """
    if user.id == other.id:
        return True
    if not may(user, "view_user"):
        return False
    if user.role == "L" and not user.is_owner:
        has_all = user.campaigns_access == "all"
        shares = has_all or not other.allowed_campaign_ids.isdisjoint(user.allowed_campaign_ids)
        return other.campaigns_access == "some" and shares
    return True


def may_manage_user(user: UserConfig, other: UserConfig) -> bool:
    """
    Whether ``user`` may change ``other`` and see his Security Token and PIN. (His own he may always see.)

    Nobody manages someone who may do more than himself: the token would lend him the difference. The owner is managed by
    himself alone.
    """
    if user.is_owner:
        return True
    if user.id == other.id:
        return may(user, "edit_my_info") or may(user, "edit_user")
    if other.is_owner or not may(user, "edit_user") or not may_see_user(user, other):
        return False
    return permissions_of(other) <= permissions_of(user) and _campaigns_within(user, other)


def _campaigns_within(user: UserConfig, other: UserConfig) -> bool:
    if user.campaigns_access == "all" or other.campaigns_access == "none":
        return True
    return other.campaigns_access == "some" and other.allowed_campaign_ids <= user.allowed_campaign_ids
