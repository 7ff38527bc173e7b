# SPDX-License-Identifier: Apache-2.0
"""From a sale to a mail that was taken: the outbox, the back-off, what is given up."""

from __future__ import annotations

import mailbox
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.jobs.mail import SendCount, send_due
from regulars.kit.db import unit_of_work
from regulars.messages.carriers import Carrier, CarrierUnavailable, DirectoryCarrier, SmtpCarrier, Undeliverable, smtp_address
from regulars.messages.operations import abandon_stale, claim_due, queue_mail
from regulars.messages.rules import ATTEMPTS_MAX, LIFETIME
from tests.client import Api
from tests.factories import make_agency, make_brand, make_campaign, make_customer, make_item, make_reward
from tests.messages.smtp_server import mail_service
from tests.till import RunAsOwner, Till, make_till

SENDER = "no-reply@example.org"


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner, client_email="shop@example.org")
    make_customer(till.made, code="c1", first_name="Ann", last_name="Lee", email="ann@example.org", card_number="777001")
    return till


class Kept:
    """A carrier in memory: ``trouble`` is raised once for each mail it holds."""

    def __init__(self, *trouble: Exception | None) -> None:
        self.mails: list[EmailMessage] = []
        self.trouble = list(trouble)
        self.was_in_transaction = False

    def deliver(self, message: EmailMessage) -> None:
        self.was_in_transaction |= connection.in_atomic_block
        error = self.trouble.pop(0) if self.trouble else None
        if error is not None:
            raise error
        self.mails.append(message)

    def close(self) -> None:
        pass


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def send(till: Till, carrier: Carrier, at: datetime | None = None, account: AccountConfig | None = None) -> SendCount:
    return send_due(account=account or till.made.fresh(), at=at or now(), carrier=carrier, sender=SENDER)


def outbox(till: Till) -> list[tuple[Any, ...]]:
    return till.run_as_owner(
        "SELECT attempt_count, sent_at IS NOT NULL, abandoned_at IS NOT NULL, last_error FROM messages_outbox"
        " WHERE account_id = %s ORDER BY id", till.made.id,
    )  # fmt: skip


