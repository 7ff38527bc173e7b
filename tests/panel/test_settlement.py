# SPDX-License-Identifier: Apache-2.0
"""Settlement between stores in the panel: the statement as page, CSV and PDF; closing; who may not."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.kit.db import unit_of_work
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.redeem import points_spending
from regulars.transactions.terms import Terms
from tests.factories import MadeAccount, make_account, make_campaign, make_coalition, make_customer, make_user

PATH = "/admin.php/account/settlement"


def mall(days_ago: int = 10) -> MadeAccount:
    """North gave 100 points, =South honoured 60 of them."""
    made = make_account(at=datetime.now(UTC) - timedelta(days=40), timezone="UTC")
    at = datetime.now(UTC) - timedelta(days=days_ago)
    for name in ("North <b>", "=South"):
        make_campaign(made, name=name, points_ratio_ppm=1_000_000, at=at)
    make_coalition(made, at=at)
    terms = Terms(occurred_at=at, recorded_at=at, customer_id=make_customer(made, at=at).id)
    with unit_of_work(made.id):
        account = made.fresh()
        north, south = account.campaigns.values()
        record_activity(account=account, by=made.owner, campaign=north, terms=terms, amount_minor=10_000)
        redeem(account=account, by=made.owner, campaign=south, terms=terms, spending=points_spending(60))
    return made


def day(ago: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=ago)).isoformat()


def test_the_statement_is_shown_closed_and_given_as_files(visit: Any) -> None:
    visitor = visit(mall())
    assert "Settlement" in visitor.get("/admin.php").text
    page = visitor.get(PATH + "?point_cost=0.0125")
    rows = [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in page.xpath("//tbody/tr")]
    assert [(row[0], row[-1]) for row in rows[:3]] == [("North <b>", "-0.75"), ("=South", "0.75"), ("Total", "0.00")]
    page = visitor.post(PATH, _closing(visitor) | {"date_end": day(1), "point_cost": "0.0125"})
    assert (page.status, "was closed" in page.text) == (200, True)
    written = visitor.http.get(PATH + page.xpath("//a[text()='CSV']/@href")[0])
    assert written.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(written.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines if line and line[-1] in ("-0.75", "0.75")] == ["North <b>", "'=South", "North <b>"]
    pdf = visitor.http.get(PATH + page.xpath("//a[text()='PDF']/@href")[0])
    assert (pdf.headers["content-type"], pdf.content[:5], pdf.content.rstrip()[-5:]) == ("application/pdf", b"%PDF-", b"%%EOF")


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_closed(visit: Any) -> None:
    visitor = visit(mall())
    for query in (
        "?date_end=2026-02-30",
        "?point_cost=much",
        "?settlement_id=99",
        "?settlement_id=x",
        "?date_start=2999-01-01",
    ):
        page = visitor.get(PATH + query)
        assert (page.status, len(page.xpath("//*[@role='alert']")) > 0) == (400, True), query
    for fields in ({"date_end": ""}, {"date_end": day(0), "point_cost": "1"}, {"date_end": day(1), "point_cost": ""}):
        visitor.get(PATH)
        page = visitor.post(PATH, _closing(visitor) | fields)
        assert page.status == 400, fields
        assert "Closed periods" not in page.text


def _closing(visitor: Any) -> dict[str, Any]:
    form = next(form for form in visitor.page.html.forms if form.method == "POST" and "point_cost" in form.fields)
    return dict(form.form_values())


def test_only_administrators_see_it(visit: Any) -> None:
    made = mall()
    for role in "MLCK":
        visitor = visit(make_user(made, role=role))
        assert visitor.get(PATH).status == 403
        assert "Settlement" not in visitor.get("/admin.php").text
    assert visit(make_user(made, role="A")).get(PATH).status == 200
