# SPDX-License-Identifier: Apache-2.0
"""request_log, our extension: the account's requests, newest first, filtered and paged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_logged_request, make_user

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ROWS = (
    ("r0", "record_activity", "till_a", "ok"),
    ("r1", "redeem", "till_a", "insufficient_balance"),
    ("r2", "redeem", "till_b", "ok"),
    ("r3", "customer_info", "till_b", "customer_not_found"),
    ("r4", "record_activity", "till_a", "ok"),
)


@pytest.fixture(scope="module")
def made() -> MadeAccount:
    """An account (in UTC) with five requests in its log, a minute apart; and another with one."""
    made, other = make_account(timezone="UTC"), make_account()
    for owner, rows in ((made, ROWS), (other, ROWS[:1])):
        for number, (request_id, call, user_code, code) in enumerate(rows):
            make_logged_request(
                owner, at=START + timedelta(minutes=number), request_id=request_id, call=call, user_code=user_code, code=code,
                duration_us=1_500 + number, fields={"type": "x", "email": "***"},
            )  # fmt: skip
    return made


def ids(api: Api, made: Any, **filters: str) -> list[str]:
    answer = api.call("request_log", **made.credentials, **filters)
    assert answer.ok, answer
    return [item["request_id"] for item in answer.json["requests"]]


def test_a_request_is_shown_with_all_that_is_known_of_it(api: Api, made: MadeAccount) -> None:
    answer = api.call("request_log", **made.credentials, request_id="r3")
    assert answer.json["requests"] == [
        {
            "request_id": "r3", "time": "2026-03-01 12:03:00.000000", "call": "customer_info", "user_name": "till_b",
            "address": "192.0.2.7", "error_code": "customer_not_found", "http_status": "200", "duration_us": "1503",
            "answer_bytes": "20", "fields": [{"name": "type", "value": "x"}, {"name": "email", "value": "***"}],
            "answer": '{"status":"success"}',
        }
    ]  # fmt: skip
    assert answer.json["kept_days"] == "7"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "r4 r3 r2 r1 r0"),
        ({"user_name": "TILL_A"}, "r4 r1 r0"),
        ({"user_name": "till"}, ""),
        ({"request_id": "r1"}, "r1"),
        ({"request_id": "r"}, ""),
        ({"request_id": "%"}, ""),
        ({"call": "Redeem"}, "r2 r1"),
        ({"error_code": "ok"}, "r4 r2 r0"),
        ({"error_code": "error"}, "r3 r1"),
        ({"error_code": "customer_not_found"}, "r3"),
        ({"time_from": "2026-03-01 12:01:00", "time_to": "2026-03-01 12:03:00"}, "r3 r2 r1"),
        ({"time_from": "2026-03-01 12:01:01"}, "r4 r3 r2"),
        ({"time_to": "2026-02-28"}, ""),
        ({"time_to": "2026-03-01"}, "r4 r3 r2 r1 r0"),
        ({"user_name": "till_a", "call": "redeem", "error_code": "ok"}, ""),
        ({"offset": "1", "length": "2"}, "r3 r2"),
        ({"offset": "5"}, ""),
    ],
)
def test_the_list_is_filtered_and_paged(api: Api, made: MadeAccount, filters: dict[str, str], expected: str) -> None:
    assert ids(api, made, **filters) == expected.split()


def test_pagination_counts_what_matches(api: Api, made: MadeAccount) -> None:
    answer = api.call("request_log", **made.credentials, user_name="till_a", length="1")
    assert answer.json["pagination"] == {"total": "3", "offset": "0", "length": "1"}


def test_nobody_sees_another_accounts_requests(api: Api, made: MadeAccount) -> None:
    assert ids(api, make_account()) == []


def test_a_manager_may_not_see_what_everybody_did(api: Api, made: MadeAccount) -> None:
    manager, admin = make_user(made, role="M"), make_user(made, role="A")
    assert api.call("request_log", **manager.credentials).error_code == "permission_denied"
    assert api.call("request_log", **admin.credentials).ok
