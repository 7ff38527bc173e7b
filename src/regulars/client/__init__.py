# SPDX-License-Identifier: Apache-2.0
"""
The API for Python programs: typed calls, exact values, retries that never sell twice. Needs neither Django nor PostgreSQL.

    from regulars.client import Client

    with Client("https://loyalty.example", account_id="beanleaf", user_id="till7", user_api_key=TOKEN) as shop:
        sale = shop.record_activity(campaign_id=CAMPAIGN, code="1001", amount=Decimal("9.95"))
        print(sale.receipt.transaction.balance.points.as_int())

docs/guides/python-client.md tells the rest. ``calls/`` has a method for each call, ``errors`` a class for each code.
"""

from regulars.client import errors
from regulars.client.answer import Answer, Record, Sent, Text
from regulars.client.client import AsyncClient, Client
from regulars.client.errors import (
    AccessError,
    BadAnswer,
    Conflict,
    ConnectionFailed,
    NotFound,
    OperationalError,
    OutcomeUnknown,
    Refused,
    RequestError,
)
from regulars.client.failure import CallError
from regulars.client.session import Retry

__all__ = [
    "AccessError", "Answer", "AsyncClient", "BadAnswer", "CallError", "Client", "Conflict", "ConnectionFailed", "NotFound",
    "OperationalError", "OutcomeUnknown", "Record", "Refused", "RequestError", "Retry", "Sent", "Text", "errors",
]  # fmt: skip
