# SPDX-License-Identifier: Apache-2.0
"""The Control Panel as it is served: its own process, its own settings, TLS. One per test process."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import lxml.html
import pytest

from regulars.cli.certificate import own_certificate
from tests.panel.browser import CHROMIUM, SIZES

if TYPE_CHECKING:  # models can not be imported before pytest_configure
    from tests.factories import MadeAccount, MadeUser


HOMES = ("/admin.php", "/admin.php/agency/accounts", "/admin.php/platform/accounts")
"""Where who has signed in is led: a business, an agency, the platform owner."""


@dataclass(frozen=True)
class Served:
    """Where the panel answers."""

    url: str
    trust: ssl.SSLContext


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the panel under the server that the supervisor uses."""
    with serving(tmp_path_factory) as served:
        yield served


@contextmanager
def serving(tmp_path_factory: pytest.TempPathFactory, **environment: str) -> Iterator[Served]:
    """Serve the panel for the length of a block; ``environment`` beside that of the tests."""
    certificate = own_certificate(tmp_path_factory.mktemp("panel"), ("127.0.0.1", "localhost"), datetime.now(UTC))
    log = tmp_path_factory.mktemp("panel-log") / "panel.log"
    with log.open("wb") as output, socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "regulars.cli.serving", "--target", "regulars.panel.wsgi:application"),
                *("--interface", "wsgi", "--sockets", str(listening.fileno())),
                *("--certificate", str(certificate.certificate_file), "--key", str(certificate.key_file)),
            ],
            env={**os.environ, "REGULARS_MAIL_DIR": str(tmp_path_factory.mktemp("panel-mail")), **environment},
            stdout=output,
            stderr=output,
            pass_fds=[listening.fileno()],
        )
    trust = ssl.create_default_context(cafile=certificate.ca_file)
    served = Served(f"https://127.0.0.1:{port}", trust)
    try:
        _wait(served, process, log)
        yield served
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert "Traceback" not in log.read_text(), f"the panel's log has a traceback:\n{log.read_text()}"


def _wait(served: Served, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            httpx2.get(f"{served.url}/static/panel/panel.css", verify=served.trust, timeout=5)
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the panel did not start:\n{log.read_text()}")


@dataclass
class Page:
    """One answer: its status, and its HTML parsed by a real parser."""

    status: int
    path: str
    headers: httpx2.Headers
    html: lxml.html.HtmlElement

    @property
    def text(self) -> str:
        """What is read, in one line."""
        return re.sub(r"\s+", " ", self.html.text_content()).strip()

    def xpath(self, query: str) -> list[Any]:
        return list(self.html.xpath(query))


class Visitor:
    """A browser without scripts: follows redirects, keeps cookies, fills forms in with what they offer."""

    def __init__(self, served: Served) -> None:
        self.http = httpx2.Client(base_url=served.url, verify=served.trust, follow_redirects=True, timeout=30)
        self.origin = served.url
        self.page: Page | None = None

    def get(self, path: str) -> Page:
        return self._keep(self.http.get(path))

    def post(self, path: str, fields: dict[str, Any], referer: str | None = None) -> Page:
        headers = {"Referer": self.origin + (referer or path)}
        return self._keep(self.http.post(path, data=fields, headers=headers))

    def submit(self, action: str, **fields: Any) -> Page:
        """Send the form of the current page whose action ends so, changed by ``fields``."""
        assert self.page is not None
        form = next(form for form in self.page.html.forms if (form.get("action") or self.page.path).endswith(action))
        content: dict[str, Any] = {}
        for name, value in form.form_values():
            content[name] = [*content[name], value] if name in content else [value]
        content.update(fields)
        return self.post(form.get("action") or self.page.path, content, referer=self.page.path)

    def submit_with(self, field: str, **fields: Any) -> Page:
        """Send the form of the current page that has such a field, changed by ``fields``."""
        assert self.page is not None
        form = next(form for form in self.page.html.forms if field in form.fields)
        return self.post(form.get("action") or self.page.path, dict(form.form_values()) | fields, referer=self.page.path)

    def sign_in(self, user: MadeUser | MadeAccount, password: str | None = None) -> Page:
        self.get("/admin.php/sign-in")
        return self.submit("sign-in", user_id=user.code, password=password or user.password)

    def _keep(self, response: httpx2.Response) -> Page:
        self.page = Page(
            response.status_code, response.url.path, response.headers, lxml.html.document_fromstring(response.text)
        )
        return self.page


@pytest.fixture
def visit(panel: Served) -> Iterator[Callable[..., Visitor]]:
    """``visit()`` is a new visitor; ``visit(user)`` one that has signed in."""
    opened: list[Visitor] = []

    def make(user: MadeUser | MadeAccount | None = None) -> Visitor:
        visitor = Visitor(panel)
        opened.append(visitor)
        if user is not None:
            page = visitor.sign_in(user)
            assert page.path in HOMES, page.text
        return visitor

    yield make
    for visitor in opened:
        visitor.http.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium. For a module only: its driver keeps an event loop in this thread, beside which the ORM will not work."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root there is no user namespace to put the sandbox in; the pages are our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any, panel: Served) -> Iterator[Callable[..., Any]]:
    """``open_page("desk", "dark")`` is a new page; what the browser's console says against it fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def make(size: str = "desk", scheme: str = "light", host: str = "") -> Any:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            ignore_https_errors=True,
            base_url=panel.url,
            has_touch=size == "telephone",
            extra_http_headers={"X-Forwarded-Host": host} if host else {},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints


def is_complaint(message: Any) -> bool:
    """Whether the browser has something against a page; that an answer was 401 or 404 is no such thing."""
    return message.type == "error" and "the server responded with a status of 4" not in message.text
