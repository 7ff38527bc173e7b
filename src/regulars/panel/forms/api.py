# SPDX-License-Identifier: Apache-2.0
"""Which call the API page shows, and for which campaign and customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.panel.api_calls import READY_CALLS, ReadyCall
from regulars.panel.forms.domain import DomainForm
from regulars.users.access import may


class CallForm(DomainForm):
    """All are optional; ``chosen()`` is a call that the viewer may make."""

    call = forms.ChoiceField(label=gettext_lazy("Call"), required=False)
    campaign = forms.ChoiceField(label=gettext_lazy("Campaign"), required=False)
    customer = forms.CharField(
        label=gettext_lazy("Customer's code"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, account: AccountConfig, by: UserConfig, customer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._customer = customer
        self.calls = {call.type: call for call in READY_CALLS if not call.needs or may(by, call.needs)}
        self._campaigns = [each for each in account.campaigns.values() if by.may_see(each) and each.state == "active"]
        self.offer("call", [(call.type, f"{call.label} – {call.type}") for call in self.calls.values()])
        self.offer("campaign", [(each.number, each.name) for each in self._campaigns] or [("", _("There is none yet"))])

    def chosen(self) -> ReadyCall:
        """Return the call, the first one where nothing was chosen."""
        return self.calls.get(self.cleaned_data.get("call", "")) or next(iter(self.calls.values()))

    def campaign_number(self, call: ReadyCall) -> str:
        """Return the campaign's number; where none was chosen, that of the first one the call is for."""
        fitting = [each.number for each in self._campaigns if not call.kinds or each.kind in call.kinds]
        return self.cleaned_data.get("campaign") or next(iter(fitting), "")

    def customer_code(self) -> str:
        """Return the customer's code; where none was typed, that of somebody who is there."""
        return self.cleaned_data.get("customer") or self._customer
