# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - a line is a fact and the test that shows it
"""
The list of documented calls, row by row, with what proves each (tests/contract/test_section_2.py holds it).

A row names its keys in tests/scene.py (``type`` or ``type.action``), its examples beside this file, and what is documented about
it, each fact with the test that shows it: "module.function" under tests/api/calls, without their "test_"; one that begins with a
slash, as in "/clients/php_clients.name", is under tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One documented call, or several that share a row. ``examples`` are folder/name."""

    title: str
    keys: tuple[str, ...]
    examples: tuple[str, ...]
    notes: Mapping[str, str]


PENDING: set[str] = set()
"""Documented calls that are being built. One that exists by now must leave this set; then its row is held."""

ACCOUNTS = (
    Row(
        "Test access",
        ("test",),
        ("test/test",),
        {
            "the answer, to the letter": "/api/entry.the_test_call_answers_to_the_letter",
            "no credentials, GET or POST; the bare URL too": "/api/entry.get_with_a_query_string_works",
            "a JSON form": "/api/entry.the_test_call_answers_in_every_format",
            "plain HTTP answers this call alone": "/api/entry.over_plain_http_only_the_test_call_answers",
        },
    ),
    Row(
        "Update Account Information",
        ("account_update",),
        ("account_update/account_update", "account_update/every_field", "account_update/error_activate"),
        {
            "only what changes is sent": "account_update.what_is_not_sent_stays_and_blank_is_taken_away",
            "account_id is required and must be the own": "account_info.account_id_is_required_and_must_be_the_own",
            "contact_email is the agency's": "account_update.agencys_address_is_the_agencys_and_without_one_ones_own",
            "biz_empoloyees and biz_employees": "account_update.both_spellings_of_employees_are_taken",
            "countries by code or name": "account_update.country_by_code_or_by_name",
            "new_account_password": "account_update.owner_changes_his_password_and_an_administrator_does_not",
            "account_password, and an action copied by mistake": "documented_notes.account_update_takes_what_old_examples_send",
            "activate": "account_update.activation_takes_the_account_out_of_trial",
            "the words for a wrong activate, agency, zone": "account_update.wrong_values_are_told_and_nothing_changes",
            "Mailchimp and SMS credentials": "account_update.passwords_of_services_are_kept_encrypted_and_never_shown",
            "the answer is account_info's": "account_update.answer_is_that_of_account_info_and_every_field_comes_back",
        },
    ),
    Row(
        "Client - Account Info",
        ("account_info",),
        ("account_info/account_info", "account_info/coalition"),
        {
            "children in order": "account_info.members_stand_in_the_documented_order_with_what_is_on_record",
            "empty ones are there": "account_info.unfilled_members_are_there_and_empty",
            "contact_email": "account_info.contact_email_is_the_agencys",
            "timezone numbers; created": "account_info.time_zone_has_its_number_and_created_is_local",
            "coalition Yes": "account_info.coalition_is_named_only_where_it_is_one",
            "a till signs its user in": "account_info.every_role_may_since_tills_sign_in_with_it",
        },
    ),
    Row(
        "Dashboard Info",
        ("dashboard",),
        ("dashboard/dashboard", "dashboard/every_block"),
        {
            "each block on demand": "dashboard.nothing_is_shown_that_is_not_asked_for",
            "this month, last month, same period": "dashboard.counts",
            "most_active": "dashboard.most_active_customers_first_and_deleted_transactions_do_not_count",
            "transactions per campaign and day": "dashboard.each_campaign_has_each_day",
            "last_X_transactions": "dashboard.last_transactions_are_as_in_the_history_with_customer_and_campaign",
            "last_X_customers": "dashboard.last_customers_are_as_in_customer_info",
            "cut down to what the user may see": "dashboard.user_of_one_campaign_sees_that_one",
        },
    ),
)

