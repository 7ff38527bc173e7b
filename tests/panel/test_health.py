# SPDX-License-Identifier: Apache-2.0
"""The platform owner's page of health, verifications and backups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from regulars.panel.views import health as page_of
from regulars.reports.health import can_back_up, get_health
from regulars.upkeep.models import Run
from regulars.upkeep.runs import begin_run, end_run, note_progress
from tests.factories import make_account
from tests.panel.conftest import Page

HEALTH, BACKUPS = "/admin.php/platform/health", "/admin.php/platform/backups"


@pytest.fixture(autouse=True)
def _no_runs(run_as_owner: Callable[..., list[tuple[object, ...]]]) -> Iterator[None]:
    Run.objects.all().delete()
    yield
    Run.objects.all().delete()
    run_as_owner("DELETE FROM procrastinate_jobs WHERE task_name IN ('verify_now', 'back_up_now')")


def found(page: Page, label: str) -> tuple[str, str]:
    """Return state and text of one line of what was found."""
    row = next(row for row in page.xpath("(//table)[1]/tbody/tr") if row.xpath("./th")[0].text_content() == label)
    state, text = (cell.text_content().strip() for cell in row.xpath("./td"))
    return state, text


def test_what_is_well_and_what_is_not(visit):
    page = visit(make_account(kind="platform")).get(HEALTH)
    assert found(page, "Migrations") == ("Good", "All are applied.")
    state, text = found(page, "Database")
    assert (state, text.startswith("PostgreSQL ")) == ("Good", True)
    assert found(page, "Jobs") == (
        "Bad",
        "No process of the jobs runs. Start the server again; its output says why they ended.",
    )
    assert found(page, "Links in mails")[0] == "Bad", "mail is set up, and nobody has said where this is"
    assert found(page, "Disk")[0] == "Note"
    assert found(page, "Last backup")[0] == "Bad"


def test_verifying_is_asked_for_once_followed_and_kept(visit):
    visitor = visit(make_account(kind="platform"))
    visitor.get(HEALTH)
    page = visitor.submit("verify")
    assert "The books are being verified." in page.text
    assert page.xpath("(//table)[2]/tbody/tr/td[2]")[0].text_content().strip() == "Waiting"
    assert page.xpath("//button[@disabled]")
    assert page.html.get_element_by_id("live").get("data-live") is not None
    assert "This is under way already." in visitor.submit("verify").text
    run_id, now = Run.objects.get(name="verify").id, datetime.now(UTC)
    begin_run(name="verify", at=now, run_id=run_id)
    note_progress(run_id=run_id, at=now, done=25, total=100)
    page = visitor.get(HEALTH)
    assert page.xpath("//progress/@value") == ["25"]
    assert "Under way" in page.xpath("(//table)[2]/tbody/tr/td[2]")[0].text_content()
    findings = [["", "I1", "every balance is the sum of its entries", 2]]
    end_run(run_id=run_id, at=now, says="1 findings", is_failure=True, details={"findings": findings})
    page = visitor.get(HEALTH)
    assert "I1: every balance is the sum of its entries (2)" in page.text
    assert found(page, "Last verification")[0] == "Bad"
    assert page.html.get_element_by_id("live").get("data-live") is None
    end_run(run_id=begin_run(name="verify", at=now), at=now, says="", is_failure=False)
    page = visitor.get(HEALTH)
    assert found(page, "Last verification")[0] == "Good"
    assert "Nothing: the books are in order" in page.text
    assert len(page.xpath("(//table)[2]/tbody/tr")) == 2


def test_backups_are_listed_with_whether_they_were_read(visit):
    now = datetime.now(UTC)
    details = {"file": "/srv/backups/one.tar", "size_bytes": 3 * 2**20, "is_checked": True}
    end_run(run_id=begin_run(name="backup", at=now), at=now + timedelta(seconds=90), says="", is_failure=False, details=details)
    visitor = visit(make_account(kind="platform"))
    page = visitor.get(BACKUPS)
    cells = [cell.text_content().strip() for cell in page.xpath("//tbody/tr[1]/td")]
    assert cells == ["–", "Done", "3 MB", "90 s", "Yes, read to its end", "/srv/backups/one.tar"]
    assert "no data directory that it may write to" in page.text
    assert page.xpath("//form[contains(@action, 'backups')]") == []
    visitor.get(HEALTH)
    page = visitor.post(f"{BACKUPS}/make", dict(visitor.page.html.forms[-1].form_values()), referer=HEALTH)
    assert "There is no room for a backup here." in page.text
    assert Run.objects.filter(name="backup").count() == 1


def test_a_backup_is_offered_where_there_is_room_and_only_there(tmp_path):
    platform = make_account(kind="platform")
    who = {"account": platform.account, "by": platform.owner, "at": datetime.now(UTC)}
    assert can_back_up(get_health(**who, environment={"REGULARS_DATA": str(tmp_path)}))
    assert not can_back_up(get_health(**who, environment={"REGULARS_DATA": str(tmp_path / "gone")}))
    assert not can_back_up(get_health(**who, environment={}))


def test_times_are_short():
    from regulars.panel.viewer import Viewer

    made = make_account()
    viewer = Viewer(made.account, made.owner, datetime.now(UTC))
    shown = [page_of._lasted(viewer, milliseconds) for milliseconds in (0, 449, 12_800, 599_999, 900_000)]
    assert shown == ["0 s", "0.4 s", "12 s", "599 s", "15 min"]
