# SPDX-License-Identifier: Apache-2.0
"""What the list of changes is narrowed down by. Times are the account's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig
from regulars.panel.change_words import EVENTS, FACES, SUBJECTS
from regulars.panel.forms.quantities import MomentField


class LogForm(forms.Form):
    """From when to when; ``filters()`` are the arguments of the query. All are optional."""

    def __init__(self, *args: Any, account: AccountConfig, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at_from"] = MomentField(label=_("From"), zone=account.zone, required=False)
        self.fields["at_to"] = MomentField(label=_("Before"), zone=account.zone, required=False)

    def filters(self) -> dict[str, Any]:
        """Return what was asked for, once the form is valid."""
        return dict(self.cleaned_data)


class EventsForm(LogForm):
    """Of users/security_events.py."""

    event = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *EVENTS.items()], required=False)
    user_code = forms.CharField(label=_("User ID"), max_length=64, required=False)


class ChangesForm(LogForm):
    """Of changes/queries.py."""

    subject = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *SUBJECTS.items()], required=False)
    user_code = forms.CharField(label=_("User ID"), max_length=64, required=False)
    face = forms.ChoiceField(label=_("From where"), choices=[("", _("Anywhere")), *FACES.items()], required=False)
