# SPDX-License-Identifier: Apache-2.0
"""Who asks, over what, and what the environment may say."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from regulars.api.exchange import NOBODY, Networks, Origin, origin_of, peer_address, plain_headers, request_id_of
from regulars.api.options import Options

TRUSTED = Networks(ip_network("10.0.0.0/8"), ip_network("::1/128"))
Pairs = list[tuple[str, str]]


def origin(pairs: Pairs, *, peer: str = "10.0.0.1", scheme: str = "http", is_plain: bool = False) -> Origin:
    def values_of(name: str) -> list[str]:
        return [value for given, value in pairs if given.lower() == name]

    return origin_of(
        peer=peer, scheme=scheme, host="shop.example", values_of=values_of, trusted=TRUSTED, is_plain_listener=is_plain
    )


FORWARDED = [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "198.51.100.9"), ("X-Forwarded-Host", "till.example:444")]


def test_a_trusted_proxy_is_believed() -> None:
    assert origin(FORWARDED) == Origin("198.51.100.9", True, "till.example:444")
    assert origin(FORWARDED, peer="::1") == Origin("198.51.100.9", True, "till.example:444")
    assert origin(FORWARDED, peer="::ffff:10.1.2.3").is_secure


def test_anybody_else_is_not() -> None:
    for peer in ("192.0.2.1", "", "garbage"):
        assert origin(FORWARDED, peer=peer) == Origin(peer, False, "shop.example")
    assert origin(FORWARDED, peer="192.0.2.1", scheme="https").is_secure


def test_a_proxy_that_does_not_say_https_is_plain() -> None:
    assert not origin([]).is_secure
    assert not origin([("x-forwarded-proto", "https, http")]).is_secure
    assert not origin([], scheme="https", is_plain=True).is_secure


@pytest.mark.parametrize(
    ("pairs", "client"),
    [
        ([("x-forwarded-for", "6.6.6.6, 198.51.100.9, 10.0.0.7")], "198.51.100.9"),
        ([("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.9")], "198.51.100.9"),
        ([("x-forwarded-for", "10.0.0.9")], "10.0.0.9"),
        ([("x-forwarded-for", "<script>")], "10.0.0.1"),
        ([("x-forwarded-for", "")], "10.0.0.1"),
        ([("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(pairs: Pairs, client: str) -> None:
    assert origin(pairs).client == client


def test_a_host_that_is_none_is_dropped() -> None:
    assert origin([("x-forwarded-host", "a b\r\nc")]).host == "shop.example"
    made = origin_of(peer="", scheme="https", host="evil/<>", values_of=lambda _: [], trusted=NOBODY, is_plain_listener=False)
    assert made.host == ""


def test_addresses_of_peers() -> None:
    assert peer_address("192.0.2.1:5000") == "192.0.2.1"
    assert peer_address("[2001:db8::1]:5000") == "2001:db8::1"
    assert peer_address("") == ""
    assert "nothing" not in TRUSTED


def test_request_ids_are_plain_or_ours() -> None:
    assert request_id_of(plain_headers({"X-Request-Id": "a.b:c-1_2"})) == "a.b:c-1_2"
    for given in ("", "a b", "x" * 65, "\u00e9"):
        assert len(request_id_of({"x-request-id": given})) == 16


def test_options_come_from_the_environment() -> None:
    options = Options.from_environment(
        {
            "DATABASE_URL": "postgresql:///r",
            "REGULARS_SCHEME": "http-plain",
            "REGULARS_BEHIND_PROXY": "127.0.0.1, 10.0.0.0/8",
            "REGULARS_BODY_LIMIT_BYTES": "2048",
            "REGULARS_HTTPS_PORT": "8443",
            "REGULARS_ACCESS_LOG": "0",
        }
    )
    assert (options.database_url, options.is_plain_listener, options.body_bytes_max, options.https_port) == (
        "postgresql:///r",
        True,
        2048,
        8443,
    )
    assert not options.has_access_log
    assert [str(network) for network in options.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert Options.from_environment({}) == Options()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGULARS_SCHEME", "ftp"),
        ("REGULARS_BEHIND_PROXY", "everybody"),
        ("REGULARS_HTTPS_PORT", "0"),
        ("REGULARS_API_THREADS", "many"),
        ("REGULARS_BODY_LIMIT_BYTES", "10"),
        ("REGULARS_API_QUEUE", "-1"),
        ("REGULARS_API_CONNECTIONS", "１"),
    ],
)
def test_a_bad_option_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Options.from_environment({name: value})
