# SPDX-License-Identifier: Apache-2.0
"""``regulars backup`` and ``regulars restore``: the database and the secret key in one file that only its owner may read."""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from regulars import __version__
from regulars.cli.database import note_done
from regulars.cli.dump import DumpFailed, dump_database, read_through, replay
from regulars.cli.installation import Installation, add_place_arguments, configure_django, installation_of, write_private
from regulars.cli.point_in_time import moment_of, restore_moment
from regulars.cli.progress import say
from regulars.errors import Conflict, InvalidParameter, Refused
from regulars.kit.environment import APP_ROLE, secret_from_environment

FORMAT = 1
MEMBERS = ("manifest.json", "secret.key", "database.dump")
SET_ASIDE = "regulars_before_restore"
"""The schema in which the old tables wait until the restored ones are whole."""


class FileExists(Conflict):
    code = "file_exists"


class NotEmpty(Refused):
    code = "not_empty"


class ServerRuns(Refused):
    code = "server_runs"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "backup",
        help="write the database and the secret key into one file",
        description="A consistent copy, also while the server runs. It opens every Security Token: keep it as safe as a key.",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="default: regulars-<time>.tar in the current folder")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    parser.add_argument("--check", action="store_true", help="read the file to its end afterwards, as a restore would")
    parser.add_argument("--as-job", action="store_true", help=argparse.SUPPRESS)  # jobs/asked.py, which keeps the run itself
    add_place_arguments(parser)
    parser.set_defaults(run=run_backup)
    parser = commands.add_parser(
        "restore",
        help="bring a backup back, then verify the books",
        description="Restore into a new data directory or an empty database; with --force, what is there is replaced. FILE may "
        "be an archive (`regulars serve --archive`): then a moment is restored, into a new data directory.",
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--to", default="", metavar="TIME",
        help="of an archive: the moment, such as 2026-11-25T21:15:00Z (default: as far as the archive goes)",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="replace the data that is there")
    add_place_arguments(parser)
    parser.set_defaults(run=run_restore)


# -- backup --------------------------------------------------------------------------------------------------------
def run_backup(arguments: argparse.Namespace) -> int:
    """Write the backup and print its path."""
    place = installation_of(arguments)
    target = arguments.file or Path(f"regulars-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar")
    if target.exists() and not arguments.force:
        raise FileExists(f"{target} exists; name another file or say --force.")
    if not target.resolve().parent.is_dir():
        raise InvalidParameter("FILE", f"the folder {target.resolve().parent} does not exist")
    began = time.monotonic()
    with place.database() as url, tempfile.TemporaryDirectory(prefix=".backup-", dir=target.resolve().parent) as folder:
        dump = Path(folder) / "database.dump"
        dump_database(url, dump)
        manifest = {
            "format": FORMAT,
            "regulars": __version__,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgresql": _server_version(url),
        }
        _write_tar(target, dump, manifest, place.secret_key())
        dump.unlink()
        if arguments.check:
            say("Reading it.")
            check_backup(target)
        details = {"file": str(target.resolve()), "size_bytes": target.stat().st_size, "is_checked": arguments.check}
        size = f"{target.stat().st_size} bytes"
        note_done(url, "backup", began, size, details=None if arguments.as_job else details)
    say(f"{target.stat().st_size / 2**20:.1f} MB written.")
    print(json.dumps(details) if arguments.as_job else target)
    return 0


def check_backup(file: Path) -> None:
    """
    Read a backup to its end, as a restore would; nothing is restored. Its dump is copied beside it meanwhile.

    Raises: InvalidParameter, DumpFailed.
    """
    with _opened(file, file.resolve().parent) as (_manifest, _key, dump):
        read_through(dump)


def _write_tar(target: Path, dump: Path, manifest: dict[str, object], secret_key: str) -> None:
    fresh = dump.with_name("backup.tar")
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            _add_text(archive, "manifest.json", json.dumps(manifest, indent=2) + "\n")
            _add_text(archive, "secret.key", secret_key + "\n")
            archive.add(dump, "database.dump", filter=_anonymous)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
    archive.addfile(member, io.BytesIO(content))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


