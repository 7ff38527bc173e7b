# SPDX-License-Identifier: Apache-2.0
"""A ledger of one balance in a hundred lines of plain Python, written apart from the real one, to compare it with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOMENT = timedelta(microseconds=1)


@dataclass
class Loss:
    """A rule of the model: ``share`` of 100 after ``days``; basis T (each earning), L (last activity) or F (fee)."""

    basis: str
    days: int
    share: int


@dataclass
class ModelLot:
    origin: int
    remaining: int
    earned_at: datetime
    created_at: datetime
    done: set[int] = field(default_factory=set)

    def due(self, number: int, loss: Loss) -> datetime | None:
        if loss.basis != "T" or number in self.done:
            return None
        return max(self.earned_at + timedelta(days=loss.days), self.created_at + MOMENT)


@dataclass
class ModelEntry:
    amount: int
    reversed: int = 0
    uses: list[tuple[ModelLot, int, set[int]]] = field(default_factory=list)
    """What a debit took: (lot, amount, losses the lot had had)."""


@dataclass
class ModelBalance:
    """One balance: advance() lets time pass, the rest is what a till does."""

    losses: list[Loss]
    lots: list[ModelLot] = field(default_factory=list)
    lost: dict[int, int] = field(default_factory=dict)
    """What each earning lost to losses and was not given back."""
    entries: dict[int, ModelEntry] = field(default_factory=dict)
    debt: int = 0
    cumulative: int = 0
    now: datetime | None = None
    opened_at: datetime | None = None
    activity: tuple[datetime, datetime] | None = None
    """The last activity: when it was, when it was recorded."""
    idle_done: set[int] = field(default_factory=set)
    fees_done: dict[int, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return sum(lot.remaining for lot in self.lots) - self.debt

    def advance(self, until: datetime) -> None:
        while self.opened_at is not None and self.activity is not None:
            events = []
            for number, loss in enumerate(self.losses):
                for index, lot in enumerate(self.lots):
                    at = lot.due(number, loss)
                    if at is not None:
                        events.append((at, 0, number, index))
                if loss.basis == "L" and number not in self.idle_done:
                    at = max(self.activity[0] + timedelta(days=loss.days), self.activity[1] + MOMENT)
                    events.append((at, 1, number, 0))
                if loss.basis == "F":
                    count = self.fees_done.get(number, 0) + 1
                    events.append((self.opened_at + timedelta(days=loss.days * count), 2, number, 0))
            due = [event for event in events if event[0] <= until]
            if not due:
                break
            at, kind, number, index = min(due)
            loss = self.losses[number]
            if kind == 0:
                lot = self.lots[index]
                self._lose(lot, lot.remaining * loss.share // 100)
                lot.done.add(number)
            elif kind == 1:
                self._lose_soonest(self.balance * loss.share // 100 if self.balance > 0 else 0, at)
                self.idle_done.add(number)
            else:
                self.fees_done[number] = self.fees_done.get(number, 0) + 1
                # A balance that was not there yet when the fee was due does not pay it.
                if self.now is None or at > self.now:
                    self._lose_soonest(min(loss.share, max(self.balance, 0)), at)
        self.now = until

    def _order(self) -> list[ModelLot]:
        def key(lot: ModelLot) -> tuple[bool, datetime, datetime, int, datetime]:
            dates = [at for number, loss in enumerate(self.losses) if (at := lot.due(number, loss)) is not None]
            return (not dates, min(dates, default=lot.earned_at), lot.earned_at, lot.origin, lot.created_at)

        return sorted(self.lots, key=key)

    def _lose(self, lot: ModelLot, amount: int) -> None:
        lot.remaining -= amount
        self.lost[lot.origin] = self.lost.get(lot.origin, 0) + amount

    def _lose_soonest(self, need: int, at: datetime) -> None:
        for lot in self._order():
            part = min(need, lot.remaining)
            self._lose(lot, part)
            need -= part

    def _take(self, need: int, entry: ModelEntry | None, origin: int | None = None) -> int:
        for lot in self._order():
            if origin is not None and lot.origin != origin:
                continue
            part = min(need, lot.remaining)
            if part:
                lot.remaining -= part
                need -= part
                if entry is not None:
                    entry.uses.append((lot, part, set(lot.done)))
        return need

    def _active(self, occurred_at: datetime, at: datetime) -> None:
        self.opened_at = self.opened_at or occurred_at
        if self.activity is None or occurred_at >= self.activity[0]:
            self.activity = (occurred_at, at)
            self.idle_done = set()

    def earn(self, entry_id: int, amount: int, occurred_at: datetime, at: datetime) -> None:
        paid = min(self.debt, amount)
        self.debt -= paid
        self.cumulative += amount
        self.lots.append(ModelLot(entry_id, amount - paid, occurred_at, at))
        self.entries[entry_id] = ModelEntry(amount)
        self._active(occurred_at, at)

    def redeem(self, entry_id: int, amount: int, at: datetime) -> None:
        entry = self.entries[entry_id] = ModelEntry(-amount)
        assert self._take(amount, entry) == 0
        self._active(at, at)

    def reverse(self, entry_id: int, amount: int, at: datetime) -> None:
        entry = self.entries[entry_id]
        entry.reversed += amount
        if entry.amount > 0:
            self.cumulative -= amount
            need = self._take(amount, None, entry_id)
            given = min(need, self.lost.get(entry_id, 0))
            self.lost[entry_id] = self.lost.get(entry_id, 0) - given
            self.debt += self._take(need - given, None)
        else:
            paid = min(self.debt, amount)
            self.debt -= paid
            for index in self._youngest_first(entry):
                lot, used, done = entry.uses[index]
                part = min(amount, used)
                entry.uses[index] = (lot, used - part, done)
                kept = part - min(paid, part)
                paid -= part - kept
                amount -= part
                self.lots.append(ModelLot(lot.origin, kept, lot.earned_at, at, set(done)))
        self._active(at, at)

    def _youngest_first(self, entry: ModelEntry) -> list[int]:
        def age(index: int) -> tuple[datetime, int, datetime]:
            lot = entry.uses[index][0]
            return (lot.earned_at, lot.origin, lot.created_at)

        return sorted(range(len(entry.uses)), key=age, reverse=True)
