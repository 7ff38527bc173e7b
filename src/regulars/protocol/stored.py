# SPDX-License-Identifier: Apache-2.0
"""An element tree as plain JSON, for answers that are kept with an idempotency key and given again."""

from __future__ import annotations

from typing import Any

from regulars.errors import InvariantViolation
from regulars.protocol.tree import Element


def to_stored(element: Element) -> dict[str, Any]:
    """Return the tree as JSON values; members that say nothing are left out."""
    result: dict[str, Any] = {"name": element.name}
    if element.text:
        result["text"] = element.text
    if element.attributes:
        result["attributes"] = dict(element.attributes)
    if element.is_list:
        result["is_list"] = True
    if element.only:
        result["only"] = element.only
    if element.children:
        result["children"] = [to_stored(child) for child in element.children]
    return result


def from_stored(document: Any) -> Element:
    """Return the tree again, equal to the one that was stored. Raises InvariantViolation for anything else."""
    try:
        return Element(
            document["name"],
            text=document.get("text", ""),
            children=[from_stored(child) for child in document.get("children", ())],
            attributes=dict(document.get("attributes", {})),
            is_list=document.get("is_list", False),
            only=document.get("only", ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvariantViolation("a stored answer is not an element tree") from error
