# SPDX-License-Identifier: Apache-2.0
"""Carries out lines of a batch of customers: each has the effect of its own record_customer, several are written at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.fields import list_required
from regulars.customers.many import Draft, edit_many, enrol_many
from regulars.customers.queries import find_ids_by_numbers
from regulars.customers.rules import CardRequest, Profile
from regulars.errors import CardInUse, Conflict, RegularsError
from regulars.ledger.books import Booked, Posting
from regulars.ledger.many import post_many
from regulars.ledger.wire import AlreadyJoined
from regulars.transactions.batches.customer_lines import COLUMN_OF, CustomerLine, emptied, read_customer_line
from regulars.transactions.batches.options import CustomerImport
from regulars.transactions.batches.outcomes import Outcome, refused
from regulars.transactions.enrol import check_required, chosen_campaigns, joining_postings


@dataclass(frozen=True, slots=True)
class CustomersRead:
    """
    The first of some lines, read. ``matched``: line -> the customer who is there already. ``rest``: the line that has to
    wait, because it meets an earlier one by a number or a name; None = all were read.
    """

    lines: tuple[CustomerLine, ...]
    matched: Mapping[int, int]
    outcomes: tuple[Outcome, ...]
    """What is refused or left alone without being written."""
    rest: int | None


def postings_each(importing: CustomerImport) -> int:
    """Return how many postings one line may make."""
    return len(importing.campaigns) * (2 if "auto_add" in importing.columns.names else 1)


def read_customers(
    *, account: AccountConfig, by: UserConfig, importing: CustomerImport, staged: Sequence[tuple[int, str]]
) -> CustomersRead:
    """
    Read lines and find who is there already: by the code, without one by the card. Writes nothing.

    Queries: 1.
    """
    outcomes: list[Outcome] = []
    lines: list[CustomerLine] = []
    rest: int | None = None
    seen: set[str] = set()
    for line, content in staged:
        try:
            campaigns = chosen_campaigns(account, by, importing.campaigns)
            read = read_customer_line(account, campaigns, importing, line, content)
        except RegularsError as error:
            outcomes.append(refused(line, error, COLUMN_OF))
            continue
        names = set(read.names(account))
        if not seen.isdisjoint(names):
            rest = line
            break
        seen |= names
        lines.append(read)
    numbers = {number for read in lines for number in (read.code, read.profile.card_number) if number}
    by_code, by_card = find_ids_by_numbers(account=account, numbers=list(numbers))
    kept: list[CustomerLine] = []
    matched: dict[int, int] = {}
    for read in lines:
        code_owner, card_owner = by_code.get(read.code), by_card.get(read.profile.card_number or "")
        if {code_owner, card_owner} & set(matched.values()):
            rest = read.line  # an earlier line changes him first: whose number it is then, is known only afterwards
            break
        if importing.overwrite == "ignore" and (code_owner or card_owner):
            outcomes.append(Outcome(read.line))
        elif read.code and not code_owner and card_owner:
            outcomes.append(refused(read.line, CardInUse(fields=("card_number",))))
        else:
            owner = code_owner if read.code else card_owner
            if owner:
                matched[read.line] = owner
            kept.append(read)
    done = tuple(outcome for outcome in outcomes if rest is None or outcome.line < rest)
    return CustomersRead(tuple(kept), matched, done, rest)


def write_customers(
    *, account: AccountConfig, by: UserConfig, at: datetime, importing: CustomerImport, read: CustomersRead
) -> list[Outcome]:
    """
    Enrol and change the customers of lines, and let them join the campaigns with their opening amounts.

    Raises: StaleConfiguration, LockTimeout; a Conflict that may not be one where the lines are done one by one. Then the
            caller rolls back what was written.
    """
    card = CardRequest(importing.card_digits) if importing.card_digits else None
    required = list_required(account=account)
    outcomes: dict[int, int | RegularsError] = {}
    drafts: dict[int, Draft] = {}
    changes: dict[int, tuple[int, Profile]] = {}
    for line in read.lines:
        owner = read.matched.get(line.line)
        try:
            if owner is None:
                check_required(required, line.profile, makes_card=card is not None)
                drafts[line.line] = Draft(line.profile, line.code, card)
            else:
                # Without a code the card named him; it may be one he had before.
                profile = line.profile if line.code else replace(line.profile, card_number=None)
                profile = emptied(account, profile) if importing.overwrite == "yes" else profile
                check_required(required, profile, may_lack=True)
                changes[line.line] = owner, profile
        except RegularsError as error:
            outcomes[line.line] = error
    enrolled = enrol_many(account=account, drafts=list(drafts.values()), by=by.id, at=at)
    edited = edit_many(account=account, changes=list(changes.values()), by=by.id, at=at)
    outcomes |= dict(zip((*drafts, *changes), (*enrolled, *edited), strict=True))
    for number, outcome in outcomes.items():
        if isinstance(outcome, Conflict) and any(earlier < number for earlier in read.matched):
            raise outcome  # perhaps an earlier line gives up what this one meets: they are done one after the other
    written = [(line, outcome) for line in read.lines if isinstance(outcome := outcomes[line.line], int)]
    entries = _join(account, by, at, written)
    done = [
        refused(line.line, outcome, COLUMN_OF)
        if isinstance(outcome := outcomes[line.line], RegularsError)
        else Outcome(line.line, (), outcome, line.line not in read.matched, tuple(entries[line.line]))
        for line in read.lines
    ]
    return [*read.outcomes, *done]


def _join(
    account: AccountConfig, by: UserConfig, at: datetime, written: Sequence[tuple[CustomerLine, int]]
) -> dict[int, list[int]]:
    """Post activations, then the openings of those who joined by them; return the entries by line."""
    postings = [
        (line.line, *joining_postings(account, by, at, customer_id, joining))
        for line, customer_id in written
        for joining in line.joins
    ]
    entries: dict[int, list[int]] = {line.line: [] for line, _ in written}
    openings: list[tuple[int, Posting]] = []
    activated = post_many(account, [activation for _, activation, _ in postings])
    for (line_number, _, opening), outcome in zip(postings, activated, strict=True):
        if isinstance(outcome, Booked):
            entries[line_number].append(outcome.entry_id)
            if opening is not None:
                openings.append((line_number, opening))
        elif not isinstance(outcome, AlreadyJoined):
            raise outcome
    for (line_number, _), outcome in zip(openings, post_many(account, [each for _, each in openings]), strict=True):
        if isinstance(outcome, RegularsError):
            raise outcome
        entries[line_number].append(outcome.entry_id)
    return entries
