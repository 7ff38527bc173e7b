# SPDX-License-Identifier: Apache-2.0
"""The sign-in form."""

from __future__ import annotations

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
