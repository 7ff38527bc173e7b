# SPDX-License-Identifier: Apache-2.0
"""A till as the tests of transactions use it: one account, one signed client, and what the books say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regulars.accounts.directory import CampaignConfig
from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
TRANSACTION = "receipt/transaction"


@dataclass(frozen=True)
class Till:
    """An account's owner at the counter."""

    made: MadeAccount
    api: Api
    run_as_owner: RunAsOwner

    def call(self, call_type: str, **fields: Any) -> Parsed:
        """Send one call as the owner."""
        return self.api.call(call_type, **fields)

    def record(self, campaign: CampaignConfig, code: str = "c1", **fields: Any) -> Parsed:
        """Send record_activity."""
        return self.api.call("record_activity", campaign_id=campaign.number, code=code, **fields)

    def redeem(self, campaign: CampaignConfig, code: str = "c1", **fields: Any) -> Parsed:
        """Send redeem."""
        return self.api.call("redeem", campaign_id=campaign.number, code=code, **fields)

    def sold(self, campaign: CampaignConfig, code: str = "c1", **fields: Any) -> str:
        """Record a sale that must succeed; return its transaction id."""
        answer = self.record(campaign, code, **fields)
        assert answer.ok, answer
        return answer.at(f"{TRANSACTION}/id")

    def redeemed(self, campaign: CampaignConfig, code: str = "c1", **fields: Any) -> str:
        """Redeem, which must succeed; return its transaction id."""
        answer = self.redeem(campaign, code, **fields)
        assert answer.ok, answer
        return answer.at(f"{TRANSACTION}/id")

    def balance(self, campaign: CampaignConfig, code: str = "c1") -> str:
        """Return the balance that customer_info shows."""
        return self.api.call("customer_info", campaign_id=campaign.number, code=code).at("campaigns/campaign/balance")

    def books(self) -> tuple[list[tuple[Any, ...]], ...]:
        """Return everything the account has written: two equal results mean that nothing was written between them."""
        tables = ("ledger_entries", "ledger_balances", "ledger_lots", "ledger_reversals", "ledger_keys", "messages_outbox")
        return tuple(
            self.run_as_owner(f"SELECT t::text FROM {table} t WHERE account_id = %s ORDER BY 1", self.made.id)
            for table in tables
        )

    def entry_count(self) -> int:
        """Return how many lines the account's books have."""
        return int(self.run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s", self.made.id)[0][0])

    def set_up(self, statement: str, *values: object) -> None:
        """Change what no operation changes yet (coalitions, second tiers, guards); %s values, the account's id last."""
        self.run_as_owner(statement, *values, self.made.id)


def make_till(api: Api, run_as_owner: RunAsOwner, **options: Any) -> Till:
    """Open an account of its own and sign its owner in."""
    made = make_account(**options)
    return Till(made, api.as_(**made.credentials), run_as_owner)


def transaction_xml(answer: Parsed) -> str:
    """Return the transaction of a receipt as XML text, its id replaced by N."""
    assert answer.ok, answer
    text = answer.xml_body.decode()
    inner = text[text.index("<transaction>") + len("<transaction>") : text.index("</transaction>")]
    number = answer.xml.findtext(f"{TRANSACTION}/id")
    return inner if number is None else inner.replace(f"<id>{number}</id>", "<id>N</id>", 1)
