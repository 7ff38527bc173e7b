# SPDX-License-Identifier: Apache-2.0
"""What a dashboard shows: figures as they are written, and the tables that charts are drawn from (static/panel/charts.js)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.accounts.directory import CampaignConfig
from regulars.coalition.periods import list_settlements
from regulars.kit.units import PPM
from regulars.panel.forms.dashboard import DashboardForm
from regulars.panel.kinds import KINDS, STATES
from regulars.panel.viewer import Viewer
from regulars.reports.dashboard import visible_campaigns
from regulars.reports.figures import Activity, Figures, Line, Sums, get_activity, get_figures, value_minor
from regulars.reports.rules import Span

DAYS_SHOWN_MAX = 62
"""Beyond it a chart has a bar for each month, not for each day."""
MONTHS_SHOWN = 12


def dashboard(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the figures of the chosen days."""
    seen = tuple(sorted(visible_campaigns(viewer.account, viewer.user), key=lambda each: each.name.lower()))
    today = viewer.at.astimezone(viewer.account.zone).date()
    form = DashboardForm(request.GET, seen=seen, today=today, account=viewer.account)
    context: dict[str, Any] = {"form": form, "figures": None, "has_campaigns": bool(seen)}
    if not form.is_valid():
        return render(request, "panel/dashboard.html", context, status=400)
    span, campaigns = form.span(), form.campaigns()
    found = get_figures(account=viewer.account, by=viewer.user, campaigns=campaigns, span=span)
    cost_ppm = form.point_cost_ppm if form.point_cost_ppm is not None else _last_cost(viewer)
    context["figures"] = {
        "period": f"{viewer.shown.day(span.first)} – {viewer.shown.day(span.last)}",
        "tiles": _tiles(viewer, campaigns, found, cost_ppm),
        "charts": _charts(viewer, span, found, campaigns),
        "campaigns": [_campaign(viewer, each, found, cost_ppm) for each in campaigns],
        "places": [_place(viewer, name, line) for name, line in sorted(found.by_place.items())],
    }
    if viewer.user.campaigns_access == "all":
        activity = context["activity"] = _activity(viewer, get_activity(account=viewer.account), today.replace(day=1))
        context["figures"]["tiles"] += activity["tiles"]
    return render(request, "panel/dashboard.html", context)


def _last_cost(viewer: Viewer) -> int | None:
    """What a point cost at the last settlement between stores."""
    if not viewer.account.modules:
        return None
    closed = list_settlements(account=viewer.account, limit=1)[1]
    return closed[0].point_cost_ppm if closed else None


def _tile(viewer: Viewer, label: str, value: str, now: int, before: int, *, is_good: bool = True) -> dict[str, Any]:
    """One figure, and how it changed. ``is_good``: more is better."""
    change = None
    if before:
        ppm = (now - before) * PPM // abs(before)
        change = {"text": ("+" if ppm > 0 else "") + viewer.shown.percent(ppm), "is_up": ppm > 0, "is_same": ppm == 0}
        change["tone"] = "note" if change["is_same"] else "good" if (ppm > 0) == is_good else "bad"
    return {"label": label, "value": value, "change": change}


def _tiles(viewer: Viewer, campaigns: tuple[CampaignConfig, ...], found: Figures, cost_ppm: int | None) -> list[dict[str, Any]]:
    shown, total, points, money = viewer.shown, found.total, found.points, found.money
    worth = [
        value_minor(account=viewer.account, campaign=each, owed=found.owed[each.id], point_cost_ppm=cost_ppm)
        for each in campaigns
    ]
    tiles = [
        _tile(viewer, _("Sales"), shown.money(total.now.sales_minor), total.now.sales_minor, total.before.sales_minor),
        _tile(viewer, _("Transactions"), shown.number(_count(total.now)), _count(total.now), _count(total.before)),
    ]
    kinds = {each.kind for each in campaigns}
    if "points" in kinds:
        issued, redeemed = points.now.issued, points.now.redeemed
        tiles += [
            _tile(viewer, _("Points issued"), shown.number(issued), issued, points.before.issued),
            _tile(viewer, _("Points redeemed"), shown.number(redeemed), redeemed, points.before.redeemed),
        ]
    if kinds & {"giftcard", "earned"}:
        loaded, spent = money.now.issued, money.now.redeemed
        tiles += [
            _tile(viewer, _("Stored value loaded"), shown.money(loaded), loaded, money.before.issued),
            _tile(viewer, _("Stored value spent"), shown.money(spent), spent, money.before.redeemed),
        ]
    known = [each for each in worth if each is not None]
    if known:
        tiles.append({"label": _("Owed to customers today"), "value": shown.money(sum(known)), "change": None})
    joined = total.now.joined
    tiles.append(_tile(viewer, _("Joined"), shown.number(joined), joined, total.before.joined))
    return tiles


def _count(sums: Sums) -> int:
    return sums.sales + sums.redemptions


