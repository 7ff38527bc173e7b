# SPDX-License-Identifier: Apache-2.0
"""The forms of an import: the file, then its columns. What can be done with them is the domain's to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField
from regulars.transactions.imports.plans import Plan, Sheet, targets_of
from regulars.transactions.imports.shapes import COMMA, DAY_FIRST, MONTH_FIRST, POINT
from regulars.users.access import may

TEXT_LENGTH_MAX = 1_000_000
"""Characters that may be pasted; more goes into a file."""
KINDS = (("customers", gettext_lazy("Customers")), ("transactions", gettext_lazy("Transactions")))
SEPARATORS = (
    ("", gettext_lazy("Find it")),
    ("comma", gettext_lazy("Comma")),
    ("semicolon", gettext_lazy("Semicolon")),
    ("tab", gettext_lazy("Tab")),
    ("pipe", gettext_lazy("Vertical bar")),
)
SEPARATOR_NAMES = {"": gettext_lazy("Excel workbook"), **dict(SEPARATORS[1:])}
TARGETS = {
    "code": gettext_lazy("Code"),
    "card_number": gettext_lazy("Card number"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "custom_date": gettext_lazy("Birthday"),
    "street1": gettext_lazy("Address, first line"),
    "street2": gettext_lazy("Address, second line"),
    "city": gettext_lazy("City"),
    "state": gettext_lazy("State or region"),
    "postal_code": gettext_lazy("Postal code"),
    "country": gettext_lazy("Country"),
    "customer_username": gettext_lazy("User name"),
    "customer_password": gettext_lazy("Password"),
    "customer_PIN": gettext_lazy("PIN"),
    "auto_add": gettext_lazy("Opening amount"),
    "campaign_id": gettext_lazy("Campaign number"),
    "redeemed": gettext_lazy("Redeemed (Y or N)"),
    "amount": gettext_lazy("Amount"),
    "date": gettext_lazy("Date"),
    "authorization": gettext_lazy("Text"),
    "service_product": gettext_lazy("Item"),
    "reference": gettext_lazy("Reference"),
}
"""What people call the columns of a batch, in the order in which they are offered."""


class FileForm(DomainForm):
    """A file or pasted lines, and what they are."""

    kind = forms.ChoiceField(label=gettext_lazy("What is in it"), choices=KINDS, widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=gettext_lazy("CSV, text or Excel (.xlsx), up to 100,000 lines and 32 MB."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the lines"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("As copied from a spreadsheet, with the headings in the first line."),
    )
    separator = forms.ChoiceField(label=gettext_lazy("Between the columns of a text"), choices=SEPARATORS, required=False)

    def __init__(self, *args: Any, by: UserConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [(kind, label) for kind, label in KINDS if may(by, f"import_{kind}")])

    def clean(self) -> dict[str, Any]:
        """Exactly one of file and text."""
        clean: dict[str, Any] = super().clean() or {}
        if "file" in self.errors or "text" in self.errors:
            return clean
        file, text = clean.get("file"), clean.get("text", "")
        if file is None and not text.strip():
            self.add_error("file", _("Choose a file, or paste lines."))
        elif file is not None and text.strip():
            self.add_error("text", _("Choose a file or paste lines, not both."))
        elif len(text) > TEXT_LENGTH_MAX:
            self.add_error("text", _("That is too much to be pasted. Save it as a file and choose that."))
        return clean

    def chunks(self) -> Iterable[bytes]:
        """Return what was brought, piece by piece."""
        file = self.cleaned_data["file"]
        if file is not None:
            return file.chunks(1_048_576)  # type: ignore[no-any-return]
        return [self.cleaned_data["text"].encode()]


class PlanForm(DomainForm):
    """What each column is, and what is to be done with the lines. ``targets``: what is proposed."""

    has_headings = forms.BooleanField(label=gettext_lazy("The first line holds the headings"), required=False)
    decimal_mark = forms.ChoiceField(label=gettext_lazy("Decimals are written"), required=False)
    date_order = forms.ChoiceField(label=gettext_lazy("Dates are written"), required=False)
    overwrite = forms.ChoiceField(
        label=gettext_lazy("Customers who are there already"),
        choices=[
            ("ignore", gettext_lazy("Leave them as they are")),
            ("update", gettext_lazy("Change what the line says")),
            ("yes", gettext_lazy("Empty their record and write the line")),
        ],
    )
    makes_cards = forms.BooleanField(label=gettext_lazy("Make a card number for who has none"), required=False)
    card_digits = DecimalsField(label=gettext_lazy("Digits of it"), required=False, least=1, most=32, initial=16)
    campaigns = forms.MultipleChoiceField(
        label=gettext_lazy("Campaigns they join"), required=False, widget=forms.CheckboxSelectMultiple
    )
    campaign = forms.ChoiceField(label=gettext_lazy("Campaign of the lines"), required=False)
    direction = forms.ChoiceField(
        label=gettext_lazy("The lines are"),
        choices=[("earn", gettext_lazy("Earnings")), ("redeem", gettext_lazy("Redemptions"))],
    )
    applies_ratio = forms.ChoiceField(
        label=gettext_lazy("The amounts are"),
        choices=[
            ("no", gettext_lazy("What is added or taken: points, events, units or money")),
            ("yes", gettext_lazy("What a till enters: purchases, converted by the campaign's ratio")),
        ],
    )
    creates_customers = forms.BooleanField(label=gettext_lazy("Make records for unknown customers"), required=False)
    sends_mail = forms.BooleanField(label=gettext_lazy("Send each customer his mail"), required=False)

    OF_CUSTOMERS = ("overwrite", "makes_cards", "card_digits", "campaigns")
    OF_TRANSACTIONS = ("campaign", "direction", "applies_ratio", "creates_customers", "sends_mail")

    def __init__(
        self, *args: Any, account: AccountConfig, by: UserConfig, kind: str, sheet: Sheet, labels: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in self.OF_TRANSACTIONS if kind == "customers" else self.OF_CUSTOMERS:
            del self.fields[name]
        offered = [(name, str(TARGETS[name])) for name in TARGETS if name in targets_of(account, kind)]
        offered = [(name, labels.get(name, label)) for name, label in offered]
        offered += [(name, label) for name, label in labels.items() if name.startswith("custom_field_")]
        for number in range(1, len(sheet.columns) + 1):
            field = forms.ChoiceField(label=_("Column %(number)d") % {"number": number}, required=False)
            field.choices = [("", _("Not used")), *offered]
            self.fields[f"column_{number}"] = field
        seen = [campaign for campaign in account.campaigns.values() if by.may_see(campaign) and campaign.state == "active"]
        numbered = [(campaign.number, campaign.name) for campaign in seen]
        self._offer_if_asked("campaigns", numbered)
        self._offer_if_asked("campaign", [("", _("A column says so")), *numbered])
        marks = _examples(sheet, (POINT, COMMA))
        orders = _examples(sheet, (f"date {DAY_FIRST}", f"date {MONTH_FIRST}"))
        self._ask("decimal_mark", marks, [(POINT, _("With a point: 1,234.50")), (COMMA, _("With a comma: 1.234,50"))])
        self._ask("date_order", orders, [(DAY_FIRST, _("Day first: 31/12/2026")), (MONTH_FIRST, _("Month first: 12/31/2026"))])

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields of the columns, from the left."""
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def options(self) -> list[forms.BoundField]:
        """All other fields."""
        return [self[name] for name in self.fields if not name.startswith("column_")]

    def plan(self) -> Plan:
        """Return what was filled in."""
        clean = self.cleaned_data
        return Plan(
            targets=tuple(clean[name] for name in self.fields if name.startswith("column_")),
            has_headings=clean["has_headings"],
            decimal_mark=clean.get("decimal_mark", ""),
            date_order=clean.get("date_order", ""),
            overwrite=clean.get("overwrite", "ignore"),
            card_digits=(clean["card_digits"] or 16) if clean.get("makes_cards") else None,
            campaigns=tuple(clean.get("campaigns", ())),
            campaign=clean.get("campaign", ""),
            direction=clean.get("direction", "earn"),
            applies_ratio=clean.get("applies_ratio") == "yes",
            creates_customers=clean.get("creates_customers", False),
            sends_mail=clean.get("sends_mail", False),
        )

    def _offer_if_asked(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            self.offer(name, choices)

    def _ask(self, name: str, examples: dict[str, str], choices: list[tuple[str, str]]) -> None:
        """Ask for a reading only where the file has something that depends on it; what stands there is shown."""
        if not examples:
            del self.fields[name]
            return
        self._offer_if_asked(name, [("", _("Please choose")), *choices])
        found = ", ".join(dict.fromkeys(examples.values()))
        self.fields[name].help_text = _("In your file: %(examples)s") % {"examples": found}


def start_of(plan: Plan) -> dict[str, Any]:
    """Return a plan as the form's first values."""
    start: dict[str, Any] = {f"column_{number}": target for number, target in enumerate(plan.targets, 1)}
    return start | {
        "has_headings": plan.has_headings, "decimal_mark": plan.decimal_mark, "date_order": plan.date_order,
        "overwrite": plan.overwrite, "makes_cards": plan.card_digits is not None, "card_digits": plan.card_digits or 16,
        "campaigns": list(plan.campaigns), "campaign": plan.campaign, "direction": plan.direction,
        "applies_ratio": "yes" if plan.applies_ratio else "no", "creates_customers": plan.creates_customers,
        "sends_mail": plan.sends_mail,
    }  # fmt: skip


def _examples(sheet: Sheet, shapes: tuple[str, str]) -> dict[str, str]:
    """The first cells of a file that depend on a reading, by shape: of either reading, and of both."""
    either = "date either" if shapes[0].startswith("date") else "either"
    found: dict[str, str] = {}
    for column in sheet.columns:
        for shape in (*shapes, either):
            if shape in column.examples:
                found.setdefault(shape, column.examples[shape])
    return found
