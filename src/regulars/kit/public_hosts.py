# SPDX-License-Identifier: Apache-2.0
"""
Which hosts that other people name we connect to: those whose every address is a public one.

An account names its mail service and its webhooks' endpoints, so these may be no door into the network that we stand in.
"""

from __future__ import annotations

import ipaddress
import socket

_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is routed; what lies outside (site-local, NAT64, compatible with IPv4) leads into somebody's own network."""
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
"""Holds an IPv4 address, which may be a private one."""


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet: not loopback, private, link-local, shared, multicast, ..."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False  # also one that names an interface ("fe80::1%eth0")
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _UNICAST or found in _SIX_TO_FOUR:
            return False
    return found.is_global and not found.is_multicast


def addresses_of(host: str, port: int, *, is_public_only: bool = True) -> list[str]:
    """
    Return the network addresses of a host. Asks the name service, which may take long.

    What was looked at is what must then be connected to, so that a second answer of the name service can not be another.

    Raises: OSError where there is no such host, or where ``is_public_only`` and not every one is public.
    """
    found = list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not found or (is_public_only and not all(map(is_public, found))):
        raise OSError(f"{host} is not a public address")
    return found
