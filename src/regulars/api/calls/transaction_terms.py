# SPDX-License-Identifier: Apache-2.0
"""What record_activity and redeem share of their parameters: who, when, under which key, with which fields."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from regulars.accounts.directory import CampaignConfig
from regulars.api.call import Context
from regulars.api.calls.receipt_element import receipt_answer
from regulars.errors import InvalidParameter, MissingParameter
from regulars.ledger.books import Posted
from regulars.protocol.kinds import money, points
from regulars.protocol.tree import Element
from regulars.transactions.receipts import frame_again, receipt_of
from regulars.transactions.terms import Terms, kept_fields

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
    @property
    def receipt_text(self) -> bool: ...


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
    fields = kept_fields(ctx.account, params.custom_fields)
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


def first_answer(_ctx: Context, params: SharedParams, posted: Posted) -> Element:
    """Return what a call was answered with under its key, where it could not be prepared again (the promotion is over)."""
    return receipt_answer(receipt_of(frame_again(posted.context or {}), posted), with_text=params.receipt_text)


def read_unit(ctx: Context, campaign: CampaignConfig, name: str, raw: str) -> int:
    """Return an amount written in the campaign's unit: money in minor units, or a whole number. Raises: InvalidParameter."""
    kind = _MONEY if campaign.is_money else _WHOLE
    return kind.parse(name, raw, ctx.account)
