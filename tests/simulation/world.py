# SPDX-License-Identifier: Apache-2.0
"""
A world in which everything goes wrong, the same way each time: ``live(seed)``.

Tills send what they have to do to a ledger over a network that loses requests, loses answers, delivers twice and late; the
server dies before and after it commits, and its clock is set back and forward; owners change rules and people merge records
meanwhile. A till that has no answer asks again under its key, as client libraries do. All of it - clock, keys, faults, order -
comes from one ``random.Random(seed)``; only the database is real. Nothing runs at the same time: concurrency is
tests/concurrency's and tests/torture's.

At the end the network heals, every till gets its answers, and then: each thing was done once or refused for a true reason,
each till's own books are the ledger's, and every invariant holds.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.operations import add_promotion
from regulars.errors import Conflict, InsufficientBalance, NotFound, StaleConfiguration
from regulars.jobs.settlement import settle_due
from regulars.kit.db import unit_of_work
from regulars.transactions.merge import merge_customers
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.queries import get_transaction
from regulars.transactions.redeem import money_spending, points_spending
from regulars.transactions.reverse import delete_transaction, reverse_transaction
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_depreciation, make_fee

STEPS = 60
CUSTOMERS = 4
KINDS = {"sale": 10, "spend": 5, "back": 3, "delete": 1}
FATES = {"fine": 10, "answer lost": 3, "request lost": 2, "twice": 2, "late": 2, "died before": 1, "died after": 1}
EVENTS = {"send": 20, "late arrives": 3, "clock": 3, "rule": 1, "merge": 1, "job": 1}
CLOCK = {
    timedelta(seconds=1): 20, timedelta(hours=5): 8, timedelta(days=9): 4, timedelta(days=40): 1,
    timedelta(minutes=-2): 2, timedelta(hours=-3): 1,
}  # fmt: skip


class Died(Exception):
    """The server is gone, and what it had not committed."""


@dataclass
class Task:
    """What a till has to get done. ``answer``: (entry id, amount), or the code of the error that refused it."""

    key: str
    kind: str
    customer: int
    campaign: str
    amount: int
    of: Task | None = None
    """What is taken back."""
    answer: tuple[int, int] | str | None = None
    effects: int = 0
    """How often it changed the books."""


@dataclass
class World:
    """One seed's world."""

    rng: random.Random
    made: MadeAccount
    at: datetime
    account: AccountConfig
    """What the server believes the account's settings are: it may be old."""
    customers: list[int]
    """Ids by number; after a merge two numbers have the same."""
    tasks: list[Task] = field(default_factory=list)
    late: list[Task] = field(default_factory=list)
    truth: Counter[tuple[int, str]] = field(default_factory=Counter)
    """What each customer has of each campaign without losses, as the commits went by."""
    has_keys: bool = True
    story: list[str] = field(default_factory=list)
    """What happened, in words: two lives of one seed have the same."""

    def campaign(self, name: str) -> CampaignConfig:
        return next(each for each in self.account.campaigns.values() if each.name == name)

    def tell(self, *words: object) -> None:
        self.story.append(" ".join(map(str, words)))


def live(seed: int, *, has_keys: bool = True) -> World:
    """
    Live through one seed to its end; what is wrong is an AssertionError that names the seed. ``has_keys`` False: tills ask
    again without saying that it is the same, which must be noticed.
    """
    rng = random.Random(seed)
    world = _begin(rng)
    world.has_keys = has_keys
    try:
        for _ in range(STEPS):
            _happen(world)
        _heal(world)
        _compare(world)
    except AssertionError as error:
        last = "\n  ".join(world.story[-25:])
        raise AssertionError(f"python -m tests.simulation --seed {seed}\n  {last}\n{error}") from error
    return world


def digest(world: World) -> str:
    """Return a fingerprint of everything that happened."""
    return hashlib.sha256("\n".join(world.story).encode()).hexdigest()


def _begin(rng: random.Random) -> World:
    made = make_account(at=NOW)
    make_campaign(made, name="Points", points_ratio_ppm=rng.choice([500_000, 1_000_000, 3_333_333]))
    make_campaign(made, kind="giftcard", name="Card")
    losing = make_campaign(made, name="Losing", points_ratio_ppm=1_000_000)
    make_depreciation(made, losing, interval_count=30, interval_unit="days", percentage_ppm=500_000)
    make_fee(made, losing, interval_count=20, interval_unit="days", amount=3)
    customers = [make_customer(made, code=f"c{number}").id for number in range(CUSTOMERS)]
    return World(rng, made, NOW, made.fresh(), customers)


