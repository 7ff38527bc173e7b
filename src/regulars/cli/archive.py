# SPDX-License-Identifier: Apache-2.0
"""
An archive from which any moment can be restored (ADR-0029): base backups, and the write-ahead log from the first of them on.

    archive.json                what it is an archive of
    wal/                        the log, as ``regulars serve --archive`` streams it here
    base/20261125T211500Z/      a base backup (``regulars base-backup``) with the secret key

``python -m regulars.cli.archive`` is the process that streams; it becomes PostgreSQL's own pg_receivewal.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from regulars import __version__
from regulars.cli.database import note_done
from regulars.cli.dump import DumpFailed, check_program, program, target_of
from regulars.cli.installation import Installation, add_place_arguments, installation_of, write_private
from regulars.cli.progress import say
from regulars.errors import Conflict, InvalidParameter, NotFound, Refused
from regulars.kit.processes import end_with_parent

SLOT = "regulars_archive"
"""Keeps the log in the cluster until it is in the archive, up to max_slot_wal_keep_size (kit/postgres_configuration.py)."""
FORMAT = 1
KEPT_DEFAULT = 7
UNFINISHED = ".new"
_NAME = re.compile(r"\d{8}T\d{6}Z")
_SEGMENT = re.compile(r"[0-9A-F]{24}")


class ArchiveOfAnother(Conflict):
    code = "archive_of_another"


class NothingIsArchived(Refused):
    code = "nothing_is_archived"
    text = (
        "The log of this database is not archived, so a base backup could be restored to its own end only. Start the server "
        "with --archive first, or make a `regulars backup`."
    )


class NoBaseBackup(NotFound):
    code = "no_base_backup"


@dataclass(frozen=True, slots=True)
class BaseBackup:
    """One base backup. ``finished_at``: the first moment that can be restored from it."""

    folder: Path
    finished_at: datetime
    first_segment: str
    """The file of the log with which a restore begins."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The folder of an archive."""

    folder: Path

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def base(self) -> Path:
        return self.folder / "base"

    def open_for(self, url: str) -> None:
        """
        Make the archive, or find that it is of this very database and of its present history. Raises ArchiveOfAnother, OSError.
        """
        identity = _identity(url)
        for each in (self.folder, self.wal, self.base):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = self.folder / "archive.json"
        if not note.exists():
            write_private(note, json.dumps({"format": FORMAT, **identity}) + "\n")
        found = json.loads(note.read_text())
        if {name: found.get(name) for name in identity} != identity:
            raise ArchiveOfAnother(
                f"{self.folder} is the archive of another database, or of this one before it was restored. Begin a new one: "
                "--archive NEW."
            )

    def backups(self) -> list[BaseBackup]:
        """Return the base backups, oldest first."""
        found = []
        for path in sorted(self.base.iterdir()) if self.base.is_dir() else ():
            if _NAME.fullmatch(path.name):
                given = json.loads((path / "manifest.json").read_text())
                found.append(BaseBackup(path, datetime.fromisoformat(given["finished_at"]), given["first_segment"]))
        return found

    def backup_before(self, at: datetime | None) -> BaseBackup:
        """Return the newest base backup that a moment can be restored from (None: the newest). Raises NoBaseBackup."""
        every = self.backups()
        usable = [backup for backup in every if at is None or backup.finished_at <= at]
        if not usable:
            first = f": the first moment is {every[0].finished_at.isoformat()}" if every else ": there is no base backup"
            raise NoBaseBackup(f"{self.folder} does not reach so far back{first}.")
        return usable[-1]

    def segments_from(self, first: str) -> list[Path]:
        """Return what a restore that begins with ``first`` may need of the log, in order; the last may be unfinished."""
        wanted = []
        for path in sorted(self.wal.iterdir()):
            segment = path.name.removesuffix(".partial")
            if path.name.endswith(".history") or (_SEGMENT.fullmatch(segment) and segment[8:] >= first[8:]):
                wanted.append(path)
        return wanted

    def forget_all_but(self, kept: int) -> None:
        """Drop the oldest base backups beyond so many, and the log that no other one needs."""
        every = self.backups()
        for backup in every[:-kept]:
            shutil.rmtree(backup.folder)
        needed = every[-kept:][0].first_segment if every else ""
        for path in self.wal.iterdir():
            if _SEGMENT.fullmatch(path.name) and path.name[8:] < needed[8:]:
                path.unlink()


def _identity(url: str) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT s.system_identifier::text, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c"
        ).fetchone()
    assert row is not None
    return {"system": row[0], "timeline": row[1]}


