# SPDX-License-Identifier: Apache-2.0
"""How customers, their amounts and the lines of their books are written on pages, and how codes stand in addresses."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.customers.rows import CustomerRow
from regulars.kit.listing import decimal_text
from regulars.kit.units import PPM
from regulars.panel.viewer import Viewer

KINDS: dict[str, str | Promise] = {
    "activation": gettext_lazy("Joined"), "earn": gettext_lazy("Earned"), "redeem": gettext_lazy("Redeemed"),
    "expire": gettext_lazy("Expired"), "fee": gettext_lazy("Fee"), "contribute": gettext_lazy("Second tier"),
    "move": gettext_lazy("Moved"), "reverse": gettext_lazy("Taken back"),
}  # fmt: skip
ROUNDINGS: dict[str, str | Promise] = {
    "down": gettext_lazy("down"), "nearest": gettext_lazy("to the nearest"), "up": gettext_lazy("up"),
}  # fmt: skip

RESERVED = frozenset({"add", "cards", "segments", "export", ".", ".."})
"""What stands behind customers/ and is no customer's code."""


class CodeConverter:
    """A customer's code in an address: any text on one line. What an address cannot hold stands there as ~XX (UTF-8)."""

    regex = "[^/]+"

    def to_url(self, value: object) -> str:
        code = str(value)
        if code in RESERVED:
            return _tilded(code[0]) + code[1:]
        return re.sub(r"[/~%\\?#;]", lambda match: _tilded(match[0]), code)

    def to_python(self, value: str) -> str:
        if value in RESERVED:
            raise ValueError("not a customer's code")
        data = re.sub(rb"~([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), value.encode())
        return data.decode()


def _tilded(text: str) -> str:
    return "".join(f"~{byte:02X}" for byte in text.encode())


def name_of(customer: CustomerRow) -> str:
    """Return a customer's name; "" where there is none."""
    return f"{customer.first_name} {customer.last_name}".strip()


def title_of(customer: CustomerRow) -> str:
    """Return what a customer is called on a page: his name, else his card, else his code."""
    return name_of(customer) or customer.card_number or customer.code


def visible_campaigns(account: AccountConfig, user: UserConfig) -> tuple[CampaignConfig, ...]:
    """Return the active campaigns that a user may see, as they were made."""
    return tuple(each for each in account.campaigns.values() if each.state == "active" and user.may_see(each))


def amount_text(viewer: Viewer, campaign: CampaignConfig, amount: int) -> str:
    """Return an amount in the unit of a campaign: money with its sign, else a number."""
    return viewer.shown.money(amount) if campaign.is_money else viewer.shown.number(amount)


def signed_text(viewer: Viewer, campaign: CampaignConfig, amount: int) -> str:
    """Return a change with its sign: +49, -3."""
    text = amount_text(viewer, campaign, amount)
    return f"+{text}" if amount > 0 else text


def ratio_text(ratio_ppm: int) -> str:
    """Return a ratio exactly: "100", "0.05"."""
    return decimal_text(Fraction(ratio_ppm, PPM))


def summary_of(customer: CustomerRow) -> dict[str, Any]:
    """Return what stands at the head of every page of a customer."""
    return {
        "id": customer.id,
        "code": customer.code,
        "card_number": customer.card_number,
        "name": name_of(customer),
        "title": title_of(customer),
    }


def kind_text(kind: str) -> str:
    """Return what a line of the books is called."""
    return str(KINDS.get(kind, kind))


def nobody() -> str:
    """Return who did what nobody did: rules act by themselves."""
    return _("by rule")
