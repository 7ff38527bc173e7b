# SPDX-License-Identifier: Apache-2.0
"""What an account sets up, in a real browser: on a desk and on a telephone, by day and by night."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import MadeAccount, make_account, make_campaign, make_field
from tests.panel.browser import LOOKS, go_to, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in

pytestmark = needs_chromium
LOOKED = pytest.mark.parametrize(("size", "scheme"), LOOKS)
CUSTOMERS = (
    "Kundennummer;Vorname;Nachname;E-Mail;Geburtstag;Punkte;Newsletter\n"
    "1001;Jörg;Meißner;joerg@example.com;03/04/1980;1.200;yes\n"
    "1002;Eva-Maria Katharina;von und zu Hohenstein-Waldburg;eva@example.com;05/06/1991;85;no\n"
    ";Nobody;;broken@;01/02/1970;x;\n"
)


def make_office() -> MadeAccount:
    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice", contact_last_name="Moreau")
    make_campaign(alice, name="Coffee club")
    make_field(alice, label="Newsletter", number=2)
    return alice


def look(page: Any, name: str) -> None:
    """Keep a picture of a page that has to fit."""
    page.wait_for_load_state()
    keep(page, name)
    assert has_no_sideways_scrolling(page)


@LOOKED
def test_a_file_is_imported_and_undone(open_page, size: str, scheme: str):
    alice = in_a_thread(make_office)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    go_to(page, "Import")
    page.get_by_text("Nothing was imported yet.").wait_for(state="visible")
    look(page, f"import-1-file-{mark}")
    file = {"name": "customers.csv", "mimeType": "text/csv", "buffer": CUSTOMERS.encode()}
    page.get_by_label("File").set_input_files(files=[file])
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Columns of the file").wait_for(state="visible")
    look(page, f"import-2-columns-{mark}")
    page.get_by_role("button", name="Try the lines").click()
    page.get_by_text("Say whether the day or the month comes first.").wait_for(state="visible")
    look(page, f"import-3-asked-{mark}")
    page.get_by_label("Dates are written").select_option(label="Day first: 31/12/2026")
    page.get_by_label("Decimals are written").select_option(label="With a comma: 1.234,50")
    page.get_by_role("button", name="Try the lines").click()
    page.get_by_role("button", name="Import 2 lines").wait_for(state="visible")
    look(page, f"import-4-tried-{mark}")
    page.get_by_role("button", name="Import 2 lines").click()
    page.get_by_role("link", name="Undo this import").wait_for(state="visible")
    look(page, f"import-5-imported-{mark}")
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Find out exactly").click()
    page.get_by_text("it was tried and put back").wait_for(state="visible")
    look(page, f"import-6-undo-{mark}")
    page.get_by_role("button", name="Undo it").click()
    page.get_by_role("heading", name="Undone").wait_for(state="visible")
    go_to(page, "Import")
    look(page, f"import-7-list-{mark}")


@LOOKED
def test_the_account_its_fields_and_the_api_fit(open_page, size: str, scheme: str):
    alice = in_a_thread(make_office)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    go_to(page, "Account")
    for tab in ("Business", "Localisation", "Limits", "Services"):
        page.get_by_role("link", name=tab, exact=True).click()
        page.get_by_role("button", name="Save").wait_for(state="visible")
        look(page, f"account-{tab}-{mark}")
    go_to(page, "Fields")
    page.get_by_role("link", name="Edit Newsletter").click()
    page.get_by_label("It must be filled in").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Nothing was saved yet.").wait_for(state="visible")
    look(page, f"field-{mark}")
    go_to(page, "API")
    page.get_by_role("button", name="Send").wait_for(state="visible")
    look(page, f"api-{mark}")
    go_to(page, "Users")
    page.get_by_role("link", name=f"EDIT {alice.code}").click()
    page.get_by_role("heading", name="What the roles may do").wait_for(state="visible")
    look(page, f"user-{mark}")
