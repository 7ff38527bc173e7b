# SPDX-License-Identifier: Apache-2.0
"""The forms about an account's modules. What is valid is the domain's to say; its errors are shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig
from regulars.errors import MissingParameter
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import PercentField
from regulars.transactions.account_modules import ModuleChange

ROUNDINGS = (("down", _("down")), ("nearest", _("to the nearest")), ("up", _("up")))


class CodeForm(DomainForm):
    """An Activation Code."""

    activation_code = forms.CharField(
        label=_("Activation Code"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def change(self) -> ModuleChange:
        return ModuleChange(activation_code=self.cleaned_data["activation_code"])


class SwitchForm(DomainForm):
    """What to do about the coalition: on, off, undo; and whether only to show what would move."""

    direction = forms.ChoiceField(choices=[(name, name) for name in ("on", "off", "undo")], widget=forms.HiddenInput)
    preview = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def change(self) -> ModuleChange:
        return ModuleChange(coalition=self.cleaned_data["direction"])


class TierForm(DomainForm):
    """The second tier; no master campaign = none."""

    master_campaign = forms.TypedChoiceField(label=_("Master Campaign"), coerce=int, empty_value=None, required=False)
    percentage = PercentField(label=_("Campaign Contribution (%)"), required=False)
    rounding = forms.ChoiceField(label=_("Rounded"), choices=ROUNDINGS)

    def __init__(self, *args: Any, account: AccountConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = [campaign for campaign in account.campaigns.values() if campaign.kind == "points"]
        self.offer("master_campaign", [("", _("None")), *((str(campaign.id), campaign.name) for campaign in points)])

    def change(self) -> ModuleChange:
        """Return what was filled in. Raises MissingParameter("percentage")."""
        clean = self.cleaned_data
        if clean["master_campaign"] is None:
            return ModuleChange(master_campaign_id=None)
        if clean["percentage"] is None:
            raise MissingParameter("percentage")
        return ModuleChange(
            master_campaign_id=clean["master_campaign"],
            contribution_ppm=clean["percentage"],
            contribution_rounding=clean["rounding"],
        )
