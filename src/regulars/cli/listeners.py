# SPDX-License-Identifier: Apache-2.0
"""Where ``regulars serve`` listens: the options, what they may be, and the commands of the listening processes."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import socket
from dataclasses import dataclass

from regulars.errors import Conflict, InvalidParameter
from regulars.kit.environment import secret_from_environment

DEFAULT_PORT = 8443
WORKERS_MAX = 256


class PortTaken(Conflict):
    code = "port_taken"


@dataclass(frozen=True, slots=True)
class Listeners:
    """
    ``http_port`` None: no plain listener. ``proxies``: who may say X-Forwarded-*; then TLS ends there, not here.
    ``metrics_port`` None: nothing is counted for monitoring.
    """

    host: str
    port: int
    http_port: int | None
    proxies: str
    workers: int
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def shown_host(self) -> str:
        """The host as it stands in an address for people of this machine."""
        if self.host in ("127.0.0.1", "::1", "0.0.0.0", "::", "localhost"):  # noqa: S104 (compared, not bound)
            return "localhost"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def url(self) -> str:
        return f"{'http' if self.proxies else 'https'}://{self.shown_host}:{self.port}"

    @property
    def http_url(self) -> str | None:
        return None if self.http_port is None else f"http://{self.shown_host}:{self.http_port}"

    @property
    def metrics_url(self) -> str | None:
        if self.metrics_port is None:
            return None
        host = f"[{self.metrics_host}]" if ":" in self.metrics_host else self.metrics_host
        return f"http://{host}:{self.metrics_port}/metrics"

    @property
    def dialled_host(self) -> str:
        """Where the supervisor itself reaches the listener."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104


def add_listener_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say where to listen and with how many workers."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"port for https (default: {DEFAULT_PORT}; 0: any free one)"
    )
    parser.add_argument(
        "--http-port",
        default=None,
        metavar="PORT",
        help="port for plain http, which answers type=test, refuses everything with credentials and sends people to https "
        "(default: the port after --port; 0: any free one; off: none)",
    )
    parser.add_argument(
        "--behind-proxy",
        default="",
        metavar="CIDR[,CIDR]",
        help="a proxy in front ends TLS: listen without TLS on --port and believe X-Forwarded-* from these addresses only",
    )
    parser.add_argument("--workers", type=int, default=None, metavar="N", help="API processes (default: one per processor)")
    parser.add_argument(
        "--metrics-port", type=int, default=None, metavar="PORT",
        help="port on which Prometheus is told what happens, at /metrics (default: none; 0: any free one)",
    )  # fmt: skip
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST",
        help="address of that port (default: 127.0.0.1, this machine only); for any other set REGULARS_METRICS_TOKEN_FILE, "
        "and let Prometheus send that token",
    )  # fmt: skip


def listeners_of(arguments: argparse.Namespace) -> Listeners:
    """Return the checked listeners of a command line. Raises InvalidParameter, PortTaken."""
    host = str(arguments.host)
    proxies = _checked_networks(arguments.behind_proxy)
    workers = os.cpu_count() or 1 if arguments.workers is None else int(arguments.workers)
    if not 1 <= workers <= WORKERS_MAX:
        raise InvalidParameter("--workers", f"between 1 and {WORKERS_MAX}")
    port = free_port(host, _checked_port("--port", arguments.port))
    plain_port = _plain_port(arguments.http_port, host, port, proxies)
    metrics_host = str(arguments.metrics_host)
    metrics_port = _metrics_port(arguments.metrics_port, metrics_host, (port, plain_port))
    return Listeners(host, port, plain_port, proxies, workers, metrics_host, metrics_port)


def _metrics_port(given: int | None, host: str, taken: tuple[int | None, ...]) -> int | None:
    if given is None:
        return None
    if not is_loopback(host) and not secret_from_environment("REGULARS_METRICS_TOKEN"):
        raise InvalidParameter("--metrics-host", f"others can reach {host}: set REGULARS_METRICS_TOKEN_FILE first")
    port = _checked_port("--metrics-port", given)
    if port and port in taken:
        raise InvalidParameter("--metrics-port", "it must differ from the other ports")
    return free_port(host, port)


def _plain_port(given: str | None, host: str, port: int, proxies: str) -> int | None:
    if given == "off" or (given is None and proxies):
        return None
    if given is None:
        try:
            return free_port(host, port + 1)
        except PortTaken:
            return None  # nobody asked for it
    if not given.isascii() or not given.isdigit():
        raise InvalidParameter("--http-port", "a port or off")
    plain = _checked_port("--http-port", int(given))
    if plain == port:
        raise InvalidParameter("--http-port", "it must differ from --port")
    return free_port(host, plain)


def _checked_port(name: str, port: int) -> int:
    if not 0 <= port <= 65535:
        raise InvalidParameter(name, "between 0 and 65535")
    return port


def _checked_networks(given: str) -> str:
    parts = [part.strip() for part in given.split(",") if part.strip()]
    try:
        return ",".join(str(ipaddress.ip_network(part, strict=False)) for part in parts)
    except ValueError as error:
        raise InvalidParameter("--behind-proxy", str(error)) from error


def free_port(host: str, port: int) -> int:
    """
    Return ``port`` if nobody listens on it, or a free one for 0. Raises PortTaken, InvalidParameter (not our address).

    The listening processes share their port among workers; without this check two servers would share one as well.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not matter
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"Port {port} on {host} is in use by another program; choose another with --port.") from error
            if error.errno == errno.EACCES:
                raise InvalidParameter("--port", f"only root may listen on {port}") from error
            raise InvalidParameter("--host", f"{host} is not an address of this machine ({error.strerror})") from error
        return int(probe.getsockname()[1])


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
