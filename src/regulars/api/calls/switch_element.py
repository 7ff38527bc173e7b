# SPDX-License-Identifier: Apache-2.0
"""What moved when an account became a coalition or ceased to be one, as an element (our extension of account_update)."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig
from regulars.coalition.operations import Switched
from regulars.protocol.tree import Element, items, leaf, record


def switch_element(account: AccountConfig, switched: Switched) -> Element:
    """Return ``<coalition_switch>``: ``status`` is done, or moving while balances still follow; amounts in campaigns' units."""

    def text(amount: int, is_money: bool) -> str:
        return account.currency.text(amount) if is_money else str(amount)

    return record(
        "coalition_switch",
        leaf("coalition", "Yes" if switched.is_coalition else "No"),
        leaf("status", "done" if switched.is_complete else "moving"),
        leaf("customers", switched.customers),
        items(
            "campaigns",
            (
                record(
                    "campaign",
                    leaf("id", move.number),
                    leaf("name", move.name),
                    leaf("type", move.kind),
                    leaf("customers", move.customers),
                    leaf("amount", text(move.amount, move.is_money)),
                    leaf("debt", text(move.debt, move.is_money)),
                )
                for move in switched.campaigns
            ),
        ),
    )
