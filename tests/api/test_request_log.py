# SPDX-License-Identifier: Apache-2.0
"""The request log: what is in it, what never is, and that no call waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from regulars.accounts.operations import update_account
from regulars.api.exchange import Request
from regulars.api.log_masks import ANSWERS_SHOWN, FIELDS_SHOWN
from regulars.api.rates import Buckets
from regulars.api.request_log import ANSWERS_AT_ONCE, APPEND, REFUSED_AT_ONCE, RequestLog
from regulars.kit.db import unit_of_work
from regulars.protocol.params import declared
from regulars.request_log.queries import Logged, list_requests
from regulars.request_log.rules import FIELDS_LENGTH_MAX, entry_id, first_id, time_of
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_coalition, make_customer, make_user
from tests.scene import make_scene, registered_calls, requests

Run = Callable[..., list[tuple[Any, ...]]]
MARK = "zq7marker"
SECRET_FIELDS = {
    "user_password": MARK, "api_access_key": MARK, "password": MARK, "user_new_password": MARK, "new_account_password": MARK,
    "customer_password": MARK, "mailchimp_password": MARK, "sms_password": MARK, "account_password": MARK, "token": MARK,
    "customer_PIN": "90417", "user_PIN": "90417", "authorization": MARK, "reference": MARK, "Customer_Password": MARK,
    "email": f"{MARK}@shop.example", "client_email": f"{MARK}@shop.example", "phone": "212-555-0190417",
    "first_name": MARK, "last_name": MARK, "street1": MARK, "city": MARK, "customer_username": MARK, "custom_field": MARK,
    "custom_field_2": MARK, "search_text": MARK, "find_customer": MARK, "searchValue": MARK, "card_number": "zq7marker0001",
    "profiles_data": MARK, MARK * 4 + "0123456789abcdef": "x", '{"user_api_key":"' + MARK + '"}': "",
}  # fmt: skip
"""Everything that may hold a secret or say who somebody is, and names of fields that are none."""


def logged(api: Api, made: MadeAccount, **filters: Any) -> tuple[Logged, ...]:
    """What stands in the log of an account, once all is written."""
    api.run(api.services.request_log.written())
    with unit_of_work(made.id):
        return list_requests(account=made.fresh(), by=made.owner, **{"length": 1000, **filters}).rows


def send(api: Api, made: Any, call: str, **fields: str) -> Any:
    return api.raw(api.request({"type": call, **made.credentials, **fields}))


def test_a_request_stands_in_the_log_of_its_account(api: Api) -> None:
    made = make_account()
    make_customer(made, code="10011001")
    before = datetime.now(UTC)
    response = send(api, made, "customer_info", code="10011001", output="JSON")
    (entry,) = logged(api, made)
    assert before <= entry.at <= datetime.now(UTC)
    assert dict(response.headers)["x-request-id"] == entry.request_id
    assert (entry.call, entry.user_code, entry.client, entry.code, entry.http_status) == (
        "customer_info", made.owner.code, "192.0.2.7", "ok", 200,
    )  # fmt: skip
    assert dict(entry.fields) == {
        "type": "customer_info", "account_id": made.code, "code": "***1001", "output": "JSON",
    }  # fmt: skip
    assert 0 < entry.duration_us < 60_000_000
    assert entry.answer_bytes == len(response.body)
    answer = json.loads(entry.answer)
    assert answer["status"] == "success"
    assert answer["customer"]["code"] == "***1001"


@pytest.mark.parametrize("output", ["XML", "JSON", "JSONP"])
def test_the_answer_is_the_same_whatever_the_format(api: Api, output: str) -> None:
    made = make_account()
    wish = {"callback": "done"} if output == "JSONP" else {"output": output}
    send(api, made, "users_list", **wish)
    (entry,) = logged(api, made)
    assert '"status":"success"' in entry.answer
    assert '"total":"1"' in entry.answer
    assert made.token not in entry.answer


def test_an_error_is_logged_with_its_code_and_sentence(api: Api) -> None:
    made = make_account()
    send(api, made, "customer_info", code="nobody_at_all")
    clerk = make_user(made, role="P")
    send(api, clerk, "users_list")
    newest, oldest = logged(api, made)
    assert (oldest.code, newest.code, newest.user_code) == ("customer_not_found", "permission_denied", clerk.code)
    assert json.loads(oldest.answer) == {"status": "error", "error": ["This customer does not exist."]}


def test_nothing_secret_and_nobody_stands_in_the_log_or_the_output(
    api: Api, owner_url: str, run_as_owner: Run, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every call, with a marker in every field that may hold a secret or a name: alone as they are, and all together."""
    caplog.set_level(logging.DEBUG)
    scene = make_scene(api, prepare=make_coalition)
    made, count = scene.made, 0
    for key, select, call in registered_calls():
        wished = requests(scene)[key]
        own = {name for _, parameter in declared(call.params) for name in parameter.names} if call.params else set()
        for more in ({}, {name: value for name, value in SECRET_FIELDS.items() if name in own}, SECRET_FIELDS):
            fields = {**made.credentials, **select, **wished, **more, "dry_run": "Y"}
            api.raw(api.request(fields))
            fields = {**fields, "user_api_key": MARK, "user_password": MARK}
            api.raw(api.request(fields, {"api_access_key": MARK}))
            count += 2
    entries = logged(api, made)
    assert len(entries) > count // 2
    rows = run_as_owner("SELECT row_to_json(e)::text FROM request_log_entries e WHERE account_id = %s", made.id)
    everything = "\n".join(row[0] for row in rows)
    written = caplog.text + "".join(capsys.readouterr())
    secrets = (
        MARK, "90417", made.token, made.password, "Acker", "Amy", "amy@", "555-0101", "Main St", "secret_1", "4711", "5500001",
    )  # fmt: skip
    for text in secrets:
        # A random campaign id may hold the digits of a PIN, a digest too, and a duration be one: a text is looked for.
        found = re.compile(rf"(?<![0-9a-f:]){text}(?![0-9a-f])" if text.isdecimal() else re.escape(text))
        assert not found.search(everything), text
        assert not found.search(written), text


