# SPDX-License-Identifier: Apache-2.0
"""
What is told, how it is signed, when it is tried again, and which addresses may be told anything. Pure.

Signatures, headers and retries are those of the Standard Webhooks specification 1.0.0 (spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from regulars.errors import InvalidParameter, MissingParameter
from regulars.kit.public_hosts import is_public

KINDS = (
    "transaction.recorded", "transaction.redeemed", "transaction.reversed", "transaction.deleted",
    "customer.created", "customer.updated", "customer.deleted",
)  # fmt: skip
"""The events that an endpoint may be told of."""
TEST = "webhook.test"
"""Sent by hand, to whichever endpoint."""
OFF_REASONS = ("failing", "gone")

ENDPOINTS_MAX = 20
"""For one account."""
TESTS_PER_HOUR_MAX = 30
OVERLAP_SECONDS_MAX = 7 * 86_400
REPLAY_MAX = timedelta(days=30)
"""How far back events can be sent again from the books."""
KEPT_DAYS = 30
"""How long deliveries are kept unless REGULARS_WEBHOOKS_DAYS says otherwise."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - in front of every one
SECRET_BYTES = 32

RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600)
)
"""How long to wait after the first, second ... failure: the specification's own schedule, 75 hours in all."""
ATTEMPTS_MAX = len(RETRIES) + 1
JITTER_PERCENT = 20
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
"""How long an endpoint is left alone after a failure: doubled with each, whatever event it is."""
RETRY_AFTER_MAX = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(days=3)
"""Without a success since the first failure: then the endpoint is switched off."""

ANSWER_LENGTH_MAX = 500
URL_LENGTH_MAX = 500
_URL_TEXT = re.compile(r"[!-~]+")  # printable ASCII without spaces


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one attempt. ``status`` None = there was no answer, and ``answer`` says why.

    Units: ``milliseconds`` it took; ``retry_after_seconds`` as the receiver asked for, None = it did not.
    """

    delivery_id: int
    status: int | None
    answer: str
    milliseconds: int
    retry_after_seconds: int | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == 410


def written_secret(raw: bytes) -> str:
    """Return a secret as receivers keep it."""
    return SECRET_PREFIX + base64.b64encode(raw).decode()


def signature(secret: str, *, event_id: str, timestamp: int, payload: bytes) -> str:
    """
    Return one signature of a delivery: ``v1,`` and the HMAC-SHA256 of ``id.timestamp.payload``, in Base64.

    Units: timestamp in seconds since 1970. Raises: ValueError for what is no secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("it is no secret of a webhook") from error
    signed = f"{event_id}.{timestamp}.".encode() + payload
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def headers(*, event_id: str, timestamp: int, payload: bytes, secrets: Sequence[str], agent: str) -> Mapping[str, str]:
    """Return a delivery's headers, signed with each of ``secrets``: the current one and, while it is valid, the one before."""
    signed = " ".join(signature(one, event_id=event_id, timestamp=timestamp, payload=payload) for one in secrets)
    return {
        "content-type": "application/json",
        "user-agent": agent,
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signed,
    }


def retry_after(attempt_count: int, *, chance_percent: int, asked: timedelta | None = None) -> timedelta | None:
    """
    Return how long to wait after the n-th attempt (1, 2, ...) failed; None = it was the last.

    ``chance_percent``: 0 to 100, from less to more than the schedule says, so that receivers are not all called at once.
    ``asked``: what the receiver asked for, which is never shortened, up to a day.
    """
    if attempt_count >= ATTEMPTS_MAX:
        return None
    planned = RETRIES[max(attempt_count, 1) - 1] * (100 - JITTER_PERCENT + chance_percent * 2 * JITTER_PERCENT // 100) // 100
    return max(planned, min(asked or timedelta(), RETRY_AFTER_MAX))


def rest_after(failure_count: int, *, asked: timedelta | None = None) -> timedelta:
    """Return how long an endpoint is left alone after its n-th failure in a row (1, 2, ...)."""
    doubled = FIRST_REST * (1 << min(max(failure_count, 1) - 1, 16))
    return min(max(doubled, asked or timedelta()), LONGEST_REST)


def read_retry_after(text: str) -> int | None:
    """Return the seconds of a Retry-After header; None where there are none. Dates are not read: clocks differ."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def check_url(url: str, *, allows_private: bool) -> str:
    """
    Return an endpoint's address. ``allows_private``: the operator lets accounts name hosts of his own networks, and http.

    Names are looked at when they are connected to (kit/public_hosts.py): what they stand for may change.
    Raises: MissingParameter, InvalidParameter naming url.
    """
    url = url.strip()
    if not url:
        raise MissingParameter("url")
    if len(url) > URL_LENGTH_MAX:
        raise InvalidParameter("url", f"at most {URL_LENGTH_MAX} characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not _URL_TEXT.fullmatch(url) or not host or port == 0:
        raise InvalidParameter("url", "an address such as https://shop.example.com/webhooks")
    if parts.scheme != "https" and not (allows_private and parts.scheme == "http"):
        raise InvalidParameter("url", "it must begin with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidParameter("url", "without a user, a password and a part behind #")
    if not allows_private and _is_inside(host):
        raise InvalidParameter("url", "it must be reachable from the internet")
    return url


def _is_inside(host: str) -> bool:
    """Whether a host is one of a network of somebody's own, as far as its name says."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith((".localhost", ".local", ".internal"))
    return not is_public(host)


def check_kinds(kinds: Sequence[str]) -> list[str]:
    """Return the chosen events in their order. Raises: MissingParameter, InvalidParameter naming kinds."""
    if not kinds:
        raise MissingParameter("kinds")
    if not set(kinds) <= set(KINDS):
        raise InvalidParameter("kinds", "there is no such event")
    return [kind for kind in KINDS if kind in kinds]


def shown_answer(body: bytes) -> str:
    """Return the beginning of an answer as text that can be kept and shown: no control characters."""
    text = body.decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter for letter in text)
    return " ".join(kept.split())[:ANSWER_LENGTH_MAX]


def kept_days(raw: str) -> int:
    """
    Return for how many days deliveries are kept, as REGULARS_WEBHOOKS_DAYS says; "" = KEPT_DAYS.

    Raises: ValueError with a sentence for whoever set it.
    """
    if not raw:
        return KEPT_DAYS
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 4) or not 1 <= int(raw) <= 3650:
        raise ValueError("REGULARS_WEBHOOKS_DAYS must be a whole number of days from 1 to 3650")
    return int(raw)
