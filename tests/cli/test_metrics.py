# SPDX-License-Identifier: Apache-2.0
"""What Prometheus is told: the numbers of all processes, of those that ended too, and the database's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from regulars.cli import metrics
from regulars.cli.metrics import Database, application
from regulars.kit.metrics import SUFFIX

COUNT = """
import sys; from regulars.kit.metrics import *
open_store(sys.argv[1], sys.argv[2])
Metric("served_total", "counter", "Served.", labels=("what",)).add(int(sys.argv[3]), "tea")
Metric("open", "gauge", "Open.").set(int(sys.argv[3]))
Metric("took_seconds", "histogram", "Took.", per_unit=SECONDS, bounds=(1_000, 1_000_000)).observe(int(sys.argv[3]) * 1_000)
print(flush=True); sys.stdin.read()
"""
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def counting(folder: Path, process: str, number: int) -> subprocess.Popen[str]:
    """A process that has counted something and goes on until its input ends."""
    command = [sys.executable, "-c", COUNT, str(folder), process, str(number)]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "\n"
    return started


def ask(app: Callable[..., Any], path: str = "/metrics", **environ: str) -> tuple[str, str]:
    said: list[str] = []
    body = app({"PATH_INFO": path, "REQUEST_METHOD": "GET", **environ}, lambda status, _: said.append(status))
    return said[0], b"".join(body).decode()


def scrape(app: Callable[..., Any]) -> Samples:
    status, body = ask(app)
    assert status == "200 OK"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_the_numbers_of_all_processes_are_added_up_and_counters_never_go_back(tmp_path: Path) -> None:
    app = application(tmp_path, lambda: None, "")
    first, second = counting(tmp_path, "api", 3), counting(tmp_path, "api", 40)
    told = scrape(app)
    assert told["served_total", (("what", "tea"),)] == 43
    assert told["open", ()] == 43
    assert told["took_seconds_bucket", (("le", "0.001"),)] == 0
    assert told["took_seconds_bucket", (("le", "1.0"),)] == 2
    assert told["took_seconds_count", ()] == 2
    assert told["took_seconds_sum", ()] == pytest.approx(0.043)
    assert told["regulars_processes", (("process", "api"),)] == 2
    assert told["regulars_process_resident_bytes", (("process", "api"),)] > 2**20
    assert told["regulars_database_up", ()] == 0
    second.communicate()
    for _ in range(2):  # the second time from what was put away
        told = scrape(app)
        assert told["served_total", (("what", "tea"),)] == 43
        assert told["took_seconds_count", ()] == 2
        assert told["open", ()] == 3, "who has ended has nothing open"
    assert len(list(tmp_path.glob(f"*{SUFFIX}"))) == 1, "files of the dead are put away"
    again = application(tmp_path, lambda: None, "")  # the listener itself was restarted
    assert scrape(again)["served_total", (("what", "tea"),)] == 43
    first.communicate()


def test_nothing_is_counted_twice_where_putting_away_was_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counting(tmp_path, "jobs", 5).communicate()
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # ended before the file was removed
    assert scrape(application(tmp_path, lambda: None, ""))["served_total", (("what", "tea"),)] == 5
    monkeypatch.undo()
    assert scrape(application(tmp_path, lambda: None, ""))["served_total", (("what", "tea"),)] == 5


def test_a_token_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    app = application(tmp_path, lambda: None, "sesame")
    for given in ({}, {"HTTP_AUTHORIZATION": "Bearer other"}, {"HTTP_AUTHORIZATION": "sesame"}):
        status, body = ask(app, **given)
        assert status.startswith("401")
        assert "regulars_" not in body
    assert ask(app, HTTP_AUTHORIZATION="Bearer sesame")[0] == "200 OK"
    assert ask(app, "/", HTTP_AUTHORIZATION="Bearer sesame")[0].startswith("404")


def test_the_database_tells_its_figures_and_they_are_all_declared(
    tmp_path: Path, owner_connection: psycopg.Connection[Any]
) -> None:
    database = Database(os.environ["DATABASE_URL"])
    rows = database.figures()
    try:
        assert rows is not None
        asked = owner_connection.execute("SELECT metric FROM upkeep_figures()").fetchall()
        assert {row[0] for row in asked} <= metrics.FIGURES.keys()
        owner_connection.execute("SELECT upkeep_note('backup', to_timestamp(1700000000), 1500, '', false)")
        owner_connection.execute("SELECT upkeep_note('backup', to_timestamp(1700000009), 10, '', true)")
        told = scrape(application(tmp_path, database.figures, ""))
    finally:
        assert database.connection is not None
        database.connection.close()
        owner_connection.execute("DELETE FROM upkeep_last_runs WHERE name = 'backup'")
    assert told["regulars_database_up", ()] == 1
    assert told["regulars_last_success_timestamp_seconds", (("what", "backup"),)] == 1_700_000_000
    assert told["regulars_last_failure_timestamp_seconds", (("what", "backup"),)] == 1_700_000_009
    assert told["regulars_last_run_seconds", (("what", "backup"),)] == 0.01
    assert told["regulars_database_connections_max", ()] >= 1
    for name in ("regulars_outbox_waiting", "regulars_webhooks_waiting", "regulars_webhooks_failing"):
        assert (name, ()) in told


def test_a_database_that_is_away_is_said_and_asked_again(tmp_path: Path) -> None:
    database = Database("postgresql:///nowhere?host=/nonexistent")
    assert scrape(application(tmp_path, database.figures, ""))["regulars_database_up", ()] == 0
    database.url = os.environ["DATABASE_URL"]
    assert scrape(application(tmp_path, database.figures, ""))["regulars_database_up", ()] == 1
    assert database.connection is not None
    database.connection.close()
    assert database.figures() is not None, "a broken connection is opened anew"
    database.connection.close()
