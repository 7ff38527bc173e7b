# SPDX-License-Identifier: Apache-2.0
"""
Every address of the panel, one line each: how to walk there, and what a stranger's address is.

A new line in panel/urls.py needs one here. The walk (test_walk.py) goes there in every role; where the line is a page, its
statements, weight and accessibility are held too (test_pages.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # models can not be imported before pytest_configure
    from regulars.accounts.directory import CampaignConfig, UserConfig
    from regulars.customers.rows import CustomerRow
    from tests.factories import MadeAccount, MadeUser


@dataclass(frozen=True)
class Cast:
    """Whose ids stand in addresses: Alice's account with a user, a campaign and a customer; Carol's likewise."""

    made: MadeAccount
    bob: MadeUser
    campaign: CampaignConfig
    customer: CustomerRow


Ids = Callable[[Cast], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """
    ``ids``: the address's arguments from a cast; a stranger's must be 404 wherever the role itself is let in.

    ``status``: what somebody gets who may (several: any of them); for a POST with nothing filled in mostly 400. ``rule``: for
    pages that ask more than ``needs``, the status for a user and a cast. ``query`` is put behind a page's address. ``is_page``:
    False for files and pieces of pages, which are not held to what a page is. ``office``: whose page it is looked at as.
    """

    method: str = "GET"
    ids: Ids | None = None
    status: tuple[int, ...] = (200,)
    rule: Callable[[UserConfig, Cast], int] | None = None
    query: str = ""
    is_page: bool = True
    office: str = "business"
    fields: dict[str, str] = field(default_factory=dict)


def user_code(cast: Cast) -> dict[str, Any]:
    return {"code": cast.bob.code}


def may_edit_bob(user: UserConfig, cast: Cast) -> int:
    from regulars.users.access import may_manage_user, may_see_user

    if not may_see_user(user, cast.bob.user):
        return 404
    return 200 if may_manage_user(user, cast.bob.user) else 403


def may_edit_bob_or_bad_form(user: UserConfig, cast: Cast) -> int:
    status = may_edit_bob(user, cast)
    return 400 if status == 200 else status


PAGES = {
    "home": Row(),
    "sign_in": Row(),
    "sign_out": Row("POST", status=(302,)),
    "theme": Row("POST", status=(302,)),
    "brand_stylesheet": Row(status=(404,), is_page=False),
    "brand_logo": Row(status=(404,), is_page=False),
    "brand": Row(),
    "own_logo": Row(status=(404,), is_page=False),
    "request_log": Row(),
    "settlement": Row(),
    "modules": Row(),
    "users": Row(),
    "add_user": Row(),
    "edit_user": Row(ids=user_code, rule=may_edit_bob),
    "rotate_token": Row("POST", ids=user_code, rule=may_edit_bob_or_bad_form),
    "unlock_user": Row("POST", ids=user_code, status=(302,)),
}
"""Name in panel/urls.py -> how to walk there."""


def pages() -> list[str]:
    """Return the names of those that are pages for people."""
    return [name for name, row in PAGES.items() if row.method == "GET" and row.is_page]


def make_cast() -> Cast:
    """Make an account with what addresses name."""
    from tests.factories import make_account, make_campaign, make_customer, make_user

    made = make_account()
    campaign = make_campaign(made, name="Coffee club")
    return Cast(made, make_user(made, role="K"), campaign, make_customer(made, campaigns=(campaign,)))


def address(name: str, cast: Cast) -> str:
    """Return the address of a line, with the ids of a cast."""
    from django.urls import reverse

    row = PAGES[name]
    return reverse(name, urlconf="regulars.panel.urls", kwargs=row.ids(cast) if row.ids else {}) + row.query
