# SPDX-License-Identifier: Apache-2.0
"""The list of users and a user's page: what the front page of the API's documentation tells people to look for."""

from __future__ import annotations

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.queries import get_secrets
from tests.factories import make_account, make_campaign, make_user, unique_name


def edit_path(code: str) -> str:
    return f"/admin.php/users/{code}"


def token_shown(page) -> str:
    """What stands next to the label, as the documentation says."""
    (token,) = page.xpath(
        "//dt[normalize-space()='API access Security Token']/following-sibling::dd/span[@class='token']/text()"
    )
    return token


def test_list_leads_by_edit_to_the_security_token(visit):
    alice = make_account()
    bob = make_user(alice, role="K", first_name="Bob", last_name="Ross", custom1="Downtown")
    visitor = visit(alice)
    users = visitor.get("/admin.php/users")
    row = next(row for row in users.xpath("//tbody/tr") if bob.code in row.text_content())
    assert [" ".join(cell.text_content().split()) for cell in row.xpath("*")] == [
        bob.code, "Bob Ross", "Clerk", "Downtown", "All", f"EDIT {bob.code}",
    ]  # fmt: skip
    page = visitor.get(row.xpath(".//a/@href")[0])
    assert page.xpath("//h1")[0].text_content().strip() == f"Edit user: {bob.code}"
    assert token_shown(page) == bob.token


def test_owner_comes_first_and_finds_his_own_token(visit):
    alice = make_account()
    make_user(alice)
    visitor = visit(alice)
    rows = visitor.get("/admin.php/users").xpath("//tbody/tr")
    assert alice.code in rows[0].text_content()
    assert token_shown(visitor.get(edit_path(alice.code))) == alice.token


def test_rotation_shows_a_new_token_and_says_until_when_the_old_one_works(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    page = visitor.submit("/token", overlap="3600")
    new = token_shown(page)
    user = alice.fresh().users[bob.code.lower()]
    assert new != bob.token
    assert user.previous_token_hash == bob.user.token_hash
    assert "The token before this one works until" in page.text
    assert "The old one stops in 1 hour." in page.text
    visitor.submit("/token", overlap="0")
    assert alice.fresh().users[bob.code.lower()].previous_token_hash is None


def test_saved_changes_are_there_when_the_page_is_loaded_again(visit):
    alice = make_account()
    one, two = make_campaign(alice, name="Coffee club"), make_campaign(alice, kind="giftcard", name="Gift cards")
    bob = make_user(alice, role="K")
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    page = visitor.submit(
        bob.code, first_name="Rob", role="H", time_zone="Africa/Kigali", language="rw", pin="4711", campaigns_access="some",
        campaign_ids=[str(two.id)], password="cortado_3", custom1='<b>"Annex"</b>',
    )  # fmt: skip
    assert f"User {bob.code} was saved." in page.text
    user = alice.fresh().users[bob.code.lower()]
    assert (user.first_name, user.role, user.timezone, user.language) == ("Rob", "H", "Africa/Kigali", "rw")
    assert (user.campaigns_access, user.allowed_campaign_ids) == ("some", frozenset({two.id}))
    assert user.custom1 == '<b>"Annex"</b>'
    with unit_of_work(alice.id):
        assert get_secrets(account=alice.account, user_id=user.id).pin == "4711"
    assert page.xpath("//input[@name='custom1']/@value") == ['<b>"Annex"</b>']
    assert page.xpath("//input[@name='campaign_ids'][@checked]/@value") == [str(two.id)]
    assert str(one.id) in page.xpath("//input[@name='campaign_ids']/@value")
    assert visit().sign_in(bob, "cortado_3").path == "/admin.php"


def test_saving_an_untouched_form_changes_nothing(visit):
    alice = make_account()
    campaign = make_campaign(alice)
    bob = make_user(
        alice, role="K", pin="1234", timezone="Australia/Lord_Howe", campaigns_access="some", allowed_campaign_ids=[campaign.id]
    )
    before = alice.fresh()
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    assert "was saved" in visitor.submit(bob.code).text
    assert alice.fresh().users[bob.code.lower()] == before.users[bob.code.lower()]
    assert visit(bob).page.path == "/admin.php"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("pin", "12", "A PIN must be 4 or 5 numbers only"),
        ("password", "abc", "Your password must be between 5 and 20 characters long."),
        ("password", "has space", "A password can only have letters, numbers, or an underscore (_)"),
        ("first_name", "x" * 61, "at most 60 characters"),
        ("role", "Z", "Select a valid choice"),
        ("time_zone", "Mars", "Select a valid choice"),
        ("campaigns_access", "most", "Select a valid choice"),
        ("campaign_ids", "999999", "Select a valid choice"),
    ],
)
def test_bad_value_is_told_at_its_field_and_nothing_is_saved(visit, field: str, value: str, sentence: str):
    alice = make_account()
    make_campaign(alice)
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    page = visitor.submit(bob.code, **{field: value, **({} if field == "first_name" else {"first_name": "Changed"})})
    assert page.status == 400
    (wrong,) = page.xpath("//div[contains(@class,'wrong')]")
    assert wrong.xpath(f".//*[@name='{field}']")
    assert sentence in wrong.text_content()
    assert alice.fresh().users[bob.code.lower()] == bob.user


