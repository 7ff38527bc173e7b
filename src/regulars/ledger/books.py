# SPDX-License-Identifier: Apache-2.0
"""What goes into the ledger and what comes back: plain values, the same for the async and the sync face."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from regulars.campaigns.rules import Calculation
from regulars.customers.rows import CustomerRow


class Posting(NamedTuple):
    """
    One change of one customer's balance, as computed by the rules; what ledger_post() takes.

    A tuple, not a dataclass: one is made for every sale, and it is sent as it is.

    Units: ``amount`` is signed, in the unit of the pool; ``remainder`` in 10^-15 points, None = not carried.
    The field order is the order of the SQL type ledger_posting after ``position``; the last, ``calculation``, goes beside it.
    """

    account_id: int
    config_version: int
    kind: str
    campaign_id: int
    pool_id: int
    amount: int
    user_id: int
    occurred_at: datetime
    recorded_at: datetime
    rules_version: int
    customer_id: int | None = None
    code: str | None = None
    card_number: str | None = None
    item_id: int = 0
    remainder: int | None = None
    description: str = ""
    purchase_minor: int | None = None
    promotion_id: int | None = None
    reward_id: int | None = None
    fields: str | None = None
    """Transaction custom fields as a JSON object."""
    expires_at: datetime | None = None
    next_change_at: datetime | None = None
    expected_balance: int | None = None
    reference: str | None = None
    idempotency_key: str | None = None
    fingerprint: bytes | None = None
    context: str | None = None
    """JSON kept with the key; the answer is written from it again."""
    guard: str | None = None
    guard_seconds: int = 0
    contribute_campaign_id: int | None = None
    contribute_pool_id: int | None = None
    contribute_ppm: int = 0
    contribute_rounding: str = "down"
    contribute_expires_at: datetime | None = None
    contribute_next_change_at: datetime | None = None
    contribute_rules_version: int = 0
    sends_mail: bool = False
    dry_run: bool = False
    calculation: Calculation | None = None
    """What ``amount`` was computed from; None = it is what was entered."""


class Posted(NamedTuple):
    """What a posting did. ``amount`` as recorded (with the carried remainder); balances after it."""

    entry_id: int
    amount: int
    balance: int
    cumulative: int
    """Earned in this campaign."""
    pool_cumulative: int
    """Earned in the pool: the coalition's cumulative."""
    contribute_amount: int | None
    contribute_balance: int | None
    is_replay: bool
    """The key was used before: this is the first answer again."""
    duplicate_of: int | None
    """The duplicate guard saw the same sale moments ago (mode flag)."""
    context: dict[str, Any] | None
    """The stored context, on a replay."""
    customer: CustomerRow


class Booked(NamedTuple):
    """What one posting of many did. ``amount`` as recorded."""

    entry_id: int
    customer_id: int
    amount: int


class MembershipRow(NamedTuple):
    """A customer in one campaign (and buyx item). ``balance`` is that of the pool."""

    campaign_id: int
    item_id: int
    balance: int
    cumulative: int
    pool_cumulative: int
    joined_at: datetime
    first_transaction_at: datetime | None
    last_transaction_at: datetime | None
    last_transaction_amount: int
    last_redemption_at: datetime | None
    last_redemption_amount: int
    pool_id: int
    """Where the balance is: also known of a campaign that was deleted."""


class HistoryRow(NamedTuple):
    """One line of a customer's history, newest first. ``rule_id`` is set on computed rows (expire, fee)."""

    id: int
    campaign_id: int
    item_id: int
    kind: str
    amount: int
    balance_after: int
    user_id: int
    description: str
    purchase_minor: int | None
    promotion_id: int | None
    reward_id: int | None
    rule_id: int | None
    fields: dict[str, str]
    occurred_at: datetime
    recorded_at: datetime
    reference: str | None
    reverses_id: int | None
    subject: str
    """The item, reward or promotion as it is called now, deleted ones too; "" = none."""


class Query(NamedTuple):
    """One look-up of one customer. ``campaign_id`` None = all campaigns the customer is in."""

    account_id: int
    config_version: int
    at: datetime
    customer_id: int | None = None
    code: str | None = None
    card_number: str | None = None
    campaign_id: int | None = None
    with_balances: bool = True
    history_limit: int = 0
    """How many history rows; 0 none."""
    history_across: bool = False
    """History of all campaigns, not only campaign_id's."""


class Found(NamedTuple):
    """What a look-up found."""

    customer: CustomerRow
    memberships: tuple[MembershipRow, ...]
    history: tuple[HistoryRow, ...]


class Reversed(NamedTuple):
    """What a reversal did: ``amount`` signed, as recorded by the reversing entry ``entry_id``."""

    entry_id: int
    reversed_entry_id: int
    amount: int
    balance: int
    cumulative: int
    reversed_total: int
    is_replay: bool
