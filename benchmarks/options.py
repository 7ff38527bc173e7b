# SPDX-License-Identifier: Apache-2.0
"""What a run is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


class BenchmarkError(RuntimeError):
    """The run can not go on, or found something wrong; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one run; each has its environment variable beside it."""

    seconds: int = 10
    """BENCH_SECONDS: how long each contestant runs in each round."""
    rounds: int = 3
    """BENCH_ROUNDS: medians are taken over these."""
    connections: int = 64
    """BENCH_CONNECTIONS: of the load generators."""
    customers: int = 100_000
    """BENCH_CUSTOMERS: in all, spread over the accounts."""
    accounts: int = 10
    """BENCH_ACCOUNTS."""
    workers: int = 0
    """BENCH_WORKERS: API processes; 0 = try 1 and 2 and take the better."""
    peer_workers: int = 0
    """BENCH_PEER_WORKERS: processes of the ORM peer; 0 = as many as API processes."""
    contestants: tuple[str, ...] = ()
    """BENCH_CONTESTANTS: comma list of those to run; empty = all."""
    directory: Path = ROOT / "build" / "bench"
    """BENCH_DIRECTORY: where the databases are made (and removed again); a real disk."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Options:
        """Read the options. Raises BenchmarkError naming the variable."""
        env = os.environ if environment is None else environment
        standard = cls()
        names = env.get("BENCH_CONTESTANTS", "")
        options = cls(
            seconds=number_from(env, "BENCH_SECONDS", standard.seconds, 1, 600),
            rounds=number_from(env, "BENCH_ROUNDS", standard.rounds, 1, 50),
            connections=number_from(env, "BENCH_CONNECTIONS", standard.connections, 2, 150),
            customers=number_from(env, "BENCH_CUSTOMERS", standard.customers, 100, 10_000_000),
            accounts=number_from(env, "BENCH_ACCOUNTS", standard.accounts, 1, 1_000),
            workers=number_from(env, "BENCH_WORKERS", 0, 0, 64),
            peer_workers=number_from(env, "BENCH_PEER_WORKERS", 0, 0, 64),
            contestants=tuple(name.strip() for name in names.split(",") if name.strip()),
            directory=Path(env.get("BENCH_DIRECTORY", "") or ROOT / "build" / "bench").resolve(),
        )
        if options.customers % options.accounts:
            raise BenchmarkError("BENCH_CUSTOMERS must be a multiple of BENCH_ACCOUNTS")
        return options


def number_from(environment: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    raw = environment.get(name, "")
    if not raw:
        return default
    if not (raw.isascii() and raw.isdecimal()) or not minimum <= int(raw) <= maximum:
        raise BenchmarkError(f"{name} must be a whole number from {minimum} to {maximum}")
    return int(raw)


def say(line: str) -> None:
    """Print one line of progress at once."""
    print(f"bench: {line}", flush=True)