# -- restore -------------------------------------------------------------------------------------------------------
def run_restore(arguments: argparse.Namespace) -> int:
    """Restore, migrate, verify; the exit code is that of verify."""
    from regulars.cli.database import migrate, verify_database  # Django is set up below

    place = installation_of(arguments)
    to = moment_of(arguments.to)
    if arguments.file.is_dir():
        return restore_moment(place, arguments.file, to)
    if to is not None:
        raise InvalidParameter("--to", f"{arguments.file} is one backup, of one moment; name an archive")
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(arguments.file, place.data) as (manifest, secret_key, dump):
        say(f"Backup of {manifest['created_at']}, made by Regulars {manifest['regulars']}.")
        _refuse_other_key(place, secret_key, force=arguments.force)
        if place.is_running:
            raise ServerRuns(f"A server runs on {place.data}: stop it before restoring.")
        with place.database(create=True) as url:
            _restore_into(url, dump, force=arguments.force)
            if not secret_from_environment():
                write_private(place.secret_key_file, secret_key + "\n")
            configure_django(url, secret_key, as_owner=True)
            migrate()
            return verify_database(url)


@contextmanager
def _opened(file: Path, data: Path) -> Iterator[tuple[dict[str, object], str, Path]]:
    """Yield manifest, secret key and the dump's path (a copy below ``data``, removed afterwards). Raises InvalidParameter."""
    try:
        archive = tarfile.open(file, "r:")  # noqa: SIM115 (closed below)
    except (OSError, tarfile.TarError) as error:
        raise InvalidParameter("FILE", f"{file} is no backup that can be read ({error})") from error
    with archive, tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as folder:
        opened: dict[str, IO[bytes]] = {}
        for name in MEMBERS:
            # Members are taken by name and never unpacked by their own paths.
            member = archive.extractfile(name) if name in archive.getnames() else None
            if member is None:
                raise InvalidParameter("FILE", f"{file} is no Regulars backup: it has no {name}")
            opened[name] = member
        manifest = json.loads(opened["manifest.json"].read())
        if manifest.get("format") != FORMAT:
            raise InvalidParameter("FILE", f"{file} has backup format {manifest.get('format')}; this release reads {FORMAT}")
        dump = Path(folder) / "database.dump"
        with dump.open("xb") as copy:
            shutil.copyfileobj(opened["database.dump"], copy)
        yield manifest, opened["secret.key"].read().decode("ascii").strip(), dump


def _refuse_other_key(place: Installation, secret_key: str, *, force: bool) -> None:
    given = secret_from_environment()
    if given and given != secret_key:
        raise NotEmpty("REGULARS_SECRET_KEY is not the key of this backup: unset it, or set it to the backup's secret.key.")
    if place.secret_key_file.exists() and place.secret_key() != secret_key and not force:
        raise NotEmpty(f"{place.secret_key_file} is another key than the backup's: restore elsewhere, or say --force.")


def _restore_into(url: str, dump: Path, *, force: bool) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if _has_tables(connection):
            if not force:
                raise NotEmpty("The database is not empty: restore into a new data directory or database, or say --force.")
            _refuse_while_in_use(connection)
            say("Setting the present data aside.")
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SET_ASIDE)))
            with connection.transaction():
                connection.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(SET_ASIDE)))
                connection.execute("CREATE SCHEMA public")
                _move_extensions(connection, SET_ASIDE, "public")  # the restored tables use them as well
        # The dump grants rights to this role; it belongs to the server, so no dump creates it.
        connection.execute(
            sql.SQL("DO $$ BEGIN CREATE ROLE {} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$").format(
                sql.Identifier(APP_ROLE)
            )
        )
        try:
            say("Restoring.")
            replay(url, dump)
        except DumpFailed:
            if _exists(connection, SET_ASIDE):
                say("Putting the present data back.")
                with connection.transaction():
                    _move_extensions(connection, "public", SET_ASIDE)
                    connection.execute("DROP SCHEMA public CASCADE")
                    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(sql.Identifier(SET_ASIDE)))
            raise
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SET_ASIDE)))


def _refuse_while_in_use(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if row and row[0]:
        raise ServerRuns(f"{row[0]} connections of other programs use this database: stop the server before restoring.")


def _move_extensions(connection: psycopg.Connection[tuple[object, ...]], source: str, target: str) -> None:
    rows = connection.execute(
        "SELECT extname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = %s", (source,)
    ).fetchall()
    for (name,) in rows:
        connection.execute(
            sql.SQL("ALTER EXTENSION {} SET SCHEMA {}").format(sql.Identifier(str(name)), sql.Identifier(target))
        )


def _has_tables(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')").fetchone()
    return bool(row and row[0])


def _exists(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", (schema,)).fetchone()
    return bool(row and row[0])


def _server_version(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else ""
