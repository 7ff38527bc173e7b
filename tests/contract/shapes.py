# SPDX-License-Identifier: Apache-2.0
"""Examples of answers that hold more, or less, than all others: the reference shows nothing that no example has."""

from __future__ import annotations

from tests.contract.example import MONTHS, NUMBER, TOKEN, Example


def other_shapes(earned: str) -> list[Example]:
    """Return them, to be carried out last. ``earned``: the number of a campaign."""
    blocks = ("customer_count", "total_transactions_this_month", "active_campaigns_count")
    return [
        Example("dashboard", "one_block", {**dict.fromkeys(blocks), "active_campaigns_count": "Yes"}),
        Example("dashboard", "another_block", {**dict.fromkeys(blocks), "customer_count": "Yes"}),
        Example("dashboard", "nothing", dict.fromkeys(blocks)),
        Example("campaigns_list", "every_earned", {"API": "1.5", "type_restrict": "earned"}),
        *(Example(key, "page", {"length": "1"}) for key in ("buyx_items_list", "campaigns_inactive_list", "agency_list")),
        *(Example("batch_info", name, {"batch_id": number}) for name, number in (("without_errors", "7"), ("undone", "8"))),
        Example("campaign_new.reward", "without_identifier"),
        Example("users_list", "everybodys_permissions", {"show_permissions": "Y"}, masks={"users/user/user_api_key": TOKEN}),
        Example("customer_search", "with_balances", {"first_name": None, "card_number": "5500009"}),
        Example("customer_find", "beyond", {"find_customer": "5500009", "offset": "5"}),
        Example("customer_find", "with_balances", {"find_customer": "5500009", "include_balances": "Y"}),
        Example("batch_transactions", "refused", {"atomic": "Y"}),
        *(Example(key, "dry_run", {"dry_run": "Y"}) for key in ("record_activity", "customers_batch", "batch_transactions")),
        Example("redeem", "dry_run", {"reward_to_redeem": None, "custom_points_redeem": "10", "dry_run": "Y"}),
        Example("depreciation_new", "in_months", {"depreciation_interval": "3", **MONTHS}),
        Example("balance_explain", "with_expiry"),
        *_bare_customer(),
        *(Example("record_activity", name, signs_as="clerk") for name in ("sold", "sold_again")),
        Example(
            "manage_fields.add", "unique", {**_text_field("7"), "custom_field_7_unique": "Y", "custom_field_7_searchable": "Y"}
        ),
        Example("manage_fields.update", "unique_shown", {"custom_field_2_label": None, "custom_field_7_show": "Y"}),
        Example("manage_fields.list", "unique_listed"),
        Example("campaign_update.campaign", "place", {"campaign_id": earned, "latitude": "43.6", "longitude": "-116.2"}),
        Example("campaigns_list", "with_place", {"type_restrict": "earned"}),
        Example(
            "record_customer.edit",
            "of_nobody",
            {"code": None, "card_number": None, "first_name": "Nora"},
            masks={"customer/code": NUMBER},
        ),
    ]


def _text_field(number: str) -> dict[str, str | None]:
    parts = ("label", "type", "choices")
    return dict.fromkeys(f"custom_field_3_{part}" for part in parts) | {f"custom_field_{number}_label": "Member of"}


def _bare_customer() -> list[Example]:
    """A receipt shows only the fields that are filled: here none is."""
    bare = {"code": "2001"}
    return [
        Example("record_customer.new", "bare", bare | dict.fromkeys(("card_number", "first_name", "campaign_id", "auto_add"))),
        Example("record_activity", "bare_customer", bare),
        Example("redeem", "bare_customer", bare | {"reward_to_redeem": None, "custom_points_redeem": "10"}),
    ]
