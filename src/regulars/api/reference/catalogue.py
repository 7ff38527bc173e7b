# SPDX-License-Identifier: Apache-2.0
"""What the reference is made of: every call with its words, parameters, errors and examples; every error with its words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from regulars.api import entry as _entry  # noqa: F401 - internal_error is defined there
from regulars.api.call import Call
from regulars.api.reference.examples import Example, examples_of
from regulars.api.registry import CALLS
from regulars.errors import RegularsError
from regulars.protocol.params import Parameter, declared
from regulars.protocol.render import ALWAYS_STATUS
from regulars.users.access import MATRIX, ROLES

GROUPS: dict[str, tuple[str, ...]] = {
    "Test": ("test",),
    "Clients": ("account_update", "account_info", "dashboard", "account_new", "account_list", "agency_new", "agency_list"),
    "Users": (
        "user_new", "user_update", "users_list", "user_info", "user_delete", "campaign_users", "user_login", "user_unlock",
    ),
    "Log": ("request_log",),
    "Fields": ("manage_fields", "transaction_fields", "reward_fields"),
    "Customers": (
        "record_customer", "generate_card_number", "customers_batch", "customer_search", "customer_find", "customer_info",
        "customer_balance", "balance_explain", "customer_delete", "validate_customer_password", "card_replace",
        "customer_merge",
    ),
    "Transactions": (
        "record_activity", "redeem", "batch_transactions", "batch_info", "batch_undo", "transaction_delete",
        "transaction_reverse",
    ),
    "Campaigns": (
        "campaign_new", "depreciation_new", "campaign_fee_new", "campaign_update", "depreciation_update",
        "campaign_fee_update", "campaigns_list", "campaigns_inactive_list", "campaign_rewards", "campaign_promos",
        "campaign_depreciations", "campaign_fees", "buyx_items_list", "campaign_delete", "depreciation_delete",
        "campaign_fee_delete", "campaign_deactivate", "campaign_reactivate",
    ),
    "Reports": ("reports", "settlement", "settlement_close", "settlement_list"),
    "Tokens": ("generate_time_token", "validate_time_token"),
}  # fmt: skip
"""The calls by group, in the order of the index (api.md 2)."""

OTHER_GROUP = "Other"
"""Where a call stands that GROUPS does not name yet."""

EXTENSIONS = frozenset(
    {
        "account_new", "account_list", "agency_new", "agency_list", "customer_merge", "batch_info", "batch_undo",
        "reward_fields", "transaction_reverse", "balance_explain", "request_log", "user_unlock",
        "settlement", "settlement_close", "settlement_list",
    }
)  # fmt: skip
"""Calls that the published API does not have (api.md 13)."""

GENERAL_ERRORS = (
    "malformed_request", "plain_http_refused", "too_large", "duplicate_parameter", "unknown_call", "bad_credentials",
    "rate_limited", "account_not_permitted", "account_suspended", "permission_denied", "missing_parameter",
    "invalid_parameter", "stale_configuration", "key_reused", "lock_timeout", "overloaded", "database_unavailable",
    "outcome_unknown", "unavailable", "internal_error",
)  # fmt: skip
"""What any call may be answered with, in the order of the checks."""

_NOT_WORDS = ("Queries:", "Raises:", "Writes:", "Units:", "Shape:", "Source:")


@dataclass(frozen=True, slots=True)
class CommonParameter:
    """A parameter that the edge reads for every call, or for every call that writes."""

    name: str
    says: str
    note: str
    required: bool = False
    is_for_writes: bool = False


COMMON: tuple[CommonParameter, ...] = (
    CommonParameter("type", "the call's name", "which call it is, in any case of letters", required=True),
    CommonParameter("user_id", "1 to 20 letters, digits or underscores (_)", "the user who makes the call", required=True),
    CommonParameter(
        "user_api_key", "40 lower-case hex characters",
        "the user's Security Token; also as user_password, or as the header api_access_key, which wins", required=True,
    ),
    CommonParameter("account_id", "5 to 20 letters, digits or underscores (_)", "the account's id (Owner ID)", required=True),
    CommonParameter("API", "1.0 to 1.6", "the version the client was written for; where it matters the call says so"),
    CommonParameter("output", "XML or JSON", "the answer's format, in any case of letters; absent: XML"),
    CommonParameter("callback", "a JavaScript name of at most 128 characters", "asks for JSONP"),
    CommonParameter("condensed", "Y or N", "Y: JSON on one line"),
    CommonParameter("strict_status", "Y or N", "extension: Y: errors have HTTP status 400 to 422 instead of 200"),
    CommonParameter(
        "idempotency_key", "at most 128 printable ASCII characters",
        "extension: sent again, the first answer is given again; also as the header Idempotency-Key", is_for_writes=True,
    ),
    CommonParameter("dry_run", "Y or N", "extension: Y: answer as if, and write nothing", is_for_writes=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One call as the reference shows it. ``key``: ``type``, or ``type.action`` where a second field selects it."""

    key: str
    type: str
    selector: str
    selected: str
    group: str
    call: Call
    parameters: tuple[Parameter, ...]
    examples: tuple[Example, ...]

    @property
    def select(self) -> dict[str, str]:
        """The fields that select the call."""
        return {"type": self.type} | ({self.selector: self.selected} if self.selector else {})

    @property
    def words(self) -> str:
        """What the call does, as Markdown."""
        return words_of(self.call.handle)

    @property
    def is_extension(self) -> bool:
        return self.type in EXTENSIONS

    @property
    def common(self) -> tuple[CommonParameter, ...]:
        """The parameters of the edge that mean something for this call."""
        if self.call.credentials == "none":
            return tuple(one for one in COMMON if one.name in ("type", "output", "callback", "condensed", "strict_status"))
        password = {"user_api_key"} if self.call.credentials == "password" else set()
        return tuple(one for one in COMMON if (self.call.writes or not one.is_for_writes) and one.name not in password)

    @property
    def roles(self) -> tuple[str, ...]:
        """The letters of the roles that may make the call."""
        permission = self.call.permission
        return tuple(letter for letter in ROLES if permission is None or permission in MATRIX[letter])


