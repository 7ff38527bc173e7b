# SPDX-License-Identifier: Apache-2.0
"""A whole database into a file and out of it again, by PostgreSQL's own programs."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from regulars.cli.progress import say
from regulars.kit.postgres_binaries import find_binaries

PROGRESS_SECONDS = 3
_DEFAULT_PRIVILEGES = re.compile(rb"^ALTER DEFAULT PRIVILEGES FOR ROLE \S+ ")
_NOT_EVERYWHERE = re.compile(
    rb"SET transaction_timeout = 0;\n"  # pg_restore writes it for every server; before PostgreSQL 17 there is no such setting
    # Servers of late 2026 note a version of their own in each column's options; an older pg_dump takes it for a setting.
    rb"|ALTER (?:FOREIGN )?TABLE (?:ONLY )?\S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);\n"
)


class DumpFailed(RuntimeError):
    """pg_dump, pg_restore or psql failed; it has said why."""


def dump_database(url: str, dump: Path) -> None:
    """Write a consistent copy of a database, in pg_dump's custom format. Raises DumpFailed."""
    target, environment = target_of(url)
    command = [program("pg_dump"), "--no-password", target, "--format=custom", "--compress=6", "--no-owner", f"--file={dump}"]
    with tempfile.TemporaryFile() as words, subprocess.Popen(command, env=environment, stderr=words) as process:
        while True:
            try:
                process.wait(PROGRESS_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if dump.exists():
                    say(f"  {dump.stat().st_size / 2**20:.0f} MB so far")
        check_program("pg_dump", process.returncode, words)


def read_through(dump: Path) -> None:
    """Read a dump to its end, every row of it. Raises DumpFailed."""
    command = [program("pg_restore"), "--exit-on-error", "--file=-", str(dump)]
    with tempfile.TemporaryFile() as words:
        code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=words, check=False).returncode
        check_program("pg_restore", code, words)


def replay(url: str, dump: Path) -> None:
    """
    Bring a dump back into a database, whole or not at all. Raises DumpFailed.

    The statements pass through our hands, because the server may be older than pg_restore and its roles are others.
    """
    target, environment = target_of(url)
    write = [program("pg_restore"), "--no-owner", "--no-tablespaces", "--exit-on-error", "--file=-", str(dump)]
    run = [program("psql"), "--no-password", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", target]
    with tempfile.TemporaryFile() as written, tempfile.TemporaryFile() as ran:
        with (
            subprocess.Popen(write, stdout=subprocess.PIPE, stderr=written, env=environment) as writer,
            subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=ran, env=environment) as runner,
        ):
            assert writer.stdout is not None
            assert runner.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # psql has ended at an error, and says which
                for line in fitting(writer.stdout):
                    runner.stdin.write(line)
                if writer.wait() != 0:
                    # psql commits what it was given up to the end of its input: a script cut short must not end well.
                    runner.stdin.write(b"\n\\.\n;\nSELECT 1 / 0;\n")
            with contextlib.suppress(BrokenPipeError):
                runner.stdin.close()
            runner.wait()
            writer.kill()
        check_program("psql", runner.returncode, ran, unless=writer.returncode > 0)
        check_program("pg_restore", max(writer.returncode, 0), written)


def fitting(script: Iterable[bytes]) -> Iterator[bytes]:
    """Pass a script on, without what belongs to the server it was written on. Rows of data are never looked into."""
    is_data = False
    for line in script:
        if is_data:
            is_data = line != b"\\.\n"
            yield line
        elif not _NOT_EVERYWHERE.fullmatch(line):
            is_data = line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")
            yield _DEFAULT_PRIVILEGES.sub(b"ALTER DEFAULT PRIVILEGES ", line)


def target_of(url: str) -> tuple[str, dict[str, str]]:
    """Return the option and the environment that name a database: the password stands in no list of processes."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    environment = {**os.environ, "PGPASSWORD": given.pop("password", ""), "PGCLIENTENCODING": "UTF8"}
    return f"--dbname={make_conninfo(**given)}", environment


def program(name: str) -> str:
    return str(find_binaries().program(name))


def check_program(name: str, code: int, words: IO[bytes], *, unless: bool = False) -> None:
    if code == 0 or unless:
        return
    words.seek(0)
    raise DumpFailed(f"{name} failed: {words.read().decode('utf-8', 'replace').strip()}")
