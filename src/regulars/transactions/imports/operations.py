# SPDX-License-Identifier: Apache-2.0
"""
Bringing a file, saying what its columns are, importing its lines. Run inside the account's unit of work.

What is small is done at once; anything longer is left to the jobs (carrying.py), and the import's state says how far it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import InvalidParameter, LockTimeout, StaleConfiguration, TooLarge
from regulars.transactions.batches.queries import PERMISSIONS
from regulars.transactions.enrol import chosen_campaigns
from regulars.transactions.imports.carrying import step
from regulars.transactions.imports.parts import keep_raw
from regulars.transactions.imports.plans import Plan, checked_plan, plan_to
from regulars.transactions.imports.queries import get_import, get_sheet
from regulars.transactions.imports.tables import SEPARATORS
from regulars.transactions.models import KINDS, FileImport, ImportPart
from regulars.transactions.terms import usable_campaign
from regulars.users.access import require

FILE_BYTES_MAX = 32 * 1_048_576
AT_ONCE_BYTES = 131_072
"""A smaller file is read while whoever brought it waits: a tenth of a second."""
AT_ONCE_LINES = 250
"""So many lines are tried and imported while he waits."""


def bring_file(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    kind: str,
    chunks: Iterable[bytes],
    file_name: str = "",
    separator: str = "",
) -> int:
    """
    Keep a file (``kind``: customers or transactions) to be imported, and return the import's id.

    ``separator``: a name of tables.SEPARATORS, "" = to be found. ``file_name`` "" = the lines were pasted.

    Writes:  1 import, 1 part a chunk; of a small file its lines, 500 a part.
    Raises:  PermissionDenied; InvalidParameter for kind, separator; TooLarge("file") beyond 32 MiB.
    """
    if kind not in KINDS:
        raise InvalidParameter("kind", "one of " + ", ".join(KINDS))
    require(by, PERMISSIONS[kind])
    if separator and separator not in SEPARATORS:
        raise InvalidParameter("separator", "one of " + ", ".join(SEPARATORS))
    row = FileImport.objects.create(
        account_id=account.id, kind=kind, user_id=by.id, file_name=file_name[-120:], separator=separator, size_bytes=0,
        received_at=at,
    )  # fmt: skip
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            if size > FILE_BYTES_MAX:
                says = f"The file is too large: at most {FILE_BYTES_MAX // 1_048_576} MB are accepted."
                raise TooLarge(says, fields=("file",))
            yield chunk

    import_id: int = row.id
    keep_raw(account_id=account.id, import_id=import_id, chunks=counted())
    FileImport.objects.filter(account_id=account.id, id=import_id).update(size_bytes=size)
    if size <= AT_ONCE_BYTES:
        _go_on(account, import_id, at)
    return import_id


def plan_import(*, account: AccountConfig, by: UserConfig, at: datetime, import_id: int, plan: Plan) -> None:
    """
    Say what the columns of a file are and what is to be done with its lines, and try them: nothing stays of that.

    Raises:  ImportNotFound; InvalidParameter("file") while it is read or imported; Problems as checked_plan();
             CampaignsNotValid, CampaignNotFound.
    """
    found = get_import(account=account, by=by, import_id=import_id)
    if found.state not in ("read", "checking", "checked"):
        raise InvalidParameter("file", text="This file can not be changed any more.")
    sheet = get_sheet(account=account, by=by, import_id=import_id)
    plan = checked_plan(account, found.kind, sheet, plan)
    if found.kind == "customers":
        chosen_campaigns(account, by, plan.campaigns)
        plan = replace(plan, campaign="")
    elif plan.campaign:
        usable_campaign(account, by, plan.campaign)
    count = sheet.rows - plan.has_headings
    if count < 1:
        raise InvalidParameter("has_headings", text="There is no line below the headings.")
    FileImport.objects.filter(account_id=account.id, id=import_id).update(
        state="checking", plan=plan_to(plan), lines_count=count, lines_done=0, part_done=0, refused_lines=0, ignored_lines=0,
        customers=0, new_customers=0, transactions=0,
    )  # fmt: skip
    if count <= AT_ONCE_LINES:
        _go_on(account, import_id, at)


def begin_import(*, account: AccountConfig, by: UserConfig, at: datetime, import_id: int) -> None:
    """
    Import the lines of a file that was tried. Lines that are refused are kept with their reasons; the others take effect.

    Raises: ImportNotFound; InvalidParameter("file") unless it was tried.
    """
    found = get_import(account=account, by=by, import_id=import_id)
    changed = FileImport.objects.filter(account_id=account.id, id=import_id, state="checked").update(state="starting")
    if not changed:
        if found.state in ("starting", "importing", "imported"):
            return  # asked twice
        raise InvalidParameter("file", text="This file was not tried yet.")
    if found.lines_count <= AT_ONCE_LINES:
        _go_on(account, import_id, at)


def drop_import(*, account: AccountConfig, by: UserConfig, at: datetime, import_id: int) -> None:
    """
    Forget a file that was not imported.

    Raises: ImportNotFound; InvalidParameter("file") for one that was, or is being.
    """
    found = get_import(account=account, by=by, import_id=import_id)
    if found.batch_id is not None or found.state in ("starting", "importing"):
        raise InvalidParameter("file", text="This file was imported. Undo the import instead.")
    ImportPart.objects.filter(account_id=account.id, import_id=import_id).delete()
    FileImport.objects.filter(account_id=account.id, id=import_id).delete()


def forget_imports(*, account: AccountConfig, unfinished_before: datetime, refused_before: datetime) -> None:
    """Forget files that were never imported, and the refused lines of those that were, received before these times."""
    unfinished = FileImport.objects.filter(account_id=account.id, batch_id__isnull=True, received_at__lt=unfinished_before)
    gone = list(unfinished.exclude(state="starting").values_list("id", flat=True))
    ImportPart.objects.filter(account_id=account.id, import_id__in=gone).delete()
    FileImport.objects.filter(account_id=account.id, id__in=gone).delete()
    old = FileImport.objects.filter(account_id=account.id, state="imported", received_at__lt=refused_before)
    ImportPart.objects.filter(account_id=account.id, import_id__in=list(old.values_list("id", flat=True))).delete()


def _go_on(account: AccountConfig, import_id: int, at: datetime) -> None:
    """Do what is small here and now; where something is in the way, it is left to the jobs."""
    try:
        with transaction.atomic():
            while step(account=account, import_id=import_id, at=at, is_whole=True):
                pass
    except (StaleConfiguration, LockTimeout):
        pass
