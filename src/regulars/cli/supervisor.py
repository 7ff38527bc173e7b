# SPDX-License-Identifier: Apache-2.0
"""The process that owns the others: starts them in order, keeps them alive, stops them in order."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from regulars.cli.archive import Archive, let_go_of_log
from regulars.cli.certificate import Certificate
from regulars.cli.children import Child
from regulars.cli.generation import Generation, Sockets, make_generation, open_sockets
from regulars.cli.installation import Installation, write_private
from regulars.cli.listeners import Listeners
from regulars.cli.notify import notify
from regulars.cli.prepare import PreparationFailed, SecretKeyDoesNotFit, prepare
from regulars.cli.reach import PanelFails, Unreachable, ask_listener, ask_socket
from regulars.cli.reloading import STATE, Request, take_request
from regulars.cli.welcome import welcome, write_ready_file
from regulars.errors import RegularsError
from regulars.kit.embedded import DataDirectoryInUse, EmbeddedError, EmbeddedPostgres, lock_directory
from regulars.kit.environment import APP_ROLE
from regulars.kit.metrics import open_store

DEATHS_AT_START_MAX = 3
START_SECONDS_MAX = 180
LEAVE_SECONDS_MAX = 1_200
"""How long those who are being replaced may take over what is under way; an answer may be sent for a quarter of an hour."""
LOOK_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Stopped(BaseException):
    """A signal asked to stop before everything had started."""


class _NotReplaced(Exception):
    """The new processes do not work; the present ones go on."""


class Supervisor:
    """One ``regulars serve``. ``run`` returns when it was told to stop and everything has stopped."""

    def __init__(
        self,
        place: Installation,
        listeners: Listeners,
        *,
        archive: Archive | None,
        find_certificate: Callable[[], Certificate | None],
        demo: bool,
        refuse_demo_accounts: RegularsError | None,
        ready_file: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self._place = place
        self._listeners = listeners
        self._archive = archive
        self._find_certificate = find_certificate
        self._certificate: Certificate | None = None
        self._demo = demo
        self._refuse_demo_accounts = refuse_demo_accounts
        self._ready_file = ready_file
        self._say = say
        self._embedded: EmbeddedPostgres | None = None
        self._lock: int | None = None
        self._run_directory: Path | None = None
        self._state_file = place.data / STATE
        self._environment: dict[str, str] = {}
        self._sockets: Sockets | None = None
        self._generation: Generation | None = None
        """Who serves."""
        self._other: Generation | None = None
        """Who is being started to take over, or who is leaving."""
        self._metrics: Child | None = None
        self._archiving: Child | None = None
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._is_starting = True
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")

    def run(self) -> int:
        """Start, serve, stop. Raises RegularsError, EmbeddedError; whatever was started has been stopped by then."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        # A terminal that is closed says it by SIGHUP, and means the end.
        signal.signal(signal.SIGHUP, self._asked_to_stop if sys.stderr.isatty() else self._asked_to_reload)
        signal.signal(signal.SIGUSR2, self._asked_to_reload)
        try:
            self._start()
            self._is_starting = False
            notify("READY=1")
            while not self._stop.wait(LOOK_SECONDS):
                self._look_after()
                if self._reload.is_set():
                    self._reload.clear()
                    self._replace(take_request(self._place.data))
        except _Stopped:
            pass
        except PreparationFailed as error:
            self._say(f"regulars: {error}")
            return 1
        finally:
            self._is_starting = False
            self._shut_down()
        return 0

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():
            return  # it is stopping: a second Ctrl-C changes nothing
        self._stop.set()
        if self._is_starting:
            raise _Stopped

    def _asked_to_reload(self, number: int, frame: FrameType | None) -> None:
        self._reload.set()

    # -- starting --------------------------------------------------------------------------------------------------
    def _start(self) -> None:
        if self._ready_file:
            self._ready_file.unlink(missing_ok=True)
        url = self._start_database()
        self._begin_archiving(url)
        self._clear_left_over()
        self._certificate = self._find_certificate()
        environment = self._environment_of_all(url)
        prepared = prepare(environment, demo=self._demo)
        if not prepared.key_fits:
            raise SecretKeyDoesNotFit
        if prepared.has_demo_accounts and self._refuse_demo_accounts:
            raise self._refuse_demo_accounts
        self._run_directory = Path(tempfile.mkdtemp(prefix="regulars-", dir="/tmp"))
        self._write_state()
        self._environment = {**environment, "REGULARS_DATABASE_ROLE": APP_ROLE}
        if self._listeners.metrics_port is not None:
            self._start_counting()
        self._sockets = open_sockets(self._listeners)
        self._generation = self._make_generation(1)
        for child in self._generation.children:
            child.start()
        self._wait_until_ready(self._generation)
        ca_file = self._certificate.ca_file if self._certificate else None
        if self._ready_file:
            write_ready_file(
                self._ready_file,
                listeners=self._listeners,
                ca_file=ca_file,
                pid=os.getpid(),
                database_url=url,
                accounts=prepared.demo,
            )
        public_url = environment.get("REGULARS_PUBLIC_URL", "").rstrip("/")
        told = welcome(self._listeners, ca_file, prepared.demo, setup_code=prepared.setup_code, public_url=public_url)
        print(told, flush=True)

    def _start_database(self) -> str:
        if self._place.external_url:
            self._lock = lock_directory(self._place.data)
            return self._place.external_url
        while True:
            self._embedded = EmbeddedPostgres(self._place.data, say=self._say)
            try:
                return self._embedded.start()
            except DataDirectoryInUse:
                if (running := self._who_serves()) is not None:
                    raise DataDirectoryInUse(
                        f"Another `regulars serve` (process {running}) already serves {self._place.data}: stop it first, "
                        "or choose another --data."
                    ) from None
                time.sleep(0.2)  # a short command works on it, or it is just stopping

    def _begin_archiving(self, url: str) -> None:
        """Stream the log from before anything is served; or let go of it. Raises ArchiveOfAnother, OSError."""
        if self._archive is not None:
            self._archive.open_for(url)
            command = ["regulars.cli.archive", "--archive", str(self._archive.folder)]
            self._archiving = Child("The archive of the log", command, {**os.environ, "DATABASE_URL": url}, self._say)
            self._archiving.start()
        elif self._embedded is not None and let_go_of_log(url):
            self._say("The log is no longer archived: base backups made so far can be restored up to now.")

    def _who_serves(self) -> int | None:
        try:
            pid = int(json.loads(self._state_file.read_text())["pid"])
            os.kill(pid, 0)
        except (OSError, ValueError, KeyError):
            return None
        return pid

    def _clear_left_over(self) -> None:
        """Remove the run directory of a predecessor that was killed. We hold the lock: nobody uses it."""
        try:
            left = Path(json.loads(self._state_file.read_text())["run_directory"])
        except (OSError, ValueError, KeyError):
            return
        if left.name.startswith("regulars-") and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        self._state_file.unlink(missing_ok=True)

    def _write_state(self, reload: dict[str, Any] | None = None) -> None:
        state = {
            "pid": os.getpid(),
            "url": self._listeners.url,
            "http_url": self._listeners.http_url,
            "metrics_url": self._listeners.metrics_url,
            "ca_file": str(self._certificate.ca_file) if self._certificate and self._certificate.ca_file else None,
            "run_directory": str(self._run_directory),
            "started_at": self._started_at,
            "reload": reload or {},
        }
        write_private(self._state_file, json.dumps(state) + "\n")

    def _environment_of_all(self, url: str) -> dict[str, str]:
        key = self._place.secret_key(create=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGULARS_SECRET_KEY")}
        return {
            **kept,
            "DATABASE_URL": url,
            "REGULARS_SECRET_KEY": key,
            "REGULARS_DATA": str(self._place.data),
            "DJANGO_SETTINGS_MODULE": "regulars.kit.settings",
        }

    def _make_generation(self, number: int, python: str = sys.executable) -> Generation:
        assert self._run_directory is not None
        assert self._sockets is not None
        return make_generation(
            number, self._listeners, self._sockets, run_directory=self._run_directory, environment=self._environment,
            certificate=self._certificate, say=self._say, python=python,
        )  # fmt: skip

    def _start_counting(self) -> None:
        assert self._run_directory is not None
        folder = self._run_directory / "metrics"
        folder.mkdir(mode=0o700)
        open_store(str(folder), "supervisor")
        self._environment["REGULARS_METRICS_FOLDER"] = str(folder)
        self._start_metrics_listener(sys.executable)

    def _start_metrics_listener(self, python: str) -> None:
        where = self._listeners
        if where.metrics_port is None:
            return
        if self._metrics is not None:
            self._metrics.ask_to_stop()
            self._metrics.wait()
        command = ["regulars.cli.metrics", "--host", where.metrics_host, "--port", str(where.metrics_port)]
        self._metrics = Child("The metrics listener", command, self._environment, self._say, python=python)
        self._metrics.start()

    def _wait_until_ready(self, generation: Generation) -> None:
        where = self._listeners
        ca_file = self._certificate.ca_file if self._certificate else None
        wanted: list[Callable[[], None]] = [
            lambda: ask_listener(where.dialled_host, where.port, secure=self._certificate is not None, ca_file=ca_file),
            lambda: ask_socket(generation.panel_socket),
        ]
        if (plain := where.http_port) is not None:
            wanted.append(lambda: ask_listener(where.dialled_host, plain, secure=False, ca_file=None))
        deaths = 0
        while wanted:
            for child in generation.children:
                if not child.is_alive:
                    deaths += child.process is not None
                    if deaths > DEATHS_AT_START_MAX:
                        raise EmbeddedError(f"{child.name} does not start; its last words are above.")
                    child.keep_alive()
            try:
                if generation.is_taking_requests:  # before, nobody would take ours
                    wanted[0]()
                    wanted.pop(0)
                else:
                    time.sleep(0.05)
            except Unreachable:
                time.sleep(0.05)
            except PanelFails as error:
                self._say(str(error))
                wanted.pop(0)

    # -- serving ---------------------------------------------------------------------------------------------------
    def _look_after(self) -> None:
        if self._embedded is not None and not self._embedded.is_alive:
            self._say("PostgreSQL ended: starting it again.")
            self._embedded.restart()
        for child in self._all_children(with_other=False):
            child.keep_alive()

    def _all_children(self, *, with_other: bool = True) -> list[Child]:
        generations = [self._generation, self._other if with_other else None]
        children = [child for generation in generations if generation is not None for child in generation.children]
        return [*children, *(child for child in (self._metrics, self._archiving) if child is not None)]

    # -- replacing those who serve ---------------------------------------------------------------------------------
    def _replace(self, asked: Request) -> None:
        """Let a new generation take over. Where it can not, the present one goes on as if nothing had been."""
        self._say("Reloading.")
        try:
            self._other = self._begin(asked.python)
        except (_NotReplaced, PreparationFailed, RegularsError, OSError) as error:
            if self._other is not None:
                self._let_leave(self._other)  # some of its workers may have taken requests already
            self._end(self._other)
            says = f"Not reloaded, the present processes go on: {error}"
        else:
            assert self._generation is not None
            self._generation, self._other = self._other, self._generation
            self._start_metrics_listener(asked.python)
            self._let_leave(self._other)
            self._end(self._other)
            says = f"Reloaded: generation {self._generation.number} serves."
        self._other = None
        self._say(says)
        self._write_state({"id": asked.id, "is_done": says.startswith("Reloaded"), "says": says})

    def _begin(self, python: str) -> Generation:
        """Start a generation and return it once all of it works. Raises _NotReplaced, PreparationFailed, RegularsError."""
        assert self._generation is not None
        self._certificate = self._find_certificate()
        prepare({**self._environment, "REGULARS_DATABASE_ROLE": ""}, demo=False, python=python, meanwhile=self._meanwhile)
        fresh = self._other = self._make_generation(self._generation.number + 1, python)
        fresh.panel.start()
        until = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                ask_socket(fresh.panel_socket)
                break
            except Unreachable:
                self._meanwhile_it_starts((fresh.panel,), until)
            except PanelFails as error:
                raise _NotReplaced(str(error)) from error
        for child in fresh.front:
            child.start()
        while not fresh.is_taking_requests:
            self._meanwhile_it_starts((fresh.panel, *fresh.front), until)
        fresh.jobs.start()
        return fresh

    def _meanwhile_it_starts(self, children: Sequence[Child], until: float) -> None:
        for child in children:
            if not child.is_alive:
                raise _NotReplaced(f"{child.name} does not start; its last words are above.")
        if time.monotonic() > until:
            raise _NotReplaced(f"the new processes do not start within {START_SECONDS_MAX} s.")
        self._meanwhile(0.05)

    def _meanwhile(self, seconds: float = 0.0) -> None:
        """Look after those who serve while something else is waited for. Raises _Stopped where a signal asks to stop."""
        if self._stop.wait(seconds):
            raise _Stopped
        self._look_after()

    def _let_leave(self, old: Generation) -> None:
        """Wait until nobody is served by a generation any more; jobs that are under way are finished meanwhile."""
        old.jobs.ask_to_stop()
        until = time.monotonic() + LEAVE_SECONDS_MAX
        while not old.has_left and any(child.is_alive for child in old.front) and time.monotonic() < until:
            old.leave()
            self._meanwhile(LOOK_SECONDS)

    def _end(self, generation: Generation | None) -> None:
        """Stop a generation in order: the API first, for it may still need the panel."""
        if generation is None:
            return
        for group in (generation.front, (generation.panel, generation.jobs)):
            for child in group:
                child.ask_to_stop()
            for child in group:
                while child.may_still_stop:
                    self._meanwhile(0.05)
                child.wait()
        shutil.rmtree(generation.folder, ignore_errors=True)

    # -- stopping --------------------------------------------------------------------------------------------------
    def _shut_down(self) -> None:
        if any(child.is_alive for child in self._all_children()):
            notify("STOPPING=1")
            self._say("Stopping: finishing what runs.")
        if self._ready_file:
            self._ready_file.unlink(missing_ok=True)
        if self._sockets is not None:
            self._sockets.close()
        # The API first: while it finishes, it may still need the panel and the database.
        front = [child for each in (self._generation, self._other) if each is not None for child in each.front]
        for group in (front, [child for child in self._all_children() if child not in front]):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait()
        if self._embedded is not None:
            self._embedded.stop()
        if self._run_directory is not None:
            shutil.rmtree(self._run_directory, ignore_errors=True)
            self._state_file.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
