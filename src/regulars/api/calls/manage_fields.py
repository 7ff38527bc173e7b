# SPDX-License-Identifier: Apache-2.0
"""manage_fields: which data of a customer there are, and what they are called (api.md 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regulars.accounts.rules import FIELD_LABEL_LENGTH_MAX
from regulars.api.call import Call, Context
from regulars.api.calls.field_params import UpdateParams, changes_of, fields_answer, fields_family, predefined_changes
from regulars.protocol.kinds import flag, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.transactions.fields import update_fields

OWNER = "customer"
PERMISSION = "manage_fields"


def _label(wire: str = "") -> Any:
    return param(text(FIELD_LABEL_LENGTH_MAX), wire=wire, keeps_blank=True, note="what people read; not blank")


def _show(wire: str = "") -> Any:
    return param(flag(), wire=wire, note="whether the Control Panel shows it")


def _required(wire: str = "") -> Any:
    return param(flag(), wire=wire, note="whether every customer must have it from now on")


@dataclass(frozen=True, slots=True)
class Params(UpdateParams):
    """Of a predefined field label, show and required can be changed; custom_field_1 is a custom field in all but deletion."""

    card_number_label: str | None = _label()
    card_number_show: bool | None = _show()
    card_number_required: bool | None = _required()
    first_name_label: str | None = _label()
    first_name_show: bool | None = _show()
    first_name_required: bool | None = _required()
    last_name_label: str | None = _label()
    last_name_show: bool | None = _show()
    last_name_required: bool | None = _required()
    phone_label: str | None = _label()
    phone_show: bool | None = _show()
    phone_required: bool | None = _required()
    email_label: str | None = _label()
    email_show: bool | None = _show()
    email_required: bool | None = _required()
    street1_label: str | None = _label()
    street1_show: bool | None = _show()
    street1_required: bool | None = _required()
    street2_label: str | None = _label()
    street2_show: bool | None = _show()
    street2_required: bool | None = _required()
    city_label: str | None = _label()
    city_show: bool | None = _show()
    city_required: bool | None = _required()
    state_label: str | None = _label()
    state_show: bool | None = _show()
    state_required: bool | None = _required()
    zip_label: str | None = _label()
    zip_show: bool | None = _show()
    zip_required: bool | None = _required()
    country_label: str | None = _label()
    country_show: bool | None = _show()
    country_required: bool | None = _required()
    customer_username_label: str | None = _label()
    customer_username_show: bool | None = _show()
    customer_username_required: bool | None = _required()
    customer_pin_label: str | None = _label("customer_PIN_label")
    customer_pin_show: bool | None = _show("customer_PIN_show")
    customer_pin_required: bool | None = _required("customer_PIN_required")
    customer_password_label: str | None = _label()
    customer_password_show: bool | None = _show()
    customer_password_required: bool | None = _required()
    custom_date_label: str | None = _label()
    custom_date_show: bool | None = _show()
    custom_date_required: bool | None = _required()


def handle_update(ctx: Context, params: Params) -> Element:
    """
    Change customer fields and answer with all of them. What is not sent stays; show is heeded by the Control Panel alone.

    A required field must be there when a customer is added or registers, and cannot be emptied; who has none keeps what he has.

    A field that becomes searchable or unique is so at once for the customers there are; where two have the same value it
    cannot become unique (``Not Unique``).
    """
    update_fields(
        account=ctx.account,
        by=ctx.user,
        at=ctx.at,
        owner=OWNER,
        changes=changes_of(params),
        predefined=predefined_changes(params),
    )
    return fields_answer(ctx.account, OWNER)


FAMILY = fields_family(
    "manage_fields",
    OWNER,
    "customer",
    PERMISSION,
    update=Call(
        type="manage_fields",
        handle=handle_update,
        params=Params,
        permission=PERMISSION,
        summary="Manage Customer Fields - Update",
        errors=("field_not_found", "not_unique"),
        writes=True,
        source="api.md 6",
    ),
)
