# SPDX-License-Identifier: Apache-2.0
"""What the list of customers is narrowed down by. Days are the account's; what is valid is the domain's to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.accounts.dates import read_date
from regulars.accounts.directory import AccountConfig, CampaignConfig, FieldConfig, UserConfig
from regulars.accounts.numbers import read_decimal
from regulars.accounts.rules import sought_values
from regulars.customers.rules import words_of
from regulars.customers.search import Filters, wanted_fields, wanted_words
from regulars.errors import MissingParameter, RegularsError
from regulars.panel.customer_texts import visible_campaigns
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import NUMBERS, NumberTextField, plain_number
from regulars.reports.customer_list import Asked
from regulars.reports.rules import Span

SORTS = (("newest", _("Newest first")), ("oldest", _("Oldest first")), ("name", _("By name")))
TEXTS = ("first_name", "last_name", "phone", "email", "card_number")
CUSTOM = "custom_field_"


def _date(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=10, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _text(label: Any, length: int) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class CustomerFilterForm(DomainForm):
    """All are optional. ``asked()`` is what reports/customer_list.py takes."""

    q = forms.CharField(
        label=_("Search"), max_length=255, required=False,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
        help_text=_("Words in any field: a blank means and, a comma means or."),
    )  # fmt: skip
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)
    first_name = _text(_("First name"), 100)
    last_name = _text(_("Last name"), 100)
    phone = _text(_("Phone"), 40)
    email = _text(_("E-mail"), 254)
    card_number = _text(_("Card number"), 64)
    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    balance_from = forms.CharField(
        label=_("Balance from"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("In the campaign chosen."),
    )  # fmt: skip
    balance_to = forms.CharField(
        label=_("Balance to"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    active_from = _date(_("Last activity from"))
    active_to = _date(_("Last activity to"))
    joined_from = _date(_("Joined from"))
    joined_to = _date(_("Joined to"))

    def __init__(self, *args: Any, account: AccountConfig, by: UserConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account = account
        self._campaigns = {each.number: each for each in visible_campaigns(account, by)}
        choice = self.fields["campaign"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("Any")), *((number, each.name) for number, each in self._campaigns.items())]
        for number, field in account.customer_fields.items():
            if field.show or field.searchable:
                self.fields[f"{CUSTOM}{number}"] = _custom(field)

    @property
    def more(self) -> list[forms.BoundField]:
        """The filters that stand folded away."""
        return [field for field in self if field.name not in ("q", "sort")]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.kept(with_order=False).values())

    @property
    def is_opened(self) -> bool:
        """Whether more than the words is asked for: then all filters are to be seen."""
        return any(value for name, value in self.kept(with_order=False).items() if name != "q") or bool(self.errors)

    def kept(self, *, with_order: bool = True) -> dict[str, str]:
        """Return what was asked for as it was typed, for addresses and segments."""
        given: Mapping[str, Any] = self.data
        names = [name for name in self.fields if with_order or name != "sort"]
        return {name: value for name in names if (value := str(given.get(name, "")))}

    def asked(self) -> Asked | None:
        """Return what was asked for; None where something of it is wrong: it then stands at its field."""
        if not self.is_valid():
            return None
        clean, account = self.cleaned_data, self._account
        campaign = self._campaigns.get(clean["campaign"])
        try:
            wanted = wanted_fields(account, self._filters(), "partial")
            if clean["q"].strip():
                wanted |= wanted_words(words_of(clean["q"], "q"))
            low, high = (self._balance(name, campaign) for name in ("balance_from", "balance_to"))
            days = {name: self._day(name) for name in ("active_from", "active_to", "joined_from", "joined_to")}
        except RegularsError as error:
            self.refuse(error)
            return None

        def starts(name: str) -> Any:
            day = days[name]
            return None if day is None else Span(day, day, account.zone).starts_at

        def ends(name: str) -> Any:
            day = days[name]
            return None if day is None else Span(day, day, account.zone).ends_at

        return Asked(
            wanted=wanted, campaigns=tuple(self._campaigns.values()), campaign=campaign, balance_from=low, balance_to=high,
            active_from=starts("active_from"), active_to=ends("active_to"), joined_from=starts("joined_from"),
            joined_to=ends("joined_to"), sort=clean["sort"] or "newest",
        )  # fmt: skip

    def _filters(self) -> Filters:
        clean, account = self.cleaned_data, self._account
        custom = {int(name.removeprefix(CUSTOM)): value for name, value in clean.items() if name.startswith(CUSTOM) and value}
        fields = sought_values(account.customer_fields, custom, currency=account.currency, is_whole=False)
        return Filters(**{name: clean[name] for name in TEXTS}, fields=fields)

    def _day(self, name: str) -> date | None:
        raw = self.cleaned_data[name]
        return read_date(name, raw) if raw else None

    def _balance(self, name: str, campaign: CampaignConfig | None) -> int | None:
        raw = self.cleaned_data[name]
        if not raw:
            return None
        if campaign is None:
            raise MissingParameter("campaign", gettext("Choose the campaign whose balance is meant."))
        decimals = self._account.currency.decimals if campaign.is_money else 0
        return read_decimal(name, plain_number(raw, decimals), decimals)


def _custom(field: FieldConfig) -> forms.Field:
    if field.type in ("Pick", "List"):
        choices = [("", _("Any")), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=field.label, choices=choices, required=False)
    if field.type in NUMBERS:
        return NumberTextField(label=field.label, max_length=255, required=False)
    return _text(field.label, 255)


class SegmentForm(DomainForm):
    """A name for the filters of the list as it is."""

    name = forms.CharField(
        label=_("Save these filters as"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
