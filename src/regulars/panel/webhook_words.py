# SPDX-License-Identifier: Apache-2.0
"""Webhooks in words: events, states, and how an endpoint fares."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from regulars.panel.viewer import Viewer
from regulars.webhooks.queries import DeliveryRow, EndpointRow

KINDS = {
    "transaction.recorded": gettext_lazy("Something was earned"),
    "transaction.redeemed": gettext_lazy("Something was redeemed"),
    "transaction.reversed": gettext_lazy("A transaction was taken back"),
    "transaction.deleted": gettext_lazy("A transaction was deleted"),
    "customer.created": gettext_lazy("A customer was added"),
    "customer.updated": gettext_lazy("A customer's data were changed"),
    "customer.deleted": gettext_lazy("A customer was deleted, erased or merged"),
}
STATES = {
    "waiting": gettext_lazy("Waits"),
    "delivered": gettext_lazy("Delivered"),
    "failed": gettext_lazy("Given up"),
}
BADGES = {"waiting": "badge-note", "delivered": "badge-good", "failed": "badge-bad"}


def state_of(viewer: Viewer, row: EndpointRow) -> tuple[str, str, str]:
    """Return an endpoint's state in a word, the badge for it, and a sentence about it ("" = there is nothing to say)."""
    if not row.is_on:
        since = viewer.shown.moment(row.off_at) if row.off_at else ""
        said = {
            "failing": _("It was switched off by itself on %(since)s: nothing had arrived for three days."),
            "gone": _(
                "It was switched off by itself on %(since)s: the receiver answered that it wants nothing more (410 Gone)."
            ),
        }.get(row.off_reason, _("It was switched off on %(since)s."))
        return _("Off"), "badge-bad" if row.off_reason else "badge-note", said % {"since": since}
    if row.failing_since is not None:
        said = _("Nothing has arrived since %(since)s. It is tried again; after three days it is switched off.")
        return _("Fails"), "badge-bad", said % {"since": viewer.shown.moment(row.failing_since)}
    if row.last_success_at is not None:
        return (
            pgettext("webhook", "On"),
            "badge-good",
            _("The last one arrived on %(at)s.") % {"at": viewer.shown.moment(row.last_success_at)},
        )
    return pgettext("webhook", "On"), "badge-note", _("Nothing was sent yet. Send a test.")


def answer_of(row: DeliveryRow) -> str:
    """Return what the receiver answered, in a few words."""
    if row.last_attempt_at is None:
        return ""
    return _("no answer") if row.last_status is None else f"HTTP {row.last_status}"
