# SPDX-License-Identifier: Apache-2.0
"""The forms of offices about the accounts they answer for. What is valid is the domain's to say; its errors are shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import TIME_ZONES, languages
from regulars.accounts.queries import AccountRow
from regulars.panel.forms.domain import DomainForm

STATES = (("trial", _("Trial")), ("active", _("Active")), ("suspended", _("Suspended")))
PROFILE = ("contact_first_name", "contact_last_name", "contact_phone", "client_email", "biz_city")
NEW_ACCOUNT_FIELDS = {"account_id": "code", "agency_id": "agency", "biz_country": "country"}
"""The domain's name of a value to the form's, where they differ."""


class FindAccountForm(forms.Form):
    """Which accounts to list."""

    words = forms.CharField(label=_("Search"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATES], required=False)


class NewAccountForm(DomainForm):
    """A business's account with its owner. ``agency`` is asked of the platform owner alone."""

    places = NEW_ACCOUNT_FIELDS

    code = forms.CharField(
        label=_("Account ID"), max_length=20,
        help_text=_("5 to 20 letters, digits or _. It is the owner's User ID too, and cannot be changed later."),
    )  # fmt: skip
    biz_name = forms.CharField(label=_("Business name"), max_length=80)
    copy_from = forms.ChoiceField(
        label=_("Copy settings from"), required=False,
        help_text=_(
            "Campaigns with their rewards, promotions and rules, custom fields, mail texts, colours, language, currency and"
            " time zone; no customers, no users."
        ),
    )  # fmt: skip
    agency = forms.TypedChoiceField(label=_("Agency"), coerce=int, empty_value=None, required=False)
    contact_first_name = forms.CharField(label=_("Owner's first name"), max_length=60, required=False)
    contact_last_name = forms.CharField(label=_("Owner's last name"), max_length=60, required=False)
    client_email = forms.CharField(label=_("Owner's e-mail"), max_length=254, required=False, widget=forms.EmailInput)
    contact_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    biz_city = forms.CharField(label=_("City"), max_length=60, required=False)
    country = forms.CharField(label=_("Country"), max_length=60, required=False, help_text=_("Its name, or two letters: NZ."))
    language = forms.ChoiceField(label=_("Language"), required=False)
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False,
        help_text=_("Three letters: EUR. It cannot be changed once money was recorded."),
    )  # fmt: skip
    timezone = forms.ChoiceField(label=_("Time zone"), required=False)
    password = forms.CharField(
        label=_("Owner's first password"), max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("5 to 20 letters, digits or _. Without one he cannot sign in here yet."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Active at once; otherwise on trial, with at most ten customers"), required=False)

    def __init__(
        self, *args: Any, office: AccountConfig, models: tuple[AccountRow, ...], agencies: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        own = _("As the account that is copied, or else as yours")
        self.offer("copy_from", [("", _("Nothing")), *((row.code, f"{row.biz_name} ({row.code})") for row in models)])
        self.offer("language", [("", own), *sorted(languages().items(), key=lambda item: item[1])])
        self.offer("timezone", [("", own), *((name, name) for name in sorted(set(TIME_ZONES)))])
        if office.kind == "platform":
            self.offer("agency", [("", _("None")), *((str(number), name) for number, name in agencies.items())])
        else:
            del self.fields["agency"]

    def asked(self) -> dict[str, Any]:
        """Return what open_account() takes."""
        given = self.cleaned_data
        return {
            "code": given["code"],
            "biz_name": given["biz_name"],
            "agency_id": given.get("agency"),
            "password": given["password"],
            "currency": given["currency"] or None,
            "timezone": given["timezone"] or None,
            "language": given["language"] or None,
            "country": given["country"],
            "is_active": given["is_active"],
            "copy_from": given["copy_from"] or None,
            "profile": {name: given[name] for name in PROFILE},
        }


class StateForm(DomainForm):
    """Whether an account works."""

    state = forms.ChoiceField(choices=STATES, widget=forms.HiddenInput)


class MoveForm(DomainForm):
    """Under which agency an account is."""

    agency = forms.TypedChoiceField(label=_("Agency"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, agencies: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("agency", [("", _("None")), *((str(number), name) for number, name in agencies.items())])


class NewAgencyForm(DomainForm):
    """An agency with its own account."""

    places = {"agency_name": "name", "agency_email": "email", "account_id": "code"}

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Its clients' receipts show it."))
    email = forms.CharField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput, help_text=_("Its clients' receipts show it.")
    )
    code = forms.CharField(
        label=_("Account ID"), max_length=20,
        help_text=_("Of its own account, whose users act for it: 5 to 20 letters, digits or _."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("First password of its head"), max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
