# SPDX-License-Identifier: Apache-2.0
"""
Searches over a great many customers, through the API: `make bench-search`.

customer_search and customer_find of one account with 1,000,000 customers, among others of 250,000, answered by one API worker.
Each kind of question is asked SEARCH_REQUESTS times, each time with another value that some customer has (or nobody): the first
page of 20 unless it says otherwise. The bar: the 99th percentile of a partial name, a partial phone number and a searchable
custom field under 100 ms. What was found is written to results/.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import psycopg

from benchmarks.crowd import Business, crowd, customers_from
from benchmarks.dataset import SEED
from benchmarks.options import BenchmarkError, number_from, say
from benchmarks.results import keep
from benchmarks.streaming import HEADERS

BAR_MS = 100.0
WARM_UP = 10
PAGE = {"length": "20"}
SAMPLE = 5_000

Values = dict[str, str]
Question = Callable[[random.Random, Values], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of question. Units: milliseconds. ``has_bar``: it is one of those that the bar is for."""

    name: str
    p50_ms: float
    p99_ms: float
    most_ms: float
    found: float
    """Customers in an answer, on average."""
    has_bar: bool


def part(rng: random.Random, text: str, length: int) -> str:
    """Return so many characters from somewhere in a text, or all there are."""
    start = rng.randint(0, max(len(text) - length, 0))
    return text[start : start + length]


def field(name: str, length: int, **more: str) -> Question:
    """Ask for a part of a field's value."""
    return lambda rng, row: {"type": "customer_search", name: part(rng, row[name], length), **more, **PAGE}


def exact(name: str) -> Question:
    """Ask for a field's whole value."""
    return lambda rng, row: {"type": "customer_search", "exact_match": "insensitive", name: row[name], **PAGE}


def words(form: Callable[[random.Random, Values], str], **more: str) -> Question:
    """Ask for words anywhere."""
    return lambda rng, row: {"type": "customer_find", "find_customer": form(rng, row), **more, **PAGE}


QUESTIONS: dict[str, tuple[bool, Question]] = {
    "part of a first name, 2 letters": (True, field("first_name", 2)),
    "part of a first name, 3 letters": (True, field("first_name", 3)),
    "part of a last name, 2 letters": (True, field("last_name", 2)),
    "part of a last name, 3 letters": (True, field("last_name", 3)),
    "part of a last name, 5 letters": (True, field("last_name", 5)),
    "part of a phone number, 4 digits": (True, field("phone", 4)),
    "part of a phone number, 7 characters": (True, field("phone", 7)),
    "searchable custom field, whole": (True, exact("custom_field_2")),
    "searchable custom field, part of 4": (True, field("custom_field_2", 4)),
    "a custom field of three values": (False, field("custom_field_1", 4)),
    "e-mail, whole": (False, exact("email")),
    "e-mail, part of 6": (False, field("email", 6)),
    "card, whole": (False, exact("card_number")),
    "card, part of 5": (False, field("card_number", 5)),
    "a name that nobody has": (False, lambda rng, row: {"type": "customer_search", "last_name": f"qx{rng.randrange(10**6)}"}),
    "first and last name, parts of 3": (
        False,
        lambda rng, row: {
            "type": "customer_search", "first_name": part(rng, row["first_name"], 3),
            "last_name": part(rng, row["last_name"], 3), **PAGE,
        },
    ),
    "part of a last name, 3 letters, with balances": (False, field("last_name", 3, include_balances="Y")),
    "part of a last name, 3 letters, page 26": (False, field("last_name", 3, offset="500")),
    "find a word of 2 letters": (False, words(lambda rng, row: part(rng, row["last_name"], 2))),
    "find a first name": (False, words(lambda rng, row: row["first_name"])),
    "find first AND last name": (False, words(lambda rng, row: f"{row['first_name']} {row['last_name']}")),
    "find a name OR a card": (False, words(lambda rng, row: f"{row['last_name']} {row['first_name']}, {row['card_number']}")),
    "find a name, with balances": (False, words(lambda rng, row: row["last_name"], include_balances="Y")),
    "find what nobody has": (False, words(lambda rng, row: f"nobody{rng.randrange(10**6)}")),
    "everybody, the first page": (False, lambda rng, row: {"type": "customer_search", **PAGE}),
    "one customer by e-mail (customer_info)": (False, lambda rng, row: {"type": "customer_info", "card_number": row["email"]}),
}  # fmt: skip
MAY_FAIL = ("a name that nobody has", "find what nobody has")
"""Whose right answer is that there is nobody."""


