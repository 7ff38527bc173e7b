# SPDX-License-Identifier: Apache-2.0
"""
Test data, made by the real operations, so that it is always legal. Plain functions with defaults; every test makes its own.

Each ``make_`` opens the unit of work itself and returns what is needed to go on. The standing cast (``make_cast``): Alice
owns Bean & Leaf, Bob is her cashier with one campaign, Carol is in another account and must see nothing.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.codes import open_module
from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.accounts.operations import add_host, define_field, set_brand
from regulars.accounts.queries import get_account_config
from regulars.campaigns.operations import (
    add_depreciation,
    add_fee,
    add_item,
    add_promotion,
    add_reward,
    create_campaign,
)
from regulars.coalition.operations import Switched, set_second_tier, switch_coalition
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import CardRequest, Profile
from regulars.kit.db import unit_of_work
from regulars.request_log.models import LoggedRequest
from regulars.request_log.rules import first_id
from regulars.transactions.agencies import open_agency
from regulars.transactions.enrol import Joining, enrol_customer
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from regulars.users.opening import create_account
from regulars.users.operations import create_user
from regulars.users.second_factor import begin_second_factor, confirm_second_factor
from regulars.users.totp import code_at, step_of

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""When test data is made, unless a test says otherwise."""


def unique_name(prefix: str = "t") -> str:
    """Return a user id that no other test has, of at most 20 characters."""
    return f"{prefix[:9]}_{secrets.token_hex(5)}"


@dataclass(frozen=True)
class MadeUser:
    """A user with what he signs in with."""

    account: AccountConfig
    user: UserConfig
    token: str
    password: str

    @property
    def code(self) -> str:
        return self.user.code

    @property
    def credentials(self) -> dict[str, str]:
        """The fields of an API request that say who asks."""
        return {"user_id": self.user.code, "user_api_key": self.token, "account_id": self.account.code}


@dataclass(frozen=True)
class MadeAccount:
    """An account with its owner. ``account`` is a snapshot: ``fresh()`` reads it again."""

    account: AccountConfig
    owner: UserConfig
    token: str
    password: str

    @property
    def id(self) -> int:
        return self.account.id

    @property
    def code(self) -> str:
        return self.account.code

    @property
    def credentials(self) -> dict[str, str]:
        """The fields of an API request that say who asks (the owner)."""
        return {"user_id": self.owner.code, "user_api_key": self.token, "account_id": self.account.code}

    def fresh(self) -> AccountConfig:
        """Return the configuration as it is now."""
        return get_account_config(self.account.id)


def make_account(
    *,
    code: str | None = None,
    biz_name: str = "Bean & Leaf",
    state: str = "active",
    currency: str = "USD",
    timezone: str = "America/New_York",
    password: str = "latte_12",
    at: datetime = NOW,
    **options: Any,
) -> MadeAccount:
    """Open an account; ``options`` as create_account()."""
    made = create_account(
        code=code or unique_name("acct"), biz_name=biz_name, state=state, currency=currency, timezone=timezone,
        password=password, at=at, **options,
    )  # fmt: skip
    return MadeAccount(account=made.account, owner=made.owner, token=made.token, password=password)


def app_code(secret: str, at: datetime) -> str:
    """Return what an authenticator app shows at a moment, for the secret that was typed into it."""
    return code_at(base64.b32decode(secret.replace(" ", "")), step_of(at))


def make_second_factor(made: MadeAccount | MadeUser, *, at: datetime = NOW) -> tuple[str, tuple[str, ...]]:
    """Give a user (an account's owner) a second factor; return the secret of his app, and his recovery codes."""
    user = made.owner if isinstance(made, MadeAccount) else made.user
    with unit_of_work(made.account.id):
        account = get_account_config(made.account.id)
        secret = begin_second_factor(account=account, user=user, at=at).secret
        codes = confirm_second_factor(account=account, user=user, at=at, code=app_code(secret, at))
    return secret, codes


def make_agency(*, name: str | None = None, at: datetime = NOW, **options: Any) -> MadeAccount:
    """Make an agency and return its own account; ``options`` as open_agency()."""
    code = options.pop("code", None) or unique_name("agcy")
    made = open_agency(
        account=None, by=None, at=at, name=name or code, email=f"{code}@agency.example", code=code, password="agency_12",
        **options,
    )  # fmt: skip
    opened = made.opened
    return MadeAccount(account=opened.account, owner=opened.owner, token=opened.token, password="agency_12")


