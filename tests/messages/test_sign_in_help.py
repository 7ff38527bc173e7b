# SPDX-License-Identifier: Apache-2.0
"""The mails to those who have forgotten something: to whom, with which link, and nothing of it left in the outbox."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from regulars.kit.db import unit_of_work
from regulars.kit.public_address import PublicAddress
from regulars.messages.models import OutboxMessage
from regulars.messages.operations import Outgoing, claim_due
from regulars.messages.sign_in_help import answer_requests
from regulars.users.forgotten import ask_for_mail, is_link_good, set_password_by_link, take_requests
from tests.factories import NOW, MadeAccount, make_account, make_agency, make_host, make_user, unique_name

HERE = PublicAddress("https://loyalty.example.com")
LINK = re.compile(r"(\S*)/admin\.php/new-password/(\S+)")


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    while take_requests():
        pass


def mails(alice: MadeAccount, *, at=NOW) -> list[Outgoing]:
    with unit_of_work(alice.id):
        return list(claim_due(account=alice.fresh(), at=at))


def ask(about: str, *, kind: str = "password", host: str = "", public: PublicAddress = HERE) -> int:
    ask_for_mail(kind=kind, about=about, host=host, at=NOW)
    return answer_requests(at=NOW, public=public)


def address(name: str) -> str:
    return f"{unique_name(name)}@example.com"


def test_the_mail_has_a_link_that_works_and_the_outbox_has_none():
    alice = make_account(biz_name="Bean & Leaf", client_email="shop@example.com")
    bob = make_user(alice, email=address("bob"))
    assert ask(bob.code) == 1
    (outgoing,) = mails(alice)
    start, link = LINK.search(outgoing.mail.body).groups()
    assert (start, outgoing.mail.reply_to) == ("https://loyalty.example.com", "shop@example.com")
    assert outgoing.mail.subject == "Bean & Leaf: a new password"
    assert bob.code in outgoing.mail.body
    assert is_link_good(link=link, at=NOW)
    with unit_of_work(alice.id):
        row = OutboxMessage.objects.get(account_id=alice.id)
        kept = " ".join(str(value) for value in vars(row).values())
    assert link.partition("-")[2] not in kept
    assert set_password_by_link(link=link, password="mocha_99", at=NOW)[1].code == bob.code


def test_a_second_attempt_brings_a_link_of_its_own():
    alice = make_account()
    bob = make_user(alice, email=address("bob"))
    ask(bob.code)
    first = LINK.search(mails(alice)[0].mail.body)[2]
    later = NOW + timedelta(minutes=2)
    second = LINK.search(mails(alice, at=later)[0].mail.body)[2]
    assert not is_link_good(link=first, at=later)
    assert is_link_good(link=second, at=later)


def test_a_mail_nobody_could_send_for_an_hour_is_given_up():
    alice = make_account()
    bob = make_user(alice, email=address("bob"))
    ask(bob.code)
    assert mails(alice, at=NOW + timedelta(minutes=61)) == []


@pytest.mark.parametrize("case", ["unknown", "no address", "no password"])
def test_whoever_can_not_be_helped_gets_nothing(case: str):
    alice = make_account()
    bob = make_user(
        alice, email="" if case == "no address" else address("bob"), password="" if case == "no password" else "abcde"
    )
    assert ask(unique_name("nobody") if case == "unknown" else bob.code) == 0
    assert mails(alice) == []


def test_user_ids_of_an_address_come_from_each_account_by_itself():
    alice, carol = make_account(biz_name="Bean & Leaf"), make_account(biz_name="Carol's Books")
    email = address("bob")
    bob, ben, cara = make_user(alice, email=email), make_user(alice, email=email), make_user(carol, email=email)
    assert ask(email.upper(), kind="user_id") == 2
    (to_alices,), (to_carols,) = mails(alice), mails(carol)
    assert to_alices.mail.recipient == to_carols.mail.recipient == email
    for code, mail in ((bob.code, to_alices.mail), (ben.code, to_alices.mail), (cara.code, to_carols.mail)):
        assert code in mail.body
    assert cara.code not in to_alices.mail.body
    assert bob.code not in to_carols.mail.body
    assert "Sign in at https://loyalty.example.com/admin.php" in to_alices.mail.body


def test_at_an_own_host_its_users_are_answered_with_it_and_nobody_else():
    agency = make_agency()
    alice, carol = make_account(agency_id=agency.account.agency[0]), make_account()
    host = make_host(agency)
    bob, cara = make_user(alice, email=address("bob")), make_user(carol, email=address("cara"))
    assert ask(cara.code, host=host) == 0
    assert ask(bob.code, host=f"{host}:9999", public=PublicAddress("https://loyalty.example.com", 8443)) == 1
    (outgoing,) = mails(alice)
    assert LINK.search(outgoing.mail.body)[1] == f"https://{host}:8443"


def test_a_host_that_is_nobodys_is_never_in_a_mail():
    alice = make_account()
    bob = make_user(alice, email=address("bob"))
    ask(bob.code, host="evil.example")
    assert "evil" not in mails(alice)[0].mail.body


def test_without_an_address_of_the_installation_the_accounts_own_host_is_taken_or_a_path():
    alice, carol = make_account(), make_account()
    host = make_host(alice)
    bob, cara = make_user(alice, email=address("bob")), make_user(carol, email=address("cara"))
    ask(bob.code, public=PublicAddress())
    ask(cara.code, public=PublicAddress())
    assert LINK.search(mails(alice)[0].mail.body)[1] == f"https://{host}"
    body = mails(carol)[0].mail.body
    assert LINK.search(body)[1] == ""
    assert "behind the name of the server" in body


@pytest.mark.parametrize(
    "url",
    ["http://a.example", "https://", "a.example", "https://a.example/panel", "https://me@a.example", "https://a.example?x=1"],
)
def test_an_address_that_can_be_none_stops_the_start(url: str):
    with pytest.raises(ValueError, match="REGULARS_PUBLIC_URL"):
        PublicAddress.from_environment({"REGULARS_PUBLIC_URL": url})


def test_the_address_is_read_as_it_is_written():
    assert PublicAddress.from_environment({"REGULARS_PUBLIC_URL": "https://a.example:8443/"}).url == "https://a.example:8443"
    assert PublicAddress.from_environment({}) == PublicAddress("", 443)
    with pytest.raises(ValueError, match="REGULARS_HTTPS_PORT"):
        PublicAddress.from_environment({"REGULARS_HTTPS_PORT": "x"})
