# SPDX-License-Identifier: Apache-2.0
"""The forms about oneself. What a value must look like is the domain's to say; errors come from there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.localisation import TIME_ZONES, languages
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.sign_in import NewPasswordForm

FIELDS = {"timezone": "time_zone"}
"""The domain's name of a value to the form's, where they differ."""
CURRENT = {"autocomplete": "current-password"}


def current_password(label: Any) -> forms.CharField:
    """Return the field that asks a signed-in user who he is, before what a borrowed browser must not do."""
    return forms.CharField(label=label, max_length=200, strip=False, widget=forms.PasswordInput(attrs=CURRENT))


class ProfileForm(DomainForm):
    """Name, language, time zone and PIN; the e-mail address, by which passwords are reset, takes the password."""

    places = FIELDS
    first_name = forms.CharField(
        label=_("First name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(label=_("Time zone"))
    pin = forms.CharField(
        label=_("PIN"),
        max_length=5,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("4 or 5 digits, for terminals."),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Links for a new password go there."),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=200,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs=CURRENT),
        help_text=_("Only needed to change the e-mail address."),
    )

    def __init__(self, *args: Any, time_zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [*TIME_ZONES, *([] if time_zone in TIME_ZONES else [time_zone])]
        self.offer("language", sorted(languages().items(), key=lambda item: item[1]))
        self.offer("time_zone", [(zone, zone.replace("_", " ")) for zone in zones])

    def values(self) -> dict[str, Any]:
        """Return what was filled in, by the names of update_user()."""
        clean = self.cleaned_data
        result = {name: clean[name] for name in ("first_name", "last_name", "language", "pin", "email")}
        return result | {"timezone": clean["time_zone"]}


class OwnPasswordForm(NewPasswordForm, DomainForm):
    """A new password for oneself; the old one says that it is oneself."""

    current = current_password(_("Your password now"))
    field_order = ("current", "password", "again")


class ConfirmForm(DomainForm):
    """The password again, for what a borrowed browser must not do."""

    password = current_password(_("Your password"))


class FirstCodeForm(ConfirmForm):
    """The first code of an app that was just set up."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that your app shows now."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    field_order = ("code", "password")


class SecurityForm(DomainForm):
    """An account's rules about signing in."""

    second_factor_for = forms.ChoiceField(
        label=_("A second factor is required for"),
        choices=[
            ("nobody", _("Nobody: whoever wants one sets it up")),
            ("managers", _("Administrators and managers")),
            ("everybody", _("Everybody")),
        ],
        widget=forms.RadioSelect,
    )
    remembers_devices = forms.BooleanField(
        label=_("Browsers may be remembered for 30 days"),
        required=False,
        help_text=_("A remembered browser is not asked for the code. Without this, every sign-in takes one."),
    )
