# SPDX-License-Identifier: Apache-2.0
"""The statement between stores as a table of text, as CSV (ADR-0018). Pure."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext_noop as _

from regulars.accounts.directory import AccountConfig
from regulars.coalition.frozen import Statement
from regulars.kit.spreadsheet import safe_cell
from regulars.kit.units import PPM

STORES = (
    _("Campaign"), _("Campaign ID"), _("Unit"), _("Issued"), _("Second tier"), _("Taken back"), _("Redeemed"), _("Expired"),
    _("Receives"), _("Owes"), _("Net"),
)  # fmt: skip
FLOWS = (_("Given by"), _("Honoured by"), _("Kind"), _("Unit"), _("Amount"))
DEBTS = (_("From"), _("To"), _("Amount"))
TOTAL = _("Total")
KINDS = {"redeemed": _("Redeemed"), "set_off": _("Set off")}
Table = tuple[tuple[str, ...], ...]


def cost_text(point_cost_ppm: int) -> str:
    """Return what a point costs, in currency units: "0.0125"."""
    whole, part = divmod(point_cost_ppm, PPM)
    return f"{whole}.{part:06d}".rstrip("0") if part else str(whole)


def period_text(statement: Statement) -> str:
    """Return the days of a statement, in words."""
    last = statement.last_date.isoformat()
    return f"up to {last}" if statement.first_date is None else f"{statement.first_date.isoformat()} to {last}"


def store_rows(account: AccountConfig, statement: Statement) -> Table:
    """Return a row of STORES for each store, and one of the totals in money, whose net is zero."""
    money, rows = account.currency.text, []
    for line, position in zip(statement.lines, statement.positions, strict=True):
        figures = (line.issued, line.contributed, line.taken_back, line.redeemed, line.expired)
        sums = (position.receives_minor, position.owes_minor, position.net_minor)
        amounts = [_amount(account, line.is_money, each) for each in figures]
        rows.append((line.name, line.number, _unit(account, line.is_money), *amounts, *map(money, sums)))
    positions = statement.positions
    totals = (
        sum(each.receives_minor for each in positions), sum(each.owes_minor for each in positions),
        sum(each.net_minor for each in positions),
    )  # fmt: skip
    return (*rows, (TOTAL, "", account.currency.code, "", "", "", "", "", *map(money, totals)))


def flow_rows(account: AccountConfig, statement: Statement) -> Table:
    """Return a row of FLOWS for each: whose value was honoured where."""
    names = {line.campaign_id: line.name for line in statement.lines}
    return tuple(
        (
            names[flow.giver_id], names[flow.taker_id], KINDS[flow.kind], _unit(account, flow.is_money),
            _amount(account, flow.is_money, flow.amount),
        )
        for flow in statement.flows
    )  # fmt: skip


def debt_rows(account: AccountConfig, statement: Statement) -> Table:
    """Return a row of DEBTS for each: who pays whom."""
    names = {line.campaign_id: line.name for line in statement.lines}
    return tuple(
        (names[debt.debtor_id], names[debt.creditor_id], account.currency.text(debt.amount_minor)) for debt in statement.debts
    )


def statement_csv(account: AccountConfig, statement: Statement) -> bytes:
    """
    Return a statement as CSV in UTF-8 with a byte order mark (Excel asks for it): stores, flows, debts, an empty line between.

    A name that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(("Settlement", period_text(statement), "closed" if statement.id is not None else "open"))
    write(("Point cost", cost_text(statement.point_cost_ppm), account.currency.code))
    for head, rows in (
        (STORES, store_rows(account, statement)),
        (FLOWS, flow_rows(account, statement)),
        (DEBTS, debt_rows(account, statement)),
    ):
        write(())
        write(head)
        for row in rows:
            write([safe_cell(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _unit(account: AccountConfig, is_money: bool) -> str:
    return account.currency.code if is_money else "points"


def _amount(account: AccountConfig, is_money: bool, amount: int) -> str:
    return account.currency.text(amount) if is_money else str(amount)
