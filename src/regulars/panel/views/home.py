# SPDX-License-Identifier: Apache-2.0
"""The first page: the account's campaigns."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from regulars.panel.viewer import Viewer, signed_in
from regulars.reports.overview import CampaignLine, get_overview

KINDS = {
    "points": _("Points Program"),
    "giftcard": _("Gift Card Program"),
    "events": _("Event-Based Program"),
    "earned": _("Earn Money per Event"),
    "buyx": _("Buy X Get 1 Free"),
}
STATES = {"active": _("Active"), "on_hold": _("On hold")}


@require_safe
@signed_in(needs="")
def front_door(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the campaigns the user may see, with their customers."""
    overview = get_overview(account=viewer.account, by=viewer.user)
    context = {
        "customer_count": overview.customer_count,
        "shows_customers": overview.customer_count is not None,
        "campaigns": [_row(viewer, line) for line in overview.campaigns],
    }
    return render(request, "panel/home.html", context)


def _row(viewer: Viewer, line: CampaignLine) -> dict[str, object]:
    campaign = line.campaign
    return {
        "name": campaign.name,
        "number": campaign.number,
        "kind": KINDS[campaign.kind],
        "state": STATES[campaign.state],
        "is_active": campaign.state == "active",
        "customer_count": line.customer_count,
        "created": viewer.shown.day(campaign.created_at),
    }