USERS = (
    Row(
        "Create New User",
        ("user_new",),
        ("user_new/user_new", "user_new/every_field"),
        {
            "answers user_id and user_api_key": "user_new.new_user_signs_with_the_key_that_is_answered",
            "user_custom1 comes back as user_addtl_info": "user_new.every_field_comes_back",
            "allowed_campaigns: all, none, ids": "user_new.campaigns_may_come_as_a_list_and_all_is_a_word",
            "an Administrator always gets all": "user_new.administrator_always_gets_all_campaigns",
            "a PIN is unique in the account": "user_new.pin_is_unique_in_the_account_and_free_in_another",
            "language and time zone": "user_new.language_and_time_zone_are_the_accounts_unless_given",
            "the words for what is missing": "user_new.what_is_missing_is_said_in_the_published_words",
            "the words for what is wrong": "user_new.wrong_values_are_told_in_the_published_words",
            "the User ID is taken": "user_new.user_id_is_taken_by_anybody_of_any_account_in_any_case_even_deleted",
        },
    ),
    Row(
        "Update User Information",
        ("user_update",),
        ("user_update/user_update",),
        {
            "user_name says who": "user_update.user_name_is_required_and_unknown_users_are_told_alike",
            "every optional field": "user_update.every_field_changes",
            "ids as commas or allowed_campaigns[]": "user_update.allowed_campaigns_as_a_list_and_as_commas_are_one",
            "all and none": "user_update.allowed_campaigns_by_word",
            "no effect on Administrators": "user_update.allowed_campaigns_have_no_effect_on_an_administrator",
            "a PIN is unique": "user_update.pin_of_another_is_refused_and_ones_own_is_not",
            "answers as user_new": "user_update.answer_is_that_of_user_new_and_the_key_stays",
        },
    ),
    Row(
        "Users List",
        ("users_list",),
        ("users_list/users_list", "users_list/permissions", "users_list/page"),
        {
            "Administrators and the owner": "users_list.owner_and_administrators_only",
            "members and pagination": "users_list.users_have_the_documented_members_in_order",
            "the eight fields, the operators": "users_list.search_by_each_field_and_operator",
            "sorting, but not by the full name": "users_list.sorted_by",
            "offset and length": "users_list.page_of_a_sorted_list_says_how_many_there_are",
            "show_permissions": "users_list.permissions_are_shown_on_demand_and_only_those_the_user_has",
            "nobody found": "users_list.nobody_matches",
        },
    ),
    Row(
        "User Information",
        ("user_info",),
        ("user_info/user_info", "user_info/clerk"),
        {
            "members": "user_info.clerk_sees_himself_as_he_was_made",
            "permissions in their order, all of an owner": "user_info.owner_has_every_permission_in_the_published_order",
            "user_name: another user": "user_info.administrator_gets_another_users_key_and_pin",
            "suppress_permissions": "user_info.permissions_can_be_left_out",
            "terminal": "user_info.terminal_changes_nothing",
            "user_password is the key, never the login password": "user_info.login_password_is_no_key",
            "account_c2t and account_coalition": "user_info.coalition_and_two_tier_accounts_say_so",
        },
    ),
    Row(
        "Delete User",
        ("user_delete",),
        ("user_delete/user_delete", "user_delete/permanent"),
        {
            "an empty success": "user_delete.answer_is_an_empty_success",
            "Administrators only": "user_delete.administrators_delete_and_nobody_else",
            "marked: the id stays taken": "user_delete.user_id_of_a_user_marked_deleted_stays_taken",
            "permanent: the id is free": "user_delete.user_id_of_a_user_deleted_for_good_is_free_and_inherits_nothing",
        },
    ),
    Row(
        "Add / Remove Users to Campaign",
        ("campaign_users.add", "campaign_users.remove"),
        ("campaign_users/add", "campaign_users/remove", "campaign_users/nobody_changed"),
        {
            "only those really changed": "campaign_users.only_users_really_changed_are_listed",
            "one campaign": "campaign_users.removed_users_lose_that_campaign_alone",
            "blanks are trimmed; as fields": "campaign_users.list_of_users_may_come_as_fields",
            "nobody": "campaign_users.nobody_changed_is_an_empty_list",
        },
    ),
    Row(
        "user_login",
        ("user_login",),
        ("user_login/user_login",),
        {
            "account with user_id and key": "user_login.it_answers_account_info_and_the_key",
            "the key works": "user_login.the_key_it_answers_works",
            "rate-limited and locked": "user_login.repeated_failures_lock_the_right_password_out_for_a_while",
            "a member-site kit": "/clients/php_clients.kit_signs_its_clerk_in_and_uses_the_key_it_is_given",
        },
    ),
)

