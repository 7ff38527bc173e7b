# SPDX-License-Identifier: Apache-2.0
"""
Our supervisor of the embedded PostgreSQL: it makes the cluster, runs ``postgres`` as a direct child, and stops it in order.

Only binaries come from elsewhere (``kit/postgres_binaries.py``). What the supervisor holds to:

- one supervisor per data directory, by a lock that the kernel lets go of when the process dies;
- ``postgres`` never runs as root and never outlives its supervisor (on Linux it is told by the kernel; elsewhere, and
  after ``kill -9`` of everything, the next start finds what is left, stops it in order and recovers);
- the socket lies in a directory of its own with mode 0700, outside the data directory; there is no TCP port;
- no limit on how long a start may take: recovery after a crash takes what it takes, and says so.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from regulars.kit.postgres_binaries import Binaries, find_binaries, may_walk, readable_by, service_user
from regulars.kit.postgres_configuration import configuration
from regulars.kit.processes import die_with_parent, processes_in, send_signal

OWNER = "regulars"
"""The role that owns every table of an embedded cluster."""
DATABASE = "regulars"
SOCKET_PATH_BYTES_MAX = 103
"""macOS allows 104 bytes with the closing zero, Linux 108."""
MAJOR_STAYS_PUT = 16
"""Older programs change their working directory while they look for themselves."""
LOG_SIZE_BYTES_MAX = 10 * 1024 * 1024
_SHARED_MEMORY_IN_USE = "shared memory block"

Say = Callable[[str], None]


class EmbeddedError(RuntimeError):
    """The embedded server can not be used; the sentence says why and what to do."""


class DataDirectoryInUse(EmbeddedError):
    """Another Regulars process holds this data directory."""


class EmbeddedPostgres:
    """
    One PostgreSQL cluster in ``data/postgres``, run as this process's child between ``start`` and ``stop``.

    ``settings`` go on top of ours (the tests switch durability off by it). ``say`` gets one line of progress at a time.
    """

    def __init__(self, data: Path, *, say: Say | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.cluster = self.data / "postgres"
        self.password_file = self.data / "postgres.password"
        self.log_file = self.data / "postgres.log"
        self.socket_note = self.data / "postgres.socket"
        self.socket_directory: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.binaries: Binaries | None = None
        self._say = say or (lambda line: None)
        self._settings = dict(settings or {})
        self._lock: int | None = None
        self._owner: tuple[int, int] | None = None

    # -- what a caller uses ----------------------------------------------------------------------------------------
    def start(self) -> str:
        """
        Start the server, making the cluster on the first start, and return the owner's URL of the database.

        Raises: DataDirectoryInUse, EmbeddedError (no binaries, other major version, no access, PostgreSQL's own refusal).
        """
        self._make_data_directory()
        self._lock = lock_directory(self.data)
        try:
            self._start_locked()
        except BaseException:
            self.stop()
            raise
        return self.url()

    def _start_locked(self) -> None:
        self.binaries = find_binaries()
        self._owner = self._choose_owner()
        if self._owner is not None:
            self.binaries = readable_by(self.binaries, *self._owner)
        self._check_version()
        self._stop_what_is_left()
        self.socket_directory = self._make_socket_directory()
        if not self.cluster.exists():
            self._make_cluster()
        self._write_configuration()
        self._run()
        self._make_database()

    @property
    def is_alive(self) -> bool:
        """Whether the server process runs."""
        return self.process is not None and self.process.poll() is None

    def restart(self) -> None:
        """Start the server again after it died, on the same socket, so that its URL stays. Raises EmbeddedError."""
        self._stop_orphans()
        for left in self._running_socket_directory().glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)
        self._run()

    def stop(self) -> None:
        """Shut the server down in order (PostgreSQL's "fast": open transactions end, all is written), and wait for it."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                self._wait_for_exit(self.process)
            self.process = None
        if self.socket_directory is not None:
            shutil.rmtree(self.socket_directory, ignore_errors=True)
            self.socket_note.unlink(missing_ok=True)
            self.socket_directory = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def url(self, database: str = DATABASE) -> str:
        """Return the owner's URL of a database of the running server. It carries the password: show it to nobody."""
        return database_url(self.password_file, self._running_socket_directory(), database)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # -- directories, lock, user -----------------------------------------------------------------------------------
    def _make_data_directory(self) -> None:
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"The data directory {self.data} can not be made: {error.strerror}.") from error
        if not os.access(self.data, os.R_OK | os.W_OK | os.X_OK):
            raise EmbeddedError(
                f"The data directory {self.data} belongs to another user: run as that user, or choose another --data."
            )

    def _choose_owner(self) -> tuple[int, int] | None:
        """Return the (uid, gid) to drop to, None when we are not root: PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        if self.cluster.exists():
            found = self.cluster.stat()
            if found.st_uid == 0:
                raise EmbeddedError(f"{self.cluster} belongs to root, as whom PostgreSQL does not run: chown -R it to a user.")
            return found.st_uid, found.st_gid
        return service_user(self._say)

    def _check_version(self) -> None:
        assert self.binaries is not None
        version_file = self.cluster / "PG_VERSION"
        if not self.cluster.exists():
            return
        if not version_file.exists():
            raise EmbeddedError(f"{self.cluster} is not a PostgreSQL cluster (it has no PG_VERSION): move it away.")
        found = version_file.read_text().strip()
        if found != str(self.binaries.major):
            raise EmbeddedError(
                f"The data in {self.data} was written by PostgreSQL {found}, the binaries here are {self.binaries.version} "
                f"({self.binaries.source}). Nothing was changed. Run the Regulars release that wrote it, `regulars backup` "
                "there and `regulars restore` here into a new data directory."
            )

    def _make_socket_directory(self) -> Path:
        parent = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path(tempfile.gettempdir())
        if len(os.fsencode(parent)) > SOCKET_PATH_BYTES_MAX - len("/regulars-12345678/.s.PGSQL.5432"):
            parent = Path("/tmp")  # noqa: S108 (mkdtemp makes a private directory with a name nobody can take first)
        made = Path(tempfile.mkdtemp(prefix="regulars-", dir=parent))
        self._give(made)
        self.socket_note.write_text(str(made))
        return made

    def _running_socket_directory(self) -> Path:
        if self.socket_directory is None:
            raise EmbeddedError("The embedded PostgreSQL is not running.")
        return self.socket_directory

    def _give(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, *self._owner)

    # -- what an earlier, killed start left ------------------------------------------------------------------------
    def _stop_what_is_left(self) -> None:
        self._stop_orphans()
        shutil.rmtree(self.data / "postgres.new", ignore_errors=True)
        if self.socket_note.exists():
            left = Path(self.socket_note.read_text().strip() or "/nonexistent")
            if left.name.startswith("regulars-") and left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            self.socket_note.unlink()

    def _stop_orphans(self) -> None:
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        first = pid_file.read_text().split("\n", 1)[0].strip()
        postmaster = int(first) if first.isdigit() else 0
        started_at = time.monotonic()
        told = 0
        while left := self._processes_left(postmaster):
            if told == 0:
                self._say("An earlier PostgreSQL still runs on this data: stopping it in order.")
            waited = time.monotonic() - started_at
            # fast, then immediate (no data is lost by either), then the backends of a postmaster that is gone
            stage = 1 if waited < 60 else 2 if waited < 90 else 3
            if stage > told:
                told = stage
                targets = [postmaster] if postmaster in left and stage < 3 else left
                for process in targets:
                    send_signal(process, (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)[stage - 1])
            time.sleep(0.05)
        # Nothing runs on the cluster and we hold its lock. The number in the file may since belong to somebody else
        # (after a restart of a machine or container), which PostgreSQL would take for its own postmaster.
        pid_file.unlink(missing_ok=True)

    def _processes_left(self, postmaster: int) -> list[int]:
        if sys.platform == "linux":
            return processes_in(self.cluster)
        if not postmaster:
            return []
        shown = subprocess.run(["ps", "-p", str(postmaster), "-o", "command="], capture_output=True, text=True, check=False)
        return [postmaster] if "postgres" in shown.stdout else []

    # -- making the cluster ----------------------------------------------------------------------------------------
    def _make_cluster(self) -> None:
        assert self.binaries is not None
        self._say(f"Making a PostgreSQL {self.binaries.version} cluster in {self.cluster}.")
        password = secrets.token_urlsafe(32)
        _write_private(self.password_file, password)
        handed = self._running_socket_directory() / "password"  # a copy the service user may read, for a second
        _write_private(handed, password)
        self._give(handed)
        fresh = self.data / "postgres.new"
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        if self.binaries.major >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            locale = ["--locale=C", f"--lc-ctype={'C.UTF-8' if sys.platform == 'linux' else 'en_US.UTF-8'}"]
        command = [str(self.binaries.program("initdb")), "-D", self._as_seen_by_server(fresh), f"--username={OWNER}"]
        command += [f"--pwfile={handed}", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8"]
        command += ["--data-checksums", "--no-instructions", *locale]
        done = subprocess.run(
            command, cwd=fresh, capture_output=True, text=True, check=False, env=self._environment(), **self._identity()
        )
        handed.unlink()
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        # Only a cluster that is whole gets the name: a first start that was cut off begins anew.
        fresh.rename(self.cluster)
        _sync_directory(self.data)

    def _write_configuration(self) -> None:
        lines = "".join(
            f"{name} = '{value}'\n" for name, value in configuration(self._running_socket_directory(), self._settings).items()
        )
        head = "# Written by Regulars at every start. Your own settings belong in local.conf beside this file; they win.\n"
        own = "include = 'local.conf'\n" if (self.cluster / "local.conf").exists() else ""
        self._replace("postgresql.conf", f"{head}{lines}{own}")
        rules = "# Written by Regulars at every start: the Unix socket only, with a password.\n"
        self._replace("pg_hba.conf", f"{rules}local all all scram-sha-256\nlocal replication all scram-sha-256\n")

    def _replace(self, name: str, text: str) -> None:
        path = self.cluster / name
        fresh = path.with_name(f"{name}.new")
        _write_private(fresh, text)
        self._give(fresh)
        fresh.rename(path)

    # -- running it ------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        started_at = time.monotonic()
        while True:
            self.process = self._spawn()
            refusal = self._wait_until_ready(self.process, started_at)
            if refusal is None:
                return
            # Backends of a killed postmaster end by themselves, within moments.
            if _SHARED_MEMORY_IN_USE not in refusal or time.monotonic() - started_at > 60:
                raise EmbeddedError(f"PostgreSQL did not start: {refusal or 'it gave no reason'} (log: {self.log_file})")
            time.sleep(0.5)

    def _spawn(self) -> subprocess.Popen[bytes]:
        assert self.binaries is not None
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_SIZE_BYTES_MAX:
            self.log_file.replace(self.log_file.with_name("postgres.log.1"))
        log = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._log_from_bytes = os.fstat(log).st_size
        try:
            return subprocess.Popen(
                [str(self.binaries.program("postgres")), "-D", self._as_seen_by_server(self.cluster)],
                cwd=self.cluster,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,  # Ctrl-C in a terminal goes to us alone; we stop it in order
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 (it calls the C library only)
                **self._identity(),
            )
        finally:
            os.close(log)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], started_at: float) -> str | None:
        """Return None once the server takes connections, the last lines of its log when it gave up."""
        pid_file = self.cluster / "postmaster.pid"
        told_at = started_at
        while process.poll() is None:
            try:
                lines = pid_file.read_text().split("\n")
            except FileNotFoundError:
                lines = []
            if len(lines) > 7 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
                return None
            if time.monotonic() - told_at > 5:
                told_at = time.monotonic()
                self._say(f"PostgreSQL is recovering ({told_at - started_at:.0f} s): {self._log_tail() or 'reading its log'}")
            time.sleep(0.02)
        return self._log_tail(lines_max=5)

    def _log_tail(self, lines_max: int = 1) -> str:
        with self.log_file.open("rb") as log:
            log.seek(self._log_from_bytes)
            return "\n".join(log.read()[-4000:].decode("utf-8", "replace").strip().splitlines()[-lines_max:])

    def _wait_for_exit(self, process: subprocess.Popen[bytes]) -> None:
        waited_seconds = 0
        while True:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                waited_seconds += 10
                self._say(f"PostgreSQL is writing what it holds ({waited_seconds} s).")
            else:
                return

    def _make_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _as_seen_by_server(self, directory: Path) -> str:
        # The service user need not (and should not) be able to walk through root's directories to the data: it starts
        # inside. PostgreSQL keeps an absolute path as it is given, so the path is "where I stand".
        assert self.binaries is not None
        if self._owner is None:
            return str(directory)
        if sys.platform == "linux" and self.binaries.major >= MAJOR_STAYS_PUT:
            return "/proc/self/cwd"
        self.data.chmod(0o711)  # others may pass through, not look around; our files are for their owner only
        if not may_walk(directory, *self._owner):
            raise EmbeddedError(
                f"The user that runs PostgreSQL can not reach {directory}: choose a --data below a folder others may enter."
            )
        return str(directory)

    def _identity(self) -> dict[str, Any]:
        if self._owner is None:
            return {}
        return {"user": self._owner[0], "group": self._owner[1], "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "DYLD_LIBRARY_PATH") if name in os.environ}
        return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def lock_directory(data: Path) -> int:
    """Return a handle that locks a data directory for this process until it is closed. Raises DataDirectoryInUse."""
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise DataDirectoryInUse(f"The data directory {data} is in use by another Regulars process.") from None
    return handle


# -- used by the supervisor and by the commands beside a running server ------------------------------------------------
def database_url(password_file: Path, socket_directory: Path, database: str = DATABASE) -> str:
    """Return the URL by which the owner reaches a database of an embedded server through its socket."""
    password = quote(password_file.read_text().strip(), safe="")
    return f"postgresql://{OWNER}:{password}@/{quote(database, safe='')}?host={quote(str(socket_directory), safe='')}"


def running_url(data: Path) -> str | None:
    """Return the owner's URL of the server that runs on a data directory, None when none runs."""
    data = data.resolve()
    note = data / "postgres.socket"
    if not (note.exists() and is_locked(data)):
        return None
    directory = Path(note.read_text().strip())
    return database_url(data / "postgres.password", directory) if (directory / ".s.PGSQL.5432").exists() else None


def is_locked(data: Path) -> bool:
    """Whether a Regulars process holds a data directory at this moment."""
    try:
        handle = os.open(data / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