def make_host(account: MadeAccount, *, host: str | None = None, at: datetime = NOW) -> str:
    """Make a host the account's own, in the operator's role (an agency's: give its own account)."""
    name = host or f"{unique_name('host').replace('_', '-').lower()}.example"
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            return add_host(account_id=account.id, host=name, at=at)
        finally:
            cursor.execute("SET ROLE regulars_app")


def make_brand(account: MadeAccount, *, logo: bytes | None = None, at: datetime = NOW, **changes: str) -> None:
    """Set some of an account's brand; ``changes`` as set_brand()."""
    with unit_of_work(account.id):
        set_brand(account=account.account, at=at, changes=changes, logo=logo)


def make_user(
    account: MadeAccount | AccountConfig,
    *,
    role: str = "K",
    code: str | None = None,
    password: str = "espresso_7",
    at: datetime = NOW,
    **options: Any,
) -> MadeUser:
    """Add a user; ``options`` as create_user()."""
    account_id = account.id
    code = code or unique_name(f"user{role.lower()}")
    with unit_of_work(account_id):
        made = create_user(
            account=get_account_config(account_id), by=None, at=at, code=code, role=role, password=password, **options
        )
        fresh = get_account_config(account_id)
    return MadeUser(account=fresh, user=fresh.users[code.lower()], token=made.token, password=password)


def make_field(account: MadeAccount | AccountConfig, *, owner: str = "customer", number: int = 2, **options: Any) -> None:
    """Define a custom field; ``options`` as define_field()."""
    with unit_of_work(account.id):
        define_field(
            account=get_account_config(account.id), owner=owner, number=number, **{"label": f"Field {number}", **options}
        )


def make_campaign(
    account: MadeAccount | AccountConfig,
    *,
    kind: str = "points",
    name: str | None = None,
    by: UserConfig | None = None,
    at: datetime = NOW,
    **options: Any,
) -> CampaignConfig:
    """Create a campaign, by the owner unless told otherwise; ``options`` as create_campaign()."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        if kind == "earned":
            options.setdefault("amount_per_event_minor", 495)
        created = create_campaign(
            account=config, by=by or owner_of(config), at=at, kind=kind, name=name or unique_name(kind), **options
        )
        return get_account_config(account.id).campaigns[created.number]


def make_coalition(account: MadeAccount | AccountConfig, *, at: datetime = NOW) -> Switched:
    """Let the account's campaigns share their balances from now on."""
    with unit_of_work(account.id):
        open_module(account=get_account_config(account.id), module="coalition")
        config = get_account_config(account.id)
        return switch_coalition(account=config, by=owner_of(config), at=at, on=True)


def make_second_tier(
    account: MadeAccount | AccountConfig,
    master: CampaignConfig,
    *,
    percent: int = 10,
    rounding: str = "down",
    at: datetime = NOW,
) -> None:
    """Let every points campaign of the account contribute to ``master`` from now on."""
    with unit_of_work(account.id):
        open_module(account=get_account_config(account.id), module="two_tier")
        config = get_account_config(account.id)
        set_second_tier(
            account=config, by=owner_of(config), at=at, master_campaign_id=master.id, contribution_ppm=percent * 10_000,
            rounding=rounding,
        )  # fmt: skip


def make_reward(
    account: MadeAccount | AccountConfig,
    campaign: CampaignConfig,
    *,
    level: int = 100,
    description: str = "Free coffee",
    at: datetime = NOW,
    **options: Any,
) -> int:
    """Add a reward and return its id; ``options`` as add_reward()."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return add_reward(
            account=config, by=owner_of(config), at=at, campaign_id=campaign.id, level=level, description=description, **options
        )


def make_promotion(
    account: MadeAccount | AccountConfig,
    campaign: CampaignConfig,
    *,
    description: str = "Bring a friend",
    at: datetime = NOW,
    **options: Any,
) -> int:
    """Add a promotion (+100 unless told otherwise) and return its id; ``options`` as add_promotion()."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        given: dict[str, Any] = {"operation": "+", "points": 100} | options
        if given["operation"] == "x":
            given = {"points": None, "multiplier_ppm": 1_250_000} | options
        return add_promotion(
            account=config, by=owner_of(config), at=at, campaign_id=campaign.id, description=description, **given
        )


