# SPDX-License-Identifier: Apache-2.0
"""Every call of the API by its ``type``. A plain dict: to add a call, import it and add its line."""

from __future__ import annotations

from regulars.api.call import Call, Family
from regulars.api.calls import (
    account_info,
    account_list,
    account_new,
    account_update,
    agency_list,
    agency_new,
    balance_explain,
    batch_info,
    batch_transactions,
    batch_undo,
    buyx_items_list,
    campaign_deactivate,
    campaign_delete,
    campaign_depreciations,
    campaign_fee_delete,
    campaign_fee_new,
    campaign_fee_update,
    campaign_fees,
    campaign_new,
    campaign_promos,
    campaign_reactivate,
    campaign_rewards,
    campaign_update,
    campaign_users,
    campaigns_inactive_list,
    campaigns_list,
    card_replace,
    customer_balance,
    customer_delete,
    customer_find,
    customer_info,
    customer_merge,
    customer_search,
    customers_batch,
    dashboard,
    depreciation_delete,
    depreciation_new,
    depreciation_update,
    generate_card_number,
    generate_time_token,
    manage_fields,
    record_activity,
    record_customer,
    redeem,
    reports,
    request_log,
    reward_fields,
    settlement,
    settlement_close,
    settlement_list,
    test,
    transaction_delete,
    transaction_fields,
    transaction_reverse,
    user_delete,
    user_info,
    user_login,
    user_new,
    user_unlock,
    user_update,
    users_list,
    validate_customer_password,
    validate_time_token,
)
from regulars.errors import UnknownCall

CALLS: dict[str, Call | Family] = {
    "account_info": account_info.CALL,
    "account_update": account_update.CALL,
    "account_new": account_new.CALL,
    "account_list": account_list.CALL,
    "agency_new": agency_new.CALL,
    "agency_list": agency_list.CALL,
    "dashboard": dashboard.CALL,
    "buyx_items_list": buyx_items_list.CALL,
    "campaign_deactivate": campaign_deactivate.CALL,
    "campaign_delete": campaign_delete.FAMILY,
    "campaign_depreciations": campaign_depreciations.CALL,
    "campaign_fee_delete": campaign_fee_delete.CALL,
    "campaign_fee_new": campaign_fee_new.CALL,
    "campaign_fee_update": campaign_fee_update.CALL,
    "campaign_fees": campaign_fees.CALL,
    "depreciation_delete": depreciation_delete.CALL,
    "depreciation_new": depreciation_new.CALL,
    "depreciation_update": depreciation_update.CALL,
    "campaign_new": campaign_new.FAMILY,
    "campaign_promos": campaign_promos.CALL,
    "campaign_reactivate": campaign_reactivate.CALL,
    "campaign_rewards": campaign_rewards.CALL,
    "campaign_update": campaign_update.FAMILY,
    "campaigns_inactive_list": campaigns_inactive_list.CALL,
    "campaigns_list": campaigns_list.CALL,
    "test": test.CALL,
    "balance_explain": balance_explain.CALL,
    "customer_balance": customer_balance.CALL,
    "customer_info": customer_info.CALL,
    "record_activity": record_activity.CALL,
    "redeem": redeem.CALL,
    "reports": reports.FAMILY,
    "request_log": request_log.CALL,
    "transaction_delete": transaction_delete.CALL,
    "transaction_reverse": transaction_reverse.CALL,
    "user_info": user_info.CALL,
    "user_login": user_login.CALL,
    "user_new": user_new.CALL,
    "user_update": user_update.CALL,
    "users_list": users_list.CALL,
    "user_delete": user_delete.CALL,
    "user_unlock": user_unlock.CALL,
    "campaign_users": campaign_users.FAMILY,
    "record_customer": record_customer.FAMILY,
    "generate_card_number": generate_card_number.CALL,
    "generate_time_token": generate_time_token.CALL,
    "validate_time_token": validate_time_token.CALL,
    "customer_search": customer_search.CALL,
    "customer_find": customer_find.CALL,
    "validate_customer_password": validate_customer_password.CALL,
    "customer_delete": customer_delete.CALL,
    "customer_merge": customer_merge.CALL,
    "card_replace": card_replace.CALL,
    "customers_batch": customers_batch.CALL,
    "batch_transactions": batch_transactions.CALL,
    "batch_undo": batch_undo.CALL,
    "batch_info": batch_info.CALL,
    "manage_fields": manage_fields.FAMILY,
    "transaction_fields": transaction_fields.FAMILY,
    "reward_fields": reward_fields.FAMILY,
    "settlement": settlement.CALL,
    "settlement_close": settlement_close.CALL,
    "settlement_list": settlement_list.CALL,
}
"""By ``type``, lower case."""

ALIASES: dict[str, Call | Family] = {alias: call for call in CALLS.values() for alias in call.aliases}


def find_call(type_name: str, selector_value: str | None = None) -> Call:
    """
    Return the call for a ``type``. A Family's selector is read by the caller: see ``selector_of``.

    Raises: UnknownCall.
    """
    key = type_name.lower()
    entry = CALLS.get(key) or ALIASES.get(key)
    if entry is None:
        raise UnknownCall(fields=("type",))
    if isinstance(entry, Call):
        return entry
    call = entry.calls.get((selector_value or "").lower())
    if call is None:
        raise UnknownCall(entry.unknown_text, fields=(entry.selector,))
    return call


def selector_of(type_name: str) -> str:
    """Return the name of the field that tells a family's calls apart; "" for a single or unknown call."""
    key = type_name.lower()
    entry = CALLS.get(key) or ALIASES.get(key)
    return entry.selector if isinstance(entry, Family) else ""
