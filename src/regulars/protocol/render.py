# SPDX-License-Identifier: Apache-2.0
"""
From one element tree to XML, JSON and JSONP (I14; api.md 13 "Envelope"). All leaf values of JSON are strings.

The JSON of an element: its attributes and children are members; a wrapper (``is_list``) is an array under its name; a
text beside attributes or children, or in an array, is the member ``xml_value_to_show``; a plain leaf is its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from regulars.errors import (
    InvalidParameter,
    InvariantViolation,
    MalformedRequest,
    OperationalError,
    PlainHttpRefused,
    RateLimited,
    RegularsError,
    TooLarge,
)
from regulars.protocol.params import Fields
from regulars.protocol.tree import Element

TEXT_MEMBER = "xml_value_to_show"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
XML_TYPE = "text/xml; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"
JSONP_TYPE = "application/javascript; charset=utf-8"
CALLBACK_MAX = 128

_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*", re.ASCII)
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL_IN_ATTRIBUTE = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
ALWAYS_STATUS = (MalformedRequest, PlainHttpRefused, TooLarge, RateLimited, OperationalError)
"""Errors that happen below the API: their HTTP status is shown even without ``strict_status=Y``."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How the caller wants the answer written."""

    output: Literal["XML", "JSON"] = "XML"
    callback: str = ""
    is_condensed: bool = False
    is_strict_status: bool = False

    @property
    def content_type(self) -> str:
        if self.output == "XML":
            return XML_TYPE
        return JSONP_TYPE if self.callback else JSON_TYPE


_PLAIN = Envelope()
"""What nearly every till asks for: XML, and no more."""


def read_envelope(fields: Fields) -> tuple[Envelope, RegularsError | None]:
    """
    Return how to answer, and what is wrong with the wish if something is (the answer is then written without it).

    A ``callback`` asks for JSONP unless XML is named. An unknown ``output`` is answered in XML.
    """
    if not ("output" in fields or "callback" in fields or "condensed" in fields or "strict_status" in fields):
        return _PLAIN, None
    wish = fields.get("output", "").upper()
    callback = fields.get("callback", "")
    is_condensed = fields.get("condensed", "").lower() in ("yes", "y", "true", "1")
    is_strict = fields.get("strict_status", "").lower() in ("yes", "y", "true", "1")
    error: RegularsError | None = None
    output: Literal["XML", "JSON"] = "XML"
    if wish == "JSON" or (not wish and callback):
        output = "JSON"
    elif wish not in ("", "XML"):
        error = InvalidParameter("output", "XML or JSON is expected")
    if output == "XML":
        callback = ""
    elif callback and (len(callback) > CALLBACK_MAX or not _CALLBACK.fullmatch(callback)):
        error = InvalidParameter("callback", f"a JavaScript name of at most {CALLBACK_MAX} characters is expected")
        callback = ""
    return Envelope(output, callback, is_condensed, is_strict), error


def write_answer(root: Element, envelope: Envelope) -> bytes:
    """Return the body of an answer."""
    if envelope.output == "XML":
        return write_xml(root)
    return _json_body(json_value(root), envelope)


def write_error(error: RegularsError, envelope: Envelope) -> bytes:
    """Return the body of an error answer: every text and every code of ``error.parts``."""
    parts = error.parts
    if envelope.output == "XML":
        children = [Element("error", text=part.message, attributes={"code": part.code}) for part in parts]
        return write_xml(Element("response", children=children, attributes={"status": "error"}))
    texts = [_shown(part.message) for part in parts]
    codes = [part.code for part in parts]
    return _json_body(
        {"status": "error", "error": texts[0], "errors": texts, "error_code": codes[0], "error_codes": codes}, envelope
    )


def status_of(error: RegularsError, envelope: Envelope) -> int:
    """Return the HTTP status of an error answer: 200, unless it happened below the API or the caller asked for more."""
    return error.status if envelope.is_strict_status or isinstance(error, ALWAYS_STATUS) else 200


