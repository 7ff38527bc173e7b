# SPDX-License-Identifier: Apache-2.0
"""
The states of an account at every registered call: active, trial (all calls, ten customers), suspended (none).

What each role may do in an active account stands in test_matrix.py; a trial account differs by its number of customers alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regulars.accounts.operations import change_state
from regulars.kit.db import unit_of_work
from regulars.users.access import ROLES
from tests.access.test_matrix import CALLS, OFFICE_CALLS, sign
from tests.client import Api, Parsed
from tests.factories import MadeAccount, MadeUser, make_coalition, make_customer, make_user
from tests.scene import Scene, make_scene, requests

TRIAL_FULL = "Cannot add more customers: Account in Trial mode."
ADDS = {"record_customer.new": {}, "record_customer.edit": {"code": "nobody yet", "card_number": "nobody's"}}
"""Calls that add a customer -> what makes them do so."""
TEN = 10


def set_state(made: MadeAccount, state: str) -> None:
    with unit_of_work(made.id):
        change_state(account=made.fresh(), state=state)


def send(api: Api, scene: Scene, key: str, made: MadeAccount | MadeUser, *, dry: bool, **more: str) -> Parsed:
    select, call = CALLS[key]
    fields = sign(key, requests(scene)[key], made) | select | ({"dry_run": "Y"} if dry and call.writes else {}) | more
    return api.call(fields.pop("type"), **fields)


@pytest.fixture(scope="module")
def trial(api: Api) -> Scene:
    """A trial account with room for more customers."""
    scene = make_scene(api, prepare=make_coalition)
    set_state(scene.made, "trial")
    return scene


@pytest.fixture(scope="module")
def full(api: Api) -> Scene:
    """A trial account with its ten customers."""
    scene = make_scene(api, prepare=make_coalition)
    for number in range(TEN - 2):  # the scene has two
        make_customer(scene.made, code=f"full{number}")
    set_state(scene.made, "trial")
    return scene


@pytest.fixture(scope="module")
def closed(api: Api) -> Iterator[tuple[Scene, list[MadeUser]]]:
    """A suspended account with a user of each role; at the end it is opened again, and everything is as it was."""
    scene = make_scene(api, prepare=make_coalition)
    users = [make_user(scene.made, role=role) for role in ROLES]
    looks = (
        ("customer_info", {"code": "1001"}), ("reports", {"report": "customers_all"}), ("campaigns_list", {}),
        ("users_list", {}), ("account_info", {}), ("manage_fields", {"action": "list"}),
        ("customer_balance", requests(scene)["customer_balance"]),
    )  # fmt: skip
    before = [scene.owner.call(call, **fields).json for call, fields in looks]
    set_state(scene.made, "suspended")
    yield scene, users
    set_state(scene.made, "active")
    after = [scene.owner.call(call, **fields).json for call, fields in looks]
    for shown in (*before, *after):
        shown.pop("last", None)  # how far the clock went
    assert before == after


@pytest.mark.parametrize("key", sorted(set(CALLS) - set(OFFICE_CALLS)))
def test_a_trial_account_may_make_every_call(api: Api, trial: Scene, key: str) -> None:
    assert send(api, trial, key, trial.made, dry=True).ok


@pytest.mark.parametrize("key", sorted(set(CALLS) - set(OFFICE_CALLS)))
def test_a_full_trial_account_may_make_every_call_that_adds_no_customer(api: Api, full: Scene, key: str) -> None:
    answer = send(api, full, key, full.made, dry=True)
    if key == "record_customer.new":
        assert answer.errors == [TRIAL_FULL]
    else:
        assert answer.ok, (key, answer)


@pytest.mark.parametrize("key", sorted(ADDS))
def test_an_eleventh_customer_is_refused_in_trial_and_taken_once_it_is_over(api: Api, full: Scene, key: str) -> None:
    for dry in (True, False):
        assert send(api, full, key, full.made, dry=dry, **ADDS[key]).errors == [TRIAL_FULL]
    assert len(full.owner.call("customer_search").json["customers"]) == TEN
    set_state(full.made, "active")
    try:
        assert send(api, full, key, full.made, dry=True, **ADDS[key]).ok
    finally:
        set_state(full.made, "trial")


@pytest.mark.parametrize("key", sorted(CALLS))
def test_a_suspended_account_is_told_so_by_every_call_and_nothing_is_done(
    api: Api, closed: tuple[Scene, list[MadeUser]], key: str
) -> None:
    scene, users = closed
    for made in (scene.made, *users):
        answer = send(api, scene, key, made, dry=False)
        if key == "test":
            assert answer.ok
        else:
            assert (answer.error_code, answer.errors) == ("account_suspended", ["This account has been suspended"]), key
