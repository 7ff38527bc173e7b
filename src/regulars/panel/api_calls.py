# SPDX-License-Identifier: Apache-2.0
"""The calls that the API page shows ready to be sent, with the viewer's own values. The tests send every one of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ReadyCall:
    """``needs``: the call's own permission, "" = none. ``takes``: of campaign and customer, what is filled in by the viewer."""

    type: str
    label: str | Promise
    needs: str = ""
    takes: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    """Kinds of campaign it is for; () = all."""

    def fields(self, *, account_code: str, user_code: str, token: str, campaign: str, customer: str) -> dict[str, str]:
        """Return the fields of the request, in the order of the reference."""
        sent = {"user_id": user_code, "user_api_key": token, "account_id": account_code, "type": self.type}
        if "campaign" in self.takes:
            sent["campaign_id"] = campaign
        if "customer" in self.takes:
            sent["code"] = customer
        return sent | dict(self.more)


READY_CALLS = (
    ReadyCall("user_info", _("Who am I, and what may I do?")),
    ReadyCall("campaigns_list", _("Which campaigns are there?"), "open_campaign"),
    ReadyCall("customer_balance", _("What does a customer have?"), "customer_visits_view", ("campaign", "customer")),
    ReadyCall(
        "record_activity", _("Record a sale (tried, nothing is written)"), "customer_visit_add", ("campaign", "customer"),
        (("amount", "9.95"), ("dry_run", "Y")), ("points", "giftcard"),
    ),
    ReadyCall(
        "record_customer", _("Add a customer (tried, nothing is written)"), "add_customer", ("campaign",),
        (("customer_action", "new"), ("card_number", "generate"), ("first_name", "Ann"), ("dry_run", "Y")),
    ),
)  # fmt: skip
