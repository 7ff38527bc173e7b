# SPDX-License-Identifier: Apache-2.0
"""Makes one demo account and describes it. Runs in the caller's transaction; Django is set up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from regulars.accounts.codes import open_module
from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.accounts.operations import define_field
from regulars.accounts.queries import find_account_config_by_user, get_account_config
from regulars.campaigns import operations as campaigns
from regulars.cli.demo_cast import ANCHOR_DAYS, FIRST_NAMES, LAST_NAMES, PASSWORD, Business, Person
from regulars.customers.models import Customer
from regulars.customers.operations import enrol
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import CardRequest, Profile
from regulars.kit.db import unit_of_work
from regulars.kit.units import PPM
from regulars.ledger.operations import reverse
from regulars.transactions.account_modules import ModuleChange, change_modules
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.redeem import item_spending, money_spending, points_spending, reward_spending
from regulars.transactions.terms import Terms
from regulars.users.opening import create_account
from regulars.users.operations import create_user
from regulars.users.queries import get_secrets

OWNER_ROLE = "A"
REST = timedelta(days=1)
"""Between the end of the story and the making of the demo: nothing lies in the future."""
QUICKLY = timedelta(minutes=20)
Act = tuple[str | CampaignConfig, CustomerRow, dict[str, Any]]
"""One thing that is rung up: where, for whom, what."""


def make_account(business: Business, *, rng: random.Random, anchor: datetime) -> None:
    """Make the account with everything in it."""
    made = create_account(
        code=business.code, biz_name=business.name, at=anchor, password=PASSWORD, currency=business.currency,
        timezone=business.timezone, country=business.country, state="active", is_demo=True, rng=rng,
        biz_city=business.city, contact_first_name=business.owner[0], contact_last_name=business.owner[1],
        client_email=business.email,
    )  # fmt: skip
    account_id = made.account.id
    with unit_of_work(account_id):
        define_field(
            account=made.account, owner="customer", number=2, label="Favourite", type="Text", show=True, searchable=True
        )
        define_field(account=made.account, owner="transaction", number=1, label="Table", type="Text", show=True)
    with unit_of_work(account_id):
        _share_balances(business, get_account_config(account_id), anchor)
        _make_campaigns(business, get_account_config(account_id), rng, anchor)
    with unit_of_work(account_id):
        _make_stores(business, get_account_config(account_id), rng, anchor)
    with unit_of_work(account_id):
        account = get_account_config(account_id)
        for person in business.people:
            _make_user(person, account, rng, anchor)
    with unit_of_work(account_id):
        account = get_account_config(account_id)
        _Story(business, account, rng, anchor).tell(_enrol_customers(business, account, rng, anchor))


def _make_campaigns(business: Business, account: AccountConfig, rng: random.Random, anchor: datetime) -> None:
    names = business.campaign_names
    owner = owner_of(account)
    settings: dict[str, dict[str, Any]] = {
        "points": {"points_ratio_ppm": 100 * PPM, "reward_ratio_ppm": 20 * PPM},
        "giftcard": {},
        "events": {},
        "earned": {"amount_per_event_minor": 25},
        "buyx": {"default_item_level": 10},
    }
    ids = {
        kind: campaigns.create_campaign(
            account=account, by=owner, at=anchor, kind=kind, name=names[kind], rng=rng, **settings[kind]
        ).id
        for kind in names
    }
    who: dict[str, Any] = {"account": account, "by": owner, "at": anchor}
    for level, description in ((1_000, "A cookie"), (5_000, "Any drink"), (20_000, "A bag of beans")):
        campaigns.add_reward(**who, campaign_id=ids["points"], level=level, description=description, identifier=f"R{level}")
    campaigns.add_reward(**who, campaign_id=ids["events"], level=5, description="A free visit")
    campaigns.add_promotion(
        **who, campaign_id=ids["points"], operation="x", multiplier_ppm=2 * PPM, description="Double points", custom_id="DOUBLE"
    )
    campaigns.add_promotion(
        **who, campaign_id=ids["points"], operation="+", points=500, description="Bring a friend", custom_id="FRIEND"
    )
    campaigns.add_item(**who, campaign_id=ids["buyx"], description="Flat white", identifier="FW")
    campaigns.add_item(**who, campaign_id=ids["buyx"], description="Pot of tea", identifier="TEA", level=5)
    campaigns.add_depreciation(
        **who, campaign_id=ids["points"], basis="per_transaction", interval_count=12, interval_unit="months", percentage_ppm=PPM
    )
    campaigns.add_depreciation(
        **who,
        campaign_id=ids["points"],
        basis="last_transaction",
        interval_count=6,
        interval_unit="months",
        percentage_ppm=PPM // 2,
    )
    campaigns.add_fee(
        **who, campaign_id=ids["giftcard"], interval_count=6, interval_unit="months", amount=100, description="Card keeping"
    )


def _share_balances(business: Business, account: AccountConfig, anchor: datetime) -> None:
    """Open the module, as the platform owner may; a coalition is one before it has campaigns."""
    if not business.module:
        return
    open_module(account=account, module=business.module)
    if business.module == "coalition":
        change_modules(account=get_account_config(account.id), by=None, at=anchor, change=ModuleChange(coalition="on"))


def _make_stores(business: Business, account: AccountConfig, rng: random.Random, anchor: datetime) -> None:
    """Make the other stores, each a points campaign; and the master campaign of a second tier."""
    owner = owner_of(account)
    for name in business.stores:
        campaigns.create_campaign(
            account=account, by=owner, at=anchor, kind="points", name=name, rng=rng, points_ratio_ppm=50 * PPM,
            coalition_opt_out=name in business.apart, two_tier_opt_out=name in business.apart,
        )  # fmt: skip
    if business.master:
        master = campaigns.create_campaign(account=account, by=owner, at=anchor, kind="points", name=business.master, rng=rng)
        campaigns.add_reward(
            account=account, by=owner, at=anchor, campaign_id=master.id, level=2_000, description="Free parking", identifier="P"
        )
        terms = ModuleChange(master_campaign_id=master.id, contribution_ppm=PPM // 10, contribution_rounding="down")
        change_modules(account=get_account_config(account.id), by=None, at=anchor, change=terms)


def _make_user(person: Person, account: AccountConfig, rng: random.Random, anchor: datetime) -> None:
    allowed = tuple(campaign.id for campaign in account.campaigns.values() if campaign.kind in person.campaign_kinds)
    create_user(
        account=account, by=owner_of(account), at=anchor, code=person.code, role=person.role, password=PASSWORD,
        campaigns_access="some" if allowed else "all", allowed_campaign_ids=allowed, pin=person.pin, rng=rng,
        first_name=person.first_name, last_name=person.last_name, custom1=person.location,
    )  # fmt: skip


def _enrol_customers(business: Business, account: AccountConfig, rng: random.Random, anchor: datetime) -> list[CustomerRow]:
    owner = owner_of(account)
    rows = []
    for number in range(business.customer_count):
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
        profile = Profile(
            first_name=first,
            last_name=last,
            phone=f"+1 503 555 {number + 100:04d}",
            email=f"member{number + 1}@{business.code}.example",
            custom_date=f"{1960 + number}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            fields={2: "Espresso" if number % 2 else "Tea"},
        )
        at = anchor + timedelta(minutes=number)
        card = CardRequest(prefix=business.card_prefix)
        rows.append(enrol(account=account, profile=profile, by=owner.id, at=at, card=card, wants_random_code=True, rng=rng))
    return rows


class _Story:
    """What happened in the shop: sales of every kind, promotions, redemptions, a voided sale."""

    def __init__(self, business: Business, account: AccountConfig, rng: random.Random, anchor: datetime) -> None:
        self._account = account
        self._rng = rng
        self._at = anchor + timedelta(hours=9)
        self._third = (timedelta(days=ANCHOR_DAYS) - REST) / 3
        self._step = QUICKLY
        self._clerk = next(user for user in account.users.values() if user.role == "K")
        by_name = {campaign.name: campaign for campaign in account.campaigns.values()}
        self._by_kind = {kind: by_name[name] for kind, name in business.campaign_names.items()}
        self._stores = [by_name[name] for name in business.stores]

    def tell(self, customers: list[CustomerRow]) -> None:
        *earlier, last = self._visits(customers)
        for visits in earlier:
            self._take(visits)
        self._promote(customers[0], customers[1])
        self._spend(customers)
        sold = self._record("points", customers[4], amount_minor=9_999, description="Rung up twice")
        reverse(account=self._account, entry_id=sold, by=self._clerk.id, at=self._later(), description="Voided: rung up twice")
        self._take(last)

    def _visits(self, customers: list[CustomerRow]) -> Iterator[list[Act]]:
        """Yield what is rung up in each third of the story. Everybody comes first; most come again, some stay away."""
        for third, share in enumerate((1.0, 0.8, 0.7)):
            coming = [customer for customer in customers if self._rng.random() < share]
            self._rng.shuffle(coming)
            yield [act for customer in coming for act in self._visit(customer, is_first=third == 0)]

    def _visit(self, customer: CustomerRow, *, is_first: bool) -> Iterator[Act]:
        for _ in range(self._rng.randint(1, 2)):
            yield "points", customer, {"amount_minor": self._rng.randint(150, 4_500)}
        if self._stores:
            yield self._rng.choice(self._stores), customer, {"amount_minor": self._rng.randint(150, 4_500)}
        yield "events", customer, {}
        yield "earned", customer, {}
        if is_first:
            yield "giftcard", customer, {"amount_minor": self._rng.choice((1_000, 2_000, 5_000))}
        for item in list(self._by_kind["buyx"].items.values())[: None if is_first else 1]:
            yield "buyx", customer, {"item": item, "quantity": self._rng.randint(1, 3)}

    def _take(self, visits: list[Act]) -> None:
        """Ring visits up, spread over a third of the story."""
        self._step = self._third / len(visits)
        begins = self._at
        for where, customer, what in visits:
            self._record(where, customer, **what)
        self._step = QUICKLY
        self._at = max(self._at, begins + self._third)

    def _promote(self, first: CustomerRow, second: CustomerRow) -> None:
        promotions = {promotion.custom_id: promotion for promotion in self._by_kind["points"].promotions.values()}
        self._record("points", first, amount_minor=1_250, promotion=promotions["DOUBLE"])
        self._record("points", second, promotion=promotions["FRIEND"])

    def _spend(self, customers: list[CustomerRow]) -> None:
        points, events, buyx = self._by_kind["points"], self._by_kind["events"], self._by_kind["buyx"]
        cookie = min(points.rewards.values(), key=lambda reward: reward.level)
        visit = next(iter(events.rewards.values()))
        tea = next(item for item in buyx.items.values() if item.identifier == "TEA")
        self._record("points", customers[0], amount_minor=2_000)
        self._redeem(points, customers[0], reward_spending(cookie))
        self._record("points", customers[1], amount_minor=2_000)
        self._redeem(points, customers[1], points_spending(250))
        self._redeem(self._by_kind["giftcard"], customers[2], money_spending(self._account, 475))
        self._redeem(self._by_kind["earned"], customers[2], money_spending(self._account, 25))
        for _ in range(visit.level):
            self._record("events", customers[3])
        self._redeem(events, customers[3], reward_spending(visit))
        self._record("buyx", customers[3], item=tea, quantity=tea.level)
        self._redeem(buyx, customers[3], item_spending(tea))

    def _record(self, where: str | CampaignConfig, customer: CustomerRow, *, description: str = "", **what: Any) -> int:
        receipt = record_activity(
            account=self._account,
            by=self._clerk,
            campaign=self._by_kind[where] if isinstance(where, str) else where,
            terms=self._terms(customer, description),
            **what,
        )
        return receipt.posted.entry_id

    def _redeem(self, campaign: CampaignConfig, customer: CustomerRow, spending: Any) -> None:
        redeem(account=self._account, by=self._clerk, campaign=campaign, terms=self._terms(customer), spending=spending)

    def _terms(self, customer: CustomerRow, description: str = "") -> Terms:
        at = self._later()
        return Terms(occurred_at=at, recorded_at=at, customer_id=customer.id, description=description)

    def _later(self) -> datetime:
        self._at += self._step * self._rng.uniform(0.6, 1.3)
        return self._at


def describe_account(business: Business) -> dict[str, Any]:
    """Return a demo account as the ready file shows it."""
    account = find_account_config_by_user(business.code)
    assert account is not None
    with unit_of_work(account.id):
        customers = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).order_by("id")
        known = [{"code": row.code, "card_number": row.card_number} for row in customers[: business.customer_count]]
        owner = _describe_user(account, owner_of(account))
        return {
            "account_id": account.code,
            "kind": "coalition" if account.is_coalition else "two_tier" if account.is_two_tier else "plain",
            "owner": {name: owner[name] for name in ("user_id", "user_api_key", "password")},
            "users": [
                _describe_user(account, account.users[person.code])
                for person in business.people
                if person.code in account.users
            ],
            "campaigns": {
                kind: next((found.number for found in account.campaigns.values() if found.name == name), None)
                for kind, name in business.campaign_names.items()
            },
            **_more_campaigns(business, account),
            "customers": known,
        }


def _more_campaigns(business: Business, account: AccountConfig) -> dict[str, Any]:
    """The other stores, and the master campaign of a second tier; nothing for a plain account."""
    numbers = {campaign.name: campaign.number for campaign in account.campaigns.values()}
    more: dict[str, Any] = {}
    if business.stores:
        more["stores"] = [numbers.get(name) for name in business.stores]
    if business.master:
        more["master_campaign"] = numbers.get(business.master)
    return more


def _describe_user(account: AccountConfig, user: UserConfig) -> dict[str, Any]:
    token = get_secrets(account=account, user_id=user.id).token
    return {"user_id": user.code, "user_api_key": token, "user_role": user.role, "password": PASSWORD}


def owner_of(account: AccountConfig) -> UserConfig:
    """Return the account's owner."""
    return next(user for user in account.users.values() if user.is_owner)
