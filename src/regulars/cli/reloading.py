# SPDX-License-Identifier: Apache-2.0
"""``regulars reload``: new processes take over from those that serve, of another release if need be; nobody is turned away."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.cli.installation import Installation, add_place_arguments, installation_of, write_private
from regulars.cli.progress import say
from regulars.errors import NotFound, OperationalError

REQUEST = "reload.json"
STATE = "serve.json"
WAIT_SECONDS_MAX = 1_800
"""Migrations, and answers of any length that are under way, may take this long; then the command no longer waits for them."""


class NothingRuns(NotFound):
    code = "nothing_runs"
    text = "No server runs on this data directory: there is nothing to reload."


class StillReloading(OperationalError):
    code = "still_reloading"
    text = "The server is still at it; its output says how far it came."


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. ``python``: the interpreter of the release that is to take over."""

    id: str = ""
    python: str = sys.executable


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "reload",
        help="let new processes take over from those that serve, without turning anybody away",
        description="Migrate, start new API, Control Panel and jobs processes of the release that this command belongs to, and "
        "end the present ones when nobody is served by them any more. Certificates are read again. What goes wrong leaves the "
        "present ones serving; then the exit code is 1. PostgreSQL and the supervisor go on as they are.",
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_reload)


def run_reload(arguments: argparse.Namespace) -> int:
    """Ask the running server, wait for what comes of it, and say it."""
    place = installation_of(arguments)
    pid = _who_serves(place)
    asked = Request(secrets.token_hex(8))
    write_request(place.data, asked)
    os.kill(pid, signal.SIGUSR2)
    until = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        outcome = _state(place.data).get("reload", {})
        if outcome.get("id") == asked.id:
            say(str(outcome["says"]))
            return 0 if outcome["is_done"] else 1
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            raise NothingRuns("The server ended before it had reloaded.") from None
        if time.monotonic() > until:
            raise StillReloading
        time.sleep(0.1)


def _who_serves(place: Installation) -> int:
    try:
        pid = int(_state(place.data)["pid"])
        os.kill(pid, 0)
    except (ValueError, KeyError, ProcessLookupError):
        raise NothingRuns from None
    return pid


def _state(data: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((data / STATE).read_text())
    except (OSError, ValueError):
        return {}
    return state


def write_request(data: Path, request: Request) -> None:
    """Leave word of who is to take over, where the server that owns the directory can read it."""
    path = data / REQUEST
    write_private(path, json.dumps({"id": request.id, "python": request.python}) + "\n")
    owner = data.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def take_request(data: Path) -> Request:
    """
    Return what was asked for last, once. Without a word (a bare signal) our own release takes over from itself.

    The word names a program that we run: it counts only where it is our own user's.
    """
    path = data / REQUEST
    try:
        if path.stat().st_uid != os.geteuid():
            return Request()
        given = json.loads(path.read_text())
        path.unlink()
        return Request(str(given["id"]), str(given["python"]))
    except (OSError, ValueError, KeyError):
        return Request()
