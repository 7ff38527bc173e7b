# SPDX-License-Identifier: Apache-2.0
"""Endpoints of an account, and telling them what happened, as the job does it, at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.jobs.webhooks import Teller, Told
from regulars.kit.db import unit_of_work
from regulars.webhooks import operations
from regulars.webhooks.collecting import collect, list_endpoints_behind
from regulars.webhooks.horizon import Horizon, Mark
from regulars.webhooks.models import Delivery, Endpoint, Lane
from regulars.webhooks.operations import EndpointValues
from regulars.webhooks.options import WebhookOptions
from regulars.webhooks.rules import KINDS
from tests.factories import MadeAccount

PRIVATE = WebhookOptions(allows_private=True)
WAIT_SECONDS_MAX = 60


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hook:
    """One endpoint with its secret."""

    made: MadeAccount
    id: int
    secret: str

    def deliveries(self, **wanted: Any) -> list[Delivery]:
        with unit_of_work(self.made.id):
            rows = Delivery.objects.filter(account_id=self.made.id, endpoint_id=self.id, **wanted)
            return list(rows.order_by("id"))

    def tested(self) -> Delivery:
        """Send a test, and return its delivery, which waits."""
        self.do(operations.send_test)
        return self.deliveries()[-1]

    @property
    def endpoint(self) -> Endpoint:
        with unit_of_work(self.made.id):
            return Endpoint.objects.get(account_id=self.made.id, id=self.id)

    @property
    def lane(self) -> Lane:
        with unit_of_work(self.made.id):
            return Lane.objects.get(account_id=self.made.id, endpoint_id=self.id)

    def do(self, operation: Callable[..., Any], /, **values: Any) -> Any:
        """Call an operation on the endpoint, by the owner, now unless it is told otherwise."""
        given = {"account": self.made.fresh(), "by": self.made.owner, "at": now(), "endpoint_id": self.id} | values
        with unit_of_work(self.made.id):
            return operation(**given)


def make_webhook(
    made: MadeAccount,
    url: str = "https://shop.example.com/hook",
    *,
    kinds: Sequence[str] = KINDS,
    campaign_ids: Sequence[int] = (),
    name: str = "Shop",
) -> Hook:
    """Add an endpoint by the owner; private addresses and http are allowed, as where the operator says so."""
    with unit_of_work(made.id):
        added = operations.add_endpoint(
            account=made.fresh(), by=made.owner, at=now(), options=PRIVATE,
            values=EndpointValues(name, url, tuple(kinds), tuple(campaign_ids)),
        )  # fmt: skip
    return Hook(made, added.id, added.secret)


def settled_mark() -> Mark:
    """Return a mark of now, once it is settled: other tests on the same server may be writing."""
    horizon = Horizon()
    until = time.monotonic() + WAIT_SECONDS_MAX
    mark = horizon.look()
    while horizon.is_behind:
        assert time.monotonic() < until, "somebody's transaction does not end"
        time.sleep(0.01)
        mark = horizon.look()
    assert mark is not None
    return mark


def collect_all(*hooks: Hook, **options: int) -> list[Delivery]:
    """Collect all that is committed by now for some endpoints; return their deliveries."""
    mark = settled_mark()
    for hook in hooks:
        while (hook.made.id, hook.id) in list_endpoints_behind(mark):
            with unit_of_work(hook.made.id):
                collect(account=hook.made.fresh(), endpoint_id=hook.id, until=mark, at=now(), **options)
    return [delivery for hook in hooks for delivery in hook.deliveries()]


def tell(
    *hooks: Hook, after: timedelta = timedelta(), allows_private: bool = True, timeout_seconds: float = 15.0, **options: Any
) -> Told:
    """Collect for some endpoints, then run the job as if it were so much later."""
    collect_all(*hooks)
    told = Teller().tell(
        clock=lambda: now() + after, account_clock=lambda _: now() + after, should_stop=lambda: False,
        allows_private=allows_private, timeout_seconds=timeout_seconds, **options,
    )  # fmt: skip
    assert told is not None
    return told
