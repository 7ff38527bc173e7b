# SPDX-License-Identifier: Apache-2.0
"""What goes out is what was meant, what comes in is read exactly, and nothing of either is a float."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.dates import read_date_time
from regulars.accounts.numbers import read_decimal
from regulars.client.answer import Answer, Record, Sent, Text
from regulars.client.wire import family, field_text, form
from regulars.protocol.form import read_form


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""), ("a b", "a b"), (True, "Y"), (False, "N"), (7, "7"), (Decimal("9.95"), "9.95"), (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"), (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 6), "2026-01-02 03:04:05"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04:00+00:00"), ([1, "b"], "1,b"), ((), ""), ({"a"}, "a"),
    ],
)  # fmt: skip
def test_values_as_the_api_reads_them(value, text: str) -> None:
    assert field_text("x", value) == text


@pytest.mark.parametrize("value", [9.95, [9.95], [True], b"x", {"a": "b"}, object(), [date(2026, 1, 2)]])
def test_what_is_inexact_or_has_no_form_is_refused_by_name(value) -> None:
    with pytest.raises(TypeError, match=r"^amount: "):
        form({"amount": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), ["a,b"]])
def test_what_would_be_read_as_something_else_is_refused_by_name(value) -> None:
    with pytest.raises(ValueError, match=r"^amount: "):
        form({"amount": value})


def test_none_is_not_sent_and_an_empty_text_is() -> None:
    assert form({"a": None, "b": "", "c": "\u00e9&="}) == b"b=&c=%C3%A9%26%3D"
    assert family("custom_field_", {2: "Tea", 3: ""}, "_label") == {"custom_field_2_label": "Tea", "custom_field_3_label": ""}
    assert family("x_", None) == {}


@given(st.dictionaries(st.from_regex("[a-z_]{1,20}", fullmatch=True), st.text(st.characters(codec="utf-8")), max_size=8))
def test_the_server_reads_the_form_that_was_written(fields: dict[str, str]) -> None:
    body = form(fields)
    assert dict(parse_qsl(body.decode(), keep_blank_values=True)) == fields
    assert read_form(b"", "application/x-www-form-urlencoded", body).fields.keys() == fields.keys()


@given(st.decimals(-(10**9), 10**9, places=2), st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1)), st.integers(-14, 14))
def test_the_server_reads_amounts_and_instants_exactly(amount: Decimal, moment: datetime, hours: int) -> None:
    if amount or not amount.is_signed():
        assert read_decimal("x", field_text("x", amount), 2) == amount * 100
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert read_date_time("x", field_text("x", moment), UTC) == moment


# -- answers -----------------------------------------------------------------------------------------------------------
ANSWER = Answer(
    {
        "status": "success",
        "campaigns": [{"id": "1", "name": "Club"}, {"id": "2", "name": "Card"}],
        "ids": [{"xml_value_to_show": "a"}, {"xml_value_to_show": "b"}],
        "campaign": {"balance": "12.50", "none": []},
    },
    Sent("r-1", "k-1", 2),
)


def test_members_are_attributes_and_items() -> None:
    assert ANSWER.campaign.balance == "12.50" == ANSWER["campaign"]["balance"]
    assert [campaign.name for campaign in ANSWER.campaigns] == ["Club", "Card"]
    assert ANSWER.ids == ("a", "b")
    assert [one.balance for one in ANSWER.rows("campaign")] == ["12.50"]
    assert ANSWER.rows("campaigns") == ANSWER.campaigns
    assert ANSWER.rows("fees") == ANSWER.campaign.none == ()
    assert list(ANSWER) == ["status", "campaigns", "ids", "campaign"]
    assert (ANSWER.get("x"), len(ANSWER.campaign), ANSWER.sent.attempts) == (None, 2, 2)
    assert "12.50" in repr(ANSWER)


def test_what_is_not_there_says_what_is() -> None:
    with pytest.raises(AttributeError, match="no points; it has balance, none"):
        _ = ANSWER.campaign.points
    with pytest.raises(KeyError, match="it has nothing"):
        _ = Record({})["points"]


def test_an_answer_does_not_change() -> None:
    with pytest.raises(AttributeError):
        ANSWER.status = "x"
    with pytest.raises(AttributeError):
        del ANSWER.status
    taken = ANSWER.as_json()
    taken["campaign"]["balance"] = "0"
    assert ANSWER.campaign.balance == "12.50"
    for same in (copy.copy(ANSWER), copy.deepcopy(ANSWER), pickle.loads(pickle.dumps(ANSWER))):
        assert (same, same.sent) == (ANSWER, ANSWER.sent)
    assert pickle.loads(pickle.dumps(ANSWER.campaign)) == ANSWER.campaign
    assert ANSWER.campaign != {"balance": "1"}


def test_texts_are_read_exactly() -> None:
    assert Text("-1,427").as_int() == -1427
    assert str(Text("12.50").as_decimal()) == "12.50"
    assert Text("1,234,567.8").as_decimal() == Decimal("1234567.8")
    assert Text("2026-01-02 03:04:05").as_date() == date(2026, 1, 2)
    assert Text("2026-01-02 03:04:05").as_datetime() == datetime(2026, 1, 2, 3, 4, 5)
    assert Text("0000-00-00").as_date() is Text("").as_datetime() is None
    assert [Text(word).as_bool() for word in ("Y", "Yes", "true", "N", "No", "")] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("9.5", "as_int"), ("1_000", "as_int"), ("1,00", "as_int"), ("\u0661", "as_int"), ("", "as_int"), ("NaN", "as_decimal"),
        ("1e3", "as_decimal"), ("1.", "as_decimal"), ("2026-02-30", "as_date"), ("2026-00-00", "as_date"), ("x", "as_bool"),
    ],
)  # fmt: skip
def test_what_is_no_such_value_is_a_value_error(text: str, reading: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        getattr(Text(text), reading)()
