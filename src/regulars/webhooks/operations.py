# SPDX-License-Identifier: Apache-2.0
"""
Endpoints: adding, changing, switching, secrets, tests, sending again. Each runs in the caller's unit of work.

``at`` is the installation's clock throughout, by which deliveries are due; never an account's test clock.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers.rules import is_one_line
from regulars.errors import InvalidParameter, MissingParameter, NotFound, RateLimited
from regulars.kit.ids import RANDOM
from regulars.kit.secret import encrypt
from regulars.users.access import require
from regulars.webhooks import payloads
from regulars.webhooks.collecting import add_deliveries, current_mark
from regulars.webhooks.deliveries import secret_owner
from regulars.webhooks.models import Delivery, Endpoint, Lane
from regulars.webhooks.options import WebhookOptions
from regulars.webhooks.payloads import Event
from regulars.webhooks.rules import (
    ENDPOINTS_MAX,
    OVERLAP_SECONDS_MAX,
    REPLAY_MAX,
    SECRET_BYTES,
    TEST,
    TESTS_PER_HOUR_MAX,
    check_kinds,
    check_url,
    written_secret,
)

NAME_LENGTH_MAX = 60
SKEW = timedelta(hours=1)
"""How far the order of numbers and that of times may differ."""


@dataclass(frozen=True, slots=True)
class EndpointValues:
    """What people choose of an endpoint. ``campaign_ids`` empty = the transactions of all campaigns."""

    name: str
    url: str
    kinds: tuple[str, ...]
    campaign_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedEndpoint:
    """A new endpoint, with the secret that is told once."""

    id: int
    secret: str


def add_endpoint(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    values: EndpointValues,
    options: WebhookOptions,
    rng: random.Random = RANDOM,
) -> AddedEndpoint:
    """
    Tell an address what happens from now on.

    Writes: 1 endpoint, 1 lane. Queries: 5.
    Raises: PermissionDenied, InvalidParameter and MissingParameter naming name, url, kinds or campaign_ids.
    """
    require(by, "edit_account_info")
    checked = _checked(account, values, options)
    if Endpoint.objects.filter(account_id=account.id).count() >= ENDPOINTS_MAX:
        raise InvalidParameter("name", text=f"An account can have at most {ENDPOINTS_MAX} webhooks.")
    secret = written_secret(rng.randbytes(SECRET_BYTES))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('webhooks_endpoints_id_seq')")  # the secret is sealed for the number
        ((number,),) = cursor.fetchall()
    Endpoint.objects.create(
        account_id=account.id, id=number, secret_encrypted=_sealed(account, number, secret), created_at=at, **checked
    )
    mark = current_mark()
    Lane.objects.create(
        account_id=account.id, endpoint_id=number, entry_id=mark.entry_id, change_id=mark.change_id,
        deletion_id=mark.deletion_id,
    )  # fmt: skip
    return AddedEndpoint(number, secret)


def change_endpoint(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    endpoint_id: int,
    values: EndpointValues,
    options: WebhookOptions,
) -> None:
    """
    Change name, address, events or campaigns; what waits goes to the new address.

    Raises: NotFound; as add_endpoint(). Queries: 2.
    """
    require(by, "edit_account_info")
    _locked(account, endpoint_id)
    Endpoint.objects.filter(account_id=account.id, id=endpoint_id).update(**_checked(account, values, options))


def rotate_secret(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    endpoint_id: int,
    overlap_seconds: int = 0,
    rng: random.Random = RANDOM,
) -> str:
    """
    Give an endpoint a new secret and return it. For ``overlap_seconds`` deliveries are signed with the old one, too.

    Units:  overlap_seconds 0 to 604800 (a week). Queries: 2.
    Raises: PermissionDenied, NotFound, InvalidParameter("overlap_seconds").
    """
    require(by, "edit_account_info")
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MAX:
        raise InvalidParameter("overlap_seconds", f"between 0 and {OVERLAP_SECONDS_MAX}")
    endpoint = _locked(account, endpoint_id)
    secret = written_secret(rng.randbytes(SECRET_BYTES))
    Endpoint.objects.filter(account_id=account.id, id=endpoint_id).update(
        secret_encrypted=_sealed(account, endpoint_id, secret),
        previous_secret_encrypted=endpoint.secret_encrypted if overlap_seconds else None,
        previous_until=at + timedelta(seconds=overlap_seconds) if overlap_seconds else None,
    )
    return secret


def switch_on(*, account: AccountConfig, by: UserConfig, at: datetime, endpoint_id: int) -> None:
    """
    Tell an endpoint again: what happens from now on, and what still waits. What it missed is sent by ``send_again_since``.

    Raises: PermissionDenied, NotFound. Queries: 4.
    """
    require(by, "edit_account_info")
    if _locked(account, endpoint_id).is_on:
        return
    mark = current_mark()
    Endpoint.objects.filter(account_id=account.id, id=endpoint_id).update(is_on=True, off_reason="", off_at=None)
    Lane.objects.filter(account_id=account.id, endpoint_id=endpoint_id).update(
        entry_id=mark.entry_id, change_id=mark.change_id, deletion_id=mark.deletion_id, failing_since=None, failure_count=0,
        resting_until=None,
    )  # fmt: skip


def switch_off(*, account: AccountConfig, by: UserConfig, at: datetime, endpoint_id: int) -> None:
    """Tell an endpoint nothing more for now, but tests. Raises: PermissionDenied, NotFound. Queries: 2."""
    require(by, "edit_account_info")
    if _locked(account, endpoint_id).is_on:
        Endpoint.objects.filter(account_id=account.id, id=endpoint_id).update(is_on=False, off_reason="", off_at=at)


def delete_endpoint(*, account: AccountConfig, by: UserConfig, at: datetime, endpoint_id: int) -> None:
    """Forget an endpoint with all its deliveries. Raises: PermissionDenied, NotFound. Queries: 5."""
    require(by, "edit_account_info")
    _locked(account, endpoint_id)
    for model in (Delivery, Lane):
        model._default_manager.filter(account_id=account.id, endpoint_id=endpoint_id).delete()
    Endpoint.objects.filter(account_id=account.id, id=endpoint_id).delete()


def send_test(*, account: AccountConfig, by: UserConfig, at: datetime, endpoint_id: int, rng: random.Random = RANDOM) -> None:
    """
    Send an event of kind webhook.test, once, whether the endpoint is on or not.

    Raises: PermissionDenied, NotFound, RateLimited beyond TESTS_PER_HOUR_MAX in an hour. Queries: 3.
    """
    require(by, "edit_account_info")
    _locked(account, endpoint_id)
    tests = Delivery.objects.filter(account_id=account.id, kind=TEST, created_at__gt=at - timedelta(hours=1))
    if tests.count() >= TESTS_PER_HOUR_MAX:
        raise RateLimited(retry_after_seconds=3600)
    event_id = f"evt_p{rng.randbytes(12).hex()}"
    data = {"message": "This is a test. Nothing happened.", "user": by.code}
    text = payloads.payload(account, event_id=event_id, kind=TEST, at=at, data=data)
    add_deliveries(account=account, endpoint_id=endpoint_id, events=[Event(event_id, TEST, at, None, text)], at=at)


def send_again(*, account: AccountConfig, by: UserConfig, at: datetime, delivery_id: int) -> int:
    """
    Send one delivery again, as if it had never been tried; return its endpoint's id.

    Raises: PermissionDenied, NotFound. Queries: 2.
    """
    require(by, "edit_account_info")
    rows = Delivery.objects.filter(account_id=account.id, id=delivery_id)
    endpoint_id = rows.values_list("endpoint_id", flat=True).first()
    if endpoint_id is None:
        raise NotFound
    rows.update(state="waiting", attempt_count=0, next_attempt_at=at)
    return endpoint_id


def send_again_since(*, account: AccountConfig, by: UserConfig | None, at: datetime, endpoint_id: int, since: datetime) -> None:
    """
    Send all that happened since a time: from the books, so also what was missed while the endpoint was off, or before it was
    there. What it had already comes under the same id as then.

    ``since``: by the account's clock. ``by`` None: the operator.
    Raises:  PermissionDenied, NotFound, InvalidParameter("since") for the future and for more than REPLAY_MAX ago.
    Writes:  1 lane, which it locks. Queries: 8; they read what was recorded since then, and an hour more.
    """
    if by is not None:
        require(by, "edit_account_info")
    clock = timedelta(seconds=account.test_clock_offset_seconds)
    if since > at + clock:
        raise InvalidParameter("since", "it is in the future")
    if since < at + clock - REPLAY_MAX:
        raise InvalidParameter("since", f"at most {REPLAY_MAX.days} days ago")
    _locked(account, endpoint_id)
    lane = Lane.objects.get(account_id=account.id, endpoint_id=endpoint_id)
    Lane.objects.filter(account_id=account.id, endpoint_id=endpoint_id).update(
        entry_id=min(lane.entry_id, _last_before(account, "ledger_entries", "recorded_at", since, lane.entry_id)),
        change_id=min(lane.change_id, _last_before(account, "changes_changes", "at", since - clock, lane.change_id)),
        deletion_id=min(lane.deletion_id, _last_before(account, "ledger_deletions", "recorded_at", since, lane.deletion_id)),
    )


def forget_customers(*, account: AccountConfig, customer_ids: Sequence[int]) -> None:
    """
    Take out of stored payloads what tells who these records' person is, and what receivers answered about him (ADR-0026).

    Under the locks of the account's lanes: whoever collects has read the customer before and is done, or reads him afterwards.

    Writes: deliveries. Queries: 2, or 1 in an account without endpoints.
    """
    if not _lock_lanes(account):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE webhooks_deliveries SET payload = webhooks_stripped(payload), last_answer = ''"
            " WHERE account_id = %s AND customer_id = ANY(%s)",
            [account.id, list(customer_ids)],
        )


def _last_before(account: AccountConfig, table: str, column: str, since: datetime, up_to: int) -> int:
    """Return the number before an account's first row of a time or later in a table; ``up_to`` where there is none."""
    with connection.cursor() as cursor:
        # Backwards along the primary key until it is surely early enough; numbers and times rise together, but for SKEW.
        cursor.execute(
            f"SELECT min(id) - 1 FROM {table} WHERE account_id = %(account)s AND {column} >= %(since)s AND id <= %(up_to)s"  # noqa: S608 - our own names
            f" AND id > coalesce((SELECT id FROM {table} WHERE account_id = %(account)s AND {column} < %(early)s"
            " AND id <= %(up_to)s ORDER BY id DESC LIMIT 1), 0)",
            {"account": account.id, "since": since, "early": since - SKEW, "up_to": up_to},
        )
        row = cursor.fetchone()
    return up_to if row is None or row[0] is None else int(row[0])


