# SPDX-License-Identifier: Apache-2.0
"""Every path that is not the API's goes to the panel's socket, streamed, with headers nobody can forge."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import httpx2
import pytest

from tests.clients.server import Server, granian, uvicorn

PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9", "X-Forwarded-Host": "shop.example"}


class PanelHandler(BaseHTTPRequestHandler):
    """A small stand-in for the panel: it tells what reached it."""

    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "panel"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/slow"):
            self._stream()
            return
        size = int(self.headers.get("content-length", 0))
        body = self.rfile.read(size)
        told = json.dumps(
            {
                "method": self.command,
                "path": self.path,
                "headers": [[k.lower(), v] for k, v in self.headers.items()],
                "size": len(body),
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Connection", "x-internal")
        self.send_header("X-Internal", "secret")
        self.end_headers()
        self.wfile.write(told)

    def do_POST(self) -> None:
        self.do_GET()

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"first\n", b"second\n"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(0.5)
        self.wfile.write(b"0\r\n\r\n")


class PanelServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        request, _ = super().get_request()
        return request, ("panel", 0)


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    start = {"granian": granian, "uvicorn": uvicorn}[request.param]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "panel.sock")
        panel = PanelServer(path, PanelHandler)
        threading.Thread(target=panel.serve_forever, daemon=True).start()
        with start(REGULARS_BEHIND_PROXY="127.0.0.1", REGULARS_PANEL_SOCKET=path) as running:
            yield running
        panel.shutdown()
        panel.server_close()


def test_the_panel_is_told_who_asks_and_nobody_can_forge_it(server: Server) -> None:
    forged = {
        "Forwarded": "for=6.6.6.6",
        "X-Real-Ip": "6.6.6.6",
        "Connection": "X-Hop",
        "X-Hop": "1",
        "Te": "trailers",
        "Cookie": "s=1",
    }
    response = httpx2.get(server.url + "/admin.php?a=1&b=%C3%A9", headers={**PROXY, **forged}, trust_env=False)
    told = response.json()
    headers = told["headers"]
    assert (told["method"], told["path"]) == ("GET", "/admin.php?a=1&b=%C3%A9")
    assert ["x-forwarded-for", "198.51.100.9"] in headers
    assert ["x-forwarded-proto", "https"] in headers
    assert ["x-forwarded-host", "shop.example"] in headers
    assert ["cookie", "s=1"] in headers
    names = [name for name, _ in headers]
    assert not {"forwarded", "x-real-ip", "x-hop", "te"} & set(names)
    assert names.count("x-forwarded-for") == 1
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "x-internal" not in response.headers


def test_a_large_upload_passes_through(server: Server) -> None:
    body = (b"x" * 65_536 for _ in range(80))
    told = httpx2.post(
        server.url + "/import", content=body, headers={**PROXY, "content-length": str(80 * 65_536)}, trust_env=False
    ).json()
    assert told["size"] == 80 * 65_536


def test_a_response_streams(server: Server) -> None:
    started = time.monotonic()
    with httpx2.stream("GET", server.url + "/slow", headers=PROXY, trust_env=False) as response:
        pieces = response.iter_raw()
        first = next(pieces)
        first_at = time.monotonic() - started
        rest = b"".join(pieces)
    assert first == b"first\n"
    assert rest == b"second\n"
    assert time.monotonic() - started - first_at > 0.3


def test_api_paths_never_reach_the_panel(server: Server) -> None:
    for path in ("/", "/api.php", "/index.php"):
        assert "Success" in httpx2.get(server.url + path, headers=PROXY, trust_env=False).text


def test_a_panel_that_does_not_run_is_a_502() -> None:
    with granian(REGULARS_BEHIND_PROXY="127.0.0.1", REGULARS_PANEL_SOCKET="/nowhere/panel.sock") as running:
        response = httpx2.get(running.url + "/admin.php", headers=PROXY, trust_env=False)
        assert (response.status_code, response.text) == (502, "The Control Panel is not running.\n")
