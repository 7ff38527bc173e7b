# SPDX-License-Identifier: Apache-2.0
"""Stopped, killed and started again: nothing acknowledged is lost, nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cli.rig import Server, processes_of, regulars, wait_until_gone

Serve = Callable[..., Server]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


def sales_of(server: Server) -> int:
    with psycopg.connect(server.ready["database_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_entries WHERE kind = 'earn'").fetchone()
        assert row is not None
        return int(row[0])


def wait_for_answer(server: Server) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            assert 'status="success"' in server.sell()
        except (OSError, AssertionError):
            assert time.monotonic() < until, server.words
            time.sleep(0.2)
        else:
            return


@linux
def test_a_stop_leaves_nothing_behind_and_a_second_start_has_the_data(serve: Serve, data: Path) -> None:
    server = serve(data)
    server.sell()
    count = sales_of(server)
    run_directory = Path(server.ready["database_url"].rsplit("host=", 1)[1].replace("%2F", "/"))
    assert run_directory.is_dir()
    assert server.stop() == 0
    assert processes_of(data) == {}
    assert not run_directory.exists()
    assert not server.ready_file.exists()
    assert "database system is shut down" in (data / "postgres.log").read_text()
    again = serve(data)
    assert sales_of(again) == count
    assert again.ready["accounts"] == server.ready["accounts"]


@linux
def test_no_answer_is_lost_by_a_stop_under_load(serve: Serve, data: Path) -> None:
    server = serve(data)
    before = sales_of(server)
    acknowledged: list[str] = []
    is_over = threading.Event()

    def till(number: int) -> None:
        for sale in range(10_000):
            if is_over.is_set():
                return
            try:
                answer = server.sell(reference=f"till{number}-{sale}")
            except OSError:
                return  # nobody took this one: refused or cut before it was sent
            assert 'status="success"' in answer
            acknowledged.append(answer)

    tills = [threading.Thread(target=till, args=(number,)) for number in range(6)]
    for one in tills:
        one.start()
    while len(acknowledged) < 60:
        time.sleep(0.01)
    assert server.stop() == 0
    is_over.set()
    for one in tills:
        one.join()
    assert "killing it" not in server.words
    again = serve(data)
    assert len(acknowledged) <= sales_of(again) - before <= len(acknowledged) + len(tills)
    assert regulars("verify", "--data", data).returncode == 0


@linux
def test_children_do_not_outlive_a_killed_supervisor(serve: Serve, data: Path) -> None:
    server = serve(data)
    server.sell()
    count = sales_of(server)
    server.kill()
    wait_until_gone(data)
    assert sales_of(serve(data)) == count


@linux
def test_a_start_recovers_after_everything_was_killed(serve: Serve, data: Path) -> None:
    server = serve(data)
    server.sell()
    count = sales_of(server)
    left = processes_of(data)
    for process in [server.pid, *left]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    assert server.process is not None
    server.process.wait()
    again = serve(data)  # at once: backends of the killed server may still be ending
    assert sales_of(again) == count
    assert regulars("verify", "--data", data).returncode == 0
    assert again.stop() == 0
    assert processes_of(data) == {}


@linux
@pytest.mark.parametrize("victim", ["postgres", "regulars.api.rsgi:app", "regulars.panel.wsgi", "regulars.jobs.worker"])
def test_a_killed_child_comes_back(serve: Serve, data: Path, victim: str) -> None:
    server = serve(data)
    server.sell()
    count = sales_of(server)
    killed = [process for process, arguments in processes_of(data).items() if victim in arguments and process != server.pid]
    assert killed
    for process in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    until = time.monotonic() + 60
    while not [1 for process, arguments in processes_of(data).items() if victim in arguments and process not in killed]:
        assert time.monotonic() < until, server.words
        time.sleep(0.2)
    wait_for_answer(server)
    assert sales_of(server) > count
    assert "starting it again" in server.words
