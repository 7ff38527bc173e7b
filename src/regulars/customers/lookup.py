# SPDX-License-Identifier: Apache-2.0
"""One field for everything a customer can be found by: what a clerk types or a scanner reads."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig
from regulars.customers.queries import find_customer_id
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import TEXT_MAX, words_of
from regulars.customers.search import list_customers, wanted_words
from regulars.errors import InvalidParameter
from regulars.kit.listing import Page

SOUGHT_LENGTH_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is meant: one customer (``customer_id``), or a page of those it may be; both empty = nobody."""

    customer_id: int | None
    page: Page[CustomerRow] | None


def look_for_customer(*, account: AccountConfig, text: str, length: int) -> Sought:
    """
    Return the one customer whose code, card, e-mail address or phone number the text is; else those whose data hold its words,
    as customer_find; who is alone there is the one.

    Queries: 1 to 4. Raises: InvalidParameter("text") for no words, too many, or too long a text.
    """
    text = text.strip()
    if len(text) > SOUGHT_LENGTH_MAX:
        raise InvalidParameter("text", f"at most {SOUGHT_LENGTH_MAX} characters")
    groups = words_of(text, "text")
    if len(text) <= TEXT_MAX["email"] and text.isprintable():
        found = find_customer_id(account=account, code=text) or find_customer_id(account=account, card_number=text)
        if found is not None:
            return Sought(found, None)
    page = list_customers(account=account, wanted=wanted_words(groups), length=length)
    if page.total == 1 and page.rows:
        return Sought(page.rows[0].id, None)
    return Sought(None, page)
