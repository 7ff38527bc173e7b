# SPDX-License-Identifier: Apache-2.0
"""What an account says of itself, and how it is set up; by the names of account_update. The domain says what is valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import TIME_ZONES, countries, country_code, currencies_in_use, languages
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField, plain_number


def _text(label: Any, length: int, **attributes: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.TextInput(attrs=attributes))


class AccountForm(DomainForm):
    """One page of an account. ``profile()`` and ``currency()`` are what change_account() takes."""

    COLUMNS: ClassVar[tuple[str, ...]] = ()

    def profile(self) -> dict[str, str]:
        """Return the columns as text."""
        return {name: self.cleaned_data[name] for name in self.COLUMNS if name in self.fields}

    def currency(self) -> str | None:
        """Return the currency, None = as it is."""
        return None


class BusinessForm(AccountForm):
    """The business and whom to ask for there."""

    COLUMNS = (
        "biz_name", "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "biz_country", "biz_locations",
        "biz_employees", "industry", "contact_first_name", "contact_last_name", "contact_phone", "client_email",
        "referrer_name",
    )  # fmt: skip
    biz_name = forms.CharField(label=gettext_lazy("Name of the business"), max_length=80)
    industry = _text(gettext_lazy("Industry"), 80)
    biz_address1 = _text(gettext_lazy("Address, first line"), 80, autocomplete="address-line1")
    biz_address2 = _text(gettext_lazy("Address, second line"), 80, autocomplete="address-line2")
    biz_city = _text(gettext_lazy("City"), 60)
    biz_state = _text(gettext_lazy("State or region"), 60)
    biz_zip = _text(gettext_lazy("Postal code"), 20)
    biz_country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("Phone numbers without a prefix are taken for numbers of it, and dates are written as there."),
    )
    biz_locations = _text(gettext_lazy("How many shops"), 10, inputmode="numeric")
    biz_employees = _text(gettext_lazy("How many employees"), 10, inputmode="numeric")
    biz_online = forms.BooleanField(label=gettext_lazy("It sells on the Internet"), required=False)
    contact_first_name = _text(gettext_lazy("Contact: first name"), 60, autocomplete="given-name")
    contact_last_name = _text(gettext_lazy("Contact: last name"), 60, autocomplete="family-name")
    contact_phone = forms.CharField(
        label=gettext_lazy("Contact: phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    client_email = forms.EmailField(label=gettext_lazy("E-mail of the business"), max_length=254, required=False)
    referrer_name = _text(gettext_lazy("Recommended by"), 80)

    def __init__(self, *args: Any, account: AccountConfig, locale: Locale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = account.profile["biz_country"]
        code = country_code(kept)
        names = sorted(((each, locale.territories.get(each, name)) for each, name in countries().items()), key=lambda it: it[1])
        # As it is kept, code or name: a form that was not touched changes nothing.
        self.offer("biz_country", [("", "–"), *((kept if each == code else each, name) for each, name in names)])

    def profile(self) -> dict[str, str]:
        """Return the columns as text."""
        return super().profile() | {"biz_online": "Y" if self.cleaned_data["biz_online"] else "N"}

    @staticmethod
    def start(account: AccountConfig) -> dict[str, Any]:
        """Return the account as the form's first values."""
        return {**account.profile, "biz_online": account.profile["biz_online"] == "Y"}

    def clean_biz_locations(self) -> str:
        return _whole(self.cleaned_data["biz_locations"])

    def clean_biz_employees(self) -> str:
        return _whole(self.cleaned_data["biz_employees"])


class LocalisationForm(AccountForm):
    """Language, currency and time zone, each with what a change means."""

    COLUMNS = ("language", "timezone")
    places: ClassVar[Mapping[str, str]] = {"currency": "money"}
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy(
            "Of mails, and of the panel for users who have chosen none. What is recorded is not translated."
        ),
    )
    money = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Days begin and end in it. What was recorded keeps its instant: reports of past days are counted by the new one,"
            " and what expires at the end of a day does so then."
        ),
    )

    def __init__(self, *args: Any, account: AccountConfig, locale: Locale, has_money: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("language", sorted(languages().items(), key=lambda item: item[1]))
        zones = TIME_ZONES if account.timezone in TIME_ZONES else (*TIME_ZONES, account.timezone)
        self.offer("timezone", [(zone, zone.replace("_", " ")) for zone in zones])
        codes = {*currencies_in_use(), account.currency.code}
        named = sorted((locale.currencies.get(code, code), code) for code in codes)
        self.offer("money", [(code, f"{name} ({code}, {locale.currency_symbols.get(code, code)})") for name, code in named])
        if has_money:
            self.fields["money"].disabled = True
            self.fields["money"].help_text = _(
                "It can not be changed any more: money was recorded in it, and what a minor unit is would change with it."
            )
        else:
            self.fields["money"].help_text = _(
                "It can be changed until money is recorded for the first time, then never again."
            )

    def currency(self) -> str | None:
        """Return the currency."""
        return None if self.fields["money"].disabled else self.cleaned_data["money"] or None

    @staticmethod
    def start(account: AccountConfig) -> dict[str, Any]:
        """Return the account as the form's first values."""
        return {"language": account.language, "money": account.currency.code, "timezone": account.timezone}


class LimitsForm(AccountForm):
    """How long requests are kept, and how many there may be."""

    COLUMNS = ("request_log_days", "calls_per_minute", "unknown_cards_per_minute")
    request_log_days = DecimalsField(
        label=gettext_lazy("Days that requests stay in the log"),
        least=0,
        most=90,
        help_text=gettext_lazy("0 = none is kept. When it is made shorter, older requests are gone within the hour."),
    )
    calls_per_minute = DecimalsField(
        label=gettext_lazy("Calls a minute of each user"),
        required=False,
        least=1,
        most=60_000_000,
        help_text=gettext_lazy("Empty = as the installation says, which binds always. More are told to try again later."),
    )
    unknown_cards_per_minute = DecimalsField(
        label=gettext_lazy("Cards a minute that do not exist"),
        least=0,
        most=1_000_000,
        help_text=gettext_lazy(
            "Of one user, ten times as many at once: more look like guessing, and he is told to wait. 0 = no limit."
        ),
    )

    def profile(self) -> dict[str, str]:
        """Return the numbers as text; an empty one is ""."""
        return {name: "" if value is None else str(value) for name, value in super().profile().items()}

    @staticmethod
    def start(account: AccountConfig) -> dict[str, Any]:
        """Return the account as the form's first values."""
        return {name: getattr(account, name) for name in LimitsForm.COLUMNS}


class ServicesForm(AccountForm):
    """The names and passwords under which the account is known to services. Passwords are not shown again."""

    COLUMNS = ("mailchimp_username",)
    mailchimp_username = _text(gettext_lazy("Mailchimp: user name"), 80, autocomplete="off")
    mailchimp_password = forms.CharField(
        label=gettext_lazy("Mailchimp: password"),
        max_length=128,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mailchimp_password"].help_text = (
            _("One is kept, encrypted. Leave it empty to keep it; without a user name it is taken away.")
            if has_password
            else _("It is kept encrypted and not shown again.")
        )

    def profile(self) -> dict[str, str]:
        """Return what was filled in; a password goes with its user name."""
        clean, changes = self.cleaned_data, super().profile()
        if not clean["mailchimp_username"]:
            changes["mailchimp_password"] = ""
        elif clean["mailchimp_password"]:
            changes["mailchimp_password"] = clean["mailchimp_password"]
        return changes


def _whole(text: str) -> str:
    text = plain_number(text, 0)
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise forms.ValidationError(_("A whole number is expected."))
    return text
