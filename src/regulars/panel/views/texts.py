# SPDX-License-Identifier: Apache-2.0
"""How an account's texts leave and what they say: the gateway, a test, what did not arrive."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.messages.settings import Attempt, list_attempts
from regulars.messages.text_carrier import TextOptions
from regulars.messages.text_rules import OWN_RECEIPT
from regulars.messages.texting import RECEIPT, TEST, get_text_settings, queue_text_test, sample_text, set_gateway
from regulars.panel.forms.texts import BODY, GatewayForm, TextTestForm
from regulars.panel.viewer import Viewer, signed_in


@sensitive_post_parameters("sms_password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def texts_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the settings; save the gateway."""
    if request.method != "POST":
        return _page(request, viewer, None, TextTestForm(), 200)
    form = GatewayForm(request.POST, has_password=get_text_settings(account=viewer.account).has_password)
    if form.is_valid():
        try:
            with transaction.atomic():
                set_gateway(account=viewer.account, at=viewer.at, options=TextOptions.from_environment(), **form.asked())
        except RegularsError as error:
            form.refuse(error)
        else:
            is_on = bool(form.cleaned_data["url"])
            said = _("The gateway was saved. Send a test now.") if is_on else _("No texts are sent any more.")
            messages.success(request, said)
            return HttpResponseRedirect(reverse("texts"))
    return _page(request, viewer, form, TextTestForm(), 400)


@require_POST
@signed_in(needs="edit_account_info")
def texts_test(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Send a text to try the settings out."""
    form = TextTestForm(request.POST)
    if form.is_valid():
        business = viewer.account.profile["biz_name"] or viewer.account.code
        try:
            queue_text_test(
                account=viewer.account, recipient=form.cleaned_data["recipient"], at=viewer.at,
                body=_("A test from %(business)s") % {"business": business},
            )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The test is on its way. Look again in some seconds."))
            return HttpResponseRedirect(reverse("texts"))
    return _page(request, viewer, None, form, 400)


def _page(request: HttpRequest, viewer: Viewer, form: GatewayForm | None, test_form: TextTestForm, status: int) -> HttpResponse:
    settings = get_text_settings(account=viewer.account)
    if form is None:
        start: dict[str, Any] = asdict(settings.gateway) if settings.gateway else {"body": BODY}
        form = GatewayForm(initial={**start, "sms_username": settings.username}, has_password=settings.has_password)
    last = [*list_attempts(account=viewer.account, kind=TEST), *list_attempts(account=viewer.account, kind=RECEIPT, limit=10)]
    receipt = str(form["receipt"].value() or "")
    context = {
        "form": form,
        "test_form": test_form,
        "host": settings.gateway.host if settings.gateway else "",
        "attempts": [_attempt(viewer, each) for each in sorted(last, key=lambda each: each.created_at, reverse=True)],
        "ours": OWN_RECEIPT,
        "sample": sample_text(account=viewer.account, receipt=receipt),
    }
    return render(request, "panel/texts.html", context, status=status)


def _attempt(viewer: Viewer, each: Attempt) -> dict[str, Any]:
    state = "sent" if each.sent_at else "failed" if each.abandoned_at else "waiting"
    return {
        "at": viewer.shown.second(each.created_at),
        "recipient": each.recipient,
        "is_test": each.kind == TEST,
        "state": state,
        "error": "" if each.sent_at else each.error,
    }
