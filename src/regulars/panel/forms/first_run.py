# SPDX-License-Identifier: Apache-2.0
"""The four steps that set an installation up. What is valid is transactions/first_run.py's to say, step by step."""

from __future__ import annotations

from typing import Any, ClassVar

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.localisation import TIME_ZONES, countries, currencies_in_use, languages
from regulars.campaigns import limits
from regulars.errors import RequestError
from regulars.kit.units import Currency
from regulars.panel.campaign_words import KINDS
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField, MoneyField, RatioField
from regulars.panel.forms.sign_in import NewPasswordForm
from regulars.panel.sentences import SENTENCES
from regulars.transactions.first_run import FirstCampaign, check_parts


class StepForm(DomainForm):
    """A step that says something of the account: ``parts()``, by the names of set_up()."""

    PARTS: ClassVar[tuple[str, ...]] = ()

    def parts(self) -> dict[str, str]:
        """Return what was filled in and can be read so far."""
        return {name: str(self.cleaned_data[name]) for name in self.PARTS if name in self.cleaned_data}

    def clean(self) -> dict[str, Any]:
        """Let the domain say what is wrong with this step."""
        clean: dict[str, Any] = super().clean() or {}
        try:
            check_parts(self.parts())
        except RequestError as error:
            self.refuse(error)
        return clean


