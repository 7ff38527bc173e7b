# SPDX-License-Identifier: Apache-2.0
"""The edge of the API: what every call has in common (api.md 1, 3, 13)."""

from __future__ import annotations

import json

import pytest

from regulars.accounts.operations import change_state
from regulars.api.exchange import Request
from regulars.api.options import Options
from regulars.kit.db import unit_of_work
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_user, owner_of

XML_SUCCESS = b'<?xml version="1.0" encoding="UTF-8"?><response status="success">Success</response>'


@pytest.fixture(scope="module")
def made() -> MadeAccount:
    return make_account()


def get(path: str, query: bytes = b"", **changes: object) -> Request:
    return Request("GET", path, query, {})._replace(**changes)  # type: ignore[arg-type]


# -- test ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/api.php", "/index.php"])
@pytest.mark.parametrize("query", [b"", b"type=test", b"type=TEST"])
def test_the_test_call_answers_to_the_letter(api: Api, path: str, query: bytes) -> None:
    response = api.raw(get(path, query))
    assert (response.status, response.body) == (200, XML_SUCCESS)
    assert dict(response.headers)["content-type"] == "text/xml; charset=utf-8"


def test_the_test_call_answers_in_every_format(api: Api) -> None:
    body = api.raw(get("/api.php", b"type=test&output=JSON")).body
    assert json.loads(body) == {"status": "success", "xml_value_to_show": "Success"}
    assert api.raw(get("/api.php", b"output=json&condensed=yes")).body == b'{"status":"success","xml_value_to_show":"Success"}'
    padded = api.raw(get("/", b"type=test&callback=Till.ready&condensed=yes"))
    assert padded.body == b'Till.ready({"status":"success","xml_value_to_show":"Success"});'
    assert dict(padded.headers)["content-type"] == "application/javascript; charset=utf-8"
    assert api.call("test").xml_body == XML_SUCCESS


def test_head_answers_without_a_body(api: Api) -> None:
    response = api.raw(get("/api.php", b"type=test", method="HEAD"))
    assert (response.status, response.body) == (200, b"")


# -- headers -------------------------------------------------------------------------------------------------------
def test_a_request_id_is_taken_or_made(api: Api) -> None:
    assert api.call("test", headers={"X-Request-Id": "till-7:42"}).headers["x-request-id"] == "till-7:42"
    made = api.call("test", headers={"X-Request-Id": "a\r\nSet-Cookie: b"}).headers["x-request-id"]
    assert len(made) == 16
    assert made != api.call("test").headers["x-request-id"]


def test_the_code_of_an_error_stands_in_a_header_too(api: Api) -> None:
    answer = api.call("nothing")
    assert (answer.text, answer.error_code, answer.headers["x-error-code"]) == (
        "Action Undefined",
        "unknown_call",
        "unknown_call",
    )
    assert answer.headers["cache-control"] == "no-store"


# -- credentials ---------------------------------------------------------------------------------------------------
def test_the_key_is_read_under_either_name_and_from_the_header(api: Api, made: MadeAccount) -> None:
    who = {"user_id": made.code, "account_id": made.code}
    for fields, headers in (
        ({"user_api_key": made.token}, {}),
        ({"user_password": made.token}, {}),
        ({"user_password": f" {made.token}\n", "API": "1.5"}, {}),
        ({}, {"api_access_key": made.token}),
        ({"user_api_key": "wrong"}, {"api_access_key": made.token}),
        ({}, {"API-Access-Key": made.token}),
    ):
        assert api.call("account_info", headers=headers, **who, **fields).ok, (fields, headers)


def test_the_header_wins_though_it_is_wrong(api: Api, made: MadeAccount) -> None:
    answer = api.call("account_info", headers={"api_access_key": "wrong"}, **made.credentials)
    assert answer.error_code == "bad_credentials"


def test_get_with_a_query_string_works(api: Api, made: MadeAccount) -> None:
    query = f"user_id={made.code.upper()}&user_password={made.token}&type=account_info&account_id={made.code.upper()}"
    assert api.send(get("/", query.encode())).at("account/account_id") == made.code


