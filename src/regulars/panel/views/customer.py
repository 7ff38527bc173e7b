# SPDX-License-Identifier: Apache-2.0
"""One customer: who he is, what he has and why; adding, changing, joining campaigns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.fields import FieldRow, list_fields
from regulars.customers.cards import list_numbers
from regulars.customers.queries import get_customer_by_code, is_erased
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import Profile
from regulars.errors import RegularsError
from regulars.ledger.books import Found, HistoryRow, Query
from regulars.ledger.operations import look_up
from regulars.panel.customer_texts import (
    amount_text,
    kind_text,
    nobody,
    signed_text,
    summary_of,
    visible_campaigns,
)
from regulars.panel.forms.customer import PLACES, CustomerForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.dossier import collect_dossier
from regulars.transactions.enrol import Joining, chosen_campaigns, edit_customer, enrol_customer
from regulars.transactions.leave import leave_campaign
from regulars.transactions.standing import Standing, equivalent_cash, standings
from regulars.users.access import may

HISTORY = 20
HISTORY_MAX = 1_000
"""Lines of the history that the profile leafs through; older ones are in the reports."""


def found_customer(viewer: Viewer, code: str) -> CustomerRow:
    """Return the customer of a page. Raises CustomerNotFound, which is the neutral 404 page."""
    return get_customer_by_code(account=viewer.account, code=code)


@require_safe
@signed_in(needs="view_customer_search")
def profile(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show who a customer is, what he has in every campaign, and what happened lately."""
    account, sees_history = viewer.account, may(viewer.user, "customer_visits_view")
    page = _page_number(request)
    found = look_up(
        account,
        Query(
            account.id, account.version, viewer.at, code=code, history_across=True,
            history_limit=min((page + 1) * HISTORY + 1, HISTORY_MAX) if sees_history else 0,
        ),
    )  # fmt: skip
    customer = found.customer
    if customer.code != code:  # asked by a code he had before
        return HttpResponseRedirect(reverse("customer", args=[customer.code]))
    seen = standings(account, viewer.user, found)
    joined = [each for each in seen if each.is_joined]
    worth = equivalent_cash(tuple(joined))
    context: dict[str, Any] = summary_of(customer) | {
        "balances": [_balance(viewer, each) for each in seen],
        "worth": viewer.shown.money(worth) if worth is not None else "",
        "facts": _facts(viewer, customer, list_fields(account=account, owner="customer")),
        "numbers": list_numbers(account=account, customer_id=customer.id),
        "is_registered": customer.is_registered,
        "is_erased": is_erased(account=account, customer_id=customer.id),
        "joined": viewer.shown.day(customer.created_at),
        "joinable": _joinable(viewer, found),
        "sees_history": sees_history,
    }
    if sees_history:
        context |= _history(request, viewer, found.history, page)
    return render(request, "panel/customers/profile.html", {"customer": context})


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return min(int(text), HISTORY_MAX // HISTORY - 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _joinable(viewer: Viewer, found: Found) -> list[tuple[str, str]]:
    if not may(viewer.user, "edit_customer_info"):
        return []
    held = {row.campaign_id for row in found.memberships}
    return [(each.number, each.name) for each in visible_campaigns(viewer.account, viewer.user) if each.id not in held]


def _balance(viewer: Viewer, standing: Standing) -> dict[str, Any]:
    campaign = standing.campaign

    def text(amount: int) -> str:
        return amount_text(viewer, campaign, amount)

    last = standing.last_transaction_at
    return {
        "number": campaign.number,
        "name": campaign.name,
        "kind": campaign.kind,
        "is_joined": standing.is_joined,
        "in_coalition": standing.in_coalition,
        "may_leave": standing.is_joined and standing.first_transaction_at is None and may(viewer.user, "edit_customer_info"),
        "balance": text(standing.balance),
        "cumulative": text(standing.cumulative),
        "worth": viewer.shown.money(standing.value_minor) if standing.value_minor is not None and not campaign.is_money else "",
        "last": viewer.shown.day(last) if last else "",
        "items": [
            {"id": each.item.id, "name": each.item.description, "balance": each.balance, "free": each.free_available}
            for each in standing.items
        ],
        "ready": [each.reward.description for each in standing.rewards if not each.needed][:5],
        "next": next(
            ({"name": each.reward.description, "needed": text(each.needed)} for each in standing.rewards if each.needed),
            None,
        ),
    }


def _facts(viewer: Viewer, customer: CustomerRow, rows: Sequence[FieldRow]) -> list[tuple[str, str]]:
    """What is on record, by the account's own labels; empty fields are left out."""
    facts = []
    for row in rows:
        name = PLACES.get(row.name, row.name)
        if name in ("pin", "password", "card_number") or not row.show:
            continue
        if name.startswith("custom_field_"):
            value = customer.fields.get(name.removeprefix("custom_field_"), "").removesuffix(" 00:00:00")
            value = value.replace(",", ", ") if row.type == "List" else value
        else:
            value = str(getattr(customer, name))
        if value:
            facts.append((str(_(row.label)), value))
    return facts


def _history(request: HttpRequest, viewer: Viewer, rows: Sequence[HistoryRow], page: int) -> dict[str, Any]:
    seen = {each.id for each in visible_campaigns(viewer.account, viewer.user)}
    lines = [row for row in rows[page * HISTORY :] if row.campaign_id in seen]
    is_more = len(rows) > (page + 1) * HISTORY and page + 1 < HISTORY_MAX // HISTORY
    return {
        "history": [_line(viewer, row) for row in lines[:HISTORY]],
        "pages": Pages(
            previous=address_with(request, page=page - 1) if page else "",
            next=address_with(request, page=page + 1) if is_more else "",
            previous_label=_("Newer"),
            next_label=_("Older"),
        ),
    }


def _line(viewer: Viewer, row: HistoryRow) -> dict[str, Any]:
    account = viewer.account
    campaign, user = account.campaigns_by_id[row.campaign_id], account.users_by_id.get(row.user_id)
    return {
        "id": row.id,
        "at": viewer.shown.moment(row.occurred_at),
        "kind": row.kind,
        "kind_text": kind_text(row.kind),
        "campaign": campaign.name,
        "campaign_number": campaign.number,
        "item_id": row.item_id,
        "amount": signed_text(viewer, campaign, row.amount),
        "is_less": row.amount < 0,
        "balance": amount_text(viewer, campaign, row.balance_after),
        "purchase": viewer.shown.money(row.purchase_minor) if row.purchase_minor is not None else "",
        "about": row.subject or row.description,
        "note": row.description if row.subject and row.description != row.subject else "",
        "by": user.code if user else (nobody() if row.rule_id else ""),
        "reference": row.reference or "",
    }


@sensitive_post_parameters("password", "pin")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="add_customer")
def add_customer(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show an empty form; enrol the customer and show him."""
    account, by = viewer.account, viewer.user
    rows = list_fields(account=account, owner="customer")
    campaigns = visible_campaigns(account, by)
    start = {"makes_card": True, "sends_mail": True, "campaigns": [each.number for each in campaigns[:1]]}
    form = CustomerForm(request.POST or None, rows=rows, campaigns=campaigns, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                joins = chosen_campaigns(account, by, form.cleaned_data.get("campaigns", []))
                made = enrol_customer(
                    account=account, by=by, at=viewer.at, profile=form.profile(), card=form.card(),
                    joins=tuple(Joining(each) for each in joins), sends_mail=form.cleaned_data["sends_mail"],
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The customer was added."))
            return HttpResponseRedirect(reverse("customer", args=[made.customer.code]))
    return render(request, "panel/customers/add.html", {"form": form}, status=400 if form.errors else 200)


@sensitive_post_parameters("password", "pin")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=("view_customer_search", "edit_customer_info"))
def edit(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show what is on record; write what was changed."""
    account, by = viewer.account, viewer.user
    customer = found_customer(viewer, code)
    form = CustomerForm(
        request.POST if request.method == "POST" else None,
        rows=list_fields(account=account, owner="customer"),
        customer=customer,
        may_change_card=may(by, "edit_customer_card_number"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                edit_customer(account=account, by=by, at=viewer.at, profile=form.profile(), code=customer.code)
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The customer was saved."))
            return HttpResponseRedirect(reverse("customer", args=[customer.code]))
    context = {"form": form, "customer": summary_of(customer)}
    return render(request, "panel/customers/edit.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in(needs=("view_customer_search", "edit_customer_info"))
def join(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Let a customer join a campaign."""
    customer = found_customer(viewer, code)
    try:
        with transaction.atomic():
            (campaign,) = chosen_campaigns(viewer.account, viewer.user, [request.POST.get("campaign", "")])
            edit_customer(
                account=viewer.account, by=viewer.user, at=viewer.at, profile=Profile(), code=customer.code,
                joins=(Joining(campaign),), sends_mail=False,
            )  # fmt: skip
    except RegularsError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The customer has joined %(campaign)s.") % {"campaign": campaign.name})
    return HttpResponseRedirect(reverse("customer", args=[customer.code]))


@require_POST
@signed_in(needs=("view_customer_search", "edit_customer_info"))
def leave(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Take a customer out of a campaign that he only joined."""
    customer = found_customer(viewer, code)
    try:
        with transaction.atomic():
            (campaign,) = chosen_campaigns(viewer.account, viewer.user, [request.POST.get("campaign", "")])
            leave_campaign(account=viewer.account, by=viewer.user, at=viewer.at, customer_id=customer.id, campaign=campaign)
    except RegularsError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The customer has left %(campaign)s.") % {"campaign": campaign.name})
    return HttpResponseRedirect(reverse("customer", args=[customer.code]))


@require_safe
@signed_in(needs=("view_customer_search", "customer_visits_view", "print_customer_transactions"))
def dossier(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Give all that is held about a customer as JSON."""
    document = collect_dossier(account=viewer.account, by=viewer.user, at=viewer.at, code=code)
    answer = HttpResponse(json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="customer-data.json"'
    return answer
