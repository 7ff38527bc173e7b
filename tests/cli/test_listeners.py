# SPDX-License-Identifier: Apache-2.0
"""Where the server may be told to listen."""

from __future__ import annotations

import pytest

from regulars.cli.listeners import Listeners, PortTaken, is_loopback, listeners_of
from regulars.cli.main import build_parser
from regulars.errors import InvalidParameter
from tests.cli.rig import taken_port


def listeners(*options: str) -> Listeners:
    return listeners_of(build_parser().parse_args(["serve", *options]))


def test_port_0_is_any_free_one_and_the_plain_port_follows_it() -> None:
    found = listeners("--port", "0")
    assert found.port > 0
    assert found.http_port in (found.port + 1, None)
    assert found.url == f"https://localhost:{found.port}"


def test_the_plain_port_can_be_off_and_is_off_behind_a_proxy() -> None:
    assert listeners("--port", "0", "--http-port", "off").http_port is None
    behind = listeners("--port", "0", "--behind-proxy", "10.1.2.3, 192.168.0.0/16")
    assert behind.http_port is None
    assert behind.proxies == "10.1.2.3/32,192.168.0.0/16"
    assert behind.url.startswith("http://")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--port", "70000"), "--port"),
        (("--port", "-1"), "--port"),
        (("--port", "0", "--http-port", "x"), "--http-port"),
        (("--port", "0", "--workers", "0"), "--workers"),
        (("--port", "0", "--behind-proxy", "nowhere"), "--behind-proxy"),
        (("--port", "0", "--host", "192.0.2.1"), "--host"),
    ],
)
def test_a_bad_value_is_named(options: tuple[str, ...], name: str) -> None:
    with pytest.raises(InvalidParameter) as raised:
        listeners(*options)
    assert raised.value.fields == (name,)


def test_a_taken_port_is_a_conflict() -> None:
    listener, port = taken_port()
    with listener, pytest.raises(PortTaken, match=str(port)):
        listeners("--port", str(port))


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example", False)]
)
def test_loopback_is_this_machine_only(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
