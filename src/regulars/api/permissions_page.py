# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/permissions.md from the matrix and the registry: ``python -m regulars.api.permissions_page``."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "permissions.md"

HEAD = """# Permissions

Written by `python -m regulars.api.permissions_page` from `src/regulars/users/access.py` and `readings.py`; do not edit.

A user has one role. The owner of the account may do everything whatever his letter. Besides, a user sees and changes only the
campaigns he is allowed; Administrators and the owner have all. `user_info` shows a user's permissions under the names below.

Nobody gives a role that may do more than his own, nor campaigns that he may not enter; nobody changes a user, or sees the
Security Token or PIN of one, who may do more than himself. The owner is changed by himself alone.

## Roles

| letter | role | what that means |
| --- | --- | --- |
"""


def permissions_page() -> str:
    """Return the page as Markdown."""
    # Imported here, for Django must be set up before the calls can be.
    from regulars.users.access import MATRIX, OWN_PERMISSIONS, PERMISSIONS, ROLES
    from regulars.users.readings import ABILITIES, READINGS

    rows = [f"| {letter} | {name} | {READINGS[letter]} |" for letter, name in ROLES.items()]
    calls = _calls_by_permission()
    columns = " | ".join(ROLES)
    table = [f"| permission | {columns} | calls |", "| --- |" + " :-: |" * len(ROLES) + " --- |"]
    for name in (*PERMISSIONS, *OWN_PERMISSIONS):
        shown = f"`{name}`" + (" \\*" if name in OWN_PERMISSIONS else "")
        marks = " | ".join("x" if name in MATRIX[letter] else " " for letter in ROLES)
        table.append(f"| {shown} | {marks} | {', '.join(calls[name])} |")
    everyone = ", ".join(calls[""])
    able = [f"| {sentence} | {', '.join(f'`{name}`' for name in sorted(names))} |" for sentence, names in ABILITIES]
    return (
        HEAD
        + "\n".join(rows)
        + "\n\n## In words\n\nThe Control Panel says it so where a role is chosen; it takes all the permissions of a line.\n\n"
        + "| sentence | permissions |\n| --- | --- |\n"
        + "\n".join(able)
        + "\n\n## Matrix\n\n"
        + "\n".join(table)
        + "\n\n\\* Ours: not among the published names, so not shown by `user_info`.\n\n"
        + f"Calls that every user may make: {everyone}.\n"
    )


def _calls_by_permission() -> dict[str, list[str]]:
    result: dict[str, list[str]] = defaultdict(list)
    for name, permission in sorted(_gates()):
        result[permission].append(f"`{name}`")
    return result


def _gates() -> Iterator[tuple[str, str]]:
    from regulars.api.call import Call
    from regulars.api.registry import CALLS

    for name, entry in CALLS.items():
        if isinstance(entry, Call):
            yield name, entry.permission or ""
        else:
            for selected, call in entry.calls.items():
                yield f"{name} {selected}", call.permission or ""


def main() -> None:
    """Write the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
    import django

    django.setup()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(permissions_page(), "utf-8")


if __name__ == "__main__":
    main()
