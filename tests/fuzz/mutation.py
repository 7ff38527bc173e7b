# SPDX-License-Identifier: Apache-2.0
"""Inputs by mutation of a corpus, the same for the same seed. Knows the words of the protocol; needs no tool."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

LENGTH_MAX = 4_096
WORDS = [
    b"&", b"=", b"%", b"+", b"%00", b"%ff", b"%C3%A9", b"%u1234", b"[]", b"[0]", b"[99999]", b"a=1&a=2", b"\r\n", b"\n",
    b"\r", b"|", b"--x", b"--x--", b"\r\n--x\r\n", b"\r\n--x--\r\n", b'Content-Disposition: form-data; name="a"',
    b'; filename="f"', b"name*=utf-8''a", b"Content-Type: text/plain; charset=latin1", b"Content-Transfer-Encoding: base64",
    b"multipart/form-data; boundary=x", b"charset=", b'"', b"\\", b'\\"', b"output=JSON", b"callback=a.b", b"condensed=yes",
    b"strict_status=Y", b"type=redeem", b"9.95", b"9,95", b"1,234.50", b"1.234,50", b"-0", b"+1", b"0x10", b"1e9", b"NaN",
    b"999999999999999999999", b"\xd9\xa1", b"2026-02-29", b"2024-02-29", b"0000-00-00", b"2026-03-29 02:30:00",
    b"1800-01-01 00:00:00", b"2999-12-31 23:59:59+14:00", b"2026-01-01T00:00:00Z", b"24:00:00", b"Y", b"no",
    b"custom_field_1", b"custom_field_01", b"custom_field_9999", b"\xe2\x80\xa8", b"]]>", b"<!--", b"&amp;", b"&#x0;",
    b"\x00", b"\x08", b"\x7f", b"\xc2\x85", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xff",
    b"\xc0\x80", b"@", b"a@b.example", b"+1 (212) 555-0101 ext. 7", b" ", b"\t", b"\xc2\xa0", b"\x00B",
]  # fmt: skip


def inputs(corpus: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """Give ``count`` inputs; what ``corpus`` gains meanwhile is used as well."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
            _mutate(data, rng, corpus)
        yield bytes(data[:LENGTH_MAX])


def _mutate(data: bytearray, rng: random.Random, corpus: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.randrange(1, 33))
    way = rng.randrange(8)
    if way == 0 and data:
        data[rng.randrange(len(data))] = rng.randrange(256)
    elif way == 1:
        data[at:at] = rng.choice(WORDS)
    elif way == 2:
        data[at:end] = rng.choice(WORDS)
    elif way == 3:
        del data[at:end]
    elif way == 4:
        data[at:at] = bytes(data[at:end]) * rng.randrange(1, 20)
    elif way == 5:
        other = rng.choice(corpus)
        data[at:] = other[rng.randrange(len(other) + 1) :]
    elif way == 6:
        data[at:at] = rng.randbytes(rng.randrange(1, 9))
    elif len(data) > 1:
        data[rng.randrange(2)] = rng.randrange(256)  # another property, or another variant of it
