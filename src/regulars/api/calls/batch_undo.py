# SPDX-License-Identifier: Apache-2.0
"""batch_undo: take back what a batch did; our extension (api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.batch_element import ERRORS_MAX, answer_when_undone, pointer, undone_element
from regulars.protocol.kinds import small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success
from regulars.transactions.batches.carrying import undo_whole
from regulars.transactions.batches.queries import list_line_errors
from regulars.transactions.batches.undo import begin_undo


@dataclass(frozen=True, slots=True)
class Params:
    batch_id: int = param(small_id(), required=True, note="as the batch's answer gave it")


def handle(ctx: Context, params: Params) -> Element:
    """
    Take a batch back where undo was allowed: value by reversals, from the last line to the first; customers whom it changed
    are written as they were, those whom it made are removed, unless more has happened to them since. What stays is named by
    its line. Undoing once more gives the same answer.
    """
    begin_undo(account=ctx.account, by=ctx.user, at=ctx.at, batch_id=params.batch_id)
    if ctx.dry_run:
        progress = undo_whole(account=ctx.account, by=ctx.user, batch_id=params.batch_id, at=ctx.at)
        errors = list_line_errors(account=ctx.account, batch_id=progress.id, of_undo=True, limit=ERRORS_MAX)
        return success(undone_element(progress, errors))
    return pointer(params.batch_id)


CALL = Call(
    type="batch_undo",
    handle=handle,
    params=Params,
    permission="import_transactions",
    summary="Undo a Batch",
    errors=(
        "batch_not_found",
        "batch_under_way",
        "undo_not_allowed",
        "already_reversed",
        "transaction_not_found",
        "customer_not_found",
        "used_since",
        "card_in_use",
        "username_taken",
        "not_unique",
    ),
    writes=True,
    follow_up=answer_when_undone,
    is_long=True,
    source="api.md 13",
)
