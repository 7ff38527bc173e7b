# SPDX-License-Identifier: Apache-2.0
"""What an account's own ids, PINs, passwords and custom field values must look like. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from regulars.accounts.directory import FieldConfig
from regulars.errors import InvalidParameter, MissingParameter, Problems, RegularsError
from regulars.kit.units import Currency

ACCOUNT_CODE = re.compile(r"[A-Za-z0-9_]{5,20}", re.ASCII)
FIELD_TYPES = ("Text", "Date", "Pick", "List", "Number", "Money")
FIELD_OWNERS = ("customer", "transaction", "reward")
FIELD_NUMBER_MAX = 999
FIELD_LABEL_LENGTH_MAX = 80
CHOICE_LENGTH_MAX = 255
CHOICES_MAX = 500
TEXT_LENGTH_MAX = 64_000
INDEXED_LENGTH_MAX = 255
"""Fields that are unique or searchable ("Is ID") go into an index."""

NUMBER_DIGITS_MAX = 15
NUMBER_DECIMALS_MAX = 6
MONEY_DIGITS_MAX = 12
CALLS_PER_MINUTE_MAX = 60_000_000
UNKNOWN_CARDS_MAX = 1_000_000
REQUEST_LOG_DAYS_MAX = 90

_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:([.,])([0-9]+))?", re.ASCII)
_GROUPED = re.compile(r"([+-]?)([1-9][0-9]{0,2})((?:([.,])[0-9]{3})(?:\4[0-9]{3})*)(?:([.,])([0-9]+))?", re.ASCII)
_DATE = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?", re.ASCII)


def check_count(name: str, text: str, minimum: int, maximum: int) -> int:
    """Return a whole number of an account's settings. Raises InvalidParameter."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and minimum <= int(text) <= maximum):
        raise InvalidParameter(name, f"a whole number from {minimum} to {maximum}")
    return int(text)


def check_account_code(code: str) -> str:
    """Return an account's code unchanged: letters, digits and _, 5 to 20 of them. Raises InvalidParameter("account_id")."""
    if not ACCOUNT_CODE.fullmatch(code):
        raise InvalidParameter("account_id", "5 to 20 letters, digits or underscores")
    return code


# -- custom fields -------------------------------------------------------------------------------------------------
def check_values(
    definitions: Mapping[int, FieldConfig],
    values: Mapping[int, str],
    *,
    currency: Currency,
    prefix: str = "custom_field_",
    is_complete: bool = False,
) -> dict[str, str]:
    """
    Return custom field values as they are kept: by number (as text), each in its type's own form; "" clears a field.

    ``definitions`` are by number, of one owner. ``is_complete``: the record is new, so required fields must be there.
    What is unique is for the caller to see: he has the other records (errors.NotUnique).

    Units:  Money in the currency's decimals, as text ("9.50"). Date as YYYY-MM-DD HH:MM:SS, in the account's zone.
    Raises: InvalidParameter, MissingParameter, or Problems where there are several; each names ``prefix`` + number.
    Source: api.md 6.
    """
    kept: dict[str, str] = {}
    problems: list[RegularsError] = []
    for number, raw in values.items():
        name = f"{prefix}{number}"
        definition = definitions.get(number)
        try:
            if definition is None:
                raise InvalidParameter(name, "there is no such field")
            kept[str(number)] = check_value(definition, raw, name=name, currency=currency)
        except (InvalidParameter, MissingParameter) as error:
            problems.append(error)
    if is_complete:
        problems += [
            MissingParameter(f"{prefix}{number}")
            for number, definition in definitions.items()
            if definition.required and number not in values
        ]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(tuple(problems))
    return kept


def sought_values(
    definitions: Mapping[int, FieldConfig], values: Mapping[int, str], *, currency: Currency, is_whole: bool
) -> dict[int, str]:
    """
    Return what is looked for in custom fields, in the form in which values are kept: "9,95" is found as "9.95".

    ``is_whole``: the values are compared whole, else parts are enough: then a day stands for all its seconds, and decimals that
    were not typed are not looked at. What is no value of its type stays as typed, but for the dashes of a date.

    Units:  as check_values().
    Source: api.md 6 (dates as YYYY.MM.DD too), 1 (9.95 and 9,95), 7 customer_search.
    """
    return {number: _sought(definitions.get(number), raw, currency, is_whole) for number, raw in values.items()}


def _sought(definition: FieldConfig | None, raw: str, currency: Currency, is_whole: bool) -> str:
    if definition is None or definition.type in ("Text", "Pick") or not raw:
        return raw
    try:
        kept = _TYPE_CHECKS[definition.type](definition, raw, "", currency)
    except InvalidParameter:
        return sought_date(raw) if definition.type == "Date" else raw
    if is_whole or definition.type == "List":
        return kept
    if definition.type == "Date":
        return kept if ":" in raw else kept[: len("YYYY-MM-DD")]
    if "," not in raw:
        return raw
    return kept if raw.endswith("0") or "." not in kept else kept.rstrip("0").rstrip(".")


def sought_date(raw: str) -> str:
    """Return what is looked for in dates, as YYYY-MM-DD: "1970.7.4" is found as "1970-07-04", "1970.07" as "1970-07"."""
    dashed = re.sub("[./]", "-", raw)
    return "-".join(part.zfill(2) for part in dashed.split("-")) if dashed.count("-") == 2 and " " not in dashed else dashed


