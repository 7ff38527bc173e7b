# SPDX-License-Identifier: Apache-2.0
"""From bytes to fields: every habit of every client, and nothing that breaks us."""

from __future__ import annotations

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import DuplicateParameter, MalformedRequest, RegularsError, TooLarge
from regulars.protocol.form import FIELDS_MAX, read_form
from regulars.protocol.multipart import _parse, _split_plain, split_multipart

URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "----------------------------4ebf00fbcf09"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def fields(body: bytes, content_type: str = URLENCODED, query: bytes = b"") -> dict[str, str]:
    return read_form(query, content_type, body).fields


def multipart(parts: list[tuple[bytes, bytes]], boundary: bytes = BOUNDARY.encode()) -> bytes:
    """A body as PHP's cURL writes it."""
    head = b'\r\nContent-Disposition: form-data; name="'
    return b"".join(b"--" + boundary + head + n + b'"\r\n\r\n' + v + b"\r\n" for n, v in parts) + b"--" + boundary + b"--\r\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=+1+2+&b=%20x%20", {"a": "1 2", "b": "x"}),
        (b"a=caf%C3%A9", {"a": "caf\u00e9"}),
        (b"a=caf\xc3\xa9", {"a": "caf\u00e9"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=x&&a=1&", {"a": "1"}),
        (b"a=1=2", {"a": "1=2"}),
        (b"a=100%", {"a": "100%"}),
        (b"a=%zz", {"a": "%zz"}),
        (b"a=1&a=1", {"a": "1"}),
        (b"l[]=1&l[]=2", {"l": "1,2"}),
        (b"l%5B0%5D=1&l%5B1%5D=2", {"l": "1,2"}),
        (b"a=x%00y%01z%0B", {"a": "xyz"}),
        (b"a=1%092%0A3%0D4", {"a": "1\t2\n3\r4"}),
        (b"user_password=+p+&customer_password=%09q", {"user_password": " p ", "customer_password": "\tq"}),
        (b"a=%EF%BF%BE%EF%BF%BF!", {"a": "!"}),
        (b"a=%F0%9F%98%80", {"a": "\U0001f600"}),
    ],
)
def test_urlencoded_forms(body: bytes, expected: dict[str, str]) -> None:
    assert fields(body) == expected


def test_the_url_counts_as_well_as_the_body() -> None:
    assert fields(b"b=2", query=b"a=1&b=2") == {"a": "1", "b": "2"}


@pytest.mark.parametrize("body", [b"a=1&a=2", b"l=1&l[]=2&l[]=3", b"a=1&a=", b"a=x&a=+x+y"])
def test_a_field_sent_twice_with_different_values_is_named(body: bytes) -> None:
    form = read_form(b"", URLENCODED, body)
    with pytest.raises(DuplicateParameter) as caught:
        form.refuse_duplicate()
    assert caught.value.fields in (("a",), ("l",))


@pytest.mark.parametrize("body", [b"a=%ff", b"a=\xe9", b"%ff=1", b"a=%C3", b"a=%ED%A0%80"])
def test_invalid_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest, match="not valid UTF-8"):
        fields(body)


@pytest.mark.parametrize("charset", ["ISO-8859-1", "iso-8859-1", '"latin1"', "windows-1252"])
def test_old_charsets_are_read_when_they_are_named(charset: str) -> None:
    assert fields(b"a=caf%E9", f"{URLENCODED}; charset={charset}") == {"a": "caf\u00e9"}


def test_other_charsets_and_types_are_refused() -> None:
    with pytest.raises(MalformedRequest, match="charset"):
        fields(b"a=1", f"{URLENCODED}; charset=utf-16")
    for content_type in ("application/json", "text/xml", "image/png"):
        with pytest.raises(MalformedRequest, match="form fields are expected"):
            fields(b"{}", content_type)


def test_a_form_without_a_content_type_is_read() -> None:
    assert fields(b"a=1", "") == {"a": "1"}


