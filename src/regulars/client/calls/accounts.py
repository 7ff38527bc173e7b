# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R


class AccountsCalls(Caller[R]):
    """Calls about accounts."""

    def account_info(
        self,
    ) -> R:
        """Client - Account Info (`account_info`)."""
        return self._read("account_info", {})

    def account_update(
        self, *, agency: int | str | None = None, state: Literal["trial", "active", "suspended"] | None = None,
        contact_email: str | None = None, contact_first_name: str | None = None, contact_last_name: str | None = None,
        contact_phone: str | None = None, client_email: str | None = None, biz_name: str | None = None,
        biz_address1: str | None = None, biz_address2: str | None = None, biz_city: str | None = None,
        biz_state: str | None = None, biz_zip: str | None = None, biz_country: str | None = None,
        biz_locations: int | Literal[""] | None = None, biz_online: bool | None = None,
        biz_employees: int | Literal[""] | None = None, industry: str | None = None, referrer_name: str | None = None,
        new_account_password: str | None = None, language_selector: str | None = None, symbol_selector: str | None = None,
        timezone_selector: str | None = None, activate: Literal["Y", "Yes"] | None = None,
        mailchimp_username: str | None = None, mailchimp_password: str | None = None, sms_username: str | None = None,
        sms_password: str | None = None, request_log_days: int | None = None, calls_per_minute: int | Literal[""] | None = None,
        unknown_cards_per_minute: int | None = None, activation_code: str | None = None,
        coalition: Literal["Y", "N", "undo"] | None = None, two_tier_campaign: int | str | None = None,
        two_tier_percentage: Decimal | int | str | None = None,
        two_tier_rounding: Literal["down", "nearest", "up"] | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Update Account Information (`account_update`).

        agency: an id, as an earlier answer gave it; the agency the account is under; the platform owner's users give another to
            the account they name; blank: none
        state: one of trial, active, suspended; extension: of another account, by the platform owner's users; by its agency's
            only active, after trial
        contact_email: an e-mail address; the agency's; without an agency, the business's own, as in account_info
        contact_first_name: text of at most 60 characters; blank: taken away
        contact_last_name: text of at most 60 characters; blank: taken away
        contact_phone: a phone number; blank: taken away
        client_email: an e-mail address; the business's own; blank: taken away
        biz_name: text of at most 80 characters; blank: unchanged
        biz_address1: text of at most 80 characters; blank: taken away
        biz_address2: text of at most 80 characters; blank: taken away
        biz_city: text of at most 60 characters; blank: taken away
        biz_state: text of at most 60 characters; blank: taken away
        biz_zip: text of at most 20 characters; blank: taken away
        biz_country: a country's code of ISO 3166 (NZ) or its English name (New Zealand); blank: taken away
        biz_locations: a whole number from 0 to 9999999; blank: taken away
        biz_online: yes or no; whether it sells on the Internet
        biz_employees (biz_empoloyees): a whole number from 0 to 9999999; also biz_employees; blank: taken away
        industry: text of at most 80 characters; blank: taken away
        referrer_name: text of at most 80 characters; blank: taken away
        new_account_password: 5 to 20 letters, digits or underscores (_); the owner's login password; only he may change it
        language_selector: two letters of ISO 639-1, such as EN; the language of the panel and of mails
        symbol_selector: a currency's code of ISO 4217, such as USD; cannot change once money was recorded
        timezone_selector: a number of the list of time zones, or a name such as Europe/Berlin; days begin and end in it
        activate: one of Y, Yes; Y: takes the account out of trial
        mailchimp_username: text of at most 80 characters; blank: taken away
        mailchimp_password: text of at most 128 characters; kept encrypted; blank: taken away
        sms_username: text of at most 80 characters; blank: taken away
        sms_password: text of at most 128 characters; kept encrypted; blank: taken away
        request_log_days: a whole number from 0 to 90; extension: how long requests are kept in the request log; 0: they are not
        calls_per_minute: a whole number from 1 to 60000000; extension: of each user; blank: as the installation says
        unknown_cards_per_minute: a whole number from 0 to 1000000; extension: of a user, ten times as many at once; 0: no limit
        activation_code: text of at most 60 characters; extension: opens a module, once
        coalition: one of Y, N, undo; extension: Y shared balances; N each campaign its own; undo the last change
        two_tier_campaign: 16 digits; extension: the master campaign; blank: no second tier any more
        two_tier_percentage: a number above 0 and at most 100, with at most 4 decimals; extension: what the master gets
        two_tier_rounding: one of down, nearest, up; extension: of that share, to whole points; down unless set
        """
        return self._write("account_update", {
            "agency": agency, "state": state, "contact_email": contact_email, "contact_first_name": contact_first_name,
            "contact_last_name": contact_last_name, "contact_phone": contact_phone, "client_email": client_email,
            "biz_name": biz_name, "biz_address1": biz_address1, "biz_address2": biz_address2, "biz_city": biz_city,
            "biz_state": biz_state, "biz_zip": biz_zip, "biz_country": biz_country, "biz_locations": biz_locations,
            "biz_online": biz_online, "biz_empoloyees": biz_employees, "industry": industry, "referrer_name": referrer_name,
            "new_account_password": new_account_password, "language_selector": language_selector,
            "symbol_selector": symbol_selector, "timezone_selector": timezone_selector, "activate": activate,
            "mailchimp_username": mailchimp_username, "mailchimp_password": mailchimp_password, "sms_username": sms_username,
            "sms_password": sms_password, "request_log_days": request_log_days, "calls_per_minute": calls_per_minute,
            "unknown_cards_per_minute": unknown_cards_per_minute, "activation_code": activation_code, "coalition": coalition,
            "two_tier_campaign": two_tier_campaign, "two_tier_percentage": two_tier_percentage,
            "two_tier_rounding": two_tier_rounding,
        }, idempotency_key, dry_run=dry_run)

    def dashboard(
        self, *, most_active: int | None = None, customer_count: bool | None = None,
        total_customers_this_month: bool | None = None, total_transactions_this_month: bool | None = None,
        active_campaigns_count: bool | None = None, campaigns_per_day_activity: int | None = None,
        last_x_transactions: int | None = None, last_x_customers: int | None = None,
    ) -> R:
        """
        Dashboard Info (`dashboard`).

        most_active: a whole number from 1 to 100; how many customers
        customer_count: yes or no; Yes: how many customers there are
        total_customers_this_month: yes or no; Yes: new customers this month, last month, and last month up to today's day
        total_transactions_this_month: yes or no; Yes: transactions in the same three periods
        active_campaigns_count: yes or no; Yes: how many active campaigns the user may see
        campaigns_per_day_activity: a whole number from 1 to 366; how many days, today included
        last_x_transactions (last_X_transactions): a whole number from 1 to 100; how many transactions, newest first
        last_x_customers (last_X_customers): a whole number from 1 to 100; how many customers, newest first
        """
        return self._read("dashboard", {
            "most_active": most_active, "customer_count": customer_count,
            "total_customers_this_month": total_customers_this_month,
            "total_transactions_this_month": total_transactions_this_month, "active_campaigns_count": active_campaigns_count,
            "campaigns_per_day_activity": campaigns_per_day_activity, "last_X_transactions": last_x_transactions,
            "last_X_customers": last_x_customers,
        })

    def test(
        self,
    ) -> R:
        """Test access (`test`)."""
        return self._read("test", {
            "user_id": None, "user_api_key": None, "account_id": None,
        })
