# SPDX-License-Identifier: Apache-2.0
"""Who is told what happens in the account: the list, one webhook's settings, its secret, on and off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.errors import RegularsError
from regulars.kit import webhook_snippets
from regulars.panel.forms.webhooks import EndpointForm, RotateForm
from regulars.panel.viewer import Viewer, clock, signed_in
from regulars.panel.webhook_words import KINDS, state_of
from regulars.webhooks import operations
from regulars.webhooks.options import WebhookOptions
from regulars.webhooks.queries import EndpointRow, get_endpoint, list_endpoints

CODES = (("python", "Python", webhook_snippets.PYTHON), ("php", "PHP", webhook_snippets.PHP))


@require_safe
@signed_in(needs="edit_account_info")
def webhook_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the account's webhooks, and code that checks what they bring."""
    rows = list_endpoints(account=viewer.account, by=viewer.user)
    context = {"webhooks": [endpoint_shown(viewer, row) for row in rows], "codes": _codes()}
    return render(request, "panel/webhooks/list.html", context)


@sensitive_variables("added")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def add_webhook(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show an empty form; add the webhook and show its secret, once."""
    if request.method != "POST":
        return _form_page(request, EndpointForm(initial={"kinds": list(KINDS)}, account=viewer.account), None, 200)
    form = EndpointForm(request.POST, account=viewer.account)
    if form.is_valid():
        try:
            with transaction.atomic():
                added = operations.add_endpoint(
                    account=viewer.account, by=viewer.user, at=clock(), values=form.values(),
                    options=WebhookOptions.from_environment(),
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            return _secret_page(request, added.id, form.cleaned_data["name"], added.secret, is_new=True)
    return _form_page(request, form, None, 400)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def edit_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Show a webhook's settings; save changes."""
    row = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=endpoint_id)
    if request.method != "POST":
        start = {"name": row.name, "url": row.url, "kinds": row.kinds, "campaign_ids": row.campaign_ids}
        return _form_page(request, EndpointForm(initial=start, account=viewer.account), row, 200)
    form = EndpointForm(request.POST, account=viewer.account)
    if form.is_valid():
        try:
            with transaction.atomic():
                operations.change_endpoint(
                    account=viewer.account, by=viewer.user, at=clock(), endpoint_id=endpoint_id, values=form.values(),
                    options=WebhookOptions.from_environment(),
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The webhook was saved."))
            return HttpResponseRedirect(reverse("webhook", args=[endpoint_id]))
    return _form_page(request, form, row, 400)


@sensitive_variables("secret")
@require_POST
@signed_in(needs="edit_account_info")
def rotate_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Give a webhook a new secret, and show it, once."""
    row = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=endpoint_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        start = {"name": row.name, "url": row.url, "kinds": row.kinds, "campaign_ids": row.campaign_ids}
        return _form_page(request, EndpointForm(initial=start, account=viewer.account), row, 400, rotate_form=form)
    secret = operations.rotate_secret(
        account=viewer.account, by=viewer.user, at=clock(), endpoint_id=endpoint_id,
        overlap_seconds=int(form.cleaned_data["overlap"]),
    )  # fmt: skip
    return _secret_page(request, endpoint_id, row.name, secret, is_new=False)


@require_POST
@signed_in(needs="edit_account_info")
def switch_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Switch a webhook on or off, whichever it is not."""
    row = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=endpoint_id)
    where: dict[str, Any] = {"account": viewer.account, "by": viewer.user, "at": clock(), "endpoint_id": endpoint_id}
    if request.POST.get("to") == "on" and not row.is_on:
        operations.switch_on(**where)
        text = _("The webhook is on: it is told what happens from now on. What it missed since %(since)s can be sent below.")
        messages.success(request, text % {"since": viewer.shown.second(row.off_at or clock())})
    elif request.POST.get("to") == "off" and row.is_on:
        operations.switch_off(**where)
        messages.success(request, _("The webhook is off."))
    return HttpResponseRedirect(reverse("webhook", args=[endpoint_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def delete_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Say what goes with a webhook; delete it."""
    row = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=endpoint_id)
    if request.method == "POST":
        operations.delete_endpoint(account=viewer.account, by=viewer.user, at=clock(), endpoint_id=endpoint_id)
        messages.success(request, _("The webhook %(name)s was deleted.") % {"name": row.name})
        return HttpResponseRedirect(reverse("webhooks"))
    return render(request, "panel/webhooks/delete.html", {"webhook": endpoint_shown(viewer, row)})


def endpoint_shown(viewer: Viewer, row: EndpointRow) -> dict[str, Any]:
    """Return an endpoint as pages show it."""
    state, badge, said = state_of(viewer, row)
    known = viewer.account.campaigns_by_id
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "kinds": [str(KINDS[kind]) for kind in row.kinds],
        "campaigns": [known[number].name if number in known else str(number) for number in row.campaign_ids],
        "is_on": row.is_on,
        "state": state,
        "badge": badge,
        "said": said,
        "waiting": viewer.shown.number(row.waiting) if row.waiting else "",
        "old_secret_until": viewer.shown.moment(row.previous_until)
        if row.previous_until is not None and row.previous_until > clock()
        else "",
    }


def _codes() -> list[dict[str, str]]:
    return [{"name": name, "label": label, "code": code} for name, label, code in CODES]


def _form_page(
    request: HttpRequest, form: EndpointForm, row: EndpointRow | None, status: int, *, rotate_form: RotateForm | None = None
) -> HttpResponse:
    context = {"form": form, "endpoint_id": row.id if row else 0, "name": row.name if row else ""}
    context["rotate_form"] = rotate_form or RotateForm()
    return render(request, "panel/webhooks/form.html", context, status=status)


def _secret_page(request: HttpRequest, endpoint_id: int, name: str, secret: str, *, is_new: bool) -> HttpResponse:
    context = {"endpoint_id": endpoint_id, "name": name, "secret": secret, "is_new": is_new, "codes": _codes()}
    answer = render(request, "panel/webhooks/secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
