# SPDX-License-Identifier: Apache-2.0
"""The same API client as the tests of the calls."""

from tests.api.conftest import api

__all__ = ["api"]
