# SPDX-License-Identifier: Apache-2.0
"""An account's own mail service and texts: kept, used, tried out; never a door into the network we stand in."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.customers.rules import Profile
from regulars.errors import InvalidParameter, MissingParameter, RateLimited
from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.messages import settings as settings_module
from regulars.messages.carriers import MailOptions, SmtpCarrier
from regulars.messages.models import MailSettings, OutboxMessage
from regulars.messages.settings import (
    OWN_TEXTS,
    TEXT_PLACEHOLDERS,
    MailService,
    get_mail_settings,
    list_attempts,
    own_service,
    queue_test,
    sample_mail,
    set_mail_service,
    set_mail_text,
)
from regulars.transactions.enrol import register_customer
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_sale, owner_of
from tests.messages.smtp_server import mail_service

OWN = MailService("smtp.example.com", 587, "starttls", "shop", sender="shop@example.com")


def set_up(made: MadeAccount, service: MailService = OWN, password: str | None = "s3cret") -> None:
    with unit_of_work(made.id):
        set_mail_service(account=made.account, at=NOW, service=service, password=password)


def own(made: MadeAccount, options: MailOptions | None = None) -> Any:
    with unit_of_work(made.id):
        return own_service(account=made.account, options=options or MailOptions())


# -- the service ---------------------------------------------------------------------------------------------------
def test_a_password_is_kept_encrypted_and_goes_to_its_own_host_only() -> None:
    made = make_account()
    set_up(made)
    with unit_of_work(made.id):
        row = MailSettings.objects.get(account_id=made.id)
        assert b"s3cret" not in bytes(row.smtp_password_encrypted)
        assert get_mail_settings(account=made.account).service == MailService(
            "smtp.example.com", 587, "starttls", "shop", has_password=True, sender="shop@example.com"
        )
    carrier, sender = own(made)
    assert (carrier._address.password, carrier._address.is_plain, sender) == ("s3cret", False, "shop@example.com")
    set_up(made, OWN, password=None)
    assert own(made)[0]._address.password == "s3cret", "what was not typed stays"
    set_up(made, MailService("smtp.example.org", 465, "tls", "shop", sender="shop@example.com"), password=None)
    carrier, _ = own(made)
    assert (carrier._address.password, carrier._address.uses_tls) == ("", True)
    set_up(made, MailService(), password=None)
    assert own(made) is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"host": "http://x"}, "host"),
        ({"host": "a b"}, "host"),
        ({"port": 22}, "port"),
        ({"security": "ssl"}, "security"),
        ({"security": "none"}, "security"),
        ({"user": ""}, "user"),
        ({"sender": ""}, "sender"),
        ({"sender": "no address"}, "sender"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_written(changes: dict[str, Any], name: str) -> None:
    made = make_account()
    given = {"host": OWN.host, "port": OWN.port, "security": OWN.security, "user": OWN.user, "sender": OWN.sender} | changes
    with pytest.raises((InvalidParameter, MissingParameter)) as caught:
        set_up(made, MailService(**given))
    assert caught.value.fields == (name,)
    assert own(made) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_an_accounts_service_is_no_door_into_our_network(host: str) -> None:
    made = make_account()
    set_up(made, MailService(host, 25, "none", sender="shop@example.com"), password=None)
    with unit_of_work(made.id):
        queue_test(account=made.account, recipient="alice@example.org", subject="Test", body="Test", at=NOW)
    tasks.send_mail()
    with unit_of_work(made.id):
        (attempt,) = list_attempts(account=made.account, kind="test")
    assert attempt.sent_at is None
    assert attempt.abandoned_at is not None
    assert attempt.error == f"OSError: {host} is not a public address"


def test_mails_leave_over_the_accounts_own_service_and_a_test_tells_the_exact_error(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_account(client_email="shop@example.org")
    monkeypatch.setenv("REGULARS_SMTP_PRIVATE", "yes")
    monkeypatch.delenv("REGULARS_MAIL_DIR", raising=False)
    monkeypatch.delenv("REGULARS_SMTP_URL", raising=False)
    with mail_service() as service:
        port = service.server_address[1]
        monkeypatch.setattr(settings_module, "PORTS", (port,))
        set_up(made, MailService("127.0.0.1", port, "none", sender="hello@bean.example"), password=None)

        def tried() -> Any:
            with unit_of_work(made.id):
                queue_test(account=made.account, recipient="alice@example.org", subject="Test", body="Test", at=NOW)
            tasks.send_mail()
            with unit_of_work(made.id):
                return list_attempts(account=made.account, kind="test")[0]

        assert tried().sent_at is not None
        assert "From: " in service.mails[0]
        assert "<hello@bean.example>" in service.mails[0]
        service.replies["RCPT"] = "550 no such user here"
        attempt = tried()
        assert attempt.sent_at is None
        assert "550" in attempt.error
        assert "no such user here" in attempt.error
        assert attempt.abandoned_at is not None, "a test is tried once"
    attempt = tried()
    assert attempt.error.startswith("ConnectionRefusedError")


def test_one_accounts_broken_service_holds_nobody_else_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("REGULARS_MAIL_DIR", str(tmp_path / "mail"))
    monkeypatch.delenv("REGULARS_SMTP_URL", raising=False)
    broken, fine = make_account(), make_account()
    set_up(broken, MailService("127.0.0.1", 25, "none", sender="shop@example.com"), password=None)
    for made in (broken, fine):
        with unit_of_work(made.id):
            queue_test(account=made.account, recipient="alice@example.org", subject="Test", body="Test", at=NOW)
    tasks.send_mail()
    with unit_of_work(fine.id):
        assert list_attempts(account=fine.account, kind="test")[0].sent_at is not None


def test_tests_are_not_a_way_to_send_mail_to_many() -> None:
    made = make_account()
    with unit_of_work(made.id):
        for _ in range(10):
            queue_test(account=made.account, recipient="alice@example.org", subject="Test", body="Test", at=NOW)
        with pytest.raises(RateLimited):
            queue_test(account=made.account, recipient="alice@example.org", subject="Test", body="Test", at=NOW)
        with pytest.raises(InvalidParameter):
            queue_test(account=made.account, recipient="nobody", subject="Test", body="Test", at=NOW)


def test_settings_are_the_accounts_own() -> None:
    made, charlie = make_account(), make_account()
    set_up(made)
    with unit_of_work(charlie.id):
        assert get_mail_settings(account=charlie.account).service.host == ""
        assert MailSettings.objects.count() == 0, "row-level security"


def test_a_carrier_of_the_installation_may_be_in_its_own_network() -> None:
    assert SmtpCarrier(settings_module.SmtpAddress("127.0.0.1", 25))._plain.__name__ == "SMTP"


# -- texts ---------------------------------------------------------------------------------------------------------
def test_own_texts_are_what_mails_say() -> None:
    made = make_account(biz_name="Bean & Leaf")
    club = make_campaign(made, name="Club")
    with unit_of_work(made.id):
        set_mail_text(account=made.account, at=NOW, kind="welcome", subject="Hello {first_name}", body="Card: {card_number}")
        set_mail_text(account=made.account, at=NOW, kind="transaction", subject="{campaign}", body="{amount}, now {balance}")
    ann = make_customer(made, first_name="Ann", card_number="7", email="ann@example.org", sends_mail=True)
    with unit_of_work(made.id):
        mail = OutboxMessage.objects.get(account_id=made.id, kind="welcome")
        assert (mail.subject, mail.body) == ("Hello Ann", "Card: 7\n")
    entry_id = make_sale(made, ann, club)
    from regulars.messages.queries import transaction_mail

    with unit_of_work(made.id):
        written = transaction_mail(account=made.fresh(), entry_id=entry_id)
        assert written is not None
        assert (written.subject, written.body) == ("Club", "995 points, now 995 points\n")
        set_mail_text(account=made.account, at=NOW, kind="welcome", subject="", body="")
        assert set(get_mail_settings(account=made.account).texts) == {"transaction"}


def test_activation_has_a_text_of_its_own_or_says_welcome() -> None:
    made = make_account(biz_name="Bean & Leaf")

    def activated(card: str) -> str:
        make_customer(made, card_number=card)
        with unit_of_work(made.id):
            account = made.fresh()
            profile = Profile(card_number=card, email="ann@example.org", username=f"ann{card}", password="latte_12")
            register_customer(account=account, by=owner_of(account), at=NOW, profile=profile)
            return OutboxMessage.objects.filter(account_id=made.id).latest("id").subject

    def write(kind: str, subject: str) -> None:
        with unit_of_work(made.id):
            set_mail_text(account=made.account, at=NOW, kind=kind, subject=subject, body="{username}")

    assert activated("1") == "Welcome to Bean & Leaf"
    write("welcome", "Hello")
    assert activated("2") == "Hello"
    write("activation", "Your card is activated")
    assert activated("3") == "Your card is activated"


@pytest.mark.parametrize(
    ("kind", "subject", "body", "name"),
    [
        ("welcome", "Hi", "", "body"),
        ("welcome", "", "Hi", "subject"),
        ("welcome", "Hi", "{balance}", "body"),
        ("welcome", "{campaign}", "Hi", "subject"),
        ("welcome", "x" * 201, "Hi", "subject"),
        ("welcome", "Hi", "x" * 10_001, "body"),
        ("password_link", "Hi", "Hi", "kind"),
    ],
)
def test_a_text_that_can_not_be_one_is_named(kind: str, subject: str, body: str, name: str) -> None:
    made = make_account()
    with unit_of_work(made.id):
        with pytest.raises((InvalidParameter, MissingParameter)) as caught:
            set_mail_text(account=made.account, at=NOW, kind=kind, subject=subject, body=body)
        assert caught.value.fields == (name,)
        assert get_mail_settings(account=made.account).texts == {}


@pytest.mark.parametrize("kind", list(TEXT_PLACEHOLDERS))
def test_a_sample_fills_every_placeholder_in(kind: str) -> None:
    made = make_account()
    everything = " ".join("{" + name + "}" for name in TEXT_PLACEHOLDERS[kind])
    mail = sample_mail(account=made.account, kind=kind, subject=everything, body=everything)
    assert "{" not in mail.subject + mail.body
    subject, body = OWN_TEXTS[kind]
    assert "{" not in sample_mail(account=made.account, kind=kind, subject=subject, body=body).body
