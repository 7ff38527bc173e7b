# SPDX-License-Identifier: Apache-2.0
"""
A wrong value of any parameter of any call gets an error that names it, and nothing is written.

What is wrong for a parameter is found by asking its kind: every candidate that it does not take must be refused by the
whole call. Values that only the books can refuse (an unknown id, a field that does not exist) stand in ``ALSO_WRONG``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.api.call import Call
from regulars.errors import InvalidParameter, MissingParameter
from regulars.protocol.params import Parameter, declared
from tests.client import Api, Parsed
from tests.factories import make_account, make_coalition
from tests.scene import Scene, make_scene, registered_calls, requests

RunAsOwner = Callable[..., list[tuple[Any, ...]]]

CANDIDATES = (
    "no such thing!", "1e9", "NaN", "-0", "-1", "0", "1,2,3", "1.2345678", "99999999999999999999", "2026-02-30", "@", ",",
    "' OR 1=1 --", "<b>&amp;</b>", "٣", "x" * 70_000,
)  # fmt: skip
"""Sent for every parameter whose kind does not take them."""

UNKNOWN = "9" * 16
ALSO_WRONG: dict[str, tuple[str, ...]] = {
    "account_update.agency": ("999999",),
    "account_update.symbol_selector": ("EUR",),
    "user_info.user_name": ("nobody_of_that_name",),
    "user_new.allowed_campaigns": (UNKNOWN, f"all,{UNKNOWN}"),
    "user_update.user_name": ("nobody_of_that_name",),
    "user_update.allowed_campaigns": (UNKNOWN,),
    "users_list.searchField": ("user_api_key", "user_PIN"),
    "users_list.sortField": ("user_full_name",),
    "user_delete.user_name": ("nobody_of_that_name",),
    "campaign_users.add.campaign_id": (UNKNOWN,),
    "campaign_users.remove.campaign_id": (UNKNOWN,),
    "record_customer.new.campaign_id": (UNKNOWN,),
    "record_customer.new.auto_add": ("lots", "-5", "1.5"),
    "record_customer.new.code": ("1001",),
    "record_customer.new.card_number": ("5500001",),
    "record_customer.new.card_number_prefix": ("12a",),
    "record_customer.new.card_number_suffix": ("12a",),
    "record_customer.new.customer_username": ("amy",),
    "record_customer.new.custom_field_": ("x",),
    "record_customer.register.card_number": ("nobody's",),
    "record_customer.edit.card_number": ("5500002",),
    "generate_card_number.card_number_prefix": ("12a",),
    "generate_card_number.card_number_suffix": ("12a",),
    "customer_info.code": ("nobody",),
    "customer_info.campaign_id": (UNKNOWN,),
    "customer_balance.code": ("nobody",),
    "customer_balance.campaign_id": (UNKNOWN,),
    "customer_delete.code": ("nobody",),
    "record_activity.code": ("nobody",),
    "record_activity.campaign_id": (UNKNOWN,),
    "record_activity.promo_id": ("999999", "nothing"),
    "record_activity.amount": ("0", "0.00", "-5"),
    "record_activity.expected_balance": ("12", "lots", "1.5"),
    "record_activity.transaction_time": ("2999-01-01",),
    "record_activity.custom_field_": ("x",),
    "redeem.code": ("nobody",),
    "redeem.campaign_id": (UNKNOWN,),
    "redeem.reward_to_redeem": ("999999", "nothing"),
    "redeem.custom_points_redeem": ("0", "-5"),
    "redeem.custom_dollars_redeem": ("0", "-5"),
    "redeem.expected_balance": ("12", "lots", "1.5"),
    "redeem.transaction_time": ("2999-01-01",),
    "redeem.custom_field_": ("x",),
    "transaction_delete.code": ("nobody",),
    "transaction_delete.campaign_id": (UNKNOWN,),
    "transaction_delete.transaction_id": ("999999", "D12", "nothing"),
    "transaction_reverse.transaction_id": ("999999",),
    "transaction_reverse.campaign_id": (UNKNOWN,),
    "transaction_reverse.code": ("nobody",),
    "transaction_reverse.amount": ("0", "-1", "lots", "1000000"),
    "campaign_new.campaign.campaign_name": ("Bean Points",),
    "campaign_new.campaign.latitude": ("91", "north"),
    "campaign_new.campaign.longitude": ("181", "east"),
    "campaign_new.reward.campaign_id": (UNKNOWN,),
    "campaign_new.reward.reward_custom_field_": ("x",),
    "campaign_new.promo.campaign_id": (UNKNOWN,),
    "campaign_new.promo.promo_amount": ("0", "lots"),
    "campaign_new.item.campaign_id": (UNKNOWN,),
    "campaign_new.item.item_identifier": ("FW", "fw"),
    "campaign_update.campaign.campaign_id": (UNKNOWN,),
    "campaign_update.campaign.new_campaign_name": ("Leaf Card",),
    "campaign_update.campaign.latitude": ("91",),
    "campaign_update.campaign.longitude": ("181",),
    "campaign_update.reward.reward_id": ("999999",),
    "campaign_update.reward.reward_custom_field_": ("x",),
    "campaign_update.promo.promo_id": ("999999",),
    "campaign_update.promo.new_promo_amount": ("0", "lots", ""),
    "campaign_update.promo.new_promo_operation": ("",),
    "campaign_update.promo.new_promo_description": ("",),
    "campaign_update.item.item_id": ("999999",),
    "reports.customers_all.selected_campaigns": (UNKNOWN,),
    "reports.customers_new.selected_campaigns": (UNKNOWN,),
    "reports.customers_frequent.selected_campaigns": (UNKNOWN,),
    "reports.customers_missing.selected_campaigns": (UNKNOWN,),
    "reports.customers_birthday.selected_campaigns": (UNKNOWN,),
    "reports.customers_custom_date.selected_campaigns": (UNKNOWN,),
    "reports.customers_search.selected_campaigns": (UNKNOWN,),
    "reports.transactions_all.selected_campaigns": (UNKNOWN,),
    "reports.transactions_redeemed.selected_campaigns": (UNKNOWN,),
    "reports.audit_totals.selected_campaigns": (UNKNOWN,),
    "reports.coalition_points.selected_campaigns": (UNKNOWN,),
    "reports.coalition_stored_value.selected_campaigns": (UNKNOWN,),
    "reports.audit_totals.date_end": ("1969-12-31",),
    "reports.transactions_all.restrict_by_user": ("nobody_of_that_name",),
    "reports.customers_balances.campaign_id": (UNKNOWN,),
    "campaigns_list.searchField": ("glyph",),
    "campaigns_list.sortField": ("glyph",),
    "campaign_rewards.campaign_id": (UNKNOWN,),
    "campaign_promos.campaign_id": (UNKNOWN,),
    "campaign_promos.searchField": ("glyph",),
    "campaign_promos.sortField": ("glyph",),
    "buyx_items_list.campaign_id": (UNKNOWN,),
    "buyx_items_list.searchField": ("glyph",),
    "buyx_items_list.sortField": ("glyph",),
    "campaigns_inactive_list.searchField": ("glyph",),
    "campaigns_inactive_list.sortField": ("glyph",),
    "campaign_delete.campaign.campaign_id": (UNKNOWN,),
    "campaign_delete.reward.reward_id": ("999999",),
    "campaign_delete.promo.promo_id": ("999999",),
    "campaign_delete.item.item_id": ("999999",),
    "validate_time_token.token": ("A" * 36, "nothing"),
    "depreciation_new.campaign_id": (UNKNOWN,),
    "depreciation_new.depreciation_interval": ("101",),
    "depreciation_update.depreciation_id": ("999999",),
    "depreciation_update.campaign_id": (UNKNOWN,),
    "depreciation_delete.depreciation_id": ("999999",),
    "campaign_depreciations.campaign_id": (UNKNOWN,),
    "campaign_fee_new.campaign_id": (UNKNOWN,),
    "campaign_fee_new.fee_interval": ("1201",),
    "campaign_fee_new.fee_amount": ("0", "-5", "1.5", "lots"),
    "campaign_fee_update.fee_id": ("999999",),
    "campaign_fee_update.campaign_id": (UNKNOWN,),
    "campaign_fee_update.fee_amount": ("0", "-5", "1.555", "lots"),
    "campaign_fee_delete.fee_id": ("999999",),
    "campaign_fees.campaign_id": (UNKNOWN,),
    "campaign_deactivate.campaign_id": (UNKNOWN,),
    "campaign_reactivate.campaign_id": (UNKNOWN,),
    "customers_batch.profiles_header_": ("first_name",),
    "customers_batch.campaigns_to_include": (UNKNOWN,),
    "customers_batch.profiles_data": ("\n \r\n",),
    "batch_transactions.visits_header_": ("authorization",),
    "batch_transactions.Visits_Data": ("\n \r\n",),
    "batch_undo.batch_id": ("999999",),
    "batch_info.batch_id": ("999999",),
    "customer_merge.code": ("nobody",),
    "card_replace.previous_code": ("nobody",),
    "card_replace.previous_card": ("nobody",),
    "card_replace.new_code": ("1002",),
    "card_replace.new_card_number": ("5500002",),
    "customer_merge.card_number": ("nobody",),
    "customer_merge.duplicate_code": ("nobody", "1001"),
    "customer_merge.duplicate_card_number": ("nobody", "5500001"),
    "manage_fields.update.custom_field__show": ("Y",),
    "manage_fields.delete.field_list": ("card_number", "custom_field_1", "custom_field_9"),
    "transaction_fields.delete.field_list": ("card_number", "custom_field_9"),
    "reward_fields.delete.field_list": ("card_number", "custom_field_9"),
}
"""By call and parameter (a numbered family by its prefix): what is well-formed, and wrong all the same."""

SENTENCES = {
    "This email address is not valid.",
    "This is not a valid phone number.",
    "Your password must be between 5 and 20 characters long.",
    "A password can only have letters, numbers, or an underscore (_)",
    "A PIN must be 4 or 5 numbers only",
    "Campaign not valid or deactivated.",
    "One of the campaigns selected is not valid.",
    "This customer does not exist.",
    "No customer matches data provided.",
    "No other users are found.",
    "The Activation Code is not valid",
    "Activate parameter missing or incorrect.",
    "A User ID is required to create a new user.",
    "A User ID can only have letters, numbers, or an underscore (_)",
    "You must select a role for this user:",
    "Missing username",
    "There is an error with the language chosen.",
    "The customer Account Id you entered already exists.",
    "The information entered matches an existing customer.",
    "The username is already in use.",
    "TRANSACTION ERROR: The amount entered is not valid",
    "TRANSACTION ERROR: The amount entered must be at least 0.01",
    "The amount entered is not valid",
    "The amount entered needs to be at least 1",
    "The amount entered must be at least 0.01",
    "Error removing transaction. Please try again.",
    "Error with campaign ID",
    "Error with campaign name",
    "Error with campaign type",
    "Error with campaign points-per-USD ratio",
    "Error with campaign spend-to-reward ratio",
    "Error with campaign earn-per-event amount",
    "Error with campaign reward parameters",
    "Error with campaign promotion parameters",
    "Error with BuyX campaign item parameters",
    "Error with campaign depreciation settings",
    "The percentage is not valid.",
    "Invalid delimiter",
    "No data was given",
}
"""Published sentences, used to the letter: they say what is wrong in their own words. Every other one begins with the name."""

TOGETHER_WITH: dict[str, dict[str, str]] = {
    "customer_merge.card_number": {"code": ""},
    "card_replace.previous_card": {"previous_code": ""},
    "record_customer.new.card_number_prefix": {"card_number": "", "card_number_generate": "10"},
    "record_customer.new.card_number_suffix": {"card_number": "", "card_number_generate": "10"},
    "record_customer.new.customer_username": {"customer_password": "secret_3"},
}
"""By call and parameter: what else must be sent for the parameter to be looked at."""

ABOUT = {"This customer does not exist.": ("code", "card_number")}
"""Sentences that the books raise, who do not know how the customer was named."""

CALLS = {key: (select, call) for key, select, call in registered_calls()}
PARAMETERS = [
    (key, attribute, parameter)
    for key, (_, call) in CALLS.items()
    if call.credentials == "token"
    for attribute, parameter in declared(call.params)
]
IDS = [f"{key}.{parameter.name}" for key, _, parameter in PARAMETERS]


@pytest.fixture(scope="session")
def scene(api: Api) -> Scene:
    return make_scene(api, prepare=make_coalition)


@pytest.fixture(scope="session")
def tables(owner_url: str) -> tuple[str, ...]:
    """Every table of the database."""
    import psycopg

    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
        ).fetchall()
    return tuple(name for (name,) in rows)


@pytest.fixture
def everything(run_as_owner: RunAsOwner, tables: tuple[str, ...]) -> Callable[[], list[tuple[Any, ...]]]:
    """Return a function that returns the row count and the checksum of every table."""
    statement = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t" for table in tables
    )
    return lambda: run_as_owner(f"{statement} ORDER BY 1")


def wire_name(parameter: Parameter) -> str:
    """Return the name to send; of a numbered family, a member that no account has."""
    return parameter.kind.member(997) if parameter.kind.prefix else parameter.name


def known_as(parameter: Parameter) -> str:
    """Return how a parameter stands in the tables above."""
    return parameter.kind.member("") if parameter.kind.prefix else parameter.name


def send(scene: Scene, key: str, changes: dict[str, str], *, without: str = "") -> Parsed:
    fields = {**requests(scene)[key], **CALLS[key][0], **changes}
    fields.pop(without, None)
    return scene.owner.call(fields.pop("type"), **fields)


def wrong_values(scene: Scene, key: str, parameter: Parameter) -> list[str]:
    """Return what the parameter must not take."""
    wrong = list(ALSO_WRONG.get(f"{key}.{known_as(parameter)}", ()))
    for candidate in CANDIDATES:
        try:
            parameter.kind.parse(wire_name(parameter), candidate, scene.made.account)
        except (InvalidParameter, MissingParameter):
            wrong.append(candidate)
    return wrong


def assert_named(answer: Parsed, name: str, what: str) -> None:
    error = answer.answer.error
    assert error is not None, f"{what} was taken: {answer}"
    assert error.code != "internal_error", what
    about = [part for part in error.parts if name in (part.fields or ABOUT.get(part.message, ()))]
    assert about, f"{what}: no error is about {name}: {answer}"
    for part in about:
        says = part.message
        assert says in SENTENCES or says.startswith((f"{name} is not valid", f"Missing parameter: {name}")), f"{what}: {says}"


def test_every_call_has_its_valid_request(scene: Scene) -> None:
    assert set(requests(scene)) == set(CALLS)


@pytest.mark.parametrize("key", sorted(key for key, (_, call) in CALLS.items() if call.credentials == "token"))
def test_the_valid_request_is_answered(scene: Scene, key: str) -> None:
    answer = send(scene, key, {"dry_run": "Y"} if CALLS[key][1].writes else {})
    assert answer.ok, answer


def test_the_table_of_wrong_values_names_only_parameters_that_exist() -> None:
    known = {f"{key}.{known_as(parameter)}" for key, _, parameter in PARAMETERS}
    assert {name for name, values in ALSO_WRONG.items() if values} <= known


@pytest.mark.parametrize(("key", "attribute", "parameter"), PARAMETERS, ids=IDS)
def test_a_wrong_value_is_refused_by_name_and_nothing_is_written(
    scene: Scene,
    everything: Callable[[], list[tuple[Any, ...]]],
    key: str,
    attribute: str,
    parameter: Parameter,
) -> None:
    name = wire_name(parameter)
    wrong = wrong_values(scene, key, parameter)
    assert wrong, f"{key} takes anything for {name}: give it a limit"
    before = everything()
    others = TOGETHER_WITH.get(f"{key}.{parameter.name}", {})
    for value in wrong:
        assert_named(send(scene, key, others | {name: value}), name, f"{key} {name}={value[:40]!r}")
    assert everything() == before


@pytest.mark.parametrize("key", sorted(CALLS))
def test_a_missing_required_parameter_is_named_and_nothing_is_written(
    scene: Scene, everything: Callable[[], list[tuple[Any, ...]]], key: str
) -> None:
    call: Call = CALLS[key][1]
    required = [parameter.name for _, parameter in declared(call.params) if parameter.required]
    before = everything()
    for name in required:
        blank = "" if name.endswith("password") else "  "  # blanks belong to a password
        for answer in (send(scene, key, {}, without=name), send(scene, key, {name: ""}), send(scene, key, {name: blank})):
            assert answer.error_code == "missing_parameter", (key, name, answer)
            assert_named(answer, name, f"{key} without {name}")
    if call.needs_account_id and call.credentials == "token":
        answer = send(scene, key, {"account_id": ""})
        assert answer.errors == ["Missing parameter: account_id"]
    assert everything() == before


@pytest.mark.parametrize("key", sorted(key for key, (_, call) in CALLS.items() if call.writes))
def test_a_wrong_wish_for_a_dry_run_or_a_key_is_refused_by_name(
    scene: Scene, everything: Callable[[], list[tuple[Any, ...]]], key: str
) -> None:
    before = everything()
    for name, value in (("dry_run", "perhaps"), ("idempotency_key", "k" * 129), ("idempotency_key", "schlüssel")):
        assert_named(send(scene, key, {name: value}), name, f"{key} {name}={value}")
    assert everything() == before


@pytest.mark.parametrize("key", sorted(key for key, (_, call) in CALLS.items() if call.writes))
def test_a_dry_run_writes_nothing(scene: Scene, everything: Callable[[], list[tuple[Any, ...]]], key: str) -> None:
    before = everything()
    assert send(scene, key, {"dry_run": "Y"}).ok
    assert everything() == before


def test_what_is_wrong_in_several_parameters_is_said_of_each(scene: Scene) -> None:
    answer = send(scene, "record_activity", {"amount": "x", "buyx_quantity": "0", "campaign_id": "1"})
    error = answer.answer.error
    assert error is not None
    assert sorted(name for part in error.parts for name in part.fields) == ["amount", "buyx_quantity", "campaign_id"]
    assert len(answer.errors) == 3


def test_the_checksums_see_a_change(scene: Scene, everything: Callable[[], list[tuple[Any, ...]]]) -> None:
    before = everything()
    make_account()
    assert everything() != before
