# SPDX-License-Identifier: Apache-2.0
"""What a report is narrowed down by. Only the fields that a report has are there; ``asked()`` is what was filled in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField
from regulars.reports.listing import BALANCES, CUSTOMERS, TRANSACTIONS, Asked
from regulars.reports.rules import Span
from regulars.users.access import may, may_see_user

DAYS_BEFORE = 29
_DAY = {"type": "date"}


class ReportForm(DomainForm):
    """Days, campaigns, and what the single reports have besides."""

    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    last = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    campaigns = forms.MultipleChoiceField(
        label=gettext_lazy("Campaigns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )
    campaign = forms.ChoiceField(label=gettext_lazy("Campaign"))
    user = forms.ChoiceField(label=gettext_lazy("Recorded by"), required=False)
    frequency = DecimalsField(label=gettext_lazy("At least so many visits"), least=1, most=1_000_000)
    days = DecimalsField(label=gettext_lazy("Not seen for so many days"), least=0, most=36_500)
    search = forms.CharField(label=gettext_lazy("Words"), max_length=255, help_text=gettext_lazy("A comma means: or."))
    with_redemptions = forms.BooleanField(label=gettext_lazy("Redemptions count as visits"), required=False)
    with_activations = forms.BooleanField(label=gettext_lazy("Joining a campaign too"), required=False)

    def __init__(
        self, data: Any, *, name: str, account: AccountConfig, by: UserConfig, seen: tuple[CampaignConfig, ...]
    ) -> None:
        super().__init__(data)
        self._name, self._account, self._seen = name, account, {each.number: each for each in seen}
        self._users = {user.code: user for user in account.users.values() if may_see_user(by, user)}
        wanted = {"first", "last", "campaigns"}
        wanted |= {"user", "with_activations"} if name == "transactions_all" else set()
        wanted |= {"frequency", "with_redemptions"} if name == "customers_frequent" else set()
        wanted |= {"days", "with_redemptions"} if name == "customers_missing" else set()
        wanted |= {"search"} if name == "customers_search" else set()
        wanted = {"campaign"} if name in BALANCES else wanted
        for field in set(self.fields) - wanted:
            del self.fields[field]
        self._offer_if_asked("campaigns", [(each.number, each.name) for each in seen])
        self._offer_if_asked("campaign", [(each.number, each.name) for each in seen])
        others = sorted(self._users) if may(by, "report_on_users") else [by.code]
        self._offer_if_asked("user", [("", _("Everybody")), *((code, code) for code in others)])

    def _offer_if_asked(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            self.offer(name, choices)

    def clean(self) -> dict[str, Any]:
        clean: dict[str, Any] = super().clean() or {}
        if clean.get("first") and clean.get("last") and clean["last"] < clean["first"]:
            self.add_error("last", _("It is before the first day."))
        return clean

    def asked(self, today: date) -> Asked:
        """Return what was filled in, once the form is valid."""
        clean = self.cleaned_data
        if self._name in BALANCES:
            return Asked(self._name, (self._seen[clean["campaign"]],), Span(today, today, self._account.zone))
        user = self._users.get(clean.get("user", ""))
        return Asked(
            self._name,
            tuple(self._seen[number] for number in clean["campaigns"]) or tuple(self._seen.values()),
            Span(clean["first"], clean["last"], self._account.zone),
            frequency=clean.get("frequency", 1),
            days=clean.get("days", 0),
            search=clean.get("search", ""),
            with_redemptions=clean.get("with_redemptions", False),
            with_activations=clean.get("with_activations", False),
            user_id=user.id if user else None,
        )


def start_of(name: str, today: date) -> dict[str, Any]:
    """Return what a report's form is filled in with before anybody changes it."""
    ahead = name in ("customers_birthday", "customers_custom_date")
    first, last = (today, today + timedelta(days=DAYS_BEFORE)) if ahead else (today - timedelta(days=DAYS_BEFORE), today)
    start = {"first": first.isoformat(), "last": last.isoformat(), "frequency": "3", "days": "30"}
    return start if name in (*CUSTOMERS, *TRANSACTIONS) else {key: start[key] for key in ("first", "last")}
