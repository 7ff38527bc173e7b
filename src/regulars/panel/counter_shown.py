# SPDX-License-Identifier: Apache-2.0
"""What the counter's templates are given: plain values, worded for the clerk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.accounts.directory import CampaignConfig
from regulars.customers.rows import CustomerRow
from regulars.panel.forms.counter import RedemptionForm
from regulars.panel.forms.quantities import RatioField
from regulars.panel.viewer import Viewer
from regulars.transactions.counter import Place, RecentRow
from regulars.transactions.kept_receipts import KeptReceipt
from regulars.transactions.preview import Preview
from regulars.transactions.receipts import Frame
from regulars.transactions.standing import Standing
from regulars.users.access import may


def customer_name(row: CustomerRow) -> str:
    """Return what a customer is called; at least by his card or code."""
    return f"{row.first_name} {row.last_name}".strip() or row.card_number or row.code


def customer_card(row: CustomerRow) -> dict[str, Any]:
    """Return who somebody is."""
    return {
        "id": row.id,
        "name": customer_name(row),
        "card": row.card_number,
        "code": row.code if row.code != row.card_number else "",
        "phone": row.phone,
        "email": row.email,
        "city": row.city,
        "address": reverse("counter_customer", args=[row.id]),
        "profile": reverse("customer", args=[row.code]),
    }


def place_row(viewer: Viewer, place: Place, chosen: CampaignConfig | None) -> dict[str, Any]:
    """Return a campaign with the customer's balance, the rewards within reach, the next one, and what expires soon."""
    standing, campaign = place.standing, place.campaign
    within = [each for each in standing.rewards if not each.needed]
    further = next((each for each in standing.rewards if each.needed), None)
    free = sum(each.free_available for each in standing.items)
    row = {
        "number": campaign.number,
        "name": campaign.name,
        "is_chosen": chosen is not None and campaign.id == chosen.id,
        "is_joined": standing.is_joined,
        "balance": viewer.shown.amount(campaign.kind, standing.balance),
        "within": len(within),
        "within_text": ngettext("%(count)d reward within reach", "%(count)d rewards within reach", len(within))
        % {"count": len(within)},
        "free": free,
        "free_text": ngettext("%(count)d item free", "%(count)d items free", free) % {"count": free},
        "worth": "",
        "next": "",
        "coming": "",
        "items": [],
    }
    if campaign.kind == "points" and standing.value_minor is not None:
        row["worth"] = _("Worth %(money)s") % {"money": viewer.shown.money(standing.value_minor)}
    if further is not None:
        missing = viewer.shown.amount(campaign.kind, further.needed)
        row["next"] = _("%(missing)s to go for %(reward)s") % {"missing": missing, "reward": further.reward.description}
    if place.coming is not None:
        amount = viewer.shown.amount(campaign.kind, place.coming.amount)
        row["coming"] = _("Expiring: %(amount)s, from %(day)s") % {
            "amount": amount, "day": viewer.shown.day(place.coming.first_at),
        }  # fmt: skip
    if campaign.kind == "buyx":
        row["items"] = [
            _("%(item)s: %(count)s of %(level)s")
            % {"item": each.item.description, "count": viewer.shown.number(each.balance), "level": each.item.level}
            for each in standing.items
            if each.balance
        ]
    return row


def reward_choices(viewer: Viewer, standing: Standing, form: RedemptionForm) -> list[dict[str, Any]]:
    """Return what may be chosen in a redemption: rewards or items with what they take, those out of reach with what lacks."""
    kind = standing.campaign.kind
    chosen = str(form["what"].value() or "") if "what" in form.fields else ""
    rows = [
        (f"reward:{each.reward.id}", each.reward.description, each.reward.level, each.needed) for each in standing.rewards
    ] + [
        (f"item:{each.item.id}", each.item.description, each.item.level, 0 if each.free_available else each.needed_for_free)
        for each in standing.items
    ]
    return [
        {
            "value": value,
            "name": name,
            "takes": viewer.shown.amount(kind, level),
            "lacks": _("%(missing)s to go") % {"missing": viewer.shown.amount(kind, needed)} if needed else "",
            "is_chosen": value == chosen,
        }
        for value, name, level, needed in rows
    ]


