# SPDX-License-Identifier: Apache-2.0
"""manage_fields, transaction_fields, reward_fields: their common parameters and their one answer (api.md 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from regulars.accounts.directory import AccountConfig
from regulars.accounts.fields import PREDEFINED, FieldChange, FieldRow, list_fields
from regulars.accounts.rules import (
    CHOICE_LENGTH_MAX,
    CHOICES_MAX,
    FIELD_LABEL_LENGTH_MAX,
    FIELD_NUMBER_MAX,
    FIELD_TYPES,
)
from regulars.api.call import Call, Context, Family
from regulars.errors import InvalidParameter, MissingParameter
from regulars.protocol.kinds import choice, comma_list, flag, numbered, text
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.transactions.fields import add_fields, delete_fields, update_fields

PREFIX = "custom_field_"
NAME_LENGTH_MAX = 40


def _family(member: Kind[Any], part: str) -> Kind[Any]:
    return numbered(PREFIX, member, f"_{part}")


def _choices() -> Kind[tuple[str, ...]]:
    return comma_list(text(CHOICE_LENGTH_MAX), CHOICES_MAX)


def _field_list() -> Kind[tuple[str, ...]]:
    says = "names of fields joined by |"

    def parse(name: str, raw: str, _: AccountConfig) -> tuple[str, ...]:
        names = tuple(part for part in (piece.strip() for piece in raw.replace(",", "|").split("|")) if part)
        if not names or len(names) > FIELD_NUMBER_MAX or any(len(part) > NAME_LENGTH_MAX for part in names):
            raise InvalidParameter(name, f"{says} are expected")
        return names

    return Kind(parse, says, shape="list", each=text(NAME_LENGTH_MAX))


@dataclass(frozen=True, slots=True)
class NoParams:
    """A list takes none."""


@dataclass(frozen=True, slots=True)
class AddParams:
    label: dict[int, str] = param(
        _family(text(FIELD_LABEL_LENGTH_MAX), "label"), keeps_blank=True, note="required for each field to be added"
    )
    type: dict[int, str] = param(_family(choice(*FIELD_TYPES), "type"), note="absent: Text")
    show: dict[int, bool] = param(_family(flag(), "show"), note="absent: N")
    required: dict[int, bool] = param(_family(flag(), "required"), note="absent: N")
    choices: dict[int, tuple[str, ...]] = param(
        _family(_choices(), "choices"), note="Pick and List require it, others have none"
    )
    searchable: dict[int, bool] = param(_family(flag(), "searchable"), note="customers only: found by it; absent: N")
    unique: dict[int, bool] = param(_family(flag(), "unique"), note="customers' Text only: no two have the same; absent: N")


@dataclass(frozen=True, slots=True)
class UpdateParams:
    label: dict[int, str] = param(_family(text(FIELD_LABEL_LENGTH_MAX), "label"), keeps_blank=True, note="what people read")
    type: dict[int, str] = param(_family(choice(*FIELD_TYPES), "type"), note="what it is already; it cannot be changed")
    show: dict[int, bool] = param(_family(flag(), "show"), note="whether the Control Panel shows it")
    required: dict[int, bool] = param(_family(flag(), "required"), note="whether every record must have a value")
    choices: dict[int, tuple[str, ...]] = param(
        _family(_choices(), "choices"), note="all of them anew; values that were recorded stay"
    )
    searchable: dict[int, bool] = param(_family(flag(), "searchable"), note="customers only")
    unique: dict[int, bool] = param(_family(flag(), "unique"), note="customers' Text only; refused where two have the same")


@dataclass(frozen=True, slots=True)
class DeleteParams:
    field_list: tuple[str, ...] = param(_field_list(), required=True, note="custom_field_3|custom_field_4")


class _Parts(Protocol):
    """Families of parts, each by the field's number."""

    @property
    def label(self) -> dict[int, str]: ...
    @property
    def type(self) -> dict[int, str]: ...
    @property
    def show(self) -> dict[int, bool]: ...
    @property
    def required(self) -> dict[int, bool]: ...
    @property
    def choices(self) -> dict[int, tuple[str, ...]]: ...
    @property
    def searchable(self) -> dict[int, bool]: ...
    @property
    def unique(self) -> dict[int, bool]: ...


