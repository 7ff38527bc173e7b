# SPDX-License-Identifier: Apache-2.0
"""The agencies of the installation, for the platform owner (ADR-0011)."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from regulars.errors import RegularsError
from regulars.panel.forms.accounts import NewAgencyForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.agencies import open_agency
from regulars.transactions.clients import list_all_agencies


@require_safe
@signed_in(needs="list_agencies", offices=("platform",))
def platform_agencies(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the agencies with their own accounts and how many businesses are under them."""
    rows = [
        {
            "name": row.name,
            "email": row.email,
            "code": row.account_code,
            "accounts": viewer.shown.number(row.account_count),
            "since": viewer.shown.day(row.created_at),
        }
        for row in list_all_agencies(account=viewer.account, by=viewer.user)
    ]
    return render(request, "panel/agencies.html", {"agencies": rows})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="manage_agencies", offices=("platform",))
def platform_new_agency(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Make an agency with its own account."""
    if request.method != "POST":
        return render(request, "panel/new_agency.html", {"form": NewAgencyForm()})
    form = NewAgencyForm(request.POST)
    if form.is_valid():
        account = viewer.account
        try:
            with transaction.atomic():
                made = open_agency(
                    account=account, by=viewer.user, at=viewer.at, currency=account.currency.code,
                    timezone=account.timezone, language=account.language, **form.cleaned_data,
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:  # not a redirect: the key is shown this once
            context = {
                "name": made.name,
                "code": made.opened.account.code,
                "token": made.opened.token,
                "has_password": bool(form.cleaned_data["password"]),
                "address": reverse("platform_account", args=[made.opened.account.code]),
                "back": reverse("platform_agencies"),
            }
            return render(request, "panel/opened_account.html", context)
    return render(request, "panel/new_agency.html", {"form": form}, status=400)
