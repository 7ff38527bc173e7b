# SPDX-License-Identifier: Apache-2.0
"""agency_list: the agencies, searched, sorted and paged (our extension, api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.queries import AgencyRow, list_agencies
from regulars.api.call import Call, Context
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.api.calls.standing_element import stamp_text
from regulars.kit.listing import Columns, page
from regulars.protocol.tree import Element, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    pass


COLUMNS: Columns[AgencyRow] = {
    "id": lambda agency: agency.id,
    "name": lambda agency: agency.name,
    "email": lambda agency: agency.email,
    "account_id": lambda agency: agency.account_code,
    "accounts": lambda agency: agency.account_count,
    "created": lambda agency: agency.created_at.isoformat(),
}


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``agencies/agency{id, name, email, account_id, accounts, created}`` and ``pagination``, in the order they were made.

    The platform owner's users see all, an agency's users their own. ``account_id`` is the agency's own account, ``accounts``
    how many clients it has. An empty list is no error.
    """
    found = page(list_agencies(account=ctx.account), COLUMNS, read_search(params, COLUMNS))
    return success(
        items(
            "agencies",
            (
                record(
                    "agency",
                    leaf("id", each.id),
                    leaf("name", each.name),
                    leaf("email", each.email),
                    leaf("account_id", each.account_code),
                    leaf("accounts", each.account_count),
                    leaf("created", stamp_text(ctx.account, each.created_at)),
                )
                for each in found.rows
            ),
        ),
        pagination(found),
    )


CALL = Call(
    type="agency_list",
    handle=handle,
    params=Params,
    permission="list_agencies",
    offices=("agency", "platform"),
    summary="Agencies List",
    errors=("agency_token_missing",),
    source="api.md 13",
)
