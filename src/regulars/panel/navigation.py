# SPDX-License-Identifier: Apache-2.0
"""
The menu: one line for each entry. Who may see an entry is said once, at its view (``@signed_in(needs=...)``).

``name`` is the entry's name in urls.py; ``covers`` the names of pages below it, for which it is lit too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, get_resolver, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from regulars.accounts.directory import AccountConfig
    from regulars.panel.viewer import Needs


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the menu; "" = none."""

    name: str
    label: str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """
    ``module``: only for accounts that have opened one of the modules (coalition, two tiers). ``kinds``: only in the menus of
    these kinds of account; empty = all that may open it.
    """

    label: str | Promise
    name: str
    icon: str
    section: str = ""
    covers: tuple[str, ...] = ()
    module: bool = False
    kinds: tuple[str, ...] = ()
    is_own: bool = False
    """About the viewer's own credentials, of which a guest has none."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry as the frame draws it."""

    label: str
    address: str
    icon: str
    is_current: bool


SECTIONS = (
    Section("", ""),
    Section("platform", _("Platform")),
    Section("programme", _("Programme")),
    Section("account", _("Account")),
)

CAMPAIGN_PARTS = ("reward", "promotion", "item", "depreciation", "fee")
CAMPAIGN_PAGES = (
    *("choose_kind", "new_campaign", "campaign", "campaign_settings", "points_calculator", "delete_campaign"),
    *(f"{what}_{part}" for part in CAMPAIGN_PARTS for what in ("add", "edit", "delete")),
)

COUNTER_PAGES = (
    "counter_customer",
    "counter_enrol",
    "counter_record",
    "counter_redeem",
    "counter_receipt",
    "counter_take_back",
)

CUSTOMER_PAGES = (
    *("add_customer", "card_sheet", "save_segment", "customer", "edit_customer", "explain_balance", "customer_cards"),
    *("add_card", "merge_customer", "erase_customer"),
)

FIELD_PAGES = ("fields_of", "add_field", "edit_field", "delete_field")
WEBHOOK_PAGES = ("add_webhook", "webhook", "edit_webhook", "rotate_webhook", "webhook_delivery", "delete_webhook")
ACCOUNT_PAGES = ("account_localisation", "account_limits", "account_services")

ENTRIES = (
    Entry(_("Dashboard"), "home", "layout-dashboard", kinds=("business",)),
    Entry(_("Counter"), "counter", "cash-register", covers=COUNTER_PAGES),
    Entry(_("Customers"), "customers", "address-book", covers=CUSTOMER_PAGES),
    Entry(_("Campaigns"), "campaigns", "gift", "programme", covers=CAMPAIGN_PAGES),
    Entry(_("Accounts"), "agency_accounts", "building-store", covers=("agency_account", "agency_new_account")),
    Entry(
        _("Accounts"), "platform_accounts", "building-store", "platform", covers=("platform_account", "platform_new_account")
    ),
    Entry(_("Agencies"), "platform_agencies", "briefcase", "platform", covers=("platform_new_agency",)),
    Entry(_("Activation Codes"), "platform_codes", "adjustments", "platform"),
    Entry(_("Health"), "platform_health", "device-desktop", "platform"),
    Entry(_("Backups"), "platform_backups", "download", "platform"),
    Entry(_("Reports"), "reports", "chart-bar", "programme", covers=("report",)),
    Entry(_("Account"), "account", "settings", "account", covers=ACCOUNT_PAGES),
    Entry(_("Users"), "users", "users", "account", covers=("add_user", "edit_user", "rotate_token")),
    Entry(_("API"), "api", "code", "account", is_own=True),
    Entry(_("Webhooks"), "webhooks", "webhook", "account", covers=WEBHOOK_PAGES),
    Entry(_("Requests"), "request_log", "file-search", "account", covers=("logged_request",)),
    Entry(_("Fields"), "fields", "forms", "account", covers=FIELD_PAGES),
    Entry(_("Changes"), "changes", "history", "account", covers=("security_events",)),
    Entry(_("Import"), "imports", "file-import", "account", covers=("import_file", "import_batch", "undo_import")),
    Entry(_("Mail"), "mail", "mail", "account", covers=("mail_text", "mail_test")),
    Entry(_("Texts"), "texts", "inbox", "account", covers=("texts_test",)),
    Entry(_("Brand"), "brand", "palette", "account"),
    Entry(_("Settlement"), "settlement", "scale", "account", module=True),
    Entry(_("Sign-in security"), "security", "lock", "account"),
    Entry(_("Options"), "modules", "adjustments", "account"),
)


def menu_for(
    account: AccountConfig, permissions: frozenset[str], current: str, *, is_guest: bool = False
) -> list[tuple[str, list[Drawn]]]:
    """Return the sections with the entries that may be seen, the one of the page ``current`` (its url name) lit."""
    menu: list[tuple[str, list[Drawn]]] = []
    for section in SECTIONS:
        drawn = [
            Drawn(str(entry.label), reverse(entry.name), entry.icon, current in (entry.name, *entry.covers))
            for entry in ENTRIES
            if entry.section == section.name and not (is_guest and entry.is_own) and _is_open(entry, account, permissions)
        ]
        if drawn:
            menu.append((str(section.label), drawn))
    return menu


def _is_open(entry: Entry, account: AccountConfig, permissions: frozenset[str]) -> bool:
    needs = needs_of(entry.name)
    if needs is None or account.kind not in needs.offices or not permissions.issuperset(needs.permissions):
        return False
    if entry.kinds and account.kind not in entry.kinds:
        return False
    return bool(account.modules) or not entry.module


@cache
def _views() -> dict[str, Any]:
    patterns = get_resolver("regulars.panel.urls").url_patterns
    return {pattern.name: pattern.callback for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name}


def needs_of(name: str) -> Needs | None:
    """Return what the view of a url name asks of who opens it; None = it is open to everybody, signed in or not."""
    needs: Needs | None = getattr(_views()[name], "needs", None)
    return needs