FIELDS = (
    Row(
        "Manage Customer Fields",
        tuple(f"manage_fields.{action}" for action in ("list", "add", "update", "delete")),
        tuple(f"manage_fields/{name}" for name in ("list", "add", "update", "delete", "predefined")),
        {
            "almost every user may list": "manage_fields.almost_everybody_may_list_and_few_may_change",
            "the 16 predefined names": "manage_fields.a_new_account_has_the_sixteen_predefined_fields",
            "several in one call; defaults": "manage_fields.several_fields_are_added_in_one_call_with_the_documented_defaults",
            "label required; choices; only Text unique": "manage_fields.a_field_that_cannot_be_is_refused_by_name_and_none_is_added",
            "predefined ones are relabelled and hidden": "manage_fields.a_predefined_field_is_relabelled_and_hidden_and_its_data_stay",
            "predefined ones can be required": "manage_fields.a_required_predefined_field_must_be_there_and_is_never_emptied",
            "update": "manage_fields.what_is_not_sent_of_a_field_stays",
            "searchable": "manage_fields.a_field_that_becomes_searchable_finds_the_customers_there_are",
            "Not Unique": "manage_fields.two_customers_with_the_same_value_refuse_uniqueness",
            "255 characters where it is searched by": "manage_fields.a_value_too_long_to_be_found_by_refuses_searchability",
            "delete": "manage_fields.deleting_a_field_deletes_its_data_for_good",
            "predefined ones cannot be deleted": "manage_fields.the_sixteen_predefined_fields_cannot_be_deleted",
            "the six types and their errors": "documented_notes.each_type_refuses_what_it_is_not_in_the_published_words",
            "every call that shows or takes a field": "documented_notes.six_types_of_customer_fields_reach_every_call",
            "Action Undefined": "documented_notes.an_action_that_is_none_is_undefined",
        },
    ),
    Row(
        "Manage Transaction Fields",
        tuple(f"transaction_fields.{action}" for action in ("list", "add", "update", "delete")),
        tuple(f"transaction_fields/{name}" for name in ("list", "add", "update", "delete")),
        {
            "from number one; only the added": "transaction_fields.the_answer_holds_only_what_was_added_from_number_one",
            "delete": "transaction_fields.a_deleted_transaction_field_takes_its_values_out_of_past_sales_and_nothing_else",
            "record_activity and the reports": "documented_notes.six_types_of_transaction_fields_reach_every_call",
        },
    ),
    Row(
        "Manage Reward Fields (ours)",
        tuple(f"reward_fields.{action}" for action in ("list", "add", "update", "delete")),
        tuple(f"reward_fields/{name}" for name in ("list", "add", "update", "delete")),
        {
            "delete": "transaction_fields.a_deleted_reward_field_takes_its_values_out_of_the_rewards",
            "campaign_new, campaign_update, campaign_rewards": "documented_notes.six_types_of_reward_fields_reach_every_call",
        },
    ),
)

