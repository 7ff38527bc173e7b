# SPDX-License-Identifier: Apache-2.0
"""How an account's mails leave and what they say: service, a test, texts with a preview, what did not arrive."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.messages.settings import (
    OWN_TEXTS,
    TEXT_PLACEHOLDERS,
    Attempt,
    check_mail_text,
    get_mail_settings,
    list_attempts,
    queue_test,
    sample_mail,
    set_mail_service,
    set_mail_text,
)
from regulars.panel.forms.mail import ServiceForm, TestForm, TextForm
from regulars.panel.viewer import Viewer, signed_in

KINDS = {
    "welcome": gettext_lazy("Welcome"),
    "activation": gettext_lazy("Activation"),
    "update": gettext_lazy("Details changed"),
    "transaction": gettext_lazy("Receipt"),
    "balances": gettext_lazy("Balances"),
}
WHEN = {
    "welcome": gettext_lazy("When a customer is added who has an e-mail address."),
    "activation": gettext_lazy("When a member registers a card. Without a text of your own it is the welcome."),
    "update": gettext_lazy("When a customer's details are changed."),
    "transaction": gettext_lazy("When a receipt is asked for. A campaign may have a text of its own."),
    "balances": gettext_lazy("When somebody at the counter mails a customer what he has."),
}


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def mail_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the settings; save the mail service."""
    has_password = get_mail_settings(account=viewer.account).service.has_password
    if request.method != "POST":
        return _page(request, viewer, None, TestForm(), 200)
    form = ServiceForm(request.POST, has_password=has_password)
    if form.is_valid():
        try:
            with transaction.atomic():
                set_mail_service(account=viewer.account, at=viewer.at, **form.service())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The mail service was saved. Send a test now."))
            return HttpResponseRedirect(reverse("mail"))
    return _page(request, viewer, form, TestForm(), 400)


@require_POST
@signed_in(needs="edit_account_info")
def mail_test(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Send a mail to try the settings out."""
    form = TestForm(request.POST)
    if form.is_valid():
        business = viewer.account.profile["biz_name"] or viewer.account.code
        try:
            queue_test(
                account=viewer.account, recipient=form.cleaned_data["recipient"], at=viewer.at,
                subject=_("A test from %(business)s") % {"business": business},
                body=_("If you read this, the mails of %(business)s arrive.") % {"business": business},
            )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The test is on its way. Look again in some seconds."))
            return HttpResponseRedirect(reverse("mail"))
    return _page(request, viewer, None, form, 400)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def mail_text(request: HttpRequest, viewer: Viewer, kind: str) -> HttpResponse:
    """Show the text of a kind of mail, as it would be read too; save it, or go back to ours."""
    if kind not in TEXT_PLACEHOLDERS:
        raise Http404
    own = get_mail_settings(account=viewer.account).texts.get(kind)
    subject, body = (own.subject, own.body) if own else OWN_TEXTS[kind]
    if request.method != "POST":
        return _text_page(request, viewer, kind, TextForm(initial={"subject": subject, "body": body}), own is not None, 200)
    form = TextForm(request.POST)
    if form.is_valid():
        given = {"kind": kind, "subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
        try:
            if "preview" in request.POST:
                check_mail_text(**given)
                return _text_page(request, viewer, kind, form, own is not None, 200)
            if "ours" in request.POST:
                given |= {"subject": "", "body": ""}
            else:
                check_mail_text(**given)
            set_mail_text(account=viewer.account, at=viewer.at, **given)
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The text was saved."))
            return HttpResponseRedirect(reverse("mail"))
    return _text_page(request, viewer, kind, form, own is not None, 400)


def _page(request: HttpRequest, viewer: Viewer, form: ServiceForm | None, test_form: TestForm, status: int) -> HttpResponse:
    settings = get_mail_settings(account=viewer.account)
    service = settings.service
    if form is None:
        start = {name: getattr(service, name) for name in ("host", "port", "security", "user", "sender")}
        form = ServiceForm(initial=start, has_password=service.has_password)
    context = {
        "form": form,
        "test_form": test_form,
        "service": service.host,
        "tests": [_attempt(viewer, each) for each in list_attempts(account=viewer.account, kind="test")],
        "failed": [_attempt(viewer, each) for each in list_attempts(account=viewer.account, failed=True, limit=10)],
        "texts": [
            {"kind": kind, "name": str(KINDS[kind]), "when": str(WHEN[kind]), "is_own": kind in settings.texts}
            for kind in TEXT_PLACEHOLDERS
        ],
    }
    return render(request, "panel/mail/settings.html", context, status=status)


def _attempt(viewer: Viewer, each: Attempt) -> dict[str, Any]:
    state = "sent" if each.sent_at else "failed" if each.abandoned_at else "waiting"
    return {
        "at": viewer.shown.second(each.created_at),
        "recipient": each.recipient,
        "kind": str(KINDS.get(each.kind, each.kind)),
        "state": state,
        "error": "" if each.sent_at else each.error,
    }


def _text_page(request: HttpRequest, viewer: Viewer, kind: str, form: TextForm, is_own: bool, status: int) -> HttpResponse:
    subject, body = str(form["subject"].value() or ""), str(form["body"].value() or "")
    mail = sample_mail(account=viewer.account, kind=kind, subject=subject, body=body)
    context = {
        "form": form,
        "kind": kind,
        "name": str(KINDS[kind]),
        "when": str(WHEN[kind]),
        "placeholders": ["{" + name + "}" for name in TEXT_PLACEHOLDERS[kind]],
        "is_own": is_own,
        "preview": {"subject": mail.subject, "body": mail.body, "sender": mail.sender_name},
    }
    return render(request, "panel/mail/text.html", context, status=status)
