# SPDX-License-Identifier: Apache-2.0
"""agency_new: the platform owner makes an agency with an account of its own (our extension, api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.account_update import currency
from regulars.api.calls.user_kinds import language, time_zone
from regulars.protocol.kinds import email, new_password, text, user_code
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.agencies import open_agency

WIRE_NAMES = {"code": "new_account_id", "account_id": "new_account_id", "password": "new_account_password"}


@dataclass(frozen=True, slots=True)
class Params:
    agency_name: str = param(text(80), required=True, note="shown in the receipts of its clients")
    agency_email: str = param(email(), required=True, note="the contact of its clients, also in receipts")
    new_account_id: str = param(
        user_code(), required=True, note="of the agency's own account, and its owner's user id: 5 to 20 letters, digits or _"
    )
    new_account_password: str | None = param(new_password(), note="its owner's login password; absent: none yet")
    language_selector: str | None = param(language(), note="of the agency's account; absent: as the account that asks")
    symbol_selector: str | None = param(currency(), note="of the agency's account; absent: as the account that asks")
    timezone_selector: str | None = param(time_zone(), note="of the agency's account; absent: as the account that asks")


def handle(ctx: Context, params: Params) -> Element:
    """
    Make an agency and answer ``agency{id, name, email, account_id, user_id, user_api_key}``.

    For users of the platform owner's account. The agency's own account comes with it: the key is its owner's, and with it the
    agency opens and lists its clients' accounts (account_new, account_list). More people of the agency are added as users of
    that account (user_new).
    """
    account = ctx.account
    with wire_names(WIRE_NAMES):
        made = open_agency(
            account=account,
            by=ctx.user,
            at=ctx.at,
            name=params.agency_name,
            email=params.agency_email,
            code=params.new_account_id,
            password=params.new_account_password or "",
            currency=params.symbol_selector or account.currency.code,
            timezone=params.timezone_selector or account.timezone,
            language=params.language_selector or account.language,
        )
    return success(
        record(
            "agency",
            leaf("id", made.agency_id),
            leaf("name", made.name),
            leaf("email", made.email),
            leaf("account_id", made.opened.account.code),
            leaf("user_id", made.opened.owner.code),
            leaf("user_api_key", made.opened.token),
        )
    )


CALL = Call(
    type="agency_new",
    handle=handle,
    params=Params,
    permission="manage_agencies",
    offices=("platform",),
    summary="Create New Agency",
    errors=("agency_token_missing", "user_id_taken"),
    writes=True,
    is_sealed=True,
    source="api.md 13",
)
