# SPDX-License-Identifier: Apache-2.0
"""The reference as it is served: whole, linked, without script, and with a form only where the demo accounts are."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from regulars.api.gate import respond
from regulars.api.reference.catalogue import entries, errors
from regulars.api.reference.serving import DEMO_ACCOUNT
from regulars.api.reference.site import file, makers
from regulars.cli.demo_cast import BUSINESSES

if TYPE_CHECKING:
    from tests.client import Api

WITH_THINGS_OF_THEIR_OWN = {"user_login", *(one.key for one in entries() if one.type.endswith("_fields"))}
"""Calls whose example names what the demo account does not have: another password, other fields."""
PAGES = [name for name in makers() if name.endswith(".html")]


async def no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b""}


def asked(path: str, method: str = "GET") -> Any:
    """Return a request as a server hands it over."""
    from regulars.api.asgi import AsgiIncoming

    scope = {"method": method, "path": path, "query_string": b"", "scheme": "https", "client": ("192.0.2.7", 4711)}
    return AsgiIncoming(scope | {"headers": [(b"host", b"shop.example:8443")]}, no_body)


def get(api: Api, path: str, method: str = "GET") -> Any:
    return api.run(respond(asked(path, method), api.services, None))


def text_of(name: str) -> str:
    text = file(name)
    assert text is not None
    return text


def ids_of(page: html.HtmlElement) -> set[str]:
    return set(page.xpath("//@id"))


@pytest.mark.parametrize("path", ["/docs/api", "/docs/api/", "/docs/api/index.html", "/docs/api/record_activity"])
def test_pages_are_served(api: Api, path: str) -> None:
    response = get(api, path)
    assert (response.status, dict(response.headers)["content-type"]) == (200, "text/html; charset=utf-8")
    assert html.fromstring(response.body).xpath("//h1")
    assert get(api, path, "HEAD").body == b""
    assert get(api, path, "POST").status == 405


@pytest.mark.parametrize("path", ["/docs/api/nothing", "/docs/api/../secret", "/docs/api/__main__.py", "/docs/api/guides"])
def test_there_is_nothing_else(api: Api, path: str) -> None:
    assert get(api, path).status == 404


def test_other_paths_that_begin_alike_are_the_panels(api: Api) -> None:
    assert get(api, "/docs/apis").body == b"Not found\n"


def test_the_addresses_shown_are_the_servers_own(api: Api) -> None:
    assert b"curl -sS https://shop.example:8443/api.php" in get(api, "/docs/api/record_activity.html").body
    assert json.loads(get(api, "/docs/api/openapi.json").body)["servers"] == [{"url": "https://shop.example:8443"}]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_script_and_nothing_from_outside(name: str) -> None:
    page = html.document_fromstring(text_of(name))
    assert not page.xpath("//script | //@style | //*[starts-with(local-name(@*), 'on')] | //style")
    loaded = [*page.xpath("//link/@href"), *page.xpath("//img/@src"), *page.xpath("//iframe/@src")]
    assert loaded == ["reference.css"]
    assert "@import" not in text_of("reference.css")
    assert "url(" not in text_of("reference.css")


def test_every_link_leads_somewhere() -> None:
    parsed = {name: html.document_fromstring(text_of(name)) for name in PAGES}
    broken = []
    for name, page in parsed.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), f"{name}: an id twice"
        for link in page.xpath("//a/@href"):
            target, _, anchor = link.partition("#")
            if target not in makers() or (anchor and anchor not in ids_of(parsed[target])):
                broken.append(f"{name}: {link}")
    assert not broken


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.key)
def test_a_calls_page_says_everything_of_it(entry: Any) -> None:
    shown = html.document_fromstring(text_of(f"{entry.key}.html")).text_content()
    names = [parameter.kind.member("#") if parameter.kind.prefix else parameter.name for parameter in entry.parameters]
    aliases = [alias for parameter in entry.parameters for alias in parameter.names[1:]]
    codes = [*entry.call.errors, *(entry.call.permission or "",)]
    assert [word for word in (*names, *aliases, *codes, *(one.name for one in entry.common)) if word not in shown] == []


def test_the_list_of_errors_has_them_all() -> None:
    listed = {one["code"]: one for one in json.loads(text_of("errors.json"))["errors"]}
    assert set(listed) == {one.code for one in errors()}
    assert listed["outcome_unknown"]["retry"] == "same_key"
    assert listed["customer_not_found"]["status"] == 404


def test_the_collection_has_every_call() -> None:
    collection = json.loads(text_of("postman.json"))
    found = [item for folder in collection["item"] for item in folder["item"]]
    assert len(found) == len(entries())
    for item in found:
        sent = {field["key"]: field["value"] for field in item["request"]["body"]["urlencoded"] if not field.get("disabled")}
        assert "type" in sent or item["name"].endswith("(test)")
        assert sent.get("user_api_key", "{{user_api_key}}") == "{{user_api_key}}"


@pytest.fixture(scope="module")
def demo() -> None:
    """The demo account, as ``regulars serve --demo`` makes it."""
    from regulars.cli.demo import make_demo

    make_demo(say=lambda _: None)


def test_without_the_demo_account_there_is_no_form(api: Api) -> None:
    if api.run(api.services.snapshots.for_user(DEMO_ACCOUNT)) is None:
        assert b"<form" not in get(api, "/docs/api/record_activity.html").body


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.key)
def test_the_form_sends_a_call_that_the_server_understands(api: Api, demo: None, entry: Any) -> None:
    page = html.document_fromstring(get(api, f"/docs/api/{entry.key}.html").body)
    (form,) = page.xpath("//form")
    assert (form.get("action"), form.get("method")) == ("/api.php", "post")
    fields = {name: value or "" for name, value in form.form_values()}
    parsed = api.send(api.request(fields))
    misunderstood = {"missing_parameter", "bad_credentials", "unknown_call", "account_not_permitted", "campaign_not_found"}
    if entry.key not in WITH_THINGS_OF_THEIR_OWN:
        assert not misunderstood & set(parsed.error_codes), parsed
    if entry.call.writes:
        assert fields["dry_run"] == "Y"


def test_the_demo_account_is_that_of_the_command() -> None:
    assert BUSINESSES[0].code == DEMO_ACCOUNT


def test_all_files_can_be_written(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "regulars.api.reference", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(makers())
    assert "<!--" not in (tmp_path / "record_activity.html").read_text("utf-8")


def test_a_page_is_made_beside_the_calls(api: Api) -> None:
    """While pages are made the event loop goes on answering."""
    for made in (file, makers):
        made.cache_clear()

    async def both() -> tuple[int, int]:
        pages = asyncio.create_task(respond(asked("/docs/api/openapi.json"), api.services, None))
        turns = 0
        while not pages.done():
            await asyncio.sleep(0)
            turns += 1
        return (await pages).status, turns

    status, turns = api.run(both())
    assert status == 200
    assert turns > 20, "the loop stood still"
