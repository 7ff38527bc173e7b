# SPDX-License-Identifier: Apache-2.0
"""
What a mail says and when it is tried again. Pure.

A campaign's own text may hold placeholders: a name in braces, replaced by its value. Anything else in braces stays as it is,
so that a text can never fail, and never reach anything but these names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from regulars.kit.addresses import is_address

PLACEHOLDERS = (
    "business", "campaign", "first_name", "last_name", "name", "card_number", "date", "description", "amount", "purchase",
    "balance", "rewards",
)  # fmt: skip
"""What a campaign's mail_subject and mail_body may name, each in braces."""

TEXT_KINDS = ("receipt_text", "test_text")
"""Kinds of messages in the outbox that leave by a text gateway; all others are mails."""
SUBJECT_LENGTH_MAX = 200
BODY_LENGTH_MAX = 100_000
ATTEMPTS_MAX = 10
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
LIFETIME = timedelta(days=3)
"""A mail about a sale is of no use after this; it is abandoned, also where no mail service was set up at all."""
LIFETIMES = {"password_link": timedelta(hours=1), "user_ids": timedelta(hours=1)}
"""Kinds that people wait for; who has waited longer has asked again."""

OWN_SUBJECT = "{business}: {campaign}"
OWN_BODY = """\
Dear {name},

{description}
{amount}

Your balance: {balance}
{rewards}
{business}
"""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, ready to be sent: plain text, each header on one line."""

    recipient: str
    subject: str
    body: str
    sender_name: str
    reply_to: str = ""


def one_line(text: str, length_max: int = SUBJECT_LENGTH_MAX) -> str:
    """Return a text as a header may hold it: no line breaks, no control or formatting characters."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") else letter for letter in text)
    return " ".join(kept.split())[:length_max].strip()


def plain_body(text: str) -> str:
    """Return a text as a body may hold it: lines end in \\n, no other control characters."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in unified if letter in "\n\t" or unicodedata.category(letter) != "Cc")
    return kept[:BODY_LENGTH_MAX].rstrip() + "\n"


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders replaced, once: what a value holds is never read as a placeholder."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), template)


def placeholders_in(template: str) -> list[str]:
    """Return the names that a template has in braces."""
    return _PLACEHOLDER.findall(template)


def written(values: Mapping[str, str], *, recipient: str, reply_to: str = "", subject: str = "", body: str = "") -> Mail:
    """
    Return the mail about a transaction. ``values`` are by placeholder; ``subject`` and ``body`` the campaign's own texts,
    empty = ours.
    """
    return Mail(
        recipient=recipient,
        subject=one_line(filled(subject or OWN_SUBJECT, values)) or one_line(values["business"]),
        body=plain_body(filled(body or OWN_BODY, values)),
        sender_name=one_line(values["business"], 80),
        reply_to=reply_to if is_address(reply_to) else "",
    )


def retry_after(attempt_count: int) -> timedelta:
    """Return how long to wait after the n-th attempt (1, 2, ...) has failed: doubled each time, at most six hours."""
    doublings = min(max(attempt_count, 1) - 1, 16)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
