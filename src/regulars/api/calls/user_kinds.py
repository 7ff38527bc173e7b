# SPDX-License-Identifier: Apache-2.0
"""What the calls about users (user_new, user_update, users_list, user_delete, campaign_users) have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import parse_language, parse_time_zone
from regulars.errors import CampaignNotFound, InvalidParameter
from regulars.protocol.kinds import campaign_number
from regulars.protocol.params import Kind
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.access import ROLES
from regulars.users.rules import check_user_code

NEEDS_NAME = "A User ID is required to create a new user."
NEEDS_ROLE = "You must select a role for this user:"
NEEDS_WHOM = "Missing username"
CAMPAIGNS_MAX = 1_000
WIRE_NAMES = {
    "role": "user_role", "password": "user_new_password", "pin": "user_PIN", "language": "language_selector",
    "timezone": "timezone_selector", "first_name": "user_first_name", "last_name": "user_last_name", "custom1": "user_custom1",
}  # fmt: skip
"""Our words for what a user has -> the parameters' names."""

_CAMPAIGN_NUMBER = re.compile(r"[0-9]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AllowedCampaigns:
    """``access`` is all, none or some; ``numbers`` are those of some."""

    access: str
    numbers: tuple[str, ...] = ()


def new_user_name() -> Kind[str]:
    """A User ID that is to be."""
    return Kind(lambda name, raw, _: check_user_code(raw, name=name), "1 to 20 letters, digits or underscores (_)")


def role() -> Kind[str]:
    """A role letter, in any case."""
    says = "one of the letters " + " ".join(ROLES)

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        letter = raw.upper()
        if letter not in ROLES:
            raise InvalidParameter(name, says)
        return letter

    return Kind(parse, says, choices=tuple(ROLES))


def language() -> Kind[str]:
    """A language, to its code in lower case."""
    return Kind(lambda name, raw, _: parse_language(raw, name=name), "two letters of ISO 639-1, such as EN")


def time_zone() -> Kind[str]:
    """A time zone, to its IANA name."""
    return Kind(
        lambda name, raw, _: parse_time_zone(raw, name=name),
        "a number of the list of time zones, or a name such as Europe/Berlin",
    )


def allowed_campaigns() -> Kind[AllowedCampaigns]:
    """All, none, or campaign ids."""
    says = f"all, none, or campaign ids of 16 digits joined by commas, at most {CAMPAIGNS_MAX}"

    def parse(name: str, raw: str, _: AccountConfig) -> AllowedCampaigns:
        word = raw.lower()
        if word in ("all", "none"):
            return AllowedCampaigns(word)
        numbers = tuple(part for part in (piece.strip() for piece in raw.split(",")) if part)
        if not 1 <= len(numbers) <= CAMPAIGNS_MAX or not all(map(_CAMPAIGN_NUMBER.fullmatch, numbers)):
            raise InvalidParameter(name, says)
        return AllowedCampaigns("some", numbers)

    return Kind(parse, says, shape="list", each=campaign_number())


def campaign_ids(account: AccountConfig, numbers: tuple[str, ...]) -> frozenset[int]:
    """Return our ids of campaigns by their numbers. Raises CampaignNotFound; whether the caller may enter them is not asked."""
    if not all(number in account.campaigns for number in numbers):
        raise CampaignNotFound(fields=("allowed_campaigns",))
    return frozenset(account.campaigns[number].id for number in numbers)


def user_with_key(code: str, token: str) -> Element:
    """Return the answer of user_new and user_update."""
    return success(record("user", leaf("user_id", code), leaf("user_api_key", token)))
