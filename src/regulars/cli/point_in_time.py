# SPDX-License-Identifier: Apache-2.0
"""``regulars restore ARCHIVE --to TIME``: the whole database as it was at a moment, in a new data directory (ADR-0029)."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from regulars.cli.archive import Archive, BaseBackup, refuse_external
from regulars.cli.installation import Installation, configure_django, write_private
from regulars.cli.progress import say
from regulars.errors import InvalidParameter, Refused
from regulars.kit.embedded import EmbeddedError, EmbeddedPostgres
from regulars.kit.environment import secret_from_environment
from regulars.kit.postgres_binaries import service_user

TABLESPACES = "tablespaces"
_ENDED_BEFORE = "before configured recovery target was reached"


class NotANewDirectory(Refused):
    code = "not_a_new_directory"


class ArchiveEndsBefore(Refused):
    code = "archive_ends_before"


def moment_of(text: str) -> datetime | None:
    """Return the moment that ``--to`` names, None for "" (as far as the archive goes). Raises InvalidParameter."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameter("--to", "a time such as 2026-11-25T21:15:00Z") from None
    if moment.tzinfo is None:
        raise InvalidParameter("--to", "say the zone, too: 2026-11-25T21:15:00Z or ...+01:00")
    if moment > datetime.now(UTC):
        raise InvalidParameter("--to", "it lies in the future")
    return moment.astimezone(UTC)


def restore_moment(place: Installation, folder: Path, to: datetime | None) -> int:
    """
    Restore into a new data directory, migrate, verify; return the exit code of verify.

    Raises: NotANewDirectory, NoBaseBackup, ArchiveEndsBefore, InvalidParameter, EmbeddedError.
    """
    from regulars.cli.database import migrate, verify_database  # Django is set up below

    refuse_external(place)
    archive = Archive(folder.resolve())
    if not (archive.folder / "archive.json").exists():
        raise InvalidParameter("FILE", f"{folder} is no archive: it has no archive.json")
    if place.data.exists() and any(place.data.iterdir()):
        raise NotANewDirectory(f"{place.data} is not empty: a moment is restored into a new directory.")
    backup = archive.backup_before(to)
    key = (backup.folder / "secret.key").read_text("ascii").strip()
    given = secret_from_environment()
    if given and given != key:
        raise NotANewDirectory("REGULARS_SECRET_KEY is not the key of this archive: unset it, or set it to the archive's.")
    say(f"From the base backup of {backup.finished_at:%Y-%m-%d %H:%M:%S} UTC.")
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _unpack(place, archive, backup)
        _recover(place, to)
    except BaseException:
        shutil.rmtree(place.data, ignore_errors=True)  # nothing was in it
        raise
    write_private(place.secret_key_file, key + "\n")
    with place.database() as url:
        configure_django(url, key, as_owner=True)
        migrate()
        return verify_database(url)


def _unpack(place: Installation, archive: Archive, backup: BaseBackup) -> None:
    """Lay base backup and log out as a cluster that PostgreSQL will find needs recovery."""
    cluster = place.data / "postgres"
    cluster.mkdir(mode=0o700)
    write_private(place.data / "postgres.password", (backup.folder / "postgres.password").read_text())
    _extract(backup.folder / "base.tar.gz", cluster)
    _extract(backup.folder / "pg_wal.tar.gz", cluster / "pg_wal")
    for other in backup.folder.glob("*.tar.gz"):
        if other.name.split(".")[0].isdigit():
            space = place.data / TABLESPACES / other.name.split(".")[0]
            space.mkdir(mode=0o700, parents=True)
            _extract(other, space)
    _move_tablespaces(cluster / "tablespace_map", place.data / TABLESPACES)
    segments = archive.segments_from(backup.first_segment)
    say(f"With {len(segments)} files of the log.")
    for path in segments:
        # Copies, never links: PostgreSQL writes into these files again.
        target = cluster / "pg_wal" / path.name.removesuffix(".partial")
        if path.suffix == ".partial" and target.exists():
            continue  # it was finished under another name since
        shutil.copyfile(path, target)
    (cluster / "recovery.signal").touch()
    if os.geteuid() == 0:
        owner = service_user(say)
        _give(cluster, owner)
        if (place.data / TABLESPACES).exists():
            place.data.chmod(0o711)
            _give(place.data / TABLESPACES, owner)


def _extract(archive: Path, folder: Path) -> None:
    # Debian 12's Python is older than the filter; the archive is our own.
    filtered = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as opened:
        opened.extractall(folder, **filtered)  # type: ignore[arg-type]  # noqa: S202


def _give(folder: Path, owner: tuple[int, int]) -> None:
    os.chown(folder, *owner)
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(path) / name, *owner, follow_symlinks=False)


def _move_tablespaces(note: Path, folder: Path) -> None:
    """Say in PostgreSQL's own note that tablespaces are here now, not where those of the original are."""
    if note.exists():
        given = note.read_text()
        note.write_text(re.sub(r"^(\d+) .*$", lambda found: f"{found[1]} {folder / found[1]}", given, flags=re.MULTILINE))


def _recover(place: Installation, to: datetime | None) -> None:
    """Let PostgreSQL play the log, up to the moment, and begin a new history there."""
    # All that there is of the log lies in pg_wal. Nobody may read on the way: then the server is ready when it is there.
    settings = {"restore_command": "false", "recovery_target_timeline": "current", "hot_standby": "off"}
    if to is not None:
        settings |= {"recovery_target_time": to.isoformat(), "recovery_target_action": "promote"}
    server = EmbeddedPostgres(place.data, say=say, settings=settings)
    try:
        server.start()
    except EmbeddedError as error:
        if _ENDED_BEFORE in str(error):
            raise ArchiveEndsBefore(
                "The archive ends before that moment; without --to it is restored as far as it goes."
            ) from error
        raise
    finally:
        server.stop()
    say(f"Recovered to {to:%Y-%m-%d %H:%M:%S.%f} UTC." if to else "Recovered as far as the archive goes.")
