# SPDX-License-Identifier: Apache-2.0
"""users_list: everybody of the account, searched, sorted and paged; for Administrators and the owner (api.md 5)."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.users.access import MATRIX, PERMISSIONS, ROLES
from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_campaign, make_user, unique_name

DOCUMENTED = [
    "user_id", "user_first_name", "user_last_name", "user_api_key", "user_PIN", "user_addtl_info", "user_language",
    "user_language_custom", "user_timezone", "user_role", "user_allowed_campaigns",
]  # fmt: skip


def users(api: Api, made: Any, **fields: Any) -> Parsed:
    return api.call("users_list", API="1.6", **made.credentials, **fields)


def names(answer: Parsed) -> list[str]:
    assert answer.ok, answer
    return [user.findtext("user_first_name") for user in answer.xml.findall("users/user")]


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    """Alice's shop with three more users; nobody changes it."""
    alice = make_account(contact_first_name="Alice", contact_last_name="Baker")
    people = (
        ("K", "John", "Smith", "Toronto", "en", "14"), ("M", "Mary", "Jones", "Boise", "fr", "5"),
        ("K", "Bob", "", "LAX_1", "fr", "30"),
    )  # fmt: skip
    for role, first, last, place, language, zone in people:
        make_user(alice, role=role, first_name=first, last_name=last, custom1=place, language=language, timezone=zone)
    return alice


def test_users_have_the_documented_members_in_order(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    xena = make_user(
        alice, role="M", first_name="Xena", last_name="Tra", custom1="Kigali", pin="4711", language="fr", timezone="5",
        campaigns_access="some", allowed_campaign_ids=[one.id],
    )  # fmt: skip
    answer = users(api, alice, searchField="user_name", searchOper="eq", searchValue=xena.code)
    assert [element.tag for element in answer.xml.find("users/user")] == DOCUMENTED
    assert answer.json["users"] == [
        {
            "user_id": xena.code, "user_first_name": "Xena", "user_last_name": "Tra", "user_api_key": xena.token,
            "user_PIN": "4711", "user_addtl_info": "Kigali", "user_language": "FR", "user_language_custom": "No",
            "user_timezone": "5", "user_role": "M",
            "user_allowed_campaigns": {"status": "some", "campaign_ids": [{"xml_value_to_show": one.number}]},
        }
    ]  # fmt: skip
    assert answer.json["pagination"] == {"total": "1", "offset": "0"}


def test_everybody_is_listed_the_owner_first(api: Api, shop: MadeAccount):
    answer = users(api, shop)
    assert names(answer)[0] == "Alice"
    assert sorted(names(answer)) == ["Alice", "Bob", "John", "Mary"]
    assert answer.at("pagination/total") == "4"


@pytest.mark.parametrize(
    ("field", "operator", "value", "found"),
    [
        ("user_first_name", "eq", "john", {"John"}),
        ("user_last_name", "bw", "S", {"John"}),
        ("user_last_name", "nu", "", {"Bob"}),
        ("user_last_name", "nn", "", {"Alice", "John", "Mary"}),
        ("user_full_name", "eq", "John Smith", {"John"}),
        ("user_full_name", "ew", "jones", {"Mary"}),
        ("user_role", "eq", "K", {"John", "Bob"}),
        ("user_role", "in", "A,M", {"Alice", "Mary"}),
        ("user_role", "ni", "A,M", {"John", "Bob"}),
        ("language", "eq", "FR", {"Mary", "Bob"}),
        ("language", "ne", "FR", {"Alice", "John"}),
        ("timezone", "eq", "5", {"Mary"}),
        ("timezone", "cn", "4", {"Alice", "John"}),
        ("user_custom1", "eq", "Toronto", {"John"}),
        ("user_custom1", "bw", "LAX_", {"Bob"}),
        ("user_custom1", "bn", "LAX_", {"Alice", "John", "Mary"}),
        ("user_custom1", "en", "o", {"Alice", "Mary", "Bob"}),
        ("user_custom1", "nc", "o", {"Alice", "Bob"}),
        ("user_name", "bw", "userm", {"Mary"}),
    ],
)
def test_search_by_each_field_and_operator(api: Api, shop: MadeAccount, field: str, operator: str, value: str, found: set[str]):
    assert set(names(users(api, shop, searchField=field, searchOper=operator, searchValue=value))) == found


@pytest.mark.parametrize(
    ("field", "order", "expected"),
    [
        ("user_first_name", "ASC", ["Alice", "Bob", "John", "Mary"]),
        ("user_first_name", "DESC", ["Mary", "John", "Bob", "Alice"]),
        ("user_last_name", "ASC", ["Bob", "Alice", "Mary", "John"]),
        ("timezone", "DESC", ["Bob", None, None, "Mary"]),
        ("user_custom1", "ASC", ["Alice", "Mary", "Bob", "John"]),
    ],
)
def test_sorted_by(api: Api, shop: MadeAccount, field: str, order: str, expected: list[str | None]):
    shown = names(users(api, shop, sortField=field, sortOrder=order))
    assert [one if two is not None else None for one, two in zip(shown, expected, strict=True)] == expected


def test_page_of_a_sorted_list_says_how_many_there_are(api: Api, shop: MadeAccount):
    answer = users(api, shop, sortField="user_first_name", offset="1", length="2")
    assert names(answer) == ["Bob", "John"]
    assert answer.json["pagination"] == {"total": "4", "offset": "1", "length": "2"}
    assert names(users(api, shop, offset="9")) == []


def test_nobody_matches(api: Api, shop: MadeAccount):
    answer = users(api, shop, searchField="user_first_name", searchValue="Zoe")
    assert (answer.error_code, answer.errors) == ("user_not_found", ["No other users are found."])


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"searchField": "user_api_key", "searchValue": "x"}, "searchField"),
        ({"searchField": "user_name"}, "searchValue"),
        ({"searchValue": "x"}, "searchField"),
        ({"sortField": "user_full_name"}, "sortField"),
        ({"searchField": "user_name", "searchOper": "like", "searchValue": "x"}, "searchOper"),
        ({"length": "0"}, "length"),
        ({"show_permissions": "perhaps"}, "show_permissions"),
    ],
)
def test_wrong_values_name_their_parameter(api: Api, shop: MadeAccount, fields: dict[str, str], name: str):
    answer = users(api, shop, **fields)
    assert not answer.ok
    assert answer.answer.error.fields == (name,)


