# SPDX-License-Identifier: Apache-2.0
"""Reads facts out of the books between two places and makes events of them. Each fact is one event, or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.models import Campaign
from regulars.changes.models import Change
from regulars.customers.models import Customer
from regulars.ledger.models import Deletion, Entry
from regulars.users.models import User
from regulars.webhooks import payloads
from regulars.webhooks.horizon import Mark
from regulars.webhooks.payloads import Event, Names

PAGE = 500
"""Rows of each table that are read at once."""
ENTRY_KINDS = {"transaction.recorded": "earn", "transaction.redeemed": "redeem", "transaction.reversed": "reverse"}
EVENT_OF_LINE = {"earn": "transaction.recorded", "redeem": "transaction.redeemed"}
ACTIONS = {
    "added": "customer.created",
    "changed": "customer.updated",
    "deleted": "customer.deleted",
    "erased": "customer.deleted",
}
"""What is noted of a customer (changes/rules.py), and which event that is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one endpoint is told of: ``kinds`` of events; transactions of ``campaign_ids`` only, where there are some."""

    kinds: Collection[str]
    campaign_ids: Collection[int]


@dataclass(frozen=True, slots=True)
class Page:
    """The next events, in the order of their facts, and how far the books were read for them."""

    events: tuple[Event, ...]
    reached: Mark
    is_all: bool
    """Whether that is up to where they were to be read."""


def read_events(*, account: AccountConfig, wanted: Wanted, after: Mark, until: Mark, page: int = PAGE) -> Page:
    """
    Return the events of facts behind ``after``, up to ``until``, at most ``page`` of each table.

    A customer's data are as of now. Queries: up to 11, for any count of events.
    """
    entries = _entries(account, wanted, after.entry_id, until.entry_id, page)
    changes = _changes(account, wanted, after.change_id, until.change_id, page)
    deletions = _deletions(account, wanted, after.deletion_id, until.deletion_id, page)
    reached = Mark(
        _reached(entries, until.entry_id, page), _reached(changes, until.change_id, page),
        _reached(deletions, until.deletion_id, page),
    )  # fmt: skip
    facts = _Facts(account, entries, deletions, changes)
    told = [
        event
        for of_one_table in (facts.lines(wanted), facts.deleted(wanted), facts.changed())
        for event in _by_time(of_one_table)
    ]
    return Page(tuple(event for _, event in sorted(told, key=lambda each: each[0])), reached, reached == until)


def _entries(account: AccountConfig, wanted: Wanted, after: int, until: int, page: int) -> list[Entry]:
    kinds = [kind for event, kind in ENTRY_KINDS.items() if event in wanted.kinds]
    if not kinds:
        return []
    rows = Entry.objects.filter(account_id=account.id, id__gt=after, id__lte=until, kind__in=kinds)
    return list(rows.order_by("id")[:page])


def _deletions(account: AccountConfig, wanted: Wanted, after: int, until: int, page: int) -> list[Deletion]:
    if "transaction.deleted" not in wanted.kinds:
        return []
    return list(Deletion.objects.filter(account_id=account.id, id__gt=after, id__lte=until).order_by("id")[:page])


def _changes(account: AccountConfig, wanted: Wanted, after: int, until: int, page: int) -> list[Change]:
    actions = [action for action, event in ACTIONS.items() if event in wanted.kinds]
    if not actions:
        return []
    rows = Change.objects.filter(account_id=account.id, id__gt=after, id__lte=until, subject="customer", action__in=actions)
    return list(rows.order_by("id")[:page])


def _reached(rows: Sequence[Entry] | Sequence[Change] | Sequence[Deletion], until: int, page: int) -> int:
    return int(rows[-1].id) if len(rows) == page else until


def _by_time(events: Iterable[Event]) -> Iterator[tuple[datetime, Event]]:
    """Give each event of one table a time that never runs backwards: so sorting keeps the table's own order."""
    latest: datetime | None = None
    for event in events:
        latest = event.at if latest is None else max(latest, event.at)
        yield latest, event


