# SPDX-License-Identifier: Apache-2.0
"""An account's own mail service and texts: reading, changing, trying them out."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter, MissingParameter, RateLimited
from regulars.kit.addresses import is_address
from regulars.kit.secret import SecretUnreadable, decrypt, encrypt
from regulars.messages.carriers import Carrier, MailOptions, SmtpAddress, SmtpCarrier
from regulars.messages.models import MailSettings, OutboxMessage
from regulars.messages.rules import (
    BODY_LENGTH_MAX,
    OWN_BODY,
    OWN_SUBJECT,
    PLACEHOLDERS,
    SUBJECT_LENGTH_MAX,
    TEXT_KINDS,
    Mail,
    filled,
    one_line,
    placeholders_in,
    plain_body,
)

SECURITIES = {"tls": 465, "starttls": 587, "none": 25}
"""How a service is spoken to, and the port where that is usual."""
PORTS = (25, 465, 587, 2525)
"""Where mail services listen; other ports are other services."""
TEXT_PLACEHOLDERS = {
    "welcome": ("business", "first_name", "last_name", "name", "card_number", "username"),
    "activation": ("business", "first_name", "last_name", "name", "card_number", "username"),
    "update": ("business", "first_name", "last_name", "name", "card_number", "username"),
    "transaction": PLACEHOLDERS,
    "balances": ("business", "first_name", "last_name", "name", "card_number", "balances"),
}
"""Kinds of mail whose texts an account may write, and what these may name in braces."""
OWN_TEXTS = {
    "welcome": (
        "Welcome to {business}",
        "Dear {first_name},\n\nyou are now enrolled with {business}.\n\nCard number: {card_number}\n",
    ),
    "activation": (
        "Welcome to {business}",
        "Dear {first_name},\n\nyour card is activated. You sign in as {username}.\n\nCard number: {card_number}\n",
    ),
    "update": (
        "Your details at {business} were changed",
        "Dear {first_name},\n\nyour details with {business} were changed. If this was not your wish, please tell us.\n",
    ),
    "transaction": (OWN_SUBJECT, OWN_BODY),
    "balances": ("What you have at {business}", "Dear {name},\n\n{balances}\n\n{business}\n"),
}
"""What ours say, to begin with. Ours leave out what a customer does not have; a campaign's own text comes before both."""
TESTS_PER_HOUR_MAX = 10
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class MailService:
    """A mail service of an account's own; ``host`` "" = there is none, the installation's is used."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    has_password: bool = False
    sender: str = ""


@dataclass(frozen=True, slots=True)
class MailText:
    """Subject and body of one kind of mail, with placeholders in braces."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class SettingsRow:
    """What an account has set of its mails. ``texts``: only those of its own, by kind."""

    service: MailService = MailService()
    texts: dict[str, MailText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A mail and what became of it: sent, or abandoned with ``error``, or it still waits (with the last ``error``)."""

    kind: str
    recipient: str
    created_at: datetime
    sent_at: datetime | None
    abandoned_at: datetime | None
    error: str


def get_mail_settings(*, account: AccountConfig) -> SettingsRow:
    """Return the account's mail settings. Queries: 1."""
    row = MailSettings.objects.filter(account_id=account.id).first()
    if row is None:
        return SettingsRow()
    service = MailService(
        row.smtp_host, row.smtp_port or 587, row.smtp_security or "starttls", row.smtp_user,
        row.smtp_password_encrypted is not None, row.sender,
    )  # fmt: skip
    texts = {kind: MailText(*pair) for kind, pair in row.texts.items()}
    return SettingsRow(service if row.smtp_host else MailService(), texts)


def find_mail_text(*, account: AccountConfig, kinds: tuple[str, ...]) -> MailText | None:
    """Return the account's own text of a kind of mail, of the first kind that has one; or None. Queries: 1."""
    texts = get_mail_settings(account=account).texts
    return next((texts[kind] for kind in kinds if kind in texts), None)


def set_mail_service(*, account: AccountConfig, at: datetime, service: MailService, password: str | None) -> None:
    """
    Use a mail service of the account's own from now on, or, with ``service.host`` "", the installation's again. ``password``:
    None = as it is. Whoever asks was checked.

    A password is kept encrypted, as tokens are; it goes with a change of the host, so that it is never sent to another.

    Queries: 3. Raises: InvalidParameter, MissingParameter, naming host, port, security, user, password or sender.
    """
    if not service.host:
        _save(
            account, at, smtp_host="", smtp_port=None, smtp_security="", smtp_user="", smtp_password_encrypted=None, sender=""
        )
        return
    if not _HOST.fullmatch(service.host):
        raise InvalidParameter("host", "the name of a mail service, such as smtp.example.com")
    if service.security not in SECURITIES:
        raise InvalidParameter("security", "tls, starttls or none")
    if service.port not in PORTS:
        raise InvalidParameter("port", "one of " + ", ".join(map(str, PORTS)))
    if not is_address(service.sender):
        raise InvalidParameter("sender", "one e-mail address is expected")
    before = get_mail_settings(account=account).service
    keeps = password is None and before.has_password and before.host == service.host
    if (password or keeps) and not service.user:
        raise MissingParameter("user")
    if (password or keeps) and service.security == "none":
        raise InvalidParameter("security", "a password is not sent without encryption")
    changes: dict[str, object] = {
        "smtp_host": service.host, "smtp_port": service.port, "smtp_security": service.security, "smtp_user": service.user,
        "sender": service.sender,
    }  # fmt: skip
    if not keeps:
        changes["smtp_password_encrypted"] = encrypt(password.encode(), owner=_owner(account)) if password else None
    _save(account, at, **changes)


def set_mail_text(*, account: AccountConfig, at: datetime, kind: str, subject: str, body: str) -> None:
    """
    Write the account's own text of a kind of mail; both "" = ours again. Whoever asks was checked.

    Queries: 3. Raises: InvalidParameter naming kind, subject or body; MissingParameter where only one of them is there.
    """
    if kind not in TEXT_PLACEHOLDERS:
        raise InvalidParameter("kind", "there is no such mail")
    texts = {name: [text.subject, text.body] for name, text in get_mail_settings(account=account).texts.items()}
    if not subject.strip() and not body.strip():
        texts.pop(kind, None)
    else:
        check_mail_text(kind, subject, body)
        texts[kind] = [one_line(subject), plain_body(body)]
    _save(account, at, texts=texts)


def check_mail_text(kind: str, subject: str, body: str) -> None:
    """Raise InvalidParameter or MissingParameter where a text can not be one of a mail of this kind."""
    if not subject.strip():
        raise MissingParameter("subject")
    if not body.strip():
        raise MissingParameter("body")
    if len(subject) > SUBJECT_LENGTH_MAX:
        raise InvalidParameter("subject", f"at most {SUBJECT_LENGTH_MAX} characters")
    if len(body) > BODY_LENGTH_MAX // 10:
        raise InvalidParameter("body", f"at most {BODY_LENGTH_MAX // 10} characters")
    for name, text in (("subject", subject), ("body", body)):
        unknown = [word for word in placeholders_in(text) if word not in TEXT_PLACEHOLDERS[kind]]
        if unknown:
            raise InvalidParameter(name, "there is no {" + unknown[0] + "} in this mail")


def own_service(*, account: AccountConfig, options: MailOptions) -> tuple[Carrier, str] | None:
    """Return a carrier to the account's own mail service and the address its mails come from; None without one. Queries: 1."""
    row = MailSettings.objects.filter(account_id=account.id).exclude(smtp_host="").first()
    if row is None:
        return None
    sealed, password = row.smtp_password_encrypted, ""
    if sealed is not None:
        with suppress(SecretUnreadable):  # under another installation key: the service then says what it thinks of no password
            password = decrypt(bytes(sealed), owner=_owner(account)).decode()
    address = SmtpAddress(
        host=row.smtp_host,
        port=row.smtp_port or SECURITIES[row.smtp_security],
        user=row.smtp_user,
        password=password,
        uses_tls=row.smtp_security == "tls",
        is_plain=row.smtp_security == "none",
    )
    return SmtpCarrier(address, is_public_only=not options.allows_private_services), row.sender


def queue_test(*, account: AccountConfig, recipient: str, subject: str, body: str, at: datetime) -> None:
    """
    Put a mail into the outbox that is tried once; ``list_attempts`` tells what became of it, word for word.

    Queries: 2. Raises: InvalidParameter("recipient"), RateLimited beyond ten in an hour.
    """
    if not is_address(recipient):
        raise InvalidParameter("recipient", "one e-mail address is expected")
    hour = OutboxMessage.objects.filter(account_id=account.id, kind="test", created_at__gt=at - timedelta(hours=1))
    if hour.count() >= TESTS_PER_HOUR_MAX:
        raise RateLimited(retry_after_seconds=3600)
    OutboxMessage.objects.create(
        account_id=account.id, kind="test", recipient=recipient, subject=one_line(subject), body=plain_body(body),
        created_at=at, next_attempt_at=at,
    )  # fmt: skip


def list_attempts(*, account: AccountConfig, kind: str = "", failed: bool = False, limit: int = 5) -> tuple[Attempt, ...]:
    """Return the last mails, newest first; of one ``kind``, or only those that were given up (``failed``). Queries: 1."""
    rows = OutboxMessage.objects.filter(account_id=account.id)
    if kind:
        rows = rows.filter(kind=kind)
    if failed:
        rows = rows.filter(abandoned_at__isnull=False).exclude(kind__in=("test", *TEXT_KINDS))
    return tuple(
        Attempt(row.kind, row.recipient, row.created_at, row.sent_at, row.abandoned_at, row.last_error)
        for row in rows.order_by("-id")[:limit]
    )


def sample_mail(*, account: AccountConfig, kind: str, subject: str, body: str) -> Mail:
    """Return what a text would look like, filled in with the data of somebody who does not exist. Pure."""
    values = sample_values(account)
    named = {name: values[name] for name in TEXT_PLACEHOLDERS[kind]}
    sender = one_line(values["business"], 80)
    return Mail("ann@example.org", one_line(filled(subject, named)), plain_body(filled(body, named)), sender)


def sample_values(account: AccountConfig) -> dict[str, str]:
    """Return the data of somebody who does not exist, by placeholder. Pure."""
    money = f"{account.currency.text(995)} {account.currency.code}"
    return {
        "business": account.profile["biz_name"] or account.code, "campaign": "Coffee club", "first_name": "Ann",
        "last_name": "Lee", "name": "Ann Lee", "card_number": "4006381333931", "username": "ann", "date": "2026-11-25 09:30",
        "description": "Coffee club", "amount": "49 points", "purchase": money, "balance": "149 points",
        "rewards": "You can choose from:\n- Free coffee (100)\n",
        "balances": "Coffee club: 149 points\n- Free coffee (100)",
    }  # fmt: skip


def _owner(account: AccountConfig) -> str:
    return f"account:{account.id}:smtp_password"


def _save(account: AccountConfig, at: datetime, **changes: object) -> None:
    MailSettings.objects.update_or_create(account_id=account.id, defaults={**changes, "changed_at": at})
