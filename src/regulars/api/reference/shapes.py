# SPDX-License-Identifier: Apache-2.0
"""
The shapes of answers, as JSON Schema, found in the answers of the contract.

A shape holds nothing that no example shows: an answer outside it is an example that is missing. What every example has is
required, what only some have is optional. The words ``xml`` say how the same answer stands in XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from regulars.protocol.render import TEXT_MEMBER
from regulars.protocol.tree import Element

Schema = dict[str, Any]

_NUMBERED = re.compile(r"((?:[a-z]+_)*custom_field_)[0-9]+")


def shape_of(elements: Sequence[Element]) -> Schema:
    """Return the shape that all the elements have. Raises ValueError where there is none to be seen."""
    if not elements:
        raise ValueError("nothing to see a shape in")
    lists = [one for one in elements if one.is_list]
    leaves = [one for one in elements if not one.is_list and not one.children and not one.attributes]
    objects = [one for one in elements if not one.is_list and (one.children or one.attributes)]
    found: list[Schema] = []
    if lists:
        found.append(_array(lists))
    if leaves:
        found.append(_text(leaves))
    if objects:
        found.append(_object(objects))
    return found[0] if len(found) == 1 else {"anyOf": found}


def _text(elements: Sequence[Element]) -> Schema:
    shown = next((one.text for one in elements if one.text), None)
    return {"type": "string"} | ({} if shown is None else {"examples": [shown]})


def _array(elements: Sequence[Element]) -> Schema:
    children = [child for one in elements for child in one.children if child.only != "xml"]
    if not children:
        raise ValueError(f"the list {elements[0].name} is empty in every example")
    if any(child.children or child.attributes for child in children):
        item = shape_of(children)
    else:
        text = _text(children) | {"xml": {"x-text": True}}
        item = {"type": "object", "properties": {TEXT_MEMBER: text}, "required": [TEXT_MEMBER], "additionalProperties": False}
    return {"type": "array", "items": item | {"xml": {"name": children[0].name}}, "xml": {"wrapped": True}}


def _object(elements: Sequence[Element]) -> Schema:
    properties: Schema = {}
    patterns: Schema = {}
    for name in _ordered(name for one in elements for name in one.attributes):
        values = [one.attributes[name] for one in elements if name in one.attributes]
        # What an answer says of itself is told from an error by it; the status of a thing in it may have more words.
        words = {"enum": sorted(set(values))} if elements[0].name == "response" else {"examples": values[:1]}
        properties[name] = {"type": "string", "xml": {"attribute": True}} | words
    members = [[child for child in one.children if child.only != "xml"] for one in elements]
    for name in _ordered(child.name for children in members for child in children):
        groups = [[child for child in children if child.name == name] for children in members]
        shape = shape_of([child for group in groups for child in group])
        if any(len(group) > 1 for group in groups):
            shape = {"anyOf": [shape, {"type": "array", "items": shape}]}
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            patterns[f"^{numbered[1]}[0-9]+$"] = shape
        else:
            properties[name] = shape
    if any(one.text for one in elements):
        properties[TEXT_MEMBER] = _text(elements) | {"xml": {"x-text": True}}
    result: Schema = {"type": "object", "properties": properties}
    if patterns:
        result["patternProperties"] = patterns
    required = [name for name in properties if all(_has(one, name) for one in elements)]
    return result | ({"required": required} if required else {}) | {"additionalProperties": False}


def _has(element: Element, name: str) -> bool:
    if name == TEXT_MEMBER:
        return bool(element.text)
    return name in element.attributes or any(child.name == name and child.only != "xml" for child in element.children)


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
