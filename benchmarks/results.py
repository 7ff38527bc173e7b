# SPDX-License-Identifier: Apache-2.0
"""What a run came to: medians, ratios and the pages they are written to."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.contestants import Contestant, Measured
from benchmarks.machine import describe_commit, describe_machine, describe_versions, short_name

FOLDER = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that is asked for. ``value`` None = not measured in this run."""

    title: str
    value: float | None
    least: float | None = None
    most: float | None = None
    digits: int = 2
    spread: str = ""

    @property
    def verdict(self) -> str:
        """Return whether the bar is reached; "" where there is none."""
        if self.value is None or (self.least is None and self.most is None):
            return ""
        reached = (self.least is None or self.value >= self.least) and (self.most is None or self.value < self.most)
        return "reached" if reached else "MISSED"

    @property
    def asked(self) -> str:
        """Return the bar in words."""
        if self.least is not None:
            return f"at least {self.least:g}"
        return f"under {self.most:g}" if self.most is not None else ""


@dataclass(slots=True)
class Run:
    """All measurements of one `make bench`."""

    about: dict[str, dict[str, str]]
    """Machine, versions, settings, what was run."""
    contestants: Sequence[Contestant]
    rounds: dict[str, list[Measured]] = field(default_factory=dict)
    worker_trial: dict[int, list[float]] = field(default_factory=dict)
    """Sales per second of each number of workers tried."""
    memory: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    """Per server, one line per worker."""
    complaints: list[str] = field(default_factory=list)
    """What is wrong with the books or the answers: none, or the run failed."""
    proof: dict[str, str] = field(default_factory=dict)

    def median(self, key: str, of: Callable[[Measured], float | None]) -> float | None:
        """Return the median of something over the rounds; None where it was not measured."""
        values = [value for each in self.rounds.get(key, ()) if (value := of(each)) is not None]
        return statistics.median(values) if values else None

    def ratio(self, title: str, above: str, below: str, least: float | None = None) -> Bar:
        """Return the median over the rounds of the ratio of two contestants' calls per second, each pair of one round."""
        pairs = zip(self.rounds.get(above, ()), self.rounds.get(below, ()), strict=False)
        found = [one.load.per_second / other.load.per_second for one, other in pairs if other.load.calls]
        if not found:
            return Bar(title, None, least)
        return Bar(title, statistics.median(found), least, spread=f"{min(found):.2f} to {max(found):.2f}")

    def bars(self) -> list[Bar]:
        """Return the ratios and figures that are asked for."""
        p99_us = self.median("a", lambda each: each.load.p99_us)
        return [
            self.ratio("a / d: a sale over HTTP against ledger_post() alone", "a", "d", 1.0),
            self.ratio("a / f: a sale against the Django ORM's", "a", "f", 10),
            self.ratio("b / f-read: a look-up against the Django ORM's", "b", "f-read", 15),
            self.ratio("a-tls / a: what TLS leaves", "a-tls", "a", 0.9),
            self.ratio("a-4k / a: what receipts of 4 KB leave", "a-4k", "a", 0.75),
            self.ratio("b / d-lookup: a look-up over HTTP against ledger_lookup() alone", "b", "d-lookup", 0.6),
            self.ratio("a / e: a sale against a hand-written transaction without HTTP", "a", "e"),
            Bar("c: sales of one hot card per second", self.median("c", lambda each: each.load.per_second), 1000, digits=0),
            Bar("a: p99 in ms", None if p99_us is None else p99_us / 1000, most=30, digits=1),
        ]

    def lines(self) -> list[str]:
        """Return the results as Markdown: the figures first, then what they were made with."""
        titles = {each.key: each.title for each in self.contestants}
        rows = [
            [
                key,
                titles[key],
                _number(self.median(key, lambda each: each.load.per_second)),
                f"{min(speeds):,.0f} to {max(speeds):,.0f}",
                _milliseconds(self.median(key, lambda each: each.load.p50_us)),
                _milliseconds(self.median(key, lambda each: each.load.p99_us)),
                _number(self.median(key, lambda each: each.server_us)),
                _number(self.median(key, lambda each: each.database_us)),
            ]
            for key, each in self.rounds.items()
            if (speeds := [one.load.per_second for one in each])
        ]
        head = ["", "contestant", "calls/s", "range", "p50 ms", "p99 ms", "server CPU us/call", "PostgreSQL CPU us/call"]
        bars = [
            [bar.title, _number(bar.value, bar.digits), bar.spread, bar.asked, bar.verdict]
            for bar in self.bars()
            if bar.value is not None
        ]
        memory = [
            [server, str(number), _number(each["rss_mib"], 1), _number(each["pss_mib"], 1)]
            for server, workers in self.memory.items()
            for number, each in enumerate(workers, 1)
        ]
        trial = [
            [str(workers), _number(statistics.median(speeds)), ", ".join(f"{speed:,.0f}" for speed in speeds)]
            for workers, speeds in self.worker_trial.items()
        ]
        lines = ["## Ratios", "", *_table(["", "median of the rounds", "range", "asked for", ""], bars), ""]
        lines += ["## Contestants", "", "Medians over the rounds.", "", *_table(head, rows), ""]
        if trial:
            lines += ["## Number of API workers", "", *_table(["workers", "sales/s", "each try"], trial), ""]
        lines += ["## Memory of each worker, under load", "", *_table(["server", "worker", "RSS MiB", "PSS MiB"], memory), ""]
        lines += ["## The books", ""]
        lines += [f"- {name}: {value}" for name, value in self.proof.items()]
        lines += [f"- **wrong**: {complaint}" for complaint in self.complaints] or ["- nothing is missing, no sum is off"]
        for title, values in self.about.items():
            lines += ["", f"## {title}", "", *_table(["", ""], [[name, value] for name, value in values.items()])]
        return lines

    def document(self) -> dict[str, Any]:
        """Return the results with every single measurement, for programs."""
        return {
            "about": self.about,
            "bars": [
                {"title": bar.title, "value": bar.value, "asked": bar.asked, "verdict": bar.verdict, "range": bar.spread}
                for bar in self.bars()
            ],
            "worker_trial": {str(workers): speeds for workers, speeds in self.worker_trial.items()},
            "memory_mib": self.memory,
            "proof": self.proof,
            "complaints": self.complaints,
            "contestants": {
                each.key: {"title": each.title, "rounds": [_shown(one) for one in self.rounds.get(each.key, ())]}
                for each in self.contestants
            },
        }

    def write(self, day: date, machine: str) -> list[Path]:
        """Write both forms to ``results/``; a second run on one day gets a number. Returns the files."""
        data = _free(f"{day.isoformat()}-{machine}")
        page = data.with_suffix(".md")
        page.write_text("\n".join([f"# make bench, {day.isoformat()}, {machine}", "", *self.lines()]) + "\n")
        data.write_text(json.dumps(self.document(), indent=2) + "\n")
        return [page, data]