def test_pin_of_another_is_refused_at_its_field(visit):
    alice = make_account()
    make_user(alice, pin="1234")
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    page = visitor.submit(bob.code, pin="1234")
    assert "This PIN is already in use" in page.xpath("//div[contains(@class,'wrong')]")[0].text_content()
    assert token_shown(page) == bob.token


def test_added_user_can_sign_in_and_has_a_token(visit):
    alice = make_account()
    code = unique_name("till")
    visitor = visit(alice)
    visitor.get("/admin.php/users/add")
    page = visitor.submit("add", code=code, role="K", password="till_pass")
    assert f"User {code} was added." in page.text
    assert len(bytes.fromhex(token_shown(page))) == 20
    visitor.get("/admin.php/users/add")
    again = visitor.submit("add", code=code.upper(), role="K")
    assert (again.status, "The User ID you selected already exists." in again.text) == (400, True)


def test_clerk_has_no_users_page_and_observer_cannot_edit(visit):
    alice = make_account()
    bob, olga = make_user(alice, role="K"), make_user(alice, role="O")
    clerk = visit(bob)
    assert "Users" not in clerk.page.text
    assert clerk.get("/admin.php/users").status == 403
    assert clerk.get("/admin.php/users/add").status == 403
    observer = visit(olga)
    page = observer.get("/admin.php/users")
    assert page.status == 200
    assert page.xpath("//tbody//a/@href") == [edit_path(olga.code)]
    denied = observer.get(edit_path(bob.code))
    assert (denied.status, bob.token in denied.text) == (403, False)


def test_manager_gets_neither_the_owners_nor_an_administrators_token(visit):
    alice = make_account()
    mary, adam = make_user(alice, role="M"), make_user(alice, role="A")
    visitor = visit(mary)
    for code in (alice.code, adam.code):
        assert visitor.get(edit_path(code)).status == 403
    visitor.get(edit_path(mary.code))
    token = visitor.page.xpath("//form[contains(@action,'sign-out')]//input[@name='csrfmiddlewaretoken']/@value")[0]
    page = visitor.post(f"{edit_path(adam.code)}/token", {"csrfmiddlewaretoken": token, "overlap": "0"})
    assert page.status == 403
    assert alice.fresh().users[adam.code.lower()].token_hash == adam.user.token_hash


def test_nobody_changes_his_own_role_by_a_forged_form(visit):
    alice = make_account()
    mary = make_user(alice, role="M")
    visitor = visit(mary)
    page = visitor.get(edit_path(mary.code))
    assert page.xpath("//select[@name='role']/option/@value") == ["M"]
    assert visitor.submit(mary.code, role="A").status == 400
    visitor.get(edit_path(mary.code))
    visitor.submit(mary.code, campaigns_access="none")
    user = alice.fresh().users[mary.code.lower()]
    assert (user.role, user.campaigns_access) == ("M", "all")


