# SPDX-License-Identifier: Apache-2.0
"""Adding a customer at the counter, in one step."""

from __future__ import annotations

import re

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from regulars.accounts.fields import list_fields
from regulars.errors import RegularsError, StaleConfiguration
from regulars.kit.addresses import is_address
from regulars.panel.forms.enrol import EnrolForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.counter import LAST_CAMPAIGN, with_camera
from regulars.transactions.enrol_once import enrol_once

_CARD = re.compile(r"[0-9][0-9 -]{5,}|[A-Za-z]{0,4}[0-9]{6,}", re.ASCII)
_PHONE = re.compile(r"\+[0-9 ()./-]{6,}|\([0-9]+\)[0-9 ./-]{5,}", re.ASCII)


def start_of(text: str) -> dict[str, str]:
    """Return what of a new customer is known from a search that found nobody: the card, the phone, the address, the name."""
    text = text.strip()[:200]
    if is_address(text):
        return {"email": text}
    if _PHONE.fullmatch(text):
        return {"phone": text}
    if _CARD.fullmatch(text):
        return {"card_number": text}
    first, _blank, last = text.partition(" ")
    return {"first_name": first, "last_name": last.strip()}


@sensitive_post_parameters("customer_password", "customer_PIN")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=("view_customer_search", "add_customer"))
@with_camera
def counter_enrol(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the form, begun with what was searched for; add the customer and go on with him."""
    account, by = viewer.account, viewer.user
    rows = list_fields(account=account, owner="customer")
    campaigns = [each for each in account.campaigns.values() if each.state == "active" and by.may_see(each)]
    if request.method != "POST":
        last = request.session.get(LAST_CAMPAIGN, "")
        numbers = [each.number for each in campaigns]
        joined = [last] if last in numbers else numbers[:1]
        start = start_of(request.GET.get("q", "")) | {"campaigns": joined, "sends_mail": True}
        return _page(request, EnrolForm(initial=start, rows=rows, campaigns=campaigns), 200)
    form = EnrolForm(request.POST, rows=rows, campaigns=campaigns)
    if form.is_valid():
        try:
            with transaction.atomic():
                customer_id = enrol_once(account=account, by=by, at=viewer.at, **form.enrolment())
        except StaleConfiguration:
            raise
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The customer was added."))
            return HttpResponseRedirect(reverse("counter_customer", args=[customer_id]))
    return _page(request, form, 400)


def _page(request: HttpRequest, form: EnrolForm, status: int) -> HttpResponse:
    return render(request, "panel/counter/enrol.html", {"form": form}, status=status)
