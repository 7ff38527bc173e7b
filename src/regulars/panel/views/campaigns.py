# SPDX-License-Identifier: Apache-2.0
"""The list of campaigns, and a new one by its kind."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns.examples import worked_examples
from regulars.campaigns.limits import KINDS as KIND_NAMES
from regulars.campaigns.operations import create_campaign
from regulars.campaigns.queries import list_campaigns
from regulars.errors import InvalidParameter, RegularsError
from regulars.panel.campaign_words import KIND_EXAMPLES, KIND_ICONS, KIND_TEXTS, KINDS, STATES, amount_text
from regulars.panel.forms.campaign import CampaignForm, TermsForm
from regulars.panel.shown import Shown
from regulars.panel.viewer import Viewer, signed_in
from regulars.reports.campaign_figures import Recent, list_recent


@require_safe
@signed_in(needs="open_campaign")
def campaign_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the campaigns the viewer may see: active ones, then those on hold."""
    account, by = viewer.account, viewer.user
    campaigns = [each for state in STATES for each in list_campaigns(account=account, by=by, state=state)]
    recent = list_recent(account=account, by=by, campaigns=campaigns, at=viewer.at) if campaigns else None
    context = {
        "campaigns": [_row(viewer, campaign, recent) for campaign in campaigns],
        "shows_figures": recent is not None,
        "since": viewer.shown.day(recent.since) if recent and recent.is_bounded else "",
    }
    return render(request, "panel/campaigns/list.html", context)


def _row(viewer: Viewer, campaign: CampaignConfig, recent: Recent | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "number": campaign.number,
        "name": campaign.name,
        "description": campaign.description,
        "kind": KINDS[campaign.kind],
        "icon": KIND_ICONS[campaign.kind],
        "state": STATES[campaign.state],
        "is_active": campaign.state == "active",
    }
    if recent is not None:
        figures = recent.figures[campaign.id]
        row |= {
            "earnings": viewer.shown.number(figures.earning_count),
            "customers": viewer.shown.number(figures.customer_count),
            "issued": amount_text(viewer, campaign, figures.issued),
            "redeemed": amount_text(viewer, campaign, figures.redeemed),
        }
    return row


@require_safe
@signed_in(needs="add_campaign")
def choose_kind(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Explain the five kinds, and let one be chosen."""
    kinds = [(kind, KINDS[kind], KIND_TEXTS[kind], KIND_EXAMPLES[kind], KIND_ICONS[kind]) for kind in KIND_NAMES]
    return render(request, "panel/campaigns/kinds.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="add_campaign")
def new_campaign(request: HttpRequest, viewer: Viewer, kind: str) -> HttpResponse:
    """Show the form of a kind; make the campaign and show its page. The button "show" only works its example out."""
    if kind not in KIND_NAMES:
        raise Http404
    if request.method != "POST":
        start = {"points_ratio": "100", "rounding": "down", "default_item_level": "10"}
        return _new_page(request, viewer, kind, _form(viewer, kind, initial=start), 200)
    form = _form(viewer, kind, request.POST)
    if "show" in request.POST:
        return _new_page(request, viewer, kind, form, 200)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = create_campaign(account=viewer.account, by=viewer.user, at=viewer.at, kind=kind, **form.values())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The campaign %(name)s was created.") % {"name": form.cleaned_data["name"]})
            return HttpResponseRedirect(reverse("campaign", args=[made.number]))
    return _new_page(request, viewer, kind, form, 400)


def _form(viewer: Viewer, kind: str, *args: Any, **kwargs: Any) -> CampaignForm:
    unit = viewer.shown.money(10**viewer.account.currency.decimals)
    return CampaignForm(*args, account=viewer.account, kind=kind, unit_text=unit, **kwargs)


def _new_page(request: HttpRequest, viewer: Viewer, kind: str, form: CampaignForm, status: int) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "kind": kind, "kind_name": KINDS[kind], "kind_text": KIND_TEXTS[kind]}
    if kind == "points":
        typed = TermsForm(form.data if form.is_bound else form.initial)
        context |= {"has_example": True} | example_context(viewer.shown, typed)
    return render(request, "panel/campaigns/new.html", context, status=status)


@require_safe
@signed_in(needs="open_campaign")
def terms_examples(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Give the worked example of the terms that are being typed, as a piece of a page."""
    return render(request, "panel/campaigns/examples.html", example_context(viewer.shown, TermsForm(request.GET)))


def example_context(
    shown: Shown, typed: TermsForm, promotion: Any = None, campaign: CampaignConfig | None = None
) -> dict[str, Any]:
    """
    Return what examples.html shows: sales and what they give under the terms that were typed (or those of ``campaign``, with a
    promotion). ``worked`` is empty where the terms cannot be read yet.
    """
    if campaign is None:
        campaign = typed.drafted() if typed.is_valid() else None
    if campaign is None:
        return {"worked": None}
    try:
        worked = worked_examples(campaign, shown.account.currency, promotion)
    except InvalidParameter:  # more points than any sale may give
        return {"worked": None}
    rows = [
        {
            "sale": shown.money(each.amount_minor),
            "points": shown.amount(campaign.kind, each.points),
            "value": "" if each.value_minor is None else shown.money(each.value_minor),
        }
        for each in worked.examples
    ]
    says_back = worked.back_ppm is not None and promotion is None  # with one it would be more, or less
    back = shown.percent(worked.back_ppm or 0) if says_back else ""
    return {"worked": rows, "first": rows[1], "back": back}
