# SPDX-License-Identifier: Apache-2.0
"""Whose address a host is, and who may sign in there (ADR-0014). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regulars.accounts.brands import BrandConfig
from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter

HOST_LENGTH_MAX = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class HostConfig:
    """A host that is an account's own, or an agency's: then ``account_id`` is the agency's own account (ADR-0011)."""

    host: str
    account_id: int
    kind: str
    """The kind of that account: business, agency or platform."""
    agency_id: int | None
    """The agency that account is under, or is of."""
    brand: BrandConfig | None = None
    """What the host shows; read with a single host alone."""

    def admits(self, account: AccountConfig) -> bool:
        """Whether the account's users may sign in here: its own; at an agency's, also those of the accounts under it."""
        if self.kind == "agency":
            return account.agency is not None and account.agency[0] == self.agency_id
        return account.id == self.account_id


def admits(host: HostConfig | None, account: AccountConfig) -> bool:
    """Whether the account's users may sign in at a host; None = it is nobody's own, and credentials alone decide."""
    return host is None or host.admits(account)


def plain_host(text: str) -> str:
    """Return what a request names as its host, as hosts are kept: no port, no closing dot, lower case."""
    name = text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
    return name.removesuffix(".").lower()


def check_host(text: str) -> str:
    """
    Return a host name as it is kept. Raises InvalidParameter naming ``host``.

    It is a name, not an address of a network card, and has a dot: such a name is given to somebody, and can be his own.
    """
    name = text.strip().removesuffix(".").lower()
    if not name.isascii():
        raise InvalidParameter("host", "write an international name in its ASCII form, xn--...")
    labels = name.split(".")
    if len(name) > HOST_LENGTH_MAX or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidParameter("host", "a name like loyalty.example.com is expected, without https:// and without a port")
    if labels[-1].isdecimal():
        raise InvalidParameter("host", "an IP address can not be anybody's own host")
    return name
