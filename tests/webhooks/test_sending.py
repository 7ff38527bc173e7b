# SPDX-License-Identifier: Apache-2.0
"""From a delivery to a receiver: signed, tried again, given up; and never a door into the network that we stand in."""

from __future__ import annotations

import mailbox
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.cli.certificate import own_certificate
from regulars.jobs import tasks
from regulars.jobs.posting import Poster
from regulars.jobs.webhooks import Teller
from regulars.kit.db import unit_of_work
from regulars.messages.models import OutboxMessage
from regulars.webhooks.deliveries import BUSY, claim, drop_old_deliveries, record
from regulars.webhooks.models import Delivery, Endpoint
from regulars.webhooks.operations import rotate_secret, send_test, switch_off
from regulars.webhooks.rules import ATTEMPTS_MAX, Outcome
from tests.factories import MadeAccount, make_account, make_customer, unique_name
from tests.webhooks.receiver import Answer, Received, Receiver, is_signed, receiving
from tests.webhooks.telling import Hook, collect_all, make_webhook, now, settled_mark, tell

CREATED = ["customer.created"]


def make_event(made: MadeAccount) -> None:
    """Let something happen, and be settled."""
    make_customer(made)
    settled_mark()


def state(hook: Hook) -> list[tuple[Any, ...]]:
    return [(each.state, each.attempt_count, each.last_status) for each in hook.deliveries()]


# -- signed ---------------------------------------------------------------------------------------------------------
def test_an_event_arrives_signed_byte_for_byte(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, f"{receiver.url}?till=7")
    make_event(made)
    assert tell(hook).delivered == 1
    (received,) = receiver.received
    (delivery,) = hook.deliveries()
    assert received.path == "/hook?till=7"
    assert received.body.decode() == delivery.payload
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == delivery.event_id == received.event["id"]
    assert received.headers["user-agent"].startswith("Regulars/")
    assert is_signed(hook.secret, received.headers, received.body, now=time.time())
    assert not is_signed(hook.secret, received.headers, received.body + b" ", now=time.time())
    assert (delivery.state, delivery.last_status, delivery.attempt_count) == ("delivered", 204, 1)
    assert hook.lane.last_success_at is not None
    assert tell(hook).delivered == 0, "once"


def test_while_secrets_overlap_both_are_good_and_afterwards_the_new_one(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    new = hook.do(rotate_secret, overlap_seconds=3600)
    for later in (timedelta(), timedelta(hours=2)):
        make_event(made)
        tell(hook, after=later)
    during, after = receiver.received
    assert is_signed(hook.secret, during.headers, during.body, now=time.time())
    assert is_signed(new, during.headers, during.body, now=time.time())
    signed_at = int(after.headers["webhook-timestamp"])
    assert is_signed(new, after.headers, after.body, now=signed_at)
    assert not is_signed(hook.secret, after.headers, after.body, now=signed_at)


def test_a_secret_of_another_installation_key_sends_nothing_unsigned(receiver: Receiver, run_as_owner: Any) -> None:
    made = make_account()
    hook, other = make_webhook(made, receiver.url), make_webhook(make_account(), receiver.url)
    sealed = other.endpoint.secret_encrypted
    run_as_owner("UPDATE webhooks_endpoints SET secret_encrypted = %s WHERE id = %s", bytes(sealed), hook.id)
    make_event(made)
    assert tell(hook).failed == 1
    assert receiver.received == []
    assert "rotate it" in hook.deliveries()[0].last_answer


def test_a_certificate_is_held_against_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_account()
    certificate = own_certificate(tmp_path, ("shop.example.com",), now())
    with receiving(certificate) as receiver:
        port = receiver.url.rpartition(":")[2]
        named = make_webhook(made, f"https://shop.example.com:{port}")
        other = make_webhook(made, f"https://crm.example.com:{port}")
        make_event(made)
        collect_all(named, other)
        name_service(monkeypatch, ["127.0.0.1"], names=("shop.example.com", "crm.example.com"))
        assert tell(named, other).failed == 2
        assert receiver.received == []
        assert "CERTIFICATE_VERIFY_FAILED" in named.deliveries()[0].last_answer
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca_file))  # now the authority is known
        assert tell(named, other, after=timedelta(minutes=1)).delivered == 1
    assert [hook.deliveries()[0].state for hook in (named, other)] == ["delivered", "waiting"]
    assert "Hostname mismatch" in other.deliveries()[0].last_answer