def test_what_may_be_shown_names_no_secret() -> None:
    """Nobody adds a credential to the list by mistake."""
    for name in (FIELDS_SHOWN | ANSWERS_SHOWN) - {"send_no_email", "send_transaction_email"}:  # Y or N
        for word in ("password", "pin", "key", "name", "phone", "email", "street", "username"):
            assert word not in name.lower().split("_"), name
    assert "token" not in FIELDS_SHOWN
    assert "token" not in ANSWERS_SHOWN


def test_a_listed_field_is_masked_where_its_value_is_no_such_thing(api: Api) -> None:
    made = make_account()
    send(api, made, "customer_info", amount="<b>9</b>", campaign_id="0123456789abcdef0123456789abcdef01234567")
    (entry,) = logged(api, made)
    assert dict(entry.fields)["amount"] == dict(entry.fields)["campaign_id"] == "***"


def test_long_requests_are_cut_and_say_so(api: Api) -> None:
    made = make_account()
    send(api, made, "customer_info", **{f"field_{number}": "x" * 1000 for number in range(200)})
    (entry,) = logged(api, made)
    fields = dict(entry.fields)
    assert 0 < int(fields["…"]) < 210
    assert len(json.dumps(fields)) <= FIELDS_LENGTH_MAX + 100


def test_wrong_credentials_are_logged_where_the_user_exists_and_nowhere_else(api: Api, run_as_owner: Run) -> None:
    made = make_account()
    clerk = make_user(made)
    (before,) = run_as_owner("SELECT count(*) FROM request_log_entries")
    for user_code, password in ((clerk.code.upper(), "wrong"), ("nobody_like_that", "wrong"), ("' OR 1=1", "wrong")):
        api.raw(api.request({"type": "user_info", "user_id": user_code, "user_api_key": password}))
        api.raw(api.request({"type": "user_login", "user_id": user_code, "user_password": password}))
    entries = logged(api, made)
    assert [(entry.call, entry.user_code, entry.code) for entry in entries] == [
        ("user_login", clerk.code, "bad_credentials"), ("user_info", clerk.code, "bad_credentials"),
    ]  # fmt: skip
    (after,) = run_as_owner("SELECT count(*) FROM request_log_entries")
    assert int(after[0]) == int(before[0]) + 2


def test_an_account_can_switch_its_log_off(api: Api) -> None:
    made = make_account()
    assert send(api, made, "account_update", request_log_days="0").status == 200
    send(api, made, "account_info")
    assert [entry.call for entry in logged(api, made)] == ["account_update"]
    with unit_of_work(made.id):
        update_account(account=made.fresh(), profile={"request_log_days": "30"})
    send(api, made, "account_info")
    assert [entry.call for entry in logged(api, made)] == ["account_info", "account_update"]


def test_an_id_tells_its_time_and_sorts_by_it() -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    number = entry_id(int(at.timestamp() * 1e6), 5)
    assert time_of(number) == at
    assert first_id(at) <= number < first_id(at.replace(microsecond=790))


def test_a_batch_sent_twice_is_there_once(api: Api, run_as_owner: Run) -> None:
    made = make_account()
    batch = [[made.id], [entry_id(1, 1)], ["test"], ["ok"], ["[]"]]
    for _ in range(2):
        api.run(api.services.log_pool.execute(APPEND, *batch))
    assert run_as_owner("SELECT count(*) FROM request_log_entries WHERE account_id = %s", made.id) == [(1,)]


