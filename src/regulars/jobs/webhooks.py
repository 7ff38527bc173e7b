# SPDX-License-Identifier: Apache-2.0
"""Tells endpoints what happened: collect from the books, claim, send outside of any unit of work, note the outcome."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, IntegrityError, ProgrammingError

from regulars.accounts.directory import AccountConfig
from regulars.accounts.queries import get_account_config
from regulars.errors import AccountNotFound
from regulars.jobs.batches import BUGS
from regulars.jobs.posting import IN_FLIGHT_MAX, Poster
from regulars.kit.db import unit_of_work
from regulars.kit.ids import RANDOM
from regulars.kit.public_address import PublicAddress
from regulars.messages.webhook_mail import queue_switched_off
from regulars.webhooks.collecting import collect, is_anybody_told, list_endpoints_behind
from regulars.webhooks.deliveries import claim, list_endpoints_due, record
from regulars.webhooks.horizon import Horizon
from regulars.webhooks.rules import Outcome

LOOK_SECONDS = 1.0
"""How often the books are looked at while something is under way."""
UNSETTLED_SECONDS = 0.05
UNSETTLED_LOOKS_MAX = 20
"""Transactions that were running last milliseconds, mostly: they are waited for, but not for long."""

log = logging.getLogger("regulars.jobs")
_Sending = dict[Future[tuple[Outcome, ...]], tuple[AccountConfig, int]]


@dataclass(slots=True)
class Told:
    """What one run did."""

    collected: int = 0
    """Endpoints that had something behind their cursors."""
    delivered: int = 0
    failed: int = 0
    switched_off: int = 0


class Teller:
    """One for each process: it knows how far the books are settled. A second run at the same time does nothing."""

    def __init__(self) -> None:
        self._horizon = Horizon()
        self._busy = threading.Lock()

    def tell(
        self,
        *,
        clock: Callable[[], datetime],
        account_clock: Callable[[AccountConfig], datetime],
        should_stop: Callable[[], bool],
        allows_private: bool,
        **options: float,
    ) -> Told | None:
        """
        Collect and send until there is nothing to be sent now; None where another run of this process is at it.

        What is slow to answer is waited for here while everybody else is told.

        ``clock``: the installation's; ``account_clock``: an account's own, by which its mails are due. ``options`` as Poster().
        """
        if not self._busy.acquire(blocking=False):
            return None
        try:
            if not is_anybody_told():
                return Told()
            with Poster(allows_private=allows_private, clock=clock, should_stop=should_stop, **options) as poster:
                return _Run(self._horizon, poster, clock, account_clock, should_stop).go()
        finally:
            self._busy.release()


class _Run:
    def __init__(
        self,
        horizon: Horizon,
        poster: Poster,
        clock: Callable[[], datetime],
        account_clock: Callable[[AccountConfig], datetime],
        should_stop: Callable[[], bool],
    ) -> None:
        self._horizon, self._poster = horizon, poster
        self._clock, self._account_clock, self._should_stop = clock, account_clock, should_stop
        self._sending: _Sending = {}
        self._told = Told()

    def go(self) -> Told:
        looks_left, next_look = UNSETTLED_LOOKS_MAX, 0.0
        while not self._should_stop():
            if time.monotonic() >= next_look:
                self._collect()
                is_settled = not self._horizon.is_behind
                next_look = time.monotonic() + (LOOK_SECONDS if is_settled else UNSETTLED_SECONDS)
                looks_left -= 1
            self._begin()
            if self._sending:
                self._note(wait(self._sending, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done)
            elif is_settled or looks_left <= 0:
                break
            else:
                time.sleep(UNSETTLED_SECONDS)
        # Told to stop: what is under way ends within a request's time, and is noted.
        self._note(wait(self._sending).done)
        return self._told

    def _collect(self) -> None:
        mark = self._horizon.look()
        if mark is None:
            return
        for account_id, endpoint_id in list_endpoints_behind(mark):
            if self._should_stop():
                return
            self._told.collected += 1
            try:
                account = get_account_config(account_id)
                is_all = False
                while not is_all and not self._should_stop():
                    with unit_of_work(account_id):
                        is_all = collect(account=account, endpoint_id=endpoint_id, until=mark, at=self._clock())
            except AccountNotFound:
                continue
            except (*BUGS, DataError, IntegrityError, ProgrammingError):
                # The cursor stays where it is: nothing is lost, and nobody else waits.
                log.critical("account %s: webhook %s can not be told", account_id, endpoint_id, exc_info=True)

    def _begin(self) -> None:
        """Begin to send to everybody for whom something is due and to whom nothing is being sent."""
        busy = {(account.id, endpoint_id) for account, endpoint_id in self._sending.values()}
        for account_id, endpoint_id in list_endpoints_due(self._clock()):
            if len(self._sending) >= IN_FLIGHT_MAX:
                return
            if (account_id, endpoint_id) in busy:
                continue
            try:
                account = get_account_config(account_id)
            except AccountNotFound:
                continue
            with unit_of_work(account_id):
                claimed = claim(account=account, endpoint_id=endpoint_id, at=self._clock())
            if claimed is not None:
                self._sending[self._poster.send(claimed)] = (account, endpoint_id)

    def _note(self, done: Iterable[Future[tuple[Outcome, ...]]]) -> None:
        for future in done:
            account, endpoint_id = self._sending.pop(future)
            outcomes = future.result()
            at = self._clock()
            with unit_of_work(account.id):
                off = record(
                    account=account, endpoint_id=endpoint_id, outcomes=outcomes, at=at, chance_percent=RANDOM.randrange(101)
                )
                if off is not None:
                    self._told.switched_off += 1
                    log.warning("account %s: webhook %s was switched off (%s)", account.id, endpoint_id, off.reason)
                    queue_switched_off(
                        account=account, name=off.name, url=off.url, reason=off.reason, failing_since=off.failing_since,
                        public=PublicAddress.from_environment(), at=self._account_clock(account),
                    )  # fmt: skip
            self._told.delivered += sum(1 for one in outcomes if one.is_success)
            self._told.failed += sum(1 for one in outcomes if not one.is_success)
