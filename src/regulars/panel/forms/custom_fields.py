# SPDX-License-Identifier: Apache-2.0
"""Form fields for an account's own data fields. What a value must be is accounts/rules.py's to say; errors come from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from regulars.accounts.directory import FieldConfig
from regulars.accounts.fields import CUSTOM, FieldRow
from regulars.panel.forms.quantities import NUMBERS, NumberTextField


def custom_form_field(definition: FieldConfig | FieldRow) -> forms.Field:
    """Return the form's field for one data field, by its type. It takes anything that the browser may send."""
    label, kind = definition.label, definition.type
    field: forms.Field
    if kind == "Pick":
        choices = [("", "–"), *((choice, choice) for choice in definition.choices)]
        field = forms.ChoiceField(label=label, choices=choices, required=False)
    elif kind == "List":
        field = forms.MultipleChoiceField(
            label=label,
            choices=[(choice, choice) for choice in definition.choices],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    elif kind in NUMBERS:
        field = NumberTextField(label=label, required=False)
    else:
        attributes = {"autocomplete": "off"} | ({"type": "date"} if kind == "Date" else {})
        field = forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attributes))
    if definition.required:
        field.widget.attrs["aria-required"] = "true"
    return field


def custom_values(cleaned: Mapping[str, Any]) -> dict[int, str]:
    """Return what was filled in of the data fields, by number, as the domain takes it: several choices joined by commas."""
    values = {}
    for name, value in cleaned.items():
        if name.startswith(CUSTOM) and value:
            values[int(name.removeprefix(CUSTOM))] = value if isinstance(value, str) else ",".join(value)
    return values
