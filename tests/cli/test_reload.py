# SPDX-License-Identifier: Apache-2.0
"""New processes take over from those that serve, while tills and people go on: not one request is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests.cli.rig import Server, copy_data, processes_of, regulars

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
TILLS, PEOPLE, NEWCOMERS = 8, 2, 2


@dataclass
class Load:
    """Clients over TLS that keep their connections open as long as the server does, and never try a request again."""

    server: Server
    is_over: bool = False
    sold: int = 0
    seen: int = 0
    connections: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = urlsplit(self.server.ready["url"])
        self.host, self.port = "127.0.0.1", parts.port
        self.trust = ssl.create_default_context(cafile=self.server.ready["ca_file"])
        account = self.server.ready["accounts"][0]
        owner = account["owner"]
        sale = {"type": "record_activity", "user_id": owner["user_id"], "user_api_key": owner["user_api_key"], "amount": "1"}
        sale |= {"account_id": account["account_id"], "campaign_id": account["campaigns"]["points"]}
        self.sale = urlencode({**sale, "code": account["customers"][0]["code"]})

    async def run(self, work: Callable[[], Any]) -> Any:
        """Load the server until ``work`` (in a thread) has returned; return what it does."""
        async with asyncio.TaskGroup() as group:
            for number in range(TILLS):  # every other one is idle most of the time, as tills are
                rests = 0.1 * (number % 2)
                group.create_task(self._client("/api.php", self.sale, 'status="success"', keeps=True, rests_seconds=rests))
            for _ in range(NEWCOMERS):
                group.create_task(self._client("/api.php", self.sale, 'status="success"', keeps=False))
            for _ in range(PEOPLE):
                group.create_task(self._client("/admin.php/sign-in", "", "<form", keeps=True))
            await self._until(lambda: self.sold > 20 and self.seen > 2)
            outcome = await asyncio.to_thread(work)
            before = self.sold, self.seen
            await self._until(lambda: self.sold > before[0] + 20 and self.seen > before[1] + 2)
            self.is_over = True
        return outcome

    async def _until(self, is_done: Callable[[], bool]) -> None:
        while not is_done() and not self.failures:  # noqa: ASYNC110 - clients count, they do not signal
            await asyncio.sleep(0.02)

    async def _client(self, path: str, form: str, wanted: str, *, keeps: bool, rests_seconds: float = 0) -> None:
        link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while not self.is_over and not self.failures:
                if link is None:
                    link = await asyncio.open_connection(self.host, self.port, ssl=self.trust, server_hostname="localhost")
                    self.connections += 1
                head, body = await asyncio.wait_for(_ask(*link, path, form), 60)
                assert head.startswith("HTTP/1.1 200 "), head
                assert wanted in body, body[:300]
                self.sold += bool(form)
                self.seen += not form
                if not keeps or "\r\nconnection: close" in head.lower():
                    await _close(link[1])
                    link = None
                await asyncio.sleep(rests_seconds)
        except (OSError, EOFError, TimeoutError, AssertionError) as error:
            self.failures.append(f"{path}: {type(error).__name__}: {error}")
        finally:
            if link is not None:
                await _close(link[1])


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, form: str) -> tuple[str, str]:
    method = "POST" if form else "GET"
    kind = "content-type: application/x-www-form-urlencoded\r\n" if form else ""
    writer.write(f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{kind}content-length: {len(form)}\r\n\r\n{form}".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lower = head.lower()
    if "content-length:" in lower:
        length = int(lower.split("content-length:", 1)[1].split("\r\n", 1)[0])
        return head, (await reader.readexactly(length)).decode()
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return head, body.decode()


def sales_of(server: Server) -> int:
    with psycopg.connect(server.ready["database_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_entries WHERE kind = 'earn'").fetchone()
        assert row is not None
        return int(row[0])


def serving(data: Path) -> set[int]:
    """The processes that serve people, tills and jobs."""
    names = ("regulars.api.rsgi:app", "regulars.panel.wsgi", "regulars.jobs.worker")
    return {pid for pid, arguments in processes_of(data).items() if any(name in arguments for name in names)}


@pytest.fixture(scope="module")
def server(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("reloaded")
    data = copy_data(demo_data, folder / "data")
    environment = {"REGULARS_TEST_MARK": str(data), "REGULARS_DRAIN_SECONDS": "1"}
    made = Server(data, folder, ("--demo", "--workers", "2"), environment).start()
    yield made
    made.close()


def outcome_of(server: Server, request_id: str) -> dict[str, Any]:
    """Ask by a bare signal, and return what came of it."""
    os.kill(server.pid, signal.SIGHUP)  # what systemd and init scripts send
    until = time.monotonic() + 120
    while (found := json.loads((server.data / "serve.json").read_text())["reload"]).get("id") != request_id:
        assert time.monotonic() < until, server.words
        time.sleep(0.05)
    return dict(found)


def test_a_reload_under_load_loses_no_request_and_replaces_every_process(server: Server) -> None:
    before, sales = serving(server.data), sales_of(server)
    load = Load(server)
    done = asyncio.run(load.run(lambda: regulars("reload", "--data", server.data)))
    assert load.failures == []
    assert done.returncode == 0, server.words
    assert sales_of(server) - sales == load.sold
    assert load.connections > TILLS + PEOPLE + NEWCOMERS, "connections moved on to the new processes"
    after = serving(server.data)
    assert len(after) == len(before)
    assert not before & after
    assert "starting it again" not in server.words
    run_directory = Path(json.loads((server.data / "serve.json").read_text())["run_directory"])
    assert len(list(run_directory.glob("generation-*"))) == 1


def test_a_release_that_does_not_start_leaves_the_present_one_serving(server: Server, tmp_path: Path) -> None:
    before = serving(server.data)
    broken = tmp_path / "python"  # of a release whose API falls over when it is loaded
    broken.write_text(
        f'#!/bin/sh\ncase "$*" in *rsgi*) echo "no module of that name" >&2; exit 1;; esac\nexec {sys.executable} "$@"\n'
    )
    broken.chmod(0o755)
    (server.data / "reload.json").write_text(json.dumps({"id": "broken", "python": str(broken)}))
    load = Load(server)
    outcome = asyncio.run(load.run(lambda: outcome_of(server, "broken")))
    assert load.failures == []
    assert not outcome["is_done"]
    assert "The API does not start" in outcome["says"]
    assert serving(server.data) == before


def test_another_release_takes_over_by_its_own_interpreter(server: Server, tmp_path: Path) -> None:
    fresh = tmp_path / "python"  # of a release that was installed beside the one that serves
    fresh.write_text(f'#!/bin/sh\nREGULARS_TEST_RELEASE=next exec {sys.executable} "$@"\n')
    fresh.chmod(0o755)
    (server.data / "reload.json").write_text(json.dumps({"id": "fresh", "python": str(fresh)}))
    outcome = outcome_of(server, "fresh")
    assert outcome["is_done"], outcome
    assert all(b"REGULARS_TEST_RELEASE=next" in Path(f"/proc/{pid}/environ").read_bytes() for pid in serving(server.data))
    assert 'status="success"' in server.sell()


def test_where_nothing_runs_that_is_said(demo_data: Path) -> None:
    done = regulars("reload", "--data", demo_data)
    assert done.returncode == 4
    assert "nothing_runs" in done.stderr
