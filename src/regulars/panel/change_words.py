# SPDX-License-Identifier: Apache-2.0
"""What was changed, in words: things, actions, faces, and the columns that differ with their values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from regulars.panel.campaign_words import ratio
from regulars.panel.roles import ROLE_NAMES
from regulars.panel.viewer import Viewer

SUBJECTS = {
    "account": gettext_lazy("Account"),
    "brand": gettext_lazy("Brand"),
    "field": gettext_lazy("Field"),
    "host": gettext_lazy("Address"),
    "mail": gettext_lazy("Mail settings"),
    "texts": gettext_lazy("Text settings"),
    "webhook": gettext_lazy("Webhook"),
    "user": gettext_lazy("User"),
    "second_factor": gettext_lazy("Second factor"),
    "campaign": gettext_lazy("Campaign"),
    "reward": gettext_lazy("Reward"),
    "promotion": gettext_lazy("Promotion"),
    "item": gettext_lazy("Item"),
    "depreciation": gettext_lazy("Expiry rule"),
    "fee": gettext_lazy("Recurring fee"),
    "customer": gettext_lazy("Customer"),
}
ACTIONS = {
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "ended": gettext_lazy("ended"),
    "deleted": gettext_lazy("deleted"),
    "erased": gettext_lazy("erased"),
}
FACES = {
    "panel": gettext_lazy("Control Panel"),
    "api": gettext_lazy("API"),
    "cli": gettext_lazy("Command line"),
    "jobs": gettext_lazy("Background jobs"),
}
EVENTS = {
    "signed_in": gettext_lazy("Signed in"),
    "sign_in_failed": gettext_lazy("Signed in in vain"),
    "locked_out": gettext_lazy("Locked out"),
    "unlocked": gettext_lazy("Unlocked"),
    "second_factor_on": gettext_lazy("Second factor on"),
    "second_factor_off": gettext_lazy("Second factor off"),
    "second_factor_reset": gettext_lazy("Second factor reset"),
    "recovery_codes_replaced": gettext_lazy("New recovery codes"),
    "sign_in_rules": gettext_lazy("Rules of signing in"),
    "password_reset_by_link": gettext_lazy("New password by a link"),
    "set_up": gettext_lazy("Installation set up"),
}
"""What happens to people's access (users/security_log.py)."""
HOWS = {
    "password": gettext_lazy("with the password"),
    "app": gettext_lazy("with a code of the app"),
    "paper": gettext_lazy("with a recovery code"),
    "code": gettext_lazy("with a code"),
    "passwords": gettext_lazy("too many passwords"),
    "codes": gettext_lazy("too many codes"),
    "mails asked for": gettext_lazy("too many mails asked for"),
    "another's address": gettext_lazy("at somebody else's address"),
}
COLUMNS = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "kind": gettext_lazy("Kind"),
    "state": gettext_lazy("Status"),
    "points_ratio_ppm": gettext_lazy("Points ratio"),
    "reward_ratio_ppm": gettext_lazy("Spend-to-Reward Ratio"),
    "amount_per_event_minor": gettext_lazy("Money for each event"),
    "rounding": gettext_lazy("Rounding"),
    "carries_remainder": gettext_lazy("What is cut off is kept"),
    "default_item_level": gettext_lazy("How many to buy for a free one"),
    "level": gettext_lazy("Level"),
    "identifier": gettext_lazy("Your own number of it"),
    "custom_id": gettext_lazy("Your own number of it"),
    "operation": gettext_lazy("What it does"),
    "multiplier_ppm": gettext_lazy("Factor"),
    "points": gettext_lazy("Points"),
    "starts_at": gettext_lazy("Begins"),
    "ends_at": gettext_lazy("Ends"),
    "basis": gettext_lazy("How time counts"),
    "percentage_ppm": gettext_lazy("Share"),
    "valid_from": gettext_lazy("Valid from"),
    "valid_to": gettext_lazy("Valid to"),
    "code": gettext_lazy("ID"),
    "role": gettext_lazy("Role"),
    "email": gettext_lazy("E-mail"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "phone": gettext_lazy("Phone"),
    "card_number": gettext_lazy("Card"),
    "password_hash": gettext_lazy("Password"),
    "pin_hash": gettext_lazy("PIN"),
    "pin_digest": gettext_lazy("PIN"),
    "token_hash": gettext_lazy("Security Token"),
    "campaigns_access": gettext_lazy("Allowed campaigns"),
    "allowed_campaign_ids": gettext_lazy("Allowed campaigns, by name"),
    "fields": gettext_lazy("Custom fields"),
    "language": gettext_lazy("Language"),
    "timezone": gettext_lazy("Time zone"),
    "currency": gettext_lazy("Currency"),
    "deleted_at": gettext_lazy("Deleted"),
    "url": gettext_lazy("Address"),
    "kinds": gettext_lazy("Events"),
    "campaign_ids": gettext_lazy("Of these campaigns"),
    "is_on": pgettext_lazy("webhook", "On"),
    "off_at": gettext_lazy("Off since"),
    "secret_encrypted": gettext_lazy("Secret"),
    "previous_secret_encrypted": gettext_lazy("Secret before"),
    "previous_until": gettext_lazy("Secret before, valid until"),
}
"""What people call a column; others are shown by their own names."""
EMPTY = "–"


def differences(
    viewer: Viewer, before: dict[str, Any], after: dict[str, Any], action: str = "changed"
) -> list[tuple[str, str, str]]:
    """Return (what, before, after) of what differs, in a settled order; of a thing that is new or gone, not what is off."""
    differing = {*before, *after}
    if action in ("added", "deleted"):
        differing = {name for name in differing if before.get(name) or after.get(name)}
    names = sorted(differing, key=lambda name: (list(COLUMNS).index(name) if name in COLUMNS else len(COLUMNS), name))
    return [(_named(name), _value(viewer, name, before.get(name)), _value(viewer, name, after.get(name))) for name in names]


def _named(name: str) -> str:
    return str(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ")


def _value(viewer: Viewer, name: str, value: Any) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "role" and value in ROLE_NAMES:
        return str(ROLE_NAMES[value])
    if name in ("allowed_campaign_ids", "campaign_ids"):
        known = viewer.account.campaigns_by_id
        return ", ".join(known[number].name if number in known else str(number) for number in value)
    if isinstance(value, int):
        return _number(viewer, name, value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_value(viewer, '', each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(viewer, "", each) for each in value)
    if name.endswith(("_at", "valid_from", "valid_to")) or name == "previous_until":
        return viewer.shown.moment(datetime.fromisoformat(str(value)))
    return str(value)


def _number(viewer: Viewer, name: str, value: int) -> str:
    if name in ("percentage_ppm", "contribution_ppm"):
        return viewer.shown.percent(value)
    if name.endswith("_ppm"):
        return ratio(value)
    if name.endswith("_minor"):
        return viewer.shown.money(value)
    return str(value) if name.endswith("_id") else viewer.shown.number(value)
