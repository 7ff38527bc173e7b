# SPDX-License-Identifier: Apache-2.0
"""Activation codes: signed by the installation, for one module, used once, told apart from everything else that is typed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.codes import (
    MODULES,
    ActivationCodeNotValid,
    CodeNotFound,
    CodeUsed,
    issue_code,
    list_issued_codes,
    make_code,
    open_module,
    read_code,
    revoke_code,
    use_code,
)
from regulars.errors import InvalidParameter
from regulars.kit.db import unit_of_work
from tests.factories import NOW, MadeAccount, make_account

SAMPLE = make_code(module="coalition", at=NOW, rng=random.Random(1))


def use(made: MadeAccount, text: str) -> str:
    with unit_of_work(made.id):
        return use_code(account=made.fresh(), at=NOW, text=text)


def is_refused(made: MadeAccount, text: str) -> bool:
    with pytest.raises(ActivationCodeNotValid) as caught, unit_of_work(made.id):
        use_code(account=made.fresh(), at=NOW, text=text)
    return (str(caught.value), caught.value.fields) == ("The Activation Code is not valid", ("activation_code",))


@pytest.mark.parametrize("module", MODULES)
def test_a_code_opens_its_module_once(module: str) -> None:
    alice, carol = make_account(), make_account()
    code = make_code(module=module, at=NOW)
    assert use(alice, code) == module
    assert alice.fresh().modules == {module}
    assert is_refused(alice, code)
    assert is_refused(carol, code)
    assert carol.fresh().modules == set()


def test_both_modules_can_be_opened_and_a_second_code_for_one_is_not_wasted() -> None:
    alice, carol = make_account(), make_account()
    for module in MODULES:
        use(alice, make_code(module=module, at=NOW))
    assert alice.fresh().modules == set(MODULES)
    spare = make_code(module="coalition", at=NOW)
    assert is_refused(alice, spare)
    assert use(carol, spare) == "coalition"


def test_a_code_for_one_account_opens_nothing_for_another() -> None:
    alice, carol = make_account(), make_account()
    code = make_code(module="two_tier", at=NOW, account_code=alice.code.upper())
    assert is_refused(carol, code)
    assert use(alice, code) == "two_tier"


def test_a_code_works_to_the_end_of_its_last_day() -> None:
    code = make_code(module="coalition", at=NOW, days=3)
    last = NOW.replace(hour=23, minute=59) + timedelta(days=3)
    assert read_code(code, account_code="alice", at=last).last_day == last.date()
    with pytest.raises(ActivationCodeNotValid):
        read_code(code, account_code="alice", at=last + timedelta(minutes=1))
    assert read_code(SAMPLE, account_code="alice", at=NOW + timedelta(days=9_999)).last_day is None


def test_how_it_is_typed_makes_no_difference() -> None:
    assert len(SAMPLE) == 31
    expected = read_code(SAMPLE, account_code="alice", at=NOW)
    for typed in (SAMPLE.lower(), SAMPLE.replace("-", ""), f" {SAMPLE.replace('-', ' ')} ",
                  SAMPLE.replace("O", "0").replace("I", "1").replace("B", "8")):  # fmt: skip
        assert read_code(typed, account_code="alice", at=NOW) == expected


@given(st.text(max_size=60))
def test_anything_else_is_not_valid(text: str) -> None:
    with pytest.raises(ActivationCodeNotValid):
        read_code(text, account_code="alice", at=NOW)


@given(position=st.integers(0, 25), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_letter_is_not_valid(position: int, letter: str) -> None:
    letters = SAMPLE.replace("-", "")
    changed = letters[:position] + letter + letters[position + 1 :]
    if position == 25 or changed == letters:  # the last letter carries three bits
        return
    with pytest.raises(ActivationCodeNotValid):
        read_code(changed, account_code="alice", at=NOW)


def test_another_installations_code_is_not_valid() -> None:
    with override_settings(SECRET_KEY="another installation"):
        code = make_code(module="coalition", at=NOW)
    assert is_refused(make_account(), code)


def test_a_code_can_not_be_made_for_nothing() -> None:
    for wrong in ({"module": "agency"}, {"module": "coalition", "days": -1}, {"module": "coalition", "days": 3651}):
        with pytest.raises(InvalidParameter):
            make_code(at=NOW, **wrong)  # type: ignore[arg-type]
    made = make_account()
    with pytest.raises(InvalidParameter), unit_of_work(made.id):
        open_module(account=made.fresh(), module="agency")


# -- codes that are kept ----------------------------------------------------------------------------------------------
def test_issued_codes_are_listed_with_what_became_of_them() -> None:
    alice = make_account()
    codes = [
        issue_code(module="coalition", at=NOW, by="owner"),
        issue_code(module="coalition", at=NOW + timedelta(seconds=1), account_code=alice.code),
        issue_code(module="two_tier", at=NOW + timedelta(seconds=2), days=30),
        issue_code(module="two_tier", at=NOW + timedelta(seconds=3)),
    ]
    use(alice, codes[1])
    revoke_code(number=read_code(codes[3], account_code="", at=NOW).number, at=NOW)

    def states(at: datetime) -> list[str]:
        return [row.state for row in list_issued_codes(at=at, length=1_000) if row.text in codes]

    assert states(NOW + timedelta(days=31)) == ["revoked", "expired", "used", "open"], "the latest first"
    assert states(NOW + timedelta(days=30))[1] == "open", "on its last day it is good"
    rows = {row.text: row for row in list_issued_codes(at=NOW, length=1_000)}
    assert (rows[codes[1]].account_code, rows[codes[1]].used_by, rows[codes[0]].issued_by) == (alice.code, alice.id, "owner")


def test_a_revoked_code_opens_nothing_and_a_used_one_is_not_revoked() -> None:
    alice, carol = make_account(), make_account()
    gone, kept = issue_code(module="coalition", at=NOW), issue_code(module="coalition", at=NOW)
    for _ in range(2):
        revoke_code(number=read_code(gone, account_code="", at=NOW).number, at=NOW)
    assert is_refused(alice, gone)
    assert use(carol, kept) == "coalition"
    with pytest.raises(CodeUsed):
        revoke_code(number=read_code(kept, account_code="", at=NOW).number, at=NOW)
    with pytest.raises(CodeNotFound):
        revoke_code(number="0" * 10, at=NOW)
    assert carol.fresh().modules == {"coalition"}
