# SPDX-License-Identifier: Apache-2.0
"""The first page: the dashboard, or for who may not see reports the account's campaigns."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from regulars.panel.kinds import KINDS, STATES
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.dashboard import dashboard
from regulars.reports.overview import CampaignLine, get_overview
from regulars.users.access import may


@require_safe
@signed_in(needs="")
def front_door(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """
    Lead an office to the accounts it answers for; show the dashboard to who may see reports, else the campaigns the user may
    see, with their customers.
    """
    if viewer.account.kind != "business" and may(viewer.user, "list_accounts"):
        return HttpResponseRedirect(reverse(f"{viewer.account.kind}_accounts"))
    if may(viewer.user, "access_reports"):
        return dashboard(request, viewer)
    overview = get_overview(account=viewer.account, by=viewer.user)
    context = {
        "customer_count": overview.customer_count,
        "customers": viewer.shown.number(overview.customer_count or 0) + ("+" if overview.is_bounded else ""),
        "sees_customers": overview.customer_count is not None,
        "shows_customers": overview.customer_count is not None and not overview.is_bounded,
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
