# SPDX-License-Identifier: Apache-2.0
"""
What one worker lets its callers do how often (ADR-0010): calls of each user, wrong Security Tokens, cards that do not exist.

Passwords and PINs are counted in the database (users/sign_in.py, customers/secrets.py): a restart must not forget them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import TYPE_CHECKING

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.api.access_log import TROUBLE
from regulars.api.rates import Buckets
from regulars.errors import (
    BadCredentials,
    CustomerNotFound,
    NoCustomerMatches,
    RateLimited,
    RegularsError,
)
from regulars.protocol.params import Fields

if TYPE_CHECKING:
    from regulars.api.entry import Answer

CALLS_PER_MINUTE = 300_000
"""Of each user, and as many at once, unless REGULARS_CALLS_PER_MINUTE says another number, or the account or user a smaller."""
TOKENS_OF_USER = (60, 300)
"""Wrong Security Tokens for one user id, whether it exists or not: per minute, and at once."""
TOKENS_OF_ADDRESS = (300, 1_000)
"""Wrong Security Tokens from one network address, for any user ids: a shop's tills share one."""
UNKNOWN_AT_ONCE = 10
"""Times ``unknown_cards_per_minute``: so many cards that do not exist a user may ask for at once."""
CARD_FIELDS = (
    "card_number",
    "code",
    "find_customer",
    "previous_code",
    "previous_card",
    "duplicate_code",
    "duplicate_card_number",
)
"""Fields that name a customer by a number that could be guessed."""
LAST_MAX = 10_000
USER_LENGTH_MAX = 21

_GUESS = re.compile(r"[A-Za-z0-9-]{3,64}", re.ASCII)
"""What a number on a card looks like; other texts that are no customer's are not worth counting."""


class Limits:
    """One per event loop."""

    def __init__(self, calls_per_minute: int = CALLS_PER_MINUTE, buckets: Buckets | None = None) -> None:
        self.calls_per_minute = calls_per_minute
        self.buckets = buckets or Buckets()
        self._guessing: set[tuple[str, int, int]] = set()
        """Users whose bucket of unknown cards is empty."""
        self._last_unknown: dict[tuple[str, int, int], str] = {}
        """The last unknown card each user asked for: asking again is no guess."""

    def admit(self, account: AccountConfig, user: UserConfig, fields: Fields) -> None:
        """Count one call of a user whose credentials are right. Raises RateLimited."""
        per_minute = user.calls_per_minute or account.calls_per_minute
        if not per_minute or (self.calls_per_minute and per_minute > self.calls_per_minute):
            per_minute = self.calls_per_minute
        if per_minute:
            wait = self.buckets.take((account.id, user.id), per_minute, per_minute)
            if wait is not None:
                self._say(("calls", account.id, user.id), "user %s of account %s makes too many calls", user.code, account.code)
                raise _limited(wait)
        if self._guessing:
            self._refuse_guess(account, user, fields)

    def judge(self, error: RegularsError, answer: Answer, client: str) -> RegularsError:
        """Count a failed call towards what it may be a guess of, and return the error to answer with: this, or RateLimited."""
        if isinstance(error, BadCredentials):
            if answer.call is not None and answer.call.credentials == "token":
                return self._wrong_token(error, answer.fields, client)
        elif answer.user is not None and answer.account is not None and isinstance(error, CustomerNotFound | NoCustomerMatches):
            self._unknown_card(answer.account, answer.user, answer.fields)
        return error

    def _wrong_token(self, error: BadCredentials, fields: Fields, client: str) -> RegularsError:
        """
        The right token is let in all the same: 160 random bits are not guessed, and nobody shall lock a shop's tills out by
        sending wrong ones in their name. So this spares the log and the database, and says that something is amiss.
        """
        waits = [self.buckets.take(("user", fields.get("user_id", "").lower()[:USER_LENGTH_MAX]), *TOKENS_OF_USER)]
        if client:
            waits.append(self.buckets.take(("address", client), *TOKENS_OF_ADDRESS))
        wait = max((each for each in waits if each is not None), default=None)
        if wait is None:
            return error
        self._say(("tokens", client), "many wrong Security Tokens from %s", client or "a local socket")
        return _limited(wait)

    def _unknown_card(self, account: AccountConfig, user: UserConfig, fields: Fields) -> None:
        per_minute, card = account.unknown_cards_per_minute, _named_card(fields)
        key = ("unknown", account.id, user.id)
        if not per_minute or not _GUESS.fullmatch(card) or self._last_unknown.get(key) == card:
            return
        if len(self._last_unknown) >= LAST_MAX:
            self._last_unknown.clear()
        self._last_unknown[key] = card
        self.buckets.take(key, per_minute, UNKNOWN_AT_ONCE * per_minute)
        if self.buckets.wait(key, per_minute, UNKNOWN_AT_ONCE * per_minute) is not None:
            self._guessing.add(key)
            self._say(key, "user %s of account %s asks for many cards that do not exist", user.code, account.code)

    def _refuse_guess(self, account: AccountConfig, user: UserConfig, fields: Fields) -> None:
        """Refuse before it is looked up: else who guesses would learn from the one answer that is another."""
        key = ("unknown", account.id, user.id)
        if key not in self._guessing or not _named_card(fields):
            return
        per_minute = account.unknown_cards_per_minute
        wait = self.buckets.wait(key, per_minute, UNKNOWN_AT_ONCE * per_minute) if per_minute else None
        if wait is not None:
            raise _limited(wait)
        self._guessing.discard(key)

    def _say(self, what: Hashable, text: str, *names: str) -> None:
        """Write a line about a limit, once a minute for each."""
        if self.buckets.take(("said", what), 1, 1) is None:
            TROUBLE.warning("limit: " + text, *names)


def _named_card(fields: Fields) -> str:
    return next((value for name in CARD_FIELDS if (value := fields.get(name, ""))), "")


def _limited(wait_ns: int) -> RateLimited:
    return RateLimited(retry_after_seconds=-(-wait_ns // 1_000_000_000))
