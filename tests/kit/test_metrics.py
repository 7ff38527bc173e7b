# SPDX-License-Identifier: Apache-2.0
"""What a process counts, as another one reads it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from regulars.kit import metrics
from regulars.kit.metrics import SUFFIX, Family, Metric, families_in, is_alive, open_store


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Metric]:
    """Metrics of this test's own, and no store but its own."""
    monkeypatch.setattr(metrics, "DECLARED", {})
    monkeypatch.setattr(metrics, "STORE", metrics._Store())
    return metrics.DECLARED


def read(folder: Path) -> dict[str, Family]:
    (path,) = folder.glob(f"*{SUFFIX}")
    return {family.name: family for family in families_in(path)}


def test_what_is_counted_is_read_by_another_process(declared: dict[str, Metric], tmp_path: Path) -> None:
    calls = Metric("calls_total", "counter", "Calls.", labels=("type", "outcome"))
    sizes = Metric("size", "histogram", "Sizes.", bounds=(1, 10))
    waiting = Metric("waiting", "gauge", "Waiting.")
    calls.add(5, "before", "the file was opened")
    open_store(str(tmp_path), "api")
    calls.add(1, "sale", "ok")
    calls.add(2, "sale", "ok")
    calls.add(1, "sale", 'a "quoted" one\n')
    for size in (1, 2, 10, 11, 400):
        sizes.observe(size)
    waiting.set(7)
    waiting.set(3)
    found = read(tmp_path)
    assert found["calls_total"].series == {("sale", "ok"): [3], ("sale", 'a "quoted" one\n'): [1]}
    assert found["calls_total"].labels == ("type", "outcome")
    assert found["size"].series == {(): [424, 1, 2, 2]}
    assert (found["size"].bounds, found["waiting"].series) == ((1, 10), {(): [3]})


def test_nothing_is_lost_between_threads(declared: dict[str, Metric], tmp_path: Path) -> None:
    count = Metric("count_total", "counter", "Count.")
    open_store(str(tmp_path), "panel")

    def work() -> None:
        for _ in range(5_000):
            count.add(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(tmp_path)["count_total"].series == {(): [20_000]}


def test_what_there_is_no_room_for_is_said_and_harms_nobody(
    declared: dict[str, Metric], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(metrics, "CELLS_MAX", 20)
    many = Metric("many_total", "counter", "Many.", labels=("name",))
    open_store(str(tmp_path), "api")
    for number in range(10):
        for _ in range(2):
            many.add(1, str(number))
    found = read(tmp_path)
    kept = found["many_total"].series
    assert 0 < len(kept) < 10
    assert set(map(tuple, kept.values())) == {(2,)}
    assert found["regulars_metrics_dropped_total"].series == {(): [10 - len(kept)]}


def test_a_process_that_was_killed_leaves_its_numbers_and_is_known_to_be_gone(tmp_path: Path) -> None:
    program = (
        "import sys; from regulars.kit.metrics import *; open_store(sys.argv[1], 'jobs')\n"
        "Metric('done_total', 'counter', 'Done.').add(4); print('counted', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    (path,) = tmp_path.glob(f"jobs-{process.pid}-*{SUFFIX}")
    assert is_alive(path)
    process.kill()
    process.communicate()
    assert not is_alive(path)
    assert [family.series for family in families_in(path)] == [{(): [4]}]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_just_being_made_says_nothing(declared: dict[str, Metric], tmp_path: Path) -> None:
    count = Metric("count_total", "counter", "Count.")
    open_store(str(tmp_path), "api")
    count.add(1)
    (path,) = tmp_path.glob(f"*{SUFFIX}")
    with path.open("ab") as file:
        file.write(b'["half_a_li')
    assert [family.name for family in families_in(path)] == ["count_total"]
    os.truncate(path, 100)
    assert list(families_in(path)) == []
