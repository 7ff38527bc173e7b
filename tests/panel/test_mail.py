# SPDX-License-Identifier: Apache-2.0
"""The pages about an account's mails: service, test, texts."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.messages.settings import get_mail_settings
from tests.factories import make_account, make_user

MAIL = "/admin.php/account/mail"


def errors(page: Any) -> list[str]:
    return [" ".join(error.text_content().split()) for error in page.xpath("//p[@class='error']")]


def test_an_own_service_is_set_up_tried_out_and_given_up(visit: Any) -> None:
    alice = make_account()
    visitor = visit(alice)
    page = visitor.get(MAIL)
    assert "Mails leave over this installation's service." in page.text
    page = visitor.submit("/mail", host="127.0.0.1", security="none", port="25", sender="not an address")
    assert (page.status, errors(page)) == (400, ["One e-mail address is expected."])
    assert page.html.xpath("string(//input[@name='host']/@value)") == "127.0.0.1"
    page = visitor.submit("/mail", sender="shop@bean.example")
    assert "Mails leave over 127.0.0.1." in page.text
    page = visitor.submit("/test", recipient="nobody")
    assert (page.status, errors(page)) == (400, ["One e-mail address is expected."])
    page = visitor.submit("/test", recipient="alice@example.org")
    assert "Waits" in page.text
    tasks.send_mail()
    page = visitor.get(MAIL)
    assert page.html.xpath("string(//li//code)") == "OSError: 127.0.0.1 is not a public address"
    page = visitor.submit("/mail", host="")
    assert "Mails leave over this installation's service." in page.text


def test_the_password_is_never_shown_again(visit: Any) -> None:
    alice = make_account()
    visitor = visit(alice)
    visitor.get(MAIL)
    page = visitor.submit(
        "/mail", host="smtp.example.com", security="tls", port="465", user="shop", password="s3cret-word", sender="a@b.example"
    )
    assert "s3cret-word" not in page.html.text_content() + str(page.html.xpath("//input/@value"))
    visitor.submit("/mail", user="shop2")
    with unit_of_work(alice.id):
        service = get_mail_settings(account=alice.account).service
    assert (service.user, service.has_password) == ("shop2", True)


def test_a_text_is_previewed_saved_and_given_up(visit: Any) -> None:
    alice = make_account(biz_name="Bean & Leaf")
    visitor = visit(alice)
    page = visitor.get(f"{MAIL}/welcome")
    assert "Welcome to Bean & Leaf" in page.text
    page = visitor.submit("/welcome", subject="Hello {first_name}", body="Your card: {card_number}", preview="1")
    assert "Hello Ann" in page.text
    assert "Your card: 4006381333931" in page.text
    with unit_of_work(alice.id):
        assert get_mail_settings(account=alice.account).texts == {}, "a preview writes nothing"
    page = visitor.submit("/welcome", body="{balance}")
    assert (page.status, errors(page)) == (400, ["There is no {balance} in this mail."])
    page = visitor.submit("/welcome", body="Your card: {card_number}")
    assert "Your own" in page.text
    visitor.get(f"{MAIL}/welcome")
    page = visitor.submit("/welcome", ours="1")
    assert "Your own" not in page.text
    assert visitor.get(f"{MAIL}/password_link").status == 404


@pytest.mark.parametrize("role", ["M", "K", "C"])
def test_who_may_not_change_the_account_may_not_see_its_mail(visit: Any, role: str) -> None:
    alice = make_account()
    assert visit(make_user(alice, role=role)).get(MAIL).status == 403
