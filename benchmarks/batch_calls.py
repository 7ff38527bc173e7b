# SPDX-License-Identifier: Apache-2.0
"""The calls that benchmarks/batches.py measures, made through the API's own handler."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from benchmarks.batches import Reading, between, used
from regulars.api.entry import carry_out
from regulars.api.exchange import Request, plain_headers
from regulars.api.options import Options
from regulars.api.services import Services, open_services
from regulars.protocol.tree import Element
from regulars.transactions.batches.carrying import carry_on
from regulars.users.opening import create_account

PROFILES = ("code", "card_number", "first_name", "last_name", "custom_date", "phone")
VISITS = ("campaign_id", "code", "redeemed", "amount", "date", "authorization", "none")
Report = Callable[[str, int, Reading], None]


class Shop:
    """One account with a campaign, and the services of one worker."""

    def __init__(self, services: Services, report: Report) -> None:
        self.services, self.report = services, report
        self.fields: dict[str, str] = {}
        self.account_id = 0

    @classmethod
    async def open_and_run(cls, size: int, report: Report) -> None:
        """Measure all calls with ``size`` lines."""
        options = Options(
            database_url=os.environ["DATABASE_URL"], database_role=os.environ["REGULARS_DATABASE_ROLE"], has_access_log=False
        )
        services = await open_services(options)
        shop = cls(services, report)
        await shop.services.threads.run(shop.make)
        campaign = await shop.call(
            {"type": "campaign_new", "action": "campaign", "campaign_type": "points", "campaign_name": "P"}
        )
        number = campaign.children[0].children[0].text
        for form in ("old", "1.5"):
            flags = {"API": "1.5", "allow_undo": "yes", "allow-undo": "yes"} if form == "1.5" else {}
            await shop.run(f"customers_batch {form}: new", size, flags | shop.customers(size, form, number))
            again = shop.customers(size, form, number) | {"overwrite_duplicates": "update"}
            await shop.run(f"customers_batch {form}: the same, update", size, flags | again)
            await shop.run(f"batch_transactions {form}", size, flags | shop.visits(size, form, number), undoes=True)
        await services.close()

    def make(self) -> None:
        """Open an account."""
        made = create_account(
            code=f"bench{os.getpid()}", biz_name="Bench", state="active", currency="USD", timezone="America/New_York",
            password="latte_12", at=datetime.now(UTC),
        )  # fmt: skip
        self.account_id = made.account.id
        self.fields = {"user_id": made.owner.code, "user_api_key": made.token, "account_id": made.account.code}

    def customers(self, size: int, form: str, number: str) -> dict[str, str]:
        """Return a batch of new customers."""
        lines = (f"{form}{n}|5{form[-1]}{n}|First{n}|Last{n}|1970-07-14|212555{n:06d}" for n in range(size))
        headers = {f"profiles_header_{n}": name for n, name in enumerate(PROFILES, 1)}
        data = {"campaigns_to_include": number, "profiles_data": "\n".join(lines)}
        return {"type": "customers_batch", "delimiter": "pipe", **headers, **data}

    def visits(self, size: int, form: str, number: str) -> dict[str, str]:
        """Return a batch of sales, one in ten a redemption."""
        lines = (
            f"{number}|{form}{n - n % 10 if n % 10 == 1 else n}|{'Y' if n % 10 == 1 else 'N'}|5|03/15/2010|import {n}|"
            for n in range(size)
        )
        headers = {f"visits_header_{n}": name for n, name in enumerate(VISITS, 1)}
        return {"type": "batch_transactions", "delimiter": "pipe", **headers, "Visits_Data": "\n".join(lines)}

    async def run(self, what: str, size: int, fields: dict[str, str], *, undoes: bool = False) -> None:
        """Make a call, let what is too long for an answer be done, and report; then undo, where asked for."""
        before = used()
        answer = await self.call(fields)
        batch = answer.children[0]
        batch_id = batch.children[0].text
        if batch.attributes["status"] == "running":
            took = used()
            self.report(f"{what}: answered", size, between(before, took))
            await self.services.long_threads.run(lambda: self.go_on(int(batch_id)))
        refused = (await self.call({"type": "batch_info", "batch_id": batch_id})).children[0]
        assert refused.attributes["status"] == "completed", refused
        assert next(one.text for one in refused.children if one.name == "lines_refused") == "0", refused
        after = used()
        self.report(what, size, between(before, after))
        if undoes:
            await self.call({"type": "batch_undo", "batch_id": batch_id})
            await self.services.long_threads.run(lambda: self.go_on(int(batch_id)))
            undone = used()
            self.report(f"{what}: undone", size, between(after, undone))

    def go_on(self, batch_id: int) -> None:
        """Do what the jobs do."""
        carry_on(account_id=self.account_id, batch_id=batch_id, clock=lambda: datetime.now(UTC))

    async def call(self, fields: dict[str, str]) -> Element:
        """Make one call."""
        body = urlencode({**self.fields, **fields}).encode()
        headers = plain_headers({"content-type": "application/x-www-form-urlencoded"})
        answer = await carry_out(Request("POST", "/api.php", b"", headers, body, "192.0.2.7"), self.services)
        assert answer.root is not None, answer.error
        return answer.root
