# SPDX-License-Identifier: Apache-2.0
"""account_update: changes what an account says of itself (api.md 4)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import parse_country, parse_currency
from regulars.accounts.queries import get_account_config
from regulars.accounts.rules import CALLS_PER_MINUTE_MAX, REQUEST_LOG_DAYS_MAX, UNKNOWN_CARDS_MAX
from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.api.calls.account_list import account_row
from regulars.api.calls.campaign_kinds import percentage
from regulars.api.calls.switch_element import switch_element
from regulars.api.calls.user_kinds import language, time_zone
from regulars.coalition.rules import ROUNDINGS
from regulars.errors import CampaignNotFound, InvalidParameter, PermissionDenied
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.protocol.kinds import campaign_number, choice, email, flag, integer, new_password, phone, small_id, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element, record, success
from regulars.transactions.account_modules import ModuleChange
from regulars.transactions.account_profile import change_account
from regulars.transactions.clients import update_client

BLANK = "blank: taken away"
COALITION = {"Y": "on", "N": "off", "undo": "undo"}
COUNT_MAX = 9_999_999
WIRE_NAMES = {
    "currency": "symbol_selector", "owner_password": "new_account_password", "master_campaign": "two_tier_campaign",
    "percentage": "two_tier_percentage", "rounding": "two_tier_rounding",
}  # fmt: skip


def country() -> Kind[str]:
    """A country, in the form given."""
    return Kind(
        lambda name, raw, _: parse_country(raw, name=name),
        "a country's code of ISO 3166 (NZ) or its English name (New Zealand)",
    )


def currency() -> Kind[str]:
    """A currency's code."""
    return Kind(lambda name, raw, _: parse_currency(raw, name=name).code, "a currency's code of ISO 4217, such as USD")


@dataclass(frozen=True, slots=True)
class Params:
    agency: int | str | None = param(
        small_id(), keeps_blank=True,
        note="the agency the account is under; the platform owner's users give another to the account they name; blank: none",
    )  # fmt: skip
    state: str | None = param(
        choice("trial", "active", "suspended"),
        note="extension: of another account, by the platform owner's users; by its agency's only active, after trial",
    )
    contact_email: str | None = param(email(), note="the agency's; without an agency, the business's own, as in account_info")
    contact_first_name: str | None = param(text(60), keeps_blank=True, note=BLANK)
    contact_last_name: str | None = param(text(60), keeps_blank=True, note=BLANK)
    contact_phone: str | None = param(phone(), keeps_blank=True, note=BLANK)
    client_email: str | None = param(email(), keeps_blank=True, note=f"the business's own; {BLANK}")
    biz_name: str | None = param(text(80), note="blank: unchanged")
    biz_address1: str | None = param(text(80), keeps_blank=True, note=BLANK)
    biz_address2: str | None = param(text(80), keeps_blank=True, note=BLANK)
    biz_city: str | None = param(text(60), keeps_blank=True, note=BLANK)
    biz_state: str | None = param(text(60), keeps_blank=True, note=BLANK)
    biz_zip: str | None = param(text(20), keeps_blank=True, note=BLANK)
    biz_country: str | None = param(country(), keeps_blank=True, note=BLANK)
    biz_locations: int | str | None = param(integer(0, COUNT_MAX), keeps_blank=True, note=BLANK)
    biz_online: bool | None = param(flag(), note="whether it sells on the Internet")
    biz_employees: int | str | None = param(
        integer(0, COUNT_MAX),
        keeps_blank=True,
        wire="biz_empoloyees",
        aliases=("biz_employees",),
        note=f"also biz_employees; {BLANK}",
    )
    industry: str | None = param(text(80), keeps_blank=True, note=BLANK)
    referrer_name: str | None = param(text(80), keeps_blank=True, note=BLANK)
    new_account_password: str | None = param(
        new_password(), aliases=("account_password",), note="the owner's login password; only he may change it"
    )
    language_selector: str | None = param(language(), note="the language of the panel and of mails")
    symbol_selector: str | None = param(currency(), note="cannot change once money was recorded")
    timezone_selector: str | None = param(time_zone(), note="days begin and end in it")
    activate: str | None = param(
        choice("Y", "Yes", error_text="Activate parameter missing or incorrect."), note="Y: takes the account out of trial"
    )
    mailchimp_username: str | None = param(text(80), keeps_blank=True, note=BLANK)
    mailchimp_password: str | None = param(text(128), keeps_blank=True, note=f"kept encrypted; {BLANK}")
    sms_username: str | None = param(text(80), keeps_blank=True, note=BLANK)
    sms_password: str | None = param(text(128), keeps_blank=True, note=f"kept encrypted; {BLANK}")
    request_log_days: int | None = param(
        integer(0, REQUEST_LOG_DAYS_MAX), note="extension: how long requests are kept in the request log; 0: they are not"
    )
    calls_per_minute: int | str | None = param(
        integer(1, CALLS_PER_MINUTE_MAX), keeps_blank=True, note="extension: of each user; blank: as the installation says"
    )
    unknown_cards_per_minute: int | None = param(
        integer(0, UNKNOWN_CARDS_MAX), note="extension: of a user, ten times as many at once; 0: no limit"
    )
    activation_code: str | None = param(
        text(60, error_text="The Activation Code is not valid"), note="extension: opens a module, once"
    )
    coalition: str | None = param(
        choice("Y", "N", "undo"), note="extension: Y shared balances; N each campaign its own; undo the last change"
    )
    two_tier_campaign: str | None = param(
        campaign_number(), keeps_blank=True, note="extension: the master campaign; blank: no second tier any more"
    )
    two_tier_percentage: int | None = param(percentage(), note="extension: what the master gets")
    two_tier_rounding: str | None = param(choice(*ROUNDINGS), note="extension: of that share, to whole points; down unless set")


