# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - a line is a fact and the test that shows it
"""The second half of the list of documented calls: transactions, campaigns, reports, tokens, and our extensions."""

from __future__ import annotations

from tests.contract.section_2 import Row

TRANSACTIONS = (
    Row(
        "Record Transaction",
        ("record_activity",),
        tuple(f"record_activity/{name}" for name in ("points", "points_promotion", "giftcard", "events", "earned", "buyx")),
        {
            "points: amount or promo_id": "record_activity.an_amount_or_a_promotion_is_needed",
            "gift card: amount": "record_activity.a_gift_card_needs_an_amount",
            "buyx: id or identifier; quantity 1": "record_activity.buyx_quantity_defaults_to_one_and_the_item_may_be_named_by_its_identifier",
            "events: nothing more": "record_activity.events_receipt_records_one_event",
            "earned: the campaign's amount": "record_activity.earned_receipt_adds_the_amount_per_event",
            "authorization": "record_activity.description_is_the_text_given_else_what_was_chosen_else_the_campaign",
            "send_transaction_email": "record_activity.mail_is_queued_when_asked_for_and_there_is_an_address",
            "+ can be recorded alone": "record_activity.a_plus_promotion_may_be_recorded_alone",
            "x needs an amount": "record_activity.a_times_promotion_needs_an_amount",
            "a negative + not below 0": "record_activity.a_negative_promotion_does_not_take_a_purchase_below_zero",
            "9.95 and 9,95": "record_activity.amounts_are_read_as_tills_write_them",
            "the published words": "record_activity.an_amount_that_is_no_amount_is_refused_in_the_published_words",
            "at least 0.01": "record_activity.an_amount_below_the_smallest_is_refused",
            "a campaign that is not valid": "record_activity.campaigns_on_hold_unknown_foreign_or_not_allowed_all_say_the_same",
            "the receipt": "record_activity.points_receipt_has_the_documented_elements_in_order",
            "agency": "record_activity.the_agency_stands_in_the_receipt",
            "only filled fields": "record_activity.the_customer_shows_only_filled_fields_and_labels_custom_ones",
            "a coalition's cumulative balance": "record_activity_again.a_coalition_shares_the_balance_and_shows_its_cumulative",
            "the second tier": "record_activity_again.a_share_of_what_is_earned_goes_to_the_second_tier",
        },
    ),
    Row(
        "Redemption Transaction",
        ("redeem",),
        tuple(
            f"redeem/{name}"
            for name in ("points_reward", "points_custom", "points_currency", "giftcard", "events", "earned", "buyx")
        ),
        {
            "points: one of three": "redeem.nothing_asked_for_is_an_error",
            "custom_points_redeem": "redeem.points_receipt_for_a_number_of_points",
            "reward_to_redeem": "redeem.points_receipt_for_a_reward_names_it",
            "custom_dollars_redeem": "redeem.points_receipt_for_a_currency_amount_shows_the_money",
            "it needs the ratio": "redeem.redeeming_by_currency_needs_a_ratio",
            "gift card and earned: money": "redeem.money_receipt",
            "buyx: id or identifier": "redeem.buyx_receipt_takes_the_items_level",
            "events: a reward": "redeem.events_receipt",
            "the internal id, not the owner's": "redeem.the_owners_identifier_is_not_the_rewards_id",
            "the words for too much": "redeem.more_than_the_balance_is_refused_in_words_for_what_was_asked",
            "at least 1": "redeem.points_need_to_be_at_least_one",
            "at least 0.01": "redeem.money_must_be_at_least_one_minor_unit",
            "not valid": "redeem.what_is_no_amount_of_money_is_not_valid",
        },
    ),
    Row(
        "Batch Transactions",
        ("batch_transactions",),
        ("batch_transactions/batch_transactions", "batch_transactions/api_1_5", "batch_transactions/line_errors"),
        {
            "the documented lines": "batch_transactions.the_documented_lines",
            "what amounts mean, with and without apply_ratio": "batch_transactions.what_amounts_mean_in_each_kind",
            "create_new_customers": "batch_transactions.unknown_customers_are_made_where_asked_for_by_what_gives_them_something",
            "no-undo and allow-undo": "batch_transactions.undo_flags_have_hyphens",
            "send_transaction_email": "batch_transactions.a_mail_is_written_where_asked_for",
            "the published words": "batch_transactions.what_is_wrong_with_the_whole_is_an_error",
            "line and text of each refused": "batch_transactions.a_wrong_line_is_named_and_its_neighbours_are_kept",
            "trial: nothing for customers beyond ten": "batch_transactions.an_account_in_trial_records_nothing_of_customers_beyond_ten",
            "atomic": "batch_transactions.atomic_is_all_or_none",
            "US and ISO dates": "batch_transactions.a_date_alone_is_its_first_moment_and_a_time_is_kept",
        },
    ),
    Row(
        "Delete a Transaction",
        ("transaction_delete",),
        ("transaction_delete/transaction_delete",),
        {
            "all four are required": "transaction_delete.all_four_parameters_are_required",
            "computed rows cannot be deleted": "customer_balance.rows_that_rules_made_are_not_real",
            "later redemptions are not re-checked": "transaction_delete.later_redemptions_are_not_checked_again",
            "gone": "transaction_delete.a_deleted_sale_is_gone_from_balance_and_history",
            "the published words": "transaction_delete.campaign_and_customer_must_be_those_of_the_transaction",
        },
    ),
)

