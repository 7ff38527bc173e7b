# SPDX-License-Identifier: Apache-2.0
"""The forms about webhooks. What a value must be is the domain's to say (webhooks/operations.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import MomentField
from regulars.panel.forms.user import OVERLAPS
from regulars.panel.webhook_words import KINDS, STATES
from regulars.webhooks.operations import EndpointValues


class EndpointForm(DomainForm):
    """A webhook, new or known."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("For yourself: what receives it."))
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Each event is sent there by POST."),
        widget=forms.TextInput(
            attrs={
                "type": "url",
                "placeholder": "https://shop.example.com/webhooks",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Events"), required=False, choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
    campaign_ids = forms.TypedMultipleChoiceField(
        label=_("Transactions of these campaigns only"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: of all campaigns, also of those to come."),
    )

    def __init__(self, *args: Any, account: AccountConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns = sorted(account.campaigns.values(), key=lambda campaign: campaign.name.casefold())
        self.offer("campaign_ids", [(campaign.id, campaign.name) for campaign in campaigns])

    def values(self) -> EndpointValues:
        """Return what add_endpoint and change_endpoint take."""
        clean = self.cleaned_data
        return EndpointValues(clean["name"], clean["url"], tuple(clean["kinds"]), tuple(clean["campaign_ids"]))


class RotateForm(DomainForm):
    """For how long deliveries are signed with the secret before, too."""

    places = {"overlap_seconds": "overlap"}
    overlap = forms.ChoiceField(label=_("The old secret ends"), choices=OVERLAPS, initial="86400")


class SinceForm(DomainForm):
    """From when on all is sent once more."""

    def __init__(self, *args: Any, account: AccountConfig, since: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = MomentField(label=_("Send all since"), zone=account.zone)
        self.fields["since"] = field
        if since is not None:
            self.initial["since"] = field.written(since)


class DeliveriesForm(forms.Form):
    """What the list of deliveries is narrowed down by."""

    state = forms.ChoiceField(label=_("Status"), choices=[("", _("Any")), *STATES.items()], required=False)
    kind = forms.ChoiceField(
        label=_("Event"), choices=[("", _("Any")), *KINDS.items(), ("webhook.test", _("Test"))], required=False
    )