AS_SENT = (
    "contact_first_name", "contact_last_name", "contact_phone", "biz_name", "biz_address1", "biz_address2", "biz_city",
    "biz_state", "biz_zip", "biz_country", "biz_locations", "biz_employees", "industry", "referrer_name", "mailchimp_username",
    "mailchimp_password", "sms_username", "sms_password", "request_log_days", "calls_per_minute", "unknown_cards_per_minute",
)  # fmt: skip
"""Parameters that are called as what they change."""
OF_ANOTHER = frozenset({"agency", "state"})
"""What the platform owner's users may say of another account."""


def handle(ctx: Context, params: Params) -> Element:
    """
    Change what is given and answer as account_info. ``account_id`` never changes.

    ``activation_code`` opens the coalition or the second tier; one for coalitions makes the account a coalition at once, unless
    ``coalition=N``. ``coalition=Y``: all points campaigns that did not opt out share one balance, all gift card and earned ones
    another. ``undo`` is possible while nothing else was recorded. Each points campaign gives ``two_tier_percentage`` of what is
    earned in it to ``two_tier_campaign``, from the next earning on.

    Where the account became a coalition, or ceased to be one, ``coalition_switch`` says what moved; with ``dry_run=Y``, what
    would, and nothing is changed. In a large account the balances follow within minutes, each at the latest at its customer's
    next transaction; ``status`` is ``moving`` until then.

    The platform owner's users may name another account in ``account_id``, and give it ``agency`` and ``state``, nothing else;
    an agency's users may take their clients out of trial so (``state=active``). The answer is as in account_list.

    Queries: 3, with a new currency or password up to 6; a switch more.
    Raises:  PermissionDenied, InvalidParameter, AgencyNotFound, ActivationCodeNotValid, ModuleNotActivated, SwitchStands,
             BalancesMoving.
    """
    if ctx.named_account:
        return _of_another(ctx, params)
    if params.state is not None:
        raise PermissionDenied(fields=("state",))
    profile = {name: str(value) for name in AS_SENT if (value := getattr(params, name)) is not None}
    own_email = _own_email(ctx.account, params)
    if own_email is not None:
        profile["client_email"] = own_email
    if params.biz_online is not None:
        profile["biz_online"] = "Y" if params.biz_online else "N"
    if params.language_selector is not None:
        profile["language"] = params.language_selector
    if params.timezone_selector is not None:
        profile["timezone"] = params.timezone_selector
    with wire_names(WIRE_NAMES):
        switched = change_account(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            profile=profile,
            currency=params.symbol_selector,
            activate=params.activate is not None,
            owner_password=params.new_account_password,
            modules=_modules(ctx.account, params),
        )
    account = get_account_config(ctx.account.id)
    return success(
        record("account", *account_members(account)), None if switched is None else switch_element(account, switched)
    )


def _of_another(ctx: Context, params: Params) -> Element:
    """Change what the platform owner says of an account. Raises PermissionDenied for whatever is the account's own."""
    own = [each.name for each in fields(params) if each.name not in OF_ANOTHER and getattr(params, each.name) is not None]
    if own:
        raise PermissionDenied(fields=tuple(own))
    agency: int | Unchanged | None = UNCHANGED
    if params.agency is not None:
        agency = params.agency if isinstance(params.agency, int) else None
    row = update_client(
        account=ctx.account,
        by=ctx.user,
        at=ctx.at,
        code=ctx.named_account,
        agency_id=agency,
        state=params.state,
    )
    return success(account_row(ctx, row))


def _modules(account: AccountConfig, params: Params) -> ModuleChange:
    """Return what of coalition and second tier is to change. Raises CampaignNotFound."""
    master: int | Unchanged | None = UNCHANGED
    if params.two_tier_campaign == "":
        master = None
    elif params.two_tier_campaign is not None:
        campaign = account.campaigns.get(params.two_tier_campaign)
        if campaign is None:
            raise CampaignNotFound(fields=("two_tier_campaign",))
        master = campaign.id
    return ModuleChange(
        activation_code=params.activation_code,
        coalition=None if params.coalition is None else COALITION[params.coalition],
        master_campaign_id=master,
        contribution_ppm=params.two_tier_percentage,
        contribution_rounding=params.two_tier_rounding,
    )


def _own_email(account: AccountConfig, params: Params) -> str | None:
    """Return the business's new address. Raises InvalidParameter for what is the agency's to change."""
    if params.agency is not None and (account.agency[0] if account.agency else "") != params.agency:
        raise InvalidParameter("agency", "the account is not under this agency")
    if account.agency is None:
        return params.contact_email if params.client_email is None else params.client_email
    if params.contact_email is not None and params.contact_email != account.agency[2]:
        raise InvalidParameter("contact_email", "it is the agency's, the account's own is client_email")
    return params.client_email


CALL = Call(
    type="account_update",
    handle=handle,
    params=Params,
    permission="edit_account_info",
    reached_by=("agency", "platform"),
    summary="Update Account Information",
    errors=(
        "activation_code_not_valid",
        "module_not_activated",
        "switch_stands",
        "balances_moving",
        "campaign_not_found",
        "agency_not_found",
    ),
    writes=True,
    source="api.md 4",
)
