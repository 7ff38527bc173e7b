# SPDX-License-Identifier: Apache-2.0
"""Who runs against whom, and one measured run of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks import dataset
from benchmarks.books import Books
from benchmarks.options import BenchmarkError
from benchmarks.pgbench import run_pgbench
from benchmarks.processes import Server, cpu_seconds
from benchmarks.rig import APPLICATION_OPTIONS, Rig
from benchmarks.wrk import Load, Target, run_wrk, write_plan


@dataclass(frozen=True, slots=True)
class Contestant:
    """``run(seconds, seed, begin)`` loads it, calling ``begin`` when what counts begins; ``server`` None = PostgreSQL alone."""

    key: str
    title: str
    run: Callable[[int, int, Callable[[], None]], Load]
    books: Books
    server: Server | None = None
    is_write: bool = True
    is_points_known: bool = False
    """Whether the answers say how many points were recorded."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. CPU in microseconds per call, of all processes of the server and of PostgreSQL; None = not known here."""

    load: Load
    server_us: float | None
    database_us: float | None
    complaints: list[str] = field(default_factory=list)


def measure(contestant: Contestant, rig: Rig, seconds: int, seed: int) -> Measured:
    """Run one contestant once and look into its books."""
    mark = contestant.books.mark()
    begun: list[tuple[float | None, float | None]] = []
    load = contestant.run(seconds, seed, lambda: begun.append(_cpu(contestant, rig)))
    after = _cpu(contestant, rig)
    before = begun[0] if begun else (None, None)
    if contestant.server is not None:
        contestant.server.refuse_dead()
    server_us, database_us = (
        None if first is None or last is None or not load.timed_calls else (last - first) * 1e6 / load.timed_calls
        for first, last in zip(before, after, strict=True)
    )
    complaints = contestant.books.complaints(
        mark, load, is_write=contestant.is_write, is_points_known=contestant.is_points_known
    )
    if load.failed:
        complaints.append(f"{load.failed} calls failed, the first with: {load.example or 'no answer'}")
    if not load.calls:
        complaints.append("no call succeeded")
    return Measured(load, server_us, database_us, complaints)


def _cpu(contestant: Contestant, rig: Rig) -> tuple[float | None, float | None]:
    server = cpu_seconds(contestant.server.pid) if contestant.server is not None else None
    return server, cpu_seconds(rig.database_pid)


class Field:
    """All contestants on one rig. ``only`` restricts which are made and whose servers are started."""

    def __init__(self, rig: Rig, workers: int, only: Sequence[str] = ()) -> None:
        self.rig = rig
        self.workers = workers
        self.peer_workers = rig.options.peer_workers or workers
        unknown = set(only) - set(MAKERS)
        if unknown:
            raise BenchmarkError(f"BENCH_CONTESTANTS: unknown {sorted(unknown)}; there are {', '.join(MAKERS)}")
        self.servers: dict[str, tuple[Server, str]] = {}
        self.own = Books(rig.url, "ledger_entries", "ledger_balances")
        self.plain = Books(rig.plain_url, "entries", "balances")
        self.peers = Books(rig.peer_url, "orm_peer_entry", "orm_peer_balance", amount="points")
        self.contestants = [make(self) for key, make in MAKERS.items() if not only or key in only]

    def server(self, name: str) -> tuple[Server, str]:
        """Return one of the servers plain, tls, peer with its address; started when first asked for."""
        if name not in self.servers:
            if name == "peer":
                self.servers[name] = self.rig.peer(workers=self.peer_workers)
            else:
                self.servers[name] = self.rig.regulars(workers=self.workers, secure=name == "tls")
        return self.servers[name]

    def over_http(self, key: str, title: str, server_name: str, targets: list[Target], amount: str) -> Contestant:
        """Make a contestant that wrk loads."""
        server, address = self.server(server_name)
        plan = write_plan(self.rig.folder / f"plan-{key}", targets)
        connections = self.rig.options.connections
        is_write = amount != "none"
        return Contestant(
            key=key,
            title=title,
            run=lambda seconds, seed, begin: run_wrk(
                url=address, plan=plan, seconds=seconds, connections=connections, seed=seed, amount=amount, begin=begin
            ),
            books=self.peers if server_name == "peer" else self.own,
            server=server,
            is_write=is_write,
            is_points_known=is_write,
        )

    def by_pgbench(self, key: str, title: str, books: Books, name: str) -> Contestant:
        """Make a contestant that pgbench loads: post, lookup or plain."""
        rig, options = self.rig, APPLICATION_OPTIONS
        if name == "plain":
            scripts, options = [dataset.write_plain_script(rig.options, rig.folder)], "-c jit=off"
        elif name == "post":
            scripts = dataset.write_post_scripts(rig.shops, rig.folder)
        else:
            scripts = dataset.write_lookup_scripts(rig.shops, rig.folder)
        return Contestant(
            key=key,
            title=title,
            run=lambda seconds, seed, begin: run_pgbench(
                url=books.url,
                scripts=scripts,
                seconds=seconds,
                connections=rig.options.connections,
                seed=seed,
                begin=begin,
                options=options,
            ),
            books=books,
            is_write=name != "lookup",
        )

    def sales(self) -> list[Target]:
        """Sales of all accounts' customers."""
        return sales_of(self.rig)

    def full_sales(self) -> list[Target]:
        """Sales of the customers of one account, who have every field filled."""
        shop = dataset.make_talkative_shop(self.rig.url, self.rig.options.customers // 10)
        return [shop.target("record_activity", campaign_id=shop.points.number)]

    def looks(self) -> list[Target]:
        """Look-ups of all accounts' customers."""
        return [shop.target("customer_info") for shop in self.rig.shops]

    def hot_sales(self) -> list[Target]:
        """Sales of one customer alone."""
        shop = self.rig.shops[0]
        return [shop.target("record_activity", only_first=True, campaign_id=shop.points.number)]


def sales_of(rig: Rig) -> list[Target]:
    """Return sales of all accounts' customers."""
    return [shop.target("record_activity", campaign_id=shop.points.number) for shop in rig.shops]


MAKERS: dict[str, Callable[[Field], Contestant]] = {
    "a": lambda field: field.over_http(
        "a", "record_activity, plain loopback as behind a TLS proxy", "plain", field.sales(), "random"
    ),
    "d": lambda field: field.by_pgbench("d", "pgbench: ledger_post() once per transaction", field.own, "post"),
    "a-tls": lambda field: field.over_http("a-tls", "record_activity over TLS", "tls", field.sales(), "random"),
    "a-4k": lambda field: field.over_http(
        "a-4k", "record_activity with receipts of 4 KB, all custom fields filled", "plain", field.full_sales(), "random"
    ),
    "f": lambda field: field.over_http("f", "Django ORM: the same sale", "peer", field.sales(), "random"),
    "b": lambda field: field.over_http("b", "customer_info, plain loopback", "plain", field.looks(), "none"),
    "d-lookup": lambda field: field.by_pgbench("d-lookup", "pgbench: ledger_lookup() once", field.own, "lookup"),
    "f-read": lambda field: field.over_http("f-read", "Django ORM: the same balance read", "peer", field.looks(), "none"),
    "c": lambda field: field.over_http("c", "record_activity of one hot card", "plain", field.hot_sales(), "10.00"),
    "e": lambda field: field.by_pgbench("e", "pgbench: hand-written insert + update transaction", field.plain, "plain"),
}
"""In the order in which they take turns: those that are compared stand beside each other."""
