# SPDX-License-Identifier: Apache-2.0
"""What holds for every page: few statements, little weight, nothing that people with another way of seeing stumble over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.panel.browser import SIZES, in_a_thread, needs_chromium, sign_in
from tests.panel.conftest import Page, Served, Visitor
from tests.panel.pages import PAGES, Cast, address, make_cast, pages

STATEMENTS_MAX = 15
WEIGHT_BYTES_MAX = 300_000
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that the colour scheme can break; all others look at what does not change with it."""
OPEN = ("sign_in", "forgotten_password", "forgotten_user_id")
"""Pages that are looked at by nobody in particular."""


@pytest.fixture(scope="module")
def owners() -> tuple[Cast, dict[str, Any]]:
    """Make a cast, and for each kind of account an owner to look at its pages."""

    def make() -> tuple[Cast, dict[str, Any]]:
        from tests.factories import make_account, make_agency

        agency = make_agency()
        cast = make_cast(agency)
        return cast, {"business": cast.made, "agency": agency, "platform": make_account(kind="platform")}

    return in_a_thread(make)


@pytest.fixture(scope="module")
def get(panel: Served, owners: Any) -> Iterator[Callable[[str], Page]]:
    """``get(name)`` gives a page as its owner gets it."""
    cast, made = owners
    visitors: dict[str, Visitor] = {}

    def fetch(name: str) -> Page:
        office = PAGES[name].office
        if office not in visitors:
            visitors[office] = Visitor(panel)
            visitors[office].sign_in(made[office])
        return visitors[office].get(in_a_thread(lambda: address(name, cast)))

    yield fetch
    for visitor in visitors.values():
        visitor.http.close()


@pytest.fixture(scope="module")
def show(browser: Any, panel: Served, owners: Any) -> Iterator[Callable[[str], Any]]:
    """``show(name)`` opens a page in the browser as its owner."""
    cast, made = owners
    shown: dict[str, Any] = {}

    def open_it(name: str) -> Any:
        office = "" if name in OPEN else PAGES[name].office
        if office not in shown:
            context = browser.new_context(ignore_https_errors=True, base_url=panel.url)
            shown[office] = context.new_page()
            if office:
                sign_in(shown[office], made[office])
                shown[office].locator("details.who").wait_for()
        shown[office].goto(in_a_thread(lambda: address(name, cast)), wait_until="load")
        return shown[office]

    yield open_it
    for page in shown.values():
        page.context.close()


@pytest.mark.parametrize("name", [name for name in pages() if name not in OPEN])
def test_a_page_takes_few_statements(get, name: str):
    page = get(name)
    told = re.search(r'desc="(\d+) statements"', page.headers["server-timing"])
    assert page.status == 200
    assert told is not None
    assert int(told[1]) <= STATEMENTS_MAX


@needs_chromium
@pytest.mark.parametrize("name", pages())
def test_nobody_stumbles_over_a_page(show, name: str):
    page = show(name)
    page.evaluate(AXE.read_text())
    met = []
    for size, scheme, rules in (
        *(("desk", "light", RULES), ("telephone", "dark", RULES)),
        *(("desk", "dark", COLOURS), ("telephone", "light", COLOURS)),
    ):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
        met += [
            f"{size} {scheme}: {each['id']}: {node['html'][:200]}\n    {node['failureSummary'][:300]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]
        wide = page.locator("html").evaluate("root => root.scrollWidth - root.clientWidth")
        met += [f"{size} {scheme}: {wide} pixels too wide"] if wide > 0 else []
    assert not met, "\n".join(met)


@needs_chromium
@pytest.mark.parametrize("name", pages())
def test_a_first_visit_is_light(show, owners, name: str):
    page = show(name)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    weights: list[int] = []
    session.on("Network.loadingFinished", lambda event: weights.append(int(event["encodedDataLength"])))
    page.goto(in_a_thread(lambda: address(name, owners[0])), wait_until="networkidle")
    session.detach()
    assert len(weights) > 2
    assert sum(weights) <= WEIGHT_BYTES_MAX
