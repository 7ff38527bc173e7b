# SPDX-License-Identifier: Apache-2.0
"""
The data fields of an account's customers, transactions and rewards: listing, adding, changing, deleting their definitions.

What was recorded in them is not here: transactions/fields.py does both together. Run inside the account's unit of work;
afterwards the AccountConfig in hand is stale.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, FieldConfig
from regulars.accounts.models import Account, Field
from regulars.accounts.operations import define_field
from regulars.accounts.rules import FIELD_LABEL_LENGTH_MAX, check_definition
from regulars.errors import FieldExists, FieldNotFound, InvalidParameter, MissingParameter

CUSTOM = "custom_field_"
PREDEFINED: Mapping[str, tuple[str, str]] = {
    "card_number": ("Card #", "Text"), "first_name": ("First Name", "Text"), "last_name": ("Last Name", "Text"),
    "phone": ("Phone", "Text"), "email": ("Email", "Text"), "street1": ("Address 1", "Text"), "street2": ("Address 2", "Text"),
    "city": ("City", "Text"), "state": ("State", "Text"), "zip": ("Zip", "Text"), "country": ("Country", "Text"),
    "customer_username": ("Username", "Text"), "customer_PIN": ("PIN", "Text"), "customer_password": ("Password", "Text"),
    "custom_date": ("Birthday", "Date"),
}  # fmt: skip
"""Name to label and type of the customer fields that every account has. The sixteenth, custom_field_1, is a custom field."""

UNDELETABLE = (*PREDEFINED, f"{CUSTOM}1")


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as lists show it."""

    name: str
    label: str
    type: str
    show: bool
    required: bool = False
    unique: bool = False
    searchable: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What is to be written of one field. None = leave as it is (on a new field: its default)."""

    label: str | None = None
    type: str | None = None
    show: bool | None = None
    required: bool | None = None
    unique: bool | None = None
    searchable: bool | None = None
    choices: tuple[str, ...] | None = None


def list_fields(*, account: AccountConfig, owner: str) -> list[FieldRow]:
    """
    Return all fields of customers, transactions or rewards as they are now: the predefined first, then by number.

    Queries: 2 for customers, else 1.
    Source:  api.md 6.
    """
    rows = []
    if owner == "customer":
        changed = Account.objects.values_list("predefined_fields", flat=True).get(id=account.id)
        for name, (label, kind) in PREDEFINED.items():
            own = changed.get(name, {})
            rows.append(FieldRow(name, own.get("label", label), kind, own.get("show", True), own.get("required", False)))
    rows += [
        FieldRow(
            f"{CUSTOM}{field.number}", field.label, field.type, field.show, field.required, field.unique, field.searchable,
            tuple(field.choices),
        )
        for field in Field.objects.filter(account_id=account.id, owner=owner).order_by("number")
    ]  # fmt: skip
    return rows


def list_required(*, account: AccountConfig) -> tuple[str, ...]:
    """
    Return the names of the predefined customer fields that every customer must have, as they are now.

    Queries: 1.
    """
    changed = Account.objects.values_list("predefined_fields", flat=True).get(id=account.id)
    return tuple(name for name in PREDEFINED if changed.get(name, {}).get("required"))


def insert_field(*, account: AccountConfig, owner: str, number: int, change: FieldChange) -> FieldConfig:
    """
    Add a field. Without a type it is a Text; it is not shown unless told so.

    Raises: InvalidParameter, MissingParameter, FieldExists; each names custom_field_# and the part.
    """
    if owner == "customer" and number == 1:
        raise FieldExists(f"{CUSTOM}1 already exists", fields=(f"{CUSTOM}1",))
    definition = _changed(FieldConfig(owner, number, "", "Text", False, False, False, False, ()), change)
    _refuse_index(definition)
    return define_field(account=account, **dataclasses.asdict(definition))


def change_field(*, account: AccountConfig, owner: str, number: int, change: FieldChange) -> tuple[FieldConfig, FieldConfig]:
    """
    Change a field and return its definition before and after. Its type stays: values were recorded in it.

    Raises: FieldNotFound, InvalidParameter, MissingParameter; each names custom_field_# and the part.
    """
    row = Field.objects.select_for_update(no_key=True).filter(account_id=account.id, owner=owner, number=number).first()
    if row is None:
        raise FieldNotFound(f"{CUSTOM}{number}{_first_part(change)}")
    before = FieldConfig(
        owner, number, row.label, row.type, row.show, row.required, row.unique, row.searchable, tuple(row.choices)
    )
    if change.type not in (None, before.type):
        raise InvalidParameter(f"{CUSTOM}{number}_type", "the type of a field cannot be changed")
    after = check_definition(_changed(before, change))
    _refuse_index(after)
    if after != before:
        Field.objects.filter(account_id=account.id, owner=owner, number=number).update(
            label=after.label, show=after.show, required=after.required, unique=after.unique, searchable=after.searchable,
            choices=list(after.choices),
        )  # fmt: skip
    return before, after


def change_predefined(*, account: AccountConfig, changes: Mapping[str, FieldChange]) -> None:
    """
    Give predefined customer fields other labels, hide or show them, require them. No data is lost.

    Raises: InvalidParameter or MissingParameter naming the field and the part.
    """
    if not changes:
        return
    row = Account.objects.select_for_update(no_key=True).get(id=account.id)
    kept = {name: dict(own) for name, own in row.predefined_fields.items()}
    for name, change in changes.items():
        own = kept.setdefault(name, {})
        if change.label is not None:
            if not change.label.strip():
                raise MissingParameter(f"{name}_label")
            if len(change.label) > FIELD_LABEL_LENGTH_MAX:
                raise InvalidParameter(f"{name}_label", f"at most {FIELD_LABEL_LENGTH_MAX} characters")
            own["label"] = change.label
        if change.show is not None:
            own["show"] = change.show
        if change.required is not None:
            own["required"] = change.required
    if kept != row.predefined_fields:
        Account.objects.filter(id=account.id).update(predefined_fields=kept)


def remove_fields(*, account: AccountConfig, owner: str, names: Iterable[str]) -> tuple[int, ...]:
    """
    Delete the definitions of custom fields and return their numbers.

    Raises: FieldNotFound("field_list"); InvalidParameter("field_list") for one that every account has.
    """
    present = {f"{CUSTOM}{number}": number for number in _numbers(account, owner)}
    numbers = []
    for name in dict.fromkeys(names):
        if owner == "customer" and name in UNDELETABLE:
            raise InvalidParameter("field_list", f"{name} is predefined and stays; it can be hidden with {name}_show=N")
        if name not in present:
            raise FieldNotFound("field_list", name)
        numbers.append(present[name])
    Field.objects.filter(account_id=account.id, owner=owner, number__in=numbers).delete()
    return tuple(numbers)


def _numbers(account: AccountConfig, owner: str) -> list[int]:
    return list(Field.objects.filter(account_id=account.id, owner=owner).values_list("number", flat=True))


def _changed(definition: FieldConfig, change: FieldChange) -> FieldConfig:
    given = {part.name: getattr(change, part.name) for part in dataclasses.fields(change)}
    return dataclasses.replace(definition, **{name: value for name, value in given.items() if value is not None})


def _first_part(change: FieldChange) -> str:
    return next((f"_{part.name}" for part in dataclasses.fields(change) if getattr(change, part.name) is not None), "")


def _refuse_index(definition: FieldConfig) -> None:
    """Only customers are found by their fields, and only they are held apart by them."""
    if definition.owner == "customer":
        return
    for part in ("searchable", "unique"):
        if getattr(definition, part):
            raise InvalidParameter(f"{CUSTOM}{definition.number}_{part}", "only a field of customers can be that")
