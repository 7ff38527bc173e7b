# SPDX-License-Identifier: Apache-2.0
"""
Elements of which only a few texts differ from answer to answer: walked once, then filled in.

A ``Shape`` is made from an ordinary element in which ``slot(name)`` stands where a text is to come. ``fill(texts)`` returns
an element like any other: its XML is the shape's own with the texts put in, its children are made when JSON asks for them.
So both come from the one tree (ADR-0002), and a balance costs no walk over what never changes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from regulars.protocol.render import escape, is_plain, write_fragment
from regulars.protocol.tree import Element, leaf

_MARK = secrets.token_hex(16)
"""Stands in a slot until it is filled. Nobody outside can know it, so no name of a campaign contains it."""


def slot(name: str) -> Element:
    """Return a leaf whose text is given each time."""
    return leaf(name, _MARK)


class Shape:
    """An element with slots; ``slots`` is how many, in the order of the document."""

    __slots__ = ("element", "slots", "xml")

    def __init__(self, element: Element) -> None:
        self.element = element
        pieces = write_fragment(element).replace("%", "%%").split(_MARK)
        self.slots = len(pieces) - 1
        self.xml = "%s".join(pieces)

    def fill(self, texts: tuple[str, ...]) -> Element:
        """Return the element with these texts in its slots, in the order of the document."""
        assert len(texts) == self.slots, "a text for each slot"
        return _Filled(self, texts)


class _Filled(Element):
    """An element made from a shape: the renderer takes its XML whole, and its children where it needs them."""

    __slots__ = ("shape", "texts")

    def __init__(self, shape: Shape, texts: tuple[str, ...]) -> None:
        self.shape = shape
        self.texts = texts
        self.name = shape.element.name
        self.text = ""
        self.attributes = shape.element.attributes
        self.is_list = shape.element.is_list
        self.only = ""

    @property
    def xml(self) -> str:  # type: ignore[override]  # made from the texts, never set
        texts = self.texts
        return self.shape.xml % (texts if is_plain("".join(texts)) else tuple(escape(text) for text in texts))

    @property
    def children(self) -> list[Element]:  # type: ignore[override]
        texts = iter(self.texts)
        return [_with_texts(child, texts) for child in self.shape.element.children]


def _with_texts(element: Element, texts: Iterator[str]) -> Element:
    """Return a copy of an element with its slots filled; what has none is taken as it is."""
    if element.text == _MARK:
        return leaf(element.name, next(texts))
    if not element.children:
        return element
    children = [_with_texts(child, texts) for child in element.children]
    return Element(element.name, element.text, children, element.attributes, element.is_list, element.only)
