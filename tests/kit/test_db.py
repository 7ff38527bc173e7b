# SPDX-License-Identifier: Apache-2.0
"""The unit of work's scope."""

from __future__ import annotations

from django.db import connection

from regulars.kit.db import unit_of_work


def scope() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('regulars.account_id', true)")
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def test_inner_unit_of_work_gives_the_outer_its_scope_back() -> None:
    with unit_of_work(1):
        with unit_of_work(2):
            assert scope() == "2"
        assert scope() == "1"
    assert scope() == ""


def test_failed_inner_unit_of_work_gives_the_outer_its_scope_back() -> None:
    with unit_of_work(1):
        try:
            with unit_of_work(2):
                raise LookupError
        except LookupError:
            pass
        assert scope() == "1"