def check_value(definition: FieldConfig, raw: str, *, name: str, currency: Currency) -> str:
    """Return one value in its type's own form. Raises InvalidParameter, or MissingParameter for "" in a required field."""
    if not raw.strip():
        if definition.required:
            raise MissingParameter(name)
        return ""
    if "\x00" in raw:
        raise InvalidParameter(name, "it holds a character that is not allowed")
    kept = _TYPE_CHECKS[definition.type](definition, raw, name, currency)
    limit = INDEXED_LENGTH_MAX if definition.unique or definition.searchable else TEXT_LENGTH_MAX
    if len(kept) > limit:
        raise InvalidParameter(name, f"at most {limit} characters")
    return kept


def _text(_definition: FieldConfig, raw: str, _name: str, _currency: Currency) -> str:
    return raw


def _pick(definition: FieldConfig, raw: str, name: str, _currency: Currency) -> str:
    if raw.strip() not in definition.choices:
        raise InvalidParameter(name, text="Non-allowed option submitted.")
    return raw.strip()


def _list(definition: FieldConfig, raw: str, name: str, _currency: Currency) -> str:
    chosen = list(dict.fromkeys(part.strip() for part in raw.split(",") if part.strip()))
    if any(option not in definition.choices for option in chosen):
        raise InvalidParameter(name, text="Non-allowed options submitted.")
    return ",".join(chosen)


def _number(_definition: FieldConfig, raw: str, name: str, _currency: Currency) -> str:
    text = _decimal(raw.strip(), digits_max=NUMBER_DIGITS_MAX, decimals_max=NUMBER_DECIMALS_MAX)
    if text is None:
        raise InvalidParameter(name, text="Not a valid number.")
    sign, whole, part = text
    part = part.rstrip("0")
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"


def _money(_definition: FieldConfig, raw: str, name: str, currency: Currency) -> str:
    text = _decimal(raw.strip(), digits_max=MONEY_DIGITS_MAX, decimals_max=currency.decimals)
    if text is None:
        raise InvalidParameter(name, text="Not a valid monetary amount.")
    sign, whole, part = text
    return currency.text(int(f"{sign}{whole}{part.ljust(currency.decimals, '0')}"))


def _decimal(raw: str, *, digits_max: int, decimals_max: int) -> tuple[str, str, str] | None:
    """Return sign ("" or "-"), digits and decimals of a number written in one way only; None for anything else."""
    plain = _DECIMAL.fullmatch(raw)
    if plain is not None:
        sign, whole, separator, part = plain.groups(default="")
        if separator == "," and len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
            return None  # 1,234 is a thousand to some and one and a bit to others
    else:
        grouped = _GROUPED.fullmatch(raw)
        if grouped is None:
            return None
        sign, first, groups, thousands, separator, part = grouped.groups(default="")
        if separator == thousands or (not separator and groups.count(thousands) == 1):
            return None
        whole = first + groups.replace(thousands, "")
    whole = whole.lstrip("0") or "0"
    if len(whole) > digits_max or len(part) > decimals_max or (sign == "-" and not int(whole + part)):
        return None
    return ("-" if sign == "-" else ""), whole, part


def _date(_definition: FieldConfig, raw: str, name: str, _currency: Currency) -> str:
    """Unknown parts may be 00 or 0000 (old clients send them); a date that is unknown altogether is no date."""
    match = _DATE.fullmatch(raw.strip())
    if match is None:
        raise InvalidParameter(name, text="Not a valid date.")
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    hour, minute, second = int(match[5] or 0), int(match[6] or 0), int(match[7] or 0)
    if not (year or month or day):
        return ""
    try:
        datetime(year or 2000, month or 1, day or 1, hour, minute, second)  # noqa: DTZ001 - only whether there is such a day
    except ValueError:
        raise InvalidParameter(name, text="Not a valid date.") from None
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"


_TYPE_CHECKS = {"Text": _text, "Date": _date, "Pick": _pick, "List": _list, "Number": _number, "Money": _money}


def check_definition(definition: FieldConfig, *, prefix: str = "custom_field_") -> FieldConfig:
    """
    Return a field's definition unchanged if it can be.

    Raises: InvalidParameter or MissingParameter naming ``prefix``, the number and the part (custom_field_2_choices).
    Source: api.md 6.
    """
    stem = f"{prefix}{definition.number}"
    if definition.owner not in FIELD_OWNERS:
        raise InvalidParameter("owner", "one of " + ", ".join(FIELD_OWNERS))
    if not 1 <= definition.number <= FIELD_NUMBER_MAX:
        raise InvalidParameter(stem, f"fields are numbered from 1 to {FIELD_NUMBER_MAX}")
    if not definition.label.strip():
        raise MissingParameter(f"{stem}_label")
    if len(definition.label) > FIELD_LABEL_LENGTH_MAX:
        raise InvalidParameter(f"{stem}_label", f"at most {FIELD_LABEL_LENGTH_MAX} characters")
    if definition.type not in FIELD_TYPES:
        raise InvalidParameter(f"{stem}_type", "one of " + ", ".join(FIELD_TYPES))
    if definition.unique and definition.type != "Text":
        raise InvalidParameter(f"{stem}_unique", "only a Text field can be unique")
    _check_choices(definition, f"{stem}_choices")
    return definition


def _check_choices(definition: FieldConfig, name: str) -> None:
    choices = definition.choices
    if definition.type not in ("Pick", "List"):
        if choices:
            raise InvalidParameter(name, "only Pick and List fields have choices")
        return
    if not choices:
        raise MissingParameter(name)
    if len(choices) > CHOICES_MAX:
        raise InvalidParameter(name, f"at most {CHOICES_MAX} choices")
    for choice in choices:
        if not choice.strip() or choice != choice.strip() or "," in choice or len(choice) > CHOICE_LENGTH_MAX:
            raise InvalidParameter(name, f"each choice is 1 to {CHOICE_LENGTH_MAX} characters without commas")
    if len(set(choices)) != len(choices):
        raise InvalidParameter(name, "a choice stands there twice")