def changes_of(params: _Parts) -> dict[int, FieldChange]:
    """Return what is asked for, field by field. Raises InvalidParameter for a number that no field can have."""
    parts = {name: getattr(params, name) for name in ("label", "type", "show", "required", "choices", "searchable", "unique")}
    for name, members in parts.items():
        for number in members:
            if number > FIELD_NUMBER_MAX:
                raise InvalidParameter(f"{PREFIX}{number}_{name}", f"fields are numbered from 1 to {FIELD_NUMBER_MAX}")
    numbers = {number for members in parts.values() for number in members}
    return {number: FieldChange(**{name: members.get(number) for name, members in parts.items()}) for number in numbers}


def fields_answer(account: AccountConfig, owner: str) -> Element:
    """Return ``<account>`` with all fields of the owner as they are now."""
    rows = list_fields(account=account, owner=owner)
    return success(record("account", leaf("account_id", account.code), items("fields", map(_field_element, rows))))


def _field_element(row: FieldRow) -> Element:
    return record(
        "field",
        leaf("name", row.name),
        leaf("label", row.label),
        leaf("show", "Y" if row.show else "N"),
        leaf("required", "Y" if row.required else "N"),
        leaf("type", row.type),
        leaf("searchable", "Yes") if row.searchable else None,
        leaf("unique", "Yes") if row.unique else None,
        items("choices", (leaf("choice", option) for option in row.choices)) if row.choices else None,
    )


def fields_family(call_type: str, owner: str, whose: str, permission: str, update: Call | None = None) -> Family:
    """Return list, add, update and delete of the fields of one owner."""

    def handle_list(ctx: Context, params: NoParams) -> Element:
        return fields_answer(ctx.account, owner)

    def handle_add(ctx: Context, params: AddParams) -> Element:
        changes = changes_of(params)
        if not changes:
            raise MissingParameter(f"{PREFIX}#_label")
        add_fields(account=ctx.account, by=ctx.user, at=ctx.at, owner=owner, changes=changes)
        return fields_answer(ctx.account, owner)

    def handle_update(ctx: Context, params: UpdateParams) -> Element:
        update_fields(account=ctx.account, by=ctx.user, at=ctx.at, owner=owner, changes=changes_of(params), predefined={})
        return fields_answer(ctx.account, owner)

    def handle_delete(ctx: Context, params: DeleteParams) -> Element:
        delete_fields(account=ctx.account, by=ctx.user, at=ctx.at, owner=owner, names=params.field_list)
        return fields_answer(ctx.account, owner)

    handle_list.__doc__ = f"Answer with all {whose} fields."
    handle_add.__doc__ = f"Add {whose} fields, several in one call, and answer with all of them."
    handle_update.__doc__ = f"Change {whose} fields and answer with all of them. What is not sent stays."
    handle_delete.__doc__ = f"Delete {whose} fields with everything recorded in them, for good; answer with those left."

    def call(handle: Any, params: type[Any], summary: str, name: str, *errors: str, writes: bool) -> Call:
        return Call(
            type=call_type,
            handle=handle,
            params=params,
            permission=name,
            summary=summary,
            errors=errors,
            writes=writes,
            source="api.md 6",
        )

    title = f"Manage {whose.capitalize()} Fields"
    return Family(
        type=call_type,
        selector="action",
        calls={
            "list": call(handle_list, NoParams, f"{title} - List", "list_fields", writes=False),
            "add": call(handle_add, AddParams, f"{title} - Add", permission, "field_exists", writes=True),
            "update": update
            or call(handle_update, UpdateParams, f"{title} - Update", permission, "field_not_found", writes=True),
            "delete": call(handle_delete, DeleteParams, f"{title} - Delete", permission, "field_not_found", writes=True),
        },
    )


def predefined_changes(params: object) -> dict[str, FieldChange]:
    """Return what is asked for of the predefined customer fields, by name."""
    parts = ("label", "show", "required")
    changes = {
        name: FieldChange(**{part: getattr(params, f"{attribute(name)}_{part}") for part in parts}) for name in PREDEFINED
    }
    return {name: change for name, change in changes.items() if change != FieldChange()}


def attribute(name: str) -> str:
    """Return a predefined field's name as an attribute is spelt."""
    return name.lower()
