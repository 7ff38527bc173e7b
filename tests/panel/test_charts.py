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


@needs_chromium
@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_report_is_filtered_and_exported_with_a_bar(open_page, size: str, scheme: str):
    alice = in_a_thread(make_shop)
    page = open_page(size, scheme)
    sign_in(page, alice)
    page.goto("/admin.php/reports")
    keep(page, f"reports-{size}-{scheme}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name="All transactions").click()
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="CSV").wait_for(state="visible")
    keep(page, f"report-{size}-{scheme}")
    assert has_no_sideways_scrolling(page)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSV").click()
    assert downloading.value.suggested_filename.endswith(".csv")
    page.get_by_text("The file is complete.").wait_for(state="visible")
    assert page.locator("progress").evaluate("bar => bar.value") == 1
