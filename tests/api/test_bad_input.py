# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in gets a clear error, never a 500, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.api.call import Family
from regulars.api.exchange import Request
from regulars.api.registry import CALLS
from regulars.protocol.params import declared
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer

HOSTILE = [
    "'; DROP TABLE customers_customers; --",
    "' OR '1'='1",
    "%s {0} $1 \\",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "]]><script>&",
    '"',
    "\x00",
    "\x1b[31m",
    "\u202e\ufffe",
    "\U0001f4a9",
    "a" * 10_000,
    "１２",
    "1e9",
    "NaN",
    "-0",
    "9" * 18,
    "2026-02-30",
    "[]",
]

Counts = Callable[[], dict[str, int]]


@pytest.fixture(scope="module")
def made() -> MadeAccount:
    made = make_account()
    make_campaign(made)
    make_customer(made, code="c1")
    return made


@pytest.fixture
def rows(made: MadeAccount, run_as_owner: Callable[..., list[tuple[int]]]) -> Counts:
    """How many rows the account has in each table that a call can write."""
    tables = (
        "customers_customers",
        "customers_aliases",
        "ledger_entries",
        "ledger_balances",
        "ledger_keys",
        "campaigns_campaigns",
    )

    def count() -> dict[str, int]:
        return {t: run_as_owner(f"SELECT count(*) FROM {t} WHERE account_id = %s", made.id)[0][0] for t in tables}

    return count


def every_field(call_type: str) -> list[str]:
    """Return the wire names of everything a call reads, of a numbered family its number 1."""
    entry = CALLS[call_type]
    names: dict[str, None] = {entry.selector: None} if isinstance(entry, Family) else {}
    for call in entry.calls.values() if isinstance(entry, Family) else (entry,):
        for _, parameter in declared(call.params):
            for name in (parameter.kind.member(1),) if parameter.kind.prefix else parameter.names:
                names[name] = None
    return [*names, "account_id", "idempotency_key", "output", "callback"]


@pytest.mark.parametrize("call_type", sorted(set(CALLS) - {"user_login"}))
def test_hostile_text_in_any_field_is_an_error_or_plain_text(api: Api, made: MadeAccount, rows: Counts, call_type: str) -> None:
    number = next(iter(made.fresh().campaigns))
    usual = {"campaign_id": number, "code": "c1", "amount": "1", "custom_points_redeem": "1", "dry_run": "Y"}
    entry = CALLS[call_type]
    selections = [{entry.selector: value} for value in entry.calls] if isinstance(entry, Family) else [{}]
    before = rows()
    for selection in selections:
        for field in every_field(call_type):
            signed = api.as_(**{**made.credentials, **usual, **selection})
            for answer in signed.together(signed.signed_request(call_type, **{field: text}) for text in HOSTILE):
                assert answer.error_code != "internal_error", (selection, field, answer)
                assert answer.status == 200, (selection, field, answer)
    assert rows() == before


def test_hostile_text_in_credentials_is_not_valid(api: Api, made: MadeAccount) -> None:
    requests = [
        api.request({"type": "account_info", "account_id": made.code, "user_id": text, "user_api_key": text})
        for text in HOSTILE
    ]
    for answer in api.together(requests):
        assert answer.error_code in ("bad_credentials", "missing_parameter"), answer


def test_hostile_text_is_kept_and_shown_as_it_is(api: Api, made: MadeAccount) -> None:
    till = api.as_(**made.credentials)
    for number, text in enumerate(
        ["'; DROP TABLE x; --", "<b>&amp;</b>", "]]>", '"quoted"', "\u00e9\u4e2d\U0001f600", "a\\b", "%s {0} $1"]
    ):
        code = f"kept{number}"
        assert till.call("record_customer", customer_action="new", code=code, first_name=text).ok
        answer = till.call("customer_info", code=code)
        assert answer.at("customer/first_name") == text
        assert answer.json["customer"]["first_name"] == text


@pytest.mark.parametrize(
    "amount", ["1e9", "NaN", "inf", "-0", "１２", "1,234", "abc", "9.999", "", " ", "9" * 30, "0x1", "--1", "1 000"]
)
def test_an_amount_that_is_none_records_nothing(api: Api, made: MadeAccount, rows: Counts, amount: str) -> None:
    before = rows()
    number = next(iter(made.fresh().campaigns))
    answer = api.call("record_activity", **made.credentials, campaign_id=number, code="c1", amount=amount)
    assert not answer.ok
    assert answer.error_code in ("invalid_parameter", "missing_parameter")
    assert rows() == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "unknown"}, "customer_not_found"),
        ({"code": "c1", "campaign_id": "9" * 16}, "campaign_not_found"),
        ({"code": "c1", "transaction_time": "2026-02-30 10:00:00"}, "invalid_parameter"),
        ({"code": "c1", "promo_id": "99999"}, "promotion_not_found"),
        ({"code": "c1", "custom_field_77": "x"}, "invalid_parameter"),
    ],
)
def test_unknown_things_and_dates_that_are_none_record_nothing(
    api: Api, made: MadeAccount, rows: Counts, fields: dict[str, str], code: str
) -> None:
    before = rows()
    number = next(iter(made.fresh().campaigns))
    answer = api.call("record_activity", **{**made.credentials, "campaign_id": number, "amount": "1", **fields})
    assert answer.error_code == code, answer
    assert rows() == before


