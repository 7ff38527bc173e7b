# SPDX-License-Identifier: Apache-2.0
"""What record_activity and redeem share of their parameters: who, when, under which key, with which fields."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import orjson

from regulars.accounts.directory import CampaignConfig
from regulars.accounts.rules import check_values
from regulars.api.call import Context
from regulars.errors import InvalidParameter, MissingParameter
from regulars.protocol.kinds import money, points
from regulars.transactions.receipts import Receipt, frame_again, receipt_of
from regulars.transactions.terms import Terms

_MONEY = money()
_WHOLE = points()


class SharedParams(Protocol):
    """The parameters both calls declare."""

    @property
    def code(self) -> str | None: ...
    @property
    def card_number(self) -> str | None: ...
    @property
    def authorization(self) -> str: ...
    @property
    def send_transaction_email(self) -> bool: ...
    @property
    def custom_fields(self) -> dict[int, str]: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def transaction_time(self) -> datetime | None: ...
    @property
    def expected_balance(self) -> str | None: ...


def read_terms(ctx: Context, campaign: CampaignConfig, params: SharedParams) -> Terms:
    """
    Return the circumstances of a sale or redemption.

    Raises: MissingParameter, InvalidParameter: transaction_time in the future, expected_balance not in the campaign's unit,
    a custom field that does not exist or does not take the value.
    """
    if params.code is None and params.card_number is None:
        raise MissingParameter("code")
    occurred_at = ctx.at
    if params.transaction_time is not None:
        if params.transaction_time > ctx.at:
            raise InvalidParameter("transaction_time", "it lies in the future")
        occurred_at = params.transaction_time
    expected = params.expected_balance
    fields = None
    if params.custom_fields or ctx.account.transaction_fields:
        account = ctx.account
        values = check_values(account.transaction_fields, params.custom_fields, currency=account.currency, is_complete=True)
        fields = orjson.dumps(values).decode() if values else None
    return Terms(
        occurred_at,
        ctx.at,
        None,
        params.code,
        params.card_number if params.code is None else None,
        params.authorization,
        fields,
        params.reference,
        None if expected is None else read_unit(ctx, campaign, "expected_balance", expected),
        params.send_transaction_email,
        ctx.idempotency_key,
        ctx.fingerprint,
        ctx.dry_run,
    )


async def first_receipt(ctx: Context) -> Receipt | None:
    """
    Return what this very call was answered with under its idempotency key before, or None.

    For a repetition that can not be prepared any more: the promotion is over, the campaign on hold. One round trip.
    """
    if ctx.idempotency_key is None:
        return None
    stored = await ctx.ledger.recall(ctx.account.id, ctx.idempotency_key)
    if stored is None:
        return None
    fingerprint, posted, _ = stored
    if fingerprint != ctx.fingerprint or posted is None or not posted.context:
        return None
    return receipt_of(frame_again(posted.context), posted)


def read_unit(ctx: Context, campaign: CampaignConfig, name: str, raw: str) -> int:
    """Return an amount written in the campaign's unit: money in minor units, or a whole number. Raises: InvalidParameter."""
    kind = _MONEY if campaign.is_money else _WHOLE
    return kind.parse(name, raw, ctx.account)
