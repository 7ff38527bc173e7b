# SPDX-License-Identifier: Apache-2.0
"""
A call's parameters, declared once: as the fields of a frozen dataclass.

    @dataclass(frozen=True, slots=True)
    class Params:
        campaign_id: str = param(text(16), required=True, note="16 digits")
        amount: int | None = param(money())

``read(Params, fields, account)`` gives the typed values or raises every problem at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter, MissingParameter, Problems, RegularsError

T = TypeVar("T")
Fields = Mapping[str, str]
"""The request's fields. A ``name[]`` list arrives as its values joined by commas under ``name``."""


Shape = Literal["text", "id", "value", "whole", "decimal", "date", "date_time", "flag", "list"]
"""
What a caller's program would hold: a text; an id, which it may keep as a number; a value that is whole or decimal by the
campaign; a whole number; a decimal number; a date; an instant; yes or no; several values.
"""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How one parameter is read. ``parse(name, raw, account)`` raises InvalidParameter naming it."""

    parse: Callable[[str, str, AccountConfig], T]
    says: str
    """What is allowed, in words, for the reference and for error texts."""
    prefix: str = ""
    """For numbered families (custom_field_#): the part before the number; parse then gets each member."""
    suffix: str = ""
    """For numbered families: the part after the number (custom_field_#_label)."""
    shape: Shape = "text"
    """For programs that are written from the declarations, as regulars.client is."""
    choices: tuple[str, ...] = ()
    """The words, where only some are allowed."""
    each: Kind[Any] | None = None
    """Of a list: the kind of its members."""
    bounds: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """How long, how large, of what form: in the words of JSON Schema, for the plainest form that ``parse`` takes."""

    def member(self, number: int | str) -> str:
        """Return the name of one member of a numbered family."""
        return f"{self.prefix}{number}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter, as the reference and the parser see it."""

    name: str
    kind: Kind[Any]
    required: bool
    names: tuple[str, ...]
    keeps_blank: bool
    note: str
    missing_text: str | None = None


def param(
    kind: Kind[T],
    *,
    required: bool = False,
    default: Any = None,
    aliases: tuple[str, ...] = (),
    wire: str = "",
    keeps_blank: bool = False,
    note: str = "",
    missing_text: str | None = None,
) -> Any:
    """
    Declare a parameter. ``wire`` is its name in requests where that differs from the field's (``allow-undo``);
    ``aliases`` are other spellings clients send. An empty value counts as absent unless ``keeps_blank``: then it is "".
    ``missing_text`` is the published sentence for a required one that is absent.
    """
    metadata = {
        "param": kind, "required": required, "aliases": aliases, "wire": wire, "keeps_blank": keeps_blank, "note": note,
        "missing_text": missing_text,
    }  # fmt: skip
    if kind.prefix:
        return dataclasses.field(default_factory=dict, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


_declared: dict[type[Any], tuple[tuple[str, Parameter], ...]] = {}


def declared(cls: type[Any]) -> tuple[tuple[str, Parameter], ...]:
    """Return (attribute, parameter) for each parameter of a call, in the order declared."""
    known = _declared.get(cls)
    if known is not None:
        return known
    result = []
    for item in dataclasses.fields(cls):
        meta = item.metadata
        name = meta["wire"] or item.name
        parameter = Parameter(
            name,
            meta["param"],
            meta["required"],
            (name, *meta["aliases"]),
            meta["keeps_blank"],
            meta["note"],
            meta["missing_text"],
        )
        result.append((item.name, parameter))
    _declared[cls] = tuple(result)
    return _declared[cls]


_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


def _numbered(kind: Kind[T], fields: Fields, account: AccountConfig, keeps_blank: bool) -> dict[int, T | str]:
    """Return a numbered family's values by number. ``custom_field_01`` is not one of them."""
    values: dict[int, T | str] = {}
    start = len(kind.prefix)
    for name, raw in fields.items():
        if not (name.startswith(kind.prefix) and name.endswith(kind.suffix) and (raw or keeps_blank)):
            continue
        end = len(name) - len(kind.suffix)
        if _NUMBER.fullmatch(name, start, end):
            values[int(name[start:end])] = kind.parse(name, raw, account) if raw else ""
    return values


def read(cls: type[T], fields: Fields, account: AccountConfig) -> T:
    """Return the call's parameters. Raises MissingParameter or InvalidParameter, or Problems where there are several."""
    values: dict[str, Any] = {}
    problems: list[RegularsError] = []
    for attribute, parameter in declared(cls):
        kind = parameter.kind
        try:
            if kind.prefix:
                values[attribute] = _numbered(kind, fields, account, parameter.keeps_blank)
                continue
            for name in parameter.names:
                raw = fields.get(name)
                if raw is not None and (raw or parameter.keeps_blank):
                    values[attribute] = kind.parse(name, raw, account) if raw else ""
                    break
            else:
                if parameter.required:
                    problems.append(MissingParameter(parameter.name, parameter.missing_text))
        except InvalidParameter as error:
            problems.append(error)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(tuple(problems))
    return cls(**values)