class Notes:
    """A request log whose database is in the test's hands."""

    def __init__(self, api: Api, made: MadeAccount, waiting_max: int = 50) -> None:
        self.rows: list[list[Any]] = []
        self.is_away = False
        self.calls = 0
        self.log = RequestLog(self.append, api.services.snapshots.for_user, Buckets(), waiting_max=waiting_max)
        self.made = made

    async def append(self, _: str, *columns: list[Any]) -> None:
        self.calls += 1
        if self.is_away:
            raise asyncpg.CannotConnectNowError("starting up")
        self.rows += [list(row) for row in zip(*columns, strict=True)]

    def note(self, api: Api, count: int) -> None:
        from regulars.api.entry import Answer, Response
        from regulars.protocol.tree import success

        response = Response(200, [], b'<response status="success"></response>')
        for number in range(count):
            answer = Answer(f"r{number}", root=success(), account=self.made.account, user=self.made.owner)
            answer.fields = {"type": "test"}
            self.log.note(Request("POST", "/", b"", {}, b"", "192.0.2.1"), answer, response, 5)


def test_nothing_waits_for_a_log_whose_database_is_away_and_what_is_not_logged_is_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.api.request_log.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("regulars.api.request_log.FLUSH_SECONDS", 0.01)
    monkeypatch.setattr("regulars.api.request_log.LOST_SAID_PER_MINUTE", 6_000)
    notes = Notes(api, make_account())
    notes.is_away = True

    async def away_then_back() -> None:
        started = time.perf_counter()
        notes.note(api, 30)
        assert time.perf_counter() - started < 0.5
        await asyncio.sleep(0.2)
        assert notes.calls > 1, "it is tried again"
        notes.note(api, 80)
        assert notes.log.lost_count == 30, "50 wait besides the 30 that are being tried"
        notes.is_away = False
        await notes.log.written()

    api.run(away_then_back())
    kept = [row for row in notes.rows if row[3] == "ok"]
    said = [row for row in notes.rows if row[3] == "not_logged"]
    assert len(kept) == 80
    assert [(row[0], json.loads(row[4])[6]) for row in said] == [(notes.made.id, {"requests": "30"})]


def test_a_worker_that_stops_writes_what_it_holds(api: Api) -> None:
    notes = Notes(api, make_account())

    async def stop() -> None:
        notes.note(api, 7)
        started = time.perf_counter()
        await notes.log.close()
        assert time.perf_counter() - started < 0.4, "it does not wait for the next moment"

    api.run(stop())
    assert len(notes.rows) == 7


def test_a_worker_stops_though_the_database_is_away(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    notes = Notes(api, make_account())
    notes.is_away = True

    async def stop() -> None:
        notes.note(api, 7)
        await notes.log.close()

    api.run(stop())
    assert "7 requests are not logged" in caplog.text


def test_nobody_floods_anothers_log_with_wrong_credentials(api: Api) -> None:
    made = make_account()
    notes = Notes(api, made, waiting_max=10_000)

    async def flood() -> None:
        from regulars.api.entry import Answer, Response
        from regulars.errors import BadCredentials

        response = Response(200, [], b"")
        for number in range(3 * REFUSED_AT_ONCE):
            answer = Answer(f"r{number}", error=BadCredentials())
            answer.fields = {"user_id": made.code}
            notes.log.note(Request("POST", "/", b"", {}), answer, response, 5)
        await notes.log.written()

    api.run(flood())
    assert REFUSED_AT_ONCE <= len(notes.rows) < REFUSED_AT_ONCE + 5


def test_answers_of_a_busy_account_are_logged_by_their_size(api: Api) -> None:
    notes = Notes(api, make_account(), waiting_max=1_000)

    async def busy() -> None:
        notes.note(api, 300)
        await notes.log.written()

    api.run(busy())
    assert len(notes.rows) == 300
    assert ANSWERS_AT_ONCE <= sum(1 for row in notes.rows if json.loads(row[4])[7]) < ANSWERS_AT_ONCE + 5
    assert all(json.loads(row[4])[5] for row in notes.rows)


def test_of_a_flood_so_many_are_logged_and_the_others_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.api.request_log.LOGGED_AT_ONCE", 40)
    monkeypatch.setattr("regulars.api.request_log.LOGGED_PER_MINUTE", 1)
    notes = Notes(api, make_account(), waiting_max=1_000)

    async def flood() -> None:
        notes.note(api, 100)
        await notes.log.written()

    api.run(flood())
    assert [row[3] for row in notes.rows] == ["ok"] * 40 + ["not_logged"]
    assert json.loads(notes.rows[-1][4])[6] == {"requests": "60"}
