# SPDX-License-Identifier: Apache-2.0
"""From the bytes of a request to its fields (api.md 1, 13 "Requests"). Pure: no I/O, no clock."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from regulars.errors import DuplicateParameter, MalformedRequest, TooLarge
from regulars.protocol.multipart import split_multipart

FIELDS_MAX = 1_000
NAME_BYTES_MAX = 128
BODY_BYTES_MAX = 1_048_576
"""The default; REGULARS_BODY_LIMIT_BYTES sets another. A value may be as long as the body."""

_CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "iso-8859-1": "iso-8859-1", "iso8859-1": "iso-8859-1", "latin1": "iso-8859-1", "latin-1": "iso-8859-1",
    "windows-1252": "cp1252", "cp1252": "cp1252",
}  # fmt: skip
_KEPT_AS_SENT = ("password", "profiles_data", "visits_data")
"""Ends of names whose values are not trimmed: blanks belong to passwords, and a tab before a line's first value to batches."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 can not carry. Surrogates never pass the decoder."""
_LIST_NAME = re.compile(r"(.+)\[[0-9]{0,5}\]", re.ASCII | re.DOTALL)
_ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_CHARSET = re.compile(r"""charset\s*=\s*("?)([A-Za-z0-9_.:-]+)\1""", re.IGNORECASE)
_PLAIN = re.compile(rb"[!-$&-*,-Z\\^-~]*").fullmatch
"""Printable ASCII without blanks, escapes (% and +) and lists ([ and ])."""
PLAIN_BYTES_MAX = 4_096
_FORM_TYPES = frozenset({"", "application/x-www-form-urlencoded", "text/plain"})


class Form(NamedTuple):
    """The fields of a request; ``duplicate`` names one that was sent twice with different values."""

    fields: dict[str, str]
    duplicate: str = ""

    def refuse_duplicate(self) -> None:
        """Raise DuplicateParameter where a field was sent twice with different values."""
        if self.duplicate:
            raise DuplicateParameter(self.duplicate)


def read_form(query: bytes, content_type: str, body: bytes) -> Form:
    """
    Return the fields of a request, from its URL and its body.

    Blanks at both ends are trimmed, except in passwords; control characters that XML 1.0 forbids are dropped;
    ``name[]`` lists are joined by commas under ``name``.

    Raises: MalformedRequest (what can not be read, also invalid UTF-8), TooLarge (too many or too long names).
    """
    collector = _Collector()
    if query:
        collector.add_urlencoded(query, "utf-8")
    if body:
        media, _, parameters = content_type.partition(";")
        media = media.strip().lower()
        charset = read_charset(parameters)
        if media in _FORM_TYPES:
            collector.add_urlencoded(body, charset)
        elif media == "multipart/form-data":
            for name, value, part_charset in split_multipart(content_type, body):
                collector.add(name, value, read_charset(part_charset) if part_charset else charset)
        else:
            raise MalformedRequest("The request could not be read: form fields are expected.")
    return collector.form()


def read_charset(parameters: str) -> str:
    """Return the codec that a Content-Type's parameters name. Raises MalformedRequest for one we do not read."""
    if not parameters:
        return "utf-8"
    match = _CHARSET.search(parameters)
    if match is None:
        return "utf-8"
    codec = _CHARSETS.get(match[2].lower())
    if codec is None:
        raise MalformedRequest("The request could not be read: its charset is not supported; send UTF-8.")
    return codec


def clean(text: str) -> str:
    """Return a text without the control characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def _split_pairs(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    if data.count(b"&") > FIELDS_MAX:
        raise TooLarge("The request is too large: it has too many fields.")
    for piece in data.split(b"&"):
        if not piece:
            continue
        name, _, value = piece.partition(b"=")
        if b"%" in piece or b"+" in piece:
            name, value = unquote(name.replace(b"+", b" ")), unquote(value.replace(b"+", b" "))
        yield name, value


def unquote(data: bytes) -> bytes:
    """
    Return text without its percent escapes; what is none stays as it is.

    As urllib's unquote_to_bytes, which takes half a second for a megabyte of percent signs: a run of escapes is one step here.
    """
    return _ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode("ascii")), data)


class _Collector:
    """Gathers fields, and remembers the first that contradicts itself."""

    __slots__ = ("count", "duplicate", "lists", "values")

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.duplicate = ""
        self.count = 0

    def add_urlencoded(self, data: bytes, charset: str) -> None:
        if len(data) > PLAIN_BYTES_MAX or not _PLAIN(data):
            for name_bytes, value_bytes in _split_pairs(data):
                self.add(name_bytes, value_bytes, charset)
            return
        # What a till's numbers look like means itself in every charset we read, and there is nothing to trim.
        pieces = data.decode("ascii").split("&")
        self.count += len(pieces)
        if self.count > FIELDS_MAX:
            raise TooLarge("The request is too large: it has too many fields.")
        for piece in pieces:
            name, _, value = piece.partition("=")
            if len(name) > NAME_BYTES_MAX:
                raise TooLarge("The request is too large: the name of a field is too long.")
            if name:
                self._set(name, value)

    def add(self, name_bytes: bytes, value_bytes: bytes, charset: str) -> None:
        self.count += 1
        if self.count > FIELDS_MAX:
            raise TooLarge("The request is too large: it has too many fields.")
        if len(name_bytes) > NAME_BYTES_MAX:
            raise TooLarge("The request is too large: the name of a field is too long.")
        self.put(_decode(name_bytes, charset), _decode(value_bytes, charset))

    def put(self, name: str, value: str) -> None:
        """Take a field whose name and value are text."""
        name = name.strip()
        if not name:
            return
        if not name.lower().endswith(_KEPT_AS_SENT):
            value = value.strip()
        if name.endswith("]"):
            match = _LIST_NAME.fullmatch(name)
            if match is not None:
                self.lists.setdefault(match[1], []).append(value)
                return
        self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        if self.values.setdefault(name, value) != value and not self.duplicate:
            self.duplicate = name

    def form(self) -> Form:
        for name, values in self.lists.items():
            self._set(name, ",".join(values))
        return Form(self.values, self.duplicate)


def _decode(data: bytes, charset: str) -> str:
    try:
        text = codecs.decode(data, charset) if charset != "utf-8" else data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest(f"The request could not be read: its text is not valid {charset.upper()}.") from None
    return text if text.isprintable() else _FORBIDDEN.sub("", text)
