# SPDX-License-Identifier: Apache-2.0
"""Every report is what a scan over the entries returns (I16), and the same before and after losses are booked (ADR-0006)."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from regulars.accounts.directory import CampaignConfig
from regulars.campaigns.operations import add_depreciation, add_fee
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import settle
from tests.client import Api, Parsed
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_item

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
ZONE = ZoneInfo("America/New_York")
DAYS = 90
END = NOW + timedelta(days=DAYS)
SEEN = ("activation", "earn", "redeem", "contribute", "move")


@dataclass(frozen=True)
class Entry:
    id: int
    customer: str
    campaign: str
    kind: str
    """Of a reversal, the kind of what it takes back."""
    amount: int
    at: datetime
    is_person_gone: bool
    is_reversal: bool

    @property
    def day(self) -> date:
        return self.at.astimezone(ZONE).date()


@dataclass(frozen=True)
class Shop:
    made: MadeAccount
    till: Api
    campaigns: tuple[CampaignConfig, ...]
    customers: dict[str, int]
    run: RunAsOwner

    def report(self, report: str, **fields: str) -> Parsed:
        return self.till.call_at(END, "reports", report=report, **fields)

    def entries(self) -> list[Entry]:
        """Every entry that was not deleted, by a plain scan."""
        numbers = {campaign.id: campaign.number for campaign in self.campaigns}
        rows = self.run(
            "SELECT e.id, e.customer_id, e.campaign_id, e.kind, e.amount, e.occurred_at, e.reverses_id"
            " FROM ledger_entries e WHERE e.account_id = %s ORDER BY e.id",
            self.made.id,
        )
        gone = {
            entry for (entry,) in self.run(
                "SELECT entry_id FROM ledger_reversals WHERE account_id = %s AND is_deleted", self.made.id
            )
        }  # fmt: skip
        codes = dict(
            self.run("SELECT id, code FROM customers_customers WHERE account_id = %s AND deleted_at IS NULL", self.made.id)
        )
        kinds = {row[0]: row[3] for row in rows}
        return [
            Entry(
                row[0],
                codes.get(row[1], ""),
                numbers[row[2]],
                kinds.get(row[6], row[3]),
                row[4],
                row[5],
                row[1] not in codes,
                row[3] == "reverse",
            )
            for row in rows
            if row[0] not in gone and row[6] not in gone
        ]

    def settle_all(self) -> None:
        for customer_id in self.customers.values():
            with unit_of_work(self.made.id):
                settle(account=self.made.fresh(), customer_id=customer_id, at=END)


@pytest.fixture(scope="module", params=[1, 2])
def shop(api: Api, owner_url: str, request: pytest.FixtureRequest) -> Shop:
    """The books of a shop that are settled."""
    made = open_shop(api, owner_url, request.param)
    made.settle_all()
    return made


def open_shop(api: Api, owner_url: str, seed: int) -> Shop:
    """Ninety days of a busy shop, with rules that take from balances, and nothing settled at the end."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    rng = random.Random(seed)
    made = make_account()
    points = make_campaign(made, points_ratio_ppm=10_000_000, reward_ratio_ppm=20_000_000)
    card, cups = make_campaign(made, kind="giftcard"), make_campaign(made, kind="buyx", default_item_level=3)
    make_item(made, cups, identifier="FW")
    with unit_of_work(made.id):
        owner = made.owner
        add_depreciation(
            account=made.fresh(), by=owner, at=NOW, campaign_id=points.id, basis="per_transaction", interval_count=20,
            interval_unit="days", percentage_ppm=500_000,
        )  # fmt: skip
        add_fee(
            account=made.fresh(), by=owner, at=NOW, campaign_id=card.id, interval_count=7, interval_unit="days", amount=150,
            description="Upkeep",
        )  # fmt: skip
    campaigns = (points, card, cups)
    customers = {
        code: make_customer(made, code=code, campaigns=tuple(rng.sample(campaigns, rng.randint(1, 3)))).id for code in "ABCDEFG"
    }
    till = api.as_(**made.credentials)
    done: list[str] = []
    at = NOW
    while at < END - timedelta(days=2):
        at += timedelta(minutes=rng.randint(30, 3_000))
        campaign, code = rng.choice(campaigns), rng.choice("ABCDEF")
        choice = rng.random()
        named = {"campaign_id": campaign.number, "code": code}
        if choice < 0.65:
            what = (
                {"service_product": "FW", "buyx_quantity": "2"} if campaign is cups else {"amount": f"{rng.randint(1, 40)}.50"}
            )
            answer = till.call_at(at, "record_activity", **named, **what)
        elif choice < 0.85:
            what = {"reward_to_redeem": "FW" if campaign is cups else "2.50"}
            answer = till.call_at(
                at, "redeem", **named, **({"custom_points_redeem": "20"} if campaign is points else what)
            )  # fmt: skip
        elif done and choice < 0.93:
            answer = till.call_at(at, "transaction_reverse", transaction_id=rng.choice(done))
        elif done:
            answer = till.call_at(at, "transaction_delete", transaction_id=rng.choice(done), **named)
        if choice < 0.85 and answer.ok:
            done.append(answer.at("receipt/transaction/id"))
    assert till.call_at(at, "customer_delete", code="B").ok
    assert len(done) > 20
    return Shop(made, till, campaigns, customers, run)


