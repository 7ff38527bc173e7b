# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from typing import Generic

from regulars.client.calls.accounts import AccountsCalls
from regulars.client.calls.campaign_rules import CampaignRulesCalls
from regulars.client.calls.campaigns import CampaignsCalls
from regulars.client.calls.customers import CustomersCalls
from regulars.client.calls.extensions import ExtensionsCalls
from regulars.client.calls.fields import FieldsCalls
from regulars.client.calls.reports import ReportsCalls
from regulars.client.calls.tokens import TokensCalls
from regulars.client.calls.transactions import TransactionsCalls
from regulars.client.calls.users import UsersCalls
from regulars.client.session import R


class Calls(
    AccountsCalls[R], CampaignRulesCalls[R], CampaignsCalls[R], CustomersCalls[R], ExtensionsCalls[R], FieldsCalls[R],
    ReportsCalls[R], TokensCalls[R], TransactionsCalls[R], UsersCalls[R],
    Generic[R],
):
    """Every call; what each returns is an Answer, or is awaited for one."""
