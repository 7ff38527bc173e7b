# SPDX-License-Identifier: Apache-2.0
"""
What belongs to a campaign: rewards, promotions, items, expiry rules, fees. Each is added, changed and deleted alike.

A ``Part`` says what differs; ``_adding``, ``_editing`` and ``_deleting`` make its three pages, each with its own permission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns import operations
from regulars.campaigns.queries import current_depreciations, current_fees, get_campaign
from regulars.campaigns.rules import REWARDED_KINDS, SCHEDULED_KINDS
from regulars.errors import Conflict, NotFound, Refused, RegularsError
from regulars.ledger.timeline import with_rule
from regulars.panel.forms.campaign import ConfirmForm, TermsForm, typed
from regulars.panel.forms.campaign_parts import DepreciationForm, FeeForm, ItemForm, PartForm, PromotionForm, RewardForm
from regulars.panel.forms.supposed import SupposedForm
from regulars.panel.sentences import sentence
from regulars.panel.templatetags.panel import UNDO
from regulars.panel.timeline_picture import picture
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.campaign import header
from regulars.panel.views.campaigns import example_context
from regulars.panel.views.effects import effect_context
from regulars.reports.effects import effect_of_promotion
from regulars.users.access import may

View = Callable[..., HttpResponseBase]
FORM_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Part:
    """``key``: what the operations call the part's id; ``place``: its heading's id on the campaign's page."""

    name: str
    key: str
    place: str
    kinds: frozenset[str]
    form: type[PartForm]
    parts_of: Callable[[CampaignConfig], dict[int, Any]]
    add: Callable[..., int]
    update: Callable[..., None]
    delete: Callable[..., None]
    start: dict[str, str]
    adding: str | Promise
    editing: str | Promise
    deleting: str | Promise
    added: str | Promise
    lost: tuple[str | Promise, ...]
    restore: Callable[..., None] | None = None
    """Brings a deleted one back: then it is deleted at once, and what can be undone is not asked about first."""


REWARD = Part(
    "reward", "reward_id", "rewards", REWARDED_KINDS, RewardForm, lambda campaign: dict(campaign.rewards),
    operations.add_reward, operations.update_reward, operations.delete_reward, {},
    gettext_lazy("Add a reward"), gettext_lazy("Edit the reward"), gettext_lazy("Delete the reward"),
    gettext_lazy("The reward was added."),
    (gettext_lazy("Nobody can redeem it any more."), gettext_lazy("Past redemptions still name it.")),
    operations.restore_reward,
)  # fmt: skip
PROMOTION = Part(
    "promotion", "promotion_id", "promotions", frozenset({"points"}), PromotionForm, lambda campaign: dict(campaign.promotions),
    operations.add_promotion, operations.update_promotion, operations.delete_promotion, {"operation": "x", "amount": "2"},
    gettext_lazy("Add a promotion"), gettext_lazy("Edit the promotion"), gettext_lazy("Delete the promotion"),
    gettext_lazy("The promotion was added."),
    (gettext_lazy("No till can record it any more."), gettext_lazy("Past sales keep its points and still name it.")),
    operations.restore_promotion,
)  # fmt: skip
ITEM = Part(
    "item", "item_id", "items", frozenset({"buyx"}), ItemForm, lambda campaign: dict(campaign.items),
    operations.add_item, operations.update_item, operations.delete_item, {},
    gettext_lazy("Add an item"), gettext_lazy("Edit the item"), gettext_lazy("Delete the item"),
    gettext_lazy("The item was added."),
    (
        gettext_lazy("What customers have bought of it counts no more, and free ones they have not taken are lost."),
        gettext_lazy("Past transactions still name it."),
    ),
    operations.restore_item,
)  # fmt: skip
DEPRECIATION = Part(
    "depreciation", "rule_id", "expiry", SCHEDULED_KINDS, DepreciationForm,
    lambda campaign: {each.rule_id: each for each in current_depreciations(campaign)},
    operations.add_depreciation, operations.update_depreciation, operations.delete_depreciation,
    {"basis": "per_transaction", "interval_count": "12", "interval_unit": "months", "percentage": "100"},
    gettext_lazy("Add an expiry rule"), gettext_lazy("Edit the expiry rule"), gettext_lazy("Delete the expiry rule"),
    gettext_lazy("The expiry rule was added."),
    (
        gettext_lazy("It takes nothing more from now on."),
        gettext_lazy("What it took before stays taken, and stays in the history."),
    ),
)  # fmt: skip
FEE = Part(
    "fee", "rule_id", "expiry", SCHEDULED_KINDS, FeeForm,
    lambda campaign: {each.rule_id: each for each in current_fees(campaign)},
    operations.add_fee, operations.update_fee, operations.delete_fee, {"interval_count": "1", "interval_unit": "months"},
    gettext_lazy("Add a recurring fee"), gettext_lazy("Edit the recurring fee"), gettext_lazy("Delete the recurring fee"),
    gettext_lazy("The recurring fee was added."),
    (
        gettext_lazy("It takes nothing more from now on."),
        gettext_lazy("What it took before stays taken, and stays in the history."),
    ),
)  # fmt: skip


