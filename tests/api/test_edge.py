# SPDX-License-Identifier: Apache-2.0
"""What the edge does with our own bugs, with slow calls, and with what it writes into logs."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.db import connection

import regulars
from regulars.api.call import Call, Context, Family
from regulars.api.entry import carry_out, fingerprint_of
from regulars.api.registry import ALIASES, CALLS, find_call, selector_of
from regulars.errors import InvariantViolation, UnknownCall
from regulars.protocol.kinds import text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, success
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer


@dataclass(frozen=True, slots=True)
class Params:
    wish: str = param(text(), default="")


@pytest.fixture(scope="module")
def made() -> MadeAccount:
    return make_account()


def register(monkeypatch: pytest.MonkeyPatch, handle: object, **options: object) -> None:
    """Add a call of this test's own to the registry."""
    call = Call("of_this_test", handle, Params, None, "", needs_account_id=False, **options)  # type: ignore[arg-type]
    monkeypatch.setitem(CALLS, "of_this_test", call)


# -- our own bugs --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_async", [True, False])
def test_a_bug_of_ours_is_a_500_that_tells_nothing_and_a_loud_line_without_values(
    api: Api, made: MadeAccount, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_async: bool
) -> None:
    def fail(_ctx: Context, params: Params) -> Element:
        raise ZeroDivisionError(f"about {params.wish}")

    async def fail_async(ctx: Context, params: Params) -> Element:
        return fail(ctx, params)

    register(monkeypatch, fail_async if is_async else fail)
    with caplog.at_level(logging.INFO):
        answer = api.call("of_this_test", **made.credentials, wish="my secret wish")
    assert (answer.status, answer.error_code) == (500, "internal_error")
    assert "secret" not in answer.xml_body.decode()
    assert "ZeroDivisionError" in caplog.text
    assert "test_edge.py" in caplog.text
    assert "secret" not in caplog.text
    assert made.token not in caplog.text


