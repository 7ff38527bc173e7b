# SPDX-License-Identifier: Apache-2.0
"""A till that never gives up: it sends each call under a key until it is answered, and keeps its own books of the answers."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

CALL_SECONDS_MAX = 90.0
ANSWER_SECONDS_MAX = 20.0
TRY_AGAIN = frozenset(
    {
        "unavailable",
        "database_unavailable",
        "lock_timeout",
        "overloaded",
        "outcome_unknown",
        "stale_configuration",
        "rate_limited",
    }
)
"""Codes that say: the same call once more, under the same key."""
KINDS = ("points", "giftcard", "events", "earned", "buyx")
UNIT = {"points": "points", "events": "events", "buyx": "units", "giftcard": "amount", "earned": "amount"}


class BadAnswer(AssertionError):
    """The service said something that it may never say."""


class Line:
    """One kept-open HTTP connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Send one call; raises OSError, EOFError or TimeoutError where no whole answer came."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                return await self._ask(urlencode(fields).encode())
        except BaseException:
            self.close()
            raise

    async def _ask(self, body: bytes) -> tuple[int, dict[str, Any]]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            b"POST /api.php HTTP/1.1\r\nhost: localhost\r\nx-forwarded-proto: https\r\n"
            b"content-type: application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("\r\ncontent-length:", 1)[1].split("\r\n", 1)[0])
        answer = await reader.readexactly(length)
        if "\r\nconnection: close" in head:
            self.close()
        return int(head.split(" ", 2)[1]), json.loads(answer)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass(frozen=True)
class Effect:
    """One acknowledged change. Units: ``amount`` signed, in minor units of the campaign."""

    key: str
    transaction_id: int
    code: str
    kind: str
    amount: int
    reverses: int | None = None


@dataclass
class Shared:
    """What all tills know: where, who, and which customers everybody serves."""

    port: int
    credentials: dict[str, str]
    campaigns: dict[str, str]
    item: str
    codes: list[str]
    run: str
    answered_count: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    effects: list[Effect] = field(default_factory=list)
    refused_keys: list[str] = field(default_factory=list)
    enrolled: list[str] = field(default_factory=list)


