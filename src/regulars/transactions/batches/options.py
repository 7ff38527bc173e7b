# SPDX-License-Identifier: Apache-2.0
"""What was asked for with a batch, as it is kept with it: whoever goes on with it reads its lines in the same way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from regulars.transactions.batches.columns import Columns

SECRET_COLUMNS = frozenset({"customer_password", "customer_PIN"})


@dataclass(frozen=True, slots=True)
class CustomerImport:
    """
    Lines are customers. ``overwrite``: what a line does to a customer who is there already: ``yes`` empties his record and
    writes the line, ``update`` writes what the line has, ``ignore`` leaves him alone.
    """

    columns: Columns
    overwrite: Literal["yes", "update", "ignore"] = "ignore"
    card_digits: int | None = None
    """Make a card number of so many digits for a new customer without one."""
    campaigns: tuple[str, ...] = ()
    """Numbers of the campaigns that each customer joins."""


@dataclass(frozen=True, slots=True)
class ActivityImport:
    """Lines are earnings and redemptions. ``applies_ratio``: whether their amounts are converted as a till's would be."""

    columns: Columns
    applies_ratio: bool = False
    creates_customers: bool = False
    sends_mail: bool = False


Import = CustomerImport | ActivityImport


def has_secrets(importing: Import) -> bool:
    """Whether lines hold passwords or PINs."""
    return not SECRET_COLUMNS.isdisjoint(importing.columns.names)


def kind_of(importing: Import) -> str:
    """Return the batch's kind."""
    return "customers" if isinstance(importing, CustomerImport) else "transactions"


def to_json(importing: Import) -> dict[str, Any]:
    """Return the options as JSON values."""
    return asdict(importing)


def from_json(kind: str, document: Mapping[str, Any]) -> Import:
    """Return the options that were kept."""
    values: dict[str, Any] = dict(document)
    values["columns"] = Columns(values["columns"]["delimiter"], tuple(values["columns"]["names"]))
    if kind == "customers":
        values["campaigns"] = tuple(values["campaigns"])
        return CustomerImport(**values)
    return ActivityImport(**values)
