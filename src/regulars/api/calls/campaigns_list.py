# SPDX-License-Identifier: Apache-2.0
"""campaigns_list: the active campaigns that the user may see, in the old form and the searchable one (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.api.call import Call, Context
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.api.calls.standing_element import ratio_text, stamp_text
from regulars.campaigns import limits, queries
from regulars.kit.listing import Columns, page
from regulars.protocol.kinds import choice, comma_list, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, filled, items, leaf, record, success

COLUMN_NAMES = ("campaign_name", "campaign_type", "campaign_id", "create_date")


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    type_restrict: tuple[str, ...] = param(
        comma_list(choice(*limits.KINDS), len(limits.KINDS)), default=(), note="only campaigns of these types"
    )
    api_version: str = param(text(10), default="", wire="API", note="1.5: pagination is always shown")


def columns(account: AccountConfig) -> Columns[CampaignConfig]:
    """Return what campaigns can be searched and sorted by."""
    return {
        "campaign_name": lambda campaign: campaign.name,
        "campaign_type": lambda campaign: campaign.kind,
        "campaign_id": lambda campaign: campaign.number,
        "create_date": lambda campaign: stamp_text(account, campaign.created_at),
    }


def handle(ctx: Context, params: Params) -> Element:
    """
    List the campaigns, oldest first unless sorted. Both forms have the same rows; the 1.5 form adds ``pagination``.

    ``searchField`` and ``sortField``: campaign_name, campaign_type, campaign_id, create_date.
    ``type_restrict`` and a search narrow each other. Without ``searchOper`` a search finds names that contain the value.
    """
    return list_of_state(ctx, params, "active")


def list_of_state(ctx: Context, params: Params, state: str) -> Element:
    """Return the list of the campaigns that are ``active`` or ``on_hold``."""
    search = read_search(params, columns(ctx.account))
    rows = queries.list_campaigns(account=ctx.account, by=ctx.user, state=state, kinds=params.type_restrict)
    found = page(rows, columns(ctx.account), search)
    has_pagination = params.is_asked_for or params.api_version not in ("", "1", "1.0", "1.1")
    return success(
        leaf("account_name", ctx.account.code),
        items("campaigns", (campaign_element(ctx.account, campaign) for campaign in found.rows)),
        pagination(found) if has_pagination else None,
    )


def campaign_element(account: AccountConfig, campaign: CampaignConfig) -> Element:
    """
    Return one campaign of a list: ratios only on points campaigns, currency where money is meant, items on buyx.

    A buyx campaign's items stand in XML side by side under the campaign, as documented; in JSON as the array ``items``.
    """
    kind, money = campaign.kind, account.currency
    has_money = kind in ("points", "giftcard", "earned")
    result = record(
        "campaign",
        leaf("id", campaign.number),
        leaf("name", campaign.name),
        leaf("type", kind),
        filled("description", campaign.description),
        leaf("in_coalition", "Y" if campaign.pool_id != campaign.id else "N") if account.is_coalition else None,
        leaf("points_ratio", ratio_text(campaign.points_ratio_ppm)) if kind == "points" else None,
        leaf("reward_ratio", ratio_text(campaign.reward_ratio_ppm or 0)) if kind == "points" else None,
        leaf("earned_per_event", money.text(campaign.amount_per_event_minor)) if kind == "earned" else None,
        leaf("currency", money.code) if has_money else None,
        leaf("glyph", money.glyph) if has_money else None,
        leaf("created_stamp", stamp_text(account, campaign.created_at)),
        filled("latitude", campaign.latitude),
        filled("longitude", campaign.longitude),
    )
    if kind == "buyx":
        result.children += _items(campaign)
    return result


def _items(campaign: CampaignConfig) -> list[Element]:
    def element(item: Any, **only: Any) -> Element:
        return record(
            "item",
            leaf("id", item.id),
            leaf("description", item.description),
            leaf("buy_amount", item.level),
            filled("reward_id", item.identifier),
        )

    side_by_side = [element(item) for item in campaign.items.values()]
    for child in side_by_side:
        child.only = "xml"
    array = items("items", (element(item) for item in campaign.items.values()))
    array.only = "json"
    return [*side_by_side, array]


CALL = Call(
    type="campaigns_list",
    handle=handle,
    params=Params,
    permission="open_campaign",
    summary="Campaigns List",
    source="api.md 9",
)
