# SPDX-License-Identifier: Apache-2.0
"""What somebody is supposed to earn, for the picture of what becomes of it; and a sale for the points calculator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.limits import QUANTITY_MAX
from regulars.panel.campaign_words import promotion_text
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField, MomentField, MoneyField
from regulars.panel.timeline_picture import Supposed
from regulars.panel.viewer import Viewer

PATTERNS = (
    ("once", gettext_lazy("Once, today")),
    ("monthly", gettext_lazy("Each month")),
)
SUPPOSED_POINTS = 1_000
SUPPOSED_MONEY = 50
"""Whole units of the currency."""


class SupposedForm(forms.Form):
    """Who earns how much and how often; something sensible where nothing, or nothing readable, was said."""

    supposed_pattern = forms.ChoiceField(label=gettext_lazy("How often"), choices=PATTERNS)

    def __init__(self, *args: Any, account: AccountConfig, campaign: CampaignConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach: dict[str, Any] = {"least": 1, "most": QUANTITY_MAX}
        if campaign.is_money:
            self.usual = SUPPOSED_MONEY * 10**account.currency.decimals
            field: DecimalsField = MoneyField(label=_("A customer earns"), currency=account.currency, **reach)
        else:
            self.usual = SUPPOSED_POINTS
            field = DecimalsField(label=_("A customer earns"), **reach)
        self.fields["supposed_amount"] = field
        self.initial.update({"supposed_amount": field.written(self.usual), "supposed_pattern": "once"})
        self.order_fields(["supposed_amount", "supposed_pattern"])

    def supposed(self) -> Supposed:
        """Return what was said."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return Supposed(given.get("supposed_amount", self.usual), given.get("supposed_pattern") == "monthly")


class SaleForm(DomainForm):
    """A sale that has not happened: money, when, with which promotion."""

    sentences: ClassVar[Mapping[str, str | Promise]] = {
        "missing_parameter": gettext_lazy("Write what the customer spends."),
        "promotion_not_active": gettext_lazy("This promotion does not run on that day."),
    }

    def __init__(self, *args: Any, viewer: Viewer, campaign: CampaignConfig, promotions: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = viewer.account
        self.fields["amount"] = MoneyField(label=_("The customer spends"), currency=account.currency, least=1, required=False)
        self.fields["at"] = MomentField(
            label=pgettext("a date", "On"),
            zone=account.zone,
            required=False,
            help_text=_("Empty: now. Promotions have their dates."),
        )
        self.promotions = campaign.promotions if promotions else {}
        if self.promotions:
            named = [
                (str(each.id), f"{each.description} ({promotion_text(viewer, each)})") for each in self.promotions.values()
            ]
            self.fields["promo_id"] = forms.ChoiceField(
                label=_("With the promotion"), choices=[("", _("None")), *named], required=False
            )
        self.order_fields(["amount", "promo_id", "at"])
