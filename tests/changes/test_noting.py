# SPDX-License-Identifier: Apache-2.0
"""Every change is noted in the unit of work that makes it: what differs, who, from where; no secret, nothing of the erased."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from regulars.accounts import fields as account_fields
from regulars.accounts.fields import FieldChange
from regulars.accounts.operations import set_brand, update_account
from regulars.campaigns import operations as campaigns
from regulars.changes import queries
from regulars.changes.acting import act_as
from regulars.changes.models import Change
from regulars.changes.operations import drop_old_changes
from regulars.changes.queries import ChangeLine, list_changes
from regulars.changes.rules import KEPT_DAYS, SUBJECTS, kept_days
from regulars.customers.forgetting import forget_person
from regulars.customers.operations import edit
from regulars.customers.rules import Profile
from regulars.errors import InvalidParameter, PermissionDenied
from regulars.kit.db import unit_of_work
from regulars.transactions.erase import delete_customer
from regulars.transactions.fields import delete_fields
from regulars.transactions.merge import merge_customers
from regulars.users.operations import rotate_token, update_user
from tests.factories import NOW, Cast, make_cast, make_customer, make_field, make_item, make_promotion, make_user


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def noted(cast: Cast, subject: str = "", **wanted: Any) -> list[ChangeLine]:
    """The newest changes of Alice's account, newest first."""
    with unit_of_work(cast.alice.id):
        return list(list_changes(account=cast.alice.fresh(), by=cast.alice.owner, subject=subject, **wanted).lines)


def where(cast: Cast) -> dict[str, Any]:
    return {"account": cast.alice.fresh(), "by": cast.alice.owner, "at": NOW}


def test_only_what_differs_is_kept_with_who_did_it(cast: Cast) -> None:
    with unit_of_work(cast.alice.id):
        act_as(cast.bob.user)
        campaigns.update_campaign(**where(cast), campaign_id=cast.club.id, name="Tea club", points_ratio_ppm=5_000_000)
    line = noted(cast)[0]
    assert (line.user_code, line.face, line.subject, line.subject_id, line.action) == (
        cast.bob.code, "cli", "campaign", cast.club.id, "changed",
    )  # fmt: skip
    assert line.before == {"name": "Coffee club", "points_ratio_ppm": 100_000_000}
    assert line.after == {"name": "Tea club", "points_ratio_ppm": 5_000_000}
    assert line.name == "Tea club"


def test_what_is_rolled_back_leaves_nothing_and_what_changes_nothing_is_no_change(cast: Cast) -> None:
    before = noted(cast)

    def half_way() -> None:
        with unit_of_work(cast.alice.id):
            campaigns.deactivate_campaign(**where(cast), campaign_id=cast.club.id)
            campaigns.update_campaign(**where(cast), campaign_id=cast.club.id, name="")

    with pytest.raises(InvalidParameter):
        half_way()
    with unit_of_work(cast.alice.id):
        campaigns.update_campaign(**where(cast), campaign_id=cast.club.id, name="Coffee club")
    assert noted(cast) == before


def test_who_acts_ends_with_the_unit_of_work(cast: Cast) -> None:
    with unit_of_work(cast.alice.id):
        act_as(cast.bob.user)
    with unit_of_work(cast.alice.id):
        campaigns.deactivate_campaign(**where(cast), campaign_id=cast.club.id)
    assert noted(cast)[0].user_code == ""


