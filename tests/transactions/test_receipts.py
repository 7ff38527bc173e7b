# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.units import currency
from regulars.ledger.books import CustomerRow, Posted
from regulars.transactions.receipts import Frame, amount_text, frame_again, printable, receipt_of

CUSTOMER = CustomerRow(
    1, "c1", "777", "Ann", "Lee", "", "", "", "", "", "", "", "", "", "", False, {}, datetime(2026, 1, 1, tzinfo=UTC)
)  # fmt: skip
# What PostgreSQL's jsonb can hold: any text but NUL and lone surrogates.
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)
numbers = st.integers(1, 10**15)

frames = st.builds(
    Frame,
    account_name=texts,
    agency=st.none() | st.tuples(numbers, texts, texts),
    campaign_number=st.from_regex(r"[0-9]{16}", fullmatch=True),
    campaign_name=texts,
    kind=st.sampled_from(["points", "giftcard", "events", "earned", "buyx"]),
    currency=st.sampled_from(["USD", "RWF", "BHD", "EUR"]).map(currency),
    is_redemption=st.booleans(),
    in_coalition=st.booleans(),
    occurred_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    timezone=st.sampled_from(["UTC", "Africa/Kigali", "America/New_York"]),
    description=texts,
    purchase_minor=st.none() | st.integers(0, 10**14),
    promotion=st.none() | st.tuples(numbers, texts),
    reward=st.none() | st.tuples(numbers, texts, texts),
    item=st.none() | st.tuples(numbers, texts, texts),
    item_level=st.integers(1, 1000),
    master_number=st.sampled_from(["", "1234567890123456"]),
    field_labels=st.lists(st.tuples(st.integers(1, 999), texts), max_size=3).map(tuple),
)


def posted(*, amount: int = 5, balance: int = 5, is_replay: bool = False, context: dict[str, object] | None = None) -> Posted:
    return Posted(7, amount, balance, balance, balance, None, None, is_replay, None, context, CUSTOMER)


@given(frames)
def test_a_stored_frame_comes_back_as_it_was(frame: Frame) -> None:
    assert frame_again(json.loads(frame.stored())) == frame


@given(frames, frames)
def test_a_replay_is_written_from_the_first_frame(first: Frame, now: Frame) -> None:
    again = receipt_of(now, posted(is_replay=True, context=json.loads(first.stored())))
    assert again.frame == first
    assert receipt_of(now, posted()).frame == now


@given(frames, st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_a_printed_receipt_says_what_changed_and_what_is_left(frame: Frame, amount: int, balance: int) -> None:
    lines = printable(receipt_of(frame, posted(amount=amount, balance=balance))).split("\n")
    assert any(line.endswith(amount_text(frame, amount)) for line in lines)
    assert any(line.startswith("Balance") and line.endswith(amount_text(frame, balance)) for line in lines)


def test_a_dry_run_prints_no_transaction_number() -> None:
    at = datetime(2026, 1, 1, 17, tzinfo=UTC)
    frame = Frame("Shop", None, "1" * 16, "Beans", "points", currency("USD"), False, False, at, "America/New_York", "Beans")
    assert "2026-01-01 12:00:00" in printable(receipt_of(frame, posted()))
    assert "Transaction" in printable(receipt_of(frame, posted()))
    assert "Transaction" not in printable(receipt_of(frame, posted(), is_dry_run=True))