# -- the log -------------------------------------------------------------------------------------------------------
def let_go_of_log(url: str) -> bool:
    """Drop the slot, where nobody archives any more: else the log would be kept for nobody. Return whether there was one."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active", (SLOT,)
        )
        return found.fetchone() is not None


def main() -> None:
    """Stream the log into the archive until SIGTERM; while the database is away, wait for it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--archive", type=Path, required=True)
    given = parser.parse_args()
    end_with_parent()
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_create_physical_replication_slot(%s, true)"
            " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s)",
            (SLOT, SLOT),
        )
    target, environment = target_of(url)
    command = [program("pg_receivewal"), f"--directory={Archive(given.archive).wal}", f"--slot={SLOT}", "--synchronous"]
    command += ["--no-password", "--status-interval=1", target]
    # It dies with our parent, as we do: what the kernel was told of us holds for the program that we become.
    os.execve(command[0], command, environment)  # noqa: S606


# -- base backups --------------------------------------------------------------------------------------------------
def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "base-backup",
        help="copy the whole embedded database into an archive, while it runs; then any later moment can be restored",
        description="The server writes the log that lies between base backups there, too (`regulars serve --archive DIR`). "
        "`regulars restore DIR --to TIME --data NEW` brings a moment back. The archive opens every Security Token: keep it as "
        "safe as a key, and on another disk.",
    )
    parser.add_argument("archive", metavar="DIR", type=Path)
    parser.add_argument(
        "--keep", type=int, default=KEPT_DEFAULT, metavar="N",
        help=f"how many base backups are kept, with the log since the oldest (default: {KEPT_DEFAULT})",
    )  # fmt: skip
    add_place_arguments(parser)
    parser.set_defaults(run=run_base_backup)


def run_base_backup(arguments: argparse.Namespace) -> int:
    """Make a base backup and print its folder."""
    place = installation_of(arguments)
    refuse_external(place)
    if arguments.keep < 1:
        raise InvalidParameter("--keep", "at least 1")
    archive = Archive(arguments.archive.resolve())
    began = time.monotonic()
    with place.database() as url:
        archive.open_for(url)
        _refuse_unarchived(url)
        made = _make_base_backup(url, place, archive)
        archive.forget_all_but(arguments.keep)
        size = sum(path.stat().st_size for path in made.iterdir())
        note_done(url, "base_backup", began, f"{size} bytes")
    say(f"{size / 2**20:.1f} MB written.")
    print(made)
    return 0


def refuse_external(place: Installation) -> None:
    """Raise InvalidParameter where the database is another server's."""
    if place.external_url:
        raise InvalidParameter(
            "DATABASE_URL", text="An archive is of the embedded database; your own server has its own means."
        )


def _refuse_unarchived(url: str) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT wal_status::text FROM pg_replication_slots WHERE slot_name = %s AND wal_status <> 'lost'", (SLOT,)
        ).fetchone()
    if row is None:
        raise NothingIsArchived


def _make_base_backup(url: str, place: Installation, archive: Archive) -> Path:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    fresh = archive.base / f"{name}{UNFINISHED}"
    for left in archive.base.glob(f"*{UNFINISHED}"):  # of a run that was cut off
        shutil.rmtree(left)
    target, environment = target_of(url)
    command = [program("pg_basebackup"), f"--pgdata={fresh}", "--format=tar", "--gzip", "--compress=1", "--wal-method=stream"]
    command += ["--checkpoint=fast", "--label=regulars", "--no-password", target]
    with tempfile.TemporaryFile() as words:
        code = subprocess.run(command, env=environment, stdout=words, stderr=words, check=False).returncode
        check_program("pg_basebackup", code, words)
    shutil.copyfile(place.data / "postgres.password", fresh / "postgres.password")
    (fresh / "postgres.password").chmod(0o600)
    write_private(fresh / "secret.key", place.secret_key() + "\n")
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT clock_timestamp(), current_setting('server_version')").fetchone()
    assert row is not None
    manifest = {
        "format": FORMAT, "regulars": __version__, "postgresql": row[1], "finished_at": row[0].astimezone(UTC).isoformat(),
        "first_segment": _first_segment(fresh / "backup_manifest"),
    }  # fmt: skip
    write_private(fresh / "manifest.json", json.dumps(manifest, indent=2) + "\n")
    made = archive.base / name
    fresh.rename(made)
    return made


def _first_segment(manifest: Path) -> str:
    """Return the name of the first file of the log that a backup needs, from PostgreSQL's own manifest."""
    try:
        first = min(json.loads(manifest.read_text())["WAL-Ranges"], key=lambda each: int(each["Timeline"]))
        high, low = (int(part, 16) for part in str(first["Start-LSN"]).split("/"))
    except (OSError, ValueError, KeyError) as error:
        raise DumpFailed(f"pg_basebackup left no manifest that can be read: {error}") from error
    return f"{int(first['Timeline']):08X}{high:08X}{low >> 24:08X}"  # a file holds 16 MiB


if __name__ == "__main__":
    main()
