# SPDX-License-Identifier: Apache-2.0
"""SIGTERM in the middle of load: every sale that was recorded was answered, and the other way round."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from regulars.client import Client, ConnectionFailed, OutcomeUnknown, Retry
from tests.clients.server import granian
from tests.factories import make_account, make_campaign, make_customer

TILLS = 12


def test_a_stop_loses_no_answer(run_as_owner: Callable[..., list[tuple[int]]]) -> None:
    made = make_account()
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    options = {"retry": Retry(seconds_max=0), "allow_plain_http": True, "trust_env": False, **made.credentials}
    answered = [0] * TILLS
    is_over = threading.Event()

    def sell(till: int, url: str) -> None:
        with Client(url, headers={"X-Forwarded-Proto": "https"}, timeout_seconds=30, **options) as shop:
            while not is_over.is_set():
                try:
                    shop.record_activity(campaign_id=campaign.number, code="c1", amount=1)
                except (OutcomeUnknown, ConnectionFailed):
                    return
                answered[till] += 1

    with granian(REGULARS_BEHIND_PROXY="127.0.0.1") as server:
        tills = [threading.Thread(target=sell, args=(till, server.url)) for till in range(TILLS)]
        for till in tills:
            till.start()
        deadline = time.monotonic() + 60
        while sum(answered) < 10 * TILLS and time.monotonic() < deadline:
            time.sleep(0.05)
    is_over.set()
    for till in tills:
        till.join(60)
    assert sum(answered) > TILLS
    entries = run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s AND kind = 'earn'", made.id)[0][0]
    assert entries == sum(answered)
    assert server.returncode == 0
    assert server.output.count('"type":"record_activity"') == entries
    assert made.token not in server.output
