# SPDX-License-Identifier: Apache-2.0
"""A customer's own data as plain values, for every layer above."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class CustomerRow(NamedTuple):
    """The customer's own data as the database has it; ``fields`` are custom fields by number."""

    id: int
    code: str
    card_number: str
    first_name: str
    last_name: str
    phone: str
    email: str
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    country: str
    custom_date: str
    username: str
    is_registered: bool
    fields: dict[str, str]
    created_at: datetime
