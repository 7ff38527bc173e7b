# SPDX-License-Identifier: Apache-2.0
"""customers_batch: what lines do, which are refused, and that nothing else is written (api.md 7, 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_field

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
HEADERS = ("code", "card_number", "first_name", "last_name", "custom_date", "phone")


@pytest.fixture
def shop() -> MadeAccount:
    return make_account()


def send(api: Api, shop: MadeAccount, data: str, headers: tuple[str, ...] = HEADERS, **fields: Any) -> Parsed:
    """Send a batch; a campaign is made where none is given."""
    columns = {f"profiles_header_{number}": name for number, name in enumerate(headers, 1)}
    fields.setdefault("campaigns_to_include", None)
    if fields["campaigns_to_include"] is None:
        fields["campaigns_to_include"] = make_campaign(shop).number
    return api.call("customers_batch", **{**shop.credentials, "delimiter": "pipe", **columns, "profiles_data": data, **fields})


def customer(api: Api, shop: MadeAccount, code: str) -> dict[str, str]:
    answer = api.call("customer_info", **shop.credentials, code=code)
    assert answer.ok, answer
    return {child.tag: child.text or child.findtext("data") or "" for child in answer.xml.find("customer")}


def counts(answer: Parsed) -> tuple[str, str, str]:
    assert answer.ok, answer
    batch = answer.json["batch"]
    return batch["new_customers"], batch["customers"], batch["lines_refused"]


def errors(answer: Parsed) -> dict[str, list[str]]:
    """Return the texts by line."""
    found: dict[str, list[str]] = {}
    for error in answer.json["batch"].get("errors", ()):
        found.setdefault(error["line"], []).append(error["xml_value_to_show"])
    return found


def test_the_documented_line_enrols_a_customer_in_the_campaign(api: Api, shop: MadeAccount) -> None:
    club = make_campaign(shop)
    answer = send(api, shop, "11223344|11223344|jane|doe|1970-07-14|555-5555", campaigns_to_include=club.number)
    batch = answer.json["batch"]
    assert batch.pop("batch_id").isdecimal()
    assert batch == {
        "status": "completed", "new_customers": "1", "customers": "1", "lines": "1", "lines_done": "1", "lines_refused": "0",
    }  # fmt: skip
    jane = customer(api, shop, "11223344")
    assert (jane["first_name"], jane["last_name"], jane["custom_date"]) == ("jane", "doe", "1970-07-14")
    balance = api.call("customer_balance", **shop.credentials, code="11223344", campaign_id=club.number)
    assert balance.at("campaign/customer/transactions/transaction/authorization") == "Account Activated."


@pytest.mark.parametrize("separator", ["|,|", ",", ", "])
def test_campaigns_are_joined_by_either_separator_and_get_the_opening_amount(
    api: Api, shop: MadeAccount, separator: str
) -> None:
    points, card = make_campaign(shop), make_campaign(shop, kind="giftcard")
    answer = send(
        api, shop, "1|1500\n2|", ("code", "auto_add"), campaigns_to_include=separator.join((points.number, card.number))
    )
    assert counts(answer) == ("2", "2", "0")
    info = api.call("customer_info", **shop.credentials, code="1", include_balances="Y")
    assert [campaign.findtext("balance") for campaign in info.xml.iter("campaign")] == ["1500", "1500.00"]
    info = api.call("customer_info", **shop.credentials, code="2", include_balances="Y")
    assert [campaign.findtext("balance") for campaign in info.xml.iter("campaign")] == ["0", "0.00"]


@pytest.mark.parametrize(("delimiter", "sign"), [("pipe", "|"), ("comma", ","), ("tab", "\t")])
def test_every_delimiter_and_every_line_end(api: Api, shop: MadeAccount, delimiter: str, sign: str) -> None:
    lines = [sign.join((f"c{number}", "", f"First{number}", "Last")) for number in range(4)]
    data = f"{lines[0]}\n{lines[1]}\r\n{lines[2]}\r{lines[3]}\n\r"
    answer = send(api, shop, data, ("code", "none", "first_name", "last_name"), delimiter=delimiter)
    assert counts(answer) == ("4", "4", "0")
    assert customer(api, shop, "c3")["first_name"] == "First3"


def test_a_tab_before_the_first_value_belongs_to_the_line(api: Api, shop: MadeAccount) -> None:
    answer = send(api, shop, "\t77\tAmy\n", ("none", "code", "first_name"), delimiter="tab")
    assert counts(answer) == ("1", "1", "0")
    assert customer(api, shop, "77")["first_name"] == "Amy"


def test_without_a_code_the_card_becomes_it_and_cards_are_made(api: Api, shop: MadeAccount) -> None:
    answer = send(api, shop, "|5500001|Amy\n||Ben\n7||Cid", ("code", "card_number", "first_name"), card_number_generate=10)
    assert counts(answer) == ("3", "3", "0")
    assert customer(api, shop, "5500001")["card_number"] == "5500001"
    found = api.call("customer_search", **shop.credentials, first_name="Ben").json["customer"]
    assert len(found["card_number"]) == 10
    assert found["code"] == found["card_number"]
    assert len(customer(api, shop, "7")["card_number"]) == 10


def test_passwords_and_pins_are_kept_as_hashes_and_nowhere_else(api: Api, shop: MadeAccount, run_as_owner: RunAsOwner) -> None:
    answer = send(
        api, shop, "1|amy|secret_1|4711", ("code", "customer_username", "customer_password", "customer_PIN"), API="1.5"
    )
    assert counts(answer) == ("1", "1", "0")
    for secret in ({"customer_password": "secret_1"}, {"customer_PIN": "4711"}):
        assert api.call("validate_customer_password", **shop.credentials, customer_username="amy", **secret).ok
    assert customer(api, shop, "1")["registered"] == "Y"
    [(lines,)] = run_as_owner("SELECT count(*) FROM transactions_batch_lines WHERE account_id = %s", shop.id)
    assert lines == 0  # no undo was asked for: nothing of the line is kept


@pytest.fixture
def amy(shop: MadeAccount) -> None:
    make_field(shop, number=2, label="Favourite")
    make_customer(shop, code="1", card_number="51", first_name="Amy", city="Boise", username="amy", fields={2: "Tea"})


@pytest.mark.parametrize(
    ("overwrite", "first_name", "city"), [("yes", "Anne", ""), ("update", "Anne", "Boise"), ("ignore", "Amy", "Boise")]
)
def test_what_overwriting_does(api: Api, shop: MadeAccount, amy: None, overwrite: str, first_name: str, city: str) -> None:
    send(api, shop, "1|Anne|", ("code", "first_name", "city"), overwrite_duplicates=overwrite)
    now = customer(api, shop, "1")
    assert (now["first_name"], now["city"]) == (first_name, city)


def test_the_published_words(api: Api, shop: MadeAccount) -> None:
    assert send(api, shop, "1", ("code",), delimiter=";").errors == ["Invalid delimiter"]
    assert send(api, shop, "", ("code",)).errors == ["No data was given"]
    assert send(api, shop, "1", ("code",), campaigns_to_include="9" * 16).errors == [
        "One of the campaigns selected is not valid."
    ]


def test_both_spellings_of_the_data_are_taken(api: Api, shop: MadeAccount) -> None:
    assert counts(send(api, shop, "", ("code",), Profiles_Data="1\n2")) == ("2", "2", "0")


class TestDuplicates:
    def test_ignore_is_the_default_and_skips(self, api: Api, shop: MadeAccount, amy: None) -> None:
        answer = send(api, shop, "1|51|Eve|||\n|51|Eve|||\n2|51|Eve|||")
        assert counts(answer) == ("0", "0", "0")
        assert answer.json["batch"]["lines_ignored"] == "3"
        assert customer(api, shop, "1")["first_name"] == "Amy"

    def test_update_changes_what_the_line_has(self, api: Api, shop: MadeAccount, amy: None) -> None:
        answer = send(api, shop, "1||Anne|Acker||", overwrite_duplicates="update")
        assert counts(answer) == ("0", "1", "0")
        now = customer(api, shop, "1")
        assert (now["first_name"], now["last_name"], now["city"]) == ("Anne", "Acker", "Boise")
        assert (now["card_number"], now["customer_username"], now["custom_field_2"]) == ("51", "amy", "Tea")

    def test_yes_empties_the_record_first_but_for_its_numbers(self, api: Api, shop: MadeAccount, amy: None) -> None:
        answer = send(api, shop, "1|Anne", ("code", "first_name"), overwrite_duplicates="yes")
        assert counts(answer) == ("0", "1", "0")
        now = customer(api, shop, "1")
        assert (now["first_name"], now["city"], now["customer_username"], now.get("custom_field_2", "")) == ("Anne", "", "", "")
        assert (now["code"], now["card_number"]) == ("1", "51")

    def test_a_card_finds_its_customer_where_there_is_no_code(self, api: Api, shop: MadeAccount, amy: None) -> None:
        answer = send(api, shop, "51|Anne", ("card_number", "first_name"), overwrite_duplicates="update")
        assert counts(answer) == ("0", "1", "0")
        assert customer(api, shop, "1")["first_name"] == "Anne"

    def test_a_new_code_with_somebody_elses_card_is_refused(self, api: Api, shop: MadeAccount, amy: None) -> None:
        answer = send(api, shop, "2|51|Eve|||\n3|53|Eve|||", overwrite_duplicates="update")
        assert counts(answer) == ("1", "1", "1")
        assert errors(answer) == {"1": ["The information entered matches an existing customer."]}

    def test_lines_about_one_customer_are_done_one_after_the_other(self, api: Api, shop: MadeAccount) -> None:
        answer = send(api, shop, "9|59|Amy|||\n9||Anne|||\n|59|Annie|||", overwrite_duplicates="update")
        assert counts(answer) == ("1", "3", "0")
        assert customer(api, shop, "9")["first_name"] == "Annie"

    def test_what_an_earlier_line_gives_up_a_later_one_may_take(self, api: Api, shop: MadeAccount) -> None:
        make_field(shop, number=2, label="Passport", unique=True)
        make_customer(shop, code="1", card_number="51", username="amy", fields={2: "p1"})
        names = ("code", "card_number", "customer_username", "custom_field_2")
        answer = send(api, shop, "1|52|anne|p2\n2|51|amy|p1\n3|53|amy|p9", names, overwrite_duplicates="update")
        assert (counts(answer), errors(answer)) == (("1", "2", "1"), {"3": ["The username is already in use."]})
        assert (customer(api, shop, "1")["card_number"], customer(api, shop, "2")["card_number"]) == ("52", "51")
        assert customer(api, shop, "2")["custom_field_2"] == "p1"

    def test_an_opening_amount_goes_only_into_campaigns_that_are_joined_by_the_line(
        self, api: Api, shop: MadeAccount, amy: None
    ) -> None:
        club = make_campaign(shop)
        for _ in range(2):
            send(api, shop, "1|100", ("code", "auto_add"), overwrite_duplicates="update", campaigns_to_include=club.number)
        balance = api.call("customer_balance", **shop.credentials, code="1", campaign_id=club.number)
        assert balance.at("campaign/customer/balance") == "100"


def test_each_wrong_line_is_named_and_the_others_are_kept(api: Api, shop: MadeAccount) -> None:
    make_field(shop, number=2, label="Favourite", type="Pick", choices=("Coffee", "Tea"), required=True)
    make_field(shop, number=3, label="Passport", unique=True)
    headers = ("code", "card_number", "email", "phone", "custom_date", "customer_username", "custom_field_2", "custom_field_3")
    data = "\n".join(
        (
            "1|51|amy@acker.example|||amy|Tea|P1",
            "2||nonsense|x||ben|Tea|",
            "||cid@example.com|||cid|Tea|",
            "4||||1970-02-30||Tea|",
            "5||||||Water|",
            "6|||||||",
            "7|||||amy|Tea|",
            "8||||||Tea|p1",
            "9|9|9|9|9|9|Tea|9|9|9",
            f"10||||||{'Tea'}|{'x' * 300}",
            "11|51|||||Tea|",
            "12||||||Coffee|P12",
        )
    )
    answer = send(api, shop, data, headers)
    assert (counts(answer), answer.json["batch"]["lines_ignored"]) == (("2", "2", "9"), "1")
    assert errors(answer) == {
        "2": ["This is not a valid phone number.", "This email address is not valid."],
        "3": ["Missing parameter: card_number"],
        "4": ["custom_date is not valid: there is no such date"],
        "5": ["Non-allowed option submitted."],
        "6": ["Missing parameter: custom_field_2"],
        "7": ["The username is already in use."],
        "8": ["Not Unique"],
        "9": ["line is not valid: it has 10 values for 8 columns"],
        "10": ["custom_field_3 is not valid: at most 255 characters"],
    }
    assert customer(api, shop, "12")["custom_field_2"] == "Coffee"


def test_an_opening_amount_that_can_not_be_is_refused_with_its_line(api: Api, shop: MadeAccount) -> None:
    buyx = make_campaign(shop, kind="buyx", default_item_level=3)
    answer = send(api, shop, "1|lots\n2|-5\n3|5", ("code", "auto_add"))
    assert list(errors(answer)) == ["1", "2"]
    assert all(text.startswith("auto_add is not valid") for texts in errors(answer).values() for text in texts)
    answer = send(api, shop, "4|5\n5|", ("code", "auto_add"), campaigns_to_include=buyx.number)
    assert errors(answer) == {"1": ["auto_add is not valid: a buyx campaign counts items and takes no opening amount"]}


def test_an_account_in_trial_takes_ten(api: Api) -> None:
    trial = make_account(state="trial")
    answer = send(api, trial, "\n".join(str(number) for number in range(12)), ("code",))
    assert counts(answer) == ("10", "10", "2")
    assert errors(answer) == {line: ["Cannot add more customers: Account in Trial mode."] for line in ("11", "12")}


def test_atomic_writes_all_or_nothing(api: Api, shop: MadeAccount) -> None:
    answer = send(api, shop, "1|a\n|b", ("code", "first_name"), atomic="Y")
    assert answer.json["batch"]["status"] == "refused"
    assert counts(answer) == ("0", "0", "1")
    assert errors(answer) == {"2": ["Missing parameter: card_number"]}
    assert not api.call("customer_info", **shop.credentials, code="1").ok
    assert counts(send(api, shop, "1|a\n2|b", ("code", "first_name"), atomic="Y")) == ("2", "2", "0")


def test_a_batch_under_a_key_is_carried_out_once(api: Api, shop: MadeAccount) -> None:
    club = make_campaign(shop)
    sent = {"campaigns_to_include": club.number, "idempotency_key": "k-1"}
    first = send(api, shop, "1|a\n|b", ("code", "first_name"), **sent)
    again = send(api, shop, "1|a\n|b", ("code", "first_name"), **sent)
    assert first.xml_body == again.xml_body
    assert counts(first) == ("1", "1", "1")
    assert send(api, shop, "2|a", ("code", "first_name"), **sent).error_code == "key_reused"


def test_undo_is_on_in_the_old_form_and_off_in_the_new_one_unless_told(api: Api, shop: MadeAccount) -> None:
    def undo(**fields: str) -> str:
        answer = send(api, shop, "1", ("code",), **fields)
        return api.call("batch_info", **shop.credentials, batch_id=answer.at("batch/batch_id")).at("batch/undo")

    assert undo() == "Y"
    assert undo(no_undo="yes") == "N"
    assert undo(API="1.5") == "N"
    assert undo(API="1.5", allow_undo="yes") == "Y"
    assert undo(API="1.6", allow_undo="no") == "N"
    assert undo(allow_undo="yes", no_undo="yes") == "N"


def test_predefined_fields_that_are_required_must_be_there_and_are_never_emptied(
    api: Api, shop: MadeAccount, amy: None
) -> None:
    assert api.call("manage_fields", **shop.credentials, API="1.6", action="update", first_name_required="Y").ok
    names = ("code", "first_name", "city")
    assert errors(send(api, shop, "7||Boise\n8|Ben|", names)) == {"1": ["Missing parameter: first_name"]}
    assert errors(send(api, shop, "1||Basel", names, overwrite_duplicates="yes")) == {"1": ["Missing parameter: first_name"]}
    assert counts(send(api, shop, "1||Basel", names, overwrite_duplicates="update")) == ("0", "1", "0")
    assert (customer(api, shop, "1")["first_name"], customer(api, shop, "1")["city"]) == ("Amy", "Basel")


def test_a_new_password_ends_the_lock_of_the_old_one(api: Api, shop: MadeAccount, run_as_owner: RunAsOwner) -> None:
    make_customer(shop, code="1", password="secret_1")
    locked = "UPDATE customers_customers SET password_failures = 3, password_locked_until = now() WHERE account_id = %s"
    run_as_owner(locked, shop.id)
    send(api, shop, "1|secret_2", ("code", "customer_password"), overwrite_duplicates="update")
    kept = "SELECT password_failures, password_locked_until FROM customers_customers WHERE account_id = %s"
    assert run_as_owner(kept, shop.id) == [(0, None)]
