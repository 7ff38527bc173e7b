# SPDX-License-Identifier: Apache-2.0
"""The one element tree an answer is made of; XML, JSON and JSONP are written from it (I14, api.md 13 "Envelope")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Element:
    """
    One element. ``is_list``: a wrapper whose children all repeat one name (a JSON array, also when empty).

    ``only``: shown in one format alone (customer_search's ``customer`` beside ``customers``).
    ``xml``: as what it is written, where that is known before it is walked (protocol/shape.py).
    """

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    is_list: bool = False
    only: Literal["", "xml", "json"] = ""
    xml: str = ""


_NO_CHILDREN: list[Element] = []
_NO_ATTRIBUTES: dict[str, str] = {}
"""Those of all leaves, never written to: an answer has hundreds of leaves."""


def leaf(name: str, value: str | int, only: Literal["", "xml", "json"] = "") -> Element:
    """Return an element with a text."""
    return Element(name, value if isinstance(value, str) else str(value), _NO_CHILDREN, _NO_ATTRIBUTES, False, only)


def filled(name: str, value: str | int | None) -> Element | None:
    """Return a leaf, or None where there is nothing to show ("only filled fields")."""
    return None if value is None or value == "" else leaf(name, value)


def record(name: str, *children: Element | None, **attributes: str) -> Element:
    """Return an element with named children; None children are left out."""
    return Element(name, children=[child for child in children if child is not None], attributes=attributes)


def items(name: str, children: Iterable[Element]) -> Element:
    """Return a wrapper of repeated elements."""
    return Element(name, children=list(children), is_list=True)


def success(*children: Element | None, text: str = "") -> Element:
    """Return the root of a successful answer."""
    return Element(
        "response",
        text=text,
        children=[child for child in children if child is not None],
        attributes={"status": "success"},
    )
