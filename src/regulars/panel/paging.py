# SPDX-License-Identifier: Apache-2.0
"""The ways to the next page of a list and back, drawn by pages.html; and addresses that keep a list's filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Pages:
    """``pages`` of a template's context. Addresses, "" = there is none; ``shown``: how much there is, in words."""

    previous: str = ""
    next: str = ""
    shown: str = ""
    previous_label: str = field(default_factory=lambda: _("Previous"))
    next_label: str = field(default_factory=lambda: _("Next"))


def address_with(request: HttpRequest, **changes: object) -> str:
    """Return the address of the same list with ``changes`` in place of what they name; None or "" takes a filter away."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values if name not in changes]
    asked += [(name, str(value)) for name, value in changes.items() if value is not None]
    return "?" + urlencode([(name, value) for name, value in asked if value != ""])
