# SPDX-License-Identifier: Apache-2.0
"""The points calculator: what a sale would give, step by step, by the names of the rules."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from regulars.accounts.directory import CampaignConfig, PromotionConfig
from regulars.campaigns.queries import get_campaign
from regulars.campaigns.rules import exact_points, made_whole
from regulars.errors import NotFound, RegularsError
from regulars.panel.campaign_words import amount_text, promotion_text, ratio
from regulars.panel.forms.supposed import SaleForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.campaign import header
from regulars.transactions.calculator import Calculated, Reached, calculate_sale
from regulars.users.access import may

DIGITS = 6
"""Decimals shown of a number of points before it is made whole; more are cut off with three dots."""


@require_safe
@signed_in(needs="open_campaign")
def calculator_page(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Show the calculator of a points campaign, and what the sale that was asked for gives."""
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number)
    if campaign.kind != "points":
        raise NotFound
    form = SaleForm(
        request.GET or None, viewer=viewer, campaign=campaign, promotions=may(viewer.user, "view_promotions"),
        initial={"amount": "9.95" if viewer.account.currency.decimals else "995"},
    )  # fmt: skip
    context = header(viewer, campaign) | {"form": form, "result": None}
    if request.GET and form.is_valid():
        context["result"] = _result(viewer, campaign, form)
    template = "panel/campaigns/sale.html" if "piece" in request.GET else "panel/campaigns/calculator.html"
    return render(request, template, context, status=400 if form.errors and "piece" not in request.GET else 200)


def _result(viewer: Viewer, campaign: CampaignConfig, form: SaleForm) -> dict[str, Any] | None:
    given = form.cleaned_data
    promotion = form.promotions.get(int(given.get("promo_id") or 0))
    try:
        found = calculate_sale(
            account=viewer.account, by=viewer.user, campaign=campaign, at=given["at"] or viewer.at,
            amount_minor=given["amount"], promotion=promotion,
        )  # fmt: skip
    except RegularsError as error:
        form.refuse(error)
        return None
    facts = [(_("Expires"), viewer.shown.day(found.expires_at) if found.expires_at else _("Never by age"))]
    if found.value_minor is not None:
        facts.append((_("Worth"), viewer.shown.money(found.value_minor)))
    if found.second_tier is not None:
        master, share = found.second_tier
        facts.append((_("For %(name)s, too") % {"name": master.name}, amount_text(viewer, master, share)))
    return {
        "points": amount_text(viewer, campaign, found.points),
        "steps": _steps(viewer, campaign, given["amount"], promotion, found),
        "facts": facts,
        "rewards": [_reached(viewer, campaign, each) for each in found.rewards],
    }


def _reached(viewer: Viewer, campaign: CampaignConfig, reached: Reached) -> tuple[str, str, str]:
    if reached.sales is None:
        said = _("never")
    else:
        said = ngettext("%(count)s such sale", "%(count)s such sales", reached.sales)
        said %= {"count": viewer.shown.number(reached.sales)}
    return reached.reward.description, amount_text(viewer, campaign, reached.reward.level), said


def _steps(
    viewer: Viewer, campaign: CampaignConfig, amount_minor: int | None, promotion: PromotionConfig | None, found: Calculated
) -> list[tuple[str, str, str]]:
    """Return (rule, what it does, what there is after it)."""
    shown, made = viewer.shown, found.calculation
    steps: list[tuple[str, str, str]] = []
    if found.exact is not None and amount_minor is not None and made.ratio_ppm is not None:
        unit = shown.money(10**viewer.account.currency.decimals)
        told = {"ratio": ratio(made.ratio_ppm), "unit": unit, "sale": shown.money(amount_minor)}
        plain = exact_points(made._replace(factor_ppm=None), amount_minor, viewer.account.currency.decimals)
        steps.append((_("Points ratio"), _("%(sale)s, %(ratio)s for each %(unit)s") % told, _cut(viewer, plain)))
        if made.factor_ppm is not None and promotion is not None:
            steps.append((promotion.description, promotion_text(viewer, promotion), _cut(viewer, found.exact)))
        rounding = {"down": _("down"), "nearest": _("to the nearest"), "up": _("up")}[made.rounding or "down"]
        whole, _rest = made_whole(found.exact.numerator, found.exact.denominator, made.rounding or "down")
        steps.append((_("Made whole"), _("Rounded %(way)s") % {"way": rounding}, shown.number(whole)))
    if made.bonus is not None and promotion is not None:
        steps.append((promotion.description, promotion_text(viewer, promotion), shown.number(found.points)))
    if found.remainder:
        steps.append((_("Kept"), _("For the customer's next sale"), _cut(viewer, found.remainder)))
    return steps


def _cut(viewer: Viewer, number: Fraction) -> str:
    """A number of points that is not whole yet, exactly, or cut off after some digits."""
    cut, rest = divmod(number.numerator * 10**DIGITS, number.denominator)
    return viewer.shown.exact(Decimal(cut).scaleb(-DIGITS)) + ("…" if rest else "")
