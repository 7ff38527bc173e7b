# SPDX-License-Identifier: Apache-2.0
"""batch_info: how far a batch is, and which of its lines were refused; our extension (api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.batch_element import errors_element
from regulars.api.calls.standing_element import stamp_text
from regulars.protocol.kinds import integer, small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.batches.queries import get_batch, list_line_errors
from regulars.users.guests import find_user_who_acts

LENGTH_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Params:
    batch_id: int = param(small_id(), required=True, note="as the batch's answer gave it")
    offset: int = param(integer(0, 100_000), default=0, note="how many refused lines to pass over")
    length: int = param(integer(1, LENGTH_MAX), default=LENGTH_MAX, note="how many refused lines to show")


def handle(ctx: Context, params: Params) -> Element:
    """Answer with the state of a batch; while it runs, ``lines_done`` of ``lines`` says how far it is."""
    progress = get_batch(account=ctx.account, by=ctx.user, batch_id=params.batch_id)
    of_undo = progress.state in ("undoing", "undone")
    errors = list_line_errors(
        account=ctx.account, batch_id=progress.id, of_undo=of_undo, offset=params.offset, limit=params.length
    )
    user = find_user_who_acts(account=ctx.account, user_id=progress.user_id)
    stamps = (("received", progress.received_at), ("finished", progress.finished_at), ("undone", progress.undone_at))
    undone = (
        leaf("undo_lines_done", progress.undo_lines_done),
        leaf("undo_lines_refused", progress.undo_refused_lines),
        leaf("customers_undone", progress.customers_undone),
        leaf("transactions_undone", progress.transactions_undone),
    )
    return success(
        record(
            "batch",
            leaf("batch_id", progress.id),
            leaf("kind", progress.kind),
            leaf("user_name", user.code if user else ""),
            leaf("undo", "Y" if progress.allows_undo else "N"),
            leaf("new_customers", progress.new_customers),
            leaf("customers", progress.customers),
            leaf("transactions", progress.transactions),
            leaf("lines", progress.lines_count),
            leaf("lines_done", progress.lines_done),
            leaf("lines_ignored", progress.ignored_lines),
            leaf("lines_refused", progress.refused_lines),
            *(undone if of_undo else ()),
            *(leaf(name, stamp_text(ctx.account, at)) for name, at in stamps if at is not None),
            errors_element(errors),
            status=progress.state,
        )
    )


CALL = Call(
    type="batch_info",
    handle=handle,
    params=Params,
    permission="import_transactions",
    summary="State of a Batch",
    errors=("batch_not_found",),
    source="api.md 13",
)
