# SPDX-License-Identifier: Apache-2.0
"""
Every row of the list of documented calls has its examples in XML, JSON and JSONP, its lines in the access matrix (each role,
a stranger's account), and a test for each documented note.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.access import test_matrix as matrix
from tests.contract.references import missing_test
from tests.contract.section_2 import ACCOUNTS, CUSTOMERS, FIELDS, PENDING, USERS, Row
from tests.contract.section_2_trade import CAMPAIGNS, EXTENSIONS, REPORTS, TOKENS, TRANSACTIONS

HERE = Path(__file__).resolve().parent
ENDINGS = (".request", ".xml", ".json", ".jsonp")
ROWS = (*ACCOUNTS, *USERS, *FIELDS, *CUSTOMERS, *TRANSACTIONS, *CAMPAIGNS, *REPORTS, *TOKENS, *EXTENSIONS)
BUILT = [row for row in ROWS if not PENDING & set(row.keys)]


def parametrized(test: Any) -> set[str]:
    """Return the values a test of the matrix is run with."""
    return {value for mark in test.pytestmark if mark.name == "parametrize" for value in mark.args[1]}


def test_every_documented_call_stands_in_one_row() -> None:
    """Calls of types that are not on the list are ours; the matrix and the examples have them all the same."""
    counted = Counter(key for row in ROWS for key in row.keys)
    assert {key for key, times in counted.items() if times > 1} == set()
    types = {key.partition(".")[0] for key in counted}
    registered = {key for key in matrix.CALLS if key.partition(".")[0] in types - PENDING}
    assert set(counted) - PENDING == registered, "a call without a row, or a row without its call"


def test_what_is_pending_is_not_there_yet() -> None:
    types = {key.partition(".")[0] for key in matrix.CALLS}
    assert not PENDING & types, "it exists by now: take it out of PENDING, so that its row is held"


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.keys[0])
def test_a_row_has_its_examples_in_each_format(row: Row) -> None:
    assert row.examples
    types = {key.partition(".")[0] for key in row.keys}
    actions = {key.partition(".")[2] for key in row.keys} - {""}
    shown = set()
    for example in row.examples:
        for ending in ENDINGS:
            assert (HERE / f"{example}{ending}").exists(), f"{example}{ending}"
        lines = (HERE / f"{example}.request").read_text("utf-8").splitlines()
        assert {f"type={name}" for name in types} & set(lines), example
        shown |= {
            action for action in actions for name in ("action", "customer_action", "report") if f"{name}={action}" in lines
        }
        assert 'status="error"' not in (HERE / f"{example}.xml").read_text("utf-8") or "/error_" in example, example
    assert shown == actions, "an action of the row has no example"


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.keys[0])
def test_a_row_has_its_lines_in_the_access_matrix(row: Row) -> None:
    keys = set(row.keys)
    assert keys <= set(matrix.MAY)
    assert keys <= parametrized(matrix.test_a_call_is_open_to_its_roles_and_closed_to_the_others)
    assert keys <= parametrized(matrix.test_another_accounts_owner_finds_nothing_and_learns_nothing)
    own_only = keys - {"test", "user_login"}  # the two that need no account_id
    assert own_only <= parametrized(matrix.test_no_role_reaches_another_account_by_its_account_id)


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.keys[0])
def test_each_note_of_a_row_has_its_test(row: Row) -> None:
    assert row.notes
    wrong = [problem for reference in row.notes.values() if (problem := missing_test(reference))]
    assert not wrong, "\n".join(wrong)
