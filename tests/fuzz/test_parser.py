# SPDX-License-Identifier: Apache-2.0
"""A short form of ``make fuzz``: what was kept, some thousand mutations, and proof that a fault would be found."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from regulars.errors import MalformedRequest, RegularsError
from regulars.protocol import render
from regulars.protocol.form import BODY_BYTES_MAX, read_form
from tests.fuzz import parser
from tests.fuzz.__main__ import CORPUS, FORM, KIND, MULTIPART, PARAMS, TREE, corpus
from tests.fuzz.mutation import inputs
from tests.fuzz.parser import PROPERTIES, TooSlow, bounded, check

COUNT = 4_000


def test_the_seeds_name_the_properties() -> None:
    starts = {"form": FORM, "multipart": MULTIPART, "params": PARAMS, "kind": KIND, "tree": TREE}
    assert [starts[name][0] for name, _ in PROPERTIES] == list(range(len(PROPERTIES)))


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir()))
def test_what_was_kept_stays_mended(name: str) -> None:
    assert check((CORPUS / name).read_bytes()) != "too short"


def test_every_seed_and_some_thousand_mutations_hold() -> None:
    seeds = corpus()
    ends = {check(data) for data in seeds}
    ends |= {check(data) for data in inputs(seeds, 7, COUNT)}
    wanted = {f"{name}: {end}" for name, _ in PROPERTIES for end in ("read", "refused")} - {"tree: refused"}
    assert wanted <= ends, "the inputs no longer reach everything"


def _first_failure(start: bytes) -> str:
    """Return what the first failing input of one property raised; so many are tried that the examples may change."""
    seeds = [seed for seed in corpus() if seed.startswith(start)]
    for data in inputs(seeds, 7, 10 * COUNT):
        try:
            check(data)
        except (AssertionError, ValueError, SyntaxError) as error:
            return type(error).__name__
    return ""


def test_a_split_that_differs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = parser._split_plain

    def careless(boundary: bytes, body: bytes) -> Any:
        parts = strict(boundary, body)
        return parts and [(name, value.strip(), charset) for name, value, charset in parts]

    monkeypatch.setattr(parser, "_split_plain", careless)
    assert _first_failure(MULTIPART) == "AssertionError"


def test_an_escape_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_ESCAPES", {**render._ESCAPES, "<": "<"})
    assert _first_failure(TREE) == "XMLSyntaxError"


def test_an_input_that_hangs_is_found() -> None:
    def hang() -> None:
        while True:
            pass

    with pytest.raises(TooSlow), bounded(0.05):
        hang()


@pytest.mark.parametrize(
    "body",
    [
        b"&" * BODY_BYTES_MAX, b"%" * BODY_BYTES_MAX, b"a=" + b"+" * BODY_BYTES_MAX, b"a[" * (BODY_BYTES_MAX // 2),
        b"a=" + b"%00" * (BODY_BYTES_MAX // 3), b"&".join(b"l[]=%d" % n for n in range(900)) + b"x" * BODY_BYTES_MAX,
        b"--x\r\n" * (BODY_BYTES_MAX // 5), b"--x" * (BODY_BYTES_MAX // 3), b"\r\n--" * (BODY_BYTES_MAX // 4),
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"\r\n--" * (BODY_BYTES_MAX // 4),
        b'--x\r\nContent-Disposition: form-data; name="a' + b"\\" * BODY_BYTES_MAX + b"\r\n\r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"\r" * BODY_BYTES_MAX + b"\r\n--x--",
    ],
)  # fmt: skip
@pytest.mark.parametrize("content_type", ["", "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "-" * 199])
def test_a_hostile_body_of_full_length_is_read_or_refused_in_bounded_time(body: bytes, content_type: str) -> None:
    with bounded(2):
        try:
            read_form(b"", content_type, body[:BODY_BYTES_MAX])
        except RegularsError:
            return


def test_broken_bodies_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(MalformedRequest):
        read_form(b"", "multipart/form-data; boundary=x", b"--x\r\nbroken")
    assert not caplog.records
