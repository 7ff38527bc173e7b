# SPDX-License-Identifier: Apache-2.0
"""Which hosts that others name are connected to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from regulars.kit.public_hosts import addresses_of, is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.1.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
        "2001:0:53aa:64c::1", "2001:db8::1", "localhost", "",
    ],
)  # fmt: skip
def test_addresses_of_somebodys_own_networks(address: str) -> None:
    assert not is_public(address)


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def look_up(host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    return asked


def test_a_host_with_one_address_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "8.8.8.8", "10.0.0.5")
    with pytest.raises(OSError, match="is not a public address"):
        addresses_of("shop.example.com", 443)
    assert addresses_of("shop.example.com", 443, is_public_only=False) == ["8.8.8.8", "10.0.0.5"]


def test_a_host_is_looked_up_once_and_each_address_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = named(monkeypatch, "8.8.8.8", "8.8.8.8", "2606:4700::1111")
    assert addresses_of("shop.example.com", 443) == ["8.8.8.8", "2606:4700::1111"]
    assert asked == ["shop.example.com"]


def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch)
    with pytest.raises(OSError, match="is not a public address"):
        addresses_of("shop.example.com", 443)
