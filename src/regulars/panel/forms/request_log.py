# SPDX-License-Identifier: Apache-2.0
"""What the list of requests is narrowed down by. Times are the account's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig


class RequestLogForm(forms.Form):
    """All are optional; ``filters()`` are the arguments of request_log.queries.list_requests()."""

    user_code = forms.CharField(label=_("User ID"), max_length=20, required=False)
    call = forms.CharField(label=_("Call"), max_length=64, required=False, help_text=_("Such as redeem"))
    code = forms.CharField(
        label=_("Outcome"), max_length=40, required=False, help_text=_("ok, error (any), or an error's code")
    )
    request_id = forms.CharField(label=_("Request ID"), max_length=64, required=False)
    at_from = forms.DateTimeField(
        label=_("From"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    at_to = forms.DateTimeField(
        label=_("Before"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def filters(self, account: AccountConfig) -> dict[str, Any]:
        """Return what was asked for, once the form is valid."""
        given = dict(self.cleaned_data)
        for name in ("at_from", "at_to"):
            at: datetime | None = given[name]  # Django reads it as UTC, which this installation's clock is
            given[name] = at.replace(tzinfo=account.zone) if at is not None else None
        return given | {"call": given["call"].lower(), "code": given["code"].lower()}
