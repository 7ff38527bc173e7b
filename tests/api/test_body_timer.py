# SPDX-License-Identifier: Apache-2.0
"""One timer for all bodies: who is slow is told so, nobody else is disturbed."""

from __future__ import annotations

import asyncio

import pytest

from regulars.api.body_timer import BodyTimer


def test_a_slow_body_is_given_up_and_the_task_goes_on():
    async def main() -> list[str]:
        timer = BodyTimer(0.08)

        async def read(seconds: float) -> str:
            try:
                await timer.bounded(asyncio.sleep(seconds))
            except TimeoutError:
                await asyncio.sleep(0.02)  # it may still answer
                return "late"
            return "in time"

        return await asyncio.gather(read(5), read(0.001), read(0), read(5))

    assert asyncio.run(asyncio.wait_for(main(), 4)) == ["late", "in time", "in time", "late"]


def test_a_task_that_somebody_else_cancels_is_cancelled():
    async def main() -> None:
        reading = asyncio.create_task(BodyTimer(5).bounded(asyncio.sleep(5)))
        await asyncio.sleep(0)
        reading.cancel()
        await reading

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_an_idle_worker_has_no_timer():
    async def main() -> int:
        timer = BodyTimer(0.08)
        for _ in range(3):
            await timer.bounded(asyncio.sleep(0))
        await asyncio.sleep(0.1)
        return len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]

    assert asyncio.run(main()) == 0
