# SPDX-License-Identifier: Apache-2.0
"""The receipt of record_activity and redeem as elements (api.md 8, 13 "Receipts")."""

from __future__ import annotations

from regulars.customers.rows import CustomerRow
from regulars.protocol.tree import Element, leaf
from regulars.transactions.receipts import UNIT_OF, Frame, Receipt, printable

_CONTACT = (
    "first_name", "last_name", "card_number", "phone", "email", "custom_date", "street1", "street2", "city", "state",
    "postal_code", "country",
)  # fmt: skip
"""Fields of the customer in a receipt, in the order clients have seen; only those that are filled."""


def receipt_answer(receipt: Receipt, *, with_text: bool = False) -> Element:
    """
    Return the whole answer: ``receipt{account_name, agency, campaign, customer, transaction}``.

    ``with_text`` adds ``receipt_text``, the same as plain lines for a printer (our extension).
    """
    frame = receipt.frame
    parts = [Element("account_name", frame.account_name)]
    if frame.agency is not None:
        number, name, email = frame.agency
        parts.append(Element("agency", children=[leaf("id", number), leaf("name", name), leaf("email", email)]))
    parts += (
        Element(
            "campaign",
            children=[
                Element("id", frame.campaign_number),
                Element("name", frame.campaign_name),
                Element("type", frame.kind),
            ],
        ),
        Element("customer", children=_customer(frame, receipt.customer)),
        Element("transaction", children=_transaction(receipt)),
    )
    if with_text:
        parts.append(Element("receipt_text", printable(receipt)))
    return Element("response", children=[Element("receipt", children=parts)], attributes={"status": "success"})


def _customer(frame: Frame, customer: CustomerRow) -> list[Element]:
    parts = []
    for name in _CONTACT:
        value = getattr(customer, name)
        if value:
            parts.append(Element(name, value))
    if customer.fields:
        labels = dict(frame.field_labels)
        for number in sorted(customer.fields, key=int):
            value = customer.fields[number]
            if not value:
                continue
            if number == "1":
                parts.append(Element("custom_field", value))
            elif int(number) in labels:
                label = Element("label", labels[int(number)])
                parts.append(Element(f"custom_field_{number}", children=[label, Element("data", value)]))
    return parts


def amount_children(frame: Frame, amount: int) -> list[Element]:
    """Return an amount in the campaign's unit: ``amount, currency, glyph``, or ``points`` / ``events`` / ``units``."""
    unit = UNIT_OF.get(frame.kind)
    if unit is not None:
        return [Element(unit, str(amount))]
    return money_children(frame, amount)


def money_children(frame: Frame, amount_minor: int) -> list[Element]:
    """Return ``amount, currency, glyph`` of an amount in currency minor units."""
    money = frame.currency
    return [Element("amount", money.text(amount_minor)), Element("currency", money.code), Element("glyph", money.glyph)]


def _transaction(receipt: Receipt) -> list[Element]:
    frame, posted = receipt.frame, receipt.posted
    parts = [] if receipt.is_dry_run else [Element("id", str(posted.entry_id))]
    changed = amount_children(frame, posted.amount)
    if frame.is_redemption:
        name = "deduct"
        if frame.kind == "points" and frame.purchase_minor is not None:
            changed += money_children(frame, -frame.purchase_minor)
    else:
        name = "add" if frame.is_money else "recorded"
        if frame.purchase_minor is not None:
            parts.append(Element("purchase", children=money_children(frame, frame.purchase_minor)))
        if frame.promotion is not None:
            promotion_id, description = frame.promotion
            children = [leaf("id", promotion_id), Element("description", description)]
            parts.append(Element("promotion", children=children))
    changed.append(Element("description", frame.description))
    parts.append(Element(name, children=changed))
    if frame.reward is not None:
        parts.append(Element("reward", children=_chosen(frame.reward)))
    if frame.item is not None:
        parts.append(Element("item", children=_chosen(frame.item)))
    balance = amount_children(frame, posted.balance)
    if frame.item is not None:
        balance.append(leaf("needed_for_free", receipt.needed_for_free))
        balance.append(leaf("free_available", receipt.free_available))
    parts.append(Element("balance", children=balance))
    parts.append(Element("cumulative_balance", children=amount_children(frame, posted.cumulative)))
    if frame.in_coalition:
        parts.append(Element("coalition_cumulative_balance", children=amount_children(frame, posted.pool_cumulative)))
    if posted.contribute_amount is not None and posted.contribute_balance is not None:
        # Only points campaigns contribute, so both are points.
        tier = [
            Element("campaign_id", frame.master_number),
            leaf("points", posted.contribute_amount),
            leaf("balance", posted.contribute_balance),
        ]
        parts.append(Element("second_tier", children=tier))
    if posted.duplicate_of is not None:
        parts.append(leaf("possible_duplicate_of", posted.duplicate_of))
    if receipt.is_dry_run:
        parts.append(Element("dry_run", "Y"))
    return parts


def _chosen(row: tuple[int, str, str]) -> list[Element]:
    """A reward or an item: id, name, and the owner's identifier where there is one."""
    number, name, identifier = row
    parts = [leaf("id", number), Element("name", name)]
    if identifier:
        parts.append(Element("reward_id", identifier))
    return parts
