# SPDX-License-Identifier: Apache-2.0
"""
The outbox: claim what is due, note what became of it. Sending itself happens between the two, outside any unit of work
(jobs/mail.py): a slow mail service never holds a lock, and no posting waits for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from regulars.accounts.directory import AccountConfig
from regulars.accounts.queries import MailSender, get_mail_sender
from regulars.customers.rows import CustomerRow
from regulars.errors import InvalidParameter
from regulars.kit.addresses import is_address
from regulars.messages.models import OutboxMessage
from regulars.messages.password_mail import password_mail
from regulars.messages.queries import transaction_mail
from regulars.messages.rules import ATTEMPTS_MAX, LIFETIME, LIFETIMES, TEXT_KINDS, Mail, one_line, plain_body, retry_after

CLAIM_MAX = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One claimed mail. ``attempt_count`` counts the attempt that is about to be made."""

    id: int
    attempt_count: int
    mail: Mail
    is_test: bool = False
    """Somebody waits for the answer: it is tried once."""


class Claimed(Protocol):
    """What is being tried: a mail, or a text."""

    @property
    def id(self) -> int: ...
    @property
    def attempt_count(self) -> int: ...
    @property
    def is_test(self) -> bool: ...


def claim_due(*, account: AccountConfig, at: datetime, limit: int = CLAIM_MAX) -> tuple[Outgoing, ...]:
    """
    Return mails that are due and mark them as being tried, so that nobody else takes them before their next attempt is due.

    What can not be sent at all (too old, too often tried, no address, nothing to write about) is abandoned here. If the
    process dies after this, they are tried again later: a mail may arrive twice, never not at all.

    Writes:  up to ``limit`` outbox rows; skips those that another process has locked.
    They come from whom the account's brand names, or its agency's; else from the business itself.

    Queries: 1, 1 where there are any, and up to 5 for each mail.
    """
    rows = list(
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(account_id=account.id, sent_at__isnull=True, abandoned_at__isnull=True, next_attempt_at__lte=at)
        .exclude(kind__in=TEXT_KINDS)
        .order_by("next_attempt_at", "id")[: min(limit, CLAIM_MAX)]
    )
    claimed = []
    sender = get_mail_sender(account=account) if rows else MailSender("", "")
    for row in rows:
        mail = _mail(account, row, sender, at)
        reason = _why_no_mail(mail) or why_not(row, at)
        if mail is None or reason:
            _update(account, row.id, abandoned_at=at, last_error=reason)
            continue
        attempt_count = row.attempt_count + 1
        _update(account, row.id, attempt_count=attempt_count, next_attempt_at=at + retry_after(attempt_count))
        claimed.append(Outgoing(row.id, attempt_count, mail, row.kind == "test"))
    return tuple(claimed)


def record_sent(*, account: AccountConfig, message_id: int, at: datetime) -> None:
    """Note that a mail was taken by the mail service. Queries: 1."""
    _update(account, message_id, sent_at=at, last_error="")


def record_failure(*, account: AccountConfig, outgoing: Claimed, reason: str, is_final: bool, at: datetime) -> None:
    """Note why a mail did not leave; ``is_final``, or the last attempt: it is abandoned. Queries: 1."""
    if is_final or outgoing.is_test or outgoing.attempt_count >= ATTEMPTS_MAX:
        _update(account, outgoing.id, abandoned_at=at, last_error=reason[:500])
    else:
        _update(account, outgoing.id, last_error=reason[:500])


def abandon_stale(*, account: AccountConfig, at: datetime) -> int:
    """Abandon mails that nobody sent in their lifetime (no mail service was set up); return how many. Queries: 1."""
    return OutboxMessage.objects.filter(
        account_id=account.id, sent_at__isnull=True, abandoned_at__isnull=True, created_at__lt=at - LIFETIME
    ).update(abandoned_at=at, last_error="it was not sent in time: no service for it is set up")


def queue_mail(
    *, account: AccountConfig, kind: str, customer_id: int, recipient: str, subject: str, body: str, at: datetime
) -> None:
    """
    Put a mail with its own text (welcome, update, ...) into the outbox, in the unit of work of its cause.

    Does nothing for a recipient that is no address. Queries: 1.
    """
    if is_address(recipient):
        OutboxMessage.objects.create(
            account_id=account.id,
            kind=kind,
            customer_id=customer_id,
            recipient=recipient,
            subject=one_line(subject),
            body=plain_body(body),
            created_at=at,
            next_attempt_at=at,
        )


def queue_receipt(*, account: AccountConfig, customer: CustomerRow, entry_id: int, at: datetime) -> None:
    """
    Let the customer have the mail about one transaction, as ``send_transaction_email`` does: it is written when it is sent.

    Once more while it still waits changes nothing. Queries: 2.
    Raises:  InvalidParameter("email") where the customer has no address.
    """
    if not is_address(customer.email):
        raise InvalidParameter("email", text="The customer has no e-mail address.")
    waiting = OutboxMessage.objects.filter(
        account_id=account.id, kind="transaction", entry_id=entry_id, sent_at__isnull=True, abandoned_at__isnull=True
    )
    if not waiting.exists():
        OutboxMessage.objects.create(
            account_id=account.id,
            kind="transaction",
            customer_id=customer.id,
            entry_id=entry_id,
            created_at=at,
            next_attempt_at=at,
        )


def _mail(account: AccountConfig, row: OutboxMessage, sender: MailSender, at: datetime) -> Mail | None:
    mail = _unbranded(account, row, at)
    if mail is None:
        return None
    return replace(mail, sender_name=one_line(sender.name, 80) or mail.sender_name, reply_to=sender.reply_to or mail.reply_to)


def _unbranded(account: AccountConfig, row: OutboxMessage, at: datetime) -> Mail | None:
    if row.kind == "transaction":
        return transaction_mail(account=account, entry_id=row.entry_id or 0)
    if row.kind == "password_link":
        # Links end by the installation's clock, whatever the account's test clock says.
        real_at = at - timedelta(seconds=account.test_clock_offset_seconds)
        return password_mail(account=account, user_id=row.user_id or 0, panel_url=row.body, at=real_at)
    profile = account.profile
    reply_to = profile["client_email"] if is_address(profile["client_email"]) else ""
    sender_name = one_line(profile["biz_name"] or account.code, 80)
    return Mail(row.recipient, one_line(row.subject), plain_body(row.body), sender_name, reply_to)


def _why_no_mail(mail: Mail | None) -> str:
    if mail is None:
        return "the transaction, the customer or the user does not exist any more"
    return "" if is_address(mail.recipient) else "the customer has no valid e-mail address"


def why_not(row: OutboxMessage, at: datetime) -> str:
    """Return why a message is not tried any more, "" where it is: too often, or too old. Pure."""
    if row.attempt_count >= ATTEMPTS_MAX:
        return row.last_error or "it was tried too often"
    if row.created_at < at - LIFETIMES.get(row.kind, LIFETIME):
        return row.last_error or "it was not sent in time"
    return ""


def _update(account: AccountConfig, message_id: int, **values: object) -> None:
    OutboxMessage.objects.filter(account_id=account.id, id=message_id).update(**values)
