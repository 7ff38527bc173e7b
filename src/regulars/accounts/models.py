# SPDX-License-Identifier: Apache-2.0
"""Agencies, accounts (the tenants) and the custom fields an account defines."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now

from regulars.kit.ids import numbered


class Agency(models.Model):
    """A reseller: owns client accounts; its name stands in their receipts. Not a tenant table."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    email = models.CharField(max_length=254, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "accounts_agencies"


class Account(models.Model):
    """One business. ``id`` scopes every tenant table; ``code`` is the "Account ID" that people know."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=20)
    agency_id = models.BigIntegerField(null=True)
    """The agency it is under; of an agency's own account, the agency it is of."""
    kind = models.CharField(max_length=8, default="business", db_default="business")
    """business; agency: its users work for an agency; platform: its users run the installation (ADR-0011)."""
    state = models.CharField(max_length=10, default="trial")
    """trial (at most ten customers), active, suspended."""
    config_version = models.BigIntegerField(default=1)
    """Raised by triggers with every change of configuration; post() compares it (ADR-0004)."""
    rules_version = models.IntegerField(default=0)
    """Raised by triggers with every change of depreciations or fees: balances planned under an older one are settled first."""
    is_demo = models.BooleanField(default=False)
    test_clock_offset_seconds = models.BigIntegerField(default=0)
    """Added to the clock of every call of this account."""

    biz_name = models.CharField(max_length=80, default="")
    biz_address1 = models.CharField(max_length=80, default="")
    biz_address2 = models.CharField(max_length=80, default="")
    biz_city = models.CharField(max_length=60, default="")
    biz_state = models.CharField(max_length=60, default="")
    biz_zip = models.CharField(max_length=20, default="")
    biz_country = models.CharField(max_length=60, default="")
    biz_locations = models.CharField(max_length=10, default="")
    biz_online = models.BooleanField(default=False)
    biz_employees = models.CharField(max_length=10, default="")
    industry = models.CharField(max_length=80, default="")
    contact_first_name = models.CharField(max_length=60, default="")
    contact_last_name = models.CharField(max_length=60, default="")
    contact_phone = models.CharField(max_length=40, default="")
    client_email = models.CharField(max_length=254, default="")
    referrer_name = models.CharField(max_length=80, default="")

    language = models.CharField(max_length=8, default="en")
    """ISO 639-1, lower case."""
    currency = models.CharField(max_length=3, default="USD")
    """ISO 4217. Its decimals fix what one minor unit is; it cannot change once money was recorded."""
    timezone = models.CharField(max_length=64, default="UTC")
    """IANA name."""
    mailchimp_username = models.CharField(max_length=80, default="", db_default="")
    mailchimp_password_encrypted = models.BinaryField(null=True)
    sms_username = models.CharField(max_length=80, default="", db_default="")
    sms_password_encrypted = models.BinaryField(null=True)
    request_log_days = models.SmallIntegerField(default=7, db_default=7)
    """How long requests stay in the request log; 0 = they are not logged."""
    calls_per_minute = models.IntegerField(null=True)
    """How many calls each user may make, unless he has a number of his own; null, or more than it: the installation's."""
    unknown_cards_per_minute = models.IntegerField(default=30, db_default=30)
    """How many cards and customers that do not exist each user may ask for, ten times as many at once; 0 = no limit."""
    created_at = models.DateTimeField(db_default=Now())

    coalition_pool_points_id = models.BigIntegerField(null=True)
    """The pool shared by the points campaigns that did not opt out; null where the account is no coalition."""
    coalition_pool_money_id = models.BigIntegerField(null=True)
    master_campaign_id = models.BigIntegerField(null=True)
    """Two-tier: where contributions go; null where the account is not two-tier."""
    contribution_ppm = models.IntegerField(default=0)
    """Two-tier: millionths of each earning that go to the master campaign."""
    contribution_rounding = models.CharField(max_length=7, default="down")
    modules = ArrayField(models.CharField(max_length=9), default=list, db_default=Value([]))
    """What activation codes have opened: coalition, two_tier."""
    is_moving = models.BooleanField(default=False, db_default=False)
    """Balances are following a change of pools, customer by customer; while they do, pools are not changed again."""
    second_factor_for = models.CharField(max_length=9, default="nobody", db_default="nobody")
    """Who must have a second factor to sign in to the panel: nobody, managers (and administrators), everybody."""
    remembers_devices = models.BooleanField(default=True, db_default=True)
    """Whether a browser may be remembered, so that it is not asked for the second factor for 30 days."""
    predefined_fields = models.JSONField(db_default={})
    """By name of a predefined customer field: its label and show where they differ from ours (accounts/fields.py)."""

    class Meta:
        db_table = "accounts_accounts"
        indexes = [models.Index(fields=["agency_id"], name="accounts_accounts_agency")]
        constraints = [
            models.UniqueConstraint(Lower("code"), name="accounts_accounts_code_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["business", "platform"]) | Q(kind="agency", agency_id__isnull=False),
                name="accounts_accounts_kind",
            ),
            models.UniqueConstraint(fields=["agency_id"], condition=Q(kind="agency"), name="accounts_accounts_agency_unique"),
            models.CheckConstraint(condition=Q(state__in=["trial", "active", "suspended"]), name="accounts_accounts_state"),
            models.CheckConstraint(
                condition=Q(second_factor_for__in=["nobody", "managers", "everybody"]), name="accounts_accounts_second_factor"
            ),
            models.CheckConstraint(
                condition=Q(contribution_ppm__gte=0, contribution_ppm__lte=1_000_000), name="accounts_accounts_contribution"
            ),
            models.CheckConstraint(
                condition=Q(contribution_rounding__in=["down", "nearest", "up"]), name="accounts_accounts_contribution_rounding"
            ),
        ]


