# SPDX-License-Identifier: Apache-2.0
"""What kinds and states of campaigns are called on the screen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = {
    "points": _("Points Program"),
    "giftcard": _("Gift Card Program"),
    "events": _("Event-Based Program"),
    "earned": _("Earn Money per Event"),
    "buyx": _("Buy X Get 1 Free"),
}
STATES = {"active": _("Active"), "on_hold": _("On hold")}
