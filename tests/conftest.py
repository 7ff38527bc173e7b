# SPDX-License-Identifier: Apache-2.0
"""
One PostgreSQL for the whole run, one template database made by the real migrations, one database per worker.

The process that the developer starts (xdist's controller, or the only process with ``-n 0``) owns the server; the workers
are told where it is. With ``DATABASE_URL`` set, that server is used instead, as its owner. The tests themselves connect
as the application does: with row-level security in force. Nothing of it outlives the run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql

from regulars.kit.embedded import EmbeddedPostgres
from tests.databases import drop_database

APP_ROLE = "regulars_app"
SERVER = pytest.StashKey["TestServer"]()
# Durability is PostgreSQL's to keep, and the tests of recovery start servers of their own.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
}

hypothesis.settings.register_profile(
    "regulars",
    deadline=None,  # a busy machine is not a failing test
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.register_profile("long", parent=hypothesis.settings.get_profile("regulars"), max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "regulars"))


class TestServer:
    """The server of this run and the names of the databases made on it."""

    __test__ = False

    def __init__(self) -> None:
        self.run = f"regulars_test_{secrets.token_hex(4)}"
        self.template = f"{self.run}_template"
        self.directory: Path | None = None
        self.embedded: EmbeddedPostgres | None = None
        self.url = os.environ.get("DATABASE_URL", "")

    def start(self) -> None:
        started_at = time.monotonic()
        # Whoever stops us by SIGTERM (a time limit, a robot) leaves nothing behind either.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if not self.url:
            self.directory = Path(tempfile.mkdtemp(prefix="regulars-test-"))
            self.embedded = EmbeddedPostgres(self.directory / "data", settings=QUICK, say=_say)
            self.url = self.embedded.start()
        self.create(self.template, "template1" if self.embedded is None else None)
        environment = {**os.environ, "DATABASE_URL": self.of(self.template), "DJANGO_SETTINGS_MODULE": "regulars.kit.settings"}
        environment.pop("REGULARS_DATABASE_ROLE", None)
        done = subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise pytest.UsageError(f"The migrations failed:\n{done.stdout}{done.stderr}")
        _say(f"PostgreSQL and the template database are ready ({time.monotonic() - started_at:.1f} s).")

    def of(self, database: str) -> str:
        """Return the owner's URL of another database of the same server."""
        parts = urlsplit(self.url)
        rebuilt = urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
        return rebuilt if parts.netloc else rebuilt.replace(":/", ":///", 1)

    def create(self, database: str, template: str | None = None) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(database), sql.Identifier(template or "template1")
        )
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        if self.embedded is not None:
            self.embedded.stop()
        elif self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (self.run,))
                for (name,) in rows.fetchall():
                    drop_database(connection, name)
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)


def _say(line: str) -> None:
    print(f"tests: {line}", file=sys.__stderr__, flush=True)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly or config.option.version or getattr(config.option, "markers", False):
        configure_django("postgresql:///nowhere")
        return
    told = getattr(config, "workerinput", None)
    if told is not None:  # a worker of xdist
        server = TestServer()
        server.url, server.run, server.template = (told["server_url"], told["run"], told["template"])
        name = told["workerid"]
    else:
        server = TestServer()
        config.stash[SERVER] = server
        server.start()
        if getattr(config.option, "numprocesses", None):
            return  # the workers run the tests
        name = "main"
    own = f"{server.run}_{name}"
    server.create(own, server.template)
    configure_django(server.of(own))


def configure_django(owner_url: str) -> None:
    """Point Django at a database in the application's role, as the serving processes are."""
    os.environ["REGULARS_TEST_OWNER_URL"] = owner_url
    os.environ["DATABASE_URL"] = owner_url
    os.environ["REGULARS_DATABASE_ROLE"] = APP_ROLE
    os.environ["REGULARS_SECRET_KEY"] = "the key of the tests, which is no secret"
    os.environ["REGULARS_ARGON2"] = "fast"
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.kit.settings"
    import django

    django.setup()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    server = node.config.stash[SERVER]  # type: ignore[attr-defined]
    node.workerinput.update(server_url=server.url, run=server.run, template=server.template)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None:
        if "django" in sys.modules:
            from django.db import connections

            if connections.settings:
                connections.close_all()
        server.stop()


@pytest.fixture(scope="session")
def owner_url() -> str:
    """The URL of this worker's database for its owner, whom row-level security does not bind."""
    return os.environ["REGULARS_TEST_OWNER_URL"]


@pytest.fixture(scope="session")
def database_url(owner_url: str) -> str:
    """The URL of this worker's database as the application uses it; pair it with the role ``regulars_app``."""
    return owner_url


@pytest.fixture(scope="session")
def app_role() -> str:
    """The role to set on connections that a test opens by itself: asyncpg ``server_settings={"role": app_role}``."""
    return APP_ROLE


@pytest.fixture
def owner_connection(owner_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection as the owner of the tables, in autocommit: it sees every account."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def run_as_owner(owner_connection: psycopg.Connection[tuple[object, ...]]) -> Callable[..., list[tuple[object, ...]]]:
    """``run_as_owner(sql, *values)`` runs one statement as the owner and returns its rows."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        cursor = owner_connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def only_new_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that go through every account go through those made from now on; other tests have left thousands behind."""
    from regulars.jobs import tasks
    from regulars.jobs.queries import list_account_ids

    old = set(list_account_ids())
    monkeypatch.setattr(tasks, "list_account_ids", lambda: [each for each in list_account_ids() if each not in old])


@pytest.fixture
def nobody_else_is_told(owner_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """A run of the job that sends webhooks tells every account's: those of earlier tests are gone."""
    for table in ("webhooks_deliveries", "webhooks_lanes", "webhooks_endpoints"):
        owner_connection.execute(f"DELETE FROM {table}".encode())


@pytest.fixture(autouse=True)
def _no_unit_of_work_left_open() -> Iterator[None]:
    """Each test leaves the connection as production would find it: outside any transaction."""
    yield
    from django.db import connection

    left_open = connection.in_atomic_block
    if left_open:
        connection.close()
    assert not left_open, "a unit of work was left open by the test"


@pytest.fixture(scope="session")
def _auditor(owner_url: str) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    with psycopg.connect(owner_url, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture(autouse=True)
def _books_are_in_order(_auditor: psycopg.Cursor[tuple[object, ...]]) -> Iterator[None]:
    """After every test that wrote entries, every invariant holds for the accounts it wrote to."""
    from regulars.ledger.verify import verify

    _auditor.execute("SELECT last_value FROM ledger_entries_id_seq")
    before = _auditor.fetchone()
    yield
    _auditor.execute("SELECT last_value FROM ledger_entries_id_seq")
    if _auditor.fetchone() == before:
        return
    _auditor.execute("SELECT DISTINCT account_id FROM ledger_entries WHERE id >= %s", before)
    accounts = [int(str(row[0])) for row in _auditor.fetchall()]
    assert verify(_auditor, accounts) == []
