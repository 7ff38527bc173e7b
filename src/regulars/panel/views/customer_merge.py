# SPDX-License-Identifier: Apache-2.0
"""What cannot be undone: merging two records of one person, erasing a person's data. Both ask for the code, by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.customers.queries import find_id_by_code, is_erased
from regulars.customers.rows import CustomerRow
from regulars.errors import RegularsError
from regulars.panel.customer_texts import amount_text, summary_of
from regulars.panel.forms.customer_cards import ConfirmForm, MergeForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.customer import found_customer
from regulars.transactions.erase import erase_personal_data
from regulars.transactions.merge import MergedBalance, MergePreview, get_named, merge_customers, preview_merge

NEEDS = ("view_customer_search", "delete_customer")
SHOWN = ("first_name", "last_name", "phone", "email", "street1", "city", "custom_date")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def merge(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Ask for the duplicate, show what will be, and merge once its code was typed."""
    account = viewer.account
    customer = found_customer(viewer, code)
    asked = MergeForm(request.POST if request.method == "POST" else request.GET or None)
    preview, confirm = None, None
    if asked.is_bound and asked.is_valid():
        try:
            other = asked.cleaned_data["other"]
            gone_id = find_id_by_code(account=account, code=other)
            if gone_id is None:
                gone_id = get_named(account=account, code=None, card_number=other, name="other")
            with transaction.atomic():
                preview = preview_merge(account=account, by=viewer.user, at=viewer.at, customer_id=customer.id, gone_id=gone_id)
        except RegularsError as error:
            asked.refuse(error)
    if preview is not None:
        confirm = ConfirmForm(request.POST if request.method == "POST" else None, code=preview.gone.code)
        if request.method == "POST" and confirm.is_valid():
            with transaction.atomic():
                merge_customers(account=account, by=viewer.user, at=viewer.at, customer_id=customer.id, gone_id=preview.gone.id)
            messages.success(request, _("The two records are one now."))
            return HttpResponseRedirect(reverse("customer", args=[customer.code]))
    context: dict[str, Any] = {"customer": summary_of(customer), "form": asked, "confirm": confirm}
    if preview is not None:
        context |= _preview(viewer, preview)
    has_errors = asked.errors or (confirm is not None and confirm.errors)
    return render(request, "panel/customers/merge.html", context, status=400 if has_errors else 200)


def _preview(viewer: Viewer, preview: MergePreview) -> dict[str, Any]:
    return {
        "sides": [
            {"title": _("Stays"), **_side(preview.customer)},
            {"title": _("Goes"), **_side(preview.gone)},
        ],
        "numbers": preview.numbers,
        "balances": [_balance(viewer, each) for each in preview.balances],
        "is_complete": preview.is_complete,
    }


def _side(customer: CustomerRow) -> dict[str, Any]:
    facts = [getattr(customer, name) for name in SHOWN]
    return {"code": customer.code, "card_number": customer.card_number, "facts": [fact for fact in facts if fact]}


def _balance(viewer: Viewer, balance: MergedBalance) -> dict[str, Any]:
    campaign = balance.campaigns[0]
    return {
        "names": ", ".join(each.name for each in balance.campaigns),
        "own": amount_text(viewer, campaign, balance.own),
        "gone": amount_text(viewer, campaign, balance.gone),
        "result": amount_text(viewer, campaign, balance.result),
        "cumulative": amount_text(viewer, campaign, balance.cumulative),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def erase(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Erase a person's data once the code was typed; his record and its balances stay."""
    customer = found_customer(viewer, code)
    form = ConfirmForm(request.POST if request.method == "POST" else None, code=customer.code)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                new_code = erase_personal_data(account=viewer.account, by=viewer.user, at=viewer.at, code=customer.code)
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The personal data were erased."))
            return HttpResponseRedirect(reverse("customer", args=[new_code]))
    summary = summary_of(customer) | {"is_erased": is_erased(account=viewer.account, customer_id=customer.id)}
    return render(
        request, "panel/customers/erase.html", {"customer": summary, "form": form}, status=400 if form.errors else 200
    )
