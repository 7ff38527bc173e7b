# SPDX-License-Identifier: Apache-2.0
"""Puts a call's own parameter names in place of our words in the errors that operations raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from regulars.errors import RegularsError


@contextmanager
def wire_names(names: Mapping[str, str]) -> Iterator[None]:
    """Run a block; an error about ``level`` becomes one about ``names["level"]``, in its fields and in its sentence."""
    try:
        yield
    except RegularsError as error:
        for part in error.parts:
            _rename(part, names)
        if error.parts != (error,):
            _rename(error, names)
        raise


def _rename(error: RegularsError, names: Mapping[str, str]) -> None:
    for ours, wire in names.items():
        if ours in error.fields:
            for sentence in (f"{ours} is not valid", f"Missing parameter: {ours}"):
                if error.message.startswith(sentence):
                    error.message = sentence.replace(ours, wire) + error.message[len(sentence) :]
    error.fields = tuple(names.get(field, field) for field in error.fields)
    error.args = (error.message,)