def test_the_rules_of_a_campaign_from_the_first_to_the_last(cast: Cast) -> None:
    promotion = make_promotion(cast.alice, cast.club)
    with unit_of_work(cast.alice.id):
        campaigns.update_promotion(**where(cast), promotion_id=promotion, points=250)
        rule = campaigns.add_depreciation(
            **where(cast), campaign_id=cast.club.id, basis="per_transaction", interval_count=1, interval_unit="years",
            percentage_ppm=500_000,
        )  # fmt: skip
        campaigns.update_depreciation(**where(cast), rule_id=rule, percentage_ppm=1_000_000)
        campaigns.delete_promotion(**where(cast), promotion_id=promotion)
        campaigns.delete_campaign(**where(cast), campaign_id=cast.club.id)
    told = [(line.subject, line.action, line.campaign_id) for line in reversed(noted(cast)) if line.subject != "user"][-8:]
    own = cast.club.id
    assert told == [
        ("promotion", "added", own), ("promotion", "changed", own), ("depreciation", "added", own),
        ("depreciation", "ended", own), ("depreciation", "added", own), ("promotion", "deleted", own),
        ("campaign", "deleted", None), ("depreciation", "ended", own),
    ]  # fmt: skip
    assert {line.subject_id for line in noted(cast, "depreciation")} == {rule}


def test_no_secret_is_kept(cast: Cast) -> None:
    made = make_user(cast.alice, role="K", password="a_secret_word_1", pin="48151")
    with unit_of_work(cast.alice.id):
        update_user(**where(cast), code=made.code, password="another_word_2", email="k@shop.example")
        token = rotate_token(**where(cast), code=made.code)
        update_account(account=cast.alice.fresh(), profile={"sms_password": "third_word_3", "biz_city": "Auckland"})
        update_account(account=cast.alice.fresh(), profile={"biz_city": "Wellington"})
    customer = make_customer(cast.alice, password="fourth_word_4", pin="1623")
    with unit_of_work(cast.alice.id):
        edit(
            account=cast.alice.fresh(),
            customer_id=customer.id,
            profile=Profile(password="fifth_word_5", pin="4242"),
            by=0,
            at=NOW,
        )
        raw = json.dumps(list(Change.objects.filter(account_id=cast.alice.id).values("before", "after", "name")))
        hashes = [bytes(row) for row in _secrets(cast.alice.id)]
    words = ("secret_word", "another_word", "third_word", "fourth_word", "fifth_word", "48151", "1623", "4242")
    for secret in (*words, token, made.token):
        assert secret not in raw
    assert "argon2" not in raw
    assert not [secret for secret in hashes if secret.hex() in raw]
    rotated, changed = noted(cast, "user")[:2]
    assert rotated.after == {"token_hash": "•"}
    assert changed.after == {"email": "k@shop.example", "password_hash": "•"}
    account = noted(cast, "account")
    assert (account[0].before, account[0].after) == ({"biz_city": "Auckland"}, {"biz_city": "Wellington"})
    assert account[1].after == {"biz_city": "Auckland", "sms_password_encrypted": "•"}
    assert noted(cast, "customer")[0].after == {"password_hash": "•", "pin_hash": "•"}