def _draw(rng: random.Random, weights: dict[Any, int]) -> Any:
    return rng.choices(list(weights), list(weights.values()))[0]


# -- what happens ------------------------------------------------------------------------------------------------------
def _happen(world: World) -> None:
    world.at += _draw(world.rng, CLOCK)
    match _draw(world.rng, EVENTS):
        case "send":
            _send(world, _next_task(world))
        case "late arrives" if world.late:
            task = world.late.pop(world.rng.randrange(len(world.late)))
            world.tell("arrives late:", task.key)
            _arrive(world, task)
        case "clock":
            world.at += timedelta(days=world.rng.randint(-2, 35))
            world.tell("the clock is set to", world.at)
        case "rule":
            fresh = world.made.fresh()  # somebody at the panel: the server's own snapshot grows old
            campaign = next(each for each in fresh.campaigns.values() if each.name == "Losing")
            with unit_of_work(world.made.id):
                add_promotion(
                    account=fresh, by=world.made.owner, at=world.at, campaign_id=campaign.id, operation="x",
                    description=f"times two {len(world.story)}", multiplier_ppm=2_000_000,
                )  # fmt: skip
            world.tell("a rule is added")
        case "merge":
            _merge(world)
        case "job":
            count = settle_due(account=world.made.fresh(), at=world.at)
            world.tell("the job settles", count)


def _next_task(world: World) -> Task:
    """Something that waits for its answer, or something new."""
    rng = world.rng
    waiting = [task for task in world.tasks if task.answer is None]
    if waiting and rng.random() < 0.6:
        return rng.choice(waiting)
    kind, key = _draw(rng, KINDS), f"key {len(world.tasks)}"
    done = [task for task in world.tasks if task.kind in ("sale", "spend") and isinstance(task.answer, tuple)]
    if kind in ("back", "delete") and done:
        of = rng.choice(done)
        task = Task(key, kind, of.customer, of.campaign, 0, of=of)
    else:
        kind = "spend" if kind == "spend" else "sale"
        name = rng.choice(["Points", "Card", "Losing"])
        task = Task(key, kind, rng.randrange(CUSTOMERS), name, rng.randint(1, 3000) if kind == "sale" else rng.randint(1, 90))
    world.tasks.append(task)
    return task


def _send(world: World, task: Task) -> None:
    """Send it once, with whatever becomes of it on the way."""
    fate = _draw(world.rng, FATES)
    world.tell(task.key, task.kind, f"c{task.customer}", task.campaign, task.amount, "-", fate)
    match fate:
        case "fine":
            task.answer = _arrive(world, task)
        case "answer lost":
            _arrive(world, task)
        case "died after":
            _arrive(world, task)
            world.account = world.made.fresh()
        case "twice":
            first, second = _arrive(world, task), _arrive(world, task)
            # A refusal is no promise: between the two nothing happened, so here it is the same.
            assert first == second, f"{task.key}: {first}, then {second}"
            task.answer = second
        case "late":
            world.late.append(task)
        case "died before":
            _arrive(world, task, dies=True)
            world.account = world.made.fresh()


def _arrive(world: World, task: Task, *, dies: bool = False) -> tuple[int, int] | str | None:
    """What the server does with a request; None where it died before it committed."""
    for _ in range(2):
        try:
            with unit_of_work(world.made.id):
                answer, effect = _carry_out(world, task)
                if dies:
                    raise Died
        except StaleConfiguration:
            world.account = world.made.fresh()  # as the edge does: load it anew and try once more
            world.tell("the server reads the settings anew")
            continue
        except Died:
            return None
        except (InsufficientBalance, Conflict, NotFound) as error:
            if isinstance(error, InsufficientBalance) and task.campaign != "Losing":
                has = _has(world, task)
                assert has < task.amount, f"{task.key} was refused with {has} at hand"
            world.tell("refused:", error.code)
            return error.code
        _note(world, task, answer, effect)
        return answer
    raise AssertionError(f"{task.key}: the settings were old twice in a row")


