# SPDX-License-Identifier: Apache-2.0
"""
The processes that serve people and tills, all of one release: the API, the plain listener, the Control Panel, the jobs.

A reload starts a second generation beside the first, and ends the first when nobody is served by it any more. The listening
sockets are the supervisor's, and outlive both: what the kernel has taken waits there for whoever comes to accept it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from regulars.cli.certificate import Certificate
from regulars.cli.children import Child
from regulars.cli.listeners import Listeners

API_TARGET = "regulars.api.rsgi:app"
PANEL_TARGET = "regulars.panel.wsgi:application"
PLAIN_WORKERS = 1
BACKLOG = 1024
LEFT = ".left"


@dataclass(frozen=True)
class Sockets:
    """``front``: of the API, one for each worker, among which the kernel shares out (elsewhere than on Linux, one for all)."""

    front: list[socket.socket]
    plain: list[socket.socket]

    def close(self) -> None:
        for each in (*self.front, *self.plain):
            each.close()


def open_sockets(where: Listeners) -> Sockets:
    """Listen. Raises OSError where a port was taken since it was checked."""
    front = _listen(where.host, where.port, where.workers)
    return Sockets(front, [] if where.http_port is None else _listen(where.host, where.http_port, PLAIN_WORKERS))


def _listen(host: str, port: int, workers: int) -> list[socket.socket]:
    is_shared_out = sys.platform == "linux"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = []
    for _ in range(workers if is_shared_out else 1):
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared_out:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
        one.setblocking(False)
        made.append(one)
    return made


@dataclass(frozen=True)
class Generation:
    """``folder``: holds the panel's socket, and a file of each API worker that says how far it is."""

    number: int
    folder: Path
    front: list[Child]
    panel: Child
    jobs: Child
    worker_count: int

    @property
    def children(self) -> tuple[Child, ...]:
        """In the order in which they are started."""
        return (self.panel, *self.front, self.jobs)

    @property
    def panel_socket(self) -> Path:
        return self.folder / "panel.sock"

    @property
    def is_taking_requests(self) -> bool:
        """Whether every API worker is ready for its first request."""
        return len([path for path in self._workers() if path.suffix != LEFT]) >= self.worker_count

    @property
    def has_left(self) -> bool:
        """Whether no API worker has a request or a connection in use any more, or is there at all."""
        return all(path.suffix == LEFT for path in self._workers())

    def leave(self) -> None:
        """Ask the API's workers to take nothing new, and to say when they are done. To be asked again is no harm."""
        for child in self.front:
            if child.process is not None and child.is_alive:
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGUSR1)

    def _workers(self) -> list[Path]:
        """The files of the workers that live."""
        named = (self.folder / "workers").iterdir()
        return [path for path in named if (path.suffix == LEFT or path.name.isdigit()) and _is_alive(int(path.stem))]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def make_generation(
    number: int,
    where: Listeners,
    sockets: Sockets,
    *,
    run_directory: Path,
    environment: Mapping[str, str],
    certificate: Certificate | None,
    say: Callable[[str], None],
    python: str = sys.executable,
) -> Generation:
    """Return the processes of a generation; none is started yet. ``python``: the interpreter of the release it is of."""
    folder = run_directory / f"generation-{number}"
    (folder / "workers").mkdir(mode=0o700, parents=True)
    panel_socket = folder / "panel.sock"
    # Where TLS ends at a proxy, our own port is nobody's to be sent to.
    https_port = environment.get("REGULARS_HTTPS_PORT", "443") if where.proxies else str(where.port)
    served = {
        **environment,
        "REGULARS_HTTPS_PORT": https_port,
        "REGULARS_PANEL_SOCKET": str(panel_socket),
        "REGULARS_WORKERS_FOLDER": str(folder / "workers"),
    }
    if not where.proxies:  # else only its operator knows under which name people find it (kit/public_address.py)
        served = {"REGULARS_PUBLIC_URL": where.url, **served}
    if certificate:  # the platform owner's page says until when it is valid
        served["REGULARS_CERTIFICATE_FILE"] = str(certificate.certificate_file)
    if certificate and certificate.ca_file:  # the first steps show a line that trusts it
        served["REGULARS_CA_FILE"] = str(certificate.ca_file)
    secure = (certificate.certificate_file, certificate.key_file) if certificate else None
    scheme = "http-plain" if where.proxies else "https"
    api = {**served, "REGULARS_SCHEME": scheme, "REGULARS_BEHIND_PROXY": where.proxies}
    command = listening_command(sockets.front, where.workers, secure)
    front = [Child("The API", command, api, say, python=python, sockets=sockets.front)]
    if sockets.plain:
        plain = {**served, "REGULARS_SCHEME": "http-plain", "REGULARS_BEHIND_PROXY": ""}
        command = listening_command(sockets.plain, PLAIN_WORKERS, None)
        front.append(Child("The plain http listener", command, plain, say, python=python, sockets=sockets.plain))
    command = ["regulars.cli.serving", "--target", PANEL_TARGET, "--interface", "wsgi", "--uds", str(panel_socket)]
    panel = Child(
        "The Control Panel", command, served, say, python=python, before_start=lambda: panel_socket.unlink(missing_ok=True)
    )
    jobs = Child("The jobs process", ["regulars.jobs.worker"], served, say, python=python)
    return Generation(number, folder, front, panel, jobs, where.workers + (PLAIN_WORKERS if sockets.plain else 0))


def listening_command(sockets: list[socket.socket], workers: int, certificate: tuple[Path, Path] | None) -> list[str]:
    """Return the module and arguments of one listening process."""
    numbers = ",".join(str(each.fileno()) for each in sockets)
    command = ["regulars.cli.serving", "--target", API_TARGET, "--sockets", numbers, "--workers", str(workers)]
    if certificate is not None:
        command += ["--certificate", str(certificate[0]), "--key", str(certificate[1])]
    return command
