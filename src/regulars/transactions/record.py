# SPDX-License-Identifier: Apache-2.0
"""Recording an activity: from what a till sends to one posting, for all five kinds of campaigns. Pure."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, PromotionConfig, UserConfig
from regulars.campaigns.rules import POINTS_MAX, Calculation, points_for, refuse_inactive_promotion
from regulars.coalition.contributions import contribution, second_tier
from regulars.errors import InvalidParameter, ItemNotFound, MissingParameter, PromotionNotFound
from regulars.transactions.receipts import frame_for
from regulars.transactions.terms import Prepared, Terms, posting_of

QUANTITY_MAX = 10_000
"""Units of one item in one record (api.md 13 "buyx")."""


def find_promotion(campaign: CampaignConfig, named: str) -> PromotionConfig:
    """
    Return a promotion by its id or the owner's own id (promo_custom_id); where both match, by its id.

    Raises: PromotionNotFound.
    """
    if named.isdecimal() and len(named) < 16:
        promotion = campaign.promotions.get(int(named))
        if promotion is not None:
            return promotion
    for promotion in campaign.promotions.values():
        if promotion.custom_id and promotion.custom_id == named:
            return promotion
    raise PromotionNotFound(fields=("promo_id",))


def find_item(campaign: CampaignConfig, named: str, parameter: str = "service_product") -> ItemConfig:
    """
    Return a buyx item by its id or the owner's identifier; where both match, by its id.

    Raises: ItemNotFound, naming ``parameter``.
    """
    if named.isdecimal() and len(named) < 16:
        item = campaign.items.get(int(named))
        if item is not None:
            return item
    for item in campaign.items.values():
        if item.identifier and item.identifier == named:
            return item
    raise ItemNotFound(f"{parameter} is not valid: no such item in this campaign", fields=(parameter,))


def sale_posting(
    *,
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    terms: Terms,
    amount_minor: int | None = None,
    promotion: PromotionConfig | None = None,
    item: ItemConfig | None = None,
    quantity: int = 1,
    counted: int | None = None,
) -> Prepared:
    """
    Compute what one activity adds to the customer's balance.

    points: money x ratio, a promotion, or both. giftcard: the amount. events: one event. earned: the campaign's amount
    per event. buyx: ``quantity`` units of ``item``. What a kind has no use for is not looked at. ``counted``: what is added,
    where a batch brings it as it is and nothing is to be computed (points, events, earned).

    Units:   amount_minor in currency minor units; quantity in units, 1 to 10,000; counted in the campaign's unit.
    Raises:  MissingParameter, InvalidParameter, PromotionNotActive.
    Source:  api.md 8 record_activity, 13 "Receipts", "buyx", "events / earned"; concepts.md 2, 3, 6.
    """
    if campaign.kind != "points":
        promotion = None
    if campaign.kind != "buyx":
        item = None
    if counted is None:
        amount, remainder, purchase_minor, calculation = _gain(
            account, campaign, terms, amount_minor, promotion, item, quantity
        )
    else:
        amount, remainder, purchase_minor, calculation = _counted(counted), None, None, None
    item_id = item.id if item else 0
    master = second_tier(account, campaign) if amount > 0 or remainder else None
    frame = frame_for(
        account, campaign, is_redemption=False, occurred_at=terms.occurred_at, description=terms.description,
        purchase_minor=purchase_minor, promotion=promotion, item=item, master=master,
    )  # fmt: skip
    posting = posting_of(
        account, by, campaign, terms, frame, kind="earn", amount=amount, item_id=item_id, purchase_minor=purchase_minor,
        calculation=calculation, promotion_id=promotion.id if promotion else None, remainder=remainder,
        contribution=contribution(account, master, terms.occurred_at, terms.recorded_at),
    )  # fmt: skip
    return Prepared(posting, frame)


def _gain(
    account: AccountConfig,
    campaign: CampaignConfig,
    terms: Terms,
    amount_minor: int | None,
    promotion: PromotionConfig | None,
    item: ItemConfig | None,
    quantity: int,
) -> tuple[int, int | None, int | None, Calculation | None]:
    """
    What the activity adds: the amount, the remainder to carry (None = nothing is carried), the money of the purchase, and
    what the amount was computed from.
    """
    if campaign.kind == "points":
        if promotion is not None:
            refuse_inactive_promotion(promotion, terms.occurred_at)
        earned = points_for(campaign, account.currency, amount_minor, promotion)
        return earned.points, earned.remainder, amount_minor, earned.calculation
    if campaign.kind == "buyx":
        if item is None:
            raise MissingParameter("service_product")
        if not 1 <= quantity <= QUANTITY_MAX:
            raise InvalidParameter("buyx_quantity", f"a whole number from 1 to {QUANTITY_MAX} is expected")
        return quantity, None, None, None
    if campaign.kind == "events":
        return 1, None, None, None
    if campaign.kind == "earned":
        return campaign.amount_per_event_minor, None, None, None
    return _added(account, amount_minor), None, None, None


def _counted(counted: int) -> int:
    """An amount in the campaign's own unit, as a batch brings it."""
    if counted < 1:
        raise InvalidParameter("amount", text="The amount entered needs to be at least 1")
    if counted > POINTS_MAX:
        raise InvalidParameter("amount", text="TRANSACTION ERROR: The amount entered is not valid")
    return counted


def _added(account: AccountConfig, amount_minor: int | None) -> int:
    """The amount put on a gift card: required, at least one minor unit."""
    if amount_minor is None:
        raise MissingParameter("amount")
    if amount_minor < 1:
        smallest = account.currency.text(1)
        raise InvalidParameter("amount", text=f"TRANSACTION ERROR: The amount entered must be at least {smallest}")
    return amount_minor
