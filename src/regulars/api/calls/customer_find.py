# SPDX-License-Identifier: Apache-2.0
"""customer_find: customers by words that stand anywhere in their data (api.md 7, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig
from regulars.api.call import Call, Context
from regulars.api.calls.customers_found import LENGTH_NOTE, found_answer, whole_answer
from regulars.customers.rules import words_of
from regulars.customers.search import OFFSET_MAX, PAGE_LENGTH_MAX, list_customers, wanted_words
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import flag, integer
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element

TEXT_MAX = 1_000


def _words() -> Kind[list[list[str]]]:
    def parse(name: str, raw: str, _: AccountConfig) -> list[list[str]]:
        if len(raw) > TEXT_MAX:
            raise InvalidParameter(name, f"at most {TEXT_MAX} characters")
        return words_of(raw, name)

    return Kind(parse, "words: a blank is AND, a comma is OR, AND binds first")


@dataclass(frozen=True, slots=True)
class Params:
    find_customer: list[list[str]] = param(_words(), required=True, note="Amy Acker, 1234 Main St")
    include_balances: bool = param(flag(), default=False, note="Y: the campaigns of each customer too")
    offset: int | None = param(integer(0, OFFSET_MAX), note="extension: how many to skip")
    length: int | None = param(integer(1, PAGE_LENGTH_MAX), note=LENGTH_NOTE)


def handle(ctx: Context, params: Params) -> Element:
    """Answer as customer_search does: those whose data hold the words, also in part, in any case."""
    wanted = wanted_words(params.find_customer)
    if params.offset is None and params.length is None:
        return whole_answer(ctx, wanted, with_balances=params.include_balances)
    page = list_customers(
        account=ctx.account, wanted=wanted, offset=params.offset or 0, length=params.length or PAGE_LENGTH_MAX
    )
    return found_answer(ctx, page, with_balances=params.include_balances, was_paged=True)


CALL = Call(
    type="customer_find",
    handle=handle,
    params=Params,
    permission="view_customer_search",
    rows="steps",
    summary="Customer - Find",
    errors=("no_customer_matches",),
    aliases=("find_customer",),
    source="api.md 7",
)