CAMPAIGNS = (
    Row(
        "Create New Campaign",
        ("campaign_new.campaign",),
        ("campaign_new/campaign",),
        {
            "16 digits": "campaign_new.a_points_campaign_answers_its_16_digit_id",
            "blank ratios": "campaign_new.blank_ratios_mean_100_and_off",
            "amount_per_event": "campaign_new.an_earned_campaign_without_its_amount_is_refused",
            "the published words": "campaign_new.a_bad_setting_is_refused_in_the_documented_words",
            "the currency in them": "campaign_new.the_ratio_error_names_the_accounts_currency",
            "opt-outs as PHP1 sends them": "/clients/php_clients.php1_sends_user_password_with_api_1_5_and_reads_ampersands_unharmed",
        },
    ),
    Row(
        "Create New Campaign Reward / Promotion / BuyX Item",
        ("campaign_new.reward", "campaign_new.promo", "campaign_new.item"),
        ("campaign_new/reward", "campaign_new/promo", "campaign_new/item"),
        {
            "points and events only": "campaign_new.gift_cards_have_no_rewards",
            "the reward's id": "campaign_new.a_reward_answers_its_small_id",
            "the promotion's id": "campaign_new.a_promotion_answers_its_small_id",
            "the item's id": "campaign_new.an_item_answers_its_small_id",
            "words for a reward": "campaign_new.a_bad_reward_is_refused_in_the_documented_words",
            "words for a promotion": "campaign_new.a_bad_promotion_is_refused_in_the_documented_words",
            "words for an item": "campaign_new.a_bad_item_is_refused_in_the_documented_words",
        },
    ),
    Row(
        "Create New Campaign Depreciation, update, delete, list",
        ("depreciation_new", "depreciation_update", "depreciation_delete", "campaign_depreciations"),
        (
            "depreciation_new/depreciation_new",
            "depreciation_update/depreciation_update",
            "depreciation_delete/depreciation_delete",
            "campaign_depreciations/campaign_depreciations",
        ),
        {
            "points and gift cards": "depreciations.only_points_and_gift_cards_have_them",
            "from each transaction, or from any activity": "depreciations.each_earning_ages_by_itself_or_any_activity_restarts_the_clock",
            "several stack; one interval once": "depreciations.several_stack_and_two_of_one_interval_are_refused",
            "the answers": "depreciations.the_answers_nest_as_documented",
            "made, changed, deleted": "depreciations.a_depreciation_is_made_listed_changed_and_deleted",
        },
    ),
    Row(
        "Create New Campaign Fee, update, delete, list",
        ("campaign_fee_new", "campaign_fee_update", "campaign_fee_delete", "campaign_fees"),
        (
            "campaign_fee_new/campaign_fee_new",
            "campaign_fee_update/campaign_fee_update",
            "campaign_fee_delete/campaign_fee_delete",
            "campaign_fees/campaign_fees",
        ),
        {
            "points and gift cards": "campaign_fees.only_points_and_gift_cards_have_them",
            "points or money": "campaign_fees.the_amount_is_points_or_money",
            "made, changed, deleted": "campaign_fees.a_fee_is_made_listed_changed_and_deleted",
            "every interval": "campaign_fees.it_is_taken_every_interval_with_its_description_and_never_more_than_there_is",
        },
    ),
    Row(
        "Update Existing Campaign",
        ("campaign_update.campaign",),
        ("campaign_update/campaign",),
        {
            "updated": "campaign_update.a_campaign_is_changed_and_answers_as_updated",
            "a blank reward ratio turns it off": "campaign_update.a_blank_reward_ratio_turns_it_off_and_an_absent_one_leaves_it",
            "new_amount_per_event, opt-outs": "campaign_update.what_only_other_kinds_have_is_changed_there",
        },
    ),
    Row(
        "Update Reward / Promotion / BuyX Item",
        ("campaign_update.reward", "campaign_update.promo", "campaign_update.item"),
        ("campaign_update/reward", "campaign_update/promo", "campaign_update/item"),
        {
            "a reward": "campaign_update.a_reward_is_changed_and_answers_as_updated",
            "a promotion": "campaign_update.a_promotion_is_changed_and_answers_as_updated",
            "one change at least, none blank, not 0": "campaign_update.a_bad_change_of_a_promotion_is_refused_in_the_documented_words",
            "an item": "campaign_update.an_item_is_changed_and_answers_as_updated",
            "past transactions are renamed": "campaign_update.a_new_description_of_an_item_shows_in_past_transactions_too",
        },
    ),
    Row(
        "Campaigns List",
        ("campaigns_list",),
        ("campaigns_list/old_form", "campaigns_list/new_form", "campaigns_list/coalition"),
        {
            "the old form": "campaigns_list.the_old_form_shows_each_kind_with_what_it_has",
            "type_restrict in both": "campaigns_list.type_restrict_narrows_both_forms",
            "the 1.5 form": "campaigns_list.the_new_form_searches_sorts_and_pages",
            "only what the user may see": "campaigns_list.only_active_campaigns_that_the_user_may_see_are_listed",
            "in_coalition": "campaigns_list.coalition_accounts_say_which_campaigns_share",
            "a ratio that is off is 0": "campaigns_list.a_ratio_that_is_off_is_0",
        },
    ),
    Row(
        "Deactivated Campaigns List",
        ("campaigns_inactive_list",),
        ("campaigns_inactive_list/campaigns_inactive_list", "campaigns_inactive_list/new_form"),
        {"as campaigns_list": "campaigns_inactive_list.it_shows_what_is_on_hold_as_it_was_shown_before"},
    ),
    Row(
        "Campaign Rewards List",
        ("campaign_rewards",),
        ("campaign_rewards/campaign_rewards", "campaign_rewards/none"),
        {
            "reward_id only if set": "campaign_rewards.rewards_come_by_level_with_their_own_id_only_where_set",
            "only for some types": "campaign_rewards.a_campaign_of_another_type_has_none",
        },
    ),
    Row(
        "Campaign Promotions List",
        ("campaign_promos",),
        ("campaign_promos/campaign_promos", "campaign_promos/searched"),
        {
            "names": "campaign_promos.each_promotion_is_shown_also_when_it_is_over",
            "search": "campaign_promos.promotions_are_searched_sorted_and_paged",
        },
    ),
    Row(
        "BuyX Campaign Items List",
        ("buyx_items_list",),
        ("buyx_items_list/buyx_items_list",),
        {
            "names": "buyx_items_list.each_item_is_shown_with_its_level_or_the_campaigns",
            "search": "buyx_items_list.items_are_searched_sorted_and_paged",
            "the twelve operators": "/kit/listing.the_operators_are_six_with_their_opposites",
        },
    ),
    Row(
        "Delete a Campaign, Reward, Promotion or BuyX Item",
        tuple(f"campaign_delete.{part}" for part in ("campaign", "reward", "promo", "item")),
        tuple(f"campaign_delete/{part}" for part in ("campaign", "reward", "promo", "item")),
        {
            "a campaign": "campaign_delete.a_deleted_campaign_vanishes_and_its_books_stay",
            "its name stays taken": "campaign_delete.its_name_stays_taken",
            "a reward": "campaign_delete.a_deleted_reward_is_gone_and_past_redemptions_name_it",
            "a promotion": "campaign_delete.a_deleted_promotion_is_gone_and_past_transactions_name_it",
            "an item": "campaign_delete.a_deleted_item_is_gone_with_what_customers_have_of_it_and_past_transactions_name_it",
        },
    ),
    Row(
        "Deactivate / Reactivate a Campaign",
        ("campaign_deactivate", "campaign_reactivate"),
        ("campaign_deactivate/campaign_deactivate", "campaign_reactivate/campaign_reactivate"),
        {
            "gone from lists, data kept": "campaign_deactivate.a_deactivated_campaign_vanishes_from_lists_and_calls_and_keeps_its_data",
            "back as it was": "campaign_reactivate.a_campaign_comes_back_as_it_was",
        },
    ),
)

