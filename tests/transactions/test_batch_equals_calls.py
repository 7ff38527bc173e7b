# SPDX-License-Identifier: Apache-2.0
"""A batch of N lines has the effect of N single calls, and refuses what they refuse (ADR-0012.4)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regulars.accounts.directory import CampaignConfig
from tests.client import Api
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_depreciation,
    make_field,
    make_item,
    make_reward,
)

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
VISITS = ("campaign_id", "code", "redeemed", "amount", "date", "authorization", "service_product")
PROFILE = ("code", "card_number", "first_name", "customer_username", "custom_field_2", "auto_add")
SETTINGS: dict[str, dict[str, Any]] = {
    "points": {"points_ratio_ppm": 1_500_000, "carries_remainder": True}, "giftcard": {}, "events": {},
    "earned": {"amount_per_event_minor": 75}, "buyx": {"default_item_level": 3},
}  # fmt: skip
_run = itertools.count(1)
"""Each example has customers of its own."""


@dataclass(frozen=True)
class Twin:
    """One of two equal shops."""

    made: MadeAccount
    campaigns: dict[str, CampaignConfig]
    rewards: dict[str, int]


def make_twin(api: Api) -> Twin:
    made = make_account()
    assert api.call("account_update", **made.credentials, unknown_cards_per_minute="0").ok  # a twin asks for many
    make_field(made, number=2, label="Passport", unique=True)
    campaigns = {kind: make_campaign(made, kind=kind, **options) for kind, options in SETTINGS.items()}
    make_depreciation(made, campaigns["giftcard"], interval_count=1, interval_unit="years", percentage_ppm=500_000)
    rewards = {kind: make_reward(made, campaigns[kind], level=level) for kind, level in (("points", 12), ("events", 2))}
    make_item(made, campaigns["buyx"], identifier="FW", level=3)
    return Twin(made, campaigns, rewards)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    client = Api()
    yield client
    client.close()


@pytest.fixture(scope="module")
def twins(api: Api) -> tuple[Twin, Twin]:
    return make_twin(api), make_twin(api)


@dataclass(frozen=True)
class Visit:
    kind: str
    who: str
    redeemed: bool
    amount: int
    date: str

    def line(self, twin: Twin, code: str) -> str:
        amount = str(self.amount)
        if self.redeemed and self.kind in twin.rewards:
            amount = str(twin.rewards[self.kind])
        elif (self.redeemed and self.kind == "buyx") or (not self.redeemed and self.kind in ("events", "earned")):
            amount = "1"
        item = "FW" if self.kind == "buyx" else ""
        flag = "Y" if self.redeemed else "N"
        return f"{twin.campaigns[self.kind].number}|{code}|{flag}|{amount}|{self.date}|by {self.kind}|{item}"

    def call(self, api: Api, twin: Twin, code: str) -> tuple[str, str]:
        fields: dict[str, Any] = {"campaign_id": twin.campaigns[self.kind].number, "code": code}
        fields |= {"authorization": f"by {self.kind}", "transaction_time": self.date or None}
        if self.redeemed:
            wanted = {"points": str(twin.rewards["points"]), "events": str(twin.rewards["events"]), "buyx": "FW"}
            fields["reward_to_redeem"] = wanted.get(self.kind, str(self.amount))
        elif self.kind == "buyx":
            fields |= {"service_product": "FW", "buyx_quantity": self.amount}
        else:
            fields["amount"] = self.amount
        answer = api.call_at(AT, "redeem" if self.redeemed else "record_activity", **twin.made.credentials, **fields)
        return answer.error_code, answer.text if not answer.ok else ""


VISIT = st.builds(
    Visit,
    kind=st.sampled_from(sorted(SETTINGS)),
    who=st.sampled_from(("amy", "ben", "nobody")),
    redeemed=st.booleans(),
    amount=st.integers(1, 30),
    date=st.sampled_from(("", "2026-11-01", "2024-02-29", "2025-12-31 23:59:59")),
)


def books(api: Api, twin: Twin, code: str) -> list[Any]:
    """Return all that can be seen of a customer's money: balances and histories, ids left out."""
    seen: list[Any] = []
    for kind, campaign in sorted(twin.campaigns.items()):
        answer = api.call_at(
            AT, "customer_balance", **twin.made.credentials, code=code, campaign_id=campaign.number, output="JSON"
        )
        customer = answer.json["campaign"]["customer"]
        items = [item["balance"] for item in customer.get("balances", ())]
        rows = [
            {name: value for name, value in row.items() if name not in ("id", "campaign", "user_name", "record_timestamp")}
            for row in customer.get("transactions", ())
        ]
        seen.append((kind, customer.get("balance"), items, rows))
    return seen


