# SPDX-License-Identifier: Apache-2.0
"""
A mall: ``python -m benchmarks.mall``. Does sharing balances cost throughput, and do the books stand it?

Two accounts on one database with as many stores and customers, one a coalition with a second tier that every store but the
first contributes to, the other neither; a third is a coalition alone. Sales come from all stores at once, to random customers,
each account in turns. The ratio is the median of the ratios of each round. Afterwards a third of the coalition's sales, drawn
at random, is taken back, and every invariant checked (I11 and I12 are those about malls) before and after. The figures and what
the checks came to are written to ``benchmarks/results/``.

BENCH_STORES (200), BENCH_CUSTOMERS (50000), BENCH_SECONDS, BENCH_ROUNDS, BENCH_CONNECTIONS, BENCH_WORKERS (1) as in README.md.
Exit codes: 0 measured and sound; 1 an invariant does not hold, an answer was wrong, or the ratio is below BAR; 2 not made.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from benchmarks import machine
from benchmarks.books import Books, unsound
from benchmarks.dataset import FIRST_CODE, SEED, SQL
from benchmarks.options import BenchmarkError, Options, say
from benchmarks.results import keep
from benchmarks.rig import Rig, configure_django_as_owner
from benchmarks.wrk import Target, require_wrk, run_wrk, write_plan
from regulars.ledger.verify import CHECKS

BAR = 0.8
NAMES = {"apart": "each store its own balance", "mall": "a coalition", "tiers": "a coalition with a second tier"}


@dataclass(frozen=True, slots=True)
class Mall:
    """One account: its id, and what wrk sends for each store."""

    account_id: int
    targets: list[Target]


class MallRig(Rig):
    """The database with the accounts; servers as in every other run."""

    malls: dict[str, Mall]

    def _make_data(self) -> None:
        started = time.monotonic()
        configure_django_as_owner(self.url, self._key)
        stores = int(os.environ.get("BENCH_STORES", "200"))
        self.malls = {name: _make(self.url, name, stores, self.options.customers) for name in NAMES}
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        say(f"{len(self.malls)} accounts with {stores} stores and {self.options.customers} customers each "
            f"({time.monotonic() - started:.0f} s)")  # fmt: skip


def _make(url: str, name: str, stores: int, customers: int) -> Mall:
    from regulars.accounts.codes import open_module  # these need a configured Django
    from regulars.accounts.queries import get_account_config
    from regulars.campaigns.operations import create_campaign
    from regulars.kit.db import unit_of_work
    from regulars.transactions.account_modules import ModuleChange, change_modules
    from regulars.users.opening import create_account

    rng, at = random.Random(f"{SEED} {name}"), datetime.now(UTC) - timedelta(days=30)
    made = create_account(code=f"bench_{name}", biz_name=name, at=at, currency="EUR", state="active", rng=rng)
    account_id = made.account.id

    def change(what: ModuleChange, module: str) -> None:
        open_module(account=get_account_config(account_id), module=module)
        change_modules(account=get_account_config(account_id), by=made.owner, at=at, change=what)

    with unit_of_work(account_id):
        if name != "apart":
            change(ModuleChange(coalition="on"), "coalition")
        account = get_account_config(account_id)
        numbers = []
        for number in range(stores + 1):
            created = create_campaign(
                account=account, by=made.owner, at=at, kind="points", name=f"Store {number}", points_ratio_ppm=10_000_000,
                coalition_opt_out=not number, rng=rng,
            )  # fmt: skip
            numbers.append(created.number)
        if name == "tiers":
            master = get_account_config(account_id).campaigns[numbers[0]].id
            change(ModuleChange(master_campaign_id=master, contribution_ppm=100_000), "two_tier")
    with psycopg.connect(url, autocommit=True) as connection:
        values = {"account_id": account_id, "first_code": FIRST_CODE, "count": customers, "at": at}
        connection.execute((SQL / "customers.sql").read_bytes(), values)
    form = {"type": "record_activity", "account_id": account.code, "user_id": made.owner.code, "user_api_key": made.token}
    targets = [Target(FIRST_CODE, FIRST_CODE + customers - 1, {**form, "campaign_id": number}) for number in numbers[1:]]
    return Mall(account_id, targets)


def bench(rig: MallRig) -> tuple[dict[str, list[float]], list[str]]:
    """Load each account in turns; return sales per second of each round, and what was wrong."""
    options = rig.options
    _, address = rig.regulars(workers=options.workers or 1, secure=False)
    plans = {name: write_plan(rig.folder / f"plan-{name}", mall.targets) for name, mall in rig.malls.items()}
    books = Books(rig.url, "ledger_entries", "ledger_balances")
    speeds: dict[str, list[float]] = {name: [] for name in rig.malls}
    complaints: list[str] = []
    for number in range(options.rounds + 1):
        for name in rig.malls if number % 2 else reversed(rig.malls):
            mark = books.mark()
            load = run_wrk(
                url=address, plan=plans[name], seconds=options.seconds if number else 3, connections=options.connections,
                seed=number, amount="random",
            )  # fmt: skip
            # A sale of a tiered account is two lines where it contributes: rows are compared by verify, sums here.
            gained = books.mark().balance_total - mark.balance_total
            if load.failed or (name != "tiers" and gained != load.points):
                complaints.append(f"{name}, round {number}: {load.failed} failed, {load.points} answered, {gained} booked")
            say(f"round {number} {name:6}{load.per_second:9,.0f}/s  {NAMES[name]}")
            if number:
                speeds[name].append(load.per_second)
    return speeds, complaints


def reverse_a_third(rig: MallRig, name: str) -> int:
    """Take back every third sale of an account, drawn at random; return how many."""
    from regulars.accounts.queries import get_account_config
    from regulars.kit.db import unit_of_work
    from regulars.ledger.operations import reverse

    account = get_account_config(rig.malls[name].account_id)
    owner = next(user for user in account.users.values() if user.is_owner)
    with psycopg.connect(rig.url) as connection:
        rows = connection.execute("SELECT id FROM ledger_entries WHERE account_id = %s AND kind = 'earn'", [account.id])
        sales = [row[0] for row in rows.fetchall()]
    chosen = random.Random(SEED).sample(sales, len(sales) // 3)
    for first in range(0, len(chosen), 100):
        with unit_of_work(account.id):
            for entry_id in sorted(chosen[first : first + 100]):
                reverse(account=account, entry_id=entry_id, by=owner.id, at=datetime.now(UTC))
    return len(chosen)


def _entries(rig: MallRig) -> dict[str, int]:
    """Return how many sales each account has."""
    with psycopg.connect(rig.url) as connection:
        rows = connection.execute("SELECT account_id, count(*) FROM ledger_entries WHERE kind = 'earn' GROUP BY 1").fetchall()
    counts: dict[int, int] = dict(rows)
    return {name: counts.get(mall.account_id, 0) for name, mall in rig.malls.items()}


def main() -> int:
    """Measure, check, take back, check again; print the ratios."""
    try:
        options = replace(Options.from_environment(), **_defaults())
        require_wrk()
        options.directory.mkdir(parents=True, exist_ok=True)
        machine.refuse_memory_disk(options.directory)
        with MallRig(options) as rig:
            stores, started = len(rig.malls["mall"].targets), time.monotonic()
            speeds, complaints = bench(rig)
            proof: dict[str, Any] = {"sales": _entries(rig), "broken after the load": unsound(rig.url)}
            proof["taken back"] = {name: reverse_a_third(rig, name) for name in ("mall", "tiers")}
            proof["broken after taking back"] = unsound(rig.url)
            proof["checked"] = sorted({check.invariant for check in CHECKS})
            complaints += proof["broken after the load"] + proof["broken after taking back"]
            say(f"taken back: {proof['taken back']}; all checked ({time.monotonic() - started:.0f} s)")
    except BenchmarkError as error:
        say(str(error))
        return 2
    ratios = {}
    for name in ("mall", "tiers"):
        ratio = ratios[name] = statistics.median(one / other for one, other in zip(speeds[name], speeds["apart"], strict=True))
        print(f"{NAMES[name]} / {NAMES['apart']}: {ratio:.2f} ({', '.join(f'{speed:,.0f}/s' for speed in speeds[name])})")
        if name == "mall" and ratio < BAR:
            complaints.append(f"the coalition is below {BAR} x")
    file = keep(
        "mall", datetime.now(UTC).date(), stores=stores, customers=options.customers, seconds=options.seconds,
        connections=options.connections, workers=options.workers or 1, bar=BAR,
        sales_per_second={name: [round(speed, 1) for speed in each] for name, each in speeds.items()},
        ratios={f"{NAMES[name]} / {NAMES['apart']}": round(ratio, 3) for name, ratio in ratios.items()},
        proof=proof, complaints=complaints,
    )  # fmt: skip
    say(f"written: benchmarks/results/{file.name}")
    for complaint in complaints:
        say(f"WRONG: {complaint}")
    return 1 if complaints else 0


def _defaults() -> dict[str, Any]:
    return {} if "BENCH_CUSTOMERS" in os.environ else {"customers": 50_000}


if __name__ == "__main__":
    sys.exit(main())
