# SPDX-License-Identifier: Apache-2.0
"""The API client, as the tests of calls use it."""

from __future__ import annotations

from tests.api.conftest import api

__all__ = ["api"]
