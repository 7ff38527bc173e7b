# SPDX-License-Identifier: Apache-2.0
"""
The tree of errors (design.md 5). Each concrete error has a permanent ``code``, a sentence, the fields it is about,
the HTTP status used with ``strict_status=Y``, and advice about trying again.

RegularsError
├─ RequestError       the message is wrong; the database is not touched
├─ AccessError        who asks may not
├─ NotFound           no such thing in this account
├─ Conflict           it exists, is in use, or was done before
├─ Refused            valid, but the programme says no
└─ OperationalError   expected trouble: try again later
Problems              several RequestErrors of one message
InvariantViolation    our bug: never caught below the edge
"""

from __future__ import annotations

from typing import ClassVar, Literal

Retry = Literal["never", "same_key", "later"]


class RegularsError(Exception):
    """An anticipated failure. ``text`` is what a person reads; ``code`` is what a program reads."""

    code: ClassVar[str] = "error"
    text: ClassVar[str] = "The request could not be carried out."
    status: ClassVar[int] = 400
    retry: ClassVar[Retry] = "never"
    keeps_changes: ClassVar[bool] = False
    """Whether what was written before it was raised stays: the count of wrong passwords does, nothing else may."""

    def __init__(self, text: str | None = None, *, fields: tuple[str, ...] = ()) -> None:
        self.message = text or self.text
        self.fields = fields
        super().__init__(self.message)

    @property
    def parts(self) -> tuple[RegularsError, ...]:
        """The single errors this one stands for (itself, but for Problems)."""
        return (self,)


# -- the message is wrong ------------------------------------------------------------------------------------------
class RequestError(RegularsError):
    code = "bad_request"
    status = 400


class MalformedRequest(RequestError):
    code = "malformed_request"
    text = "The request could not be read."


class MissingParameter(RequestError):
    code = "missing_parameter"

    def __init__(self, name: str, text: str | None = None) -> None:
        super().__init__(text or f"Missing parameter: {name}", fields=(name,))


class InvalidParameter(RequestError):
    """``reason`` continues the sentence: "amount is not valid: at most 2 decimals"."""

    code = "invalid_parameter"

    def __init__(self, name: str, reason: str = "", text: str | None = None) -> None:
        super().__init__(text or f"{name} is not valid" + (f": {reason}" if reason else ""), fields=(name,))


class DuplicateParameter(RequestError):
    code = "duplicate_parameter"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not valid: it was sent more than once with different values", fields=(name,))


class UnknownCall(RequestError):
    code = "unknown_call"
    text = "Action Undefined"


class TooLarge(RequestError):
    code = "too_large"
    status = 413
    text = "The request is too large."


class Problems(RequestError):
    """Several things are wrong with one message; each is reported."""

    code = "bad_request"

    def __init__(self, errors: tuple[RegularsError, ...]) -> None:
        self.errors = errors
        super().__init__(errors[0].message, fields=tuple(name for error in errors for name in error.fields))

    @property
    def parts(self) -> tuple[RegularsError, ...]:
        return self.errors


# -- who asks may not ----------------------------------------------------------------------------------------------
class AccessError(RegularsError):
    code = "access_denied"
    status = 403
    text = "User does not have permission"


class BadCredentials(AccessError):
    code = "bad_credentials"
    status = 401
    keeps_changes = True
    text = "The user_id or user_api_key is not valid."


class PlainHttpRefused(AccessError):
    code = "plain_http_refused"
    text = "Calls with credentials must use https."


class AccountNotPermitted(AccessError):
    code = "account_not_permitted"
    text = "User does not have permission to access the account affected"


class AccountSuspended(AccessError):
    code = "account_suspended"
    text = "This account has been suspended"


class PermissionDenied(AccessError):
    code = "permission_denied"


class RateLimited(AccessError):
    """``retry_after_seconds`` goes into the Retry-After header."""

    code = "rate_limited"
    status = 429
    retry = "later"
    text = "Too many requests. Please try again later."

    def __init__(self, text: str | None = None, *, retry_after_seconds: int = 60) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(text)


# -- no such thing -------------------------------------------------------------------------------------------------
class NotFound(RegularsError):
    code = "not_found"
    status = 404


class CustomerNotFound(NotFound):
    code = "customer_not_found"
    text = "This customer does not exist."


class NoCustomerMatches(NotFound):
    code = "no_customer_matches"
    text = "No customer matches data provided."
    keeps_changes = True
    """A wrong PIN among the filters of a search counts."""


class NoCustomersInReport(NotFound):
    """A report about customers finds none."""

    code = "no_customers_in_report"
    text = "No Customers Match Criteria"


class NoTransactionsInReport(NotFound):
    """A report of transactions finds none."""

    code = "no_transactions_in_report"
    text = "No Transactions Found"


class CampaignsNotValid(NotFound):
    """Also: on hold, deleted, or not among the user's campaigns."""

    code = "campaigns_not_valid"
    text = "One of the campaigns selected is not valid."

    def __init__(self) -> None:
        super().__init__(fields=("campaign_id",))


class CampaignNotFound(NotFound):
    """Also: on hold, deleted, or not among the user's campaigns; the caller can not tell them apart."""

    code = "campaign_not_found"
    text = "Campaign not valid or deactivated."


class RewardNotFound(NotFound):
    code = "reward_not_found"
    text = "reward_to_redeem is not valid: no such reward in this campaign"


