# SPDX-License-Identifier: Apache-2.0
"""What changes are about, and what is not among them. Pure."""

from __future__ import annotations

SUBJECTS = {
    "accounts_accounts": "account",
    "accounts_brands": "brand",
    "accounts_fields": "field",
    "accounts_hosts": "host",
    "messages_settings": "mail",
    "messages_text_gateways": "texts",
    "webhooks_endpoints": "webhook",
    "users_users": "user",
    "users_second_factors": "second_factor",
    "campaigns_campaigns": "campaign",
    "campaigns_rewards": "reward",
    "campaigns_promotions": "promotion",
    "campaigns_items": "item",
    "campaigns_depreciations": "depreciation",
    "campaigns_fees": "fee",
    "customers_customers": "customer",
}
"""Table -> what a change of it is about. Sales are not here: the ledger is their log."""

FACES = ("panel", "api", "cli", "jobs")
ACTIONS = ("added", "changed", "ended", "deleted", "erased")
SECRET = "•"  # noqa: S105 - what stands for one
KEPT_DAYS = 730
"""How long changes are kept unless REGULARS_CHANGES_DAYS says otherwise."""


def kept_days(raw: str) -> int:
    """
    Return for how many days changes are kept, as REGULARS_CHANGES_DAYS says; "" = KEPT_DAYS, 0 = for ever.

    Raises: ValueError with a sentence for whoever set it.
    """
    if not raw:
        return KEPT_DAYS
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 5):
        raise ValueError("REGULARS_CHANGES_DAYS must be a whole number of days, from 0 (for ever) to 99999")
    return int(raw)