def test_another_accounts_campaign_and_customer_are_not_found(api: Api, made: MadeAccount) -> None:
    other = make_account()
    theirs = make_campaign(other)
    make_customer(other, code="their_customer")
    till = api.as_(**made.credentials)
    ours = next(iter(made.fresh().campaigns))
    unknown = till.call("record_activity", campaign_id="9" * 16, code="c1", amount="1")
    assert till.call("record_activity", campaign_id=theirs.number, code="c1", amount="1").xml_body == unknown.xml_body
    nobody = till.call("record_activity", campaign_id=ours, code="nobody", amount="1")
    assert till.call("record_activity", campaign_id=ours, code="their_customer", amount="1").xml_body == nobody.xml_body


def form(body: bytes, content_type: str = "application/x-www-form-urlencoded") -> Request:
    return Request("POST", "/api.php", b"", {"content-type": content_type}, body)


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (form(b"type=test&x=%ff"), 400, "malformed_request"),
        (form(b"type=test&x=\x80"), 400, "malformed_request"),
        (form(b"type=test&x=%ED%A0%80"), 400, "malformed_request"),
        (form(b"type=test", "application/json"), 400, "malformed_request"),
        (form(b"type=test", "multipart/form-data"), 400, "malformed_request"),
        (form(b"--x\r\nbroken", "multipart/form-data; boundary=x"), 400, "malformed_request"),
        (form(b"\x1f\x8b\x08\x00"), 400, "malformed_request"),
        (form(b"type=test&a=1&a=2"), 200, "duplicate_parameter"),
        (form(b"type=test&output=XML&output=JSON"), 200, "duplicate_parameter"),
        (form(b"&".join(b"f%d=1" % n for n in range(2000))), 413, "too_large"),
        (form(b"n" * 500 + b"=1"), 413, "too_large"),
        (form(b""), 200, "missing_parameter"),
        (form(b"output=JSON"), 200, "missing_parameter"),
        (form(b"type=test")._replace(query=b"%ff"), 400, "malformed_request"),
        (form(b"type=test")._replace(headers={"content-encoding": "gzip"}), 400, "malformed_request"),
    ],
)
def test_a_broken_request_is_refused_with_its_reason(api: Api, request_: Request, status: int, code: str) -> None:
    answer = api.send(request_)
    assert (answer.status, answer.error_code) == (status, code), answer


def test_control_characters_are_dropped_on_the_way_in(api: Api, made: MadeAccount) -> None:
    till = api.as_(**made.credentials)
    assert till.call("record_customer", customer_action="new", code="con\x00trol\x0b", first_name="A\x01m\x1fy").ok
    assert till.call("customer_info", code="control").at("customer/first_name") == "Amy"


@settings(max_examples=60)
@given(
    body=st.binary(max_size=200),
    query=st.binary(max_size=60),
    content_type=st.sampled_from(
        ["", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; charset=latin1"]
    ),
)
def test_no_bytes_break_the_edge(api: Api, body: bytes, query: bytes, content_type: str) -> None:
    answer = api.send(Request("POST", "/", query, {"content-type": content_type}, body))
    assert answer.error_code != "internal_error"


NAMES = [
    "campaign_id",
    "code",
    "card_number",
    "amount",
    "promo_id",
    "transaction_time",
    "custom_field_1",
    "output",
    "callback",
    "customer_action",
    "idempotency_key",
    "reward_to_redeem",
    "first_name",
    "email",
    "phone",
    "custom_date",
    "find_customer",
    "offset",
    "length",
]


@settings(max_examples=60)
@given(
    fields=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)),
    call_type=st.sampled_from(sorted(set(CALLS) - {"user_login", "campaign_new"})),
)
def test_no_fields_break_a_call(api: Api, made: MadeAccount, fields: dict[str, str], call_type: str) -> None:
    answer = api.call(call_type, **made.credentials, **{**fields, "dry_run": "Y"})
    assert answer.error_code != "internal_error", answer
