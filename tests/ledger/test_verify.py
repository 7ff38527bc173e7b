# SPDX-License-Identifier: Apache-2.0
"""``verify`` finds what is broken: damage done to the tables behind the ledger's back is named by its invariant."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from regulars.ledger.verify import CHECKS, verify
from tests.factories import make_campaign
from tests.ledger.counter import Counter, open_counter

DAMAGE = {
    "I1": "UPDATE ledger_balances SET balance = balance + 1 WHERE {of}",
    "I2": "UPDATE ledger_lots SET remaining = remaining - 1 WHERE {of} AND remaining > 0",
    "I3": "UPDATE ledger_balances SET debt = 5 WHERE {of}",
    "I4": "UPDATE ledger_lot_uses SET amount = amount + 1 WHERE {of_account}",
    "I5": "UPDATE ledger_balances SET next_change_at = NULL WHERE {of}",
    "I6": "ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only",
    "I7": "UPDATE ledger_reversals SET reversed_amount = reversed_amount + 1 WHERE {of_account}",
    "I8": "UPDATE ledger_keys SET result = jsonb_set(result, '{{amount}}', '999') WHERE {of_account}",
    "I10": "UPDATE customers_customers SET account_id = -1 WHERE {of_account}",
    "I11": "UPDATE ledger_memberships SET cumulative = cumulative + 1 WHERE {of}",
    "I12": "UPDATE ledger_reversals SET reversed_amount = 0 WHERE {of_account} AND entry_id IN"
    " (SELECT id FROM ledger_entries WHERE {of_account} AND kind = 'contribute')",
    "I13": "INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount,"
    " balance_after, version, user_id, description, occurred_at, recorded_at) SELECT account_id, -id, customer_id,"
    " campaign_id, pool_id, item_id, 'earn', 0, balance_after, version + 1, user_id, '', occurred_at, recorded_at"
    " FROM ledger_entries WHERE {of} ORDER BY version DESC LIMIT 1",
    "I15": "INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount,"
    " balance_after, version, user_id, description, occurred_at, recorded_at) SELECT account_id, -id, customer_id,"
    " campaign_id, pool_id, item_id, 'move', -balance_after, 0, version + 1, user_id, '', occurred_at, recorded_at"
    " FROM ledger_entries WHERE {of} ORDER BY version DESC LIMIT 1",
    "I17": "INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount,"
    " balance_after, version, user_id, description, occurred_at, recorded_at, purchase_minor, ratio_ppm, rounding)"
    " SELECT account_id, -id, customer_id, campaign_id, pool_id, item_id, 'earn', 0, balance_after, version + 1, user_id, '',"
    " occurred_at, recorded_at, 100, 1000000, 'down' FROM ledger_entries WHERE {of} ORDER BY version DESC LIMIT 1",
}


@pytest.fixture
def counter(run_as_owner: object) -> Counter:
    """Books with something of everything: expiry, debt paid, a reversal, a key, a contribution."""
    counter = open_counter(run_as_owner)  # type: ignore[arg-type]
    master = make_campaign(counter.shop.made)
    counter.shop.reload()
    counter.ages(30)
    leg = {
        "contribute_campaign_id": master.id, "contribute_pool_id": master.pool_id, "contribute_ppm": 100_000,
        "contribute_rules_version": counter.shop.account.rules_version,
    }  # fmt: skip
    entry = counter.earn(100, 0, idempotency_key="k", fingerprint=b"f", context="{}", **leg)
    counter.earn(50, 5)
    counter.spend(20, 6)
    counter.take_back(entry, 7, 60)
    return counter


@pytest.fixture
def damaged(owner_url: str) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    """A cursor of the owner whose work is undone."""
    with psycopg.connect(owner_url) as connection:
        yield connection.cursor()
        connection.rollback()


def test_every_invariant_of_the_books_has_a_way_to_break_it() -> None:
    assert {check.invariant for check in CHECKS} == set(DAMAGE)


@pytest.mark.parametrize("invariant", DAMAGE)
def test_what_is_broken_is_named(invariant: str, counter: Counter, damaged: psycopg.Cursor[tuple[object, ...]]) -> None:
    account = counter.shop.account.id
    assert verify(damaged, [account]) == []
    pool = counter.shop.campaign_ids["points"]
    of_account = f"account_id = {account}"
    of = f"{of_account} AND {'campaign_id' if 'memberships' in DAMAGE[invariant] else 'pool_id'} = {pool}"
    damaged.execute(DAMAGE[invariant].format(of=of, of_account=of_account).encode())
    if invariant != "I6":
        assert damaged.rowcount > 0
    found = verify(damaged, [account])
    assert invariant in {finding.invariant for finding in found}
    assert all(finding.offences for finding in found)


def test_progress_is_told_for_every_check(counter: Counter, damaged: psycopg.Cursor[tuple[object, ...]]) -> None:
    told: list[tuple[int, int]] = []
    verify(damaged, [counter.shop.account.id], lambda done, total, what: told.append((done, total)))
    assert told == [(number, len(CHECKS)) for number in range(len(CHECKS))]