def _carry_out(world: World, task: Task) -> tuple[tuple[int, int], int]:
    """Return the answer (entry id, amount), and by how much the books were changed now."""
    account, by, at = world.account, world.made.owner, world.at
    if task.of is not None:
        assert isinstance(task.of.answer, tuple)
        recorded = get_transaction(account=account, by=by, entry_id=task.of.answer[0])
        if task.kind == "delete":
            left = recorded.left if not recorded.is_deleted else 0
            delete_transaction(account=account, by=by, at=at, recorded=recorded)
            return (recorded.entry_id, recorded.amount), -left if recorded.amount > 0 else left
        back = reverse_transaction(account=account, by=by, at=at, recorded=recorded)
        effect = 0 if back.reversal.is_replay else back.reversal.amount
        return (back.reversal.entry_id, back.reversal.amount), effect
    campaign = world.campaign(task.campaign)
    terms = Terms(
        occurred_at=at, recorded_at=at, code=f"c{task.customer}",
        idempotency_key=task.key if world.has_keys else None, fingerprint=task.key.encode(),
    )  # fmt: skip
    if task.kind == "sale":
        posted = record_activity(account=account, by=by, campaign=campaign, terms=terms, amount_minor=task.amount).posted
    else:
        spending = money_spending(account, task.amount) if campaign.is_money else points_spending(task.amount)
        posted = redeem(account=account, by=by, campaign=campaign, terms=terms, spending=spending).posted
    return (posted.entry_id, posted.amount), 0 if posted.is_replay else posted.amount


def _note(world: World, task: Task, answer: tuple[int, int], effect: int) -> None:
    world.tell("done:", task.key, answer[1], "now" if effect else "before", effect)
    if isinstance(task.answer, tuple):
        assert answer == task.answer, f"{task.key}: first {task.answer}, now {answer}"
    if effect:
        task.effects += 1
        world.truth[world.customers[task.customer], task.campaign] += effect


def _has(world: World, task: Task) -> int:
    return world.truth[world.customers[task.customer], task.campaign]


def _merge(world: World) -> None:
    """Two records become one; the tills go on with both codes."""
    stays, goes = world.rng.sample(range(CUSTOMERS), 2)
    to, gone = world.customers[stays], world.customers[goes]
    if to == gone:
        return
    try:
        with unit_of_work(world.made.id):
            merge_customers(account=world.account, by=world.made.owner, at=world.at, customer_id=to, gone_id=gone)
    except StaleConfiguration:
        world.account = world.made.fresh()
        return
    world.customers = [to if each == gone else each for each in world.customers]
    for name in ("Points", "Card", "Losing"):
        world.truth[to, name] += world.truth.pop((gone, name), 0)
    world.tell("merged:", f"c{goes} into c{stays}")


# -- the end -----------------------------------------------------------------------------------------------------------
def _heal(world: World) -> None:
    """What is late arrives, in any order, and every till asks until it has an answer."""
    world.rng.shuffle(world.late)
    for task in world.late:
        _arrive(world, task)
    for task in world.tasks:
        if task.answer is None:
            task.answer = _arrive(world, task)


def _compare(world: World) -> None:
    from django.db import connection

    for task in world.tasks:
        assert task.effects <= 1, f"{task.key} was done {task.effects} times"
        if isinstance(task.answer, tuple) and task.kind in ("sale", "spend") and task.answer[1]:
            assert task.effects == 1, f"{task.key} was answered {task.answer} and never done"
    ids = {each.name: each.id for each in world.account.campaigns.values()}
    with unit_of_work(world.made.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, campaign_id, sum(amount) FROM ledger_entries WHERE account_id = %s GROUP BY 1, 2",
            [world.made.id],
        )
        sums = {(int(row[0]), int(row[1])): int(row[2]) for row in cursor.fetchall()}
        cursor.execute("SELECT count(*), count(DISTINCT key) FROM ledger_keys WHERE account_id = %s", [world.made.id])
        kept = cursor.fetchone()
    assert kept is not None
    keyed = [task for task in world.tasks if task.kind in ("sale", "spend") and isinstance(task.answer, tuple)]
    assert kept[0] == kept[1] == len(keyed), f"{kept} keys, {len(keyed)} tasks done"
    for (customer, name), amount in world.truth.items():
        if name != "Losing":
            of_it = {found: total for (found, campaign), total in sums.items() if campaign == ids[name]}
            of_his = sum(total for found, total in of_it.items() if _survivor(world, found) == customer)
            assert of_his == amount, f"customer {customer}, {name}: the tills know of {amount}, the ledger of {of_his}"


def _survivor(world: World, customer_id: int) -> int:
    from regulars.customers.queries import find_survivor_id

    with unit_of_work(world.made.id):
        found = find_survivor_id(account=world.account, customer_id=customer_id)
    assert found is not None
    return found
