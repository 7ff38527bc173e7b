# SPDX-License-Identifier: Apache-2.0
"""The form of one data field. What is valid is accounts/rules.py's to say; its errors name custom_field_# and the part."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.fields import CUSTOM, FieldChange, FieldRow
from regulars.panel.forms.domain import DomainForm

TYPES = (
    ("Text", _("Text")),
    ("Date", _("Date")),
    ("Pick", _("One of some choices")),
    ("List", _("Any of some choices")),
    ("Number", _("Number")),
    ("Money", _("Amount of money")),
)
PARTS = ("label", "type", "choices", "show", "required", "searchable", "unique")


class FieldForm(DomainForm):
    """``row``: the field as it is, None = a new one. Those that every account has can be renamed, hidden, required."""

    label = forms.CharField(label=_("What people read"), max_length=80)
    type = forms.ChoiceField(label=_("Type"), choices=TYPES, help_text=_("It can not be changed later."))
    choices = forms.CharField(
        label=_("Choices, a line each"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Only where there are choices; without commas."),
    )
    show = forms.BooleanField(label=_("The Control Panel shows it"), required=False)
    required = forms.BooleanField(label=_("It must be filled in"), required=False)
    searchable = forms.BooleanField(label=_("Customers are found by it"), required=False)
    unique = forms.BooleanField(
        label=_("No two customers have the same"), required=False, help_text=_("Only a text can be unique.")
    )

    def __init__(self, *args: Any, owner: str, row: FieldRow | None = None, **kwargs: Any) -> None:
        if row is not None:
            start = {name: getattr(row, name) for name in PARTS} | {"choices": "\n".join(row.choices)}
            kwargs["initial"] = start
        super().__init__(*args, **kwargs)
        self._row = row
        is_custom = row is None or row.name.startswith(CUSTOM)
        if owner != "customer" or not is_custom:
            del self.fields["searchable"], self.fields["unique"]
        if row is not None:
            del self.fields["type"]
            if row.type not in ("Pick", "List"):
                del self.fields["choices"]
            if "unique" in self.fields and row.type != "Text":
                del self.fields["unique"]

    def change(self) -> FieldChange:
        """Return what was filled in."""
        clean = {name: self.cleaned_data[name] for name in PARTS if name in self.fields}
        if "choices" in clean:
            lines = tuple(line.strip() for line in clean["choices"].splitlines() if line.strip())
            clean["choices"] = lines
        return FieldChange(**clean)

    def without_place(self, names: list[str]) -> str | None:
        """Return the part that an error names: of custom_field_2_choices the choices."""
        parts = (name.rpartition("_")[2] for name in names)
        return next((part for part in parts if part in self.fields), None)