class _Facts:
    """Some rows of the books, and all they name."""

    def __init__(self, account: AccountConfig, entries: list[Entry], deletions: list[Deletion], changes: list[Change]) -> None:
        self.account, self._entries, self._deletions, self._changes = account, entries, deletions, changes
        named = {e.reverses_id for e in entries if e.reverses_id is not None}
        named |= {row.entry_id for row in deletions}
        named |= {row.reversal_id for row in deletions if row.reversal_id is not None}
        self._named = _by_id(Entry.objects.filter(account_id=account.id, id__in=named)) if named else {}
        reversals = [e for e in entries if e.reverses_id is not None]
        deleted = Deletion.objects.filter(account_id=account.id, entry_id__in=[e.reverses_id for e in reversals])
        self._made_by_deletions = set(deleted.values_list("reversal_id", flat=True)) if reversals else set()
        self._contributions = self._find_contributions()
        self._names = self._find_names()

    def lines(self, wanted: Wanted) -> Iterator[Event]:
        """Earnings, redemptions and what took them back: but not what a deletion wrote, which is its own fact."""
        for line in self._entries:
            of = line if line.reverses_id is None else self._named.get(line.reverses_id)
            if of is None or of.kind not in EVENT_OF_LINE or line.id in self._made_by_deletions or not _is_in(wanted, of):
                continue
            kind = EVENT_OF_LINE.get(line.kind, "transaction.reversed")
            data = {
                "transaction": payloads.transaction(self._names, of, self._contributions.get(of.id)),
                "customer": payloads.customer_numbers(self._names, of.customer_id),
            }
            if of is not line:
                data["reversal"] = payloads.reversal(self._names, line)
            yield self._event(f"evt_t{line.id}", kind, line.recorded_at, line.customer_id, data)

    def deleted(self, wanted: Wanted) -> Iterator[Event]:
        """Deleted transactions."""
        for row in self._deletions:
            of = self._named.get(row.entry_id)
            if of is None or not _is_in(wanted, of):
                continue
            taken_back = self._named.get(row.reversal_id or 0)
            data = {
                "transaction": payloads.transaction(self._names, of, self._contributions.get(of.id)),
                "customer": payloads.customer_numbers(self._names, of.customer_id),
                "reversal": payloads.reversal(self._names, taken_back) if taken_back else None,
                "deletion": payloads.deletion(self._names, row),
            }
            yield self._event(f"evt_d{row.id}", "transaction.deleted", row.recorded_at, of.customer_id, data)

    def changed(self) -> Iterator[Event]:
        """What became of customers."""
        clock = timedelta(seconds=self.account.test_clock_offset_seconds)  # changes are noted by the installation's
        for row in self._changes:
            kind = ACTIONS[row.action]
            found = self._names.customers.get(row.subject_id)
            is_merged = found is not None and found.id != row.subject_id
            data: dict[str, Any] = {"customer": {"profile_uid": str(row.subject_id)}}
            if kind == "customer.deleted":
                data["reason"] = "merged" if is_merged else row.action
                data["merged_into"] = {"profile_uid": str(found.id)} if found is not None and is_merged else None
            elif not is_merged:
                data["customer"] = payloads.customer_data(self._names, row.subject_id)
            if kind == "customer.updated":
                data["changed"] = payloads.changed_names(row.before, row.after)
            yield self._event(f"evt_c{row.id}", kind, row.at + clock, row.subject_id, data)

    def _event(self, event_id: str, kind: str, at: datetime, customer_id: int, data: dict[str, Any]) -> Event:
        text = payloads.payload(self.account, event_id=event_id, kind=kind, at=at, data=data)
        return Event(event_id, kind, at, customer_id, text)

    def _transactions(self) -> list[Entry]:
        return [*self._entries, *self._named.values()]

    def _find_contributions(self) -> dict[int, Entry]:
        """The share of each earning that went to the second tier, by the earning."""
        earned = [entry for entry in self._transactions() if entry.kind == "earn"]
        if not earned or "two_tier" not in self.account.modules:
            return {}
        rows = Entry.objects.filter(
            account_id=self.account.id, customer_id__in={entry.customer_id for entry in earned}, kind="contribute",
            cause_id__in=[entry.id for entry in earned],
        )  # fmt: skip
        return {entry.cause_id or 0: entry for entry in rows}

    def _find_names(self) -> Names:
        entries = [*self._transactions(), *self._contributions.values()]
        of = {"account_id": self.account.id}
        campaigns = _by_id(Campaign.objects.filter(**of, id__in={entry.campaign_id for entry in entries}))
        numbers = {entry.user_id for entry in entries} | {row.user_id for row in self._deletions}
        users = dict(User.objects.filter(**of, id__in=numbers).values_list("id", "code"))
        people = {entry.customer_id for entry in entries} | {row.subject_id for row in self._changes}
        return Names(self.account, campaigns, users, _survivors(self.account, people))


def _is_in(wanted: Wanted, entry: Entry) -> bool:
    return not wanted.campaign_ids or entry.campaign_id in wanted.campaign_ids


def _by_id(rows: Any) -> dict[int, Any]:
    return {row.id: row for row in rows}


def _survivors(account: AccountConfig, ids: Collection[int]) -> dict[int, Customer]:
    """The customers that records are part of now, themselves if they were never merged; deleted ones as they are."""
    found: dict[int, Customer] = {}
    missing = set(ids)
    while missing:
        rows = _by_id(Customer.objects.filter(account_id=account.id, id__in=missing))
        found |= rows
        missing = {row.merged_into_id for row in rows.values() if row.merged_into_id is not None} - found.keys()

    def survivor(row: Customer) -> Customer:
        while row.merged_into_id is not None and row.merged_into_id in found:
            row = found[row.merged_into_id]
        return row

    return {number: survivor(found[number]) for number in ids if number in found}
