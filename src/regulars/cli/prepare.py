# SPDX-License-Identifier: Apache-2.0
"""
What has to be true of the database before it is served: ``python -m regulars.cli.prepare``, run by ``regulars serve``.

A process of its own, so that the supervisor stays small. Prints one JSON document: what the supervisor wants to know.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from regulars.errors import Refused
from regulars.kit.processes import die_with_parent, end_with_parent


class SecretKeyDoesNotFit(Refused):
    code = "secret_key_does_not_fit"
    text = (
        "The secret key here is not the one that sealed this database's Security Tokens. Put back the secret.key that belongs "
        "to it (it is in every backup), or name it by REGULARS_SECRET_KEY_FILE."
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    ``demo``: the demo accounts as the ready file describes them, empty without --demo. ``setup_code``: by which the first
    account is set up, "" where somebody can sign in already.
    """

    has_demo_accounts: bool
    key_fits: bool
    demo: list[dict[str, Any]]
    setup_code: str


def prepare(
    environment: Mapping[str, str], *, demo: bool, python: str = sys.executable, meanwhile: Callable[[], None] = lambda: None
) -> Prepared:
    """
    Migrate, make the demo business if asked, and look at what is there; in a process of its own. ``meanwhile``: is called a
    few times a second; where it raises, the process is stopped. Raises OSError, PreparationFailed, what ``meanwhile`` raises.
    """
    command = [python, "-m", "regulars.cli.prepare", *(["--demo"] if demo else [])]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=told,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 (it calls the C library only)
        )
        try:
            while True:
                meanwhile()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
                    break
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.returncode != 0:
            raise PreparationFailed(f"The database could not be prepared (exit code {process.returncode}); see above.")
        told.seek(0)
        said = json.load(told)  # a newer release may say more
        return Prepared(**{each.name: said[each.name] for each in fields(Prepared)})


class PreparationFailed(RuntimeError):
    """Migrations or the demo business failed; the process has told why."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    given = parser.parse_args()
    end_with_parent()
    from regulars.cli.database import migrate
    from regulars.cli.demo import make_demo_in_application_role
    from regulars.cli.installation import configure_django
    from regulars.cli.progress import say

    url, key = os.environ["DATABASE_URL"], os.environ["REGULARS_SECRET_KEY"]
    configure_django(url, key, as_owner=True)
    migrate()
    fits, demo = secret_key_fits(), []
    if given.demo and fits:
        demo = make_demo_in_application_role(say)
    found = {"has_demo_accounts": _has_demo_accounts(), "key_fits": fits, "demo": demo, "setup_code": _setup_code()}
    json.dump(found, sys.stdout)
    return 0


def _setup_code() -> str:
    from regulars.users.setup_code import has_users, issue_setup_code

    return "" if has_users() else issue_setup_code(at=datetime.now(UTC))


def _has_demo_accounts() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_accounts WHERE is_demo)")
        return bool(cursor.fetchone()[0])


def secret_key_fits() -> bool:
    """Whether the secret key opens this database's tokens (true where there are none yet). Connected as the owner."""
    from regulars.kit.secret import SecretUnreadable, decrypt
    from regulars.users.models import User
    from regulars.users.queries import secret_owner

    user = User.objects.filter(deleted_at__isnull=True).order_by("account_id", "id").first()
    if user is None:
        return True
    try:
        decrypt(bytes(user.token_encrypted), owner=secret_owner(user.account_id, user.id, "token"))
    except SecretUnreadable:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
