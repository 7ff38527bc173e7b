# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""
What a call may raise: a class for each permanent code. Written by ``python -m regulars.api.client_source``; do not edit.

    try:
        shop.redeem(...)
    except InsufficientBalance: ...    # this one refusal
    except Refused: ...                # any other "no" of the programme
    except OutcomeUnknown as error: ...# ask again under error.idempotency_key
    except CallError: ...              # everything else

``retry`` says whether to try again: never, same_key (under the same idempotency key), later. The client has tried already.
"""

from __future__ import annotations

from typing import ClassVar

from regulars.client.failure import Advice, CallError


class AccessError(CallError):
    """User does not have permission"""
    default_code = "access_denied"

class Conflict(CallError):
    """It exists, is in use, or was done before."""
    default_code = "conflict"

class InternalError(CallError):
    """Something went wrong on our side. It was logged; please try again later."""
    default_code = "internal_error"

class NotFound(CallError):
    """There is no such thing in this account."""
    default_code = "not_found"

class OperationalError(CallError):
    """The service is not available at the moment. Please try again."""
    default_code = "unavailable"
    retry: ClassVar[Advice] = "later"

class Refused(CallError):
    """The request is valid, but the programme says no."""
    default_code = "refused"

class RequestError(CallError):
    """The message is wrong; nothing was carried out."""
    default_code = "bad_request"

class AccountNotFound(NotFound):
    """account_id is not valid: no such account"""
    default_code = "account_not_found"

class AccountNotOfAgency(AccessError):
    """The account does not belong to the agency"""
    default_code = "account_not_of_agency"

class AccountNotPermitted(AccessError):
    """User does not have permission to access the account affected"""
    default_code = "account_not_permitted"

class AccountSuspended(AccessError):
    """This account has been suspended"""
    default_code = "account_suspended"

class ActivationCodeNotValid(Refused):
    """The Activation Code is not valid"""
    default_code = "activation_code_not_valid"

class AgencyNotFound(NotFound):
    """agency is not valid: no such agency"""
    default_code = "agency_not_found"

class AgencyTokenMissing(AccessError):
    """The agency token is missing"""
    default_code = "agency_token_missing"

class AlreadyJoined(Conflict):
    """The customer is already in this campaign."""
    default_code = "already_joined"

class AlreadyReversed(Conflict):
    """This transaction has already been reversed."""
    default_code = "already_reversed"

class AmbiguousReference(Conflict):
    """reference is not valid: it names several transactions, use transaction_id"""
    default_code = "ambiguous_reference"

class BadCredentials(AccessError):
    """The user_id or user_api_key is not valid."""
    default_code = "bad_credentials"

class BalancesMoving(OperationalError):
    """Balances are being moved between campaigns. Please try again in a few minutes."""
    default_code = "balances_moving"

class BatchNotFound(NotFound):
    """batch_id is not valid: no such batch"""
    default_code = "batch_not_found"

class BatchUnderWay(Conflict):
    """batch_id is not valid: the batch is still being carried out"""
    default_code = "batch_under_way"
    retry: ClassVar[Advice] = "later"

class CampaignNameTaken(Conflict):
    """Error with campaign name"""
    default_code = "campaign_name_taken"

class CampaignNotFound(NotFound):
    """Campaign not valid or deactivated."""
    default_code = "campaign_not_found"

class CampaignsNotValid(NotFound):
    """One of the campaigns selected is not valid."""
    default_code = "campaigns_not_valid"

class CardInUse(Conflict):
    """The information entered matches an existing customer."""
    default_code = "card_in_use"

class CodeNotFound(NotFound):
    """There is no such Activation Code"""
    default_code = "activation_code_not_found"

class CodeUsed(Conflict):
    """The Activation Code was used already"""
    default_code = "activation_code_used"

class CustomerErased(Refused):
    """The personal data of this customer were erased; they cannot be written again."""
    default_code = "customer_erased"

class CustomerExists(Conflict):
    """The customer Account Id you entered already exists."""
    default_code = "customer_exists"

class CustomerNotFound(NotFound):
    """This customer does not exist."""
    default_code = "customer_not_found"

class CustomerNotRegistered(Refused):
    """Customer is not yet registered"""
    default_code = "customer_not_registered"

class DatabaseUnavailable(OperationalError):
    """The database is away. Nothing was carried out; try again."""
    default_code = "database_unavailable"

class DepreciationExists(Conflict):
    """A depreciation for the time interval given already exists."""
    default_code = "depreciation_exists"

class DepreciationNotFound(NotFound):
    """depreciation_id is not valid: no such depreciation in this campaign"""
    default_code = "depreciation_not_found"

class DeviceNotFound(NotFound):
    """device is not valid: it is not remembered"""
    default_code = "device_not_found"

class DuplicateParameter(RequestError):
    """A parameter came twice with different values; which one was meant is never guessed."""
    default_code = "duplicate_parameter"

class FeeNotFound(NotFound):
    """fee_id is not valid: no such fee in this campaign"""
    default_code = "fee_not_found"

class FieldExists(Conflict):
    """The account has a field of this number already."""
    default_code = "field_exists"

class FieldNotFound(NotFound):
    """The parameter names a custom field that the account does not have."""
    default_code = "field_not_found"

class IdentifierTaken(Conflict):
    """Error with BuyX campaign item parameters"""
    default_code = "identifier_taken"

class InsufficientBalance(Refused):
    """The amount entered exceeds the available balance"""
    default_code = "insufficient_balance"

class InvalidParameter(RequestError):
    """A parameter does not have the form that is expected. The text names it and says what is: nothing was carried out."""
    default_code = "invalid_parameter"

class ItemNotFound(NotFound):
    """service_product is not valid: no such item in this campaign"""
    default_code = "item_not_found"

class KeyReused(Conflict):
    """idempotency_key is not valid: it was used before with other content"""
    default_code = "key_reused"

class LimitReached(Refused):
    """The account has as many of these as it may have. The text says how many."""
    default_code = "limit_reached"

class LockTimeout(OperationalError):
    """Another transaction held the customer for too long. Nothing was carried out; try again."""
    default_code = "lock_timeout"

class LoggedRequestNotFound(NotFound):
    """There is no such request in the log."""
    default_code = "logged_request_not_found"

class MalformedRequest(RequestError):
    """The request could not be read."""
    default_code = "malformed_request"

class MissingParameter(RequestError):
    """A required parameter is absent or empty. The text names it; nothing was carried out."""
    default_code = "missing_parameter"

class ModuleNotActivated(Refused):
    """This needs an Activation Code"""
    default_code = "module_not_activated"

class NoCoalition(Refused):
    """report is not valid: it is for coalition and two-tier accounts"""
    default_code = "no_coalition"

class NoCustomerMatches(NotFound):
    """No customer matches data provided."""
    default_code = "no_customer_matches"

class NoCustomersInReport(NotFound):
    """No Customers Match Criteria"""
    default_code = "no_customers_in_report"

class NoSecondFactor(Conflict):
    """There is no second factor."""
    default_code = "no_second_factor"

class NoSecretOnRecord(Refused):
    """There is no recorded password for this customer"""
    default_code = "no_secret_on_record"

class NoTransactionsInReport(NotFound):
    """No Transactions Found"""
    default_code = "no_transactions_in_report"

class NotUnique(Conflict):
    """Not Unique"""
    default_code = "not_unique"

class NumberNotGenerated(Conflict):
    """Error generating ID. Please try again."""
    default_code = "number_not_generated"
    retry: ClassVar[Advice] = "later"

class OutcomeUnknown(OperationalError):
    """The connection to the database was lost; it is not known whether the transaction was recorded."""
    default_code = "outcome_unknown"
    retry: ClassVar[Advice] = "same_key"

class Overloaded(OperationalError):
    """More calls wait than the server takes on. Nothing was carried out; try again."""
    default_code = "overloaded"

class PasswordLocked(Refused):
    """Too many wrong passwords. Please try again later."""
    default_code = "password_locked"
    retry: ClassVar[Advice] = "later"

class PermissionDenied(AccessError):
    """The user's role does not have the permission that the call asks for."""
    default_code = "permission_denied"

