# SPDX-License-Identifier: Apache-2.0
"""What a text gateway is sent, and what an account may write about it. Pure."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidParameter, MissingParameter
from regulars.messages.text_rules import (
    TEXT_LENGTH_MAX,
    Gateway,
    Text,
    check_gateway,
    request_of,
    without_secrets,
    written_text,
)

FORM = Gateway("https://sms.example.com/send", body="to={to}\nfrom={sender}\n\ntext={text}\nkey={password}", sender="Bean")
TEXT = Text("+493012345", "49 points & more: 100 %")
WHO = {"number": 7, "username": "bean", "password": "s3cret/+"}


def test_a_form_is_sent_with_its_fields_in_their_order() -> None:
    asked = request_of(FORM, TEXT, **WHO)
    assert (asked.method, asked.url) == ("POST", "https://sms.example.com/send")
    assert parse_qsl(asked.content.decode()) == [
        ("to", "+493012345"), ("from", "Bean"), ("text", TEXT.body), ("key", "s3cret/+"),
    ]  # fmt: skip


def test_a_get_request_carries_its_fields_behind_those_of_the_address() -> None:
    gateway = Gateway("https://sms.example.com/{username}/send?v=2", method="GET", body="n={digits}\nm={text}\nref={id}")
    asked = request_of(gateway, TEXT, **WHO)
    parts = urlsplit(asked.url)
    assert (asked.method, asked.content, parts.path) == ("GET", b"", "/bean/send")
    assert parse_qsl(parts.query) == [("v", "2"), ("n", "493012345"), ("m", TEXT.body), ("ref", "7")]


def test_json_is_filled_in_at_any_depth_and_stays_json() -> None:
    body = '{"messages": [{"to": "{to}", "content": {"text": "{text}"}, "flash": false}], "n": 1, "{to}": "{sender}"}'
    gateway = Gateway("https://sms.example.com/", format="json", body=body, authorization="bearer")
    asked = request_of(gateway, Text("+1", 'say "hi"\n\\{to}'), **WHO)
    assert json.loads(asked.content) == {
        "messages": [{"to": "+1", "content": {"text": 'say "hi"\n\\{to}'}, "flash": False}], "n": 1, "{to}": "",
    }  # fmt: skip
    assert dict(asked.headers)["Authorization"] == "Bearer s3cret/+"


def test_name_and_password_sign_in_by_the_header() -> None:
    gateway = Gateway("https://sms.example.com/", body=FORM.body, authorization="basic")
    assert dict(request_of(gateway, TEXT, **WHO).headers)["Authorization"] == "Basic YmVhbjpzM2NyZXQvKw=="


@given(text=st.text(max_size=60), password=st.text(max_size=20), sender=st.text(max_size=20))
def test_no_value_becomes_a_field_a_header_or_another_address(text: str, password: str, sender: str) -> None:
    for gateway in (
        Gateway("https://sms.example.com/{password}", body=FORM.body, sender=sender, authorization="basic"),
        Gateway("https://sms.example.com/{text}", method="GET", body=FORM.body, sender=sender, authorization="bearer"),
        Gateway("https://sms.example.com/", format="json", body='{"t": "{text}{to}", "p": "{password}"}', sender=sender),
    ):
        asked = request_of(gateway, Text("+1", text), number=1, username="bean", password=password)
        assert urlsplit(asked.url).netloc == "sms.example.com"
        assert asked.url.isascii()
        assert asked.url.isprintable()
        assert all(value.isascii() and value.isprintable() for _, value in asked.headers)
        query = asked.content.decode() if gateway.format == "form" and gateway.method == "POST" else urlsplit(asked.url).query
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
        assert names == ([] if gateway.format == "json" else ["to", "from", "text", "key"])


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"url": ""}, "url", "Missing"),
        ({"url": "http://sms.example.com/"}, "url", "an address such as"),
        ({"url": "ftp://sms.example.com/"}, "url", "an address such as"),
        ({"url": "https:///send"}, "url", "an address such as"),
        ({"url": "https://sms.example.com:port/"}, "url", "an address such as"),
        ({"url": "https://user@sms.example.com/"}, "url", "no user"),
        ({"url": "https://{to}.example.com/"}, "url", "no placeholder before the path"),
        ({"url": "https://sms.example.com/ send"}, "url", "without blanks"),
        ({"url": "https://sms.example.com/{secret}"}, "url", r"there is no \{secret\} here"),
        ({"url": "https://sms.example.com/" + "x" * 500}, "url", "at most 500"),
        ({"method": "PUT"}, "method", "one of POST, GET"),
        ({"format": "xml"}, "format", "one of form, json"),
        ({"format": "json", "method": "GET", "body": "{}"}, "format", "no JSON"),
        ({"authorization": "digest"}, "authorization", "one of"),
        ({"body": "to={to}"}, "body", "it must name"),
        ({"body": "text={text}"}, "body", "it must name"),
        ({"body": "to {to}\ntext={text}"}, "body", "name=value"),
        ({"body": "to={to}\ntext={txt}"}, "body", r"there is no \{txt\}"),
        ({"format": "json", "body": '{"to": "{to}", "text": {text}}'}, "body", "JSON is expected"),
        ({"format": "json", "body": "[" * 4_000}, "body", "JSON is expected"),
        ({"sender": "x" * 21}, "sender", "at most 20"),
        ({"expects": "x" * 81}, "expects", "at most 80"),
        ({"receipt": "{password}"}, "receipt", r"there is no \{password\}"),
    ],
)
def test_a_gateway_that_can_not_work_is_refused_at_its_field(wrong: dict[str, str], field: str, says: str) -> None:
    check_gateway(FORM, allows_private=False)
    with pytest.raises((InvalidParameter, MissingParameter), match=says) as caught:
        check_gateway(Gateway(**{"url": FORM.url, "body": FORM.body} | wrong), allows_private=False)
    assert caught.value.fields == (field,)


def test_the_operator_may_allow_plain_http() -> None:
    check_gateway(Gateway("http://10.0.0.5/send", body=FORM.body), allows_private=True)


def test_a_text_is_short_and_has_no_empty_lines() -> None:
    values = {"business": "Bean", "amount": "49 points", "balance": "149 points", "rewards": ""}
    assert written_text(values, "", "+1").body == "Bean: 49 points. Balance: 149 points."
    assert written_text(values, "{business}\n\n{rewards}\n{amount}  \n", "+1").body == "Bean\n49 points"
    assert len(written_text(values | {"business": "B" * 2_000}, "", "+1").body) == TEXT_LENGTH_MAX


def test_what_a_gateway_says_repeats_no_secret() -> None:
    assert without_secrets("key s3cret/+ or s3cret%2F%2B", "s3cret/+", "") == "key • or •"
