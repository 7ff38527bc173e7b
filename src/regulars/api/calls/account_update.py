# SPDX-License-Identifier: Apache-2.0
"""account_update: changes what an account says of itself (api.md 4)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import parse_country, parse_currency
from regulars.accounts.queries import get_account_config
from regulars.accounts.rules import CALLS_PER_MINUTE_MAX, REQUEST_LOG_DAYS_MAX, UNKNOWN_CARDS_MAX
from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.api.calls.user_kinds import language, time_zone
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import choice, email, flag, integer, new_password, phone, small_id, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element, record, success
from regulars.transactions.account_profile import change_account

BLANK = "blank: taken away"
COUNT_MAX = 9_999_999
WIRE_NAMES = {"currency": "symbol_selector", "owner_password": "new_account_password"}


def country() -> Kind[str]:
    """A country, in the form given."""
    return Kind(
        lambda name, raw, _: parse_country(raw, name=name),
        "a country's code of ISO 3166 (NZ) or its English name (New Zealand)",
    )


def currency() -> Kind[str]:
    """A currency's code."""
    return Kind(lambda name, raw, _: parse_currency(raw, name=name).code, "a currency's code of ISO 4217, such as USD")


@dataclass(frozen=True, slots=True)
class Params:
    agency: int | None = param(small_id(), note="the agency the account is under; an account is not moved by this call")
    contact_email: str | None = param(
        email(), note="the agency's address; without an agency, another name for client_email, as in account_info"
    )
    contact_first_name: str | None = param(text(60), keeps_blank=True, note=BLANK)
    contact_last_name: str | None = param(text(60), keeps_blank=True, note=BLANK)
    contact_phone: str | None = param(phone(), keeps_blank=True, note=BLANK)
    client_email: str | None = param(email(), keeps_blank=True, note=f"the business's own; {BLANK}")
    biz_name: str | None = param(text(80), note="blank: unchanged")
    biz_address1: str | None = param(text(80), keeps_blank=True, note=BLANK)
    biz_address2: str | None = param(text(80), keeps_blank=True, note=BLANK)
    biz_city: str | None = param(text(60), keeps_blank=True, note=BLANK)
    biz_state: str | None = param(text(60), keeps_blank=True, note=BLANK)
    biz_zip: str | None = param(text(20), keeps_blank=True, note=BLANK)
    biz_country: str | None = param(country(), keeps_blank=True, note=BLANK)
    biz_locations: int | str | None = param(integer(0, COUNT_MAX), keeps_blank=True, note=BLANK)
    biz_online: bool | None = param(flag(), note="whether it sells on the Internet")
    biz_employees: int | str | None = param(
        integer(0, COUNT_MAX),
        keeps_blank=True,
        wire="biz_empoloyees",
        aliases=("biz_employees",),
        note=f"also biz_employees; {BLANK}",
    )
    industry: str | None = param(text(80), keeps_blank=True, note=BLANK)
    referrer_name: str | None = param(text(80), keeps_blank=True, note=BLANK)
    new_account_password: str | None = param(
        new_password(), aliases=("account_password",), note="the owner's login password; only he may change it"
    )
    language_selector: str | None = param(language(), note="the language of the panel and of mails")
    symbol_selector: str | None = param(currency(), note="cannot change once money was recorded")
    timezone_selector: str | None = param(time_zone(), note="days begin and end in it")
    activate: str | None = param(
        choice("Y", "Yes", error_text="Activate parameter missing or incorrect."), note="Y: takes the account out of trial"
    )
    mailchimp_username: str | None = param(text(80), keeps_blank=True, note=BLANK)
    mailchimp_password: str | None = param(text(128), keeps_blank=True, note=f"kept encrypted; {BLANK}")
    sms_username: str | None = param(text(80), keeps_blank=True, note=BLANK)
    sms_password: str | None = param(text(128), keeps_blank=True, note=f"kept encrypted; {BLANK}")
    request_log_days: int | None = param(
        integer(0, REQUEST_LOG_DAYS_MAX), note="extension: how long requests are kept in the request log; 0: they are not"
    )
    calls_per_minute: int | str | None = param(
        integer(1, CALLS_PER_MINUTE_MAX), keeps_blank=True, note="extension: of each user; blank: as the installation says"
    )
    unknown_cards_per_minute: int | None = param(
        integer(0, UNKNOWN_CARDS_MAX),
        note="extension: how many cards that do not exist a user may ask for, ten times as many at once; 0: no limit",
    )


AS_SENT = (
    "contact_first_name", "contact_last_name", "contact_phone", "biz_name", "biz_address1", "biz_address2", "biz_city",
    "biz_state", "biz_zip", "biz_country", "biz_locations", "biz_employees", "industry", "referrer_name", "mailchimp_username",
    "mailchimp_password", "sms_username", "sms_password", "request_log_days", "calls_per_minute", "unknown_cards_per_minute",
)  # fmt: skip
"""Parameters that are called as what they change."""


def handle(ctx: Context, params: Params) -> Element:
    """
    Change what is given and answer as account_info. ``account_id`` never changes.

    Queries: 3, with a new currency or password up to 6.
    Raises:  PermissionDenied, InvalidParameter.
    """
    profile = {name: str(value) for name in AS_SENT if (value := getattr(params, name)) is not None}
    own_email = _own_email(ctx.account, params)
    if own_email is not None:
        profile["client_email"] = own_email
    if params.biz_online is not None:
        profile["biz_online"] = "Y" if params.biz_online else "N"
    if params.language_selector is not None:
        profile["language"] = params.language_selector
    if params.timezone_selector is not None:
        profile["timezone"] = params.timezone_selector
    with wire_names(WIRE_NAMES):
        change_account(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            profile=profile,
            currency=params.symbol_selector,
            activate=params.activate is not None,
            owner_password=params.new_account_password,
        )
    return success(record("account", *account_members(get_account_config(ctx.account.id))))


def _own_email(account: AccountConfig, params: Params) -> str | None:
    """Return the business's new address. Raises InvalidParameter for what is the agency's to change."""
    if params.agency is not None and (account.agency is None or account.agency[0] != params.agency):
        raise InvalidParameter("agency", "the account is not under this agency")
    if account.agency is None:
        return params.contact_email if params.client_email is None else params.client_email
    if params.contact_email is not None and params.contact_email != account.agency[2]:
        raise InvalidParameter("contact_email", "it is the agency's, the account's own is client_email")
    return params.client_email


CALL = Call(
    type="account_update",
    handle=handle,
    params=Params,
    permission="edit_account_info",
    summary="Update Account Information",
    writes=True,
    source="api.md 4",
)
