# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys, the duplicate guard, dry runs and refusals: one effect or none, and always the same answer (I8, I9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from regulars.campaigns.operations import deactivate_campaign
from regulars.customers.operations import erase
from regulars.errors import (
    CustomerNotFound,
    InsufficientBalance,
    InvalidParameter,
    KeyReused,
    RegularsError,
    UnexpectedBalance,
)
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.books import Posted, Posting
from tests.concurrency.workers import KINDS, NOW, Shop, in_threads, outcomes, run, workers

Checksums = Callable[[], dict[str, str]]
Make = Callable[..., Shop]


def _post(shop: Shop, posting: Posting) -> Posted:
    with unit_of_work(shop.account.id):
        return operations.post(shop.account, posting)


def _same(posted: Posted) -> str:
    """What an answer is written from: everything but the mark of a replay and the stored context."""
    return repr(posted._replace(is_replay=False, context=None))


@pytest.mark.parametrize("amount", [15, -15])
def test_the_same_key_from_many_workers_is_one_effect_and_one_answer(
    amount: int, open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    _post(shop, shop.posting(customer, 100))
    posting = shop.keyed("sale-1", customer, amount)

    async def from_workers() -> list[Any]:
        async with workers(owner_url, app_role, 3) as tills:
            return await outcomes(tills[n % 3].ledger.post(posting) for n in range(60))

    def from_plain_callers() -> list[Any]:
        return [_post(shop, posting) for _ in range(5)]

    results = in_threads([lambda: run(from_workers()), from_plain_callers, from_plain_callers], 3)
    answers = [answer for result in results for answer in result]
    assert {type(answer) for answer in answers} == {Posted}
    assert len({_same(answer) for answer in answers}) == 1
    assert sum(not answer.is_replay for answer in answers) == 1
    assert all(answer.context == {"till": 7} for answer in answers if answer.is_replay)
    assert run_as_owner(
        "SELECT count(*), sum(amount) FROM ledger_entries WHERE account_id = %s AND idempotency_key = 'sale-1'", shop.account.id
    ) == [(1, amount)]


def test_the_same_key_with_other_content_is_refused_and_writes_nothing(
    open_shop: Make, owner_url: str, app_role: str, table_checksums: Checksums
) -> None:
    shop = open_shop(customer_count=2)
    first, second = shop.customer_ids
    _post(shop, shop.keyed("sale-1", first, 10))
    before = table_checksums()

    async def work() -> list[Any]:
        others = [shop.keyed("sale-1", first, 11), shop.keyed("sale-1", second, 10), shop.keyed("sale-1", first, -10)]
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(till.ledger.post(posting) for till in tills for posting in others)

    assert [type(result) for result in run(work())] == [KeyReused] * 6
    assert table_checksums() == before


def test_of_two_contents_that_race_for_one_key_exactly_one_is_recorded(
    open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=2)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(
                tills[(n + turn) % 2].ledger.post(shop.keyed(f"key-{n}", shop.customer_ids[turn], 10 + turn))
                for n in range(20)
                for turn in range(2)
            )

    results = run(work())
    assert {type(result) for result in results} == {Posted, KeyReused}
    for one, other in zip(results[::2], results[1::2], strict=True):
        assert {type(one), type(other)} == {Posted, KeyReused}
    assert run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s", shop.account.id) == [(20,)]


def test_a_refused_call_leaves_its_key_free(open_shop: Make) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    posting = shop.keyed("spend-1", customer, -10)
    with pytest.raises(InsufficientBalance):
        _post(shop, posting)
    _post(shop, shop.posting(customer, 10))
    assert _post(shop, posting).balance == 0


def test_a_key_answers_also_where_the_configuration_has_changed_since(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=1)
    posting = shop.keyed("sale-1", shop.customer_ids[0], 10)
    first = _post(shop, posting)
    with unit_of_work(shop.made.id):
        deactivate_campaign(account=shop.account, by=shop.made.owner, at=NOW, campaign_id=shop.campaign_ids["points"])

    async def work() -> tuple[Posted, Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            return await till.ledger.post(posting), await till.ledger.recall(shop.account.id, "sale-1")

    again, stored = run(work())
    assert again.is_replay
    assert _same(again) == _same(first)
    assert stored[0] == posting.fingerprint
    assert _same(stored[1]) == _same(first)


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_key_whose_customer_was_closed_since_is_answered_without_his_data(
    is_gone: bool, open_shop: Make, owner_url: str, app_role: str
) -> None:
    shop = open_shop(customer_count=2)
    customer, neighbour = shop.customer_ids
    posting = shop.keyed("sale-1", customer, 10)
    _post(shop, posting)
    with unit_of_work(shop.made.id):
        operations.close_customer(account=shop.account, customer_id=customer, by=shop.made.owner.id, at=NOW)
        if is_gone:
            erase(account=shop.account, customer_id=customer, by=shop.made.owner.id, at=NOW)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            calls = [till.ledger.post(posting), till.ledger.post(shop.posting(neighbour, 1))]
            return await outcomes([*calls, till.ledger.recall(shop.account.id, "sale-1")])

    again, other, stored = run(work())
    assert isinstance(again, CustomerNotFound)
    assert other.balance == 1
    assert stored[0] == posting.fingerprint
    assert stored[1] is None


# -- the duplicate guard -----------------------------------------------------------------------------------------------
def _guarded(shop: Shop, guard: str | None, at: Any = NOW) -> Posting:
    return shop.posting(
        shop.customer_ids[0], 10, at=at, guard=guard, guard_seconds=30, fingerprint=b"the same sale", context="{}"
    )


@pytest.mark.parametrize(("guard", "effects"), [(None, 12), ("flag", 12), ("first", 1)])
def test_the_duplicate_guard_under_concurrency(
    guard: str | None, effects: int, open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=1)
    posting = _guarded(shop, guard)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(tills[n % 2].ledger.post(posting) for n in range(12))

    results = run(work())
    assert {type(result) for result in results} == {Posted}
    assert run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s", shop.account.id) == [(effects,)]
    assert sum(result.is_replay for result in results) == (11 if guard == "first" else 0)
    assert sum(result.duplicate_of is not None for result in results) == (11 if guard == "flag" else 0)
    assert len({_same(result) for result in results}) == effects


@pytest.mark.parametrize("guard", ["flag", "first"])
def test_after_its_seconds_the_guard_takes_the_same_sale_for_a_new_one(guard: str, open_shop: Make) -> None:
    shop = open_shop(customer_count=1)
    first = _post(shop, _guarded(shop, guard))
    inside = _post(shop, _guarded(shop, guard, NOW + timedelta(seconds=29)))
    assert (inside.is_replay, inside.duplicate_of) == ((True, None) if guard == "first" else (False, first.entry_id))
    outside = _post(shop, _guarded(shop, guard, NOW + timedelta(seconds=60)))
    assert (outside.is_replay, outside.duplicate_of) == (False, None)
    assert outside.entry_id != first.entry_id


# -- nothing is written ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_answers_like_the_real_one_and_writes_nothing(
    kind: str, open_shop: Make, owner_url: str, app_role: str, table_checksums: Checksums
) -> None:
    shop = open_shop(kinds=[kind], customer_count=1)
    (customer,) = shop.customer_ids
    _post(shop, shop.posting(customer, 50, kind=kind))
    before = table_checksums()

    async def work(dry_run: bool) -> list[Any]:
        calls = [
            shop.posting(customer, 5, kind=kind, dry_run=dry_run, sends_mail=True),
            shop.keyed("k", customer, -20, kind=kind, dry_run=dry_run),
        ]
        async with workers(owner_url, app_role, 1) as (till,):
            return [await till.ledger.post(posting) for posting in calls]

    earned, spent = run(work(True))
    assert table_checksums() == before
    assert (earned.amount, earned.balance, earned.cumulative) == (5, 55, 55)
    assert (spent.amount, spent.balance, spent.cumulative) == (-20, 30, 50)
    assert [(real.amount, real.balance) for real in run(work(False))] == [(5, 55), (-20, 35)]


def _refused(shop: Shop) -> list[tuple[Posting, type[RegularsError]]]:
    customer = shop.customer_ids[0]
    return [
        (shop.posting(customer, -51), InsufficientBalance),
        (shop.posting(customer, 5, expected_balance=49), UnexpectedBalance),
        (shop.posting(customer, 2**63 - 1), InvalidParameter),
        (shop.posting(10**9, 5), CustomerNotFound),
        (shop.posting(customer, 5, customer_id=None, code="nobody"), CustomerNotFound),
        (shop.posting(customer, 5, customer_id=None, card_number="nobody"), CustomerNotFound),
        (shop.keyed("key-1", customer, -52), InsufficientBalance),
        (shop.posting(customer, -51, guard="first", guard_seconds=30, fingerprint=b"x", context="{}"), InsufficientBalance),
        (shop.posting(customer, -51, sends_mail=True, dry_run=True), InsufficientBalance),
    ]


def test_an_error_writes_nothing_and_does_not_touch_its_neighbours(
    open_shop: Make, owner_url: str, app_role: str, table_checksums: Checksums
) -> None:
    shop = open_shop(customer_count=2)
    customer, neighbour = shop.customer_ids
    _post(shop, shop.posting(customer, 50))
    before = table_checksums()

    async def work(with_neighbours: bool) -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            calls = []
            for posting, _ in _refused(shop):
                calls.append(till.ledger.post(posting))
                if with_neighbours:
                    calls.append(till.ledger.post(shop.posting(neighbour, 1)))
            return await outcomes(calls)

    expected = [error for _, error in _refused(shop)]
    assert [type(result) for result in run(work(False))] == expected
    assert table_checksums() == before
    mixed = run(work(True))
    assert [type(result) for result in mixed[::2]] == expected
    assert sorted(result.balance for result in mixed[1::2]) == list(range(1, len(expected) + 1))


def test_a_value_that_no_column_can_hold_fails_alone(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=2)
    customer, neighbour = shop.customer_ids
    broken = [
        shop.posting(customer, 2**70),
        shop.posting(customer, 1, description="\ud800"),
        shop.posting(customer, 1, description="\x00"),
        shop.posting(customer, 1, fields="{not json"),
        shop.posting(customer, 1, description="x" * 500),
    ]

    async def work() -> tuple[list[Any], list[Any]]:
        async with workers(owner_url, app_role, 1) as (till,):
            calls = []
            for posting in broken:
                calls += [till.ledger.post(posting), till.ledger.post(shop.posting(neighbour, 1))]
            mixed = await outcomes(calls)
            return mixed[::2], mixed[1::2]

    failed, others = run(work())
    assert all(isinstance(result, Exception) for result in failed)
    assert sorted(result.balance for result in others) == [1, 2, 3, 4, 5]


def test_the_same_call_sent_synchronously_and_by_a_worker_is_answered_alike(
    open_shop: Make, owner_url: str, app_role: str
) -> None:
    shop = open_shop(customer_count=2, kinds=KINDS)
    one, other = shop.customer_ids

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            return await outcomes(till.ledger.post(posting) for posting in calls(one))

    def calls(customer: int) -> list[Posting]:
        postings = [shop.posting(customer, 30, kind=kind, remainder=10**14 if kind == "points" else None) for kind in KINDS]
        postings += [shop.posting(customer, -7, kind=kind, description="Coffee") for kind in KINDS]
        return [*postings, *(shop.posting(customer, -999, kind=kind) for kind in KINDS)]

    def alike(result: Any) -> Any:
        if isinstance(result, Exception):
            return type(result)
        return (result.amount, result.balance, result.cumulative, result.pool_cumulative, result.is_replay)

    synchronous = in_threads([partial(_post, shop, posting) for posting in calls(other)], 1)
    assert [alike(result) for result in run(work())] == [alike(result) for result in synchronous]
