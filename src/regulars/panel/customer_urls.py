# SPDX-License-Identifier: Apache-2.0
"""Customers' pages."""

from __future__ import annotations

from django.urls import path, register_converter

from regulars.panel.customer_texts import CodeConverter
from regulars.panel.views import customer, customer_balance, customer_cards, customer_merge, customers

register_converter(CodeConverter, "customer")

urlpatterns = [
    path("admin.php/customers", customers.customer_list, name="customers"),
    path("admin.php/customers/add", customer.add_customer, name="add_customer"),
    path("admin.php/customers/cards", customer_cards.sheet, name="card_sheet"),
    path("admin.php/customers/segments", customers.save_customer_segment, name="save_segment"),
    path("admin.php/customers/segments/<int:segment_id>/delete", customers.delete_customer_segment, name="delete_segment"),
    path("admin.php/customers/export/csv", customers.export_csv, name="customers_csv"),
    path("admin.php/customers/export/xlsx", customers.export_xlsx, name="customers_xlsx"),
    path("admin.php/customers/<customer:code>", customer.profile, name="customer"),
    path("admin.php/customers/<customer:code>/edit", customer.edit, name="edit_customer"),
    path("admin.php/customers/<customer:code>/join", customer.join, name="join_campaign"),
    path("admin.php/customers/<customer:code>/leave", customer.leave, name="leave_campaign"),
    path("admin.php/customers/<customer:code>/data.json", customer.dossier, name="customer_dossier"),
    path("admin.php/customers/<customer:code>/balance/<slug:number>", customer_balance.explanation, name="explain_balance"),
    path("admin.php/customers/<customer:code>/cards", customer_cards.cards, name="customer_cards"),
    path("admin.php/customers/<customer:code>/cards/add", customer_cards.add, name="add_card"),
    path("admin.php/customers/<customer:code>/cards/end", customer_cards.end, name="end_card"),
    path("admin.php/customers/<customer:code>/merge", customer_merge.merge, name="merge_customer"),
    path("admin.php/customers/<customer:code>/erase", customer_merge.erase, name="erase_customer"),
]
