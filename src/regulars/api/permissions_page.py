# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/permissions.md from the matrix and the registry: ``python -m regulars.api.permissions_page``."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "permissions.md"

READINGS = {
    "A": "Everything.",
    "M": "Everything in the allowed campaigns, with reports and custom fields. No billing: not the account's data, trial or"
    " long account_info. Adds and edits users below himself, deletes none.",
    "N": "As Manager, but no users at all; cannot create or delete campaigns.",
    "L": "As Manager; sees and edits only users who share one of his campaigns.",
    "S": "Rewards and promotions; all of customers' data, cards and visits. Items only to look at; no deleting or importing of"
    " customers.",
    "D": "Creates, edits, suspends and re-activates campaigns (not deletes) with all that is in them; runs reports. Nothing"
    " else: not even his own data.",
    "C": "Reports with their files, the billing (taking the account out of trial), campaign settings to look at. No users, no"
    " customers.",
    "O": "Looks at users (never at their keys), customers (not their history), rewards, promotions and items.",
    "K": "Creates and edits customers, but does not change an assigned card number; records and redeems, does not delete; sees"
    " history, which Temp II, who may less, is given.",
    "H": "As Clerk, cannot edit customers.",
    "P": "Creates customers and records. To record he looks customers up; he sees no history.",
    "Q": "As Temp, and sees history.",
    "F": "Redeems only. To redeem he looks customers, rewards and items up.",
    "G": "As Manager without adding campaigns or users, deleting or importing customers.",
    "I": "As Agency Client, and deletes and imports customers.",
}
"""How the prose beside each role letter is read."""

HEAD = """# Permissions

Written by `python -m regulars.api.permissions_page` from `src/regulars/users/access.py`; do not edit.

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

    rows = [f"| {letter} | {name} | {READINGS[letter]} |" for letter, name in ROLES.items()]
    calls = _calls_by_permission()
    columns = " | ".join(ROLES)
    table = [f"| permission | {columns} | calls |", "| --- |" + " :-: |" * len(ROLES) + " --- |"]
    for name in (*PERMISSIONS, *OWN_PERMISSIONS):
        shown = f"`{name}`" + (" \\*" if name in OWN_PERMISSIONS else "")
        marks = " | ".join("x" if name in MATRIX[letter] else " " for letter in ROLES)
        table.append(f"| {shown} | {marks} | {', '.join(calls[name])} |")
    everyone = ", ".join(calls[""])
    return (
        HEAD
        + "\n".join(rows)
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
