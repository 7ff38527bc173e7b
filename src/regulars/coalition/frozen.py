# SPDX-License-Identifier: Apache-2.0
"""The statement between stores, and how a closed one is kept as it was, whatever becomes of the books (ADR-0018). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from regulars.coalition.figures import Line
from regulars.coalition.positions import Debt, Flow, Position, positions_of


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What stores gave, honoured and owe each other over some days.

    ``id`` and ``closed_at`` are None while it is open. ``first_date`` None: from the beginning. Units: ``point_cost_ppm`` in
    millionths of a currency unit for a point; lines and flows as there; debts and positions in currency minor units.
    """

    id: int | None
    first_date: date | None
    last_date: date
    closed_at: datetime | None
    point_cost_ppm: int
    lines: tuple[Line, ...]
    flows: tuple[Flow, ...]
    debts: tuple[Debt, ...]

    @property
    def positions(self) -> tuple[Position, ...]:
        """Return one position for each line; the net positions add up to zero."""
        return positions_of((line.campaign_id for line in self.lines), self.debts)


def frozen(lines: Iterable[Line], flows: Iterable[Flow], debts: Iterable[Debt]) -> dict[str, Any]:
    """Return figures as JSON keeps them."""
    return {name: [asdict(each) for each in rows] for name, rows in (("lines", lines), ("flows", flows), ("debts", debts))}


def thawed(figures: dict[str, Any]) -> tuple[tuple[Line, ...], tuple[Flow, ...], tuple[Debt, ...]]:
    """Return what frozen() was given."""
    return (
        tuple(Line(**each) for each in figures["lines"]),
        tuple(Flow(**each) for each in figures["flows"]),
        tuple(Debt(**each) for each in figures["debts"]),
    )
