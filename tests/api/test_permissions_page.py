# SPDX-License-Identifier: Apache-2.0
"""The reference page of permissions is what the code says."""

from __future__ import annotations

from regulars.api.permissions_page import PAGE, READINGS, permissions_page
from regulars.users.access import ROLES


def test_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == permissions_page(), "run: python -m regulars.api.permissions_page"


def test_every_role_is_put_in_words():
    assert set(READINGS) == set(ROLES)
