# SPDX-License-Identifier: Apache-2.0
"""An answer written piece by piece is the answer written at once, byte for byte (I14, ADR-0016)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.protocol import chunks
from regulars.protocol.chunks import CHUNK_BYTES, hold_few, write_chunks
from regulars.protocol.render import Envelope, write_answer
from regulars.protocol.tree import Element, Rows, items, leaf, record, rows, rows_in, side_by_side, success

ENVELOPES = [
    Envelope("XML"),
    Envelope("JSON"),
    Envelope("JSON", is_condensed=True),
    Envelope("JSON", "lib.cb"),
    Envelope("JSON", "lib.cb", is_condensed=True),
]
TEXTS = st.text(max_size=8) | st.sampled_from(["<&>", '"\\', "\u2028\u2029", "\r\n\t", "\x00\x0b", "é", "]]>", ",\n  {"])
ROWS = st.lists(
    st.builds(lambda a, b, c: record("row", leaf("a", a), items("bs", [leaf("b", b)]), c=c), TEXTS, TEXTS, TEXTS)
    | st.builds(lambda a: leaf("row", a), TEXTS),
    max_size=5,
)


def tree(middle: list[Element], depth: int) -> Element:
    for level in range(depth):
        middle = [record(f"level{level}", leaf("before", "1"), *middle, leaf("after", "2"))]
    return success(leaf("count", 3), *middle, leaf("last", "<9>"))


@given(ROWS, st.sampled_from(ENVELOPES), st.booleans(), st.integers(0, 2))
def test_pieces_are_the_whole(made: list[Element], envelope: Envelope, is_bare: bool, depth: int) -> None:
    plain = side_by_side("rows", made) if is_bare else [items("rows", made)]
    expected = write_answer(tree(plain, depth), envelope)
    assert b"".join(write_chunks(tree([rows("rows", made, is_bare=is_bare)], depth), envelope)) == expected


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_few_rows_become_part_of_the_answer(envelope: Envelope) -> None:
    made = [leaf("row", number) for number in range(chunks.ROWS_HELD_MAX)]
    root = tree([rows("rows", made, is_bare=True)], 1)
    lazy = rows_in(root)
    assert isinstance(lazy, Rows)
    assert hold_few(root, lazy)
    assert rows_in(root) is None
    assert write_answer(root, envelope) == write_answer(tree(side_by_side("rows", made), 1), envelope)


def test_of_many_rows_none_is_lost_and_few_are_read_before_they_are_written() -> None:
    read = 0

    def source() -> Iterator[Element]:
        nonlocal read
        for number in range(50_000):
            read += 1
            yield leaf("row", number)

    root = success(rows("rows", source()))
    lazy = rows_in(root)
    assert lazy is not None
    assert not hold_few(root, lazy)
    assert read == chunks.ROWS_HELD_MAX + 1
    written = write_chunks(root, Envelope())
    first = next(written)
    assert CHUNK_BYTES <= len(first) < CHUNK_BYTES + 100
    assert read < 5_000
    assert first + b"".join(written) == write_answer(
        success(items("rows", [leaf("row", n) for n in range(50_000)])), Envelope()
    )


def test_what_goes_wrong_in_the_middle_is_raised_there() -> None:
    def source() -> Iterator[Element]:
        yield from (leaf("row", "x" * 1000) for _ in range(100))
        raise ZeroDivisionError

    written = write_chunks(success(rows("rows", source())), Envelope("JSON"))
    assert next(written).startswith(b'{\n  "status": "success",\n  "rows": [\n    {')
    with pytest.raises(ZeroDivisionError):
        next(written)
