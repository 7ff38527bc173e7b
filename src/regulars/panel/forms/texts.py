# SPDX-License-Identifier: Apache-2.0
"""The forms about an account's texts. What a value must be is the domain's to say (messages/text_rules.py)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.messages.text_rules import (
    BODY_LENGTH_MAX,
    EXPECTS_LENGTH_MAX,
    RECEIPT_LENGTH_MAX,
    SENDER_LENGTH_MAX,
    URL_LENGTH_MAX,
    Gateway,
)
from regulars.panel.forms.domain import DomainForm

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
BODY = "to={to}\nfrom={sender}\ntext={text}"


class GatewayForm(DomainForm):
    """The account's text gateway; without an address no texts are sent."""

    url = forms.CharField(
        label=_("Address of the gateway"),
        max_length=URL_LENGTH_MAX,
        required=False,
        help_text=_("Leave it empty to send no texts."),
        widget=forms.TextInput(attrs={"placeholder": "https://sms.example.com/send", "inputmode": "url", **_PLAIN}),
    )
    method = forms.ChoiceField(label=_("Method"), choices=[("POST", "POST"), ("GET", "GET")])
    format = forms.ChoiceField(label=_("What is sent"), choices=[("form", _("Form fields, a line each")), ("json", _("JSON"))])
    body = forms.CharField(
        label=_("Fields"),
        max_length=BODY_LENGTH_MAX,
        required=False,
        help_text=_(
            "As the gateway names them, such as to={to}. Filled in: {to}, {digits} (without +), {text}, {sender}, {username},"
            " {password}, {id}."
        ),
        widget=forms.Textarea(attrs={"rows": 5, **_PLAIN}),
    )
    authorization = forms.ChoiceField(
        label=_("Signing in"),
        choices=[
            ("none", _("By the fields, or not at all")),
            ("basic", _("User name and password (Basic)")),
            ("bearer", _("Password as a token (Bearer)")),
        ],
    )
    sms_username = forms.CharField(
        label=_("User name"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    sms_password = forms.CharField(
        label=_("Password or token"),
        max_length=128,
        required=False,
        strip=False,
        help_text=_("It is kept encrypted and not shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    sender = forms.CharField(
        label=_("Sender"),
        max_length=SENDER_LENGTH_MAX,
        required=False,
        help_text=_("A number, or a name of up to 11 letters, as the gateway allows."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expects = forms.CharField(
        label=_("A good answer holds"),
        max_length=EXPECTS_LENGTH_MAX,
        required=False,
        help_text=_("For gateways that say OK and mean it only with this word in the answer."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    receipt = forms.CharField(
        label=_("Text of a receipt"),
        max_length=RECEIPT_LENGTH_MAX,
        required=False,
        help_text=_("Empty: ours. It may name what receipts by mail may."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_password:
            self.fields["sms_password"].help_text = _("Leave it empty to keep the password. With another host it goes.")

    def asked(self) -> dict[str, Any]:
        """Return what set_gateway() takes."""
        clean = dict(self.cleaned_data)
        username, password = clean.pop("sms_username"), clean.pop("sms_password")
        return {"gateway": Gateway(**clean) if clean["url"] else None, "username": username, "password": password or None}


class TextTestForm(DomainForm):
    """To which number a text is sent to try the settings out."""

    recipient = forms.CharField(
        label=_("Send a test to"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
