# SPDX-License-Identifier: Apache-2.0
"""transaction_reverse: goods come back, a redemption is called off; all of it or a part (our extension, api.md 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.api.call import Call, Context
from regulars.customers.queries import find_customer_id
from regulars.errors import CustomerNotFound, MissingParameter, TransactionNotFound
from regulars.protocol.kinds import campaign_number, customer_code, money, points, small_id, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.queries import Recorded, get_transaction, get_transaction_by_reference
from regulars.transactions.receipts import UNIT_OF
from regulars.transactions.reverse import TakenBack, reverse_transaction
from regulars.transactions.terms import usable_campaign

NOT_VALID = "The amount entered is not valid"
_MONEY = money(error_text=NOT_VALID)
_WHOLE = points(error_text=NOT_VALID)


@dataclass(frozen=True, slots=True)
class Params:
    transaction_id: int | None = param(small_id(), note="or reference")
    reference: str | None = param(text(64), note="the till's own number of the sale, as it was recorded")
    amount: str | None = param(
        text(40, shape="value"),
        note="a part: money where there was a purchase amount, else points, events or units; absent = all",
    )
    campaign_id: str | None = param(campaign_number(), note="checked where given; narrows a reference")
    code: str | None = param(customer_code(), note="checked where given; narrows a reference")
    authorization: str = param(text(255), default="", note="free description of the reversal")


def handle(ctx: Context, params: Params) -> Element:
    """
    Take an earning or a redemption back and answer ``<transaction status="reversed">`` with

    - ``id`` of the entry that takes back, ``reversed_id`` of the transaction,
    - ``reversed``: what this reversal did to the balance, signed, in the campaign's unit (``points``, ``events``, ``units``, or
      ``amount, currency, glyph``),
    - ``purchase{amount, currency, glyph}``: the money of the purchase that went back, where there was a purchase,
    - ``reversed_total``: all that is taken back of the transaction by now, positive; ``remaining``: what could still be,
    - ``balance`` after it.

    Never more than the original. A part of a purchase takes its points in proportion: the customer keeps
    floor(points x purchase kept / purchase). A whole reversal sent again gives the first answer again; parts add up unless they
    carry the same idempotency_key. ``transaction_id`` wins over ``reference``; a reference of several transactions is an error.
    After a merge, transactions of the record that is gone are taken back from the customer who stays.
    """
    recorded = _find(ctx, params)
    amount = None
    if params.amount is not None:
        kind = _MONEY if recorded.purchase_minor or recorded.campaign.is_money else _WHOLE
        amount = kind.parse("amount", params.amount, ctx.account)
    taken = reverse_transaction(
        account=ctx.account, by=ctx.user, at=ctx.at, recorded=recorded, amount=amount, description=params.authorization
    )
    return success(_answer(ctx.account, taken))


def _find(ctx: Context, params: Params) -> Recorded:
    account = ctx.account
    if params.transaction_id is None and params.reference is None:
        raise MissingParameter("transaction_id")
    campaign = usable_campaign(account, ctx.user, params.campaign_id) if params.campaign_id else None
    customer_id = None
    if params.code is not None:
        customer_id = find_customer_id(account=account, code=params.code)
        if customer_id is None:
            raise CustomerNotFound(fields=("code",))
    if params.transaction_id is None:
        assert params.reference is not None
        return get_transaction_by_reference(
            account=account,
            by=ctx.user,
            reference=params.reference,
            campaign_number=campaign.number if campaign else None,
            customer_id=customer_id,
        )
    recorded = get_transaction(account=account, by=ctx.user, entry_id=params.transaction_id)
    if (
        recorded.is_deleted
        or (campaign is not None and recorded.campaign.id != campaign.id)
        or (customer_id is not None and recorded.customer_id != customer_id)
    ):
        raise TransactionNotFound(fields=("transaction_id",))
    return recorded


def _answer(account: AccountConfig, taken: TakenBack) -> Element:
    recorded, reversal = taken.recorded, taken.reversal
    campaign = recorded.campaign
    return record(
        "transaction",
        leaf("id", reversal.entry_id),
        leaf("reversed_id", recorded.entry_id),
        _amount(account, campaign, "reversed", reversal.amount),
        None if taken.purchase_minor is None else _money(account, "purchase", taken.purchase_minor),
        _amount(account, campaign, "reversed_total", reversal.reversed_total),
        _amount(account, campaign, "remaining", taken.left),
        _amount(account, campaign, "balance", reversal.balance),
        status="reversed",
    )


def _amount(account: AccountConfig, campaign: CampaignConfig, name: str, amount: int) -> Element:
    unit = UNIT_OF.get(campaign.kind)
    return _money(account, name, amount) if unit is None else record(name, leaf(unit, amount))


def _money(account: AccountConfig, name: str, amount_minor: int) -> Element:
    currency = account.currency
    return record(
        name, leaf("amount", currency.text(amount_minor)), leaf("currency", currency.code), leaf("glyph", currency.glyph)
    )


CALL = Call(
    type="transaction_reverse",
    handle=handle,
    params=Params,
    permission="customer_visit_delete",
    summary="Reverse a Transaction",
    errors=("campaign_not_found", "customer_not_found", "transaction_not_found", "ambiguous_reference", "already_reversed"),
    writes=True,
    source="api.md 13",
)
