# SPDX-License-Identifier: Apache-2.0
"""The accounts that an office answers for: an agency's clients, or all of the platform owner's (ADR-0011, ADR-0024)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.queries import AccountRow, list_agency_names
from regulars.errors import NotFound, RegularsError
from regulars.panel.forms.accounts import STATES, FindAccountForm, MoveForm, NewAccountForm, StateForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, begin_guest_session, end_guest_session, signed_in
from regulars.reports.usage import CUSTOMERS_COUNTED_MAX, Usage, get_usage
from regulars.transactions.agencies import open_account
from regulars.transactions.clients import Client, get_client, list_clients_and_offices, update_client
from regulars.users.access import may
from regulars.users.guests import begin_visit

LENGTH = 25
COLOURS = {"trial": "badge-note", "active": "badge-good", "suspended": "badge-bad"}


@require_safe
@signed_in(needs="list_accounts", offices=("agency",))
def agency_accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show an agency its clients."""
    return _list(request, viewer)


@require_safe
@signed_in(needs="list_accounts", offices=("platform",))
def platform_accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the platform owner every account."""
    return _list(request, viewer)


@require_safe
@signed_in(needs="list_accounts", offices=("agency",))
def agency_account(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show an agency one of its clients."""
    return _page(request, viewer, code, None, 200)


@require_safe
@signed_in(needs="list_accounts", offices=("platform",))
def platform_account(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show the platform owner one account."""
    return _page(request, viewer, code, None, 200)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="manage_accounts", offices=("agency",))
def agency_new_account(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Open an account for a client of the agency."""
    return _new(request, viewer)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="manage_accounts", offices=("platform",))
