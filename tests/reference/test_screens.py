# SPDX-License-Identifier: Apache-2.0
"""
The reference in a real browser, on a desk and on a telephone, by day and by night, with JavaScript switched off.

With REGULARS_SCREENSHOTS=DIR each screen is kept there as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.api.reference.serving import PATH
from regulars.cli.certificate import own_certificate
from tests.clients.server import Server, granian
from tests.panel.browser import CHROMIUM, SIZES, needs_chromium

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over TLS with the demo accounts."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(make_demo_accounts).result()
    files = own_certificate(tmp_path_factory.mktemp("data"), (), datetime.now(UTC))
    with granian(files.certificate_file, files.key_file) as running:
        yield running


def make_demo_accounts() -> None:
    from django.db import connection

    from regulars.cli.demo import make_demo

    try:
        make_demo(say=lambda _: None)
    finally:
        connection.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root there is no user namespace to put the sandbox in; the pages are our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_pages_are_read_and_calls_tried_without_a_script(server: Server, browser: Any, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, ignore_https_errors=True, java_script_enabled=False
    )
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    for name in ("", "/permissions.html", "/errors.html", "/amounts-and-expiry.html", "/record_activity.html"):
        page.goto(f"{server.url}{PATH}{name}")
        page.get_by_role("heading", level=1).wait_for(state="visible")
        box = page.locator("main").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width, f"{name} is wider than the screen"
        keep(page, f"reference{name.replace('/', '-').removesuffix('.html')}-{size}-{scheme}")
    page.locator("#e0-4 + label").click()
    page.locator("pre[aria-label=JSON]").first.wait_for(state="visible")
    page.get_by_role("button", name="Send").click()
    page.frame_locator("iframe").get_by_text("Bean & Leaf").first.wait_for(state="visible")
    keep(page, f"reference-tried-{size}-{scheme}")
    context.close()
    assert not complaints


def keep(page: Any, name: str) -> None:
    directory = os.environ.get("REGULARS_SCREENSHOTS", "")
    if directory:
        page.screenshot(path=str(Path(directory) / f"{name}.png"), full_page=True)