MARKETING = tuple(f"customers_{name}" for name in ("all", "new", "frequent", "missing", "birthday", "custom_date", "search"))
AUDITS = ("transactions_all", "transactions_redeemed", "audit_totals", "coalition_points", "coalition_stored_value")

REPORTS = (
    Row(
        "Reports: Marketing",
        tuple(f"reports.{name}" for name in MARKETING),
        tuple(f"reports/{name}" for name in MARKETING),
        {
            "names": "reports.a_customer_has_the_documented_names_in_order",
            "all: dates are ignored without campaigns": "reports.all_customers_without_campaigns_whatever_the_dates",
            "all: last": "reports.last_brings_only_who_is_new_or_changed",
            "missing_for days": "reports.the_missing_are_counted_in_days",
            "birthdays": "reports.the_range_of_birthdays_minds_no_year",
            "custom date": "reports.a_custom_date_is_in_the_range_with_its_year",
            "search_text; include_transactions_search": "reports.the_search_looks_through_customers_and_if_asked_their_transactions",
            "new, frequent, include_redeemed": "reports_scan.customer_reports_are_a_scan_of_the_entries",
            "no data": "reports.without_a_row_the_published_sentences_are_answered",
            "date_end is today": "documented_notes.a_report_without_an_end_goes_to_today",
            "PHP1's own report values do not exist": "reports.an_unknown_report_is_undefined",
        },
    ),
    Row(
        "Reports: Audits",
        (*(f"reports.{name}" for name in AUDITS), "reports.customers_balances"),
        (*(f"reports/{name}" for name in AUDITS), "reports/customers_balances", "reports/customers_balances_coalition"),
        {
            "names": "reports.a_transaction_has_the_documented_names_in_order",
            "last": "reports.last_brings_only_later_transactions",
            "restrict_by_user": "reports.only_one_users_transactions_when_asked_for",
            "show_activations": "reports.activations_are_shown_when_asked_for",
            "R, $, negative returns": "reports.amounts_are_in_the_unit_of_the_campaign_and_money_is_marked",
            "totals: letters and commas": "reports.totals_have_the_documented_names_letters_and_commas",
            "the two coalition values": "reports.store_totals_are_for_coalitions_and_two_tiers_alone",
            "balances: offset and limit": "reports.balances_are_shown_page_by_page",
            "opted-out campaigns are left out": "reports.a_coalitions_balances_leave_out_who_opted_out",
            "CAKE": "/clients/php_clients.cake_sends_get_requests_to_the_root_and_reads_balances_and_reports",
            "KIT": "/clients/php_clients.kit_reads_its_report_of_transactions",
        },
    ),
)

