# SPDX-License-Identifier: Apache-2.0
"""The counter without a script: found, recorded, redeemed, taken back and enrolled by plain forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.messages.models import OutboxMessage
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)

COUNTER = "/admin.php/counter"


class Shop:
    """Alice's shop with a points campaign (5 points for one), and Ann with a card."""

    def __init__(self, **options: Any) -> None:
        self.alice: MadeAccount = make_account(biz_name="Bean & Leaf", **options)
        self.club = make_campaign(self.alice, name="Coffee club", points_ratio_ppm=5_000_000)
        self.ann = make_customer(
            self.alice, campaigns=(self.club,), first_name="Ann", last_name="Lee", card_number="777001",
            email="ann@example.org", phone="(503) 555-0100",
        )  # fmt: skip

    @property
    def place(self) -> str:
        return f"{COUNTER}/{self.ann.id}"

    def entries(self, kind: str = "earn") -> list[tuple[int, int | None]]:
        with unit_of_work(self.alice.id):
            rows = Entry.objects.filter(account_id=self.alice.id, kind=kind).order_by("id")
            return list(rows.values_list("amount", "purchase_minor"))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def error_at(page: Any, field: str) -> list[str]:
    """What stands under the field of this name."""
    return [
        " ".join(text.text_content().split())
        for text in page.xpath(
            f"//*[@name='{field}']/ancestor::*[contains(concat(' ', @class, ' '), ' field ')][1]//p[@class='error']"
        )
    ]


CLASS_BALANCE = "//div[@class='receipt-balance']/dd"


def text_at(page: Any, query: str) -> str:
    return str(page.html.xpath(f"string({query})"))


def value_of(page: Any, name: str) -> str:
    return text_at(page, f"//input[@name='{name}']/@value")