class PromotionNotFound(NotFound):
    code = "promotion_not_found"
    text = "promo_id is not valid: no such promotion in this campaign"


class ItemNotFound(NotFound):
    code = "item_not_found"
    text = "service_product is not valid: no such item in this campaign"


class TransactionNotFound(NotFound):
    code = "transaction_not_found"
    text = "transaction_id is not valid: no such transaction"


class UserNotFound(NotFound):
    code = "user_not_found"
    text = "No other users are found."


class FieldNotFound(NotFound):
    """``name``: the parameter; ``field``: the field it names, where the parameter is not named after it."""

    code = "field_not_found"

    def __init__(self, name: str, field: str = "") -> None:
        super().__init__(f"{name} is not valid: there is no {f'field {field}' if field else 'such field'}", fields=(name,))


class AccountNotFound(NotFound):
    code = "account_not_found"
    text = "account_id is not valid: no such account"


# -- it exists, is in use, was done before -------------------------------------------------------------------------
class Conflict(RegularsError):
    code = "conflict"
    status = 409


class UserIdTaken(Conflict):
    """Also for an account's code, which is its owner's user id; deleted users keep theirs."""

    code = "user_id_taken"
    text = "The User ID you selected already exists."


class PinInUse(Conflict):
    code = "pin_in_use"
    text = "This PIN is already in use"


class FieldExists(Conflict):
    code = "field_exists"


class NotUnique(Conflict):
    """Another record has the same value in a field marked unique."""

    code = "not_unique"
    text = "Not Unique"

    def __init__(self, name: str) -> None:
        super().__init__(fields=(name,))


class KeyReused(Conflict):
    code = "key_reused"
    text = "idempotency_key is not valid: it was used before with other content"

    def __init__(self) -> None:
        super().__init__(fields=("idempotency_key",))


class CustomerExists(Conflict):
    code = "customer_exists"
    text = "The customer Account Id you entered already exists."


class CardInUse(Conflict):
    """Or the number that was to become the code; or a card that a member has registered already."""

    code = "card_in_use"
    text = "The information entered matches an existing customer."


class UsernameTaken(Conflict):
    code = "username_taken"
    text = "The username is already in use."


class NumberNotGenerated(Conflict):
    """Every random number that was tried is somebody's; with few free digits that is to be expected."""

    code = "number_not_generated"
    retry = "later"
    text = "Error generating ID. Please try again."


class SeveralCustomersMatch(Conflict):
    code = "several_customers_match"
    text = "More than one customer matches data provided."


class AlreadyReversed(Conflict):
    code = "already_reversed"
    text = "This transaction has already been reversed."


class UnexpectedBalance(Conflict):
    code = "unexpected_balance"
    text = "expected_balance is not valid: the balance is another"

    def __init__(self) -> None:
        super().__init__(fields=("expected_balance",))


class StaleConfiguration(Conflict):
    """The account's configuration changed since it was read. The edge reloads and runs the call again."""

    code = "stale_configuration"
    retry = "later"
    text = "The settings of this account have just changed. Please try again."


# -- the programme says no -----------------------------------------------------------------------------------------
class Refused(RegularsError):
    code = "refused"
    status = 422


class InsufficientBalance(Refused):
    code = "insufficient_balance"
    text = "The amount entered exceeds the available balance"


class LimitReached(Refused):
    code = "limit_reached"


class TrialLimitReached(LimitReached):
    code = "trial_limit_reached"
    text = "Cannot add more customers: Account in Trial mode."


class SecretMismatch(Refused):
    """A customer's password or PIN is not the one on record. A wrong PIN stays counted."""

    code = "secret_mismatch"
    keeps_changes = True
    text = "The password submitted does not match the one on record."


class NoSecretOnRecord(Refused):
    code = "no_secret_on_record"
    text = "There is no recorded password for this customer"


class CustomerNotRegistered(Refused):
    code = "customer_not_registered"
    text = "Customer is not yet registered"


class NoCoalition(Refused):
    """A report that only coalition and two-tier accounts have."""

    code = "no_coalition"
    text = "report is not valid: it is for coalition and two-tier accounts"


class ReportTooLong(Refused):
    """More rows than one answer holds; nothing is left out silently."""

    code = "report_too_long"
    text = "This report is too long for one answer: ask for fewer days or campaigns, or in parts by offset and limit."


class TooManyCandidates(Refused):
    code = "too_many_candidates"
    text = "A password or PIN is compared with few customers only: search by something else too."


class PinLocked(Refused):
    code = "pin_locked"
    retry = "later"
    keeps_changes = True
    text = "Too many wrong PINs. Please try again later."


# -- try again later -----------------------------------------------------------------------------------------------
class OperationalError(RegularsError):
    code = "unavailable"
    status = 503
    retry: ClassVar[Retry] = "later"
    text = "The service is not available at the moment. Please try again."


class DatabaseUnavailable(OperationalError):
    code = "database_unavailable"


class LockTimeout(OperationalError):
    code = "lock_timeout"


class Overloaded(OperationalError):
    code = "overloaded"


class OutcomeUnknown(OperationalError):
    """The connection broke between sending a write and its answer: it may or may not have been carried out."""

    code = "outcome_unknown"
    retry = "same_key"
    text = "The connection to the database was lost; it is not known whether the transaction was recorded."


class InvariantViolation(AssertionError):
    """Our bug. Rolls back, is logged loudly, and reaches the edge untouched."""
