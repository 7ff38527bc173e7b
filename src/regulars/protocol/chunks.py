# SPDX-License-Identifier: Apache-2.0
"""
A long answer, written piece by piece (ADR-0016): the same bytes as render.py writes of the same tree, never all at once.

The tree is written as ever with a mark in place of its rows; what stands before the mark goes out first, then the rows, each
written by render.py as well, then what stands behind. So XML, JSON and JSONP can not disagree here either (I14).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import orjson

from regulars.kit.listing import Peeked
from regulars.protocol.render import DECLARATION, Envelope, json_item, jsonp_text, write_answer, write_xml
from regulars.protocol.tree import Element, Rows, items, leaf, rows_in, side_by_side

CHUNK_BYTES = 65_536
"""A piece is sent when it has so many bytes, or a row more."""
ROWS_HELD_MAX = 1_000
"""Up to so many rows an answer is written at once, as if it had never been more than a list."""
_DECLARATION = len(DECLARATION)


def hold_few(root: Element, rows: Rows) -> bool:
    """
    Read the first rows; where those are all, put them into the tree in place of ``rows``, which is gone then.

    Returns whether it was so. Raises what reading raises.
    """
    read = Peeked(rows.source, ROWS_HELD_MAX)
    if not read.is_all:
        rows.source = read
        return False
    few = list(read)
    _put(root, rows, side_by_side(rows.name, few) if rows.is_bare else [items(rows.name, few)])
    return True


def _put(parent: Element, old: Element, new: list[Element]) -> bool:
    for place, child in enumerate(parent.children):
        if child is old:
            parent.children[place : place + 1] = new
            return True
        if child.children and _put(child, old, new):
            return True
    return False


def write_chunks(root: Element, envelope: Envelope) -> Iterator[bytes]:
    """
    Yield the body of an answer that holds ``Rows``, which are read once, in pieces of about 64 KiB.

    Raises: whatever reading a row raises; what was yielded until then is no whole document.
    """
    rows = rows_in(root)
    assert rows is not None, "only for an answer with rows"
    mark = secrets.token_hex(16)
    is_xml = envelope.output == "XML"
    stand_in = leaf(rows.name, mark)
    shell = _copy_with(root, rows, stand_in)
    written = write_answer(shell, envelope)
    around = _around(rows, mark, is_xml=is_xml)
    before, found, after = written.partition(around)
    assert found, "the mark stands where the rows go"
    if is_xml:
        yield from _xml(rows, before, after)
    else:
        yield from _json(rows, before, after, envelope)


def _around(rows: Rows, mark: str, *, is_xml: bool) -> bytes:
    text = mark if is_xml and not rows.is_bare else f"<{rows.name}>{mark}</{rows.name}>" if is_xml else f'"{mark}"'
    return text.encode()


def _copy_with(element: Element, old: Element, new: Element) -> Element:
    children = [new if child is old else _copy_with(child, old, new) if child.children else child for child in element.children]
    return replace(element, children=children)


def _xml(rows: Rows, before: bytes, after: bytes) -> Iterator[bytes]:
    pieces, size = [before], len(before)
    for row in rows.source:
        piece = write_xml(row)[_DECLARATION:]
        pieces.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
    pieces.append(after)
    yield b"".join(pieces)


def _json(rows: Rows, before: bytes, after: bytes, envelope: Envelope) -> Iterator[bytes]:
    line_end, last, option = b"", b"", None
    if not envelope.is_condensed:
        line = before[before.rfind(b"\n") + 1 :]
        last = b"\n" + b" " * (len(line) - len(line.lstrip(b" ")))
        line_end = last + b"  "
        option = orjson.OPT_INDENT_2
    pieces, size, joint = [before, b"["], len(before), line_end
    has_rows = False
    for row in rows.source:
        piece = orjson.dumps(json_item(row), option=option)
        if line_end:
            piece = piece.replace(b"\n", line_end)
        if envelope.callback:
            piece = jsonp_text(piece)
        pieces += (joint, piece)
        size += len(joint) + len(piece)
        joint, has_rows = b"," + line_end, True
        if size >= CHUNK_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
    pieces += (last if has_rows else b"", b"]", after)
    yield b"".join(pieces)