def test_a_sale_is_mailed_with_its_balance(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    make_reward(till.made, campaign, level=400, description="Free coffee")
    make_reward(till.made, campaign, level=5000, description="A mug")
    till.sold(campaign, amount="5", send_transaction_email="Y", authorization="Order 7")
    carrier = Kept()
    assert send(till, carrier) == SendCount(sent=1)
    (mail,) = carrier.mails
    assert str(mail["To"]) == "ann@example.org"
    assert str(mail["From"]) == f"Bean & Leaf <{SENDER}>"
    assert str(mail["Reply-To"]) == "shop@example.org"
    assert str(mail["Subject"]) == "Bean & Leaf: Beans"
    body = mail.get_content()
    for part in ("Dear Ann Lee", "Order 7", "500 points", "Your balance: 500 points", "Free coffee (400)"):
        assert part in body
    assert "A mug" not in body
    assert not carrier.was_in_transaction, "the mail service was spoken to inside a database transaction"
    assert outbox(till) == [(1, True, False, "")]


def test_mails_come_from_whom_the_brand_names_the_own_before_the_agencys(till: Till) -> None:
    agency, campaign = make_agency(), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET agency_id = %s WHERE id = %s", agency.account.agency[0])
    make_brand(agency, mail_name="Loyal & Co", mail_reply_to="us@loyal.example")
    make_brand(make_agency(), mail_name="Stranger", mail_reply_to="stranger@loyal.example")
    senders = []
    for own in ({}, {"mail_name": "Leaf"}, {"mail_reply_to": "leaf@example.org"}):
        make_brand(till.made, **own)
        till.sold(campaign, amount="5", send_transaction_email="Y")
        carrier = Kept()
        send(till, carrier)
        senders += [(str(mail["From"]), str(mail["Reply-To"])) for mail in carrier.mails]
    assert senders == [
        (f"Loyal & Co <{SENDER}>", "us@loyal.example"),
        (f"Leaf <{SENDER}>", "us@loyal.example"),
        (f"Leaf <{SENDER}>", "leaf@example.org"),
    ]


def test_a_mail_is_sent_once(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    carrier = Kept()
    send(till, carrier)
    send(till, carrier, now() + timedelta(days=1))
    assert len(carrier.mails) == 1


def test_the_campaigns_own_text_is_used(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.set_up(
        "UPDATE campaigns_campaigns SET mail_subject = %s, mail_body = %s WHERE account_id = %s",
        "{first_name}, you have {balance}", "{amount} on {card_number} at {business}. {nonsense}",
    )  # fmt: skip
    till.sold(campaign, amount="5", send_transaction_email="Y")
    carrier = Kept()
    send(till, carrier)
    assert str(carrier.mails[0]["Subject"]) == "Ann, you have 5.00 USD"
    assert carrier.mails[0].get_content() == "5.00 USD on 777001 at Bean & Leaf. {nonsense}\n"


def test_every_kind_and_a_redemption_can_be_mailed(till: Till) -> None:
    drinks = make_campaign(till.made, kind="buyx")
    item = make_item(till.made, drinks, description="Latte", level=2)
    visits = make_campaign(till.made, kind="events")
    till.sold(drinks, service_product=item, buyx_quantity=5, send_transaction_email="Y")
    till.redeemed(drinks, reward_to_redeem=item, send_transaction_email="Y")
    till.sold(visits, send_transaction_email="Y")
    carrier = Kept()
    assert send(till, carrier).sent == 3
    bodies = [mail.get_content() for mail in carrier.mails]
    assert "Free now: 2 x Latte" in bodies[0]
    assert "-2 units" in bodies[1]
    assert "1 events" in bodies[2]


def test_a_service_that_is_down_is_tried_again_ever_later_and_then_given_up(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    at = now()
    for attempt in range(1, ATTEMPTS_MAX + 1):
        count = send(till, Kept(CarrierUnavailable("it is down")), at)
        assert count.is_carrier_down
        assert outbox(till) == [(attempt, False, attempt == ATTEMPTS_MAX, "it is down")]
        assert send(till, Kept(), at) == SendCount(), "not before its time"
        at += timedelta(hours=6)
    assert send(till, Kept(), at + timedelta(days=1)) == SendCount()


def test_a_mail_that_nobody_takes_is_given_up_and_the_others_go_on(till: Till) -> None:
    campaign = make_campaign(till.made)
    for _ in range(2):
        till.sold(campaign, amount="5", send_transaction_email="Y")
    carrier = Kept(Undeliverable("550 no such user"))
    assert send(till, carrier) == SendCount(sent=1, abandoned=1)
    assert outbox(till) == [(1, False, True, "550 no such user"), (1, True, False, "")]


def test_a_service_that_goes_down_ends_the_batch(till: Till) -> None:
    campaign = make_campaign(till.made)
    for _ in range(3):
        till.sold(campaign, amount="5", send_transaction_email="Y")
    carrier = Kept(None, CarrierUnavailable("gone"))
    assert send(till, carrier) == SendCount(sent=1, to_be_retried=2, is_carrier_down=True)
    assert len(carrier.mails) == 1
    assert send(till, carrier, now() + timedelta(minutes=2)).sent == 2


def test_who_has_no_address_any_more_gets_no_mail(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    till.set_up("UPDATE customers_customers SET email = '' WHERE account_id = %s")
    carrier = Kept()
    assert send(till, carrier) == SendCount()
    assert outbox(till) == [(0, False, True, "the customer has no valid e-mail address")]


def test_a_deleted_transaction_is_not_written_about(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5", send_transaction_email="Y")
    assert till.call("transaction_delete", campaign_id=campaign.number, code="c1", transaction_id=sale).ok
    carrier = Kept()
    send(till, carrier)
    assert carrier.mails == []
    assert outbox(till)[0][2], "it is given up"


def test_old_mails_are_not_sent(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    carrier = Kept()
    assert send(till, carrier, now() + LIFETIME + timedelta(minutes=1)) == SendCount()
    assert carrier.mails == []


def test_mails_that_nobody_sends_are_given_up_in_the_end(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    account = till.made.fresh()
    with unit_of_work(account.id):
        assert abandon_stale(account=account, at=now()) == 0
        assert abandon_stale(account=account, at=now() + LIFETIME + timedelta(minutes=1)) == 1


def test_other_mails_bring_their_own_text(till: Till) -> None:
    account = till.made.fresh()
    with unit_of_work(account.id):
        queue_mail(
            account=account, kind="welcome", customer_id=1, recipient="new@example.org", subject="Welcome\r\nBcc: x@y.zz",
            body="Hello\r\nthere", at=now(),
        )  # fmt: skip
        queue_mail(account=account, kind="welcome", customer_id=1, recipient="nobody", subject="s", body="b", at=now())
    carrier = Kept()
    assert send(till, carrier, now() + timedelta(seconds=5)).sent == 1
    assert str(carrier.mails[0]["Subject"]) == "Welcome Bcc: x@y.zz"
    assert carrier.mails[0]["Bcc"] is None
    assert carrier.mails[0].get_content() == "Hello\nthere\n"


def test_another_accounts_outbox_is_never_touched(till: Till, api: Api) -> None:
    other = make_till(api, till.run_as_owner)
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    assert send(other, Kept()) == SendCount()
    assert outbox(till) == [(0, False, False, "")]


def test_two_senders_at_once_never_take_the_same_mail(till: Till) -> None:
    campaign = make_campaign(till.made)
    for _ in range(20):
        till.sold(campaign, amount="5", send_transaction_email="Y")
    account, at = till.made.fresh(), now()
    claimed: list[int] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait()
        try:
            with unit_of_work(account.id):
                claimed.extend(each.id for each in claim_due(account=account, at=at, limit=10))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed))
    with unit_of_work(account.id):
        claimed += [each.id for each in claim_due(account=account, at=at)]
    assert len(set(claimed)) == 20


# -- carriers ------------------------------------------------------------------------------------------------------------
def test_a_directory_keeps_mails_as_files(till: Till, tmp_path: Path) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    carrier = DirectoryCarrier(tmp_path / "mail")
    assert send(till, carrier).sent == 1
    (kept,) = mailbox.Maildir(tmp_path / "mail")
    assert kept["To"] == "ann@example.org"


def test_smtp_takes_a_batch_over_one_connection(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c2", first_name="Zoë", email="zoe@example.org")
    till.sold(campaign, amount="5", send_transaction_email="Y")
    till.sold(campaign, "c2", amount="5", send_transaction_email="Y")
    with mail_service() as service:
        carrier = SmtpCarrier(smtp_address(service.url))
        assert send(till, carrier).sent == 2
        carrier.close()
        assert service.connections == 1
        first, second = (message_from_bytes(mail.encode(), policy=policy.default) for mail in service.mails)
    assert first["To"] == "ann@example.org"
    assert "Dear Zoë" in second.get_content()
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    ("replies", "is_given_up", "is_down"),
    [
        ({"RCPT": "550 no such user"}, True, False),
        ({"RCPT": "450 try later"}, False, True),
        ({"DATA": "554 we think it is spam"}, True, False),
        ({"DATA": "451 try later"}, False, True),
        ({"MAIL": "421 closing"}, False, True),
    ],
)
def test_smtp_refusals_are_final_or_not_by_their_code(
    till: Till, replies: dict[str, str], is_given_up: bool, is_down: bool
) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    with mail_service() as service:
        service.replies = replies
        carrier = SmtpCarrier(smtp_address(service.url))
        count = send(till, carrier)
        carrier.close()
    assert (bool(count.abandoned), count.is_carrier_down) == (is_given_up, is_down)
    assert outbox(till)[0][2] is is_given_up


def test_a_mail_service_that_is_not_there_is_tried_later(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    with mail_service() as service:
        url = service.url
    assert send(till, SmtpCarrier(smtp_address(url))).is_carrier_down
    assert outbox(till)[0][:3] == (1, False, False)
