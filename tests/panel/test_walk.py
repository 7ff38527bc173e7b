# SPDX-License-Identifier: Apache-2.0
"""
Every address of the panel, by each of the 15 roles, by the owner, by nobody, and with a stranger's ids.

What is expected is not written here: it is what the view itself says it needs (``@signed_in(needs=...)``) and what
users/access.py says of the role.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.panel.conftest import HOMES, Page, Served, Visitor
from tests.panel.pages import PAGES, Cast, Row, address, make_cast

OFFICES = ("business", "agency", "platform")


@pytest.fixture(scope="module")
def walkers(panel: Served) -> Any:
    """For each kind of account a cast, and a signed-in visitor of each role, the owner's under ""."""
    from regulars.users.access import ROLES
    from tests.factories import make_account, make_agency, make_user

    agency = make_agency()
    made = {"business": make_cast(agency), "agency": agency, "platform": make_account(kind="platform")}
    walking: dict[str, dict[str, tuple[Visitor, Any]]] = {}
    for kind, owned in made.items():
        account = owned.made if isinstance(owned, Cast) else owned
        users = {"": account} | {role: make_user(account, role=role) for role in ROLES}
        walking[kind] = {}
        for role, user in users.items():
            visitor = Visitor(panel)
            assert visitor.sign_in(user).path in HOMES, role
            visitor.http.follow_redirects = False
            walking[kind][role] = (visitor, account.owner if role == "" else user.user)
    yield made["business"], make_cast(), walking
    for each in walking.values():
        for visitor, _ in each.values():
            visitor.http.close()


def test_every_address_has_a_line_and_every_line_an_address():
    from regulars.panel.urls import urlpatterns

    assert sorted(PAGES) == sorted(pattern.name or str(pattern.pattern) for pattern in urlpatterns)


def walk(visitor: Visitor, row: Row, place: str) -> int:
    """Go there as a browser would and return the status."""
    if row.method == "GET":
        return visitor.http.get(place).status_code
    token = front(visitor).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    headers = {"Referer": f"{visitor.origin}/admin.php"}
    status = visitor.http.post(place, data={"csrfmiddlewaretoken": token, **row.fields}, headers=headers).status_code
    if row.leaves:
        visitor.http.post(row.leaves, data={"csrfmiddlewaretoken": token}, headers=headers)
    return status


def front(visitor: Visitor) -> Page:
    """Return the page that a visitor begins with: an office is led on to its accounts."""
    answer = visitor.http.get("/admin.php")
    return visitor.get(answer.headers["location"] if answer.status_code == 302 else "/admin.php")


def expected(row: Row, needs: Any, kind: str, user: Any, cast: Cast) -> set[int]:
    from regulars.users.access import permissions_of

    if kind not in needs.offices or not permissions_of(user).issuperset(needs.permissions):
        return {403}
    return {row.rule(user, cast)} if row.rule else set(row.status)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("sign_out", "sign_in", "theme")])
def test_who_may_go_where_is_what_the_view_says(walkers, name: str):
    from regulars.panel.navigation import needs_of

    cast, stranger, walking = walkers
    row, needs = PAGES[name], needs_of(name)
    wrong = []
    for kind in OFFICES:
        if needs is not None and needs.offices == OFFICES and kind != "business":
            continue  # nothing about it depends on the kind
        for role, (visitor, user) in walking[kind].items():
            met = {row.status[0]} if needs is None else expected(row, needs, kind, user, cast)
            status = walk(visitor, row, address(name, cast))
            if status not in met:
                wrong.append(f"{kind} {role or 'owner'}: {status} instead of {met}")
            if row.ids is None or row.is_nobodys:
                continue
            status = walk(visitor, row, address(name, stranger))
            if row.sees_all:
                is_right = status in met
            else:
                is_right = status == (403 if met == {403} and needs is not None and row.rule is None else 404)
            if not is_right:
                wrong.append(f"{kind} {role or 'owner'} with a stranger's ids: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", list(PAGES))
def test_whoever_is_not_signed_in_is_sent_to_sign_in(walkers, panel: Served, name: str):
    from regulars.panel.navigation import needs_of

    row, visitor = PAGES[name], Visitor(panel)
    visitor.http.follow_redirects = True
    visitor.get("/admin.php/sign-in")
    visitor.http.follow_redirects = False
    token = visitor.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    headers = {"Referer": f"{visitor.origin}/admin.php"}
    place = address(name, walkers[0])
    answer = visitor.http.get(place) if row.method == "GET" else visitor.http.post(
        place, data={"csrfmiddlewaretoken": token}, headers=headers
    )  # fmt: skip
    if needs_of(name) is None:
        assert answer.status_code in row.status
    else:
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (302, "/admin.php/sign-in")
    visitor.http.close()


def test_the_menu_shows_what_may_be_opened_and_nothing_else(walkers):
    """Every entry that is drawn opens, and every page of the menu that would open is drawn."""
    from regulars.panel.navigation import ENTRIES, needs_of
    from regulars.users.access import permissions_of

    _, _, walking = walkers
    for kind in OFFICES:
        for role, (visitor, user) in walking[kind].items():
            drawn = set(front(visitor).xpath("//nav[@aria-label='Main']//a/@href"))
            may = permissions_of(user)
            open_to = {
                address(entry.name, walkers[0])
                for entry in ENTRIES
                if not entry.module
                and kind in (entry.kinds or OFFICES)
                and kind in needs_of(entry.name).offices
                and may.issuperset(needs_of(entry.name).permissions)
            }
            assert drawn == open_to, (kind, role)
            for place in drawn:
                assert visitor.http.get(place).status_code == 200, (kind, role, place)
