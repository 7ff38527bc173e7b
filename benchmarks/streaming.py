# SPDX-License-Identifier: Apache-2.0
"""
Long answers and the memory they take: `make bench-streaming`.

One API worker answers customer_search without a filter and the report transactions_all of the last month (in which every
customer has one of gift cards, history.py), each of 1,000,000 rows, in XML and in JSON. Its memory is looked at all the while,
and must never be more than 50 MiB above what it was before. Every answer is read by a parser that holds nothing either, and its
rows are counted. Then one reader stops in the middle for some seconds: the worker may not hold what he does not take.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlencode, urlsplit

from benchmarks.crowd import Crowd, crowd, customers_from
from benchmarks.options import BenchmarkError, say
from benchmarks.processes import memory_of, worker_processes
from benchmarks.rig import API_TARGET

GROWTH_MIB_MAX = 50.0
READ_BYTES = 1 << 16
STALL_SECONDS = 5.0
SAMPLE_SECONDS = 0.05
HEADERS = {"content-type": "application/x-www-form-urlencoded", "x-forwarded-proto": "https"}
"""As from a TLS proxy on this machine."""


@dataclass(slots=True)
class Read:
    """What one answer came to. Units: MiB, seconds."""

    name: str
    rows: int = 0
    mib: float = 0.0
    first_seconds: float = 0.0
    seconds: float = 0.0
    idle_mib: float = 0.0
    growth_mib: float = 0.0


class Watch:
    """The greatest memory of a process while the block runs."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self.idle_mib = self.greatest_mib = _resident(pid)
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(SAMPLE_SECONDS):
            self.greatest_mib = max(self.greatest_mib, _resident(self._pid))


def _resident(pid: int) -> float:
    found = memory_of(pid)
    if found is None:
        raise BenchmarkError("the memory of a process is not known here: there is no /proc")
    return found.resident_mib


def read(pid: int, url: str, name: str, fields: dict[str, str], row: bytes, *, stall_seconds: float = 0.0) -> Read:
    """Ask for an answer, count ``row`` in it as it comes, and watch the worker."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=600)
    result, tail, started = Read(name), b"", time.monotonic()
    pattern = re.compile(re.escape(row))
    with Watch(pid) as watch:
        result.idle_mib = watch.idle_mib
        connection.request("POST", place.path, urlencode(fields), HEADERS)
        answer = connection.getresponse()
        while piece := answer.read(READ_BYTES):
            if not result.mib:
                result.first_seconds = time.monotonic() - started
            elif stall_seconds and result.mib > 1:
                time.sleep(stall_seconds)
                stall_seconds = 0.0
            result.mib += len(piece) / 2**20
            text = tail + piece
            result.rows += len(pattern.findall(text))
            tail = text[-len(row) + 1 :]
    result.seconds = time.monotonic() - started
    result.growth_mib = watch.greatest_mib - watch.idle_mib
    end = b"</response>" if fields.get("output") != "JSON" else b"}"
    if answer.status != 200 or not tail.endswith(end[-len(row) + 1 :]):
        raise BenchmarkError(f"{name}: status {answer.status}, and it ends with {tail!r}")
    connection.close()
    return result


def questions(crowded: Crowd) -> list[tuple[str, dict[str, str], bytes]]:
    """Return what is asked: a name, the form, and what stands once in every row."""
    business = crowded.businesses[0]
    search = business.fields("customer_search")
    since, campaign = crowded.last_month.isoformat(), business.money_campaign
    report = business.fields("reports", report="transactions_all", date_start=since, selected_campaigns=campaign)
    return [
        ("customer_search, XML", search, b"<card_number>"),
        ("customer_search, JSON", search | {"output": "JSON"}, b'"card_number":'),
        ("transactions_all, XML", report, b"<transaction_id>"),
        ("transactions_all, JSON, condensed", report | {"output": "JSON", "condensed": "yes"}, b'"transaction_id":'),
        ("customers_all, XML", business.fields("reports", report="customers_all"), b"<customer_code>"),
        (
            "customers_balances, XML",
            business.fields("reports", report="customers_balances", campaign_id=business.money_campaign),
            b"<last_transaction>",
        ),
    ]


def measure(crowded: Crowd) -> list[Read]:
    """Ask everything once."""
    asked = questions(crowded)
    reads = []
    with crowded.serving() as (server, url):
        (pid,) = worker_processes(server.pid, API_TARGET)
        for name, fields, row in asked:
            reads.append(read(pid, url, name, fields, row))
            show(reads[-1])
        name, fields, row = asked[2]
        reads.append(
            read(pid, url, f"{name}, reader stops for {STALL_SECONDS:.0f} s", fields, row, stall_seconds=STALL_SECONDS)
        )
        show(reads[-1])
    return reads


def show(one: Read) -> None:
    """Print one line."""
    say(
        f"{one.name}: {one.rows:,} rows, {one.mib:,.0f} MiB in {one.seconds:.1f} s (first byte {one.first_seconds:.2f} s),"
        f" worker {one.idle_mib:.0f} MiB + {one.growth_mib:.1f}"
    )


def main() -> int:
    """Run all; the exit code says whether memory stayed flat and every row came."""
    customers = customers_from(os.environ)
    with crowd(customers) as crowded:
        reads = measure(crowded)
    bad = [one for one in reads if one.growth_mib > GROWTH_MIB_MAX or one.rows != customers]
    for one in bad:
        say(f"NOT MET: {json.dumps(asdict(one))}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
