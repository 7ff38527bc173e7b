# SPDX-License-Identifier: Apache-2.0
"""After a sale: its receipt, shown, printed and mailed; and taking a transaction back."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.errors import InvalidParameter, PermissionDenied, RegularsError, StaleConfiguration, TransactionNotFound
from regulars.kit.addresses import is_address
from regulars.messages.operations import queue_receipt
from regulars.messages.texting import find_gateway, number_of, queue_text_receipt
from regulars.panel.counter_shown import customer_card, receipt_lines
from regulars.panel.forms.counter import TakeBackForm
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.counter import with_camera
from regulars.transactions.balance_mail import mail_balances
from regulars.transactions.kept_receipts import KeptReceipt, get_receipt
from regulars.transactions.queries import Recorded, get_transaction
from regulars.transactions.reverse import TakenBack, delete_transaction, reverse_transaction
from regulars.users.access import may


def _kept(viewer: Viewer, customer_id: int, entry_id: int) -> KeptReceipt:
    """
    Return a receipt: of one's own transactions always, of others' with the permission to see transactions.

    Raises: TransactionNotFound, PermissionDenied.
    """
    kept = get_receipt(account=viewer.account, by=viewer.user, entry_id=entry_id)
    if kept.customer.id != customer_id:
        raise TransactionNotFound(fields=("transaction_id",))
    if kept.user_id != viewer.user.id and not may(viewer.user, "customer_visits_view"):
        raise PermissionDenied
    return kept


@require_safe
@signed_in(needs="view_customer_search")
@with_camera
def counter_receipt(request: HttpRequest, viewer: Viewer, customer_id: int, entry_id: int) -> HttpResponse:
    """Show a receipt, with the field for the next customer."""
    kept = _kept(viewer, customer_id, entry_id)
    context = {
        "receipt": receipt_lines(viewer, kept),
        "customer": customer_card(kept.customer),
        "can_mail": is_address(kept.customer.email),
        "can_text": bool(number_of(viewer.account, kept.customer.phone)) and find_gateway(account=viewer.account) is not None,
        "can_take_back": kept.left > 0 and may(viewer.user, "customer_visit_delete"),
    }
    return render(request, "panel/counter/receipt.html", context)


@require_POST
@signed_in(needs="view_customer_search")
def counter_mail(request: HttpRequest, viewer: Viewer, customer_id: int, entry_id: int) -> HttpResponse:
    """Mail a receipt to the customer."""
    kept = _kept(viewer, customer_id, entry_id)
    try:
        queue_receipt(account=viewer.account, customer=kept.customer, entry_id=entry_id, at=viewer.at)
    except RegularsError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The receipt goes to %(address)s.") % {"address": kept.customer.email})
    return HttpResponseRedirect(reverse("counter_receipt", args=[customer_id, entry_id]))


@require_POST
@signed_in(needs="view_customer_search")
def counter_text(request: HttpRequest, viewer: Viewer, customer_id: int, entry_id: int) -> HttpResponse:
    """Text a receipt to the customer."""
    kept = _kept(viewer, customer_id, entry_id)
    try:
        number = queue_text_receipt(account=viewer.account, customer=kept.customer, entry_id=entry_id, at=viewer.at)
    except RegularsError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The receipt goes to %(address)s.") % {"address": number})
    return HttpResponseRedirect(reverse("counter_receipt", args=[customer_id, entry_id]))


@require_POST
@signed_in(needs=("view_customer_search", "customer_visits_view"))
def counter_balances(request: HttpRequest, viewer: Viewer, customer_id: int) -> HttpResponse:
    """Mail the customer's balances to him."""
    try:
        address = mail_balances(account=viewer.account, by=viewer.user, at=viewer.at, customer_id=customer_id)
    except InvalidParameter as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The balances go to %(address)s.") % {"address": address})
    return HttpResponseRedirect(reverse("counter_customer", args=[customer_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=("view_customer_search", "customer_visit_delete"))
def counter_take_back(request: HttpRequest, viewer: Viewer, customer_id: int, entry_id: int) -> HttpResponse:
    """Take a transaction back, all or a part, with a reason."""
    recorded = _recorded(viewer, customer_id, entry_id)
    if request.method != "POST":
        return _take_back_page(request, viewer, recorded, TakeBackForm(viewer=viewer, recorded=recorded), 200)
    form = TakeBackForm(request.POST, viewer=viewer, recorded=recorded)
    if form.is_valid():
        try:
            with transaction.atomic():
                taken = reverse_transaction(
                    account=viewer.account, by=viewer.user, at=viewer.at, recorded=recorded,
                    amount=form.cleaned_data["amount"], description=form.cleaned_data["reason"],
                    seen_left=form.cleaned_data["seen_left"],
                )  # fmt: skip
        except StaleConfiguration:
            raise
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _taken_text(viewer, taken))
            return HttpResponseRedirect(_customer_page(recorded))
    return _take_back_page(request, viewer, recorded, form, 400)


@require_POST
@signed_in(needs=("view_customer_search", "customer_visit_delete"))
def counter_delete(request: HttpRequest, viewer: Viewer, customer_id: int, entry_id: int) -> HttpResponse:
    """Remove a transaction as if it had never been recorded."""
    recorded = _recorded(viewer, customer_id, entry_id)
    delete_transaction(account=viewer.account, by=viewer.user, at=viewer.at, recorded=recorded)
    messages.success(request, _("Transaction %(id)s was deleted.") % {"id": entry_id})
    return HttpResponseRedirect(_customer_page(recorded))


def _recorded(viewer: Viewer, customer_id: int, entry_id: int) -> Recorded:
    recorded = get_transaction(account=viewer.account, by=viewer.user, entry_id=entry_id)
    if recorded.is_deleted or recorded.customer_id != customer_id:
        raise TransactionNotFound(fields=("transaction_id",))
    return recorded


def _customer_page(recorded: Recorded) -> str:
    return f"{reverse('counter_customer', args=[recorded.customer_id])}?campaign={recorded.campaign.number}"


def _taken_text(viewer: Viewer, taken: TakenBack) -> str:
    kind, shown = taken.recorded.campaign.kind, viewer.shown
    return _("Taken back: %(change)s. The balance is %(balance)s.") % {
        "change": shown.change(kind, taken.reversal.amount),
        "balance": shown.amount(kind, taken.reversal.balance),
    }


def _take_back_page(request: HttpRequest, viewer: Viewer, recorded: Recorded, form: TakeBackForm, status: int) -> HttpResponse:
    kind, shown = recorded.campaign.kind, viewer.shown
    context = {
        "form": form,
        "customer_id": recorded.customer_id,
        "entry_id": recorded.entry_id,
        "campaign": recorded.campaign.name,
        "what": shown.change(kind, recorded.amount),
        "left": shown.amount(kind, recorded.left),
        "has_left": recorded.left > 0,
        "purchase_left": shown.money(recorded.purchase_left_minor) if recorded.purchase_minor else "",
        "description": recorded.description,
        "back": _customer_page(recorded),
    }
    return render(request, "panel/counter/take_back.html", context, status=status)
