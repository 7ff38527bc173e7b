# SPDX-License-Identifier: Apache-2.0
"""What was changed in the account: who, when, from where, before and after."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from regulars.changes.queries import SCANNED_MAX, ChangeLine, list_changes
from regulars.panel.change_words import ACTIONS, FACES, SUBJECTS, differences
from regulars.panel.forms.changes import ChangesForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.viewer import Viewer, signed_in

LENGTH = 50
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
    asked = request.GET.get("older", "")
    before_id = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    found = list_changes(account=viewer.account, by=viewer.user, before_id=before_id, length=LENGTH, **form.filters())
    context["changes"] = [_row(viewer, line) for line in found.lines]
    looked = _("%(count)s changes were looked through.") % {"count": viewer.shown.number(SCANNED_MAX)}
    context["pages"] = Pages(
        previous=address_with(request, older=None) if before_id else "",
        next=address_with(request, older=found.older_than) if found.older_than else "",
        previous_label=_("Newest"),
        next_label=_("Older"),
        shown=looked if found.is_cut else "",
    )
    return render(request, "panel/changes.html", context)


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
