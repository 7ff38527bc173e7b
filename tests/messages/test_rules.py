# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.messages.carriers import MailOptions, Undeliverable, compose, smtp_address
from regulars.messages.rules import (
    LONGEST_RETRY,
    PLACEHOLDERS,
    Mail,
    filled,
    is_address,
    one_line,
    plain_body,
    retry_after,
    written,
)

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
VALUES = dict.fromkeys(PLACEHOLDERS, "") | {
    "business": "Bean & Leaf", "campaign": "Beans", "name": "Ann Lee", "first_name": "Ann", "amount": "995 points",
    "balance": "1495 points", "description": "Order 7",
}  # fmt: skip
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def test_our_own_text_says_who_what_and_the_balance() -> None:
    mail = written(VALUES, recipient="ann@example.org", reply_to="shop@example.org")
    assert mail.subject == "Bean & Leaf: Beans"
    for part in ("Dear Ann Lee", "Order 7", "995 points", "Your balance: 1495 points", "Bean & Leaf"):
        assert part in mail.body
    assert (mail.recipient, mail.reply_to, mail.sender_name) == ("ann@example.org", "shop@example.org", "Bean & Leaf")


def test_a_campaigns_own_text_is_filled_in() -> None:
    mail = written(VALUES, recipient="a@b.cd", subject="Thank you, {first_name}!", body="You have {balance}.\n{unknown} {0} {")
    assert mail.subject == "Thank you, Ann!"
    assert mail.body == "You have 1495 points.\n{unknown} {0} {\n"


def test_what_a_value_holds_is_never_read_as_a_placeholder() -> None:
    assert filled("{name} {balance}", {"name": "{balance}", "balance": "7"}) == "{balance} 7"


@given(texts, texts, texts, texts)
def test_no_text_can_become_a_header(subject: str, name: str, body: str, value: str) -> None:
    evil = "\r\nBcc: everybody@example.org\r\n\r\nspam"
    values = VALUES | {"business": name + evil, "first_name": value + evil}
    mail = written(values, recipient="ann@example.org", subject=subject + "{first_name}", body=body)
    message = compose(mail, sender="us@example.org", message_id="m-1", sent_at=AT)
    parsed = message_from_bytes(message.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert set(parsed.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    assert parsed["Bcc"] is None
    assert [address.addr_spec for address in parsed["To"].addresses] == ["ann@example.org"]
    assert [address.addr_spec for address in parsed["From"].addresses] == ["us@example.org"]


@pytest.mark.parametrize(
    "recipient",
    ["", "ann", "a@b@c.de", "a@b.c\r\nBcc: x@y.zz", "a@b.cd, x@y.zz", "<a@b.cd>", "a b@c.de", "a@.de", "x" * 250 + "@b.cd",
     "a\x00@b.cd"],
)  # fmt: skip
def test_what_is_no_address_is_never_sent_to(recipient: str) -> None:
    assert not is_address(recipient)
    with pytest.raises(Undeliverable):
        compose(Mail(recipient, "s", "b", "n"), sender="us@example.org", message_id="m", sent_at=AT)


@given(texts)
def test_a_header_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@given(texts)
def test_a_body_keeps_its_lines_and_no_control_characters(text: str) -> None:
    body = plain_body(text)
    assert body.endswith("\n")
    assert not set(body) & {"\r", "\x00", "\x1b", "\x7f"}


def test_attempts_come_ever_later_up_to_a_limit() -> None:
    waits = [retry_after(count) for count in range(1, 15)]
    assert waits[:4] == [timedelta(minutes=count) for count in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_RETRY


# -- settings --------------------------------------------------------------------------------------------------------
def test_an_smtp_address_is_read() -> None:
    address = smtp_address("smtps://me%40shop:p%2Fw@mail.example:4650")
    assert (address.host, address.port, address.user, address.password, address.uses_tls) == (
        "mail.example", 4650, "me@shop", "p/w", True,
    )  # fmt: skip
    assert (smtp_address("smtp://mail.example").port, smtp_address("smtps://mail.example").port) == (587, 465)
    assert smtp_address("smtp://localhost:25?tls=no").is_plain
    assert "p/w" not in repr(address)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"REGULARS_SMTP_URL": "http://x"}, "REGULARS_SMTP_URL"),
        ({"REGULARS_SMTP_URL": "smtp://"}, "REGULARS_SMTP_URL"),
        ({"REGULARS_SMTP_URL": "smtp://x:port"}, "REGULARS_SMTP_URL"),
        ({"REGULARS_SMTP_URL": "smtp://x?tls=maybe"}, "tls must be yes or no"),
        ({"REGULARS_SMTP_URL": "smtp://u:secret@x?tls=no"}, "without TLS"),
        ({"REGULARS_SMTP_URL": "smtp://x", "REGULARS_MAIL_DIR": "/x"}, "exclude each other"),
        ({"REGULARS_MAIL_FROM": "nobody"}, "REGULARS_MAIL_FROM"),
    ],
)
def test_a_wrong_setting_is_named_and_secrets_are_not(variables: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        MailOptions.from_environment(variables)
    assert "secret" not in str(caught.value)


def test_no_setting_means_no_carrier() -> None:
    assert MailOptions.from_environment({}).carrier() is None
