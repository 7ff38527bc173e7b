# SPDX-License-Identifier: Apache-2.0
"""
nginx and Caddy, Debian's own, in front of ``regulars serve``, with the files of deploy/: only ports, certificate and folders
are changed. TLS ends at the proxy; the caller (at 127.0.0.9) and the host he asked reach the server; what he forges does not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from regulars.cli.certificate import own_certificate
from regulars.protocol.form import BODY_BYTES_MAX
from tests.cli.rig import Server, copy_data, regulars

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HOST = "loyalty.example.com"
CALLER = "127.0.0.9"
START_SECONDS_MAX = 30
FORGED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "other.example", "X-Forwarded-Proto": "https"}
PROGRAMS = {"nginx": shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"), "caddy": shutil.which("caddy")}


@dataclass
class Front:
    """A running proxy and the server behind it."""

    server: Server
    https_port: int
    http_port: int
    trust: ssl.SSLContext
    account: dict[str, Any] = field(default_factory=dict)
    stranger: dict[str, Any] = field(default_factory=dict)

    def connect(self, *, plain: bool = False) -> HTTPConnection:
        link = HTTPConnection(HOST, self.http_port if plain else self.https_port, timeout=30)
        raw = socket.create_connection(("127.0.0.1", link.port), timeout=30, source_address=(CALLER, 0))
        link.sock = raw if plain else self.trust.wrap_socket(raw, server_hostname=HOST)
        return link

    def ask(self, path: str, body: str | None = None, *, plain: bool = False, **headers: str) -> tuple[HTTPResponse, str]:
        link = self.connect(plain=plain)
        try:
            form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
            link.request("GET" if body is None else "POST", path, body, {**form, **headers})
            answer = link.getresponse()
            return answer, answer.read().decode()
        finally:
            link.close()

    def call(self, call_type: str, who: dict[str, Any] | None = None, *, plain: bool = False, **more: str) -> str:
        account = who or self.account
        owner = account["owner"]
        fields = {
            "type": call_type, "user_id": owner["user_id"], "user_api_key": owner["user_api_key"],
            "account_id": account["account_id"], **more,
        }  # fmt: skip
        return self.ask("/api.php", urlencode(fields), plain=plain, **FORGED)[1]


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, f"deploy/ says nothing of {old}"
        text = text.replace(old, new)
    return text


def nginx_command(folder: Path, front: Front, upstream: str, certificate: Path, key: Path) -> list[str]:
    live = f"/etc/letsencrypt/live/{HOST}"
    site = changed(
        (DEPLOY / "nginx.conf").read_text(),
        ("server 127.0.0.1:8080;", f"server {upstream};"),
        ("listen 80 ", f"listen 127.0.0.1:{front.http_port} "),
        ("listen 443 ", f"listen 127.0.0.1:{front.https_port} "),
        (f"{live}/fullchain.pem", str(certificate)),
        (f"{live}/privkey.pem", str(key)),
    )
    (folder / "site.conf").write_text(site)
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; worker_processes 1; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n"
    )
    return [str(PROGRAMS["nginx"]), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy_command(folder: Path, front: Front, upstream: str, certificate: Path, key: Path) -> list[str]:
    text = changed(
        (DEPLOY / "Caddyfile").read_text(),
        ("auto_https disable_redirects", "auto_https disable_redirects\n\tadmin off\n\tdefault_bind 127.0.0.1"),
        ("reverse_proxy 127.0.0.1:8080", f"reverse_proxy {upstream}"),
        (f"https://{HOST} {{", f"https://{HOST}:{front.https_port} {{\n\ttls {certificate} {key}"),
        ("\nhttp:// {", f"\nhttp://:{front.http_port} {{"),
    )
    (folder / "Caddyfile").write_text(text)
    return [str(PROGRAMS["caddy"]), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The demo behind a proxy; ``HOST`` is the first account's own."""
    if PROGRAMS[request.param] is None:
        pytest.skip(f"{request.param} is not installed (Debian: apt-get install {request.param})")
    folder = tmp_path_factory.mktemp(request.param)
    certificate = own_certificate(folder / "tls", (HOST,), datetime.now(UTC))
    https_port, http_port = free_ports(2)
    data = copy_data(demo_data, folder / "data")
    assert regulars("host", "add", HOST, "--account", "beanandleaf", "--data", data).returncode == 0
    environment = {"REGULARS_HTTPS_PORT": str(https_port), "REGULARS_ACCESS_LOG": "1"}
    server = Server(data, folder, ("--demo", "--behind-proxy", "127.0.0.1/32"), environment)
    trust = ssl.create_default_context(cafile=certificate.ca_file)
    made = Front(server, https_port, http_port, trust)
    command_of = nginx_command if request.param == "nginx" else caddy_command
    try:
        server.start()
        upstream = f"127.0.0.1:{server.ready['url'].rpartition(':')[2]}"
        command = command_of(folder, made, upstream, certificate.certificate_file, certificate.key_file)
        made.account, made.stranger = (
            next(one for one in server.ready["accounts"] if one["account_id"] == name)
            for name in ("beanandleaf", "carolsbooks")
        )
        with (folder / "proxy.log").open("wb") as log:
            home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
            proxy = subprocess.Popen(command, env={**os.environ, **home}, stdout=log, stderr=log)
        try:
            wait_for(made, proxy, folder / "proxy.log")
            yield made
        finally:
            proxy.terminate()
            proxy.wait(30)
    finally:
        server.close()


