# SPDX-License-Identifier: Apache-2.0
"""The searchField family: how every list with it is searched, sorted and paged (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regulars.errors import InvalidParameter, MissingParameter
from regulars.kit.listing import OPERATORS, WITHOUT_VALUE, Columns, Page, Search
from regulars.protocol.kinds import choice, integer, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record

OFFSET_MAX = 10_000_000
LENGTH_MAX = 10_000


@dataclass(frozen=True, slots=True)
class SearchParams:
    """To be inherited by a list's Params."""

    search_field: str = param(text(60), default="", wire="searchField", note="in what to search: see above")
    search_operator: str = param(
        choice(*OPERATORS), default="", wire="searchOper",
        note="eq equal, bw begins with, ew ends with, cn contains, nu is empty, in one of a comma list; ne, bn, en, nc, nn, ni"
        " their opposites; absent: cn",
    )  # fmt: skip
    search_value: str = param(text(255), default="", wire="searchValue", note="not for nu and nn")
    sort_field: str = param(text(60), default="", wire="sortField", note="absent: in the order they were made")
    sort_order: str = param(choice("ASC", "DESC"), default="ASC", wire="sortOrder", note="absent: ASC")
    offset: int = param(integer(0, OFFSET_MAX), default=0, note="how many rows to skip")
    length: int | None = param(integer(1, LENGTH_MAX), default=None, note="absent: to the end")

    @property
    def is_asked_for(self) -> bool:
        """Whether any of them was sent."""
        return bool(self.search_field or self.search_operator or self.search_value or self.sort_field) or (
            self.sort_order != "ASC" or self.offset > 0 or self.length is not None
        )


def read_search(params: SearchParams, columns: Columns[Any], not_sortable: tuple[str, ...] = ()) -> Search:
    """
    Return what the list is asked for. Field names are taken in any case of letters.

    Raises: InvalidParameter naming searchField or sortField; MissingParameter naming searchField or searchValue.
    """
    names = {name.lower(): name for name in columns}
    field = params.search_field
    if field:
        if field.lower() not in names:
            raise InvalidParameter("searchField", "one of " + ", ".join(columns))
        field = names[field.lower()]
        if not params.search_value and params.search_operator not in WITHOUT_VALUE:
            raise MissingParameter("searchValue")
    elif params.search_operator or params.search_value:
        raise MissingParameter("searchField")
    sortable = {name: column for name, column in names.items() if column not in not_sortable}
    if params.sort_field and params.sort_field.lower() not in sortable:
        raise InvalidParameter("sortField", "one of " + ", ".join(sortable.values()))
    return Search(
        field=field,
        operator=params.search_operator or "cn",
        value=params.search_value,
        sort_field=sortable.get(params.sort_field.lower(), ""),
        is_descending=params.sort_order == "DESC",
        offset=params.offset,
        length=params.length,
    )


def pagination(page: Page[Any]) -> Element:
    """Return how many rows matched, and which part of them the answer holds; length only where one was given."""
    return record(
        "pagination",
        leaf("total", page.total),
        leaf("offset", page.offset),
        leaf("length", page.length) if page.length is not None else None,
    )
