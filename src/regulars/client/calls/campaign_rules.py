# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R


class CampaignRulesCalls(Caller[R]):
    """Calls about campaign rules."""

    def campaign_depreciations(
        self, *, campaign_id: int | str,
    ) -> R:
        """
        Campaign Depreciations List (`campaign_depreciations`).

        campaign_id: 16 digits; a points or gift card campaign
        """
        return self._read("campaign_depreciations", {
            "campaign_id": campaign_id,
        })

    def campaign_fee_delete(
        self, *, fee_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Fee (`campaign_fee_delete`).

        fee_id: an id, as an earlier answer gave it; the id of campaign_fees
        """
        return self._write("campaign_fee_delete", {
            "fee_id": fee_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_fee_new(
        self, *, campaign_id: int | str, fee_interval: int, interval_type: Literal["days", "months", "years"],
        fee_amount: Decimal | int | str, fee_description: str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Campaign Fee (`campaign_fee_new`).

        campaign_id: 16 digits; a points or gift card campaign
        fee_interval: a whole number from 1 to 36500; how many days, months or years lie between two fees
        interval_type: one of days, months, years; the unit of fee_interval
        fee_amount: text of at most 40 characters; points, or money; above 0
        fee_description: text of at most 255 characters; shown in the customer's history
        """
        return self._write("campaign_fee_new", {
            "campaign_id": campaign_id, "fee_interval": fee_interval, "interval_type": interval_type, "fee_amount": fee_amount,
            "fee_description": fee_description,
        }, idempotency_key, dry_run=dry_run)

    def campaign_fee_update(
        self, *, fee_id: int | str, campaign_id: int | str | None = None, fee_interval: int | None = None,
        interval_type: Literal["days", "months", "years"] | None = None, fee_amount: Decimal | int | str | None = None,
        fee_description: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update Fee (`campaign_fee_update`).

        fee_id: an id, as an earlier answer gave it; the id of campaign_fees
        campaign_id: 16 digits; where given, it must be the fee's
        fee_interval: a whole number from 1 to 36500; blank: unchanged
        interval_type: one of days, months, years; the unit of fee_interval; blank: unchanged
        fee_amount: text of at most 40 characters; points, or money; above 0
        fee_description: text of at most 255 characters; blank: unchanged
        """
        return self._write("campaign_fee_update", {
            "fee_id": fee_id, "campaign_id": campaign_id, "fee_interval": fee_interval, "interval_type": interval_type,
            "fee_amount": fee_amount, "fee_description": fee_description,
        }, idempotency_key, dry_run=dry_run)

    def campaign_fees(
        self, *, campaign_id: int | str,
    ) -> R:
        """
        Campaign Fees List (`campaign_fees`).

        campaign_id: 16 digits; a points or gift card campaign
        """
        return self._read("campaign_fees", {
            "campaign_id": campaign_id,
        })

    def depreciation_delete(
        self, *, depreciation_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Depreciation (`depreciation_delete`).

        depreciation_id: an id, as an earlier answer gave it; the id of campaign_depreciations
        """
        return self._write("depreciation_delete", {
            "depreciation_id": depreciation_id,
        }, idempotency_key, dry_run=dry_run)

    def depreciation_new(
        self, *, campaign_id: int | str, depreciation_type: Literal["per_transaction", "last_transaction"],
        depreciation_interval: int, depreciation_interval_type: Literal["days", "months", "years"],
        depreciation_percentage: Decimal | int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Campaign Depreciation (`depreciation_new`).

        campaign_id: 16 digits; a points or gift card campaign
        depreciation_type: one of per_transaction, last_transaction; per_transaction: each earning ages by itself;
            last_transaction: any activity restarts the clock
        depreciation_interval: a whole number from 1 to 36500; after how many days, months or years
        depreciation_interval_type: one of days, months, years; the unit of depreciation_interval
        depreciation_percentage: a number above 0 and at most 100, with at most 4 decimals; of what is left; 100 = all
        """
        return self._write("depreciation_new", {
            "campaign_id": campaign_id, "depreciation_type": depreciation_type, "depreciation_interval": depreciation_interval,
            "depreciation_interval_type": depreciation_interval_type, "depreciation_percentage": depreciation_percentage,
        }, idempotency_key, dry_run=dry_run)

    def depreciation_update(
        self, *, depreciation_id: int | str, campaign_id: int | str | None = None,
        depreciation_type: Literal["per_transaction", "last_transaction"] | None = None,
        depreciation_interval: int | None = None, depreciation_interval_type: Literal["days", "months", "years"] | None = None,
        depreciation_percentage: Decimal | int | str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update Depreciation (`depreciation_update`).

        depreciation_id: an id, as an earlier answer gave it; the id of campaign_depreciations
        campaign_id: 16 digits; where given, it must be the depreciation's
        depreciation_type: one of per_transaction, last_transaction; blank: unchanged
        depreciation_interval: a whole number from 1 to 36500; blank: unchanged
        depreciation_interval_type: one of days, months, years; blank: unchanged
        depreciation_percentage: a number above 0 and at most 100, with at most 4 decimals; of what is left; 100 = all; blank:
            unchanged
        """
        return self._write("depreciation_update", {
            "depreciation_id": depreciation_id, "campaign_id": campaign_id, "depreciation_type": depreciation_type,
            "depreciation_interval": depreciation_interval, "depreciation_interval_type": depreciation_interval_type,
            "depreciation_percentage": depreciation_percentage,
        }, idempotency_key, dry_run=dry_run)
