# SPDX-License-Identifier: Apache-2.0
"""manage_fields: which data of a customer there are, and what they are called (api.md 6)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.rules import FIELD_LABEL_LENGTH_MAX
from regulars.api.call import Call, Context
from regulars.api.calls.field_params import UpdateParams, changes_of, fields_answer, fields_family, predefined_changes
from regulars.protocol.kinds import flag, text
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element
from regulars.transactions.fields import update_fields

OWNER = "customer"
PERMISSION = "manage_fields"


def _label() -> Kind[str]:
    return text(FIELD_LABEL_LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class Params(UpdateParams):
    """Of a predefined field the label and show can be changed; custom_field_1 is a custom field in all but deletion."""

    card_number_label: str | None = param(_label(), keeps_blank=True)
    card_number_show: bool | None = param(flag())
    first_name_label: str | None = param(_label(), keeps_blank=True)
    first_name_show: bool | None = param(flag())
    last_name_label: str | None = param(_label(), keeps_blank=True)
    last_name_show: bool | None = param(flag())
    phone_label: str | None = param(_label(), keeps_blank=True)
    phone_show: bool | None = param(flag())
    email_label: str | None = param(_label(), keeps_blank=True)
    email_show: bool | None = param(flag())
    street1_label: str | None = param(_label(), keeps_blank=True)
    street1_show: bool | None = param(flag())
    street2_label: str | None = param(_label(), keeps_blank=True)
    street2_show: bool | None = param(flag())
    city_label: str | None = param(_label(), keeps_blank=True)
    city_show: bool | None = param(flag())
    state_label: str | None = param(_label(), keeps_blank=True)
    state_show: bool | None = param(flag())
    zip_label: str | None = param(_label(), keeps_blank=True)
    zip_show: bool | None = param(flag())
    country_label: str | None = param(_label(), keeps_blank=True)
    country_show: bool | None = param(flag())
    customer_username_label: str | None = param(_label(), keeps_blank=True)
    customer_username_show: bool | None = param(flag())
    customer_pin_label: str | None = param(_label(), wire="customer_PIN_label", keeps_blank=True)
    customer_pin_show: bool | None = param(flag(), wire="customer_PIN_show")
    customer_password_label: str | None = param(_label(), keeps_blank=True)
    customer_password_show: bool | None = param(flag())
    custom_date_label: str | None = param(_label(), keeps_blank=True)
    custom_date_show: bool | None = param(flag())


def handle_update(ctx: Context, params: Params) -> Element:
    """
    Change customer fields and answer with all of them. What is not sent stays; show is heeded by the Control Panel alone.

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
        writes=True,
        source="api.md 6",
    ),
)