def sample(url: str, business: Business) -> list[Values]:
    """Return what some customers have who have everything."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT first_name, last_name, phone, email, card_number, fields ->> '1', fields ->> '2' FROM customers_customers"
            " WHERE account_id = %s AND email <> '' AND card_number <> '' ORDER BY md5(code) LIMIT %s",
            [business.account_id, SAMPLE],
        ).fetchall()
    names = ("first_name", "last_name", "phone", "email", "card_number", "custom_field_1", "custom_field_2")
    return [dict(zip(names, row, strict=True)) for row in rows]


class Caller:
    """One kept connection to the API."""

    def __init__(self, url: str, business: Business) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
        self._path = place.path
        self._business = business

    def ask(self, question: Values, *, may_fail: bool) -> tuple[float, int]:
        """Return how long the answer took, in milliseconds, and how many customers it holds."""
        form = urlencode({**self._business.fields(question["type"]), **question})
        started = time.perf_counter()
        self._connection.request("POST", self._path, form, HEADERS)
        body = self._connection.getresponse().read()
        took = (time.perf_counter() - started) * 1000
        if b'status="success"' not in body and not may_fail:
            raise BenchmarkError(f"{question}: {body[:300]!r}")
        return took, body.count(b"<card_number>")


def ask_all(url: str, business: Business, rows: list[Values], requests: int) -> Iterator[Asked]:
    """Ask every kind of question ``requests`` times; yield what each came to."""
    caller = Caller(url, business)
    for name, (has_bar, question) in QUESTIONS.items():
        rng = random.Random(f"{SEED} {name}")
        times, found = [], 0
        for number in range(WARM_UP + requests):
            took, count = caller.ask(question(rng, rng.choice(rows)), may_fail=name in MAY_FAIL)
            if number >= WARM_UP:
                times.append(took)
                found += count
        times.sort()
        p99 = times[min(len(times) * 99 // 100, len(times) - 1)]
        yield Asked(name, times[len(times) // 2], p99, times[-1], found / requests, has_bar)


def main() -> int:
    """Run all; the exit code says whether the bar was met."""
    customers = customers_from(os.environ)
    requests = number_from(os.environ, "SEARCH_REQUESTS", 200, 10, 100_000)
    found, missed = [], []
    with crowd(customers) as crowded, crowded.serving() as (_, url):
        business = crowded.businesses[0]
        rows = sample(crowded.url, business)
        say(f"{'each ' + str(requests) + ' times, milliseconds':50} {'p50':>8} {'p99':>8} {'most':>8} {'found':>7}")
        for asked in ask_all(url, business, rows, requests):
            bar = " *" if asked.has_bar else ""
            found.append(asked)
            say(f"{asked.name + bar:50} {asked.p50_ms:8.1f} {asked.p99_ms:8.1f} {asked.most_ms:8.1f} {asked.found:7.1f}")
            if asked.has_bar and asked.p99_ms > BAR_MS:
                missed.append(asked)
    file = keep(
        "search", datetime.now(UTC).date(), customers=customers, requests=requests, asked=[asdict(each) for each in found]
    )
    say(f"written: benchmarks/results/{file.name}")
    for each in missed:
        say(f"NOT MET, over {BAR_MS:.0f} ms: {json.dumps(asdict(each))}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