def _campaign_of(viewer: Viewer, number: str, part: Part) -> CampaignConfig:
    """Return an active campaign that may have such parts. Raises NotFound."""
    campaign = get_campaign(account=viewer.account, by=viewer.user, number=number)
    if campaign.kind not in part.kinds:
        raise NotFound
    return campaign


def _part_of(campaign: CampaignConfig, part: Part, part_id: int) -> Any:
    found = part.parts_of(campaign).get(part_id)
    if found is None:
        raise NotFound
    return found


def _adding(part: Part, needs: str) -> View:
    @require_http_methods(FORM_METHODS)
    @signed_in(needs=needs)
    def add_part(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
        """Show an empty form; add the part and show the campaign."""
        campaign = _campaign_of(viewer, number, part)
        if request.method != "POST":
            form = part.form(account=viewer.account, campaign=campaign)
            form.initial.update(part.start)
            return _page(request, viewer, campaign, part, None, form, 200)

        def add(values: dict[str, Any]) -> None:
            part.add(account=viewer.account, by=viewer.user, at=viewer.at, campaign_id=campaign.id, **values)

        return _saved(request, viewer, campaign, part, None, add)

    return add_part


def _editing(part: Part, needs: str) -> View:
    @require_http_methods(FORM_METHODS)
    @signed_in(needs=needs)
    def edit_part(request: HttpRequest, viewer: Viewer, number: str, part_id: int) -> HttpResponse:
        """Show the part; save it and show the campaign."""
        campaign = _campaign_of(viewer, number, part)
        known = _part_of(campaign, part, part_id)
        if request.method != "POST":
            form = part.form(account=viewer.account, campaign=campaign)
            form.start(known)
            return _page(request, viewer, campaign, part, known, form, 200)

        def update(values: dict[str, Any]) -> None:
            part.update(account=viewer.account, by=viewer.user, at=viewer.at, **{part.key: part_id}, **values)

        return _saved(request, viewer, campaign, part, known, update)

    return edit_part


def _deleting(part: Part, needs: str) -> View:
    @require_http_methods(FORM_METHODS)
    @signed_in(needs=needs)
    def delete_part(request: HttpRequest, viewer: Viewer, number: str, part_id: int) -> HttpResponse:
        """Say what goes with the part; delete it, if it can not be brought back when the word was typed."""
        campaign = _campaign_of(viewer, number, part)
        known = _part_of(campaign, part, part_id)
        asks = part.restore is None
        form = ConfirmForm(request.POST if request.method == "POST" else None, word=_("delete")) if asks else None
        back = _place(campaign, part)
        if request.method == "POST" and (form is None or form.is_valid()):
            part.delete(account=viewer.account, by=viewer.user, at=viewer.at, **{part.key: part_id})
            undo = "" if asks else reverse(f"restore_{part.name}", args=[campaign.number, part_id])
            messages.success(request, _("It was deleted."), extra_tags=f"{UNDO}{undo}" if undo else "")
            return HttpResponseRedirect(back)
        context = header(viewer, campaign) | {
            "form": form,
            "title": part.deleting,
            "named": getattr(known, "description", ""),
            "losses": [*part.lost, _("Nobody can bring it back.") if asks else _("It can be undone right afterwards.")],
            "button": part.deleting,
            "back": back,
        }
        return render(request, "panel/campaigns/confirm.html", context, status=400 if form and form.errors else 200)

    return delete_part


def _restoring(part: Part, restore: Callable[..., None], needs: str) -> View:
    @require_POST
    @signed_in(needs=needs)
    def restore_part(request: HttpRequest, viewer: Viewer, number: str, part_id: int) -> HttpResponse:
        """Bring back what was deleted."""
        campaign = _campaign_of(viewer, number, part)
        who: dict[str, Any] = {"account": viewer.account, "by": viewer.user, "at": viewer.at}
        try:
            with transaction.atomic():
                restore(**who, campaign_id=campaign.id, **{part.key: part_id})
        except NotFound:
            raise
        except (Refused, Conflict) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, _("It is back."))
        return HttpResponseRedirect(_place(campaign, part))

    return restore_part