class Till:
    """One of the clients. Its ``own`` customer is served by nobody else: his balances are checked with every answer."""

    def __init__(self, shared: Shared, number: int) -> None:
        self._shared = shared
        self._line = Line(shared.port)
        self._rng = random.Random(f"{shared.run} {number}")
        self._name = f"{shared.run}t{number}"
        self._sequence = 0
        self._reversible: list[Effect] = []
        self.own = f"{self._name}own"
        self._own_balances: Counter[str] = Counter()

    async def open(self) -> None:
        """Enrol the own customer."""
        await self._enrol(self.own)

    def close(self) -> None:
        self._line.close()

    async def work(self, call_count: int) -> None:
        """Make so many calls of all sorts, each until it is answered."""
        sorts = [self._record, self._redeem, self._reverse, self._look, self._enrol_somebody]
        for _ in range(call_count):
            (sort,) = self._rng.choices(sorts, weights=[58, 16, 6, 15, 5])
            await sort()
            self._shared.answered_count += 1

    # -- the calls -------------------------------------------------------------------------------------------------
    def _someone(self) -> str:
        chance = self._rng.random()
        if chance < 0.4:
            return self.own
        return self._shared.codes[0] if chance < 0.55 else self._rng.choice(self._shared.codes)

    async def _record(self) -> None:
        kind, code = self._rng.choice(KINDS), self._someone()
        fields = {}
        cents = self._rng.randrange(1, 5000)
        if kind in ("points", "giftcard"):
            fields["amount"] = f"{cents // 100}.{cents % 100:02}"
        elif kind == "buyx":
            fields = {"service_product": self._shared.item, "buyx_quantity": str(cents % 9 + 1)}
        await self._post("record_activity", kind, code, cents if kind == "giftcard" else None, fields)

    async def _redeem(self) -> None:
        kind, code = self._rng.choice(("points", "points", "giftcard", "earned", "buyx")), self._someone()
        cents = self._rng.randrange(1, 3000)
        if kind == "points":
            fields = {"custom_points_redeem": str(cents)}
        elif kind == "buyx":
            fields = {"reward_to_redeem": self._shared.item}
        else:
            fields = {"reward_to_redeem": f"{cents // 100}.{cents % 100:02}"}
        await self._post("redeem", kind, code, -cents if kind != "buyx" else None, fields)

    async def _post(self, call: str, kind: str, code: str, expected: int | None, fields: dict[str, str]) -> None:
        key = self._next_key()
        answer = await self._until_answered(
            key, {"type": call, "campaign_id": self._shared.campaigns[kind], "code": code, **fields}
        )
        if answer["status"] != "success":
            self._refused(key, answer, {"insufficient_balance"} if call == "redeem" else set())
            return
        transaction = answer["receipt"]["transaction"]
        change = transaction.get("recorded") or transaction.get("add") or transaction.get("deduct")
        effect = Effect(key, int(transaction["id"]), code, kind, _minor(kind, change))
        if expected is not None and effect.amount != expected:
            raise BadAnswer(f"{call} of {expected} in {kind} was answered with {effect.amount}")
        self._took_effect(effect, _minor(kind, transaction["balance"]))
        self._reversible.append(effect)

    async def _reverse(self) -> None:
        if not self._reversible:
            return
        entry = self._reversible.pop(self._rng.randrange(len(self._reversible)))
        fields = {}
        part = abs(entry.amount)
        if entry.kind == "giftcard" and part > 1 and self._rng.random() < 0.5:
            part = self._rng.randrange(1, part)
            fields["amount"] = f"{part // 100}.{part % 100:02}"
        key = self._next_key()
        answer = await self._until_answered(
            key, {"type": "transaction_reverse", "transaction_id": str(entry.transaction_id), **fields}
        )
        if answer["status"] != "success":
            self._refused(key, answer, set())
            return
        transaction = answer["transaction"]
        amount = -part if entry.amount > 0 else part
        if _minor(entry.kind, transaction["reversed"]) != amount:
            raise BadAnswer(f"{part} of {entry} was to be taken back, and was answered with {transaction}")
        effect = Effect(key, int(transaction["id"]), entry.code, entry.kind, amount, entry.transaction_id)
        self._took_effect(effect, _minor(entry.kind, transaction["balance"]))

    async def _look(self) -> None:
        kind = self._rng.choice(KINDS)
        call = self._rng.choice(("customer_info", "customer_balance"))
        answer = await self._until_answered(
            None, {"type": call, "campaign_id": self._shared.campaigns[kind], "code": self._someone()}
        )
        if answer["status"] != "success":
            self._refused(None, answer, set())

    async def _enrol_somebody(self) -> None:
        await self._enrol(f"{self._name}n{self._sequence}")

    async def _enrol(self, code: str) -> None:
        key = self._next_key()
        answer = await self._until_answered(
            key,
            {
                "type": "record_customer", "customer_action": "new", "code": code, "first_name": key,
                "campaign_id": self._shared.campaigns["points"],
            },
        )  # fmt: skip
        if answer["status"] != "success":
            self._refused(key, answer, set())
            return
        if answer["customer"]["code"] != code:
            raise BadAnswer(f"{code} was enrolled as {answer['customer']['code']}")
        self._shared.enrolled.append(code)

    # -- their outcome ---------------------------------------------------------------------------------------------
    def _took_effect(self, effect: Effect, balance: int) -> None:
        self._shared.effects.append(effect)
        if effect.code != self.own:
            return
        self._own_balances[effect.kind] += effect.amount
        if balance != self._own_balances[effect.kind]:
            raise BadAnswer(f"after {effect} the balance must be {self._own_balances[effect.kind]}, the answer says {balance}")

    def _refused(self, key: str | None, answer: dict[str, Any], expected: set[str]) -> None:
        code = answer["error_code"]
        if code not in expected:
            raise BadAnswer(f"unexpected refusal under {key}: {answer}")
        self._shared.refusals[code] += 1
        if key is not None:
            self._shared.refused_keys.append(key)

    def _next_key(self) -> str:
        self._sequence += 1
        return f"{self._name}-{self._sequence}"

    async def _until_answered(self, key: str | None, fields: dict[str, str]) -> dict[str, Any]:
        request = {**self._shared.credentials, "output": "JSON", "condensed": "yes", **fields}
        if key is not None:
            request["idempotency_key"] = key
        deadline = time.monotonic() + CALL_SECONDS_MAX
        pause = 0.02
        while True:
            try:
                status, answer = await self._line.ask(request)
            except (OSError, EOFError) as error:  # TimeoutError is an OSError, IncompleteReadError an EOFError
                reason = type(error).__name__
            else:
                reason = answer.get("error_code", "")
                if status == 500:
                    raise BadAnswer(f"internal error: {fields}")
                if answer["status"] == "success" or reason not in TRY_AGAIN:
                    return answer
            self._shared.retries[reason] += 1
            if time.monotonic() > deadline:
                raise BadAnswer(f"not answered within {CALL_SECONDS_MAX} s ({reason}): {fields}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)


def _minor(kind: str, values: dict[str, str]) -> int:
    """Units: cents where the kind is money."""
    text = values[UNIT[kind]]
    return int(Decimal(text) * 100) if UNIT[kind] == "amount" else int(text)