def ranges() -> list[tuple[date, date]]:
    rng = random.Random(7)
    first = NOW.astimezone(ZONE).date()
    found = [(first - timedelta(days=1), first + timedelta(days=DAYS + 1)), (first, first)]
    for _ in range(6):
        begin = first + timedelta(days=rng.randint(0, DAYS))
        found.append((begin, begin + timedelta(days=rng.randint(0, 40))))
    return found


def asked(shop: Shop, span: tuple[date, date], *campaigns: CampaignConfig) -> dict[str, str]:
    return {
        "date_start": span[0].isoformat(), "date_end": span[1].isoformat(),
        "selected_campaigns": ",".join(campaign.number for campaign in campaigns or shop.campaigns),
    }  # fmt: skip


def codes(answer: Parsed) -> list[str]:
    return [row.findtext("customer_code") or "" for row in answer.xml.findall("customer")]


def inside(entries: list[Entry], span: tuple[date, date]) -> list[Entry]:
    return [entry for entry in entries if span[0] <= entry.day <= span[1]]


def text(shop: Shop, campaign: str, amount: int) -> str:
    money = shop.campaigns[1].number
    return shop.made.account.currency.text(amount) if campaign == money else str(amount)


def totals(answer: Parsed) -> dict[str, tuple[str | None, ...]]:
    return {
        row.findtext("campaign_id") or "": tuple(row.findtext(name) for name in ("earned", "redeemed", "liability"))
        for row in answer.xml.findall("campaign")
    }


def rows(answer: Parsed, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row.findtext(name) or "" for name in names) for row in answer.xml.findall("transaction")]


def test_losses_not_booked_yet_are_in_every_report_as_if_they_were(api: Api, owner_url: str) -> None:
    shop = open_shop(api, owner_url, 3)
    whole = ranges()[0]
    names = ("customer", "campaign_id", "date", "amount_number", "transaction_id")

    def look() -> tuple[Any, ...]:
        return (
            [totals(shop.report("audit_totals", **asked(shop, span))) for span in ranges()],
            sorted(rows(shop.report("transactions_all", **asked(shop, whole)), *names)),
            [repr(shop.report("customers_balances", campaign_id=campaign.number)) for campaign in shop.campaigns],
        )

    before = look()
    count = len(shop.entries())
    shop.settle_all()
    assert {entry.kind for entry in shop.entries()[count:]} == {"expire", "fee"}, "nothing was due"
    assert look() == before


