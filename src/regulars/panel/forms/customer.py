# SPDX-License-Identifier: Apache-2.0
"""A customer's data. Which fields there are, the account says; what they may hold, the domain: its errors are shown here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import CampaignConfig
from regulars.accounts.fields import PREDEFINED, FieldRow
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import TEXT_MAX, CardRequest, Profile
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import NUMBERS, NumberTextField, local_number

PLACES = {
    "zip": "postal_code", "customer_username": "username", "customer_PIN": "pin", "customer_password": "password",
}  # fmt: skip
"""Predefined fields whose place in a profile has another name."""
CUSTOM = "custom_field_"
LABELS = (
    _("Card #"), _("First Name"), _("Last Name"), _("Phone"), _("Email"), _("Address 1"), _("Address 2"), _("City"), _("State"),
    _("Zip"), _("Country"), _("Username"), _("PIN"), _("Password"), _("Birthday"),
)  # fmt: skip
"""What the predefined fields are called as long as nobody calls them otherwise."""
_TRANSLATED = {label: shown for (label, _type), shown in zip(PREDEFINED.values(), LABELS, strict=True)}


class CustomerForm(DomainForm):
    """
    A new customer, or a known one (``customer``): then only what was changed is written. Fields that the account does not show
    are not here, and stay as they are.
    """

    places = PLACES

    def __init__(
        self,
        *args: Any,
        rows: Sequence[FieldRow],
        campaigns: Sequence[CampaignConfig] = (),
        customer: CustomerRow | None = None,
        may_change_card: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._customer = customer
        for row in rows:
            if row.show or row.required:
                name = PLACES.get(row.name, row.name)
                self.fields[name] = _field(row, name, customer)
        if customer is not None and customer.card_number and not may_change_card:
            self.fields.pop("card_number", None)
        if customer is None:
            self._add_choices(campaigns)

    def _add_choices(self, campaigns: Sequence[CampaignConfig]) -> None:
        """What is asked of a new customer only."""
        self.fields["makes_card"] = forms.BooleanField(label=_("Make a card number"), required=False)
        if campaigns:
            self.fields["campaigns"] = forms.MultipleChoiceField(
                label=_("Joins these campaigns"), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(each.number, each.name) for each in campaigns],
            )  # fmt: skip
        self.fields["sends_mail"] = forms.BooleanField(label=_("Send a welcome mail, if there is an address"), required=False)

    def profile(self) -> Profile:
        """Return what was filled in; of a known customer, what was changed. Passwords and PINs that are left empty stay."""
        clean = self.cleaned_data
        names = list(self.fields) if self._customer is None else self.changed_data
        values = {name: ",".join(clean[name]) if isinstance(clean[name], list) else clean[name] for name in names}
        custom = {int(name.removeprefix(CUSTOM)): text for name, text in values.items() if name.startswith(CUSTOM)}
        if self._customer is None:
            custom = {number: text for number, text in custom.items() if text}
        own = {
            name: text
            for name, text in values.items()
            if name in Profile.__dataclass_fields__ and name != "fields" and (text or self._keeps_blank(name))
        }
        return Profile(**own, fields=custom)

    def _keeps_blank(self, name: str) -> bool:
        return self._customer is not None and name not in ("password", "pin")

    def card(self) -> CardRequest | None:
        """Return the card to be made, or None."""
        wants = self.cleaned_data.get("makes_card") and not self.cleaned_data.get("card_number")
        return CardRequest() if wants else None


def _field(row: FieldRow, name: str, customer: CustomerRow | None) -> forms.Field:
    label = _TRANSLATED.get(row.label, row.label)
    if row.required:
        label = f"{label} *"
    if name in ("password", "pin"):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(
            label=label, required=False, max_length=20, strip=False, widget=widget,
            help_text=_("Leave it empty to keep what is on record.") if customer is not None else "",
        )  # fmt: skip
    stored = _stored(row, name, customer)
    if row.type in ("Pick", "List"):
        return _choice(row, label, stored)
    if row.type in NUMBERS:
        return NumberTextField(label=label, required=False, initial=local_number(stored))
    attributes: dict[str, str] = {"autocomplete": "off"}
    hint: Any = ""
    if row.type == "Date":
        hint = _("As YYYY-MM-DD; an unknown part is 00.")
        stored = stored.removesuffix(" 00:00:00")
    if name == "email":
        return forms.CharField(label=label, required=False, max_length=254, initial=stored, widget=forms.EmailInput(attributes))
    length = TEXT_MAX.get(name, 64_000)
    return forms.CharField(
        label=label, required=False, max_length=length, initial=stored, widget=forms.TextInput(attributes), help_text=hint
    )


def _stored(row: FieldRow, name: str, customer: CustomerRow | None) -> str:
    if customer is None:
        return ""
    if row.name.startswith(CUSTOM):
        return customer.fields.get(row.name.removeprefix(CUSTOM), "")
    return str(getattr(customer, name, ""))


def _choice(row: FieldRow, label: Any, stored: str) -> forms.Field:
    """A choice that the field no longer offers stays choosable for who has it, so that saving does not take it away."""
    kept = [part for part in stored.split(",") if part] if row.type == "List" else [stored] if stored else []
    offered = [*row.choices, *(part for part in kept if part not in row.choices)]
    pairs = [(choice, choice) for choice in offered]
    if row.type == "Pick":
        return forms.ChoiceField(label=label, required=False, choices=[("", "–"), *pairs], initial=stored)
    return forms.MultipleChoiceField(
        label=label, required=False, choices=pairs, initial=kept, widget=forms.CheckboxSelectMultiple
    )
