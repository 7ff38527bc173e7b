# SPDX-License-Identifier: Apache-2.0
"""The page of the request log, and letting a locked-out user in again."""

from __future__ import annotations

from datetime import timedelta

from regulars.users.sign_in import USER_FAILURES_MAX
from tests.factories import NOW, make_account, make_logged_request, make_user


def ids(page) -> list[str]:
    return [each.strip() for each in page.xpath("//tbody//summary/text()")]


def test_administrators_find_requests_by_what_they_know_of_them(visit):
    alice = make_account(timezone="UTC")
    for number, code in enumerate(("ok", "customer_not_found", "ok")):
        make_logged_request(
            alice, at=NOW + timedelta(minutes=number), request_id=f"r{number}", code=code, user_code="till_1",
            fields={"type": "customer_info", "code": "***1001"}, answer='{"status":"<b>"}',
        )  # fmt: skip
    make_logged_request(make_account(), request_id="not_ours")
    visitor = visit(make_user(alice, role="A"))
    page = visitor.get("/admin.php/requests")
    assert ids(page) == ["r2", "r1", "r0"]
    assert "code=***1001" in page.text
    assert '{"status":"<b>"}' in page.text
    assert "kept for 7 days" in page.text
    assert ids(visitor.get("/admin.php/requests?code=error")) == ["r1"]
    assert ids(visitor.get("/admin.php/requests?request_id=r2&user_code=TILL_1&call=Customer_Info")) == ["r2"]
    at = (NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    assert ids(visitor.get(f"/admin.php/requests?at_from={at}")) == ["r2", "r1"]
    assert ids(visitor.get(f"/admin.php/requests?at_to={at}")) == ["r0"]
    wrong = visitor.get("/admin.php/requests?at_from=yesterday")
    assert (wrong.status, ids(wrong)) == (400, [])


def test_older_requests_are_a_page_away(visit):
    alice = make_account()
    for number in range(60):
        make_logged_request(alice, at=NOW + timedelta(seconds=number), request_id=f"r{number}", code="ok")
    visitor = visit(alice)
    page = visitor.get("/admin.php/requests?code=ok")
    assert len(ids(page)) == 50
    (older,) = page.xpath("//a[text()='Older']/@href")
    page = visitor.get(f"/admin.php/requests{older}")
    assert ids(page) == [f"r{number}" for number in range(9, -1, -1)]
    assert page.xpath("//a[text()='Newer']")
    assert not page.xpath("//a[text()='Older']")


def test_only_administrators_see_it(visit):
    alice = make_account()
    visitor = visit(make_user(alice, role="M"))
    assert "Requests" not in visitor.get("/admin.php").text
    assert visitor.get("/admin.php/requests").status == 403
    assert visit().get("/admin.php/requests").path == "/admin.php/sign-in"


def test_a_locked_out_owner_is_let_in_again(visit):
    alice = make_account()
    admin, manager = make_user(alice, role="A"), make_user(alice, role="M")
    helper, other = visit(admin), visit(manager)
    locked = visit()
    for _ in range(USER_FAILURES_MAX + 1):
        page = locked.sign_in(alice, password="guess_1")
    assert page.status == 429
    assert "UNLOCK" not in other.get("/admin.php/users").text
    assert other.post(f"/admin.php/users/{alice.code}/unlock", {}).status == 403
    assert locked.sign_in(alice).status == 429
    assert f"UNLOCK {alice.code}" in helper.get("/admin.php/users").text
    page = helper.submit("/unlock")
    assert f"User {alice.code} may sign in again." in page.text
    assert "UNLOCK" not in page.text.replace("UNLOCKED", "")
    assert locked.sign_in(alice).path == "/admin.php"
