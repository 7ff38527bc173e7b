# SPDX-License-Identifier: Apache-2.0
"""
What a call answers: an immutable view of its JSON, whose leaves are all texts.

    receipt = shop.record_activity(...).receipt
    receipt.transaction.balance.points.as_int()
    [campaign.name for campaign in shop.campaigns_list().rows("campaigns")]
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

TEXT_MEMBER = "xml_value_to_show"
"""Under this name the API's JSON shows the text of an element that is an object or stands in a list."""

_WHOLE = re.compile(r"-?[0-9]+(?:,[0-9]{3})*", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?", re.ASCII)
_YES, _NO = frozenset({"y", "yes", "true"}), frozenset({"n", "no", "false", ""})


class Text(str):
    """A value of an answer: a ``str``, with exact readings of it. No reading goes through a float."""

    __slots__ = ()

    def as_int(self) -> int:
        """Return a whole number; thousands commas, which only audit_totals has, are read. Raises ValueError."""
        if not _WHOLE.fullmatch(self):
            raise ValueError(f"{str(self)!r} is not a whole number")
        return int(self.replace(",", ""))

    def as_decimal(self) -> Decimal:
        """Return a number with as many decimals as were answered. Raises ValueError."""
        if not _DECIMAL.fullmatch(self):
            raise ValueError(f"{str(self)!r} is not a number")
        return Decimal(self.replace(",", ""))

    def as_date(self) -> date | None:
        """Return the day, also of a date with a time; None for an empty date. Raises ValueError, also where parts are 00."""
        return None if _is_no_date(self) else date.fromisoformat(self[:10])

    def as_datetime(self) -> datetime | None:
        """Return the account's local time, without a zone; None for an empty date. Raises ValueError."""
        return None if _is_no_date(self) else datetime.fromisoformat(self)

    def as_bool(self) -> bool:
        """Return whether it says yes (Y, Yes, true); an empty text says no. Raises ValueError for anything else."""
        word = self.lower()
        if word not in _YES | _NO:
            raise ValueError(f"{str(self)!r} says neither yes nor no")
        return word in _YES


def _is_no_date(text: str) -> bool:
    return text[:10] in ("", "0000-00-00")


class Record(Mapping[str, Any]):
    """
    An object of an answer. Its members are attributes (``record.balance``) and items (``record["balance"]``): a Text, a
    Record, or a tuple of them. A member that was not answered is an AttributeError or KeyError that says what was.
    """

    __slots__ = ("_members",)
    _members: dict[str, Any]

    def __init__(self, members: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_members", members)

    def __getitem__(self, name: str) -> Any:
        try:
            return _shown(self._members[name])
        except KeyError:
            raise KeyError(self._missing(name)) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what copy and pickle ask for
            raise AttributeError(name)
        try:
            return _shown(self._members[name])
        except KeyError:
            raise AttributeError(self._missing(name)) from None

    def _missing(self, name: str) -> str:
        return f"the answer has no {name}; it has {', '.join(self._members) or 'nothing'}"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an answer does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("an answer does not change")

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._members!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._members,)

    def rows(self, name: str) -> tuple[Any, ...]:
        """Return what repeats under a name, however often it came: also once, also never."""
        found = self.get(name, ())
        return found if isinstance(found, tuple) else (found,)

    def as_json(self) -> dict[str, Any]:
        """Return the members as the API's JSON had them, to be kept or changed."""
        return copy.deepcopy(dict(self._members))


@dataclass(frozen=True, slots=True)
class Sent:
    """How a call came to its answer; for the till's own log."""

    request_id: str
    """The server's log has the same one."""
    idempotency_key: str
    """Sent with the call, "" with one that writes nothing."""
    attempts: int
    """How often it was sent."""


class Answer(Record):
    """A whole answer; ``sent`` says how it came about."""

    __slots__ = ("sent",)
    sent: Sent

    def __init__(self, members: Mapping[str, Any], sent: Sent) -> None:
        super().__init__(members)
        object.__setattr__(self, "sent", sent)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._members, self.sent)


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, list):
        return tuple(
            Text(one[TEXT_MEMBER]) if isinstance(one, dict) and one.keys() == {TEXT_MEMBER} else _shown(one) for one in value
        )
    return Record(value)
