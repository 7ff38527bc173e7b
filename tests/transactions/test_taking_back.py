# SPDX-License-Identifier: Apache-2.0
"""How many points go back with a part of a purchase: pure."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from regulars.transactions.queries import Recorded
from regulars.transactions.reverse import points_to_take
from tests.transactions.configs import config

CAMPAIGN = config().campaigns_by_id[1]


def recorded(amount: int, purchase_minor: int) -> Recorded:
    return Recorded(1, 1, "c1", CAMPAIGN, "earn", amount, purchase_minor, "", 0, 0, None, False)


@given(
    st.integers(-(10**9), 10**9).filter(bool),
    st.integers(1, 10**7),
    st.lists(st.integers(1, 10**7), min_size=1, max_size=12),
)
def test_parts_of_a_purchase_add_up_exactly_and_never_beyond(amount: int, purchase_minor: int, parts: list[int]) -> None:
    now = recorded(amount, purchase_minor)
    for wish in parts:
        part = min(wish, now.purchase_left_minor)
        if not part:
            break
        take = points_to_take(now, part)
        assert 0 <= take <= now.left
        now = dataclasses.replace(
            now,
            reversed_amount=now.reversed_amount + take,
            reversed_purchase_minor=now.reversed_purchase_minor + part,
        )
        kept = abs(amount) * now.purchase_left_minor // purchase_minor
        assert now.left == kept, "the customer keeps floor(points x kept / purchase), whatever the steps"
    if not now.purchase_left_minor:
        assert now.left == 0


def test_the_documented_example() -> None:
    assert points_to_take(recorded(33, 10_000), 3_333) == 11
