# SPDX-License-Identifier: Apache-2.0
"""The counter: find a customer, see what he has, record and redeem. By keyboard, scanner, camera and touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts.directory import CampaignConfig
from regulars.customers.lookup import look_for_customer
from regulars.customers.queries import get_customer
from regulars.customers.rows import CustomerRow
from regulars.errors import CampaignNotFound, InvalidParameter, RegularsError, StaleConfiguration
from regulars.panel.counter_shown import customer_card, place_row, preview_lines, recent_row, reward_choices
from regulars.panel.forms.counter import ActForm, RedemptionForm, SaleForm
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.counter import AtCounter, get_at_counter
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.preview import Preview, preview_activity, preview_redemption
from regulars.transactions.receipts import Receipt
from regulars.transactions.terms import usable_campaign
from regulars.users.access import may

FOUND_MAX = 20
RECENT_MAX = 10
LAST_CAMPAIGN = "counter_campaign"
"""Of the session: where this clerk recorded last."""

P = ParamSpec("P")


def with_camera(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Let the page of a view ask for the camera, to read codes; no other page may."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        return response

    return wrapped


@require_safe
@signed_in(needs="view_customer_search")
@with_camera
def counter(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask who it is; one who is found alone is shown at once, of several the clerk chooses."""
    text = request.GET.get("q", "")
    context: dict[str, Any] = {"q": text, "found": None, "error": ""}
    if text.strip():
        try:
            sought = look_for_customer(account=viewer.account, text=text, length=FOUND_MAX)
        except InvalidParameter as error:
            context["error"] = sentence(error)
            return render(request, "panel/counter/find.html", context, status=400)
        if sought.customer_id is not None:
            return HttpResponseRedirect(reverse("counter_customer", args=[sought.customer_id]))
        assert sought.page is not None
        context["found"] = [customer_card(row) for row in sought.page.rows]
        context["is_cut"] = sought.page.total > len(sought.page.rows)
    return render(request, "panel/counter/find.html", context)


@dataclass
class Desk:
    """What one request about a customer works with."""

    viewer: Viewer
    customer: CustomerRow
    campaign: CampaignConfig | None
    """Where it is recorded and redeemed; None = the user may see no active campaign."""
    sale: SaleForm | None = None
    redemption: RedemptionForm | None = None
    previews: dict[str, Any] = field(default_factory=dict)
    """By the act of the form: what it would do."""

    def form(self, kind: type[ActForm], data: Any = None) -> Any:
        """Return an empty or filled form of the customer and the campaign."""
        assert self.campaign is not None
        return kind(data, viewer=self.viewer, campaign=self.campaign, customer=self.customer)

    @property
    def can_redeem(self) -> bool:
        """Whether the campaign has anything to redeem."""
        campaign = self.campaign
        return campaign is not None and (
            campaign.is_money or campaign.kind == "points" or bool(campaign.rewards) or bool(campaign.items)
        )


@require_safe
@signed_in(needs="view_customer_search")
@with_camera
def counter_customer(request: HttpRequest, viewer: Viewer, customer_id: int) -> HttpResponse:
    """
    Show a customer with all balances, and the forms for a campaign: the one named, else where this clerk recorded last, else
    the customer's first.
    """
    seen = _seen(viewer, customer_id)
    number = request.GET.get("campaign")
    by_number = {place.campaign.number: place.campaign for place in seen.places}
    if number and number not in by_number:
        raise Http404
    chosen = by_number.get(number or request.session.get(LAST_CAMPAIGN, ""))
    campaign = chosen or (seen.places[0].campaign if seen.places else None)
    return _page(request, Desk(viewer, seen.customer, campaign), seen, 200)


def _seen(viewer: Viewer, customer_id: int) -> AtCounter:
    recent = RECENT_MAX if may(viewer.user, "customer_visits_view") else 0
    return get_at_counter(account=viewer.account, by=viewer.user, at=viewer.at, customer_id=customer_id, recent_length=recent)


def _desk(request: HttpRequest, viewer: Viewer, customer_id: int) -> Desk:
    """Return who and where an act is about. Raises: CustomerNotFound, CampaignNotFound."""
    customer = get_customer(account=viewer.account, customer_id=customer_id)
    number = request.POST.get("campaign", "")
    if not number:  # the form says that it is missing
        return Desk(viewer, customer, next(iter(_usable(viewer)), None))
    return Desk(viewer, customer, usable_campaign(viewer.account, viewer.user, number))


