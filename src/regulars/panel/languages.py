# SPDX-License-Identifier: Apache-2.0
"""The languages of the panel, and which one is spoken to whom; and how numbers are written and read meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from babel import Locale
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from regulars.accounts.directory import AccountConfig, UserConfig

_numbers: ContextVar[Locale | None] = ContextVar("numbers", default=None)


def write_numbers_as(locale: Locale | None) -> None:
    """Say in which way numbers are written and typed for the rest of this request; None = as the language has it."""
    _numbers.set(locale)


def number_locale() -> Locale:
    """Return in which way numbers are written and typed in this request."""
    return _numbers.get() or Locale.parse(translation.get_language() or settings.LANGUAGE_CODE)


def language_of(account: AccountConfig, user: UserConfig) -> str:
    """Return the user's language, or else the account's, or else English: the first that the panel speaks."""
    spoken = [code for code, _ in settings.LANGUAGES]
    return next((code for code in (user.language, account.language) if code in spoken), settings.LANGUAGE_CODE)


class SpokenLanguage:
    """Speaks the browser's language until it is known who asks (panel/viewer.py: the user's own)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        translation.activate(translation.get_language_from_request(request))
        write_numbers_as(None)
        try:
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response
        finally:
            translation.deactivate()
