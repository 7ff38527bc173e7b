# SPDX-License-Identifier: Apache-2.0
"""The forms of who is not signed in yet. What a password may be is the domain's to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    """User id and login password, neither trimmed nor changed but for blanks around the user id."""

    user_id = forms.CharField(
        label=_("User ID"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of the second factor, of the app or of the paper."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that your authenticator app shows, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )
    remember = forms.BooleanField(label=_("Do not ask again in this browser for 30 days"), required=False)

    def __init__(self, *args: Any, remembers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not remembers:
            del self.fields["remember"]


class ForgottenPasswordForm(forms.Form):
    """Whose password."""

    user_id = forms.CharField(
        label=_("User ID"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )


class ForgottenUserIdForm(forms.Form):
    """Whose user ids."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        help_text=_("5 to 20 letters, digits or _"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same once more"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        clean: dict[str, Any] = super().clean() or {}
        if {"password", "again"} <= clean.keys() and clean["password"] != clean["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return clean