def _usable(viewer: Viewer) -> list[CampaignConfig]:
    campaigns = viewer.account.campaigns.values()
    return [each for each in campaigns if each.state == "active" and viewer.user.may_see(each)]


@require_POST
@signed_in(needs=("view_customer_search", "customer_visit_add"))
@with_camera
def counter_record(request: HttpRequest, viewer: Viewer, customer_id: int) -> HttpResponse:
    """Record one activity and show its receipt; or say what it would earn."""
    desk = _desk(request, viewer, customer_id)
    if desk.campaign is None:
        raise CampaignNotFound
    form = desk.sale = desk.form(SaleForm, request.POST)
    return _act(request, desk, form, record_activity, preview_activity, form.activity)


@require_POST
@signed_in(needs=("view_customer_search", "customer_visit_redeem"))
@with_camera
def counter_redeem(request: HttpRequest, viewer: Viewer, customer_id: int) -> HttpResponse:
    """Redeem and show the receipt; or say what it would take."""
    desk = _desk(request, viewer, customer_id)
    if desk.campaign is None:
        raise CampaignNotFound
    form = desk.redemption = desk.form(RedemptionForm, request.POST)
    return _act(request, desk, form, redeem, preview_redemption, lambda: {"spending": form.spending()})


def _act(
    request: HttpRequest,
    desk: Desk,
    form: ActForm,
    carry_out: Callable[..., Receipt],
    preview: Callable[..., Preview],
    content: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """Carry out what a form asks for, or only preview it (``preview`` among what was sent)."""
    viewer, campaign = desk.viewer, desk.campaign
    wants_preview = "preview" in request.POST
    if form.is_valid():
        try:
            with transaction.atomic():  # a refused one must not take the page's own reads with it
                given = {"account": viewer.account, "by": viewer.user, "campaign": campaign, "terms": form.terms()}
                if wants_preview:
                    lines = preview_lines(viewer, preview(**given, **content()))
                else:
                    receipt = carry_out(**given, **content())
        except StaleConfiguration:
            raise
        except RegularsError as error:
            form.refuse(error)
        else:
            if not wants_preview:
                assert campaign is not None
                request.session[LAST_CAMPAIGN] = campaign.number
                place = reverse("counter_receipt", args=[desk.customer.id, receipt.posted.entry_id])
                return HttpResponseRedirect(place)
            desk.previews[form.act] = lines
    if wants_preview:
        return _previewed(request, desk, form)
    return _page(request, desk, _seen(viewer, desk.customer.id), 400)


def _previewed(request: HttpRequest, desk: Desk, form: ActForm) -> HttpResponse:
    """The preview alone for the script that asks while one types; else the page with it."""
    if "X-Piece" not in request.headers:
        return _page(request, desk, _seen(desk.viewer, desk.customer.id), 400 if form.errors else 200)
    lines = desk.previews.get(form.act) or {"errors": [text for texts in form.errors.values() for text in texts]}
    return render(request, "panel/counter/preview.html", {"preview": lines})


def _page(request: HttpRequest, desk: Desk, seen: AtCounter, status: int) -> HttpResponse:
    viewer, campaign = desk.viewer, desk.campaign
    context: dict[str, Any] = {
        "customer": customer_card(seen.customer),
        "places": [place_row(viewer, place, campaign) for place in seen.places],
        "shows_recent": may(viewer.user, "customer_visits_view"),
        "recent": [recent_row(viewer, row) for row in seen.recent],
        "campaign": None,
    }
    if campaign is not None:
        standing = next(place.standing for place in seen.places if place.campaign.id == campaign.id)
        context["campaign"] = {"number": campaign.number, "name": campaign.name, "kind": campaign.kind}
        context["previews"] = desk.previews
        if may(viewer.user, "customer_visit_add") and (campaign.kind != "buyx" or campaign.items):
            context["sale"] = desk.sale or desk.form(SaleForm)
            context["sale_is_ready"] = campaign.kind in ("events", "earned")  # there is nothing to type before it is recorded
        if may(viewer.user, "customer_visit_redeem") and desk.can_redeem:
            redemption = context["redemption"] = desk.redemption or desk.form(RedemptionForm)
            context["choices"] = reward_choices(viewer, standing, redemption)
        for form, other in (("sale", desk.redemption), ("redemption", desk.sale)):
            if form in context:
                context[form].set_focus(is_other=other is not None)
    return render(request, "panel/counter/customer.html", context, status=status)
