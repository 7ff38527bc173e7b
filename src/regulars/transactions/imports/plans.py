# SPDX-License-Identifier: Apache-2.0
"""What is to be done with a file: its columns, how its numbers and dates are read, and the batch that comes of it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter, Problems, RegularsError
from regulars.transactions.batches import activity_lines, customer_lines
from regulars.transactions.batches.columns import Columns, custom_number
from regulars.transactions.batches.options import ActivityImport, CustomerImport, Import
from regulars.transactions.imports.shapes import (
    COMMA,
    DAY_FIRST,
    MONTH_FIRST,
    OTHER,
    PLAIN,
    POINT,
    date_shape,
    iso_date,
    number_shape,
    plain_number,
    settled,
)
from regulars.transactions.imports.tables import ROUNDED, Cell

Overwrite = Literal["yes", "update", "ignore"]
SAMPLES = 3
PREVIEW_ROWS = 6


@dataclass(slots=True)
class ColumnSeen:
    """What stands in one column, but for its first line. The counts are of cells by shape (shapes.py)."""

    filled: int = 0
    rounded: int = 0
    """Numbers of which Excel has kept the first 15 digits only."""
    samples: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    dates: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    """The first cell of each shape that tells something."""

    def look(self, cell: Cell) -> None:
        """Take one more cell into account."""
        text = cell if isinstance(cell, str) else cell[0]
        if not text.strip():
            return
        self.filled += 1
        if len(self.samples) < SAMPLES and text not in self.samples:
            self.samples.append(text[:80])
        if not isinstance(cell, str):
            self.rounded += cell[-1] == ROUNDED
            return
        for kept, shape in ((self.numbers, number_shape(text)), (self.dates, date_shape(text))):
            kept[shape] = kept.get(shape, 0) + 1
            if shape not in (PLAIN, OTHER):
                self.examples.setdefault(shape if kept is self.numbers else f"date {shape}", text[:40])


@dataclass(slots=True)
class Sheet:
    """What was seen of a file. ``rows``: how many lines are not empty, the first too."""

    first: list[str]
    columns: list[ColumnSeen]
    preview: list[list[str]]
    rows: int = 0
    separator: str = ""
    encoding: str = ""
    first_line: int = 1

    def seen(self, index: int, *, with_first: bool) -> ColumnSeen:
        """Return what stands in a column, with its first line where that is no heading."""
        column = self.columns[index]
        if not with_first or index >= len(self.first):
            return column
        whole = ColumnSeen(
            column.filled, column.rounded, list(column.samples), dict(column.numbers), dict(column.dates), dict(column.examples)
        )
        whole.look(self.first[index])
        return whole


def sheet_from(document: Mapping[str, Any]) -> Sheet:
    """Return a sheet as it was kept (asdict)."""
    values = dict(document)
    values["columns"] = [ColumnSeen(**column) for column in values["columns"]]
    return Sheet(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What a person said of a file. ``targets``: the batch's column for each of the file's, "" = not looked at.

    ``decimal_mark`` and ``date_order`` (shapes.py) are "" where nothing depends on them. ``campaign``, ``direction`` (earn,
    redeem): of all lines, where no column says so.
    """

    targets: tuple[str, ...]
    has_headings: bool = True
    decimal_mark: str = ""
    date_order: str = ""
    overwrite: Overwrite = "ignore"
    card_digits: int | None = None
    campaigns: tuple[str, ...] = ()
    campaign: str = ""
    direction: str = "earn"
    applies_ratio: bool = False
    creates_customers: bool = False
    sends_mail: bool = False


def plan_from(document: Mapping[str, Any]) -> Plan:
    """Return a plan as it was kept."""
    values = dict(document)
    return Plan(**{**values, "targets": tuple(values["targets"]), "campaigns": tuple(values["campaigns"])})


def plan_to(plan: Plan) -> dict[str, Any]:
    """Return a plan as it is kept."""
    return asdict(plan)


def targets_of(account: AccountConfig, kind: str) -> tuple[str, ...]:
    """Return the columns that a batch may have, the custom fields last."""
    known = customer_lines.COLUMNS if kind == "customers" else activity_lines.COLUMNS
    fields = account.customer_fields if kind == "customers" else account.transaction_fields
    own = known - {"custom_field"}
    return (*sorted(own), *(f"custom_field_{number}" for number in sorted(fields)))


def is_number(account: AccountConfig, kind: str, target: str) -> bool:
    """Whether a column holds amounts or numbers, which have a decimal mark."""
    return target in ("amount", "auto_add") or _type_of(account, kind, target) in ("Number", "Money")


def is_date(account: AccountConfig, kind: str, target: str) -> bool:
    """Whether a column holds dates, which have an order."""
    return target in ("date", "custom_date") or _type_of(account, kind, target) == "Date"


def _type_of(account: AccountConfig, kind: str, target: str) -> str:
    number = custom_number(target)
    fields = account.customer_fields if kind == "customers" else account.transaction_fields
    config = fields.get(number) if number is not None else None
    return config.type if config is not None else ""


def settled_mark(account: AccountConfig, kind: str, sheet: Sheet, targets: Sequence[str], *, has_headings: bool) -> str:
    """Return the decimal mark that the columns show; "" = none is needed; EITHER = a person must say."""
    counts = _counted(account, kind, sheet, targets, has_headings=has_headings, of_numbers=True)
    return settled(counts, POINT, COMMA)