def _saved(
    request: HttpRequest,
    viewer: Viewer,
    campaign: CampaignConfig,
    part: Part,
    known: Any,
    save: Callable[[dict[str, Any]], None],
) -> HttpResponse:
    """Save what was filled in; show the page again where it is wrong, only to be shown, or has an effect to be seen first."""
    form = part.form(request.POST, account=viewer.account, campaign=campaign)
    if "show" in request.POST:
        return _page(request, viewer, campaign, part, known, form, 200)
    if form.is_valid():
        effect = _effect(request, viewer, campaign, known, form)
        if effect:
            return _page(request, viewer, campaign, part, known, form, 200, **effect)
        try:
            with transaction.atomic():
                save(form.values())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, str(part.added) if known is None else _("The changes were saved."))
            return HttpResponseRedirect(_place(campaign, part))
    return _page(request, viewer, campaign, part, known, form, 400)


def _effect(request: HttpRequest, viewer: Viewer, campaign: CampaignConfig, known: Any, form: PartForm) -> dict[str, Any]:
    """Return what a changed promotion would have done to real sales; nothing where it was seen, or there is none."""
    if known is None or not isinstance(form, PromotionForm) or not may(viewer.user, "access_reports"):
        return {}
    drafted = form.drafted(known)
    names = ("operation", "multiplier_ppm", "points", "starts_at", "ends_at")
    mark = "/".join(str(getattr(drafted, name)) for name in names)
    if request.POST.get("seen") == mark or all(getattr(drafted, name) == getattr(known, name) for name in names):
        return {}
    effect = effect_of_promotion(account=viewer.account, campaign=campaign, changed=drafted, at=viewer.at)
    if not effect.changed_count:
        return {}
    return {"effect": effect_context(viewer, campaign, effect), "seen": mark}


def _place(campaign: CampaignConfig, part: Part) -> str:
    return reverse("campaign", args=[campaign.number]) + f"#{part.place}"


def _page(
    request: HttpRequest,
    viewer: Viewer,
    campaign: CampaignConfig,
    part: Part,
    known: Any,
    form: PartForm,
    status: int,
    **shown: Any,
) -> HttpResponse:
    part_id = 0 if known is None else getattr(known, "rule_id" if part.key == "rule_id" else "id")
    context = header(viewer, campaign) | {
        "form": form,
        "title": part.adding if known is None else part.editing,
        "back": _place(campaign, part),
        "delete": "" if known is None else reverse(f"delete_{part.name}", args=[campaign.number, part_id]),
        "delete_label": part.deleting,
        "can_undo": part.restore is not None,
        "delete_permission": DELETE_PERMISSIONS[part.name],
        "part_name": part.name,
        **shown,
    }
    if part is PROMOTION:
        context |= {"preview": reverse("promotion_examples", args=[campaign.number])} | _promotion_preview(
            viewer, campaign, form
        )
    elif part in (DEPRECIATION, FEE):
        context |= {"preview": reverse(f"{part.name}_timeline", args=[campaign.number, part_id]), "supposed": None}
        context["timeline"] = _rule_preview(viewer, campaign, form, part_id)
    return render(request, "panel/campaigns/part.html", context, status=status)


