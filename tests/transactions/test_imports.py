# SPDX-License-Identifier: Apache-2.0
"""A file on its way: brought, read, tried, imported, its refused lines kept, forgotten. Tried lines leave nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.accounts.directory import CampaignConfig
from regulars.customers.models import Customer
from regulars.errors import PermissionDenied, Problems, RegularsError, TooLarge
from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance, Entry
from regulars.transactions.batches.carrying import preview_undo
from regulars.transactions.batches.queries import BatchNotFound, get_batch, list_batches
from regulars.transactions.imports import carrying, operations, parts
from regulars.transactions.imports.operations import begin_import, bring_file, drop_import, forget_imports, plan_import
from regulars.transactions.imports.plans import Plan
from regulars.transactions.imports.queries import (
    ImportNotFound,
    ImportProgress,
    get_import,
    get_sheet,
    iter_refused,
    iter_refused_of_batch,
    list_unfinished,
)
from regulars.transactions.models import FileImport, ImportPart
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_field, make_user

AT = datetime.now(UTC)


@pytest.fixture
def shop() -> MadeAccount:
    return make_account()


@pytest.fixture
def club(shop: MadeAccount) -> CampaignConfig:
    return make_campaign(shop)


def ctx(shop: MadeAccount, by: Any = None) -> dict[str, Any]:
    return {"account": shop.fresh(), "by": by or shop.owner}


def bring(shop: MadeAccount, text: str, kind: str = "customers", by: Any = None, **options: Any) -> int:
    with unit_of_work(shop.id):
        return bring_file(**ctx(shop, by), at=AT, kind=kind, chunks=[text.encode()], **options)


def tried(shop: MadeAccount, import_id: int, *targets: str, by: Any = None, **options: Any) -> ImportProgress:
    with unit_of_work(shop.id):
        plan_import(**ctx(shop, by), at=AT, import_id=import_id, plan=Plan(targets=targets, **options))
    return state(shop, import_id)


def begun(shop: MadeAccount, import_id: int, by: Any = None) -> ImportProgress:
    with unit_of_work(shop.id):
        begin_import(**ctx(shop, by), at=AT, import_id=import_id)
    return state(shop, import_id)


def state(shop: MadeAccount, import_id: int) -> ImportProgress:
    with unit_of_work(shop.id):
        return get_import(**ctx(shop), import_id=import_id)


def refused(shop: MadeAccount, import_id: int) -> list[tuple[int, tuple[str, ...], str]]:
    with unit_of_work(shop.id):
        found = get_import(**ctx(shop), import_id=import_id)
        return [(one.line, one.cells, " ".join(one.reasons)) for one in iter_refused(account=shop.fresh(), found=found)]


def customers(shop: MadeAccount) -> list[tuple[str, str]]:
    with unit_of_work(shop.id):
        rows = Customer.objects.filter(account_id=shop.id, deleted_at__isnull=True).order_by("id")
        return list(rows.values_list("code", "first_name"))


def balance(shop: MadeAccount) -> int:
    with unit_of_work(shop.id):
        return sum(Balance.objects.filter(account_id=shop.id).values_list("balance", flat=True))


def test_customers_are_tried_without_a_trace_and_then_imported(shop: MadeAccount, club: CampaignConfig) -> None:
    make_field(shop, label="Newsletter", number=2)
    import_id = bring(shop, "code;nombre;Newsletter;e-mail\n1;Ann;yes;a@example.com\n2;Bea;;broken\n3;Cleo;no;\n")
    assert state(shop, import_id).state == "read"
    found = tried(shop, import_id, "code", "first_name", "custom_field_2", "email", campaigns=(club.number,))
    assert (found.state, found.lines_count, found.lines_done, found.new_customers) == ("checked", 3, 3, 2)
    assert [(line, cells) for line, cells, _ in refused(shop, import_id)] == [(3, ("2", "Bea", "", "broken"))]
    assert customers(shop) == []
    done = begun(shop, import_id)
    assert done.state == "imported"
    assert customers(shop) == [("1", "Ann"), ("3", "Cleo")]
    assert done.batch_id
    with unit_of_work(shop.id):
        progress = get_batch(**ctx(shop), batch_id=done.batch_id)
        lines = list(iter_refused_of_batch(account=shop.fresh(), progress=progress))
    assert (progress.state, progress.new_customers, progress.refused_lines, progress.allows_undo) == ("completed", 2, 1, True)
    assert [(one.line, one.cells) for one in lines] == [(3, ("2", "Bea", "", "broken"))]
    assert begun(shop, import_id).batch_id == done.batch_id, "asked twice, it is imported once"
    assert len(customers(shop)) == 2


def test_transactions_of_a_file_without_campaign_are_posted_to_the_chosen_one(shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    import_id = bring(shop, "Kunde\tBetrag\tDatum\n1\t1.200\t03.04.2026\n1\t30\t13.04.2026\n9\t5\t\n1\tx\t\n", "transactions")
    with unit_of_work(shop.id):
        sheet = get_sheet(**ctx(shop), import_id=import_id)
    assert (sheet.separator, sheet.first, sheet.rows) == ("tab", ["Kunde", "Betrag", "Datum"], 5)
    chosen = {"campaign": club.number, "decimal_mark": ",", "date_order": "day"}
    found = tried(shop, import_id, "code", "amount", "date", **chosen)
    assert (found.transactions, found.refused_lines) == (2, 2)
    assert balance(shop) == 0
    done = begun(shop, import_id)
    assert (done.state, done.unreadable_lines) == ("imported", 1)
    assert balance(shop) == 1230
    with unit_of_work(shop.id):
        days = Entry.objects.filter(account_id=shop.id, kind="earn").order_by("id").values_list("occurred_at", flat=True)
        assert [day.astimezone(shop.account.zone).date().isoformat() for day in days] == ["2026-04-03", "2026-04-13"]
    lines = refused(shop, import_id)
    assert [(line, cells[0]) for line, cells, _ in lines] == [(4, "9"), (5, "1")]
    assert lines[1][2] == 'amount is not valid: "x" is not a number written with a decimal comma'


def test_what_can_be_read_in_two_ways_is_asked_and_not_guessed(shop: MadeAccount, club: CampaignConfig) -> None:
    import_id = bring(shop, 'code,amount,date\n1,"1,234",03/04/2026\n', "transactions")
    with pytest.raises(Problems) as caught:
        tried(shop, import_id, "code", "amount", "date", campaign=club.number)
    assert [error.fields for error in caught.value.parts] == [("decimal_mark",), ("date_order",)]
    assert state(shop, import_id).state == "read"
    assert tried(shop, import_id, "code", "amount", "", campaign=club.number, decimal_mark=".").refused_lines == 1


def test_a_mark_that_nothing_depends_on_is_not_asked(shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    import_id = bring(shop, "1,12\n", "transactions")
    found = tried(shop, import_id, "code", "amount", campaign=club.number, has_headings=False)
    assert (found.state, found.lines_count, found.transactions) == ("checked", 1, 1)


@pytest.mark.parametrize(
    ("targets", "options", "fields"),
    [
        (("first_name",), {"campaigns": ("1",)}, "columns"),
        (("code", "code"), {"campaigns": ("1",)}, "column_2"),
        (("code", "shoe_size"), {"campaigns": ("1",)}, "column_2"),
        (("code",), {}, "campaigns"),
    ],
)
def test_a_plan_that_can_not_be_is_refused_at_its_field(
    shop: MadeAccount, targets: tuple[str, ...], options: dict[str, Any], fields: str
) -> None:
    import_id = bring(shop, "a,b\n1,2\n")
    with pytest.raises(Problems) as caught:
        tried(shop, import_id, *targets, **options)
    assert caught.value.parts[0].fields == (fields,)


def test_a_long_file_is_left_to_the_jobs_and_told_how_far_it_is(
    shop: MadeAccount, club: CampaignConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(operations, "AT_ONCE_LINES", 0)
    monkeypatch.setattr(carrying, "TOGETHER_MAX", 3)
    monkeypatch.setattr(parts, "ROWS_EACH", 4)
    text = "code,first_name\n" + "".join(f"{number},N{number}\n" for number in range(1, 11)) + "1,again\n,nobody\n"
    import_id = bring(shop, text)
    assert state(shop, import_id).state == "reading"
    tasks.continue_batches()
    assert (state(shop, import_id).state, state(shop, import_id).lines_count) == ("read", 13)
    assert tried(shop, import_id, "code", "first_name", campaigns=(club.number,)).state == "checking"
    with unit_of_work(shop.id):
        assert carrying.step(account=shop.fresh(), import_id=import_id, at=AT)
    assert (state(shop, import_id).state, state(shop, import_id).lines_done) == ("checking", 3)
    tasks.continue_batches()
    found = state(shop, import_id)
    assert (found.state, found.lines_done, found.refused_lines) == ("checked", 12, 1)
    assert customers(shop) == []
    assert begun(shop, import_id).state == "starting"
    tasks.continue_batches()
    tasks.continue_batches()
    found = state(shop, import_id)
    assert found.state == "imported"
    assert len(customers(shop)) == 10
    assert [(line, cells) for line, cells, _ in refused(shop, import_id)] == [(13, ("", "nobody"))]
    with unit_of_work(shop.id):
        assert get_batch(**ctx(shop), batch_id=found.batch_id or 0).ignored_lines == 1


def test_a_broken_file_says_why_and_keeps_nothing(shop: MadeAccount) -> None:
    import_id = bring(shop, "\x00\x00")
    found = state(shop, import_id)
    assert (found.state, found.problem[:25]) == ("failed", "The file can not be read.")
    assert state(shop, bring(shop, "")).problem == "There are no lines in it."
    with unit_of_work(shop.id):
        assert not ImportPart.objects.filter(account_id=shop.id).exists()


def test_a_file_beyond_the_limit_is_refused_before_it_is_kept(shop: MadeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "FILE_BYTES_MAX", 10)
    with pytest.raises(TooLarge):
        bring(shop, "code\n1234567\n")
    with unit_of_work(shop.id):
        assert not FileImport.objects.filter(account_id=shop.id).exists()


def test_an_import_can_be_undone_and_says_before_what_that_takes_back(shop: MadeAccount, club: CampaignConfig) -> None:
    make_customer(shop, code="1")
    import_id = bring(shop, "code,amount\n1,10\n1,20\n", "transactions")
    tried(shop, import_id, "code", "amount", campaign=club.number)
    batch_id = begun(shop, import_id).batch_id
    assert batch_id
    with unit_of_work(shop.id):
        preview = preview_undo(**ctx(shop), batch_id=batch_id, at=AT)
    assert (preview.state, preview.transactions_undone, balance(shop)) == ("undone", 2, 30)
    with unit_of_work(shop.id):
        assert get_batch(**ctx(shop), batch_id=batch_id).state == "completed"


def test_nothing_of_a_file_lies_readable_in_the_database(shop: MadeAccount, club: CampaignConfig, run_as_owner: Any) -> None:
    import_id = bring(shop, "code,first_name\n1,Scheherazade\n,Scheherazade\n")
    tried(shop, import_id, "code", "first_name", campaigns=(club.number,))
    dump = run_as_owner("SELECT content_encrypted::text FROM transactions_import_parts WHERE account_id = %s", shop.id)
    dump += run_as_owner("SELECT i::text FROM transactions_imports i WHERE account_id = %s", shop.id)
    assert len(dump) == 2
    assert "Scheherazade" not in str(dump)
    assert b"Scheherazade".hex() not in str(dump)


def test_an_imported_file_is_kept_no_longer_but_for_its_refused_lines(shop: MadeAccount, club: CampaignConfig) -> None:
    import_id = bring(shop, "code,first_name\n1,Ann\n,Bea\n")
    tried(shop, import_id, "code", "first_name", campaigns=(club.number,))
    begun(shop, import_id)
    with unit_of_work(shop.id):
        kept = [row for _, rows in parts.iter_parts(account_id=shop.id, import_id=import_id) for row in rows]
        assert kept == [(3, ["", "Bea"])]
        assert FileImport.objects.get(account_id=shop.id, id=import_id).sheet_encrypted is None
        forget_imports(account=shop.fresh(), unfinished_before=AT, refused_before=AT + timedelta(seconds=1))
        assert not ImportPart.objects.filter(account_id=shop.id).exists()


def test_a_file_that_nobody_imports_is_forgotten(shop: MadeAccount) -> None:
    import_id = bring(shop, "code\n1\n")
    with unit_of_work(shop.id):
        forget_imports(account=shop.fresh(), unfinished_before=AT, refused_before=AT)
        assert [one.id for one in list_unfinished(**ctx(shop))] == [import_id]
        forget_imports(account=shop.fresh(), unfinished_before=AT + timedelta(seconds=1), refused_before=AT)
        assert list_unfinished(**ctx(shop)) == ()


def test_a_file_is_seen_by_its_user_and_by_whoever_has_all_campaigns(shop: MadeAccount, club: CampaignConfig) -> None:
    bob = make_user(shop, role="I", campaigns_access="some", allowed_campaign_ids=[club.id]).user
    eve = make_user(shop, role="I", campaigns_access="some", allowed_campaign_ids=[club.id]).user
    clerk = make_user(shop, role="K").user
    import_id = bring(shop, "code\n1\n", by=bob)
    assert state(shop, import_id).user_id == bob.id
    with unit_of_work(shop.id):
        for by in (eve, clerk):
            with pytest.raises(ImportNotFound):
                get_import(account=shop.fresh(), by=by, import_id=import_id)
            assert list_unfinished(account=shop.fresh(), by=by) == ()
        with pytest.raises(PermissionDenied):
            bring_file(account=shop.fresh(), by=clerk, at=AT, kind="customers", chunks=[b"code"])
    charlie = make_account()
    with unit_of_work(charlie.id), pytest.raises(ImportNotFound):
        get_import(account=charlie.account, by=charlie.owner, import_id=import_id)


def test_batches_are_listed_newest_first_as_far_as_they_may_be_seen(shop: MadeAccount, club: CampaignConfig) -> None:
    other = make_campaign(shop)
    bob = make_user(shop, role="I", campaigns_access="some", allowed_campaign_ids=[club.id]).user
    ids = []
    for campaign in (club, other, club):
        import_id = bring(shop, "code\n1\n")
        tried(shop, import_id, "code", campaigns=(campaign.number,))
        ids.append(begun(shop, import_id).batch_id)
    with unit_of_work(shop.id):
        assert [one.id for one in list_batches(**ctx(shop))] == ids[::-1]
        assert [one.id for one in list_batches(**ctx(shop), before=ids[2] or 0, limit=1)] == [ids[1]]
        assert [one.id for one in list_batches(account=shop.fresh(), by=bob)] == [ids[2], ids[0]]
        with pytest.raises(BatchNotFound):
            get_batch(account=shop.fresh(), by=bob, batch_id=ids[1] or 0)


def test_an_imported_file_can_not_be_dropped_or_planned_anew(shop: MadeAccount, club: CampaignConfig) -> None:
    import_id = bring(shop, "code\n1\n")
    with unit_of_work(shop.id), pytest.raises(RegularsError, match="not tried yet"):
        begin_import(**ctx(shop), at=AT, import_id=import_id)
    tried(shop, import_id, "code", campaigns=(club.number,))
    begun(shop, import_id)
    with unit_of_work(shop.id), pytest.raises(RegularsError, match="was imported"):
        drop_import(**ctx(shop), at=AT, import_id=import_id)
    with pytest.raises(RegularsError, match="can not be changed"):
        tried(shop, import_id, "code", campaigns=(club.number,))
    other = bring(shop, "code\n1\n")
    with unit_of_work(shop.id):
        drop_import(**ctx(shop), at=AT, import_id=other)
        assert not ImportPart.objects.filter(account_id=shop.id, import_id=other).exists()
