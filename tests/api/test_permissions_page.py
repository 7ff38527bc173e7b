# SPDX-License-Identifier: Apache-2.0
"""The reference page of permissions is what the code says."""

from __future__ import annotations

from regulars.api.permissions_page import PAGE, permissions_page
from regulars.users.access import ALL, ROLES
from regulars.users.readings import ABILITIES, READINGS, abilities_of


def test_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == permissions_page(), "run: python -m regulars.api.permissions_page"


def test_every_role_is_put_in_words():
    assert set(READINGS) == set(ROLES)


def test_every_ability_is_made_of_permissions_and_some_role_lacks_it_or_has_it() -> None:
    for sentence, names in ABILITIES:
        assert names
        assert names <= ALL, sentence
        assert sentence[0].isupper()
    assert all(dict(abilities_of("A")).values()), "an Administrator may do everything"
    assert dict(abilities_of("F"))["Redeems"]
    assert not dict(abilities_of("F"))["Records sales and visits"]
