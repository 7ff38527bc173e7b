# SPDX-License-Identifier: Apache-2.0
"""The one element tree an answer is made of; XML, JSON and JSONP are written from it (I14, api.md 13 "Envelope")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class Rows(Element):
    """
    A wrapper whose children are made one by one while the answer is written (ADR-0016); ``source`` is read once.

    ``is_bare``: in XML the children stand side by side where the wrapper would be (reports).
    """

    source: Iterator[Element] = field(default_factory=lambda: iter(()))
    is_bare: bool = False


def rows(name: str, source: Iterable[Element], *, is_bare: bool = False) -> Rows:
    """Return a wrapper of as many repeated elements as may come. At most one stands in an answer."""
    return Rows(name, is_list=True, source=iter(source), is_bare=is_bare)


def side_by_side(name: str, children: list[Element]) -> list[Element]:
    """Return a list as reports show it: under no wrapper in XML, in JSON always the array ``name``."""
    wrapper = items(name, children)
    wrapper.only = "json"
    return [*(replace(child, only="xml") for child in children), wrapper]


def rows_in(element: Element) -> Rows | None:
    """Return the rows that stand somewhere in a tree, or None."""
    if isinstance(element, Rows):
        return element
    for child in element.children:
        if child.children or isinstance(child, Rows):
            found = rows_in(child)
            if found is not None:
                return found
    return None


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
