# SPDX-License-Identifier: Apache-2.0
"""A customer as an element of an answer (api.md 7 customer_info, 13 "Envelope": records show empty fields too)."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig
from regulars.customers.rows import CustomerRow
from regulars.protocol.tree import Element, leaf, record

NO_DATE = "0000-00-00"
"""How an empty date is written."""

_BEFORE_DATE = (
    "code", "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code",
    "country",
)  # fmt: skip


def customer_element(
    account: AccountConfig,
    customer: CustomerRow,
    *more: Element,
    hide_custom_field: bool = False,
) -> Element:
    """
    Return ``<customer>`` with every field in the documented order, then each custom field with its label, then ``more``.

    ``custom_field`` is custom field 1, which has no element of its own.
    """
    children = [leaf(name, getattr(customer, name)) for name in _BEFORE_DATE]
    children.append(leaf("custom_date", customer.custom_date or NO_DATE))
    if not hide_custom_field:
        children.append(leaf("custom_field", customer.fields.get("1", "")))
    children.append(leaf("customer_username", customer.username))
    children.append(leaf("registered", "Y" if customer.is_registered else "N"))
    children.append(leaf("record_timestamp", customer.created_at.astimezone(account.zone).isoformat(" ", "seconds")[:19]))
    children += [
        record(f"custom_field_{number}", leaf("label", field.label), leaf("data", customer.fields.get(str(number), "")))
        for number, field in sorted(account.customer_fields.items())
        if number > 1
    ]
    return record("customer", *children, *more)
