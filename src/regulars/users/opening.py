# SPDX-License-Identifier: Apache-2.0
"""Opening an account: the account and its owner come into being together."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import allocate_account_id, insert_account
from regulars.accounts.queries import get_account_config
from regulars.kit.db import unit_of_work
from regulars.kit.ids import RANDOM
from regulars.users.operations import insert_user

OWNER_TEXTS = {"contact_first_name": "first_name", "contact_last_name": "last_name", "client_email": "email"}


@dataclass(frozen=True, slots=True)
class CreatedAccount:
    """A new account with its owner and the owner's Security Token."""

    account: AccountConfig
    owner: UserConfig
    token: str


def create_account(
    *,
    code: str,
    biz_name: str,
    at: datetime,
    password: str = "",
    currency: str = "USD",
    timezone: str = "UTC",
    language: str = "en",
    country: str = "",
    state: str = "trial",
    agency_id: int | None = None,
    kind: str = "business",
    is_demo: bool = False,
    rng: random.Random = RANDOM,
    **profile: str,
) -> CreatedAccount:
    """
    Open an account and make its owner, an Administrator whose user id is the account's code.

    ``kind``: business; agency (the agency's own, with its ``agency_id``); platform (ADR-0011).

    The one operation that opens its unit of work itself: the scope is the account that it makes. ``password`` "" = the
    owner cannot sign in to the panel yet. ``profile``: biz_city, contact_first_name and the like, by column name;
    contact_first_name, contact_last_name and client_email are the owner's own too.

    Queries: 8.
    Raises:  InvalidParameter, UserIdTaken.
    Source:  concepts.md 1.
    """
    account_id = allocate_account_id()
    with unit_of_work(account_id):
        insert_account(
            account_id=account_id, code=code, biz_name=biz_name, currency=currency, timezone=timezone, language=language,
            country=country, state=state, profile=profile, agency_id=agency_id, kind=kind, is_demo=is_demo, at=at,
        )  # fmt: skip
        created = insert_user(
            account_id=account_id, code=code, role="A", is_owner=True, password=password, campaigns_access="all",
            allowed_campaign_ids=(), pin="", language=language, timezone=timezone, at=at, rng=rng,
            texts={OWNER_TEXTS[name]: value for name, value in profile.items() if name in OWNER_TEXTS},
        )  # fmt: skip
        account = get_account_config(account_id)
    return CreatedAccount(account=account, owner=account.users[code.lower()], token=created.token)