# -- finding -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["777001", "ann@example.org", "5035550100", "ann lee", "(503) 555-0100"])
def test_who_is_meant_is_shown_at_once(shop: Shop, visit: Any, text: str) -> None:
    visitor = visit(shop.alice)
    visitor.get(COUNTER)
    page = visitor.http.get(COUNTER, params={"q": text}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (302, shop.place)


def test_of_several_one_chooses_and_of_nobody_a_new_one_is_made(shop: Shop, visit: Any) -> None:
    make_customer(shop.alice, first_name="Amy", last_name="Lee")
    visitor = visit(shop.alice)
    page = visitor.get(f"{COUNTER}?q=lee")
    assert [" ".join(link.text_content().split()[:2]) for link in page.xpath("//a[@class='person']")] == ["Ann Lee", "Amy Lee"]
    page = visitor.get(f"{COUNTER}?q=Zoe+Fox")
    assert "Nobody is found for “Zoe Fox”." in page.text
    page = visitor.get(page.xpath("//div[@class='empty-action']/a/@href")[0])
    assert (value_of(page, "first_name"), value_of(page, "last_name")) == ("Zoe", "Fox")
    page = visitor.get(f"{COUNTER}/new?q=4006381333931")
    assert value_of(page, "card_number") == "4006381333931"


def test_what_can_not_be_searched_for_is_said_at_the_field(shop: Shop, visit: Any) -> None:
    page = visit(shop.alice).get(f"{COUNTER}?q=,")
    assert page.status == 400
    assert "It has no words." in page.text
    assert value_of(page, "q") == ","


def test_the_camera_may_be_asked_for_here_and_nowhere_else(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    assert "camera=(self)" in visitor.get(COUNTER).headers["permissions-policy"]
    assert "camera=()" in visitor.get("/admin.php").headers["permissions-policy"]


def test_the_counter_leads_to_the_profile_and_back(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    page = visitor.get(shop.place)
    (place,) = page.xpath("//a[normalize-space()='Profile']/@href")
    page = visitor.get(place)
    assert page.xpath(f"//a[@href='{shop.place}']") != []


# -- recording -----------------------------------------------------------------------------------------------------
def test_a_sale_earns_and_shows_its_receipt(shop: Shop, visit: Any) -> None:
    promotion = make_promotion(shop.alice, shop.club, points=100)
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    page = visitor.submit("/record", amount="9.95", promotion=str(promotion))
    assert page.path.startswith(f"{shop.place}/transactions/")
    assert text_at(page, "//p[@class='receipt-change']") == "+149 points"
    assert "Purchase $9.95" in page.text
    assert "Balance 149 points" in page.text
    assert shop.entries() == [(149, 995)]
    page = visitor.get(shop.place)
    assert text_at(page, "//a[@aria-current='true']/strong") == "149 points"
    assert "+149 points" in page.text


def test_preview_says_each_step_and_writes_nothing(shop: Shop, visit: Any) -> None:
    promotion = make_promotion(shop.alice, shop.club, points=100)
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    page = visitor.submit("/record", amount="9.95", promotion=str(promotion), preview="1")
    lines = [" ".join(p.text_content().split()) for p in page.xpath("//output//p")]
    assert lines == ["$9.95 × 5 = 49 points", "Promotion: +100 points", "+149 points Balance then: 149 points"]
    assert shop.entries() == []
    assert value_of(page, "amount") == "9.95", "what was typed stays"
    visitor.submit("/record")
    assert shop.entries() == [(149, 995)], "the same form then records it"


def test_money_is_read_and_written_as_in_the_accounts_country(visit: Any) -> None:
    shop = Shop(currency="EUR", country="DE", language="de", timezone="Europe/Berlin")
    visitor = visit(make_user(shop.alice, role="K", language="de"))
    visitor.get(shop.place)
    page = visitor.submit("/record", amount="9,95", preview="1")
    assert "9,95 € × 5 = 49" in page.text.replace("\xa0", " ")
    page = visitor.submit("/record", amount="1.234,50")
    assert shop.entries() == [(6172, 123450)]
    assert "1.234,50 €" in page.text.replace("\xa0", " ")


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "9.955", "1e3", "1,234", "9" * 30])
def test_a_wrong_amount_is_said_at_the_field_kept_and_not_written(shop: Shop, visit: Any, amount: str) -> None:
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    page = visitor.submit("/record", amount=amount, description="Two cups")
    assert page.status == 400
    (text,) = error_at(page, "amount")
    assert text
    assert "TRANSACTION ERROR" not in text
    assert value_of(page, "amount") == amount
    assert value_of(page, "description") == "Two cups"
    assert shop.entries() == []


def test_a_form_sent_twice_is_one_sale_and_changed_it_is_refused(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    page = visitor.get(shop.place)
    key = text_at(page, "//form[contains(@action, '/record')]//input[@name='key']/@value")
    first = visitor.submit("/record", amount="9.95").path
    visitor.get(shop.place)
    assert visitor.submit("/record", amount="9.95", key=key).path == first
    assert shop.entries() == [(49, 995)]
    visitor.get(shop.place)
    page = visitor.submit("/record", amount="19.95", key=key)
    assert page.status == 400
    assert "This form was sent before with something else in it." in page.text
    assert shop.entries() == [(49, 995)]
    visitor.submit("/record", amount="19.95")  # the form has a new key by now
    assert shop.entries() == [(49, 995), (99, 1995)]


def test_a_double_click_at_the_same_moment_is_one_sale(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    form = next(form for form in visitor.page.html.forms if form.get("action").endswith("/record"))
    content = dict(form.form_values()) | {"amount": "9.95"}

    def send(_: int) -> str:
        answer = visitor.http.post(
            form.get("action"), data=content, headers={"Referer": visitor.origin + shop.place}, follow_redirects=False
        )
        return f"{answer.status_code} {answer.headers.get('location')}"

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(send, range(6)))
    assert len(answers) == 1
    assert answers.pop().startswith("302 ")
    assert shop.entries() == [(49, 995)]


def test_every_kind_is_recorded_and_redeemed(shop: Shop, visit: Any) -> None:
    alice = shop.alice
    cards = make_campaign(alice, kind="giftcard", name="Gift cards")
    visits = make_campaign(alice, kind="events", name="Visits")
    per_visit = make_campaign(alice, kind="earned", name="Per visit", amount_per_event_minor=495)
    stamps = make_campaign(alice, kind="buyx", name="Stamps")
    item = make_item(alice, stamps, description="Flat white", level=3)
    reward = make_reward(alice, visits, level=1, description="Free cake")
    visitor = visit(alice)

    def act(campaign: Any, way: str, /, **fields: str) -> str:
        visitor.get(f"{shop.place}?campaign={campaign.number}")
        page = visitor.submit(f"/{way}", **fields)
        assert page.status == 200, page.text
        change = text_at(page, "//p[@class='receipt-change']")
        return f"{change} | {text_at(page, CLASS_BALANCE)}"

    assert act(cards, "record", amount="50") == "+$50.00 | $50.00"
    assert act(cards, "redeem", amount="12.50") == "-$12.50 | $37.50"
    assert act(visits, "record") == "+1 event | 1 event"
    assert act(visits, "redeem", what=f"reward:{reward}") == "-1 event | 0 events"
    assert act(per_visit, "record") == "+$4.95 | $4.95"
    assert act(per_visit, "redeem", amount="4.95") == "-$4.95 | $0.00"
    assert act(stamps, "record", item=str(item), quantity="4") == "+4 units | 4 units"
    assert act(stamps, "redeem", what=f"item:{item}") == "-3 units | 1 unit"


def test_points_are_redeemed_as_a_reward_as_points_and_as_money(visit: Any) -> None:
    shop = Shop()
    alice = shop.alice
    spend = make_campaign(alice, name="Spend", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    near, far = make_reward(alice, spend, level=100), make_reward(alice, spend, level=100_000, description="Espresso machine")
    visitor = visit(alice)
    place = f"{shop.place}?campaign={spend.number}"
    visitor.get(place)
    visitor.submit("/record", amount="400")
    page = visitor.get(place)
    assert page.xpath(f"//input[@value='reward:{near}']/@disabled") == []
    assert page.xpath(f"//input[@value='reward:{far}']/@disabled") != []
    assert "98,000 points to go" in page.text
    assert "Worth $20.00" in page.text
    page = visitor.submit("/redeem", money="1", preview="1")
    assert "$1.00 = 100 points" in page.text
    visitor.submit("/redeem", money="1")
    for fields in ({"what": f"reward:{near}"}, {"what": "points", "points": "7"}, {"points": "3"}):
        visitor.get(place)
        assert visitor.submit("/redeem", **fields).status == 200
    assert [amount for amount, _ in shop.entries("redeem")] == [-100, -100, -7, -3]
    for fields, field in (
        ({}, "Choose what is redeemed."),
        ({"points": "99999"}, "The customer does not have that much."),
        ({"what": f"reward:{far}"}, "The customer does not have that much."),
        ({"what": "points"}, "Fill this in."),
        ({"what": "reward:999999"}, "Select a valid choice"),
        ({"money": "x"}, "Write a number"),
    ):
        visitor.get(place)
        page = visitor.submit("/redeem", **fields)
        assert page.status == 400, fields
        assert any(field in error.text_content() for error in page.xpath("//p[@class='error']")), (fields, page.text)
    assert len(shop.entries("redeem")) == 4


def test_a_required_transaction_field_is_asked_for(shop: Shop, visit: Any) -> None:
    make_field(shop.alice, owner="transaction", number=3, label="Table", required=True, show=True)
    make_field(shop.alice, owner="transaction", number=4, label="Mood", type="Pick", choices=("good", "bad"), show=True)
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    page = visitor.submit("/record", amount="9.95")
    assert (page.status, error_at(page, "custom_field_3")) == (400, ["Fill this in."])
    visitor.submit("/record", amount="9.95", custom_field_3="12", custom_field_4="good")
    with unit_of_work(shop.alice.id):
        entry = Entry.objects.get(account_id=shop.alice.id, kind="earn")
        assert entry.fields == {"3": "12", "4": "good"}


# -- receipts ------------------------------------------------------------------------------------------------------
def test_a_receipt_is_mailed_with_the_sale_or_afterwards(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    visitor.get(shop.place)
    visitor.submit("/record", amount="1", sends_mail="on")
    visitor.get(shop.place)
    visitor.submit("/record", amount="2")
    page = visitor.submit("/mail")
    assert "The receipt goes to ann@example.org." in page.text
    with unit_of_work(shop.alice.id):
        mails = OutboxMessage.objects.filter(account_id=shop.alice.id, kind="transaction")
        assert {mail.entry_id for mail in mails} == set(
            Entry.objects.filter(account_id=shop.alice.id, kind="earn").values_list("id", flat=True)
        )


def test_without_an_address_no_mail_is_offered(shop: Shop, visit: Any) -> None:
    amy = make_customer(shop.alice, campaigns=(shop.club,), first_name="Amy")
    visitor = visit(shop.alice)
    page = visitor.get(f"{COUNTER}/{amy.id}")
    assert page.xpath("//input[@name='sends_mail']") == []
    page = visitor.submit("/record", amount="1")
    assert not any("/mail" in (form.get("action") or "") for form in page.html.forms)
    page = visitor.post(
        f"{page.path}/mail", {"csrfmiddlewaretoken": text_at(page, "//input[@name='csrfmiddlewaretoken']/@value")}
    )
    assert "The customer has no e-mail address." in page.text


def test_balances_are_mailed_once(shop: Shop, visit: Any) -> None:
    make_reward(shop.alice, shop.club, level=10)
    visitor = visit(shop.alice)
    sold(shop, visitor)
    for _ in range(2):
        visitor.get(shop.place)
        page = visitor.submit("/balances")
        assert "The balances go to ann@example.org." in page.text
    with unit_of_work(shop.alice.id):
        mail = OutboxMessage.objects.get(account_id=shop.alice.id, kind="balances")
    assert mail.subject == "What you have at Bean & Leaf"
    assert mail.body == "Dear Ann Lee,\n\nCoffee club: 500 points\n- Free coffee (10)\n\nBean & Leaf\n"
    amy = make_customer(shop.alice, campaigns=(shop.club,))
    page = visitor.get(f"{COUNTER}/{amy.id}")
    assert not any("/balances" in (form.get("action") or "") for form in page.html.forms)


# -- taking back ---------------------------------------------------------------------------------------------------
def sold(shop: Shop, visitor: Any, amount: str = "100") -> str:
    visitor.get(shop.place)
    return str(visitor.submit("/record", amount=amount).path)


def test_a_part_is_taken_back_with_a_reason_and_only_once(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    place = f"{sold(shop, visitor)}/take-back"
    visitor.get(place)
    page = visitor.submit("/take-back", amount="20", reason="")
    assert (page.status, error_at(page, "reason"), value_of(page, "amount")) == (400, ["This field is required."], "20")
    page = visitor.submit("/take-back", amount="2000", reason="Cups")
    assert page.status == 400
    assert error_at(page, "amount")
    page = visitor.submit("/take-back", amount="20", reason="Two cups came back")
    assert page.path == shop.place
    assert "Taken back: -100 points. The balance is 400 points." in page.text
    assert "Two cups came back" in page.text
    visitor.get(place)
    page = visitor.submit("/take-back", amount="20", reason="Two cups came back", seen_left="500")
    assert page.status == 400
    assert "has been taken back meanwhile" in page.text
    visitor.get(place)
    page = visitor.submit("/take-back", reason="All of it")
    assert "The balance is 0 points." in page.text
    assert [amount for amount, _ in shop.entries("reverse")] == [-100, -400]


def test_deleted_it_stands_in_no_history(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    place = sold(shop, visitor)
    visitor.get(f"{place}/take-back")
    page = visitor.submit("/delete")
    assert "was deleted" in page.text
    assert "+500 points" not in page.text
    assert visitor.get(place).status == 404
    assert visitor.get(f"{place}/take-back").status == 404


# -- adding a customer ---------------------------------------------------------------------------------------------
def test_a_customer_is_added_in_one_step_with_the_accounts_own_fields(shop: Shop, visit: Any) -> None:
    make_field(shop.alice, number=5, label="Favourite", type="Pick", choices=("tea", "coffee"), required=True, show=True)
    make_field(shop.alice, number=6, label="Allergies", type="List", choices=("nuts", "milk"), show=True)
    visitor = visit(shop.alice)
    visitor.get(f"{COUNTER}/new?q=777009")
    page = visitor.submit("/new", first_name="Zoe", email="not an address")
    assert page.status == 400
    assert error_at(page, "email") == ["This email address is not valid."]
    assert (value_of(page, "card_number"), value_of(page, "first_name")) == ("777009", "Zoe")
    page = visitor.submit("/new", email="zoe@example.org")
    assert (page.status, error_at(page, "custom_field_5")) == (400, ["Fill this in."])
    page = visitor.submit("/new", custom_field_5="tea", custom_field_6=["nuts", "milk"])
    assert page.status == 200
    assert text_at(page, "//h1") == "Zoe"
    assert text_at(page, "//a[@aria-current='true']/strong") == "0 points", "she is in the campaign"
    with unit_of_work(shop.alice.id):
        assert OutboxMessage.objects.filter(account_id=shop.alice.id, kind="welcome", recipient="zoe@example.org").count() == 1


def test_a_card_that_somebody_has_is_refused_and_a_number_can_be_made(shop: Shop, visit: Any) -> None:
    visitor = visit(shop.alice)
    visitor.get(f"{COUNTER}/new")
    page = visitor.submit("/new", card_number="777001", first_name="Zoe")
    assert (page.status, error_at(page, "card_number")) == (400, ["Another customer has this card."])
    page = visitor.submit("/new", card_number="", makes_card="on")
    assert page.status == 200
    assert len(text_at(page, "//div[contains(@class, 'who-is-it')]//code")) == 16


# -- who may what --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "records", "redeems", "adds", "sees_history", "takes_back"),
    [
        ("M", True, True, True, True, True),
        ("S", True, True, True, True, True),
        ("K", True, True, True, True, False),
        ("P", True, False, True, False, False),
        ("Q", True, False, True, True, False),
        ("F", False, True, False, False, False),
        ("O", False, False, False, False, False),
    ],
)
def test_each_role_sees_what_it_may_do(
    shop: Shop, visit: Any, role: str, records: bool, redeems: bool, adds: bool, sees_history: bool, takes_back: bool
) -> None:
    owner = visit(shop.alice)
    place = sold(shop, owner)
    visitor = visit(make_user(shop.alice, role=role))
    page = visitor.get(shop.place)
    token = text_at(page, "//input[@name='csrfmiddlewaretoken']/@value")
    actions = {(form.get("action") or "").rpartition("/")[2] for form in page.html.forms}
    assert ("record" in actions, "redeem" in actions) == (records, redeems)
    assert ("Last transactions" in page.text) == sees_history
    assert bool(page.xpath("//a[contains(@href, '/take-back')]")) == takes_back
    assert bool(visitor.get(COUNTER).xpath(f"//a[@href='{COUNTER}/new']")) == adds
    assert visitor.get(place).status == (200 if sees_history else 403), "of others' sales"

    def post(path: str) -> int:
        fields = {"csrfmiddlewaretoken": token, "campaign": shop.club.number}
        return int(visitor.post(path, fields, referer=shop.place).status)

    assert post(f"{shop.place}/record") == (400 if records else 403)
    assert post(f"{shop.place}/redeem") == (400 if redeems else 403)
    assert post(f"{COUNTER}/new") == (400 if adds else 403)
    assert post(f"{place}/take-back") == (400 if takes_back else 403)
    if not takes_back:
        assert post(f"{place}/delete") == 403


def test_one_who_may_only_record_sees_the_receipt_of_his_own_sale(shop: Shop, visit: Any) -> None:
    visitor = visit(make_user(shop.alice, role="P"))
    visitor.get(shop.place)
    assert visitor.submit("/record", amount="9.95").status == 200


def test_a_stranger_finds_nobody_and_nothing(shop: Shop, visit: Any) -> None:
    place = sold(shop, visit(shop.alice))
    charlie = make_account()
    make_campaign(charlie)
    visitor = visit(charlie)
    assert "Nobody is found" in visitor.get(f"{COUNTER}?q=777001").text
    for path in (shop.place, place, f"{place}/take-back", f"{COUNTER}/999999999999999"):
        assert visitor.get(path).status == 404, path


def test_a_campaign_that_is_not_among_ones_own_is_not_there(shop: Shop, visit: Any) -> None:
    other = make_campaign(shop.alice, name="Secret")
    visitor = visit(make_user(shop.alice, role="K", campaigns_access="some", allowed_campaign_ids=[shop.club.id]))
    assert visitor.get(f"{shop.place}?campaign={other.number}").status == 404
    page = visitor.get(shop.place)
    assert "Secret" not in page.text
    assert visitor.submit("/record", amount="1", campaign=other.number).status == 404
    nobody = visit(make_user(shop.alice, role="K", campaigns_access="none"))
    assert "There is no campaign to record in" in nobody.get(shop.place).text


# -- how quick -----------------------------------------------------------------------------------------------------
def test_pages_take_few_statements(shop: Shop, visit: Any) -> None:
    for number in range(8):
        make_campaign(shop.alice, name=f"Another {number}", kind=("points", "giftcard")[number % 2])
    visitor = visit(shop.alice)
    sold(shop, visitor)
    told = {path: visitor.get(path).headers["server-timing"] for path in (COUNTER, shop.place, f"{COUNTER}/new")}
    told["record"] = visitor.http.post(
        f"{shop.place}/record",
        data=dict(_form(visitor, shop)) | {"amount": "1"},
        headers={"Referer": visitor.origin + shop.place},
        follow_redirects=False,
    ).headers["server-timing"]
    counts = {name: int(text.partition('desc="')[2].split()[0]) for name, text in told.items()}
    assert max(counts.values()) <= 15, counts


def _form(visitor: Any, shop: Shop) -> list[tuple[str, str]]:
    page = visitor.get(shop.place)
    return list(next(form for form in page.html.forms if form.get("action").endswith("/record")).form_values())