TOKENS = (
    Row(
        "Token: Get / Validate",
        ("generate_time_token", "validate_time_token"),
        ("generate_time_token/generate_time_token", "validate_time_token/validate_time_token"),
        {
            "36 capital letters": "time_tokens.a_token_is_36_capital_letters_and_no_two_are_the_same",
            "60 seconds": "time_tokens.it_is_valid_for_60_seconds_unless_told_otherwise",
            "status valid": "time_tokens.every_user_of_the_account_may_validate_it_again_and_again",
        },
    ),
)

EXTENSIONS = (
    Row(
        "Merge two customers (ours)",
        ("customer_merge",),
        ("customer_merge/customer_merge",),
        {"everything moves": "customer_merge.the_one_who_stays_has_everything_and_answers_to_both_numbers"},
    ),
    Row(
        "Take back a transaction, also in part (ours)",
        ("transaction_reverse",),
        ("transaction_reverse/part", "transaction_reverse/redemption"),
        {"in proportion": "transaction_reverse.a_part_of_a_purchase_takes_its_points_in_proportion_and_parts_add_up"},
    ),
    Row(
        "Settlement between stores (ours)",
        ("settlement",),
        ("settlement/settlement", "settlement/closed"),
        {
            "who gave and who honoured": "settlement.a_store_that_honours_anothers_points_is_paid_for_them",
            "adds up to zero": "/property/settlement_machine.whatever_happens_stores_settle_to_nothing_and_the_statements_are_the_books",
            "the second tier": "settlement.what_a_second_tier_gives_is_given_by_the_store_that_sold_and_honoured_by_the_mall",
        },
    ),
    Row(
        "Close a period of settlement (ours)",
        ("settlement_close",),
        ("settlement_close/settlement_close",),
        {
            "it freezes": "settlement.a_closed_period_stays_as_it_was_and_what_comes_later_counts_in_the_open_one",
            "dry run and key": "settlement.a_dry_run_closes_nothing_and_a_key_closes_once",
        },
    ),
    Row(
        "List the closed settlements (ours)",
        ("settlement_list",),
        ("settlement_list/settlement_list",),
        {"latest first": "settlement.a_closed_period_stays_as_it_was_and_what_comes_later_counts_in_the_open_one"},
    ),
)
