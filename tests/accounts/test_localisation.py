# SPDX-License-Identifier: Apache-2.0
"""Time zones, languages, currencies and countries, in and out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from regulars.accounts.localisation import (
    TIME_ZONES,
    countries,
    country_code,
    language_code,
    languages,
    parse_country,
    parse_currency,
    parse_language,
    parse_time_zone,
    time_zone_number,
)
from regulars.errors import InvalidParameter


@pytest.mark.parametrize(
    ("number", "zone"),
    [("5", "America/Los_Angeles"), ("14", "America/New_York"), ("35", "Africa/Kigali"), ("68", "Pacific/Auckland")],
)
def test_published_numbers_of_time_zones(number: str, zone: str):
    assert parse_time_zone(number) == zone
    assert time_zone_number(zone) == number


def test_time_zones_exist_once_and_stand_in_order_of_standard_offset():
    offsets = [min(datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)) for zone in TIME_ZONES]
    assert offsets == sorted(offsets)
    assert len(set(TIME_ZONES)) == len(TIME_ZONES) == 73


def test_every_number_comes_back():
    for number in range(1, len(TIME_ZONES) + 1):
        assert time_zone_number(parse_time_zone(str(number))) == str(number)


def test_iana_name_is_accepted_in_any_case_and_shown_as_itself_where_it_has_no_number():
    assert parse_time_zone("pacific/auckland") == "Pacific/Auckland"
    assert parse_time_zone("Australia/Lord_Howe") == time_zone_number("Australia/Lord_Howe") == "Australia/Lord_Howe"


@pytest.mark.parametrize(
    "text", ["0", "74", "-1", "5.0", "99999999999999999999", "Mars/Olympus", "", "../etc/passwd", "٥", "1 4"]
)
def test_no_time_zone(text: str):
    with pytest.raises(InvalidParameter, match="timezone_selector is not valid"):
        parse_time_zone(text, name="timezone_selector")


def test_languages():
    assert parse_language("EN") == "en"
    assert language_code("en") == "EN"
    assert {"en", "fr", "de", "rw", "mi", "zh"} <= set(languages())
    for text in ("xx", "eng", "", "e", "en-US"):
        with pytest.raises(InvalidParameter, match=r"^There is an error with the language chosen\.$"):
            parse_language(text)


def test_currencies():
    assert parse_currency("usd").decimals == 2
    assert parse_currency("RWF").decimals == 0
    assert parse_currency("KWD").decimals == 3
    for text in ("CLF", "UYW", "XXX", "EURO", "", "12"):
        with pytest.raises(InvalidParameter, match="symbol_selector is not valid"):
            parse_currency(text, name="symbol_selector")


def test_countries_are_kept_in_the_form_given():
    assert parse_country("nz") == "NZ"
    assert parse_country("new zealand") == "New Zealand"
    assert parse_country("RWANDA") == "Rwanda"
    assert parse_country("Cote d'Ivoire") == parse_country("ivory coast") == "Côte d’Ivoire"
    assert parse_country("USA") == "United States"
    assert len(countries()) == 250
    for text in ("ZZ", "EU", "Atlantis", "", "N Z"):
        with pytest.raises(InvalidParameter, match="biz_country is not valid"):
            parse_country(text, name="biz_country")


def test_country_code_of_either_form():
    assert country_code("NZ") == country_code("New Zealand") == "NZ"
    assert country_code("somewhere") == ""


def test_every_country_is_found_by_its_own_code_and_name():
    for code, name in countries().items():
        assert parse_country(code) == code
        assert parse_country(name) == name
        assert country_code(name) == code
