# SPDX-License-Identifier: Apache-2.0
"""The statement between stores as an element, for settlement and settlement_close (our extensions, ADR-0018)."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig
from regulars.api.calls.standing_element import stamp_text
from regulars.coalition.frozen import Statement
from regulars.protocol.tree import Element, items, leaf, record
from regulars.reports.statement import cost_text


def head(account: AccountConfig, statement: Statement) -> tuple[Element, ...]:
    """Return which days it is about, and what a point costs; ``date_start`` empty: from the beginning."""
    return (
        leaf("settlement_id", "" if statement.id is None else statement.id),
        leaf("settlement_status", "open" if statement.id is None else "closed"),
        leaf("date_start", "" if statement.first_date is None else statement.first_date.isoformat()),
        leaf("date_end", statement.last_date.isoformat()),
        leaf("closed", "" if statement.closed_at is None else stamp_text(account, statement.closed_at)),
        leaf("point_cost", cost_text(statement.point_cost_ppm)),
        leaf("currency", account.currency.code),
    )


def settlement_element(account: AccountConfig, statement: Statement) -> Element:
    """Return ``<settlement>``: stores with their figures and positions, who honoured whose value, and who pays whom."""
    numbers = {line.campaign_id: line.number for line in statement.lines}
    money = account.currency.text

    def amount(units: int, is_money: bool) -> str:
        return money(units) if is_money else str(units)

    stores = (
        record(
            "store",
            leaf("campaign_id", line.number),
            leaf("name", line.name),
            leaf("unit", account.currency.code if line.is_money else "points"),
            *(
                leaf(name, amount(getattr(line, name), line.is_money))
                for name in ("issued", "contributed", "taken_back", "redeemed", "expired")
            ),
            leaf("receives", money(position.receives_minor)),
            leaf("owes", money(position.owes_minor)),
            leaf("net", money(position.net_minor)),
        )
        for line, position in zip(statement.lines, statement.positions, strict=True)
    )
    flows = (
        record(
            "flow",
            leaf("given_by", numbers[flow.giver_id]),
            leaf("honoured_by", numbers[flow.taker_id]),
            leaf("kind", flow.kind),
            leaf("amount", amount(flow.amount, flow.is_money)),
        )
        for flow in statement.flows
    )
    debts = (
        record(
            "debt",
            leaf("from", numbers[debt.debtor_id]),
            leaf("to", numbers[debt.creditor_id]),
            leaf("amount", money(debt.amount_minor)),
        )
        for debt in statement.debts
    )
    return record(
        "settlement", *head(account, statement), items("stores", stores), items("flows", flows), items("debts", debts)
    )
