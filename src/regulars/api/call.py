# SPDX-License-Identifier: Apache-2.0
"""What a documented call is made of, and what it is given."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.ledger.books import Posted
from regulars.ledger.writer import Ledger
from regulars.protocol.tree import Element


class Context(NamedTuple):
    """Who asks, for which account, when; made by the edge after credentials and permission were checked."""

    account: AccountConfig
    user: UserConfig
    at: datetime
    """The account's clock at the edge. Nothing below asks for the time again."""
    ledger: Ledger
    """post() and look-ups, coalesced (async calls only)."""
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    """SHA-256 of the request's fields without credentials and key."""
    dry_run: bool = False
    named_account: str = ""
    """The account_id of another account than one's own, where the call reaches there (Call.reached_by)."""


@dataclass(frozen=True, slots=True)
class Call:
    """
    One documented call. ``handle`` is ``async def`` (event loop, one round trip) or ``def`` (thread pool, ORM, inside
    the unit of work that the edge opened for the account).
    """

    type: str
    handle: Callable[[Context, Any], Awaitable[Element]] | Callable[[Context, Any], Element]
    params: builtins.type[Any]
    permission: str | None
    """A name of the permission matrix (users/access.py); None = every user of the account."""
    summary: str
    """The call's title. What it does in words is the docstring of ``handle``."""
    errors: tuple[str, ...] = ()
    """The codes of what can go wrong in it, besides what can in every call (api/reference/catalogue.py: GENERAL_ERRORS)."""
    aliases: tuple[str, ...] = ()
    writes: bool = False
    """Whether idempotency_key and dry_run mean something."""
    needs_account_id: bool = True
    """Whether a request without account_id is refused (documented as required)."""
    credentials: Literal["token", "password", "none"] = "token"
    """token: the Security Token. password: users.operations.sign_in() with the login password (user_login). none: test."""
    offices: tuple[str, ...] = ()
    """Kinds of accounts whose users may make it (agency, platform; ADR-0011); empty = those of every account."""
    reached_by: tuple[str, ...] = ()
    """Kinds of accounts (platform) whose users may name another account in account_id (ADR-0024); empty = nobody's."""
    denied_text: str = ""
    """What a user without the permission is told, where the published API has words of its own."""
    is_sealed: bool = False
    """Whether the answer holds a Security Token: kept with an idempotency key, it is encrypted."""
    replay: Callable[[Context, Any, Posted], Element] | None = None
    """
    Async writes that post: how the stored outcome of an idempotency key is answered again, where the call fails today
    before it would post (its campaign is on hold by now).
    """
    rows: Literal["", "steps", "snapshot"] = ""
    """
    Whether the answer may hold ``Rows``, which are made while it is written (ADR-0016). steps: in short units of work of
    their own. snapshot: in the unit of work of the call, which reads only, from the books of one moment.
    """
    source: str = "api.md"
    follow_up: Callable[[Context, Element], Element] | None = None
    """
    ``def`` calls: goes on after the unit of work was committed, in units of its own, from what ``handle`` returned; its
    answer is the call's. ``handle``'s is what is kept with an idempotency key. Not for dry runs: these do it all in one.
    """
    is_long: bool = False
    """Takes long, and a body as long as REGULARS_BATCH_LIMIT_BYTES: it has threads of its own, others wait for none."""


@dataclass(frozen=True, slots=True)
class Family:
    """Calls that share a ``type`` and are told apart by a second field (action, customer_action, report)."""

    type: str
    selector: str
    calls: Mapping[str, Call] = field(default_factory=dict)
    unknown_text: str = "Action Undefined"
    aliases: tuple[str, ...] = ()
