# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - a line is a fact and the test that shows it
"""
What real clients and real answers show of the documented service: each fact has a test that sends and reads it as they do.

Tests are named as in section_2.py. Where a fact was seen with several clients, each has its own.
"""

from __future__ import annotations

import pytest

from tests.contract.references import missing_test

PHP, JSON = "/clients/php_clients.", "/clients/json_clients."

FACTS = {
    "requests go to the root and to /api.php": (
        f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports", "/clients/servers.the_bare_url_and_the_test_call_answer",
        "/clients/php.phps_own_test_call_gets_a_simplexml_object",
    ),
    "GET with a query string, credentials in it": (
        f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports", f"{JSON}js1_enrols_by_a_script_element",
    ),
    "PHP's cURL sends an array as multipart": (
        "/clients/php.php_records_a_sale_with_multipart_and_reads_the_receipt",
        f"{PHP}php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed",
    ),
    "a key is 40 lower-case hex characters": (
        f"{PHP}kit_signs_its_clerk_in_and_uses_the_key_it_is_given", f"{JSON}droid_reads_users_and_their_campaigns",
    ),
    "user_password on calls documented with user_api_key": (
        f"{PHP}php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed",
        f"{PHP}kit_reads_promotions_items_and_rewards_without_naming_an_api_version",
    ),
    "an API version other than the documented one": (f"{PHP}kit_lists_fields_with_api_1_5_and_user_password",),
    "output=json in lower case": (f"{JSON}java_binds_every_answer_to_its_classes",),
    "unknown parts of a date are 00": (f"{PHP}kit_keeps_a_date_with_unknown_parts_and_takes_custom1_for_the_first_custom_field",),
    "an empty date is 0000-00-00": (
        f"{JSON}droid_looks_a_customer_up_and_reads_balance_and_history",
        f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",
    ),
    "campaign ids and made codes are 16 digits": (
        f"{PHP}php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed", f"{PHP}wp_enrols_and_shows_balances",
    ),
    "arrays under the wrapper's name, all leaves texts": (f"{JSON}java_binds_every_answer_to_its_classes",),
    "xml_value_to_show in allowed campaigns": (f"{JSON}droid_reads_users_and_their_campaigns",),
    "a PHP client replaces ampersands before it parses": (
        f"{PHP}php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed",
        f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",
    ),
    "errors[0], else error": (
        f"{JSON}droid_signs_its_user_in_with_account_info", f"{JSON}java_finds_the_error_under_both_names",
        f"{JSON}cs_enrols_with_a_made_card_and_takes_errors_only_from_http_200",
    ),
    "an error is HTTP 200": (f"{JSON}cs_enrols_with_a_made_card_and_takes_errors_only_from_http_200",),
    "response/error in XML": (f"{PHP}wp_enrols_and_shows_balances", "/clients/php.php_reads_an_error"),
    "account_info signs a user in": (f"{JSON}droid_signs_its_user_in_with_account_info",),
    "account_info: symbol, glyph, timezone as a number, created with its time": (
        f"{JSON}droid_signs_its_user_in_with_account_info", "account_info.time_zone_has_its_number_and_created_is_local",
    ),
    "account_info: coalition Yes": ("account_info.coalition_is_named_only_where_it_is_one",),
    "account_info: a country in full": ("account_info.country_comes_back_in_the_form_it_was_given",),
    "user_new: user{user_id, user_api_key}": (f"{JSON}java_binds_every_answer_to_its_classes", "user_new.new_user_signs_with_the_key_that_is_answered"),
    "users_list: the members of a user": ("users_list.users_have_the_documented_members_in_order", f"{JSON}droid_reads_users_and_their_campaigns"),
    "users_list: pagination with total, offset, length": (f"{JSON}droid_reads_users_and_their_campaigns",),
    "user_info: user_level, where the list says user_role": (f"{JSON}droid_reads_users_and_their_campaigns",),
    "user_info: permissions in order, all Yes for an owner": ("user_info.owner_has_every_permission_in_the_published_order",),
    "user_info: user_is_owner, account_c2t, account_coalition": ("user_info.coalition_and_two_tier_accounts_say_so",),
    "user_login: three fields, account/user_id and account/user_api_key": (f"{PHP}kit_signs_its_clerk_in_and_uses_the_key_it_is_given",),
    "register with an issued card": (f"{PHP}kit_lets_a_member_activate_an_issued_card_once",),
    "new with a card in use is no success": (f"{PHP}wp_enrols_and_shows_balances",),
    "customer/code after new": (
        f"{PHP}wp_enrols_and_shows_balances", f"{JSON}cs_enrols_with_a_made_card_and_takes_errors_only_from_http_200",
    ),
    "code, phone, card and two custom fields by GET are enough": (f"{JSON}js1_enrols_by_a_script_element",),
    "joining writes a row: Account Activated., Activation, 0": (
        f"{JSON}droid_looks_a_customer_up_and_reads_balance_and_history", f"{PHP}wp_enrols_and_shows_balances",
    ),
    "custom_field, custom_field_1 and custom1 are one": (f"{PHP}kit_keeps_a_date_with_unknown_parts_and_takes_custom1_for_the_first_custom_field",),
    "customer_search: one match directly under the response in XML": (f"{PHP}wp_enrols_and_shows_balances",),
    "customer_search: customers[] in JSON, with campaigns[]": (
        f"{JSON}py_looks_a_balance_up", f"{JSON}droid_looks_a_customer_up_and_reads_balance_and_history",
    ),
    "find_customer is customer_find": ("customer_search.the_old_name_of_customer_find_answers_too",),
    "customer_info: members, custom_field_3{label, data}": (f"{JSON}java_binds_every_answer_to_its_classes",),
    "customer_info: campaigns[] with balances": (f"{JSON}droid_looks_a_customer_up_and_reads_balance_and_history",),
    "customer_info: balance_coalition, cumulative_coalition": ("customer_info.a_coalition_shows_all_its_campaigns_with_the_shared_balance",),
    "customer_balance is balance too": (f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",),
    "customer_balance: the whole answer": ("customer_balance.the_whole_answer", f"{JSON}java_binds_every_answer_to_its_classes"),
    "customer_balance: record_timestamp; one transaction is one element": (f"{PHP}wp_enrols_and_shows_balances",),
    "customer_balance: no transactions, no element": (f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",),
    "record_activity: the points receipt": (f"{JSON}java_binds_every_answer_to_its_classes", f"{PHP}kit_records_and_redeems_in_every_way_it_offers"),
    "record_activity: the gift card receipt": (f"{JSON}droid_records_and_redeems_and_reads_the_receipts",),
    "record_activity: only filled fields of the customer": (f"{JSON}droid_records_and_redeems_and_reads_the_receipts",),
    "record_activity: agency": ("record_activity.the_agency_stands_in_the_receipt",),
    "record_activity: coalition_cumulative_balance": ("record_activity_again.a_coalition_shares_the_balance_and_shows_its_cumulative",),
    "earned needs no more than the customer": (f"{PHP}kit_records_and_redeems_in_every_way_it_offers",),
    "redeem: the gift card receipt, its amount negative": (f"{JSON}droid_records_and_redeems_and_reads_the_receipts",),
    "campaign_new: campaign{id}": (f"{JSON}java_binds_every_answer_to_its_classes",),
    "campaigns_list: account_name is the account id; ratios on points alone": (f"{JSON}droid_lists_campaigns_in_the_1_5_form",),
    "campaigns_list: the wrapper stays in both forms": (f"{PHP}wp_enrols_and_shows_balances",),
    "campaigns_list: in_coalition": ("campaigns_list.coalition_accounts_say_which_campaigns_share",),
    "campaigns_list: description where there is one": (f"{JSON}cs_shows_the_description_of_a_campaign_that_has_one",),
    "campaigns_list: length in pagination when it was given": (f"{JSON}droid_lists_campaigns_in_the_1_5_form",),
    "reports: transactions_count, R, customer_code, card_number": (f"{PHP}cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",),
    "reports: customer, custom1, amount_number, amount_type $": (f"{PHP}kit_reads_its_report_of_transactions",),
}  # fmt: skip
"""A fact -> the tests that show it."""


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_that_a_client_relies_on_has_its_test(fact: str) -> None:
    assert FACTS[fact]
    wrong = [problem for reference in FACTS[fact] if (problem := missing_test(reference))]
    assert not wrong, "\n".join(wrong)


def test_a_name_of_no_test_is_seen() -> None:
    assert missing_test("customer_info.what_nobody_wrote") == "api/calls/test_customer_info.py has no test_what_nobody_wrote"
    assert missing_test("/kit/listing.what_nobody_wrote") == "kit/test_listing.py has no test_what_nobody_wrote"
