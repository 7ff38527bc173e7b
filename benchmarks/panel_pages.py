# SPDX-License-Identifier: Apache-2.0
"""
Every page of the Control Panel over a great many customers and entries: `make bench-panel`.

Every address of tests/panel/pages.py that is a page, as its owner gets it, and lists, searches and reports with filters besides
(``questions``): in an account of SCALE x 1,000,000 customers with 20.5 entries each (crowd.py). Each is asked once, and then
PANEL_REQUESTS times; the median of what the panel itself says in Server-Timing is shown, with its statements. The bar: 100 ms
and 15 statements for a page; 2 s for a report. What was found is written to results/. PANEL_ONLY (a regular expression) asks
for some of them, and writes nothing.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx2
import lxml.html

from benchmarks.crowd import OWNER_PASSWORD, Crowd, crowd, customers_from
from benchmarks.options import BenchmarkError, number_from, say
from benchmarks.results import keep

if TYPE_CHECKING:  # they need a configured Django
    from tests.panel.pages import Cast

PAGE_MS, REPORT_MS, STATEMENTS_MAX = 100.0, 2_000.0, 15
HEADERS = {"x-forwarded-proto": "https"}
"""As from a TLS proxy on this machine."""
SHOWN = re.compile(r'db;desc="(\d+) statements";dur=([\d.]+), app;dur=([\d.]+)')
PASSWORDS = {"business": OWNER_PASSWORD, "agency": "agency_12", "platform": "latte_12"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One address. Units: milliseconds, medians but for ``first_ms``. ``bar_ms``: what it may take."""

    name: str
    statements: int
    database_ms: float
    server_ms: float
    first_ms: float
    most_ms: float
    bar_ms: float

    @property
    def is_met(self) -> bool:
        return self.server_ms <= self.bar_ms and self.statements <= STATEMENTS_MAX


class Visitor:
    """Somebody who has signed in."""

    def __init__(self, url: str, code: str, password: str) -> None:
        place = urlsplit(url)
        base = urlunsplit((place.scheme, place.netloc, "", "", ""))
        self._http = httpx2.Client(base_url=base, headers=HEADERS, timeout=300, follow_redirects=False)
        page = lxml.html.document_fromstring(self._http.get("/admin.php/sign-in").text)
        form = next(form for form in page.xpath("//form") if "password" in form.fields)
        self._cookies = self._kept(self._http)
        fields = dict(form.form_values()) | {"user_id": code, "password": password}
        referer = {"Referer": f"https://{place.netloc}/admin.php/sign-in"}
        answer = self._http.post("/admin.php/sign-in", data=fields, headers=self._cookies | referer)
        if answer.status_code != 302:
            raise BenchmarkError(f"{code} could not sign in: {answer.status_code}")
        self._cookies = self._kept(self._http)

    @staticmethod
    def _kept(http: httpx2.Client) -> dict[str, str]:
        """Its cookies are for TLS alone; the proxy that would have it is us."""
        return {"Cookie": "; ".join(f"{each.name}={each.value}" for each in http.cookies.jar)}

    def ask(self, path: str) -> tuple[int, float, float]:
        """Return the statements, and the milliseconds of them and of all."""
        answer = self._http.get(path, headers=self._cookies)
        found = SHOWN.search(answer.headers.get("server-timing", ""))
        if answer.status_code != 200 or found is None:
            raise BenchmarkError(f"{path}: {answer.status_code} {answer.headers.get('location', '')} {answer.text[:200]!r}")
        return int(found[1]), float(found[2]), float(found[3])


def cast_of(crowded: Crowd) -> Cast:
    """Return the ids that addresses name: of the great account, and of a customer who has been there all the time."""
    from regulars.accounts.queries import get_account_config
    from regulars.customers.models import Customer
    from regulars.customers.queries import row_of
    from regulars.kit.db import unit_of_work
    from regulars.ledger.models import Entry
    from regulars.request_log.models import LoggedRequest
    from tests.factories import MadeAccount, MadeUser
    from tests.panel.pages import Cast
    from tests.webhooks.telling import make_webhook

    business = crowded.businesses[0]
    account = get_account_config(business.account_id)
    owner = next(user for user in account.users.values() if user.is_owner)
    by_name = {each.name: each for each in account.campaigns.values()}
    points, club, items, visits = (by_name[name] for name in ("Points", "Club", "Ten and one", "Visits"))
    with unit_of_work(account.id):
        LoggedRequest.objects.filter(account_id=account.id).delete()  # an earlier run made the one that is looked at
        customer = row_of(Customer.objects.filter(account_id=account.id).order_by("id")[4])
        entries = list(
            Entry.objects.filter(account_id=account.id, customer_id=customer.id, kind="earn", campaign_id=points.id)
            .order_by("-id").values_list("id", flat=True)[:2]
        )  # fmt: skip
    made = MadeAccount(account, owner, business.token, OWNER_PASSWORD)
    hook, spare = make_webhook(made), make_webhook(made)
    return Cast(
        made,
        MadeUser(account, account.users[f"{account.code}_till1"], "", ""),
        points,
        customer,
        *entries,
        hook.id,
        hook.tested().id,
        spare.id,
        {
            "reward": (points.number, next(iter(points.rewards))),
            "promotion": (points.number, next(iter(points.promotions))),
            "depreciation": (points.number, points.depreciations[0].rule_id),
            "fee": (club.number, club.fees[0].rule_id),
            "item": (items.number, next(iter(items.items))),
            "pause": (visits.number, 0),
        },
    )