def words_of(thing: object) -> str:
    """Return a docstring as Markdown for integrators: without what is for those who read the code."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    return "\n\n".join(part for part in paragraphs if not part.lstrip().startswith(_NOT_WORDS))


def shown_name(parameter: Parameter) -> str:
    """Return the name people read: ``custom_field_#`` for a numbered family."""
    return parameter.kind.member("#") if parameter.kind.prefix else parameter.name


@cache
def entries() -> tuple[Entry, ...]:
    """Return every call of the registry, in the order of the index."""
    groups = {call_type: group for group, types in GROUPS.items() for call_type in types}
    order = {call_type: number for number, call_type in enumerate(groups)}
    found = sorted(_registered(groups), key=lambda one: order.get(one.type, len(order)))
    return tuple(found)


def _registered(groups: dict[str, str]) -> Iterator[Entry]:
    for call_type, registered in CALLS.items():
        calls = {"": registered} if isinstance(registered, Call) else registered.calls
        selector = "" if isinstance(registered, Call) else registered.selector
        for selected, call in calls.items():
            key = f"{call_type}.{selected}" if selected else call_type
            yield Entry(
                key=key, type=call_type, selector=selector, selected=selected, call=call,
                group=groups.get(call_type, OTHER_GROUP), parameters=tuple(one for _, one in declared(call.params)),
                examples=examples_of(key),
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One error as the reference shows it."""

    code: str
    text: str
    words: str
    status: int
    """The HTTP status with ``strict_status=Y``."""
    always_status: bool
    """Whether the status is that without ``strict_status`` too."""
    retry: str
    """never; same_key: again, with the same idempotency_key; later: again, after a pause."""
    branch: str
    """Who must act: request, access, not_found, conflict, refused, operational."""
    calls: tuple[str, ...]
    """The keys of the calls that declare it; empty: any call."""


@cache
def errors() -> tuple[ErrorEntry, ...]:
    """Return every error an answer of the API may carry: the general ones first, then by code."""
    classes = error_classes()
    by_code = {code: tuple(one.key for one in entries() if code in one.call.errors) for code in classes}
    rest = sorted(code for code, keys in by_code.items() if keys and code not in GENERAL_ERRORS)
    shown = []
    for code in (*GENERAL_ERRORS, *rest):
        error = classes[code]
        text = error.text if "text" in vars(error) else ""
        keys = () if code in GENERAL_ERRORS else by_code[code]
        always = issubclass(error, ALWAYS_STATUS) or error.status >= 500
        shown.append(ErrorEntry(code, text, words_of(error), error.status, always, error.retry, _branch(error), keys))
    return tuple(shown)


@cache
def error_classes() -> dict[str, type[RegularsError]]:
    """Return the classes of errors by code; of several with one code, the most general."""
    found: dict[str, type[RegularsError]] = {}

    def walk(cls: type[RegularsError]) -> None:
        if "code" in vars(cls):
            found.setdefault(cls.code, cls)
        for one in cls.__subclasses__():
            walk(one)

    walk(RegularsError)
    return found


def _branch(error: type[RegularsError]) -> str:
    names = [cls.__name__ for cls in error.__mro__]
    top = names[names.index("RegularsError") - 1] if error is not RegularsError else "RegularsError"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", top.removesuffix("Error") or top).lower()
