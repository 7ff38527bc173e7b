# SPDX-License-Identifier: Apache-2.0
"""Why a balance is what it is: every line with what it was computed from, the lots, what will expire and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns.rules import Calculation
from regulars.errors import ItemNotFound
from regulars.kit.listing import decimal_text
from regulars.kit.units import PPM
from regulars.ledger.explain import Explanation, Line, LotState, explain_balance, rounded, store_of
from regulars.panel.customer_texts import (
    ROUNDINGS,
    amount_text,
    kind_text,
    nobody,
    ratio_text,
    signed_text,
    summary_of,
)
from regulars.panel.paging import Pages, address_with
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.customer import found_customer
from regulars.transactions.terms import usable_campaign

LENGTH = 20
AHEAD_DAYS = 365
LOTS_SHOWN = 50
LOSSES_SHOWN = 24


@require_safe
@signed_in(needs=("view_customer_search", "customer_visits_view"))
def explanation(request: HttpRequest, viewer: Viewer, code: str, number: str) -> HttpResponse:
    """Explain one balance; of a buyx campaign that of one item."""
    account = viewer.account
    customer = found_customer(viewer, code)
    campaign = usable_campaign(account, viewer.user, number)
    item_id = _item(request, campaign)
    page = _number(request.GET.get("page", ""))
    explained = explain_balance(
        account=account, customer_id=customer.id, pool_id=campaign.pool_id, item_id=item_id, at=viewer.at,
        until=viewer.at + timedelta(days=AHEAD_DAYS), offset=page * LENGTH, length=LENGTH,
    )  # fmt: skip

    def amount(value: int) -> str:
        return amount_text(viewer, campaign, value)

    context: dict[str, Any] = {
        "customer": summary_of(customer),
        "campaign": {"name": campaign.name, "number": campaign.number, "in_coalition": campaign.pool_id != campaign.id},
        "item": campaign.items[item_id].description if item_id else "",
        "items": [(each.id, each.description) for each in campaign.items.values()] if campaign.kind == "buyx" else [],
        "balance": amount(explained.balance),
        "cumulative": amount(explained.cumulative),
        "debt": amount(explained.debt) if explained.debt else "",
        "totals": [
            {"kind": kind_text(each.kind), "count": each.line_count, "amount": signed_text(viewer, campaign, each.amount)}
            for each in explained.totals
            if each.amount or each.kind != "activation"
        ],
        "lines": [_line(viewer, campaign, line) for line in explained.lines],
        "lots": [_lot(viewer, campaign, lot) for lot in explained.lots[:LOTS_SHOWN]],
        "lots_hidden": explained.lot_count - min(len(explained.lots), LOTS_SHOWN),
        **_losses(viewer, campaign, explained),
        "pages": Pages(
            previous=address_with(request, page=page - 1) if page else "",
            next=address_with(request, page=page + 1) if explained.line_count > (page + 1) * LENGTH else "",
            previous_label=_("Newer"),
            next_label=_("Older"),
        ),
    }
    return render(request, "panel/customers/balance.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _item(request: HttpRequest, campaign: CampaignConfig) -> int:
    """The item that is asked for, else the first; 0 where balances have none. Raises ItemNotFound."""
    if campaign.kind != "buyx":
        return 0
    asked = _number(request.GET.get("item", "")) or next(iter(campaign.items), 0)
    if asked not in campaign.items:
        raise ItemNotFound
    return asked


def _line(viewer: Viewer, campaign: CampaignConfig, line: Line) -> dict[str, Any]:
    """One line; of a store that the viewer may not enter only what the shared balance shows anyway."""
    account = viewer.account
    shown: dict[str, Any] = {
        "number": line.version,
        "at": viewer.shown.moment(line.occurred_at),
        "kind": line.kind,
        "kind_text": kind_text(line.kind),
        "amount": signed_text(viewer, campaign, line.amount),
        "is_less": line.amount < 0,
        "balance": amount_text(viewer, campaign, line.balance_after),
    }
    store, is_seen = store_of(account, viewer.user, line.campaign_id)
    if not is_seen:
        return shown | {"is_hidden": True}
    user = account.users_by_id.get(line.user_id)
    back = line.reversed_amount
    return shown | {
        "store": (store.name if store else _("deleted campaign")) if line.campaign_id != campaign.id else "",
        "about": line.subject or line.description,
        "note": line.description if line.subject and line.description != line.subject else "",
        "by": user.code if user else (nobody() if line.rule_id is not None else ""),
        "reference": line.reference or "",
        "recorded": viewer.shown.moment(line.recorded_at) if line.recorded_at != line.occurred_at else "",
        "facts": _facts(viewer, campaign, line),
        "taken_back": amount_text(viewer, campaign, back) if back else "",
        "is_deleted": line.is_deleted,
        "lots": [_lot(viewer, campaign, lot) for lot in line.lots],
        "uses": [
            {
                "lot": use.origin_id,
                "amount": amount_text(viewer, campaign, use.amount),
                "returned": amount_text(viewer, campaign, use.returned) if use.returned else "",
            }
            for use in line.uses[:LOTS_SHOWN]
        ],
    }


def _facts(viewer: Viewer, campaign: CampaignConfig, line: Line) -> list[tuple[str, str]]:
    """What the amount was computed from, one thing after the other."""
    facts: list[tuple[str, str]] = []
    if line.purchase_minor is not None:
        facts.append((_("Worth in money") if line.kind == "redeem" else _("Purchase"), viewer.shown.money(line.purchase_minor)))
    if line.cause_amount is not None:
        facts.append((_("Earned in the store"), viewer.shown.number(line.cause_amount)))
    if line.calculation is not None:
        facts += _calculation(line.kind, line.calculation)
    made = rounded(line, decimals=viewer.account.currency.decimals)
    if made is not None and line.calculation is not None:
        facts.append((_("Exactly"), decimal_text(made.exact)))
        facts.append((_("Rounded"), str(ROUNDINGS.get(line.calculation.rounding or "", ""))))
        if made.carried_in is not None and made.carried_out is not None:
            facts.append((_("Carried over from before"), decimal_text(made.carried_in)))
            facts.append((_("Carried on"), decimal_text(made.carried_out)))
    if line.calculation is not None and line.calculation.bonus is not None:
        facts.append((_("Promotion"), f"{line.calculation.bonus:+d}"))
    if line.debt_change:
        label = _("Added to the debt") if line.debt_change > 0 else _("Paid of the debt")
        facts.append((label, amount_text(viewer, campaign, abs(line.debt_change))))
    return facts


def _calculation(kind: str, calculation: Calculation) -> list[tuple[str, str]]:
    facts = []
    if calculation.ratio_ppm is not None:
        facts.append((_("Points per currency unit"), ratio_text(calculation.ratio_ppm)))
    if calculation.factor_ppm is not None:
        label = {"redeem": _("Spend-to-Reward Ratio"), "contribute": _("Share")}.get(kind, _("Multiplied by"))
        text = ratio_text(calculation.factor_ppm)
        facts.append((label, f"{ratio_text(calculation.factor_ppm * 100)}%" if kind == "contribute" else text))
    return facts


def _lot(viewer: Viewer, campaign: CampaignConfig, lot: LotState) -> dict[str, Any]:
    share = lot.remaining * PPM // lot.issued if lot.issued else 0
    return {
        "id": lot.origin_id,
        "earned": viewer.shown.day(lot.earned_at),
        "issued": amount_text(viewer, campaign, lot.issued),
        "remaining": amount_text(viewer, campaign, lot.remaining),
        "share": share * 100 // PPM,
        "expires": viewer.shown.day(lot.expires_at) if lot.expires_at else "",
    }


def _losses(viewer: Viewer, campaign: CampaignConfig, explained: Explanation) -> dict[str, Any]:
    """What rules will take within a year if nothing else happens, and what is left then."""
    rows, left = [], explained.balance
    for loss in explained.losses[:LOSSES_SHOWN]:
        left -= loss.amount
        is_seen = store_of(viewer.account, viewer.user, loss.campaign_id)[1]
        rows.append(
            {
                "at": viewer.shown.day(loss.at),
                "kind_text": kind_text(loss.kind),
                "about": loss.description if is_seen else "",
                "amount": signed_text(viewer, campaign, -loss.amount),
                "left": amount_text(viewer, campaign, left),
            }
        )
    return {
        "losses": rows,
        "losses_hidden": len(explained.losses) - len(rows),
        "stays": amount_text(viewer, campaign, explained.stays - explained.debt),
        "until": viewer.shown.day(viewer.at + timedelta(days=AHEAD_DAYS)),
    }
