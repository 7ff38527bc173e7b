# SPDX-License-Identifier: Apache-2.0
"""The forms about an account's mails. What a value must be is the domain's to say (messages/settings.py)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.messages.settings import PORTS, MailService
from regulars.panel.forms.domain import DomainForm


class ServiceForm(DomainForm):
    """A mail service of the account's own; without a host the installation's is used."""

    host = forms.CharField(
        label=_("Mail service (SMTP host)"),
        max_length=253,
        required=False,
        help_text=_("Leave it empty to send over this installation's service."),
        widget=forms.TextInput(attrs={"placeholder": "smtp.example.com", "autocomplete": "off"}),
    )
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            ("starttls", _("STARTTLS (port 587)")),
            ("tls", _("TLS (port 465)")),
            ("none", _("None (no password is sent)")),
        ],
    )
    port = forms.TypedChoiceField(label=_("Port"), coerce=int, choices=[(port, str(port)) for port in PORTS])
    user = forms.CharField(
        label=_("User name"), max_length=254, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    sender = forms.CharField(
        label=_("Sender address"),
        max_length=254,
        required=False,
        help_text=_("Mails over your own service come from it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_password:
            self.fields["password"].help_text = _("Leave it empty to keep the password.")

    def service(self) -> dict[str, Any]:
        """Return what set_mail_service takes."""
        clean = self.cleaned_data
        service = MailService(clean["host"], clean["port"], clean["security"], clean["user"], sender=clean["sender"])
        return {"service": service, "password": clean["password"] or None}


class TestForm(DomainForm):
    """To whom a mail is sent to try the settings out."""

    __test__ = False  # pytest takes it for its own

    recipient = forms.CharField(label=_("Send a test to"), max_length=254, widget=forms.EmailInput)


class TextForm(DomainForm):
    """Subject and body of one kind of mail."""

    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Text"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 12}))
