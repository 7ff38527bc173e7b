# SPDX-License-Identifier: Apache-2.0
"""The forms about what belongs to a campaign: rewards, promotions, items, expiry, fees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import (
    AccountConfig,
    CampaignConfig,
    DepreciationConfig,
    FeeConfig,
    FieldConfig,
    ItemConfig,
    PromotionConfig,
    RewardConfig,
)
from regulars.campaigns import limits
from regulars.errors import InvalidParameter
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import (
    NUMBERS,
    DecimalsField,
    MomentField,
    MoneyField,
    NumberTextField,
    PercentField,
    RatioField,
    local_number,
)

UNITS = (("days", _("days")), ("months", _("months")), ("years", _("years")))
BASES = (
    ("per_transaction", _("Each earning ages by itself")),
    ("last_transaction", _("Any activity starts the time again")),
)
OPERATIONS = (("+", _("Add points")), ("x", _("Multiply the points of the sale")))
INTERVAL_MAX = max(limits.INTERVAL_MAX.values())


class PartForm(DomainForm):
    """A part of a campaign, new or known. ``values`` are by the names of the operations."""

    def __init__(self, *args: Any, account: AccountConfig, campaign: CampaignConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.campaign = account, campaign

    def start(self, part: Any) -> None:
        """Show a part as it is."""
        for name, field in self.fields.items():
            value = getattr(part, name)
            written = getattr(field, "written", None)
            self.initial[name] = written(value) if written and value is not None else value

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class RewardForm(PartForm):
    """What points or events buy, with the account's own fields of rewards."""

    level = DecimalsField(least=1, most=limits.QUANTITY_MAX)
    description = forms.CharField(
        label=_("What the customer gets"), max_length=limits.TEXT_MAX, help_text=_("Receipts and lists show it.")
    )
    identifier = forms.CharField(
        label=_("Your own number of it"), max_length=limits.IDENTIFIER_MAX, required=False, help_text=_("A SKU, for example.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].label = _("Points it costs") if self.campaign.kind == "points" else _("Events it takes")
        self.own = {field.number: field for field in self.account.fields if field.owner == "reward"}
        for number, field in sorted(self.own.items()):
            self.fields[f"reward_custom_field_{number}"] = _control(field)

    def start(self, part: RewardConfig) -> None:
        self.initial.update({"level": str(part.level), "description": part.description, "identifier": part.identifier})
        for number, field in self.own.items():
            value = part.fields.get(str(number), "")
            shown: Any = local_number(value) if field.type in NUMBERS else value
            self.initial[f"reward_custom_field_{number}"] = _chosen(value) if field.type == "List" else shown

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        own = {number: given[f"reward_custom_field_{number}"] for number in self.own}
        fields = {number: ",".join(value) if isinstance(value, list) else value for number, value in own.items()}
        return {name: given[name] for name in ("level", "description", "identifier")} | {"fields": fields}


def _chosen(value: str) -> list[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _control(field: FieldConfig) -> forms.Field:
    """A custom field as a control; what its type takes is checked by the domain."""
    if field.type == "Pick":
        choices = [("", "–"), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=field.label, choices=choices, required=field.required)
    if field.type == "List":
        choices = [(choice, choice) for choice in field.choices]
        return forms.MultipleChoiceField(
            label=field.label, choices=choices, required=field.required, widget=forms.CheckboxSelectMultiple
        )
    if field.type in NUMBERS:
        example = local_number("9.95" if field.type == "Money" else "12.5")
        told = gettext("Such as %(example)s.") % {"example": example}
        return NumberTextField(label=field.label, required=field.required, help_text=told)
    hint = _("As YYYY-MM-DD, with a time where you like.") if field.type == "Date" else ""
    return forms.CharField(label=field.label, max_length=64_000, required=field.required, help_text=hint)


class PromotionForm(PartForm):
    """More points for a while, or for a deed."""

    description = forms.CharField(
        label=_("What it is called"), max_length=limits.TEXT_MAX, help_text=_("Clerks choose it by this name.")
    )
    operation = forms.ChoiceField(label=_("What it does"), choices=OPERATIONS, widget=forms.RadioSelect)
    amount = forms.CharField(
        label=_("How much"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"}),
    )
    custom_id = forms.CharField(
        label=_("Your own number of it"),
        max_length=limits.IDENTIFIER_MAX,
        required=False,
        help_text=_("Tills may send it in place of ours."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.account.zone
        told = gettext("Points to add, such as 100 or -50; or the factor, such as 2 or %(example)s.")
        self.fields["amount"].help_text = told % {"example": local_number("1.25")}
        self.fields["starts_at"] = MomentField(label=_("Begins"), zone=zone, required=False, help_text=_("Empty: at once."))
        self.fields["ends_at"] = MomentField(
            label=_("Ends"), zone=zone, is_end=True, required=False, help_text=_("Empty: never.")
        )
        self.order_fields(["description", "operation", "amount", "starts_at", "ends_at", "custom_id"])

    def start(self, part: PromotionConfig) -> None:
        amount = RatioField().written(part.multiplier_ppm) if part.operation == "x" else str(part.points)
        self.initial.update({
            "description": part.description, "operation": part.operation, "amount": amount, "custom_id": part.custom_id,
        })  # fmt: skip
        for name, at in (("starts_at", part.starts_at), ("ends_at", part.ends_at)):
            field = self.fields[name]
            assert isinstance(field, MomentField)
            self.initial[name] = field.written(at) if at else ""

    def clean(self) -> dict[str, Any]:
        """Read the amount as what the operation takes."""
        given = super().clean() or self.cleaned_data
        if "operation" in given and "amount" in given:
            field = (
                RatioField(least=1, most=limits.MULTIPLIER_PPM_MAX)
                if given["operation"] == "x"
                else DecimalsField(least=-limits.QUANTITY_MAX, most=limits.QUANTITY_MAX)
            )
            try:
                given["read"] = field.clean(given["amount"])
            except forms.ValidationError as error:
                self.add_error("amount", error)
            else:
                if not given["read"]:
                    self.add_error("amount", forms.ValidationError(_("Nothing would change: 0 points.")))
        try:
            limits.check_window(given.get("starts_at"), given.get("ends_at"))
        except InvalidParameter:
            self.add_error("ends_at", forms.ValidationError(_("It has to end after it begins.")))
        return given

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        amount = "multiplier_ppm" if given["operation"] == "x" else "points"
        names = ("operation", "description", "custom_id", "starts_at", "ends_at")
        return {name: given[name] for name in names} | {amount: given["read"]}

    def drafted(self, promotion: PromotionConfig | None) -> PromotionConfig:
        """Return the promotion as it would be; the form must be valid."""
        given = self.values()
        return PromotionConfig(
            promotion.id if promotion else 0, self.campaign.id, given["operation"], given.get("multiplier_ppm", 0),
            given.get("points", 0), given["description"], given["custom_id"], given["starts_at"], given["ends_at"],
        )  # fmt: skip


class ItemForm(PartForm):
    """What a buy-X-get-one campaign counts."""

    description = forms.CharField(
        label=_("What is bought"), max_length=limits.TEXT_MAX, help_text=_("A new name shows in past transactions, too.")
    )
    level = DecimalsField(label=_("How many to buy for a free one"), least=1, most=limits.QUANTITY_MAX, required=False)
    identifier = forms.CharField(
        label=_("Your own number of it"),
        max_length=limits.IDENTIFIER_MAX,
        required=False,
        help_text=_("A SKU, for example. Tills may send it in place of ours."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = {"count": self.campaign.default_item_level}
        self.fields["level"].help_text = _("Empty: %(count)s, as the campaign's settings say.") % usual

    def start(self, part: ItemConfig) -> None:
        level = "" if part.own_level is None else str(part.own_level)
        self.initial.update({"description": part.description, "identifier": part.identifier, "level": level})


class DepreciationForm(PartForm):
    """How balances expire."""

    basis = forms.ChoiceField(label=_("How time counts"), choices=BASES, widget=forms.RadioSelect)
    interval_count = DecimalsField(label=_("After how many"), least=1, most=INTERVAL_MAX)
    interval_unit = forms.ChoiceField(label=_("Days, months or years"), choices=UNITS)
    percentage = PercentField(
        label=_("How much goes, in percent"), help_text=_("Of what is left then. 100: everything; 50: half of it.")
    )

    def start(self, part: DepreciationConfig) -> None:
        self.initial.update({
            "basis": part.basis, "interval_count": str(part.interval_count), "interval_unit": part.interval_unit,
            "percentage": PercentField().written(part.percentage_ppm),
        })  # fmt: skip

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return given | {"percentage_ppm": given.pop("percentage")}

    def drafted(self, at: Any, rule_id: int) -> DepreciationConfig:
        """Return the rule as it would be from ``at`` on; the form must be valid."""
        return DepreciationConfig(**self.values() | {"rule_id": rule_id, "valid_from": at, "valid_to": None})


class FeeForm(PartForm):
    """What is taken again and again."""

    interval_count = DecimalsField(label=_("Every so many"), least=1, most=INTERVAL_MAX)
    interval_unit = forms.ChoiceField(label=_("Days, months or years"), choices=UNITS)
    description = forms.CharField(
        label=_("What it is called"), max_length=limits.TEXT_MAX, help_text=_("Customers see it in their history.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach: dict[str, Any] = {"least": 1, "most": limits.QUANTITY_MAX}
        if self.campaign.is_money:
            self.fields["amount"] = MoneyField(label=_("Money taken"), currency=self.account.currency, **reach)
        else:
            self.fields["amount"] = DecimalsField(label=_("Points taken"), **reach)
        self.fields["amount"].help_text = _("Never more than there is.")
        self.order_fields(["amount", "interval_count", "interval_unit", "description"])

    def start(self, part: FeeConfig) -> None:
        super().start(part)

    def drafted(self, at: Any, rule_id: int) -> FeeConfig:
        """Return the rule as it would be from ``at`` on; the form must be valid."""
        return FeeConfig(**self.values() | {"rule_id": rule_id, "valid_from": at, "valid_to": None})