def _charts(viewer: Viewer, span: Span, found: Figures, campaigns: tuple[CampaignConfig, ...]) -> list[dict[str, Any]]:
    money, number = viewer.shown.money, viewer.shown.number
    charts = [
        {
            "name": "sales", "title": _("Sales"), "kind": "bar", "unit": "money", "head": [_("Sales")],
            "rows": [
                {"label": label, "cells": [_cell(sums.sales_minor, money, _scale(viewer))]}
                for label, sums in _by_period(viewer, span, found.by_day)
            ],
        }
    ]  # fmt: skip
    if any(each.kind == "points" for each in campaigns):
        rows = [
            {"label": label, "cells": [_cell(sums.issued, number), _cell(sums.redeemed, number)]}
            for label, sums in _by_period(viewer, span, found.points_by_day)
        ]
        head = [_("Issued"), _("Redeemed")]
        charts.append({"name": "points", "title": _("Points"), "kind": "line", "unit": "number", "head": head, "rows": rows})
    return charts


def _scale(viewer: Viewer) -> int:
    scale: int = 10**viewer.account.currency.decimals
    return scale


def _cell(amount: int, write: Any, scale: int = 1) -> dict[str, Any]:
    """``number`` is for the chart, in whole units with decimals; a picture needs no exactness."""
    return {"text": write(amount), "number": str(amount if scale == 1 else amount / scale)}


def _by_period(viewer: Viewer, span: Span, by_day: dict[date, Sums]) -> Iterable[tuple[str, Sums]]:
    """Days, or the months they are in where they are many."""
    if (span.last - span.first).days < DAYS_SHOWN_MAX:
        return [(viewer.shown.day(day), sums) for day, sums in by_day.items()]
    months: dict[date, Sums] = {}
    for day, sums in by_day.items():
        month = day.replace(day=1)
        months[month] = months.get(month, Sums()) + sums
    return [(viewer.shown.month(month), sums) for month, sums in months.items()]


def _unit(viewer: Viewer, campaign: CampaignConfig, amount: int) -> str:
    return viewer.shown.money(amount) if campaign.is_money else viewer.shown.number(amount)


def _campaign(viewer: Viewer, campaign: CampaignConfig, found: Figures, cost_ppm: int | None) -> dict[str, Any]:
    now, owed = found.by_campaign[campaign.id].now, found.owed[campaign.id]
    worth = value_minor(account=viewer.account, campaign=campaign, owed=owed, point_cost_ppm=cost_ppm)
    return {
        "name": campaign.name,
        "kind": KINDS[campaign.kind],
        "number": campaign.number,
        "state": STATES[campaign.state],
        "is_active": campaign.state == "active",
        "sales": viewer.shown.money(now.sales_minor) if campaign.kind == "points" else "–",
        "transactions": viewer.shown.number(_count(now)),
        "issued": _unit(viewer, campaign, now.issued),
        "redeemed": _unit(viewer, campaign, now.redeemed),
        "owed": _unit(viewer, campaign, owed),
        "worth": "–" if worth is None else viewer.shown.money(worth),
    }


def _place(viewer: Viewer, name: str, line: Line) -> dict[str, Any]:
    return {
        "name": name or _("Without a location"),
        "sales": viewer.shown.money(line.now.sales_minor),
        "before": viewer.shown.money(line.before.sales_minor),
        "transactions": viewer.shown.number(_count(line.now)),
    }


def _activity(viewer: Viewer, activity: Activity, this_month: date) -> dict[str, Any]:
    months = [_months_back(this_month, back) for back in range(MONTHS_SHOWN - 1, -1, -1)]
    number, last_month = viewer.shown.number, months[-2]
    active = activity.active(this_month)
    returning = activity.returning(this_month)
    rate = viewer.shown.percent(returning * PPM // active) if active else "–"
    rows = [
        {
            "label": viewer.shown.month(month),
            "cells": [
                _cell(activity.active(month) - activity.returning(month), number),
                _cell(activity.returning(month), number),
            ],
        }
        for month in months
    ]
    return {
        "at": viewer.shown.moment(activity.at) if activity.at else "",
        "tiles": [
            _tile(viewer, _("Active this month"), number(active), active, activity.active(last_month)),
            {"label": _("Of them returning"), "value": rate, "change": None},
        ],
        "chart": {
            "name": "active", "title": _("Active customers"), "kind": "stacked", "unit": "number",
            "head": [_("New"), _("Returning")], "rows": rows,
        },
        "cohort_months": range(MONTHS_SHOWN),
        "cohorts": [_cohort(viewer, activity, first, this_month) for first in months if first in activity.cohorts],
    }  # fmt: skip


def _cohort(viewer: Viewer, activity: Activity, first: date, this_month: date) -> dict[str, Any]:
    """How many of those first seen in a month came back in the months after, in percent. ``heat``: tenths, for its colour."""
    seen = activity.cohorts[first]
    size = seen.get(first, 0)
    cells = []
    month = first
    while month <= this_month and size:
        ppm = seen.get(month, 0) * PPM // size
        cells.append({"text": viewer.shown.percent(ppm // 10_000 * 10_000), "heat": -(-ppm * 10 // PPM)})
        month = _months_back(month, -1)
    return {"label": viewer.shown.month(first), "size": viewer.shown.number(size), "cells": cells}


def _months_back(month: date, back: int) -> date:
    number = month.year * 12 + month.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)
