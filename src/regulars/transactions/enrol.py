# SPDX-License-Identifier: Apache-2.0
"""Enrolling and changing a customer with everything that belongs to it: campaigns, opening amounts, mail."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.accounts.fields import list_required
from regulars.coalition.contributions import contribution, second_tier
from regulars.customers import operations as customers
from regulars.customers import queries
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import CardRequest, Profile
from regulars.errors import (
    CampaignNotFound,
    CampaignsNotValid,
    CustomerNotFound,
    InvalidParameter,
    MissingParameter,
    PermissionDenied,
    Problems,
)
from regulars.kit.ids import RANDOM
from regulars.ledger import operations as ledger
from regulars.ledger.books import Posting
from regulars.ledger.rules import plan_for
from regulars.ledger.wire import AlreadyJoined
from regulars.messages.models import OutboxMessage
from regulars.messages.rules import filled, one_line, plain_body
from regulars.messages.settings import find_mail_text
from regulars.transactions.terms import usable_campaign
from regulars.users.access import may, require

ACTIVATION_TEXT = "Account Activated."
"""What the zero entry of joining a campaign says (api.md 7)."""


@dataclass(frozen=True, slots=True)
class Joining:
    """A campaign to join. ``opening``: put in at once, in the campaign's unit: points, events, or currency minor units."""

    campaign: CampaignConfig
    opening: int = 0


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was written. ``is_new``: a customer that was not there before."""

    customer: CustomerRow
    is_new: bool


def chosen_campaigns(account: AccountConfig, by: UserConfig, numbers: Iterable[str]) -> tuple[CampaignConfig, ...]:
    """Return active campaigns that the user may see, each once. Raises CampaignsNotValid where one of them is not."""
    try:
        return tuple(usable_campaign(account, by, number) for number in dict.fromkeys(numbers))
    except CampaignNotFound as error:
        raise CampaignsNotValid from error


def enrol_customer(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    profile: Profile,
    code: str = "",
    card: CardRequest | None = None,
    wants_random_code: bool = False,
    joins: tuple[Joining, ...] = (),
    sends_mail: bool = True,
    rng: random.Random = RANDOM,
) -> Enrolled:
    """
    Add a customer, let him join campaigns, and welcome him by mail if he has an address.

    Units:  joins[].opening in the campaign's unit. It is an earning of its own: no purchase, no share for a second tier.
    Writes: 1 customer, 1 or 2 entries for each campaign, 0 or 1 mail.
    Raises: what customers.operations.enrol raises; InvalidParameter("opening"), StaleConfiguration, LockTimeout.
    Source: api.md 7 record_customer; concepts.md 7, 12.
    """
    _check_openings(joins)
    check_required(list_required(account=account), profile, makes_card=card is not None)
    customer = customers.enrol(
        account=account,
        profile=profile,
        by=by.id,
        at=at,
        code=code,
        card=card,
        wants_random_code=wants_random_code,
        rng=rng,
    )
    for joining in joins:
        _join(account, by, at, customer.id, joining)
    if sends_mail and customer.email:
        _write_mail(account, customer, "welcome", f"Welcome to {_name(account)}")
    return Enrolled(customer, is_new=True)


def edit_customer(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    profile: Profile,
    code: str = "",
    card: CardRequest | None = None,
    joins: tuple[Joining, ...] = (),
    sends_mail: bool = True,
    rng: random.Random = RANDOM,
) -> Enrolled:
    """
    Change the customer that ``code`` names, or without a code the one whose card it is; nobody there: enrol a new one.

    A new customer gets the code given, or a random one: here a card never becomes the code. Openings are put only into
    campaigns that the customer joins by this.

    Writes: 1 customer, 1 or 2 entries for each campaign joined, 0 or 1 mail.
    Raises: PermissionDenied (who may not add customers, or change a card that is assigned); what
            customers.operations.edit and enrol_customer raise.
    Source: api.md 7 record_customer, notes on edit; 5 roles P and K.
    """
    _check_openings(joins)
    customer_id: int | None = None
    if code:
        customer_id = queries.find_id_by_code(account=account, code=code)
    elif profile.card_number:
        customer_id = queries.find_id_by_card(account=account, card_number=profile.card_number)
        if customer_id is not None:
            profile = replace(profile, card_number=None)  # it named him; it may be a card he had before
    if customer_id is None:
        require(by, "add_customer")
        return enrol_customer(
            account=account,
            by=by,
            at=at,
            profile=profile,
            code=code,
            card=card,
            wants_random_code=True,
            joins=joins,
            sends_mail=sends_mail,
            rng=rng,
        )
    before = queries.get_customer(account=account, customer_id=customer_id)
    check_required(list_required(account=account), profile, before=before, may_lack=True)
    if card is not None and not profile.card_number:
        profile = replace(profile, card_number=customers.new_card_number(account=account, request=card, rng=rng))
    replaces_card = before.card_number and profile.card_number not in (None, before.card_number)
    if replaces_card and not may(by, "edit_customer_card_number"):
        raise PermissionDenied
    customer = customers.edit(account=account, customer_id=customer_id, profile=profile, by=by.id, at=at)
    for joining in joins:
        _join(account, by, at, customer.id, joining)
    if sends_mail and customer.email and (customer != before or profile.password or profile.pin):
        _write_mail(account, customer, "update", f"Your details at {_name(account)} were changed")
    return Enrolled(customer, is_new=False)


def register_customer(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    profile: Profile,
    code: str = "",
    joins: tuple[Joining, ...] = (),
    sends_mail: bool = True,
) -> Enrolled:
    """
    Let a member take over an issued card (or code), with a password and whatever else the profile brings.

    The card must be known as such: no e-mail address or phone number stands in for it.

    Writes: 1 customer, 1 or 2 entries for each campaign joined, 0 or 1 mail.
    Raises: CustomerNotFound; CardInUse where the card has its member already; what customers.operations.register raises.
    Source: api.md 7 record_customer, customer_action=register.
    """
    _check_openings(joins)
    customer_id = None
    if code:
        customer_id = queries.find_id_by_code(account=account, code=code)
    elif profile.card_number:
        customer_id = queries.find_id_by_card(account=account, card_number=profile.card_number)
        profile = replace(profile, card_number=None)
    if customer_id is None:
        raise CustomerNotFound
    before = queries.get_customer(account=account, customer_id=customer_id)
    if before.card_number and profile.card_number not in (None, before.card_number):
        raise CustomerNotFound(fields=("card_number",))
    check_required(list_required(account=account), profile, before=before)
    customer = customers.register(account=account, customer_id=customer_id, profile=profile, by=by.id, at=at)
    for joining in joins:
        _join(account, by, at, customer.id, joining)
    if sends_mail and customer.email:
        _write_mail(account, customer, "welcome", f"Welcome to {_name(account)}", texts=("activation", "welcome"))
    return Enrolled(customer, is_new=False)


REQUIRED_AS = {
    "zip": ("postal_code", "postal_code"), "customer_username": ("username", "customer_username"),
    "customer_PIN": ("pin", "customer_PIN"), "customer_password": ("password", "customer_password"),
}  # fmt: skip
"""Predefined fields whose place in a profile, or whose parameter, has another name -> both."""


def check_required(
    required: Iterable[str],
    profile: Profile,
    *,
    before: CustomerRow | None = None,
    may_lack: bool = False,
    makes_card: bool = False,
) -> None:
    """
    Raise MissingParameter, or Problems, where one of the predefined fields that are ``required`` would be empty.

    What is on record (``before``) counts. ``may_lack``: an edit need not bring what was never there, but may empty nothing.
    """
    missing = []
    for name in required:
        place, parameter = REQUIRED_AS.get(name, (name, name))
        given = getattr(profile, place)
        if given is None:
            is_there = may_lack or bool(getattr(before, place, "")) or (place == "card_number" and makes_card)
        else:
            is_there = bool(given.strip()) or (place == "card_number" and makes_card)
        if not is_there:
            missing.append(MissingParameter(parameter))
    if missing:
        raise missing[0] if len(missing) == 1 else Problems(tuple(missing))


def _check_openings(joins: tuple[Joining, ...]) -> None:
    for joining in joins:
        if joining.opening < 0:
            raise InvalidParameter("opening", "it must not be negative")
        if joining.opening and joining.campaign.kind == "buyx":
            raise InvalidParameter("opening", "a buy-X-get-one campaign counts items and takes no opening amount")


def joining_postings(
    account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, joining: Joining
) -> tuple[Posting, Posting | None]:
    """Return the activation of a campaign, and the opening amount that follows it where the customer joins by it."""
    # As the account's snapshot has it: its rules and the version that is posted under belong together.
    campaign = account.campaigns_by_id[joining.campaign.id]
    plan = plan_for(account, campaign, at, at)
    activation = Posting(
        account_id=account.id,
        config_version=account.version,
        kind="activation",
        campaign_id=campaign.id,
        pool_id=campaign.pool_id,
        amount=0,
        user_id=by.id,
        occurred_at=at,
        recorded_at=at,
        rules_version=plan.rules_version,
        customer_id=customer_id,
        description=ACTIVATION_TEXT,
        next_change_at=plan.next_change_at,
    )
    if not joining.opening:
        return activation, None
    opening = activation._replace(kind="earn", amount=joining.opening, description="", expires_at=plan.expires_at)
    return activation, opening._replace(**contribution(account, second_tier(account, campaign), at, at))


def _join(account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, joining: Joining) -> None:
    """Write the activation and the opening amount; nothing where the customer is in the campaign already."""
    activation, opening = joining_postings(account, by, at, customer_id, joining)
    try:
        ledger.post(account, activation)
    except AlreadyJoined:
        return
    if opening is not None:
        ledger.post(account, opening)


def _name(account: AccountConfig) -> str:
    return account.profile["biz_name"] or account.code


def _write_mail(account: AccountConfig, customer: CustomerRow, kind: str, subject: str, *, texts: tuple[str, ...] = ()) -> None:
    """``texts``: the account's own ones that it may say, the first that there is; else ours."""
    lines = [f"Dear {customer.first_name}," if customer.first_name else "Hello,", ""]
    if kind == "welcome":
        lines.append(f"you are now enrolled with {_name(account)}.")
    else:
        lines.append(f"your details with {_name(account)} were changed. If this was not your wish, please tell us.")
    lines.append("")
    if customer.card_number:
        lines.append(f"Card number: {customer.card_number}")
    if customer.username:
        lines.append(f"User name: {customer.username}")
    body = "\n".join(lines).rstrip() + "\n"
    own = find_mail_text(account=account, kinds=texts or (kind,))
    if own is not None:
        values = _mail_values(account, customer)
        subject, body = one_line(filled(own.subject, values)), plain_body(filled(own.body, values))
    OutboxMessage.objects.create(
        account_id=account.id,
        kind=kind,
        customer_id=customer.id,
        recipient=customer.email,
        subject=subject[:200],
        body=body,
    )


def _mail_values(account: AccountConfig, customer: CustomerRow) -> dict[str, str]:
    """What the account's own text may name (messages/settings.py)."""
    return {
        "business": _name(account),
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": f"{customer.first_name} {customer.last_name}".strip() or "customer",
        "card_number": customer.card_number,
        "username": customer.username,
    }
