# SPDX-License-Identifier: Apache-2.0
"""The API page: one's own credentials, code that works as it stands, and a page for each request of the log."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from regulars.api.call import Call
from regulars.api.registry import CALLS
from regulars.panel.api_calls import READY_CALLS
from tests.client import Api
from tests.factories import make_account, make_campaign, make_customer, make_logged_request, make_user

PAGE = "/admin.php/account/api"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    client = Api()
    yield client
    client.close()


def code_of(page: Any, language: str) -> str:
    (code,) = page.xpath(f"//pre[@id='code-{language}']/text()")
    return str(code)


def fields_of_curl(code: str) -> dict[str, str]:
    words = shlex.split(code.replace("\\\n", " "))
    return dict(
        word.partition("=")[::2] for word, before in zip(words[1:], words, strict=False) if before == "--data-urlencode"
    )


def form_fields(page: Any) -> dict[str, str]:
    (form,) = [form for form in page.html.forms if form.get("action") == "/api.php"]
    return dict(form.form_values())


@pytest.mark.parametrize("ready", READY_CALLS, ids=lambda ready: ready.type)
def test_the_code_and_the_form_of_every_ready_call_work_as_they_stand(visit, api: Api, ready):
    alice = make_account()
    club = make_campaign(alice, name="Coffee club")
    customer = make_customer(alice, code="1001", campaigns=(club,))
    page = visit(alice).get(f"{PAGE}?call={ready.type}&campaign={club.number}")
    sent = fields_of_curl(code_of(page, "curl"))
    tried = form_fields(page)
    assert tried.pop("output") == "XML"
    assert tried == sent
    assert "regulars.example" not in page.text
    assert page.headers["x-frame-options"] == "DENY"
    if "customer" in ready.takes:
        assert sent["code"] == customer.code
    assert api.call(sent.pop("type"), **sent).ok
    for language in ("php", "python"):
        for name, value in sent.items():
            assert name in code_of(page, language)
            assert value in html.unescape(code_of(page, language))


@pytest.mark.parametrize("ready", READY_CALLS, ids=lambda ready: ready.type)
def test_a_ready_call_needs_what_the_call_itself_needs(ready):
    entry = CALLS[ready.type]
    call = entry if isinstance(entry, Call) else entry.calls[dict(ready.more)[entry.selector]]
    assert ready.needs == (call.permission or "")


def test_everybody_finds_his_own_token_and_only_the_calls_he_may_make(visit):
    alice = make_account()
    make_campaign(alice)
    temp = make_user(alice, role="F")
    page = visit(temp).get(PAGE)
    assert page.xpath("//*[@id='token']/text()") == [temp.token]
    assert alice.token not in page.text
    offered = page.xpath("//select[@name='call']/option/@value")
    assert "user_info" in offered
    assert "record_activity" not in offered
    assert visit(temp).get(f"{PAGE}?call=record_activity").status == 400


def test_without_campaigns_and_customers_the_page_says_what_is_missing(visit):
    visitor = visit(make_account())
    assert visitor.get(PAGE).status == 200
    page = visitor.get(f"{PAGE}?call=record_activity")
    assert "no campaign yet" in page.text


def test_a_request_has_a_page_of_its_own(visit):
    alice = make_account()
    make_logged_request(
        alice, request_id="r-77", call="redeem", code="insufficient_balance", user_code=alice.code,
        fields={"amount": "9.95", "code": "***7"}, answer='{"status":"error","note":"<b>"}',
    )  # fmt: skip
    visitor = visit(alice)
    row = visitor.get("/admin.php/requests?code=insufficient_balance").xpath("//tbody/tr")[0]
    page = visitor.get(row.xpath(".//th/a/@href")[0])
    assert page.status == 200
    for said in ("redeem", "insufficient_balance", "r-77", alice.code, "9.95", "***7", '"status": "error"', "<b>"):
        assert said in page.text
    assert re.search(r"\?call=redeem", " ".join(page.xpath("//a/@href")))
    charlie = visit(make_account())
    assert charlie.get(page.path).status == 404
    assert visit(make_user(alice, role="M")).get(page.path).status == 403
