# SPDX-License-Identifier: Apache-2.0
"""Who owes whom between stores, and that it adds up to nothing (ADR-0018). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from regulars.kit.units import PPM, Currency

POINT_COST_MAX_PPM = 1_000_000 * PPM
"""The highest cost of a point: a million currency units."""


@dataclass(frozen=True, slots=True)
class Flow:
    """
    What one store gave and another one honoured: ``amount`` of ``giver_id``'s value was taken by an entry of ``taker_id``.

    Units: of the giver's campaign (points, or currency minor units where ``is_money``). Negative: more was returned.
    ``kind``: redeemed, or set_off (points of one store paid what another one took back after it was spent).
    """

    giver_id: int
    taker_id: int
    kind: str
    is_money: bool
    amount: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What ``debtor_id`` owes ``creditor_id``: more than 0. Units: currency minor units."""

    debtor_id: int
    creditor_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Position:
    """One store against all others. Units: currency minor units; net = receives - owes."""

    campaign_id: int
    receives_minor: int
    owes_minor: int

    @property
    def net_minor(self) -> int:
        """More than 0: the store is paid by the others."""
        return self.receives_minor - self.owes_minor


def cost_of(points: int, point_cost_ppm: int, currency: Currency) -> int:
    """
    Return what points cost, to whole minor units: to the nearest, half away from zero, so that cost_of(-n) = -cost_of(n).

    Units: point_cost_ppm in millionths of a currency unit for a point.
    """
    minor: int = 10**currency.decimals
    whole = (2 * abs(points) * point_cost_ppm * minor + PPM) // (2 * PPM)
    return -whole if points < 0 else whole


def debts_between(flows: Iterable[Flow], point_cost_ppm: int, currency: Currency) -> tuple[Debt, ...]:
    """
    Return one debt for each two stores that owe each other anything, ordered by debtor and creditor.

    Points of the two are netted first and rounded once; so what one pays is what the other gets, to the minor unit.
    """
    points: dict[tuple[int, int], int] = {}
    minor: dict[tuple[int, int], int] = {}
    for flow in flows:
        if flow.giver_id == flow.taker_id:
            continue
        pair = (min(flow.giver_id, flow.taker_id), max(flow.giver_id, flow.taker_id))
        signed = flow.amount if flow.giver_id == pair[0] else -flow.amount
        sums = minor if flow.is_money else points
        sums[pair] = sums.get(pair, 0) + signed
    debts = []
    for first, second in points.keys() | minor.keys():
        owed = cost_of(points.get((first, second), 0), point_cost_ppm, currency) + minor.get((first, second), 0)
        if owed > 0:
            debts.append(Debt(first, second, owed))
        elif owed < 0:
            debts.append(Debt(second, first, -owed))
    return tuple(sorted(debts, key=lambda debt: (debt.debtor_id, debt.creditor_id)))


def positions_of(campaign_ids: Iterable[int], debts: Iterable[Debt]) -> tuple[Position, ...]:
    """Return the position of each store, in the order given; the net positions of all add up to zero."""
    receives = dict.fromkeys(campaign_ids, 0)
    owes = dict(receives)
    for debt in debts:
        receives[debt.creditor_id] += debt.amount_minor
        owes[debt.debtor_id] += debt.amount_minor
    return tuple(Position(each, receives[each], owes[each]) for each in receives)
