# SPDX-License-Identifier: Apache-2.0
"""Agencies' pages and the platform owner's accounts; an agency's user in a client's account, as its guest (ADR-0024)."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.operations import change_state
from regulars.accounts.queries import find_account_config_by_user
from regulars.kit.db import unit_of_work
from regulars.panel.navigation import needs_of
from regulars.transactions.clients import update_client
from regulars.users.access import ROLES, permissions_of
from regulars.users.guests import list_visits
from regulars.users.models import Visit
from regulars.users.operations import update_user
from tests.factories import (
    MadeAccount,
    make_account,
    make_agency,
    make_brand,
    make_campaign,
    make_customer,
    make_host,
    make_user,
    unique_name,
)

NEEDS = {
    "agency_accounts": "AMNLSDCOGI", "agency_new_account": "A", "agency_account": "AMNLSDCOGI",
    "platform_accounts": "AMNLSDCOGI", "platform_new_account": "A", "platform_account": "AMNLSDCOGI",
    "platform_agencies": "A", "platform_new_agency": "A", "platform_codes": "A",
}  # fmt: skip
"""Page -> roles that may open it, written by hand."""
POSTS = {
    "/agency/accounts/{code}/enter": ({}, "AMNLSDCOGI"),
    "/agency/accounts/{code}/state": ({"state": "active"}, "A"),
    "/platform/accounts/{code}/state": ({"state": "suspended"}, "A"),
    "/platform/accounts/{code}/agency": ({"agency": ""}, "A"),
}


@pytest.fixture
def agency() -> MadeAccount:
    return make_agency(name="North Agency")


@pytest.fixture
def client(agency: MadeAccount) -> MadeAccount:
    made = make_account(agency_id=number(agency), biz_name="Bean & Leaf", biz_city="Boise")
    club = make_campaign(made, name="Coffee club")
    make_customer(made, code="c1", campaigns=(club,))
    return made


def number(agency: MadeAccount) -> int:
    assert agency.account.agency is not None
    return agency.account.agency[0]


def enter(visitor: Any, client: MadeAccount) -> Any:
    visitor.get(f"/admin.php/agency/accounts/{client.code}")
    return visitor.submit("/enter")


# -- the walk (test_walk.py walks all pages and holds them to what their views say; this says what the views are to say) -----
@pytest.mark.parametrize("name", NEEDS)
def test_an_offices_page_is_open_to_these_roles(name: str) -> None:
    needs = needs_of(name)
    assert needs is not None
    assert needs.offices == (name.split("_", maxsplit=1)[0],)
    office = make_agency() if name.startswith("agency") else make_account(kind="platform")
    may = {role for role in ROLES if permissions_of(make_user(office, role=role).user).issuperset(needs.permissions)}
    assert may == set(NEEDS[name])


@pytest.mark.parametrize("place", sorted(POSTS))
def test_every_change_by_every_role_and_for_a_stranger(visit: Any, place: str) -> None:
    fields, roles = POSTS[place]
    kind = place.split("/")[1]
    for role in ROLES:
        office = make_agency() if kind == "agency" else make_account(kind="platform")
        of_agency = number(office) if kind == "agency" else None
        own, stranger = (
            make_account(agency_id=of_agency, state="trial"),
            make_account(agency_id=number(make_agency()), state="trial"),
        )
        visitor = visit(make_user(office, role=role))
        visitor.get("/admin.php")
        for target, is_own in ((own, True), (stranger, kind == "platform")):
            before = target.fresh()
            fields_with_token = fields | {"csrfmiddlewaretoken": _token(visitor)}
            page = visitor.post("/admin.php" + place.format(code=target.code), fields_with_token)
            if role not in roles:
                assert (page.status, target.fresh()) == (403, before), (place, role)
            elif not is_own:
                assert (page.status, target.fresh()) == (404, before), (place, role)
            else:
                assert page.status == 200, (place, role, page.text)
            if visitor.get("/admin.php").xpath("//form[contains(@action, '/agency/leave')]"):
                visitor.submit("/agency/leave")


def _token(visitor: Any) -> str:
    (token, *_) = visitor.get("/admin.php").xpath("//input[@name='csrfmiddlewaretoken']/@value")
    return str(token)


# -- being a guest -------------------------------------------------------------------------------------------------------
def test_an_agencys_user_works_in_a_clients_account_with_his_role_and_leaves(
    visit: Any, agency: MadeAccount, client: MadeAccount
) -> None:
    bob = make_user(agency, role="M", first_name="Bob", last_name="Ross")
    visitor = visit(bob)
    assert "Bean & Leaf" in visitor.page.text
    page = enter(visitor, client)
    assert (page.path, page.status) == ("/admin.php", 200)
    assert "You are in Bean & Leaf as a guest of North Agency." in page.text
    assert "Coffee club" in page.text
    links = page.xpath("//nav//a/@href")
    assert "/admin.php/users" in links
    assert not [link for link in links if "/agency/" in link or "/account/brand" in link], "a manager may not"
    assert visitor.get("/admin.php/account/brand").status == 403
    assert visitor.get("/admin.php/agency/accounts").status == 403, "here he is at the client's"
    visitor.get("/admin.php/users/add")
    clerk = unique_name("clerk")
    assert visitor.submit("/users/add", code=clerk, role="K", password="espresso_7").path == f"/admin.php/users/{clerk}"
    assert clerk in client.fresh().users
    assert clerk not in agency.fresh().users
    page = visitor.submit("/agency/leave")
    assert (page.path, "as a guest" in page.text) == ("/admin.php/agency/accounts", False)
    assert visitor.get(f"/admin.php/users/{clerk}").status == 404
    with unit_of_work(client.id):
        (came,) = list_visits(account=client.fresh())
    assert (came.user_code, came.name, came.ended_at is not None) == (f"{bob.code}@{agency.code}", "Bob Ross", True)
    shown = visit(client).get("/admin.php/users")
    assert "Visits of your agency" in shown.text
    assert f"{bob.code}@{agency.code}" in shown.text
    assert "Visits" not in visit(make_user(client, role="M")).get("/admin.php/users").text


def test_an_administrator_of_the_agency_is_no_owner_there(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    visitor = visit(agency)
    enter(visitor, client)
    assert "Administrator" in visitor.get("/admin.php").text
    page = visitor.get(f"/admin.php/users/{client.code}")
    assert client.token not in page.text
    assert client.fresh().users[client.code.lower()].is_owner


def test_signing_out_ends_the_visit_too(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    visitor = visit(agency)
    enter(visitor, client)
    visitor.submit("sign-out")
    assert visitor.get("/admin.php/users").path == "/admin.php/sign-in"
    with unit_of_work(client.id):
        assert [row.ended_at is not None for row in Visit.objects.filter(account_id=client.id)] == [True]


@pytest.mark.parametrize("what", ["moved", "suspended", "agency suspended", "another role"])
def test_who_may_be_there_no_more_is_out_with_his_next_page(
    visit: Any, agency: MadeAccount, client: MadeAccount, what: str
) -> None:
    bob = make_user(agency, role="M")
    visitor = visit(bob)
    enter(visitor, client)
    if what == "moved":
        platform = make_account(kind="platform")
        with unit_of_work(platform.id):
            update_client(
                account=platform.account, by=platform.owner, at=client.account.created_at, code=client.code, agency_id=None
            )
    elif what == "another role":
        with unit_of_work(agency.id):
            update_user(account=agency.fresh(), by=None, at=client.account.created_at, code=bob.code, role="K")
    else:
        target = client if what == "suspended" else agency
        with unit_of_work(target.id):
            change_state(account=target.fresh(), state="suspended")
    page = visitor.get("/admin.php/users")
    assert page.path == (
        "/admin.php/sign-in"
        if what == "agency suspended"
        else "/admin.php/agency/accounts"
        if what != "another role"
        else "/admin.php"
    )
    assert "Coffee club" not in visitor.get("/admin.php").text


def test_a_suspended_client_is_not_entered(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    visitor = visit(agency)
    page = visitor.get(f"/admin.php/agency/accounts/{client.code}")
    token = _token(visitor)
    with unit_of_work(client.id):
        change_state(account=client.fresh(), state="suspended")
    page = visitor.post(f"/admin.php/agency/accounts/{client.code}/enter", {"csrfmiddlewaretoken": token})
    assert (page.path, "This account has been suspended" in page.text) == (f"/admin.php/agency/accounts/{client.code}", True)
    assert not page.xpath("//form[contains(@action, '/enter')]")


def test_nobody_visits_by_a_session_of_his_own_making(visit: Any, client: MadeAccount) -> None:
    """A business's user who knows the address of a client of an agency."""
    carol = visit(make_account())
    page = carol.post(f"/admin.php/agency/accounts/{client.code}/enter", {"csrfmiddlewaretoken": _token(carol)})
    assert page.status == 403
    assert "Coffee club" not in carol.get("/admin.php").text


