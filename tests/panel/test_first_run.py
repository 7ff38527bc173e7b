# SPDX-License-Identifier: Apache-2.0
"""The first steps of an installation without users: from the printed code to the first account, and never again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from tests.databases import fresh_database
from tests.panel.browser import LOOKS, SIZES, has_no_sideways_scrolling, keep, needs_chromium
from tests.panel.conftest import Page, Served, Visitor, serving
from tests.panel.test_pages import AXE, RULES

CA_FILE = "/somewhere/ca.pem"
BUSINESS = {"kind": "business", "biz_name": "Bean & Leaf", "code": "beanleaf", "country": "DE"}
OWNER = {"first_name": "Alice", "last_name": "Lee", "email": "alice@bean.example", "password": "latte_12", "again": "latte_12"}
PLACE = {"language": "de", "currency": "EUR", "timezone": "Europe/Berlin"}
POINTS = {"kind": "points", "name": "Coffee club", "points_ratio": "5", "reward_level": "500", "reward": "Lunch"}


@pytest.fixture(scope="module")
def database(owner_url: str) -> Iterator[str]:
    with fresh_database(owner_url, "first_run") as url:
        yield url


@pytest.fixture(scope="module")
def panel(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A panel of its own, on a database that nobody else uses."""
    with serving(tmp_path_factory, DATABASE_URL=database, REGULARS_CA_FILE=CA_FILE) as served:
        yield served


