# SPDX-License-Identifier: Apache-2.0
"""What was changed in the account: who, when, from where, before and after; and what happened to people's access."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from regulars.changes.queries import SCANNED_MAX, ChangeLine, list_changes
from regulars.panel.change_words import ACTIONS, EVENTS, FACES, HOWS, SUBJECTS, differences
from regulars.panel.forms.changes import ChangesForm, EventsForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.viewer import Viewer, signed_in
from regulars.users.security_events import EventLine, list_security_events

LENGTH = 50
LOSSES = ("sign_in_failed", "locked_out", "second_factor_off", "second_factor_reset")
"""Events to look at twice."""
SHOWN_MAX = 6
"""More values than this of one change are folded away."""


@require_safe
@signed_in(needs="view_request_log")
def change_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the newest changes that match, and the way to older ones."""
    form = ChangesForm(request.GET, account=viewer.account)
    context: dict[str, Any] = {"form": form, "changes": []}
    if not form.is_valid():
        return render(request, "panel/changes.html", context, status=400)
    before_id = _older_than(request)
    found = list_changes(account=viewer.account, by=viewer.user, before_id=before_id, length=LENGTH, **form.filters())
    context["changes"] = [_row(viewer, line) for line in found.lines]
    looked = _("%(count)s changes were looked through.") % {"count": viewer.shown.number(SCANNED_MAX)}
    context["pages"] = _pages(request, before_id, found.older_than, looked if found.is_cut else "")
    return render(request, "panel/changes.html", context)


@require_safe
@signed_in(needs="view_request_log")
def security_events(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what happened to people's access, the newest first, and the way to older events."""
    form = EventsForm(request.GET, account=viewer.account)
    context: dict[str, Any] = {"form": form, "events": []}
    if not form.is_valid():
        return render(request, "panel/security_events.html", context, status=400)
    before_id = _older_than(request)
    found = list_security_events(account=viewer.account, by=viewer.user, before_id=before_id, length=LENGTH, **form.filters())
    context["events"] = [_event(viewer, line) for line in found.lines]
    looked = _("%(count)s events were looked through.") % {"count": viewer.shown.number(SCANNED_MAX)}
    context["pages"] = _pages(request, before_id, found.older_than, looked if found.is_cut else "")
    return render(request, "panel/security_events.html", context)


def _older_than(request: HttpRequest) -> int | None:
    asked = request.GET.get("older", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _pages(request: HttpRequest, before_id: int | None, older_than: int | None, shown: str) -> Pages:
    return Pages(
        previous=address_with(request, older=None) if before_id else "",
        next=address_with(request, older=older_than) if older_than else "",
        previous_label=_("Newest"),
        next_label=_("Older"),
        shown=shown,
    )


def _event(viewer: Viewer, line: EventLine) -> dict[str, Any]:
    return {
        "at": viewer.shown.second(line.at),
        "user_code": line.user_code,
        "by_code": line.by_code,
        "event": EVENTS.get(line.event, line.event),
        "is_loss": line.event in LOSSES,
        "how": HOWS.get(line.how, line.how),
        "address": line.address,
    }


def _row(viewer: Viewer, line: ChangeLine) -> dict[str, Any]:
    campaign = viewer.account.campaigns_by_id.get(line.campaign_id or 0)
    found = differences(viewer, line.before, line.after, line.action)
    return {
        "at": viewer.shown.second(line.at),
        "user_code": line.user_code,
        "face": FACES.get(line.face, line.face),
        "subject": SUBJECTS[line.subject],
        "name": line.name or str(line.subject_id or ""),
        "campaign": campaign.name if campaign else "",
        "action": ACTIONS[line.action],
        "is_loss": line.action in ("deleted", "ended", "erased"),
        "differences": found,
        "is_long": len(found) > SHOWN_MAX,
        "count": ngettext("%(count)s value", "%(count)s values", len(found)) % {"count": len(found)},
    }
