# SPDX-License-Identifier: Apache-2.0
"""Sends the texts that are due in one account's outbox, as mail.py sends its mails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.jobs.mail import SendCount
from regulars.kit.db import unit_of_work
from regulars.messages.carriers import CarrierUnavailable, Undeliverable
from regulars.messages.operations import record_failure, record_sent
from regulars.messages.text_carrier import TextOptions
from regulars.messages.texting import carrier_of, claim_texts, find_gateway

AT_ONCE_MAX = 20
"""So many of one account, then the next one's turn: a gateway may take its time."""


def send_texts_due(
    *, account: AccountConfig, at: datetime, options: TextOptions, should_stop: Callable[[], bool] = lambda: False
) -> SendCount:
    """Send texts that are due by ``at``, as send_due() sends mails. An account without a gateway sends none: its texts wait."""
    with unit_of_work(account.id):
        gateway = find_gateway(account=account)
        if gateway is None:
            return SendCount()
        carrier = carrier_of(account=account, gateway=gateway, options=options)
        claimed = claim_texts(account=account, gateway=gateway, at=at, limit=AT_ONCE_MAX)
    sent = abandoned = 0
    for number, outgoing in enumerate(claimed):
        if should_stop():
            break
        try:
            carrier.deliver(outgoing.text, number=outgoing.id)
        except Undeliverable as error:
            abandoned += 1
            with unit_of_work(account.id):
                record_failure(account=account, outgoing=outgoing, reason=str(error), is_final=True, at=at)
        except CarrierUnavailable as error:
            with unit_of_work(account.id):
                for waiting in claimed[number:]:
                    record_failure(account=account, outgoing=waiting, reason=str(error), is_final=False, at=at)
            return SendCount(sent, len(claimed) - number, abandoned, is_carrier_down=True)
        else:
            sent += 1
            with unit_of_work(account.id):
                record_sent(account=account, message_id=outgoing.id, at=at)
    return SendCount(sent, 0, abandoned)
