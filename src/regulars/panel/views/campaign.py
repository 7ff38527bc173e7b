# SPDX-License-Identifier: Apache-2.0
"""One campaign: its page, its settings with the effect they would have had, its states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns import operations
from regulars.campaigns.queries import current_depreciations, current_fees, get_campaign
from regulars.campaigns.rules import REWARDED_KINDS, SCHEDULED_KINDS
from regulars.coalition.operations import change_campaign
from regulars.errors import RegularsError
from regulars.panel import campaign_words as words
from regulars.panel.forms.campaign import CampaignForm, ConfirmForm, TermsForm, start_of, typed
from regulars.panel.forms.supposed import SupposedForm
from regulars.panel.timeline_picture import picture
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.campaigns import example_context
from regulars.panel.views.effects import effect_context
from regulars.reports.campaign_figures import count_held, list_recent
from regulars.reports.effects import effect_of_terms
from regulars.users.access import may, permissions_of

TERMS = ("points_ratio_ppm", "rounding", "carries_remainder")
"""What changes the points of sales: its effect is shown before it is saved."""


@require_safe
@signed_in(needs="open_campaign")
def campaign_page(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Show one campaign; one on hold too, which nothing of can be changed."""
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number, include_on_hold=True)
    context = header(viewer, campaign) | _parts(viewer, campaign)
    context["facts"] = words.campaign_facts(viewer, campaign)
    if campaign.kind == "points":
        context["example"] = example_context(viewer.shown, TermsForm({}), campaign=campaign)
    recent = list_recent(account=viewer.account, by=viewer.user, campaigns=[campaign], at=viewer.at)
    if recent is not None:
        figures = recent.figures[campaign.id]
        context["figures"] = [
            (_("Earnings"), viewer.shown.number(figures.earning_count)),
            (_("Redemptions"), viewer.shown.number(figures.redemption_count)),
            (_("Issued"), words.amount_text(viewer, campaign, figures.issued)),
            (_("Redeemed"), words.amount_text(viewer, campaign, figures.redeemed)),
            (_("Active customers"), viewer.shown.number(figures.customer_count)),
        ]
        context["since"] = viewer.shown.day(recent.since) if recent.is_bounded else ""
    if campaign.kind in SCHEDULED_KINDS and may(viewer.user, "view_depreciations"):
        supposed = SupposedForm(
            request.GET if "supposed_amount" in request.GET else None, account=viewer.account, campaign=campaign
        )
        context |= {"supposed": supposed, "timeline": picture(viewer, campaign, supposed.supposed())}
    return render(request, "panel/campaigns/campaign.html", context)


def header(viewer: Viewer, campaign: CampaignConfig) -> dict[str, Any]:
    """Return what heads every page about a campaign. ``changes``: whether it may be changed now."""
    is_active = campaign.state == "active"
    shown = {
        "number": campaign.number,
        "name": campaign.name,
        "description": campaign.description,
        "kind": campaign.kind,
        "kind_name": words.KINDS[campaign.kind],
        "kind_text": words.KIND_TEXTS[campaign.kind],
        "icon": words.KIND_ICONS[campaign.kind],
        "state": words.STATES[campaign.state],
        "is_active": is_active,
        "has_rewards": campaign.kind in REWARDED_KINDS,
        "is_scheduled": campaign.kind in SCHEDULED_KINDS,
    }
    return {"campaign": shown, "changes": is_active}


def _parts(viewer: Viewer, campaign: CampaignConfig) -> dict[str, Any]:
    """Rewards, promotions, items and rules, as far as the viewer may see them."""
    user = viewer.user
    found: dict[str, Any] = {}
    if campaign.kind in REWARDED_KINDS and may(user, "view_rewards"):
        labels = {str(field.number): field.label for field in viewer.account.fields if field.owner == "reward"}
        found["rewards"] = [
            {
                "id": each.id,
                "level": words.amount_text(viewer, campaign, each.level),
                "description": each.description,
                "identifier": each.identifier,
                "fields": [(labels[number], value) for number, value in each.fields.items() if number in labels],
            }
            for each in campaign.rewards_by_level
        ]
    if campaign.kind == "points" and may(user, "view_promotions"):
        found["promotions"] = [
            {
                "id": each.id,
                "description": each.description,
                "does": words.promotion_text(viewer, each),
                "state": words.promotion_state(each, viewer.at),
                "begins": viewer.shown.moment(each.starts_at) if each.starts_at else "",
                "ends": viewer.shown.moment(each.ends_at) if each.ends_at else "",
                "custom_id": each.custom_id,
            }
            for each in campaign.promotions.values()
        ]
    if campaign.kind == "buyx" and may(user, "view_buyx_items"):
        found["items"] = [
            {"id": each.id, "description": each.description, "level": words.item_text(each), "identifier": each.identifier}
            for each in campaign.items.values()
        ]
    if campaign.kind in SCHEDULED_KINDS and may(user, "view_depreciations"):
        rules = current_depreciations(campaign)
        found["depreciations"] = [{"id": each.rule_id, "text": words.depreciation_text(viewer, each)} for each in rules]
    if campaign.kind in SCHEDULED_KINDS and may(user, "view_recurring_fee"):
        fees = current_fees(campaign)
        found["fees"] = [{"id": each.rule_id, "text": words.fee_text(viewer, campaign, each)} for each in fees]
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="update_campaign")
def campaign_settings(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """
    Show a campaign's settings; save them. Other terms of a points campaign are saved when their effect was looked at.

    The button "show" only works the example out.
    """
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number)
    if request.method != "POST":
        form = _form(viewer, campaign)
        form.initial = start_of(form, campaign)
        return _settings_page(request, viewer, campaign, form, 200)
    form = _form(viewer, campaign, request.POST)
    if "show" in request.POST:
        return _settings_page(request, viewer, campaign, form, 200)
    if form.is_valid():
        drafted = form.drafted(campaign)
        if _must_be_seen(request, viewer, campaign, drafted):
            effect = effect_of_terms(account=viewer.account, campaign=campaign, changed=drafted, at=viewer.at)
            if effect.sale_count:
                shown = {"effect": effect_context(viewer, campaign, effect), "seen": _mark(drafted)}
                return _settings_page(request, viewer, campaign, form, 200, **shown)
        try:
            with transaction.atomic():
                change_campaign(account=viewer.account, by=viewer.user, at=viewer.at, campaign_id=campaign.id, **form.values())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The settings were saved."))
            return HttpResponseRedirect(reverse("campaign", args=[campaign.number]))
    return _settings_page(request, viewer, campaign, form, 400)


