# SPDX-License-Identifier: Apache-2.0
"""The API client, as the tests of calls use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import api

__all__ = ["api"]


@pytest.fixture(autouse=True)
def _nobody_has_asked(run_as_owner: Callable[..., list[tuple[object, ...]]]) -> None:
    """What other tests have asked the jobs for (panel, "Verify now") is not theirs to do here, over thousands of accounts."""
    run_as_owner("DELETE FROM procrastinate_jobs WHERE task_name IN ('verify_now', 'back_up_now')")