# -- the list and one account ------------------------------------------------------------------------------------------------
def test_accounts_are_found_by_words_and_state(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    make_account(agency_id=number(agency), biz_name="Corner Books", state="trial", contact_first_name="Cora")
    make_account(biz_name="Secret Garden")
    visitor = visit(agency)

    def names(query: str) -> list[str]:
        return [str(name) for name in visitor.get(f"/admin.php/agency/accounts{query}").xpath("//tbody//th//a/text()")]

    assert names("") == ["Bean & Leaf", "Corner Books"]
    assert names("?words=cora+books") == ["Corner Books"]
    assert names("?words=boise") == ["Bean & Leaf"]
    assert names("?state=trial") == ["Corner Books"]
    assert names("?words=secret") == []
    assert "No account matches." in visitor.page.text
    page = visitor.get("/admin.php/agency/accounts?state=perhaps")
    assert page.status == 400


def test_many_accounts_come_in_pages(visit: Any, agency: MadeAccount) -> None:
    for each in range(27):
        make_account(agency_id=number(agency), biz_name=f"Shop {each:02}")
    visitor = visit(agency)
    first = visitor.get("/admin.php/agency/accounts?words=shop")
    assert len(first.xpath("//tbody/tr")) == 25
    assert "27 accounts" in first.text
    second = visitor.get("/admin.php/agency/accounts" + first.xpath("//a[@rel='next']/@href")[0])
    assert [str(name) for name in second.xpath("//tbody//th//a/text()")] == ["Shop 25", "Shop 26"]


def test_an_agency_without_clients_is_told_what_to_do(visit: Any, agency: MadeAccount) -> None:
    page = visit(agency).get("/admin.php/agency/accounts")
    assert "There are no accounts yet" in page.text
    assert page.xpath("//div[@class='empty-action']/a/@href") == ["/admin.php/agency/accounts/new"]


def test_an_account_shows_its_hosts_its_brand_and_how_much_it_is_used(
    visit: Any, agency: MadeAccount, client: MadeAccount
) -> None:
    host = make_host(client)
    make_brand(client, name="The Bean", accent_colour="#1f5f8b")
    page = visit(agency).get(f"/admin.php/agency/accounts/{client.code}")
    facts = dict(
        zip(page.xpath("//dl/div/dt/text()"), (each.text_content() for each in page.xpath("//dl/div/dd")), strict=True)
    )
    assert (facts["Customers"], facts["Campaigns"], facts["Colour of links and buttons"]) == ("1", "1", "#1f5f8b")
    assert host in page.text
    assert "The Bean" in page.text


# -- a new one -----------------------------------------------------------------------------------------------------------------
def test_a_new_account_with_the_settings_of_another(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    visitor = visit(agency)
    page = visitor.get(f"/admin.php/agency/accounts/new?copy_from={client.code}")
    assert page.xpath("//select[@name='copy_from']/option[@selected]/@value") == [client.code]
    code = unique_name("shop")
    page = visitor.submit("/new", code=code, biz_name="Second Bean", password="latte_12", contact_first_name="Cora")
    assert page.status == 200
    made = find_account_config_by_user(code)
    assert made is not None
    assert (made.agency, made.state, [each.name for each in made.campaigns.values()]) == (
        agency.account.agency, "trial", ["Coffee club"],
    )  # fmt: skip
    assert "Second Bean is open" in page.text
    (token,) = page.xpath("//span[@class='token']/text()")
    assert len(token) == 40
    assert visit(MadeAccount(made, made.users[code], token, "latte_12")).page.path == "/admin.php"
    page = visitor.get(f"/admin.php/agency/accounts/{code}")
    assert token not in page.text
    assert visitor.submit(f"/{code}/state").text.count("Active")
    assert find_account_config_by_user(code).state == "active"  # type: ignore[union-attr]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_opened(visit: Any, agency: MadeAccount, client: MadeAccount) -> None:
    visitor = visit(agency)
    for fields, name in (
        ({"code": client.code}, "code"), ({"code": "a b"}, "code"), ({"currency": "XXZ"}, "currency"),
        ({"country": "Nowhereland"}, "country"), ({"password": "x"}, "password"), ({"copy_from": "somebody_else"}, "copy_from"),
        ({"copy_from": client.code, "currency": "EUR"}, "currency"), ({"biz_name": ""}, "biz_name"),
    ):  # fmt: skip
        visitor.get("/admin.php/agency/accounts/new")
        code = unique_name("shop")
        page = visitor.submit("/new", **({"code": code, "biz_name": "Kept as typed"} | fields))
        assert page.status == 400, fields
        (wrong,) = page.xpath("//*[contains(@class, 'field wrong')]//*[@name]/@name")
        assert wrong == name, (fields, page.text)
        if name != "biz_name":
            assert page.xpath("//input[@name='biz_name']/@value") == ["Kept as typed"]
        assert find_account_config_by_user(code) is None


# -- the platform owner ------------------------------------------------------------------------------------
def test_the_platform_owner_makes_an_agency_moves_an_account_and_suspends_it(visit: Any, client: MadeAccount) -> None:
    platform = make_account(kind="platform")
    visitor = visit(platform)
    visitor.get("/admin.php/platform/agencies/new")
    code, name = unique_name("agcy"), unique_name("South")
    page = visitor.submit("/new", name=name, email="south@agency.example", code=code, password="agency_12")
    assert f"{name} is open" in page.text
    page = visitor.get("/admin.php/platform/agencies")
    assert name in page.text
    visitor.get(f"/admin.php/platform/accounts/{client.code}")
    south = find_account_config_by_user(code)
    assert south is not None
    assert south.agency is not None
    page = visitor.submit("/agency", agency=str(south.agency[0]))
    assert "Bean & Leaf was moved." in page.text
    assert client.fresh().agency == south.agency
    page = visitor.submit("/state")
    assert (client.fresh().state, "Bean & Leaf: Suspended." in page.text) == ("suspended", True)
    page = visitor.submit("/state")
    assert client.fresh().state == "active"
    assert visitor.get(f"/admin.php/platform/accounts/{platform.code}").status == 404
    found = visitor.get(f"/admin.php/platform/accounts?words={client.code}")
    assert [str(cell).strip() for cell in found.xpath("//td[@data-label='Agency']/text()")] == [name]


def test_a_wrong_agency_is_not_moved_to(visit: Any, client: MadeAccount) -> None:
    visitor = visit(make_account(kind="platform"))
    visitor.get(f"/admin.php/platform/accounts/{client.code}")
    page = visitor.submit("/agency", agency="999999999")
    assert (page.status, client.fresh().agency == client.account.agency) == (400, True)
    visitor.get("/admin.php/platform/agencies/new")
    page = visitor.submit("/new", name="Kept", email="no address", code=unique_name("agcy"))
    assert page.status == 400
    assert page.xpath("//input[@name='name']/@value") == ["Kept"]
