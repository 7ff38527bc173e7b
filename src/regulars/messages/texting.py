# SPDX-License-Identifier: Apache-2.0
"""
An account's texts: the gateway they leave by, receipts and tests in the outbox, what is due. Sending itself is jobs/texts.py's,
outside of every unit of work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import country_code
from regulars.accounts.operations import update_account
from regulars.accounts.queries import get_services, get_text_credentials
from regulars.customers.rows import CustomerRow
from regulars.errors import InvalidParameter, LimitReached, MissingParameter, RateLimited, Refused
from regulars.kit.phones import dialled_number
from regulars.messages.models import OutboxMessage, TextGateway
from regulars.messages.operations import CLAIM_MAX, why_not
from regulars.messages.queries import transaction_values
from regulars.messages.rules import TEXT_KINDS, plain_body, retry_after
from regulars.messages.settings import TESTS_PER_HOUR_MAX, sample_values
from regulars.messages.text_carrier import TextCarrier, TextOptions
from regulars.messages.text_rules import TEXT_LENGTH_MAX, Gateway, Text, check_gateway, written_text

RECEIPT, TEST = TEXT_KINDS
TEXTS_OF_ENTRY_MAX = 3
"""Each costs money: a receipt is not texted again and again."""
COLUMNS = ("url", "method", "format", "body", "authorization", "sender", "expects", "receipt")


class NoTextGateway(Refused):
    """The account sends no texts: no gateway is set up."""

    code = "no_text_gateway"
    text = "No text gateway is set up."


@dataclass(frozen=True, slots=True)
class TextSettings:
    """``gateway`` None: no texts are sent. ``username``, ``has_password``: under which name it is known there."""

    gateway: Gateway | None
    username: str
    has_password: bool


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One claimed text. ``attempt_count`` counts the attempt that is about to be made."""

    id: int
    attempt_count: int
    text: Text
    is_test: bool = False


def find_gateway(*, account: AccountConfig) -> Gateway | None:
    """Return the account's gateway, or None. Queries: 1."""
    row = TextGateway.objects.filter(account_id=account.id).first()
    return None if row is None else Gateway(**{name: getattr(row, name) for name in COLUMNS})


def get_text_settings(*, account: AccountConfig) -> TextSettings:
    """Return all that is set of an account's texts; the password is not read. Queries: 2."""
    services = get_services(account=account)
    return TextSettings(find_gateway(account=account), services.sms_username, services.has_sms_password)


def set_gateway(
    *, account: AccountConfig, at: datetime, gateway: Gateway | None, username: str, password: str | None, options: TextOptions
) -> None:
    """
    Let texts leave by a gateway from now on; None = none leave. ``password``: None = as it is. Whoever asks was checked.

    The password is kept encrypted (the account's sms_password, which account_update sets too). It goes with a change of the
    host, so that it is never sent to another.

    Queries: 4. Raises: InvalidParameter, MissingParameter, naming url, method, format, body, authorization, sender, expects,
             receipt, sms_username or sms_password.
    """
    before = get_text_settings(account=account)
    if gateway is None:
        TextGateway.objects.filter(account_id=account.id).delete()
        update_account(account=account, profile={"sms_username": "", "sms_password": ""})
        return
    check_gateway(gateway, allows_private=options.allows_private)
    keeps = password is None and before.has_password and (before.gateway is None or before.gateway.host == gateway.host)
    if gateway.authorization != "none" and not (password or keeps):
        raise MissingParameter("sms_password")
    profile = {"sms_username": username} | ({} if keeps else {"sms_password": password or ""})
    update_account(account=account, profile=profile)
    values = {name: getattr(gateway, name) for name in COLUMNS}
    TextGateway.objects.update_or_create(account_id=account.id, defaults={**values, "changed_at": at})


def carrier_of(*, account: AccountConfig, gateway: Gateway, options: TextOptions) -> TextCarrier:
    """Return what hands the account's texts over. Queries: 1."""
    username, password = get_text_credentials(account=account)
    return TextCarrier(gateway, username, password, options.allows_private)


def number_of(account: AccountConfig, phone: str) -> str:
    """Return a phone number as texts go to it, "" where it is none; without a prefix it is one of the account's country."""
    return dialled_number(phone, country_code(account.profile["biz_country"]))