def wait_for(front: Front, proxy: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while True:
        assert proxy.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        try:
            front.ask("/api.php?type=test")
        except OSError:
            time.sleep(0.1)
        else:
            return


def test_the_test_call_is_answered_over_tls_and_plain(front: Front) -> None:
    for plain in (False, True):
        for path in ("/api.php?type=test", "/?type=test", "/index.php"):
            answer, body = front.ask(path, plain=plain)
            assert (answer.status, body.endswith(">Success</response>")) == (200, True), body


def test_credentials_are_taken_over_tls_and_refused_plain_whatever_the_caller_says(front: Front) -> None:
    sale = {
        "campaign_id": front.account["campaigns"]["points"], "code": front.account["customers"][0]["code"], "amount": "9.95",
    }  # fmt: skip
    assert 'code="plain_http_refused"' in front.call("record_activity", plain=True, **sale)
    assert 'status="success"' in front.call("record_activity", **sale)


def test_a_browser_on_plain_http_is_sent_to_https(front: Front) -> None:
    answer, _ = front.ask("/admin.php", plain=True)
    place = f"https://{HOST}:{front.https_port}/admin.php"
    assert (answer.status, answer.headers["Location"]) == (308, place)


def test_a_key_in_the_old_header_arrives(front: Front) -> None:
    owner = front.account["owner"]
    body = urlencode({"type": "account_info", "user_id": owner["user_id"], "account_id": "beanandleaf"})
    assert 'status="success"' in front.ask("/api.php", body, api_access_key=owner["user_api_key"])[1]


def test_the_callers_address_arrives_and_not_the_one_he_claims(front: Front) -> None:
    mark = f"from-{time.monotonic_ns()}"
    front.ask("/api.php", "type=test", **FORGED, **{"X-Request-Id": mark})
    until = time.monotonic() + START_SECONDS_MAX
    while not (lines := [line for line in logged(front) if mark in line]):
        assert time.monotonic() < until
        time.sleep(0.1)
    found = re.search(r"\{.*\}", lines[0])
    assert found is not None
    assert json.loads(found[0])["client"] == CALLER


def logged(front: Front) -> list[str]:
    return [*front.server.words.splitlines(), *(front.server.folder / "serve.out").read_text().splitlines()]


def test_the_host_that_was_asked_arrives_and_not_the_one_he_claims(front: Front) -> None:
    assert 'status="success"' in front.call("account_info")
    assert "bad_credentials" in front.call("account_info", front.stranger)


def test_the_panel_is_reached_and_lets_in_whose_host_it_is(front: Front) -> None:
    for who, status in ((front.account, 302), (front.stranger, 401)):
        answer, page = front.ask("/admin.php/sign-in", **FORGED)
        assert answer.status == 200
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        owner = who["owner"]
        fields = {"csrfmiddlewaretoken": token[1], "user_id": owner["user_id"], "password": owner["password"]}
        referer = f"https://{HOST}:{front.https_port}/admin.php/sign-in"
        answer, _ = front.ask("/admin.php/sign-in", urlencode(fields), Cookie=cookie, Referer=referer)
        assert answer.status == status
        assert answer.headers["Location"] in (None, "/admin.php")
    assert front.ask("/static/panel/panel.css")[0].status == 200


def test_a_large_body_arrives_and_a_larger_one_is_refused_by_us(front: Front) -> None:
    for size, code in ((BODY_BYTES_MAX - 100, "ok"), (BODY_BYTES_MAX + 1, "too_large")):
        answer, body = front.ask("/api.php", "type=test&x=" + "a" * (size - 12))
        assert answer.headers.get("X-Error-Code", "ok") == code, body


def test_a_body_that_waits_for_100_continue_is_asked_for(front: Front) -> None:
    link = front.connect()
    try:
        body = b"type=test"
        head = f"POST /api.php HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        link.sock.sendall(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert link.sock.recv(4096).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        link.sock.sendall(body)
        answer = b""
        while not answer.endswith(b"Success</response>"):
            piece = link.sock.recv(65536)
            assert piece, answer
            answer += piece
    finally:
        link.close()
