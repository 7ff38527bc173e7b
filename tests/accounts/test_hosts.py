# SPDX-License-Identifier: Apache-2.0
"""Whose own address a host is, and who may sign in there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from regulars.accounts.brands import BrandConfig
from regulars.accounts.hosts import HostConfig, admits, check_host, plain_host
from regulars.accounts.operations import HostNotFound, HostTaken, add_host, remove_host
from regulars.accounts.queries import AgencyNotFound, find_host, get_agency_account_id, list_hosts, list_own_hosts
from regulars.errors import InvalidParameter
from regulars.kit.db import unit_of_work
from tests.factories import NOW, make_account, make_agency, make_host


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("loyalty.example.com", "loyalty.example.com"),
        (" Loyalty.Example.COM. ", "loyalty.example.com"),
        ("xn--bckerei-5wa.example", "xn--bckerei-5wa.example"),
        ("a.b", "a.b"),
        ("1.example", "1.example"),
    ],
)
def test_a_host_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert check_host(given) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "", ".", "localhost", "192.0.2.7", "[2001:db8::1]", "https://a.example", "a.example:8443", "a.example/admin.php",
        "bäckerei.example", "-a.example", "a-.example", "a..example", "a b.example",
        "a.example\n.b", "a_b.example", "*.a.example",
        "a" * 64 + ".example", ("a" * 62 + ".") * 4 + "example",
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        check_host(wrong)
    assert caught.value.fields == ("host",)


@pytest.mark.parametrize(
    ("named", "plain"),
    [("A.Example:8443", "a.example"), ("a.example.", "a.example"), ("[::1]:8443", "[::1]"), ("", ""), ("a.b.:443", "a.b")],
)
def test_a_requests_host_is_looked_up_without_port_and_case(named: str, plain: str) -> None:
    assert plain_host(named) == plain


def test_an_accounts_host_is_found_in_any_spelling_and_no_other() -> None:
    alice = make_account()
    host = make_host(alice)
    expected = HostConfig(host, alice.id, "business", None, BrandConfig("Bean & Leaf"))
    for named in (host, host.upper(), f"{host}:8443", f"{host}."):
        assert find_host(named) == expected
    for named in (f"www.{host}", host[1:], "", "localhost", "%", "'; --", "a\nb"):
        assert find_host(named) is None, named
    with unit_of_work(alice.id):
        assert list_own_hosts(account=alice.account) == (host,)
    with unit_of_work(make_account().id):
        assert list_own_hosts(account=alice.account) == (), "row-level security stands behind"


def test_a_host_admits_its_own_and_an_agencys_those_under_it() -> None:
    agency, other = make_agency(), make_agency()
    client, of_other, alone = (
        make_account(agency_id=agency.account.agency[0]),
        make_account(agency_id=other.account.agency[0]),
        make_account(),
    )
    at_client, at_agency = find_host(make_host(client)), find_host(make_host(agency))
    admitted = {
        (place, name)
        for place, host in (("client's", at_client), ("agency's", at_agency), ("nobody's", None))
        for name, made in (("agency", agency), ("client", client), ("other", other), ("of other", of_other), ("alone", alone))
        if admits(host, made.account)
    }
    assert admitted == {
        ("client's", "client"), ("agency's", "agency"), ("agency's", "client"),
        *(("nobody's", name) for name in ("agency", "client", "other", "of other", "alone")),
    }  # fmt: skip


def test_a_host_is_one_accounts_alone() -> None:
    alice, carol = make_account(), make_account()
    host = make_host(alice)
    with pytest.raises(HostTaken):
        make_host(carol, host=host.upper())
    assert find_host(host) == HostConfig(host, alice.id, "business", None, BrandConfig("Bean & Leaf"))


def test_only_the_operators_commands_write_hosts() -> None:
    alice = make_account()
    host = make_host(alice)
    with pytest.raises(ProgrammingError), unit_of_work(alice.id):
        add_host(account_id=alice.id, host=f"b.{host}", at=NOW)
    with pytest.raises(ProgrammingError), unit_of_work(alice.id):
        remove_host(host=host)
    assert find_host(host) is not None


def test_the_operator_lists_and_removes_hosts() -> None:
    agency, alice = make_agency(), make_account()
    of_agency, of_alice = make_host(agency), make_host(alice)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            rows = {row.host: (row.account_code, row.agency_id) for row in list_hosts()}
            assert get_agency_account_id(agency.account.agency[0]) == agency.id
            with pytest.raises(AgencyNotFound):
                get_agency_account_id(2**40)
            remove_host(host=f" {of_alice.upper()}")
            with pytest.raises(HostNotFound):
                remove_host(host=of_alice)
        finally:
            cursor.execute("SET ROLE regulars_app")
    assert rows[of_agency] == (agency.code, agency.account.agency[0])
    assert rows[of_alice] == (alice.code, None)
    assert (find_host(of_alice), find_host(of_agency) is None) == (None, False)
