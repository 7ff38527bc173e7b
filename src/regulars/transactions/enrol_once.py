# SPDX-License-Identifier: Apache-2.0
"""Enrolling from a form that may be sent twice: a double click is one customer (I8)."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime

import orjson
from django.db import transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers.rules import CardRequest, Profile
from regulars.errors import KeyReused, RegularsError
from regulars.ledger.keys import recall_answer, remember_answer
from regulars.transactions.enrol import Joining, enrol_customer


def enrol_once(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    key: str,
    profile: Profile,
    card: CardRequest | None = None,
    joins: tuple[Joining, ...] = (),
    sends_mail: bool = True,
) -> int:
    """
    Enrol a customer under an idempotency key and return his id; the same once more returns the first one's id.

    Writes: what enrol_customer writes, and the key. Raises: what enrol_customer raises; KeyReused.
    """
    fingerprint = _fingerprint(by, profile, card, joins, sends_mail=sends_mail)
    first = recall_answer(account=account, key=key, fingerprint=fingerprint)
    if first is not None:
        return int(first)
    try:
        with transaction.atomic():
            enrolled = enrol_customer(
                account=account, by=by, at=at, profile=profile, card=card, joins=joins, sends_mail=sends_mail
            )
            first = remember_answer(account=account, key=key, fingerprint=fingerprint, at=at, answer=enrolled.customer.id)
            if first is not None:
                transaction.set_rollback(True)
    except KeyReused:
        raise
    except RegularsError:
        # Of two at once the later is refused because the earlier has the card by now.
        first = recall_answer(account=account, key=key, fingerprint=fingerprint)
        if first is None:
            raise
    return enrolled.customer.id if first is None else int(first)


def _fingerprint(
    by: UserConfig, profile: Profile, card: CardRequest | None, joins: tuple[Joining, ...], *, sends_mail: bool
) -> bytes:
    """SHA-256 of what is asked for. Without password and PIN: of so few digits even a hash would tell them."""
    written = dataclasses.asdict(dataclasses.replace(profile, password=None, pin=None))
    written["fields"] = sorted(profile.fields.items())
    joined = [[joining.campaign.id, joining.opening] for joining in joins]
    content = ["enrol", by.id, written, dataclasses.asdict(card) if card else None, joined, sends_mail]
    return hashlib.sha256(orjson.dumps(content)).digest()