class PinInUse(Conflict):
    """This PIN is already in use"""
    default_code = "pin_in_use"

class PinLocked(Refused):
    """Too many wrong PINs. Please try again later."""
    default_code = "pin_locked"
    retry: ClassVar[Advice] = "later"

class PlainHttpRefused(AccessError):
    """Calls with credentials must use https."""
    default_code = "plain_http_refused"

class PromotionNotActive(Refused):
    """The promotion has not begun, or is over."""
    default_code = "promotion_not_active"

class PromotionNotFound(NotFound):
    """promo_id is not valid: no such promotion in this campaign"""
    default_code = "promotion_not_found"

class RateLimited(AccessError):
    """Too many requests. Please try again later."""
    default_code = "rate_limited"
    retry: ClassVar[Advice] = "later"

class RedeemingByCurrencyOff(Refused):
    """custom_dollars_redeem is not valid: the campaign has no spend-to-reward ratio"""
    default_code = "redeeming_by_currency_off"

class RewardNotFound(NotFound):
    """reward_to_redeem is not valid: no such reward in this campaign"""
    default_code = "reward_not_found"

class SecondFactorExists(Conflict):
    """There is a second factor already."""
    default_code = "second_factor_exists"

class SecondFactorMissing(AccessError):
    """A code of the second factor is needed: second_factor_code."""
    default_code = "second_factor_missing"

