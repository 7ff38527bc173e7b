# SPDX-License-Identifier: Apache-2.0
"""The pages about webhooks: added, tried out, changed, switched, sent again; the secret is shown once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.transactions.erase import erase_personal_data
from tests.factories import NOW, make_account, make_campaign, make_customer, make_user
from tests.webhooks.receiver import Answer, is_signed, receiving
from tests.webhooks.telling import Hook, collect_all, make_webhook, now, tell

pytestmark = pytest.mark.usefixtures("nobody_else_is_told")
WEBHOOKS = "/admin.php/account/webhooks"


def errors(page: Any) -> list[str]:
    return [" ".join(error.text_content().split()) for error in page.xpath("//p[@class='error']")]


def shown_secret(page: Any) -> str:
    return str(page.html.xpath("string(//*[@id='secret'])"))


def test_a_webhook_is_added_and_its_secret_shown_once(visit: Any) -> None:
    alice = make_account()
    campaign = make_campaign(alice, name="Coffee club")
    visitor = visit(alice)
    page = visitor.get(WEBHOOKS)
    assert "Nobody is told yet." in page.text
    assert "hmac" in page.text, "code to check what comes"
    page = visitor.get(f"{WEBHOOKS}/add")
    assert len(page.xpath("//input[@name='kinds' and @checked]")) == 7
    page = visitor.submit("/add", name="Web shop", url="http://shop.example.com/", kinds=[])
    assert (page.status, errors(page)) == (400, ["It must begin with https://."])
    page = visitor.submit("/add", url="https://10.0.0.1/")
    assert errors(page) == ["It must be reachable from the internet."]
    page = visitor.submit("/add", url="https://shop.example.com/hook")
    assert errors(page) == ["Fill this in."], "no event was chosen"
    assert page.html.xpath("string(//input[@name='name']/@value)") == "Web shop", "what was typed stays"
    page = visitor.submit("/add", kinds=["transaction.recorded", "customer.created"], campaign_ids=[str(campaign.id)])
    secret = shown_secret(page)
    assert secret.startswith("whsec_")
    assert page.headers["cache-control"] == "no-store"
    page = visitor.get(WEBHOOKS)
    assert "https://shop.example.com/hook" in page.text
    assert "Nothing was sent yet." in page.text
    (link,) = page.xpath("//tbody//th//a/@href")
    for place in (link, f"{link}/edit", WEBHOOKS, "/admin.php/account/changes"):
        page = visitor.get(place)
        assert page.status == 200
        assert secret not in str(page.html.xpath("//@value")) + page.text
    page = visitor.get(link)
    assert "Something was earned, A customer was added" in page.text
    assert "Coffee club" in page.text


def test_a_test_arrives_and_its_answer_is_shown(visit: Any) -> None:
    alice = make_account()
    with receiving() as receiver:
        receiver.answers = [Answer(200, b"Thank <you>")]
        hook = make_webhook(alice, receiver.url)
        visitor = visit(alice)
        place = f"{WEBHOOKS}/{hook.id}"
        visitor.get(place)
        page = visitor.submit("/test")
        assert "The test is on its way." in page.text
        assert "Waits" in page.text
        tell(hook)
        page = visitor.get(place)
        assert "Delivered" in page.text
        assert "HTTP 200" in page.text
        page = visitor.get(page.xpath("//tbody//th//a/@href")[0])
        (received,) = receiver.received
    payload, answer = page.xpath("//pre")
    assert json.loads(payload.text_content()) == received.event
    assert answer.text_content() == "Thank <you>"
    assert received.headers["webhook-id"] in page.text


def test_a_secret_is_rotated_and_both_sign_meanwhile(visit: Any) -> None:
    alice = make_account()
    with receiving() as receiver:
        hook = make_webhook(alice, receiver.url)
        visitor = visit(alice)
        visitor.get(f"{WEBHOOKS}/{hook.id}/edit")
        secret = shown_secret(visitor.submit("/secret", overlap="86400"))
        assert secret != hook.secret
        hook.tested()
        tell(hook)
        (received,) = receiver.received
    for each in (secret, hook.secret):
        assert is_signed(each, received.headers, received.body, now=now().timestamp())
    assert "valid until" in visitor.get(f"{WEBHOOKS}/{hook.id}").text


def test_settings_are_changed_and_what_is_wrong_changes_nothing(visit: Any) -> None:
    alice = make_account()
    hook = make_webhook(alice, name="Shop")
    visitor = visit(alice)
    visitor.get(f"{WEBHOOKS}/{hook.id}/edit")
    page = visitor.submit("/edit", name="CRM", url="nonsense")
    assert (page.status, errors(page)) == (400, ["An address such as https://shop.example.com/webhooks."])
    assert hook.endpoint.name == "Shop"
    page = visitor.submit("/edit", url="https://crm.example.com/", kinds=["customer.updated"])
    assert page.path == f"{WEBHOOKS}/{hook.id}"
    endpoint = hook.endpoint
    assert (endpoint.name, endpoint.url, endpoint.kinds) == ("CRM", "https://crm.example.com/", ["customer.updated"])


def test_off_on_and_what_was_missed(visit: Any) -> None:
    alice = make_account(timezone="America/New_York")
    hook = make_webhook(alice, kinds=["customer.created"])
    visitor = visit(alice)
    place = f"{WEBHOOKS}/{hook.id}"
    visitor.get(place)
    page = visitor.submit("/switch")
    assert "The webhook is off." in page.text
    make_customer(alice)
    assert collect_all(hook) == []
    page = visitor.submit("/switch")
    assert "The webhook is on" in page.text
    page = visitor.submit("/again", since="2999-01-01 00:00")
    assert (page.status, errors(page)) == (400, ["It is in the future."])
    page = visitor.submit("/again", since="")
    assert (page.status, errors(page)) == (400, ["This field is required."])
    page = visitor.submit("/again", since=(now() - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"))
    assert "is sent once more" in page.text
    assert len(collect_all(hook)) == 1


def test_deliveries_are_narrowed_down_and_sent_again(visit: Any) -> None:
    alice = make_account()
    with receiving() as receiver:
        receiver.answers = [Answer(410), Answer(200)]
        hook = make_webhook(alice, receiver.url, kinds=["customer.created"])
        make_customer(alice)
        tell(hook)
        hook.tested()
        visitor = visit(alice)
        place = f"{WEBHOOKS}/{hook.id}"
        page = visitor.get(place)
        assert "switched off by itself" in page.text
        assert "410 Gone" in page.text
        assert len(page.xpath("//tbody/tr")) == 2
        page = visitor.get(f"{place}?kind=customer.created")
        assert len(page.xpath("//tbody/tr")) == 1
        assert "There are no such deliveries." in visitor.get(f"{place}?state=delivered").text
        assert visitor.get(f"{place}?state=nonsense").status == 200
        visitor.get(place)
        visitor.submit("/switch")
        (delivery,) = hook.deliveries(kind="customer.created")
        visitor.get(f"{WEBHOOKS}/deliveries/{delivery.id}")
        page = visitor.submit("/again")
        assert "The event is sent once more." in page.text
        tell(hook)
        assert "Delivered" in visitor.get(f"{WEBHOOKS}/deliveries/{delivery.id}").text


def test_older_deliveries_are_a_page_away(visit: Any) -> None:
    alice = make_account()
    hook = make_webhook(alice, kinds=["customer.created"])
    for _ in range(51):
        make_customer(alice)
    collect_all(hook)
    visitor = visit(alice)
    page = visitor.get(f"{WEBHOOKS}/{hook.id}")
    assert len(page.xpath("//tbody/tr")) == 50
    (older,) = page.xpath("//a[@rel='next']/@href")
    page = visitor.get(f"{WEBHOOKS}/{hook.id}{older}")
    assert len(page.xpath("//tbody/tr")) == 1


def test_a_webhook_is_deleted_after_it_was_said_what_goes(visit: Any) -> None:
    alice = make_account()
    hook = make_webhook(alice, name="Shop")
    visitor = visit(alice)
    page = visitor.get(f"{WEBHOOKS}/{hook.id}/delete")
    assert "What waits for it is not sent" in page.text
    page = visitor.submit("/delete")
    assert (page.path, "The webhook Shop was deleted." in page.text) == (WEBHOOKS, True)
    assert visitor.get(f"{WEBHOOKS}/{hook.id}").status == 404


def test_what_was_sent_about_an_erased_person_tells_nothing_of_him(visit: Any) -> None:
    alice = make_account()
    hook = make_webhook(alice)
    make_customer(alice, code="ann-1", first_name="Annabel")
    (delivery,) = collect_all(hook)
    visitor = visit(alice)
    place = f"{WEBHOOKS}/deliveries/{delivery.id}"
    assert "Annabel" in visitor.get(place).text
    with unit_of_work(alice.id):
        erase_personal_data(account=alice.fresh(), by=alice.owner, at=NOW, code="ann-1")
    page = visitor.get(place)
    assert page.status == 200
    assert "Annabel" not in page.text


@pytest.mark.parametrize("role", ["M", "K", "C"])
def test_who_may_not_change_the_account_sees_no_webhooks(visit: Any, role: str) -> None:
    alice = make_account()
    hook: Hook = make_webhook(alice)
    visitor = visit(make_user(alice, role=role))
    for place in (WEBHOOKS, f"{WEBHOOKS}/add", f"{WEBHOOKS}/{hook.id}"):
        assert visitor.get(place).status == 403


def test_changes_of_webhooks_are_shown_in_words(visit: Any) -> None:
    alice = make_account()
    hook = make_webhook(alice, name="Web shop")
    visitor = visit(alice)
    visitor.get(f"{WEBHOOKS}/{hook.id}/edit")
    visitor.submit("/secret", overlap="3600")
    page = visitor.get("/admin.php/account/changes?subject=webhook")
    assert "Webhook Web shop added" in page.text
    assert "Secret before, valid until" in page.text
