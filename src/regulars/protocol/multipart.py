# SPDX-License-Identifier: Apache-2.0
"""
multipart/form-data: a strict split for the plain forms that PHP's cURL sends, python-multipart for everything else.

The split takes only bodies whose every part is exactly one Content-Disposition line with a quoted name; whatever is
not of that form is read by the general parser, so the two never disagree about the same body.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from regulars.errors import MalformedRequest

Part = tuple[bytes, bytes, str]
"""Name, value, parameters of the part's own Content-Type."""

HEADER_COUNT_MAX = 8
HEADER_BYTES_MAX = 1_024
_PLAIN_BOUNDARY = re.compile(r"multipart/form-data; boundary=([A-Za-z0-9'()+_,./:=?-]{1,200})", re.ASCII)
_PLAIN_HEAD = b'\r\nContent-Disposition: form-data; name="'
_PLAIN_HEAD_END = b'"\r\n\r\n'
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
"""It warns of each broken body, whoever sent it; we answer what is wrong, and the log is not the callers' to fill."""
_IDENTITY = frozenset({b"", b"7bit", b"8bit", b"binary"})


def split_multipart(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a body. Raises MalformedRequest."""
    boundary = _boundary(content_type)
    if not boundary or len(boundary) > 200:
        raise MalformedRequest("The request could not be read: its multipart boundary is missing.")
    parts = _split_plain(boundary, body)
    return parts if parts is not None else list(_parse(boundary, body))


def _boundary(content_type: str) -> bytes:
    plain = _PLAIN_BOUNDARY.fullmatch(content_type)
    if plain is not None:
        return plain[1].encode("ascii")
    try:
        _, options = parse_options_header(content_type.encode("latin-1"))
    except UnicodeEncodeError:
        raise MalformedRequest from None
    return options.get(b"boundary", b"")


def _split_plain(boundary: bytes, body: bytes) -> list[Part] | None:
    """Return the parts of a file-less form, or None where it is not plainly one."""
    delimiter = b"\r\n--" + boundary
    if not body.startswith(delimiter[2:]):
        return None
    pieces = body[len(delimiter) - 2 :].split(delimiter)
    if pieces.pop() not in (b"--\r\n", b"--"):
        return None
    parts = []
    for piece in pieces:
        if not piece.startswith(_PLAIN_HEAD):
            return None
        end = piece.find(_PLAIN_HEAD_END, len(_PLAIN_HEAD))
        name = piece[len(_PLAIN_HEAD) : end]
        if end < 0 or b'"' in name or b"\\" in name or b"\r" in name or b"\n" in name:
            return None
        parts.append((name, piece[end + len(_PLAIN_HEAD_END) :], ""))
    return parts


class _Reader:
    """The callbacks of python-multipart's parser, gathering whole parts."""

    def __init__(self) -> None:
        self.parts: list[tuple[dict[bytes, bytes], bytes]] = []
        self.is_ended = False
        self._headers: dict[bytes, bytes] = {}
        self._field = b""
        self._value = b""
        self._data = bytearray()

    def on_part_begin(self) -> None:
        self._headers, self._data = {}, bytearray()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def on_part_end(self) -> None:
        self.parts.append((self._headers, bytes(self._data)))

    def on_end(self) -> None:
        self.is_ended = True


def _parse(boundary: bytes, body: bytes) -> Iterator[Part]:
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.on_part_begin,
                "on_header_field": reader.on_header_field,
                "on_header_value": reader.on_header_value,
                "on_header_end": reader.on_header_end,
                "on_part_data": reader.on_part_data,
                "on_part_end": reader.on_part_end,
                "on_end": reader.on_end,
            },
            max_header_count=HEADER_COUNT_MAX,
            max_header_size=HEADER_BYTES_MAX,
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise MalformedRequest("The request could not be read: its multipart body is broken.") from None
    if not reader.is_ended:
        raise MalformedRequest("The request could not be read: its multipart body is broken.")
    for headers, data in reader.parts:
        disposition, options = parse_options_header(headers.get(b"content-disposition", b""))
        name = options.get(b"name")
        if disposition != b"form-data" or name is None:
            raise MalformedRequest("The request could not be read: a part of its multipart body has no name.")
        if headers.get(b"content-transfer-encoding", b"").strip().lower() not in _IDENTITY:
            raise MalformedRequest("The request could not be read: a part of its multipart body is encoded.")
        yield name, data, headers.get(b"content-type", b"").partition(b";")[2].decode("latin-1")