def test_an_answer_that_can_not_be_written_is_a_500_too(api: Api, made: MadeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unshowable(_ctx: Context, _params: Params) -> Element:
        return success(Element("list", text="x", is_list=True))

    register(monkeypatch, unshowable)
    request = api.request({"type": "of_this_test", "output": "JSON", **made.credentials})
    response = api.raw(request)
    assert response.status == 500
    assert b'"error_code": "internal_error"' in response.body


def test_a_bug_in_the_middle_of_a_unit_of_work_rolls_it_back(
    api: Api, made: MadeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(ctx: Context, _params: Params) -> Element:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_accounts SET biz_name = 'half' WHERE id = %s", [ctx.account.id])
        raise InvariantViolation("half way")

    register(monkeypatch, half)
    assert api.call("of_this_test", **made.credentials).status == 500
    assert made.fresh().profile["biz_name"] == "Bean & Leaf"
    assert api.call("account_info", **made.credentials).ok


# -- time ----------------------------------------------------------------------------------------------------------
def test_a_call_gets_the_accounts_clock(
    api: Api, made: MadeAccount, monkeypatch: pytest.MonkeyPatch, run_as_owner: object
) -> None:
    async def tell(ctx: Context, _params: Params) -> Element:
        return success(leaf("at", ctx.at.isoformat()))

    register(monkeypatch, tell)
    other = make_account()
    run_as_owner("UPDATE accounts_accounts SET test_clock_offset_seconds = 86400 WHERE id = %s", other.id)  # type: ignore[operator]
    at = made.account.created_at
    assert api.call_at(at, "of_this_test", **made.credentials).at("at") == at.isoformat()
    shown = api.call_at(at, "of_this_test", **other.credentials).at("at")
    assert shown == at.replace(day=at.day + 1).isoformat()


# -- slow calls ----------------------------------------------------------------------------------------------------
def test_slow_calls_do_not_slow_the_event_loop(api: Api, made: MadeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_ctx: Context, _params: Params) -> Element:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.4)")
        return success()

    register(monkeypatch, sleep)
    slow = api.request({"type": "of_this_test", **made.credentials})
    quick = api.request({"type": "test"})

    async def race() -> float:
        sleeping = [asyncio.create_task(carry_out(slow, api.services)) for _ in range(6)]
        worst = 0.0
        while not all(task.done() for task in sleeping):
            started = time.perf_counter()
            await carry_out(quick, api.services)
            worst = max(worst, time.perf_counter() - started)
            await asyncio.sleep(0.01)
        for task in sleeping:
            assert (await task).error is None
        return worst

    assert api.run(race()) < 0.2


def test_when_too_many_wait_the_next_is_told_to_come_later(made: MadeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from regulars.api.options import Options

    def sleep(_ctx: Context, _params: Params) -> Element:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return success()

    register(monkeypatch, sleep)
    small = Api(Options(os.environ["DATABASE_URL"], "regulars_app", thread_count=1, queue_max=1, has_access_log=False))
    try:
        answers = small.together([small.request({"type": "of_this_test", **made.credentials})] * 4)
    finally:
        small.close()
    refused = [answer for answer in answers if not answer.ok]
    assert len(refused) == 2
    assert {(a.status, a.error_code, a.headers["retry-after"]) for a in refused} == {(503, "overloaded", "1")}


# -- round trips ---------------------------------------------------------------------------------------------------
@pytest.fixture
def statements(api: Api) -> Iterator[list[str]]:
    """Every statement that the event loop's connections send from now on."""
    seen: list[str] = []

    def note(record: object) -> None:
        seen.append(record.query)  # type: ignore[attr-defined]

    async def listen(add: bool) -> None:
        pool = api.services.pool
        held = [await pool.acquire() for _ in range(api.services.options.pool_size)]
        for one in held:
            (one.add_query_logger if add else one.remove_query_logger)(note)
        for one in held:
            await pool.release(one)

    api.run(listen(True))
    seen.clear()
    yield seen
    api.run(listen(False))


def test_a_sale_is_one_round_trip_and_a_look_up_is_one(api: Api, made: MadeAccount, statements: list[str]) -> None:
    campaign = make_campaign(made)
    make_customer(made, code="c1", campaigns=(campaign,))
    till = api.as_(**made.credentials, campaign_id=campaign.number, code="c1")
    for fields in (
        {"call_type": "record_activity", "amount": "9.95"},
        {"call_type": "record_activity", "amount": "9.95", "idempotency_key": "k"},
        {"call_type": "redeem", "custom_points_redeem": "1"},
        {"call_type": "customer_balance"},
        {"call_type": "customer_info"},
    ):
        assert till.call(**fields).ok  # the first of its kind also reads the types and the snapshot
        statements.clear()
        assert till.call(**fields).ok
        assert len(statements) == 1, (fields, statements)


# -- logs ----------------------------------------------------------------------------------------------------------
def test_the_access_line_says_who_and_what_but_no_value(api: Api, made: MadeAccount, caplog: pytest.LogCaptureFixture) -> None:
    services = replace(api.services, options=replace(api.services.options, has_access_log=True))
    from regulars.api.entry import handle

    with caplog.at_level(logging.INFO, logger="regulars.api.access"):
        good = api.request({"type": "customer_info", "code": "a private code", **made.credentials}, {"X-Request-Id": "r-1"})
        api.run(handle(good, services))
        bad = api.request({"type": "account_info", "user_id": "hunter2", "user_api_key": "hunter3"})
        api.run(handle(bad, services))
        api.run(handle(good._replace(query=b"card_number=private", path="/"), services))
    first, second, third = caplog.messages
    for part in (
        '"request_id":"r-1"',
        '"type":"customer_info"',
        f'"account":"{made.code}"',
        '"code":"customer_not_found"',
        '"status":200',
    ):
        assert part in first
    for secret in ("private", made.token, "hunter2", "hunter3"):
        assert secret not in first + second + third
    assert '"user":""' in second


# -- the registry --------------------------------------------------------------------------------------------------
def every_call() -> list[Call]:
    return [call for entry in CALLS.values() for call in (entry.calls.values() if isinstance(entry, Family) else (entry,))]


def test_every_call_is_registered_under_its_own_type() -> None:
    for name, entry in CALLS.items():
        assert name == entry.type
        assert name == name.lower()
        for alias in entry.aliases:
            assert ALIASES[alias] is entry
            assert alias not in CALLS
        if isinstance(entry, Family):
            assert all(key == key.lower() for key in entry.calls)
            assert selector_of(name) == entry.selector
    with pytest.raises(UnknownCall):
        find_call("nothing")


def modules_reached(module: str) -> set[str]:
    """Return the modules that ``module`` imports, and those they import, as far as they are ours."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.split(".")[0] != "regulars":
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        for node in ast.walk(ast.parse(Path(spec.origin).read_text("utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                base = node.module
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    is_module = base.startswith("regulars") and importlib.util.find_spec(base) is not None and _is_module(inner)
                    waiting.append(inner if is_module else base)
    return seen


def _is_module(name: str) -> bool:
    path = Path(regulars.__file__).parent.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").is_file() or path.is_dir()


@pytest.mark.parametrize(
    "call", [call for call in every_call() if inspect.iscoroutinefunction(call.handle)], ids=lambda c: c.type
)
def test_a_call_on_the_event_loop_reaches_no_orm(call: Call) -> None:
    reached = modules_reached(call.handle.__module__)
    blocking = sorted(name for name in reached if name.startswith(("django.db", "psycopg", "requests", "time.sleep")))
    assert not blocking, f"{call.type} is an async call; use def, or keep these out of its imports: {blocking}"


def test_the_lint_above_sees_an_orm_where_there_is_one() -> None:
    assert any(name.startswith("django.db") for name in modules_reached("regulars.api.calls.customer_search"))


def test_a_fingerprint_leaves_out_who_asks_and_how_to_answer(made: MadeAccount) -> None:
    owner = made.owner
    base = {"type": "redeem", "code": "1"}
    print_ = fingerprint_of(base, owner)
    for extra in ({"output": "JSON"}, {"user_api_key": "x"}, {"idempotency_key": "k"}, {"strict_status": "Y"}):
        assert fingerprint_of({**base, **extra}, owner) == print_
    assert fingerprint_of({**base, "code": "2"}, owner) != print_
    assert fingerprint_of({**base, "amount": ""}, owner) != print_
    assert fingerprint_of(base, replace(owner, id=owner.id + 1)) != print_
