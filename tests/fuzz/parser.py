# SPDX-License-Identifier: Apache-2.0
"""
One input of bytes against everything that reads what callers send, and writes what they get. ``check(data)`` raises where a
property does not hold:

- nothing but a RegularsError comes out, and each is one that can be written as an answer;
- the strict split of multipart and the general parser read the same where both read;
- what is written is read back: XML by lxml, JSON by orjson, and the three formats say the same;
- an input takes a bounded time of the processor.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

import orjson
from lxml import etree

from regulars.errors import RegularsError
from regulars.kit.units import currency
from regulars.protocol import kinds
from regulars.protocol.form import Form, read_form, unquote
from regulars.protocol.multipart import _boundary, _parse, _split_plain
from regulars.protocol.params import declared, read
from regulars.protocol.render import Envelope, read_envelope, write_answer, write_error
from regulars.protocol.stored import from_stored, to_stored
from regulars.protocol.tree import Element
from tests.client import shown_by_both
from tests.scene import registered_calls

CPU_SECONDS_MAX = 1.0
"""Of one input of some kilobytes; a thousand times what one takes, so that only what hangs is found."""
ACCOUNTS: list[Any] = [
    SimpleNamespace(currency=currency(code), zone=ZoneInfo(zone))
    for code, zone in (("USD", "America/New_York"), ("JPY", "Asia/Tokyo"), ("KWD", "Africa/Monrovia"), ("EUR", "Pacific/Apia"))
]
PARAMS = [call.params for _, _, call in registered_calls()]
KINDS: list[kinds.Kind[Any]] = [
    kinds.money(), kinds.money(1, 10**6), kinds.points(), kinds.points(-(10**6), 10**6), kinds.decimal_ppm(),
    kinds.integer(), kinds.integer(0, 10), kinds.small_id(), kinds.iso_date(), kinds.partial_date(), kinds.date_time(),
    kinds.date_time(is_end=True), kinds.optional_date_time(), kinds.card(), kinds.customer_code(), kinds.email(), kinds.phone(),
    kinds.flag(), kinds.campaign_number(), kinds.account_code(), kinds.user_code(), kinds.new_password(), kinds.pin(),
    kinds.comma_list(kinds.small_id()), kinds.comma_list(kinds.text(20), 5), kinds.choice("Text", "Date"), kinds.text(40),
    *(parameter.kind for params in PARAMS for _, parameter in declared(params)),
]  # fmt: skip
CONTENT_TYPES = (
    "application/x-www-form-urlencoded", "", "text/plain; charset=iso-8859-1", "multipart/form-data; boundary=x",
    'multipart/form-data; boundary="x"', "multipart/form-data; charset=cp1252; boundary=xx", "multipart/form-data",
)  # fmt: skip
ENVELOPES = (Envelope("XML"), Envelope("JSON"), Envelope("JSON", "", True), Envelope("JSON", "lib.cb"))
INT_MAX = 2**63


class TooSlow(BaseException):
    """An input took more of the processor than one may."""


@contextmanager
def bounded(seconds: float = CPU_SECONDS_MAX) -> Iterator[None]:
    """Raise TooSlow in a block that takes more of the processor."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def check(data: bytes) -> str:
    """Check one input: its first byte chooses the property, its second a variant. Returns how it ended, for the statistics."""
    if len(data) < 2:
        return "too short"
    name, prove = PROPERTIES[data[0] % len(PROPERTIES)]
    with bounded():
        try:
            prove(data[2:], data[1])
        except RegularsError as error:
            _prove_error(error)
            return f"{name}: refused"
    return f"{name}: read"


# -- requests ----------------------------------------------------------------------------------------------------------
def prove_form(data: bytes, variant: int) -> None:
    """A form as a whole: query, body, content type; then its envelope and the parameters of a call."""
    assert unquote(data) == unquote_to_bytes(data)
    query, _, body = data.partition(b"\n") if variant & 8 else (b"", b"", data)
    given = CONTENT_TYPES[variant % len(CONTENT_TYPES)]
    if variant & 16:
        head, _, body = body.partition(b"\n")
        given = head.decode("latin-1")
    form = read_form(query, given, body)
    _prove_form(form)
    envelope, error = read_envelope(form.fields)
    if error is not None:
        _prove_error(error)
    assert envelope.callback == "" or envelope.output == "JSON"
    form.refuse_duplicate()
    read(PARAMS[variant % len(PARAMS)], form.fields, ACCOUNTS[variant % len(ACCOUNTS)])