def _promotion_preview(viewer: Viewer, campaign: CampaignConfig, form: PartForm) -> dict[str, Any]:
    """Sample sales with the promotion that is being typed."""
    given = typed(form)
    given["description"] = given.get("description") or "-"  # what it is called changes no sale
    named = PromotionForm(given, account=viewer.account, campaign=campaign)
    if not named.is_valid():
        return {"worked": None}
    return example_context(viewer.shown, TermsForm({}), named.drafted(None), campaign)


def _rule_preview(viewer: Viewer, campaign: CampaignConfig, form: PartForm, rule_id: int) -> dict[str, Any] | None:
    """The timeline with the rule that is being typed; None while it cannot be read."""
    given = typed(form)
    given["description"] = given.get("description") or _("Fee")
    named = type(form)(given, account=viewer.account, campaign=campaign)
    if not isinstance(named, DepreciationForm | FeeForm) or not named.is_valid():
        return None
    drafted = with_rule(campaign, named.drafted(viewer.at, rule_id))
    return picture(viewer, drafted, SupposedForm(None, account=viewer.account, campaign=campaign).supposed())


@require_safe
@signed_in(needs="view_promotions")
def promotion_examples(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Give sample sales with the promotion that is being typed, as a piece of a page."""
    campaign = _campaign_of(viewer, number, PROMOTION)
    form = PromotionForm(request.GET, account=viewer.account, campaign=campaign)
    return render(request, "panel/campaigns/examples.html", _promotion_preview(viewer, campaign, form))


def _rule_timeline(part: Part, needs: str) -> View:
    @require_safe
    @signed_in(needs=needs)
    def rule_timeline(request: HttpRequest, viewer: Viewer, number: str, part_id: int) -> HttpResponse:
        """Give the timeline with the rule that is being typed, as a piece of a page; ``part_id`` 0 = a new one."""
        campaign = _campaign_of(viewer, number, part)
        if part_id:
            _part_of(campaign, part, part_id)
        form = part.form(request.GET, account=viewer.account, campaign=campaign)
        context = {"timeline": _rule_preview(viewer, campaign, form, part_id)}
        return render(request, "panel/campaigns/timeline.html", context)

    return rule_timeline


DELETE_PERMISSIONS = {
    "reward": "delete_rewards",
    "promotion": "delete_promotions",
    "item": "delete_buyx_items",
    "depreciation": "delete_depreciation",
    "fee": "delete_recurring_fee",
}

add_reward, edit_reward = _adding(REWARD, "add_rewards"), _editing(REWARD, "edit_rewards")
delete_reward = _deleting(REWARD, DELETE_PERMISSIONS["reward"])
restore_reward = _restoring(REWARD, operations.restore_reward, DELETE_PERMISSIONS["reward"])
add_promotion, edit_promotion = _adding(PROMOTION, "add_promotions"), _editing(PROMOTION, "edit_promotions")
delete_promotion = _deleting(PROMOTION, DELETE_PERMISSIONS["promotion"])
restore_promotion = _restoring(PROMOTION, operations.restore_promotion, DELETE_PERMISSIONS["promotion"])
add_item, edit_item = _adding(ITEM, "add_buyx_items"), _editing(ITEM, "edit_buyx_items")
delete_item = _deleting(ITEM, DELETE_PERMISSIONS["item"])
restore_item = _restoring(ITEM, operations.restore_item, DELETE_PERMISSIONS["item"])
add_depreciation, edit_depreciation = _adding(DEPRECIATION, "add_depreciation"), _editing(DEPRECIATION, "edit_depreciation")
delete_depreciation = _deleting(DEPRECIATION, DELETE_PERMISSIONS["depreciation"])
add_fee, edit_fee = _adding(FEE, "add_recurring_fee"), _editing(FEE, "edit_recurring_fee")
delete_fee = _deleting(FEE, DELETE_PERMISSIONS["fee"])
depreciation_timeline = _rule_timeline(DEPRECIATION, "view_depreciations")
fee_timeline = _rule_timeline(FEE, "view_recurring_fee")
