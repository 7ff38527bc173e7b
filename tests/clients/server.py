# SPDX-License-Identifier: Apache-2.0
"""A real server in a process of its own, for what only a socket shows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx2

START_SECONDS_MAX = 60


def free_port() -> int:
    """Return a TCP port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``with Server(...) as server:`` runs until the block ends; ``url`` is where it listens."""

    def __init__(
        self,
        command: list[str],
        *,
        port: int,
        certificate: Path | None,
        environment: Mapping[str, str],
        listening: socket.socket | None = None,
    ) -> None:
        """``listening``: the socket it is given to listen on, as the supervisor gives it; None = it opens its own."""
        self.port = port
        self._listening = listening
        self.certificate = certificate
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        self._command = command
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__; a pipe that nobody reads would stop the server

    def __enter__(self) -> Self:
        given = [self._listening.fileno()] if self._listening is not None else []
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=self._log, stderr=subprocess.STDOUT, pass_fds=given
        )
        if self._listening is not None:
            self._listening.close()
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                httpx2.get(self.url + "/", verify=False, timeout=2, trust_env=False)
            except httpx2.HTTPError:
                time.sleep(0.05)
            else:
                return self
        self._process.kill()
        self._process.wait()
        raise AssertionError("the server did not start:\n" + self._read_log())

    def __exit__(self, *_: object) -> None:
        process = self._process
        assert process is not None
        process.terminate()
        try:
            self.returncode = process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            self.output = self._read_log()
            self._log.close()

    def _read_log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()


def granian(certificate: Path | None = None, key: Path | None = None, **environment: str) -> Server:
    """Return the API under granian (RSGI), with TLS where a certificate is given."""
    listening = socket.create_server(("127.0.0.1", 0))
    command = [sys.executable, "-m", "regulars.cli.serving", "--target", "regulars.api.rsgi:app"]
    command += ["--sockets", str(listening.fileno())]
    if certificate and key:
        command += ["--certificate", str(certificate), "--key", str(key)]
    port: int = listening.getsockname()[1]
    return Server(command, port=port, certificate=certificate, environment=environment, listening=listening)


def uvicorn(**environment: str) -> Server:
    """Return the API under uvicorn (ASGI)."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "regulars.api.asgi:app", "--port", str(port), "--log-level", "warning"]
    return Server([*command, "--no-proxy-headers"], port=port, certificate=None, environment=environment)