def make_item(
    account: MadeAccount | AccountConfig,
    campaign: CampaignConfig,
    *,
    description: str = "Flat white",
    level: int | None = 10,
    at: datetime = NOW,
    **options: Any,
) -> int:
    """Add an item to a buyx campaign and return its id; ``options`` as add_item()."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return add_item(
            account=config, by=owner_of(config), at=at, campaign_id=campaign.id, description=description, level=level, **options
        )


def make_depreciation(
    account: MadeAccount | AccountConfig, campaign: CampaignConfig, *, at: datetime = NOW, **options: Any
) -> int:
    """Let each earning expire after 30 days unless told otherwise; return the id; ``options`` as add_depreciation()."""
    given: dict[str, Any] = {
        "basis": "per_transaction",
        "interval_count": 30,
        "interval_unit": "days",
        "percentage_ppm": 1_000_000,
    } | options
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return add_depreciation(account=config, by=owner_of(config), at=at, campaign_id=campaign.id, **given)


def make_fee(account: MadeAccount | AccountConfig, campaign: CampaignConfig, *, at: datetime = NOW, **options: Any) -> int:
    """Take 5 every 10 days unless told otherwise; return the rule's id; ``options`` as add_fee()."""
    given: dict[str, Any] = {"interval_count": 10, "interval_unit": "days", "amount": 5, "description": "Upkeep"} | options
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return add_fee(account=config, by=owner_of(config), at=at, campaign_id=campaign.id, **given)


def make_customer(
    account: MadeAccount | AccountConfig,
    *,
    campaigns: tuple[CampaignConfig, ...] = (),
    openings: tuple[int, ...] = (),
    code: str = "",
    card: CardRequest | None = None,
    wants_random_code: bool = False,
    sends_mail: bool = False,
    at: datetime = NOW,
    **profile: Any,
) -> CustomerRow:
    """Enrol a customer by the owner; ``profile`` as rules.Profile; ``openings`` go into ``campaigns`` one by one."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        amounts = openings + (0,) * (len(campaigns) - len(openings))
        enrolled = enrol_customer(
            account=config,
            by=owner_of(config),
            at=at,
            profile=Profile(**profile),
            code=code,
            card=card,
            wants_random_code=wants_random_code,
            joins=tuple(Joining(campaign, opening) for campaign, opening in zip(campaigns, amounts, strict=True)),
            sends_mail=sends_mail,
        )
    return enrolled.customer


def make_sale(
    account: MadeAccount | AccountConfig,
    customer: CustomerRow,
    campaign: CampaignConfig,
    *,
    amount_minor: int | None = 995,
    by: UserConfig | None = None,
    at: datetime = NOW,
) -> int:
    """Record a sale, by the owner unless told otherwise, and return the id of its entry."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        receipt = record_activity(
            account=config,
            by=by or owner_of(config),
            campaign=config.campaigns_by_id[campaign.id],
            terms=Terms(at, at, customer_id=customer.id),
            amount_minor=amount_minor,
        )
    return receipt.posted.entry_id


@dataclass(frozen=True)
class Cast:
    """The people of most stories: see make_cast()."""

    alice: MadeAccount
    bob: MadeUser
    carol: MadeAccount
    club: CampaignConfig
    """Of Alice's campaigns, the one that Bob may enter."""
    other: CampaignConfig


def make_cast() -> Cast:
    """Alice owns Bean & Leaf with two campaigns; Bob is her cashier with one of them; Carol is in another account."""
    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice")
    club, other = make_campaign(alice, name="Coffee club"), make_campaign(alice, kind="giftcard", name="Gift cards")
    bob = make_user(alice, role="K", first_name="Bob", campaigns_access="some", allowed_campaign_ids=[club.id])
    carol = make_account(biz_name="Carol's Books", contact_first_name="Carol")
    return Cast(alice=alice, bob=bob, carol=carol, club=club, other=other)


def make_logged_request(
    account: MadeAccount | AccountConfig,
    *,
    at: datetime = NOW,
    request_id: str = "r",
    call: str = "customer_info",
    user_code: str = "till_a",
    code: str = "ok",
    duration_us: int = 1_500,
    fields: dict[str, str] | None = None,
    answer: str = '{"status":"success"}',
) -> None:
    """Put a request into the log, as a worker writes it."""
    details = [request_id, user_code, "192.0.2.7", 200, duration_us, len(answer), fields or {}, answer]
    with unit_of_work(account.id):
        LoggedRequest.objects.create(
            account_id=account.id, id=first_id(at), call=call, code=code, details=orjson.dumps(details).decode()
        )


def owner_of(account: AccountConfig) -> UserConfig:
    """Return the account's owner."""
    return next(user for user in account.users.values() if user.is_owner)