@settings(max_examples=25)
@given(visits=st.lists(VISIT, min_size=1, max_size=12))
def test_transactions(api: Api, twins: tuple[Twin, Twin], visits: list[Visit]) -> None:
    batched, called = twins
    run = next(_run)
    for twin, name in itertools.product(twins, ("amy", "ben")):
        make_customer(twin.made, code=f"{name}{run}", campaigns=(twin.campaigns["points"],), openings=(20,))
    headers = {f"visits_header_{number}": name for number, name in enumerate(VISITS, 1)}
    data = "\n".join(visit.line(batched, f"{visit.who}{run}") for visit in visits)
    answer = api.call_at(
        AT, "batch_transactions", **batched.made.credentials, delimiter="pipe", apply_ratio="yes", **headers, Visits_Data=data
    )
    refused = {
        int(error["line"]): (error["code"], error["xml_value_to_show"]) for error in answer.json["batch"].get("errors", ())
    }
    outcomes = {number: visit.call(api, called, f"{visit.who}{run}") for number, visit in enumerate(visits, 1)}
    assert refused == {number: outcome for number, outcome in outcomes.items() if outcome[0]}
    for name in ("amy", "ben"):
        assert books(api, batched, f"{name}{run}") == books(api, called, f"{name}{run}")


Person = tuple[str, str, str, str, str, str]
"""A line's values: code, card, first name, username, passport, opening amount."""
PERSON = st.tuples(
    st.sampled_from(("", "1", "2", "3")), st.sampled_from(("", "1", "51", "52")), st.sampled_from(("", "Amy", "Ben")),
    st.sampled_from(("", "u1", "u2")), st.sampled_from(("", "p1", "P1", "p2")), st.sampled_from(("", "5", "-1", "x")),
)  # fmt: skip


def known(api: Api, twin: Twin, **named: str) -> str | None:
    """Return the code of the customer whose code or card it is."""
    answer = api.call_at(AT, "customer_info", **twin.made.credentials, **named)
    if not answer.ok:
        return None
    own = answer.json["customer"]
    return own["code"] if own.get(next(iter(named))) == next(iter(named.values())) else None


def write_alone(api: Api, twin: Twin, overwrite: str, person: Person, prefix: str) -> str:
    """Do with single calls what a line of customers_batch does; return the code of the refusal, or ""."""
    code, card, first_name, username, passport, opening = person
    code, card, username, passport = (f"{prefix}{value}" if value else "" for value in (code, card, username, passport))
    fields = {
        "card_number": card, "first_name": first_name, "customer_username": username, "custom_field_2": passport,
        "campaign_id": twin.campaigns["points"].number, "auto_add": opening, "send_no_email": "true",
    }  # fmt: skip
    fields = {name: value for name, value in fields.items() if value}
    by_code = known(api, twin, code=code) if code else None
    by_card = known(api, twin, card_number=card) if card else None
    if not code and not card:
        return "missing_parameter"
    if opening in ("-1", "x"):
        return "invalid_parameter"
    if overwrite == "ignore" and (by_code or by_card):
        return ""
    owner = by_code if code else by_card
    if owner:
        action = {"customer_action": "edit", "code": owner}
    else:
        action = {"customer_action": "new"} | ({"code": code} if code else {})
    return api.call_at(AT, "record_customer", **twin.made.credentials, **action, **fields).error_code


def people(api: Api, twin: Twin, prefix: str) -> list[Any]:
    answer = api.call_at(AT, "customer_search", **twin.made.credentials, include_balances="Y")
    seen = []
    for person in answer.json.get("customers", ()):
        if not person["code"].startswith(prefix):
            continue
        balances = [(one["balance"], one["cumulative"]) for one in person.pop("campaigns", ())]
        seen.append(
            (
                person["code"],
                {name: value for name, value in person.items() if name not in ("record_timestamp", "profile_uid")},
                balances,
            )
        )
    return sorted(seen, key=lambda one: one[0])


@settings(max_examples=25)
@example(overwrite="update", persons=[("", "1", "", "", "p1", ""), ("", "1", "", "", "p2", ""), ("", "51", "", "", "p1", "")])
@example(overwrite="update", persons=[("1", "51", "", "", "", ""), ("1", "52", "", "", "", ""), ("", "51", "Ben", "", "", "")])
@given(overwrite=st.sampled_from(("update", "ignore")), persons=st.lists(PERSON, min_size=1, max_size=10))
def test_customers(api: Api, twins: tuple[Twin, Twin], overwrite: str, persons: list[Person]) -> None:
    batched, called = twins
    prefix = f"r{next(_run)}x"
    headers = {f"profiles_header_{number}": name for number, name in enumerate(PROFILE, 1)}
    lines = []
    for person in persons:
        marked = [f"{prefix}{value}" if value and place in (0, 1, 3, 4) else value for place, value in enumerate(person)]
        lines.append("|".join(marked) if any(marked) else "|")
    answer = api.call_at(
        AT, "customers_batch", **batched.made.credentials, delimiter="pipe", overwrite_duplicates=overwrite, **headers,
        campaigns_to_include=batched.campaigns["points"].number, profiles_data="\n".join(lines),
    )  # fmt: skip
    assert answer.ok, answer
    refused = {int(error["line"]): error["code"] for error in answer.json["batch"].get("errors", ())}
    outcomes = {number: write_alone(api, called, overwrite, person, prefix) for number, person in enumerate(persons, 1)}
    assert refused == {number: outcome for number, outcome in outcomes.items() if outcome}
    assert people(api, batched, prefix) == people(api, called, prefix)
