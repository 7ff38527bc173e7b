# SPDX-License-Identifier: Apache-2.0
"""The forms about cards, merging and erasing. What is valid is the domain's to say; its errors are shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from regulars.customers.rules import CARD_DIGITS_DEFAULT, CARD_DIGITS_MAX, CardRequest
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField
from regulars.reports.card_sheet import CARDS_MAX

SHEET_KINDS = (("both", _("QR code and bar code")), ("qr", _("QR code")), ("barcode", _("Bar code")))
_OFF = {"autocomplete": "off", "spellcheck": "false"}


class ReplaceForm(DomainForm):
    """A customer's new card: as typed or scanned, or made up."""

    card_number = forms.CharField(
        label=_("New card number"), max_length=64, required=False, widget=forms.TextInput(attrs=_OFF),
        help_text=_("Leave it empty to have one made."),
    )  # fmt: skip
    digits = DecimalsField(label=_("Digits of a made number"), least=1, most=CARD_DIGITS_MAX, initial=CARD_DIGITS_DEFAULT)

    def change(self) -> dict[str, Any]:
        """Return what replace_card() takes."""
        number = self.cleaned_data["card_number"]
        return {"card_number": number} if number else {"card": CardRequest(self.cleaned_data["digits"])}


class AddCardForm(DomainForm):
    """One more card that finds the customer."""

    card_number = forms.CharField(label=_("Further card"), max_length=64, widget=forms.TextInput(attrs=_OFF))


class EndCardForm(DomainForm):
    """Which number finds him no more."""

    kind = forms.ChoiceField(choices=[("card", "card"), ("code", "code")])
    value = forms.CharField(max_length=64, strip=False)


class SheetForm(DomainForm):
    """Cards to print: of the customers chosen, or new ones by their numbers."""

    kind = forms.ChoiceField(label=_("Printed as"), choices=SHEET_KINDS)
    names = forms.BooleanField(label=_("Print the customers' names"), required=False)


class NewCardsForm(DomainForm):
    """New cards with numbers in a row: the first and how many."""

    kind = forms.ChoiceField(label=_("Printed as"), choices=SHEET_KINDS)
    first = forms.CharField(
        label=_("First number"), max_length=64, widget=forms.TextInput(attrs=_OFF | {"inputmode": "numeric"}),
        help_text=_("Digits; it may begin with letters, such as BL0001."),
    )  # fmt: skip
    count = DecimalsField(label=_("How many"), least=1, most=CARDS_MAX, initial=10)
    issues = forms.BooleanField(
        label=_("Issue them now"), required=False,
        help_text=_("Each becomes a customer without a name, so that tills know the card."),
    )  # fmt: skip


class MergeForm(DomainForm):
    """The other record of the same person."""

    other = forms.CharField(label=_("Code, card or phone of the duplicate"), max_length=254, widget=forms.TextInput(attrs=_OFF))

    def without_place(self, names: list[str]) -> str:
        """All that can be wrong is who was named."""
        return "other"


class ConfirmForm(DomainForm):
    """The code of the record that goes, typed by hand: what is done cannot be undone."""

    confirmed = forms.CharField(label=_("Type the code to confirm"), max_length=64, widget=forms.TextInput(attrs=_OFF))

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._code = code

    def clean_confirmed(self) -> str:
        typed = str(self.cleaned_data["confirmed"])
        if typed != self._code.strip():
            raise forms.ValidationError(_now("This is not the code. Nothing was changed."))
        return typed
