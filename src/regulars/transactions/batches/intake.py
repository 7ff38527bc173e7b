# SPDX-License-Identifier: Apache-2.0
"""Takes a batch in: its lines are staged (COPY) and from then on belong to it, whoever carries them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import MissingParameter, TooLarge
from regulars.kit.secret import encrypt
from regulars.transactions.batches.options import CustomerImport, Import, has_secrets, kind_of, to_json
from regulars.transactions.enrol import chosen_campaigns
from regulars.transactions.models import Batch

LINES_MAX = 100_000
ANSWERED_LINES_MAX = 10_000
"""Up to so many lines are done before the caller is answered; longer batches are handed over to the jobs."""


def receive(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    importing: Import,
    lines: Iterable[tuple[int, str]],
    parameter: str,
    allows_undo: bool,
    is_whole: bool = False,
    is_left_to_jobs: bool = False,
) -> int:
    """
    Stage the lines of a batch, (number, text) in their order, and return its id.

    ``is_whole``: it is carried out in this unit of work. ``is_left_to_jobs``: nobody but the jobs will carry it out.

    Writes:  1 batch, 1 row for each line that is not blank.
    Raises:  MissingParameter(``parameter``) where there is no line; TooLarge beyond 100,000 lines, beyond 10,000 where it is
             whole; CampaignsNotValid.
    """
    campaign_ids: list[int] = []
    if isinstance(importing, CustomerImport):
        campaign_ids = [campaign.id for campaign in chosen_campaigns(account, by, importing.campaigns)]
    lines_max = ANSWERED_LINES_MAX if is_whole else LINES_MAX
    batch = Batch.objects.create(
        account_id=account.id,
        kind=kind_of(importing),
        user_id=by.id,
        options=to_json(importing),
        campaign_ids=campaign_ids,
        allows_undo=allows_undo,
        lines_count=0,
        received_at=at,
    )
    batch_id: int = batch.id
    count = 0

    def rows() -> Iterator[tuple[int, str]]:
        nonlocal count
        for line, content in lines:
            count += 1
            if count > lines_max:
                raise TooLarge(f"The batch is too large: at most {lines_max} lines are accepted.", fields=(parameter,))
            yield line, seal(content, account.id, batch_id) if has_secrets(importing) else content

    with connection.cursor() as cursor:
        # Row-level security takes no COPY: it goes into a table of this session, and from there at once.
        cursor.execute("CREATE TEMPORARY TABLE transactions_staged (line int, content text) ON COMMIT DROP")
        with cursor.copy("COPY transactions_staged (line, content) FROM STDIN") as copy:
            for row in rows():
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO transactions_batch_lines (account_id, batch_id, line, content, is_new, entry_ids)"
            " SELECT %s, %s, line, content, false, '[]' FROM transactions_staged",
            [account.id, batch_id],
        )
        cursor.execute("DROP TABLE transactions_staged")
    if not count:
        raise MissingParameter(parameter, "No data was given")
    Batch.objects.filter(account_id=account.id, id=batch_id).update(
        lines_count=count, is_handed_over=is_left_to_jobs or count > ANSWERED_LINES_MAX
    )
    return batch_id


def seal(content: str, account_id: int, batch_id: int) -> str:
    """Return a line that holds secrets as it may lie in the database."""
    return encrypt(content.encode(), owner=seal_owner(account_id, batch_id)).hex()


def seal_owner(account_id: int, batch_id: int) -> str:
    """Return whose secrets the lines of a batch are."""
    return f"batch:{account_id}:{batch_id}"
