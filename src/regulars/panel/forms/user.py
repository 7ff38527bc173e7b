# SPDX-License-Identifier: Apache-2.0
"""The forms about a user. What a value must look like is the domain's to say (users/operations.py); errors come from there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.localisation import TIME_ZONES, languages
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField
from regulars.panel.roles import ROLE_NAMES
from regulars.users.access import assignable_roles, may

OVERLAPS = (
    ("0", _("at once")),
    ("3600", _("after one hour")),
    ("86400", _("after one day")),
    ("604800", _("after seven days")),
)
FORM_FIELDS = {
    "user_name": "code",
    "timezone": "time_zone",
    "allowed_campaigns": "campaigns_access",
    "overlap_seconds": "overlap",
}
"""The domain's name of a value to the form's, where they differ."""


class UserForm(DomainForm):
    """One user, new or known. ``code`` is there only for a new one: it never changes."""

    places = FORM_FIELDS
    code = forms.CharField(label=_("User ID"), max_length=20, help_text=_("Letters, digits and _; it cannot be changed later."))
    first_name = forms.CharField(label=_("First name"), max_length=60, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    role = forms.ChoiceField(label=_("Role"))
    custom1 = forms.CharField(label=_("Location"), max_length=80, required=False)
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(label=_("Time zone"))
    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    pin = forms.CharField(
        label=_("PIN"),
        max_length=5,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("4 or 5 digits, for terminals."),
    )
    campaigns_access = forms.ChoiceField(
        label=_("Allowed campaigns"),
        choices=[("all", _("All campaigns")), ("some", _("Only these")), ("none", _("None"))],
        widget=forms.RadioSelect,
    )
    campaign_ids = forms.TypedMultipleChoiceField(
        label=_("Campaigns"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    duplicate_guard = forms.ChoiceField(
        label=_("The same sale again"),
        choices=[
            ("off", _("Record it")),
            ("flag", _("Record it and say so")),
            ("first", _("Answer as to the first, record nothing")),
        ],
        help_text=_("For tills that can not send an idempotency key and repeat a request after a lost answer."),
    )
    duplicate_guard_seconds = DecimalsField(label=_("Seconds in which it is the same"), least=1, most=3600, initial=30)
    calls_per_minute = DecimalsField(
        label=_("Calls a minute"),
        required=False,
        least=1,
        most=60_000_000,
        help_text=_("Empty = as the account says."),
    )

    def __init__(
        self, *args: Any, account: AccountConfig, by: UserConfig, user: UserConfig | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        roles = list(assignable_roles(by))
        if user is None:
            del self.fields["duplicate_guard"], self.fields["duplicate_guard_seconds"], self.fields["calls_per_minute"]
        elif not may(by, "edit_account_info"):
            del self.fields["calls_per_minute"]
        if user is not None:
            del self.fields["code"]
            if user.is_owner or user.id == by.id:
                roles = [user.role]
                del self.fields["campaigns_access"], self.fields["campaign_ids"]
            elif user.role not in roles:
                roles.append(user.role)
            self.fields["password"].help_text = _("Leave it empty to keep the password.")
            if user.id == by.id:  # a borrowed browser must not take the account over: views/me.py asks for the password
                del self.fields["password"], self.fields["email"]
        self.role_choices = [(role, str(name)) for role, name in ROLE_NAMES.items() if role in roles]
        self.offer("role", self.role_choices)
        self.offer("language", sorted(languages().items(), key=lambda item: item[1]))
        zones = list(TIME_ZONES)
        if user is not None and user.timezone not in zones:
            zones.append(user.timezone)
        self.offer("time_zone", [(zone, zone.replace("_", " ")) for zone in zones])
        if "campaign_ids" in self.fields:
            seen = [campaign for campaign in account.campaigns.values() if by.may_see(campaign)]
            self.offer("campaign_ids", [(campaign.id, campaign.name) for campaign in seen])

    def values(self) -> dict[str, Any]:
        """Return what was filled in, by the names of the operations."""
        clean = self.cleaned_data
        names = ("first_name", "last_name", "email", "custom1", "role", "language", "pin")
        result = {name: clean[name] for name in names if name in self.fields}
        result["timezone"] = clean["time_zone"]
        for name in ("duplicate_guard", "duplicate_guard_seconds"):
            if name in self.fields:
                result[name] = clean[name]
        if "calls_per_minute" in self.fields:
            result["calls_per_minute"] = clean["calls_per_minute"] or 0
        if clean.get("password"):
            result["password"] = clean["password"]
        if "code" in self.fields:
            result["code"] = clean["code"]
        if "campaigns_access" in self.fields:
            result["campaigns_access"] = clean["campaigns_access"]
            result["allowed_campaign_ids"] = clean["campaign_ids"] if clean["campaigns_access"] == "some" else ()
        return result


class DeleteForm(forms.Form):
    """In which way a user is deleted, and that it is meant."""

    how = forms.ChoiceField(
        label=_("What becomes of the User ID"),
        choices=[
            ("keep", _("It stays taken, and past transactions keep the name")),
            ("free", _("It becomes free, and past transactions lose the name")),
        ],
        widget=forms.RadioSelect,
        initial="keep",
    )
    is_meant = forms.BooleanField(label=_("Delete this user; his token and password stop at once"))


class TokenForm(forms.Form):
    """A new Security Token, and for how long the old one still works."""

    overlap = forms.ChoiceField(label=_("The old token stops"), choices=OVERLAPS)
