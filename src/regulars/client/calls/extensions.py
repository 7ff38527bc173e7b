# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from regulars.client.session import Caller, R


class ExtensionsCalls(Caller[R]):
    """Calls about extensions."""

    def balance_explain(
        self, *, campaign_id: int | str, code: str | None = None, card_number: str | None = None,
        service_product: str | None = None, offset: int | None = None, length: int | None = None,
        expiries_until: date | str | None = None,
    ) -> R:
        """
        Explain a Balance (`balance_explain`).

        campaign_id: 16 digits; an active campaign the user may see
        code: at most 64 characters on one line; or card_number; code wins
        card_number: at most 64 characters on one line; a card, or what stands for it as in customer_balance
        service_product: text of at most 60 characters; buyx: the item, by id or identifier; required there
        offset: a whole number from 0 to 10000000; lines to leave out, from the newest
        length: a whole number from 1 to 500; lines in one answer; absent: 100
        expiries_until: a date as YYYY-MM-DD; how far ahead expiries and fees are told; absent: 365 days, at most 3660
        """
        return self._read("balance_explain", {
            "campaign_id": campaign_id, "code": code, "card_number": card_number, "service_product": service_product,
            "offset": offset, "length": length, "expiries_until": expiries_until,
        })

    def customer_merge(
        self, *, code: str | None = None, card_number: str | None = None, duplicate_code: str | None = None,
        duplicate_card_number: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Merge Two Customers (`customer_merge`).

        code: at most 64 characters on one line; the customer who stays; or card_number; code wins
        card_number: at most 64 characters on one line; his card, where code is not given
        duplicate_code: at most 64 characters on one line; the record that goes; or duplicate_card_number; code wins
        duplicate_card_number: at most 64 characters on one line; the duplicate's card, where its code is not given
        """
        return self._write("customer_merge", {
            "code": code, "card_number": card_number, "duplicate_code": duplicate_code,
            "duplicate_card_number": duplicate_card_number,
        }, idempotency_key, dry_run=dry_run)

    def request_log(
        self, *, user_name: str | None = None, call: str | None = None, error_code: str | None = None,
        request_id: str | None = None, time_from: datetime | date | str | None = None,
        time_to: datetime | date | str | None = None, offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Request Log (`request_log`).

        user_name: 1 to 20 letters, digits or underscores (_); requests of this user
        call: text of at most 64 characters; requests of this type
        error_code: text of at most 40 characters; requests answered so: ok, error (any), or an error's code
        request_id: text of at most 64 characters; the request answered with this X-Request-Id
        time_from: a date and time as YYYY-MM-DD HH:MM:SS; from this time on, by the account's clock
        time_to: a date and time as YYYY-MM-DD HH:MM:SS; up to and with this second
        offset: a whole number from 0 to 10000; how many to leave out, from the newest
        length: a whole number from 1 to 1000; absent: 50
        """
        return self._read("request_log", {
            "user_name": user_name, "call": call, "error_code": error_code, "request_id": request_id, "time_from": time_from,
            "time_to": time_to, "offset": offset, "length": length,
        })

    def transaction_reverse(
        self, *, transaction_id: int | str | None = None, reference: str | None = None,
        amount: Decimal | int | str | None = None, campaign_id: int | str | None = None, code: str | None = None,
        authorization: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Reverse a Transaction (`transaction_reverse`).

        transaction_id: an id, as an earlier answer gave it; or reference
        reference: text of at most 64 characters; the till's own number of the sale, as it was recorded
        amount: text of at most 40 characters; a part: money where there was a purchase amount, else points, events or units;
            absent = all
        campaign_id: 16 digits; checked where given; narrows a reference
        code: at most 64 characters on one line; checked where given; narrows a reference
        authorization: text of at most 255 characters; free description of the reversal
        """
        return self._write("transaction_reverse", {
            "transaction_id": transaction_id, "reference": reference, "amount": amount, "campaign_id": campaign_id,
            "code": code, "authorization": authorization,
        }, idempotency_key, dry_run=dry_run)

    def user_unlock(
        self, *, user_name: str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Unlock User (`user_unlock`).

        user_name: 1 to 20 letters, digits or underscores (_); also the owner
        """
        return self._write("user_unlock", {
            "user_name": user_name,
        }, idempotency_key, dry_run=dry_run)
