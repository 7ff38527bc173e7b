# SPDX-License-Identifier: Apache-2.0
"""What templates draw with: form controls in Tabler's classes, icons. Built into every template; nothing to load."""

from __future__ import annotations

from django import forms, template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField, BoundWidget
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw the control of a field; its label, help and errors are field.html's."""
    widget = field.field.widget
    classes = [str(widget.attrs.get("class", "")), _class_of(widget)]
    if field.errors:
        classes.append("is-invalid")
    return field.as_widget(attrs={"class": " ".join(name for name in classes if name)})


@register.filter
def choices(field: BoundField) -> list[BoundWidget]:
    """Return the single choices of a field that has radio buttons or check boxes."""
    field.field.widget.attrs["class"] = "form-check-input"
    return list(field)


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is one check box, whose label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


UNDO = "undo:"
"""Begins a flash message's tag that says where it is undone."""


@register.filter
def undo_address(message: Message) -> str:
    """Return where a flash message's deed is undone by a POST, "" where it can not be."""
    tag = message.extra_tags or ""
    return tag.removeprefix(UNDO) if tag.startswith(UNDO) else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of templates/panel/icons. It says nothing to readers: the text beside it does."""
    return mark_safe(get_template(f"panel/icons/{name}.svg").render())  # noqa: S308 - a file of ours, without values
