# SPDX-License-Identifier: Apache-2.0
"""Balances, rewards and history of a customer as elements (customer_info, customer_balance, customer_search)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.api.calls.customer_element import NO_DATE
from regulars.kit.units import PPM
from regulars.ledger.books import HistoryRow
from regulars.protocol.tree import Element, fixed, items, leaf, record
from regulars.transactions.standing import Standing

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
    money = account.currency

    def amount(value: int) -> str:
        return unit_text(account, campaign, value)

    value = standing.value_minor
    return record(
        "campaign",
        *_settings(account, campaign),
        leaf("balance", amount(standing.balance)),
        leaf("monetary_balance", money.text(value)) if value is not None else None,
        *(_currency(account) if value is not None else ()),
        leaf("cumulative", amount(standing.cumulative)),
        leaf("balance_coalition", amount(standing.balance)) if standing.in_coalition else None,
        leaf("cumulative_coalition", amount(standing.pool_cumulative)) if standing.in_coalition else None,
        leaf("last_transaction", date_text(account, standing.last_transaction_at)),
        leaf("first_transaction", date_text(account, standing.first_transaction_at)),
        item_balances(standing) if campaign.kind == "buyx" else None,
        _rewards(account, standing) if campaign.kind in ("points", "events") else None,
    )


def _settings(account: AccountConfig, campaign: CampaignConfig) -> tuple[Element, ...]:
    """What is shown of a campaign whoever the customer is; made once for each snapshot."""
    kept: tuple[Element, ...] | None = account.memo.get(("settings", campaign.id))
    if kept is None:
        is_points = campaign.kind == "points"
        shown = (
            fixed("id", campaign.number),
            fixed("name", campaign.name),
            fixed("type", campaign.kind),
            fixed("description", campaign.description) if campaign.description else None,
            fixed("in_coalition", "Y" if campaign.pool_id != campaign.id else "N") if account.is_coalition else None,
            fixed("created_stamp", stamp_text(account, campaign.created_at)),
            fixed("points_ratio", ratio_text(campaign.points_ratio_ppm)) if is_points else None,
            fixed("reward_ratio", ratio_text(campaign.reward_ratio_ppm or 0)) if is_points else None,
        )
        kept = account.memo["settings", campaign.id] = tuple(each for each in shown if each is not None)
    return kept


def _currency(account: AccountConfig) -> tuple[Element, ...]:
    kept: tuple[Element, ...] | None = account.memo.get(("currency", account.id))
    if kept is None:
        money = account.currency
        kept = account.memo["currency", account.id] = (fixed("currency", money.code), fixed("glyph", money.glyph))
    return kept


def item_balances(standing: Standing) -> Element:
    """Return what the customer has of each buyx item."""
    return items(
        "balances",
        (
            record(
                "item",
                leaf("id", each.item.id),
                leaf("description", each.item.description),
                leaf("balance", each.balance),
                leaf("level", each.item.level),
                leaf("free_available", each.free_available),
            )
            for each in standing.items
        ),
    )


def _rewards(account: AccountConfig, standing: Standing) -> Element:
    memo = account.memo
    shown = []
    for each in standing.rewards:
        key = ("reward", each.reward.id)
        kept = memo.get(key)
        if kept is None:
            reward = each.reward
            before = (
                fixed("id", reward.id),
                fixed("name", reward.description),
                fixed("level", reward.level),
                fixed("description", reward.description),
            )
            kept = memo[key] = (before, (fixed("reward_id", reward.identifier),) if reward.identifier else ())
        before, after = kept
        shown.append(Element("reward", children=[*before, leaf("needed_to_redeem", each.needed), *after]))
    return items("available_rewards", shown)


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