class Host(models.Model):
    """
    A host that is one account's own address; an agency's belongs to the agency's own account (ADR-0014).

    Only the operator's commands write it; it is looked up by name before anybody has signed in (sql/hosts.sql).
    """

    pk = models.CompositePrimaryKey("account_id", "host")
    account_id = models.IntegerField()
    host = models.CharField(max_length=253)
    """Lower case, ASCII, without port."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "accounts_hosts"
        constraints = [models.UniqueConstraint(fields=["host"], name="accounts_hosts_unique")]


class Brand(models.Model):
    """How an account shows itself at its host and in its mails; what is empty is its agency's, and then ours (ADR-0014)."""

    account_id = models.IntegerField(primary_key=True)
    name = models.CharField(max_length=80, default="")
    accent_colour = models.CharField(max_length=7, default="")
    """#rrggbb, of links and buttons."""
    bar_colour = models.CharField(max_length=7, default="")
    """#rrggbb, of headings."""
    logo = models.BinaryField(null=True)
    """A small PNG that we drew (accounts/logos.py)."""
    mail_name = models.CharField(max_length=80, default="")
    """Who mails come from."""
    mail_reply_to = models.CharField(max_length=254, default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_brands"


class Field(models.Model):
    """A custom field of customers, transactions or rewards (api.md 6). Values live in the owner's ``fields`` by number."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("accounts_fields")
    owner = models.CharField(max_length=11)
    """customer, transaction or reward."""
    number = models.IntegerField()
    """The # of custom_field_#. Number 1 of customers is the old single ``custom_field``."""
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=6, default="Text")
    """Text, Date, Pick, List, Number, Money."""
    show = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    searchable = models.BooleanField(default=False)
    choices = ArrayField(models.CharField(max_length=255), default=list)

    class Meta:
        db_table = "accounts_fields"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "owner", "number"], name="accounts_fields_number_unique"),
            models.CheckConstraint(condition=Q(owner__in=["customer", "transaction", "reward"]), name="accounts_fields_owner"),
            models.CheckConstraint(
                condition=Q(type__in=["Text", "Date", "Pick", "List", "Number", "Money"]), name="accounts_fields_type"
            ),
        ]


class IssuedCode(models.Model):
    """An activation code that was given out. Not a tenant table: the platform owner's. The code's signature is not kept."""

    code_id = models.CharField(max_length=10, primary_key=True)
    """The code's own number, as hex."""
    module = models.CharField(max_length=9)
    account_code = models.CharField(max_length=20, default="")
    """The only account that can use it; "" = any."""
    last_day = models.DateField(null=True)
    """null = it does not expire."""
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=20, default="")
    """The user id of who did; "" = the operator, on the machine."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_issued_codes"
        indexes = [models.Index(fields=["-issued_at"], name="accounts_issued_codes_at")]


class UsedCode(models.Model):
    """An activation code that was used. Not a tenant table: a code works once in the whole installation."""

    code_id = models.CharField(max_length=10, primary_key=True)
    """The code's own number, as hex; the code itself is not kept."""
    user_account_id = models.IntegerField()
    """The account that used it."""
    module = models.CharField(max_length=9)
    used_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_used_codes"
