# SPDX-License-Identifier: Apache-2.0
"""
What a text says, and the request by which a gateway of the account's choice takes it. Pure.

Gateways differ in everything; so the account writes the request, with placeholders in braces. What stands in a value is never
read as a placeholder, and can not end a line, a field or a JSON text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from regulars.errors import InvalidParameter, MissingParameter
from regulars.messages.rules import PLACEHOLDERS, filled, placeholders_in, plain_body

METHODS = ("POST", "GET")
FORMATS = ("form", "json")
AUTHORIZATIONS = ("none", "basic", "bearer")
REQUEST_PLACEHOLDERS = ("to", "digits", "text", "sender", "username", "password", "id")
"""What URL and body may name: the phone number, its digits alone, the text, whom it comes from, credentials, its own id."""
URL_LENGTH_MAX, BODY_LENGTH_MAX, EXPECTS_LENGTH_MAX, SENDER_LENGTH_MAX = 500, 4_000, 80, 20
TEXT_LENGTH_MAX = 612
"""Four parts of a text in the plain alphabet. Each costs money."""
RECEIPT_LENGTH_MAX = 600
OWN_RECEIPT = "{business}: {amount}. Balance: {balance}."


@dataclass(frozen=True, slots=True)
class Gateway:
    """A text gateway as an account has set it up, without its credentials."""

    url: str
    method: str = "POST"
    format: str = "form"
    body: str = ""
    authorization: str = "none"
    sender: str = ""
    expects: str = ""
    receipt: str = ""

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").lower()


@dataclass(frozen=True, slots=True)
class Text:
    """One text, ready to be sent. ``recipient``: as every network dials it."""

    recipient: str
    body: str


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is sent to a gateway."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: bytes


def check_gateway(gateway: Gateway, *, allows_private: bool) -> None:
    """Raise InvalidParameter or MissingParameter that names what is wrong with a gateway, by its attribute."""
    _check_url(gateway.url, allows_private=allows_private)
    for name, value, known in (
        ("method", gateway.method, METHODS), ("format", gateway.format, FORMATS),
        ("authorization", gateway.authorization, AUTHORIZATIONS),
    ):  # fmt: skip
        if value not in known:
            raise InvalidParameter(name, "one of " + ", ".join(known))
    if gateway.method == "GET" and gateway.format == "json":
        raise InvalidParameter("format", "a GET request has no JSON in it")
    _check_body(gateway)
    if len(gateway.sender) > SENDER_LENGTH_MAX or not gateway.sender.isprintable():
        raise InvalidParameter("sender", f"at most {SENDER_LENGTH_MAX} characters")
    if len(gateway.expects) > EXPECTS_LENGTH_MAX:
        raise InvalidParameter("expects", f"at most {EXPECTS_LENGTH_MAX} characters")
    if len(gateway.receipt) > RECEIPT_LENGTH_MAX:
        raise InvalidParameter("receipt", f"at most {RECEIPT_LENGTH_MAX} characters")
    _refuse_unknown("receipt", gateway.receipt, PLACEHOLDERS)


def request_of(gateway: Gateway, text: Text, *, number: int, username: str, password: str) -> HttpRequest:
    """
    Return the request that hands a text over. ``number``: its own, the same for each attempt: a gateway can know it again.

    Raises: ValueError where the body is no JSON any more.
    """
    values = {
        "to": text.recipient, "digits": text.recipient.lstrip("+"), "text": text.body, "sender": gateway.sender,
        "username": username, "password": password, "id": str(number),
    }  # fmt: skip
    url = filled(gateway.url, {name: quote(value, safe="") for name, value in values.items()})
    headers = [("Accept", "*/*")]
    if gateway.authorization == "basic":
        headers.append(("Authorization", "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()))
    elif gateway.authorization == "bearer":
        headers.append(("Authorization", "Bearer " + "".join(letter for letter in password if "!" <= letter <= "~")))
    if gateway.format == "json":
        content = json.dumps(_filled_json(json.loads(gateway.body), values), ensure_ascii=False).encode()
        return HttpRequest("POST", url, (*headers, ("Content-Type", "application/json")), content)
    fields = urlencode([(name, filled(value, values)) for name, value in _fields(gateway.body)])
    if gateway.method == "GET":
        return HttpRequest("GET", f"{url}{'&' if '?' in url else '?'}{fields}" if fields else url, tuple(headers), b"")
    return HttpRequest("POST", url, (*headers, ("Content-Type", "application/x-www-form-urlencoded")), fields.encode())


def written_text(values: Mapping[str, str], template: str, recipient: str) -> Text:
    """Return the text about a transaction. ``values`` are by placeholder; ``template`` "" = ours."""
    lines = [line.rstrip() for line in plain_body(filled(template or OWN_RECEIPT, values)).split("\n")]
    return Text(recipient, "\n".join(line for line in lines if line)[:TEXT_LENGTH_MAX])


def without_secrets(said: str, *secrets: str) -> str:
    """Return what a gateway said, with a dot in place of each secret that it may have repeated."""
    for secret in secrets:
        for form in {secret, quote(secret, safe="")} if secret else ():
            said = said.replace(form, "•")
    return said


def _check_url(url: str, *, allows_private: bool) -> None:
    if not url:
        raise MissingParameter("url")
    if len(url) > URL_LENGTH_MAX:
        raise InvalidParameter("url", f"at most {URL_LENGTH_MAX} characters")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise InvalidParameter("url", "plain letters without blanks are expected")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise InvalidParameter("url", "an address such as https://sms.example.com/send is expected") from error
    if parts.scheme not in (("https", "http") if allows_private else ("https",)) or not parts.hostname:
        raise InvalidParameter("url", "an address such as https://sms.example.com/send is expected")
    if parts.username is not None or parts.fragment or "{" in parts.netloc:
        raise InvalidParameter("url", "no user, no # and no placeholder before the path")
    _refuse_unknown("url", url, REQUEST_PLACEHOLDERS)


def _check_body(gateway: Gateway) -> None:
    if len(gateway.body) > BODY_LENGTH_MAX:
        raise InvalidParameter("body", f"at most {BODY_LENGTH_MAX} characters")
    if gateway.format == "json":
        try:
            _filled_json(json.loads(gateway.body), {})
        except (ValueError, RecursionError) as error:
            raise InvalidParameter("body", "JSON is expected") from error
    else:
        _fields(gateway.body)
    _refuse_unknown("body", gateway.body, REQUEST_PLACEHOLDERS)
    named = {*placeholders_in(gateway.body), *placeholders_in(gateway.url)}
    if not named & {"to", "digits"} or "text" not in named:
        raise InvalidParameter("body", "it must name {to} or {digits}, and {text}")


def _fields(body: str) -> list[tuple[str, str]]:
    """Return the fields of a form: name=value, a line each. Raises InvalidParameter("body")."""
    fields = []
    for line in body.splitlines():
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        if not sign or not name.strip():
            raise InvalidParameter("body", "name=value is expected, a line each")
        fields.append((name.strip(), value.strip()))
    return fields


def _filled_json(document: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON document with the placeholders of its texts filled in; names of members stay as they are."""
    if isinstance(document, str):
        return filled(document, values)
    if isinstance(document, list):
        return [_filled_json(each, values) for each in document]
    if isinstance(document, dict):
        return {name: _filled_json(each, values) for name, each in document.items()}
    return document


def _refuse_unknown(name: str, template: str, known: tuple[str, ...]) -> None:
    unknown = [word for word in placeholders_in(template) if word not in known]
    if unknown:
        raise InvalidParameter(name, "there is no {" + unknown[0] + "} here")
