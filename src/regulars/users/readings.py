# SPDX-License-Identifier: Apache-2.0
"""What roles and permissions mean in words: docs/reference/permissions.md and the panel take them from here."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from regulars.users.access import MATRIX

READINGS = {
    "A": "Everything.",
    "M": "Everything in the allowed campaigns, with reports and custom fields. No billing: not the account's data, trial or"
    " long account_info. Adds and edits users below himself, deletes none.",
    "N": "As Manager, but no users at all; cannot create or delete campaigns.",
    "L": "As Manager; sees and edits only users who share one of his campaigns.",
    "S": "Rewards and promotions; all of customers' data, cards and visits. Items only to look at; no deleting or importing of"
    " customers.",
    "D": "Creates, edits, suspends and re-activates campaigns (not deletes) with all that is in them; runs reports. Nothing"
    " else: not even his own data.",
    "C": "Reports with their files, the billing (taking the account out of trial), campaign settings to look at. No users, no"
    " customers.",
    "O": "Looks at users (never at their keys), customers (not their history), rewards, promotions and items.",
    "K": "Creates and edits customers, but does not change an assigned card number; records and redeems, does not delete; sees"
    " history, which Temp II, who may less, is given.",
    "H": "As Clerk, cannot edit customers.",
    "P": "Creates customers and records. To record he looks customers up; he sees no history.",
    "Q": "As Temp, and sees history.",
    "F": "Redeems only. To redeem he looks customers, rewards and items up.",
    "G": "As Manager without adding campaigns or users, deleting or importing customers.",
    "I": "As Agency Client, and deletes and imports customers.",
}
"""How the prose beside each role letter is read, by letter."""

ABILITIES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (sentence, frozenset(names.split()))
    for sentence, names in (
        (_("Looks customers up"), "view_customer_search"),
        (_("Adds customers"), "add_customer"),
        (_("Changes customers' data"), "edit_customer_info"),
        (_("Changes card numbers that are assigned, replaces cards"), "edit_customer_card_number manage_cards"),
        (_("Deletes customers"), "delete_customer"),
        (_("Sees customers' history and balances"), "customer_visits_view"),
        (_("Records sales and visits"), "customer_visit_add"),
        (_("Redeems"), "customer_visit_redeem"),
        (_("Takes transactions back"), "customer_visit_delete"),
        (_("Imports transactions"), "import_transactions api_batch_transactions"),
        (_("Imports customers"), "import_customers api_batch_customers"),
        (_("Looks at rewards and promotions"), "view_rewards view_promotions"),
        (
            _("Makes and changes rewards and promotions"),
            "add_rewards edit_rewards delete_rewards add_promotions edit_promotions delete_promotions",
        ),
        (_("Looks at the settings of campaigns"), "access_campaign_settings"),
        (
            _("Changes the settings of campaigns, holds and resumes them"),
            "update_campaign activate_campaign deactivate_campaign",
        ),
        (_("Creates campaigns"), "add_campaign"),
        (_("Deletes campaigns"), "delete_campaign"),
        (_("Runs reports and takes them as files"), "access_reports export_csv export_excel"),
        (_("Defines the data fields of customers, transactions and rewards"), "manage_fields manage_campaign_fields"),
        (_("Looks at users"), "view_user list_users"),
        (_("Adds and changes users who may do no more than himself"), "add_user edit_user edit_users_campaigns_list"),
        (_("Deletes users, lets locked-out ones in again"), "delete_user unlock_user"),
        (_("Changes his own data and password"), "edit_my_info"),
        (_("Changes the account's data and settings"), "edit_account_info"),
        (_("Takes the account out of trial"), "activate_account"),
        (_("Reads the log of requests"), "view_request_log"),
    )
)
"""Sentence and the permissions it takes, all of them."""


def abilities_of(role: str) -> tuple[tuple[str, bool], ...]:
    """Return every sentence (in English), and whether it is true of a role, by its letter."""
    return tuple((sentence, names <= MATRIX[role]) for sentence, names in ABILITIES)
