# SPDX-License-Identifier: Apache-2.0
"""``regulars serve``: one supervisor with PostgreSQL, the API, the Control Panel and the jobs as its children."""

from __future__ import annotations

import argparse
import os
import socket
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from regulars.cli.archive import Archive, refuse_external
from regulars.cli.certificate import Certificate, given_certificate, own_certificate
from regulars.cli.installation import add_place_arguments, installation_of
from regulars.cli.listeners import Listeners, add_listener_arguments, listeners_of
from regulars.cli.progress import say
from regulars.cli.supervisor import Supervisor
from regulars.errors import InvalidParameter, MissingParameter, Refused
from regulars.kit.logs import FORMATS
from regulars.kit.public_address import PublicAddress


class DemoExposed(Refused):
    code = "demo_exposed"
    text = (
        "The tokens of the demo accounts are known to everybody, and --host can be reached from other machines. "
        "Serve other data, listen on 127.0.0.1, or say --expose-demo if that is what you want."
    )


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "serve",
        help="run the server: database, API, Control Panel and jobs",
        description="Run everything in the foreground until SIGTERM or Ctrl-C; then finish what runs and stop in order.",
    )
    add_place_arguments(parser)
    add_listener_arguments(parser)
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM); default: an own, self-made one")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    parser.add_argument("--demo", action="store_true", help="make the demo business if it is not there, and print its users")
    parser.add_argument("--expose-demo", action="store_true", help="serve demo accounts on an address others can reach")
    parser.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="write where and what is served there, as JSON, once it answers"
    )
    parser.add_argument(
        "--archive", type=Path, default=None, metavar="DIR",
        help="stream the embedded database's log there, so that any moment since a `regulars base-backup` can be restored; "
        "keep it on another disk (default: $REGULARS_ARCHIVE, or nowhere)",
    )  # fmt: skip
    parser.add_argument(
        "--log-format", choices=FORMATS, default=None,
        help="lines for people, or an object of JSON on each (default: $REGULARS_LOG_FORMAT or text)",
    )  # fmt: skip
    parser.set_defaults(run=run_serve)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    if arguments.log_format:
        os.environ["REGULARS_LOG_FORMAT"] = arguments.log_format
    place = installation_of(arguments)
    _check_tls_arguments(arguments)
    _check_public_address()
    listeners = listeners_of(arguments)
    exposed = not listeners.is_loopback and not arguments.expose_demo
    if arguments.demo and exposed:
        raise DemoExposed
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    archive = arguments.archive or (Path(named) if (named := os.environ.get("REGULARS_ARCHIVE", "")) else None)
    if archive is not None:
        refuse_external(place)
    supervisor = Supervisor(
        place,
        listeners,
        archive=None if archive is None else Archive(archive.resolve()),
        find_certificate=partial(_certificate, arguments, listeners, place.data),
        demo=arguments.demo,
        refuse_demo_accounts=DemoExposed() if exposed else None,
        ready_file=arguments.ready_file.resolve() if arguments.ready_file else None,
        say=say,
    )
    return supervisor.run()


def _check_public_address() -> None:
    try:
        PublicAddress.from_environment()
    except ValueError as error:
        raise InvalidParameter("REGULARS_PUBLIC_URL", text=str(error)) from error


def _check_tls_arguments(arguments: argparse.Namespace) -> None:
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        raise MissingParameter("--tls-key" if arguments.tls_cert else "--tls-cert", "--tls-cert and --tls-key belong together.")
    if arguments.tls_cert and arguments.behind_proxy:
        raise InvalidParameter("--behind-proxy", "TLS ends at the proxy; leave --tls-cert and --tls-key out")


def _certificate(arguments: argparse.Namespace, listeners: Listeners, data: Path) -> Certificate | None:
    if listeners.proxies:
        return None
    if arguments.tls_cert:
        return given_certificate(arguments.tls_cert.resolve(), arguments.tls_key.resolve(), data)
    names: tuple[str, ...] = ()
    if not listeners.is_loopback:
        names = (listeners.host, socket.gethostname()) if not _is_any(listeners.host) else (socket.gethostname(),)
    return own_certificate(data, names, datetime.now(UTC))


def _is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
