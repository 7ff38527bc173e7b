# SPDX-License-Identifier: Apache-2.0
"""The form behind all forms whose values the domain judges: its errors come to the field they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise

from regulars.errors import RegularsError, StaleConfiguration
from regulars.panel.sentences import sentence


class DomainForm(forms.Form):
    """A form that shows an error of the domain at the field it names, or above all."""

    places: ClassVar[Mapping[str, str]] = {}
    """The domain's name of a value to the form's, where they differ."""
    sentences: ClassVar[Mapping[str, str | Promise]] = {}
    """What errors say in this form alone, by their code."""

    def refuse(self, error: RegularsError) -> None:
        """Show what is wrong; what was typed stays. That the settings changed meanwhile is the edge's: it tries again."""
        if isinstance(error, StaleConfiguration):
            raise error
        for part in error.parts:
            names = [self.places.get(name, name) for name in part.fields]
            place = next((name for name in names if name in self.fields), self.without_place(names))
            self.add_error(place, str(self.sentences.get(part.code) or sentence(part)))

    def offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """Give a field that is chosen from its choices: each a value and what is shown."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField), "only these have choices"
        field.choices = list(choices)

    def without_place(self, names: list[str]) -> str | None:
        """Return the field where an error belongs that names none of the form's; None = above all."""
        return None
