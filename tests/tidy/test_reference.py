# SPDX-License-Identifier: Apache-2.0
"""The reference has words for every call, parameter and error; what lacks them does not pass."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
os.environ.setdefault("DATABASE_URL", "postgresql:///nowhere")  # nothing here asks it
django.setup()

from regulars.api import registry  # noqa: E402
from regulars.api.reference.catalogue import (  # noqa: E402
    COMMON,
    GENERAL_ERRORS,
    OTHER_GROUP,
    Entry,
    entries,
    error_classes,
    errors,
    shown_name,
)
from regulars.api.reference.shapes import shape_of  # noqa: E402

ENTRIES = entries()


def keys(found: list[Entry]) -> list[str]:
    return [entry.key for entry in found]


def test_every_call_stands_in_a_group_of_the_index() -> None:
    assert keys([one for one in ENTRIES if one.group == OTHER_GROUP]) == [], "add it to GROUPS in api/reference/catalogue.py"


def test_every_call_is_put_in_words() -> None:
    silent = [one for one in ENTRIES if not one.call.summary or len(one.words) < 20]
    assert keys(silent) == [], "the docstring of its handle is what the reference says"


def test_every_parameter_is_put_in_words() -> None:
    silent = [f"{one.key} {shown_name(p)}" for one in ENTRIES for p in one.parameters if not p.note or not p.kind.says]
    assert silent == [], "give its param() a note="


def test_every_call_has_an_example_and_an_example_of_an_error() -> None:
    missing = [one for one in ENTRIES if not any(not example.is_error for example in one.examples)]
    assert keys(missing) == [], "add one to tests/contract/examples.py, then make examples"
    missing = [one for one in ENTRIES if one.key != "test" and not any(example.is_error for example in one.examples)]
    assert keys(missing) == [], "add one to tests/contract/examples.py, then make examples"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_the_shape_of_every_answer_can_be_seen(entry: Entry) -> None:
    """No list is empty in every example, or the OpenAPI document could not say what is in it."""
    shape_of([example.answer for example in entry.examples if example.answer is not None])


UNSHOWN = {
    "explanation_element.py": {
        "taken_not_shown", "lots_not_shown", "expiries_later", "carried_in", "carried_out", "bonus", "of",
    },
    "customers_found.py": {"total_is_minimum"},
}  # fmt: skip
"""Members of answers that no example shows yet, so that the OpenAPI document does not know them. It may only shrink."""
MAKERS = {"leaf", "filled", "record", "items", "fixed", "Element"}
CALLS_FOLDER = Path(registry.__file__).with_name("calls")


def members_of(shape: dict[str, Any]) -> Iterator[str]:
    for part in (*shape.get("anyOf", ()), *shape.get("patternProperties", {}).values()):
        yield from members_of(part)
    for name, part in shape.get("properties", {}).items():
        yield name
        yield from members_of(part)
    if "items" in shape:
        yield shape["items"].get("xml", {}).get("name", "")
        yield from members_of(shape["items"])


def test_every_member_that_an_answer_may_have_stands_in_an_example() -> None:
    answers = {one.key: [example.answer for example in one.examples if example.answer is not None] for one in ENTRIES}
    shown = {"response"} | {name for found in answers.values() for name in members_of(shape_of(found))}
    unshown: dict[str, set[str]] = {}
    for path in CALLS_FOLDER.glob("*.py"):
        made = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
        named = [node.args[0] for node in made if isinstance(node.func, ast.Name) and node.func.id in MAKERS]
        missing = {one.value for one in named if isinstance(one, ast.Constant) and one.value not in shown}
        if missing:
            unshown[path.name] = missing
    assert unshown == UNSHOWN, "add an example to tests/contract/examples.py, then make examples"


def test_every_error_that_a_call_declares_exists() -> None:
    unknown = {code for one in ENTRIES for code in one.call.errors} - set(error_classes())
    assert unknown == set(), "a class in errors.py has the code"


def test_no_call_declares_what_any_call_may_be_answered_with() -> None:
    assert keys([one for one in ENTRIES if set(one.call.errors) & set(GENERAL_ERRORS)]) == []


def test_the_errors_of_examples_are_declared() -> None:
    undeclared = [
        f"{one.key}: {code}"
        for one in ENTRIES
        for example in one.examples
        for code, _ in example.errors
        if code not in one.call.errors and code not in GENERAL_ERRORS
    ]
    assert undeclared == [], "add them to its Call.errors"


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.code)
def test_every_error_is_put_in_words(error) -> None:
    assert "__doc__" in vars(error_classes()[error.code])
    assert len(error.words) > 10, "the class's docstring is what the reference says"


def test_the_parameters_of_every_call_are_put_in_words() -> None:
    from regulars.api.entry import _ENVELOPE_NAMES, _NOT_CONTENT

    named = {one.name for one in COMMON} | {"user_password"}
    assert set(_ENVELOPE_NAMES | _NOT_CONTENT) <= named
    assert all(one.note and one.says for one in COMMON)
