# SPDX-License-Identifier: Apache-2.0
"""How a mail leaves: by SMTP, or into a Maildir directory where developers and tests read it."""

from __future__ import annotations

import mailbox
import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from regulars.kit.addresses import is_address
from regulars.kit.public_hosts import addresses_of
from regulars.messages.rules import Mail

TIMEOUT_SECONDS = 30.0
SENDER_DEFAULT = "no-reply@localhost"


class Undeliverable(Exception):
    """This mail will never be taken; trying again is of no use."""


class CarrierUnavailable(Exception):
    """The mail service can not take it now; try again later."""


class Carrier(Protocol):
    """Something that takes mails. Used by one thread; ``close`` at the end of a batch."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand one mail over. Raises: Undeliverable, CarrierUnavailable."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where the mail service is. ``uses_tls``: implicit TLS (smtps); else STARTTLS, required unless ``is_plain``."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    uses_tls: bool = False
    is_plain: bool = False


def smtp_address(url: str) -> SmtpAddress:
    """
    Read REGULARS_SMTP_URL: ``smtps://user:password@host``, ``smtp://host:587`` (STARTTLS), ``smtp://localhost:25?tls=no``.

    Raises ValueError that names the variable, never the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("REGULARS_SMTP_URL must begin with smtp:// or smtps:// and name a host")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("REGULARS_SMTP_URL: the port is not a number") from None
    tls = parse_qs(parts.query).get("tls", ["yes"])[-1]
    if tls not in ("yes", "no"):
        raise ValueError("REGULARS_SMTP_URL: tls must be yes or no")
    is_plain = tls == "no"
    if is_plain and parts.password:
        raise ValueError("REGULARS_SMTP_URL: a password is not sent without TLS")
    return SmtpAddress(
        host=parts.hostname,
        port=port or (465 if parts.scheme == "smtps" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        uses_tls=parts.scheme == "smtps",
        is_plain=is_plain,
    )


class _PublicSmtp(smtplib.SMTP):
    """Connects to what was looked at, and only if it is public: an account names the host."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return super()._get_socket(addresses_of(host, port)[0], port, timeout)  # type: ignore[misc]


class _PublicSmtpTls(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        # The certificate is still held against the name (smtplib keeps it aside).
        return super()._get_socket(addresses_of(host, port)[0], port, timeout)  # type: ignore[misc]


class SmtpCarrier:
    """
    One SMTP connection, opened with the first mail and kept for the batch. ``is_public_only``: only to public addresses.
    """

    def __init__(self, address: SmtpAddress, *, is_public_only: bool = False) -> None:
        self._address = address
        self._plain: type[smtplib.SMTP] = _PublicSmtp if is_public_only else smtplib.SMTP
        self._tls: type[smtplib.SMTP_SSL] = _PublicSmtpTls if is_public_only else smtplib.SMTP_SSL
        self._server: smtplib.SMTP | None = None

    def deliver(self, message: EmailMessage) -> None:
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            refused_for_good = all(500 <= code < 600 for code, _ in error.recipients.values())
            raise (Undeliverable if refused_for_good else CarrierUnavailable)(_short(error)) from error
        except smtplib.SMTPDataError as error:
            self.close()
            raise (Undeliverable if error.smtp_code >= 500 else CarrierUnavailable)(_short(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Undeliverable(_short(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise CarrierUnavailable(_short(error)) from error

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        address = self._address
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if address.uses_tls:
            server = self._tls(address.host, address.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = self._plain(address.host, address.port, timeout=TIMEOUT_SECONDS)
            if not address.is_plain:
                server.starttls(context=context)
        if address.user:
            server.login(address.user, address.password)
        self._server = server
        return server

    def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


class DirectoryCarrier:
    """Appends each mail to a Maildir, for development and tests."""

    def __init__(self, directory: Path) -> None:
        self._maildir = mailbox.Maildir(directory, create=True)

    def deliver(self, message: EmailMessage) -> None:
        try:
            self._maildir.add(message.as_bytes())
        except OSError as error:
            raise CarrierUnavailable(_short(error)) from error

    def close(self) -> None:
        self._maildir.close()


@dataclass(frozen=True, slots=True)
class MailOptions:
    """
    How this installation sends mail. ``sender``: the address all mails come from; the shop's own address is the Reply-To.
    """

    smtp: SmtpAddress | None = None
    directory: Path | None = None
    sender: str = SENDER_DEFAULT
    allows_private_services: bool = False
    """REGULARS_SMTP_PRIVATE=yes: accounts' own mail services may be in private networks."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> MailOptions:
        """Read REGULARS_SMTP_URL or _MAIL_DIR, REGULARS_MAIL_FROM, _SMTP_PRIVATE. Raises ValueError naming the variable."""
        env = os.environ if environment is None else environment
        url, directory = env.get("REGULARS_SMTP_URL", ""), env.get("REGULARS_MAIL_DIR", "")
        if url and directory:
            raise ValueError("REGULARS_SMTP_URL and REGULARS_MAIL_DIR exclude each other")
        sender = env.get("REGULARS_MAIL_FROM", "") or SENDER_DEFAULT
        if not is_address(sender):
            raise ValueError("REGULARS_MAIL_FROM must be one e-mail address")
        private = env.get("REGULARS_SMTP_PRIVATE", "") or "no"
        if private not in ("yes", "no"):
            raise ValueError("REGULARS_SMTP_PRIVATE must be yes or no")
        return cls(
            smtp_address(url) if url else None,
            Path(directory) if directory else None,
            sender,
            allows_private_services=private == "yes",
        )

    def carrier(self) -> Carrier | None:
        """Return a new carrier, or None where this installation sends no mail."""
        if self.smtp is not None:
            return SmtpCarrier(self.smtp)
        return None if self.directory is None else DirectoryCarrier(self.directory)


def compose(mail: Mail, *, sender: str, message_id: str, sent_at: datetime) -> EmailMessage:
    """
    Return a mail as it goes over the wire. ``message_id`` is the same for every attempt, so that a copy is recognised.

    Raises: Undeliverable where the recipient is no address.
    """
    if not is_address(mail.recipient):
        raise Undeliverable("the customer's e-mail address is not valid")
    message = EmailMessage()
    try:
        message["From"] = Address(display_name=mail.sender_name, addr_spec=sender)
        message["To"] = Address(addr_spec=mail.recipient)
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=mail.reply_to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(sent_at)
        message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
    except (ValueError, IndexError) as error:  # the standard library refuses line breaks and broken addresses
        raise Undeliverable(_short(error)) from error
    message.set_content(mail.body)
    return message


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:400]
