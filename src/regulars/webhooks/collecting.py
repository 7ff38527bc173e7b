# SPDX-License-Identifier: Apache-2.0
"""From the books into deliveries: what is behind an endpoint's cursor, in the same unit of work as the cursor's step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.webhooks.facts import PAGE, Wanted, read_events
from regulars.webhooks.horizon import Mark
from regulars.webhooks.models import Endpoint, Lane
from regulars.webhooks.payloads import Event

# What was collected before, and is collected once more because somebody asked for it, keeps its payload: it is the same event.
# It gets a new number, so that it is sent in its order among those that were not.
_ADD = """
    INSERT INTO webhooks_deliveries (account_id, id, endpoint_id, event_id, kind, customer_id, payload, created_at, state,
                                     attempt_count, next_attempt_at, last_answer)
    SELECT %s, nextval('webhooks_deliveries_id_seq'), %s, e.event_id, e.kind, e.customer_id, e.payload, %s, 'waiting', 0, %s, ''
    FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY AS e (event_id, kind, customer_id, payload, n)
    ORDER BY e.n
    ON CONFLICT (account_id, endpoint_id, event_id) DO UPDATE
    SET id = excluded.id, created_at = excluded.created_at, state = 'waiting', attempt_count = 0,
        next_attempt_at = excluded.next_attempt_at
"""


def is_anybody_told() -> bool:
    """Whether any account has an endpoint. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhooks_any()")
        row = cursor.fetchone()
    return bool(row and row[0])


def list_endpoints_behind(mark: Mark) -> tuple[tuple[int, int], ...]:
    """Return (account id, endpoint id) of those that have something to collect up to a mark. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, endpoint_id FROM webhooks_to_collect(%s, %s, %s)",
            [mark.entry_id, mark.change_id, mark.deletion_id],
        )
        return tuple((int(row[0]), int(row[1])) for row in cursor.fetchall())


def collect(*, account: AccountConfig, endpoint_id: int, until: Mark, at: datetime, page: int = PAGE) -> bool:
    """
    Write a delivery for each of the next events of one endpoint, from at most ``page`` rows of each table, and move its cursor;
    return whether that was all of them.

    An endpoint that somebody else works on, that is off or is gone, is left: then that is all, too.

    Writes: deliveries, 1 lane, which it locks. Queries: up to 15.
    """
    lane = (
        Lane.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(account_id=account.id, endpoint_id=endpoint_id)
        .first()
    )
    endpoint = Endpoint.objects.filter(account_id=account.id, id=endpoint_id, is_on=True).first()
    if lane is None or endpoint is None:
        return True
    after = Mark(lane.entry_id, lane.change_id, lane.deletion_id)
    goal = Mark(
        max(after.entry_id, until.entry_id), max(after.change_id, until.change_id), max(after.deletion_id, until.deletion_id)
    )
    found = read_events(
        account=account, wanted=Wanted(endpoint.kinds, endpoint.campaign_ids), after=after, until=goal, page=page
    )
    add_deliveries(account=account, endpoint_id=endpoint_id, events=found.events, at=at)
    Lane.objects.filter(account_id=account.id, endpoint_id=endpoint_id).update(
        entry_id=found.reached.entry_id, change_id=found.reached.change_id, deletion_id=found.reached.deletion_id
    )
    return found.is_all


def add_deliveries(*, account: AccountConfig, endpoint_id: int, events: Sequence[Event], at: datetime) -> None:
    """Let events be sent to an endpoint from now on, also those that were sent before. Queries: 1, or none."""
    if not events:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                account.id, endpoint_id, at, at,
                [event.id for event in events], [event.kind for event in events],
                [event.customer_id for event in events], [event.payload for event in events],
            ],
        )  # fmt: skip


def current_mark() -> Mark:
    """Return the last numbers that were drawn: what is recorded from now on lies behind them. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id, change_id, deletion_id FROM webhooks_mark()")
        row = cursor.fetchone()
    assert row is not None
    return Mark(*row)
