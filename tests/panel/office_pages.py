# SPDX-License-Identifier: Apache-2.0
"""The addresses of what an account sets up (panel/account_urls.py), for pages.py: what each Row is made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # models can not be imported before pytest_configure
    from tests.panel.pages import Cast, Ids

_MADE: dict[int, dict[str, int]] = {}
"""By account: what was made for its addresses, by the name of the argument."""


def bring(cast: Cast) -> int:
    """Bring a file of one transaction as the owner."""
    from datetime import UTC, datetime

    from regulars.kit.db import unit_of_work
    from regulars.transactions.imports.operations import bring_file

    lines = f"code,amount\n{cast.customer.code},5\n".encode()
    with unit_of_work(cast.made.id):
        return bring_file(
            account=cast.made.fresh(), by=cast.made.owner, at=datetime.now(UTC), kind="transactions", chunks=[lines]
        )


def batch_of(cast: Cast) -> int:
    """Import a file of one transaction."""
    from datetime import UTC, datetime

    from regulars.kit.db import unit_of_work
    from regulars.transactions.imports.operations import begin_import, plan_import
    from regulars.transactions.imports.plans import Plan
    from regulars.transactions.imports.queries import get_import

    import_id = bring(cast)
    with unit_of_work(cast.made.id):
        who = {"account": cast.made.fresh(), "by": cast.made.owner}
        plan = Plan(targets=("code", "amount"), campaign=cast.campaign.number)
        plan_import(**who, at=datetime.now(UTC), import_id=import_id, plan=plan)
        begin_import(**who, at=datetime.now(UTC), import_id=import_id)
        batch_id = get_import(**who, import_id=import_id).batch_id
    assert batch_id
    return batch_id


def kept(name: str, make: Callable[[Cast], int]) -> Ids:
    """Ids of something that is made once for each cast, and stays."""

    def ids(cast: Cast) -> dict[str, Any]:
        own = _MADE.setdefault(cast.made.id, {})
        if name not in own:
            own[name] = make(cast)
        return {name: own[name]}

    return ids


def logged(cast: Cast) -> int:
    from regulars.kit.db import unit_of_work
    from regulars.request_log.models import LoggedRequest
    from tests.factories import NOW, make_logged_request

    make_logged_request(cast.made, at=NOW + timedelta(seconds=cast.made.id))  # its number is its time
    with unit_of_work(cast.made.id):
        return LoggedRequest.objects.filter(account_id=cast.made.id).values_list("id", flat=True)[0]


FILE, BATCH = kept("import_id", bring), kept("batch_id", batch_of)


def own_field(cast: Cast) -> dict[str, Any]:
    """A field of a number that the other account has not."""
    from regulars.accounts.models import Field
    from regulars.kit.db import unit_of_work
    from tests.factories import make_field

    number = 2 + cast.made.id % 900
    with unit_of_work(cast.made.id):
        is_there = Field.objects.filter(account_id=cast.made.id, number=number).exists()
    if not is_there:
        make_field(cast.made, label="Table", number=number)
    return {"of": "customers", "name": f"custom_field_{number}"}


OFFICE: dict[str, dict[str, Any]] = {
    "account": {},
    "account_localisation": {},
    "account_limits": {},
    "account_services": {},
    "activate_account": {"method": "POST", "status": (302,)},
    "fields": {},
    "fields_of": {"ids": lambda _: {"of": "rewards"}, "is_nobodys": True},
    "add_field": {"ids": lambda _: {"of": "customers"}, "is_nobodys": True},
    "edit_field": {"ids": own_field},
    "delete_field": {"ids": own_field},
    "api": {},
    "logged_request": {"ids": kept("entry_id", logged)},
    "imports": {},
    "import_file": {"ids": FILE},
    "begin_import": {"method": "POST", "ids": FILE, "status": (302,)},
    "drop_import": {"method": "POST", "ids": lambda cast: {"import_id": bring(cast)}, "status": (302,)},
    "refused_of_file": {"ids": FILE, "is_page": False},
    "import_batch": {"ids": BATCH},
    "undo_import": {"ids": BATCH},
    "refused_of_batch": {"ids": BATCH, "is_page": False},
}
