# SPDX-License-Identifier: Apache-2.0
"""Texts from the outbox to a gateway: a real HTTP server that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from regulars.errors import InvalidParameter, LimitReached, MissingParameter, RateLimited
from regulars.jobs import tasks
from regulars.jobs.mail import SendCount
from regulars.jobs.texts import send_texts_due
from regulars.kit.db import unit_of_work
from regulars.messages.models import OutboxMessage
from regulars.messages.operations import claim_due
from regulars.messages.settings import list_attempts
from regulars.messages.text_carrier import TextOptions
from regulars.messages.text_rules import Gateway
from regulars.messages.texting import (
    TEST,
    NoTextGateway,
    find_gateway,
    get_text_settings,
    queue_text_receipt,
    queue_text_test,
    set_gateway,
)
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_sale
from tests.webhooks.receiver import Answer, Receiver, receiving

PRIVATE = TextOptions(allows_private=True)
BODY = "to={to}\nfrom={sender}\ntext={text}\nkey={password}\nref={id}"
Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def shop(receiver: Receiver, *, password: str = "s3cret", **more: str) -> MadeAccount:
    alice = make_account(biz_name="Bean & Leaf", country="DE", currency="EUR")
    set_up(alice, Gateway(receiver.url, body=BODY, sender="Bean", **more), password=password)
    return alice


def set_up(alice: MadeAccount, gateway: Gateway | None, *, password: str | None, username: str = "bean") -> None:
    with unit_of_work(alice.id):
        set_gateway(account=alice.fresh(), at=NOW, gateway=gateway, username=username, password=password, options=PRIVATE)


def sold(alice: MadeAccount, phone: str = "030 123456") -> tuple[Any, int]:
    campaign = make_campaign(alice, points_ratio_ppm=5_000_000)
    customer = make_customer(alice, campaigns=(campaign,), phone=phone)
    return customer, make_sale(alice, customer, campaign, amount_minor=995)


def ask(alice: MadeAccount, customer: Any, entry_id: int) -> str:
    with unit_of_work(alice.id):
        return queue_text_receipt(account=alice.fresh(), customer=customer, entry_id=entry_id, at=NOW)


def send(alice: MadeAccount, *, hours: int = 0, options: TextOptions = PRIVATE) -> SendCount:
    return send_texts_due(account=alice.fresh(), at=NOW + timedelta(hours=hours), options=options)


def last(alice: MadeAccount) -> OutboxMessage:
    with unit_of_work(alice.id):
        found = OutboxMessage.objects.filter(account_id=alice.id).order_by("-id").first()
    assert found is not None
    return found


def test_a_receipt_is_texted_with_what_the_customer_has_now(receiver: Receiver) -> None:
    alice = shop(receiver)
    customer, entry_id = sold(alice)
    assert ask(alice, customer, entry_id) == "+4930123456"
    with unit_of_work(alice.id):
        assert claim_due(account=alice.fresh(), at=NOW) == (), "it is no mail"
    assert send(alice).sent == 1
    (got,) = receiver.received
    assert parse_qs(got.body.decode()) == {
        "to": ["+4930123456"], "from": ["Bean"], "text": ["Bean & Leaf: 49 points. Balance: 49 points."], "key": ["s3cret"],
        "ref": [str(last(alice).id)],
    }  # fmt: skip
    assert (last(alice).sent_at, last(alice).recipient) == (NOW, ""), "the number is kept nowhere"
    assert send(alice).sent == 0


def test_an_own_text_and_json_and_get(receiver: Receiver) -> None:
    alice = shop(receiver, receipt="{name}: {amount}", method="GET")
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    assert send(alice).sent == 1
    assert "text=" in receiver.received[0].path
    assert "49+points" in receiver.received[0].path


def test_nothing_is_asked_for_in_vain_or_again_and_again(receiver: Receiver) -> None:
    alice = shop(receiver)
    customer, entry_id = sold(alice)
    for _ in range(2):
        ask(alice, customer, entry_id)
    assert send(alice).sent == 1, "once more while it waits changes nothing"
    for _ in range(2):
        ask(alice, customer, entry_id)
        send(alice)
    with pytest.raises(LimitReached):
        ask(alice, customer, entry_id)
    nobody, entry_id = sold(alice, phone="")
    with pytest.raises(InvalidParameter, match="no phone number"):
        ask(alice, nobody, entry_id)
    set_up(alice, None, password=None)
    customer, entry_id = sold(alice)
    with pytest.raises(NoTextGateway):
        ask(alice, customer, entry_id)


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [
        (Answer(400, b"bad number s3cret"), True), (Answer(422, b"no"), True), (Answer(200, b"ERROR 12"), True),
        (Answer(401, b"who"), False), (Answer(429, b"slow"), False), (Answer(500, b"down"), False),
        (Answer(302, b"", (("Location", "http://127.0.0.1:1/"),)), False),
    ],
)  # fmt: skip
def test_a_refusal_is_final_where_trying_again_is_of_no_use(receiver: Receiver, answer: Answer, is_final: bool) -> None:
    alice = shop(receiver, expects="OK")
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    receiver.answers = [answer]
    count = send(alice)
    assert (count.abandoned, count.is_carrier_down) == ((1, False) if is_final else (0, True))
    row = last(alice)
    assert (row.abandoned_at is not None, row.sent_at) == (is_final, None)
    assert row.last_error.startswith(f"{answer.status}:")
    assert "s3cret" not in row.last_error
    receiver.answers = [Answer(200, b"OK 1")]
    assert send(alice, hours=2).sent == (0 if is_final else 1)


def test_a_gateway_in_our_own_network_is_not_spoken_to(receiver: Receiver) -> None:
    alice = shop(receiver)
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    assert send(alice, options=TextOptions()).is_carrier_down
    assert receiver.received == []
    assert "is not a public address" in last(alice).last_error


def test_a_slow_gateway_is_not_waited_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from regulars.messages import texting

    made = texting.carrier_of
    monkeypatch.setattr("regulars.jobs.texts.carrier_of", lambda **given: replace(made(**given), timeout_seconds=0.2))
    alice = shop(receiver)
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    held = threading.Event()
    receiver.answers = [Answer(200, b"OK", waits_for=held)]
    assert send(alice).is_carrier_down
    held.set()
    assert last(alice).last_error == "no answer within 0.2 s"


def test_the_password_is_kept_encrypted_and_goes_with_another_host(receiver: Receiver, run_as_owner: Rows) -> None:
    alice = shop(receiver)
    kept = "SELECT sms_username, sms_password_encrypted FROM accounts_accounts WHERE id = %s"
    ((name, sealed),) = run_as_owner(kept, alice.id)
    assert (name, b"s3cret" in bytes(sealed)) == ("bean", False)
    with unit_of_work(alice.id):
        gateway = find_gateway(account=alice.fresh())
    assert gateway is not None
    set_up(alice, replace(gateway, sender="Leaf"), password=None)
    with unit_of_work(alice.id):
        assert get_text_settings(account=alice.fresh()).has_password, "as it is"
    set_up(alice, replace(gateway, url="https://other.example.com/"), password=None)
    with unit_of_work(alice.id):
        assert not get_text_settings(account=alice.fresh()).has_password
    with pytest.raises(MissingParameter):
        set_up(alice, replace(gateway, url="https://third.example.com/", authorization="bearer"), password=None)
    set_up(alice, None, password=None)
    assert run_as_owner(kept, alice.id) == [("", None)]


def test_a_test_tells_what_the_gateway_said_and_is_tried_once(receiver: Receiver) -> None:
    alice = shop(receiver)
    receiver.answers = [Answer(503, b"later")]
    with unit_of_work(alice.id):
        queue_text_test(account=alice.fresh(), recipient="+49 30 7654321", body="A test", at=NOW)
        with pytest.raises(InvalidParameter):
            queue_text_test(account=alice.fresh(), recipient="nobody", body="A test", at=NOW)
    send(alice)
    with unit_of_work(alice.id):
        (tried,) = list_attempts(account=alice.fresh(), kind=TEST)
        assert (tried.error, tried.abandoned_at is not None, tried.recipient) == ("503: later", True, "+49307654321")
        for _ in range(9):
            queue_text_test(account=alice.fresh(), recipient="+49 30 7654321", body="A test", at=NOW)
        with pytest.raises(RateLimited):
            queue_text_test(account=alice.fresh(), recipient="+49 30 7654321", body="A test", at=NOW)


def test_the_job_sends_and_without_a_gateway_texts_wait(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_TEXTS_PRIVATE", "yes")
    tasks.stopping.clear()
    alice = shop(receiver)
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    tasks.send_texts()
    assert len(receiver.received) == 1
    ask(alice, customer, entry_id)
    set_up(alice, None, password=None)
    tasks.send_texts()
    assert (len(receiver.received), last(alice).sent_at, last(alice).abandoned_at) == (1, None, None)


def test_a_customer_who_is_gone_gets_no_text(receiver: Receiver) -> None:
    from regulars.customers.models import Customer

    alice = shop(receiver)
    customer, entry_id = sold(alice)
    ask(alice, customer, entry_id)
    with unit_of_work(alice.id):
        Customer.objects.filter(account_id=alice.id, id=customer.id).update(phone="")
    assert send(alice).sent == 0
    assert last(alice).last_error == "the customer has no phone number that texts can be sent to"


def test_what_the_operator_says_must_be_yes_or_no() -> None:
    with pytest.raises(ValueError, match="REGULARS_TEXTS_PRIVATE"):
        TextOptions.from_environment({"REGULARS_TEXTS_PRIVATE": "perhaps"})
    assert not TextOptions.from_environment({}).allows_private