def queue_text_receipt(*, account: AccountConfig, customer: CustomerRow, entry_id: int, at: datetime) -> str:
    """
    Let the customer have a text about one transaction, and return the number it goes to: it is written when it is sent.

    Once more while it still waits changes nothing. Queries: 3.
    Raises:  NoTextGateway; InvalidParameter("phone") where the customer has no number; LimitReached.
    """
    number = number_of(account, customer.phone)
    if not number:
        raise InvalidParameter("phone", text="The customer has no phone number that texts can be sent to.")
    if find_gateway(account=account) is None:
        raise NoTextGateway
    mine = OutboxMessage.objects.filter(account_id=account.id, kind=RECEIPT, entry_id=entry_id)
    states = list(mine.values_list("sent_at", "abandoned_at"))
    if any(sent is None and abandoned is None for sent, abandoned in states):
        return number
    if len(states) >= TEXTS_OF_ENTRY_MAX:
        raise LimitReached(f"A receipt is texted at most {TEXTS_OF_ENTRY_MAX} times.")
    OutboxMessage.objects.create(
        account_id=account.id, kind=RECEIPT, customer_id=customer.id, entry_id=entry_id, created_at=at, next_attempt_at=at
    )
    return number


def queue_text_test(*, account: AccountConfig, recipient: str, body: str, at: datetime) -> None:
    """
    Put a text into the outbox that is tried once; ``list_attempts`` tells what became of it, word for word.

    Queries: 3. Raises: NoTextGateway; InvalidParameter("recipient"), RateLimited beyond ten in an hour.
    """
    number = number_of(account, recipient)
    if not number:
        raise InvalidParameter("recipient", "a phone number is expected, such as +49 30 123456")
    if find_gateway(account=account) is None:
        raise NoTextGateway
    hour = OutboxMessage.objects.filter(account_id=account.id, kind=TEST, created_at__gt=at - timedelta(hours=1))
    if hour.count() >= TESTS_PER_HOUR_MAX:
        raise RateLimited(retry_after_seconds=3600)
    OutboxMessage.objects.create(
        account_id=account.id, kind=TEST, recipient=number, body=plain_body(body), created_at=at, next_attempt_at=at
    )


def claim_texts(*, account: AccountConfig, gateway: Gateway, at: datetime, limit: int = CLAIM_MAX) -> tuple[OutgoingText, ...]:
    """
    Return texts that are due and mark them as being tried, as claim_due() does with mails.

    Queries: 1, and up to 4 for each text.
    """
    rows = list(
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(account_id=account.id, kind__in=TEXT_KINDS, sent_at__isnull=True, abandoned_at__isnull=True)
        .filter(next_attempt_at__lte=at)
        .order_by("next_attempt_at", "id")[: min(limit, CLAIM_MAX)]
    )
    claimed = []
    for row in rows:
        text = _text(account, gateway, row)
        reason = why_not(row, at) or _why_no_text(text)
        mine = OutboxMessage.objects.filter(account_id=account.id, id=row.id)
        if text is None or reason:
            mine.update(abandoned_at=at, last_error=reason)
            continue
        attempt_count = row.attempt_count + 1
        mine.update(attempt_count=attempt_count, next_attempt_at=at + retry_after(attempt_count))
        claimed.append(OutgoingText(row.id, attempt_count, text, row.kind == TEST))
    return tuple(claimed)


def sample_text(*, account: AccountConfig, receipt: str) -> str:
    """Return what a receipt by text would say, filled in with the data of somebody who does not exist. Pure."""
    return written_text(sample_values(account), receipt, "").body


def _text(account: AccountConfig, gateway: Gateway, row: OutboxMessage) -> Text | None:
    if row.kind == TEST:
        return Text(row.recipient, row.body.strip()[:TEXT_LENGTH_MAX])
    found = transaction_values(account=account, entry_id=row.entry_id or 0)
    if found is None:
        return None
    text = written_text(found.values, gateway.receipt, number_of(account, found.customer.phone))
    return replace(text, body=text.body or found.values["business"])


def _why_no_text(text: Text | None) -> str:
    if text is None:
        return "the transaction or the customer does not exist any more"
    return "" if text.recipient else "the customer has no phone number that texts can be sent to"
