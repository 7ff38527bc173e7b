# SPDX-License-Identifier: Apache-2.0
"""
Changing what an account says of itself. Here, above the ledger, because the currency is fixed by what is in the books.

Runs inside the account's unit of work; afterwards the AccountConfig in hand is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import update_account
from regulars.accounts.queries import get_account_config
from regulars.campaigns.models import Campaign
from regulars.coalition.operations import Switched
from regulars.errors import InvalidParameter, PermissionDenied
from regulars.ledger.models import Entry
from regulars.transactions.account_modules import NO_CHANGE, ModuleChange, change_modules
from regulars.users.access import require
from regulars.users.operations import update_user


def change_account(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    profile: Mapping[str, str],
    currency: str | None = None,
    activate: bool = False,
    owner_password: str | None = None,
    modules: ModuleChange = NO_CHANGE,
) -> Switched | None:
    """
    Change an account; what is not in ``profile`` (columns of the account, as text) stays.

    ``owner_password`` is the owner's login password, which he alone may change. ``activate`` takes the account out of trial.
    Returns what moved where ``modules`` switched the coalition; else None.

    Queries: 1 to 4; as change_modules.
    Raises:  PermissionDenied; InvalidParameter, for a currency also where money was recorded; what change_modules raises.
    Source:  api.md 4 account_update.
    """
    require(by, "edit_account_info")
    if activate or not modules.is_empty:
        require(by, "activate_account")
    is_new_currency = currency is not None and currency != account.currency.code
    update_account(
        account=account,
        profile=profile,
        currency=currency,
        state="active" if activate and account.state == "trial" else None,
    )
    # After the update: it waits for the sales under way, and later ones are posted under the new configuration.
    if is_new_currency and has_money(account):
        raise InvalidParameter("currency", f"money was recorded in {account.currency.code} already")
    if owner_password is not None:
        if not by.is_owner:
            raise PermissionDenied(fields=("owner_password",))
        update_user(account=account, by=by, at=at, code=by.code, password=owner_password)
    if modules.is_empty:
        return None
    return change_modules(account=get_account_config(account.id), by=by, at=at, change=modules)


def has_money(account: AccountConfig) -> bool:
    """Whether an amount of money stands in the books, or in a campaign's settings: its currency is fixed then. Queries: 2."""
    if any(campaign.is_money and (campaign.amount_per_event_minor or campaign.fees) for campaign in account.campaigns.values()):
        return True
    of_money = Campaign.objects.filter(account_id=account.id, kind__in=("giftcard", "earned")).values_list("id", flat=True)
    money = Q(purchase_minor__isnull=False) | (Q(campaign_id__in=list(of_money)) & ~Q(kind="activation"))
    return Entry.objects.filter(money, account_id=account.id).exists()
