# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R
from regulars.client.wire import family


class CustomersCalls(Caller[R]):
    """Calls about customers."""

    def card_replace(
        self, *, new_code: str | None = None, new_card_number: str | None = None, card_number_generate: int | None = None,
        previous_code: str | None = None, previous_card: str | None = None, first_name: str | None = None,
        last_name: str | None = None, phone: str | None = None, email: str | None = None, city: str | None = None,
        state: str | None = None, postal_code: str | None = None, custom_date: str | None = None,
        custom_field: str | None = None, customer_username: str | None = None, profile_uid: int | str | None = None,
        check_override: bool | None = None, keep_which: Literal["matched", "duplicate"] | None = None,
        idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Customer Card Replace (`card_replace`).

        new_code: at most 64 characters on one line; the code the customer has from now on
        new_card_number: at most 64 characters on one line; or card_number_generate, or new_code; one at least
        card_number_generate: a whole number from 1 to 32; make a card number of so many digits
        previous_code: at most 64 characters on one line; wins over previous_card
        previous_card: at most 64 characters on one line; without it and previous_code, the data below must match one customer
        first_name: text of at most 100 characters; without previous_code and previous_card: who it is
        last_name: text of at most 100 characters; as first_name
        phone: text of at most 40 characters; as first_name
        email: text of at most 254 characters; as first_name
        city: text of at most 80 characters; as first_name
        state: text of at most 80 characters; as first_name
        postal_code: text of at most 20 characters; as first_name
        custom_date: text of at most 10 characters; as first_name; YYYY-MM-DD
        custom_field: text of at most 255 characters; as first_name
        customer_username: text of at most 64 characters; as first_name
        profile_uid: an id, as an earlier answer gave it; picks one of several matches: our own number of the customer
        check_override: yes or no; Y: a new number that is somebody else's merges the two
        keep_which: one of matched, duplicate; whose profile stays after a merge
        """
        return self._write("card_replace", {
            "new_code": new_code, "new_card_number": new_card_number, "card_number_generate": card_number_generate,
            "previous_code": previous_code, "previous_card": previous_card, "first_name": first_name, "last_name": last_name,
            "phone": phone, "email": email, "city": city, "state": state, "postal_code": postal_code,
            "custom_date": custom_date, "custom_field": custom_field, "customer_username": customer_username,
            "profile_uid": profile_uid, "check_override": check_override, "keep_which": keep_which,
        }, idempotency_key, dry_run=dry_run)

    def customer_balance(
        self, *, campaign_id: int | str, code: str | None = None, card_number: str | None = None,
        transactions_number: int | None = None, across_campaigns: bool | None = None,
    ) -> R:
        """
        Customer Balance and Transaction History (`customer_balance`).

        campaign_id: 16 digits; an active campaign the user may see
        code: at most 64 characters on one line; or card_number; code wins
        card_number: at most 64 characters on one line; a card; where it is none, an e-mail address, a phone number or a
            searchable field that one customer alone has
        transactions_number: a whole number from 0 up; 0 none; absent = all; never more than the newest 1000
        across_campaigns: yes or no; coalitions: transactions of all campaigns
        """
        return self._read("customer_balance", {
            "campaign_id": campaign_id, "code": code, "card_number": card_number, "transactions_number": transactions_number,
            "across_campaigns": across_campaigns,
        })

    def customer_delete(
        self, *, code: str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Customer (`customer_delete`).

        code: at most 64 characters on one line; the customer's code, not his card
        """
        return self._write("customer_delete", {
            "code": code,
        }, idempotency_key, dry_run=dry_run)

    def customer_find(
        self, *, find_customer: str, include_balances: bool | None = None, offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Customer - Find (`customer_find`).

        find_customer: words: a blank is AND, a comma is OR, AND binds first; Amy Acker, 1234 Main St
        include_balances: yes or no; Y: the campaigns of each customer too
        offset: a whole number from 0 to 1000000000; extension: how many to skip
        length: a whole number from 1 to 1000; extension: how many to show; 1000 where only offset is sent, all where neither is
        """
        return self._read("customer_find", {
            "find_customer": find_customer, "include_balances": include_balances, "offset": offset, "length": length,
        })

    def customer_info(
        self, *, code: str | None = None, card_number: str | None = None, include_balances: bool | None = None,
        campaign_id: int | str | None = None, hide_custom_field: bool | None = None, show_only_belong_to: bool | None = None,
    ) -> R:
        """
        Retrieve Customer Information (`customer_info`).

        code: at most 64 characters on one line; or card_number; code wins
        card_number: at most 64 characters on one line; a card; where it is none, an e-mail address, a phone number or a
            searchable field that one customer alone has
        include_balances: yes or no; N: the customer only
        campaign_id: 16 digits; only this campaign's balance and rewards
        hide_custom_field: yes or no; Y: leave custom_field out; clients misspell it
        show_only_belong_to: yes or no; coalitions: only campaigns the customer was in
        """
        return self._read("customer_info", {
            "code": code, "card_number": card_number, "include_balances": include_balances, "campaign_id": campaign_id,
            "hide_custom_field": hide_custom_field, "show_only_belong_to": show_only_belong_to,
        })

    def customer_search(
        self, *, exact_match: Literal["sensitive", "insensitive"] | None = None, card_number: str | None = None,
        first_name: str | None = None, last_name: str | None = None, phone: str | None = None, email: str | None = None,
        city: str | None = None, state: str | None = None, postal_code: str | None = None, custom_date: str | None = None,
        custom_field: str | None = None, customer_username: str | None = None, customer_password: str | None = None,
        customer_pin: str | None = None, custom_fields: Mapping[int, str] | None = None, include_balances: bool | None = None,
        offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Customer - Search (`customer_search`).

        exact_match: one of sensitive, insensitive; whole values, minding upper and lower case or not; absent: parts of values
        card_number: text of at most 64 characters; a part of it is enough, unless exact_match is given
        first_name: text of at most 100 characters; as card_number
        last_name: text of at most 100 characters; as card_number
        phone: text of at most 40 characters; as card_number; also in the form the number is dialled
        email: text of at most 254 characters; as card_number
        city: text of at most 80 characters; as card_number
        state: text of at most 80 characters; as card_number
        postal_code: text of at most 20 characters; as card_number
        custom_date: text of at most 10 characters; YYYY-MM-DD, or a part of it
        custom_field: text of at most 255 characters; the same as custom_field_1
        customer_username: text of at most 64 characters; as card_number
        customer_password: text of at most 128 characters; compared whole, with at most 20 customers
        customer_pin (customer_PIN): text of at most 20 characters; compared whole, with at most 20 customers; wrong ones count
        custom_fields (custom_field_#): text of at most 255 characters; as card_number
        include_balances: yes or no; Y: the campaigns of each customer too
        offset: a whole number from 0 to 1000000000; extension: how many to skip
        length: a whole number from 1 to 1000; extension: how many to show; 1000 where only offset is sent, all where neither is
        """
        return self._read("customer_search", {
            "exact_match": exact_match, "card_number": card_number, "first_name": first_name, "last_name": last_name,
            "phone": phone, "email": email, "city": city, "state": state, "postal_code": postal_code,
            "custom_date": custom_date, "custom_field": custom_field, "customer_username": customer_username,
            "customer_password": customer_password, "customer_PIN": customer_pin, "include_balances": include_balances,
            "offset": offset, "length": length, **family("custom_field_", custom_fields),
        })

    def customers_batch(
        self, *, delimiter: Literal["pipe", "comma", "tab"], campaigns_to_include: Iterable[int | str] | str, data: str,
        overwrite_duplicates: Literal["yes", "update", "ignore"] | None = None, card_number_generate: int | None = None,
        headers: Mapping[int, str] | None = None, form: str | None = None, no_undo: bool | None = None,
        allow_undo: bool | None = None, atomic: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Batch Import Customers (`customers_batch`).

        delimiter: one of pipe, comma, tab; what stands between the values of a line
        campaigns_to_include: campaign ids joined by commas (in the old form by |,|), at most 24; the campaigns that each
            customer joins, at least one
        data (profiles_data): text of at most 268435456 characters; a customer a line, each ended by LF and/or CR; at most
            100,000
        overwrite_duplicates: one of yes, update, ignore; who is there already: yes empties his record and writes the line,
            update writes what it has, ignore skips it
        card_number_generate: a whole number from 1 to 32; make a card number of so many digits for a new customer whose line
            has none
        headers (profiles_header_#): text of at most 40 characters; the columns from the left; numbered from 1 without skipping;
            none = not looked at
        form (API): a version such as 1.5; from 1.5 on undo is off unless allowed
        no_undo: yes or no; old form: undo is on unless this is yes
        allow_undo: yes or no; API 1.5: undo is off unless this is yes
        atomic: yes or no; extension: all lines or none; at most 10,000
        """
        return self._write("customers_batch", {
            "delimiter": delimiter, "campaigns_to_include": campaigns_to_include, "profiles_data": data,
            "overwrite_duplicates": overwrite_duplicates, "card_number_generate": card_number_generate, "API": form,
            "no_undo": no_undo, "allow_undo": allow_undo, "atomic": atomic, **family("profiles_header_", headers),
        }, idempotency_key, dry_run=dry_run)

    def generate_card_number(
        self, *, how_many_digits: int | None = None, card_number_prefix: str | None = None,
        card_number_suffix: str | None = None,
    ) -> R:
        """
        Generate a New Customer Card Number (`generate_card_number`).

        how_many_digits: a whole number from 1 to 32; in all, prefix and suffix included
        card_number_prefix: text of at most 32 characters; digits it begins with
        card_number_suffix: text of at most 32 characters; digits it ends with
        """
        return self._read("generate_card_number", {
            "how_many_digits": how_many_digits, "card_number_prefix": card_number_prefix,
            "card_number_suffix": card_number_suffix,
        })

    def record_customer_new(
        self, *, code: str | None = None, new_code: bool | None = None, card_number: str | None = None,
        card_number_generate: int | None = None, card_number_prefix: str | None = None, card_number_suffix: str | None = None,
        first_name: str | None = None, last_name: str | None = None, phone: str | None = None, email: str | None = None,
        street1: str | None = None, street2: str | None = None, city: str | None = None, state: str | None = None,
        postal_code: str | None = None, country: str | None = None, custom_date: date | str | None = None,
        custom_field: str | None = None, customer_username: str | None = None, customer_password: str | None = None,
        customer_pin: str | None = None, custom_fields: Mapping[int, str] | None = None,
        campaign_id: Iterable[int | str] | str | None = None, auto_add: Decimal | int | str | None = None,
        send_no_email: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Record a New Customer (`record_customer`, customer_action `new`).

        code: at most 64 characters on one line; the calling system's own customer id
        new_code: yes or no; new: Yes makes a random code instead of taking the card number
        card_number: at most 64 characters on one line; no two customers have the same; without a code it becomes the code (new)
        card_number_generate: a whole number from 1 to 32; make a card number of so many digits, prefix and suffix included
        card_number_prefix: text of at most 32 characters; digits the made card number begins with
        card_number_suffix: text of at most 32 characters; digits the made card number ends with
        first_name: text of at most 100 characters; as people write it
        last_name: text of at most 100 characters; as people write it
        phone: a phone number; kept as typed, and found in the form it is dialled
        email: an e-mail address; receipts and welcome mails go to it
        street1: text of at most 120 characters; first line of the address
        street2: text of at most 120 characters; second line of the address
        city: text of at most 80 characters; as people write it
        state: text of at most 80 characters; state or province
        postal_code: text of at most 20 characters; post code or ZIP
        country: text of at most 80 characters; as people write it
        custom_date: a date as YYYY-MM-DD; unknown parts are 00 or 0000; the birthday, unless relabelled
        custom_field: text of at most 64000 characters; the same as custom_field_1
        customer_username: at most 64 characters on one line; no two customers have the same
        customer_password: 5 to 20 letters, digits or underscores (_); kept as a hash; validate_customer_password compares with
            it
        customer_pin (customer_PIN): 4 or 5 digits; kept as a hash; five wrong ones in a row lock it
        custom_fields (custom_field_#): text of at most 64000 characters; the values of customer fields, made by manage_fields
        campaign_id: 16 digits; several are joined by commas, at most 100; campaigns to join, joined by commas
        auto_add: text of at most 40 characters; opening amount for each campaign named, in its unit: points, events, or money;
            not for buyx
        send_no_email: yes or no; true: no welcome or update mail
        """
        return self._write("record_customer", {
            "customer_action": "new", "code": code, "new_code": new_code, "card_number": card_number,
            "card_number_generate": card_number_generate, "card_number_prefix": card_number_prefix,
            "card_number_suffix": card_number_suffix, "first_name": first_name, "last_name": last_name, "phone": phone,
            "email": email, "street1": street1, "street2": street2, "city": city, "state": state, "postal_code": postal_code,
            "country": country, "custom_date": custom_date, "custom_field": custom_field,
            "customer_username": customer_username, "customer_password": customer_password, "customer_PIN": customer_pin,
            "campaign_id": campaign_id, "auto_add": auto_add, "send_no_email": send_no_email,
            **family("custom_field_", custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def record_customer_register(
        self, *, code: str | None = None, new_code: bool | None = None, card_number: str | None = None,
        card_number_generate: int | None = None, card_number_prefix: str | None = None, card_number_suffix: str | None = None,
        first_name: str | None = None, last_name: str | None = None, phone: str | None = None, email: str | None = None,
        street1: str | None = None, street2: str | None = None, city: str | None = None, state: str | None = None,
        postal_code: str | None = None, country: str | None = None, custom_date: date | str | None = None,
        custom_field: str | None = None, customer_username: str | None = None, customer_password: str | None = None,
        customer_pin: str | None = None, custom_fields: Mapping[int, str] | None = None,
        campaign_id: Iterable[int | str] | str | None = None, auto_add: Decimal | int | str | None = None,
        send_no_email: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Register a New Customer (`record_customer`, customer_action `register`).

        code: at most 64 characters on one line; the calling system's own customer id
        new_code: yes or no; new: Yes makes a random code instead of taking the card number
        card_number: at most 64 characters on one line; no two customers have the same; without a code it becomes the code (new)
        card_number_generate: a whole number from 1 to 32; make a card number of so many digits, prefix and suffix included
        card_number_prefix: text of at most 32 characters; digits the made card number begins with
        card_number_suffix: text of at most 32 characters; digits the made card number ends with
        first_name: text of at most 100 characters; as people write it
        last_name: text of at most 100 characters; as people write it
        phone: a phone number; kept as typed, and found in the form it is dialled
        email: an e-mail address; receipts and welcome mails go to it
        street1: text of at most 120 characters; first line of the address
        street2: text of at most 120 characters; second line of the address
        city: text of at most 80 characters; as people write it
        state: text of at most 80 characters; state or province
        postal_code: text of at most 20 characters; post code or ZIP
        country: text of at most 80 characters; as people write it
        custom_date: a date as YYYY-MM-DD; unknown parts are 00 or 0000; the birthday, unless relabelled
        custom_field: text of at most 64000 characters; the same as custom_field_1
        customer_username: at most 64 characters on one line; no two customers have the same
        customer_password: 5 to 20 letters, digits or underscores (_); kept as a hash; validate_customer_password compares with
            it
        customer_pin (customer_PIN): 4 or 5 digits; kept as a hash; five wrong ones in a row lock it
        custom_fields (custom_field_#): text of at most 64000 characters; the values of customer fields, made by manage_fields
        campaign_id: 16 digits; several are joined by commas, at most 100; campaigns to join, joined by commas
        auto_add: text of at most 40 characters; opening amount for each campaign named, in its unit: points, events, or money;
            not for buyx
        send_no_email: yes or no; true: no welcome or update mail
        """
        return self._write("record_customer", {
            "customer_action": "register", "code": code, "new_code": new_code, "card_number": card_number,
            "card_number_generate": card_number_generate, "card_number_prefix": card_number_prefix,
            "card_number_suffix": card_number_suffix, "first_name": first_name, "last_name": last_name, "phone": phone,
            "email": email, "street1": street1, "street2": street2, "city": city, "state": state, "postal_code": postal_code,
            "country": country, "custom_date": custom_date, "custom_field": custom_field,
            "customer_username": customer_username, "customer_password": customer_password, "customer_PIN": customer_pin,
            "campaign_id": campaign_id, "auto_add": auto_add, "send_no_email": send_no_email,
            **family("custom_field_", custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def record_customer_edit(
        self, *, code: str | None = None, new_code: bool | None = None, card_number: str | None = None,
        card_number_generate: int | None = None, card_number_prefix: str | None = None, card_number_suffix: str | None = None,
        first_name: str | None = None, last_name: str | None = None, phone: str | None = None, email: str | None = None,
        street1: str | None = None, street2: str | None = None, city: str | None = None, state: str | None = None,
        postal_code: str | None = None, country: str | None = None, custom_date: date | str | None = None,
        custom_field: str | None = None, customer_username: str | None = None, customer_password: str | None = None,
        customer_pin: str | None = None, custom_fields: Mapping[int, str] | None = None,
        campaign_id: Iterable[int | str] | str | None = None, auto_add: Decimal | int | str | None = None,
        send_no_email: bool | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update Customer Information (`record_customer`, customer_action `edit`).

        code: at most 64 characters on one line; the calling system's own customer id
        new_code: yes or no; new: Yes makes a random code instead of taking the card number
        card_number: at most 64 characters on one line; no two customers have the same; without a code it becomes the code (new)
        card_number_generate: a whole number from 1 to 32; make a card number of so many digits, prefix and suffix included
        card_number_prefix: text of at most 32 characters; digits the made card number begins with
        card_number_suffix: text of at most 32 characters; digits the made card number ends with
        first_name: text of at most 100 characters; as people write it
        last_name: text of at most 100 characters; as people write it
        phone: a phone number; kept as typed, and found in the form it is dialled
        email: an e-mail address; receipts and welcome mails go to it
        street1: text of at most 120 characters; first line of the address
        street2: text of at most 120 characters; second line of the address
        city: text of at most 80 characters; as people write it
        state: text of at most 80 characters; state or province
        postal_code: text of at most 20 characters; post code or ZIP
        country: text of at most 80 characters; as people write it
        custom_date: a date as YYYY-MM-DD; unknown parts are 00 or 0000; the birthday, unless relabelled
        custom_field: text of at most 64000 characters; the same as custom_field_1
        customer_username: at most 64 characters on one line; no two customers have the same
        customer_password: 5 to 20 letters, digits or underscores (_); kept as a hash; validate_customer_password compares with
            it
        customer_pin (customer_PIN): 4 or 5 digits; kept as a hash; five wrong ones in a row lock it
        custom_fields (custom_field_#): text of at most 64000 characters; the values of customer fields, made by manage_fields
        campaign_id: 16 digits; several are joined by commas, at most 100; campaigns to join, joined by commas
        auto_add: text of at most 40 characters; opening amount for each campaign named, in its unit: points, events, or money;
            not for buyx
        send_no_email: yes or no; true: no welcome or update mail
        """
        return self._write("record_customer", {
            "customer_action": "edit", "code": code, "new_code": new_code, "card_number": card_number,
            "card_number_generate": card_number_generate, "card_number_prefix": card_number_prefix,
            "card_number_suffix": card_number_suffix, "first_name": first_name, "last_name": last_name, "phone": phone,
            "email": email, "street1": street1, "street2": street2, "city": city, "state": state, "postal_code": postal_code,
            "country": country, "custom_date": custom_date, "custom_field": custom_field,
            "customer_username": customer_username, "customer_password": customer_password, "customer_PIN": customer_pin,
            "campaign_id": campaign_id, "auto_add": auto_add, "send_no_email": send_no_email,
            **family("custom_field_", custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def validate_customer_password(
        self, *, card_number: str | None = None, code: str | None = None, customer_username: str | None = None,
        phone: str | None = None, customer_password: str | None = None, customer_pin: str | None = None,
    ) -> R:
        """
        Customer Password Validation (`validate_customer_password`).

        card_number: at most 64 characters on one line; or code, or customer_username; all that are sent must match
        code: at most 64 characters on one line; or card_number, or customer_username
        customer_username: text of at most 64 characters; or card_number, or code
        phone: text of at most 40 characters; compared by its digits too
        customer_password: text of at most 128 characters; or customer_PIN, or both
        customer_pin (customer_PIN): text of at most 20 characters; or customer_password; where both are sent, both must match
        """
        return self._read("validate_customer_password", {
            "card_number": card_number, "code": code, "customer_username": customer_username, "phone": phone,
            "customer_password": customer_password, "customer_PIN": customer_pin,
        })