def test_wrong_user_and_wrong_key_can_not_be_told_apart(api: Api, made: MadeAccount) -> None:
    gone = make_user(made)
    with unit_of_work(made.id):
        from regulars.users.operations import delete_user

        delete_user(account=made.fresh(), by=owner_of(made.fresh()), at=made.account.created_at, code=gone.code)
    answers = [
        api.call("account_info", account_id=made.code, user_id=user, user_api_key=key)
        for user, key in (
            (made.code, "wrong"),
            (made.code, "0" * 40),
            ("nobody_here", made.token),
            (gone.code, gone.token),
            ("not a user id!", "x"),
            ("x" * 500, "x"),
        )
    ]
    assert {answer.text for answer in answers} == {"The user_id or user_api_key is not valid."}
    assert {answer.xml_body for answer in answers} == {answers[0].xml_body}


def test_wrong_user_and_wrong_key_take_the_same_time(api: Api, made: MadeAccount) -> None:
    import time

    def seconds(user: str) -> float:
        started = time.perf_counter()
        api.call("account_info", account_id=made.code, user_id=user, user_api_key="wrong")
        return time.perf_counter() - started

    seconds(made.code)
    assert min(seconds(made.code), seconds("nobody_here")) >= 0.05


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ("user_id", "Missing parameter: user_id"),
        ("user_api_key", "Missing parameter: user_api_key"),
        ("account_id", "Missing parameter: account_id"),
    ],
)
def test_a_missing_credential_is_named(api: Api, made: MadeAccount, missing: str, text: str) -> None:
    fields = {name: value for name, value in made.credentials.items() if name != missing}
    answer = api.call("account_info", **fields)
    assert (answer.text, answer.error_code) == (text, "missing_parameter")


def test_a_missing_account_id_is_reported_with_the_other_problems(api: Api, made: MadeAccount) -> None:
    answer = api.call("record_activity", user_id=made.code, user_api_key=made.token, amount="x")
    assert answer.error_codes[0] == "missing_parameter"
    assert answer.errors[0] == "Missing parameter: account_id"
    assert "Missing parameter: campaign_id" in answer.errors


def test_another_account_is_refused_whether_it_exists_or_not(api: Api, made: MadeAccount) -> None:
    other = make_account()
    answers = [
        api.call("account_info", **{**made.credentials, "account_id": name}) for name in (other.code, "no_such_one", "<&>")
    ]
    assert {answer.xml_body for answer in answers} == {answers[0].xml_body}
    assert answers[0].text == "User does not have permission to access the account affected"


def test_a_suspended_account_is_told_so(api: Api) -> None:
    made = make_account()
    assert api.call("account_info", **made.credentials).ok
    with unit_of_work(made.id):
        change_state(account=made.fresh(), state="suspended")
    assert api.call("account_info", **made.credentials).text == "This account has been suspended"


def test_a_user_without_the_permission_is_refused(api: Api, made: MadeAccount) -> None:
    campaign = make_campaign(made)
    temp, clerk = make_user(made, role="P"), make_user(made, role="K")
    fields = {"campaign_id": campaign.number, "code": "nobody", "reward_to_redeem": "1"}
    assert api.call("redeem", **temp.credentials, **fields).text == "User does not have permission"
    assert api.call("redeem", **clerk.credentials, **fields).error_code != "permission_denied"


# -- the order of checks -------------------------------------------------------------------------------------------
def test_of_two_things_that_are_wrong_the_earlier_is_told(api: Api) -> None:
    made = make_account()
    suspended = make_account()
    temp, gone = make_user(made, role="P"), make_user(suspended, role="P")
    with unit_of_work(suspended.id):
        change_state(account=suspended.fresh(), state="suspended")
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    good = {**made.credentials, "type": "redeem", "campaign_id": campaign.number, "code": "c1", "custom_points_redeem": "1"}
    bad = {"user_api_key": "wrong"}
    steps: list[tuple[str, dict[str, str], str]] = [
        ("transport", {"%ff": "1"}, "malformed_request"),
        ("envelope", {"output": "YAML"}, "invalid_parameter"),
        ("type", {"type": "nothing"}, "unknown_call"),
        ("credentials", bad, "bad_credentials"),
        ("account", {"account_id": suspended.code}, "account_not_permitted"),
        ("permission", {"user_id": temp.code, "user_api_key": temp.token}, "permission_denied"),
        ("parameters", {"campaign_id": "12"}, "invalid_parameter"),
        ("existence", {"code": "unknown"}, "customer_not_found"),
        ("amount", {"custom_points_redeem": "100"}, "insufficient_balance"),
    ]  # fmt: skip
    for position, (name, broken, code) in enumerate(steps):
        assert _send(api, {**good, **broken}).error_code == code, name
        for later, also_broken, _ in steps[position + 1 :]:
            if name == "transport" or set(broken) & set(also_broken):
                continue
            assert _send(api, {**good, **also_broken, **broken}).error_code == code, (name, later)
    state = {"user_id": gone.code, "user_api_key": gone.token, "account_id": suspended.code}
    assert _send(api, {**good, **state, "campaign_id": "12"}).error_code == "account_suspended"
    assert _send(api, {**good, **state, "user_api_key": "wrong"}).error_code == "bad_credentials"


