# SPDX-License-Identifier: Apache-2.0
"""Cards: a customer's own (replace, add, end), and sheets to print."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from regulars.customers.cards import Number, add_card, end_number, list_numbers
from regulars.customers.queries import find_id_by_code, get_customer, is_erased
from regulars.customers.rows import CustomerRow
from regulars.errors import RegularsError
from regulars.panel.customer_texts import name_of, summary_of, title_of
from regulars.panel.forms.customer_cards import AddCardForm, EndCardForm, NewCardsForm, ReplaceForm, SheetForm
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.customer import found_customer
from regulars.reports.card_sheet import CARDS_MAX, Card, card_sheet_pdf
from regulars.transactions.card_issue import issue_cards, numbers_in_a_row
from regulars.transactions.card_replace import replace_card
from regulars.users.access import require

CARD_NEEDS = ("view_customer_search", "edit_customer_card_number")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=CARD_NEEDS)
def cards(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show a customer's cards; replace the one he carries."""
    customer = found_customer(viewer, code)
    form = ReplaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                done = replace_card(
                    account=viewer.account, by=viewer.user, at=viewer.at, customer_id=customer.id, **form.change()
                )
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The card is now %(number)s.") % {"number": done.customer.card_number})
            return HttpResponseRedirect(reverse("customer_cards", args=[customer.code]))
    return _cards_page(request, viewer, customer, form, AddCardForm())


def _cards_page(
    request: HttpRequest, viewer: Viewer, customer: CustomerRow, replacing: ReplaceForm, adding: AddCardForm
) -> HttpResponse:
    context = {
        "customer": summary_of(customer) | {"is_erased": is_erased(account=viewer.account, customer_id=customer.id)},
        "numbers": list_numbers(account=viewer.account, customer_id=customer.id),
        "replacing": replacing,
        "adding": adding,
    }
    return render(request, "panel/customers/cards.html", context, status=400 if replacing.errors or adding.errors else 200)


@require_POST
@signed_in(needs=CARD_NEEDS)
def add(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Let one more card find the customer."""
    customer = found_customer(viewer, code)
    form = AddCardForm(request.POST)
    if form.is_valid():
        number = form.cleaned_data["card_number"]
        try:
            with transaction.atomic():
                add_card(account=viewer.account, customer_id=customer.id, card_number=number, by=viewer.user.id, at=viewer.at)
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The card %(number)s finds this customer, too.") % {"number": number})
            return HttpResponseRedirect(reverse("customer_cards", args=[customer.code]))
    return _cards_page(request, viewer, customer, ReplaceForm(), form)


@require_POST
@signed_in(needs=CARD_NEEDS)
def end(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Let a lost card, or a number he had before, find the customer no more."""
    customer = found_customer(viewer, code)
    form = EndCardForm(request.POST)
    if form.is_valid():
        number = Number(form.cleaned_data["kind"], form.cleaned_data["value"])
        try:
            with transaction.atomic():
                end_number(account=viewer.account, customer_id=customer.id, number=number, by=viewer.user.id, at=viewer.at)
        except RegularsError as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, _("%(number)s finds nobody any more.") % {"number": number.value})
    return HttpResponseRedirect(reverse("customer_cards", args=[customer.code]))


# -- sheets --------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=("view_customer_search", "manage_cards"))
def sheet(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Print cards: of the customers chosen in the list, or new ones in a row."""
    if request.method != "POST":
        return _sheet_page(request, viewer, _chosen(viewer, request.GET.getlist("code")), SheetForm(), NewCardsForm())
    if "first" in request.POST:
        form: SheetForm | NewCardsForm = NewCardsForm(request.POST)
        customers: list[CustomerRow] = []
        made: Callable[[], list[Card]] = functools.partial(_new_cards, viewer, form)
    else:
        form = SheetForm(request.POST)
        customers = _chosen(viewer, request.POST.getlist("code"))
        made = _cards_of(customers, form)
    if form.is_valid():
        try:
            with transaction.atomic():
                return _file(card_sheet_pdf(viewer.account, made(), kind=form.cleaned_data["kind"]))
        except RegularsError as error:
            form.refuse(error)
    is_new = isinstance(form, NewCardsForm)
    return _sheet_page(request, viewer, customers, SheetForm() if is_new else form, form if is_new else NewCardsForm())


def _cards_of(customers: list[CustomerRow], form: SheetForm) -> Callable[[], list[Card]]:
    def made() -> list[Card]:
        with_names = form.cleaned_data["names"]
        return [Card(each.card_number or each.code, name_of(each) if with_names else "") for each in customers]

    return made


def _new_cards(viewer: Viewer, form: Any) -> list[Card]:
    clean = form.cleaned_data
    numbers = numbers_in_a_row(clean["first"], clean["count"])
    if clean["issues"]:
        require(viewer.user, "add_customer")
    issue_cards(account=viewer.account, by=viewer.user, at=viewer.at, numbers=numbers, is_check=not clean["issues"])
    return [Card(number) for number in numbers]


def _chosen(viewer: Viewer, codes: list[str]) -> list[CustomerRow]:
    """The customers of these codes, each once, at most as many as one sheet has; who is not there is left out."""
    found = []
    for code in list(dict.fromkeys(codes))[:CARDS_MAX]:
        customer_id = find_id_by_code(account=viewer.account, code=code)
        if customer_id is not None:
            found.append(get_customer(account=viewer.account, customer_id=customer_id))
    return found


def _file(document: bytes) -> HttpResponse:
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="cards.pdf"'
    return answer


def _sheet_page(request: HttpRequest, viewer: Viewer, customers: list[CustomerRow], chosen: Any, new: Any) -> HttpResponse:
    context = {
        "chosen": [{"code": each.code, "number": each.card_number or each.code, "title": title_of(each)} for each in customers],
        "count": ngettext("%(count)d card", "%(count)d cards", len(customers)) % {"count": len(customers)},
        "form": chosen,
        "new": new,
    }
    return render(request, "panel/customers/sheet.html", context, status=400 if chosen.errors or new.errors else 200)
