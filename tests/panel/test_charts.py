# SPDX-License-Identifier: Apache-2.0
"""The dashboard's charts in a real browser: drawn from the tables, at every size and in both colours."""

from __future__ import annotations

import pytest

from tests.panel.browser import LOOKS, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in
from tests.panel.shop import make_shop


@needs_chromium
@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_charts_are_drawn_from_the_tables(open_page, size: str, scheme: str):
    alice = in_a_thread(make_shop)
    page = open_page(size, scheme)
    sign_in(page, alice)
    page.goto("/admin.php?period=90")
    page.locator("canvas").first.wait_for(state="visible")
    assert page.locator("canvas").count() == 3
    assert not page.locator("#chart-sales").is_visible()
    assert has_no_sideways_scrolling(page)
    keep(page, f"dashboard-{size}-{scheme}")
    page.get_by_text("As a table").first.click()
    page.locator("#chart-sales").wait_for(state="visible")
