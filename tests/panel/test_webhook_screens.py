# SPDX-License-Identifier: Apache-2.0
"""Webhooks in a real browser: from the menu to the secret, which is copied, and to what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import MadeAccount, make_account, make_customer
from tests.panel.browser import LOOKS, go_to, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in

pytestmark = needs_chromium


def make_past() -> tuple[MadeAccount, int]:
    """Alice with a webhook that was told of customers: one arrived, one failed, one waits."""
    from regulars.kit.db import unit_of_work
    from regulars.webhooks.deliveries import claim, record
    from regulars.webhooks.rules import Outcome
    from tests.webhooks.telling import collect_all, make_webhook, now

    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice")
    hook = make_webhook(alice, "https://crm.bean-and-leaf.example.com/hooks/loyalty?source=regulars", name="CRM")
    for name in ("Ann", "Ben", "Cleo"):
        make_customer(alice, first_name=name, email=f"{name.lower()}@example.org")
    collect_all(hook)
    with unit_of_work(alice.id):
        claimed = claim(account=alice.account, endpoint_id=hook.id, at=now())
        assert claimed is not None
        first, second, _ = claimed.deliveries
        outcomes = (Outcome(first.id, 200, "ok", 87), Outcome(second.id, 503, "down for maintenance", 1_204))
        record(account=alice.account, endpoint_id=hook.id, outcomes=outcomes, at=now(), chance_percent=50)
    return alice, second.id


@pytest.mark.parametrize(("size", "scheme"), [LOOKS[0], LOOKS[3]])
def test_from_the_menu_to_the_secret_and_what_was_sent(open_page: Any, size: str, scheme: str) -> None:
    alice, delivery_id = in_a_thread(make_past)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    go_to(page, "Webhooks")
    page.get_by_role("heading", name="Webhooks").wait_for(state="visible")
    keep(page, f"webhooks-1-list-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name="Add a webhook").first.click()
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Address").fill("https://shop.example.com/webhooks")
    keep(page, f"webhooks-2-add-{mark}")
    page.get_by_role("button", name="Save").click()
    secret = page.get_by_role("textbox", name="The secret")
    assert str(secret.text_content()).startswith("whsec_")
    assert page.get_by_role("button", name="Copy", exact=True).is_visible()
    keep(page, f"webhooks-3-secret-{mark}")
    assert has_no_sideways_scrolling(page)
    go_to(page, "Webhooks")
    page.get_by_role("link", name="CRM", exact=True).click()
    page.get_by_text("Nothing has arrived since").wait_for(state="visible")
    keep(page, f"webhooks-4-deliveries-{mark}")
    assert has_no_sideways_scrolling(page)
    page.goto(f"/admin.php/account/webhooks/deliveries/{delivery_id}")
    page.get_by_text("down for maintenance").wait_for(state="visible")
    keep(page, f"webhooks-5-delivery-{mark}")
    assert has_no_sideways_scrolling(page)
