# SPDX-License-Identifier: Apache-2.0
"""
Sending: claim what is due for an endpoint, note what became of it. The requests themselves are made between the two, outside of
any unit of work (jobs/webhooks.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.kit.secret import SecretUnreadable, decrypt
from regulars.webhooks.models import Delivery, Endpoint, Lane
from regulars.webhooks.rules import ATTEMPTS_MAX, GIVEN_UP_AFTER, TEST, Outcome, rest_after, retry_after

CLAIM_MAX = 20
BUSY = timedelta(seconds=120)
"""How long a claim lasts: longer than all of it can take (jobs/webhooks.py)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event to be sent; ``payload`` byte for byte."""

    id: int
    event_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be sent to one endpoint, one after the other. ``secrets``: the current one, then the one before it."""

    account_id: int
    endpoint_id: int
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    deliveries: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """An endpoint that was switched off by itself. ``reason``: failing, gone."""

    name: str
    url: str
    reason: str
    failing_since: datetime


def secret_owner(account_id: int, endpoint_id: int) -> str:
    """Return the name under which an endpoint's secrets are sealed (kit/secret.py)."""
    return f"account:{account_id}:webhook:{endpoint_id}"


def list_endpoints_due(at: datetime) -> tuple[tuple[int, int], ...]:
    """Return (account id, endpoint id) of those to which something is to be sent by ``at``. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id, endpoint_id FROM webhooks_to_send(%s)", [at])
        return tuple((int(row[0]), int(row[1])) for row in cursor.fetchall())


def claim(*, account: AccountConfig, endpoint_id: int, at: datetime, limit: int = CLAIM_MAX) -> Claim | None:
    """
    Return what is due for an endpoint, and let nobody else send to it until the outcome is noted, or BUSY is over.

    While it is off or rests, only tests. None where there is nothing, or somebody else is at it. ``at``: the installation's
    clock.

    Writes: 1 lane. Queries: 3 or 4.
    """
    lane = (
        Lane.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(account_id=account.id, endpoint_id=endpoint_id)
        .first()
    )
    endpoint = Endpoint.objects.filter(account_id=account.id, id=endpoint_id).first()
    if lane is None or endpoint is None or (lane.busy_until is not None and lane.busy_until > at):
        return None
    rows = Delivery.objects.filter(account_id=account.id, endpoint_id=endpoint_id, state="waiting", next_attempt_at__lte=at)
    if not endpoint.is_on or (lane.resting_until is not None and lane.resting_until > at):
        rows = rows.filter(kind=TEST)
    found = list(rows.order_by("next_attempt_at", "id")[:limit])
    if not found:
        return None
    Lane.objects.filter(account_id=account.id, endpoint_id=endpoint_id).update(busy_until=at + BUSY)
    return Claim(
        account.id, endpoint_id, endpoint.url, _secrets(endpoint, at),
        tuple(Outgoing(row.id, row.event_id, row.payload.encode()) for row in found),
    )  # fmt: skip


def record(
    *, account: AccountConfig, endpoint_id: int, outcomes: Sequence[Outcome], at: datetime, chance_percent: int
) -> SwitchedOff | None:
    """
    Note what became of a claim's deliveries; those without an outcome wait as before. Return the endpoint if it was switched
    off.

    ``chance_percent`` as retry_after(). ``at``: the installation's clock.
    Writes: deliveries, 1 lane, and the endpoint when it is switched off. Queries: 2 to 4, and 1 for each outcome.
    """
    lane = Lane.objects.select_for_update(no_key=True).filter(account_id=account.id, endpoint_id=endpoint_id).first()
    if lane is None:
        return None  # the endpoint was deleted meanwhile, and its deliveries with it
    rows = Delivery.objects.filter(account_id=account.id, id__in=[one.delivery_id for one in outcomes])
    known = {row_id: (kind, tried) for row_id, kind, tried in rows.values_list("id", "kind", "attempt_count")}
    is_gone = False
    for one in (one for one in outcomes if one.delivery_id in known):
        kind, tried = known[one.delivery_id]
        _note(account, one, tried + 1, at, chance_percent, is_test=kind == TEST)
        if one.is_success:
            lane.failing_since, lane.failure_count, lane.resting_until, lane.last_success_at = None, 0, None, at
        elif kind != TEST:
            is_gone |= one.is_gone
            lane.failing_since = lane.failing_since or at
            lane.failure_count += 1
            lane.resting_until = at + rest_after(lane.failure_count, asked=_asked(one))
    Lane.objects.filter(account_id=account.id, endpoint_id=endpoint_id).update(
        busy_until=None, failing_since=lane.failing_since, failure_count=lane.failure_count,
        resting_until=lane.resting_until, last_success_at=lane.last_success_at,
    )  # fmt: skip
    since = lane.failing_since
    if since is not None and (is_gone or at - since >= GIVEN_UP_AFTER):
        return _switch_off(account, endpoint_id, "gone" if is_gone else "failing", since, at)
    return None


def drop_old_deliveries(*, account: AccountConfig, before: datetime) -> int:
    """Drop deliveries that were made before a time, but not what still waits for an endpoint that is on. Queries: 1."""
    on = Endpoint.objects.filter(account_id=account.id, is_on=True).values("id")
    rows = Delivery.objects.filter(account_id=account.id, created_at__lt=before)
    return rows.exclude(state="waiting", endpoint_id__in=on).delete()[0]


def _note(
    account: AccountConfig, one: Outcome, attempt_count: int, at: datetime, chance_percent: int, *, is_test: bool
) -> None:
    wait = None if is_test else retry_after(attempt_count, chance_percent=chance_percent, asked=_asked(one))
    values: dict[str, object] = {
        "attempt_count": min(attempt_count, ATTEMPTS_MAX), "last_attempt_at": at, "last_status": one.status,
        "last_answer": one.answer, "last_milliseconds": one.milliseconds,
    }  # fmt: skip
    if one.is_success:
        values["state"] = "delivered"
    elif wait is None:
        values["state"] = "failed"
    else:
        values["next_attempt_at"] = at + wait
    Delivery.objects.filter(account_id=account.id, id=one.delivery_id).update(**values)


def _asked(one: Outcome) -> timedelta | None:
    return None if one.retry_after_seconds is None else timedelta(seconds=one.retry_after_seconds)


def _switch_off(
    account: AccountConfig, endpoint_id: int, reason: str, failing_since: datetime, at: datetime
) -> SwitchedOff | None:
    rows = Endpoint.objects.filter(account_id=account.id, id=endpoint_id, is_on=True)
    endpoint = rows.first()
    if endpoint is None:
        return None  # somebody was quicker
    rows.update(is_on=False, off_reason=reason, off_at=at)
    return SwitchedOff(endpoint.name, endpoint.url, reason, failing_since)


def _secrets(endpoint: Endpoint, at: datetime) -> tuple[str, ...]:
    """What a delivery is signed with; nothing where the secrets were sealed under another installation key."""
    sealed = [bytes(endpoint.secret_encrypted)]
    if endpoint.previous_secret_encrypted is not None and endpoint.previous_until is not None and endpoint.previous_until > at:
        sealed.append(bytes(endpoint.previous_secret_encrypted))
    owner = secret_owner(endpoint.account_id, endpoint.id)
    with suppress(SecretUnreadable):
        return tuple(decrypt(each, owner=owner).decode() for each in sealed)
    return ()
