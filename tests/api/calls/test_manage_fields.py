# SPDX-License-Identifier: Apache-2.0
"""manage_fields: the data fields of customers are listed, added, changed and deleted (api.md 6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_customer, make_field, make_user

PREDEFINED = (
    "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "zip", "country",
    "customer_username", "customer_PIN", "customer_password", "custom_date",
)  # fmt: skip


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def owner(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def fields_of(answer: Parsed) -> dict[str, dict[str, Any]]:
    assert answer.ok, answer
    return {field["name"]: field for field in answer.json["account"]["fields"]}


def test_a_new_account_has_the_sixteen_predefined_fields(owner: Api, alice: MadeAccount) -> None:
    answer = owner.call("manage_fields", action="list")
    assert answer.at("account/account_id") == alice.code
    assert list(fields_of(answer)) == [*PREDEFINED, "custom_field_1"]
    assert fields_of(answer)["card_number"] == {
        "name": "card_number", "label": "Card #", "show": "Y", "required": "N", "type": "Text",
    }  # fmt: skip
    assert [field.findtext("name") for field in answer.xml.findall("account/fields/field")] == [*PREDEFINED, "custom_field_1"]


def test_several_fields_are_added_in_one_call_with_the_documented_defaults(owner: Api) -> None:
    answer = owner.call(
        "manage_fields", action="add", API="1.6", custom_field_2_label="Marital Status", custom_field_2_type="List",
        custom_field_2_choices="Single, Married, Other", custom_field_2_show="Y", custom_field_12_label="Nickname",
    )  # fmt: skip
    assert fields_of(answer)["custom_field_2"] == {
        "name": "custom_field_2", "label": "Marital Status", "show": "Y", "required": "N", "type": "List",
        "choices": [{"xml_value_to_show": option} for option in ("Single", "Married", "Other")],
    }  # fmt: skip
    assert [choice.text for choice in answer.xml.iterfind(".//choice")] == ["Single", "Married", "Other"]
    assert fields_of(answer)["custom_field_12"] == {
        "name": "custom_field_12", "label": "Nickname", "show": "N", "required": "N", "type": "Text",
    }  # fmt: skip
    assert list(fields_of(answer))[-3:] == ["custom_field_1", "custom_field_2", "custom_field_12"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"custom_field_2_type": "Text"}, "Missing parameter: custom_field_2_label"),
        ({"custom_field_2_label": "A", "custom_field_2_type": "Pick"}, "Missing parameter: custom_field_2_choices"),
        ({"custom_field_2_label": "A", "custom_field_2_type": "List"}, "Missing parameter: custom_field_2_choices"),
        (
            {"custom_field_2_label": "A", "custom_field_2_type": "Date", "custom_field_2_unique": "Y"},
            "custom_field_2_unique is not valid: only a Text field can be unique",
        ),
        (
            {"custom_field_2_label": "A", "custom_field_2_choices": "B"},
            "custom_field_2_choices is not valid: only Pick and List fields have choices",
        ),
        ({"custom_field_1_label": "A"}, "custom_field_1 already exists"),
        ({"custom_field_1000_label": "A"}, "custom_field_1000_label is not valid: fields are numbered from 1 to 999"),
        (
            {"custom_field_2_label": "A", "custom_field_2_type": "Box"},
            "custom_field_2_type is not valid: one of Text, Date, Pick, List, Number, Money",
        ),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name_and_none_is_added(owner: Api, fields: dict[str, str], error: str) -> None:
    before = owner.call("manage_fields", action="list").json
    assert owner.call("manage_fields", action="add", **fields, custom_field_9_label="Fine").errors == [error]
    assert owner.call("manage_fields", action="add", **fields).errors == [error]
    assert owner.call("manage_fields", action="list").json == before


def test_nothing_to_add_is_an_error(owner: Api) -> None:
    assert owner.call("manage_fields", action="add").errors == ["Missing parameter: custom_field_#_label"]


def test_a_number_is_given_once(owner: Api) -> None:
    assert owner.call("manage_fields", action="add", custom_field_2_label="A").ok
    again = owner.call("manage_fields", action="add", custom_field_2_label="A")
    assert (again.error_code, again.errors) == ("field_exists", ["custom_field_2 already exists"])


def test_a_predefined_field_is_relabelled_and_hidden_and_its_data_stay(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="1", street2="Apt 7")
    answer = owner.call("manage_fields", action="update", street2_show="N", zip_label="Postcode", customer_PIN_label="Secret")
    assert fields_of(answer)["street2"]["show"] == "N"
    assert fields_of(answer)["zip"]["label"] == "Postcode"
    assert fields_of(answer)["customer_PIN"]["label"] == "Secret"
    assert owner.call("customer_info", code="1").at("customer/street2") == "Apt 7"
    shown = owner.call("manage_fields", action="update", street2_show="Y")
    assert (fields_of(shown)["street2"]["show"], fields_of(shown)["zip"]["label"]) == ("Y", "Postcode")
    assert owner.call("manage_fields", action="update", zip_label="").errors == ["Missing parameter: zip_label"]


def test_what_is_not_sent_of_a_field_stays(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=2, label="Drink", type="Pick", choices=("Coffee", "Tea"), show=True)
    answer = owner.call(
        "manage_fields", action="update", custom_field_2_choices="Coffee,Tea,Water", custom_field_2_required="Y"
    )
    field = fields_of(answer)["custom_field_2"]
    assert (field["label"], field["show"], field["required"], len(field["choices"])) == ("Drink", "Y", "Y", 3)
    assert owner.call("manage_fields", action="update", custom_field_1_label="Colour").ok
    error = owner.call("manage_fields", action="update", custom_field_2_type="Text")
    assert error.errors == ["custom_field_2_type is not valid: the type of a field cannot be changed"]
    unknown = owner.call("manage_fields", action="update", custom_field_3_show="Y")
    assert unknown.errors == ["custom_field_3_show is not valid: there is no such field"]


def test_a_field_that_becomes_searchable_finds_the_customers_there_are(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=2)
    make_customer(alice, code="1", fields={2: "Ünder-77"})
    assert owner.call("customer_info", card_number="ünder-77").error_code == "customer_not_found"
    assert (
        fields_of(owner.call("manage_fields", action="update", custom_field_2_searchable="Y"))["custom_field_2"]["searchable"]
        == "Yes"
    )
    assert owner.call("customer_info", card_number="ünder-77").at("customer/code") == "1"
    assert owner.call("manage_fields", action="update", custom_field_2_searchable="N").ok
    assert owner.call("customer_info", card_number="ünder-77").error_code == "customer_not_found"


def test_two_customers_with_the_same_value_refuse_uniqueness(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=2)
    make_customer(alice, code="1", fields={2: "same"})
    make_customer(alice, code="2", fields={2: "SAME"})
    refused = owner.call("manage_fields", action="update", custom_field_2_unique="Y")
    assert (refused.error_code, refused.errors) == ("not_unique", ["Not Unique"])
    assert "unique" not in fields_of(owner.call("manage_fields", action="list"))["custom_field_2"]
    assert owner.call("record_customer", customer_action="edit", code="2", custom_field_2="other").ok
    assert (
        fields_of(owner.call("manage_fields", action="update", custom_field_2_unique="Y"))["custom_field_2"]["unique"] == "Yes"
    )
    taken = owner.call("record_customer", customer_action="new", code="3", custom_field_2="Same")
    assert (taken.error_code, taken.answer.error.fields) == ("not_unique", ("custom_field_2",))  # type: ignore[union-attr]


def test_a_value_too_long_to_be_found_by_refuses_searchability(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=2)
    make_customer(alice, code="1", fields={2: "x" * 256})
    refused = owner.call("manage_fields", action="update", custom_field_2_searchable="Y")
    assert refused.errors == [
        "custom_field_2_searchable is not valid: a customer has a value of more than 255 characters in it"
    ]
    assert owner.call("record_customer", customer_action="edit", code="1", custom_field_2="x" * 255).ok
    assert owner.call("manage_fields", action="update", custom_field_2_searchable="Y").ok


def test_deleting_a_field_deletes_its_data_for_good(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=3, searchable=True, unique=True)
    make_field(alice, number=4)
    make_customer(alice, code="1", fields={1: "blue", 3: "ID-3", 4: "four"})
    answer = owner.call("manage_fields", action="delete", field_list="custom_field_3|custom_field_4")
    assert list(fields_of(answer)) == [*PREDEFINED, "custom_field_1"]
    make_field(alice, number=3, searchable=True, unique=True)
    make_field(alice, number=4)
    customer = owner.call("customer_info", code="1").json["customer"]
    assert (customer["custom_field"], customer["custom_field_3"]["data"], customer["custom_field_4"]["data"]) == (
        "blue",
        "",
        "",
    )
    assert owner.call("customer_info", card_number="ID-3").error_code == "customer_not_found"
    assert owner.call("customer_find", find_customer="four").error_code == "no_customer_matches"
    assert owner.call("record_customer", customer_action="new", code="2", custom_field_3="ID-3").ok


def test_the_sixteen_predefined_fields_cannot_be_deleted(owner: Api, alice: MadeAccount) -> None:
    make_field(alice, number=3)
    for name in (*PREDEFINED, "custom_field_1"):
        refused = owner.call("manage_fields", action="delete", field_list=f"custom_field_3|{name}")
        assert refused.errors == [
            f"field_list is not valid: {name} is predefined and stays; it can be hidden with {name}_show=N"
        ]
    assert "custom_field_3" in fields_of(owner.call("manage_fields", action="list"))
    assert owner.call("manage_fields", action="delete", field_list="custom_field_8").errors == [
        "field_list is not valid: there is no field custom_field_8"
    ]


def test_almost_everybody_may_list_and_few_may_change(api: Api, owner: Api, alice: MadeAccount) -> None:
    clerk, contractor = make_user(alice, role="K"), make_user(alice, role="F")
    assert api.as_(**clerk.credentials).call("manage_fields", action="list").ok
    assert api.as_(**contractor.credentials).call("manage_fields", action="list").error_code == "permission_denied"
    denied = api.as_(**clerk.credentials).call("manage_fields", action="delete", field_list="custom_field_1")
    assert denied.errors == ["User does not have permission"]
    assert owner.call("manage_fields", action="rename").errors == ["Action Undefined"]


def test_fields_of_one_account_are_nothing_to_another(api: Api, owner: Api) -> None:
    carol = make_account()
    make_field(carol, number=2, label="Carol's")
    assert "custom_field_2" not in fields_of(owner.call("manage_fields", action="list"))
    make_customer(carol, code="1", fields={2: "kept"})
    assert owner.call("manage_fields", action="add", custom_field_2_label="Own").ok
    assert owner.call("manage_fields", action="delete", field_list="custom_field_2").ok
    assert api.as_(**carol.credentials).call("customer_info", code="1").json["customer"]["custom_field_2"]["data"] == "kept"


def test_a_required_predefined_field_must_be_there_and_is_never_emptied(owner: Api, alice: MadeAccount) -> None:
    make_customer(alice, code="before", card_number="70")
    required = {"first_name_required": "Y", "zip_required": "Y", "customer_PIN_required": "Y", "card_number_required": "Y"}
    fields = fields_of(owner.call("manage_fields", action="update", **required))
    assert [name for name, field in fields.items() if field["required"] == "Y"] == [
        "card_number", "first_name", "zip", "customer_PIN",
    ]  # fmt: skip
    new = {"customer_action": "new", "card_number_generate": "8"}
    missing = ["Missing parameter: first_name", "Missing parameter: postal_code", "Missing parameter: customer_PIN"]
    assert owner.call("record_customer", **new).errors == missing
    assert owner.call("record_customer", **new, first_name=" ", customer_PIN="4711").errors == missing[:2]
    given = {"first_name": "Amy", "postal_code": "12345", "customer_PIN": "4711"}
    code = owner.call("record_customer", **new, **given).at("customer/code")
    assert owner.call("record_customer", customer_action="new", **given).errors == ["Missing parameter: card_number"]
    assert owner.call("record_customer", customer_action="edit", code=code, first_name="").errors == missing[:1]
    assert owner.call("record_customer", customer_action="edit", code=code, last_name="", city="Boise").ok
    assert owner.call("record_customer", customer_action="edit", code="before", city="Boise").ok
    assert owner.call("record_customer", customer_action="edit", code="unknown", card_number="71").errors == missing
    member = {"customer_action": "register", "card_number": "70", "customer_password": "secret_1"}
    assert owner.call("record_customer", **member).errors == missing
    assert owner.call("record_customer", **member, **given).ok
    assert owner.call("manage_fields", action="update", **dict.fromkeys(required, "N")).ok
    assert owner.call("record_customer", **new).ok
