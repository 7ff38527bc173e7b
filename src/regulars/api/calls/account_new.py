# SPDX-License-Identifier: Apache-2.0
"""account_new: an agency, or the platform owner, opens an account for a client (our extension, api.md 4, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.api.calls.account_update import country, currency
from regulars.api.calls.user_kinds import language, time_zone
from regulars.protocol.kinds import choice, email, new_password, phone, small_id, text, user_code
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.agencies import open_account

WIRE_NAMES = {
    "code": "new_account_id", "account_id": "new_account_id", "password": "new_account_password", "currency": "symbol_selector",
}  # fmt: skip
PROFILE = (
    "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "industry", "contact_first_name", "contact_last_name",
    "contact_phone", "client_email", "referrer_name",
)  # fmt: skip
"""Parameters that are called as the column they fill."""


@dataclass(frozen=True, slots=True)
class Params:
    new_account_id: str = param(
        user_code(), required=True, note="the account's id and its owner's user id: 5 to 20 letters, digits or _; for good"
    )
    biz_name: str = param(text(80), required=True, note="the client's name, shown in receipts")
    agency: int | None = param(
        small_id(), note="the agency it is under: to an agency its own; absent, the platform owner's account is under none"
    )
    new_account_password: str | None = param(new_password(), note="its owner's login password; absent: none yet")
    client_email: str = param(email(), default="", note="the client's and its owner's address")
    contact_first_name: str = param(text(60), default="", note="of the owner")
    contact_last_name: str = param(text(60), default="", note="of the owner")
    contact_phone: str = param(phone(), default="", note="of the client")
    biz_address1: str = param(text(80), default="", note="street")
    biz_address2: str = param(text(80), default="", note="second line of the address")
    biz_city: str = param(text(60), default="", note="town")
    biz_state: str = param(text(60), default="", note="state or province")
    biz_zip: str = param(text(20), default="", note="postal code")
    biz_country: str = param(country(), default="", note="the country the business is in")
    industry: str = param(text(80), default="", note="what it does")
    referrer_name: str = param(text(80), default="", note="who recommended us")
    language_selector: str | None = param(language(), note="absent: as the account copied from, else as the one that asks")
    symbol_selector: str | None = param(
        currency(), note="absent: as the account copied from, from which it cannot differ, else as the one that asks"
    )
    timezone_selector: str | None = param(time_zone(), note="absent: as the account copied from, else as the one that asks")
    activate: str | None = param(
        choice("Y", "Yes", error_text="Activate parameter missing or incorrect."),
        note="Y: active at once; absent: on trial, with at most ten customers",
    )
    copy_from: str | None = param(user_code(), note="id of an account under the same agency whose settings it gets")


def handle(ctx: Context, params: Params) -> Element:
    """
    Open an account with its owner and answer ``account{...account_info, state, agency, user_id, user_api_key}``.

    For users of an agency's own account, whose clients are under the agency, and of the platform owner's. ``copy_from`` copies
    data fields, campaigns, rewards, promotions, items, depreciations and fees; not users, customers, balances, modules,
    places on the map, or the passwords of mail and text services. The key is the owner's.
    """
    with wire_names(WIRE_NAMES):
        opened = open_account(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            code=params.new_account_id,
            biz_name=params.biz_name,
            agency_id=params.agency,
            password=params.new_account_password or "",
            currency=params.symbol_selector,
            timezone=params.timezone_selector,
            language=params.language_selector,
            country=params.biz_country,
            is_active=params.activate is not None,
            copy_from=params.copy_from,
            profile={name: value for name in PROFILE if (value := getattr(params, name))},
        )
    account = opened.account
    return success(
        record(
            "account",
            *account_members(account),
            leaf("state", account.state),
            leaf("agency", account.agency[0]) if account.agency else None,
            leaf("user_id", opened.owner.code),
            leaf("user_api_key", opened.token),
        )
    )


CALL = Call(
    type="account_new",
    handle=handle,
    params=Params,
    permission="manage_accounts",
    offices=("agency", "platform"),
    summary="Create New Account",
    errors=("agency_token_missing", "agency_not_found", "account_not_of_agency", "user_id_taken"),
    writes=True,
    is_sealed=True,
    source="api.md 13",
)
