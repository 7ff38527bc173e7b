# SPDX-License-Identifier: Apache-2.0
"""buyx_items_list: what a buy-X-get-one campaign counts (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import ItemConfig
from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.campaigns import queries
from regulars.kit.listing import Columns, page
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a buyx campaign")


COLUMNS: Columns[ItemConfig] = {
    "service_product": lambda item: item.description,
    "reward_id": lambda item: item.identifier,
    "buy_amount": lambda item: item.level,
}


def handle(ctx: Context, params: Params) -> Element:
    """
    List the items; none for campaigns of other types.

    ``searchField`` and ``sortField``: service_product (its text), reward_id (the owner's identifier), buy_amount (units that
    buy a free one).
    """
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    found = page(tuple(campaign.items.values()), COLUMNS, read_search(params, COLUMNS))
    return success(
        record("campaign", leaf("id", campaign.number)),
        items("buyx_items", (item_element(item) for item in found.rows)),
        pagination(found),
    )


def item_element(item: ItemConfig) -> Element:
    """Return one item; ``reward_id`` is the owner's identifier, empty where there is none."""
    return record(
        "item",
        leaf("id", item.id),
        leaf("name", item.description),
        leaf("description", item.description),
        leaf("reward_id", item.identifier),
        leaf("buy_amount", item.level),
    )


CALL = Call(
    type="buyx_items_list",
    handle=handle,
    params=Params,
    permission="view_buyx_items",
    summary="BuyX Campaign Items List",
    errors=("campaign_not_found",),
    source="api.md 9",
)