class SecondFactorRequired(Conflict):
    """The account requires a second factor of you."""
    default_code = "second_factor_required"

class SecretMismatch(Refused):
    """The password submitted does not match the one on record."""
    default_code = "secret_mismatch"

class SessionNotFound(NotFound):
    """session is not valid: it has ended"""
    default_code = "session_not_found"

class SettlementNotFound(NotFound):
    """This settlement does not exist."""
    default_code = "settlement_not_found"

class SeveralCustomersMatch(Conflict):
    """More than one customer matches data provided."""
    default_code = "several_customers_match"

class StaleConfiguration(Conflict):
    """The settings of this account have just changed. Please try again."""
    default_code = "stale_configuration"
    retry: ClassVar[Advice] = "later"

class SwitchStands(Refused):
    """It can not be undone: something was recorded since"""
    default_code = "switch_stands"

class TakenBackMeanwhile(Conflict):
    """A part of this transaction has been taken back meanwhile. Nothing more was taken back."""
    default_code = "taken_back_meanwhile"

class TimeTokenExpired(Refused):
    """token is not valid: it has expired"""
    default_code = "time_token_expired"

class TimeTokenNotValid(Refused):
    """token is not valid"""
    default_code = "time_token_not_valid"

class TooLarge(RequestError):
    """The request is too large."""
    default_code = "too_large"

class TooManyCandidates(Refused):
    """A password or PIN is compared with few customers only: search by something else too."""
    default_code = "too_many_candidates"

class TransactionNotFound(NotFound):
    """transaction_id is not valid: no such transaction"""
    default_code = "transaction_not_found"

class UndoNotAllowed(Refused):
    """batch_id is not valid: undo was not allowed for this batch"""
    default_code = "undo_not_allowed"

class UnexpectedBalance(Conflict):
    """expected_balance is not valid: the balance is another"""
    default_code = "unexpected_balance"

class UnknownCall(RequestError):
    """Action Undefined"""
    default_code = "unknown_call"

class UsedSince(Conflict):
    """The customer has been used or changed since, and stays as he is."""
    default_code = "used_since"

class UserIdTaken(Conflict):
    """The User ID you selected already exists."""
    default_code = "user_id_taken"

class UserNotFound(NotFound):
    """No other users are found."""
    default_code = "user_not_found"

class UsernameTaken(Conflict):
    """The username is already in use."""
    default_code = "username_taken"

class WrongCode(AccessError):
    """The code is not valid."""
    default_code = "wrong_code"

class TrialLimitReached(LimitReached):
    """Cannot add more customers: Account in Trial mode."""
    default_code = "trial_limit_reached"

class ConnectionFailed(OperationalError):
    """The server could not be reached, or did not answer a look-up: nothing was carried out."""
    default_code = "connection_failed"

class BadAnswer(CallError):
    """What came back is no answer of the API: the address is wrong, or something stands between. A write may be done."""
    default_code = "bad_answer"
    retry: ClassVar[Advice] = "same_key"

