# SPDX-License-Identifier: Apache-2.0
"""The form that makes an Activation Code. What is valid is the domain's to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.codes import DAYS_MAX
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField

MODULES = (("coalition", _("Coalition")), ("two_tier", _("Two tiers")))


class IssueForm(DomainForm):
    """What it opens, for whom, for how long."""

    module = forms.ChoiceField(label=_("Opens"), choices=MODULES)
    account_code = forms.CharField(
        label=_("Only for the account"),
        max_length=20,
        required=False,
        help_text=_("Its Account ID. Empty: any account can use it, once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    days = DecimalsField(
        label=_("Days in which it can be used"), least=1, most=DAYS_MAX, required=False, help_text=_("Empty: without end.")
    )

    def asked(self) -> dict[str, Any]:
        """Return what issue_activation_code() takes."""
        return {**self.cleaned_data, "days": self.cleaned_data["days"] or 0}
