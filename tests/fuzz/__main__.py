# SPDX-License-Identifier: Apache-2.0
"""
``python -m tests.fuzz [--runs N] [--seed S] [--atheris]``: many inputs against the parser; ``make fuzz`` runs a million.

Mutates the corpus (tests/fuzz/corpus and every request of tests/contract) in as many processes as there are processors. With
--atheris, coverage leads instead, in one process. A failing input is written to tests/fuzz/corpus, where the suite finds it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

from tests.fuzz.mutation import WORDS, inputs

CORPUS = Path(__file__).with_name("corpus")
CONTRACT = Path(__file__).parents[1] / "contract"
CHUNK = 5_000
FORM, MULTIPART, PARAMS, KIND, TREE = (bytes([number, 0]) for number in range(5))
"""The first two bytes of an input: the property, as parser.PROPERTIES has them, and its variant."""


def prepare() -> None:
    """Set Django up, without a database: only declarations are read."""
    os.environ["DATABASE_URL"] = "postgresql:///nowhere"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
    import django

    django.setup()


def corpus() -> list[bytes]:
    """Return the seeds: the kept inputs, and every example of the contract as a form, as multipart and as values."""
    seeds = [path.read_bytes() for path in sorted(CORPUS.iterdir())]
    seeds += [KIND + word for word in WORDS]
    for path in sorted(CONTRACT.glob("*/*.request")):
        pairs = [line.partition(b"=")[::2] for line in path.read_bytes().splitlines()]
        seeds.append(FORM + b"&".join(name + b"=" + value for name, value in pairs))
        parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % pair for pair in pairs)
        seeds.append(MULTIPART + parts + b"--x--\r\n")
        seeds.append(PARAMS + b"\n".join(value for _, value in pairs))
        seeds += [KIND + value for _, value in pairs[-2:]]
        seeds.append(TREE + b"".join(b"%b%b|" % (name[:1], value) for name, value in pairs))
    return seeds


def keep(data: bytes) -> Path:
    """Write an input to the corpus."""
    path = CORPUS / sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def run(task: tuple[int, int]) -> tuple[Counter[str], list[str]]:
    """Check a chunk of inputs; return how they ended and what failed."""
    from tests.fuzz.parser import check

    seed, count = task
    ends: Counter[str] = Counter()
    failures: list[str] = []
    for data in inputs(corpus(), seed, count):
        try:
            ends[check(data)] += 1
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            failures.append(f"{keep(data)}: {type(error).__name__}: {error}")
    return ends, failures


def mutate(runs: int, seed: int) -> int:
    """Run so many inputs; return the exit code."""
    started = time.monotonic()
    tasks = [(seed + number, min(CHUNK, runs - number * CHUNK)) for number in range(-(-runs // CHUNK))]
    ends: Counter[str] = Counter()
    failures: list[str] = []
    with multiprocessing.Pool(initializer=prepare) as pool:
        for done, (counts, failed) in enumerate(pool.imap_unordered(run, tasks), 1):
            ends += counts
            failures += failed
            if done % 20 == 0 or done == len(tasks):
                print(f"{sum(ends.values()):,} inputs, {len(failures)} failed, {time.monotonic() - started:.0f} s", flush=True)
    for end, count in sorted(ends.items()):
        print(f"  {end}: {count:,}")
    print("\n".join(failures[:50]))
    return 1 if failures else 0


def lead_by_coverage(runs: int, seed: int) -> int:
    """The same by Atheris, which keeps what reaches new code. Ends the process."""
    import atheris

    with atheris.instrument_imports(include=["regulars.protocol", "python_multipart"]):
        import python_multipart.multipart  # noqa: F401

        import regulars.protocol.form
        import regulars.protocol.kinds
        import regulars.protocol.render  # noqa: F401
    prepare()
    from tests.fuzz.parser import check

    def one(data: bytes) -> None:
        check(data)

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for data in corpus():
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
    atheris.Setup(
        [sys.argv[0], f"-runs={runs}", f"-seed={seed}", "-max_len=4096", f"-artifact_prefix={CORPUS}/", str(folder)], one
    )
    atheris.Fuzz()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", action="store_true")
    given = parser.parse_args()
    return (lead_by_coverage if given.atheris else mutate)(given.runs, given.seed)


if __name__ == "__main__":
    sys.exit(main())
