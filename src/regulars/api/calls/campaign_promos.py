# SPDX-License-Identifier: Apache-2.0
"""campaign_promos: a points campaign's promotions (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from regulars.accounts.directory import AccountConfig, PromotionConfig
from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.customer_element import NO_DATE
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.api.calls.standing_element import ratio_text, stamp_text
from regulars.campaigns import queries
from regulars.kit.listing import Columns, page
from regulars.kit.units import PPM
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points campaign")


def amount_of(promotion: PromotionConfig) -> Fraction:
    """Return what the promotion multiplies by, or the points it adds."""
    return Fraction(promotion.multiplier_ppm, PPM) if promotion.operation == "x" else Fraction(promotion.points)


COLUMNS: Columns[PromotionConfig] = {
    "promotion": lambda promotion: promotion.description,
    "operation": lambda promotion: promotion.operation,
    "multiplier": amount_of,
}


def handle(ctx: Context, params: Params) -> Element:
    """
    List the promotions, those too that have not begun or are over; none for campaigns of other types.

    ``searchField`` and ``sortField``: promotion (its text), operation (x or +), multiplier.
    ``multiplier`` is what x multiplies by or the points that + adds; ``eq``, ``in`` and sorting take it as a number.
    """
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    found = page(tuple(campaign.promotions.values()), COLUMNS, read_search(params, COLUMNS))
    return success(
        record("campaign", leaf("id", campaign.number)),
        items("promotions", (promotion_element(ctx.account, promotion) for promotion in found.rows)),
        pagination(found),
    )


def promotion_element(account: AccountConfig, promotion: PromotionConfig) -> Element:
    """Return one promotion; an open start or end is 0000-00-00."""

    def stamp(at: datetime | None) -> str:
        return NO_DATE if at is None else stamp_text(account, at)

    is_times = promotion.operation == "x"
    return record(
        "promotion",
        leaf("id", promotion.id),
        leaf("operand", promotion.operation),
        leaf("value", ratio_text(promotion.multiplier_ppm) if is_times else promotion.points),
        leaf("description", promotion.description),
        leaf("promo_custom_id", promotion.custom_id),
        leaf("promo_start_date", stamp(promotion.starts_at)),
        leaf("promo_end_date", stamp(promotion.ends_at)),
    )


CALL = Call(
    type="campaign_promos",
    handle=handle,
    params=Params,
    permission="view_promotions",
    summary="Campaign Promotions List",
    errors=("campaign_not_found",),
    source="api.md 9",
)
