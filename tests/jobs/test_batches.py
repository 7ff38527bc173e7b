# SPDX-License-Identifier: Apache-2.0
"""Batches that the jobs carry out: long ones, ones that a process left behind, ones that can not go on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from regulars.accounts.directory import CampaignConfig
from regulars.errors import InvariantViolation
from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.transactions.batches import carrying, intake, running, undo
from regulars.transactions.batches.columns import Columns, lines_of
from regulars.transactions.batches.intake import receive
from regulars.transactions.batches.options import ActivityImport
from tests.client import Api, Parsed
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_user
from tests.till import RunAsOwner

VISITS = ("campaign_id", "code", "redeemed", "amount", "date", "authorization", "none")


@pytest.fixture
def shop() -> MadeAccount:
    made = make_account()
    make_customer(made, code="1")
    return made


@pytest.fixture
def club(shop: MadeAccount) -> CampaignConfig:
    return make_campaign(shop)


def lines(club: CampaignConfig, count: int) -> str:
    return "\n".join(f"{club.number}|1|N|{number}|||" for number in range(1, count + 1))


def bring(api: Api, who: dict[str, str], data: str, **fields: Any) -> Parsed:
    headers = {f"visits_header_{number}": name for number, name in enumerate(VISITS, 1)}
    return api.call("batch_transactions", **who, delimiter="pipe", **headers, Visits_Data=data, **fields)


def staged(shop: MadeAccount, club: CampaignConfig, count: int) -> int:
    """A batch as a process leaves it that dies right after it was received."""
    with unit_of_work(shop.id):
        return receive(
            account=shop.fresh(), by=shop.owner, at=datetime.now(UTC), parameter="Visits_Data", allows_undo=True,
            importing=ActivityImport(Columns("pipe", VISITS)), lines=lines_of(lines(club, count)),
        )  # fmt: skip


def balance(api: Api, shop: MadeAccount, club: CampaignConfig) -> int:
    answer = api.call("customer_balance", **shop.credentials, code="1", campaign_id=club.number)
    return int(answer.at("campaign/customer/balance"))


def info(api: Api, shop: MadeAccount, batch_id: int | str) -> dict[str, Any]:
    batch: dict[str, Any] = api.call("batch_info", **shop.credentials, batch_id=batch_id).json["batch"]
    return batch


def test_a_long_batch_is_answered_at_once_and_done_and_undone_by_the_jobs(
    api: Api, shop: MadeAccount, club: CampaignConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ANSWERED_LINES_MAX", 99)
    monkeypatch.setattr(undo, "ANSWERED_LINES_MAX", 99)
    answer = bring(api, shop.credentials, lines(club, 100), idempotency_key="k")
    batch_id = answer.at("batch/batch_id")
    assert (answer.json["batch"]["status"], answer.json["batch"]["lines_done"]) == ("running", "0")
    assert api.call("batch_undo", **shop.credentials, batch_id=batch_id).error_code == "batch_under_way"
    tasks.continue_batches()
    assert (info(api, shop, batch_id)["status"], info(api, shop, batch_id)["lines_done"]) == ("completed", "100")
    assert bring(api, shop.credentials, lines(club, 100), idempotency_key="k").json["batch"]["transactions"] == "100"
    assert balance(api, shop, club) == 5050
    assert api.call("batch_undo", **shop.credentials, batch_id=batch_id).json["batch"]["status"] == "undoing"
    tasks.continue_batches()
    assert api.call("batch_undo", **shop.credentials, batch_id=batch_id).json["batch"]["status"] == "undone"
    assert balance(api, shop, club) == 0


def test_what_a_process_left_behind_is_done_once(
    api: Api, shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner
) -> None:
    batch_id = staged(shop, club, 100)
    account = shop.fresh()
    with unit_of_work(shop.id):
        assert running.step(account=account, batch_id=batch_id, at=datetime.now(UTC))
    with unit_of_work(shop.id):
        running.step(account=account, batch_id=batch_id, at=datetime.now(UTC))
        transaction.set_rollback(True)  # the process dies before this commit
    done = info(api, shop, batch_id)["lines_done"]
    assert done == "48"
    tasks.continue_batches()
    assert info(api, shop, batch_id)["lines_done"] == done, "its process may still be at it"
    run_as_owner("UPDATE transactions_batches SET touched_at = now() - interval '1 minute' WHERE account_id = %s", shop.id)
    tasks.continue_batches()
    assert info(api, shop, batch_id)["status"] == "completed"
    assert balance(api, shop, club) == 5050


def test_progress_is_seen_while_it_runs(api: Api, shop: MadeAccount, club: CampaignConfig) -> None:
    batch_id = staged(shop, club, 100)
    seen = []
    for _ in range(3):
        with unit_of_work(shop.id):
            running.step(account=shop.fresh(), batch_id=batch_id, at=datetime.now(UTC))
        seen.append((info(api, shop, batch_id)["status"], info(api, shop, batch_id)["lines_done"]))
    assert seen == [("running", "48"), ("running", "96"), ("completed", "100")]


def test_a_batch_whose_user_is_gone_refuses_the_rest(
    api: Api, shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner
) -> None:
    user = make_user(shop, role="A")
    batch_id = staged(shop, club, 60)
    run_as_owner("UPDATE transactions_batches SET user_id = %s WHERE account_id = %s", user.user.id, shop.id)
    with unit_of_work(shop.id):
        running.step(account=shop.fresh(), batch_id=batch_id, at=datetime.now(UTC))
    assert api.call("user_delete", **shop.credentials, user_name=user.code).ok
    carrying.carry_on(account_id=shop.id, batch_id=batch_id, clock=lambda: datetime.now(UTC))
    batch = info(api, shop, batch_id)
    assert (batch["status"], batch["transactions"], batch["lines_refused"]) == ("completed", "48", "12")
    assert {error["xml_value_to_show"] for error in batch["errors"]} == {"User does not have permission"}


def test_a_changed_configuration_binds_from_the_next_lines_on(
    api: Api, shop: MadeAccount, club: CampaignConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = staged(shop, club, 60)
    stale = shop.fresh()
    with unit_of_work(shop.id):
        running.step(account=stale, batch_id=batch_id, at=datetime.now(UTC))
    assert api.call("campaign_deactivate", **shop.credentials, campaign_id=club.number).ok
    with monkeypatch.context() as patch:
        configurations = iter((stale, shop.fresh()))
        patch.setattr(carrying, "get_account_config", lambda _: next(configurations))
        carrying.carry_on(account_id=shop.id, batch_id=batch_id, clock=lambda: datetime.now(UTC))
    batch = info(api, shop, batch_id)
    assert (batch["transactions"], batch["lines_refused"]) == ("48", "12")
    assert {error["xml_value_to_show"] for error in batch["errors"]} == {"Campaign not valid or deactivated."}


def test_a_batch_that_meets_a_fault_of_ours_is_not_tried_for_ever(
    api: Api, shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = staged(shop, club, 3)
    run_as_owner("UPDATE transactions_batches SET touched_at = now() - interval '1 minute' WHERE account_id = %s", shop.id)

    def broken(**_: Any) -> None:
        raise InvariantViolation("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(running, "read_activities", broken)
        tasks.continue_batches()
    assert info(api, shop, batch_id)["status"] == "failed"
    tasks.continue_batches()
    assert info(api, shop, batch_id)["status"] == "failed"
    assert balance(api, shop, club) == 0


def test_lines_are_forgotten_after_a_while_and_counts_stay(
    only_new_accounts: None, api: Api, shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner
) -> None:
    batch_id = bring(api, shop.credentials, lines(club, 3)).at("batch/batch_id")
    tasks.purge()
    assert info(api, shop, batch_id)["undo"] == "Y"
    run_as_owner("UPDATE transactions_batches SET received_at = now() - interval '91 days' WHERE account_id = %s", shop.id)
    tasks.purge()
    assert run_as_owner("SELECT count(*) FROM transactions_batch_lines WHERE account_id = %s", shop.id) == [(0,)]
    assert (info(api, shop, batch_id)["undo"], info(api, shop, batch_id)["transactions"]) == ("N", "3")
    assert api.call("batch_undo", **shop.credentials, batch_id=batch_id).error_code == "undo_not_allowed"


def test_lines_with_secrets_lie_encrypted_until_they_are_done(api: Api, shop: MadeAccount, run_as_owner: RunAsOwner) -> None:
    from regulars.transactions.batches.options import CustomerImport

    with unit_of_work(shop.id):
        batch_id = receive(
            account=shop.fresh(), by=shop.owner, at=datetime.now(UTC), parameter="profiles_data", allows_undo=True,
            importing=CustomerImport(Columns("pipe", ("code", "customer_PIN"))), lines=[(1, "7|4711")],
        )  # fmt: skip
    kept = "SELECT content FROM transactions_batch_lines WHERE account_id = %s AND batch_id = %s"
    [(content,)] = run_as_owner(kept, shop.id, batch_id)
    assert "4711" not in content
    carrying.carry_on(account_id=shop.id, batch_id=batch_id, clock=lambda: datetime.now(UTC))
    assert run_as_owner(kept, shop.id, batch_id) == [(None,)]
    assert api.call("validate_customer_password", **shop.credentials, code="7", customer_PIN="4711").ok


def test_tables_that_have_doubled_are_looked_at_again(
    shop: MadeAccount, club: CampaignConfig, run_as_owner: RunAsOwner
) -> None:
    known = "SELECT reltuples::bigint FROM pg_class WHERE relname = 'transactions_batch_lines'"
    run_as_owner("ANALYZE transactions_batch_lines")
    [(before,)] = run_as_owner(known)
    for grown, seen in ((10, 0), (int(str(before)) + 300, int(str(before)) + 310)):
        staged(shop, club, grown)
        with unit_of_work(shop.id), connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        carrying._refresh_statistics(shop.id)
        assert run_as_owner(known) == [(int(str(before)) + seen,)]


def test_looking_at_tables_waits_for_nobody(
    shop: MadeAccount, club: CampaignConfig, owner_url: str, run_as_owner: RunAsOwner
) -> None:
    run_as_owner("ANALYZE transactions_batch_lines")
    [(before,)] = run_as_owner("SELECT count(*) FROM transactions_batch_lines")
    staged(shop, club, int(str(before)) + 300)
    with unit_of_work(shop.id), connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    with psycopg.connect(owner_url) as other:
        other.execute("LOCK TABLE transactions_batch_lines IN SHARE UPDATE EXCLUSIVE MODE")
        carrying._refresh_statistics(shop.id)
