# SPDX-License-Identifier: Apache-2.0
"""
What tests in a real browser do again and again. The fixtures ``browser`` and ``open_page`` are in conftest.py.

With REGULARS_SCREENSHOTS=DIR each screen is kept there as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
"""Debian's. The first draws the same pages for a third less work: it has no windows."""
CHROMIUM = next((path for path in CHROMIUMS if path.exists()), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium-headless-shell or chromium in /usr/bin")
SIZES = {"desk": (1440, 900), "telephone": (390, 844)}
LOOKS = [("desk", "light"), ("telephone", "light"), ("desk", "dark"), ("telephone", "dark")]
"""Size and colours, for ``@pytest.mark.parametrize(("size", "scheme"), LOOKS)``."""

T = TypeVar("T")


def in_a_thread(work: Callable[[], T]) -> T:
    """Make test data beside the event loop that the browser's driver keeps running in this thread."""
    from django.db import connection  # not above: the process that only hands tests out has no settings

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def keep(page: Any, name: str) -> None:
    directory = os.environ.get("REGULARS_SCREENSHOTS", "")
    if directory:
        page.screenshot(path=str(Path(directory) / f"{name}.png"), full_page=True)


def sign_in(page: Any, user: Any) -> None:
    page.goto("/admin.php")
    page.get_by_label("User ID").fill(user.code)
    page.get_by_label("Password").fill(user.password)
    page.get_by_role("button", name="Sign in").click()


def has_no_sideways_scrolling(page: Any) -> bool:
    page.wait_for_load_state()
    return bool(page.locator("html").evaluate("root => root.scrollWidth <= root.clientWidth"))


def open_user_menu(page: Any) -> None:
    page.locator("details.who > summary").click()


def sign_out(page: Any) -> None:
    open_user_menu(page)
    page.get_by_role("button", name="Sign out").click()


def go_to(page: Any, entry: str) -> None:
    """Follow an entry of the menu, which is folded away on a telephone, once there is one: signing in may be under way."""
    page.locator("details.who").wait_for()
    toggle = page.locator("details.menu-toggle > summary")
    if toggle.is_visible():
        toggle.click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name=entry, exact=True).click()
