# SPDX-License-Identifier: Apache-2.0
"""Reports as rows of plain values: in the order of when things happened, the same page by page as all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from regulars.kit.db import unit_of_work
from regulars.reports.listing import Asked, Row, iterate
from regulars.reports.rules import Span
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_depreciation, make_sale

NOW = datetime.now(UTC)
START = NOW - timedelta(days=100)


def rows_of(made: MadeAccount, offset: int = 0, limit: int | None = None) -> list[Row]:
    account = made.fresh()
    asked = Asked(
        "transactions_all",
        tuple(account.campaigns.values()),
        Span((START - timedelta(days=1)).date(), NOW.date(), account.zone),
    )
    with unit_of_work(made.id):
        return list(iterate(account=account, at=NOW, asked=asked, offset=offset, limit=limit))


def test_what_is_recorded_late_stands_where_it_happened():
    made = make_account(at=START)
    campaign = make_campaign(made, at=START)
    customer = make_customer(made, at=START)
    late = [make_sale(made, customer, campaign, at=START + timedelta(days=days)) for days in (9, 3, 6)]
    assert [row[-1] for row in rows_of(made)] == [str(late[1]), str(late[2]), str(late[0])]


def test_pages_are_parts_of_the_whole_and_what_is_due_comes_last():
    made = make_account(at=START)
    campaign = make_campaign(made, at=START)
    make_depreciation(made, campaign, at=START)  # after 30 days: by now all of it is lost, and nobody has booked it
    for number in range(4):
        customer = make_customer(made, at=START)
        make_sale(made, customer, campaign, at=START + timedelta(days=10 - number))
    whole = rows_of(made)
    assert [row[-1] == "" for row in whole] == [False] * 4 + [True] * 4
    assert sum(int(row[6]) for row in whole) == 0
    for length in (1, 3, 4, 5, 9):
        pages = [rows_of(made, offset, length) for offset in range(0, 9, length)]
        assert [row for page in pages for row in page][: len(whole)] == whole
