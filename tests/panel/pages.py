# SPDX-License-Identifier: Apache-2.0
"""
Every address of the panel, one line each: how to walk there, and what a stranger's address is.

A new line in panel/urls.py needs one here. The walk (test_walk.py) goes there in every role; where the line is a page, its
statements, weight and accessibility are held too (test_pages.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.panel.door_pages import DOOR
from tests.panel.office_pages import OFFICE

if TYPE_CHECKING:  # models can not be imported before pytest_configure
    from regulars.accounts.directory import CampaignConfig, UserConfig
    from regulars.customers.rows import CustomerRow
    from tests.factories import MadeAccount, MadeUser


@dataclass(frozen=True)
class Cast:
    """Whose ids stand in addresses: Alice's account with a user, a campaign and a customer; Carol's likewise."""

    made: MadeAccount
    bob: MadeUser
    campaign: CampaignConfig
    customer: CustomerRow
    entry_id: int
    """A sale of the customer's."""
    spare_entry_id: int
    """Another, for whoever deletes one."""
    webhook_id: int
    delivery_id: int
    """What was sent to the webhook."""
    spare_webhook_id: int
    """Another, for whoever switches or deletes one."""
    parts: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What belongs to campaigns: a part's name -> the number of its campaign, and its own id."""


Ids = Callable[[Cast], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """
    ``ids``: the address's arguments from a cast; a stranger's must be 404 wherever the role itself is let in.

    ``status``: what somebody gets who may (several: any of them); for a POST with nothing filled in mostly 400. ``rule``: for
    pages that ask more than ``needs``, the status for a user and a cast. ``query`` is put behind a page's address. ``is_page``:
    False for files and pieces of pages, which are not held to what a page is. ``office``: whose page it is looked at as.
    ``is_nobodys``: the address's arguments belong to no account.
    """

    method: str = "GET"
    ids: Ids | None = None
    status: tuple[int, ...] = (200,)
    rule: Callable[[UserConfig, Cast], int] | None = None
    query: str = ""
    is_page: bool = True
    office: str = "business"
    sees_all: bool = False
    """For the platform owner's pages, to whom no account is a stranger's."""
    leaves: str = ""
    """For a POST after which the session is elsewhere: the address of the way back."""
    fields: dict[str, str] = field(default_factory=dict)
    is_nobodys: bool = False


def user_code(cast: Cast) -> dict[str, Any]:
    return {"code": cast.bob.code}


def customer_id(cast: Cast) -> dict[str, Any]:
    return {"customer_id": cast.customer.id}


def sale(cast: Cast) -> dict[str, Any]:
    return {"customer_id": cast.customer.id, "entry_id": cast.entry_id}


def spare_sale(cast: Cast) -> dict[str, Any]:
    return {"customer_id": cast.customer.id, "entry_id": cast.spare_entry_id}


def account_code(cast: Cast) -> dict[str, Any]:
    return {"code": cast.made.code}


def may_edit_bob(user: UserConfig, cast: Cast) -> int:
    from regulars.users.access import may_manage_user, may_see_user

    if not may_see_user(user, cast.bob.user):
        return 404
    return 200 if may_manage_user(user, cast.bob.user) else 403


def may_edit_bob_or_bad_form(user: UserConfig, cast: Cast) -> int:
    status = may_edit_bob(user, cast)
    return 400 if status == 200 else status


def campaign_number(cast: Cast) -> dict[str, Any]:
    return {"number": cast.campaign.number}


def webhook(cast: Cast) -> dict[str, Any]:
    return {"endpoint_id": cast.webhook_id}


def spare_webhook(cast: Cast) -> dict[str, Any]:
    return {"endpoint_id": cast.spare_webhook_id}


def delivery(cast: Cast) -> dict[str, Any]:
    return {"delivery_id": cast.delivery_id}


def part(name: str) -> Ids:
    return lambda cast: dict(zip(("number", "part_id"), cast.parts[name], strict=True))


def owner_of_part(name: str) -> Ids:
    return lambda cast: {"number": cast.parts[name][0]}


PARTS = ("reward", "promotion", "item", "depreciation", "fee")


def customer_code(cast: Cast) -> dict[str, Any]:
    return {"code": cast.customer.code}


def balance_of(cast: Cast) -> dict[str, Any]:
    return {"code": cast.customer.code, "number": cast.campaign.number}


PAGES = {
    "home": Row(),
    "sign_in": Row(),
    "sign_out": Row("POST", status=(302,)),
    "theme": Row("POST", status=(302,)),
    "counter": Row(),
    "counter_enrol": Row(),
    "counter_customer": Row(ids=customer_id),
    "counter_record": Row("POST", ids=customer_id, status=(400,)),
    "counter_redeem": Row("POST", ids=customer_id, status=(400,)),
    "counter_balances": Row("POST", ids=customer_id, status=(302,)),
    "counter_receipt": Row(ids=sale, status=(200, 403)),  # of others' sales only with the permission to see transactions
    "counter_mail": Row("POST", ids=sale, status=(302, 403)),
    "counter_text": Row("POST", ids=sale, status=(302, 403)),
    "counter_take_back": Row(ids=sale),
    "counter_delete": Row("POST", ids=spare_sale, status=(302, 404)),
    "mail": Row(),
    "mail_test": Row("POST", status=(400,)),
    "texts": Row(),
    "texts_test": Row("POST", status=(400,)),
    "mail_text": Row(ids=lambda _cast: {"kind": "welcome"}, is_nobodys=True),
    "webhooks": Row(),
    "add_webhook": Row(),
    "webhook": Row(ids=webhook),
    "edit_webhook": Row(ids=webhook),
    "rotate_webhook": Row("POST", ids=webhook, status=(400,)),
    "switch_webhook": Row("POST", ids=spare_webhook, status=(302,)),
    "test_webhook": Row("POST", ids=webhook, status=(302,)),
    "resend_webhook": Row("POST", ids=webhook, status=(400,)),
    "delete_webhook": Row(ids=spare_webhook),
    "webhook_delivery": Row(ids=delivery),
    "resend_delivery": Row("POST", ids=delivery, status=(302,)),
    "brand_stylesheet": Row(status=(404,), is_page=False),
    "brand_logo": Row(status=(404,), is_page=False),
    "brand": Row(),
    "own_logo": Row(status=(404,), is_page=False),
    "request_log": Row(),
    "changes": Row(),
    "security_events": Row(),
    "settlement": Row(),
    "modules": Row(),
    "campaigns": Row(),
    "choose_kind": Row(),
    "new_campaign": Row(ids=lambda _: {"kind": "points"}, is_nobodys=True),
    "campaign_examples": Row(query="?points_ratio=5", is_page=False),
    "campaign": Row(ids=campaign_number),
    "campaign_settings": Row(ids=campaign_number),
    "points_calculator": Row(ids=campaign_number, query="?amount=9.95"),
    "hold_campaign": Row("POST", ids=owner_of_part("pause"), status=(302,)),
    "reactivate_campaign": Row("POST", ids=owner_of_part("pause"), status=(302,)),
    "delete_campaign": Row(ids=campaign_number),
    "promotion_examples": Row(ids=campaign_number, query="?operation=x&amount=2", is_page=False),
    "depreciation_timeline": Row(ids=part("depreciation"), query="?percentage=5", is_page=False),
    "fee_timeline": Row(ids=part("fee"), query="?amount=5", is_page=False),
    **{f"add_{name}": Row(ids=owner_of_part(name)) for name in PARTS},
    **{f"edit_{name}": Row(ids=part(name)) for name in PARTS},
    **{f"delete_{name}": Row(ids=part(name)) for name in PARTS},
    **{f"restore_{name}": Row("POST", ids=part(name), status=(302,)) for name in ("reward", "promotion", "item")},
    **{name: Row(**row) for name, row in OFFICE.items()},
    "customers": Row(),
    "add_customer": Row(),
    "card_sheet": Row(),
    "save_segment": Row("POST", status=(400,)),
    "delete_segment": Row("POST", ids=lambda cast: {"segment_id": 10**12}, status=(404,)),
    "customers_csv": Row(is_page=False),
    "customers_xlsx": Row(is_page=False),
    "customer": Row(ids=customer_code),
    "edit_customer": Row(ids=customer_code),
    "join_campaign": Row("POST", ids=customer_code, status=(302,)),
    "leave_campaign": Row("POST", ids=customer_code, status=(302,)),
    "customer_dossier": Row(ids=customer_code, is_page=False),
    "explain_balance": Row(ids=balance_of),
    "customer_cards": Row(ids=customer_code),
    "add_card": Row("POST", ids=customer_code, status=(400,)),
    "end_card": Row("POST", ids=customer_code, status=(302,)),
    "merge_customer": Row(ids=customer_code),
    "erase_customer": Row(ids=customer_code),
    **{name: Row(**row) for name, row in DOOR.items()},
    "reports": Row(),
    "report": Row(ids=lambda _: {"name": "transactions_all"}, query="?first=2026-01-01&last=2027-12-31", is_nobodys=True),
    "export_progress": Row(ids=lambda _: {"mark": "nothing"}, status=(404,), is_page=False, is_nobodys=True),
    "users": Row(),
    "add_user": Row(),
    "edit_user": Row(ids=user_code, rule=may_edit_bob),
    "rotate_token": Row("POST", ids=user_code, rule=may_edit_bob_or_bad_form),
    "delete_user": Row("POST", ids=user_code, status=(400,)),
    "unlock_user": Row("POST", ids=user_code, status=(302,)),
    "agency_accounts": Row(office="agency"),
    "agency_new_account": Row(office="agency"),
    "agency_account": Row(ids=account_code, office="agency"),
    "agency_enter": Row("POST", ids=account_code, status=(302,), leaves="/admin.php/agency/leave"),
    "agency_account_state": Row("POST", ids=account_code, status=(302,)),
    "agency_leave": Row("POST", status=(302,)),
    "platform_accounts": Row(office="platform"),
    "platform_new_account": Row(office="platform"),
    "platform_account": Row(ids=account_code, office="platform", sees_all=True),
    "platform_account_state": Row("POST", ids=account_code, status=(302,), sees_all=True),
    "platform_account_agency": Row("POST", ids=account_code, status=(400,), fields={"agency": "999999999"}, sees_all=True),
    "platform_agencies": Row(office="platform"),
    "platform_new_agency": Row(office="platform"),
    "platform_codes": Row(office="platform"),
    "platform_health": Row(office="platform"),
    "verify_books": Row("POST", status=(302,)),
    "platform_backups": Row(office="platform"),
    "make_backup": Row("POST", status=(302,)),
    "revoke_platform_code": Row("POST", ids=lambda _: {"number": "0" * 10}, status=(404,), is_nobodys=True),
}
"""Name in panel/urls.py -> how to walk there."""


def pages() -> list[str]:
    """Return the names of those that are pages for people."""
    return [name for name, row in PAGES.items() if row.method == "GET" and row.is_page]


def make_cast(agency: MadeAccount | None = None) -> Cast:
    """Make an account with what addresses name, under an agency or under none."""
    from tests import factories as make
    from tests.webhooks.telling import make_webhook

    made = make.make_account(agency_id=agency.account.agency[0] if agency and agency.account.agency else None)
    campaign, buyx = make.make_campaign(made, name="Coffee club"), make.make_campaign(made, kind="buyx")
    parts = {
        "reward": (campaign.number, make.make_reward(made, campaign)),
        "promotion": (campaign.number, make.make_promotion(made, campaign)),
        "depreciation": (campaign.number, make.make_depreciation(made, campaign)),
        "fee": (campaign.number, make.make_fee(made, campaign)),
        "item": (buyx.number, make.make_item(made, buyx)),
        "pause": (make.make_campaign(made, kind="events").number, 0),  # other pages are about one that is never on hold
    }
    customer = make.make_customer(made, campaigns=(campaign,))
    sales = tuple(make.make_sale(made, customer, campaign) for _ in range(2))
    hook, spare = make_webhook(made), make_webhook(made)
    bob = make.make_user(made, role="K")
    return Cast(made, bob, campaign, customer, *sales, hook.id, hook.tested().id, spare.id, parts)


def address(name: str, cast: Cast) -> str:
    """Return the address of a line, with the ids of a cast."""
    from django.urls import reverse

    row = PAGES[name]
    return reverse(name, urlconf="regulars.panel.urls", kwargs=row.ids(cast) if row.ids else {}) + row.query
