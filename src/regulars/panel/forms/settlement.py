# SPDX-License-Identifier: Apache-2.0
"""What to show of a settlement, and what to close. What is valid is the domain's to say; its errors are shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.dates import read_date
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import RatioField


class StatementForm(DomainForm):
    """Days and a cost; all may be left out. ``settlement_id``: a closed period instead."""

    settlement_id = forms.CharField(max_length=18, required=False, widget=forms.HiddenInput)
    date_start = forms.CharField(
        label=_("First day"), max_length=10, required=False, widget=forms.TextInput(attrs={"type": "date"})
    )
    date_end = forms.CharField(
        label=_("Last day"), max_length=10, required=False, widget=forms.TextInput(attrs={"type": "date"})
    )
    point_cost = RatioField(label=_("Cost of a point"), required=False)

    def asked(self) -> dict[str, Any]:
        """Return what get_statement() takes. Raises InvalidParameter."""
        given = self.cleaned_data
        number = given["settlement_id"]
        if number:
            return {"settlement_id": int(number) if number.isascii() and number.isdecimal() else 0}
        return {
            "first_date": read_date("date_start", given["date_start"]) if given["date_start"] else None,
            "last_date": read_date("date_end", given["date_end"]) if given["date_end"] else None,
            "point_cost_ppm": given["point_cost"],
        }


class CloseForm(DomainForm):
    """Up to which day to close, and what a point costs."""

    date_end = forms.CharField(label=_("Close up to"), max_length=10, widget=forms.TextInput(attrs={"type": "date"}))
    point_cost = RatioField(label=_("Cost of a point"), required=False)

    def asked(self) -> dict[str, Any]:
        """Return what close_settlement() takes. Raises InvalidParameter."""
        given = self.cleaned_data
        return {
            "last_date": read_date("date_end", given["date_end"]),
            "point_cost_ppm": given["point_cost"],
        }
