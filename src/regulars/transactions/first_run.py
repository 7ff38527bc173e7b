# SPDX-License-Identifier: Apache-2.0
"""
The first account of an installation that has none: with its owner, where it is, and the first campaign (ADR-0025).

Nothing is written until all of it is known; then everything, in one transaction, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from regulars.accounts.brands import check_address
from regulars.accounts.directory import PROFILE_COLUMNS, AccountConfig
from regulars.accounts.lengths import checked_length
from regulars.accounts.localisation import parse_country, parse_currency, parse_language, parse_time_zone
from regulars.accounts.models import Account
from regulars.accounts.queries import get_account_config
from regulars.accounts.rules import check_account_code
from regulars.campaigns.operations import add_item, add_reward, create_campaign
from regulars.errors import InvalidParameter, MissingParameter, Problems, RequestError
from regulars.kit.db import unit_of_work
from regulars.users.opening import CreatedAccount, create_account
from regulars.users.rules import check_password
from regulars.users.setup_code import use_setup_code

KINDS = ("business", "platform")
"""A business's own account, or the platform owner's, who opens accounts for others (ADR-0011)."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FirstCampaign:
    """
    ``settings``: as create_campaign() takes them. ``reward_level``: points or events, None = no reward yet; ``item``: what is
    counted in a campaign of kind buyx, "" = nothing yet.
    """

    kind: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    reward_level: int | None = None
    reward: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class SetUp:
    """``campaign``: the number of the first campaign, "" where there is none."""

    opened: CreatedAccount
    campaign: str


def check_parts(parts: Mapping[str, str]) -> None:
    """
    Check some of what set_up() takes, by name, before all of it is known. Pure.

    Raises: RequestError, or Problems with several; each names its part.
    """
    wrong: list[RequestError] = []
    for name, value in parts.items():
        try:
            _CHECKS[name](value)
        except RequestError as error:
            wrong.append(error)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Problems(tuple(wrong))


def drafted(parts: Mapping[str, str]) -> AccountConfig:
    """Return the account as it would be, for examples: it exists nowhere. Pure. Raises as check_parts()."""
    check_parts(parts)
    return AccountConfig(
        id=0, code=parts["code"], version=0, rules_version=0, state="active", is_demo=False, kind=parts["kind"], agency=None,
        profile=dict.fromkeys(PROFILE_COLUMNS, "") | {"biz_name": parts["biz_name"], "biz_country": parts["country"]},
        language=parse_language(parts["language"]), currency=parse_currency(parts["currency"]),
        timezone=parse_time_zone(parts["timezone"]), created_at=NEVER, test_clock_offset_seconds=0,
        coalition_pool_points_id=None, coalition_pool_money_id=None, master_campaign_id=None, contribution_ppm=0,
        contribution_rounding="down", modules=frozenset(), is_moving=False, users={}, campaigns={}, fields=(),
    )  # fmt: skip


def set_up(*, code: str, at: datetime, parts: Mapping[str, str], campaign: FirstCampaign | None) -> SetUp:
    """
    Open the first account with its owner and campaign, and use the set-up code up.

    ``parts``: kind, code, biz_name, country, first_name, last_name, email, password, language, currency, timezone.

    Opens its units of work itself, as create_account() does: the scope is the account that it makes.

    Writes:  1 account, 1 user, up to 1 campaign with a reward or an item; locks the set-up code's row.
    Raises:  SetupCodeNotValid; as check_parts(); as create_campaign(), add_reward() and add_item().
    Source:  issue 5, 1.
    """
    check_parts(parts)
    with transaction.atomic():
        use_setup_code(code=code, at=at)
        opened = create_account(
            code=parts["code"], biz_name=parts["biz_name"], at=at, password=parts["password"], currency=parts["currency"],
            timezone=parts["timezone"], language=parts["language"], country=parts["country"], state="active",
            kind=parts["kind"], contact_first_name=parts["first_name"], contact_last_name=parts["last_name"],
            client_email=parts["email"],
        )  # fmt: skip
        number = ""
        if campaign is not None and parts["kind"] == "business":
            with unit_of_work(opened.account.id):
                number = _begin(opened, campaign, at)
    return SetUp(opened, number)


def _begin(opened: CreatedAccount, campaign: FirstCampaign, at: datetime) -> str:
    who: dict[str, Any] = {"account": opened.account, "by": opened.owner, "at": at}
    made = create_campaign(**who, kind=campaign.kind, name=campaign.name, **campaign.settings)
    who["account"] = get_account_config(opened.account.id)
    if campaign.reward_level is not None:
        add_reward(**who, campaign_id=made.id, level=campaign.reward_level, description=campaign.reward)
    if campaign.item:
        add_item(**who, campaign_id=made.id, description=campaign.item)
    return made.number


# -- what each part must be ------------------------------------------------------------------------------------------
def _filled(name: str, value: str) -> None:
    if not value.strip():
        raise MissingParameter(name)


def _check_kind(value: str) -> None:
    if value not in KINDS:
        raise InvalidParameter("kind", "one of " + ", ".join(KINDS))


def _check_code(value: str) -> None:
    _filled("code", value)
    try:
        check_account_code(value)
    except InvalidParameter as error:
        raise InvalidParameter("code", text=error.message) from error


def _check_name(value: str) -> None:
    _filled("biz_name", value)
    checked_length(Account, "biz_name", value)


def _check_country(value: str) -> None:
    if value:
        parse_country(value)


def _check_text(name: str, column: str) -> Callable[[str], object]:
    return lambda value: checked_length(Account, column, value, name=name)


_CHECKS: dict[str, Callable[[str], object]] = {
    "kind": _check_kind,
    "code": _check_code,
    "biz_name": _check_name,
    "country": _check_country,
    "first_name": _check_text("first_name", "contact_first_name"),
    "last_name": _check_text("last_name", "contact_last_name"),
    "email": lambda value: check_address("email", value),
    "password": check_password,
    "language": parse_language,
    "currency": parse_currency,
    "timezone": parse_time_zone,
}
