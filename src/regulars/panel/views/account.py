# SPDX-License-Identifier: Apache-2.0
"""The account's own pages: the business, its localisation, its limits, the services it uses; and the end of its trial."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.queries import get_services
from regulars.errors import RegularsError
from regulars.panel.forms.account import AccountForm, BusinessForm, LimitsForm, LocalisationForm, ServicesForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.account_profile import change_account, has_money

NEEDS = "edit_account_info"
"""The permission of account_update."""
EXAMPLE_MINOR = 123_450
EXAMPLE_NUMBER = 1_234_567


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def business_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change what the account says of the business."""
    account = viewer.account
    form = BusinessForm(
        request.POST if request.method == "POST" else None,
        initial=BusinessForm.start(account),
        account=account,
        locale=viewer.shown.locale,
    )
    return _page(request, viewer, form, "account", _("Business"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def localisation_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change language, currency and time zone."""
    account, shown = viewer.account, viewer.shown
    form = LocalisationForm(
        request.POST if request.method == "POST" else None,
        initial=LocalisationForm.start(account),
        account=account,
        locale=shown.locale,
        has_money=has_money(account),
    )
    examples = [
        (_("Now"), shown.moment(viewer.at)),
        (_("A number"), shown.number(EXAMPLE_NUMBER)),
        (_("An amount"), shown.money(EXAMPLE_MINOR)),
    ]
    return _page(request, viewer, form, "account_localisation", _("Localisation"), examples=examples)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def limits_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change the limits and how long requests are kept."""
    start = LimitsForm.start(viewer.account)
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=start)
    return _page(request, viewer, form, "account_limits", _("Limits"))


@sensitive_post_parameters("mailchimp_password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def services_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change the names and passwords for services."""
    services = get_services(account=viewer.account)
    form = ServicesForm(
        request.POST if request.method == "POST" else None,
        initial={"mailchimp_username": services.mailchimp_username},
        has_password=services.has_mailchimp_password,
    )
    return _page(request, viewer, form, "account_services", _("Services"))


@require_POST
@signed_in(needs=(NEEDS, "activate_account"))
def activate(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take the account out of trial."""
    change_account(account=viewer.account, by=viewer.user, at=viewer.at, profile={}, activate=True)
    messages.success(request, _("The account is out of trial: it may have any number of customers."))
    return HttpResponseRedirect(reverse("account"))


def _page(
    request: HttpRequest,
    viewer: Viewer,
    form: AccountForm,
    name: str,
    title: str,
    *,
    examples: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                with transaction.atomic():
                    change_account(
                        account=viewer.account, by=viewer.user, at=viewer.at, profile=form.profile(), currency=form.currency()
                    )
            except RegularsError as error:
                form.refuse(error)
            else:
                messages.success(request, _("The account was saved."))
                return HttpResponseRedirect(reverse(name))
        status = 400
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "tabs": [
            (reverse(each), label, each == name)
            for each, label in (
                ("account", _("Business")),
                ("account_localisation", _("Localisation")),
                ("account_limits", _("Limits")),
                ("account_services", _("Services")),
            )
        ],
        "account_id": viewer.account.code,
        "since": viewer.shown.day(viewer.account.created_at),
        "is_trial": viewer.account.state == "trial",
        "is_first": name == "account",
        "examples": examples or [],
    }
    return render(request, "panel/own_account.html", context, status=status)
