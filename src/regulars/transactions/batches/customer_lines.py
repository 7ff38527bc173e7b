# SPDX-License-Identifier: Apache-2.0
"""One line of a batch of customers: what it says of whom (api.md 7 customers_batch). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from regulars.accounts.dates import read_partial_date
from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.accounts.numbers import read_decimal
from regulars.customers.rules import COLUMNS as TEXTS
from regulars.customers.rules import Profile, check_code
from regulars.errors import InvalidParameter, MissingParameter
from regulars.transactions.batches.columns import custom_number
from regulars.transactions.batches.options import CustomerImport
from regulars.transactions.enrol import Joining

PROFILE_COLUMNS = {
    "card_number": "card_number", "first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone",
    "custom_date": "custom_date", "street1": "street1", "street2": "street2", "city": "city", "state": "state",
    "postal_code": "postal_code", "country": "country", "customer_username": "username", "customer_password": "password",
    "customer_PIN": "pin",
}  # fmt: skip
"""Column to the part of a profile."""
COLUMNS = frozenset({*PROFILE_COLUMNS, "code", "custom_field", "auto_add"})
"""What a batch of customers may have, beside custom_field_#."""
COLUMN_OF = {part: column for column, part in PROFILE_COLUMNS.items() if part != column} | {"opening": "auto_add"}
"""What our words are called in a line, where that differs."""


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """What one line says. ``profile`` has only what is not empty."""

    line: int
    code: str
    profile: Profile
    joins: tuple[Joining, ...]

    def names(self, account: AccountConfig) -> Iterator[str]:
        """Yield what nobody else may have: two lines that share such a name are done one after the other."""
        for own in (self.code, self.profile.card_number):
            if own:
                yield f"number {own}"
        if self.profile.username:
            yield f"username {self.profile.username}"
        for number, value in self.profile.fields.items():
            config = account.customer_fields.get(number)
            if config is not None and config.unique:
                yield f"field {number} {value.lower()}"


def read_customer_line(
    account: AccountConfig, campaigns: tuple[CampaignConfig, ...], importing: CustomerImport, line: int, content: str
) -> CustomerLine:
    """
    Return what a line says. ``campaigns``: those that each customer joins.

    Raises: InvalidParameter; MissingParameter where it names nobody and no card number is made.
    """
    cells = importing.columns.cells(content)
    code = cells.pop("code", "")
    if code:
        check_code(code)
    auto_add = cells.pop("auto_add", "")
    if not code and "card_number" not in cells and importing.card_digits is None:
        raise MissingParameter("card_number")
    if "custom_date" in cells:
        cells["custom_date"] = read_partial_date("custom_date", cells["custom_date"])
    parts: dict[str, str] = {}
    fields: dict[int, str] = {}
    for name, value in cells.items():
        number = custom_number(name)
        if number is None:
            parts[PROFILE_COLUMNS[name]] = value
        else:
            fields[number] = value
    return CustomerLine(line, code, Profile(**parts, fields=fields), _openings(account, campaigns, auto_add))


def emptied(account: AccountConfig, profile: Profile) -> Profile:
    """Return the profile that writes these data and empties all others; the numbers that a customer is known by stay."""
    blank = Profile(
        **{name: getattr(profile, name) or "" for name in TEXTS if name != "card_number"},
        fields=dict.fromkeys(account.customer_fields, "") | dict(profile.fields),
    )
    return replace(blank, card_number=profile.card_number, password=profile.password or "", pin=profile.pin or "")


def _openings(account: AccountConfig, campaigns: tuple[CampaignConfig, ...], raw: str) -> tuple[Joining, ...]:
    """The campaigns to join with what is put into each at once, in its own unit."""
    joins = []
    for campaign in campaigns:
        opening = 0
        if raw:
            if campaign.kind == "buyx":
                raise InvalidParameter("auto_add", "a buyx campaign counts items and takes no opening amount")
            opening = read_decimal("auto_add", raw, account.currency.decimals if campaign.is_money else 0)
            if opening < 0:
                raise InvalidParameter("auto_add", "it must not be negative")
        joins.append(Joining(campaign, opening))
    return tuple(joins)
