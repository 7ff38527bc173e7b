# SPDX-License-Identifier: Apache-2.0
"""Faults that are planted into the settlement's statements must not go unseen: the scan of every row finds each of them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from regulars.coalition import figures
from regulars.coalition.operations import following, switch_coalition
from regulars.kit.db import unit_of_work
from regulars.ledger import operations as ledger
from regulars.ledger.verify import verify
from tests.property.test_coalition_machine import CoalitionMachine
from tests.property.test_settlement_machine import SettlementMachine

DEBT_FLOW = "WHERE p.paid > 0\n) f GROUP BY"
FAULTS = {
    "the debt flow is dropped": ("_FLOWS", DEBT_FLOW, "WHERE p.paid > 0 AND false\n) f GROUP BY"),
    "what paid a debt is the debtor's own": (
        "_FLOWS", "SELECT lot_giver, d.giver, 'set_off', p.paid", "SELECT d.giver, d.giver, 'set_off', p.paid",
    ),
    "a redemption taken back returns to nobody": (
        "_FLOWS", "FROM made WHERE kind = 'reverse'", "FROM made WHERE kind = 'reverse' AND false",
    ),
    "the honouring store is the giver": (
        "_FLOWS", "THEN e.campaign_id ELSE e.giver END AS taker", "THEN of.giver ELSE e.giver END AS taker",
    ),
    "what the mall was given is the mall's": ("_FLOWS", "WHEN g.kind = 'contribute' AND", "WHEN false AND"),
    "losses are left out": ("_SUMS", "FROM named GROUP BY", "FROM named WHERE about <> 'expire' GROUP BY"),
    "late entries are counted twice": ("_SUMS", "sum(amount)::bigint", "(sum(amount) * 2)::bigint"),
}  # fmt: skip
"""Fault -> the statement, what stands in it, and what is put in its place."""


@pytest.fixture
def machine(owner_url: str) -> Iterator[SettlementMachine]:
    """A coalition of stores with a mall, in which everything that the faults are about has happened."""
    CoalitionMachine.owner_url = owner_url
    made = SettlementMachine()
    made.open(at_once=100, rounding="down")
    with unit_of_work(made.made.id):
        switch_coalition(account=made.made.fresh(), by=made.made.owner, at=made.at, on=True)
    yield made
    following.AT_ONCE_MAX = 100


def live(machine: SettlementMachine) -> None:
    """Stores give, honour, take back what was spent, and the mall honours what they gave; some of it is lost."""
    machine.earn("north", 0, 80)
    machine.spend("south", 0, 50)
    machine.owe("south", "east", 1, 60)  # looks at the statement, too
    machine.spend("north", 0, 30)
    spent = machine.entries[-1]
    with unit_of_work(machine.made.id):
        ledger.reverse(account=machine.made.fresh(), entry_id=spent, by=machine.made.owner.id, at=machine.at, amount=10)
    machine.ids["mall"] = machine.master
    machine.spend("mall", 0, 5)
    machine.wait(41)
    machine.settle()
    machine.scan()


def test_without_a_fault_the_scan_finds_none(machine: SettlementMachine) -> None:
    live(machine)
    machine.check()


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_planted_fault_is_found(fault: str, machine: SettlementMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    name, right, wrong = FAULTS[fault]
    statement: str = getattr(figures, name)
    assert right in statement, "the statement has changed: plant the fault anew"
    monkeypatch.setattr(figures, name, statement.replace(right, wrong))
    with pytest.raises(AssertionError):
        live(machine)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("{lines,0,issued}", "a closed settlement's lines add up to the entries it counted, of points and of money"),
        ("{flows,0,amount}", "in a closed settlement what stores honoured is what was redeemed in them"),
    ],
)
def test_a_closed_statement_that_is_not_the_books_is_found_by_verify(
    path: str, says: str, machine: SettlementMachine, owner_url: str
) -> None:
    live(machine)
    machine.close(1)
    machine.check()
    with psycopg.connect(owner_url) as database, database.cursor() as cursor:
        changed = "UPDATE coalition_settlements SET figures = jsonb_set(figures, %s, '999999') WHERE account_id = %s"
        cursor.execute(changed, [path, machine.made.id])
        found = [finding.says for finding in verify(cursor, [machine.made.id])]
        database.rollback()
    assert says in found
