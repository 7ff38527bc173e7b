# SPDX-License-Identifier: Apache-2.0
"""The form about an account's brand. What is valid is the domain's to say; its errors are shown here."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.panel.forms.domain import DomainForm

COLOUR = {"placeholder": "#1f5f8b", "autocomplete": "off", "spellcheck": "false"}


class BrandForm(DomainForm):
    """Name, colours, logo and mail sender; empty = as the agency, then as we come."""

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    logo = forms.FileField(
        label=_("New logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("PNG or JPEG, at most 256 KiB. It is shown 32 pixels high."),
    )
    removes_logo = forms.BooleanField(label=_("Take the logo away"), required=False)
    accent_colour = forms.CharField(
        label=_("Colour of links and buttons"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs=COLOUR),
        help_text=_("Like #1f5f8b, dark enough to be read on white. By night a lighter shade of it is used."),
    )
    bar_colour = forms.CharField(
        label=_("Colour of headings"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs=COLOUR),
        help_text=_("Any colour: text on it is black or white, whichever is read better."),
    )
    mail_name = forms.CharField(label=_("Mails come from"), max_length=80, required=False)
    mail_reply_to = forms.CharField(
        label=_("Answers to mails go to"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def changes(self) -> dict[str, str]:
        """Return the texts that were filled in, by the names of the operation."""
        names = ("name", "accent_colour", "bar_colour", "mail_name", "mail_reply_to")
        return {name: self.cleaned_data[name] for name in names}

    def new_logo(self) -> bytes | None:
        """Return the file that came; b"" to take the logo away, None to leave it."""
        file = self.cleaned_data["logo"]
        if file is not None:
            return bytes(file.read())
        return b"" if self.cleaned_data["removes_logo"] else None
