# SPDX-License-Identifier: Apache-2.0
"""The addresses of the counter. Customers and transactions stand there by our own numbers: no card, no name reaches a log."""

from __future__ import annotations

from django.urls import path, register_converter

from regulars.panel.views import counter, counter_enrol, counter_receipt


class SmallId:
    """An id of ours in an address: never more digits than the database takes."""

    regex = "[1-9][0-9]{0,14}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return it as it stands in an address."""
        return str(value)


register_converter(SmallId, "small_id")

CUSTOMER = "admin.php/counter/<small_id:customer_id>"
RECEIPT = f"{CUSTOMER}/transactions/<small_id:entry_id>"

urlpatterns = [
    path("admin.php/counter", counter.counter, name="counter"),
    path("admin.php/counter/new", counter_enrol.counter_enrol, name="counter_enrol"),
    path(CUSTOMER, counter.counter_customer, name="counter_customer"),
    path(f"{CUSTOMER}/record", counter.counter_record, name="counter_record"),
    path(f"{CUSTOMER}/redeem", counter.counter_redeem, name="counter_redeem"),
    path(f"{CUSTOMER}/balances", counter_receipt.counter_balances, name="counter_balances"),
    path(RECEIPT, counter_receipt.counter_receipt, name="counter_receipt"),
    path(f"{RECEIPT}/mail", counter_receipt.counter_mail, name="counter_mail"),
    path(f"{RECEIPT}/text", counter_receipt.counter_text, name="counter_text"),
    path(f"{RECEIPT}/take-back", counter_receipt.counter_take_back, name="counter_take_back"),
    path(f"{RECEIPT}/delete", counter_receipt.counter_delete, name="counter_delete"),
]