def _prove_form(form: Form) -> None:
    for text in (*form.fields, *form.fields.values()):
        assert isinstance(text, str)
        text.encode("utf-8")
    written = Element("response", children=[Element("f", text=value) for value in form.fields.values()])
    shown = etree.fromstring(write_answer(written, ENVELOPES[0]))
    assert [one.text or "" for one in shown] == list(form.fields.values()), "what was let in cannot be shown"


def prove_multipart(data: bytes, variant: int) -> None:
    """The strict split takes only what the general parser reads the same."""
    boundary = (b"x", b"--", b"a-b", b"----------------------------4ebf00fbcf09")[variant % 4]
    body = data.replace(b"\x00B", boundary) if variant & 16 else data
    assert _boundary(f"multipart/form-data; boundary={boundary.decode()}") == boundary
    strict = _split_plain(boundary, body)
    if strict is not None:
        assert strict == list(_parse(boundary, body)), "the two parsers differ"
    _prove_form(read_form(b"", f"multipart/form-data; boundary={boundary.decode()}", body))


def prove_params(data: bytes, variant: int) -> None:
    """The parameters of a call, whose fields are named as it declares them and valued by the input."""
    params = PARAMS[variant % len(PARAMS)]
    names = [
        parameter.kind.member(1 + number % 3) if parameter.kind.prefix else parameter.names[number % len(parameter.names)]
        for number, (_, parameter) in enumerate(declared(params))
    ]
    values = data.decode("utf-8", "replace").split("\n")
    fields = {name: value.strip() for name, value in zip(names * 2, values, strict=False)}
    read(params, fields, ACCOUNTS[len(data) % len(ACCOUNTS)])


def prove_kind(data: bytes, variant: int) -> None:
    """One value of one kind; a number that was read is one that PostgreSQL can hold."""
    kind = KINDS[(variant + 256 * len(data)) % len(KINDS)]
    value = kind.parse("name", data.decode("utf-8", "replace"), ACCOUNTS[variant % len(ACCOUNTS)])
    if isinstance(value, int):
        assert -INT_MAX <= value < INT_MAX
    assert not isinstance(value, float)


# -- answers -----------------------------------------------------------------------------------------------------------
def prove_tree(data: bytes, _variant: int) -> None:
    """A tree built from the input is written the same in every format, read back as it was, and kept unchanged."""
    root = _grow(iter(data.decode("utf-8", "replace")))
    xml = write_answer(root, ENVELOPES[0])
    shown = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, recover=False))
    value = orjson.loads(write_answer(root, ENVELOPES[1]))
    assert orjson.loads(write_answer(root, ENVELOPES[2])) == value
    padded = write_answer(root, ENVELOPES[3])
    assert (padded[:7], padded[-2:]) == (b"lib.cb(", b");")
    assert orjson.loads(padded[7:-2]) == value
    assert b"\xe2\x80\xa8" not in padded, "a line end of JavaScript"
    differs = shown_by_both(shown, value)
    assert differs is None, f"XML and JSON differ at {differs}"
    assert write_answer(from_stored(orjson.loads(orjson.dumps(to_stored(root)))), ENVELOPES[0]) == xml


def _grow(letters: Iterator[str], depth: int = 0, name: str = "response") -> Element:
    """Read a tree: each node takes a letter for its form and a run of text up to a bar."""
    form = ord(next(letters, "\0"))
    text = _until_bar(letters)
    if form % 4 == 0 or depth > 5:
        return Element(name, text=text)
    count = form // 4 % 4
    if form % 4 == 1:
        return Element(name, is_list=True, children=[_grow(letters, depth + 1, "one") for _ in range(count)])
    attributes = {"status": text} if form & 16 else {}
    children = [_grow(letters, depth + 1, f"e{number if form & 32 else 0}") for number in range(count)]
    if not form & 32 and count > 1 and any(child.is_list for child in children):
        children = children[:1]  # two lists under one name is no tree that a call builds
    return Element(name, text=text if form & 64 else "", attributes=attributes, children=children)


def _until_bar(letters: Iterator[str]) -> str:
    text = ""
    for letter in letters:
        if letter == "|":
            break
        text += letter
    return text


def _prove_error(error: RegularsError) -> None:
    texts = [part.message for part in error.parts]
    shown = etree.fromstring(write_error(error, ENVELOPES[0]))
    assert [one.get("code") for one in shown] == [part.code for part in error.parts]
    told = orjson.loads(write_error(error, ENVELOPES[1]))
    assert told["errors"] == [one.text or "" for one in shown]
    assert len(texts) == len(told["errors"])


PROPERTIES: list[tuple[str, Callable[[bytes, int], None]]] = [
    ("form", prove_form), ("multipart", prove_multipart), ("params", prove_params), ("kind", prove_kind), ("tree", prove_tree),
]  # fmt: skip
