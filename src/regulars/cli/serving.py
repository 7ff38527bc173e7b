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
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from regulars.kit.logs import is_json
from regulars.kit.processes import end_with_parent

STOP_SECONDS_MAX = 30
"""How long a worker may take to finish what runs."""
BACKLOG = 1024
PANEL_THREADS_MAX = 8
HEADER_TIMEOUT_MS = 15_000
JSON_LOG = {
    "formatters": {"json": {"()": "regulars.kit.logs.JsonLines", "process": "serving"}},
    "handlers": {"json": {"formatter": "json", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["json"], "propagate": False}},
}
"""What granian itself has to say, as objects."""
_server: Any = None


def load_in_worker(target: str) -> Any:
    """Return the application, in a worker that will end with the listening process."""
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
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--uds", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    given = parser.parse_args()
    end_with_parent()
    global _server
    _server = Granian(
        given.target,
        address=given.host,
        port=given.port,
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
    _server.serve(target_loader=load_in_worker)


if __name__ == "__main__":
    main()
