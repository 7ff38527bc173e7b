# SPDX-License-Identifier: Apache-2.0
"""The client's methods and errors are those that the server declares, and it needs nothing of the server."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.api.client_source import CLIENT, write
from regulars.client import AsyncClient, CallError, Client, errors
from regulars.errors import InsufficientBalance, RegularsError
from regulars.protocol.params import declared
from tests.scene import registered_calls

CALLS = {key: call for key, _, call in registered_calls()}


def test_the_files_are_up_to_date(tmp_path: Path) -> None:
    """Written by a process of its own: which errors there are must not depend on what the tests have imported."""
    subprocess.run([sys.executable, "-m", "regulars.api.client_source", str(tmp_path)], check=True)
    written = {path.relative_to(tmp_path): path.read_text("utf-8") for path in tmp_path.rglob("*.py")}
    assert len(written) > 10
    for name, text in written.items():
        assert (CLIENT / name).read_text("utf-8") == text, "run: make client"
    assert {path.name for path in (CLIENT / "calls").glob("*.py")} == {
        path.name for path in written if path.parent.name == "calls"
    }


def test_files_of_calls_that_are_no_more_are_removed(tmp_path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "gone.py").write_text("")
    write({"calls/tokens.py": "1", "errors.py": "2"}, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*.py")) == ["errors.py", "tokens.py"]


@pytest.mark.parametrize("key", sorted(CALLS))
def test_each_call_has_a_method_with_its_parameters(key: str) -> None:
    call = CALLS[key]
    given = inspect.signature(getattr(Client, key.replace(".", "_"))).parameters
    for attribute, parameter in declared(call.params):
        argument = given[attribute.lower()]
        assert argument.kind is inspect.Parameter.KEYWORD_ONLY
        assert (argument.default is inspect.Parameter.empty) == parameter.required
    assert ("idempotency_key" in given) == ("dry_run" in given) == call.writes
    assert inspect.signature(getattr(AsyncClient, key.replace(".", "_"))).parameters == given


def test_types_are_those_of_a_program() -> None:
    hints = typing.get_type_hints(Client.record_activity)
    assert Decimal in typing.get_args(hints["amount"])
    assert set(typing.get_args(hints["buyx_quantity"])) == {int, type(None)}
    assert set(typing.get_args(hints["receipt_text"])) == {bool, type(None)}
    operation = typing.get_type_hints(Client.campaign_new_promo)["promo_operation"]
    assert typing.get_args(operation) == ("x", "+")


def _below(error: type[RegularsError]) -> set[type[RegularsError]]:
    return {error}.union(*(_below(one) for one in error.__subclasses__()))


def test_each_code_has_its_class_with_the_servers_advice() -> None:
    known = {one.code: one.retry for one in _below(RegularsError)}
    for code, kind in errors.BY_CODE.items():
        assert (kind.default_code, kind.retry) == (code, known[code])
    assert errors.BY_CODE[InsufficientBalance.code] is errors.InsufficientBalance
    assert errors.InsufficientBalance.__mro__[1:3] == (errors.Refused, CallError)
    assert issubclass(errors.CustomerNotFound, errors.NotFound)


def test_it_is_imported_without_django_postgresql_and_the_server() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, regulars.client; print(*sorted(sys.modules))"],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert "regulars.client.calls.transactions" in told
    ours = {name for name in told if name.startswith("regulars")}
    assert all(name in ("regulars", "regulars.client") or name.startswith("regulars.client.") for name in ours)
    assert not {name.partition(".")[0] for name in told} & {"django", "asyncpg", "psycopg", "orjson", "granian"}
