# SPDX-License-Identifier: Apache-2.0
"""The process that owns the others: starts them in order, keeps them alive, stops them in order."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from regulars.cli.certificate import Certificate
from regulars.cli.children import Child
from regulars.cli.installation import Installation, write_private
from regulars.cli.listeners import Listeners, listening_command
from regulars.cli.prepare import PreparationFailed, SecretKeyDoesNotFit, prepare
from regulars.cli.reach import PanelFails, Unreachable, ask_listener, ask_socket
from regulars.cli.welcome import welcome, write_ready_file
from regulars.errors import RegularsError
from regulars.kit.embedded import DataDirectoryInUse, EmbeddedError, EmbeddedPostgres, lock_directory
from regulars.kit.environment import APP_ROLE
from regulars.kit.metrics import open_store

API_TARGET = "regulars.api.rsgi:app"
PANEL_TARGET = "regulars.panel.wsgi:application"
DEATHS_AT_START_MAX = 3
PLAIN_WORKERS = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Stopped(BaseException):
    """A signal asked to stop before everything had started."""


class Supervisor:
    """One ``regulars serve``. ``run`` returns when it was told to stop and everything has stopped."""

    def __init__(
        self,
        place: Installation,
        listeners: Listeners,
        *,
        certificate: Certificate | None,
        demo: bool,
        refuse_demo_accounts: RegularsError | None,
        ready_file: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self._place = place
        self._listeners = listeners
        self._certificate = certificate
        self._demo = demo
        self._refuse_demo_accounts = refuse_demo_accounts
        self._ready_file = ready_file
        self._say = say
        self._embedded: EmbeddedPostgres | None = None
        self._lock: int | None = None
        self._run_directory: Path | None = None
        self._state_file = place.data / "serve.json"
        self._front: list[Child] = []
        self._back: list[Child] = []
        self._stop = threading.Event()
        self._is_starting = True

    def run(self) -> int:
        """Start, serve, stop. Raises RegularsError, EmbeddedError; whatever was started has been stopped by then."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        try:
            self._start()
            self._is_starting = False
            while not self._stop.wait(0.2):
                self._look_after()
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

    # -- starting --------------------------------------------------------------------------------------------------
    def _start(self) -> None:
        if self._ready_file:
            self._ready_file.unlink(missing_ok=True)
        url = self._start_database()
        self._clear_left_over()
        environment = self._environment(url)
        prepared = prepare(environment, demo=self._demo)
        if not prepared.key_fits:
            raise SecretKeyDoesNotFit
        if prepared.has_demo_accounts and self._refuse_demo_accounts:
            raise self._refuse_demo_accounts
        self._run_directory = Path(tempfile.mkdtemp(prefix="regulars-", dir="/tmp"))
        self._write_state()
        self._make_children({**environment, "REGULARS_DATABASE_ROLE": APP_ROLE}, self._run_directory / "panel.sock")
        for child in (*self._back, *self._front):
            child.start()
        self._wait_until_ready()
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

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "url": self._listeners.url,
            "http_url": self._listeners.http_url,
            "metrics_url": self._listeners.metrics_url,
            "ca_file": str(self._certificate.ca_file) if self._certificate and self._certificate.ca_file else None,
            "run_directory": str(self._run_directory),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_private(self._state_file, json.dumps(state) + "\n")

    def _environment(self, url: str) -> dict[str, str]:
        key = self._place.secret_key(create=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGULARS_SECRET_KEY")}
        return {
            **kept,
            "DATABASE_URL": url,
            "REGULARS_SECRET_KEY": key,
            "REGULARS_DATA": str(self._place.data),
            "DJANGO_SETTINGS_MODULE": "regulars.kit.settings",
        }

    def _make_children(self, environment: dict[str, str], panel_socket: Path) -> None:
        where = self._listeners
        # Where TLS ends at a proxy, our own port is nobody's to be sent to.
        https_port = environment.get("REGULARS_HTTPS_PORT", "443") if where.proxies else str(where.port)
        if not where.proxies:  # else only its operator knows under which name people find it (kit/public_address.py)
            environment = {"REGULARS_PUBLIC_URL": where.url, **environment}
        environment = {**environment, "REGULARS_HTTPS_PORT": https_port}
        if where.metrics_port is not None:
            environment["REGULARS_METRICS_FOLDER"] = self._start_counting()
            metrics = ["regulars.cli.metrics", "--host", where.metrics_host, "--port", str(where.metrics_port)]
            self._back.append(Child("The metrics listener", metrics, environment, self._say))
        served = {**environment, "REGULARS_PANEL_SOCKET": str(panel_socket)}
        if self._certificate:  # the platform owner's page says until when it is valid
            served["REGULARS_CERTIFICATE_FILE"] = str(self._certificate.certificate_file)
        if self._certificate and self._certificate.ca_file:  # the first steps show a line that trusts it
            served["REGULARS_CA_FILE"] = str(self._certificate.ca_file)
        secure = (self._certificate.certificate_file, self._certificate.key_file) if self._certificate else None
        scheme = "http-plain" if where.proxies else "https"
        self._front.append(
            Child(
                "The API",
                listening_command(API_TARGET, where.host, where.port, where.workers, secure),
                {**served, "REGULARS_SCHEME": scheme, "REGULARS_BEHIND_PROXY": where.proxies},
                self._say,
            )
        )
        if where.http_port is not None:
            self._front.append(
                Child(
                    "The plain http listener",
                    listening_command(API_TARGET, where.host, where.http_port, PLAIN_WORKERS, None),
                    {**served, "REGULARS_SCHEME": "http-plain", "REGULARS_BEHIND_PROXY": ""},
                    self._say,
                )
            )
        panel = ["regulars.cli.serving", "--target", PANEL_TARGET, "--interface", "wsgi", "--uds", str(panel_socket)]
        self._back.append(
            Child("The Control Panel", panel, served, self._say, before_start=lambda: panel_socket.unlink(missing_ok=True))
        )
        self._back.append(Child("The jobs process", ["regulars.jobs.worker"], environment, self._say))

    def _start_counting(self) -> str:
        assert self._run_directory is not None
        folder = self._run_directory / "metrics"
        folder.mkdir(mode=0o700)
        open_store(str(folder), "supervisor")
        return str(folder)

    def _wait_until_ready(self) -> None:
        where = self._listeners
        ca_file = self._certificate.ca_file if self._certificate else None
        assert self._run_directory is not None
        panel_socket = self._run_directory / "panel.sock"
        wanted: list[Callable[[], None]] = [
            lambda: ask_listener(where.dialled_host, where.port, secure=self._certificate is not None, ca_file=ca_file),
            lambda: ask_socket(panel_socket),
        ]
        if (plain := where.http_port) is not None:
            wanted.append(lambda: ask_listener(where.dialled_host, plain, secure=False, ca_file=None))
        deaths = 0
        while wanted:
            for child in (*self._back, *self._front):
                if not child.is_alive:
                    deaths += child.process is not None
                    if deaths > DEATHS_AT_START_MAX:
                        raise EmbeddedError(f"{child.name} does not start; its last words are above.")
                    child.keep_alive()
            try:
                wanted[0]()
                wanted.pop(0)
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
        for child in (*self._back, *self._front):
            child.keep_alive()

    # -- stopping --------------------------------------------------------------------------------------------------
    def _shut_down(self) -> None:
        if any(child.is_alive for child in (*self._front, *self._back)):
            self._say("Stopping: finishing what runs.")
        if self._ready_file:
            self._ready_file.unlink(missing_ok=True)
        # The API first: while it finishes, it may still need the panel and the database.
        for group in (self._front, self._back):
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
