# SPDX-License-Identifier: Apache-2.0
"""
One line of a batch of transactions, made a posting by the rules of a till's own calls (record.py, redeem.py). Pure.

What ``amount`` is (api.md 8): without ratio the number of points, events or units, or the money, both ways. With ratio:
points: money of a purchase, or a reward; giftcard: money; events: number of events, or a reward; earned: number of
events, or money; buyx: units bought, or how many free items are taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from regulars.accounts.dates import read_date_time
from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.accounts.numbers import read_decimal
from regulars.accounts.rules import check_values
from regulars.customers.rules import check_code
from regulars.errors import InvalidParameter, MissingParameter
from regulars.ledger.books import Posting
from regulars.transactions.batches.columns import custom_number
from regulars.transactions.batches.options import ActivityImport
from regulars.transactions.record import QUANTITY_MAX, find_item, sale_posting
from regulars.transactions.redeem import (
    Spending,
    counted_spending,
    find_reward_named,
    money_spending,
    points_spending,
    redemption_posting,
    reward_spending,
)
from regulars.transactions.terms import Terms, usable_campaign

COLUMNS = frozenset(
    {"campaign_id", "code", "card_number", "redeemed", "amount", "date", "authorization", "service_product", "reference"}
)
"""What a batch of transactions may have, beside custom_field_#."""
AUTHORIZATION_MAX = 255
REFERENCE_MAX = 64

_US_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})((?:[ T].*)?)", re.ASCII)
_FLAGS = {"y": True, "yes": True, "true": True, "1": True, "n": False, "no": False, "false": False, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line, ready to be posted. ``spending``: what a redemption takes; None = it adds."""

    line: int
    posting: Posting
    spending: Spending | None

    @property
    def who(self) -> tuple[str, str]:
        """The code or the card that the line names."""
        return self.posting.code or "", self.posting.card_number or ""


def read_activity_line(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    received_at: datetime,
    importing: ActivityImport,
    line: int,
    content: str,
) -> ActivityLine:
    """
    Return the posting of a line. ``received_at``: when a line without a date happened.

    Raises: MissingParameter, InvalidParameter, Problems, CampaignNotFound, ItemNotFound, RewardNotFound.
    """
    cells = importing.columns.cells(content)
    for name in ("campaign_id", "amount"):
        if name not in cells:
            raise MissingParameter(name)
    campaign = usable_campaign(account, by, cells["campaign_id"])
    terms = _terms(account, at, received_at, importing, cells)
    unguarded = replace(by, duplicate_guard="off")  # two equal lines are two sales: a batch is repeated as a whole
    if _redeemed(cells.get("redeemed", "")):
        spending = _spending(account, campaign, cells, applies_ratio=importing.applies_ratio)
        posting = redemption_posting(account=account, by=unguarded, campaign=campaign, terms=terms, spending=spending).posting
        return ActivityLine(line, posting, spending)
    posting = _earning(account, unguarded, campaign, terms, cells, applies_ratio=importing.applies_ratio)
    return ActivityLine(line, posting, None)


def read_moment(name: str, raw: str, account: AccountConfig) -> datetime:
    """Return the instant of a date as YYYY-MM-DD or MM/DD/YYYY, with or without a time of day. Raises InvalidParameter."""
    us = _US_DATE.fullmatch(raw)
    if us is not None:
        raw = f"{us[4]}-{int(us[1]):02d}-{int(us[3]):02d}{us[5]}"
    return read_date_time(name, raw, account.zone)


def _terms(
    account: AccountConfig, at: datetime, received_at: datetime, importing: ActivityImport, cells: dict[str, str]
) -> Terms:
    code, card = cells.get("code"), cells.get("card_number")
    if code is None and card is None:
        raise MissingParameter("code")
    for name, value in (("code", code), ("card_number", card)):
        if value is not None:
            check_code(value, name)
    occurred_at = received_at
    if "date" in cells:
        occurred_at = read_moment("date", cells["date"], account)
        if occurred_at > received_at:
            raise InvalidParameter("date", "it lies in the future")
    fields = None
    given = {number: value for name, value in cells.items() if (number := custom_number(name)) is not None}
    if given or account.transaction_fields:
        kept = check_values(account.transaction_fields, given, currency=account.currency, is_complete=True)
        fields = orjson.dumps(kept).decode() if kept else None
    for name, maximum in (("authorization", AUTHORIZATION_MAX), ("reference", REFERENCE_MAX)):
        if len(cells.get(name, "")) > maximum:
            raise InvalidParameter(name, f"at most {maximum} characters")
    return Terms(
        occurred_at=occurred_at,
        recorded_at=at,
        code=code,
        card_number=card if code is None else None,
        description=cells.get("authorization", ""),
        fields=fields,
        reference=cells.get("reference"),
        sends_mail=importing.sends_mail,
    )


def _redeemed(raw: str) -> bool:
    wish = _FLAGS.get(raw.lower())
    if wish is None:
        raise InvalidParameter("redeemed", "Y or N is expected")
    return wish


def _whole(raw: str, maximum: int | None = None) -> int:
    value = read_decimal("amount", raw, 0)
    if value < 1:
        raise InvalidParameter("amount", text="The amount entered needs to be at least 1")
    if maximum is not None and value > maximum:
        raise InvalidParameter("amount", f"at most {maximum}")
    return value


def _money(account: AccountConfig, raw: str) -> int:
    return read_decimal("amount", raw, account.currency.decimals)


def _earning(
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    terms: Terms,
    cells: dict[str, str],
    *,
    applies_ratio: bool,
) -> Posting:
    raw = cells["amount"]
    item = None
    amount_minor: int | None = None
    counted: int | None = None
    quantity = 1
    if campaign.kind == "buyx":
        item = find_item(campaign, _item_named(cells))
        quantity = _whole(raw, QUANTITY_MAX)
    elif campaign.kind == "giftcard" or (campaign.kind == "points" and applies_ratio):
        amount_minor = _money(account, raw)
    elif campaign.kind == "earned":
        counted = _whole(raw) * campaign.amount_per_event_minor if applies_ratio else _at_least_one(account, raw)
    else:
        counted = _whole(raw)
    return sale_posting(
        account=account, by=by, campaign=campaign, terms=terms, amount_minor=amount_minor, item=item, quantity=quantity,
        counted=counted,
    ).posting  # fmt: skip


def _at_least_one(account: AccountConfig, raw: str) -> int:
    value = _money(account, raw)
    if value < 1:
        raise InvalidParameter("amount", text=f"The amount entered must be at least {account.currency.text(1)}")
    return value


def _spending(account: AccountConfig, campaign: CampaignConfig, cells: dict[str, str], *, applies_ratio: bool) -> Spending:
    raw = cells["amount"]
    if campaign.kind == "buyx":
        item = find_item(campaign, _item_named(cells))
        return counted_spending(_whole(raw) * (item.level if applies_ratio else 1), item=item)
    if campaign.is_money:
        return money_spending(account, _money(account, raw))
    if applies_ratio:
        return reward_spending(find_reward_named(campaign, raw, "amount"))
    return points_spending(_whole(raw)) if campaign.kind == "points" else counted_spending(_whole(raw))


def _item_named(cells: dict[str, str]) -> str:
    named = cells.get("service_product")
    if named is None:
        raise MissingParameter("service_product")
    return named