def _lock_lanes(account: AccountConfig, endpoint_id: int | None = None) -> list[Lane]:
    """Lock the lanes of an account, or of one endpoint, in their order."""
    lanes = Lane.objects.select_for_update(no_key=True).filter(account_id=account.id)
    if endpoint_id is not None:
        lanes = lanes.filter(endpoint_id=endpoint_id)
    return list(lanes.order_by("endpoint_id"))


def _locked(account: AccountConfig, endpoint_id: int) -> Endpoint:
    """Return an endpoint under its lock, which is its lane's: jobs take that first, too. Raises NotFound."""
    _lock_lanes(account, endpoint_id)
    row = Endpoint.objects.filter(account_id=account.id, id=endpoint_id).first()
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def _checked(account: AccountConfig, values: EndpointValues, options: WebhookOptions) -> dict[str, object]:
    name = " ".join(values.name.split())
    if not name:
        raise MissingParameter("name")
    if len(name) > NAME_LENGTH_MAX or not is_one_line(name):
        raise InvalidParameter("name", f"at most {NAME_LENGTH_MAX} characters on one line")
    unknown = set(values.campaign_ids) - account.campaigns_by_id.keys()
    if unknown:
        raise InvalidParameter("campaign_ids", "there is no such campaign")
    return {
        "name": name,
        "url": check_url(values.url, allows_private=options.allows_private),
        "kinds": check_kinds(values.kinds),
        "campaign_ids": sorted(set(values.campaign_ids)),
    }


def _sealed(account: AccountConfig, endpoint_id: int, secret: str) -> bytes:
    return encrypt(secret.encode(), owner=secret_owner(account.id, endpoint_id))