def _secrets(account_id: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s FROM users_users, unnest(ARRAY[token_hash, token_encrypted, pin_encrypted]) s"
            " WHERE account_id = %s AND s IS NOT NULL",
            [account_id],
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_logo_is_no_text(cast: Cast) -> None:
    with unit_of_work(cast.alice.id):
        set_brand(account=cast.alice.fresh(), at=NOW, changes={"name": "Bean"})
        set_brand(account=cast.alice.fresh(), at=NOW, changes={"accent_colour": "#112233"})
    assert [(line.action, line.after) for line in noted(cast, "brand")] == [
        ("changed", {"accent_colour": "#112233"}), ("added", {"name": "Bean"}),
    ]  # fmt: skip


# -- customers -----------------------------------------------------------------------------------------------------
def test_a_customers_data_before_and_after(cast: Cast) -> None:
    customer = make_customer(cast.alice, code="C-77", first_name="Ann", phone="+64 21 555 123")
    with unit_of_work(cast.alice.id):
        edit(account=cast.alice.fresh(), customer_id=customer.id, profile=Profile(first_name="Anna"), by=0, at=NOW)
    changed, added = noted(cast, "customer")
    assert (added.action, added.name, added.before, added.after) == ("added", "C-77", {}, {})
    assert (changed.before, changed.after) == ({"first_name": "Ann"}, {"first_name": "Anna"})


def test_nothing_of_an_erased_customer_is_left_but_that_he_was_erased(cast: Cast) -> None:
    customer = make_customer(cast.alice, code="C-78", first_name="Ann")
    gone = make_customer(cast.alice, code="C-79", first_name="Annabel")
    with unit_of_work(cast.alice.id):
        for each in (customer, gone):
            edit(account=cast.alice.fresh(), customer_id=each.id, profile=Profile(last_name="Secretary"), by=0, at=NOW)
        merge_customers(**where(cast), customer_id=customer.id, gone_id=gone.id)
        act_as(cast.alice.owner)
        delete_customer(**where(cast), code="C-78")
        raw = json.dumps(list(Change.objects.filter(account_id=cast.alice.id, subject="customer").values()), default=str)
    for told in ("C-78", "C-79", "Ann", "Secretary"):
        assert told not in raw
    last = noted(cast, "customer")[0]
    assert (last.action, last.subject_id, last.user_code) == ("deleted", customer.id, cast.alice.code)


def test_a_person_who_is_forgotten_while_his_balances_go_on_is_forgotten_here_too(cast: Cast) -> None:
    customer = make_customer(cast.alice, code="C-80", first_name="Ann")
    with unit_of_work(cast.alice.id):
        edit(account=cast.alice.fresh(), customer_id=customer.id, profile=Profile(last_name="Secretary"), by=0, at=NOW)
        code = forget_person(account=cast.alice.fresh(), customer_id=customer.id, by=0, at=NOW)
        raw = json.dumps(list(Change.objects.filter(account_id=cast.alice.id, subject="customer").values()), default=str)
    for told in ("C-80", "Ann", "Secretary", code):
        assert told not in raw
    assert [line.action for line in noted(cast, "customer")] == ["erased", "changed", "added"]


def test_what_was_noted_of_a_field_goes_with_the_field(cast: Cast) -> None:
    make_field(cast.alice, number=3)
    customer = make_customer(cast.alice)
    with unit_of_work(cast.alice.id):
        for colour in ("crimson", "indigo"):
            edit(account=cast.alice.fresh(), customer_id=customer.id, profile=Profile(fields={3: colour}), by=0, at=NOW)
    assert noted(cast, "customer")[0].after == {"fields": {"3": "indigo"}}
    count = len(noted(cast, "customer"))
    with unit_of_work(cast.alice.id):
        delete_fields(**where(cast), owner="customer", names=["custom_field_3"])
        raw = json.dumps(list(Change.objects.filter(account_id=cast.alice.id, subject="customer").values("before", "after")))
    assert "crimson" not in raw
    assert "indigo" not in raw
    assert len(noted(cast, "customer")) == count, "that it went from every customer is no change of each"
    assert noted(cast, "field")[0].action == "deleted"


# -- the books of changes ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes_changes SET name = 'x'",
        "DELETE FROM changes_changes",
        "TRUNCATE changes_changes",
        "INSERT INTO changes_changes (account_id, id, face, subject, subject_id, name, action) SELECT 1, 1, '', '', 1, '', ''",
    ],
)
def test_nobody_writes_them_by_hand(cast: Cast, statement: str) -> None:
    with pytest.raises(DatabaseError), unit_of_work(cast.alice.id), connection.cursor() as cursor:
        cursor.execute(statement)


def test_not_even_the_owner_of_the_tables_changes_them(cast: Cast, owner_connection: psycopg.Connection[Any]) -> None:
    for statement in ("UPDATE changes_changes SET name = 'x'", "DELETE FROM changes_changes", "TRUNCATE changes_changes"):
        with pytest.raises(psycopg.Error, match="never changed or deleted"):
            owner_connection.execute(statement)


