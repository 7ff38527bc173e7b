# SPDX-License-Identifier: Apache-2.0
"""The roles by the names people know them by, in their language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import UserConfig

ROLE_NAMES = {
    "A": gettext_lazy("Administrator"),
    "M": gettext_lazy("Manager"),
    "N": gettext_lazy("Campaign Manager"),
    "L": gettext_lazy("Coalition Store Manager"),
    "S": gettext_lazy("Associate Manager"),
    "D": gettext_lazy("Campaign Designer"),
    "C": gettext_lazy("Accountant"),
    "O": gettext_lazy("Observer"),
    "K": gettext_lazy("Clerk"),
    "H": gettext_lazy("Associate Clerk"),
    "P": gettext_lazy("Temp"),
    "Q": gettext_lazy("Temp II"),
    "F": gettext_lazy("Fulfilment Contractor"),
    "G": gettext_lazy("Agency Client"),
    "I": gettext_lazy("Agency Client + Imports"),
}
"""In English as users/access.py has them."""


def role_name(user: UserConfig) -> str:
    """Return the name of a user's role, or that he is the owner."""
    return _("Owner") if user.is_owner else str(ROLE_NAMES[user.role])
