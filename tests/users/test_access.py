# SPDX-License-Identifier: Apache-2.0
"""The permission matrix, read back against the prose of api.md 5 ("Role letters")."""

from __future__ import annotations

import dataclasses

import pytest

from regulars.accounts.directory import UserConfig
from regulars.errors import InvariantViolation, PermissionDenied
from regulars.users.access import (
    ALL,
    MATRIX,
    OWN_PERMISSIONS,
    PERMISSIONS,
    ROLES,
    assignable_roles,
    may,
    may_manage_user,
    may_see_user,
    permissions_of,
    require,
)

LETTERS = "AMNLSDCOKHPQFGI"


def user(role: str, *, user_id: int = 1, is_owner: bool = False, campaigns: frozenset[int] | str = "all") -> UserConfig:
    some = not isinstance(campaigns, str)
    return UserConfig(
        id=user_id, code=f"user{user_id}", role=role, is_owner=is_owner, first_name="", last_name="", custom1="", language="en",
        language_custom=False, timezone="UTC", campaigns_access="some" if some else campaigns,
        allowed_campaign_ids=campaigns if some else frozenset(), token_hash=b"", previous_token_hash=None,
        previous_token_until=None, duplicate_guard="off", duplicate_guard_seconds=30, has_pin=False,
    )  # fmt: skip


# One row per action that a call or a screen is gated by, and the letters that may: read from the prose by hand.
ROWS = {
    "view_account_info": LETTERS,
    "open_campaign": LETTERS,
    "edit_account_info": "A",
    "activate_account": "AC",
    "api_user_long_account_info": "A",
    "affiliate": "A",
    "add_customer": "AMNLSKHPQGI",
    "edit_customer_info": "AMNLSKGI",
    "edit_customer_card_number": "AMNLSGI",
    "delete_customer": "AMNLI",
    "view_customer_search": "AMNLSOKHPQFGI",
    "customer_visit_add": "AMNLSKHPQGI",
    "customer_visit_redeem": "AMNLSKHFGI",
    "customer_visit_delete": "AMNLSGI",
    "customer_visits_view": "AMNLSKHQGI",
    "import_customers": "AMNLI",
    "api_batch_customers": "AMNLI",
    "api_batch_transactions": "AMNLGI",
    "manage_fields": "AMNLGI",
    "list_fields": "AMNLSDCOKHPQGI",
    "add_campaign": "AMLD",
    "delete_campaign": "AMLGI",
    "update_campaign": "AMNLDGI",
    "edit_campaign_name": "AMNLDGI",
    "activate_campaign": "AMNLDGI",
    "deactivate_campaign": "AMNLDGI",
    "access_campaign_settings": "AMNLDCGI",
    "edit_points_prefs": "AMNLDGI",
    "view_points_prefs": "AMNLDCGI",
    "view_rewards": "AMNLSDCOKHFGI",
    "add_rewards": "AMNLSDGI",
    "edit_rewards": "AMNLSDGI",
    "delete_rewards": "AMNLSDGI",
    "view_promotions": "AMNLSDCOKHPQGI",
    "add_promotions": "AMNLSDGI",
    "edit_promotions": "AMNLSDGI",
    "delete_promotions": "AMNLSDGI",
    "view_buyx_items": "AMNLSDCOKHPQFGI",
    "add_buyx_items": "AMNLDGI",
    "edit_buyx_items": "AMNLDGI",
    "add_depreciations": "AMNLDGI",
    "add_recurring_fee": "AMNLDGI",
    "view_user": "AMLOGI",
    "add_user": "AML",
    "edit_user": "AMLGI",
    "delete_user": "A",
    "list_users": "A",
    "edit_users_campaigns_list": "AMLGI",
    "access_reports": "AMNLDCGI",
    "export_csv": "AMNLDCGI",
    "export_mailchimp": "AMNLGI",
    "edit_my_info": "AMNLSCOKHGI",
    "show_administrator_option": "A",
    "show_manager_option": "A",
}


def test_there_are_15_roles_and_99_published_names_in_order():
    assert "".join(sorted(ROLES)) == "".join(sorted(LETTERS))
    assert len(PERMISSIONS) == len(set(PERMISSIONS)) == 99
    assert (PERMISSIONS[0], PERMISSIONS[-1]) == ("activate_account", "affiliate")
    assert not set(OWN_PERMISSIONS) & set(PERMISSIONS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_exactly_these_roles_may(name: str):
    assert {role for role in ROLES if may(user(role), name)} == set(ROWS[name])


@pytest.mark.parametrize("role", LETTERS)
def test_require_agrees_with_the_matrix_for_every_name(role: str):
    for name in ALL:
        if name in MATRIX[role]:
            require(user(role), name)
        else:
            with pytest.raises(PermissionDenied, match="User does not have permission"):
                require(user(role), name)


@pytest.mark.parametrize("role", LETTERS)
def test_owner_may_everything_whatever_his_letter(role: str):
    assert permissions_of(user(role, is_owner=True)) == ALL


def test_unknown_permission_is_our_bug_and_loud():
    with pytest.raises(InvariantViolation):
        require(user("A"), "fly")


def test_nobody_can_give_a_role_that_may_more_than_himself():
    for role in LETTERS:
        for given in assignable_roles(user(role)):
            assert MATRIX[given] <= MATRIX[role]


def test_roles_that_can_be_given():
    assert set(assignable_roles(user("A"))) == set(LETTERS)
    assert set(assignable_roles(user("M"))) == set("NSDOKHPQF")
    assert set(assignable_roles(user("L"))) == set("NSDOKHPQF")


def test_store_manager_sees_only_users_who_share_a_campaign():
    lena = user("L", user_id=1, campaigns=frozenset({10, 11}))
    assert may_see_user(lena, user("K", user_id=2, campaigns=frozenset({11, 12})))
    assert not may_see_user(lena, user("K", user_id=3, campaigns=frozenset({12})))
    assert not may_see_user(lena, user("K", user_id=4, campaigns="none"))
    assert not may_see_user(lena, user("A", user_id=5))
    assert may_see_user(lena, lena)


def test_manager_manages_clerks_but_neither_administrators_nor_the_owner():
    mary = user("M", user_id=1)
    assert may_manage_user(mary, user("K", user_id=2))
    assert not may_manage_user(mary, user("A", user_id=3))
    assert not may_manage_user(mary, user("C", user_id=4))
    assert not may_manage_user(user("A", user_id=5), user("A", user_id=6, is_owner=True))
    assert may_manage_user(user("A", user_id=5), user("A", user_id=7))


def test_observer_sees_users_and_manages_none():
    olga = user("O", user_id=1)
    clerk = user("K", user_id=2)
    assert may_see_user(olga, clerk)
    assert not may_manage_user(olga, clerk)


def test_manager_of_one_campaign_does_not_manage_users_of_others():
    mary = user("M", user_id=1, campaigns=frozenset({10}))
    assert may_manage_user(mary, user("K", user_id=2, campaigns=frozenset({10})))
    assert may_manage_user(mary, user("K", user_id=3, campaigns="none"))
    assert not may_manage_user(mary, user("K", user_id=4, campaigns=frozenset({10, 11})))
    assert not may_manage_user(mary, user("K", user_id=5, campaigns="all"))


def test_himself_one_manages_unless_the_role_is_for_one_task_only():
    for role in LETTERS:
        himself = user(role)
        assert may_manage_user(himself, dataclasses.replace(himself)) == (role not in "PQFD")