CUSTOMERS = (
    Row(
        "Record or Register a New Customer",
        ("record_customer.new", "record_customer.register"),
        ("record_customer/new", "record_customer/new_card_made", "record_customer/new_code_made", "record_customer/register"),
        {
            "customer/code": "record_customer.a_new_customer_is_answered_by_his_code",
            "without code the card is the code; new_code": "record_customer.without_a_code_the_card_becomes_the_code",
            "card_number_generate, prefix, suffix": "record_customer.a_made_card_number_is_answered",
            "a GET with few fields": "record_customer.a_get_with_few_fields_is_enough",
            "campaign_id: one or several": "record_customer.campaigns_may_be_sent_as_a_list",
            "the activation row; auto_add": "record_customer.joining_campaigns_shows_an_activation_and_the_opening_amount",
            "send_no_email": "record_customer.mail_is_written_unless_it_is_not_wanted",
            "custom_field = custom_field_1 = custom1": "record_customer.old_names_of_the_first_custom_field_mean_the_same",
            "unknown parts of a date are 00": "/clients/php_clients.kit_keeps_a_date_with_unknown_parts_and_takes_custom1_for_the_first_custom_field",
            "register: an issued card and a password": "record_customer.a_member_takes_over_an_issued_card",
            "register needs both": "record_customer.registering_needs_a_card_that_was_issued_and_a_password",
            "who exists is refused in the published words": "record_customer.who_is_there_already_is_refused",
            "trial: ten customers": "record_customer.a_trial_account_takes_ten_customers",
            "a campaign that is not valid": "record_customer.a_campaign_that_cannot_be_joined_is_refused",
            "ampersands": "/clients/php_clients.php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed",
        },
    ),
    Row(
        "Update Customer Information",
        ("record_customer.edit",),
        ("record_customer/edit", "record_customer/error_several"),
        {
            "code missing: a new customer under a random code": "record_customer.an_edit_without_a_code_makes_a_new_customer",
            "code unknown: a new customer with the data given": "record_customer.an_edit_with_an_unknown_code_makes_a_new_customer",
            "only a card: matched first": "record_customer.an_edit_with_only_a_card_matches_it_first",
            "what is sent is written": "record_customer.an_edit_keeps_what_is_not_sent_and_empties_what_is_blank",
            "a clerk does not change an assigned card": "/customers/enrol.a_clerk_cannot_change_an_assigned_card",
        },
    ),
    Row(
        "Generate a New Customer Card Number",
        ("generate_card_number",),
        ("generate_card_number/generate_card_number",),
        {
            "16 digits by default": "generate_card_number.a_number_of_16_digits_is_made",
            "prefix and suffix": "generate_card_number.length_prefix_and_suffix_are_kept",
            "unique in the account": "generate_card_number.nobodys_card_or_code_is_made",
        },
    ),
    Row(
        "Batch Import Customers",
        ("customers_batch",),
        ("customers_batch/customers_batch", "customers_batch/api_1_5", "customers_batch/line_errors"),
        {
            "the documented line": "customers_batch.the_documented_line_enrols_a_customer_in_the_campaign",
            "delimiters and line ends": "customers_batch.every_delimiter_and_every_line_end",
            "campaigns by |,| or by commas; auto_add": "customers_batch.campaigns_are_joined_by_either_separator_and_get_the_opening_amount",
            "code or card_number; card_number_generate": "customers_batch.without_a_code_the_card_becomes_it_and_cards_are_made",
            "overwrite_duplicates: yes, update, ignore": "customers_batch.what_overwriting_does",
            "profiles_data and Profiles_Data": "customers_batch.both_spellings_of_the_data_are_taken",
            "undo in both forms": "customers_batch.undo_is_on_in_the_old_form_and_off_in_the_new_one_unless_told",
            "the published words": "customers_batch.the_published_words",
            "line and text of each refused": "customers_batch.each_wrong_line_is_named_and_the_others_are_kept",
            "trial: ten customers": "customers_batch.an_account_in_trial_takes_ten",
            "atomic": "customers_batch.atomic_writes_all_or_nothing",
            "headers numbered upward, none skipped": "/transactions/batch_columns.a_header_that_can_not_be_is_named",
            "lines ended by LF and/or CR": (
                "/transactions/batch_columns.lines_end_with_any_mark_and_are_counted_as_the_sender_counts_them"
            ),
        },
    ),
    Row(
        "Customer - Search",
        ("customer_search",),
        ("customer_search/one_match", "customer_search/several"),
        {
            "one match directly under the response": "customer_search.a_single_match_stands_directly_under_the_response",
            "several in a list": "customer_search.several_matches_stand_in_a_list",
            "no filter: the whole list": "customer_search.without_a_filter_everybody_is_listed",
            "each filter": "customer_search.each_filter_narrows",
            "exact_match": "/customers/search.an_exact_match_is_of_the_whole_value",
            "include_balances": "customer_search.balances_stand_inside_each_customer",
            "password and PIN": "/customers/search.a_password_or_pin_is_compared_whole",
            "custom fields, as sent and as shown": "documented_notes.a_customer_is_found_by_a_field_as_it_was_sent_and_as_it_is_shown",
            "dates as clients write them": "customer_search.a_day_is_found_as_clients_write_it",
            "parts of values": "documented_notes.a_day_and_a_part_of_an_amount_are_found_partially",
        },
    ),
    Row(
        "Customer - Find",
        ("customer_find",),
        ("customer_find/one_match",),
        {
            "blank AND, comma OR, AND first": "customer_search.words_are_and_commas_are_or",
            "over all fields, partial, in any case": "/customers/search.words_are_found_in_any_field",
            "phone numbers however they are typed": "customer_search.a_phone_number_is_found_however_it_is_typed",
            "find_customer is the same call": "customer_search.the_old_name_of_customer_find_answers_too",
            "include_balances": "customer_search.balances_stand_inside_each_customer",
        },
    ),
    Row(
        "Retrieve Customer Information",
        ("customer_info",),
        (
            "customer_info/customer_info",
            "customer_info/one_campaign",
            "customer_info/without_balances",
            "customer_info/coalition",
        ),
        {
            "code or card_number": "customer_info.a_card_finds_by_card_address_and_phone_and_code_wins",
            "the documented order": "customer_info.the_customer_is_shown_in_the_documented_order_with_empty_fields",
            "include_balances=N": "customer_info.include_balances_n_gives_the_customer_only",
            "campaign_id": "customer_info.campaign_id_gives_only_that_campaign_and_zeros_where_the_customer_never_was",
            "hide_custom_field": "customer_info.hide_custom_field_drops_it",
            "coalitions; show_only_belong_to": "customer_info.a_coalition_shows_all_its_campaigns_with_the_shared_balance",
            "hidden fields are shown too": "manage_fields.a_predefined_field_is_relabelled_and_hidden_and_its_data_stay",
            "a points campaign": "customer_info.a_points_campaign_in_full",
            "buyx balances[]": "customer_info.events_and_buyx_campaigns",
        },
    ),
    Row(
        "Customer Balance and Transaction History",
        ("customer_balance",),
        ("customer_balance/customer_balance", "customer_balance/no_transactions", "customer_balance/coalition"),
        {
            "the whole answer": "customer_balance.the_whole_answer",
            "balance is the same call": "customer_balance.balance_is_the_same_call",
            "transactions_number": "customer_balance.transactions_number_limits_the_list",
            "across_campaigns": "customer_balance.a_coalition_shows_its_balance_and_this_campaigns_transactions_unless_asked_across",
            "no transactions, no element; 0000-00-00": "customer_balance.nothing_yet",
            "the activation row": "customer_balance.joining_is_an_activation_row",
            "real = N": "customer_balance.rows_that_rules_made_are_not_real",
            "buyx balances[]": "customer_balance.buyx_lists_its_items_in_place_of_a_balance",
            "money": "customer_balance.money_is_written_as_money",
        },
    ),
    Row(
        "Delete a Customer",
        ("customer_delete",),
        ("customer_delete/customer_delete",),
        {
            "code is required": "customer_delete.a_customer_is_deleted_by_his_code_alone",
            "gone for every call": "customer_delete.a_deleted_customer_is_gone_for_every_call",
        },
    ),
    Row(
        "Customer Password Validation",
        ("validate_customer_password",),
        ("validate_customer_password/validate_customer_password",),
        {
            "an empty success": "validate_customer_password.success_is_an_empty_answer",
            "all passed values must match": "validate_customer_password.all_that_is_sent_must_match",
            "the published words": "validate_customer_password.what_is_wrong_is_said",
            "several match": "validate_customer_password.several_who_share_an_address_are_refused",
        },
    ),
    Row(
        "Customer Card Replace",
        ("card_replace",),
        ("card_replace/card_replace",),
        {
            "previous_code wins over previous_card": "card_replace.the_new_card_and_the_old_one_find_the_customer",
            "card_number_generate": "card_replace.a_card_number_is_made_of_so_many_digits",
            "all other data; profile_uid": "card_replace.without_old_numbers_all_data_must_match_one_customer",
            "check_override": "card_replace.somebody_elses_number_is_refused_unless_overridden",
            "keep_which": "card_replace.overridden_the_two_are_merged_and_keep_which_says_whose_profile_stays",
        },
    ),
)
