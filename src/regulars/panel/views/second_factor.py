# SPDX-License-Identifier: Apache-2.0
"""One's own second factor: set it up, get recovery codes, switch it off; a colleague's: reset it; the account's rule."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import segno
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.errors import Conflict, RegularsError
from regulars.panel.forms.me import ConfirmForm, FirstCodeForm, SecurityForm
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, clock, signed_in
from regulars.panel.views.me import at_home, is_confirmed
from regulars.users.second_factor import (
    SetUp,
    begin_second_factor,
    change_sign_in_rules,
    confirm_second_factor,
    get_second_factor,
    list_with_second_factor,
    remove_second_factor,
    replace_recovery_codes,
    reset_second_factor,
)


@require_safe
@signed_in(needs="", without_second_factor=True)
@at_home
def second_factor(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show how it stands, and what is to be done next."""
    return _page(request, viewer, 200)


@require_POST
@signed_in(needs="", without_second_factor=True)
@at_home
def begin(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Make a secret for the viewer's app, or another one."""
    try:
        begin_second_factor(account=viewer.account, user=viewer.user, at=clock())
    except Conflict as error:
        messages.error(request, sentence(error))
    return HttpResponseRedirect(reverse("second_factor"))


@sensitive_variables("codes")
@sensitive_post_parameters("password", "code")
@require_POST
@signed_in(needs="", without_second_factor=True)
@at_home
def confirm(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Switch it on by a first code, and show the recovery codes, once."""
    form = FirstCodeForm(request.POST)
    if form.is_valid() and is_confirmed(request, viewer, form):
        try:
            with transaction.atomic():
                codes = confirm_second_factor(
                    account=viewer.account, user=viewer.user, at=clock(), code=form.cleaned_data["code"]
                )
        except Conflict:
            return HttpResponseRedirect(reverse("second_factor"))
        except RegularsError as error:
            form.refuse(error)
        else:
            return _codes_page(request, viewer, codes, is_new=True)
    return _page(request, viewer, 400, code_form=form)


@sensitive_variables("codes")
@sensitive_post_parameters("password")
@require_POST
@signed_in(needs="")
@at_home
def new_codes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Give ten new recovery codes, and show them, once."""
    form = ConfirmForm(request.POST)
    if form.is_valid() and is_confirmed(request, viewer, form):
        try:
            codes = replace_recovery_codes(account=viewer.account, user=viewer.user, at=clock())
        except Conflict as error:
            form.refuse(error)
        else:
            return _codes_page(request, viewer, codes, is_new=False)
    return _page(request, viewer, 400, codes_form=form)


@sensitive_post_parameters("password")
@require_POST
@signed_in(needs="")
@at_home
def switch_off(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Do without it from now on."""
    form = ConfirmForm(request.POST)
    if form.is_valid() and is_confirmed(request, viewer, form):
        try:
            remove_second_factor(account=viewer.account, user=viewer.user, at=clock())
        except Conflict as error:
            form.refuse(error)
        else:
            messages.success(request, _("The second factor is off. Signing in takes your password only."))
            return HttpResponseRedirect(reverse("me"))
    return _page(request, viewer, 400, off_form=form)


@require_POST
@signed_in(needs="unlock_user")
def reset_colleagues(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Take a colleague's second factor away, who has lost it."""
    try:
        reset_second_factor(account=viewer.account, by=viewer.user, at=clock(), code=code)
    except Conflict as error:
        messages.error(request, sentence(error))
    else:
        text = _("%(code)s signs in with the password only, until a new second factor is set up.")
        messages.success(request, text % {"code": code})
    return HttpResponseRedirect(reverse("edit_user", args=[code]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def security(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change of whom the account requires a second factor, and whether browsers are remembered."""
    account = viewer.account
    start = {"second_factor_for": account.second_factor_for, "remembers_devices": account.remembers_devices}
    form = SecurityForm(request.POST) if request.method == "POST" else SecurityForm(initial=start)
    if form.is_valid():
        change_sign_in_rules(account=account, by=viewer.user, at=clock(), **form.cleaned_data)
        messages.success(request, _("The rules were saved. They hold from the next page on."))
        return HttpResponseRedirect(reverse("security"))
    having = list_with_second_factor(account=account)
    users = sorted(account.users.values(), key=lambda user: user.code.lower())
    context = {
        "form": form,
        "with_count": len(having & set(account.users_by_id)),
        "all_count": len(users),
        "without": [user.code for user in users if user.id not in having][:50],
    }
    return render(request, "panel/security.html", context, status=200 if request.method != "POST" else 400)


def _page(
    request: HttpRequest,
    viewer: Viewer,
    status: int,
    code_form: FirstCodeForm | None = None,
    codes_form: ConfirmForm | None = None,
    off_form: ConfirmForm | None = None,
) -> HttpResponse:
    state = get_second_factor(account=viewer.account, user=viewer.user)
    context: dict[str, Any] = {
        "factor": state,
        "since": viewer.shown.moment(state.since) if state.since else "",
        "qr": None if state.set_up is None else picture(state.set_up),
        "code_form": code_form or FirstCodeForm(),
        "codes_form": codes_form or ConfirmForm(auto_id="id_codes_%s"),
        "off_form": off_form or ConfirmForm(auto_id="id_off_%s"),
    }
    return render(request, "panel/second_factor.html", context, status=status)


def _codes_page(request: HttpRequest, viewer: Viewer, codes: tuple[str, ...], *, is_new: bool) -> HttpResponse:
    business = viewer.account.profile["biz_name"] or viewer.account.code
    heading = _("Recovery codes of %(user)s, %(business)s. Each works once.")
    text = heading % {"user": viewer.user.code, "business": business} + "\n\n" + "\n".join(codes) + "\n"
    context = {"codes": codes, "is_new": is_new, "file": "data:text/plain;charset=utf-8," + quote(text)}
    return render(request, "panel/recovery_codes.html", context)


def picture(set_up: SetUp) -> SafeString:
    """Return the QR code that an authenticator app reads, as SVG to stand in the page: dark on white by night, too."""
    drawn = io.BytesIO()
    segno.make(set_up.uri, error="m", micro=False).save(
        drawn, kind="svg", omitsize=True, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False, nl=False,
        svgclass="qr", lineclass=None,
    )  # fmt: skip
    return mark_safe(drawn.getvalue().decode())  # noqa: S308 - made of modules, not of text
