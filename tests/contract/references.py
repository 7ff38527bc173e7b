# SPDX-License-Identifier: Apache-2.0
"""Names of tests, as the tables of documented facts write them."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


@functools.cache
def _functions_of(path: Path) -> frozenset[str]:
    assert path.exists(), f"{path.relative_to(TESTS)} is no file"
    return frozenset(node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef))


def missing_test(reference: str) -> str | None:
    """
    Return what is wrong with the name of a test, or None.

    "module.function" is under tests/api/calls, "/folder/module.function" under tests; both without their "test_".
    """
    place, _, name = reference.rpartition(".")
    folder, _, module = place.rpartition("/") if place.startswith("/") else ("api/calls", "", place)
    path = TESTS / folder.strip("/") / f"test_{module}.py"
    return None if f"test_{name}" in _functions_of(path) else f"{path.relative_to(TESTS)} has no test_{name}"
