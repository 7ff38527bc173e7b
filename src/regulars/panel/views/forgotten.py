# SPDX-License-Identifier: Apache-2.0
"""Forgotten passwords and user ids (ADR-0025). These pages say the same whoever asks, and for whom."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from regulars.errors import InvalidParameter, RateLimited
from regulars.messages.carriers import MailOptions
from regulars.panel import viewer as edge
from regulars.panel.forms.sign_in import ForgottenPasswordForm, ForgottenUserIdForm, NewPasswordForm
from regulars.panel.sentences import sentence
from regulars.panel.views.sign_in import too_many_tries
from regulars.users.forgotten import LinkNotValid, ask_for_mail, is_link_good, set_password_by_link

LINK = "password_link"


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Take a user id, and say that a mail is on its way if there is somebody to get it."""
    form = ForgottenPasswordForm(request.POST if request.method == "POST" else None)
    sent = _("If there is such a user with an e-mail address, a link for a new password is on its way to it.")
    return _asked(request, form, "password", "user_id", "panel/forgotten_password.html", sent)


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_user_id(request: HttpRequest) -> HttpResponse:
    """Take an e-mail address, and say that a mail is on its way if it is somebody's."""
    form = ForgottenUserIdForm(request.POST if request.method == "POST" else None)
    sent = _("If users belong to this address, a mail with their User IDs is on its way to it.")
    return _asked(request, form, "user_id", "email", "panel/forgotten_user_id.html", sent)


def _asked(request: HttpRequest, form: forms.Form, kind: str, field: str, template: str, sent: str) -> HttpResponse:
    status = 200 if request.method != "POST" else 400
    options = MailOptions.from_environment()
    sends_mail = options.smtp is not None or options.directory is not None
    if sends_mail and form.is_valid():
        try:
            ask_for_mail(
                kind=kind,
                about=form.cleaned_data[field],
                host=request.get_host(),
                at=edge.clock(),
                address=edge.client_address(request),
            )
        except RateLimited as error:
            form.add_error(None, too_many_tries(error))
            status = 429
        else:
            messages.success(request, sent)
            return HttpResponseRedirect(reverse("sign_in"))
    return render(request, template, {"form": form, "sends_mail": sends_mail}, status=status)


@require_safe
def open_link(request: HttpRequest, link: str) -> HttpResponse:
    """Take the secret out of the address at once, so that no history and no Referer has it; nothing is used up."""
    request.session[LINK] = link
    response = HttpResponseRedirect(reverse("new_password"))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_variables("link")
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Set a new password by the link that was opened."""
    link = request.session.get(LINK, "")
    if not is_link_good(link=link, at=edge.clock()):
        request.session.pop(LINK, None)
        return render(request, "panel/link_not_valid.html", status=410)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            set_password_by_link(
                link=link, password=form.cleaned_data["password"], at=edge.clock(), address=edge.client_address(request)
            )
        except InvalidParameter as error:
            form.add_error("password", sentence(error))
        except LinkNotValid:
            return render(request, "panel/link_not_valid.html", status=410)
        else:
            request.session.flush()
            messages.success(request, _("Your password was changed. Sign in with the new one."))
            return HttpResponseRedirect(reverse("sign_in"))
    return render(request, "panel/new_password.html", {"form": form}, status=200 if request.method != "POST" else 400)
