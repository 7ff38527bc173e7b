# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from regulars.client.session import Caller, R


class ReportsCalls(Caller[R]):
    """Calls about reports."""

    def reports_customers_all(
        self, *, date_start: date | str | None = None, date_end: date | str | None = None,
        selected_campaigns: Iterable[int | str] | str | None = None, last: int | None = None, offset: int | None = None,
        limit: int | None = None,
    ) -> R:
        """
        Report - All Customers (`reports`, report `customers_all`).

        date_start: a date as YYYY-MM-DD; needs selected_campaigns; alone it is not looked at
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas; absent: every
            customer
        last: a whole number from 0 to 100000000000000000; <last> of an earlier answer: only who is new or changed since
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        """
        return self._read("reports", {
            "report": "customers_all", "date_start": date_start, "date_end": date_end, "selected_campaigns": selected_campaigns,
            "last": last, "offset": offset, "limit": limit,
        })

    def reports_customers_new(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
        offset: int | None = None, limit: int | None = None,
    ) -> R:
        """
        Report - New Customers (`reports`, report `customers_new`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        """
        return self._read("reports", {
            "report": "customers_new", "date_start": date_start, "selected_campaigns": selected_campaigns, "date_end": date_end,
            "offset": offset, "limit": limit,
        })

    def reports_customers_frequent(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, frequency: int,
        date_end: date | str | None = None, offset: int | None = None, limit: int | None = None,
        include_redeemed: bool | None = None,
    ) -> R:
        """
        Report - Frequent Customers (`reports`, report `customers_frequent`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        frequency: a whole number from 1 to 1000000; at least so many transactions in the range
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        include_redeemed: yes or no; Y: redemptions count too
        """
        return self._read("reports", {
            "report": "customers_frequent", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "frequency": frequency, "date_end": date_end, "offset": offset, "limit": limit,
            "include_redeemed": include_redeemed,
        })

    def reports_customers_missing(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, missing_for: int,
        date_end: date | str | None = None, offset: int | None = None, limit: int | None = None,
        include_redeemed: bool | None = None,
    ) -> R:
        """
        Report - Missing Customers (`reports`, report `customers_missing`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        missing_for: a whole number from 0 to 36500; days; 0: all who bought in the range
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        include_redeemed: yes or no; Y: who redeemed was seen too
        """
        return self._read("reports", {
            "report": "customers_missing", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "missing_for": missing_for, "date_end": date_end, "offset": offset, "limit": limit,
            "include_redeemed": include_redeemed,
        })

    def reports_customers_birthday(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
        offset: int | None = None, limit: int | None = None,
    ) -> R:
        """
        Report - Birthdays (`reports`, report `customers_birthday`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        """
        return self._read("reports", {
            "report": "customers_birthday", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end, "offset": offset, "limit": limit,
        })

    def reports_customers_custom_date(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
        offset: int | None = None, limit: int | None = None,
    ) -> R:
        """
        Report - Custom Date (`reports`, report `customers_custom_date`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        """
        return self._read("reports", {
            "report": "customers_custom_date", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end, "offset": offset, "limit": limit,
        })

    def reports_customers_search(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, search_text: str,
        date_end: date | str | None = None, offset: int | None = None, limit: int | None = None,
        include_transactions_search: bool | None = None,
    ) -> R:
        """
        Report - Customer Search (`reports`, report `customers_search`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        search_text: text of at most 255 characters; a blank is AND, a comma is OR, and AND binds first
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        include_transactions_search: yes or no; Y: looks through their transactions too
        """
        return self._read("reports", {
            "report": "customers_search", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "search_text": search_text, "date_end": date_end, "offset": offset, "limit": limit,
            "include_transactions_search": include_transactions_search,
        })

    def reports_transactions_all(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
        offset: int | None = None, limit: int | None = None, last: int | str | None = None, restrict_by_user: str | None = None,
        show_activations: bool | None = None,
    ) -> R:
        """
        Report - All Transactions (`reports`, report `transactions_all`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        last: an id, as an earlier answer gave it; a transaction id: only those recorded after it
        restrict_by_user: 1 to 20 letters, digits or underscores (_); a user id: only what he recorded
        show_activations: yes or no; Yes: the rows of joining a campaign too
        """
        return self._read("reports", {
            "report": "transactions_all", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end, "offset": offset, "limit": limit, "last": last, "restrict_by_user": restrict_by_user,
            "show_activations": show_activations,
        })

    def reports_transactions_redeemed(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
        offset: int | None = None, limit: int | None = None, last: int | str | None = None,
    ) -> R:
        """
        Report - Redeemed (`reports`, report `transactions_redeemed`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        offset: a whole number from 0 to 1000000000; extension: how many rows to skip
        limit: a whole number from 1 to 1000000000; extension: how many rows to show; absent: all
        last: an id, as an earlier answer gave it; a transaction id: only those recorded after it
        """
        return self._read("reports", {
            "report": "transactions_redeemed", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end, "offset": offset, "limit": limit, "last": last,
        })

    def reports_audit_totals(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
    ) -> R:
        """
        Report - Campaign Totals (`reports`, report `audit_totals`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        """
        return self._read("reports", {
            "report": "audit_totals", "date_start": date_start, "selected_campaigns": selected_campaigns, "date_end": date_end,
        })

    def reports_coalition_points(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
    ) -> R:
        """
        Report - Store Totals, Points (`reports`, report `coalition_points`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        """
        return self._read("reports", {
            "report": "coalition_points", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end,
        })

    def reports_coalition_stored_value(
        self, *, date_start: date | str, selected_campaigns: Iterable[int | str] | str, date_end: date | str | None = None,
    ) -> R:
        """
        Report - Store Totals, Stored Value (`reports`, report `coalition_stored_value`).

        date_start: a date as YYYY-MM-DD; the first day, in the account's time zone
        selected_campaigns: 16 digits; several are joined by commas, at most 1000; campaign ids, joined by commas
        date_end: a date as YYYY-MM-DD; the last day, included; absent: today
        """
        return self._read("reports", {
            "report": "coalition_stored_value", "date_start": date_start, "selected_campaigns": selected_campaigns,
            "date_end": date_end,
        })

    def reports_customers_balances(
        self, *, campaign_id: int | str | None = None,
        coalition_balance: Literal["coalition_points", "coalition_storedvalue"] | None = None, offset: int | None = None,
        limit: int | None = None,
    ) -> R:
        """
        Report - Customer Balances (`reports`, report `customers_balances`).

        campaign_id: 16 digits; one campaign; required without coalition_balance
        coalition_balance: one of coalition_points, coalition_storedvalue; coalitions: the shared balance of all customers in it
        offset: a whole number from 0 to 1000000000; how many rows to skip
        limit: a whole number from 1 to 1000000000; absent: all
        """
        return self._read("reports", {
            "report": "customers_balances", "campaign_id": campaign_id, "coalition_balance": coalition_balance,
            "offset": offset, "limit": limit,
        })