def keep(kind: str, day: date, **found: Any) -> Path:
    """Write what a smaller benchmark found, with the machine it ran on, to ``results/``. Returns the file."""
    about = {"commit": describe_commit(), "machine": describe_machine(), "versions": describe_versions()}
    file = _free(f"{day.isoformat()}-{kind}-{short_name()}")
    file.write_text(json.dumps({"about": about, **found}, indent=2) + "\n")
    return file


def _free(name: str) -> Path:
    """Return the file of a result; a second run on one day gets a number."""
    FOLDER.mkdir(exist_ok=True)
    number, file = 1, FOLDER / f"{name}.json"
    while file.exists():
        number += 1
        file = FOLDER / f"{name}-{number}.json"
    return file


def _shown(measured: Measured) -> Mapping[str, float | int | None]:
    load = measured.load
    return {
        "calls_per_second": round(load.per_second, 1),
        "calls": load.calls,
        "failed": load.failed,
        "seconds": round(load.seconds, 3),
        "p50_us": load.p50_us,
        "p99_us": load.p99_us,
        "server_cpu_us_per_call": None if measured.server_us is None else round(measured.server_us, 1),
        "postgresql_cpu_us_per_call": None if measured.database_us is None else round(measured.database_us, 1),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _milliseconds(value_us: float | None) -> str:
    return "-" if value_us is None else f"{value_us / 1000:,.1f}"
