# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from regulars.client.session import Caller, R


class UsersCalls(Caller[R]):
    """Calls about users."""

    def campaign_users_add(
        self, *, campaign_id: int | str, users_list: Iterable[str] | str, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Add Users to Campaign (`campaign_users`, action `add`).

        campaign_id: 16 digits; one
        users_list: text of at most 20 characters; several are joined by commas, at most 1000; User IDs; or users_list[]
        """
        return self._write("campaign_users", {
            "action": "add", "campaign_id": campaign_id, "users_list": users_list,
        }, idempotency_key, dry_run=dry_run)

    def campaign_users_remove(
        self, *, campaign_id: int | str, users_list: Iterable[str] | str, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Remove Users from Campaign (`campaign_users`, action `remove`).

        campaign_id: 16 digits; one
        users_list: text of at most 20 characters; several are joined by commas, at most 1000; User IDs; or users_list[]
        """
        return self._write("campaign_users", {
            "action": "remove", "campaign_id": campaign_id, "users_list": users_list,
        }, idempotency_key, dry_run=dry_run)

    def user_delete(
        self, *, user_name: str, action: Literal["permanent"] | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Delete User (`user_delete`).

        user_name: 1 to 20 letters, digits or underscores (_); the user id of who is deleted
        action: one of permanent; permanent: the User ID becomes free, and past transactions lose the name; absent: the User ID
            stays taken
        """
        return self._write("user_delete", {
            "user_name": user_name, "action": action,
        }, idempotency_key, dry_run=dry_run)

    def user_info(
        self, *, user_name: str | None = None, suppress_permissions: bool | None = None, terminal: bool | None = None,
    ) -> R:
        """
        User Information (`user_info`).

        user_name: text of at most 20 characters; another user; absent = the caller
        suppress_permissions: yes or no; Yes leaves user_permissions out
        terminal: yes or no; taken from old terminals; changes nothing
        """
        return self._read("user_info", {
            "user_name": user_name, "suppress_permissions": suppress_permissions, "terminal": terminal,
        })

    def user_login(
        self, *, user_id: str, user_password: str, second_factor_code: str | None = None,
    ) -> R:
        """
        Log a user in with the login password (`user_login`).

        second_factor_code: text of at most 20 characters; where the user has a second factor: the code of his authenticator
            app, or a recovery code; our extension
        """
        return self._read("user_login", {
            "user_id": user_id, "user_password": user_password, "user_api_key": None, "account_id": None,
            "second_factor_code": second_factor_code,
        })

    def user_new(
        self, *, user_name: str, user_new_password: str,
        user_role: Literal["A", "M", "N", "L", "S", "D", "C", "O", "K", "H", "P", "Q", "F", "G", "I"],
        allowed_campaigns: Iterable[int | str] | str, user_first_name: str | None = None, user_last_name: str | None = None,
        user_custom1: str | None = None, user_pin: str | None = None, language_selector: str | None = None,
        language_custom: bool | None = None, timezone_selector: str | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Create New User (`user_new`).

        user_name: 1 to 20 letters, digits or underscores (_); the user id; it can never be changed
        user_new_password: 5 to 20 letters, digits or underscores (_); for signing in to the Control Panel
        user_role: one of the letters A M N L S D C O K H P Q F G I; see the page Permissions
        allowed_campaigns: all, none, or campaign ids of 16 digits joined by commas, at most 1000; or allowed_campaigns[]; an
            Administrator always has all
        user_first_name: text of at most 60 characters; shown in lists and reports
        user_last_name: text of at most 60 characters; shown in lists and reports
        user_custom1: text of at most 80 characters; shown as "Location"; comes back as user_addtl_info
        user_pin (user_PIN): 4 or 5 digits; for terminals; unique in the account
        language_selector: two letters of ISO 639-1, such as EN; absent: the account's
        language_custom: yes or no; a flag for custom front ends
        timezone_selector: a number of the list of time zones, or a name such as Europe/Berlin; absent: the account's
        """
        return self._write("user_new", {
            "user_name": user_name, "user_new_password": user_new_password, "user_role": user_role,
            "allowed_campaigns": allowed_campaigns, "user_first_name": user_first_name, "user_last_name": user_last_name,
            "user_custom1": user_custom1, "user_PIN": user_pin, "language_selector": language_selector,
            "language_custom": language_custom, "timezone_selector": timezone_selector,
        }, idempotency_key, dry_run=dry_run)

    def user_update(
        self, *, user_name: str, user_new_password: str | None = None, user_first_name: str | None = None,
        user_last_name: str | None = None, user_custom1: str | None = None, user_pin: str | None = None,
        language_selector: str | None = None, language_custom: bool | None = None, timezone_selector: str | None = None,
        user_role: Literal["A", "M", "N", "L", "S", "D", "C", "O", "K", "H", "P", "Q", "F", "G", "I"] | None = None,
        allowed_campaigns: Iterable[int | str] | str | None = None, calls_per_minute: int | Literal[""] | None = None,
        idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update User Information (`user_update`).

        user_name: 1 to 20 letters, digits or underscores (_); who is changed; never changes
        user_new_password: 5 to 20 letters, digits or underscores (_); blank: unchanged
        user_first_name: text of at most 60 characters; blank: taken away
        user_last_name: text of at most 60 characters; blank: taken away
        user_custom1: text of at most 80 characters; blank: taken away
        user_pin (user_PIN): 4 or 5 digits; unique in the account; blank: taken away
        language_selector: two letters of ISO 639-1, such as EN; the language the user reads
        language_custom: yes or no; a flag for custom front ends
        timezone_selector: a number of the list of time zones, or a name such as Europe/Berlin; the user's own; absent: the
            account's
        user_role: one of the letters A M N L S D C O K H P Q F G I; see the page Permissions; nobody gives more than he has
        allowed_campaigns: all, none, or campaign ids of 16 digits joined by commas, at most 1000; or allowed_campaigns[]; no
            effect on an Administrator
        calls_per_minute: a whole number from 1 to 60000000; extension: how many calls he may make; blank: as the account says
        """
        return self._write("user_update", {
            "user_name": user_name, "user_new_password": user_new_password, "user_first_name": user_first_name,
            "user_last_name": user_last_name, "user_custom1": user_custom1, "user_PIN": user_pin,
            "language_selector": language_selector, "language_custom": language_custom, "timezone_selector": timezone_selector,
            "user_role": user_role, "allowed_campaigns": allowed_campaigns, "calls_per_minute": calls_per_minute,
        }, idempotency_key, dry_run=dry_run)

    def users_list(
        self, *, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None, show_permissions: bool | None = None,
    ) -> R:
        """
        Users List (`users_list`).

        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        show_permissions: yes or no; Yes: adds the permissions each user has
        """
        return self._read("users_list", {
            "searchField": search_field, "searchOper": search_operator, "searchValue": search_value, "sortField": sort_field,
            "sortOrder": sort_order, "offset": offset, "length": length, "show_permissions": show_permissions,
        })