def test_there_are_limits() -> None:
    assert len(fields("&".join(f"f{n}=1" for n in range(FIELDS_MAX)).encode())) == FIELDS_MAX
    for body in (b"&".join(b"f%d=1" % n for n in range(FIELDS_MAX + 1)), b"n" * 129 + b"=1", b"&" * 5000):
        with pytest.raises(TooLarge):
            fields(body)
    with pytest.raises(TooLarge):
        fields(multipart([(b"f%d" % n, b"1") for n in range(FIELDS_MAX + 1)]), MULTIPART)


@given(
    st.dictionaries(
        st.text("abcxyz_0189", min_size=1, max_size=20),
        st.text(max_size=40).filter(lambda t: t.isprintable() and t == t.strip()),
        max_size=12,
    )
)
def test_what_was_encoded_is_read_back(sent: dict[str, str]) -> None:
    assert fields(urlencode(sent).encode()) == sent
    boundary = "x"
    while any(boundary in value for value in sent.values()):
        boundary += "x"
    body = multipart([(name.encode(), value.encode()) for name, value in sent.items()], boundary.encode())
    assert fields(body, f"multipart/form-data; boundary={boundary}") == sent


@given(
    st.binary(max_size=300),
    st.sampled_from(
        ["", URLENCODED, MULTIPART, "multipart/form-data; boundary=x", "multipart/form-data", f"{URLENCODED}; charset=latin1"]
    ),
    st.binary(max_size=60),
)
def test_no_bytes_break_the_parser(body: bytes, content_type: str, query: bytes) -> None:
    try:
        form = read_form(query, content_type, body)
    except RegularsError:
        return
    assert all(isinstance(value, str) for value in form.fields.values())


PIECES = st.sampled_from(
    [
        b"--x",
        b"--x--",
        b"\r\n",
        b"\n",
        b'Content-Disposition: form-data; name="a"',
        b"Content-Disposition: form-data; name=b",
        b"Content-Type: text/plain; charset=ISO-8859-1",
        b"value",
        b"",
        b": ",
        b'; filename="f"',
        b"--xy",
        b"\xe9",
        b'"',
    ]
)


@given(st.lists(PIECES, max_size=24).map(b"".join))
def test_the_strict_split_and_the_general_parser_agree(body: bytes) -> None:
    strict = _split_plain(b"x", body)
    if strict is None:
        with contextlib.suppress(RegularsError):
            read_form(b"", "multipart/form-data; boundary=x", body)
        return
    assert strict == list(_parse(b"x", body))


@given(
    st.lists(
        st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.binary(max_size=30).filter(lambda v: b"--x" not in v)), max_size=6
    )
)
def test_the_strict_split_reads_values_byte_for_byte(parts: list[tuple[bytes, bytes]]) -> None:
    if not parts:
        return
    body = multipart(parts, b"x")
    assert _split_plain(b"x", body) == [(n, v, "") for n, v in parts]
    assert [part[:2] for part in _parse(b"x", body)] == parts


def test_multipart_of_other_clients_is_read() -> None:
    body = (
        b"--x\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Disposition: form-data; name=a\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\ncaf\xe9\r\n"
        b'--x\r\ncontent-disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n1|2\r\n--x--\r\n'
    )
    assert fields(body, 'multipart/form-data; boundary="x"') == {"a": "caf\u00e9", "f": "1|2"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n', "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', "multipart/form-data; boundary=x"),
        (b"a=1", "multipart/form-data; boundary=x"),
        (b"a=1", "multipart/form-data"),
        (b"a=1", "multipart/form-data; boundary=" + "y" * 300),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--x--\r\n', "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"--x\r\n" + b"H: v\r\n" * 20 + b"\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; p=' + b"z" * 2000 + b"\r\n\r\n1\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        (b"--x--\r\n", "multipart/form-data; boundary=\u0100"),
    ],
)
def test_broken_multipart_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(MalformedRequest):
        split_multipart(content_type, body)
