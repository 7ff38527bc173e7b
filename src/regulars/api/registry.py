# SPDX-License-Identifier: Apache-2.0
"""Every call of the API by its ``type``. A plain dict: to add a call, import it and add its line."""

from __future__ import annotations

from regulars.api.call import Call, Family
from regulars.errors import UnknownCall

CALLS: dict[str, Call | Family] = {}
"""By ``type``, lower case."""

ALIASES: dict[str, Call | Family] = {alias: call for call in CALLS.values() for alias in call.aliases}


def find_call(type_name: str, selector_value: str | None = None) -> Call:
    """
    Return the call for a ``type``. A Family's selector is read by the caller: see ``selector_of``.

    Raises: UnknownCall.
    """
    key = type_name.lower()
    entry = CALLS.get(key) or ALIASES.get(key)
    if entry is None:
        raise UnknownCall(fields=("type",))
    if isinstance(entry, Call):
        return entry
    call = entry.calls.get((selector_value or "").lower())
    if call is None:
        raise UnknownCall(entry.unknown_text, fields=(entry.selector,))
    return call


def selector_of(type_name: str) -> str:
    """Return the name of the field that tells a family's calls apart; "" for a single or unknown call."""
    key = type_name.lower()
    entry = CALLS.get(key) or ALIASES.get(key)
    return entry.selector if isinstance(entry, Family) else ""
