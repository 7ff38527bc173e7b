# SPDX-License-Identifier: Apache-2.0
"""Advanced Account Options: Activation Codes, the coalition, the second tier."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from regulars.accounts.directory import AccountConfig
from regulars.coalition.operations import Switched
from regulars.coalition.queries import can_be_undone
from regulars.errors import RegularsError
from regulars.panel.forms.modules import CodeForm, SwitchForm, TierForm
from regulars.panel.forms.quantities import PercentField
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.account_modules import change_modules

SAVED = {
    "code": _("The Activation Code was accepted."),
    "switch": _("The coalition was changed; balances follow their campaigns."),
    "tier": _("The second tier was saved."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=("edit_account_info", "activate_account"))
def modules_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what is open and set; enter a code, preview or make a switch, set the second tier."""
    forms = _forms(viewer.account)
    if request.method != "POST":
        return _page(request, viewer, forms, None, 200)
    about = request.POST.get("about", "")
    if about not in forms:
        return _page(request, viewer, forms, None, 400)
    form = forms[about] = _filled(about, request, viewer.account)
    is_preview = isinstance(form, SwitchForm) and form.is_valid() and form.cleaned_data["preview"]
    if form.is_valid():
        try:
            with transaction.atomic():
                switched = change_modules(account=viewer.account, by=viewer.user, at=viewer.at, change=form.change())
                transaction.set_rollback(is_preview)
        except RegularsError as error:
            form.refuse(error)
        else:
            if is_preview:
                return _page(request, viewer, forms, switched, 200)
            messages.success(request, str(SAVED[about]))
            return HttpResponseRedirect(reverse("modules"))
    return _page(request, viewer, forms, None, 400)


def _forms(account: AccountConfig) -> dict[str, Any]:
    start = {
        "master_campaign": account.master_campaign_id,
        "percentage": PercentField().written(account.contribution_ppm) if account.is_two_tier else "",
        "rounding": account.contribution_rounding,
    }
    return {"code": CodeForm(), "switch": SwitchForm(), "tier": TierForm(initial=start, account=account)}


def _filled(about: str, request: HttpRequest, account: AccountConfig) -> CodeForm | SwitchForm | TierForm:
    if about == "tier":
        return TierForm(request.POST, account=account)
    return CodeForm(request.POST) if about == "code" else SwitchForm(request.POST)


def _page(request: HttpRequest, viewer: Viewer, forms: dict[str, Any], preview: Switched | None, status: int) -> HttpResponse:
    account = viewer.account

    def amount(number: int, is_money: bool) -> str:
        return f"{account.currency.text(number)} {account.currency.code}" if is_money else f"{number} points"

    context = {
        **forms,
        "is_coalition": account.is_coalition,
        "may_be_coalition": "coalition" in account.modules,
        "may_have_tier": "two_tier" in account.modules,
        "is_moving": account.is_moving,
        "can_undo": "coalition" in account.modules and can_be_undone(account=account),
        "preview": preview,
        "moves": [
            (
                move.name,
                move.customers,
                amount(move.amount, move.is_money),
                amount(move.debt, move.is_money) if move.debt else "",
            )
            for move in (preview.campaigns if preview else ())
        ],
    }
    return render(request, "panel/modules.html", context, status=status)