def test_balances_are_the_sums_of_the_entries(shop: Shop) -> None:
    for campaign in shop.campaigns:
        sums: dict[str, int] = defaultdict(int)
        for entry in shop.entries():
            if entry.campaign == campaign.number and not entry.is_person_gone:
                sums[entry.customer] += entry.amount
        shown = {
            row.findtext("code"): row.findtext("balance")
            for row in shop.report("customers_balances", campaign_id=campaign.number).xml.findall("customer")
        }
        assert shown == {code: text(shop, campaign.number, amount) for code, amount in sums.items()}


def test_transactions_and_totals_are_a_scan_of_the_entries(shop: Shop) -> None:
    everything = shop.entries()
    for span in ranges():
        within = inside(everything, span)
        listed = [entry for entry in within if entry.kind != "activation" and not entry.is_person_gone]
        redeemed = [entry for entry in listed if entry.kind == "redeem"]
        for report, wanted in (("transactions_all", listed), ("transactions_redeemed", redeemed)):
            answer = shop.report(report, **asked(shop, span))
            shown = [
                (entry.customer, entry.campaign, entry.day.isoformat(), text(shop, entry.campaign, entry.amount),
                 "R" if entry.kind == "redeem" else "")
                for entry in wanted
            ]  # fmt: skip
            assert rows(answer, "code", "campaign_id", "date", "amount_number", "redeemed") == shown
            assert answer.ok is bool(wanted)
            assert answer.errors == ([] if wanted else ["No Transactions Found"])
        sums: dict[tuple[str, str], int] = Counter()
        for entry in within:
            kind = "redeemed" if entry.kind == "redeem" else "lost" if entry.kind in ("expire", "fee") else "earned"
            sums[entry.campaign, kind] += entry.amount
            sums[entry.campaign, "all"] += entry.amount
        expected = {
            campaign.number: tuple(
                text(shop, campaign.number, sums[campaign.number, kind]) for kind in ("earned", "redeemed", "all")
            )
            for campaign in shop.campaigns
        }
        shown_totals = totals(shop.report("audit_totals", **asked(shop, span)))
        assert {key: tuple((value or "").replace(",", "") for value in row) for key, row in shown_totals.items()} == expected


def test_customer_reports_are_a_scan_of_the_entries(shop: Shop) -> None:
    everything = [entry for entry in shop.entries() if not entry.is_person_gone]
    order = list(shop.customers)
    today = END.astimezone(ZONE).date()

    def check(answer: Parsed, wanted: set[str]) -> None:
        assert codes(answer) == [code for code in order if code in wanted]
        assert answer.errors == ([] if wanted else ["No Customers Match Criteria"])

    for span in ranges():
        for campaigns in (shop.campaigns, shop.campaigns[:1], shop.campaigns[1:]):
            fields = asked(shop, span, *campaigns)
            own = [entry for entry in everything if entry.campaign in fields["selected_campaigns"].split(",")]
            seen = [entry for entry in own if entry.kind in SEEN and not entry.is_reversal]
            firsts: dict[str, date] = {}
            for entry in seen:
                firsts[entry.customer] = min(entry.day, firsts.get(entry.customer, entry.day))
            check(shop.report("customers_all", **fields), {entry.customer for entry in inside(seen, span)})
            check(shop.report("customers_new", **fields), {code for code, day in firsts.items() if span[0] <= day <= span[1]})
            for flag, kinds in (("", ("earn",)), ("Y", ("earn", "redeem"))):
                visits = [entry for entry in seen if entry.kind in kinds]
                counts = Counter(entry.customer for entry in inside(visits, span))
                check(
                    shop.report("customers_frequent", frequency="3", include_redeemed=flag, **fields),
                    {code for code, count in counts.items() if count >= 3},
                )
                lasts = {entry.customer: entry.day for entry in sorted(visits, key=lambda entry: entry.at)}
                check(
                    shop.report("customers_missing", missing_for="9", include_redeemed=flag, **fields),
                    {code for code in counts if (today - lasts[code]).days >= 9},
                )
