# SPDX-License-Identifier: Apache-2.0
"""Any moment since a base backup comes back: what was sold before it, and nothing after."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from regulars.cli.archive import Archive
from regulars.kit.embedded import EmbeddedPostgres
from regulars.kit.postgres_binaries import service_user
from tests.cli.rig import Server, copy_data, processes_of, regulars

SECONDS_MAX = 60


@dataclass(frozen=True)
class Kept:
    """An archive whose server was killed, and what was sold when."""

    archive: Path
    original: Path
    sales_before: int
    between: datetime
    """The moment between the two sales that followed the base backup."""


def one(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


SALES = "SELECT count(*)::int FROM ledger_entries WHERE kind = 'earn'"
IS_ARCHIVED = (
    "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'regulars_archive' AND active"
    " AND restart_lsn >= pg_current_wal_flush_lsn())"
)


def wait_for_archive(url: str) -> None:
    until = time.monotonic() + SECONDS_MAX
    while not one(url, IS_ARCHIVED):
        assert time.monotonic() < until, "the log does not reach the archive"
        time.sleep(0.05)


def cheap_storage(url: str) -> Path:
    """A tablespace with a table in it, where PostgreSQL's user can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-test-space-", dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(folder, *service_user(lambda _: None))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE cheap LOCATION '{folder}'".encode())
        connection.execute("CREATE TABLE of_this_test TABLESPACE cheap AS SELECT 42 AS answer")
    return folder


