# SPDX-License-Identifier: Apache-2.0
"""Cards, sheets of cards, merging and erasing in the panel: what is written, what is refused, who may."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.customers.models import Alias, Customer
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance
from tests.factories import MadeAccount, make_account, make_campaign, make_cast, make_customer, make_user
from tests.panel.test_customers import LIST, on_record, sell

WRITERS = "AMNLSGI"


def balances(account: MadeAccount) -> int:
    with unit_of_work(account.id):
        return sum(Balance.objects.filter(account_id=account.id).values_list("balance", flat=True))


def numbers_of(account: MadeAccount, customer_id: int) -> set[str]:
    with unit_of_work(account.id):
        return set(Alias.objects.filter(account_id=account.id, customer_id=customer_id).values_list("value", flat=True))


def test_a_card_is_replaced_added_and_ended(visit: Any) -> None:
    account = make_account()
    amy = make_customer(account, code="amy", card_number="7001")
    make_customer(account, code="bo", card_number="7002")
    visitor = visit(account)
    visitor.get(LIST + "/amy/cards")
    assert "The card is now 7009." in visitor.submit("cards", card_number="7009").text
    assert (on_record(account, id=amy.id).card_number, numbers_of(account, amy.id)) == ("7009", {"7001"})
    assert "The card 8001 finds this customer, too." in visitor.submit("cards/add", card_number="8001").text
    assert numbers_of(account, amy.id) == {"7001", "8001"}
    assert "7001 finds nobody any more." in visitor.submit("cards/end", value="7001").text
    assert numbers_of(account, amy.id) == {"8001"}
    for action, typed in (("cards", "7002"), ("cards/add", "7002"), ("cards/add", "")):
        visitor.get(LIST + "/amy/cards")
        page = visitor.submit(action, card_number=typed)
        assert page.status == 400, action
        assert page.xpath("//*[@id='id_card_number_error']")
        assert on_record(account, id=amy.id).card_number == "7009"
    visitor.get(LIST + "/amy/cards")
    assert len(visitor.submit("cards").xpath("//p[@role='status']")) == 1  # one was made
    assert len(on_record(account, id=amy.id).card_number) == 16
    visitor.get(LIST + "/amy/cards")
    assert "This customer has no such number." in visitor.submit("cards/end", value="12345").text


def test_who_may_not_change_cards_sees_no_way_to(visit: Any) -> None:
    cast = make_cast()
    make_customer(cast.alice, code="amy", card_number="7001")
    bob = visit(cast.bob)
    page = bob.get(LIST + "/amy")
    assert not page.xpath("//a[text()='Cards' or text()='Merge' or text()='Erase data']")
    for path in ("amy/cards", "amy/merge", "amy/erase", "cards"):
        assert bob.get(f"{LIST}/{path}").status == 403, path
    assert not bob.get(LIST + "/amy/edit").xpath("//input[@name='card_number']")
    carol = visit(cast.carol)
    for path in ("amy", "amy/edit", "amy/cards", "amy/merge", "amy/erase", "amy/data.json"):
        assert carol.get(f"{LIST}/{path}").status == 404, path


def test_cards_are_printed_for_those_chosen_and_for_new_ones(visit: Any) -> None:
    account = make_account()
    for number in ("7001", "7002"):
        make_customer(account, code=f"c{number}", card_number=number, first_name="Zoë", last_name="Łucka")
    visitor = visit(account)
    page = visitor.get(LIST + "/cards?code=c7001&code=c7002&code=nobody")
    assert "2 cards" in page.text
    for kind in ("both", "qr", "barcode"):
        visitor.get(LIST + "/cards?code=c7001&code=c7002")
        pdf = printed(visitor, "names", kind=kind, names="on")
        assert (pdf[:5], pdf.rstrip()[-5:]) == (b"%PDF-", b"%%EOF"), kind
    visitor.get(LIST + "/cards")
    assert printed(visitor, "first", first="BL0009", count="25")[:5] == b"%PDF-"
    assert count_customers(account) == 2
    assert printed(visitor, "first", first="BL0009", count="3", issues="on")[:5] == b"%PDF-"
    assert {card for card in cards(account) if card.startswith("BL")} == {"BL0009", "BL0010", "BL0011"}


def test_wrong_new_cards_are_told_at_their_field_and_none_is_issued(visit: Any) -> None:
    account = make_account()
    make_customer(account, card_number="0005")
    visitor = visit(account)
    for first, count, field in (
        ("0001", "10", "first"), ("9999", "2", "first"), ("ABC", "2", "first"), ("1", "501", "count"), ("", "2", "first"),
    ):  # fmt: skip
        visitor.get(LIST + "/cards")
        page = visitor.submit_with("first", first=first, count=count, issues="on")
        assert (page.status, len(page.xpath(f"//*[@id='id_{field}_error']"))) == (400, 1), (first, count)
        assert page.xpath("//input[@name='first']/@value") == ([first] if first else [])
    visitor.get(LIST + "/cards")
    page = visitor.submit_with("first", first="Kärtchen1", count="1", kind="barcode")
    assert (page.status, "choose QR codes" in page.text) == (400, True)
    assert count_customers(account) == 1


def printed(visitor: Any, with_field: str, **fields: Any) -> bytes:
    form = next(each for each in visitor.page.html.forms if with_field in each.fields)
    content: dict[str, Any] = {}
    for name, value in form.form_values():
        content[name] = [*content[name], value] if name in content else [value]
    answer = visitor.http.post(
        form.get("action"), data=content | fields, headers={"Referer": visitor.origin + visitor.page.path}
    )
    assert answer.headers["content-type"] == "application/pdf", answer.text
    return bytes(answer.content)


def cards(account: MadeAccount) -> list[str]:
    with unit_of_work(account.id):
        return list(Customer.objects.filter(account_id=account.id).values_list("card_number", flat=True))


def count_customers(account: MadeAccount) -> int:
    return len(cards(account))


def test_two_records_are_merged_as_the_preview_said(visit: Any) -> None:
    account = make_account()
    club, gift = make_campaign(account, name="Club"), make_campaign(account, kind="giftcard", name="Gift")
    amy = make_customer(account, code="amy", card_number="7001", first_name="Amy", campaigns=(club,))
    dup = make_customer(account, code="dup", card_number="7002", first_name="Ami", phone="555 0102", campaigns=(club, gift))
    sell(account, club, amy.id, 4_000)
    sell(account, club, dup.id, 900)
    sell(account, gift, dup.id, 950)
    before = balances(account)
    visitor = visit(account)
    visitor.get(LIST + "/amy/merge")
    page = visitor.get(LIST + "/amy/merge?other=7002")
    table = [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in page.xpath("//tbody/tr")]
    assert [row[:4] for row in table] == [["Club", "4,000", "900", "4,900"], ["Gift", "$0.00", "$9.50", "$9.50"]]
    page = visitor.submit_with("confirmed", confirmed="7002")
    assert (page.status, "This is not the code. Nothing was changed." in page.text) == (400, True)
    assert page.xpath("//input[@name='confirmed']/@value") == ["7002"]
    assert on_record(account, id=dup.id).deleted_at is None
    visitor.get(LIST + "/amy/merge?other=7002")
    page = visitor.submit_with("confirmed", confirmed="dup")
    assert "The two records are one now." in page.text
    assert on_record(account, id=dup.id).deleted_at is not None
    assert numbers_of(account, amy.id) == {"dup", "7002"}
    assert balances(account) == before
    assert "4,900" in visitor.get(LIST + "/amy").text
    assert visitor.get(LIST + "/dup").path == LIST + "/amy"
    for other in ("amy", "nobody", "7001"):
        page = visitor.get(f"{LIST}/amy/merge?other={other}")
        assert page.status == 400, other
        assert page.xpath("//*[@id='id_other_error']")


@pytest.mark.parametrize("role", list("AMNLSDCOKHPQFGI"))
def test_merging_and_erasing_take_the_permission_to_delete(visit: Any, role: str) -> None:
    account = make_account()
    make_customer(account, code="amy")
    visitor = visit(make_user(account, role=role))
    expected = 200 if role in "AMNLI" else 403
    assert {visitor.get(f"{LIST}/amy/{page}").status for page in ("merge", "erase")} == {expected}


def test_a_person_is_erased_and_what_he_has_stays(visit: Any) -> None:
    account = make_account()
    club = make_campaign(account, name="Club")
    amy = make_customer(account, code="amy", card_number="7001", first_name="Amy", last_name="Acker", campaigns=(club,))
    sell(account, club, amy.id, 4_900)
    before = balances(account)
    visitor = visit(account)
    visitor.get(LIST + "/amy/erase")
    page = visitor.submit("erase", confirmed="7001")
    assert (page.status, on_record(account, id=amy.id).first_name) == (400, "Amy")
    page = visitor.submit("erase", confirmed="amy")
    assert "The personal data were erased." in page.text
    assert "Amy" not in page.text
    assert "4,900" in page.text
    row = on_record(account, id=amy.id)
    assert (row.code, row.card_number, row.first_name, balances(account)) == (page.path.rpartition("/")[2], "", "", before)
    assert visitor.get(LIST + "/amy").status == 404
    assert "Erased" in visitor.get(LIST).text
    for part in ("edit", "cards", "erase", "merge"):
        assert not visitor.get(f"{LIST}/{row.code}").xpath(f"//a[contains(@href, '/{part}')]")
    visitor.get(f"{LIST}/{row.code}/edit")
    page = visitor.submit("edit", first_name="Amy")
    assert (page.status, "they cannot be written again" in page.text) == (400, True)
