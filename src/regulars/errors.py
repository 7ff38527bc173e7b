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
    """The message is wrong; nothing was carried out."""

    code = "bad_request"
    status = 400


class MalformedRequest(RequestError):
    """The HTTP message is not a form: its body is compressed, cut off, or of another type. Mend the client."""

    code = "malformed_request"
    text = "The request could not be read."


class MissingParameter(RequestError):
    """A required parameter is absent or empty. The text names it; nothing was carried out."""

    code = "missing_parameter"

    def __init__(self, name: str, text: str | None = None) -> None:
        super().__init__(text or f"Missing parameter: {name}", fields=(name,))


class InvalidParameter(RequestError):
    """A parameter does not have the form that is expected. The text names it and says what is: nothing was carried out."""

    code = "invalid_parameter"

    def __init__(self, name: str, reason: str = "", text: str | None = None) -> None:
        # ``reason`` continues the sentence: "amount is not valid: at most 2 decimals".
        super().__init__(text or f"{name} is not valid" + (f": {reason}" if reason else ""), fields=(name,))


class DuplicateParameter(RequestError):
    """A parameter came twice with different values; which one was meant is never guessed."""

    code = "duplicate_parameter"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not valid: it was sent more than once with different values", fields=(name,))


class UnknownCall(RequestError):
    """There is no such ``type``, or no such ``action``, ``customer_action`` or ``report`` of it."""

    code = "unknown_call"
    text = "Action Undefined"


class TooLarge(RequestError):
    """The body is larger than the server accepts. Send less, or in parts."""

    code = "too_large"
    status = 413
    text = "The request is too large."


class Problems(RequestError):
    """Several things are wrong with one message; each is reported, with its own code."""

    code = "bad_request"

    def __init__(self, errors: tuple[RegularsError, ...]) -> None:
        self.errors = errors
        super().__init__(errors[0].message, fields=tuple(name for error in errors for name in error.fields))

    @property
    def parts(self) -> tuple[RegularsError, ...]:
        return self.errors


# -- who asks may not ----------------------------------------------------------------------------------------------
class AccessError(RegularsError):
    """The user may not do this."""

    code = "access_denied"
    status = 403
    text = "User does not have permission"


class BadCredentials(AccessError):
    """Unknown user, wrong or revoked Security Token, deleted user: one answer for all of them, taking the same time."""

    code = "bad_credentials"
    status = 401
    keeps_changes = True
    text = "The user_id or user_api_key is not valid."


class PlainHttpRefused(AccessError):
    """Something with credentials came without TLS. It was not carried out; the token should be rotated."""

    code = "plain_http_refused"
    text = "Calls with credentials must use https."


class AccountNotPermitted(AccessError):
    """``account_id`` is not the account the user belongs to."""

    code = "account_not_permitted"
    text = "User does not have permission to access the account affected"


class AccountSuspended(AccessError):
    """The account is suspended: nothing is answered until the operator lifts it."""

    code = "account_suspended"
    text = "This account has been suspended"


class PermissionDenied(AccessError):
    """The user's role does not have the permission that the call asks for."""

    code = "permission_denied"


class AgencyTokenMissing(AccessError):
    """Only the users of an agency's own account, or of the platform owner's, may make the call."""

    code = "agency_token_missing"
    text = "The agency token is missing"


class RateLimited(AccessError):
    """Too many requests, or too many failed sign-ins. The header ``Retry-After`` says for how many seconds to wait."""

    code = "rate_limited"
    status = 429
    retry = "later"
    text = "Too many requests. Please try again later."

    def __init__(self, text: str | None = None, *, retry_after_seconds: int = 60) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(text)


# -- no such thing -------------------------------------------------------------------------------------------------
class NotFound(RegularsError):
    """There is no such thing in this account."""

    code = "not_found"
    status = 404


class CustomerNotFound(NotFound):
    """No customer of this account has this code or card, or was deleted."""

    code = "customer_not_found"
    text = "This customer does not exist."


class NoCustomerMatches(NotFound):
    """No customer of this account has all that was sent."""

    code = "no_customer_matches"
    text = "No customer matches data provided."
    keeps_changes = True
    """A wrong PIN among the filters of a search counts."""


class CampaignsNotValid(NotFound):
    """One of them does not exist, is on hold, deleted, or not among the user's campaigns."""

    code = "campaigns_not_valid"
    text = "One of the campaigns selected is not valid."

    def __init__(self) -> None:
        super().__init__(fields=("campaign_id",))


class CampaignNotFound(NotFound):
    """No such campaign; or it is on hold, deleted, or not among the user's campaigns: the caller cannot tell them apart."""

    code = "campaign_not_found"
    text = "Campaign not valid or deactivated."


class RewardNotFound(NotFound):
    """No reward of this id in a campaign the user may see; or it was deleted."""

    code = "reward_not_found"
    text = "reward_to_redeem is not valid: no such reward in this campaign"


class PromotionNotFound(NotFound):
    """No promotion of this id, or own id, in the campaign; or it was deleted."""

    code = "promotion_not_found"
    text = "promo_id is not valid: no such promotion in this campaign"


class ItemNotFound(NotFound):
    """No item of this id, or identifier, in the campaign; or it was deleted."""

    code = "item_not_found"
    text = "service_product is not valid: no such item in this campaign"


class TransactionNotFound(NotFound):
    """No transaction of this id in the account and campaign, or it is a computed row."""

    code = "transaction_not_found"
    text = "transaction_id is not valid: no such transaction"


class UserNotFound(NotFound):
    """No user of this account has this user id, or nobody matches the search."""

    code = "user_not_found"
    text = "No other users are found."