def preview_lines(viewer: Viewer, preview: Preview) -> dict[str, Any]:
    """Return a preview as the clerk reads it: "$9.95 × 5 = 49 points", "Promotion: +100 points", the change, the balance."""
    frame, posted, shown = preview.receipt.frame, preview.receipt.posted, viewer.shown
    lines: list[str] = []
    steps = preview.steps
    if steps is not None and steps.amount_minor is not None and steps.ratio_ppm is not None:
        factors = [shown.money(steps.amount_minor), _ratio(viewer, steps.ratio_ppm)]
        if steps.factor_ppm is not None:
            factors.append(_ratio(viewer, steps.factor_ppm))
        lines.append(f"{' × '.join(factors)} = {shown.amount('points', steps.whole)}")
    if steps is not None and steps.bonus:
        lines.append(_("Promotion: %(points)s") % {"points": shown.change("points", steps.bonus)})
    if preview.carried:
        lines.append(_("From fractions of earlier sales: %(points)s") % {"points": shown.change("points", preview.carried)})
    if frame.is_redemption and frame.kind == "points" and frame.purchase_minor is not None:
        lines.append(f"{shown.money(frame.purchase_minor)} = {shown.amount('points', -posted.amount)}")
    if posted.contribute_amount:
        lines.append(_("Second tier: %(points)s") % {"points": shown.change("points", posted.contribute_amount)})
    if frame.item is not None and not frame.is_redemption:
        lines.append(_free_text(viewer, preview.receipt.free_available, preview.receipt.needed_for_free))
    return {
        "lines": lines,
        "change": shown.change(frame.kind, posted.amount),
        "balance": shown.amount(frame.kind, posted.balance),
    }


def _ratio(viewer: Viewer, ppm: int) -> str:
    text = RatioField().written(ppm)
    return text.replace(".", viewer.shown.locale.number_symbols["latn"]["decimal"])


def _free_text(viewer: Viewer, free: int, needed: int) -> str:
    if free:
        return ngettext("%(count)d item free", "%(count)d items free", free) % {"count": free}
    return _("%(missing)s to go for a free one") % {"missing": viewer.shown.amount("buyx", needed)}


def recent_row(viewer: Viewer, recent: RecentRow) -> dict[str, Any]:
    """Return a line of the history, with the ways to its receipt and to taking it back."""
    row, campaign = recent.row, recent.campaign
    is_transaction = row.kind in ("earn", "redeem")
    user = viewer.account.users_by_id.get(row.user_id)
    is_own = row.user_id == viewer.user.id
    return {
        "id": row.id,
        "at": viewer.shown.moment(row.occurred_at),
        "campaign": campaign.name,
        "text": row.description or row.subject or _kind_text(row.kind),
        "kind": _kind_text(row.kind),
        "amount": viewer.shown.change(campaign.kind, row.amount),
        "is_loss": row.amount < 0,
        "purchase": viewer.shown.money(abs(row.purchase_minor)) if row.purchase_minor else "",
        "by": user.code if user else "",
        "taken_back": _taken_text(viewer, campaign.kind, abs(row.amount), recent.left) if is_transaction else "",
        "has_receipt": is_transaction and (is_own or may(viewer.user, "customer_visits_view")),
        "can_take_back": is_transaction and recent.left > 0 and may(viewer.user, "customer_visit_delete"),
    }


def _taken_text(viewer: Viewer, kind: str, whole: int, left: int) -> str:
    if left == whole:
        return ""
    if not left:
        return _("Taken back")
    return _("%(amount)s taken back") % {"amount": viewer.shown.amount(kind, whole - left)}


def _kind_text(kind: str) -> str:
    return {
        "activation": _("Joined"),
        "earn": _("Recorded"),
        "redeem": _("Redeemed"),
        "expire": _("Expired"),
        "fee": _("Fee"),
        "contribute": _("Second tier"),
        "move": _("Moved"),
        "reverse": _("Taken back"),
    }[kind]


def receipt_lines(viewer: Viewer, kept: KeptReceipt) -> dict[str, Any]:
    """Return a receipt as it is shown and printed."""
    frame, shown = kept.frame, viewer.shown
    rows: list[tuple[str, str]] = [(_("Date"), shown.second(frame.occurred_at))]
    rows.append((_("Customer"), customer_name(kept.customer)))
    if kept.customer.card_number and kept.customer.card_number != customer_name(kept.customer):
        rows.append((_("Card"), kept.customer.card_number))
    rows.append((_("Transaction"), str(kept.entry_id)))
    if frame.purchase_minor is not None:
        rows.append((_("Value") if frame.is_redemption else _("Purchase"), shown.money(frame.purchase_minor)))
    if frame.description != frame.campaign_name:
        rows.append((_("For"), frame.description))
    if kept.subject and kept.subject != frame.description:
        rows.append((_subject_label(frame), kept.subject))
    if kept.second_tier is not None:
        rows.append((_("Second tier"), shown.change("points", kept.second_tier[0])))
    if kept.needed_for_free is not None:
        rows.append((_("Free items available"), str(kept.free_available)))
        rows.append((_("Still needed for a free one"), str(kept.needed_for_free)))
    return {
        "id": kept.entry_id,
        "business": frame.account_name,
        "campaign": frame.campaign_name,
        "number": frame.campaign_number,
        "change": shown.change(frame.kind, kept.amount),
        "is_redemption": frame.is_redemption,
        "balance": shown.amount(frame.kind, kept.balance_after),
        "rows": rows,
        "taken_back": _taken_text(viewer, frame.kind, abs(kept.amount), kept.left),
        "left": kept.left,
    }


def _subject_label(frame: Frame) -> str:
    if frame.is_redemption:
        return _("Reward")
    return _("Item") if frame.kind == "buyx" else _("Promotion")