def questions(crowded: Crowd, cast: Cast) -> Iterator[tuple[str, str, float]]:
    """Yield what is asked besides: a name, the address, and what it may take in milliseconds."""
    from regulars.reports.listing import NAMES

    row = cast.customer
    lists = {
        "two words": {"q": f"{row.first_name} {row.last_name}", "sort": "name"},
        "two words, newest": {"q": f"{row.first_name} {row.last_name}"},
        "a name, by name": {"last_name": row.last_name, "sort": "name"},
        "three letters": {"q": row.last_name[:3]},
        "nobody": {"q": "nobodyhasthis"},
        "by name": {"sort": "name"},
        "a rare balance, by name": {"campaign": cast.campaign.number, "balance_from": "1400", "sort": "name"},
        "a balance": {"campaign": cast.campaign.number, "balance_from": "100", "balance_to": "200"},
        "active lately": {"active_from": crowded.last_month.isoformat()},
        "joined in a month": {"joined_from": "2024-03-01", "joined_to": "2024-03-31", "sort": "name"},
        "phone": {"phone": row.phone[-6:]},
    }
    for name, fields in lists.items():
        yield f"customers: {name}", f"/admin.php/customers?{urlencode(fields)}", PAGE_MS
    yield "counter: a name", f"/admin.php/counter?{urlencode({'q': row.last_name[:3]})}", PAGE_MS
    for period in ("7", "365", "year", "last_month"):
        yield f"dashboard: {period}", f"/admin.php?{urlencode({'period': period})}", PAGE_MS
    last = datetime.now(UTC).date()
    spans = {"30 days": last - timedelta(days=29), "all": last - timedelta(days=1_200)}
    for name in NAMES:
        if name.startswith("coalition"):
            continue
        for span, first in spans.items():
            fields = {"first": first.isoformat(), "last": last.isoformat(), "campaign": cast.campaign.number}
            fields |= {"frequency": "3", "days": "30", "search": row.last_name}
            yield f"report {name}: {span}", f"/admin.php/reports/{name}?{urlencode(fields)}", REPORT_MS


def ask_all(crowded: Crowd, url: str, requests: int, only: str = "") -> Iterator[Asked]:
    """Ask everything, or what is named so; yield what each came to."""
    from tests.factories import make_account, make_agency
    from tests.panel.pages import PAGES, address, pages

    cast = cast_of(crowded)
    codes = {"business": cast.made.code, "agency": make_agency().code, "platform": make_account(kind="platform").code}
    visitors = {office: Visitor(url, code, PASSWORDS[office]) for office, code in codes.items()}
    named = (name for name in pages() if PAGES[name].status == (200,) and name not in NOT_ASKED)
    asked = [(name, address(name, cast), PAGE_MS, PAGES[name].office) for name in named]
    asked += [(*each, "business") for each in questions(crowded, cast)]
    for name, path, bar_ms, office in asked:
        if only and not re.search(only, name):
            continue
        first = visitors[office].ask(path)
        times = [visitors[office].ask(path) for _ in range(requests)]
        yield Asked(
            name, first[0], statistics.median(each[1] for each in times), statistics.median(each[2] for each in times),
            first[2], max(each[2] for each in times), bar_ms,
        )  # fmt: skip


NOT_ASKED = ("sign_in", "forgotten_password", "forgotten_user_id", "agency_account", "platform_account")
"""Of nobody in particular, or of an account that the agency has not."""


def show(asked: Asked) -> None:
    """Print one line."""
    mark = "" if asked.is_met else "  <- over"
    say(
        f"{asked.name:44} {asked.statements:3} {asked.database_ms:8.1f} {asked.server_ms:8.1f} {asked.first_ms:8.1f}"
        f" {asked.most_ms:8.1f}{mark}"
    )


def main() -> int:
    """Run all; the exit code says whether the bars were met."""
    customers = customers_from(os.environ)
    requests = number_from(os.environ, "PANEL_REQUESTS", 5, 1, 1_000)
    found: list[Asked] = []
    with crowd(customers) as crowded, crowded.serving() as (_, url):
        say(f"{'':44} {'':3} {'database':>8} {'server':>8} {'first':>8} {'most':>8}  milliseconds")
        for asked in ask_all(crowded, url, requests, os.environ.get("PANEL_ONLY", "")):
            found.append(asked)
            show(asked)
    if os.environ.get("PANEL_ONLY"):
        return 0
    told: dict[str, Any] = {"customers": customers, "requests": requests, "asked": [asdict(each) for each in found]}
    say(f"written: benchmarks/results/{keep('panel', datetime.now(UTC).date(), **told).name}")
    missed = [each for each in found if not each.is_met]
    for each in missed:
        say(f"NOT MET: {each.name}: {each.server_ms:.0f} ms, {each.statements} statements")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
