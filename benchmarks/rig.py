# SPDX-License-Identifier: Apache-2.0
"""Everything a run needs: one PostgreSQL with three databases, the service plain and over TLS, the ORM peer."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from benchmarks import dataset
from benchmarks.options import ROOT, BenchmarkError, Options, say
from benchmarks.processes import Server, free_port
from regulars.kit.embedded import EmbeddedPostgres
from regulars.kit.environment import APP_ROLE

PEER_THREADS = 8
"""WSGI threads per worker of the peer: what served it best of 1, 2, 4 and 8."""
API_TARGET = "regulars.api.rsgi:app"
PEER_TARGET = "benchmarks.orm_peer.wsgi:application"
PLAIN_DATABASE = "bench_plain"
PEER_DATABASE = "bench_peer"
SHOWN_SETTINGS = (
    "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size",
    "checkpoint_timeout", "wal_compression", "autovacuum", "jit", "data_checksums",
)  # fmt: skip
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
START_SECONDS_MAX = 120


class Rig:
    """Used as a context; what it started and made is gone at the end. ``postgres_settings`` go on top of the shipped ones."""

    def __init__(self, options: Options, *, postgres_settings: dict[str, str] | None = None) -> None:
        self.options = options
        self.folder = options.directory / f"run-{os.getpid()}"
        self.database = EmbeddedPostgres(self.folder / "data", say=say, settings=postgres_settings)
        self.url = ""
        self.shops: list[dataset.Shop] = []
        self._key = secrets.token_urlsafe(32)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True)
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self.url = self.database.start()
            self._stack.callback(self.database.stop)
            self._refuse_not_durable()
            self._make_data()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if "django" in sys.modules:
            from django.db import connections

            connections.close_all()
        self._stack.close()

    # -- the database ----------------------------------------------------------------------------------------------
    @property
    def plain_url(self) -> str:
        return self.database.url(PLAIN_DATABASE)

    @property
    def peer_url(self) -> str:
        return self.database.url(PEER_DATABASE)

    @property
    def database_pid(self) -> int:
        assert self.database.process is not None, "started"
        return self.database.process.pid

    def settings(self) -> dict[str, str]:
        """Return the server's version and the settings that matter, as it says them itself."""
        with psycopg.connect(self.url) as connection:
            names = [name.encode() for name in SHOWN_SETTINGS]
            shown = {name.decode(): str(_one(connection, b"SHOW " + name)) for name in names}
            return {"PostgreSQL": str(_one(connection, b"SHOW server_version")), **shown}

    def _refuse_not_durable(self) -> None:
        shown = self.settings()
        wrong = {name: shown[name] for name, wanted in DURABLE.items() if shown[name] != wanted}
        if wrong:
            raise BenchmarkError(f"commits would not be durable: {wrong}")

    def _make_data(self) -> None:
        started = time.monotonic()
        configure_django_as_owner(self.url, self._key)
        self.shops = dataset.make_shops(self.url, self.options)
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name in (PLAIN_DATABASE, PEER_DATABASE):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            connection.execute("VACUUM ANALYZE")
        dataset.make_plain_tables(self.plain_url, self.options)
        self._fill_peer()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        say(f"the data is there ({time.monotonic() - started:.0f} s)")

    def _fill_peer(self) -> None:
        first = self.shops[0]
        plan = {
            "customers": first.last_code - first.first_code + 1,
            "first_code": first.first_code,
            "accounts": [
                {"code": shop.account.code, "token": shop.token, "campaign": shop.points.number} for shop in self.shops
            ],
        }
        command = [sys.executable, "-m", "benchmarks.orm_peer.fill"]
        done = subprocess.run(
            command, input=json.dumps(plan), text=True, capture_output=True, check=False, cwd=ROOT, env=self._peer_environment()
        )
        if done.returncode != 0:
            raise BenchmarkError(f"the peer's data could not be made: {done.stderr[-2000:]}")

    # -- the servers -----------------------------------------------------------------------------------------------
    def regulars(self, *, workers: int, secure: bool) -> tuple[Server, str]:
        """Start `regulars serve` with TLS, or as behind a TLS proxy; return it and the address of its API."""
        return serve_regulars(self._stack, self.folder, self.url, self._key, workers=workers, secure=secure)

    def peer(self, *, workers: int) -> tuple[Server, str]:
        """Start the ORM peer under the same HTTP server with the same number of workers."""
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--workers", str(workers), "--blocking-threads", str(PEER_THREADS), "--backlog", "1024"]
        command += ["--log-level", "warning", "--no-ws", PEER_TARGET]
        server = Server("the ORM peer", command, self._peer_environment(), self.folder / "peer.log")
        self._stack.enter_context(server)
        server.wait_for_port(port)
        return server, f"http://127.0.0.1:{port}/api.php"

    def _peer_environment(self) -> dict[str, str]:
        return {
            **_clean_environment(),
            "PEER_DATABASE_URL": self.peer_url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.orm_peer.settings",
        }


def serve_regulars(
    stack: contextlib.ExitStack,
    folder: Path,
    url: str,
    key: str,
    *,
    workers: int,
    secure: bool,
    environment: Mapping[str, str] | None = None,
) -> tuple[Server, str]:
    """Start `regulars serve` on a database, to be stopped by ``stack``; return it and the address of its API."""
    port = free_port()
    data = folder / f"serve-{port}"
    data.mkdir(mode=0o700)
    stack.callback(shutil.rmtree, data, ignore_errors=True)
    ready = data / "ready.json"
    command = [sys.executable, "-m", "regulars.cli.main", "serve", "--data", str(data), "--port", str(port)]
    command += ["--http-port", "off", "--workers", str(workers), "--ready-file", str(ready)]
    if not secure:
        command += ["--behind-proxy", "127.0.0.1/32"]
    told = {**_clean_environment(), "DATABASE_URL": url, "REGULARS_SECRET_KEY": key, **(environment or {})}
    server = Server("regulars serve", command, told, data / "log")
    stack.enter_context(server)
    until = time.monotonic() + START_SECONDS_MAX
    while not ready.exists():
        server.refuse_dead()
        if time.monotonic() > until:
            raise BenchmarkError(f"regulars serve was not ready within {START_SECONDS_MAX} s")
        time.sleep(0.1)
    return server, f"{'https' if secure else 'http'}://127.0.0.1:{port}/api.php"


def _clean_environment() -> dict[str, str]:
    """Our own environment without what would configure a Regulars process or Django by accident."""
    unwanted = ("REGULARS_", "DJANGO_", "DATABASE_URL", "BENCH_", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def configure_django_as_owner(url: str, key: str) -> None:
    """Set Django up in this process as the owner of the tables, and make them."""
    from regulars.cli.database import migrate
    from regulars.cli.installation import configure_django

    configure_django(url, key, as_owner=True)
    migrate()


def _one(connection: psycopg.Connection[tuple[object, ...]], statement: bytes) -> object:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


APPLICATION_OPTIONS = f"-c role={APP_ROLE} -c jit=off -c timezone=UTC"
"""How pgbench's sessions are set: as the API's are."""
