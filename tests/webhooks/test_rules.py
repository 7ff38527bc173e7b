# SPDX-License-Identifier: Apache-2.0
"""Signatures, retries, addresses: the pure rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.errors import InvalidParameter, MissingParameter
from regulars.webhooks import rules
from regulars.webhooks.options import WebhookOptions
from regulars.webhooks.rules import (
    ATTEMPTS_MAX,
    GIVEN_UP_AFTER,
    Outcome,
    check_kinds,
    check_url,
    headers,
    read_retry_after,
    rest_after,
    retry_after,
    shown_answer,
    signature,
    written_secret,
)
from tests.webhooks.receiver import is_signed

HOURS = timedelta(hours=1)


def test_a_signature_is_the_one_that_libraries_of_the_standard_are_tested_with() -> None:
    assert signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", event_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330,
        payload=b'{"test": 2432232314}',
    ) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="  # fmt: skip


def test_a_delivery_is_signed_with_each_secret_and_nothing_in_it_can_be_changed() -> None:
    new, old, other = (written_secret(bytes([byte]) * 32) for byte in (1, 2, 3))
    sent = headers(event_id="evt_t1", timestamp=1000, payload=b"{}", secrets=(new, old), agent="Regulars/1")
    assert is_signed(new, sent, b"{}", now=1000)
    assert is_signed(old, sent, b"{}", now=1299)
    assert not is_signed(other, sent, b"{}", now=1000)
    assert not is_signed(new, sent, b"{} ", now=1000)
    assert not is_signed(new, {**sent, "webhook-id": "evt_t2"}, b"{}", now=1000)
    assert not is_signed(new, {**sent, "webhook-timestamp": "1001"}, b"{}", now=1000)
    assert not is_signed(new, sent, b"{}", now=1301)


def test_what_is_no_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="no secret"):
        signature("whsec_***", event_id="e", timestamp=1, payload=b"")


def test_retries_go_on_for_three_days_and_vary_by_a_fifth() -> None:
    waits = [retry_after(count, chance_percent=50) for count in range(1, ATTEMPTS_MAX + 1)]
    assert waits[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    assert waits[-1] is None
    total = sum((wait for wait in waits if wait is not None), timedelta())
    assert GIVEN_UP_AFTER < total < 80 * HOURS
    assert retry_after(4, chance_percent=0) == timedelta(hours=1.6)
    assert retry_after(4, chance_percent=100) == timedelta(hours=2.4)


def test_a_receiver_is_never_called_sooner_than_it_asked_but_within_a_day() -> None:
    assert retry_after(1, chance_percent=50, asked=timedelta(minutes=10)) == timedelta(minutes=10)
    assert retry_after(9, chance_percent=0, asked=timedelta(minutes=10)) == timedelta(hours=19.2)
    assert retry_after(1, chance_percent=0, asked=timedelta(days=30)) == timedelta(days=1)
    assert [read_retry_after(text) for text in ("120", "", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 40)] == [
        120, None, None, None, None,
    ]  # fmt: skip


def test_an_endpoint_rests_longer_with_each_failure_up_to_five_minutes() -> None:
    rests = [rest_after(count).total_seconds() for count in (1, 2, 3, 6, 7, 1000)]
    assert rests == [5, 10, 20, 160, 300, 300]
    assert rest_after(1, asked=timedelta(seconds=60)) == timedelta(seconds=60)
    assert rest_after(1, asked=timedelta(days=1)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/hook", "https://shop.example.com:8443/hook?key=a%20b", "https://8.8.8.8/x",
        "https://[2606:4700::1111]/",
    ],
)  # fmt: skip
def test_addresses_of_the_internet_are_taken(url: str) -> None:
    assert check_url(f" {url} ", allows_private=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "shop.example.com", "http://shop.example.com/", "ftp://shop.example.com/", "https://", "https://shop .example.com/",
        "https://user:word@shop.example.com/", "https://shop.example.com/#part", "https://shop.example.com:0/",
        "https://shop.example.com:99999/", "https://bücher.example/", "https://localhost/", "https://127.0.0.1/",
        "https://10.1.2.3/", "https://[::1]/", "https://[fe80::1%25eth0]/", "https://169.254.169.254/latest",
        "https://2130706433/", "https://printer.local/", "https://db.internal/", "https://shop.example.com/\n",
        "https://shop.example.com/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_internet_is_refused_at_its_field(url: str) -> None:
    if url.endswith("\n"):
        url = f"{url}x"
    with pytest.raises(InvalidParameter) as refused:
        check_url(url, allows_private=False)
    assert refused.value.fields == ("url",)


def test_the_operator_may_allow_his_own_networks() -> None:
    for url in ("http://127.0.0.1:8000/hook", "http://crm/hook", "https://10.1.2.3/"):
        assert check_url(url, allows_private=True) == url
    with pytest.raises(InvalidParameter):
        check_url("file:///etc/passwd", allows_private=True)
    with pytest.raises(MissingParameter):
        check_url(" ", allows_private=True)


def test_events_are_chosen_from_those_there_are() -> None:
    assert check_kinds(["customer.created", "transaction.recorded"]) == ["transaction.recorded", "customer.created"]
    with pytest.raises(MissingParameter):
        check_kinds([])
    with pytest.raises(InvalidParameter):
        check_kinds(["webhook.test"])


def test_only_2xx_is_a_success() -> None:
    said = {status: Outcome(1, status, "", 1).is_success for status in (None, 199, 200, 204, 299, 300, 302, 404, 410, 500)}
    assert [status for status, is_success in said.items() if is_success] == [200, 204, 299]


def test_an_answer_is_kept_as_text_that_can_be_shown() -> None:
    assert shown_answer(b"caf\xc3\xa9\x00\r\n<b>\xff\x1b[31m") == "café <b>� [31m"
    assert len(shown_answer(b"a" * 2000)) == rules.ANSWER_LENGTH_MAX


@pytest.mark.parametrize(
    "given",
    [{"REGULARS_WEBHOOKS_PRIVATE": "maybe"}, {"REGULARS_WEBHOOKS_DAYS": "0"}, {"REGULARS_WEBHOOKS_DAYS": "x"}],
)
def test_a_wrong_setting_is_named(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        WebhookOptions.from_environment(given)


def test_settings_are_read() -> None:
    assert WebhookOptions.from_environment({}) == WebhookOptions(allows_private=False, days=30)
    given = {"REGULARS_WEBHOOKS_PRIVATE": "yes", "REGULARS_WEBHOOKS_DAYS": "7"}
    assert WebhookOptions.from_environment(given) == WebhookOptions(allows_private=True, days=7)
