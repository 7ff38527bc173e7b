# SPDX-License-Identifier: Apache-2.0
"""
Remembered browsers: with its cookie, a browser in which a second factor was given is not asked for it again for 30 days.

The cookie is the password's companion, not its stand-in: without the password it opens nothing. It ends with a new password,
with the second factor, and when the account remembers browsers no more.
"""

from __future__ import annotations

import hmac
import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.kit.ids import RANDOM, random_token
from regulars.kit.secret import keyed_digest
from regulars.users.models import Device
from regulars.users.sessions import NOWHERE, Browser

DEVICE_SECONDS = 30 * 24 * 3600
DEVICES_MAX = 20
"""Of one user: beyond them the one that was used longest ago is forgotten."""
SEAL_HEX = 32
_COOKIE = re.compile(r"[0-9a-f]{40}\.[0-9a-f]{32}", re.ASCII)


class DeviceNotFound(NotFound):
    """The user has no such remembered browser, or it was forgotten meanwhile."""

    code = "device_not_found"
    text = "device is not valid: it is not remembered"


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One remembered browser as its user sees it."""

    id: int
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    browser: Browser


def remember_device(
    *, account: AccountConfig, user: UserConfig, at: datetime, browser: Browser = NOWHERE, rng: random.Random = RANDOM
) -> str:
    """
    Remember a browser for DEVICE_SECONDS and return the cookie that it must bring; "" where the account remembers none.

    Queries: 3.
    """
    if not account.remembers_devices:
        return ""
    secret = random_token(rng)
    own = Device.objects.filter(account_id=account.id, user_id=user.id)
    own.filter(expires_at__lte=at).delete()
    kept = own.order_by("-used_at", "-id").values_list("id", flat=True)[: DEVICES_MAX - 1]
    own.exclude(id__in=list(kept)).delete()
    Device.objects.create(
        account_id=account.id, user_id=user.id, digest=sha256(secret.encode()).digest(), created_at=at, used_at=at,
        expires_at=at + timedelta(seconds=DEVICE_SECONDS), address=browser.address[:50], browser=browser.name[:30],
        system=browser.system[:30],
    )  # fmt: skip
    return f"{secret}.{_seal(account, user, secret)}"


def recognise_device(*, account: AccountConfig, user: UserConfig, at: datetime, cookie: str) -> bool:
    """
    Whether a cookie is that of a browser remembered for this user, and note that it was used. A forged one costs no query.

    Queries: 0 or 1.
    """
    if not account.remembers_devices or not _COOKIE.fullmatch(cookie):
        return False
    secret, _, seal = cookie.partition(".")
    if not hmac.compare_digest(seal, _seal(account, user, secret)):
        return False
    known = Device.objects.filter(
        account_id=account.id, user_id=user.id, digest=sha256(secret.encode()).digest(), expires_at__gt=at
    )
    return bool(known.update(used_at=at))


def list_devices(*, account: AccountConfig, user: UserConfig, at: datetime) -> tuple[DeviceRow, ...]:
    """Return a user's remembered browsers, the one used last first. Queries: 1; 0 where the account remembers none."""
    if not account.remembers_devices:
        return ()
    rows = Device.objects.filter(account_id=account.id, user_id=user.id, expires_at__gt=at).order_by("-used_at", "-id")
    return tuple(
        DeviceRow(each.id, each.created_at, each.used_at, each.expires_at, Browser(each.address, each.browser, each.system))
        for each in rows
    )


def forget_device(*, account: AccountConfig, user: UserConfig, device_id: int) -> None:
    """Forget one of a user's browsers. Queries: 1. Raises: DeviceNotFound, also for another user's."""
    if not Device.objects.filter(account_id=account.id, user_id=user.id, id=device_id).delete()[0]:
        raise DeviceNotFound(fields=("device",))


def forget_devices(*, account: AccountConfig, user_id: int | None = None) -> int:
    """Forget all browsers of a user, or of the account; return how many. Queries: 1."""
    rows = Device.objects.filter(account_id=account.id)
    return (rows if user_id is None else rows.filter(user_id=user_id)).delete()[0]


def _seal(account: AccountConfig, user: UserConfig, secret: str) -> str:
    return keyed_digest(f"{account.id}:{user.id}:{secret}".encode(), purpose="device").hex()[:SEAL_HEX]
