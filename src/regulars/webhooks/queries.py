# SPDX-License-Identifier: Apache-2.0
"""Reads of endpoints and deliveries, for people. No secret is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.users.access import require
from regulars.webhooks.models import Delivery, Endpoint, Lane

LENGTH_MAX = 200
STATES = ("waiting", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """
    One endpoint and how it fares. ``off_reason``: "" = switched off by hand, failing, gone; ``failing_since`` None = it does
    not fail; ``previous_until`` None = there is no secret but the current one. ``waiting``: deliveries that wait.
    """

    id: int
    name: str
    url: str
    kinds: tuple[str, ...]
    campaign_ids: tuple[int, ...]
    is_on: bool
    off_reason: str
    off_at: datetime | None
    previous_until: datetime | None
    created_at: datetime
    failing_since: datetime | None
    resting_until: datetime | None
    last_success_at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as models.Delivery has it; ``payload`` "" in lists."""

    id: int
    endpoint_id: int
    event_id: str
    kind: str
    created_at: datetime
    state: str
    attempt_count: int
    next_attempt_at: datetime
    last_attempt_at: datetime | None
    last_status: int | None
    last_answer: str
    last_milliseconds: int | None
    payload: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """``older_than``: where the next page begins; None = there are no older ones."""

    rows: tuple[DeliveryRow, ...]
    older_than: int | None


_COLUMNS = (
    "id", "endpoint_id", "event_id", "kind", "created_at", "state", "attempt_count", "next_attempt_at", "last_attempt_at",
    "last_status", "last_answer", "last_milliseconds",
)  # fmt: skip


def list_endpoints(*, account: AccountConfig, by: UserConfig | None) -> tuple[EndpointRow, ...]:
    """Return the account's endpoints, oldest first. ``by`` None: the operator. Queries: 3. Raises: PermissionDenied."""
    _allow(by)
    return _rows(account, Endpoint.objects.filter(account_id=account.id).order_by("id"))


def get_endpoint(*, account: AccountConfig, by: UserConfig | None, endpoint_id: int) -> EndpointRow:
    """Return one endpoint. Queries: 3. Raises: PermissionDenied, NotFound."""
    _allow(by)
    found = _rows(account, Endpoint.objects.filter(account_id=account.id, id=endpoint_id))
    if not found:
        raise NotFound
    return found[0]


def list_deliveries(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    endpoint_id: int,
    state: str = "",
    kind: str = "",
    before_id: int | None = None,
    length: int = 50,
) -> DeliveryPage:
    """
    Return deliveries of an endpoint, newest first, older than one of them; in one state, of one kind of event.

    Queries: 1. Raises: PermissionDenied.
    """
    _allow(by)
    length = max(1, min(length, LENGTH_MAX))
    rows = Delivery.objects.filter(account_id=account.id, endpoint_id=endpoint_id)
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    found = [DeliveryRow(*row) for row in rows.order_by("-id").values_list(*_COLUMNS)[: length + 1]]
    shown = tuple(found[:length])
    return DeliveryPage(shown, shown[-1].id if len(found) > length else None)


def get_delivery(*, account: AccountConfig, by: UserConfig | None, delivery_id: int) -> DeliveryRow:
    """Return one delivery with its payload. Queries: 1. Raises: PermissionDenied, NotFound."""
    _allow(by)
    row = Delivery.objects.filter(account_id=account.id, id=delivery_id).values_list(*_COLUMNS, "payload").first()
    if row is None:
        raise NotFound
    return DeliveryRow(*row)


def _allow(by: UserConfig | None) -> None:
    if by is not None:
        require(by, "edit_account_info")


def _rows(account: AccountConfig, endpoints: QuerySet[Endpoint]) -> tuple[EndpointRow, ...]:
    found = list(endpoints)
    ids = [row.id for row in found]
    lanes = {lane.endpoint_id: lane for lane in Lane.objects.filter(account_id=account.id, endpoint_id__in=ids)}
    waiting = dict(
        Delivery.objects.filter(account_id=account.id, endpoint_id__in=ids, state="waiting")
        .values_list("endpoint_id")
        .annotate(Count("id"))
    )
    return tuple(
        EndpointRow(
            row.id, row.name, row.url, tuple(row.kinds), tuple(row.campaign_ids), row.is_on, row.off_reason, row.off_at,
            row.previous_until, row.created_at, lanes[row.id].failing_since, lanes[row.id].resting_until,
            lanes[row.id].last_success_at, waiting.get(row.id, 0),
        )
        for row in found
    )  # fmt: skip
