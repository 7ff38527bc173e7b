# SPDX-License-Identifier: Apache-2.0
"""The supervisor of the embedded PostgreSQL, on clusters of its own, with durability on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from regulars.kit.embedded import DataDirectoryInUse, EmbeddedError, EmbeddedPostgres, is_locked, running_url
from regulars.kit.processes import processes_in

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("cluster") / "data"
    with EmbeddedPostgres(data):
        pass
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-a", str(made), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


def test_it_is_durable_and_has_no_port(data: Path) -> None:
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url()) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "data_checksums")
        shown = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in names]
        assert shown == [("on",), ("on",), ("on",), ("",), ("on",)]


def test_the_password_is_asked_for(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        assert (data / "postgres.password").stat().st_mode & 0o777 == 0o600
        password = (data / "postgres.password").read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.url().replace(password, "another"))


@linux
def test_postgres_never_runs_as_root(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        assert server.process is not None
        assert os.stat(f"/proc/{server.process.pid}").st_uid != 0


def test_it_is_found_while_it_runs_and_only_then(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        assert is_locked(data)
        assert running_url(data) == server.url()
        with pytest.raises(DataDirectoryInUse):
            EmbeddedPostgres(data).start()
    assert not is_locked(data)
    assert running_url(data) is None


def test_another_major_version_is_refused_and_nothing_is_changed(data: Path) -> None:
    version = data / "postgres" / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 14"):
        EmbeddedPostgres(data).start()
    assert version.read_text() == "14\n"
    assert not is_locked(data)


def test_a_first_start_that_was_cut_off_begins_anew(tmp_path: Path) -> None:
    half = tmp_path / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "data") as server, psycopg.connect(server.url()):
        pass
    assert not half.exists()


def test_a_pid_file_that_names_somebody_else_does_not_hinder(data: Path) -> None:
    left = data / "postgres" / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{data}\n0\n5432\n/tmp\n*\n0 0\nready\n")
    os.chown(left, (data / "postgres").stat().st_uid, -1)
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url()):
        pass


KEEP = """
import sys, time
from pathlib import Path
import psycopg
from regulars.kit import embedded
embedded.die_with_parent = lambda number: None  # as on a system whose kernel does not tell children
server = embedded.EmbeddedPostgres(Path(sys.argv[1]))
with psycopg.connect(server.start(), autocommit=True) as connection:
    connection.execute("CREATE TABLE kept (number int)")
    connection.execute("INSERT INTO kept VALUES (42)")
print("ready", flush=True)
time.sleep(600)
"""


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_an_orphan_is_stopped_in_order_and_its_data_is_there(data: Path, number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", KEEP, str(data)], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "ready\n"
        supervisor.send_signal(number)
        supervisor.wait()
    orphans = processes_in(data / "postgres")
    assert orphans
    said: list[str] = []
    with EmbeddedPostgres(data, say=said.append) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
        assert not set(orphans) & set(processes_in(data / "postgres"))
    assert any("stopping it in order" in line for line in said)


@linux
def test_a_killed_server_is_started_again_on_the_same_address(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        url = server.url()
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while server.is_alive:
            assert time.monotonic() < until
            time.sleep(0.01)
        server.restart()
        assert server.url() == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
