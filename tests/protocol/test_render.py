# SPDX-License-Identifier: Apache-2.0
"""One tree, three formats that never disagree (I14; api.md 13 "Envelope")."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from regulars.errors import (
    BadCredentials,
    CustomerNotFound,
    InsufficientBalance,
    InvalidParameter,
    InvariantViolation,
    MalformedRequest,
    MissingParameter,
    Overloaded,
    Problems,
    RateLimited,
    TooLarge,
)
from regulars.protocol.render import (
    Envelope,
    json_value,
    read_envelope,
    retry_after_seconds,
    status_of,
    write_answer,
    write_error,
    write_xml,
)
from regulars.protocol.stored import from_stored, to_stored
from regulars.protocol.tree import Element, filled, items, leaf, record, success
from tests.client import shown_by_both

JSON = Envelope("JSON")


def test_xml_has_a_declaration_and_no_indentation() -> None:
    root = success(record("customer", leaf("code", "1"), filled("card_number", ""), leaf("email", ""), status="new"))
    assert write_xml(root) == (
        b'<?xml version="1.0" encoding="UTF-8"?><response status="success">'
        b'<customer status="new"><code>1</code><email></email></customer></response>'
    )


def test_json_is_indented_by_two_spaces_or_stands_on_one_line() -> None:
    root = success(leaf("a", 1))
    assert write_answer(root, JSON) == b'{\n  "status": "success",\n  "a": "1"\n}'
    assert write_answer(root, Envelope("JSON", is_condensed=True)) == b'{"status":"success","a":"1"}'
    assert write_answer(root, Envelope("JSON", "App.cb", True)) == b'App.cb({"status":"success","a":"1"});'


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        (success(text="Success"), {"status": "success", "xml_value_to_show": "Success"}),
        (success(), {"status": "success"}),
        (items("campaigns", []), []),
        (items("campaign_ids", [leaf("id", "1"), leaf("id", "")]), [{"xml_value_to_show": "1"}, {"xml_value_to_show": ""}]),
        (items("campaigns", [record("campaign", leaf("id", 1))]), [{"id": "1"}]),
        (record("customer", leaf("code", "1"), status="deleted"), {"status": "deleted", "code": "1"}),
        (Element("e", text="t", attributes={"line": "1"}), {"line": "1", "xml_value_to_show": "t"}),
        (record("r", leaf("t", 1), leaf("t", 2), leaf("t", 3)), {"t": ["1", "2", "3"]}),
        (record("empty"), ""),
        (record("r", leaf("customer", 1, "xml"), leaf("customers", 2, "json")), {"customers": "2"}),
        (items("l", [leaf("a", 1, "xml"), leaf("b", 2)]), [{"xml_value_to_show": "2"}]),
    ],
)
def test_the_mapping_to_json(element: Element, shown: object) -> None:
    assert json_value(element) == shown


def test_what_is_shown_in_one_format_alone() -> None:
    root = record("r", leaf("x", 1, "xml"), leaf("j", 2, "json"))
    assert write_xml(root).endswith(b"<r><x>1</x></r>")


def test_a_list_that_json_could_not_show_is_our_bug() -> None:
    with pytest.raises(InvariantViolation):
        json_value(Element("l", attributes={"a": "1"}, is_list=True))


def test_text_is_escaped_and_never_left_raw() -> None:
    root = Element("r", text="<&>\"' \r\n\t\x00\x1f\ud800\ufffe", attributes={"a": '"<&>\n\t\r\x01'})
    assert write_xml(root) == (
        b'<?xml version="1.0" encoding="UTF-8"?><r a="&quot;&lt;&amp;&gt;&#10;&#9;&#13;">&lt;&amp;&gt;"\' &#13;\n\t</r>'
    )
    assert json_value(root) == {"a": '"<&>\n\t\r', "xml_value_to_show": "<&>\"' \r\n\t"}


def test_jsonp_holds_no_javascript_line_ends() -> None:
    body = write_answer(success(text="a\u2028b\u2029"), Envelope("JSON", "f", True))
    assert body == rb'f({"status":"success","xml_value_to_show":"a\u2028b\u2029"});'


NAMES = st.sampled_from(["a", "b", "code", "customer"])
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
TREES = st.recursive(
    st.builds(Element, NAMES, text=TEXTS),
    lambda children: st.one_of(
        st.builds(
            Element,
            NAMES,
            text=TEXTS,
            children=st.lists(children, max_size=4),
            attributes=st.dictionaries(st.sampled_from(["p", "q"]), TEXTS, max_size=2),
        ),
        st.builds(Element, NAMES, children=st.lists(children, max_size=4), is_list=st.just(True)),
    ),
    max_leaves=12,
)


@given(TREES)
def test_xml_and_json_say_the_same_of_any_tree(element: Element) -> None:
    root = success(element)
    document = etree.fromstring(write_answer(root, Envelope()))
    shown = json.loads(write_answer(root, JSON))
    padded = write_answer(root, Envelope("JSON", "f"))
    assert json.loads(padded[2:-2]) == shown
    assert shown_by_both(document, shown) is None


@given(TREES)
def test_a_stored_tree_is_the_same_again(element: Element) -> None:
    assert from_stored(json.loads(json.dumps(to_stored(element)))) == element


def test_something_else_is_no_stored_tree() -> None:
    for document in (None, {}, {"name": "a", "children": [1]}, [1]):
        with pytest.raises(InvariantViolation):
            from_stored(document)


def test_errors_in_every_format() -> None:
    error = Problems((MissingParameter("code"), InvalidParameter("amount", "<x>")))
    assert write_error(error, Envelope()) == (
        b'<?xml version="1.0" encoding="UTF-8"?><response status="error">'
        b'<error code="missing_parameter">Missing parameter: code</error>'
        b'<error code="invalid_parameter">amount is not valid: &lt;x&gt;</error></response>'
    )
    assert json.loads(write_error(error, JSON)) == {
        "status": "error",
        "error": "Missing parameter: code",
        "errors": ["Missing parameter: code", "amount is not valid: <x>"],
        "error_code": "missing_parameter",
        "error_codes": ["missing_parameter", "invalid_parameter"],
    }


@pytest.mark.parametrize(
    ("error", "plain", "strict"),
    [
        (CustomerNotFound(), 200, 404),
        (BadCredentials(), 200, 401),
        (InsufficientBalance(), 200, 422),
        (MissingParameter("a"), 200, 400),
        (MalformedRequest(), 400, 400),
        (TooLarge(), 413, 413),
        (RateLimited(), 429, 429),
        (Overloaded(), 503, 503),
    ],
)
def test_http_status(error: CustomerNotFound, plain: int, strict: int) -> None:
    assert status_of(error, Envelope()) == plain
    assert status_of(error, Envelope(is_strict_status=True)) == strict


def test_when_to_try_again() -> None:
    assert retry_after_seconds(RateLimited(retry_after_seconds=7)) == 7
    assert retry_after_seconds(Overloaded()) == 1
    assert retry_after_seconds(CustomerNotFound()) is None


@pytest.mark.parametrize(
    ("fields", "envelope"),
    [
        ({}, Envelope()),
        ({"output": "json"}, JSON),
        ({"output": "Xml", "callback": "f"}, Envelope()),
        ({"callback": "jQuery123_4.cb"}, Envelope("JSON", "jQuery123_4.cb")),
        ({"output": "JSON", "condensed": "Yes", "strict_status": "Y"}, Envelope("JSON", "", True, True)),
    ],
)
def test_the_envelope_asked_for(fields: dict[str, str], envelope: Envelope) -> None:
    assert read_envelope(fields) == (envelope, None)


def test_content_types() -> None:
    assert Envelope().content_type == "text/xml; charset=utf-8"
    assert JSON.content_type == "application/json; charset=utf-8"
    assert Envelope("JSON", "f").content_type == "application/javascript; charset=utf-8"


@pytest.mark.parametrize("callback", ["a b", "alert(1)", "1a", "a..b", ".a", "a.", "a" * 129, "f;", "\u00e9"])
def test_a_callback_that_is_no_name_is_an_error_without_it(callback: str) -> None:
    envelope, error = read_envelope({"output": "JSON", "callback": callback})
    assert envelope == JSON
    assert error is not None
    assert error.fields == ("callback",)


def test_an_unknown_output_is_answered_in_xml() -> None:
    envelope, error = read_envelope({"output": "YAML"})
    assert envelope == Envelope()
    assert error is not None
    assert error.fields == ("output",)
