# SPDX-License-Identifier: Apache-2.0
"""Numbers as people type and read them, in every field of the panel: 9,95 where that is how numbers are written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel import Locale

import regulars.panel.forms
from regulars.errors import InvalidParameter
from regulars.kit.db import unit_of_work
from tests.factories import make_account, make_campaign, make_customer, make_field

GERMAN, FRENCH, SWISS, ENGLISH, INDIAN = (Locale.parse(name) for name in ("de_DE", "fr_FR", "de_CH", "en_US", "en_IN"))
NARROW, BLANK, QUOTE, MINUS = "\u202f", "\u00a0", "\u2019", "\u2212"


@pytest.mark.parametrize(
    ("locale", "typed", "decimals", "read"),
    [
        (GERMAN, "9,95", 2, "9.95"),
        (GERMAN, " 1.234,50 ", 2, "1234.50"),
        (GERMAN, "1.234", 0, "1234"),
        (GERMAN, "1.000.000", 0, "1000000"),
        (GERMAN, "1234,5", 6, "1234.5"),
        (GERMAN, "-1.200", 0, "-1200"),
        (GERMAN, f"{MINUS}5", 0, "-5"),
        (FRENCH, "1 234,50", 2, "1234.50"),
        (FRENCH, f"1{NARROW}234{BLANK}567,5", 2, "1234567.5"),
        (FRENCH, "1 234", 6, "1234"),
        (SWISS, "1'234.50", 2, "1234.50"),
        (SWISS, f"1{QUOTE}234.50", 2, "1234.50"),
        (ENGLISH, "1,234.50", 2, "1234.50"),
        (ENGLISH, "1,234", 0, "1234"),
        (INDIAN, "12,34,567.5", 2, "1234567.5"),
        (ENGLISH, "0.125", 6, "0.125"),
        # What is no number there comes back as it is: the domain says what becomes of it.
        (GERMAN, "9.95", 2, "9.95"),
        (ENGLISH, "9,95", 2, "9,95"),
        (GERMAN, "1.23.456", 2, "1.23.456"),
        (ENGLISH, "12,34", 0, "12,34"),
        (GERMAN, "five", 2, "five"),
        (GERMAN, "", 2, ""),
        (GERMAN, "١٢", 0, "١٢"),
    ],
)
def test_what_is_typed_is_read_as_it_is_written_there(locale: Locale, typed: str, decimals: int, read: str):
    from regulars.panel.forms.quantities import plain_number

    assert plain_number(typed, decimals, locale) == read


@pytest.mark.parametrize("decimals", [2, 6])
@pytest.mark.parametrize(("locale", "typed"), [(GERMAN, "1.234"), (ENGLISH, "1,234")])
def test_what_may_be_two_numbers_is_not_guessed(locale: Locale, typed: str, decimals: int):
    from regulars.panel.forms.quantities import plain_number

    with pytest.raises(InvalidParameter, match="two ways"):
        plain_number(typed, decimals, locale)


def test_no_form_reads_numbers_in_a_way_of_its_own():
    """All go through quantities.py; a hidden number is ours and nobody types it."""
    found = []
    for path in Path(regulars.panel.forms.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            if name in ("IntegerField", "DecimalField", "FloatField", "NumberInput"):
                found.append(f"{path.name}: {name}")
    assert found == ["counter.py: IntegerField"]


def test_a_german_shop_sells_and_sets_up_with_commas(visit):
    alice = make_account(language="de", currency="EUR", biz_city="Köln", country="DE")
    make_field(alice, label="Größe", type="Number", show=True)
    campaign = make_campaign(alice, points_ratio_ppm=2_500_000)
    customer = make_customer(alice, campaigns=(campaign,))
    visitor = visit(alice)
    page = visitor.get(f"/admin.php/campaigns/{campaign.number}/settings")
    assert page.xpath("//input[@name='points_ratio']/@value") == ["2,5"]
    visitor.submit("settings", points_ratio="1,25", seen="1250000-down-False")
    assert alice.fresh().campaigns[campaign.number].points_ratio_ppm == 1_250_000
    page = visitor.get("/admin.php/account/limits")
    page = visitor.submit("limits", calls_per_minute="1.000", unknown_cards_per_minute="30", request_log_days="7")
    assert (page.status, alice.fresh().calls_per_minute) == (200, 1_000)
    page = visitor.submit("limits", calls_per_minute="1,5")
    assert (page.status, alice.fresh().calls_per_minute) == (400, 1_000)
    assert page.xpath("//input[@name='calls_per_minute']/@value") == ["1,5"], "what was typed stays"
    visitor.get(f"/admin.php/counter/{customer.id}?campaign={campaign.number}")
    page = visitor.submit("record", amount="1.009,95")
    assert page.status == 200, page.text
    from regulars.ledger.models import Entry

    with unit_of_work(alice.id):
        sold = Entry.objects.filter(account_id=alice.id, kind="earn").values_list("purchase_minor", "amount")
        assert list(sold) == [(100_995, 1_262)]
    visitor.get(f"/admin.php/customers/{customer.code}/edit")
    visitor.submit("edit", custom_field_2="1.234,5")
    page = visitor.get(f"/admin.php/customers/{customer.code}/edit")
    assert page.xpath("//input[@name='custom_field_2']/@value") == ["1234,5"]
