# SPDX-License-Identifier: Apache-2.0
"""A customer as an element of an answer (api.md 7 customer_info, 13 "Envelope": records show empty fields too)."""

from __future__ import annotations

from operator import attrgetter

from regulars.accounts.directory import AccountConfig
from regulars.customers.rows import CustomerRow
from regulars.protocol.shape import Shape, slot
from regulars.protocol.tree import Element, leaf, record

NO_DATE = "0000-00-00"
"""How an empty date is written."""

_BEFORE_DATE = (
    "code", "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code",
    "country",
)  # fmt: skip
_before_date = attrgetter(*_BEFORE_DATE)


def customer_element(
    account: AccountConfig,
    customer: CustomerRow,
    *more: Element,
    worth_minor: int | None = None,
    hide_custom_field: bool = False,
) -> Element:
    """
    Return ``<customer>`` with every field in the documented order, then each custom field with its label, then ``more``.

    ``custom_field`` is custom field 1, which has no element of its own. ``profile_uid`` is our own number of the customer, for
    card_replace. ``worth_minor``: what all the points shown are worth, as ``equivalent_cash_balance``, ``_currency``,
    ``_glyph``; left out where points are not worth money.
    """
    fields = customer.fields
    element = _shape(account, hide_custom_field, worth_minor is not None).fill(
        (
            *_before_date(customer),
            customer.custom_date or NO_DATE,
            *(() if hide_custom_field else (fields.get("1", ""),)),
            customer.username,
            "Y" if customer.is_registered else "N",
            customer.created_at.astimezone(account.zone).isoformat(" ", "seconds")[:19],
            str(customer.id),
            *[fields.get(str(number), "") for number in account.customer_fields if number > 1],
            *(() if worth_minor is None else (account.currency.text(worth_minor),)),
        )
    )
    return record("customer", *element.children, *more) if more else element


def _shape(account: AccountConfig, hide_custom_field: bool, has_worth: bool) -> Shape:
    key = ("customer", hide_custom_field + 2 * has_worth)
    shape: Shape | None = account.memo.get(key)
    if shape is None:
        element = record(
            "customer",
            *(slot(name) for name in _BEFORE_DATE),
            slot("custom_date"),
            None if hide_custom_field else slot("custom_field"),
            slot("customer_username"),
            slot("registered"),
            slot("record_timestamp"),
            slot("profile_uid"),
            *(
                record(f"custom_field_{number}", leaf("label", field.label), slot("data"))
                for number, field in account.customer_fields.items()
                if number > 1
            ),
            *(_worth(account, slot("equivalent_cash_balance")) if has_worth else ()),
        )
        shape = account.memo[key] = Shape(element)
    return shape


def equivalent_cash_elements(account: AccountConfig, worth_minor: int | None) -> tuple[Element, ...]:
    """Return ``equivalent_cash_balance``, ``_currency``, ``_glyph``; nothing where points are not worth money."""
    if worth_minor is None:
        return ()
    return _worth(account, leaf("equivalent_cash_balance", account.currency.text(worth_minor)))


def _worth(account: AccountConfig, balance: Element) -> tuple[Element, ...]:
    money = account.currency
    return balance, leaf("equivalent_cash_currency", money.code), leaf("equivalent_cash_glyph", money.glyph)
