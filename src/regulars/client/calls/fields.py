# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: A002
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from regulars.client.session import Caller, R
from regulars.client.wire import family


class FieldsCalls(Caller[R]):
    """Calls about fields."""

    def manage_fields_list(
        self,
    ) -> R:
        """Manage Customer Fields - List (`manage_fields`, action `list`)."""
        return self._read("manage_fields", {
            "action": "list",
        })

    def manage_fields_add(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Customer Fields - Add (`manage_fields`, action `add`).

        label (custom_field_#_label): text of at most 80 characters; required for each field to be added
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; absent: Text
        show (custom_field_#_show): yes or no; absent: N
        required (custom_field_#_required): yes or no; absent: N
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; Pick and
            List require it, others have none
        searchable (custom_field_#_searchable): yes or no; customers only: found by it; absent: N
        unique (custom_field_#_unique): yes or no; customers' Text only: no two have the same; absent: N
        """
        return self._write("manage_fields", {
            "action": "add", **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def manage_fields_update(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, card_number_label: str | None = None, card_number_show: bool | None = None,
        card_number_required: bool | None = None, first_name_label: str | None = None, first_name_show: bool | None = None,
        first_name_required: bool | None = None, last_name_label: str | None = None, last_name_show: bool | None = None,
        last_name_required: bool | None = None, phone_label: str | None = None, phone_show: bool | None = None,
        phone_required: bool | None = None, email_label: str | None = None, email_show: bool | None = None,
        email_required: bool | None = None, street1_label: str | None = None, street1_show: bool | None = None,
        street1_required: bool | None = None, street2_label: str | None = None, street2_show: bool | None = None,
        street2_required: bool | None = None, city_label: str | None = None, city_show: bool | None = None,
        city_required: bool | None = None, state_label: str | None = None, state_show: bool | None = None,
        state_required: bool | None = None, zip_label: str | None = None, zip_show: bool | None = None,
        zip_required: bool | None = None, country_label: str | None = None, country_show: bool | None = None,
        country_required: bool | None = None, customer_username_label: str | None = None,
        customer_username_show: bool | None = None, customer_username_required: bool | None = None,
        customer_pin_label: str | None = None, customer_pin_show: bool | None = None, customer_pin_required: bool | None = None,
        customer_password_label: str | None = None, customer_password_show: bool | None = None,
        customer_password_required: bool | None = None, custom_date_label: str | None = None,
        custom_date_show: bool | None = None, custom_date_required: bool | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Manage Customer Fields - Update (`manage_fields`, action `update`).

        label (custom_field_#_label): text of at most 80 characters; what people read
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; what it is already; it cannot be changed
        show (custom_field_#_show), card_number_show, first_name_show, last_name_show, phone_show, email_show, street1_show,
            street2_show, city_show, state_show, zip_show, country_show, customer_username_show, customer_pin_show
            (customer_PIN_show), customer_password_show, custom_date_show: yes or no; whether the Control Panel shows it
        required (custom_field_#_required): yes or no; whether every record must have a value
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; all of them
            anew; values that were recorded stay
        searchable (custom_field_#_searchable): yes or no; customers only
        unique (custom_field_#_unique): yes or no; customers' Text only; refused where two have the same
        card_number_label, first_name_label, last_name_label, phone_label, email_label, street1_label, street2_label,
            city_label, state_label, zip_label, country_label, customer_username_label, customer_pin_label (customer_PIN_label),
            customer_password_label, custom_date_label: text of at most 80 characters; what people read; not blank
        card_number_required, first_name_required, last_name_required, phone_required, email_required, street1_required,
            street2_required, city_required, state_required, zip_required, country_required, customer_username_required,
            customer_pin_required (customer_PIN_required), customer_password_required, custom_date_required: yes or no; whether
            every customer must have it from now on
        """
        return self._write("manage_fields", {
            "action": "update", "card_number_label": card_number_label, "card_number_show": card_number_show,
            "card_number_required": card_number_required, "first_name_label": first_name_label,
            "first_name_show": first_name_show, "first_name_required": first_name_required, "last_name_label": last_name_label,
            "last_name_show": last_name_show, "last_name_required": last_name_required, "phone_label": phone_label,
            "phone_show": phone_show, "phone_required": phone_required, "email_label": email_label, "email_show": email_show,
            "email_required": email_required, "street1_label": street1_label, "street1_show": street1_show,
            "street1_required": street1_required, "street2_label": street2_label, "street2_show": street2_show,
            "street2_required": street2_required, "city_label": city_label, "city_show": city_show,
            "city_required": city_required, "state_label": state_label, "state_show": state_show,
            "state_required": state_required, "zip_label": zip_label, "zip_show": zip_show, "zip_required": zip_required,
            "country_label": country_label, "country_show": country_show, "country_required": country_required,
            "customer_username_label": customer_username_label, "customer_username_show": customer_username_show,
            "customer_username_required": customer_username_required, "customer_PIN_label": customer_pin_label,
            "customer_PIN_show": customer_pin_show, "customer_PIN_required": customer_pin_required,
            "customer_password_label": customer_password_label, "customer_password_show": customer_password_show,
            "customer_password_required": customer_password_required, "custom_date_label": custom_date_label,
            "custom_date_show": custom_date_show, "custom_date_required": custom_date_required,
            **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def manage_fields_delete(
        self, *, field_list: Iterable[str] | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Customer Fields - Delete (`manage_fields`, action `delete`).

        field_list: names of fields joined by |; custom_field_3|custom_field_4
        """
        return self._write("manage_fields", {
            "action": "delete", "field_list": field_list,
        }, idempotency_key, dry_run=dry_run)

    def reward_fields_list(
        self,
    ) -> R:
        """Manage Reward Fields - List (`reward_fields`, action `list`)."""
        return self._read("reward_fields", {
            "action": "list",
        })

    def reward_fields_add(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Reward Fields - Add (`reward_fields`, action `add`).

        label (custom_field_#_label): text of at most 80 characters; required for each field to be added
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; absent: Text
        show (custom_field_#_show): yes or no; absent: N
        required (custom_field_#_required): yes or no; absent: N
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; Pick and
            List require it, others have none
        searchable (custom_field_#_searchable): yes or no; customers only: found by it; absent: N
        unique (custom_field_#_unique): yes or no; customers' Text only: no two have the same; absent: N
        """
        return self._write("reward_fields", {
            "action": "add", **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def reward_fields_update(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Reward Fields - Update (`reward_fields`, action `update`).

        label (custom_field_#_label): text of at most 80 characters; what people read
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; what it is already; it cannot be changed
        show (custom_field_#_show): yes or no; whether the Control Panel shows it
        required (custom_field_#_required): yes or no; whether every record must have a value
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; all of them
            anew; values that were recorded stay
        searchable (custom_field_#_searchable): yes or no; customers only
        unique (custom_field_#_unique): yes or no; customers' Text only; refused where two have the same
        """
        return self._write("reward_fields", {
            "action": "update", **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def reward_fields_delete(
        self, *, field_list: Iterable[str] | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Reward Fields - Delete (`reward_fields`, action `delete`).

        field_list: names of fields joined by |; custom_field_3|custom_field_4
        """
        return self._write("reward_fields", {
            "action": "delete", "field_list": field_list,
        }, idempotency_key, dry_run=dry_run)

    def transaction_fields_list(
        self,
    ) -> R:
        """Manage Transaction Fields - List (`transaction_fields`, action `list`)."""
        return self._read("transaction_fields", {
            "action": "list",
        })

    def transaction_fields_add(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Transaction Fields - Add (`transaction_fields`, action `add`).

        label (custom_field_#_label): text of at most 80 characters; required for each field to be added
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; absent: Text
        show (custom_field_#_show): yes or no; absent: N
        required (custom_field_#_required): yes or no; absent: N
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; Pick and
            List require it, others have none
        searchable (custom_field_#_searchable): yes or no; customers only: found by it; absent: N
        unique (custom_field_#_unique): yes or no; customers' Text only: no two have the same; absent: N
        """
        return self._write("transaction_fields", {
            "action": "add", **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def transaction_fields_update(
        self, *, label: Mapping[int, str] | None = None,
        type: Mapping[int, Literal["Text", "Date", "Pick", "List", "Number", "Money"]] | None = None,
        show: Mapping[int, bool] | None = None, required: Mapping[int, bool] | None = None,
        choices: Mapping[int, Iterable[str] | str] | None = None, searchable: Mapping[int, bool] | None = None,
        unique: Mapping[int, bool] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Transaction Fields - Update (`transaction_fields`, action `update`).

        label (custom_field_#_label): text of at most 80 characters; what people read
        type (custom_field_#_type): one of Text, Date, Pick, List, Number, Money; what it is already; it cannot be changed
        show (custom_field_#_show): yes or no; whether the Control Panel shows it
        required (custom_field_#_required): yes or no; whether every record must have a value
        choices (custom_field_#_choices): text of at most 255 characters; several are joined by commas, at most 500; all of them
            anew; values that were recorded stay
        searchable (custom_field_#_searchable): yes or no; customers only
        unique (custom_field_#_unique): yes or no; customers' Text only; refused where two have the same
        """
        return self._write("transaction_fields", {
            "action": "update", **family("custom_field_", label, "_label"), **family("custom_field_", type, "_type"),
            **family("custom_field_", show, "_show"), **family("custom_field_", required, "_required"),
            **family("custom_field_", choices, "_choices"), **family("custom_field_", searchable, "_searchable"),
            **family("custom_field_", unique, "_unique"),
        }, idempotency_key, dry_run=dry_run)

    def transaction_fields_delete(
        self, *, field_list: Iterable[str] | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Manage Transaction Fields - Delete (`transaction_fields`, action `delete`).

        field_list: names of fields joined by |; custom_field_3|custom_field_4
        """
        return self._write("transaction_fields", {
            "action": "delete", "field_list": field_list,
        }, idempotency_key, dry_run=dry_run)
