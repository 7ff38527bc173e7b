# SPDX-License-Identifier: Apache-2.0
"""Cards that are printed before anybody has them: numbers in a row, and the nameless customers they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers.operations import enrol
from regulars.customers.queries import find_ids_by_numbers
from regulars.customers.rules import Profile, check_code
from regulars.errors import CardInUse, InvalidParameter

ISSUED_MAX = 500
"""Most cards issued together."""
_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})", re.ASCII | re.DOTALL)


def numbers_in_a_row(first: str, count: int) -> tuple[str, ...]:
    """
    Return so many numbers, one more each time, as long as the first: BL0009, BL0010.

    Raises: InvalidParameter("first") where it does not end with digits, or too few for so many; InvalidParameter("count").
    """
    if not 1 <= count <= ISSUED_MAX:
        raise InvalidParameter("count", f"a whole number from 1 to {ISSUED_MAX}")
    check_code(first, "first")
    match = _NUMBERED.fullmatch(first)
    if match is None:
        raise InvalidParameter("first", "it must end with digits")
    stem, digits = match[1], match[2]
    if int(digits) + count - 1 >= 10 ** len(digits):
        raise InvalidParameter("first", f"its {len(digits)} digits do not reach so far")
    return tuple(f"{stem}{int(digits) + number:0{len(digits)}d}" for number in range(count))


def issue_cards(
    *, account: AccountConfig, by: UserConfig, at: datetime, numbers: Sequence[str], is_check: bool = False
) -> None:
    """
    Make a customer without a name for each card, so that tills know it: whoever is given it registers, or is named later.

    ``is_check``: only see that nobody has one of the numbers, now or before. No mail, no campaign: the first sale joins.

    Writes: 1 customer for each number, all or none.
    Raises: CardInUse("first") naming a number that is somebody's; TrialLimitReached; InvalidParameter("count").
    """
    if len(numbers) > ISSUED_MAX:
        raise InvalidParameter("count", f"a whole number from 1 to {ISSUED_MAX}")
    by_code, by_card = find_ids_by_numbers(account=account, numbers=numbers)
    taken = [number for number in numbers if number in by_code or number in by_card]
    if taken:
        raise CardInUse(f"{taken[0]} is the number of a customer already", fields=("first",))
    if is_check:
        return
    for number in numbers:
        enrol(account=account, profile=Profile(card_number=number), by=by.id, at=at)