class CodeForm(DomainForm):
    """The code that the server has printed."""

    code = forms.CharField(
        label=gettext_lazy("Set-up code"),
        max_length=200,
        help_text=gettext_lazy("The last part of the address that the server printed when it was started."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class BusinessStep(StepForm):
    """Whose account it is."""

    PARTS = ("kind", "biz_name", "code", "country")
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you set up?"),
        choices=[
            ("business", gettext_lazy("A business of your own, with its customers")),
            ("platform", gettext_lazy("A platform: you open accounts for agencies and businesses")),
        ],
        initial="business",
        widget=forms.RadioSelect,
    )
    biz_name = forms.CharField(label=gettext_lazy("Name of the business"), max_length=80)
    code = forms.CharField(
        label=gettext_lazy("Account ID"),
        max_length=20,
        help_text=gettext_lazy("5 to 20 letters, digits or _. It is the owner's User ID too, and cannot be changed later."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)

    def __init__(self, *args: Any, locale: Locale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(((code, locale.territories.get(code, name)) for code, name in countries().items()), key=lambda it: it[1])
        self.offer("country", [("", "–"), *names])


class OwnerStep(StepForm, NewPasswordForm):
    """Who signs in. ``has_password``: one was typed before, and is kept where none is typed now."""

    PARTS = ("first_name", "last_name", "email", "password")
    first_name = forms.CharField(
        label=gettext_lazy("First name"), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("To it a link is sent when the password is forgotten."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    field_order = ("first_name", "last_name", "email", "password", "again")

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        if has_password:
            self.fields["password"].required = self.fields["again"].required = False
            self.fields["password"].help_text = _("Leave it empty to keep the password.")

    def parts(self) -> dict[str, str]:
        """Return what was filled in; no password where the one before is kept."""
        return {name: value for name, value in super().parts().items() if name != "password" or value}


class PlaceStep(StepForm):
    """How the account speaks, counts and tells the time."""

    PARTS = ("language", "currency", "timezone")
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Of mails, and of the panel for users who have chosen none."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency and its symbol"),
        help_text=gettext_lazy("It can be changed until money is recorded for the first time, then never again."),
    )
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), help_text=gettext_lazy("Days begin and end in it."))

    def __init__(self, *args: Any, locale: Locale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = ((code, locale.languages.get(code, name)) for code, name in languages().items())
        self.offer("language", sorted(spoken, key=lambda item: item[1]))
        named = sorted((locale.currencies.get(code, code), code) for code in currencies_in_use())
        self.offer("currency", [(code, f"{name} ({code}, {locale.currency_symbols.get(code, code)})") for name, code in named])
        self.offer("timezone", [(zone, zone.replace("_", " ")) for zone in TIME_ZONES])

    @staticmethod
    def start(country: str, language: str) -> dict[str, str]:
        """Return what is likely in a country."""
        owners = get_global("zone_territories")
        zone = next((zone for zone in TIME_ZONES if country and owners.get(zone) == country), "UTC")
        money = get_territory_currencies(country) if country else []
        known = [code for code in money if code in currencies_in_use()]
        return {"language": language, "currency": known[0] if known else "USD", "timezone": zone}


class CampaignStep(DomainForm):
    """The first campaign; without scripts the fields of all kinds are there, and those of others are not looked at."""

    OF_KIND: ClassVar[dict[str, tuple[str, ...]]] = {
        "points": ("points_ratio", "reward_level", "reward"),
        "giftcard": (),
        "events": ("reward_level", "reward"),
        "earned": ("amount_per_event",),
        "buyx": ("default_item_level", "item"),
        "": (),
    }
    SETTINGS: ClassVar[dict[str, str]] = {
        "points_ratio": "points_ratio_ppm",
        "amount_per_event": "amount_per_event_minor",
        "default_item_level": "default_item_level",
    }
    places = {"level": "reward_level", "description": "reward"}
    kind = forms.ChoiceField(
        label=gettext_lazy("What should customers collect?"),
        choices=[*KINDS.items(), ("", gettext_lazy("No campaign yet"))],
        required=False,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("Name of the campaign"), max_length=limits.NAME_MAX, required=False)
    points_ratio = RatioField(least=1, most=limits.RATIO_PPM_MAX, required=False)
    default_item_level = DecimalsField(
        label=gettext_lazy("How many to buy for a free one"), least=1, most=limits.QUANTITY_MAX, required=False
    )
    item = forms.CharField(
        label=gettext_lazy("What is counted"),
        max_length=limits.TEXT_MAX,
        required=False,
        help_text=gettext_lazy("Such as a cup of coffee. More can be added later."),
    )
    reward_level = DecimalsField(
        label=gettext_lazy("The first reward costs"),
        least=1,
        most=limits.QUANTITY_MAX,
        required=False,
        help_text=gettext_lazy("In points or visits. Leave it empty to add rewards later."),
    )
    reward = forms.CharField(label=gettext_lazy("The first reward"), max_length=limits.TEXT_MAX, required=False)

    def __init__(self, *args: Any, currency: Currency, unit_text: str, **kwargs: Any) -> None:
        """``unit_text``: the currency's unit as it is written."""
        super().__init__(*args, **kwargs)
        self.fields["amount_per_event"] = MoneyField(
            label=_("Money for each event"), currency=currency, least=1, most=limits.QUANTITY_MAX, required=False
        )
        self.fields["points_ratio"].label = _("Points for each %(unit)s spent") % {"unit": unit_text}
        self.fields["points_ratio"].help_text = _("100 lets every cent count; customers do not see what they spent.")
        self.order_fields(["kind", "name", "points_ratio", "amount_per_event", "default_item_level", "item", "reward_level"])

    @property
    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """The fields with the kinds of campaign that they are for, "" = all."""
        names = [name for name in self.fields if name != "kind"]
        of = {name: " ".join(kind for kind, own in self.OF_KIND.items() if name in own) for name in names}
        return [(self[name], of[name] or " ".join(kind for kind in self.OF_KIND if kind)) for name in names]

    def clean(self) -> dict[str, Any]:
        """Look at what the chosen kind has and at nothing else."""
        clean: dict[str, Any] = super().clean() or {}
        kind = clean.get("kind")
        if kind is None:
            return clean
        asked = {"kind", *(("name",) if kind else ()), *self.OF_KIND[kind]}
        for name in set(self.fields) - asked:
            self.errors.pop(name, None)
            clean.pop(name, None)
        missing = {"name"} if kind and not clean.get("name") else set()
        pair = {"reward_level": clean.get("reward_level"), "reward": clean.get("reward")}
        if any(pair.values()) and not self.errors.keys() & pair:
            missing |= {name for name, value in pair.items() if not value}
        for name in sorted(missing - self.errors.keys()):
            self.add_error(name, str(SENTENCES["missing_parameter"]))
        return clean

    def campaign(self) -> FirstCampaign | None:
        """Return what was filled in; None = no campaign yet."""
        given = self.cleaned_data
        if not given["kind"]:
            return None
        return FirstCampaign(
            kind=given["kind"],
            name=given["name"],
            settings={column: given[name] for name, column in self.SETTINGS.items() if given.get(name) is not None},
            reward_level=given.get("reward_level"),
            reward=given.get("reward") or "",
            item=given.get("item") or "",
        )
