# SPDX-License-Identifier: Apache-2.0
"""
Every documented call, said and answered: the examples of the contract (style.md B7).

They are carried out one after the other on a fresh database, at fixed times, so that each answer is the same to the byte.
What stays random by its nature (new campaign ids, made card numbers, tokens) is masked where it stands.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from regulars.accounts.codes import make_code
from tests.contract.example import MONTHS, NUMBER, TOKEN, Example
from tests.contract.shapes import other_shapes
from tests.factories import NOW
from tests.scene import Scene

GENERAL_ERRORS = "errors"
"""The folder of what any call may answer."""
HAPPY_HOUR = {"promo_id": "1", "authorization": "Happy hour & more", "receipt_text": "Y"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ"
Fields = dict[str, str]


def examples(scene: Scene, mall: Scene) -> list[Example]:
    """Return the examples in the order in which they are carried out."""
    number = {kind: campaign.number for kind, campaign in scene.campaigns.items()}
    shared = {kind: campaign.number for kind, campaign in mall.campaigns.items()}
    return [
        Example("test", "test", signs_as="nobody"),
        *_account_and_users(),
        *_customers(number["points"], shared["points"]),
        *_recording(number, shared),
        *_redeeming(scene, number, shared),
        *_taking_back(scene),
        *_reports(shared),
        *_campaigns(scene, number),
        *_data_fields(),
        Example("generate_time_token", "generate_time_token", masks={"token": LETTERS}),
        Example("generate_time_token", "error_interval", {"token_interval": "0"}, is_error=True),
        Example("validate_time_token", "validate_time_token"),
        Example("validate_time_token", "error_token", {"token": LETTERS}, is_error=True),
        *_schedules(number),
        *_general_errors(number["points"]),
        *_managing_users(scene, number),
        *_changing_the_account(),
        *_batches(number["points"]),
        *_deleting(number),
        *_merging(),
        *_explaining(number["points"], shared["points"]),
        *_agencies(scene),
        *other_shapes(number["earned"]),
        *_modules(number["points"], shared["points"]),
        *_settling(shared),
    ]


def _account_and_users() -> list[Example]:
    key = {"user/user_api_key": TOKEN}
    return [
        Example("account_info", "account_info"),
        Example("account_info", "coalition", signs_as="mall"),
        Example("account_info", "error_stranger", {"account_id": "somebody_else"}, is_error=True),
        Example("user_info", "user_info", masks=key),
        Example("user_info", "clerk", {"suppress_permissions": "Yes"}, masks=key, signs_as="clerk"),
        Example("user_info", "error_unknown", {"user_name": "nobody"}, is_error=True),
        Example("user_login", "user_login", masks={"account/user_api_key": TOKEN}, signs_as="nobody"),
        Example("user_login", "error_wrong_password", {"user_password": "guess"}, is_error=True, signs_as="nobody"),
    ]


def _changing_the_account() -> list[Example]:
    blocks = {
        "most_active": "2", "total_customers_this_month": "Yes", "campaigns_per_day_activity": "2", "last_X_transactions": "2",
        "last_X_customers": "2",
    }  # fmt: skip
    every: Mapping[str, str | None] = {
        "contact_first_name": "Alice", "contact_last_name": "Moreau", "contact_phone": "212-555-0100",
        "client_email": "alice@bean.example", "biz_name": "Bean & Leaf", "biz_address2": "Yard", "biz_state": "ID",
        "biz_zip": "83701", "biz_locations": "50", "biz_online": "Y", "industry": "Food", "language_selector": "EN",
        "symbol_selector": "USD", "timezone_selector": "14", "activate": "Y",
    }  # fmt: skip
    return [
        Example("dashboard", "dashboard", signs_as="mall"),
        Example("dashboard", "every_block", blocks, signs_as="mall"),
        Example("dashboard", "error_days", {"campaigns_per_day_activity": "0"}, is_error=True),
        Example("account_update", "account_update"),
        Example("account_update", "every_field", every),
        Example("account_update", "error_currency", {"symbol_selector": "EUR"}, is_error=True),
        Example("account_update", "error_activate", {"activate": "N"}, is_error=True),
    ]


def _modules(points: str, shared: str) -> list[Example]:
    """Activation codes, coalition and second tier. The codes are of the installation that the examples are made on."""
    nothing: dict[str, str | None] = {"biz_address1": None, "biz_city": None, "biz_country": None, "biz_empoloyees": None}
    coalition = {**nothing, "activation_code": make_code(module="coalition", at=NOW, rng=random.Random(5))}
    tier = {"activation_code": make_code(module="two_tier", at=NOW, rng=random.Random(6)), "two_tier_campaign": points}
    opt_out = {"campaign_id": shared, "description": None, "coalition_opt_out": "Y"}
    masks = {"coalition_switch/campaigns/campaign/id": NUMBER}
    return [
        Example("account_update", "coalition_preview", {**coalition, "dry_run": "Y"}, masks),
        Example("account_update", "coalition", coalition, masks),
        Example("account_update", "error_activation_code", coalition, is_error=True),
        Example("account_update", "coalition_undo", {**nothing, "coalition": "undo"}, masks),
        Example("account_update", "error_undo", {**nothing, "coalition": "undo"}, is_error=True),
        Example("account_update", "error_percentage", {**nothing, **tier, "two_tier_percentage": "0"}, is_error=True),
        Example("account_update", "two_tier", {**nothing, **tier, "two_tier_percentage": "10"}),
        Example("campaign_update.campaign", "coalition_opt_out", opt_out, signs_as="mall"),
    ]


def _managing_users(scene: Scene, number: dict[str, str]) -> list[Example]:
    key = {"user/user_api_key": TOKEN}
    keys = {"users/user/user_api_key": TOKEN}
    filled: Mapping[str, str | None] = {
        "user_name": "mark_manager", "user_role": "M", "user_PIN": "1357", "user_custom1": "Downtown",
        "allowed_campaigns": f"{number['points']},{number['events']}", "language_selector": "FR", "timezone_selector": "5",
    }  # fmt: skip
    words = {"searchField": "user_full_name", "searchOper": "cn", "searchValue": "kim", "show_permissions": "Yes"}
    page = {"searchField": "user_role", "searchOper": "in", "searchValue": "K,M", "sortField": "user_name", "length": "2"}
    both = {"users_list": f"{scene.kim}, nobody, janeclerk"}
    return [
        Example("user_new", "user_new", masks=key),
        Example("user_new", "every_field", filled, masks=key),
        Example("user_new", "error_taken", is_error=True),
        Example("user_update", "user_update", {"user_PIN": "24680", "user_custom1": "Boise"}, masks=key),
        Example("user_update", "error_pin", {"user_PIN": "1357"}, is_error=True),
        Example("user_update", "error_unknown", {"user_name": "nobody"}, is_error=True),
        Example("users_list", "users_list", masks=keys),
        Example("users_list", "permissions", words, masks=keys),
        Example("users_list", "page", page, masks=keys),
        Example("users_list", "error_nobody", {"searchField": "user_name", "searchValue": "zebra"}, is_error=True),
        Example("users_list", "error_not_owner", is_error=True, signs_as="clerk"),
        Example("campaign_users.add", "add", both),
        Example("campaign_users.add", "nobody_changed", both),
        Example("campaign_users.add", "error_campaign", {"campaign_id": "9" * 16}, is_error=True),
        Example("campaign_users.remove", "remove"),
        Example("campaign_users.remove", "error_remove", {"campaign_id": "9" * 16}, is_error=True),
        Example("user_unlock", "user_unlock"),
        Example("user_unlock", "error_unknown", {"user_name": "nobody"}, is_error=True),
        Example("user_unlock", "error_not_administrator", is_error=True, signs_as="clerk"),
        Example("request_log", "request_log"),
        Example("request_log", "errors", {"error_code": "error", "call": "redeem", "time_from": "2026-01-01", "length": "1"}),
        Example("request_log", "nothing", {"user_name": "nobody"}),
        Example("request_log", "error_not_administrator", is_error=True, signs_as="clerk"),
        Example("user_delete", "user_delete", {"user_name": "janeclerk"}),
        Example("user_delete", "permanent", {"user_name": "janeclerk", "action": "permanent"}),
        Example("user_delete", "error_owner", {"user_name": scene.made.owner.code}, is_error=True),
        Example("user_delete", "error_unknown", {"user_name": "janeclerk"}, is_error=True),
    ]


def _customers(points: str, shared: str) -> list[Example]:
    nothing = dict.fromkeys(("code", "card_number", "campaign_id", "auto_add"))
    return [
        Example("record_customer.new", "new"),
        Example(
            "record_customer.new", "new_card_made", nothing | {"card_number_generate": "10", "card_number_prefix": "77"},
            masks={"customer/code": "7712345678", "customer/card_number": "7712345678"},
        ),
        Example("record_customer.new", "new_code_made", nothing, masks={"customer/code": NUMBER}),
        Example("record_customer.new", "error_code_taken", is_error=True),
        Example("record_customer.register", "register"),
        Example("record_customer.register", "error_registered", is_error=True),
        Example("record_customer.edit", "edit", {"street2": "Apt 7", "custom_field_2": "Coffee"}),
        Example("record_customer.edit", "error_several", {"email": "amy", "customer_PIN": "1"}, is_error=True),
        Example("generate_card_number", "generate_card_number", masks={"customer/card_number": "1234567890"}),
        Example("generate_card_number", "error_digits", {"how_many_digits": "99"}, is_error=True),
        Example("customer_info", "customer_info"),
        Example("customer_info", "one_campaign", {"campaign_id": points, "hide_custom_field": "Y"}),
        Example("customer_info", "without_balances", {"include_balances": "N"}),
        Example("customer_info", "coalition", {"campaign_id": shared}, signs_as="mall"),
        Example("customer_info", "error_unknown", {"code": "nobody"}, is_error=True),
        Example("customer_balance", "customer_balance"),
        Example("customer_balance", "no_transactions", {"transactions_number": "0"}),
        Example("customer_balance", "coalition", {"campaign_id": shared}, signs_as="mall"),
        Example("customer_balance", "error_campaign", {"campaign_id": "9" * 16}, is_error=True),
        Example("customer_search", "one_match", {"first_name": "Anne", "include_balances": None}),
        Example("customer_search", "several", {"first_name": None, "card_number": "5500", "length": "2"}),
        Example("customer_search", "error_no_match", {"first_name": "Zoe"}, is_error=True),
        Example("customer_find", "one_match", {"find_customer": "anne acker"}),
        Example("customer_find", "error_no_match", {"find_customer": "Zoe"}, is_error=True),
        Example("validate_customer_password", "validate_customer_password"),
        Example("validate_customer_password", "error_mismatch", {"customer_password": "guess"}, is_error=True),
    ]  # fmt: skip


def _recording(number: dict[str, str], shared: dict[str, str]) -> list[Example]:
    return [
        Example("record_activity", "points"),
        Example("record_activity", "points_promotion", HAPPY_HOUR),
        Example("record_activity", "giftcard", {"campaign_id": number["giftcard"], "amount": "25,50"}),
        Example("record_activity", "events", {"campaign_id": number["events"], "amount": None}),
        Example("record_activity", "earned", {"campaign_id": number["earned"], "amount": None}),
        Example(
            "record_activity", "buyx",
            {"campaign_id": number["buyx"], "amount": None, "service_product": "FW", "buyx_quantity": "2"},
        ),
        Example("record_activity", "coalition_two_tier", {"campaign_id": shared["points"]}, signs_as="mall"),
        Example("record_activity", "error_amount", {"amount": "lots"}, is_error=True),
    ]  # fmt: skip


def _redeeming(scene: Scene, number: dict[str, str], shared: dict[str, str]) -> list[Example]:
    nothing: Mapping[str, str | None] = {"reward_to_redeem": None}
    mall = {"campaign_id": shared["points"]}
    return [
        Example("redeem", "points_reward"),
        Example("redeem", "points_custom", {**nothing, "custom_points_redeem": "100"}),
        Example("redeem", "points_currency", {**nothing, "custom_dollars_redeem": "0.05"}),
        Example("redeem", "giftcard", {"campaign_id": number["giftcard"], "reward_to_redeem": "9.95"}),
        Example("redeem", "events", {"campaign_id": number["events"], "reward_to_redeem": str(scene.event_reward_id)}),
        Example("redeem", "earned", {"campaign_id": number["earned"], "reward_to_redeem": "0.50"}),
        Example("redeem", "buyx", {"campaign_id": number["buyx"], "reward_to_redeem": "FW"}),
        Example("redeem", "coalition", {**nothing, **mall, "custom_points_redeem": "10"}, signs_as="mall"),
        Example("redeem", "error_balance", {**nothing, "custom_points_redeem": "1000000"}, is_error=True),
        Example("redeem", "error_nothing", nothing, is_error=True),
    ]


def _taking_back(scene: Scene) -> list[Example]:
    sale = {"transaction_id": scene.sale_id}
    return [
        Example("transaction_reverse", "part", {**sale, "amount": "4.50"}),
        Example("transaction_reverse", "redemption"),
        Example("transaction_reverse", "error_unknown", {"transaction_id": "999999"}, is_error=True),
        Example("transaction_delete", "transaction_delete", sale),
        Example("transaction_delete", "error_unknown", {"transaction_id": "999999"}, is_error=True),
        Example("customer_delete", "customer_delete"),
        Example("customer_delete", "error_unknown", is_error=True),
    ]


def _reports(shared: dict[str, str]) -> list[Example]:
    mall = {"selected_campaigns": ",".join(shared.values())}
    never = {"date_start": "1980-01-01", "date_end": "1980-12-31"}
    both = ("customers_new", "customers_frequent", "customers_missing", "customers_birthday", "customers_search")
    return [
        Example("reports.customers_all", "customers_all", {"limit": "2"}),
        Example("reports.customers_all", "error_customers_all", {"last": "99999999999999999"}, is_error=True),
        *(Example(f"reports.{report}", report) for report in both),
        Example("reports.customers_new", "error_customers_new", never, is_error=True),
        Example("reports.customers_frequent", "error_customers_frequent", {"frequency": "99"}, is_error=True),
        Example("reports.customers_missing", "error_customers_missing", {"missing_for": "1000"}, is_error=True),
        Example("reports.customers_birthday", "error_customers_birthday", never | {"date_end": "1980-01-31"}, is_error=True),
        Example("reports.customers_search", "error_customers_search", {"search_text": "Zoe"}, is_error=True),
        Example("reports.customers_custom_date", "customers_custom_date", {"date_end": "1970-12-31"}),
        Example("reports.customers_custom_date", "error_customers_custom_date", never, is_error=True),
        Example("reports.transactions_all", "transactions_all", {"show_activations": "Yes"}),
        Example("reports.transactions_all", "error_transactions_all", never, is_error=True),
        Example("reports.transactions_redeemed", "transactions_redeemed"),
        Example("reports.transactions_redeemed", "error_transactions_redeemed", {"selected_campaigns": "12"}, is_error=True),
        Example("reports.audit_totals", "audit_totals"),
        Example("reports.audit_totals", "error_audit_totals", {"date_start": None}, is_error=True),
        Example("reports.coalition_points", "coalition_points", mall, signs_as="mall"),
        Example("reports.coalition_points", "error_coalition_points", is_error=True),
        Example("reports.coalition_stored_value", "coalition_stored_value", mall, signs_as="mall"),
        Example("reports.coalition_stored_value", "error_coalition_stored_value", is_error=True),
        Example("reports.customers_balances", "customers_balances", {"limit": "2"}),
        Example(
            "reports.customers_balances", "customers_balances_coalition",
            {"campaign_id": None, "coalition_balance": "coalition_points"}, signs_as="mall",
        ),
        Example("reports.customers_balances", "error_customers_balances", {"campaign_id": "9" * 16}, is_error=True),
    ]  # fmt: skip


def _settling(shared: dict[str, str]) -> list[Example]:
    late = {"campaign_id": shared["giftcard"], "amount": "25", "transaction_time": "2026-11-20 10:00:00"}
    elsewhere = {"campaign_id": shared["earned"], "reward_to_redeem": "10", "transaction_time": "2026-11-21 11:00:00"}
    return [
        Example("settlement", "error_point_cost", {"point_cost": None}, is_error=True, signs_as="mall"),
        Example("record_activity", "coalition_late", late, signs_as="mall"),
        Example("redeem", "coalition_other_store", elsewhere, signs_as="mall"),
        Example("settlement", "settlement", {"date_start": "2026-11-01", "date_end": "2026-11-30"}, signs_as="mall"),
        Example("settlement", "error_not_administrator", is_error=True, signs_as="clerk"),
        Example("settlement_close", "error_not_over", {"date_end": "2026-11-30"}, is_error=True, signs_as="mall"),
        Example("settlement_close", "settlement_close", {"date_end": "2026-11-22"}, signs_as="mall"),
        Example("settlement_close", "error_closed", {"date_end": "2026-11-22"}, is_error=True, signs_as="mall"),
        Example("settlement_list", "settlement_list", signs_as="mall"),
        Example("settlement_list", "error_not_administrator", is_error=True, signs_as="clerk"),
        Example("settlement", "closed", {"settlement_id": "1", "point_cost": None}, signs_as="mall"),
        Example("settlement", "error_unknown", {"settlement_id": "99", "point_cost": None}, is_error=True, signs_as="mall"),
    ]


def _campaigns(scene: Scene, number: dict[str, str]) -> list[Example]:
    words = {"searchField": "campaign_name", "searchOper": "cn", "searchValue": "e", "sortField": "campaign_name"}
    times = {"searchField": "operation", "searchOper": "eq", "searchValue": "x"}
    return [
        Example("campaigns_list", "old_form"),
        Example("campaigns_list", "new_form", {"API": "1.5", **words, "length": "2"}),
        Example("campaigns_list", "coalition", {"type_restrict": "points"}, signs_as="mall"),
        Example("campaigns_list", "error_search", {"searchField": "secret", "searchValue": "x"}, is_error=True),
        Example("campaign_new.campaign", "campaign", masks={"campaign/id": NUMBER}),
        Example("campaign_new.campaign", "error_name", {"campaign_name": "Bean Points"}, is_error=True),
        Example("campaign_new.reward", "reward", {"reward_identifier": "SERVICE", "reward_custom_field_1": "3"}),
        Example("campaign_new.reward", "error_reward", {"reward_level": "0"}, is_error=True),
        Example("campaign_new.promo", "promo", {"promo_start_date": "2026-06-01", "promo_end_date": "2026-08-31 23:59:59"}),
        Example("campaign_new.promo", "error_promo", {"promo_amount": "0"}, is_error=True),
        Example("campaign_new.item", "item", {"item_identifier": "LB"}),
        Example("campaign_new.item", "error_item", {"item_identifier": "FW"}, is_error=True),
        Example("campaign_update.campaign", "campaign"),
        Example("campaign_update.campaign", "error_ratio", {"new_points_ratio": "0"}, is_error=True),
        Example("campaign_update.reward", "reward"),
        Example("campaign_update.reward", "error_reward", {"reward_id": "999999"}, is_error=True),
        Example("campaign_update.promo", "promo"),
        Example("campaign_update.promo", "error_promo", {"new_promo_amount": ""}, is_error=True),
        Example("campaign_update.item", "item"),
        Example("campaign_update.item", "error_item", {"new_reward_level": "none"}, is_error=True),
        Example("campaign_rewards", "campaign_rewards"),
        Example("campaign_rewards", "none", {"campaign_id": number["giftcard"]}),
        Example("campaign_rewards", "error_id", {"campaign_id": "12"}, is_error=True),
        Example("campaign_promos", "campaign_promos"),
        Example("campaign_promos", "searched", {**times, "length": "1"}),
        Example("campaign_promos", "error_id", {"campaign_id": "12"}, is_error=True),
        Example("buyx_items_list", "buyx_items_list"),
        Example("buyx_items_list", "error_id", {"campaign_id": "12"}, is_error=True),
        Example("campaign_deactivate", "campaign_deactivate"),
        Example("campaign_deactivate", "error_unknown", {"campaign_id": "9" * 16}, is_error=True),
        Example("campaign_rewards", "error_on_hold", {"campaign_id": number["giftcard"]}, is_error=True),
        Example("campaign_reactivate", "campaign_reactivate"),
        Example("campaign_reactivate", "error_unknown", {"campaign_id": "9" * 16}, is_error=True),
    ]


def _agencies(scene: Scene) -> list[Example]:
    key = {"account/user_api_key": TOKEN}
    owner: Fields = scene.made.credentials
    copied = {"new_account_id": "secondshop", "agency": None, "copy_from": scene.made.code, "activate": "Y"}
    nothing = {"biz_address1": None, "biz_city": None, "biz_country": None, "biz_empoloyees": None}
    second: Mapping[str, str | None] = {**nothing, **scene.platform.credentials, "account_id": "secondshop"}
    return [
        Example("agency_new", "agency_new", masks={"agency/user_api_key": TOKEN}),
        Example("agency_new", "error_taken", {"agency_name": "Other"}, is_error=True),
        Example("agency_list", "agency_list"),
        Example("agency_list", "error_search", {"searchField": "secret", "searchValue": "x"}, is_error=True),
        Example("account_new", "account_new", {"agency": "1"}, masks=key),
        Example("account_new", "copied", copied, masks=key),
        Example("account_new", "error_no_token", owner, is_error=True),
        Example("account_update", "another_agency", {**second, "agency": "1"}),
        Example("account_update", "state", {**second, "state": "suspended"}),
        Example("account_update", "error_another_account", {**second, **owner, "account_id": "secondshop"}, is_error=True),
        Example("account_new", "error_copy", copied | {"new_account_id": "thirdshop", "agency": "1"}, is_error=True),
        Example("account_list", "account_list"),
        Example("account_list", "page", {"searchField": "agency", "searchOper": "nn", "searchValue": None, "length": "1"}),
        Example("account_list", "error_no_token", owner, is_error=True),
    ]


def _explaining(points: str, shared: str) -> list[Example]:
    """When much has happened."""
    return [
        Example("balance_explain", "balance_explain"),
        Example("balance_explain", "page", {"campaign_id": points, "offset": "1", "length": "1"}),
        Example("balance_explain", "coalition", {"campaign_id": shared}, signs_as="mall"),
        Example("balance_explain", "error_campaign", {"campaign_id": "9" * 16}, is_error=True),
    ]


def _schedules(number: dict[str, str]) -> list[Example]:
    return [
        Example("depreciation_new", "depreciation_new"),
        Example("depreciation_new", "error_same_interval", {"depreciation_interval": "108", **MONTHS}, is_error=True),
        Example("depreciation_update", "depreciation_update"),
        Example("depreciation_update", "error_unknown", {"depreciation_id": "999999"}, is_error=True),
        Example("campaign_depreciations", "campaign_depreciations"),
        Example("campaign_depreciations", "error_id", {"campaign_id": "12"}, is_error=True),
        Example("depreciation_delete", "depreciation_delete"),
        Example("depreciation_delete", "error_unknown", is_error=True),
        Example("campaign_fee_new", "campaign_fee_new"),
        Example("campaign_fee_new", "error_type", {"campaign_id": number["events"]}, is_error=True),
        Example("campaign_fee_update", "campaign_fee_update"),
        Example("campaign_fee_update", "error_unknown", {"fee_id": "999999"}, is_error=True),
        Example("campaign_fees", "campaign_fees"),
        Example("campaign_fees", "error_id", {"campaign_id": "12"}, is_error=True),
        Example("campaign_fee_delete", "campaign_fee_delete"),
        Example("campaign_fee_delete", "error_unknown", is_error=True),
    ]


def _deleting(number: dict[str, str]) -> list[Example]:
    """At the end: what is deleted stays so."""
    return [
        Example("campaign_deactivate", "for_the_list"),
        Example("campaigns_inactive_list", "campaigns_inactive_list"),
        Example("campaigns_inactive_list", "new_form", {"API": "1.5", "searchField": "campaign_name", "searchValue": "zebra"}),
        Example("campaigns_inactive_list", "error_search", {"sortField": "secret"}, is_error=True),
        Example("campaign_delete.reward", "reward"),
        Example("campaign_delete.reward", "error_reward", is_error=True),
        Example("campaign_delete.promo", "promo"),
        Example("campaign_delete.promo", "error_promo", is_error=True),
        Example("campaign_delete.item", "item"),
        Example("campaign_delete.item", "error_item", is_error=True),
        Example("customer_balance", "deleted_reward"),
        Example("customer_balance", "deleted_item", {"campaign_id": number["buyx"]}),
        Example("campaign_delete.campaign", "campaign"),
        Example("campaign_delete.campaign", "error_campaign", is_error=True),
    ]


def _merging() -> list[Example]:
    return [
        Example("card_replace", "card_replace"),
        Example("card_replace", "error_nothing", {"new_card_number": None}, is_error=True),
        Example("card_replace", "error_unknown", {"previous_code": "nobody"}, is_error=True),
        Example("customer_merge", "customer_merge", {"duplicate_code": "1003", "duplicate_card_number": None}),
        Example("customer_merge", "error_same", {"duplicate_code": "1001"}, is_error=True),
        Example("customer_merge", "error_unknown", {"duplicate_code": "nobody"}, is_error=True),
    ]


def _batches(points: str) -> list[Example]:
    old, new = {"no_undo": "yes"}, {"API": "1.5", "allow_undo": "yes"}
    wrong = f"{points}|1001|N|lots|||\n{points}|nobody|N|5|||\n{points}|1001|N|5|||"
    update = {"overwrite_duplicates": "update"}
    allowed, last = {"batch_id": "8"}, {"batch_id": "9"}
    return [
        Example("customers_batch", "customers_batch", old),
        Example("customers_batch", "api_1_5", new | update | {"profiles_data": "1001|5500001|Anna|||\n11223344|||Roe||"}),
        Example("customers_batch", "line_errors", {"profiles_data": "||Nobody|||\n1009||Max||1970-02-30|"}),
        Example("customers_batch", "error_delimiter", {"delimiter": ";"}, is_error=True),
        Example("customers_batch", "error_no_data", {"profiles_data": " "}, is_error=True),
        Example("batch_transactions", "batch_transactions", {"no-undo": "yes"}),
        Example("batch_transactions", "api_1_5", {"API": "1.5", "allow-undo": "yes", "create_new_customers": "Y"}),
        Example("batch_transactions", "line_errors", {"apply_ratio": "no", "Visits_Data": wrong}),
        Example("batch_transactions", "error_columns", {"visits_header_7": None}, is_error=True),
        Example("batch_info", "batch_info", last),
        Example("batch_info", "error_unknown", {"batch_id": "999"}, is_error=True),
        Example("batch_undo", "batch_undo", allowed),
        Example("batch_undo", "error_not_allowed", {"batch_id": "7"}, is_error=True),
    ]


def _data_fields() -> list[Example]:
    examples = []
    for call_type in ("manage_fields", "transaction_fields", "reward_fields"):
        examples += [
            Example(f"{call_type}.list", "list"),
            Example(f"{call_type}.list", "error_account", {"account_id": "somebody_else"}, is_error=True),
            Example(f"{call_type}.add", "add"),
            Example(f"{call_type}.add", "error_exists", is_error=True),
            Example(f"{call_type}.update", "update"),
            Example(f"{call_type}.update", "error_unknown", {"custom_field_9_show": "Y"}, is_error=True),
            Example(f"{call_type}.delete", "delete"),
            Example(f"{call_type}.delete", "error_gone", is_error=True),
        ]
    hidden = {"custom_field_2_label": None, "zip_label": "Postcode", "street2_show": "N"}
    return [
        *examples,
        Example("manage_fields.update", "predefined", hidden),
        Example("manage_fields.delete", "error_predefined", {"field_list": "card_number"}, is_error=True),
    ]


def _general_errors(points: str) -> list[Example]:
    def error(name: str, fields: Mapping[str, str], signs_as: str = "owner", *, keeps_output: bool = False) -> Example:
        return Example("test", name, fields, is_error=True, signs_as=signs_as, folder=GENERAL_ERRORS, keeps_output=keeps_output)

    return [
        error("no_credentials", {"type": "campaigns_list"}, "nobody"),
        error("credentials", {"type": "campaigns_list", "user_id": "nobody", "user_api_key": TOKEN}, "nobody"),
        error("permission", {"type": "campaign_deactivate", "campaign_id": points}, "clerk"),
        error("unknown_type", {"type": "nonsense"}),
        error("unknown_action", {"type": "campaign_new", "action": "nonsense"}),
        error("missing", {"type": "record_activity"}),
        error("output", {"output": "YAML"}, keeps_output=True),
    ]