BY_CODE: dict[str, type[CallError]] = {
    "access_denied": AccessError,
    "account_not_found": AccountNotFound,
    "account_not_of_agency": AccountNotOfAgency,
    "account_not_permitted": AccountNotPermitted,
    "account_suspended": AccountSuspended,
    "activation_code_not_found": CodeNotFound,
    "activation_code_not_valid": ActivationCodeNotValid,
    "activation_code_used": CodeUsed,
    "agency_not_found": AgencyNotFound,
    "agency_token_missing": AgencyTokenMissing,
    "already_joined": AlreadyJoined,
    "already_reversed": AlreadyReversed,
    "ambiguous_reference": AmbiguousReference,
    "bad_credentials": BadCredentials,
    "bad_request": RequestError,
    "balances_moving": BalancesMoving,
    "batch_not_found": BatchNotFound,
    "batch_under_way": BatchUnderWay,
    "campaign_name_taken": CampaignNameTaken,
    "campaign_not_found": CampaignNotFound,
    "campaigns_not_valid": CampaignsNotValid,
    "card_in_use": CardInUse,
    "conflict": Conflict,
    "customer_erased": CustomerErased,
    "customer_exists": CustomerExists,
    "customer_not_found": CustomerNotFound,
    "customer_not_registered": CustomerNotRegistered,
    "database_unavailable": DatabaseUnavailable,
    "depreciation_exists": DepreciationExists,
    "depreciation_not_found": DepreciationNotFound,
    "device_not_found": DeviceNotFound,
    "duplicate_parameter": DuplicateParameter,
    "fee_not_found": FeeNotFound,
    "field_exists": FieldExists,
    "field_not_found": FieldNotFound,
    "identifier_taken": IdentifierTaken,
    "insufficient_balance": InsufficientBalance,
    "internal_error": InternalError,
    "invalid_parameter": InvalidParameter,
    "item_not_found": ItemNotFound,
    "key_reused": KeyReused,
    "limit_reached": LimitReached,
    "lock_timeout": LockTimeout,
    "logged_request_not_found": LoggedRequestNotFound,
    "malformed_request": MalformedRequest,
    "missing_parameter": MissingParameter,
    "module_not_activated": ModuleNotActivated,
    "no_coalition": NoCoalition,
    "no_customer_matches": NoCustomerMatches,
    "no_customers_in_report": NoCustomersInReport,
    "no_second_factor": NoSecondFactor,
    "no_secret_on_record": NoSecretOnRecord,
    "no_transactions_in_report": NoTransactionsInReport,
    "not_found": NotFound,
    "not_unique": NotUnique,
    "number_not_generated": NumberNotGenerated,
    "outcome_unknown": OutcomeUnknown,
    "overloaded": Overloaded,
    "password_locked": PasswordLocked,
    "permission_denied": PermissionDenied,
    "pin_in_use": PinInUse,
    "pin_locked": PinLocked,
    "plain_http_refused": PlainHttpRefused,
    "promotion_not_active": PromotionNotActive,
    "promotion_not_found": PromotionNotFound,
    "rate_limited": RateLimited,
    "redeeming_by_currency_off": RedeemingByCurrencyOff,
    "refused": Refused,
    "reward_not_found": RewardNotFound,
    "second_factor_exists": SecondFactorExists,
    "second_factor_missing": SecondFactorMissing,
    "second_factor_required": SecondFactorRequired,
    "secret_mismatch": SecretMismatch,
    "session_not_found": SessionNotFound,
    "settlement_not_found": SettlementNotFound,
    "several_customers_match": SeveralCustomersMatch,
    "stale_configuration": StaleConfiguration,
    "switch_stands": SwitchStands,
    "taken_back_meanwhile": TakenBackMeanwhile,
    "time_token_expired": TimeTokenExpired,
    "time_token_not_valid": TimeTokenNotValid,
    "too_large": TooLarge,
    "too_many_candidates": TooManyCandidates,
    "transaction_not_found": TransactionNotFound,
    "trial_limit_reached": TrialLimitReached,
    "unavailable": OperationalError,
    "undo_not_allowed": UndoNotAllowed,
    "unexpected_balance": UnexpectedBalance,
    "unknown_call": UnknownCall,
    "used_since": UsedSince,
    "user_id_taken": UserIdTaken,
    "user_not_found": UserNotFound,
    "username_taken": UsernameTaken,
    "wrong_code": WrongCode,
}
