# SPDX-License-Identifier: Apache-2.0
# The type checker knows the managers of Regulars' own models only; the peer is another project with other settings.
# mypy: disable-error-code="attr-defined,no-any-return"
"""The same sale and the same balance read as Regulars', the way the ORM's documentation teaches."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from benchmarks.orm_peer.forms import InfoForm, SaleForm
from benchmarks.orm_peer.models import ApiUser, Balance, Campaign, Customer, Entry

CUSTOMER_FIELDS = ("first_name", "last_name", "card_number", "phone", "email", "street", "city", "postal_code", "country")


class Refused(Exception):
    """The call is refused; the text is the answer."""


def authenticated(data: dict[str, Any]) -> ApiUser:
    """Return the user whose token was given."""
    try:
        user = ApiUser.objects.select_related("account").get(code=data["user_id"], is_active=True)
    except ApiUser.DoesNotExist:
        raise Refused("not authorized") from None
    given = sha256(data["user_api_key"].encode()).hexdigest()
    if not hmac.compare_digest(given, user.token_hash) or user.account.code != data["account_id"]:
        raise Refused("not authorized")
    return user


@csrf_exempt
@require_POST
def api(request: HttpRequest) -> HttpResponse:
    """Answer a call by its ``type``, in XML."""
    call = {"record_activity": record_activity, "customer_info": customer_info}.get(request.POST.get("type", ""))
    try:
        if call is None:
            raise Refused("unknown type")
        root = call(request)
    except (Refused, Customer.DoesNotExist, Campaign.DoesNotExist) as error:
        root = ElementTree.Element("response", status="error")
        ElementTree.SubElement(root, "error").text = str(error)
    return HttpResponse(ElementTree.tostring(root, encoding="UTF-8"), content_type="text/xml; charset=utf-8")


def record_activity(request: HttpRequest) -> ElementTree.Element:
    """Record a sale: entry and balance in one transaction, the balance's row locked."""
    form = SaleForm(request.POST)
    if not form.is_valid():
        raise Refused(form.errors.as_json())
    data = form.cleaned_data
    user = authenticated(data)
    campaign = Campaign.objects.get(account=user.account, number=data["campaign_id"], is_active=True)
    with transaction.atomic():
        customer = Customer.objects.get(account=user.account, code=data["code"])
        balance, _ = Balance.objects.select_for_update().get_or_create(customer=customer, campaign=campaign)
        points = int(data["amount"]) * campaign.points_per_unit
        entry = Entry.objects.create(
            customer=customer, campaign=campaign, user=user, points=points, amount=data["amount"],
            description=data["authorization"] or campaign.name,
        )  # fmt: skip
        balance.balance = F("balance") + points
        balance.cumulative = F("cumulative") + points
        balance.save()
        balance.refresh_from_db()
    root = ElementTree.Element("response", status="success")
    receipt = ElementTree.SubElement(root, "receipt")
    add(receipt, "account_name", user.account.name)
    shown = ElementTree.SubElement(receipt, "campaign")
    add(shown, "id", campaign.number)
    add(shown, "name", campaign.name)
    add(shown, "type", campaign.kind)
    add_customer(receipt, customer)
    done = ElementTree.SubElement(receipt, "transaction")
    add(done, "id", entry.pk)
    purchase = ElementTree.SubElement(done, "purchase")
    add(purchase, "amount", entry.amount)
    add(purchase, "currency", user.account.currency)
    recorded = ElementTree.SubElement(done, "recorded")
    add(recorded, "points", points)
    add(recorded, "description", entry.description)
    add(ElementTree.SubElement(done, "balance"), "points", balance.balance)
    add(ElementTree.SubElement(done, "cumulative_balance"), "points", balance.cumulative)
    return root


def customer_info(request: HttpRequest) -> ElementTree.Element:
    """Answer a customer with balances and the rewards of the campaigns."""
    form = InfoForm(request.POST)
    if not form.is_valid():
        raise Refused(form.errors.as_json())
    user = authenticated(form.cleaned_data)
    customer = Customer.objects.get(account=user.account, code=form.cleaned_data["code"])
    balances = Balance.objects.filter(customer=customer).select_related("campaign").prefetch_related("campaign__rewards")
    root = ElementTree.Element("response", status="success")
    add_customer(root, customer)
    campaigns = ElementTree.SubElement(root, "campaigns")
    for balance in balances:
        shown = ElementTree.SubElement(campaigns, "campaign")
        add(shown, "id", balance.campaign.number)
        add(shown, "name", balance.campaign.name)
        add(shown, "type", balance.campaign.kind)
        add(shown, "balance", balance.balance)
        add(shown, "cumulative", balance.cumulative)
        rewards = ElementTree.SubElement(shown, "rewards")
        for reward in balance.campaign.rewards.all():
            line = ElementTree.SubElement(rewards, "reward")
            add(line, "id", reward.pk)
            add(line, "level", reward.level)
            add(line, "description", reward.description)
    return root


def add_customer(parent: ElementTree.Element, customer: Customer) -> None:
    """Add the customer's filled fields."""
    shown = ElementTree.SubElement(parent, "customer")
    add(shown, "code", customer.code)
    for name in CUSTOMER_FIELDS:
        if value := getattr(customer, name):
            add(shown, name, value)


def add(parent: ElementTree.Element, name: str, value: object) -> None:
    """Add a leaf."""
    ElementTree.SubElement(parent, name).text = str(value)
