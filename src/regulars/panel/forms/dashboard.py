# SPDX-License-Identifier: Apache-2.0
"""Which days a dashboard is about, of which campaign, and what a point costs. All may be left out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import RatioField, local_number
from regulars.reports.rules import Span

DAYS_MAX = 1_100
PERIODS = (
    ("30", gettext_lazy("The last 30 days")),
    ("7", gettext_lazy("The last 7 days")),
    ("90", gettext_lazy("The last 90 days")),
    ("365", gettext_lazy("The last 365 days")),
    ("month", gettext_lazy("This month")),
    ("last_month", gettext_lazy("Last month")),
    ("year", gettext_lazy("This year")),
    ("days", gettext_lazy("From … to …")),
)


class DashboardForm(DomainForm):
    """``span()``, ``campaigns()`` and ``point_cost_ppm`` are what was asked for, once the form is valid."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=PERIODS, required=False)
    first = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    campaign = forms.ChoiceField(label=gettext_lazy("Campaign"), required=False)
    point_cost = RatioField(label=gettext_lazy("Cost of a point"), least=0, required=False)

    def __init__(
        self, *args: Any, seen: tuple[CampaignConfig, ...], today: date, account: AccountConfig, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._seen = {each.number: each for each in seen}
        self._today = today
        self._account = account
        told = _("What a point costs you, such as %(example)s. Empty: as each campaign pays points out.")
        self.fields["point_cost"].help_text = told % {"example": local_number("0.0125")}
        self.offer("campaign", [("", _("All campaigns")), *((each.number, each.name) for each in seen)])

    def clean(self) -> dict[str, Any]:
        clean: dict[str, Any] = super().clean() or {}
        if clean.get("period") == "days":
            for name in ("first", "last"):
                if not clean.get(name) and name not in self.errors:
                    self.add_error(name, _("Say which day."))
            first, last = clean.get("first"), clean.get("last")
            if first and last and last < first:
                self.add_error("last", _("It is before the first day."))
            elif first and last and (last - first).days >= DAYS_MAX:
                self.add_error("last", _("At most %(days)d days can be shown at once.") % {"days": DAYS_MAX})
        return clean

    @property
    def point_cost_ppm(self) -> int | None:
        """What a point costs, in millionths of the currency's unit; None = nothing was said."""
        cost: int | None = self.cleaned_data["point_cost"]
        return cost

    def span(self) -> Span:
        """Return the days, up to today."""
        clean, today = self.cleaned_data, self._today
        period = clean["period"] or PERIODS[0][0]
        if period == "days":
            first, last = clean["first"], clean["last"]
        elif period == "last_month":
            last = today.replace(day=1) - timedelta(days=1)
            first = last.replace(day=1)
        else:
            last = today
            starts = {"month": today.replace(day=1), "year": today.replace(month=1, day=1)}
            first = starts[period] if period in starts else today - timedelta(days=int(period) - 1)
        return Span(first, last, self._account.zone)

    def campaigns(self) -> tuple[CampaignConfig, ...]:
        """Return the one that was chosen, or all that may be seen."""
        chosen = self.cleaned_data["campaign"]
        return (self._seen[chosen],) if chosen else tuple(self._seen.values())