@pytest.fixture(scope="module")
def kept(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("archived")
    archive, data = folder / "archive", copy_data(demo_data, folder / "data")
    environment = {"REGULARS_TEST_MARK": str(data), "REGULARS_ARCHIVE": str(archive)}
    server = Server(data, folder, ("--demo",), environment).start()
    url = server.ready["database_url"]
    space = cheap_storage(url)
    try:
        sales = int(str(one(url, SALES)))
        done = regulars("base-backup", archive, "--data", data)  # while it serves
        assert done.returncode == 0, done.stderr
        assert 'status="success"' in server.sell("1.00")
        between = one(url, "SELECT clock_timestamp()")
        assert isinstance(between, datetime)
        assert 'status="success"' in server.sell("2.00")
        wait_for_archive(url)
        for process in [server.pid, *processes_of(data)]:  # and then somebody pulled the plug
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        assert server.process is not None
        server.process.wait()
        shutil.rmtree(space)
        yield Kept(archive, data, sales, between)
    finally:
        server.close()
        shutil.rmtree(space, ignore_errors=True)


def looked_at(data: Path, *statements: str) -> list[object]:
    with EmbeddedPostgres(data) as server:
        return [one(server.url(), statement) for statement in statements]


def restored(kept: Kept, target: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return regulars("restore", kept.archive, "--data", target, *options)


@pytest.fixture
def target() -> Iterator[Path]:
    """A new data directory that PostgreSQL's user can reach, tablespaces included."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "restored"
    shutil.rmtree(folder, ignore_errors=True)


def test_a_moment_between_two_sales_comes_back_with_the_first_and_without_the_second(kept: Kept, target: Path) -> None:
    done = restored(kept, target, "--to", kept.between.astimezone(UTC).isoformat())
    assert done.returncode == 0, done.stderr
    assert "The books are in order." in done.stderr
    last_sale = "SELECT purchase_minor FROM ledger_entries WHERE kind = 'earn' ORDER BY id DESC LIMIT 1"
    sold, last, answer = looked_at(target, SALES, last_sale, "SELECT answer FROM of_this_test")
    assert sold == kept.sales_before + 1
    assert last == 100
    assert answer == 42
    shown = regulars("user", "token", "beanandleaf", "bl_clerk", "--data", target)
    assert json.loads(shown.stdout)["user_api_key"], "its secret key opens the tokens"
    again = regulars("serve", "--data", target, "--port", "0", "--archive", kept.archive)
    assert again.returncode == 5
    assert "archive_of_another" in again.stderr, "another history does not get mixed into this archive"


def test_without_a_moment_everything_that_was_acknowledged_comes_back(kept: Kept, target: Path) -> None:
    done = restored(kept, target)
    assert done.returncode == 0, done.stderr
    assert looked_at(target, SALES) == [kept.sales_before + 2]


def test_a_moment_that_the_archive_does_not_reach_is_refused_and_leaves_nothing(kept: Kept, target: Path) -> None:
    now = datetime.now(UTC)
    for to, says in (
        (now.isoformat(), "archive_ends_before"),
        ((now - timedelta(days=400)).isoformat(), "no_base_backup"),
        ((now + timedelta(days=1)).isoformat(), "future"),
        ("2026-11-25T10:00:00", "zone"),
        ("noon", "--to"),
    ):
        done = restored(kept, target, "--to", to)
        assert done.returncode in (2, 4, 6), (to, done.stderr)
        assert says in done.stderr, to
        assert not target.exists() or not any(target.iterdir())
    target.mkdir(exist_ok=True)
    (target / "something").touch()
    assert "not_a_new_directory" in restored(kept, target).stderr
    assert [path.name for path in target.iterdir()] == ["something"]


def test_who_may_look_into_an_archive_is_its_owner_alone(kept: Kept) -> None:
    for path in (kept.archive, kept.archive / "wal", kept.archive / "base"):
        assert path.stat().st_mode & 0o077 == 0, path
    (base,) = Archive(kept.archive).backups()
    assert all(path.stat().st_mode & 0o077 == 0 for path in base.folder.iterdir())


def test_a_base_backup_asks_for_a_log_and_a_log_is_let_go_where_it_is_not_archived(kept: Kept, tmp_path: Path) -> None:
    data = copy_data(kept.original, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "postgres" / "pg_tblspc", ignore_errors=True)
    (tmp_path / "data" / "postgres" / "pg_tblspc").mkdir()
    listed = "SELECT count(*)::int FROM pg_replication_slots"
    with EmbeddedPostgres(data) as server:
        assert one(server.url(), listed) == 1
        from regulars.cli.archive import let_go_of_log

        assert let_go_of_log(server.url())
        assert not let_go_of_log(server.url())
        assert one(server.url(), listed) == 0
    done = regulars("base-backup", tmp_path / "other", "--data", data)
    assert done.returncode == 6
    assert "nothing_is_archived" in done.stderr
    assert not any((tmp_path / "other" / "base").iterdir())


def test_the_database_of_another_server_is_not_ours_to_archive(tmp_path: Path) -> None:
    for command in (["serve", "--archive"], ["base-backup"]):
        done = regulars(*command, tmp_path / "archive", "--data", tmp_path / "data", DATABASE_URL="postgresql:///elsewhere")
        assert done.returncode == 2
        assert "of the embedded database" in done.stderr
        assert not (tmp_path / "archive").exists()


def test_old_base_backups_go_with_the_log_that_nobody_else_needs(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for folder in (archive.wal, archive.base):
        folder.mkdir()
    for day, segment in ((1, 0x10), (2, 0x20), (3, 0x30)):
        made = archive.base / f"2026110{day}T000000Z"
        made.mkdir()
        first = f"00000001000000{0:02X}000000{segment:02X}"
        note = {"finished_at": f"2026-11-0{day}T00:05:00+00:00", "first_segment": first}
        (made / "manifest.json").write_text(json.dumps(note))
    (archive.base / "20261104T000000Z.new").mkdir()  # of a run that was cut off
    for number in range(0x0F, 0x35):
        (archive.wal / f"00000001000000000000{number:04X}").touch()
    (archive.wal / "000000010000000000000035.partial").touch()
    assert archive.backup_before(datetime(2026, 11, 2, 0, 4, tzinfo=UTC)).folder.name == "20261101T000000Z"
    assert archive.backup_before(datetime(2026, 11, 2, 0, 5, tzinfo=UTC)).folder.name == "20261102T000000Z"
    archive.forget_all_but(2)
    assert [backup.folder.name[:8] for backup in archive.backups()] == ["20261102", "20261103"]
    left = sorted(path.name for path in archive.wal.iterdir())
    assert left[0].endswith("0020")
    assert left[-1].endswith(".partial")
    assert len(left) == 0x35 - 0x20 + 1
    assert [path.name for path in archive.segments_from(archive.backups()[-1].first_segment)] == left[0x10:]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
def test_nothing_of_it_outlives_the_server(kept: Kept) -> None:
    assert not [arguments for arguments in processes_of(kept.archive).values() if "pg_receivewal" in arguments]
