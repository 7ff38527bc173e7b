# SPDX-License-Identifier: Apache-2.0
"""Shapes: what is filled in is what an element walked piece by piece would have been."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regulars.protocol.render import Envelope, write_answer
from regulars.protocol.shape import Shape, slot
from regulars.protocol.tree import Element, items, leaf, record, success

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["", "100 % off", "%s", "<b>&amp;", "é €", "\x00\x1b"]
)
FORMATS = (Envelope("XML"), Envelope("JSON"), Envelope("JSON", "shop.show"), Envelope("JSON", is_condensed=True))


def document(name: str, city: Element, needs: list[Element]) -> Element:
    return record(
        "customer",
        leaf("name", name),
        city,
        items("rewards", (record("reward", leaf("level", 5), need) for need in needs)),
        record("owner", leaf("empty", ""), kind="best"),
    )


@given(name=TEXTS, city=TEXTS, needs=st.lists(TEXTS, max_size=3))
def test_a_filled_shape_is_written_as_the_element_it_stands_for(name: str, city: str, needs: list[str]):
    shape = Shape(document(name, slot("city"), [slot("needed") for _ in needs]))
    filled = shape.fill((city, *needs))
    plain = document(name, leaf("city", city), [leaf("needed", need) for need in needs])
    for envelope in FORMATS:
        expected = write_answer(success(items("customers", [plain]), plain), envelope)
        assert write_answer(success(items("customers", [filled]), filled), envelope) == expected


def test_a_shape_can_be_filled_again_and_again():
    shape = Shape(record("campaign", leaf("id", 1), slot("balance")))
    first, second = shape.fill(("5",)), shape.fill(("6",))
    assert [first.xml, second.xml] == [
        "<campaign><id>1</id><balance>5</balance></campaign>",
        "<campaign><id>1</id><balance>6</balance></campaign>",
    ]
    assert [child.text for child in first.children] == ["1", "5"]
