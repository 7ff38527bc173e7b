# SPDX-License-Identifier: Apache-2.0
"""card_replace: a customer gets a new card, a new code, or both (api.md 7, 13)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def owner(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_the_new_card_and_the_old_one_find_the_customer(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", card_number="51")
    answer = owner.call("card_replace", previous_card="51", new_card_number="61", new_code="one")
    assert answer.json["customer"] == {
        "code": "one", "card_number": "61", "previous_code": "1", "previous_card_number": "51", "status": "updated",
    }  # fmt: skip
    for number in ({"code": "1"}, {"code": "one"}, {"card_number": "51"}, {"card_number": "61"}):
        assert owner.call("customer_info", **number).at("customer/code") == "one"
    back = owner.call("card_replace", previous_code="one", new_card_number="51")
    assert back.at("customer/card_number") == "51"
    assert owner.call("customer_info", card_number="61").at("customer/code") == "one"


def test_a_card_number_is_made_of_so_many_digits(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", card_number="51")
    made = owner.call("card_replace", previous_code="1", card_number_generate="12").at("customer/card_number")
    assert len(made) == 12
    assert owner.call("customer_info", card_number=made).at("customer/code") == "1"


def test_without_old_numbers_all_data_must_match_one_customer(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", first_name="Amy", last_name="Acker")
    make_customer(alice, code="2", first_name="Amy", last_name="Baker")
    assert owner.call("card_replace", new_card_number="61").errors == ["Missing parameter: previous_code"]
    several = owner.call("card_replace", first_name="amy", new_card_number="61")
    assert several.errors == ["More than one customer matches data provided."]
    none = owner.call("card_replace", first_name="Amy", last_name="Cole", new_card_number="61")
    assert none.errors == ["No customer matches data provided."]
    assert owner.call("card_replace", first_name="Amy", last_name="Baker", new_card_number="62").at("customer/code") == "2"
    several = owner.call("customer_search", first_name="Amy").json["customers"]
    uids = {customer["code"]: customer["profile_uid"] for customer in several}
    picked = owner.call("card_replace", first_name="Amy", profile_uid=uids["1"], new_card_number="61")
    assert picked.at("customer/code") == "1"


def test_somebody_elses_number_is_refused_unless_overridden(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", card_number="51")
    make_customer(alice, code="2", card_number="52")
    for wanted in ({"new_card_number": "52"}, {"new_code": "2"}):
        refused = owner.call("card_replace", previous_code="1", **wanted)
        assert refused.errors == ["The information entered matches an existing customer."]
    assert owner.call("customer_info", code="2").at("customer/card_number") == "52"
    assert owner.call("card_replace", previous_code="1").errors == ["Missing parameter: new_card_number"]
    assert owner.call("card_replace", previous_code="9", new_card_number="5").error_code == "customer_not_found"


@pytest.mark.parametrize(("keep", "name", "code"), [("", "Amy", "1"), ("matched", "Amy", "1"), ("duplicate", "Ann", "2")])
def test_overridden_the_two_are_merged_and_keep_which_says_whose_profile_stays(
    owner: Api, alice: MadeAccount, keep: str, name: str, code: str
) -> None:
    campaign = make_campaign(alice)
    make_customer(alice, code="1", card_number="51", first_name="Amy", campaigns=(campaign,), openings=(100,))
    make_customer(alice, code="2", card_number="52", first_name="Ann", campaigns=(campaign,), openings=(40,))
    answer = owner.call("card_replace", previous_code="1", new_card_number="52", check_override="Y", keep_which=keep)
    assert (answer.at("customer/code"), answer.at("customer/card_number")) == (code, "52")
    assert (answer.at("customer/previous_code"), answer.at("customer/previous_card_number")) == ("1", "51")
    for number in ({"code": "1"}, {"code": "2"}, {"card_number": "51"}, {"card_number": "52"}):
        info = owner.call("customer_info", **number).json
        assert (info["customer"]["first_name"], info["campaigns"][0]["balance"]) == (name, "140")


def test_a_merge_takes_the_right_to_delete_customers(api: Api, owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", card_number="51")
    make_customer(alice, code="2", card_number="52")
    client = api.as_(**make_user(alice, role="G").credentials)
    denied = client.call("card_replace", previous_code="1", new_card_number="52", check_override="Y")
    assert denied.error_code == "permission_denied"
    assert client.call("card_replace", previous_code="1", new_card_number="53").ok
    clerk = api.as_(**make_user(alice, role="K").credentials)
    assert clerk.call("card_replace", previous_code="1", new_card_number="54").error_code == "permission_denied"
