# SPDX-License-Identifier: Apache-2.0
"""``regulars health``: asks the server that runs here whether it can do its work, for containers and scripts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from urllib.parse import urlsplit

from regulars.cli.installation import add_place_arguments, installation_of
from regulars.cli.reach import Unreachable, ask_readiness
from regulars.cli.reloading import STATE


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "health",
        help="ask the server that runs here whether it can do its work",
        description="Ask /readyz of the server that runs on the data directory. Exit code 0: it is ready; 1: it is not, or "
        "none runs. `regulars doctor` finds out why.",
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_health)


def run_health(arguments: argparse.Namespace) -> int:
    """Print what the server says of itself."""
    place = installation_of(arguments)
    try:
        state = json.loads((place.data / STATE).read_text())
        parts = urlsplit(str(state["url"]))
        ca_file = Path(state["ca_file"]) if state["ca_file"] else None
    except (OSError, ValueError, KeyError):
        print("No server runs here.")
        return 1
    host = {"localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname or "")
    try:
        is_ready, says = ask_readiness(host, parts.port or 0, secure=parts.scheme == "https", ca_file=ca_file)
    except Unreachable as error:
        is_ready, says = False, f"It does not answer: {error}"
    print(says)
    return 0 if is_ready else 1
