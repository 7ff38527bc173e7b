# SPDX-License-Identifier: Apache-2.0
"""Saved segments: what a list of customers is filtered by, under a name. Of the account, for all who may see the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers.models import Segment
from regulars.customers.rules import is_one_line
from regulars.errors import Conflict, InvalidParameter, LimitReached, MissingParameter, NotFound

NAME_MAX = 60
SEGMENTS_MAX = 100
FILTERS_MAX = 60
VALUE_MAX = 255


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment; ``filters``: text by the name of the filter."""

    id: int
    name: str
    filters: Mapping[str, str]


def list_segments(*, account: AccountConfig) -> tuple[SegmentRow, ...]:
    """Return the account's segments by name, at most SEGMENTS_MAX. Queries: 1."""
    rows = Segment.objects.filter(account_id=account.id).values_list("id", "name", "filters")[:SEGMENTS_MAX]
    return tuple(sorted((SegmentRow(*row) for row in rows), key=lambda row: row.name.casefold()))


def get_segment(*, account: AccountConfig, segment_id: int) -> SegmentRow:
    """Return one segment. Queries: 1. Raises: NotFound."""
    row = Segment.objects.filter(account_id=account.id, id=segment_id).values_list("id", "name", "filters").first()
    if row is None:
        raise NotFound("There is no such segment.")
    return SegmentRow(*row)


def save_segment(*, account: AccountConfig, by: UserConfig, at: datetime, name: str, filters: Mapping[str, str]) -> SegmentRow:
    """
    Keep filters under a name.

    Writes: 1 segment. Two at once of the same name: one wins (customers_segments_name_unique).
    Raises: MissingParameter("name"), InvalidParameter("name"), InvalidParameter("filters"), Conflict("name"), LimitReached.
    """
    name = " ".join(name.split())
    if not name:
        raise MissingParameter("name")
    if len(name) > NAME_MAX or not is_one_line(name):
        raise InvalidParameter("name", f"at most {NAME_MAX} characters on one line")
    kept = {key: value for key, value in filters.items() if value}
    if len(kept) > FILTERS_MAX or any(len(key) > VALUE_MAX or len(value) > VALUE_MAX for key, value in kept.items()):
        raise InvalidParameter("filters", f"at most {FILTERS_MAX} filters of at most {VALUE_MAX} characters")
    if Segment.objects.filter(account_id=account.id).count() >= SEGMENTS_MAX:
        raise LimitReached(f"An account can have at most {SEGMENTS_MAX} segments.", fields=("name",))
    try:
        with transaction.atomic():
            row = Segment.objects.create(account_id=account.id, name=name, filters=kept, created_by=by.id, created_at=at)
    except IntegrityError as error:
        raise Conflict("There is a segment of this name already.", fields=("name",)) from error
    return SegmentRow(row.id, row.name, row.filters)


def delete_segment(*, account: AccountConfig, by: UserConfig, at: datetime, segment_id: int) -> SegmentRow:
    """Delete a segment and return it as it was. Raises: NotFound."""
    found = get_segment(account=account, segment_id=segment_id)
    Segment.objects.filter(account_id=account.id, id=segment_id).delete()
    return found
