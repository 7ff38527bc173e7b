# SPDX-License-Identifier: Apache-2.0
"""What was sent to a webhook, what was answered, and sending it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.errors import RateLimited, RegularsError
from regulars.panel.forms.webhooks import DeliveriesForm, SinceForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, clock, signed_in
from regulars.panel.views.webhooks import endpoint_shown
from regulars.panel.webhook_words import BADGES, KINDS, STATES, answer_of
from regulars.webhooks import operations
from regulars.webhooks.queries import DeliveryRow, get_delivery, get_endpoint, list_deliveries

LENGTH = 50


@require_safe
@signed_in(needs="edit_account_info")
def webhook_page(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Show how a webhook fares, and its newest deliveries that match."""
    return _page(request, viewer, endpoint_id, None, 200)


@require_POST
@signed_in(needs="edit_account_info")
def test_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Send a test."""
    try:
        operations.send_test(account=viewer.account, by=viewer.user, at=clock(), endpoint_id=endpoint_id)
    except RateLimited as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The test is on its way. Look again in some seconds."))
    return HttpResponseRedirect(reverse("webhook", args=[endpoint_id]))


@require_POST
@signed_in(needs="edit_account_info")
def resend_webhook(request: HttpRequest, viewer: Viewer, endpoint_id: int) -> HttpResponse:
    """Send all that happened since a time."""
    form = SinceForm(request.POST, account=viewer.account)
    if form.is_valid():
        try:
            with transaction.atomic():
                operations.send_again_since(
                    account=viewer.account, by=viewer.user, at=clock(), endpoint_id=endpoint_id,
                    since=form.cleaned_data["since"],
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            since = viewer.shown.moment(form.cleaned_data["since"])
            messages.success(request, _("All that happened since %(since)s is sent once more.") % {"since": since})
            return HttpResponseRedirect(reverse("webhook", args=[endpoint_id]))
    return _page(request, viewer, endpoint_id, form, 400)


@require_safe
@signed_in(needs="edit_account_info")
def webhook_delivery(request: HttpRequest, viewer: Viewer, delivery_id: int) -> HttpResponse:
    """Show one delivery with its payload."""
    row = get_delivery(account=viewer.account, by=viewer.user, delivery_id=delivery_id)
    endpoint = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=row.endpoint_id)
    payload = orjson.dumps(orjson.loads(row.payload), option=orjson.OPT_INDENT_2).decode()
    context = {"delivery": _shown(viewer, row), "webhook": endpoint_shown(viewer, endpoint), "payload": payload}
    return render(request, "panel/webhooks/delivery.html", context)


@require_POST
@signed_in(needs="edit_account_info")
def resend_delivery(request: HttpRequest, viewer: Viewer, delivery_id: int) -> HttpResponse:
    """Send one delivery again."""
    operations.send_again(account=viewer.account, by=viewer.user, at=clock(), delivery_id=delivery_id)
    messages.success(request, _("The event is sent once more. Look again in some seconds."))
    return HttpResponseRedirect(reverse("webhook_delivery", args=[delivery_id]))


def _page(request: HttpRequest, viewer: Viewer, endpoint_id: int, since_form: SinceForm | None, status: int) -> HttpResponse:
    endpoint = get_endpoint(account=viewer.account, by=viewer.user, endpoint_id=endpoint_id)
    form = DeliveriesForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"state": "", "kind": ""}
    older = request.GET.get("older", "")
    before_id = int(older) if older.isascii() and older.isdecimal() and len(older) < 19 else None
    found = list_deliveries(
        account=viewer.account, by=viewer.user, endpoint_id=endpoint_id, state=asked["state"], kind=asked["kind"],
        before_id=before_id, length=LENGTH,
    )  # fmt: skip
    # What it missed, where it was switched off; else a day.
    start = endpoint.failing_since or endpoint.off_at or clock() - timedelta(days=1)
    clock_ahead = timedelta(seconds=viewer.account.test_clock_offset_seconds)
    context = {
        "webhook": endpoint_shown(viewer, endpoint),
        "form": form,
        "since_form": since_form or SinceForm(account=viewer.account, since=start + clock_ahead),
        "deliveries": [_shown(viewer, row) for row in found.rows],
        "pages": Pages(
            previous=address_with(request, older=None) if before_id else "",
            next=address_with(request, older=found.older_than) if found.older_than else "",
            previous_label=_("Newest"),
            next_label=_("Older"),
        ),
    }
    return render(request, "panel/webhooks/endpoint.html", context, status=status)


def _shown(viewer: Viewer, row: DeliveryRow) -> dict[str, Any]:
    waits = row.state == "waiting" and row.attempt_count > 0
    return {
        "id": row.id,
        "event_id": row.event_id,
        "kind": str(KINDS.get(row.kind, _("Test"))),
        "type": row.kind,
        "at": viewer.shown.second(row.created_at),
        "state": str(STATES[row.state]),
        "badge": BADGES[row.state],
        "attempts": viewer.shown.number(row.attempt_count),
        "next": viewer.shown.second(row.next_attempt_at) if waits else "",
        "last": viewer.shown.second(row.last_attempt_at) if row.last_attempt_at else "",
        "status": answer_of(row),
        "answer": row.last_answer,
        "milliseconds": viewer.shown.number(row.last_milliseconds) if row.last_milliseconds is not None else "",
    }