def retry_after_seconds(error: RegularsError) -> int | None:
    """Return what goes into Retry-After, or None. Units: seconds."""
    if isinstance(error, RateLimited):
        return error.retry_after_seconds
    return 1 if isinstance(error, OperationalError) else None


# -- XML -----------------------------------------------------------------------------------------------------------
def write_xml(root: Element) -> bytes:
    """Return the document, without indentation."""
    pieces = [DECLARATION]
    _write_element(root, pieces)
    return "".join(pieces).encode("utf-8")


def write_fragment(element: Element) -> str:
    """Return one element as it stands in a document."""
    pieces: list[str] = []
    _write_element(element, pieces)
    return "".join(pieces)


def _write_element(element: Element, pieces: list[str]) -> None:
    name = element.name
    if element.attributes:
        pieces.append("<" + name)
        for key, value in element.attributes.items():
            shown = _escape(value, _SPECIAL_IN_ATTRIBUTE) if _SPECIAL_IN_ATTRIBUTE.search(value) else value
            pieces.append(f' {key}="{shown}"')
        pieces.append(">")
    else:
        pieces.append(f"<{name}>")
    text = element.text
    if text:
        pieces.append(escape(text))
    for child in element.children:
        if child.only == "json":
            continue
        if written := child.xml:
            pieces.append(written)
        elif child.children or child.attributes:
            _write_element(child, pieces)
        else:
            pieces.append(f"<{child.name}>{escape(child.text)}</{child.name}>")
    pieces.append(f"</{name}>")


def escape(text: str) -> str:
    """Return a text as it stands between tags."""
    return _escape(text, _SPECIAL) if _SPECIAL.search(text) else text


def is_plain(text: str) -> bool:
    """Whether a text certainly stands between tags as it is; quicker than looking for what does not."""
    return text.isprintable() and "&" not in text and "<" not in text and ">" not in text


def _escape(text: str, special: re.Pattern[str]) -> str:
    return special.sub(lambda match: _ESCAPES.get(match[0], ""), text)


# -- JSON ----------------------------------------------------------------------------------------------------------
def json_value(element: Element) -> Any:
    """Return the JSON value of an element: a string, an object or an array."""
    if element.is_list:
        return _array(element)
    children, attributes, text = element.children, element.attributes, element.text
    if not children and not attributes:
        return _shown(text)
    members: dict[str, Any] = {}
    for key, value in attributes.items():
        members[key] = _shown(value)
    repeated: set[str] = set()
    for child in children:
        if child.only == "xml":
            continue
        name = child.name
        value = json_value(child) if child.children or child.attributes or child.is_list else _shown(child.text)
        if name not in members:
            members[name] = value
        elif name in repeated:
            members[name].append(value)
        else:
            repeated.add(name)
            members[name] = [members[name], value]
    if text:
        members[TEXT_MEMBER] = _shown(text)
    return members


def _array(wrapper: Element) -> list[Any]:
    if wrapper.attributes or wrapper.text:
        raise InvariantViolation(f"the list {wrapper.name} carries an attribute or a text, which JSON can not show")
    return [json_item(child) for child in wrapper.children if child.only != "xml"]


def json_item(element: Element) -> Any:
    """Return the JSON value of an element of an array."""
    value = json_value(element)
    return {TEXT_MEMBER: value} if isinstance(value, str) else value


def _shown(text: str) -> str:
    return _FORBIDDEN.sub("", text) if not text.isprintable() else text


def _json_body(value: Any, envelope: Envelope) -> bytes:
    body = orjson.dumps(value, option=None if envelope.is_condensed else orjson.OPT_INDENT_2)
    if not envelope.callback:
        return body
    return envelope.callback.encode("ascii") + b"(" + jsonp_text(body) + b");"


def jsonp_text(body: bytes) -> bytes:
    """Return JSON as JavaScript has it: two characters are line ends there."""
    return body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