def _form(viewer: Viewer, campaign: CampaignConfig, *args: Any) -> CampaignForm:
    unit = viewer.shown.money(10**viewer.account.currency.decimals)
    permissions = permissions_of(viewer.user)
    return CampaignForm(*args, account=viewer.account, kind=campaign.kind, unit_text=unit, permissions=permissions)


def _must_be_seen(request: HttpRequest, viewer: Viewer, campaign: CampaignConfig, drafted: CampaignConfig) -> bool:
    if campaign.kind != "points" or not may(viewer.user, "access_reports"):
        return False
    is_other = any(getattr(campaign, name) != getattr(drafted, name) for name in TERMS)
    return is_other and request.POST.get("seen") != _mark(drafted)


def _mark(drafted: CampaignConfig) -> str:
    """The terms whose effect was shown: others that are typed then have to be shown, too."""
    return "-".join(str(getattr(drafted, name)) for name in TERMS)


def _settings_page(
    request: HttpRequest, viewer: Viewer, campaign: CampaignConfig, form: CampaignForm, status: int, **shown: Any
) -> HttpResponse:
    context = header(viewer, campaign) | {"form": form, **shown}
    if "points_ratio" in form.fields:
        terms = start_of(form, campaign) | typed(form)
        context |= {"has_example": True} | example_context(viewer.shown, TermsForm(terms))
    return render(request, "panel/campaigns/settings.html", context, status=status)


# -- states --------------------------------------------------------------------------------------------------------
@require_POST
@signed_in(needs="deactivate_campaign")
def hold_campaign(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Put a campaign on hold. Its page, which comes next, has the button that takes it back."""
    campaign = _change_state(viewer, number, operations.deactivate_campaign)
    messages.success(request, _("%(name)s was put on hold.") % {"name": campaign.name})
    return HttpResponseRedirect(reverse("campaign", args=[campaign.number]))


@require_POST
@signed_in(needs="activate_campaign")
def reactivate_campaign(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Bring a campaign back from hold."""
    campaign = _change_state(viewer, number, operations.reactivate_campaign)
    messages.success(request, _("%(name)s is active again.") % {"name": campaign.name})
    return HttpResponseRedirect(reverse("campaign", args=[campaign.number]))


def _change_state(viewer: Viewer, number: str, operation: Callable[..., None]) -> CampaignConfig:
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number, include_on_hold=True)
    operation(account=viewer.account, by=viewer.user, at=viewer.at, campaign_id=campaign.id)
    return campaign


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="delete_campaign")
def delete_campaign(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Say what goes with a campaign; delete it when its name was typed."""
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number, include_on_hold=True)
    form = ConfirmForm(request.POST if request.method == "POST" else None, word=campaign.name)
    if request.method == "POST" and form.is_valid():
        operations.delete_campaign(account=viewer.account, by=viewer.user, at=viewer.at, campaign_id=campaign.id)
        messages.success(request, _("The campaign %(name)s was deleted.") % {"name": campaign.name})
        return HttpResponseRedirect(reverse("campaigns"))
    context = header(viewer, campaign) | {
        "form": form,
        "title": _("Delete the campaign %(name)s") % {"name": campaign.name},
        "losses": _lost(viewer, campaign),
        "advice": _("Put it on hold instead to keep everything: that can be undone.") if campaign.state == "active" else "",
        "button": _("Delete the campaign"),
        "back": reverse("campaign", args=[campaign.number]),
    }
    return render(request, "panel/campaigns/confirm.html", context, status=400 if form.errors else 200)


def _lost(viewer: Viewer, campaign: CampaignConfig) -> list[str]:
    lost = [_("Nobody can bring it back. It vanishes from every list and till at once, and its name stays taken.")]
    if may(viewer.user, "view_customer_search"):
        held = count_held(account=viewer.account, campaign=campaign)
        told = {
            "count": viewer.shown.number(held.customer_count),
            "amount": words.amount_text(viewer, campaign, held.balance),
        }
        if held.is_bounded:
            lost.append(_("At least %(count)s customers have %(amount)s here that they can no longer use.") % told)
        elif held.customer_count:
            lost.append(_("Customers with a balance here that they can no longer use: %(count)s, with %(amount)s.") % told)
    if campaign.pool_id != campaign.id:
        lost.append(_("What was earned here of the coalition's shared balance can still be spent in the other stores."))
    parts = len(campaign.rewards) + len(campaign.promotions) + len(campaign.items)
    if parts:
        lost.append(_("Its rewards, promotions and items go with it: %(count)s.") % {"count": viewer.shown.number(parts)})
    if current_depreciations(campaign) or current_fees(campaign):
        lost.append(_("Its expiry rules and fees end now; what they took stays taken."))
    lost.append(_("Past transactions stay in the books."))
    return lost
