# SPDX-License-Identifier: Apache-2.0
"""An agency's users in the accounts of its clients: who comes in, as whom, and what is recorded of it (ADR-0024)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection

from regulars.accounts.operations import change_state
from regulars.accounts.queries import get_account_config
from regulars.errors import AccountNotFound, AccountSuspended, AgencyTokenMissing, PermissionDenied
from regulars.kit.db import unit_of_work
from regulars.transactions.clients import update_client
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from regulars.users.access import MATRIX, ROLES, permissions_of
from regulars.users.guests import (
    Guest,
    begin_visit,
    end_visit,
    find_guest,
    find_user_who_acts,
    list_clients,
    list_visits,
)
from regulars.users.models import User
from regulars.users.operations import create_user, delete_user, erase_user, update_user
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_agency,
    make_campaign,
    make_customer,
    make_user,
    unique_name,
)

COMING_IN = "AMNLSDCOGI"
"""The roles that manage, design, count or look on; written by hand."""


@pytest.fixture
def agency() -> MadeAccount:
    return make_agency()


@pytest.fixture
def client(agency: MadeAccount) -> MadeAccount:
    return make_account(agency_id=agency.account.agency[0], biz_name="Bean & Leaf")  # type: ignore[index]


def visit(agency: MadeAccount, who: Any, client: Any, **options: Any) -> Guest:
    office = agency.fresh()
    with unit_of_work(office.id):
        return begin_visit(
            office=office, by=office.users[who.code.lower()], at=options.get("at", NOW), code=getattr(client, "code", client)
        )


def still_there(agency: MadeAccount, who: Any, client: MadeAccount) -> Any:
    office = agency.fresh()
    with unit_of_work(client.id):
        return find_guest(office=office, by=office.users[who.code.lower()], client=client.fresh())


# -- who comes in ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", list(ROLES))
def test_a_role_of_a_till_has_nothing_to_do_at_a_clients(agency: MadeAccount, client: MadeAccount, role: str) -> None:
    bob = make_user(agency, role=role)
    if role in COMING_IN:
        assert visit(agency, bob, client).account.id == client.id
        return
    with pytest.raises(PermissionDenied):
        visit(agency, bob, client)
    with unit_of_work(agency.id), pytest.raises(PermissionDenied):
        list_clients(office=agency.fresh(), by=bob.user)


def test_a_guest_may_what_his_role_gives_him_and_owns_nothing(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="O")
    assert permissions_of(visit(agency, bob, client).user) == MATRIX["O"]
    head = visit(agency, agency, client).user
    assert (head.is_owner, head.role, permissions_of(head)) == (False, "A", MATRIX["A"])


def test_strangers_accounts_are_as_those_that_do_not_exist(agency: MadeAccount, client: MadeAccount) -> None:
    other = make_agency()
    theirs = make_account(agency_id=other.account.agency[0])  # type: ignore[index]
    for place in (theirs, make_account(), other, agency, "nobody_of_that_id"):
        with pytest.raises(AccountNotFound):
            visit(agency, agency, place)
    with unit_of_work(agency.id):
        assert [row.code for row in list_clients(office=agency.fresh(), by=agency.owner)] == [client.code]


def test_a_business_and_the_platform_owner_are_nobodys_guests(client: MadeAccount) -> None:
    platform = make_account(kind="platform")
    with pytest.raises(AgencyTokenMissing):
        visit(client, client, client)
    with pytest.raises(PermissionDenied):
        visit(platform, platform, client)


def test_nobody_enters_a_suspended_account_and_who_is_there_is_out(agency: MadeAccount, client: MadeAccount) -> None:
    visit(agency, agency, client)
    assert still_there(agency, agency, client) is not None
    with unit_of_work(client.id):
        change_state(account=client.fresh(), state="suspended")
    assert still_there(agency, agency, client) is None
    with pytest.raises(AccountSuspended):
        visit(agency, agency, client)


def test_who_was_never_let_in_is_no_guest(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="M")
    assert still_there(agency, bob, client) is None
    visit(agency, agency, client)
    assert still_there(agency, bob, client) is None


def test_another_role_binds_at_once(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="M")
    visit(agency, bob, client)
    for role in ("O", "K"):
        with unit_of_work(agency.id):
            update_user(account=agency.fresh(), by=agency.owner, at=NOW, code=bob.code, role=role)
        found = still_there(agency, bob, client)
        assert (found.role if found else None) == (role if role in COMING_IN else None)


def test_a_client_that_went_to_another_agency_is_out_of_reach_of_the_first(agency: MadeAccount, client: MadeAccount) -> None:
    platform, other = make_account(kind="platform"), make_agency()
    visit(agency, agency, client)
    with unit_of_work(platform.id):
        update_client(
            account=platform.fresh(), by=platform.owner, at=NOW, code=client.code, agency_id=other.account.agency[0]  # type: ignore[index]
        )  # fmt: skip
    assert still_there(agency, agency, client) is None
    with pytest.raises(AccountNotFound):
        visit(agency, agency, client)
    assert visit(other, other, client).account.id == client.id
    with unit_of_work(client.id):
        gone = find_user_who_acts(account=client.fresh(), user_id=_guest_id(client, agency.owner.id))
    assert gone is None, "what he began does not go on either"


def test_an_agencys_user_without_campaigns_sees_none_here(agency: MadeAccount, client: MadeAccount) -> None:
    club = make_campaign(client)
    bob = make_user(agency, role="M", campaigns_access="none")
    assert not visit(agency, bob, client).user.may_see(club)
    assert visit(agency, agency, client).user.may_see(club)


# -- as whom ---------------------------------------------------------------------------------------------------------
def _guest_id(client: MadeAccount, agency_user_id: int) -> int:
    with unit_of_work(client.id):
        return User.objects.get(account_id=client.id, agency_user_id=agency_user_id).id


def test_what_a_guest_does_is_recorded_as_his_in_the_clients_books(agency: MadeAccount, client: MadeAccount, api: Any) -> None:
    club = make_campaign(client, points_ratio_ppm=1_000_000)
    customer = make_customer(client, code="c1")
    bob = make_user(agency, role="M", code=unique_name("bob"))
    guest = visit(agency, bob, client)
    assert guest.user.code == f"{bob.code}@{agency.code}"
    with unit_of_work(client.id):
        account = client.fresh()
        record_activity(
            account=account, by=guest.user, campaign=account.campaigns_by_id[club.id], amount_minor=500,
            terms=Terms(occurred_at=NOW, recorded_at=NOW, customer_id=customer.id),
        )  # fmt: skip
    days = {"date_start": "1970-01-01", "date_end": "2999-12-31", "selected_campaigns": club.number}
    answer = api.call("reports", **client.credentials, report="transactions_all", **days)
    (row,) = answer.json["transactions"]
    assert row["user_id" if "user_id" in row else "user_name"] == f"{bob.code}@{agency.code}"


def test_a_guest_is_in_no_list_signs_in_nowhere_and_can_not_be_changed(
    agency: MadeAccount, client: MadeAccount, api: Any
) -> None:
    bob = make_user(agency, role="A")
    guest = visit(agency, bob, client)
    account = client.fresh()
    assert guest.user.id not in account.users_by_id
    shown = api.call("users_list", **client.credentials)
    assert "@" not in repr(shown.json)
    for secret in (bob.token, ""):
        refused = api.call("account_info", user_id=bob.code, user_api_key=secret or "0" * 40, account_id=client.code)
        assert not refused.ok
    for call, fields in (
        ("user_delete", {"user_name": guest.user.code, "permanent": "Y"}),
        ("user_update", {"user_name": guest.user.code, "first_name": "Mallory"}),
        ("user_info", {"user_name": guest.user.code}),
    ):
        assert not api.call(call, **client.credentials, **fields).ok, call


def test_he_comes_again_as_the_same(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="M", first_name="Bob")
    first = visit(agency, bob, client)
    with unit_of_work(agency.id):
        update_user(account=agency.fresh(), by=None, at=NOW, code=bob.code, first_name="Robert")
    again = visit(agency, bob, client)
    assert first.user.id == again.user.id
    assert again.user.first_name == "Robert"


def test_a_new_user_of_an_erased_ones_id_is_another_guest(agency: MadeAccount, client: MadeAccount) -> None:
    code = unique_name("bob")
    bob = make_user(agency, role="M", code=code)
    first = visit(agency, bob, client)
    with unit_of_work(agency.id):
        delete_user(account=agency.fresh(), by=None, at=NOW, code=code)
        erase_user(account=agency.fresh(), by=None, at=NOW, code=code)
        create_user(account=agency.fresh(), by=None, at=NOW, code=code, role="O")
    second = visit(agency, bob, client)
    assert second.user.id != first.user.id
    with unit_of_work(client.id):
        codes = dict(User.objects.filter(account_id=client.id, agency_user_id__isnull=False).values_list("id", "code"))
    assert codes == {first.user.id: f"{first.user.id}@", second.user.id: f"{code}@{agency.code}"}


def test_what_goes_on_without_him_is_still_his(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="M")
    guest = visit(agency, bob, client)
    with unit_of_work(client.id):
        acting = find_user_who_acts(account=client.fresh(), user_id=guest.user.id)
        assert acting is not None
        assert (acting.id, acting.code, permissions_of(acting)) == (guest.user.id, guest.user.code, MATRIX["M"])
        assert (
            find_user_who_acts(account=client.fresh(), user_id=client.owner.id) == client.fresh().users_by_id[client.owner.id]
        )
        gone = make_user(client)
        delete_user(account=client.fresh(), by=None, at=NOW, code=gone.code)
        assert find_user_who_acts(account=client.fresh(), user_id=gone.user.id) is None


# -- what the client sees of it --------------------------------------------------------------------------------------
def test_the_client_sees_who_was_there_and_when(agency: MadeAccount, client: MadeAccount) -> None:
    bob = make_user(agency, role="M", first_name="Bob", last_name="Ross")
    guest = visit(agency, bob, client)
    end_visit(client_id=client.id, visit_id=guest.visit_id, at=NOW.replace(hour=11))
    visit(agency, agency, client, at=NOW.replace(hour=12))
    with unit_of_work(client.id):
        rows = list_visits(account=client.fresh())
    assert [(row.user_code, row.name, row.began_at.hour, row.ended_at.hour if row.ended_at else None) for row in rows] == [
        (f"{agency.code}@{agency.code}", "", 12, None), (f"{bob.code}@{agency.code}", "Bob Ross", 9, 11),
    ]  # fmt: skip


def test_a_stranger_sees_nothing_of_it_and_ends_nothing(agency: MadeAccount, client: MadeAccount) -> None:
    guest = visit(agency, agency, client)
    carol = make_account()
    end_visit(client_id=carol.id, visit_id=guest.visit_id, at=NOW)
    with unit_of_work(carol.id):
        assert list_visits(account=carol.fresh()) == ()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM users_visits")
            assert cursor.fetchone() == (0,)
    with unit_of_work(client.id):
        (row,) = list_visits(account=get_account_config(client.id))
    assert row.ended_at is None


def test_the_database_refuses_a_guest_who_is_not_marked_deleted(
    agency: MadeAccount, client: MadeAccount, owner_url: str
) -> None:
    guest = visit(agency, agency, client)
    with psycopg.connect(owner_url) as database, pytest.raises(psycopg.errors.CheckViolation):
        database.execute("UPDATE users_users SET deleted_at = NULL WHERE id = %s", [guest.user.id])
