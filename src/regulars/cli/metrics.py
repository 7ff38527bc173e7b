# SPDX-License-Identifier: Apache-2.0
"""
The numbers of all processes and of the database, for Prometheus: ``python -m regulars.cli.metrics``, started by
``regulars serve --metrics-port``. A listener of its own, on this machine only unless its operator says otherwise.

Each process counts in a file (kit/metrics.py). What a process counted that has ended since is kept, so that counters never
go back while the server runs.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import psycopg
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from regulars import __version__
from regulars.cli.installation import write_private
from regulars.kit.environment import APP_ROLE, secret_from_environment
from regulars.kit.metrics import SUFFIX, Family, families_in, is_alive
from regulars.kit.processes import end_with_parent

PAST = "past.json"
DATABASE_SECONDS_MAX = 3


class Figure(NamedTuple):
    """A number that upkeep_figures() returns: what it is and how it is shown. ``label``: of its one label, or ""."""

    kind: str
    says: str
    label: str = ""
    per_unit: int = 1


FIGURES = {
    "regulars_accounts": Figure("gauge", "Accounts of the installation."),
    "regulars_ledger_entries_inserted_total": Figure(
        "counter", "Entries written to the ledger since the database's statistics began, with those that were rolled back."
    ),
    "regulars_outbox_waiting": Figure("gauge", "Mails that wait to be sent, in all outboxes."),
    "regulars_outbox_oldest_seconds": Figure("gauge", "For how long the oldest of them has waited."),
    "regulars_webhooks_waiting": Figure("gauge", "Events that wait to be delivered to webhooks."),
    "regulars_webhooks_failing": Figure("gauge", "Webhooks to which nothing has arrived since a failure."),
    "regulars_jobs_queue": Figure("gauge", "Jobs of the queue by their state.", "state"),
    "regulars_last_success_timestamp_seconds": Figure(
        "gauge", "When something was last done: a periodic task, backup, verify, base_backup.", "what"
    ),
    "regulars_last_failure_timestamp_seconds": Figure("gauge", "When it was last tried in vain.", "what"),
    "regulars_last_run_seconds": Figure("gauge", "How long it took the last time.", "what", 1000),
    "regulars_database_bytes": Figure("gauge", "Size of the database."),
    "regulars_database_connections": Figure("gauge", "Connections of the database."),
    "regulars_database_connections_max": Figure("gauge", "How many connections the server takes."),
    "regulars_database_deadlocks_total": Figure("counter", "Deadlocks that PostgreSQL resolved."),
    "regulars_archive_connected": Figure("gauge", "Whether the log is being streamed into an archive (serve --archive)."),
    "regulars_archive_behind_bytes": Figure("gauge", "How much of the log is not in the archive yet."),
    "regulars_wal_archived_total": Figure("counter", "Pieces of the log that PostgreSQL's own archive_command took."),
    "regulars_wal_archive_failures_total": Figure("counter", "Attempts to archive one that failed."),
    "regulars_wal_archived_timestamp_seconds": Figure("gauge", "When the last one was archived."),
}
OWN = {
    "regulars_database_up": "Whether the database answered this scrape.",
    "regulars_build_info": "The release that runs.",
    "regulars_processes": "Processes by what they are.",
    "regulars_process_resident_bytes": "Their memory.",
}


class Counted(Collector):
    """Merges what is in the files of a folder. ``figures`` asks the database; None: it did not answer."""

    def __init__(self, folder: Path, figures: Callable[[], list[tuple[str, str, int]] | None]) -> None:
        self._folder = folder
        self._figures = figures
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        with self._lock:  # two scrapes at once would both put away what the dead have left
            merged, living = self._merged()
        for family in sorted(merged.values(), key=lambda each: each.name):
            yield shown(family)
        yield from self._of_processes(living)
        yield from self._of_database()

    def _merged(self) -> tuple[dict[str, Family], list[str]]:
        merged = self._past()
        living: list[Path] = []
        ended: list[Path] = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            try:
                (living if is_alive(path) else ended).append(path)
            except OSError:
                continue
        if ended:
            for path in ended:
                _merge(merged, [each for each in families_in(path) if each.kind != "gauge"])
            self._keep_past(merged, ended)
        for path in living:
            with suppress(OSError):
                _merge(merged, families_in(path))
        return merged, [path.name for path in living]

    def _past(self) -> dict[str, Family]:
        """What was counted by processes that have ended."""
        try:
            kept = json.loads((self._folder / PAST).read_text())
        except (OSError, ValueError):
            return {}
        for name in kept["from"]:  # put away already; we were ended before it was removed
            (self._folder / name).unlink(missing_ok=True)
        families: dict[str, Family] = {}
        for name, kind, says, labels, per_unit, bounds, series in kept["families"]:
            own = {tuple(values): cells for values, cells in series}
            families[name] = Family(name, kind, says, tuple(labels), per_unit, tuple(bounds), own)
        return families

    def _keep_past(self, families: dict[str, Family], ended: list[Path]) -> None:
        kept = {
            "from": [path.name for path in ended],
            "families": [
                [each.name, each.kind, each.says, each.labels, each.per_unit, each.bounds, list(each.series.items())]
                for each in families.values()
            ],
        }
        write_private(self._folder / PAST, json.dumps(kept))
        for path in ended:
            path.unlink(missing_ok=True)

    def _of_processes(self, living: list[str]) -> Iterator[Metric]:
        count: Counter[str] = Counter()
        resident: Counter[str] = Counter()
        for name in living:
            process, pid, _ = name.rsplit("-", 2)
            count[process] += 1
            resident[process] += _resident_bytes(pid)
        build = GaugeMetricFamily("regulars_build_info", OWN["regulars_build_info"], labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        for metric, numbers in (("regulars_processes", count), ("regulars_process_resident_bytes", resident)):
            family = GaugeMetricFamily(metric, OWN[metric], labels=["process"])
            for process, number in sorted(numbers.items()):
                family.add_metric([process], number)
            yield family

    def _of_database(self) -> Iterator[Metric]:
        rows = self._figures()
        yield GaugeMetricFamily("regulars_database_up", OWN["regulars_database_up"], value=rows is not None)
        families: dict[str, Family] = {}
        for name, label, number in rows or ():
            figure = FIGURES[name]
            labels = (figure.label,) if figure.label else ()
            family = families.setdefault(
                name,
                Family(name, figure.kind, figure.says, labels, figure.per_unit, ()),  # type: ignore[arg-type]
            )
            family.series[(label,) if figure.label else ()] = [number]
        for family in families.values():
            yield shown(family)


def _merge(into: dict[str, Family], families: Iterable[Family]) -> None:
    for family in families:
        if family.name in into:
            into[family.name].merge(family)
        else:
            into[family.name] = family


def shown(family: Family) -> Metric:
    """Return a metric as Prometheus takes it, in the unit shown."""
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(family.name, family.says, labels=family.labels)
        bounds = [str(bound / family.per_unit) for bound in family.bounds] + ["+Inf"]
        for labels, (total, *counts) in sorted(family.series.items()):
            sums, so_far = [], 0
            for bound, count in zip(bounds, counts, strict=True):
                so_far += count
                sums.append((bound, so_far))
            histogram.add_metric(labels, sums, total / family.per_unit)
        return histogram
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    plain = kind(family.name, family.says, labels=family.labels)
    for labels, (number,) in sorted(family.series.items()):
        plain.add_metric(labels, number / family.per_unit if family.per_unit != 1 else number)
    return plain


def _resident_bytes(pid: str) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Database:
    """Asks the database, over one connection that is opened anew when it broke."""

    url: str
    connection: psycopg.Connection[tuple[str, str, int]] | None = None

    def figures(self) -> list[tuple[str, str, int]] | None:
        """Return what upkeep_figures() says, None where the database does not answer."""
        try:
            if self.connection is None or self.connection.closed:
                options = f"-c role={APP_ROLE} -c statement_timeout={DATABASE_SECONDS_MAX}s"
                self.connection = psycopg.connect(
                    self.url, autocommit=True, connect_timeout=DATABASE_SECONDS_MAX, options=options,
                    application_name="regulars-metrics",
                )  # fmt: skip
            return [row for row in self.connection.execute("SELECT * FROM upkeep_figures()") if row[0] in FIGURES]
        except psycopg.Error:
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None


# -- the listener --------------------------------------------------------------------------------------------------
class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """As the library's, which asks the name service who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's name
        """A scrape is no news."""


def application(folder: Path, figures: Callable[[], list[tuple[str, str, int]] | None], token: str) -> Callable[..., Any]:
    """Return the WSGI application. ``token``: what a scraper has to send as its Bearer token; "" = nothing."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Counted(folder, figures))
    metrics = make_wsgi_app(registry)
    wanted = f"Bearer {token}".encode()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if token and not hmac.compare_digest(given, wanted):
            start_response("401 Unauthorized", [("WWW-Authenticate", "Bearer"), ("Content-Type", "text/plain")])
            return [b"A Bearer token is needed.\n"]
        if environ.get("PATH_INFO") != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"The numbers are at /metrics.\n"]
        found: Iterable[bytes] = metrics(environ, start_response)
        return found

    return answer


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    end_with_parent()
    _Server.address_family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    with _Server((given.host, given.port), _Quiet) as server:
        database = Database(os.environ["DATABASE_URL"])
        server.set_app(
            application(
                Path(os.environ["REGULARS_METRICS_FOLDER"]), database.figures, secret_from_environment("REGULARS_METRICS_TOKEN")
            )
        )
        server.serve_forever()


if __name__ == "__main__":
    main()