def test_no_account_sees_anothers(cast: Cast) -> None:
    with unit_of_work(cast.carol.id):
        assert not Change.objects.filter(account_id=cast.alice.id).exists()
        seen = list_changes(account=cast.carol.account, by=cast.carol.owner).lines
        assert "Coffee club" not in {line.name for line in seen}


def test_only_who_may_see_what_everybody_did(cast: Cast) -> None:
    for role in "MNK":
        user = make_user(cast.alice, role=role).user
        with pytest.raises(PermissionDenied), unit_of_work(cast.alice.id):
            list_changes(account=cast.alice.fresh(), by=user)


def test_every_table_of_configuration_is_noted(run_as_owner: Callable[..., list[tuple[Any, ...]]]) -> None:
    from regulars.ledger.schema import CONFIG_TABLES

    assert set(CONFIG_TABLES) <= set(SUBJECTS)
    found = run_as_owner("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s", "%\\_noted")
    assert {name for (name,) in found} == set(SUBJECTS)


def test_filters_and_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work(cast.alice.id):
        for number in range(7):
            if number == 3:
                act_as(cast.bob.user)
            campaigns.update_campaign(**where(cast), campaign_id=cast.club.id, description=f"text {number}")
    assert [line.after["description"] for line in noted(cast, user_code=cast.bob.code.upper())] == [
        f"text {number}" for number in (6, 5, 4, 3)
    ]
    everything = noted(cast, length=200)
    paged, before_id = [], None
    with unit_of_work(cast.alice.id):
        account = cast.alice.fresh()
        for _ in range(50):
            page = list_changes(account=account, by=cast.alice.owner, length=3, before_id=before_id)
            paged += page.lines
            before_id = page.older_than
            if before_id is None:
                break
    assert paged == everything
    middle = everything[4].at
    assert noted(cast, at_to=middle, length=200) == everything[5:]
    assert noted(cast, at_from=middle, length=200) == everything[:5]
    monkeypatch.setattr(queries, "SCANNED_MAX", 4)
    with unit_of_work(cast.alice.id):
        cut = list_changes(account=account, by=cast.alice.owner, subject="customer")
    assert (cut.lines, cut.is_cut, cut.older_than) == ((), True, everything[3].id)


def test_what_is_old_is_dropped_and_nothing_else(cast: Cast) -> None:
    count = len(noted(cast, length=200))
    later = datetime.now(UTC) + timedelta(days=10)
    with unit_of_work(cast.alice.id):
        assert drop_old_changes(account=cast.alice.fresh(), at=later, days=11) == 0
        assert drop_old_changes(account=cast.alice.fresh(), at=later, days=0) == 0
        assert drop_old_changes(account=cast.alice.fresh(), at=later, days=9) == count
    assert noted(cast) == []
    with unit_of_work(cast.carol.id):
        assert list_changes(account=cast.carol.account, by=cast.carol.owner).lines


def test_how_long_they_are_kept_is_read_strictly() -> None:
    assert (kept_days(""), kept_days("0"), kept_days("30")) == (KEPT_DAYS, 0, 30)
    for wrong in ("-1", "1.5", "a year", "１"):
        with pytest.raises(ValueError, match="REGULARS_CHANGES_DAYS"):
            kept_days(wrong)


def test_items_and_fields_say_what_they_are_called(cast: Cast) -> None:
    from tests.factories import make_campaign

    make_item(cast.alice, make_campaign(cast.alice, kind="buyx"), description="Flat white")
    with unit_of_work(cast.alice.id):
        account_fields.insert_field(
            account=cast.alice.fresh(), owner="reward", number=1, change=dataclasses.replace(FieldChange(), label="Colour")
        )
    assert [line.name for line in noted(cast, "item")] == ["Flat white"]
    assert [line.name for line in noted(cast, "field") if line.after.get("owner") == "reward"] == ["Colour"]
