# SPDX-License-Identifier: Apache-2.0
"""validate_customer_password: is this the member's password or PIN? (api.md 7)"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.customers.secrets import check_secrets
from regulars.errors import MissingParameter
from regulars.protocol.kinds import card, customer_code, password, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success


@dataclass(frozen=True, slots=True)
class Params:
    card_number: str | None = param(card(), note="or code, or customer_username; all that are sent must match")
    code: str | None = param(customer_code(), note="or card_number, or customer_username")
    customer_username: str | None = param(text(64), note="or card_number, or code")
    phone: str | None = param(text(40), note="compared by its digits too")
    customer_password: str | None = param(password(), keeps_blank=True, note="or customer_PIN, or both")
    customer_pin: str | None = param(
        text(20), wire="customer_PIN", keeps_blank=True, note="or customer_password; where both are sent, both must match"
    )


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer success, with nothing in it, where everything sent belongs to one customer.

    After five wrong PINs in a row the PIN is locked for 15 minutes, after ten wrong passwords the password.
    """
    if not (params.card_number or params.code or params.customer_username):
        raise MissingParameter("card_number")
    if params.customer_password == "" or (params.customer_password is None and params.customer_pin is None):
        raise MissingParameter("customer_password", "No password provided")
    if params.customer_pin == "":
        raise MissingParameter("customer_PIN", "No PIN provided")
    check_secrets(
        account=ctx.account,
        at=ctx.at,
        code=params.code or "",
        card_number=params.card_number or "",
        username=params.customer_username or "",
        phone=params.phone or "",
        password=params.customer_password or "",
        pin=params.customer_pin or "",
    )
    return success()


CALL = Call(
    type="validate_customer_password",
    handle=handle,
    params=Params,
    permission="view_customer_search",
    summary="Customer Password Validation",
    errors=(
        "no_customer_matches",
        "several_customers_match",
        "customer_not_registered",
        "no_secret_on_record",
        "secret_mismatch",
        "password_locked",
        "pin_locked",
    ),
    source="api.md 7",
)
