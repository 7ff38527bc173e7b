# SPDX-License-Identifier: Apache-2.0
"""Carries out lines of a batch of transactions: each is posted as a till would, several leave at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.fields import list_required
from regulars.customers.many import Draft, enrol_many
from regulars.customers.rules import Profile
from regulars.errors import CustomerNotFound, InsufficientBalance, RegularsError, TrialLimitReached
from regulars.ledger.many import post_many
from regulars.transactions.batches.activity_lines import ActivityLine, read_activity_line
from regulars.transactions.batches.customer_lines import COLUMN_OF
from regulars.transactions.batches.options import ActivityImport
from regulars.transactions.batches.outcomes import Outcome, refused
from regulars.transactions.enrol import check_required
from regulars.transactions.redeem import insufficient

TRIAL_TEXT = "Account in Trial mode: Maximum of 10 customers. Transactions for extra customers not recorded."

Who = tuple[str, str]
"""A customer as a line names him: code, card number."""


@dataclass(frozen=True, slots=True)
class ActivitiesRead:
    """Some lines, read: what can be posted, and what is refused already."""

    lines: tuple[ActivityLine, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def campaign_ids(self) -> set[int]:
        return {line.posting.campaign_id for line in self.lines}


def read_activities(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    received_at: datetime,
    importing: ActivityImport,
    staged: Sequence[tuple[int, str]],
) -> ActivitiesRead:
    """Make postings of lines. Writes nothing, reads nothing."""
    lines, outcomes = [], []
    for line, content in staged:
        try:
            lines.append(
                read_activity_line(
                    account=account, by=by, at=at, received_at=received_at, importing=importing, line=line, content=content
                )
            )
        except RegularsError as error:
            outcomes.append(refused(line, error))
    return ActivitiesRead(tuple(lines), tuple(outcomes))


def write_activities(
    *, account: AccountConfig, by: UserConfig, at: datetime, importing: ActivityImport, read: ActivitiesRead
) -> list[Outcome]:
    """
    Post lines, one after the other; customers who are not there are enrolled first, where that was asked for.

    A customer is enrolled by the first line that gives him something: a redemption alone makes nobody.

    Raises: StaleConfiguration, LockTimeout: then nothing was written.
    """
    enrolled: dict[Who, int] = {}
    barred: dict[int, RegularsError] = {}
    if importing.creates_customers:
        enrolled, barred = _enrol_missing(account, by, at, read.lines)
    posted = [line for line in read.lines if line.line not in barred]
    outcomes = [refused(number, error, COLUMN_OF) for number, error in barred.items()]
    first_seen: set[Who] = set()
    for line, outcome in zip(posted, post_many(account, [line.posting for line in posted]), strict=True):
        if isinstance(outcome, RegularsError):
            if line.who in enrolled and line.who not in first_seen:
                raise outcome  # his first line made him, and stands or falls with that
            if line.spending is not None and isinstance(outcome, InsufficientBalance):
                outcomes.append(refused(line.line, insufficient(line.spending, outcome)))
            else:
                outcomes.append(refused(line.line, outcome))
            continue
        is_new = line.who in enrolled and line.who not in first_seen
        first_seen.add(line.who)
        outcomes.append(Outcome(line.line, (), outcome.customer_id, is_new, (outcome.entry_id,)))
    return [*read.outcomes, *outcomes]


def _enrol_missing(
    account: AccountConfig, by: UserConfig, at: datetime, lines: Sequence[ActivityLine]
) -> tuple[dict[Who, int], dict[int, RegularsError]]:
    """Enrol who is not there, in the order of the lines; return whom, and the lines that have to be refused."""
    missing = _unknown(account, {line.who for line in lines})
    makers: dict[Who, int] = {}
    barred: dict[int, RegularsError] = {}
    for line in lines:
        if line.who in missing and line.who not in makers:
            if line.spending is not None:
                barred[line.line] = CustomerNotFound()
            else:
                makers[line.who] = line.line
    required = list_required(account=account)
    refusals: dict[Who, RegularsError] = {}
    drafts: dict[Who, Draft] = {}
    for code, card in makers:
        draft = Draft(Profile(card_number=card or None), code)
        try:
            check_required(required, draft.profile)
            drafts[code, card] = draft
        except RegularsError as error:
            refusals[code, card] = error
    outcomes = enrol_many(account=account, drafts=list(drafts.values()), by=by.id, at=at)
    enrolled: dict[Who, int] = {}
    for who, outcome in zip(drafts, outcomes, strict=True):
        if isinstance(outcome, int):
            enrolled[who] = outcome
        else:
            refusals[who] = TrialLimitReached(TRIAL_TEXT) if isinstance(outcome, TrialLimitReached) else outcome
    barred |= {line.line: refusals[line.who] for line in lines if line.who in refusals and line.line not in barred}
    return enrolled, barred


def _unknown(account: AccountConfig, named: Iterable[Who]) -> set[Who]:
    """Return those who name nobody. Queries: 1."""
    pairs = list(named)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.code, w.card FROM unnest(%s::text[], %s::text[]) AS w (code, card)"
            " WHERE customers_resolve(%s, w.code, w.card) IS NULL",
            [[code for code, _ in pairs], [card for _, card in pairs], account.id],
        )
        return set(cursor.fetchall())
