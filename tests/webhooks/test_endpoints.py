# SPDX-License-Identifier: Apache-2.0
"""Endpoints as people set them up; sending again; who may; what is kept of whom."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from regulars.changes.models import Change
from regulars.errors import InvalidParameter, MissingParameter, NotFound, PermissionDenied, RateLimited
from regulars.kit.db import unit_of_work
from regulars.kit.secret import decrypt
from regulars.transactions.dossier import collect_dossier
from regulars.transactions.erase import delete_customer, erase_personal_data
from regulars.transactions.merge import merge_customers
from regulars.users.access import ROLES
from regulars.webhooks import operations, queries
from regulars.webhooks.collecting import collect
from regulars.webhooks.deliveries import secret_owner
from regulars.webhooks.horizon import Mark
from regulars.webhooks.models import Delivery, Endpoint, Lane
from regulars.webhooks.operations import (
    EndpointValues,
    change_endpoint,
    delete_endpoint,
    rotate_secret,
    send_again,
    send_again_since,
    send_test,
    switch_off,
    switch_on,
)
from regulars.webhooks.options import WebhookOptions
from regulars.webhooks.rules import ENDPOINTS_MAX, TESTS_PER_HOUR_MAX
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_sale, make_user
from tests.till import RunAsOwner, make_till
from tests.webhooks.receiver import Answer, Receiver
from tests.webhooks.telling import PRIVATE, collect_all, make_webhook, now, tell

VALUES = EndpointValues("Shop", "https://shop.example.com/hook", ("transaction.recorded",))


def add(made: MadeAccount, values: EndpointValues, **more: Any) -> Any:
    with unit_of_work(made.id):
        return operations.add_endpoint(
            **{"account": made.fresh(), "by": made.owner, "at": now(), "values": values, "options": WebhookOptions(), **more}
        )


def count(made: MadeAccount, model: Any = Endpoint) -> int:
    with unit_of_work(made.id):
        return int(model.objects.filter(account_id=made.id).count())


# -- adding and changing --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        (EndpointValues(" ", VALUES.url, VALUES.kinds), MissingParameter, "name"),
        (EndpointValues("a" * 61, VALUES.url, VALUES.kinds), InvalidParameter, "name"),
        (EndpointValues("Shop", "", VALUES.kinds), MissingParameter, "url"),
        (EndpointValues("Shop", "http://shop.example.com/", VALUES.kinds), InvalidParameter, "url"),
        (EndpointValues("Shop", "https://127.0.0.1/", VALUES.kinds), InvalidParameter, "url"),
        (EndpointValues("Shop", VALUES.url, ()), MissingParameter, "kinds"),
        (EndpointValues("Shop", VALUES.url, ("customer.fed",)), InvalidParameter, "kinds"),
        (EndpointValues("Shop", VALUES.url, VALUES.kinds, (10**12,)), InvalidParameter, "campaign_ids"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    values: EndpointValues, error: type[Exception], field: str
) -> None:
    made = make_account()
    hook = make_webhook(made)
    before = hook.endpoint.name, hook.endpoint.url, hook.endpoint.kinds
    with pytest.raises(error) as refused:
        add(made, values)
    assert refused.value.fields == (field,)  # type: ignore[attr-defined]
    with pytest.raises(error):
        hook.do(change_endpoint, values=values, options=WebhookOptions())
    assert (hook.endpoint.name, hook.endpoint.url, hook.endpoint.kinds) == before
    assert (count(made), count(made, Lane)) == (1, 1)


def test_a_strangers_campaign_can_not_be_chosen() -> None:
    made, stranger = make_account(), make_account()
    campaign = make_campaign(stranger)
    with pytest.raises(InvalidParameter):
        add(made, EndpointValues("Shop", VALUES.url, VALUES.kinds, (campaign.id,)))


def test_there_is_an_end_to_it() -> None:
    made = make_account()
    for number in range(ENDPOINTS_MAX):
        make_webhook(made, name=f"Shop {number}")
    with pytest.raises(InvalidParameter, match="at most"):
        add(made, VALUES)


def test_what_is_changed_holds_from_then_on(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, "https://nowhere.example.com/", kinds=["customer.created"])
    make_customer(made)
    collect_all(hook)
    values = EndpointValues("CRM", receiver.url, ("customer.created", "customer.updated"))
    hook.do(change_endpoint, values=values, options=PRIVATE)
    assert tell(hook).delivered == 1, "what waits goes to the new address"
    assert (hook.endpoint.name, hook.endpoint.kinds) == ("CRM", ["customer.created", "customer.updated"])


def test_a_secret_is_random_and_sealed(run_as_owner: RunAsOwner) -> None:
    made = make_account()
    hooks = [make_webhook(made) for _ in range(2)]
    assert len({hook.secret for hook in hooks}) == 2
    assert len(hooks[0].secret) == len("whsec_") + 44, "32 bytes in Base64"
    sealed = bytes(hooks[0].endpoint.secret_encrypted)
    assert decrypt(sealed, owner=secret_owner(made.id, hooks[0].id)).decode() == hooks[0].secret
    raw = str(run_as_owner("SELECT t::text FROM webhooks_endpoints t WHERE account_id = %s", made.id))
    for hook in hooks:
        assert hook.secret not in raw
        assert hook.secret.encode().hex() not in raw


@pytest.mark.parametrize("seconds", [-1, 7 * 86_400 + 1])
def test_an_overlap_has_bounds(seconds: int) -> None:
    with pytest.raises(InvalidParameter):
        make_webhook(make_account()).do(rotate_secret, overlap_seconds=seconds)


def test_rotating_without_an_overlap_ends_the_old_secret_at_once() -> None:
    hook = make_webhook(make_account())
    hook.do(rotate_secret, overlap_seconds=60)
    hook.do(rotate_secret)
    assert (hook.endpoint.previous_secret_encrypted, hook.endpoint.previous_until) == (None, None)


def test_changes_are_noted_without_secrets() -> None:
    made = make_account()
    hook = make_webhook(made, name="Shop")
    new = hook.do(rotate_secret, overlap_seconds=3600)
    hook.do(switch_off)
    hook.do(delete_endpoint)
    with unit_of_work(made.id):
        rows = list(Change.objects.filter(account_id=made.id, subject="webhook").order_by("id"))
    assert [row.action for row in rows] == ["added", "changed", "changed", "deleted"]
    assert {row.name for row in rows} == {"Shop"}
    assert rows[0].after["secret_encrypted"] == "•"
    assert rows[1].after.keys() == {"secret_encrypted", "previous_secret_encrypted", "previous_until"}
    assert rows[2].before["is_on"] is True
    raw = json.dumps([[row.before, row.after] for row in rows], default=str)
    assert hook.secret not in raw
    assert new not in raw


def test_what_jobs_write_is_no_change_of_the_endpoint(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    make_customer(made)
    tell(hook)
    with unit_of_work(made.id):
        assert Change.objects.filter(account_id=made.id, subject="webhook").count() == 1


def test_a_deleted_endpoint_takes_its_deliveries_along_and_leaves_the_others() -> None:
    made = make_account()
    hook, other = make_webhook(made), make_webhook(made)
    make_customer(made)
    collect_all(hook, other)
    hook.do(delete_endpoint)
    assert (count(made), count(made, Lane), count(made, Delivery)) == (1, 1, 1)
    with pytest.raises(NotFound):
        hook.do(switch_on)


# -- on and off, and again ------------------------------------------------------------------------------------------
def test_what_is_missed_while_off_can_be_sent_afterwards(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url, kinds=["customer.created"])
    make_customer(made, code="before")
    tell(hook)
    since = now()
    hook.do(switch_off)
    make_customer(made, code="meanwhile")
    assert tell(hook).delivered == 0
    hook.do(switch_on)
    make_customer(made, code="after")
    assert tell(hook).delivered == 1, "from now on"
    hook.do(send_again_since, since=since)
    assert tell(hook).delivered == 2
    codes = [event["data"]["customer"]["code"] for event in receiver.events]
    assert codes == ["before", "after", "meanwhile", "after"]
    ids = [event["id"] for event in receiver.events]
    assert ids[1] == ids[3], "the same event has the same id"
    assert receiver.received[1].body == receiver.received[3].body


def test_sending_again_reaches_back_before_the_endpoint(receiver: Receiver) -> None:
    made = make_account()
    club, customer = make_campaign(made), make_customer(made)
    start = now()
    sales = [make_sale(made, customer, club, at=start - timedelta(hours=hours)) for hours in (50, 30, 10, 1)]
    hook = make_webhook(made, receiver.url, kinds=["transaction.recorded"])
    hook.do(send_again_since, since=start - timedelta(hours=40))
    assert tell(hook).delivered == 3
    assert [event["data"]["transaction"]["id"] for event in receiver.events] == [str(sale) for sale in sales[1:]]
    hook.do(send_again_since, since=start - timedelta(minutes=1))
    assert tell(hook).delivered == 0, "nothing happened since"
    assert hook.lane.entry_id >= sales[-1]


def test_one_delivery_is_sent_again(receiver: Receiver) -> None:
    made = make_account()
    hook = make_webhook(made, receiver.url)
    receiver.answers = [Answer(410), Answer(200)]
    make_customer(made)
    tell(hook)
    hook.do(switch_on)
    (delivery,) = hook.deliveries()
    assert delivery.state == "waiting"
    tell(hook, after=timedelta(minutes=1))
    with unit_of_work(made.id):
        found = send_again(account=made.account, by=made.owner, at=now(), delivery_id=delivery.id)
    assert found == hook.id
    assert tell(hook).delivered == 1
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1
    assert len(receiver.received) == 3


@pytest.mark.parametrize("ago", [timedelta(days=-1), timedelta(days=31)])
def test_how_far_back_has_bounds(ago: timedelta) -> None:
    hook = make_webhook(make_account())
    before = hook.lane.entry_id
    with pytest.raises(InvalidParameter) as refused:
        hook.do(send_again_since, since=now() - ago)
    assert refused.value.fields == ("since",)
    assert hook.lane.entry_id == before


def test_tests_are_limited() -> None:
    hook = make_webhook(make_account())
    for _ in range(TESTS_PER_HOUR_MAX):
        hook.do(send_test)
    with pytest.raises(RateLimited):
        hook.do(send_test)
    hook.do(send_test, at=now() + timedelta(hours=2))


# -- who may --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [role for role in ROLES if role != "A"])
def test_only_who_may_edit_the_account_may_anything(role: str) -> None:
    made = make_account()
    hook = make_webhook(made)
    by = make_user(made, role=role).user
    with pytest.raises(PermissionDenied):
        add(made, VALUES, by=by)
    doings: list[tuple[Any, dict[str, Any]]] = [
        (change_endpoint, {"values": VALUES, "options": PRIVATE}), (rotate_secret, {}), (switch_on, {}), (switch_off, {}),
        (delete_endpoint, {}), (send_test, {}), (send_again_since, {"since": now()}),
    ]  # fmt: skip
    for operation, values in doings:
        with pytest.raises(PermissionDenied):
            hook.do(operation, by=by, **values)
    with unit_of_work(made.id):
        reads: list[tuple[Any, dict[str, Any]]] = [
            (queries.list_endpoints, {}), (queries.get_endpoint, {"endpoint_id": hook.id}),
            (queries.list_deliveries, {"endpoint_id": hook.id}), (queries.get_delivery, {"delivery_id": 1}),
        ]  # fmt: skip
        for query, given in reads:
            with pytest.raises(PermissionDenied):
                query(account=made.account, by=by, **given)


def test_a_stranger_finds_nothing() -> None:
    made, stranger = make_account(), make_account()
    hook = make_webhook(made)
    make_customer(made)
    (delivery,) = collect_all(hook)
    for operation in (rotate_secret, switch_on, switch_off, delete_endpoint, send_test):
        with pytest.raises(NotFound), unit_of_work(stranger.id):
            operation(account=stranger.account, by=stranger.owner, at=now(), endpoint_id=hook.id)  # type: ignore[operator]
    with unit_of_work(stranger.id):
        for finding in (
            lambda: send_again(account=stranger.account, by=stranger.owner, at=now(), delivery_id=delivery.id),
            lambda: queries.get_endpoint(account=stranger.account, by=stranger.owner, endpoint_id=hook.id),
            lambda: queries.get_delivery(account=stranger.account, by=stranger.owner, delivery_id=delivery.id),
        ):
            with pytest.raises(NotFound):
                finding()
        assert queries.list_endpoints(account=stranger.account, by=stranger.owner) == ()
        assert queries.list_deliveries(account=stranger.account, by=stranger.owner, endpoint_id=hook.id).rows == ()
        assert Delivery.objects.filter(id=delivery.id).count() == 0, "the second fence"
    assert hook.endpoint.is_on


def test_the_applications_role_writes_no_deletions(owner_url: str, app_role: str) -> None:
    with psycopg.connect(owner_url, autocommit=True, options=f"-c role={app_role}") as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("INSERT INTO ledger_deletions VALUES (1, 1, 1, NULL, 0, now())")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT ledger_note_deletion(1, 1, 1, 1, now())")


def test_endpoints_are_listed_with_how_they_fare(receiver: Receiver) -> None:
    made = make_account()
    good, bad = make_webhook(made, receiver.url), make_webhook(made, "http://127.0.0.1:1/", name="Bad")
    make_customer(made)
    tell(good, bad)
    with unit_of_work(made.id):
        first, second = queries.list_endpoints(account=made.account, by=made.owner)
        page = queries.list_deliveries(account=made.account, by=None, endpoint_id=bad.id, state="waiting", length=1)
        assert queries.list_deliveries(account=made.account, by=None, endpoint_id=bad.id, kind="webhook.test").rows == ()
        assert queries.get_delivery(account=made.account, by=made.owner, delivery_id=page.rows[0].id).payload.startswith("{")
    assert (first.name, first.waiting, first.failing_since) == ("Shop", 0, None)
    assert first.last_success_at is not None
    assert (second.name, second.waiting, second.last_success_at) == ("Bad", 1, None)
    assert second.failing_since is not None
    assert (len(page.rows), page.older_than) == (1, None)


# -- whose data are kept --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("erase", [erase_personal_data, delete_customer])
def test_erasing_a_person_takes_his_data_out_of_what_was_sent_and_what_waits(
    api: Api, run_as_owner: RunAsOwner, receiver: Receiver, erase: Any
) -> None:
    till = make_till(api, run_as_owner)
    made = till.made
    club = make_campaign(made)
    hook = make_webhook(made, receiver.url)
    receiver.answer = lambda one: Answer(200, b"Thank you, Annabel" if b"nnabel" in one.body else b"")
    personal = {"first_name": "Annabel", "email": "annabel@example.org", "phone": "+64215551234", "card_number": "777444"}
    ann = make_customer(made, code="ann-1", **personal)
    gone = make_customer(made, code="gone-1", last_name="Annabelson")
    make_customer(made, code="other", first_name="Zoe")
    till.sold(club, "ann-1", amount="9.95", authorization="For Annabel")
    tell(hook)
    with unit_of_work(made.id):
        merge_customers(account=made.fresh(), by=made.owner, at=NOW, customer_id=ann.id, gone_id=gone.id)
    sale = till.sold(club, "ann-1", amount="1", authorization="For Annabel again")
    collect_all(hook)
    with unit_of_work(made.id):
        erase(account=made.fresh(), by=made.owner, at=NOW, code="ann-1")
    raw = str(run_as_owner("SELECT t::text FROM webhooks_deliveries t WHERE account_id = %s", made.id))
    for told in ("Annabel", "annabel@example.org", "5551234", "777444", "ann-1", "gone-1"):
        assert told not in raw
    assert "Zoe" in raw, "others keep theirs"
    assert sale in raw, "what was sold is still told"
    seen = len(receiver.received)
    tell(hook)
    late = receiver.received[seen:]
    assert any(each.kind == "transaction.recorded" and each.event["data"]["transaction"]["amount"] == "100" for each in late)
    for each in late:
        assert b"nnabel" not in each.body
        assert b"ann-1" not in each.body
    hook.do(send_again_since, since=now() - timedelta(hours=1))
    tell(hook)
    assert not [each for each in receiver.received[seen:] if b"nnabel" in each.body]


def test_who_asks_what_is_held_about_him_is_told_this_too() -> None:
    made = make_account()
    hook = make_webhook(made)
    make_customer(made, code="ann-1", first_name="Annabel")
    make_customer(made, code="ben-1")
    ann, _ = collect_all(hook)
    with unit_of_work(made.id):
        held = collect_dossier(account=made.fresh(), by=made.owner, at=NOW, code="ann-1")
    assert [(each["event"], each["content"]) for each in held["webhooks"]] == [(ann.event_id, ann.payload)]


def test_whoever_collects_while_a_person_is_erased_writes_nothing_of_him_behind_it(owner_url: str) -> None:
    """The eraser holds the lanes until he is done; a collector that comes meanwhile leaves the endpoint for the next time."""
    made = make_account()
    hook = make_webhook(made)
    make_customer(made, code="ann-1", first_name="Annabel")
    with psycopg.connect(owner_url) as eraser:
        eraser.execute("UPDATE customers_customers SET first_name = '' WHERE account_id = %s", (made.id,))
        eraser.execute("SELECT 1 FROM webhooks_lanes WHERE account_id = %s FOR NO KEY UPDATE", (made.id,))
        with unit_of_work(made.id):
            assert collect(account=made.account, endpoint_id=hook.id, until=Mark(10**15, 10**15, 10**15), at=now())
        assert hook.deliveries() == []
        eraser.commit()
    assert [delivery.kind for delivery in collect_all(hook)] == ["customer.created", "customer.updated"]
    assert "Annabel" not in "".join(delivery.payload for delivery in hook.deliveries())
