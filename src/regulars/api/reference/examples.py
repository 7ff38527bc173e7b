# SPDX-License-Identifier: Apache-2.0
"""
The examples of the reference: requests and answers of the contract, as the tests had them (``make examples`` writes both).

An answer is kept as its element tree and written by the same renderer as any answer, so it cannot drift from the formats.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from regulars.errors import Problems, RegularsError
from regulars.protocol.render import Envelope, write_answer, write_error
from regulars.protocol.stored import from_stored
from regulars.protocol.tree import Element

FOLDER = Path(__file__).with_name("examples")
SCENE = "scene"
"""The file that says of which kind each campaign of the examples is."""
GENERAL = "errors"
"""The file of what any call may be answered."""


@dataclass(frozen=True, slots=True)
class Example:
    """One request with its answer: ``answer``, or ``errors`` as pairs of code and text."""

    key: str
    name: str
    fields: dict[str, str]
    answer: Element | None
    errors: tuple[tuple[str, str], ...]

    @property
    def is_error(self) -> bool:
        return self.answer is None

    def written(self, envelope: Envelope) -> bytes:
        """Return the body of the answer."""
        if self.answer is not None:
            return write_answer(self.answer, envelope)
        shown = tuple(_error(code, text) for code, text in self.errors)
        return write_error(shown[0] if len(shown) == 1 else Problems(shown), envelope)


def _error(code: str, text: str) -> RegularsError:
    error = RegularsError(text)
    error.code = code  # type: ignore[misc]  # it stands for an error of some class, and is only written
    return error


def to_document(key: str, name: str, fields: dict[str, str], answer: Any, errors: list[tuple[str, str]]) -> dict[str, Any]:
    """Return an example as it is kept; ``answer`` is a stored tree or None."""
    said = {"answer": answer} if answer is not None else {"errors": errors}
    return {"key": key, "name": name, "fields": fields, **said}


def examples_of(key: str) -> tuple[Example, ...]:
    """Return the examples of a call, in the order they were carried out."""
    return _by_key().get(key, ())


def general_examples() -> tuple[Example, ...]:
    """Return the examples of what any call may be answered."""
    return _by_key().get(GENERAL, ())


@cache
def kinds_of_campaigns() -> dict[str, str]:
    """Return the kinds of the campaigns in the examples, by number."""
    document: dict[str, str] = json.loads((FOLDER / f"{SCENE}.json").read_text("utf-8"))
    return document


@cache
def _by_key() -> dict[str, tuple[Example, ...]]:
    found: dict[str, list[Example]] = defaultdict(list)
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem == SCENE:
            continue
        for one in json.loads(path.read_text("utf-8")):
            answer = from_stored(one["answer"]) if "answer" in one else None
            pairs = tuple((code, text) for code, text in one.get("errors", ()))
            place = GENERAL if path.stem == GENERAL else one["key"]
            found[place].append(Example(one["key"], one["name"], one["fields"], answer, pairs))
    return {key: tuple(examples) for key, examples in found.items()}
