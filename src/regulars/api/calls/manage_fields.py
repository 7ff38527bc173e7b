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

    card_number_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    card_number_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    first_name_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    first_name_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    last_name_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    last_name_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    phone_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    phone_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    email_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    email_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    street1_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    street1_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    street2_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    street2_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    city_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    city_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    state_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    state_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    zip_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    zip_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    country_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    country_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    customer_username_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    customer_username_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    customer_pin_label: str | None = param(
        _label(), wire="customer_PIN_label", keeps_blank=True, note="what people read; blank: the published name"
    )
    customer_pin_show: bool | None = param(flag(), wire="customer_PIN_show", note="whether the Control Panel shows it")
    customer_password_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    customer_password_show: bool | None = param(flag(), note="whether the Control Panel shows it")
    custom_date_label: str | None = param(_label(), keeps_blank=True, note="what people read; blank: the published name")
    custom_date_show: bool | None = param(flag(), note="whether the Control Panel shows it")


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
        errors=("field_not_found", "not_unique"),
        writes=True,
        source="api.md 6",
    ),
)
