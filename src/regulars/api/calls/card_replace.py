# SPDX-License-Identifier: Apache-2.0
"""card_replace: a customer gets a new card, a new code, or both (api.md 7, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.customers.rules import CARD_DIGITS_MAX, CardRequest
from regulars.customers.search import Filters, list_customers, wanted_fields
from regulars.errors import MissingParameter, NoCustomerMatches, SeveralCustomersMatch
from regulars.protocol.kinds import card, choice, customer_code, flag, integer, small_id, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.card_replace import replace_card
from regulars.transactions.merge import get_named

FILTERS = ("first_name", "last_name", "phone", "email", "city", "state", "postal_code", "custom_date")
WIRE_NAMES = {"code": "new_code", "card_number": "new_card_number", "digits": "card_number_generate"}


@dataclass(frozen=True, slots=True)
class Params:
    new_code: str | None = param(customer_code(), note="the code the customer has from now on")
    new_card_number: str | None = param(card(), note="or card_number_generate, or new_code; one at least")
    card_number_generate: int | None = param(integer(1, CARD_DIGITS_MAX), note="make a card number of so many digits")
    previous_code: str | None = param(customer_code(), note="wins over previous_card")
    previous_card: str | None = param(card(), note="without it and previous_code, the data below must match one customer")
    first_name: str = param(text(100), default="", note="without previous_code and previous_card: who it is")
    last_name: str = param(text(100), default="", note="as first_name")
    phone: str = param(text(40), default="", note="as first_name")
    email: str = param(text(254), default="", note="as first_name")
    city: str = param(text(80), default="", note="as first_name")
    state: str = param(text(80), default="", note="as first_name")
    postal_code: str = param(text(20), default="", note="as first_name")
    custom_date: str = param(text(10), default="", note="as first_name; YYYY-MM-DD")
    custom_field: str = param(text(255), default="", note="as first_name")
    customer_username: str = param(text(64), default="", note="as first_name")
    profile_uid: int | None = param(small_id(), note="picks one of several matches: our own number of the customer")
    check_override: bool = param(flag(), default=False, note="Y: a new number that is somebody else's merges the two")
    keep_which: str = param(choice("matched", "duplicate"), default="matched", note="whose profile stays after a merge")


def _find(ctx: Context, params: Params) -> int:
    if params.previous_code is not None or params.previous_card is not None:
        name = "previous_code" if params.previous_code is not None else "previous_card"
        return get_named(account=ctx.account, code=params.previous_code, card_number=params.previous_card, name=name)
    given = {name: value for name in FILTERS if (value := getattr(params, name))}
    if not given and not params.custom_field and not params.customer_username:
        raise MissingParameter("previous_code")
    filters = Filters(
        **given, username=params.customer_username, fields={1: params.custom_field} if params.custom_field else {}
    )
    page = list_customers(account=ctx.account, wanted=wanted_fields(ctx.account, filters, "exact_any_case"))
    rows = [row for row in page.rows if params.profile_uid in (None, row.id)]
    if not rows:
        raise NoCustomerMatches
    if len(rows) > 1:
        raise SeveralCustomersMatch
    return rows[0].id


def handle(ctx: Context, params: Params) -> Element:
    """
    Replace a customer's code, card, or both, and answer with the new numbers and the previous; the old ones stay usable.

    A new number that is somebody else's is refused unless ``check_override=Y``: then the two are merged, ``keep_which`` says
    whose profile stays, and everything both have goes to him. Merging takes the permission to delete customers.
    """
    if params.new_code is None and params.new_card_number is None and params.card_number_generate is None:
        raise MissingParameter("new_card_number")
    with wire_names(WIRE_NAMES):
        replaced = replace_card(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            customer_id=_find(ctx, params),
            code=params.new_code,
            card_number=params.new_card_number,
            card=CardRequest(params.card_number_generate) if params.card_number_generate is not None else None,
            merges=params.check_override,
            keeps_matched=params.keep_which == "matched",
        )
    return success(
        record(
            "customer",
            leaf("code", replaced.customer.code),
            leaf("card_number", replaced.customer.card_number),
            leaf("previous_code", replaced.previous.code),
            leaf("previous_card_number", replaced.previous.card_number),
            status="updated",
        )
    )


CALL = Call(
    type="card_replace",
    handle=handle,
    params=Params,
    permission="edit_customer_card_number",
    summary="Customer Card Replace",
    errors=(
        "customer_not_found",
        "customer_erased",
        "no_customer_matches",
        "several_customers_match",
        "card_in_use",
        "customer_exists",
        "number_not_generated",
    ),
    writes=True,
    source="api.md 7, 13",
)
