# SPDX-License-Identifier: Apache-2.0
"""Every registered call at a host of one's own, of one's agency, of nobody, of a stranger account and of a stranger agency."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.access.test_matrix import CALLS, OFFICE_CALLS, sign
from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_agency, make_coalition, make_host
from tests.scene import Scene, make_scene, requests

WITH_CREDENTIALS = sorted(set(CALLS) - {"test"})


@dataclass(frozen=True)
class Places:
    """Hosts by whose they are."""

    own: str
    nobodys: str
    strangers: str
    agencys: str


@pytest.fixture(scope="session")
def scene(api: Api) -> Scene:
    return make_scene(api, prepare=make_coalition)


@pytest.fixture(scope="session")
def places(api: Api, scene: Scene) -> Places:
    made = Places(make_host(scene.made), "unknown.example", make_host(make_account()), make_host(make_agency()))
    api.run(api.services.hosts.begin())
    return made


def send(api: Api, scene: Scene, key: str, host: str, made: MadeAccount | None = None) -> Parsed:
    select, call = CALLS[key]
    who = made or (scene.platform if key in OFFICE_CALLS else scene.made)
    fields = sign(key, requests(scene)[key], who) | select | ({"dry_run": "Y"} if call.writes else {})
    return api.send(api.request(dict(fields))._replace(host=host))


@pytest.mark.parametrize("key", WITH_CREDENTIALS)
def test_a_call_is_answered_at_the_own_host_and_at_nobodys_alike(api: Api, scene: Scene, places: Places, key: str) -> None:
    at_nobodys = send(api, scene, key, places.nobodys)
    assert at_nobodys.ok, at_nobodys
    if key not in OFFICE_CALLS:
        assert send(api, scene, key, f"{places.own.upper()}:8443").ok


@pytest.mark.parametrize("key", WITH_CREDENTIALS)
def test_at_a_strangers_host_right_credentials_are_answered_as_wrong_ones(
    api: Api, scene: Scene, places: Places, key: str
) -> None:
    select, _ = CALLS[key]
    wrong = sign(key, requests(scene)[key], scene.platform if key in OFFICE_CALLS else scene.made) | select
    wrong |= {"user_password": "wrong"} if key == "user_login" else {"user_api_key": "0" * 40}
    refused = api.send(api.request(dict(wrong)))
    for host in (places.strangers, places.agencys):
        answer = send(api, scene, key, host)
        assert answer.error_code == "bad_credentials"
        assert (answer.status, answer.xml_body) == (refused.status, refused.xml_body)


@pytest.mark.parametrize("key", sorted(set(WITH_CREDENTIALS) - set(OFFICE_CALLS)))
def test_the_owner_of_a_host_sees_no_more_there_than_elsewhere(api: Api, scene: Scene, places: Places, key: str) -> None:
    stranger = make_account()
    at_own_host = send(api, scene, key, places.nobodys, made=stranger)
    assert send(api, scene, key, places.own, made=stranger).error_code == "bad_credentials", "nobody else's user at my host"
    for secret in ("Amy", "Acker", "Bean Points", "Leaf Card"):
        assert secret in set(requests(scene)[key].values()) or secret not in repr(at_own_host)


def test_an_agencys_host_answers_its_accounts_and_shows_each_its_own(api: Api) -> None:
    agency = make_agency()
    host = make_host(agency)
    first, second = (make_account(agency_id=agency.account.agency[0]) for _ in range(2))
    api.run(api.services.hosts.begin())
    for made in (agency, first, second):
        answer = api.send(api.request({"type": "account_info", **made.credentials})._replace(host=host))
        assert answer.at("account/account_id") == made.code
    across = api.request({"type": "account_info", **first.credentials, "account_id": second.code})._replace(host=host)
    assert api.send(across).error_code == "account_not_permitted"


def test_the_test_call_is_answered_at_every_host(api: Api, places: Places) -> None:
    for host in (places.own, places.strangers, places.nobodys, ""):
        assert api.send(api.request({"type": "test"})._replace(host=host)).ok
