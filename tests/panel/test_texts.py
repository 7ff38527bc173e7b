# SPDX-License-Identifier: Apache-2.0
"""The pages about an account's texts, and the counter's button."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.messages.models import OutboxMessage
from regulars.messages.texting import find_gateway
from tests.factories import make_account, make_campaign, make_customer, make_sale, make_user

TEXTS = "/admin.php/account/texts"
GATEWAY = {"url": "https://127.0.0.1:1/send", "sms_username": "bean", "sms_password": "s3cret-word", "sender": "Bean"}


def errors(page: Any) -> dict[str, str]:
    return {
        found.get("id").removeprefix("id_").removesuffix("_error"): " ".join(found.text_content().split())
        for found in page.xpath("//div[contains(@class, 'invalid-feedback')]")
    }


def test_a_gateway_is_set_up_tried_out_and_given_up(visit: Any) -> None:
    alice = make_account(country="DE")
    visitor = visit(alice)
    page = visitor.get(TEXTS)
    assert "No gateway is set up: no texts are sent." in page.text
    page = visitor.submit("/test", recipient="+49 30 123456")
    assert (page.status, "No text gateway is set up." in page.text) == (400, True)
    page = visitor.submit("/texts", **GATEWAY | {"url": "http://sms.example.com/"}, body="to={to}\ntxt={txt}")
    assert (page.status, list(errors(page))) == (400, ["url"])
    assert page.html.xpath("string(//textarea[@name='body'])").strip() == "to={to}\ntxt={txt}"
    page = visitor.submit("/texts", **GATEWAY, body="to={to}\ntxt={txt}")
    assert errors(page) == {"body": "There is no {txt} here."}
    page = visitor.submit("/texts", **GATEWAY, body="to={to}\ntext={text}", receipt="{business} {amount}")
    assert "Texts leave over 127.0.0.1." in page.text
    assert "s3cret-word" not in page.html.text_content() + str(page.html.xpath("//input/@value"))
    page = visitor.submit("/test", recipient="nobody")
    assert errors(page) == {"recipient": "A phone number is expected, such as +49 30 123456."}
    page = visitor.submit("/test", recipient="030 123456")
    assert "Waits" in page.text
    tasks.stopping.clear()
    tasks.send_texts()
    page = visitor.get(TEXTS)
    assert "127.0.0.1 is not a public address" in page.html.xpath("string(//li//code)")
    page = visitor.submit("/texts", url="")
    assert "No texts are sent any more." in page.text
    with unit_of_work(alice.id):
        assert find_gateway(account=alice.fresh()) is None


def test_a_receipt_is_texted_from_the_counter_where_there_is_a_number_and_a_gateway(visit: Any) -> None:
    alice = make_account(country="DE")
    campaign = make_campaign(alice)
    ann, ben = (make_customer(alice, campaigns=(campaign,), phone=phone) for phone in ("030 123456", ""))
    sales = {each.id: make_sale(alice, each, campaign) for each in (ann, ben)}
    visitor = visit(alice)
    place = f"/admin.php/counter/{ann.id}/transactions/{sales[ann.id]}"
    assert "Text it" not in visitor.get(place).text
    visitor.get(TEXTS)
    visitor.submit("/texts", **GATEWAY, body="to={to}\ntext={text}")
    assert "Text it" not in visitor.get(f"/admin.php/counter/{ben.id}/transactions/{sales[ben.id]}").text
    assert "Text it" in visitor.get(place).text
    assert "The receipt goes to +4930123456." in visitor.submit("/text").text
    with unit_of_work(alice.id):
        rows = OutboxMessage.objects.filter(account_id=alice.id).values_list("kind", "customer_id", "entry_id")
        assert list(rows) == [("receipt_text", ann.id, sales[ann.id])]


@pytest.mark.parametrize("role", ["M", "K"])
def test_who_may_not_change_the_account_may_not_see_its_gateway(visit: Any, role: str) -> None:
    assert visit(make_user(make_account(), role=role)).get(TEXTS).status == 403
