# SPDX-License-Identifier: Apache-2.0
"""Says to the unit of work who acts in it, so that what changes is noted under his name."""

from __future__ import annotations

from django.db import connection

from regulars.accounts.directory import UserConfig


def act_as(user: UserConfig) -> None:
    """
    Note what the rest of this unit of work changes as done by ``user``; it ends with the unit. Queries: 1.

    From which face is known of the process (kit/settings.py FACE).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('regulars.user_id', %s, true), set_config('regulars.user_code', %s, true)",
            [str(user.id), user.code],
        )
