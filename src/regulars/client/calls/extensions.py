# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R


class ExtensionsCalls(Caller[R]):
    """Calls about extensions."""

    def account_list(
        self, *, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Accounts List (`account_list`).

        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        """
        return self._read("account_list", {
            "searchField": search_field, "searchOper": search_operator, "searchValue": search_value, "sortField": sort_field,
            "sortOrder": sort_order, "offset": offset, "length": length,
        })

    def account_new(
        self, *, new_account_id: str, biz_name: str, agency: int | str | None = None, new_account_password: str | None = None,
        client_email: str | None = None, contact_first_name: str | None = None, contact_last_name: str | None = None,
        contact_phone: str | None = None, biz_address1: str | None = None, biz_address2: str | None = None,
        biz_city: str | None = None, biz_state: str | None = None, biz_zip: str | None = None, biz_country: str | None = None,
        industry: str | None = None, referrer_name: str | None = None, language_selector: str | None = None,
        symbol_selector: str | None = None, timezone_selector: str | None = None, activate: Literal["Y", "Yes"] | None = None,
        copy_from: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Account (`account_new`).

        new_account_id: 1 to 20 letters, digits or underscores (_); the account's id and its owner's user id: 5 to 20 letters,
            digits or _; for good
        biz_name: text of at most 80 characters; the client's name, shown in receipts
        agency: an id, as an earlier answer gave it; the agency it is under: to an agency its own; absent, the platform owner's
            account is under none
        new_account_password: 5 to 20 letters, digits or underscores (_); its owner's login password; absent: none yet
        client_email: an e-mail address; the client's and its owner's address
        contact_first_name: text of at most 60 characters; of the owner
        contact_last_name: text of at most 60 characters; of the owner
        contact_phone: a phone number; of the client
        biz_address1: text of at most 80 characters; street
        biz_address2: text of at most 80 characters; second line of the address
        biz_city: text of at most 60 characters; town
        biz_state: text of at most 60 characters; state or province
        biz_zip: text of at most 20 characters; postal code
        biz_country: a country's code of ISO 3166 (NZ) or its English name (New Zealand); the country the business is in
        industry: text of at most 80 characters; what it does
        referrer_name: text of at most 80 characters; who recommended us
        language_selector: two letters of ISO 639-1, such as EN; absent: as the account copied from, else as the one that asks
        symbol_selector: a currency's code of ISO 4217, such as USD; absent: as the account copied from, from which it cannot
            differ, else as the one that asks
        timezone_selector: a number of the list of time zones, or a name such as Europe/Berlin; absent: as the account copied
            from, else as the one that asks
        activate: one of Y, Yes; Y: active at once; absent: on trial, with at most ten customers
        copy_from: 1 to 20 letters, digits or underscores (_); id of an account under the same agency whose settings it gets
        """
        return self._write("account_new", {
            "new_account_id": new_account_id, "biz_name": biz_name, "agency": agency,
            "new_account_password": new_account_password, "client_email": client_email,
            "contact_first_name": contact_first_name, "contact_last_name": contact_last_name, "contact_phone": contact_phone,
            "biz_address1": biz_address1, "biz_address2": biz_address2, "biz_city": biz_city, "biz_state": biz_state,
            "biz_zip": biz_zip, "biz_country": biz_country, "industry": industry, "referrer_name": referrer_name,
            "language_selector": language_selector, "symbol_selector": symbol_selector, "timezone_selector": timezone_selector,
            "activate": activate, "copy_from": copy_from,
        }, idempotency_key, dry_run=dry_run)

    def agency_list(
        self, *, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Agencies List (`agency_list`).

        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        """
        return self._read("agency_list", {
            "searchField": search_field, "searchOper": search_operator, "searchValue": search_value, "sortField": sort_field,
            "sortOrder": sort_order, "offset": offset, "length": length,
        })

    def agency_new(
        self, *, agency_name: str, agency_email: str, new_account_id: str, new_account_password: str | None = None,
        language_selector: str | None = None, symbol_selector: str | None = None, timezone_selector: str | None = None,
        idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Agency (`agency_new`).

        agency_name: text of at most 80 characters; shown in the receipts of its clients
        agency_email: an e-mail address; the contact of its clients, also in receipts
        new_account_id: 1 to 20 letters, digits or underscores (_); of the agency's own account, and its owner's user id: 5 to
            20 letters, digits or _
        new_account_password: 5 to 20 letters, digits or underscores (_); its owner's login password; absent: none yet
        language_selector: two letters of ISO 639-1, such as EN; of the agency's account; absent: as the account that asks
        symbol_selector: a currency's code of ISO 4217, such as USD; of the agency's account; absent: as the account that asks
        timezone_selector: a number of the list of time zones, or a name such as Europe/Berlin; of the agency's account; absent:
            as the account that asks
        """
        return self._write("agency_new", {
            "agency_name": agency_name, "agency_email": agency_email, "new_account_id": new_account_id,
            "new_account_password": new_account_password, "language_selector": language_selector,
            "symbol_selector": symbol_selector, "timezone_selector": timezone_selector,
        }, idempotency_key, dry_run=dry_run)

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

    def batch_info(
        self, *, batch_id: int | str, offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        State of a Batch (`batch_info`).

        batch_id: an id, as an earlier answer gave it; as the batch's answer gave it
        offset: a whole number from 0 to 100000; how many refused lines to pass over
        length: a whole number from 1 to 1000; how many refused lines to show
        """
        return self._read("batch_info", {
            "batch_id": batch_id, "offset": offset, "length": length,
        })

    def batch_undo(
        self, *, batch_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Undo a Batch (`batch_undo`).

        batch_id: an id, as an earlier answer gave it; as the batch's answer gave it
        """
        return self._write("batch_undo", {
            "batch_id": batch_id,
        }, idempotency_key, dry_run=dry_run)

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

    def settlement(
        self, *, settlement_id: int | str | None = None, date_start: date | str | None = None,
        date_end: date | str | None = None, point_cost: Decimal | int | str | None = None,
    ) -> R:
        """
        Settlement Between Stores (`settlement`).

        settlement_id: an id, as an earlier answer gave it; a closed period; absent: what is open
        date_start: a date as YYYY-MM-DD; the first day; absent: the whole open period, with what came late for closed days
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        point_cost: a number such as 0.05 or 1,25 with at most 6 decimals; what a point costs between stores, in currency units;
            absent: as in the last closed period
        """
        return self._read("settlement", {
            "settlement_id": settlement_id, "date_start": date_start, "date_end": date_end, "point_cost": point_cost,
        })

    def settlement_close(
        self, *, date_end: date | str, point_cost: Decimal | int | str | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Close a Period of Settlement (`settlement_close`).

        date_end: a date as YYYY-MM-DD; the last day of the period, in the account's time zone; it must be over
        point_cost: a number such as 0.05 or 1,25 with at most 6 decimals; what a point costs between stores, in currency units;
            absent: as in the last closed period
        """
        return self._write("settlement_close", {
            "date_end": date_end, "point_cost": point_cost,
        }, idempotency_key, dry_run=dry_run)

    def settlement_list(
        self, *, offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        List Closed Settlements (`settlement_list`).

        offset: a whole number from 0 to 1000000; how many to leave out, from the latest
        length: a whole number from 1 to 500; absent: 500
        """
        return self._read("settlement_list", {
            "offset": offset, "length": length,
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