# -- tried again ----------------------------------------------------------------------------------------------------
def test_what_fails_is_tried_again_with_the_same_id_and_a_new_time_and_given_up_after_three_days(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(503, b"down for \x00 maintenance")]
    make_event(made)
    later = timedelta()
    for attempt in range(1, ATTEMPTS_MAX + 1):
        assert tell(hook, after=later).failed == 1
        (delivery,) = hook.deliveries()
        assert (delivery.attempt_count, delivery.last_status) == (attempt, 503)
        assert delivery.last_answer == "down for maintenance"
        if attempt < ATTEMPTS_MAX:
            wait = delivery.next_attempt_at - now() - later
            assert tell(hook, after=later + wait - timedelta(seconds=2)).failed == 0, "not before its time"
            later += max(wait, timedelta(minutes=6)) + timedelta(seconds=1)
            assert delivery.state == "waiting"
    assert delivery.state == "failed"
    assert timedelta(days=2) < later < timedelta(days=4)
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1
    times = [int(received.headers["webhook-timestamp"]) for received in receiver.received]
    assert times == sorted(set(times))
    assert len({received.body for received in receiver.received}) == 1
    for received, at in zip(receiver.received, times, strict=True):
        assert is_signed(hook.secret, received.headers, received.body, now=at)


def test_after_a_failure_the_endpoint_rests_and_then_all_arrive_in_order(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(500), Answer(200, b"ok")]
    for _ in range(4):
        make_event(made)
    assert (tell(hook).failed, len(receiver.received)) == (1, 1), "the others wait with the first"
    assert state(hook) == [("waiting", 1, 500)] + [("waiting", 0, None)] * 3
    assert tell(hook).delivered == 0
    assert tell(hook, after=timedelta(seconds=12)).delivered == 4
    ids = [delivery.event_id for delivery in hook.deliveries()]
    assert [received.event["id"] for received in receiver.received[1:]] in (ids, [*ids[1:], ids[0]])
    assert (hook.lane.failing_since, hook.lane.failure_count, hook.lane.resting_until) == (None, 0, None)


