# SPDX-License-Identifier: Apache-2.0
"""The form that adds a customer in one step: the fields that the account shows or requires, its own ones too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import CampaignConfig
from regulars.accounts.fields import CUSTOM, PREDEFINED, FieldRow
from regulars.customers.rules import TEXT_MAX, CardRequest, Profile
from regulars.panel.forms.counter import KeyedForm
from regulars.panel.forms.custom_fields import custom_form_field, custom_values
from regulars.transactions.enrol import Joining

FIRST = ("card_number", "first_name", "last_name", "phone", "email")
"""What most people ask of a new customer; the rest is folded away unless it is required."""
NAMES = {
    "zip": "postal_code", "customer_username": "username", "customer_PIN": "pin", "customer_password": "password",
}  # fmt: skip
"""The names of predefined fields to those of a profile, where they differ."""
INPUTS: dict[str, dict[str, str]] = {
    "card_number": {"autocomplete": "off", "inputmode": "text", "data-next": ""},
    "phone": {"type": "tel", "autocomplete": "off"},
    "email": {"type": "email", "autocomplete": "off"},
    "custom_date": {"type": "date", "autocomplete": "off"},
    "customer_password": {"type": "password", "autocomplete": "new-password"},
    "customer_PIN": {"inputmode": "numeric", "autocomplete": "off"},
}
LABELS: dict[str, str | Promise] = {
    "card_number": gettext_lazy("Card number"), "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"), "phone": gettext_lazy("Phone"), "email": gettext_lazy("E-mail"),
    "street1": gettext_lazy("Address, first line"), "street2": gettext_lazy("Address, second line"),
    "city": gettext_lazy("City"), "state": gettext_lazy("State"), "zip": gettext_lazy("Post code"),
    "country": gettext_lazy("Country"), "customer_username": gettext_lazy("User name"), "customer_PIN": gettext_lazy("PIN"),
    "customer_password": gettext_lazy("Password"), "custom_date": gettext_lazy("Birthday"),
}  # fmt: skip
"""What predefined fields are called unless the account calls them otherwise."""


class EnrolForm(KeyedForm):
    """A new customer. ``rows``: the account's customer fields; ``campaigns``: those he may join here."""

    act = "enrol"

    def __init__(
        self,
        data: Any = None,
        *,
        rows: Sequence[FieldRow],
        campaigns: Sequence[CampaignConfig],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._campaigns = {campaign.number: campaign for campaign in campaigns}
        self.first: list[str] = []
        self.more: list[str] = []
        for row in rows:
            if row.show or row.required:
                self.fields[row.name] = self._field(row)
                (self.first if row.name in FIRST or row.required else self.more).append(row.name)
        self.fields["makes_card"] = forms.BooleanField(label=_("Make a card number"), required=False)
        self.first.insert(1 if "card_number" in self.first else 0, "makes_card")
        if campaigns:
            self.fields["campaigns"] = forms.MultipleChoiceField(
                label=_("Campaigns to join"),
                choices=[(campaign.number, campaign.name) for campaign in campaigns],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["sends_mail"] = forms.BooleanField(label=_("Welcome by e-mail"), required=False)

    @staticmethod
    def _field(row: FieldRow) -> forms.Field:
        if row.name not in PREDEFINED:
            return custom_form_field(row)
        attributes = {"autocomplete": "off"} | INPUTS.get(row.name, {})
        if row.name == "card_number":
            attributes["autofocus"] = "autofocus"
        if row.required:
            attributes["aria-required"] = "true"
        label = LABELS[row.name] if row.label == PREDEFINED[row.name][0] else row.label
        length_max = TEXT_MAX.get(NAMES.get(row.name, row.name))
        is_secret = row.name in ("customer_password", "customer_PIN")
        widget = (forms.PasswordInput if row.name == "customer_password" else forms.TextInput)(attrs=attributes)
        return forms.CharField(label=str(label), required=False, max_length=length_max, widget=widget, strip=not is_secret)

    def first_fields(self) -> list[BoundField]:
        """The fields that are always open."""
        return [self[name] for name in self.first]

    def more_fields(self) -> list[BoundField]:
        """The fields that are folded away."""
        return [self[name] for name in self.more]

    def has_more_open(self) -> bool:
        """Whether what is folded away must be seen: something stands there, or is wrong."""
        return any(field.errors or field.value() for field in self.more_fields())

    def enrolment(self) -> dict[str, Any]:
        """Return what enrol_once takes."""
        clean = self.cleaned_data
        values = {NAMES.get(name, name): clean[name] for name in PREDEFINED if clean.get(name)}
        joined = [self._campaigns[number] for number in clean.get("campaigns", ())]
        return {
            "key": self.idempotency_key,
            "profile": Profile(**values, fields=custom_values(clean)),
            "card": CardRequest() if clean["makes_card"] and not clean.get("card_number") else None,
            "joins": tuple(Joining(campaign) for campaign in joined),
            "sends_mail": clean["sends_mail"],
        }

    def without_place(self, names: list[str]) -> str | None:
        wire = {profile: name for name, profile in NAMES.items()} | {"code": "card_number", "custom_field": f"{CUSTOM}1"}
        return next((wire[name] for name in names if wire.get(name) in self.fields), None)
