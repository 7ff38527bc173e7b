# SPDX-License-Identifier: Apache-2.0
"""Sends what is due in one account's outbox: claim in one unit of work, send in none, note the outcome in another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.kit.db import unit_of_work
from regulars.messages.carriers import Carrier, CarrierUnavailable, Undeliverable, compose
from regulars.messages.operations import CLAIM_MAX, claim_due, record_failure, record_sent


@dataclass(frozen=True, slots=True)
class SendCount:
    """What became of a batch of mails."""

    sent: int = 0
    to_be_retried: int = 0
    abandoned: int = 0
    is_carrier_down: bool = False
    """The mail service could not be reached; the rest of the batch waits with it."""


def send_due(*, account: AccountConfig, at: datetime, carrier: Carrier, sender: str, limit: int = CLAIM_MAX) -> SendCount:
    """
    Send up to ``limit`` mails that are due by ``at``.

    No database transaction is open while the mail service is spoken to. A mail service that is down ends the batch: what was
    claimed is due again after its back-off.
    """
    with unit_of_work(account.id):
        claimed = claim_due(account=account, at=at, limit=limit)
    sent = retried = abandoned = 0
    for outgoing in claimed:
        try:
            message = compose(outgoing.mail, sender=sender, message_id=f"regulars-{account.id}-{outgoing.id}", sent_at=at)
            carrier.deliver(message)
        except Undeliverable as error:
            abandoned += 1
            with unit_of_work(account.id):
                record_failure(account=account, outgoing=outgoing, reason=str(error), is_final=True, at=at)
        except CarrierUnavailable as error:
            with unit_of_work(account.id):
                for waiting in claimed[claimed.index(outgoing) :]:
                    record_failure(account=account, outgoing=waiting, reason=str(error), is_final=False, at=at)
            retried = len(claimed) - sent - abandoned
            return SendCount(sent, retried, abandoned, is_carrier_down=True)
        else:
            sent += 1
            with unit_of_work(account.id):
                record_sent(account=account, message_id=outgoing.id, at=at)
    return SendCount(sent, retried, abandoned)