def test_permissions_are_shown_on_demand_and_only_those_the_user_has(api: Api, shop: MadeAccount):
    assert "user_permissions" not in users(api, shop).json["users"][0]
    shown = users(api, shop, show_permissions="Yes").json["users"]
    assert list(shown[0]["user_permissions"]) == list(PERMISSIONS)
    for user in shown[1:]:
        assert list(user["user_permissions"]) == [name for name in PERMISSIONS if name in MATRIX[user["user_role"]]]
        assert set(user["user_permissions"].values()) == {"Yes"}


def test_owner_and_administrators_only(api: Api):
    alice = make_account()
    for role in ROLES:
        answer = users(api, make_user(alice, role=role))
        if role == "A":
            assert answer.ok
        else:
            assert (answer.error_code, answer.errors) == (
                "permission_denied", ["Only account owners can access this information"],
            )  # fmt: skip


def test_administrator_sees_every_key_but_the_owners(api: Api):
    alice = make_account()
    adam, bob = make_user(alice, role="A", pin="1234"), make_user(alice, pin="4711")
    shown = {user["user_id"]: (user["user_api_key"], user["user_PIN"]) for user in users(api, adam).json["users"]}
    assert shown == {alice.code: ("", ""), adam.code: (adam.token, "1234"), bob.code: (bob.token, "4711")}


def test_deleted_users_and_other_accounts_are_not_listed(api: Api):
    alice, carol = make_account(), make_account()
    gone, theirs = make_user(alice), make_user(carol)
    assert api.call("user_delete", **alice.credentials, user_name=gone.code).ok
    shown = [user["user_id"] for user in users(api, alice).json["users"]]
    assert shown == [alice.code]
    assert theirs.code not in repr(users(api, alice, searchField="user_name", searchOper="ne", searchValue=unique_name()))
