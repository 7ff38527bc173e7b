# SPDX-License-Identifier: Apache-2.0
"""Runs the ``regulars`` command as its user does: as a process, with an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 60
GONE_SECONDS_MAX = 30


def own_environment(**more: str) -> dict[str, str]:
    """Our environment without what points this process to the tests' database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "DATABASE_", "DJANGO_"))}
    return {**kept, "REGULARS_ARGON2": "fast", "REGULARS_ACCESS_LOG": "0", **more}


def regulars(*arguments: object, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "regulars.cli.main", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, env=own_environment(**environment), check=False,
        timeout=START_SECONDS_MAX,
    )  # fmt: skip


def copy_data(source: Path, target: Path) -> Path:
    """Copy a data directory that nobody serves, with owners and modes (PostgreSQL looks at both)."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    return target


@dataclass
class Server:
    """One ``regulars serve`` of a test."""

    data: Path
    folder: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    @property
    def words(self) -> str:
        """What it said on standard error so far."""
        return (self.folder / "serve.err").read_text()

    def start(self) -> Server:
        """Start and wait for the ready file."""
        command = [sys.executable, "-m", "regulars.cli.main", "serve", "--data", str(self.data), "--workers", "1"]
        command += ["--port", "0", "--ready-file", str(self.ready_file), *self.options]
        with (self.folder / "serve.out").open("wb") as out, (self.folder / "serve.err").open("ab") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, env=own_environment(**self.environment))
        until = time.monotonic() + START_SECONDS_MAX
        while not self.ready_file.exists():
            assert self.process.poll() is None, self.words
            assert time.monotonic() < until, self.words
            time.sleep(0.05)
        self.ready = json.loads(self.ready_file.read_text())
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """Stop in order and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """Kill the supervisor alone, as the kernel does when memory runs out."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ask(self, *, plain: bool = False, **fields: object) -> str:
        """Send one call and return the body of its answer. Raises OSError where nobody answers."""
        status, body = self.post(self.ready["http_url" if plain else "url"], fields)
        assert status in (200, 403), body
        return body

    def post(self, url: str, fields: dict[str, object]) -> tuple[int, str]:
        parts = urllib.parse.urlsplit(url)
        assert parts.hostname is not None
        link: HTTPConnection
        if parts.scheme == "https":
            trust = ssl.create_default_context(cafile=self.ready["ca_file"])
            link = HTTPSConnection(parts.hostname, parts.port, timeout=20, context=trust)
        else:
            link = HTTPConnection(parts.hostname, parts.port, timeout=20)
        try:
            form = urllib.parse.urlencode(fields)
            link.request("POST", "/api.php", form, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        finally:
            link.close()

    def sell(self, amount: str = "9.95", **fields: object) -> str:
        """Record one sale for the first demo customer, as the owner."""
        account = self.ready["accounts"][0]
        return self.ask(
            type="record_activity", user_id=account["owner"]["user_id"], user_api_key=account["owner"]["user_api_key"],
            account_id=account["account_id"], campaign_id=account["campaigns"]["points"],
            code=account["customers"][0]["code"], amount=amount, **fields,
        )  # fmt: skip

    def close(self) -> None:
        """Stop whatever still runs, at the end of a test."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.data, ignore_errors=True)


def processes_of(data: Path) -> dict[int, str]:
    """The processes (Linux) that work for a data directory: by their arguments, environment, or working directory."""
    found = {}
    needle = str(data).encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
            folder = os.readlink(entry / "cwd")
        except OSError:
            continue
        if not arguments:  # it has ended; whoever started it has not asked yet
            continue
        if needle in arguments or b"REGULARS_TEST_MARK=" + needle in environment or folder.startswith(str(data)):
            found[int(entry.name)] = arguments.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def wait_until_gone(data: Path) -> None:
    """Wait until no process works for a data directory any more."""
    until = time.monotonic() + GONE_SECONDS_MAX
    while left := processes_of(data):
        assert time.monotonic() < until, f"left behind: {left}"
        time.sleep(0.1)


def taken_port() -> tuple[socket.socket, int]:
    """A port that somebody listens on."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]
