# SPDX-License-Identifier: Apache-2.0
"""An agency's pages in a real browser, and a client's account seen by its guest."""

from __future__ import annotations

import pytest

from tests.factories import (
    MadeAccount,
    make_account,
    make_agency,
    make_brand,
    make_campaign,
    make_customer,
    make_host,
    unique_name,
)
from tests.panel.browser import LOOKS, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in

pytestmark = needs_chromium


def make_cast() -> tuple[MadeAccount, MadeAccount]:
    agency = make_agency(name="North Agency")
    assert agency.account.agency is not None
    of = {"agency_id": agency.account.agency[0]}
    client = make_account(
        biz_name="Bean & Leaf", biz_city="Boise", contact_first_name="Alice", contact_last_name="Moreau",
        client_email="alice@bean.example", **of,
    )  # fmt: skip
    make_account(biz_name="Corner Books and Stationery of the Old Town", state="trial", **of)
    make_account(biz_name="Zest", state="suspended", **of)
    club = make_campaign(client, name="Coffee club")
    make_customer(client, campaigns=(club,))
    make_brand(client, name="The Bean", accent_colour="#1f5f8b")
    make_host(client)
    return agency, client


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_an_agency_opens_an_account_and_enters_another(open_page, size: str, scheme: str):
    agency, client = in_a_thread(make_cast)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, agency)
    page.get_by_role("heading", name="Accounts").wait_for(state="visible")
    keep(page, f"agency-1-accounts-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name="New account").click()
    page.get_by_label("Account ID").fill(unique_name("shop"))
    page.get_by_label("Business name").fill("Second Bean")
    page.get_by_label("Country").fill("Nowhereland")
    page.get_by_label("Copy settings from").select_option(label=f"Bean & Leaf ({client.code})")
    page.get_by_role("button", name="Open the account").click()
    page.locator(".error").first.wait_for(state="visible")
    keep(page, f"agency-2-wrong-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("Country").fill("NZ")
    page.get_by_role("button", name="Open the account").click()
    page.get_by_role("heading", name="Second Bean is open").wait_for(state="visible")
    keep(page, f"agency-3-opened-{mark}")
    assert has_no_sideways_scrolling(page)
    page.goto(f"/admin.php/agency/accounts/{client.code}")
    page.get_by_role("heading", name="Bean & Leaf").wait_for(state="visible")
    page.get_by_role("link", name="Regulars").first.wait_for(state="visible")
    keep(page, f"agency-4-account-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("button", name="Enter the account").click()
    page.get_by_text("as a guest of North Agency").wait_for(state="visible")
    keep(page, f"agency-5-guest-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("heading", name="Accounts").wait_for(state="visible")
