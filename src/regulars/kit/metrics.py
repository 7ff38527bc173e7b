# SPDX-License-Identifier: Apache-2.0
"""
What a process counts for its operator: counters, gauges and histograms that cost well under a microsecond each.

Numbers are whole, and stand in cells of 64 bits: in memory, or once ``open_store`` was called in a file that is mapped into
memory. Such a file describes itself, so that the process which shows the numbers of all (cli/metrics.py) needs to ask nobody,
and still has those of a process that was killed. Labels are names of ours, never a caller's text.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["counter", "gauge", "histogram"]
CELL_BYTES = 8
CELLS_MAX = 16_384
"""Of one process; what does not fit is not counted, and said in regulars_metrics_dropped_total."""
SECONDS = 1_000_000
"""``per_unit`` of times: they are counted in microseconds and shown in seconds, as Prometheus wants them."""
LATENCY_US = (
    1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
)  # fmt: skip
SIZES = (1, 2, 4, 8, 16, 32, 48, 64)
SUFFIX = ".cells"

DECLARED: dict[str, Metric] = {}
"""Every metric of the modules that were imported, by name."""
_LOCK = threading.Lock()


class Metric:
    """
    One figure, declared once in a module. ``bounds``: of a histogram, upper bounds in the unit that is counted in;
    ``per_unit``: how many of that unit make one of the unit shown.
    """

    __slots__ = ("_slots", "_store", "bounds", "kind", "labels", "name", "per_unit", "says")

    def __init__(
        self,
        name: str,
        kind: Kind,
        says: str,
        *,
        labels: tuple[str, ...] = (),
        per_unit: int = 1,
        bounds: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.kind = kind
        self.says = says
        self.labels = labels
        self.per_unit = per_unit
        self.bounds = bounds
        self._slots: dict[tuple[str, ...], int] = {}
        self._store: _Store | None = None
        DECLARED[name] = self

    def add(self, amount: int = 1, *labels: str) -> None:
        """Add to a counter or a gauge."""
        slot = self._slot(labels)
        with _LOCK:
            STORE.cells[slot] += amount

    def set(self, value: int, *labels: str) -> None:
        """Say what a gauge is now, in this process; those of all processes are added up."""
        STORE.cells[self._slot(labels)] = value

    def observe(self, value: int, *labels: str) -> None:
        """Note one value of a histogram."""
        slot = self._slot(labels)
        with _LOCK:
            cells = STORE.cells
            cells[slot] += value
            cells[slot + 1 + bisect_left(self.bounds, value)] += 1

    def _slot(self, labels: tuple[str, ...]) -> int:
        if self._store is not STORE:  # another was opened
            self._store, self._slots = STORE, {}
        slot = self._slots.get(labels)
        return self._allot(labels) if slot is None else slot

    def _allot(self, labels: tuple[str, ...]) -> int:
        assert len(labels) == len(self.labels), f"{self.name} has the labels {self.labels}, not {labels}"
        with _LOCK:
            slot = self._slots[labels] = STORE.allot(self, labels)
        return slot

    @property
    def width(self) -> int:
        """How many cells one series takes: of a histogram the sum, then each bucket and the one without a bound."""
        return len(self.bounds) + 2 if self.kind == "histogram" else 1


class _Store:
    """The cells of this process. The first ones take what does not fit, so that no caller has to ask."""

    def __init__(self, path: Path | None = None) -> None:
        size = CELLS_MAX * CELL_BYTES
        self._file = -1
        self._next = self._dropped = len(LATENCY_US) + 2
        self._next += 1
        self._descriptions: dict[str, int] = {}
        memory: Any
        if path is None:
            memory = bytearray(size)
        else:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)  # until this process ends: so its numbers are known to be of one that lives
            os.ftruncate(self._file, size)
            memory = mmap.mmap(self._file, size)
        self.cells = memoryview(memory).cast("q")

    def allot(self, metric: Metric, labels: tuple[str, ...]) -> int:
        """Return the first cell of a new series; the lines that describe it stand behind the cells."""
        slot = self._next
        if slot + metric.width > CELLS_MAX:
            if not self.cells[self._dropped]:
                self._describe(DROPPED, (), self._dropped)
            self.cells[self._dropped] += 1
            return 0
        self._next += metric.width
        self._describe(metric, labels, slot)
        return slot

    def _describe(self, metric: Metric, labels: tuple[str, ...], slot: int) -> None:
        if self._file < 0:
            return
        lines = ""
        if metric.name not in self._descriptions:
            self._descriptions[metric.name] = len(self._descriptions)
            given = [metric.name, metric.kind, metric.says, metric.labels, metric.per_unit, metric.bounds]
            lines = json.dumps(given) + "\n"
        lines += json.dumps([self._descriptions[metric.name], slot, *labels]) + "\n"
        os.write(self._file, lines.encode())


DROPPED = Metric("regulars_metrics_dropped_total", "counter", "Series that there was no room for.")
STORE = _Store()


def open_store(folder: str, process: str) -> None:
    """
    Count in a file of this process from now on, if there is a folder for it ("": in memory). ``process``: what it is.

    To be called in the process that counts, not in one that forks it.
    """
    global STORE
    if folder:
        STORE = _Store(Path(folder) / f"{process}-{os.getpid()}-{os.urandom(4).hex()}{SUFFIX}")


# -- reading what others counted -----------------------------------------------------------------------------------
@dataclass(slots=True)
class Family:
    """One metric with all its series as they were read: cells by label values."""

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...]
    per_unit: int
    bounds: tuple[int, ...]
    series: dict[tuple[str, ...], list[int]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return len(self.bounds) + 2 if self.kind == "histogram" else 1

    def merge(self, other: Family) -> None:
        """Add another's series of the same metric; one whose bounds changed with a release is left out."""
        if (self.labels, self.bounds) == (other.labels, other.bounds):
            for labels, cells in other.series.items():
                mine = self.series.setdefault(labels, [0] * self.width)
                self.series[labels] = [a + b for a, b in zip(mine, cells, strict=True)]


def families_in(path: Path) -> Iterator[Family]:
    """Yield what a process counted. Raises OSError."""
    data = path.read_bytes()
    if len(data) < CELLS_MAX * CELL_BYTES:
        return  # it is just being made
    cells = memoryview(data)[: CELLS_MAX * CELL_BYTES].cast("q")
    found: list[Family] = []
    for line in data[CELLS_MAX * CELL_BYTES :].split(b"\n")[:-1]:  # the last one is empty, or not whole yet
        given = json.loads(line)
        if isinstance(given[0], str):
            name, kind, says, labels, per_unit, bounds = given
            found.append(Family(name, kind, says, tuple(labels), per_unit, tuple(bounds)))
        else:
            family, slot = found[given[0]], given[1]
            family.series[tuple(given[2:])] = cells[slot : slot + family.width].tolist()
    yield from found


def is_alive(path: Path) -> bool:
    """Whether the process that counts in a file still runs. Raises OSError where there is no such file."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        return True
    finally:
        os.close(handle)
