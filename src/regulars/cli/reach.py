# SPDX-License-Identifier: Apache-2.0
"""Whether a listener really answers: asked over its own address, as a client would."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

TIMEOUT_SECONDS = 5


class Unreachable(Exception):
    """Nobody answered, or not as a Regulars server does."""


class PanelFails(Exception):
    """The Control Panel runs, but has a failure of its own: tills need not wait for it."""


def ask_listener(host: str, port: int, *, secure: bool, ca_file: Path | None) -> None:
    """Send ``type=test``. Raises Unreachable unless the answer is a success."""
    status, body = _get(_link(host, port, secure=secure, ca_file=ca_file), "/api.php?type=test")
    if status != 200 or b"Success" not in body:
        raise Unreachable(f"{host}:{port} answers {status}, not as a Regulars server does")


def ask_readiness(host: str, port: int, *, secure: bool, ca_file: Path | None) -> tuple[bool, str]:
    """Return whether the server can do its work, and what it says. Raises Unreachable."""
    status, body = _get(_link(host, port, secure=secure, ca_file=ca_file), "/readyz")
    return status == 200, body.decode("utf-8", "replace").strip()


def _link(host: str, port: int, *, secure: bool, ca_file: Path | None) -> http.client.HTTPConnection:
    if secure:
        trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        if ca_file is None:  # the operator's certificate names another host than the one dialled here
            trust.check_hostname = False
            trust.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=trust)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def ask_socket(path: Path) -> None:
    """Ask the Control Panel behind its Unix socket for its front page. Raises Unreachable, PanelFails."""
    link = http.client.HTTPConnection("localhost", timeout=TIMEOUT_SECONDS)
    try:
        link.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.sock.settimeout(TIMEOUT_SECONDS)
        link.sock.connect(str(path))
    except OSError as error:
        link.close()
        raise Unreachable(f"{path}: {error}") from error
    status, _ = _get(link, "/admin.php")
    if status >= 500:
        raise PanelFails(f"The Control Panel answers with an error ({status}); its last words are above.")


def _get(link: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read(65536)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error)) from error
    finally:
        link.close()
