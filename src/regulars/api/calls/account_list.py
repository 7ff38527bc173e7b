# SPDX-License-Identifier: Apache-2.0
"""account_list: an agency's clients, or all of the platform's, searched, sorted and paged (our extension, api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.localisation import language_code, time_zone_number
from regulars.accounts.queries import AccountRow, list_accounts_under
from regulars.api.call import Call, Context
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.api.calls.standing_element import stamp_text
from regulars.kit.listing import Columns, page
from regulars.protocol.tree import Element, filled, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    pass


COLUMNS: Columns[AccountRow] = {
    "account_id": lambda row: row.code,
    "biz_name": lambda row: row.biz_name,
    "biz_city": lambda row: row.biz_city,
    "biz_country": lambda row: row.biz_country,
    "state": lambda row: row.state,
    "agency": lambda row: row.agency_id,
    "client_email": lambda row: row.client_email,
    "contact_first_name": lambda row: row.contact_first_name,
    "contact_last_name": lambda row: row.contact_last_name,
    "contact_phone": lambda row: row.contact_phone,
    "language": lambda row: language_code(row.language),
    "symbol": lambda row: row.currency,
    "timezone": lambda row: time_zone_number(row.timezone),
    "created": lambda row: row.created_at.isoformat(),
}
"""What accounts can be searched and sorted by."""


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``accounts/account{account_id, biz_name, biz_city, biz_country, contact_*, client_email, language, symbol, timezone,
    state, agency, created}`` and ``pagination``, in the order they were opened.

    An agency's users see the accounts under their agency, the platform owner's all; never the own accounts of agencies.
    ``state`` is trial, active or suspended; ``agency`` the agency's id, left out where there is none. An empty list is no
    error.
    """
    rows = [row for row in list_accounts_under(account=ctx.account) if row.kind == "business"]
    found = page(rows, COLUMNS, read_search(params, COLUMNS))
    return success(items("accounts", (account_row(ctx, row) for row in found.rows)), pagination(found))


def account_row(ctx: Context, row: AccountRow) -> Element:
    """Return an account as those see it who answer for it."""
    return record(
        "account",
        leaf("account_id", row.code),
        leaf("biz_name", row.biz_name),
        leaf("biz_city", row.biz_city),
        leaf("biz_country", row.biz_country),
        leaf("contact_first_name", row.contact_first_name),
        leaf("contact_last_name", row.contact_last_name),
        leaf("contact_phone", row.contact_phone),
        leaf("client_email", row.client_email),
        leaf("language", language_code(row.language)),
        leaf("symbol", row.currency),
        leaf("timezone", time_zone_number(row.timezone)),
        leaf("state", row.state),
        filled("agency", row.agency_id),
        leaf("created", stamp_text(ctx.account, row.created_at)),
    )


CALL = Call(
    type="account_list",
    handle=handle,
    params=Params,
    permission="list_accounts",
    offices=("agency", "platform"),
    summary="Accounts List",
    errors=("agency_token_missing",),
    source="api.md 13",
)
