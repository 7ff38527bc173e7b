# SPDX-License-Identifier: Apache-2.0
"""record_customer: a customer is enrolled (new), takes over an issued card (register), or is changed (edit) (api.md 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig
from regulars.api.call import Call, Context, Family
from regulars.api.calls.transaction_terms import read_unit
from regulars.customers.rules import CARD_DIGITS_MAX, CardRequest, Profile, check_code, random_digits_needed
from regulars.errors import DuplicateParameter, InvalidParameter, MissingParameter, UsernameTaken
from regulars.protocol.kinds import (
    campaign_number,
    comma_list,
    email,
    flag,
    integer,
    new_password,
    numbered,
    partial_date,
    phone,
    pin,
    text,
)
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element, filled, leaf, record, success
from regulars.transactions.enrol import (
    Enrolled,
    Joining,
    chosen_campaigns,
    edit_customer,
    enrol_customer,
    register_customer,
)

CAMPAIGNS_MAX = 100
GENERATE_NAMES = ("card_number_generate", "card_number_prefix", "card_number_suffix")


def _line() -> Kind[str]:
    def parse(name: str, raw: str, _: AccountConfig) -> str:
        check_code(raw, name)
        return raw

    return Kind(parse, "at most 64 characters on one line")


@dataclass(frozen=True, slots=True)
class Params:
    """A blank value empties its field on ``edit``; on ``new`` and ``register`` it counts as not sent."""

    code: str | None = param(_line(), note="the calling system's own customer id")
    new_code: bool = param(flag(), default=False, note="new: Yes makes a random code instead of taking the card number")
    card_number: str | None = param(
        _line(), keeps_blank=True, note="no two customers have the same; without a code it becomes the code (new)"
    )
    card_number_generate: int | None = param(
        integer(1, CARD_DIGITS_MAX), note="make a card number of so many digits, prefix and suffix included"
    )
    card_number_prefix: str = param(text(CARD_DIGITS_MAX), default="", note="digits the made card number begins with")
    card_number_suffix: str = param(text(CARD_DIGITS_MAX), default="", note="digits the made card number ends with")
    first_name: str | None = param(text(100), keeps_blank=True, note="as people write it")
    last_name: str | None = param(text(100), keeps_blank=True, note="as people write it")
    phone: str | None = param(phone(), keeps_blank=True, note="kept as typed, and found in the form it is dialled")
    email: str | None = param(email(), keeps_blank=True, note="receipts and welcome mails go to it")
    street1: str | None = param(text(120), keeps_blank=True, note="first line of the address")
    street2: str | None = param(text(120), keeps_blank=True, note="second line of the address")
    city: str | None = param(text(80), keeps_blank=True, note="as people write it")
    state: str | None = param(text(80), keeps_blank=True, note="state or province")
    postal_code: str | None = param(text(20), keeps_blank=True, note="post code or ZIP")
    country: str | None = param(text(80), keeps_blank=True, note="as people write it")
    custom_date: str | None = param(partial_date(), keeps_blank=True, note="the birthday, unless relabelled")
    custom_field: str | None = param(text(64_000), keeps_blank=True, aliases=("custom1",), note="the same as custom_field_1")
    customer_username: str | None = param(_line(), keeps_blank=True, note="no two customers have the same")
    customer_password: str | None = param(
        new_password(), keeps_blank=True, note="kept as a hash; validate_customer_password compares with it"
    )
    customer_pin: str | None = param(
        pin(), wire="customer_PIN", keeps_blank=True, note="kept as a hash; five wrong ones in a row lock it"
    )
    custom_fields: dict[int, str] = param(
        numbered("custom_field_", text(64_000)), keeps_blank=True, note="the values of customer fields, made by manage_fields"
    )
    campaign_id: tuple[str, ...] = param(
        comma_list(campaign_number(), CAMPAIGNS_MAX), default=(), note="campaigns to join, joined by commas"
    )
    auto_add: str | None = param(
        text(40, shape="value"),
        note="opening amount for each campaign named, in its unit: points, events, or money; not for buyx",
    )
    send_no_email: bool = param(flag(), default=False, note="true: no welcome or update mail")


def _profile(params: Params, *, keeps_blank: bool) -> Profile:
    fields = dict(params.custom_fields)
    if params.custom_field is not None:
        if fields.get(1, params.custom_field) != params.custom_field:
            raise DuplicateParameter("custom_field")
        fields[1] = params.custom_field

    def given(value: str | None) -> str | None:
        return value if keeps_blank or value else None

    return Profile(
        card_number=given(params.card_number),
        first_name=given(params.first_name),
        last_name=given(params.last_name),
        phone=given(params.phone),
        email=given(params.email),
        street1=given(params.street1),
        street2=given(params.street2),
        city=given(params.city),
        state=given(params.state),
        postal_code=given(params.postal_code),
        country=given(params.country),
        custom_date=given(params.custom_date),
        username=given(params.customer_username),
        password=given(params.customer_password),
        pin=given(params.customer_pin),
        fields={number: value for number, value in fields.items() if keeps_blank or value},
    )


def _card(params: Params) -> CardRequest | None:
    if params.card_number_generate is None:
        return None
    request = CardRequest(params.card_number_generate, params.card_number_prefix, params.card_number_suffix)
    random_digits_needed(request, GENERATE_NAMES)
    return request


def _joins(ctx: Context, params: Params) -> tuple[Joining, ...]:
    if params.auto_add is not None and not params.campaign_id:
        raise MissingParameter("campaign_id")
    joins = []
    for campaign in chosen_campaigns(ctx.account, ctx.user, params.campaign_id):
        opening = 0
        if params.auto_add is not None:
            if campaign.kind == "buyx":
                raise InvalidParameter("auto_add", "a buyx campaign counts items and takes no opening amount")
            opening = read_unit(ctx, campaign, "auto_add", params.auto_add)
            if opening < 0:
                raise InvalidParameter("auto_add", "it must not be negative")
        joins.append(Joining(campaign, opening))
    return tuple(joins)


def _answer(write: Callable[[], Enrolled]) -> Element:
    try:
        enrolled = write()
    except UsernameTaken as error:
        raise UsernameTaken(fields=("customer_username",)) from error
    customer = enrolled.customer
    return success(
        record(
            "customer",
            leaf("code", customer.code),
            filled("card_number", customer.card_number),
            status="new" if enrolled.is_new else "updated",
        )
    )


def handle_new(ctx: Context, params: Params) -> Element:
    """
    Enrol a customer and answer with his code.

    Without ``code`` the card number becomes the code, given or made; with ``new_code``, or without a card, it is 16 random
    digits. Each campaign named gets an activation entry, then ``auto_add``. A customer with a password is registered.
    """
    profile, card = _profile(params, keeps_blank=False), _card(params)
    return _answer(
        lambda: enrol_customer(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            profile=profile,
            code=params.code or "",
            card=card,
            wants_random_code=params.new_code,
            joins=_joins(ctx, params),
            sends_mail=not params.send_no_email,
        )
    )


def handle_register(ctx: Context, params: Params) -> Element:
    """
    Let a member take over an issued card: ``card_number`` (or ``code``) and ``customer_password`` at least.

    A card whose member has registered, or to whom a password was given, is refused.
    """
    if not params.card_number and not params.code:
        raise MissingParameter("card_number")
    if not params.customer_password:
        raise MissingParameter("customer_password")
    return _answer(
        lambda: register_customer(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            profile=_profile(params, keeps_blank=False),
            code=params.code or "",
            joins=_joins(ctx, params),
            sends_mail=not params.send_no_email,
        )
    )


def handle_edit(ctx: Context, params: Params) -> Element:
    """
    Change a customer: what is sent is written, a blank value empties its field, what is not sent stays.

    ``code`` says who; without it, ``card_number`` does. Where that is nobody, a customer is enrolled with the data given:
    under the code given, else under 16 random digits. Opening amounts go only into campaigns joined by this call.
    """
    profile, card = _profile(params, keeps_blank=True), _card(params)
    return _answer(
        lambda: edit_customer(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            profile=profile,
            code=params.code or "",
            card=card,
            joins=_joins(ctx, params),
            sends_mail=not params.send_no_email,
        )
    )


FAMILY = Family(
    type="record_customer",
    selector="customer_action",
    calls={
        "new": Call(
            type="record_customer",
            handle=handle_new,
            params=Params,
            permission="add_customer",
            summary="Record a New Customer",
            errors=(
                "campaigns_not_valid",
                "customer_exists",
                "card_in_use",
                "username_taken",
                "not_unique",
                "number_not_generated",
                "trial_limit_reached",
            ),
            writes=True,
            source="api.md 7",
        ),
        "register": Call(
            type="record_customer",
            handle=handle_register,
            params=Params,
            permission="add_customer",
            summary="Register a New Customer",
            errors=(
                "customer_erased",
                "customer_not_found",
                "campaigns_not_valid",
                "card_in_use",
                "username_taken",
                "not_unique",
            ),
            writes=True,
            source="api.md 7",
        ),
        "edit": Call(
            type="record_customer",
            handle=handle_edit,
            params=Params,
            permission="edit_customer_info",
            summary="Update Customer Information",
            errors=(
                "customer_erased",
                "campaigns_not_valid",
                "customer_exists",
                "card_in_use",
                "username_taken",
                "not_unique",
                "number_not_generated",
                "trial_limit_reached",
            ),
            writes=True,
            source="api.md 7",
        ),
    },
)
