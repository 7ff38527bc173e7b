# SPDX-License-Identifier: Apache-2.0
"""The languages of the panel, and which one is spoken to whom."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from regulars.accounts.directory import AccountConfig, UserConfig


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
        try:
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response
        finally:
            translation.deactivate()
