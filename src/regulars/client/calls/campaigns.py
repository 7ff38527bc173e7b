# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from regulars.client.session import Caller, R
from regulars.client.wire import family


class CampaignsCalls(Caller[R]):
    """Calls about campaigns."""

    def buyx_items_list(
        self, *, campaign_id: int | str, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        BuyX Campaign Items List (`buyx_items_list`).

        campaign_id: 16 digits; a buyx campaign
        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        """
        return self._read("buyx_items_list", {
            "campaign_id": campaign_id, "searchField": search_field, "searchOper": search_operator, "searchValue": search_value,
            "sortField": sort_field, "sortOrder": sort_order, "offset": offset, "length": length,
        })

    def campaign_deactivate(
        self, *, campaign_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Deactivate a Campaign (`campaign_deactivate`).

        campaign_id: 16 digits; an active campaign, or one on hold already
        """
        return self._write("campaign_deactivate", {
            "campaign_id": campaign_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_delete_campaign(
        self, *, campaign_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Campaign (`campaign_delete`, action `campaign`).

        campaign_id: 16 digits; also one on hold
        """
        return self._write("campaign_delete", {
            "action": "campaign", "campaign_id": campaign_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_delete_reward(
        self, *, reward_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Reward (`campaign_delete`, action `reward`).

        reward_id: an id, as an earlier answer gave it; the id of campaign_rewards
        """
        return self._write("campaign_delete", {
            "action": "reward", "reward_id": reward_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_delete_promo(
        self, *, promo_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a Promotion (`campaign_delete`, action `promo`).

        promo_id: an id, as an earlier answer gave it; the id of campaign_promos
        """
        return self._write("campaign_delete", {
            "action": "promo", "promo_id": promo_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_delete_item(
        self, *, item_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Delete a BuyX Item (`campaign_delete`, action `item`).

        item_id: an id, as an earlier answer gave it; the id of buyx_items_list
        """
        return self._write("campaign_delete", {
            "action": "item", "item_id": item_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_new_campaign(
        self, *, campaign_type: Literal["points", "giftcard", "events", "earned", "buyx"], campaign_name: str,
        description: str | None = None, latitude: Decimal | int | str | None = None,
        longitude: Decimal | int | str | None = None, points_ratio: Decimal | int | str | None = None,
        reward_ratio: Decimal | int | str | None = None, amount_per_event: Decimal | int | str | None = None,
        coalition_opt_out: bool | None = None, two_tier_opt_out: bool | None = None,
        rounding: Literal["down", "nearest", "up"] | None = None, carry_remainder: bool | None = None,
        default_item_level: int | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Campaign (`campaign_new`, action `campaign`).

        campaign_type: one of points, giftcard, events, earned, buyx; fixed for good
        campaign_name: text of at most 30 characters; no two campaigns of an account have the same
        description: text of at most 2000 characters; for the owner; customer_info shows it
        latitude: text of at most 20 characters; degrees, -90 to 90
        longitude: text of at most 20 characters; degrees, -180 to 180
        points_ratio: a number such as 0.05 or 1,25 with at most 6 decimals, above 0 and at most 1000000; points only; absent or
            blank: 100
        reward_ratio: a number such as 0.05 or 1,25 with at most 6 decimals; points only; absent, blank or 0: redeeming by
            currency is off
        amount_per_event: an amount such as 9.95 or 9,95, at most 12 digits and the currency's decimals; earned only, and there
            required
        coalition_opt_out: yes or no; coalitions: the campaign keeps its own balances
        two_tier_opt_out: yes or no; two-tier accounts: nothing goes to the master campaign
        rounding: one of down, nearest, up; extension, points only: how points are made whole; down
        carry_remainder: yes or no; extension, points only: what down cuts off is carried over; N
        default_item_level: a whole number from 1 to 1000000000000; extension, buyx only: level of items without one; 10
        """
        return self._write("campaign_new", {
            "action": "campaign", "campaign_type": campaign_type, "campaign_name": campaign_name, "description": description,
            "latitude": latitude, "longitude": longitude, "points_ratio": points_ratio, "reward_ratio": reward_ratio,
            "amount_per_event": amount_per_event, "coalition_opt_out": coalition_opt_out, "two_tier_opt_out": two_tier_opt_out,
            "rounding": rounding, "carry_remainder": carry_remainder, "default_item_level": default_item_level,
        }, idempotency_key, dry_run=dry_run)

    def campaign_new_reward(
        self, *, campaign_id: int | str, reward_level: int, reward_description: str, reward_identifier: str | None = None,
        reward_custom_fields: Mapping[int, str] | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Campaign Reward (`campaign_new`, action `reward`).

        campaign_id: 16 digits; a points or events campaign
        reward_level: a whole number from 1 to 1000000000000, at most 12 digits; points, or events
        reward_description: text of at most 255 characters; what the customer gets; receipts and lists show it
        reward_identifier: text of at most 60 characters; the owner's SKU; lists call it reward_id
        reward_custom_fields (reward_custom_field_#): text of at most 64000 characters; the values of reward fields, made by
            reward_fields
        """
        return self._write("campaign_new", {
            "action": "reward", "campaign_id": campaign_id, "reward_level": reward_level,
            "reward_description": reward_description, "reward_identifier": reward_identifier,
            **family("reward_custom_field_", reward_custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def campaign_new_promo(
        self, *, campaign_id: int | str, promo_operation: Literal["x", "+"], promo_amount: Decimal | int | str,
        promo_description: str, promo_custom_id: str | None = None, promo_start_date: datetime | date | str | None = None,
        promo_end_date: datetime | date | str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New Campaign Promotion (`campaign_new`, action `promo`).

        campaign_id: 16 digits; a points campaign
        promo_operation: one of x, +; a + must be sent as %2B, as in any form
        promo_amount: text of at most 40 characters; x: 1.25, 0.5; +: 100, -50; not 0
        promo_description: text of at most 255 characters; receipts show it where the sale has no authorization text
        promo_custom_id: text of at most 60 characters; the owner's own id; record_activity takes it as promo_id
        promo_start_date: a date and time as YYYY-MM-DD HH:MM:SS; absent: from now on
        promo_end_date: a date and time as YYYY-MM-DD HH:MM:SS; absent: without end
        """
        return self._write("campaign_new", {
            "action": "promo", "campaign_id": campaign_id, "promo_operation": promo_operation, "promo_amount": promo_amount,
            "promo_description": promo_description, "promo_custom_id": promo_custom_id, "promo_start_date": promo_start_date,
            "promo_end_date": promo_end_date,
        }, idempotency_key, dry_run=dry_run)

    def campaign_new_item(
        self, *, campaign_id: int | str, item_description: str, reward_level: int | None = None,
        item_identifier: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Create New BuyX Campaign Item (`campaign_new`, action `item`).

        campaign_id: 16 digits; a buyx campaign
        item_description: text of at most 255 characters; what is bought; receipts and lists show it
        reward_level: a whole number from 1 to 1000000000000, at most 12 digits; units to buy before one is free; absent: the
            campaign's default level
        item_identifier: text of at most 60 characters; the owner's SKU; record_activity and redeem take it too
        """
        return self._write("campaign_new", {
            "action": "item", "campaign_id": campaign_id, "item_description": item_description, "reward_level": reward_level,
            "item_identifier": item_identifier,
        }, idempotency_key, dry_run=dry_run)

    def campaign_promos(
        self, *, campaign_id: int | str, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
    ) -> R:
        """
        Campaign Promotions List (`campaign_promos`).

        campaign_id: 16 digits; a points campaign
        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        """
        return self._read("campaign_promos", {
            "campaign_id": campaign_id, "searchField": search_field, "searchOper": search_operator, "searchValue": search_value,
            "sortField": sort_field, "sortOrder": sort_order, "offset": offset, "length": length,
        })

    def campaign_reactivate(
        self, *, campaign_id: int | str, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Reactivate a Campaign (`campaign_reactivate`).

        campaign_id: 16 digits; a campaign on hold, or one active already
        """
        return self._write("campaign_reactivate", {
            "campaign_id": campaign_id,
        }, idempotency_key, dry_run=dry_run)

    def campaign_rewards(
        self, *, campaign_id: int | str,
    ) -> R:
        """
        Campaign Rewards List (`campaign_rewards`).

        campaign_id: 16 digits; a points or events campaign
        """
        return self._read("campaign_rewards", {
            "campaign_id": campaign_id,
        })

    def campaign_update_campaign(
        self, *, campaign_id: int | str, new_campaign_name: str | None = None, description: str | None = None,
        latitude: Decimal | int | str | None = None, longitude: Decimal | int | str | None = None,
        new_points_ratio: Decimal | int | str | None = None, new_reward_ratio: Decimal | int | str | None = None,
        new_amount_per_event: Decimal | int | str | None = None, coalition_opt_out: bool | None = None,
        two_tier_opt_out: bool | None = None, rounding: Literal["down", "nearest", "up"] | None = None,
        carry_remainder: bool | None = None, default_item_level: int | None = None, idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> R:
        """
        Update Existing Campaign (`campaign_update`, action `campaign`).

        campaign_id: 16 digits; the campaign to change; its id never changes
        new_campaign_name: text of at most 30 characters; blank: unchanged
        description: text of at most 2000 characters; blank: unchanged
        latitude: text of at most 20 characters; degrees, -90 to 90
        longitude: text of at most 20 characters; degrees, -180 to 180
        new_points_ratio: a number such as 0.05 or 1,25 with at most 6 decimals, above 0 and at most 1000000; points only;
            blank: unchanged
        new_reward_ratio: a number such as 0.05 or 1,25 with at most 6 decimals; points only; blank or 0: turned off
        new_amount_per_event: an amount such as 9.95 or 9,95, at most 12 digits and the currency's decimals; earned only
        coalition_opt_out: yes or no; in a coalition, what was earned in the campaign and is left moves with it
        two_tier_opt_out: yes or no; two-tier accounts: nothing goes to the master campaign from now on
        rounding: one of down, nearest, up; extension, points only
        carry_remainder: yes or no; extension, points only
        default_item_level: a whole number from 1 to 1000000000000; extension, buyx only
        """
        return self._write("campaign_update", {
            "action": "campaign", "campaign_id": campaign_id, "new_campaign_name": new_campaign_name,
            "description": description, "latitude": latitude, "longitude": longitude, "new_points_ratio": new_points_ratio,
            "new_reward_ratio": new_reward_ratio, "new_amount_per_event": new_amount_per_event,
            "coalition_opt_out": coalition_opt_out, "two_tier_opt_out": two_tier_opt_out, "rounding": rounding,
            "carry_remainder": carry_remainder, "default_item_level": default_item_level,
        }, idempotency_key, dry_run=dry_run)

    def campaign_update_reward(
        self, *, reward_id: int | str, new_reward_level: int | None = None, new_reward_description: str | None = None,
        new_reward_identifier: str | None = None, reward_custom_fields: Mapping[int, str] | None = None,
        idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update Campaign Reward (`campaign_update`, action `reward`).

        reward_id: an id, as an earlier answer gave it; the id of campaign_rewards
        new_reward_level: a whole number from 1 to 1000000000000, at most 12 digits; blank: unchanged; what was redeemed stays
        new_reward_description: text of at most 255 characters; blank: unchanged
        new_reward_identifier: text of at most 60 characters; blank: taken away
        reward_custom_fields (reward_custom_field_#): text of at most 64000 characters; blank: removed
        """
        return self._write("campaign_update", {
            "action": "reward", "reward_id": reward_id, "new_reward_level": new_reward_level,
            "new_reward_description": new_reward_description, "new_reward_identifier": new_reward_identifier,
            **family("reward_custom_field_", reward_custom_fields),
        }, idempotency_key, dry_run=dry_run)

    def campaign_update_promo(
        self, *, promo_id: int | str, new_promo_operation: Literal["x", "+", ""] | None = None,
        new_promo_amount: Decimal | int | str | None = None, new_promo_description: str | None = None,
        new_promo_custom_id: str | None = None, new_promo_start_date: datetime | date | str | None = None,
        new_promo_end_date: datetime | date | str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update Campaign Promotion (`campaign_update`, action `promo`).

        promo_id: an id, as an earlier answer gave it; the id of campaign_promos
        new_promo_operation: one of x, +; not blank; another operation needs new_promo_amount too
        new_promo_amount: text of at most 40 characters; not blank, not 0
        new_promo_description: text of at most 255 characters; not blank
        new_promo_custom_id: text of at most 60 characters; blank: taken away
        new_promo_start_date: a date and time as YYYY-MM-DD HH:MM:SS; 0000-00-00: none; blank: unchanged
        new_promo_end_date: a date and time as YYYY-MM-DD HH:MM:SS; 0000-00-00: none; blank: unchanged
        """
        return self._write("campaign_update", {
            "action": "promo", "promo_id": promo_id, "new_promo_operation": new_promo_operation,
            "new_promo_amount": new_promo_amount, "new_promo_description": new_promo_description,
            "new_promo_custom_id": new_promo_custom_id, "new_promo_start_date": new_promo_start_date,
            "new_promo_end_date": new_promo_end_date,
        }, idempotency_key, dry_run=dry_run)

    def campaign_update_item(
        self, *, item_id: int | str, new_reward_level: int | None = None, new_item_description: str | None = None,
        new_item_identifier: str | None = None, idempotency_key: str | None = None, dry_run: bool = False,
    ) -> R:
        """
        Update BuyX Campaign Item (`campaign_update`, action `item`).

        item_id: an id, as an earlier answer gave it; the id of buyx_items_list
        new_reward_level: a whole number from 1 to 1000000000000, at most 12 digits; blank: unchanged; what was redeemed stays
        new_item_description: text of at most 255 characters; also renames past transactions
        new_item_identifier: text of at most 60 characters; blank: removed
        """
        return self._write("campaign_update", {
            "action": "item", "item_id": item_id, "new_reward_level": new_reward_level,
            "new_item_description": new_item_description, "new_item_identifier": new_item_identifier,
        }, idempotency_key, dry_run=dry_run)

    def campaigns_inactive_list(
        self, *, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
        type_restrict: Iterable[Literal["points", "giftcard", "events", "earned", "buyx"]] | str | None = None,
        api_version: str | None = None,
    ) -> R:
        """
        Deactivated (on hold) Campaigns List (`campaigns_inactive_list`).

        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        type_restrict: one of points, giftcard, events, earned, buyx; several are joined by commas, at most 5; only campaigns of
            these types
        api_version (API): text of at most 10 characters; 1.5: pagination is always shown
        """
        return self._read("campaigns_inactive_list", {
            "searchField": search_field, "searchOper": search_operator, "searchValue": search_value, "sortField": sort_field,
            "sortOrder": sort_order, "offset": offset, "length": length, "type_restrict": type_restrict, "API": api_version,
        })

    def campaigns_list(
        self, *, search_field: str | None = None,
        search_operator: Literal["eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni"] | None = None,
        search_value: str | None = None, sort_field: str | None = None, sort_order: Literal["ASC", "DESC"] | None = None,
        offset: int | None = None, length: int | None = None,
        type_restrict: Iterable[Literal["points", "giftcard", "events", "earned", "buyx"]] | str | None = None,
        api_version: str | None = None,
    ) -> R:
        """
        Campaigns List (`campaigns_list`).

        search_field (searchField): text of at most 60 characters; in what to search: see above
        search_operator (searchOper): one of eq, ne, bw, bn, ew, en, cn, nc, nu, nn, in, ni; eq equal, bw begins with, ew ends
            with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni their opposites; absent: cn
        search_value (searchValue): text of at most 255 characters; not for nu and nn
        sort_field (sortField): text of at most 60 characters; absent: in the order they were made
        sort_order (sortOrder): one of ASC, DESC; absent: ASC
        offset: a whole number from 0 to 10000000; how many rows to skip
        length: a whole number from 1 to 10000; absent: to the end
        type_restrict: one of points, giftcard, events, earned, buyx; several are joined by commas, at most 5; only campaigns of
            these types
        api_version (API): text of at most 10 characters; 1.5: pagination is always shown
        """
        return self._read("campaigns_list", {
            "searchField": search_field, "searchOper": search_operator, "searchValue": search_value, "sortField": sort_field,
            "sortOrder": sort_order, "offset": offset, "length": length, "type_restrict": type_restrict, "API": api_version,
        })
