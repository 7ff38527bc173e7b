# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R
from regulars.client.wire import family


class TransactionsCalls(Caller[R]):
    """Calls about transactions."""

    def batch_transactions(
        self, *, delimiter: Literal["pipe", "comma", "tab"], data: str, apply_ratio: bool | None = None,
        send_transaction_email: bool | None = None, create_new_customers: bool | None = None,
        headers: Mapping[int, str] | None = None, form: str | None = None, no_undo: bool | None = None,
        allow_undo: bool | None = None, atomic: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Batch Transactions (`batch_transactions`).

        delimiter: one of pipe, comma, tab; what stands between the values of a line
        data (Visits_Data): text of at most 268435456 characters; an earning or a redemption a line, each ended by LF and/or CR;
            at most 100,000
        apply_ratio: yes or no; whether amounts are converted as those of a till are
        send_transaction_email: yes or no; whether each customer gets his mail
        create_new_customers: yes or no; make records for unknown customers
        headers (visits_header_#): text of at most 40 characters; the columns from the left, at least seven; numbered from 1;
            none = not looked at
        form (API): a version such as 1.5; from 1.5 on undo is off unless allowed
        no_undo (no-undo): yes or no; old form: undo is on unless this is yes
        allow_undo (allow-undo): yes or no; API 1.5: undo is off unless this is yes
        atomic: yes or no; extension: all lines or none; at most 10,000
        """
        return self._write("batch_transactions", {
            "delimiter": delimiter, "Visits_Data": data, "apply_ratio": apply_ratio,
            "send_transaction_email": send_transaction_email, "create_new_customers": create_new_customers, "API": form,
            "no-undo": no_undo, "allow-undo": allow_undo, "atomic": atomic, **family("visits_header_", headers),
        }, idempotency_key, dry_run=dry_run)

    def record_activity(
        self, *, campaign_id: int | str, code: str | None = None, card_number: str | None = None,
        amount: Decimal | int | str | None = None, promo_id: str | None = None, service_product: str | None = None,
        buyx_quantity: int | None = None, authorization: str | None = None, send_transaction_email: bool | None = None,
        custom_fields: Mapping[int, str] | None = None, reference: str | None = None,
        transaction_time: datetime | date | str | None = None, expected_balance: Decimal | int | str | None = None,
        receipt_text: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Record Transaction (`record_activity`).

        campaign_id: 16 digits; an active campaign the user may see
        code: at most 64 characters on one line; or card_number; code wins
        card_number: at most 64 characters on one line; a card; where it is none, an e-mail address, a phone number or a
            searchable field that one customer alone has
        amount: an amount such as 9.95 or 9,95, at most 12 digits and the currency's decimals; points (or promo_id), giftcard
        promo_id: text of at most 60 characters; points: a promotion's id, or the owner's own promo_custom_id
        service_product: text of at most 60 characters; buyx: an item's id, or its item_identifier
        buyx_quantity: a whole number from 1 to 10000; buyx: how many items were bought; absent: 1
        authorization: text of at most 255 characters; free description
        send_transaction_email: yes or no; Y: the customer is sent the receipt, where he has an address
        custom_fields (custom_field_#): text of at most 64000 characters; the values of transaction fields, made by
            transaction_fields
        reference: text of at most 64 characters; extension: the till's own number of the sale
        transaction_time: a date and time as YYYY-MM-DD HH:MM:SS; extension: when it happened; not in the future
        expected_balance: text of at most 40 characters; extension: refuse unless the balance is this before it
        receipt_text: yes or no; extension: the receipt as plain lines too
        """
        return self._write("record_activity", {
            "campaign_id": campaign_id, "code": code, "card_number": card_number, "amount": amount, "promo_id": promo_id,
            "service_product": service_product, "buyx_quantity": buyx_quantity, "authorization": authorization,
            "send_transaction_email": send_transaction_email, "reference": reference, "transaction_time": transaction_time,
            "expected_balance": expected_balance, "receipt_text": receipt_text, **family("custom_field_", custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def redeem(
        self, *, campaign_id: int | str, code: str | None = None, card_number: str | None = None,
        custom_points_redeem: int | None = None, custom_dollars_redeem: Decimal | int | str | None = None,
        reward_to_redeem: Decimal | int | str | None = None, authorization: str | None = None,
        send_transaction_email: bool | None = None, custom_fields: Mapping[int, str] | None = None,
        reference: str | None = None, transaction_time: datetime | date | str | None = None,
        expected_balance: Decimal | int | str | None = None, receipt_text: bool | None = None,
        idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Redemption Transaction (`redeem`).

        campaign_id: 16 digits; an active campaign the user may see
        code: at most 64 characters on one line; or card_number; code wins
        card_number: at most 64 characters on one line; a card; where it is none, an e-mail address, a phone number or a
            searchable field that one customer alone has
        custom_points_redeem: a whole number, at most 12 digits; points: how many
        custom_dollars_redeem: an amount such as 9.95 or 9,95, at most 12 digits and the currency's decimals; points: a money
            value, at the spend-to-reward ratio
        reward_to_redeem: text of at most 60 characters; points, events: a reward's id; giftcard, earned: the amount; buyx: an
            item's id or item_identifier
        authorization: text of at most 255 characters; free description
        send_transaction_email: yes or no; Y: the customer is sent the receipt, where he has an address
        custom_fields (custom_field_#): text of at most 64000 characters; the values of transaction fields, made by
            transaction_fields
        reference: text of at most 64 characters; extension: the till's own number of the sale
        transaction_time: a date and time as YYYY-MM-DD HH:MM:SS; extension: when it happened; not in the future
        expected_balance: text of at most 40 characters; extension: refuse unless the balance is this before it
        receipt_text: yes or no; extension: the receipt as plain lines too
        """
        return self._write("redeem", {
            "campaign_id": campaign_id, "code": code, "card_number": card_number, "custom_points_redeem": custom_points_redeem,
            "custom_dollars_redeem": custom_dollars_redeem, "reward_to_redeem": reward_to_redeem,
            "authorization": authorization, "send_transaction_email": send_transaction_email, "reference": reference,
            "transaction_time": transaction_time, "expected_balance": expected_balance, "receipt_text": receipt_text,
            **family("custom_field_", custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def transaction_delete(
        self, *, campaign_id: int | str, code: str, transaction_id: int | str, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Delete a Transaction (`transaction_delete`).

        campaign_id: 16 digits; the campaign of the transaction
        code: at most 64 characters on one line; the customer's code, not his card
        transaction_id: text of at most 20 characters; from a receipt or customer_balance; not D12 or F3
        """
        return self._write("transaction_delete", {
            "campaign_id": campaign_id, "code": code, "transaction_id": transaction_id,
        }, idempotency_key, dry_run=dry_run)
