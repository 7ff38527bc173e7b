# SPDX-License-Identifier: Apache-2.0
"""
Every note of the documentation about coalition and two-tier accounts has its test. Left out of the table, or without its test,
a note fails here; "module.function" as in tests/contract/references.py.
"""

from __future__ import annotations

import pytest

from tests.access.test_matrix import CALLS
from tests.contract.references import missing_test

WHOLE = "coalition.each_calls_note_on_coalitions_holds_after_the_switch"
NOTES: dict[str, dict[str, str]] = {
    "account_info": {"coalition Yes (api.md 4)": "account_info.coalition_is_named_only_where_it_is_one"},
    "account_update": {
        "Activation Code not valid (4)": "coalition.a_code_that_is_not_valid_changes_nothing",
        "a code makes the account a coalition (4)": "coalition.a_code_makes_the_account_a_coalition_and_says_what_moved",
        "master campaign, contribution in percent (concepts 6)": (
            "coalition.the_second_tier_is_set_changed_and_ended_by_account_update"
        ),
    },
    "user_info": {
        "account_c2t, account_coalition (5)": "user_info.coalition_and_two_tier_accounts_say_so",
        "role L: users of his own campaigns (5)": (
            "coalition.a_store_manager_sees_his_stores_with_the_shared_balance_and_their_users_alone"
        ),
    },
    "record_customer": {"an opening amount contributes (13)": "coalition.an_opening_amount_contributes_too"},
    "customer_info": {
        "all campaigns of the coalition, each with its balance (7)": (
            "customer_info.a_coalition_shows_all_its_campaigns_with_the_shared_balance"
        ),
        "show_only_belong_to (7)": WHOLE,
        "equivalent_cash_balance, once (7)": "customer_info.a_shared_balance_is_worth_its_money_once",
    },
    "customer_search": {"balances are the shared ones (7)": WHOLE},
    "customer_balance": {
        "balance is the coalition's, only this campaign's transactions (7)": (
            "customer_balance.a_coalition_shows_its_balance_and_this_campaigns_transactions_unless_asked_across"
        ),
        "across_campaigns is for coalitions (7)": "customer_balance.across_campaigns_means_nothing_outside_a_coalition",
        "in a store he never was in (7)": (
            "customer_balance.a_coalitions_balance_is_there_in_a_store_the_customer_never_was_in"
        ),
    },
    "customer_merge": {
        "no campaign's total changes (13)": "/coalition/switching.a_merge_in_a_coalition_changes_no_campaigns_total",
    },
    "record_activity": {
        "coalition_cumulative_balance (8)": "record_activity_again.a_coalition_shares_the_balance_and_shows_its_cumulative",
        "second_tier of the receipt (13)": "record_activity_again.a_share_of_what_is_earned_goes_to_the_second_tier",
    },
    "redeem": {
        "the shared balance can be spent in any store (8)": "redeem.a_coalition_card_is_redeemed_anywhere_in_it",
        "coalition_cumulative_balance (8)": WHOLE,
        "gives nothing to the second tier (13)": "redeem.a_redemption_gives_no_share_to_the_second_tier",
    },
    "transaction_reverse": {
        "contributions go back in proportion (13)": "transaction_reverse.a_second_tier_goes_back_in_proportion",
    },
    "transaction_delete": {
        "so do those of a deleted sale (13)": (
            "transaction_delete.a_reversed_sale_that_is_deleted_takes_its_share_of_the_second_tier_out_of_sight"
        ),
    },
    "balance_explain": {
        "of other stores only what the balance shows (13)": (
            "balance_explain.a_stores_clerk_sees_of_other_stores_only_what_the_shared_balance_shows"
        ),
    },
    "campaigns_list": {"in_coalition (9)": "campaigns_list.coalition_accounts_say_which_campaigns_share"},
    "campaign_new": {
        "coalition_opt_out (9)": "coalition.a_campaign_can_stay_out_from_the_start",
        "two_tier_opt_out (9)": "coalition.a_campaign_can_keep_out_of_the_second_tier_from_the_start",
    },
    "campaign_update": {
        "coalition_opt_out both ways (9)": "coalition.a_store_leaves_with_what_is_left_of_its_own_and_comes_back",
        "two_tier_opt_out both ways (9)": "coalition.the_second_tier_is_set_changed_and_ended_by_account_update",
    },
    "campaign_delete": {
        "what was earned in it is not lost (9)": "campaign_delete.a_shared_balance_outlives_the_store_it_was_earned_in",
    },
    "reports": {
        "coalition_points, coalition_stored_value (10)": "coalition.reports_show_stores_and_shared_balances",
        "only for coalition and two-tier accounts (10)": "reports.store_totals_are_for_coalitions_and_two_tiers_alone",
        "coalition_balance; opted out campaigns excluded (10)": "reports.a_coalitions_balances_leave_out_who_opted_out",
        "the second tier in reports (10)": "coalition.two_tier_reports_are_there_for_the_mall",
    },
    "settlement": {
        "the net positions add up to zero (13)": "/coalition/settlement.whatever_was_honoured_the_positions_add_up_to_zero",
        "the second tier (13)": (
            "settlement.what_a_second_tier_gives_is_given_by_the_store_that_sold_and_honoured_by_the_mall"
        ),
    },
}  # fmt: skip
"""Call -> what is noted of coalitions and second tiers (and where), and the test of it."""


@pytest.mark.parametrize("call", list(NOTES))
def test_each_note_has_its_test(call: str) -> None:
    assert call in {key.partition(".")[0] for key in CALLS}
    wrong = [problem for reference in NOTES[call].values() if (problem := missing_test(reference))]
    assert not wrong, "\n".join(wrong)


def test_every_call_that_speaks_of_coalitions_or_tiers_is_in_the_table() -> None:
    """Said in its parameters or its words: then there is something to hold."""
    words = ("coalition", "second tier", "two_tier", "two-tier")
    found = set()
    for key, (_, call) in CALLS.items():
        said = [call.handle.__doc__ or "", *(str(each.metadata) for each in call.params.__dataclass_fields__.values())]
        if any(word in text.lower() for text in said for word in words):
            found.add(key.partition(".")[0])
    assert found - set(NOTES) == set()