def test_an_event_that_is_never_taken_does_not_hold_the_others(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    make_customer(made, code="poison")
    for _ in range(3):
        make_event(made)
    receiver.answer = lambda received: Answer(422 if b'"poison"' in received.body else 200)
    for seconds in (0, 10, 20):
        tell(hook, after=timedelta(seconds=seconds))
    assert [row[0] for row in state(hook)] == ["waiting", "delivered", "delivered", "delivered"]
    assert hook.endpoint.is_on


def test_a_receiver_that_asks_for_time_gets_it(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(429, headers=(("Retry-After", "120"),)), Answer(200)]
    make_event(made)
    tell(hook)
    assert tell(hook, after=timedelta(seconds=100)).delivered == 0
    assert tell(hook, after=timedelta(seconds=125)).delivered == 1


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    made = make_account()
    with receiving() as elsewhere:
        receiver.answers = [Answer(307, headers=(("Location", elsewhere.url),))]
        hook = make_webhook(made, receiver.url)
        make_event(made)
        assert tell(hook).failed == 1
        assert elsewhere.received == []
    assert state(hook) == [("waiting", 1, 307)]


def test_of_a_long_answer_the_beginning_is_read_and_less_kept(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(200, b"<html>" + b"a" * 3_000_000)]
    make_event(made)
    assert tell(hook).delivered == 1
    (delivery,) = hook.deliveries()
    assert (delivery.state, len(delivery.last_answer)) == ("delivered", 500)


def test_who_does_not_answer_in_time_has_failed(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    held = threading.Event()
    receiver.answers = [Answer(waits_for=held)]
    make_event(made)
    assert tell(hook, timeout_seconds=0.2).failed == 1
    held.set()
    (delivery,) = hook.deliveries()
    assert (delivery.last_status, delivery.last_answer) == (None, "no answer within 0.2 s")


def test_nobody_listens() -> None:
    made = make_account()
    with receiving() as gone:
        url = gone.url
    hook = make_webhook(made, url)
    make_event(made)
    assert tell(hook).failed == 1
    assert hook.deliveries()[0].last_answer.startswith("ConnectError")


# -- nobody waits for others ----------------------------------------------------------------------------------------
def test_a_slow_endpoint_delays_nobody_else(receiver: Receiver) -> None:
    """The slow one answers only after all others were told: were they told behind it, this would never end."""
    slow, quick = make_account(), make_account()
    others_told, seen = threading.Event(), threading.Event()
    with receiving() as held:
        held.answers = [Answer(waits_for=others_told)]
        receiver.answer = lambda received: _note(receiver, received, others_told, seen)
        slow_hooks = [make_webhook(slow, held.url, name=f"slow {number}") for number in range(3)]
        quick_hook = make_webhook(quick, receiver.url)
        make_event(slow)
        for _ in range(30):
            make_event(quick)
        assert tell(*slow_hooks, quick_hook).delivered == 33
    assert seen.is_set()


def _note(receiver: Receiver, _received: Received, others_told: threading.Event, seen: threading.Event) -> Answer:
    if len(receiver.received) == 30:
        seen.set()
        others_told.set()
    return Answer(200)


def test_two_runs_at_once_send_everything_once(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    for _ in range(10):
        make_event(made)
    collect_all(hook)
    at = now()
    with unit_of_work(made.id):
        held = claim(account=made.account, endpoint_id=hook.id, at=at, limit=3)
        assert held is not None
        assert claim(account=made.account, endpoint_id=hook.id, at=at) is None, "somebody is at it"
    assert tell(hook).delivered == 0
    with Poster(allows_private=True, clock=now) as poster:
        outcomes = poster.send(held).result()
    with unit_of_work(made.id):
        record(account=made.account, endpoint_id=hook.id, outcomes=outcomes, at=now(), chance_percent=0)
    assert tell(hook).delivered == 7
    assert len({received.headers["webhook-id"] for received in receiver.received}) == len(receiver.received) == 10


def test_what_a_dead_job_held_is_sent_again(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    make_event(made)
    collect_all(hook)
    with unit_of_work(made.id):
        assert claim(account=made.account, endpoint_id=hook.id, at=now()) is not None
    assert tell(hook).delivered == 0
    assert tell(hook, after=BUSY + timedelta(seconds=1)).delivered == 1


def test_a_second_run_in_the_same_process_does_nothing() -> None:
    teller = Teller()
    with teller._busy:
        assert teller.tell(clock=now, account_clock=lambda _: now(), should_stop=lambda: False, allows_private=True) is None


def test_who_is_told_to_stop_begins_nothing(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    make_event(made)
    collect_all(hook)
    told = Teller().tell(clock=now, account_clock=lambda _: now(), should_stop=lambda: True, allows_private=True)
    assert told is not None
    assert (told.delivered, receiver.received) == (0, [])


# -- switched off ---------------------------------------------------------------------------------------------------
def outbox(made: MadeAccount) -> list[OutboxMessage]:
    with unit_of_work(made.id):
        return list(OutboxMessage.objects.filter(account_id=made.id, kind="webhook_off"))


def test_who_takes_nothing_for_three_days_is_switched_off_and_the_owner_is_told(receiver: Receiver) -> None:
    made = make_account(client_email="alice@example.org", language="es")
    hook = make_webhook(made, receiver.url, name="Web shop", kinds=CREATED)
    receiver.answers = [Answer(500)]
    for later in (timedelta(), timedelta(days=1), timedelta(days=3, minutes=-1)):
        make_event(made)
        tell(hook, after=later)
        assert hook.endpoint.is_on
    assert tell(hook, after=timedelta(days=3, hours=1)).switched_off == 1
    endpoint = hook.endpoint
    assert (endpoint.is_on, endpoint.off_reason) == (False, "failing")
    (mail,) = outbox(made)
    assert mail.recipient == "alice@example.org"
    assert "Web shop" in mail.body
    assert "/admin.php/account/webhooks" in mail.body
    seen = len(receiver.received)
    make_event(made)
    assert tell(hook, after=timedelta(days=5)).delivered == 0
    assert len(receiver.received) == seen, "what is off is left alone"


def test_the_mail_about_it_leaves(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_MAIL_DIR", str(tmp_path / "mail"))
    monkeypatch.setenv("REGULARS_PUBLIC_URL", "https://loyalty.example")
    address = f"{unique_name('alice')}@example.org"  # what others have left in their outboxes leaves too
    made = make_account(client_email=address, biz_name="Bean & Leaf")
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(410)]
    make_event(made)
    assert tell(hook).switched_off == 1
    assert hook.endpoint.off_reason == "gone"
    tasks.send_mail()
    mails = [mail for mail in mailbox.Maildir(tmp_path / "mail") if mail["To"] == address]
    assert [mail["Subject"] for mail in mails] == ["Bean & Leaf: a webhook was switched off"]
    assert "https://loyalty.example/admin.php/account/webhooks" in str(mails[0].get_payload())


def test_one_success_and_it_is_not_failing_any_more(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(500), Answer(200), Answer(500)]
    make_event(made)
    tell(hook)
    tell(hook, after=timedelta(days=2))
    make_event(made)
    tell(hook, after=timedelta(days=4))
    assert hook.endpoint.is_on
    assert hook.lane.failing_since is not None
    assert hook.lane.failing_since > now() + timedelta(days=3)


# -- tests by hand --------------------------------------------------------------------------------------------------
def test_a_test_is_sent_at_once_also_where_nothing_else_is(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(500), Answer(404, b"no such page"), Answer(200, b"ok")]
    make_event(made)
    tell(hook)
    hook.do(send_test)
    assert tell(hook).failed == 1, "while it rests after a failure"
    hook.do(switch_off)
    hook.do(send_test)
    assert tell(hook).delivered == 1, "while it is off"
    assert receiver.kinds == ["customer.created", "webhook.test", "webhook.test"]
    assert [row[0] for row in state(hook)] == ["waiting", "failed", "delivered"], "a test is tried once"
    assert receiver.received[-1].event["data"]["user"] == made.code


# -- no door inside -------------------------------------------------------------------------------------------------
def test_private_addresses_are_refused_unless_the_operator_allows_them(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    make_event(made)
    assert tell(hook, allows_private=False).failed == 1
    assert receiver.received == []
    assert hook.deliveries()[0].last_answer == "ConnectError: 127.0.0.1 is not a public address"
    assert tell(hook, after=timedelta(minutes=1)).delivered == 1


@pytest.mark.parametrize("address", ["10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1", "100.64.1.1"])
def test_a_name_that_leads_inside_is_refused(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    made = make_account()
    hook = make_webhook(made, "http://shop.example.com/hook")
    make_event(made)
    collect_all(hook)
    name_service(monkeypatch, [address])
    assert tell(hook, allows_private=False).failed == 1
    assert hook.deliveries()[0].last_answer == "ConnectError: shop.example.com is not a public address"


def test_a_second_answer_of_the_name_service_changes_nothing(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is what is connected to: the name is asked once, and the address that was checked is dialled."""
    made = make_account()
    port = int(receiver.url.rpartition(":")[2].partition("/")[0])
    hook = make_webhook(made, f"http://shop.example.com:{port}/hook")
    make_event(made)
    collect_all(hook)
    asked = name_service(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    dialled: list[str] = []

    async def connect(self: Any, host: str, *_arguments: Any, **_options: Any) -> Any:
        import httpcore2

        dialled.append(host)
        raise httpcore2.ConnectError("not from here")

    monkeypatch.setattr("httpcore2.AnyIOBackend.connect_tcp", connect)
    assert tell(hook, allows_private=False).failed == 1
    assert (asked, dialled, receiver.received) == (["shop.example.com"], ["93.184.215.14"], [])


def name_service(
    monkeypatch: pytest.MonkeyPatch, *answers: list[str], names: tuple[str, ...] = ("shop.example.com",)
) -> list[str]:
    """Answer look-ups of these names in turn; others as ever."""
    asked: list[str] = []
    real, given = socket.getaddrinfo, list(answers)

    def look_up(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host not in names:
            return real(host, port, *arguments, **options)
        asked.append(host)
        found = given.pop(0) if len(given) > 1 else given[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    return asked


def test_a_proxy_of_the_environment_is_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_account()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    hook = make_webhook(made, receiver.url)
    make_event(made)
    assert tell(hook).delivered == 1


# -- the job --------------------------------------------------------------------------------------------------------
def test_the_task_collects_and_sends(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_WEBHOOKS_PRIVATE", "yes")
    tasks.stopping.clear()
    made = make_account()
    make_webhook(made, receiver.url)
    make_event(made)
    until = time.monotonic() + 60
    while not receiver.received:
        assert time.monotonic() < until
        tasks.deliver_webhooks()  # waits a little for transactions of others on this server, not for ever
    assert receiver.kinds == ["customer.created"]


def test_one_account_that_can_not_be_told_holds_up_no_other(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = make_account(), make_account()
    hooks = make_webhook(broken, receiver.url), make_webhook(whole, receiver.url)
    for made in (broken, whole):
        make_event(made)
    from regulars.webhooks import payloads

    real = payloads.customer_data

    def failing(names: Any, customer_id: int) -> dict[str, Any]:
        if names.account.id == broken.id:
            raise KeyError("a bug")
        return real(names, customer_id)

    monkeypatch.setattr(payloads, "customer_data", failing)
    teller = Teller()
    until = time.monotonic() + 60
    while not receiver.received:
        assert time.monotonic() < until
        teller.tell(clock=now, account_clock=lambda _: now(), should_stop=lambda: False, allows_private=True)
    assert [received.event["account_id"] for received in receiver.received] == [whole.code]
    monkeypatch.setattr(payloads, "customer_data", real)
    assert tell(*hooks).delivered == 1, "nothing was lost"


def test_old_deliveries_are_dropped_but_not_what_waits_for_an_endpoint_that_is_on(receiver: Receiver) -> None:
    made = make_account()
    on, off = make_webhook(made, receiver.url), make_webhook(made, receiver.url)
    make_event(made)
    tell(on)
    make_event(made)
    collect_all(on, off)
    off.do(switch_off)
    with unit_of_work(made.id):
        assert drop_old_deliveries(account=made.account, before=now() - timedelta(days=30)) == 0
        drop_old_deliveries(account=made.account, before=now() + timedelta(seconds=1))
        left = Delivery.objects.filter(account_id=made.id).values_list("endpoint_id", "state")
        assert list(left) == [(on.id, "waiting")]
        assert Endpoint.objects.filter(account_id=made.id).count() == 2


def test_the_outcome_for_an_endpoint_that_was_deleted_meanwhile_is_nothing() -> None:
    made = make_account()
    with unit_of_work(made.id):
        assert record(
            account=made.account, endpoint_id=10**12, outcomes=[Outcome(1, 200, "", 1)], at=now(), chance_percent=0
        ) is None  # fmt: skip
