# SPDX-License-Identifier: Apache-2.0
"""Leaving a campaign: an enrolment by mistake is taken back. Who has a history in a campaign stays in it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.errors import NotFound, Refused
from regulars.ledger.operations import refusals


def leave_campaign(*, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, campaign: CampaignConfig) -> None:
    """
    Take a customer out of a campaign in which nothing was recorded but that he joined. The next sale lets him join again.

    Writes:  1 membership less, the activation marked as taken back; no entry, no balance. Locks the customer's row.
    Queries: 1.
    Raises:  NotFound where he is not in it; Refused where there is more than that he joined; LockTimeout.
    """
    with refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_leave(%s, %s, %s)", [account.id, customer_id, campaign.id])
        row = cursor.fetchone()
    assert row is not None
    if row[0] == "not_in":
        raise NotFound("The customer is not in this campaign.", fields=("campaign",))
    if row[0] == "used":
        raise Refused("The customer has a history in this campaign and stays in it.", fields=("campaign",))
