# SPDX-License-Identifier: Apache-2.0
"""The parts of a balance's explanation as elements (balance_explain)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.api.calls.standing_element import COMPUTED, ratio_text, stamp_text, unit_text
from regulars.kit.listing import decimal_text
from regulars.ledger.explain import Explanation, Line, LotState, rounded, store_of
from regulars.protocol.tree import Element, filled, items, leaf, record
from regulars.transactions.receipts import UNIT_OF

USES_MAX = 100
"""Lots shown that one line took from; the others are counted."""


def explanation_members(
    account: AccountConfig, by: UserConfig, campaign: CampaignConfig, explained: Explanation, until: datetime
) -> list[Element | None]:
    """Return the children of ``<customer>`` after code and card number."""

    def amount(value: int) -> str:
        return unit_text(account, campaign, value)

    money = account.currency
    hidden_count = explained.lot_count - len(explained.lots)
    return [
        leaf("unit", UNIT_OF.get(campaign.kind, "amount")),
        leaf("currency", money.code),
        leaf("glyph", money.glyph),
        leaf("balance", amount(explained.balance)),
        leaf("cumulative", amount(explained.cumulative)),
        leaf("debt", amount(explained.debt)),
        items(
            "totals",
            (
                record("total", leaf("kind", each.kind), leaf("lines", each.line_count), leaf("amount", amount(each.amount)))
                for each in explained.totals
            ),
        ),
        items("lines", (_line(account, by, campaign, line) for line in explained.lines)),
        items("lots", (_lot(account, campaign, lot, _seen(account, by, lot.campaign_id)) for lot in explained.lots)),
        leaf("lots_not_shown", hidden_count) if hidden_count else None,
        items("expiries", _expiries(account, by, campaign, explained)),
        leaf("expiries_until", stamp_text(account, until)),
        leaf("expiries_later", amount(explained.later_losses)) if explained.later_losses else None,
        leaf("remains", amount(explained.stays)),
    ]


def _line(account: AccountConfig, by: UserConfig, campaign: CampaignConfig, line: Line) -> Element:
    """One line; of a store the user may not enter, only what the shared balance shows anyway."""
    shown = [
        leaf("number", line.version),
        leaf("date", stamp_text(account, line.occurred_at)),
        leaf("kind", line.kind),
        leaf("amount", unit_text(account, campaign, line.amount)),
        leaf("balance", unit_text(account, campaign, line.balance_after)),
    ]
    store = _seen(account, by, line.campaign_id)
    if store is None:
        return record("line", *shown)
    user = account.users_by_id.get(line.user_id)
    letter = COMPUTED.get(line.kind)
    return record(
        "line",
        leaf("id", line.id),
        *shown,
        filled("campaign", store),
        leaf("record_timestamp", stamp_text(account, line.recorded_at)),
        filled("user_name", user.code if user else ""),
        filled("authorization", line.description),
        filled("service_product", line.subject),
        filled("reference", line.reference),
        leaf("rule", f"{letter}{line.rule_id}") if letter and line.rule_id is not None else None,
        _calculation(account, line),
        filled("reverses", line.reverses_id),
        filled("cause", line.cause_id),
        leaf("debt", unit_text(account, campaign, line.debt_change)) if line.debt_change else None,
        leaf("reversed", unit_text(account, campaign, line.reversed_amount)) if line.reversed_amount else None,
        leaf("deleted", "Y") if line.is_deleted else None,
        items("lots", (_lot(account, campaign, lot, None) for lot in line.lots)) if line.lots else None,
        items("taken", _taken(account, campaign, line)) if line.uses else None,
        leaf("taken_not_shown", len(line.uses) - USES_MAX) if len(line.uses) > USES_MAX else None,
    )


def _taken(account: AccountConfig, campaign: CampaignConfig, line: Line) -> Iterator[Element]:
    for use in line.uses[:USES_MAX]:
        yield record(
            "from",
            leaf("lot", use.origin_id),
            leaf("amount", unit_text(account, campaign, use.amount)),
            leaf("returned", unit_text(account, campaign, use.returned)) if use.returned else None,
        )


def _seen(account: AccountConfig, by: UserConfig, campaign_id: int) -> str | None:
    """The number of a line's store, "" where it was deleted; None where the user may not enter it."""
    store, is_seen = store_of(account, by, campaign_id)
    return (store.number if store else "") if is_seen else None


def _lot(account: AccountConfig, campaign: CampaignConfig, lot: LotState, store: str | None) -> Element:
    return record(
        "lot",
        leaf("id", lot.origin_id),
        leaf("made_by", lot.id) if lot.id != lot.origin_id else None,
        filled("campaign", store),
        leaf("earned", stamp_text(account, lot.earned_at)),
        leaf("issued", unit_text(account, campaign, lot.issued)),
        leaf("remaining", unit_text(account, campaign, lot.remaining)),
        leaf("expires", stamp_text(account, lot.expires_at)) if lot.expires_at is not None else None,
    )


def _expiries(account: AccountConfig, by: UserConfig, campaign: CampaignConfig, explained: Explanation) -> Iterator[Element]:
    left = explained.balance
    for loss in explained.losses:
        left -= loss.amount
        is_seen = _seen(account, by, loss.campaign_id) is not None
        yield record(
            "expiry",
            leaf("date", stamp_text(account, loss.at)),
            leaf("kind", loss.kind),
            leaf("rule", f"{COMPUTED[loss.kind]}{loss.rule_id}") if is_seen else None,
            leaf("description", loss.description) if is_seen else None,
            leaf("amount", unit_text(account, campaign, loss.amount)),
            leaf("balance", unit_text(account, campaign, left)),
        )


def _calculation(account: AccountConfig, line: Line) -> Element | None:
    """What the line's amount was computed from; the purchase also where that is all that is known."""
    purchase = leaf("purchase", account.currency.text(line.purchase_minor)) if line.purchase_minor is not None else None
    if line.calculation is None:
        return record("calculation", purchase) if purchase else None
    _, factor_ppm, bonus, rounding = line.calculation
    factor = {"redeem": "reward_ratio", "contribute": "share"}.get(line.kind, "multiplier")
    return record(
        "calculation",
        purchase,
        filled("of", line.cause_amount),
        leaf("ratio", ratio_text(line.calculation.ratio_ppm)) if line.calculation.ratio_ppm is not None else None,
        leaf(factor, ratio_text(factor_ppm)) if factor_ppm is not None else None,
        *_rounded(account, line),
        leaf("bonus", bonus) if bonus is not None else None,
        filled("rounding", rounding),
    )


def _rounded(account: AccountConfig, line: Line) -> Iterator[Element]:
    """The exact number, what rounding cut off of it, and what was carried."""
    made = rounded(line, decimals=account.currency.decimals)
    if made is None:
        return
    yield leaf("exact", decimal_text(made.exact))
    yield leaf("cut_off", decimal_text(made.cut_off))
    if made.carried_in is not None and made.carried_out is not None:
        yield leaf("carried_in", decimal_text(made.carried_in))
        yield leaf("carried_out", decimal_text(made.carried_out))