def test_user_of_another_account_looks_like_no_user(visit):
    alice, carol = make_account(), make_account()
    visitor = visit(alice)
    pages = [visitor.get(edit_path(code)) for code in (carol.code, unique_name("nobody"))]
    assert [page.status for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text


def test_every_field_has_a_label_and_every_link_resolves(visit):
    alice = make_account()
    make_campaign(alice)
    bob = make_user(alice)
    visitor = visit(alice)
    for path in ("/admin.php", "/admin.php/users", "/admin.php/users/add", edit_path(bob.code)):
        page = visitor.get(path)
        assert page.status == 200
        for control in page.xpath("//input[not(@type='hidden')]|//select"):
            labelled = page.xpath(f"//label[@for='{control.get('id')}']") or control.xpath("ancestor::label")
            assert labelled, (path, control.get("name"))
        # The reference is served on the same port by the API's process (tests/reference).
        for place in set(page.xpath("//a/@href|//link/@href|//img/@src")) - {"#content", "/docs/api"}:
            assert visitor.http.get(place).status_code == 200, place
        assert not page.xpath("//script[not(@src)]|//script[text()]|//*[@style]|//style|//*[@*[starts-with(name(), 'on')]]")


def test_what_each_role_may_do_stands_beside_the_choice(visit):
    alice = make_account()
    bob = make_user(alice, role="F")
    page = visit(alice).get(edit_path(bob.code))
    (chosen,) = page.xpath("//details[@data-role][@open]")
    assert chosen.get("data-role") == "F"
    said = [item.text_content() for item in chosen.xpath(".//li")]
    assert "Redeems" in said
    assert "Records sales and visits" not in said
    assert len(page.xpath("//details[@data-role]")) == len(page.xpath("//select[@name='role']/option"))


def test_a_user_is_deleted_only_when_it_is_meant(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    page = visitor.submit("/delete")
    assert page.status == 400
    assert bob.code.lower() in alice.fresh().users
    page = visitor.submit("/delete", is_meant="on")
    assert f"User {bob.code} was deleted." in page.text
    assert bob.code.lower() not in alice.fresh().users
    assert visit().sign_in(bob).path == "/admin.php/sign-in"
    visitor.get("/admin.php/users/add")
    assert visitor.submit("add", code=bob.code, role="K").status == 400, "the user id stays taken"


def test_a_user_who_is_deleted_for_good_leaves_his_user_id(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    visitor.submit("/delete", how="free", is_meant="on")
    visitor.get("/admin.php/users/add")
    assert "was added" in visitor.submit("add", code=bob.code, role="K").text


def test_nobody_deletes_the_owner_or_himself(visit):
    alice = make_account()
    admin = make_user(alice, role="A")
    visitor = visit(admin)
    assert not visitor.get(edit_path(admin.code)).xpath("//form[contains(@action, '/delete')]")
    token = visitor.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    for code in (admin.code, alice.code):
        fields = {"csrfmiddlewaretoken": token, "how": "keep", "is_meant": "on"}
        assert visitor.post(edit_path(code) + "/delete", fields).status == 403
    assert {admin.code.lower(), alice.code.lower()} <= set(alice.fresh().users)


def test_the_duplicate_guard_and_the_limit_of_a_user_are_kept(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit(alice)
    visitor.get(edit_path(bob.code))
    visitor.submit(bob.code, duplicate_guard="first", duplicate_guard_seconds="90", calls_per_minute="120")
    user = alice.fresh().users[bob.code.lower()]
    assert (user.duplicate_guard, user.duplicate_guard_seconds, user.calls_per_minute) == ("first", 90, 120)
    visitor.submit(bob.code, calls_per_minute="")
    assert alice.fresh().users[bob.code.lower()].calls_per_minute is None
    page = visitor.submit(bob.code, duplicate_guard_seconds="0")
    assert "Write a number from 1 to" in page.text


def test_a_manager_sets_no_limit(visit):
    alice = make_account()
    bob = make_user(alice)
    page = visit(make_user(alice, role="M")).get(edit_path(bob.code))
    assert page.xpath("//*[@name='duplicate_guard']")
    assert not page.xpath("//*[@name='calls_per_minute']")


def test_a_locked_user_is_let_in_from_his_page(visit):
    alice = make_account()
    bob = make_user(alice)
    guesser = visit()
    for _ in range(6):
        guesser.sign_in(bob, "wrong_pass")
    visitor = visit(alice)
    page = visitor.get(edit_path(bob.code))
    assert "can not sign in until" in page.text
    visitor.submit("/unlock")
    assert "can not sign in until" not in visitor.get(edit_path(bob.code)).text
    assert visit(bob).page.path == "/admin.php"