def settled_order(account: AccountConfig, kind: str, sheet: Sheet, targets: Sequence[str], *, has_headings: bool) -> str:
    """Return the order of dates that the columns show; "" = none is needed; EITHER = a person must say."""
    counts = _counted(account, kind, sheet, targets, has_headings=has_headings, of_numbers=False)
    return settled(counts, DAY_FIRST, MONTH_FIRST)


def _counted(
    account: AccountConfig, kind: str, sheet: Sheet, targets: Sequence[str], *, has_headings: bool, of_numbers: bool
) -> dict[str, int]:
    counts: dict[str, int] = {}
    asks = is_number if of_numbers else is_date
    for index, target in enumerate(targets[: len(sheet.columns)]):
        if target and asks(account, kind, target):
            seen = sheet.seen(index, with_first=not has_headings)
            for shape, count in (seen.numbers if of_numbers else seen.dates).items():
                counts[shape] = counts.get(shape, 0) + count
    return counts


def checked_plan(account: AccountConfig, kind: str, sheet: Sheet, plan: Plan) -> Plan:
    """
    Return a plan that can be carried out: without a mark or an order that nothing depends on.

    Raises: Problems of InvalidParameter naming column_# (from 1), decimal_mark, date_order, columns,
    campaigns, campaign, overwrite, card_digits or direction.
    """
    problems: list[RegularsError] = []
    known, seen = set(targets_of(account, kind)), set[str]()
    for number, target in enumerate(plan.targets, 1):
        if target and target not in known:
            problems.append(InvalidParameter(f"column_{number}", text="There is no such column."))
        elif target and target in seen:
            problems.append(InvalidParameter(f"column_{number}", text="Another column is that already."))
        seen.add(target)
    if seen.isdisjoint({"code", "card_number"}):
        says = "One column must be the customer's code or his card number."
        if kind == "transactions" or plan.card_digits is None:
            problems.append(InvalidParameter("columns", text=says))
    if kind == "transactions" and "amount" not in seen:
        problems.append(InvalidParameter("columns", text="One column must be the amount."))
    if kind == "transactions" and "campaign_id" not in seen and not plan.campaign:
        problems.append(InvalidParameter("campaign", text="Choose the campaign of the lines, or the column that names it."))
    if kind == "customers" and not plan.campaigns:
        problems.append(InvalidParameter("campaigns", text="Choose at least one campaign that the customers join."))
    headings = plan.has_headings
    mark = settled_mark(account, kind, sheet, plan.targets, has_headings=headings)
    order = settled_order(account, kind, sheet, plan.targets, has_headings=headings)
    if mark and plan.decimal_mark not in (POINT, COMMA):
        problems.append(InvalidParameter("decimal_mark", text="Say which sign stands before the decimals."))
    if order and plan.date_order not in (DAY_FIRST, MONTH_FIRST):
        problems.append(InvalidParameter("date_order", text="Say whether the day or the month comes first."))
    if problems:
        raise Problems(tuple(problems))
    return replace(plan, decimal_mark=plan.decimal_mark if mark else "", date_order=plan.date_order if order else "")


def importing_of(kind: str, plan: Plan) -> Import:
    """Return the batch's options."""
    names = [target for target in plan.targets if target]
    if kind == "customers":
        return CustomerImport(
            Columns("comma", tuple(names)),
            plan.overwrite,
            plan.card_digits,
            plan.campaigns,
        )
    names += [name for name in ("campaign_id", "redeemed") if name not in names]
    return ActivityImport(Columns("comma", tuple(names)), plan.applies_ratio, plan.creates_customers, plan.sends_mail)


def line_of(account: AccountConfig, kind: str, plan: Plan, cells: Sequence[Cell]) -> str:
    """
    Return a row as a line of the batch: only the columns that are looked at, numbers with a point, dates as 2026-11-23.

    Raises: Problems of InvalidParameter, each naming its column.
    """
    values, problems = [], list[RegularsError]()
    for index, target in enumerate(plan.targets):
        if not target:
            continue
        cell = cells[index] if index < len(cells) else ""
        try:
            values.append(_value(account, kind, plan, target, cell))
        except InvalidParameter as error:
            problems.append(error)
    if problems:
        raise Problems(tuple(problems))
    if kind == "transactions":
        own = set(plan.targets)
        if "campaign_id" not in own:
            values.append(plan.campaign)
        if "redeemed" not in own:
            values.append("Y" if plan.direction == "redeem" else "N")
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _value(account: AccountConfig, kind: str, plan: Plan, target: str, cell: Cell) -> str:
    if not isinstance(cell, str):
        if cell[-1] == ROUNDED:
            raise InvalidParameter(target, "Excel has kept only the first 15 digits of this number; make it a text there")
        return cell[0]
    text = cell.strip()
    if not text:
        return ""
    if is_number(account, kind, target):
        number = plain_number(text, plan.decimal_mark or POINT)
        if number is None:
            mark = {POINT: "a decimal point", COMMA: "a decimal comma"}.get(plan.decimal_mark, "digits")
            raise InvalidParameter(target, f'"{text[:40]}" is not a number written with {mark}')
        return number
    if is_date(account, kind, target):
        return _date(plan, target, text)
    return cell if target == "customer_password" else text


def _date(plan: Plan, target: str, text: str) -> str:
    date = iso_date(text, plan.date_order or DAY_FIRST)
    if date is None:
        says = {DAY_FIRST: " as day, month, year", MONTH_FIRST: " as month, day, year"}.get(plan.date_order, "")
        raise InvalidParameter(target, f'"{text[:40]}" is not a date that can be read{says}; the year has four digits')
    return date.removesuffix(" 00:00:00") if target == "custom_date" else date