def _send(api: Api, fields: dict[str, str]):
    request = api.request({name: value for name, value in fields.items() if not name.startswith("%")})
    extra = b"".join(b"&" + name.encode() + b"=1" for name in fields if name.startswith("%"))
    return api.send(request._replace(body=request.body + extra))


# -- the envelope --------------------------------------------------------------------------------------------------
def test_strict_status_maps_the_classes_of_errors(api: Api, made: MadeAccount) -> None:
    signed = api.as_(**made.credentials, strict_status="Y")
    campaign = make_campaign(made)
    make_customer(made, code="strict")
    assert signed.call("account_info").status == 200
    assert signed.call("nothing").status == 400
    assert signed.call("account_info", user_api_key="wrong").status == 401
    assert signed.call("account_info", account_id="other_one").status == 403
    assert signed.call("customer_info", code="unknown").status == 404
    sale = {"campaign_id": campaign.number, "code": "strict", "amount": "1", "idempotency_key": "k"}
    assert signed.call("record_activity", **sale).status == 200
    assert signed.call("record_activity", **{**sale, "amount": "2"}).status == 409
    assert signed.call("redeem", campaign_id=campaign.number, code="strict", custom_points_redeem="1000").status == 422
    assert api.as_(**made.credentials).call("customer_info", code="unknown").status == 200


def test_a_wrong_output_is_answered_in_xml_and_a_wrong_callback_without_it(api: Api) -> None:
    wrong = api.raw(get("/", b"type=test&output=YAML"))
    assert b'<error code="invalid_parameter">output is not valid' in wrong.body
    wrong = api.raw(get("/", b"type=test&output=JSON&callback=alert(1)"))
    assert json.loads(wrong.body)["error_code"] == "invalid_parameter"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_other_methods_are_refused(api: Api, method: str) -> None:
    assert api.raw(get("/", b"type=test", method=method)).status == 400


# -- plain HTTP ----------------------------------------------------------------------------------------------------
def test_over_plain_http_only_the_test_call_answers(api: Api, made: MadeAccount) -> None:
    assert api.raw(get("/", is_secure=False)).body == XML_SUCCESS
    assert api.raw(get("/api.php", b"type=test", is_secure=False)).body == XML_SUCCESS
    customer = {"type": "record_customer", "customer_action": "new", "code": "plain", **made.credentials}
    for request in (
        api.request(customer)._replace(is_secure=False),
        api.request({"type": "test", "user_api_key": "k"})._replace(is_secure=False),
        api.request({"type": "nothing"})._replace(is_secure=False),
        get("/", b"type=test", is_secure=False, headers={"api_access_key": made.token}),
    ):
        response = api.raw(request)
        assert response.status == 403
        assert b'<error code="plain_http_refused">' in response.body
    assert api.call("customer_info", **made.credentials, code="plain").error_code == "customer_not_found"


# -- the database away ---------------------------------------------------------------------------------------------
def test_a_database_that_is_away_is_told_with_a_time_to_try_again() -> None:
    lonely = Api(Options(database_url="postgresql://nobody@127.0.0.1:1/none", has_access_log=False))
    try:
        answer = lonely.call("account_info", user_id="someone", user_api_key="k", account_id="someone")
        assert (answer.status, answer.error_code, answer.headers["retry-after"]) == (503, "database_unavailable", "1")
        login = lonely.call("test")
        assert login.ok
    finally:
        lonely.close()
