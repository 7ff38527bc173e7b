# SPDX-License-Identifier: Apache-2.0
"""Brands: colours that can be read, logos that are nothing but a picture, senders of mails."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import regulars.panel
from regulars.accounts import brands
from regulars.accounts.brands import BrandConfig, check_accent, check_colour, contrast, ink_on, on_dark
from regulars.accounts.logos import LOGO_BYTES_MAX, logo_png
from regulars.accounts.operations import set_brand
from regulars.accounts.queries import BrandRow, MailSender, find_host, find_host_logo, get_brand, get_mail_sender
from regulars.errors import InvalidParameter
from regulars.kit.db import unit_of_work
from tests.factories import NOW, make_account, make_agency, make_brand, make_host

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 200), colour: str = "#b03060") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, colour).save(kept, kind)
    return kept.getvalue()


# -- colours -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#1f5f8b", "#1f5f8b", 1.0)]
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@given(COLOURS)
def test_text_on_any_colour_and_any_accent_on_dark_can_be_read(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= brands.CONTRAST_MIN
    by_night = on_dark(colour)
    assert min(contrast(by_night, paper) for paper in brands.DARK_PAPERS) >= brands.CONTRAST_MIN
    assert contrast(ink_on(by_night), by_night) >= brands.CONTRAST_MIN


@given(COLOURS)
def test_an_accent_that_is_taken_can_be_read_on_our_papers(colour: str) -> None:
    if min(contrast(colour, paper) for paper in brands.LIGHT_PAPERS) >= brands.CONTRAST_MIN:
        assert check_accent("accent_colour", colour) == colour
    else:
        with pytest.raises(InvalidParameter, match="contrast"):
            check_accent("accent_colour", colour)


@pytest.mark.parametrize("wrong", ["red", "#fff", "#12345g", "1f5f8b", "#1f5f8b;", "#1f5f8b}body{", "url(x)", "#1f5f8b\n#"])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    for check in (check_colour, check_accent):
        with pytest.raises(InvalidParameter) as caught:
            check("bar_colour", wrong)
        assert caught.value.fields == ("bar_colour",)


def test_the_papers_are_those_of_the_style_sheet() -> None:
    css = (Path(regulars.panel.__file__).parent / "static" / "panel" / "panel.css").read_text()
    paper = r"--tblr-{}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)"
    papers = [re.search(paper.format(name), css) for name in ("body-bg", "bg-surface")]
    assert tuple(zip(*(found.groups() for found in papers if found), strict=True)) == (brands.LIGHT_PAPERS, brands.DARK_PAPERS)


# -- logos ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_anew_and_small(kind: str) -> None:
    with Image.open(io.BytesIO(logo_png(picture(kind)))) as kept:
        assert (kept.format, kept.size, kept.info) == ("PNG", (288, 96), {})
        assert all(abs(part - own) < 3 for part, own in zip(kept.getpixel((9, 9)), (0xB0, 0x30, 0x60, 255), strict=True))


def test_nothing_of_the_file_but_its_picture_is_kept() -> None:
    kept = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at 52.5,13.4"
    Image.new("RGB", (20, 20)).save(kept, "JPEG", exif=exif, comment=b"<script>alert(1)</script>")
    content = kept.getvalue() + b"<script>alert(2)</script>"
    assert b"taken at" in content
    assert not any(secret in logo_png(content) for secret in (b"taken", b"script", b"Exif"))


def huge_png(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    parts = (struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data)) for tag, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    "wrong",
    [
        b"x", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"GIF89a", picture()[:200], picture("JPEG")[:300],
        picture("BMP", (9, 9)), picture("GIF"), picture("WEBP"), b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        huge_png(4_001), huge_png(60_000), picture() + b"\0" * LOGO_BYTES_MAX,
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_small_picture_is_refused(wrong: bytes) -> None:
    with pytest.raises(InvalidParameter) as caught:
        logo_png(wrong)
    assert caught.value.fields == ("logo",)


# -- brands --------------------------------------------------------------------------------------------------------
def test_what_an_account_has_not_set_is_its_agencys() -> None:
    agency = make_agency(name="Loyal & Co")
    client = make_account(agency_id=agency.account.agency[0], biz_name="Bean & Leaf")
    at_agency, at_client = make_host(agency), make_host(client)
    assert find_host(at_agency).brand == BrandConfig("Loyal & Co")
    assert find_host(at_client).brand == BrandConfig("Bean & Leaf")
    make_brand(agency, name="Loyal", accent_colour="#7A1F5C", bar_colour="#f0c0e0", logo=picture())
    brand = find_host(at_agency).brand
    assert (brand.name, brand.accent_colour, brand.bar_colour, len(brand.logo_mark)) == ("Loyal", "#7a1f5c", "#f0c0e0", 12)
    assert find_host(at_client).brand == brand
    assert find_host_logo(find_host(at_client)) == find_host_logo(find_host(at_agency)) == logo_png(picture())
    make_brand(client, name="Leaf", accent_colour="#005500")
    own = find_host(at_client).brand
    assert (own.name, own.accent_colour, own.bar_colour, own.logo_mark) == ("Leaf", "#005500", "#f0c0e0", brand.logo_mark)
    assert find_host(at_agency).brand == brand
    make_brand(agency, logo=b"", name="")
    assert (find_host(at_agency).brand.name, find_host_logo(find_host(at_client))) == ("Loyal & Co", None)


def test_a_brand_is_of_no_stranger() -> None:
    agency, other = make_agency(), make_agency()
    make_brand(agency, name="Loyal", mail_name="Loyal", mail_reply_to="us@loyal.example")
    stranger = make_account(agency_id=other.account.agency[0])
    assert find_host(make_host(stranger)).brand == BrandConfig("Bean & Leaf")
    with unit_of_work(stranger.id):
        assert get_brand(account=agency.account) == BrandRow()
        assert get_mail_sender(account=stranger.account) == MailSender("", "")
    with pytest.raises(ProgrammingError), unit_of_work(stranger.id):
        get_mail_sender(account=agency.account)
    with pytest.raises(ProgrammingError), unit_of_work(stranger.id):
        set_brand(account=agency.account, at=NOW, changes={"name": "Mine"})
    assert not connection.in_atomic_block


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("name", "x" * 81), ("name", "a\nb"), ("name", "a\u202eb"), ("mail_name", "Bean\r\nBcc: x@y.example"),
        ("mail_reply_to", "nobody"), ("mail_reply_to", "a@b.example, c@d.example"), ("mail_reply_to", "a@b.example\nBcc: c@d"),
        ("accent_colour", "#ffffff"), ("bar_colour", "red"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_nothing_is_written(name: str, wrong: str) -> None:
    alice = make_account()
    make_brand(alice, name="Bean")
    with pytest.raises(InvalidParameter) as caught:
        make_brand(alice, **{"bar_colour": "#000000", name: wrong})
    assert caught.value.fields == (name,)
    with unit_of_work(alice.id):
        assert get_brand(account=alice.account) == BrandRow(name="Bean")