@pytest.fixture
def run(database: str) -> Iterator[Callable[..., list[Any]]]:
    """``run(sql, *values)`` as the owner, in an installation where nobody can sign in."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE users_logins, users_setup_codes, users_sign_in_attempts")
        connection.execute("ALTER TABLE changes_changes DISABLE TRIGGER USER")
        connection.execute("TRUNCATE accounts_accounts, accounts_fields, users_users, campaigns_campaigns, campaigns_rewards")

        def one(statement: str, *values: object) -> list[Any]:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

        yield one


@pytest.fixture
def code(run: Callable[..., list[Any]]) -> str:
    """A code as the start of the server leaves it."""
    return new_code(run)


def new_code(run: Callable[..., list[Any]], hours: int = 24) -> str:
    code = secrets.token_hex(20)
    until = datetime.now(UTC) + timedelta(hours=hours)
    run("INSERT INTO users_setup_codes (digest, expires_at) VALUES (%s, %s)", sha256(code.encode()).digest(), until)
    return code


def walk(visitor: Visitor, code: str, *steps: dict[str, str]) -> Page:
    """Open the printed address and fill steps in; return where that leads."""
    page = visitor.get(f"/admin.php/setup/{code}")
    assert page.path == "/admin.php/setup/step/1", page.text
    for number, step in enumerate(steps, 1):
        page = visitor.submit(f"step/{number}", **step)
    return page


def counted(run: Callable[..., list[Any]]) -> tuple[int, ...]:
    tables = ("accounts_accounts", "users_users", "users_logins", "campaigns_campaigns")
    return tuple(run(f"SELECT count(*) FROM {table}")[0][0] for table in tables)


def test_from_the_printed_code_to_a_signed_in_owner(visit, run, code: str):
    visitor = visit()
    page = visitor.get("/admin.php")
    assert (page.path, "Nobody can sign in here yet." in page.text) == ("/admin.php/setup", True)
    page = walk(visitor, code, BUSINESS, OWNER)
    chosen = page.xpath("//select/option[@selected]/@value")
    assert chosen == ["en", "EUR", "Europe/Berlin"], "what is likely in Germany"
    page = visitor.submit("step/3", **PLACE)
    assert "Points for each 1,00 € spent" in page.text
    page = visitor.submit("step/4", **POINTS, show="example")
    assert (page.status, "A sale of 9,95 € gives 49 points." in page.text) == (200, True)
    assert counted(run) == (0, 0, 0, 0), "nothing is written before the last step"
    page = visitor.submit("step/4")
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    token = page.html.get_element_by_id("token").text
    assert len(token) == 40
    line = page.html.get_element_by_id("code").text
    assert line.startswith(f"curl -sS --cacert {CA_FILE} {visitor.origin}/api.php")
    assert all(each in line for each in (f"user_api_key={token}", "user_id=beanleaf", "account_id=beanleaf", "campaigns_list"))
    page = visitor.get("/admin.php")
    assert (page.status, page.html.get("lang"), "Alice Lee" in page.text) == (200, "de", True)
    row = run("SELECT code, kind, state, currency, timezone, language, biz_country, client_email FROM accounts_accounts")
    assert row == [("beanleaf", "business", "active", "EUR", "Europe/Berlin", "de", "DE", "alice@bean.example")]
    assert run("SELECT kind, name, points_ratio_ppm FROM campaigns_campaigns") == [("points", "Coffee club", 5_000_000)]
    assert run("SELECT level, description FROM campaigns_rewards") == [(500, "Lunch")]
    assert run("SELECT token_hash FROM users_users WHERE is_owner") == [(sha256(token.encode()).digest(),)]
    for place in ("setup", "setup/step/4", f"setup/{code}", f"setup/{new_code(run)}"):
        assert visit().get(f"/admin.php/{place}").status == 404, place
    assert visit().get("/admin.php").path == "/admin.php/sign-in"


def test_a_password_lies_nowhere_as_it_was_typed(visit, run, code: str):
    walk(visit(), code, BUSINESS, OWNER)
    kept = run("SELECT session_data FROM django_session")
    from django.core import signing

    by = {"salt": "django.contrib.sessions.SessionStore", "key": os.environ["REGULARS_SECRET_KEY"]}
    opened = [signing.loads(data, **by) for (data,) in kept]
    assert any("setup_typed" in each for each in opened)
    assert "latte_12" not in str(opened)


@pytest.mark.parametrize(
    ("step", "wrong", "field", "says"),
    [
        (1, {"code": "bean leaf"}, "code", "5 to 20 letters, digits or underscores."),
        (1, {"code": ""}, "code", "This field is required."),
        (1, {"biz_name": ""}, "biz_name", "This field is required."),
        (
            2,
            {"password": "cafè_12", "again": "cafè_12"},
            "password",
            "A password can only have letters, numbers, or an underscore (_)",
        ),
        (2, {"again": "latte_13"}, "again", "The two passwords are not the same."),
        (2, {"email": "alice"}, "email", "One e-mail address is expected."),
        (3, {"currency": "XXX"}, "currency", "Select a valid choice. XXX is not one of the available choices."),
        (4, {"name": ""}, "name", "Fill this in."),
        (4, {"reward": ""}, "reward", "Fill this in."),
        (4, {"points_ratio": "five"}, "points_ratio", "Write a number such as 5 or 0.25, with at most 6 decimals."),
        (4, {"kind": "earned"}, "amount_per_event", "Fill this in."),
    ],
)  # fmt: skip
def test_each_step_says_at_the_field_what_is_wrong(visit, run, code: str, step: int, wrong, field: str, says: str):
    visitor = visit()
    steps = [BUSINESS, OWNER, PLACE, POINTS]
    page = walk(visitor, code, *steps[: step - 1], {**steps[step - 1], **wrong})
    assert (page.status, page.path) == (400, f"/admin.php/setup/step/{step}")
    assert page.html.get_element_by_id(f"id_{field}_error").text_content().strip().rstrip(".") == says.rstrip(".")
    sent = {name: value for name, value in {**steps[step - 1], **wrong}.items() if name not in ("password", "again")}
    shown = dict(next(form for form in page.html.forms if "step" in form.get("action", "")).form_values())
    sent.pop("currency", "")  # one that is no choice cannot be shown as chosen
    assert {name: shown.get(name, "") for name in sent} == sent
    assert counted(run) == (0, 0, 0, 0)


def test_going_back_shows_what_was_typed(visit, run, code: str):
    visitor = visit()
    walk(visitor, code, BUSINESS, OWNER, PLACE)
    page = visitor.get("/admin.php/setup/step/1")
    assert page.xpath("//input[@name='biz_name']/@value") == ["Bean & Leaf"]
    visitor.submit("step/1", biz_name="Bean and Leaf")
    page = visitor.get("/admin.php/setup/step/2")
    assert page.xpath("//input[@name='email']/@value") == ["alice@bean.example"]
    assert page.xpath("//input[@type='password']/@value") == []
    page = visitor.submit("step/2", password="mocha_99")
    assert "The two passwords are not the same." in page.text
    visitor.submit("step/2", password="", again="")
    visitor.get("/admin.php/setup/step/4")
    assert visitor.submit("step/4", **POINTS).status == 200
    assert run("SELECT biz_name FROM accounts_accounts") == [("Bean and Leaf",)]
    other = visit()
    other.get("/admin.php/sign-in")
    assert other.submit("sign-in", user_id="beanleaf", password="latte_12").path == "/admin.php"


@pytest.mark.parametrize(
    ("campaign", "made"),
    [
        ({"kind": ""}, []),
        ({"kind": "events", "name": "Visits", "reward_level": "10", "reward": "A free cut"}, [("events", None, "A free cut")]),
        ({"kind": "earned", "name": "Friends", "amount_per_event": "5.00"}, [("earned", None, None)]),
        ({"kind": "buyx", "name": "Tenth", "default_item_level": "9", "item": "Flat white"}, [("buyx", "Flat white", None)]),
        ({"kind": "giftcard", "name": "Gifts", "points_ratio": "nothing that is looked at"}, [("giftcard", None, None)]),
    ],
)  # fmt: skip
def test_the_first_campaign_may_be_of_any_kind_or_none(visit, run, code: str, campaign, made):
    visitor = visit()
    page = walk(visitor, code, BUSINESS, OWNER, PLACE, campaign)
    assert page.status == 200, page.text
    assert ("campaigns_list" in page.text) == bool(made)
    found = run(
        "SELECT c.kind, i.description, r.description FROM campaigns_campaigns c"
        " LEFT JOIN campaigns_items i ON i.campaign_id = c.id LEFT JOIN campaigns_rewards r ON r.campaign_id = c.id"
    )
    assert found == made


def test_a_platform_owner_is_led_to_the_accounts(visit, run, code: str):
    visitor = visit()
    page = walk(visitor, code, {**BUSINESS, "kind": "platform"}, OWNER, PLACE)
    assert "A platform has no customers of its own" in page.text
    page = visitor.submit("step/4")
    assert (page.status, "type=user_info" in page.text) == (200, True)
    assert visitor.get("/admin.php").path == "/admin.php/platform/accounts"
    assert counted(run) == (1, 1, 1, 0)


def test_without_the_code_there_is_nothing_to_see(visit, run, code: str):
    visitor = visit()
    for place in ("/admin.php/setup/step/1", "/admin.php/setup/step/4", "/admin.php/setup/example"):
        assert visitor.get(place).path == "/admin.php/setup"
    page = visitor.submit("setup", code="0" * 40)
    assert (page.status, "This set-up code is not valid (any more)." in page.text) == (403, True)
    assert visitor.submit("setup", code=f" {code} ").path == "/admin.php/setup/step/1"
    assert visitor.get("/admin.php/setup/step/3").path == "/admin.php/setup/step/1", "no step is left out"


def test_an_old_code_is_worth_nothing(visit, run):
    assert visit().get(f"/admin.php/setup/{new_code(run, hours=-1)}").status == 403


def test_guessing_is_stopped(visit, run, code: str):
    visitor = visit()
    answers = [visitor.get(f"/admin.php/setup/{number:040d}").status for number in range(12)]
    assert answers == [403] * 10 + [429] * 2
    assert visitor.get(f"/admin.php/setup/{code}").status == 429


def test_of_two_who_finish_the_second_finds_nothing_left(visit, run, code: str):
    first, second = visit(), visit()
    for visitor in (first, second):
        walk(visitor, code, BUSINESS, OWNER, PLACE)
    assert first.submit("step/4", **POINTS).status == 200
    assert second.submit("step/4", **POINTS).status == 404
    assert counted(run) == (1, 1, 1, 1)


@needs_chromium
def test_the_steps_look_right_and_nobody_stumbles(open_page, run, code: str):
    page = open_page()

    def looked_at(name: str) -> None:
        page.evaluate(AXE.read_text())
        for size, scheme in LOOKS:
            page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            keep(page, f"setup-{name}-{size}-{scheme}")
            assert has_no_sideways_scrolling(page)
            found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
            assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == [], (name, size, scheme)

    page.goto("/admin.php")
    looked_at("code")
    page.goto(f"/admin.php/setup/{code}")
    assert code not in page.url
    for step, fields in ((1, BUSINESS), (2, OWNER), (3, PLACE)):
        for name, value in fields.items():
            control = page.locator(f"[name={name}]").first
            if name == "kind":
                page.locator(f"[name=kind][value={value}]").check()
            elif control.evaluate("it => it.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        looked_at(str(step))
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("What is counted").wait_for(state="hidden")
    page.get_by_text("Buy X Get 1 Free").click()
    page.get_by_label("What is counted").wait_for(state="visible")
    page.get_by_label("The first reward costs").wait_for(state="hidden")
    page.get_by_text("Points Program").click()
    page.locator("[name=points_ratio]").fill("5")
    page.get_by_text("49 points").first.wait_for()
    page.locator("[name=name]").fill("Coffee club")
    looked_at("4")
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("link", name="To the Control Panel").wait_for()
    looked_at("done")
    page.get_by_role("link", name="To the Control Panel").click()
    page.locator("details.who").wait_for()
