# SPDX-License-Identifier: Apache-2.0
"""No interleaving of workers, threads and plain callers overdraws a balance or loses a lot (I1 to I5, I7, I13)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from regulars.accounts.operations import change_state
from regulars.campaigns.operations import add_depreciation, add_fee, deactivate_campaign, update_campaign
from regulars.errors import AlreadyReversed, InsufficientBalance, InvalidParameter, StaleConfiguration
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.books import Posted, Posting, Reversed
from regulars.users.operations import delete_user, rotate_token
from tests.concurrency.workers import KINDS, NOW, Shop, in_threads, outcomes, run, workers
from tests.factories import make_user


def _post(shop: Shop, posting: Posting) -> Posted:
    with unit_of_work(shop.account.id):
        return operations.post(shop.account, posting)


def _reverse(shop: Shop, entry_id: int, amount: int | None = None, at: Any = NOW) -> Reversed:
    with unit_of_work(shop.account.id):
        return operations.reverse(account=shop.account, entry_id=entry_id, by=shop.made.owner.id, at=at, amount=amount)


def _balances(run_as_owner: Callable[..., list[tuple[Any, ...]]], shop: Shop) -> dict[int, int]:
    rows = run_as_owner(
        "SELECT customer_id, sum(balance) FROM ledger_balances WHERE account_id = %s GROUP BY 1", shop.account.id
    )
    return {row[0]: int(row[1]) for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_redemptions_from_three_workers_never_overdraw(
    kind: str, open_shop: Callable[..., Shop], owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(kinds=[kind], customer_count=1)
    (customer,) = shop.customer_ids

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 3) as tills:
            await tills[0].ledger.post(shop.posting(customer, 100, kind=kind))
            return await outcomes(tills[n % 3].ledger.post(shop.posting(customer, -7, kind=kind)) for n in range(60))

    results = run(work())
    done = [result for result in results if isinstance(result, Posted)]
    assert len(done) == 100 // 7
    assert {type(result) for result in results} == {Posted, InsufficientBalance}
    assert sorted(result.balance for result in done) == [100 - 7 * n for n in range(14, 0, -1)]
    assert _balances(run_as_owner, shop) == {customer: 100 - 7 * 14}


def test_workers_and_plain_callers_share_one_balance_exactly(
    open_shop: Callable[..., Shop], owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    _post(shop, shop.posting(customer, 50))

    async def from_workers() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(tills[n % 2].ledger.post(shop.posting(customer, 1 if n % 4 == 0 else -2)) for n in range(120))

    def from_plain_callers(seed: int) -> int:
        total = 0
        for n in range(15):
            amount = 1 if (n + seed) % 3 == 0 else -2
            try:
                total += _post(shop, shop.posting(customer, amount)).amount
            except InsufficientBalance:
                assert amount < 0
        return total

    results = in_threads([lambda: run(from_workers()), partial(from_plain_callers, 1), partial(from_plain_callers, 2)], 3)
    posted = [result for result in results[0] if isinstance(result, Posted)]
    assert {type(result) for result in results[0]} <= {Posted, InsufficientBalance}
    total = 50 + sum(result.amount for result in posted) + results[1] + results[2]
    assert _balances(run_as_owner, shop) == {customer: total}
    assert total >= 0


def test_earning_redeeming_and_reversing_at_once_keep_the_lots_exact(
    open_shop: Callable[..., Shop], owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    """verify (I1 to I13) of the fixture is the judge of the lots; here the balance is what the answers say."""
    shop = open_shop(customer_count=2)
    first = [_post(shop, shop.posting(customer, 40)) for customer in shop.customer_ids for _ in range(5)]
    spent = [_post(shop, shop.posting(customer, -60)) for customer in shop.customer_ids for _ in range(3)]

    async def from_workers() -> list[Any]:
        rng = random.Random(7)
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(
                tills[n % 2].ledger.post(shop.posting(rng.choice(shop.customer_ids), rng.choice([5, 9, -4, -11])))
                for n in range(160)
            )

    def from_panel(seed: int) -> list[Any]:
        rng = random.Random(seed)
        taken = []
        for entry in rng.sample(first + spent, 12):
            try:
                taken.append(_reverse(shop, entry.entry_id, rng.choice([None, 3, 17])))
            except (AlreadyReversed, InvalidParameter) as error:
                taken.append(error)
        return taken

    results = in_threads([lambda: run(from_workers()), partial(from_panel, 1), partial(from_panel, 2)], 3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert {type(result) for result in results[0]} <= {Posted, InsufficientBalance}
    reversals = [result for result in results[1] + results[2] if isinstance(result, Reversed) and not result.is_replay]
    assert reversals
    total = sum(entry.amount for entry in first + spent)
    total += sum(result.amount for result in results[0] if isinstance(result, Posted))
    total += sum(result.amount for result in reversals)
    assert sum(_balances(run_as_owner, shop).values()) == total


def test_the_same_transaction_reversed_from_many_sides_is_taken_back_once(
    open_shop: Callable[..., Shop], run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    earned = _post(shop, shop.posting(customer, 80))
    results = in_threads([partial(_reverse, shop, earned.entry_id)] * 8)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(not result.is_replay for result in results) == 1
    assert {(result.entry_id, result.amount, result.balance, result.reversed_total) for result in results} == {
        (results[0].entry_id, -80, 0, 80)
    }
    assert run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s AND kind = 'reverse'", shop.account.id) == [
        (1,)
    ]


def test_parts_reversed_from_many_sides_never_exceed_the_original(open_shop: Callable[..., Shop], run_as_owner: Any) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    _post(shop, shop.posting(customer, 100))
    spent = _post(shop, shop.posting(customer, -90))
    results = in_threads([partial(_reverse, shop, spent.entry_id, 20)] * 8)
    taken = [result for result in results if isinstance(result, Reversed)]
    assert sorted(result.reversed_total for result in taken) == [20, 40, 60, 80]
    assert {type(result) for result in results} == {Reversed, InvalidParameter}
    assert _balances(run_as_owner, shop) == {customer: 90}


def test_what_falls_due_is_booked_once_whoever_comes_first(
    open_shop: Callable[..., Shop], owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=6)
    where = {"by": shop.made.owner, "at": NOW, "campaign_id": shop.campaign_ids["points"]}
    with unit_of_work(shop.made.id):
        add_depreciation(
            account=shop.made.fresh(), **where, basis="per_transaction", interval_count=30, interval_unit="days",
            percentage_ppm=500_000,
        )  # fmt: skip
    with unit_of_work(shop.made.id):
        add_fee(account=shop.made.fresh(), **where, interval_count=10, interval_unit="days", amount=3, description="Fee")
    shop.reload()
    later = NOW + timedelta(days=31)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 3) as tills:
            for customer in shop.customer_ids:
                await tills[0].ledger.post(shop.posting(customer, 100))
            return await outcomes(
                tills[n % 3].ledger.post(shop.posting(shop.customer_ids[n % 6], -1, at=later)) for n in range(48)
            )

    results = run(work())
    assert [result for result in results if not isinstance(result, Posted)] == []
    # 100, less three fees of 3, less half of what is left at day 30 (age first, then the fee), less eight redemptions
    assert set(_balances(run_as_owner, shop).values()) == {(100 - 6) // 2 - 3 - 8}
    assert run_as_owner(
        "SELECT kind, count(*) FROM ledger_entries WHERE account_id = %s AND kind IN ('expire', 'fee') GROUP BY 1 ORDER BY 1",
        shop.account.id,
    ) == [("expire", 6), ("fee", 18)]


def test_a_stale_snapshot_is_refused_and_the_reloaded_one_accepted(
    open_shop: Callable[..., Shop], owner_url: str, app_role: str, table_checksums: Callable[[], dict[str, str]]
) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids
    with unit_of_work(shop.made.id):
        update_campaign(
            account=shop.account,
            by=shop.made.owner,
            at=NOW,
            campaign_id=shop.campaign_ids["points"],
            points_ratio_ppm=5_000_000,
        )
    stale = shop.posting(customer, 5)
    shop.reload()

    async def work() -> None:
        async with workers(owner_url, app_role, 1) as tills:
            before = table_checksums()
            with pytest.raises(StaleConfiguration):
                await tills[0].ledger.post(stale)
            assert table_checksums() == before
            assert (await tills[0].ledger.post(shop.posting(customer, 5))).balance == 5

    run(work())


@pytest.mark.parametrize("what", ["token revoked", "user deleted", "campaign on hold", "account suspended"])
def test_what_was_withdrawn_binds_from_the_very_next_posting(
    what: str, open_shop: Callable[..., Shop], owner_url: str, app_role: str
) -> None:
    shop = open_shop(customer_count=1)
    clerk = make_user(shop.made)
    shop.reload()
    (customer,) = shop.customer_ids
    posting = shop.posting(customer, 5, user_id=clerk.user.id)
    where = {"account": shop.account, "by": shop.made.owner, "at": NOW}
    with unit_of_work(shop.made.id):
        if what == "token revoked":
            rotate_token(**where, code=clerk.code)
        elif what == "user deleted":
            delete_user(**where, code=clerk.code)
        elif what == "campaign on hold":
            deactivate_campaign(**where, campaign_id=shop.campaign_ids["points"])
        else:
            change_state(account=shop.account, state="suspended")

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            return await outcomes(till.ledger.post(posting) for till in tills)

    assert [type(result) for result in run(work())] == [StaleConfiguration, StaleConfiguration]
