# SPDX-License-Identifier: Apache-2.0
"""Balances, rewards and history of a customer as elements (customer_info, customer_balance, customer_search)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig, RewardConfig
from regulars.api.calls.customer_element import NO_DATE
from regulars.kit.units import PPM
from regulars.ledger.books import HistoryRow
from regulars.protocol.shape import Shape, slot
from regulars.protocol.tree import Element, filled, items, leaf, record
from regulars.transactions.standing import ItemStanding, Standing

COMPUTED = {"expire": "D", "fee": "F"}
"""Rows that rules made, not people: their id on the wire is this letter and the rule's id (api.md 13)."""


def ratio_text(ratio_ppm: int) -> str:
    """Return a ratio as people write it: "100", "0.05"."""
    whole, part = divmod(ratio_ppm, PPM)
    return f"{whole}.{part:06d}".rstrip("0") if part else str(whole)


def date_text(account: AccountConfig, at: datetime | None) -> str:
    """Return the local date, or 0000-00-00 where there is none."""
    return NO_DATE if at is None else at.astimezone(account.zone).isoformat()[:10]


def stamp_text(account: AccountConfig, at: datetime) -> str:
    """Return the local date and time."""
    return at.astimezone(account.zone).isoformat(" ", "seconds")[:19]


def unit_text(account: AccountConfig, campaign: CampaignConfig, amount: int) -> str:
    """Return an amount in the campaign's unit: "9.50" for money, "12" for the rest."""
    return account.currency.text(amount) if campaign.is_money else str(amount)


def campaign_standing(account: AccountConfig, standing: Standing) -> Element:
    """
    Return one campaign of customer_info.

    ``monetary_balance`` only where the balance can be taken as money (a money campaign, or points with a
    Spend-to-Reward Ratio); the coalition members only in coalition accounts.
    """
    campaign = standing.campaign
    shape: Shape | None = account.memo.get(("standing", campaign.id))
    if shape is None:
        shape = account.memo["standing", campaign.id] = Shape(_campaign_with_slots(account, standing))
    show = account.currency.text if campaign.is_money else str
    balance, last_at, first_at = show(standing.balance), standing.last_transaction_at, standing.first_transaction_at
    cumulative = balance if standing.cumulative == standing.balance else show(standing.cumulative)
    last = date_text(account, last_at)
    first = last if first_at == last_at else date_text(account, first_at)
    value = () if standing.value_minor is None else (account.currency.text(standing.value_minor),)
    shared = (balance, show(standing.pool_cumulative)) if standing.in_coalition else ()
    parts = (
        *[text for each in standing.items for text in (str(each.balance), str(each.free_available))],
        *[str(each.needed) for each in standing.rewards],
    )
    return shape.fill((balance, *value, cumulative, *shared, last, first, *parts))


def _campaign_with_slots(account: AccountConfig, standing: Standing) -> Element:
    """What is shown of a campaign whoever the customer is, with slots for what differs; made once for each snapshot."""
    campaign = standing.campaign
    is_points = campaign.kind == "points"
    money = account.currency
    has_value = standing.value_minor is not None
    return record(
        "campaign",
        leaf("id", campaign.number),
        leaf("name", campaign.name),
        leaf("type", campaign.kind),
        filled("description", campaign.description),
        leaf("in_coalition", "Y" if standing.in_coalition else "N") if account.is_coalition else None,
        leaf("created_stamp", stamp_text(account, campaign.created_at)),
        leaf("points_ratio", ratio_text(campaign.points_ratio_ppm)) if is_points else None,
        leaf("reward_ratio", ratio_text(campaign.reward_ratio_ppm or 0)) if is_points else None,
        slot("balance"),
        slot("monetary_balance") if has_value else None,
        leaf("currency", money.code) if has_value else None,
        leaf("glyph", money.glyph) if has_value else None,
        slot("cumulative"),
        slot("balance_coalition") if standing.in_coalition else None,
        slot("cumulative_coalition") if standing.in_coalition else None,
        slot("last_transaction"),
        slot("first_transaction"),
        items("balances", (_item(each, slot("balance"), slot("free_available")) for each in standing.items))
        if campaign.kind == "buyx"
        else None,
        items("available_rewards", (_reward(each.reward) for each in standing.rewards))
        if campaign.kind in ("points", "events")
        else None,
    )


def _reward(reward: RewardConfig) -> Element:
    return record(
        "reward",
        leaf("id", reward.id),
        leaf("name", reward.description),
        leaf("level", reward.level),
        leaf("description", reward.description),
        slot("needed_to_redeem"),
        filled("reward_id", reward.identifier),
    )


def _item(standing: ItemStanding, balance: Element, free_available: Element) -> Element:
    return record(
        "item",
        leaf("id", standing.item.id),
        leaf("description", standing.item.description),
        balance,
        leaf("level", standing.item.level),
        free_available,
    )


def item_balances(standing: Standing) -> Element:
    """Return what the customer has of each buyx item."""
    return items(
        "balances",
        (_item(each, leaf("balance", each.balance), leaf("free_available", each.free_available)) for each in standing.items),
    )


def history_element(account: AccountConfig, rows: Sequence[HistoryRow]) -> Element | None:
    """
    Return the transactions of customer_balance, newest first; None where there are none.

    ``amount`` in the campaign's unit, negative where it took from the balance. Rows that rules made (``real`` = N) have the
    rule's letter and id in place of a transaction id; so have the rows that gave back what a rule had taken.
    """
    kinds = {row.id: row.kind for row in rows}
    shown = []
    for row in rows:
        campaign = account.campaigns_by_id.get(row.campaign_id)
        if campaign is None:
            continue
        user = account.users_by_id.get(row.user_id)
        shown.append(
            record(
                "transaction",
                leaf("id", _shown_id(campaign, row, kinds)),
                leaf("date", date_text(account, row.occurred_at)),
                leaf("authorization", row.description),
                leaf("service_product", "Activation" if row.kind == "activation" else row.subject),
                leaf("redeemed", "Y" if row.kind == "redeem" else "N"),
                leaf("amount", unit_text(account, campaign, row.amount)),
                leaf("campaign", campaign.number),
                leaf("user_name", user.code if user else ""),
                leaf("real", "N" if row.rule_id is not None else "Y"),
                leaf("record_timestamp", stamp_text(account, row.recorded_at)),
            )
        )
    return items("transactions", shown) if shown else None


def _shown_id(campaign: CampaignConfig, row: HistoryRow, kinds: dict[int, str]) -> str:
    if row.rule_id is None:
        return str(row.id)
    kind = row.kind if row.kind in COMPUTED else kinds.get(row.reverses_id or 0, "")
    if kind not in COMPUTED:
        kind = "expire" if any(rule.rule_id == row.rule_id for rule in campaign.depreciations) else "fee"
    return f"{COMPUTED[kind]}{row.rule_id}"
