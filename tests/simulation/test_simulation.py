# SPDX-License-Identifier: Apache-2.0
"""A few seeds of the simulated world; ``make simulate`` lives thousands. The books are verified as after any test."""

from __future__ import annotations

import pytest

from tests.simulation.world import digest, live


@pytest.mark.parametrize("seed", range(1, 13))
def test_everything_is_done_once_whatever_is_lost(seed: int) -> None:
    world = live(seed)
    assert all(task.answer is not None for task in world.tasks)


def test_a_seed_is_the_same_life_each_time() -> None:
    assert digest(live(4711)) == digest(live(4711))
    assert digest(live(4711)) != digest(live(4712))


def test_what_is_done_twice_is_noticed() -> None:
    with pytest.raises(AssertionError, match=r"python -m tests\.simulation --seed 1\n"):
        live(1, has_keys=False)
