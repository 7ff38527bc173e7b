# SPDX-License-Identifier: Apache-2.0
"""The forms about a campaign's own settings. What a value may be is the domain's to say; its errors come to the field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns import limits
from regulars.campaigns.examples import draft_campaign, with_terms
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField, MoneyField, RatioField
from regulars.users.access import CAMPAIGN_SETTINGS

ROUNDINGS = (
    ("down", gettext_lazy("Down: 49.75 becomes 49")),
    ("nearest", gettext_lazy("To the nearest: 49.75 becomes 50")),
    ("up", gettext_lazy("Up: 49.25 becomes 50")),
)
OF_KIND = {
    "points": ("points_ratio", "reward_ratio", "rounding", "carry_remainder"),
    "earned": ("amount_per_event",),
    "buyx": ("default_item_level",),
}
"""The fields that only campaigns of one kind have."""
MORE = ("rounding", "carry_remainder", "latitude", "longitude", "coalition_opt_out", "two_tier_opt_out")
"""What most people never change: folded away."""
SETTINGS = {
    "points_ratio": "points_ratio_ppm",
    "reward_ratio": "reward_ratio_ppm",
    "amount_per_event": "amount_per_event_minor",
    "carry_remainder": "carries_remainder",
}
"""The form's name of a setting to the operations', where they differ. The form's are those that errors name."""


def typed(form: forms.Form) -> dict[str, Any]:
    """Return what stands in a form, as text: what was sent, or what it begins with."""
    return {name: form.data.get(name, "") for name in form.fields} if form.is_bound else dict(form.initial)


class CampaignForm(DomainForm):
    """A new campaign of one kind, or the settings of one that the viewer may change."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=limits.NAME_MAX)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=limits.DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For you and your staff."),
    )
    points_ratio = RatioField(least=1, most=limits.RATIO_PPM_MAX)
    reward_ratio = RatioField(
        label=gettext_lazy("Spend-to-Reward Ratio"),
        least=0,
        most=limits.RATIO_PPM_MAX,
        required=False,
        help_text=gettext_lazy(
            "How many times the worth of the points customers spend first: 20 gives 5% back."
            " Leave it empty where points buy rewards only."
        ),
    )
    default_item_level = DecimalsField(
        label=gettext_lazy("How many to buy for a free one"),
        least=1,
        most=limits.QUANTITY_MAX,
        help_text=gettext_lazy("For every item that has no number of its own."),
    )
    rounding = forms.ChoiceField(label=gettext_lazy("Parts of a point are rounded"), choices=ROUNDINGS)
    carry_remainder = forms.BooleanField(
        label=gettext_lazy("Keep what rounding down cuts off for the customer's next sale"), required=False
    )
    latitude = forms.CharField(
        label=gettext_lazy("Latitude"), max_length=20, required=False, help_text=gettext_lazy("In degrees, -90 to 90.")
    )
    longitude = forms.CharField(
        label=gettext_lazy("Longitude"), max_length=20, required=False, help_text=gettext_lazy("In degrees, -180 to 180.")
    )
    coalition_opt_out = forms.BooleanField(
        label=gettext_lazy("Keep this campaign's balances apart from the coalition"),
        required=False,
        help_text=gettext_lazy("What was earned here and is left moves with it."),
    )
    two_tier_opt_out = forms.BooleanField(label=gettext_lazy("Give nothing to the master campaign"), required=False)

    def __init__(
        self,
        *args: Any,
        account: AccountConfig,
        kind: str,
        unit_text: str,
        permissions: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """``permissions``: those of who changes the campaign, None for a new one; ``unit_text``: the currency's unit."""
        super().__init__(*args, **kwargs)
        self.account, self.kind = account, kind
        self.fields["amount_per_event"] = MoneyField(
            label=_("Money for each event"), currency=account.currency, least=1, most=limits.QUANTITY_MAX
        )
        self.fields["points_ratio"].label = _("Points for each %(unit)s spent") % {"unit": unit_text}
        self.fields["points_ratio"].help_text = _("100 lets every cent count; customers do not see what they spent.")
        for only_kind, names in OF_KIND.items():
            if only_kind != kind:
                self._drop(*names)
        if "coalition" not in account.modules or kind in ("events", "buyx"):
            self._drop("coalition_opt_out")
        if "two_tier" not in account.modules or kind != "points":
            self._drop("two_tier_opt_out")
        if permissions is not None:
            held = frozenset(permissions)
            self._drop(
                *(name for name in self.fields if CAMPAIGN_SETTINGS.get(SETTINGS.get(name, name), "") not in held | {""})
            )
        self.order_fields(["name", "points_ratio", "reward_ratio", "amount_per_event", "default_item_level", "description"])

    def _drop(self, *names: str) -> None:
        for name in names:
            self.fields.pop(name, None)

    @property
    def first_fields(self) -> list[BoundField]:
        return [field for field in self if field.name not in MORE]

    @property
    def more_fields(self) -> list[BoundField]:
        return [field for field in self if field.name in MORE]

    @property
    def has_error_in_more(self) -> bool:
        return any(field.errors for field in self.more_fields)

    def values(self) -> dict[str, Any]:
        """Return what was filled in, by the names of the operations. A ratio of 0 is off, as the API has it."""
        found = {SETTINGS.get(name, name): value for name, value in self.cleaned_data.items()}
        if "reward_ratio_ppm" in found:
            found["reward_ratio_ppm"] = found["reward_ratio_ppm"] or None
        return found

    def drafted(self, campaign: CampaignConfig) -> CampaignConfig:
        """Return the campaign with the terms that were filled in; the form must be valid."""
        terms = ("points_ratio_ppm", "reward_ratio_ppm", "rounding", "carries_remainder")
        return with_terms(campaign, **{name: value for name, value in self.values().items() if name in terms})


def start_of(form: CampaignForm, campaign: CampaignConfig) -> dict[str, Any]:
    """Return what the fields show of a campaign as it is."""
    start: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = getattr(campaign, SETTINGS.get(name, name))
        start[name] = field.written(value) if isinstance(field, DecimalsField) and value is not None else value
    return start


class TermsForm(forms.Form):
    """The terms of a worked example, while they are typed."""

    points_ratio = RatioField(least=1, most=limits.RATIO_PPM_MAX)
    reward_ratio = RatioField(least=0, most=limits.RATIO_PPM_MAX, required=False)
    rounding = forms.ChoiceField(choices=ROUNDINGS, required=False)

    def drafted(self) -> CampaignConfig:
        """Return a campaign with these terms; the form must be valid."""
        given = self.cleaned_data
        return draft_campaign(
            "points",
            points_ratio_ppm=given["points_ratio"],
            reward_ratio_ppm=given["reward_ratio"] or None,
            rounding=given["rounding"] or "down",
        )


class ConfirmForm(forms.Form):
    """What has to be typed before something goes that nobody can bring back."""

    typed = forms.CharField(
        max_length=limits.TEXT_MAX, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, word: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = word
        self.fields["typed"].label = _("Type %(word)s to confirm") % {"word": word}

    def clean_typed(self) -> str:
        """Compare without case and blanks at the ends."""
        typed = str(self.cleaned_data["typed"]).strip()
        if typed.casefold() != self.word.strip().casefold():
            raise forms.ValidationError(_("This is not %(word)s.") % {"word": self.word})
        return typed