class FieldNotFound(NotFound):
    """The parameter names a custom field that the account does not have."""

    code = "field_not_found"

    def __init__(self, name: str, field: str = "") -> None:
        super().__init__(f"{name} is not valid: there is no {f'field {field}' if field else 'such field'}", fields=(name,))


class AccountNotFound(NotFound):
    """No account of this id."""

    code = "account_not_found"
    text = "account_id is not valid: no such account"


# -- it exists, is in use, was done before -------------------------------------------------------------------------
class Conflict(RegularsError):
    """It exists, is in use, or was done before."""

    code = "conflict"
    status = 409


class UserIdTaken(Conflict):
    """Somebody has this user id, in this account or another; deleted users keep theirs."""

    code = "user_id_taken"
    text = "The User ID you selected already exists."


class PinInUse(Conflict):
    """Another user of the account has this PIN."""

    code = "pin_in_use"
    text = "This PIN is already in use"


class FieldExists(Conflict):
    """The account has a field of this number already."""

    code = "field_exists"


class NotUnique(Conflict):
    """Another record has the same value in a field marked unique."""

    code = "not_unique"
    text = "Not Unique"

    def __init__(self, name: str) -> None:
        super().__init__(fields=(name,))


class KeyReused(Conflict):
    """The ``idempotency_key`` was used before for another call or other content. Make a new key for each sale."""

    code = "key_reused"
    text = "idempotency_key is not valid: it was used before with other content"

    def __init__(self) -> None:
        super().__init__(fields=("idempotency_key",))


class CustomerExists(Conflict):
    """Another customer of the account has this ``code``."""

    code = "customer_exists"
    text = "The customer Account Id you entered already exists."


class CardInUse(Conflict):
    """Another customer has this card, or this code; or a member has registered the card already."""

    code = "card_in_use"
    text = "The information entered matches an existing customer."


class UsernameTaken(Conflict):
    """Another customer of the account has this ``customer_username``."""

    code = "username_taken"
    text = "The username is already in use."


class NumberNotGenerated(Conflict):
    """Every random number that was tried is somebody's; with few free digits that is to be expected."""

    code = "number_not_generated"
    retry = "later"
    text = "Error generating ID. Please try again."


class SeveralCustomersMatch(Conflict):
    """More than one customer has all that was sent; send more, or a code."""

    code = "several_customers_match"
    text = "More than one customer matches data provided."


class AlreadyReversed(Conflict):
    """Everything of this transaction was taken back before."""

    code = "already_reversed"
    text = "This transaction has already been reversed."


class UnexpectedBalance(Conflict):
    """The balance was not ``expected_balance``: somebody else came first. Look it up and decide again."""

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
    """The request is valid, but the programme says no."""

    code = "refused"
    status = 422


class InsufficientBalance(Refused):
    """The customer has less than is to be taken. Nothing was taken."""

    code = "insufficient_balance"
    text = "The amount entered exceeds the available balance"


class LimitReached(Refused):
    """The account has as many of these as it may have. The text says how many."""

    code = "limit_reached"


class TrialLimitReached(LimitReached):
    """An account in trial has at most ten customers. account_update with ``activate=Y`` ends the trial."""

    code = "trial_limit_reached"
    text = "Cannot add more customers: Account in Trial mode."


class SecretMismatch(Refused):
    """A customer's password or PIN is not the one on record. A wrong PIN stays counted."""

    code = "secret_mismatch"
    keeps_changes = True
    text = "The password submitted does not match the one on record."


class NoSecretOnRecord(Refused):
    """The customer has no password, or no PIN, to compare with."""

    code = "no_secret_on_record"
    text = "There is no recorded password for this customer"


class CustomerNotRegistered(Refused):
    """The customer has not registered: nobody has given him a password."""

    code = "customer_not_registered"
    text = "Customer is not yet registered"


class TooManyCandidates(Refused):
    """A password or PIN is no search term by itself: add a name, card, or the like."""

    code = "too_many_candidates"
    text = "A password or PIN is compared with few customers only: search by something else too."


class PinLocked(Refused):
    """Five wrong PINs in a row: the PIN is locked for 15 minutes."""

    code = "pin_locked"
    retry = "later"
    keeps_changes = True
    text = "Too many wrong PINs. Please try again later."


class PasswordLocked(Refused):
    """Ten wrong passwords of a customer in a row: the password is locked for 15 minutes."""

    code = "password_locked"
    retry = "later"
    keeps_changes = True
    text = "Too many wrong passwords. Please try again later."


# -- try again later -----------------------------------------------------------------------------------------------
class OperationalError(RegularsError):
    """Expected trouble on the server's side: try again later."""

    code = "unavailable"
    status = 503
    retry: ClassVar[Retry] = "later"
    text = "The service is not available at the moment. Please try again."


class DatabaseUnavailable(OperationalError):
    """The database is away. Nothing was carried out; try again."""

    code = "database_unavailable"


class LockTimeout(OperationalError):
    """Another transaction held the customer for too long. Nothing was carried out; try again."""

    code = "lock_timeout"


class Overloaded(OperationalError):
    """More calls wait than the server takes on. Nothing was carried out; try again."""

    code = "overloaded"


class OutcomeUnknown(OperationalError):
    """The connection broke between sending a write and its answer: it may or may not have been carried out."""

    code = "outcome_unknown"
    retry = "same_key"
    text = "The connection to the database was lost; it is not known whether the transaction was recorded."


class InvariantViolation(AssertionError):
    """Our bug. Rolls back, is logged loudly, and reaches the edge untouched."""
