# SPDX-License-Identifier: Apache-2.0
"""
One listening process with its workers, started by ``regulars serve``: ``python -m regulars.cli.serving``.

It ends with its parent, and each worker ends with it: nothing outlives the supervisor.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian._granian import SocketHolder
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from regulars.kit.logs import is_json
from regulars.kit.processes import end_with_parent

STOP_SECONDS_MAX = 30
"""How long a worker may take to finish what runs."""
BACKLOG = 1024
LISTENING = "REGULARS_LISTENING_SOCKET"
"""Tells a worker the number of the socket that it accepts from."""
PANEL_THREADS_MAX = 8
HEADER_TIMEOUT_MS = 15_000
JSON_LOG = {
    "formatters": {"json": {"()": "regulars.kit.logs.JsonLines", "process": "serving"}},
    "handlers": {"json": {"formatter": "json", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["json"], "propagate": False}},
}
"""What granian itself has to say, as objects."""
_server: Any = None


class Listening(MPServer):
    """
    granian on sockets that were made before it, one for each worker: they outlive it, so that nobody who was taken by the
    kernel, and not by a worker yet, is lost with it. granian itself makes them new, and lets them go with each worker.
    """

    def on_sockets(self, numbers: list[int]) -> None:
        """Name the sockets that this process has inherited."""
        self._sockets = [socket.socket(fileno=number) for number in numbers]

    def _init_shared_socket(self) -> None:
        self._ssp = None

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:  # type: ignore[override]
        own = self._sockets[idx % len(self._sockets)]
        backlog = (BACKLOG,) if sys.platform == "linux" else ()
        self._shd = SocketHolder(own.fileno(), False, *backlog)  # type: ignore[assignment,call-arg]  # stubs say nothing of it
        self._sso: Any = own
        return super()._spawn_worker(idx, target, partial(callback_loader, own.fileno()))


def load_in_worker(target: str, listening: int | None = None) -> Any:
    """Return the application, in a worker that will end with the listening process."""
    if listening is not None:
        os.environ[LISTENING] = str(listening)
    # A forked worker inherits the listening process's handlers, which would swallow a SIGTERM that comes before it has its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if _server is not None and _server.interrupt_signal:
        os._exit(0)
    end_with_parent()
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def main() -> None:
    """Serve until SIGTERM: then stop accepting, finish what runs, end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--interface", choices=["rsgi", "wsgi"], default="rsgi")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--sockets", type=lambda text: [int(number) for number in text.split(",")])
    where.add_argument("--uds", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    given = parser.parse_args()
    end_with_parent()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # it is for workers who know what to do then
    global _server
    _server = (Listening if given.sockets else Granian)(
        given.target,
        uds=given.uds,
        uds_permissions=0o600 if given.uds else None,
        interface=Interfaces(given.interface),
        workers=given.workers,
        blocking_threads=min(PANEL_THREADS_MAX, 2 * (os.cpu_count() or 1) + 1) if given.interface == "wsgi" else None,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=JSON_LOG if is_json() else None,
        ssl_cert=given.certificate,
        ssl_key=given.key,
        ssl_protocol_min=SSLProtocols.tls12,  # tills of the field do not all speak 1.3
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS_MAX,
    )
    if given.sockets:
        _server.on_sockets(given.sockets)
    _server.serve(target_loader=load_in_worker)


if __name__ == "__main__":
    main()