def platform_new_account(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Open an account under any agency, or under none."""
    return _new(request, viewer)


@require_POST
@signed_in(needs="manage_accounts", offices=("agency",))
def agency_account_state(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Take a client out of trial."""
    return _change_state(request, viewer, code)


@require_POST
@signed_in(needs="manage_accounts", offices=("platform",))
def platform_account_state(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Suspend an account, or let it work again."""
    return _change_state(request, viewer, code)


@require_POST
@signed_in(needs=("manage_accounts", "list_agencies"), offices=("platform",))
def platform_account_agency(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Put an account under another agency, or under none."""
    form = MoveForm(request.POST, agencies=list_agency_names(account=viewer.account))
    if form.is_valid():
        try:
            with transaction.atomic():
                row = update_client(
                    account=viewer.account, by=viewer.user, at=viewer.at, code=_known(viewer, code).row.code,
                    agency_id=form.cleaned_data["agency"],
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(name)s was moved.") % {"name": row.biz_name or row.code})
            return HttpResponseRedirect(reverse("platform_account", args=[row.code]))
    return _page(request, viewer, code, form, 400)


@require_POST
@signed_in(needs="list_accounts", offices=("agency",))
def agency_enter(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Enter a client's account as a guest."""
    try:
        with transaction.atomic():
            guest = begin_visit(office=viewer.account, by=viewer.user, at=viewer.at, code=code)
    except NotFound:
        raise
    except RegularsError as error:
        messages.error(request, sentence(error))
        return HttpResponseRedirect(reverse("agency_account", args=[code]))
    begin_guest_session(request, guest)
    return HttpResponseRedirect(reverse("home"))


@require_POST
def agency_leave(request: HttpRequest) -> HttpResponse:
    """Go back to the agency; whoever visits nobody is where he was."""
    end_guest_session(request)
    return HttpResponseRedirect(reverse("home"))


# -- parts -----------------------------------------------------------------------------------------------------------
def _name(viewer: Viewer, what: str) -> str:
    return f"{viewer.account.kind}_{what}"


def _known(viewer: Viewer, code: str) -> Client:
    return get_client(account=viewer.account, by=viewer.user, code=code)


def _list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = FindAccountForm(request.GET)
    rows = list_clients_and_offices(account=viewer.account, by=viewer.user)
    is_empty = not rows
    if form.is_valid():
        words = form.cleaned_data["words"].lower().split()
        state = form.cleaned_data["state"]
        rows = tuple(row for row in rows if (not state or row.state == state) and all(word in _words(row) for word in words))
    page = request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    shown = rows[number * LENGTH : (number + 1) * LENGTH]
    usage = get_usage(account=viewer.account, account_ids=[row.id for row in shown], at=viewer.at)
    agencies = list_agency_names(account=viewer.account)
    context: dict[str, Any] = {
        "form": form,
        "accounts": [_row(viewer, row, usage.get(row.id), agencies) for row in shown],
        "is_empty": is_empty,
        "shows_agency": viewer.account.kind == "platform",
        "new_address": reverse(_name(viewer, "new_account")),
        "pages": Pages(
            previous=address_with(request, page=number - 1 or None) if number else "",
            next=address_with(request, page=number + 1) if (number + 1) * LENGTH < len(rows) else "",
            shown=ngettext("%(count)s account", "%(count)s accounts", len(rows)) % {"count": viewer.shown.number(len(rows))},
        ),
    }
    return render(request, "panel/accounts.html", context, status=400 if form.errors else 200)


def _words(row: AccountRow) -> str:
    return (
        f"{row.code} {row.biz_name} {row.biz_city} {row.contact_first_name} {row.contact_last_name} {row.client_email}".lower()
    )


def _row(viewer: Viewer, row: AccountRow, usage: Usage | None, agencies: dict[int, str]) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.biz_name or row.code,
        "address": reverse(_name(viewer, "account"), args=[row.code]),
        "city": row.biz_city,
        "state": dict(STATES)[row.state],
        "colour": COLOURS[row.state],
        "agency": "" if row.agency_id is None else agencies.get(row.agency_id, str(row.agency_id)),
        "customers": _customers(viewer, usage),
        "transactions": viewer.shown.number(usage.transactions) if usage else "",
        "space": viewer.shown.size(usage.space_bytes) if usage and usage.space_bytes else "",
        "last": viewer.shown.day(usage.last_recorded_at) if usage and usage.last_recorded_at else "",
        "opened": viewer.shown.day(row.created_at),
    }


def _customers(viewer: Viewer, usage: Usage | None) -> str:
    if usage is None:
        return ""
    if usage.customers > CUSTOMERS_COUNTED_MAX:
        return _("more than %(count)s") % {"count": viewer.shown.number(CUSTOMERS_COUNTED_MAX)}
    return viewer.shown.number(usage.customers)


def _page(request: HttpRequest, viewer: Viewer, code: str, moving: MoveForm | None, status: int) -> HttpResponse:
    client = _known(viewer, code)
    row, profile = client.row, client.config.profile
    usage = get_usage(account=viewer.account, account_ids=[row.id], at=viewer.at).get(row.id)
    agencies = list_agency_names(account=viewer.account)
    manages = may(viewer.user, "manage_accounts")
    is_platform = viewer.account.kind == "platform"
    if is_platform and manages and row.kind == "business" and moving is None:
        moving = MoveForm(agencies=agencies, initial={"agency": row.agency_id})
    owner = next((user for user in client.config.users.values() if user.is_owner), None)
    context: dict[str, Any] = {
        "account": _row(viewer, row, usage, agencies),
        "facts": [
            (_("Owner"), f"{row.contact_first_name} {row.contact_last_name}".strip() or (owner.code if owner else "")),
            (_("E-mail"), row.client_email),
            (_("Phone"), row.contact_phone),
            (_("Address"), ", ".join(filter(None, (profile["biz_address1"], row.biz_city, row.biz_country)))),
            (_("Currency"), row.currency),
            (_("Time zone"), row.timezone),
            (_("Campaigns"), viewer.shown.number(usage.campaigns if usage else 0)),
            (_("Customers"), _customers(viewer, usage)),
            (_("Transactions this month"), viewer.shown.number(usage.transactions) if usage else ""),
            (_("Space, about"), viewer.shown.size(usage.space_bytes) if usage and usage.space_bytes else ""),
            (_("Users"), viewer.shown.number(len(client.config.users))),
            (_("Last recorded"), viewer.shown.moment(usage.last_recorded_at) if usage and usage.last_recorded_at else ""),
            (_("Modules"), ", ".join(sorted(client.config.modules))),
        ],
        "hosts": client.hosts,
        "own_brand": [
            (_("Name"), client.brand.name), (_("Colour of links and buttons"), client.brand.accent_colour),
            (_("Colour of headings"), client.brand.bar_colour), (_("Mails come from"), client.brand.mail_name),
        ],
        "visits": [
            (visit.name or visit.user_code, visit.user_code, viewer.shown.moment(visit.began_at),
             viewer.shown.moment(visit.ended_at) if visit.ended_at else "")
            for visit in client.visits
        ],
        "is_platform": is_platform,
        "may_enter": not is_platform and row.state != "suspended",
        "may_activate": manages and row.state == "trial",
        "may_suspend": manages and is_platform and row.state != "suspended",
        "may_lift": manages and is_platform and row.state == "suspended",
        "moving": moving,
        "list_address": reverse(_name(viewer, "accounts")),
        "state_address": reverse(_name(viewer, "account_state"), args=[row.code]),
    }  # fmt: skip
    return render(request, "panel/account.html", context, status=status)


def _change_state(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    row = _known(viewer, code).row
    form = StateForm(request.POST)
    if form.is_valid():
        state = form.cleaned_data["state"]
        with transaction.atomic():
            update_client(account=viewer.account, by=viewer.user, at=viewer.at, code=row.code, state=state)
        messages.success(request, _("%(name)s: %(state)s.") % {"name": row.biz_name or row.code, "state": dict(STATES)[state]})
    return HttpResponseRedirect(reverse(_name(viewer, "account"), args=[row.code]))


def _new(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    rows = list_clients_and_offices(account=viewer.account, by=viewer.user)
    shown: dict[str, Any] = {"office": viewer.account, "models": rows, "agencies": list_agency_names(account=viewer.account)}
    back = reverse(_name(viewer, "accounts"))
    if request.method != "POST":
        form = NewAccountForm(initial={"copy_from": request.GET.get("copy_from", "")}, **shown)
        return render(request, "panel/new_account.html", {"form": form, "back": back})
    form = NewAccountForm(request.POST, **shown)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = open_account(account=viewer.account, by=viewer.user, at=viewer.at, **form.asked())
        except RegularsError as error:
            form.refuse(error)
        else:  # not a redirect: the key is shown this once
            context = {
                "name": made.account.profile["biz_name"],
                "code": made.account.code,
                "token": made.token,
                "has_password": bool(form.cleaned_data["password"]),
                "address": reverse(_name(viewer, "account"), args=[made.account.code]),
                "back": back,
            }
            return render(request, "panel/opened_account.html", context)
    return render(request, "panel/new_account.html", {"form": form, "back": back}, status=400)
