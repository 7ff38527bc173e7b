# SPDX-License-Identifier: Apache-2.0
"""What a host shows of whose it is, and the page where that is set."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from regulars.accounts.brands import ink_on, on_dark
from regulars.accounts.logos import LOGO_BYTES_MAX, logo_png
from regulars.accounts.queries import BrandRow, get_brand
from regulars.kit.db import unit_of_work
from tests.factories import make_account, make_agency, make_brand, make_host, make_user


def picture(size: tuple[int, int] = (120, 48)) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, "#7a1f5c").save(kept, "PNG")
    return kept.getvalue()


def brand_of(made) -> BrandRow:
    with unit_of_work(made.id):
        return get_brand(account=made.account)


def send(visitor, files=None, **fields):
    """Send the brand's form as a browser does."""
    form = next(form for form in visitor.get("/admin.php/account/brand").html.forms if form.get("enctype"))
    content = dict(form.form_values()) | fields
    headers = {"Referer": f"{visitor.origin}/admin.php/account/brand"}
    sent = files or {"logo": ("", b"")}  # as for a field that was left empty
    return visitor._keep(visitor.http.post("/admin.php/account/brand", data=content, files=sent, headers=headers))


def test_a_host_shows_its_brand_before_anybody_signs_in(visit):
    agency = make_agency(name="Loyal & Co")
    host = make_host(agency)
    make_brand(agency, name="Loyal <Rewards>", accent_colour="#7a1f5c", bar_colour="#f0c0e0", logo=picture())
    visitor = visit()
    visitor.http.headers["X-Forwarded-Host"] = host
    page = visitor.get("/admin.php")
    assert page.xpath("//title/text()") == ["Sign in · Loyal <Rewards>"]
    assert page.xpath("//a[contains(@class,'brand')]/span/text()") == ["Loyal <Rewards>"]
    (logo,) = page.xpath("//a[contains(@class,'brand')]/img/@src")
    answer = visitor.http.get(logo)
    assert (answer.headers["content-type"], answer.content) == ("image/png", logo_png(picture()))
    (sheet,) = (link for link in page.xpath("//link[@rel='stylesheet']/@href") if "brand.css" in link)
    css = visitor.http.get(sheet)
    assert css.headers["content-type"] == "text/css; charset=utf-8"
    assert "max-age=3600" in css.headers["cache-control"]
    by_night = on_dark("#7a1f5c")
    assert properties(css.text) == {
        "accent": f"light-dark(#7a1f5c, {by_night})", "accent-ink": f"light-dark(#ffffff, {ink_on(by_night)})",
        "bar": "#f0c0e0", "bar-ink": "#000000",
    }  # fmt: skip
    assert "style=" not in visitor.http.get("/admin.php/sign-in").text


def properties(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): ([^;]+);", css))


def test_a_host_that_is_nobodys_is_neutral(visit):
    alice = make_account()
    make_host(alice)
    make_brand(alice, name="Bean", accent_colour="#7a1f5c", logo=picture())
    visitor = visit(alice)
    page = visitor.get("/admin.php")
    assert page.xpath("//a[contains(@class,'brand')]/span/text()") == ["Regulars"]
    assert [link for link in page.xpath("//link/@href | //img/@src") if not link.startswith("/static/")] == []
    for path in ("/admin.php/brand.css", "/admin.php/logo.png"):
        assert visitor.http.get(path).status_code == 404


def test_an_administrator_sets_the_brand_and_sees_it(visit):
    agency = make_agency()
    visitor = visit(agency)
    page = send(
        visitor, {"logo": ("logo.png", picture(), "image/png")}, name="Loyal", accent_colour="#7A1F5C", bar_colour="#f0c0e0",
        mail_name="Loyal Rewards", mail_reply_to="us@loyal.example",
    )  # fmt: skip
    assert (page.status, page.xpath("//p[@role='status']/text()")) == (200, ["The brand was saved."])
    expected = BrandRow("Loyal", "#7a1f5c", "#f0c0e0", "Loyal Rewards", "us@loyal.example", logo_png(picture()))
    assert brand_of(agency) == expected
    assert visitor.http.get("/admin.php/account/brand/logo.png").content == expected.logo
    assert send(visitor, name="Loyal Two").status == 200
    assert brand_of(agency).name == "Loyal Two"
    assert brand_of(agency).logo == expected.logo, "without a new one it stays"
    assert send(visitor, removes_logo="on").status == 200
    assert brand_of(agency).logo is None
    assert visitor.http.get("/admin.php/account/brand/logo.png").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("accent_colour", "#ffee00", "contrast"), ("bar_colour", "blue", "A colour like"), ("mail_reply_to", "x", "e-mail")],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_is_saved(visit, field: str, value: str, words: str):
    alice = make_account()
    page = send(visit(alice), **{"name": "Bean", field: value})
    (wrong,) = page.xpath("//div[contains(@class, 'wrong')]")
    assert (page.status, wrong.xpath(".//input/@name"), words in wrong.text_content()) == (400, [field], True)
    assert brand_of(alice) == BrandRow()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<svg/>", "PNG or JPEG"), (b"", "empty"), (b"x" * (LOGO_BYTES_MAX + 1), "256 KiB"), (b"x" * 3_000_000, "256 KiB")],
)
def test_a_file_that_is_no_small_picture_is_told_at_its_field(visit, content: bytes, words: str):
    alice = make_account()
    page = send(visit(alice), {"logo": ("logo.png", content, "image/png")}, name="Bean")
    (wrong,) = page.xpath("//div[contains(@class, 'wrong')]")
    assert (page.status, wrong.xpath(".//input/@name"), words in wrong.text_content()) == (400, ["logo"], True)
    assert brand_of(alice) == BrandRow()


def test_only_who_may_edit_the_account_sets_its_brand(visit):
    alice = make_account()
    for role, may in (("A", True), ("M", False), ("K", False), ("O", False), ("D", False)):
        visitor = visit(make_user(alice, role=role))
        page = visitor.get("/admin.php")
        assert ("/admin.php/account/brand" in page.xpath("//nav//a/@href")) is may, role
        assert visitor.get("/admin.php/account/brand").status == (200 if may else 403)
    assert visit().get("/admin.php/account/brand").path == "/admin.php/sign-in"


def test_the_page_names_the_accounts_own_hosts_and_no_others(visit):
    alice = make_account()
    host, other = make_host(alice), make_host(make_account())
    page = visit(alice).get("/admin.php/account/brand")
    assert (host in page.text, other in page.text) == (True, False)
