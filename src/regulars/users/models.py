# SPDX-License-Identifier: Apache-2.0
"""People and programs that work for an account."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from regulars.kit.ids import numbered


class Login(models.Model):
    """Which account a user id belongs to. User ids are unique in the installation. Not a tenant table."""

    user_code = models.CharField(max_length=20, primary_key=True)
    account_id = models.IntegerField()

    class Meta:
        db_table = "users_logins"


class SignInAttempts(models.Model):
    """
    Recent sign-ins that were not (yet) good, per user id asked for or per network address. Not a tenant table.

    Rows exist for user ids that do not: so a lock says nothing about whether there is such a user.
    """

    subject = models.CharField(max_length=64, primary_key=True)
    """``user:alice`` or ``address:192.0.2.7``."""
    count = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "users_sign_in_attempts"
        indexes = [models.Index(fields=["last_at"], name="users_sign_in_attempts_last_at")]


class User(models.Model):
    """``code`` is the user_id of the API; ``id`` is what entries name."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("users_users")
    code = models.CharField(max_length=41)
    """At most 20; a guest's is ``user@agency``."""
    role = models.CharField(max_length=1)
    """One of the 15 letters of api.md 5."""
    is_owner = models.BooleanField(default=False)
    first_name = models.CharField(max_length=60, default="")
    last_name = models.CharField(max_length=60, default="")
    custom1 = models.CharField(max_length=80, default="")
    """Shown as "Location"; user_addtl_info on the wire."""
    language = models.CharField(max_length=8, default="en")
    language_custom = models.BooleanField(default=False)
    timezone = models.CharField(max_length=64, default="UTC")
    campaigns_access = models.CharField(max_length=4, default="all")
    """all, none or some; administrators and the owner always all."""
    allowed_campaign_ids = ArrayField(models.BigIntegerField(), default=list)
    email = models.CharField(max_length=254, default="")

    password_hash = models.CharField(max_length=200, default="")
    """argon2; empty = cannot sign in to the panel."""
    pin_encrypted = models.BinaryField(null=True)
    pin_digest = models.BinaryField(null=True)
    """Keyed digest, so that PINs are unique in the account without being readable."""
    token_hash = models.BinaryField()
    """SHA-256 of the Security Token."""
    token_encrypted = models.BinaryField()
    previous_token_hash = models.BinaryField(null=True)
    previous_token_until = models.DateTimeField(null=True)
    """After a rotation the old token works until then."""

    duplicate_guard = models.CharField(max_length=5, default="off")
    """off, flag (record and mark), first (answer as the first): for tills that cannot send a key."""
    duplicate_guard_seconds = models.IntegerField(default=30)
    calls_per_minute = models.IntegerField(null=True)
    """How many calls the user may make; null = as the account says."""
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    agency_user_id = models.BigIntegerField(null=True)
    """Of a guest: the number of the agency's user who he is (users/guests.py)."""
    agency_id = models.BigIntegerField(null=True)
    """Of a guest: his agency when he came last."""

    class Meta:
        db_table = "users_users"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "code"], name="users_users_code_unique"),
            models.UniqueConstraint(fields=["account_id", "agency_user_id"], name="users_users_guest_unique"),
            models.CheckConstraint(
                condition=Q(agency_user_id__isnull=True) | Q(deleted_at__isnull=False, is_owner=False), name="users_users_guest"
            ),
            models.UniqueConstraint(
                fields=["account_id", "pin_digest"], condition=Q(deleted_at__isnull=True), name="users_users_pin_unique"
            ),
            models.CheckConstraint(condition=Q(role__regex="^[AMNLSDCOKHPQFGI]$"), name="users_users_role"),
            models.CheckConstraint(condition=Q(campaigns_access__in=["all", "none", "some"]), name="users_users_access"),
            models.CheckConstraint(condition=Q(duplicate_guard__in=["off", "flag", "first"]), name="users_users_guard"),
        ]
        indexes = [models.Index(Lower("email"), condition=~Q(email=""), name="users_users_email")]


class Visit(models.Model):
    """An agency's user was in the account, as a guest (users/guests.py)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("users_visits")
    user_id = models.BigIntegerField()
    """The guest's number in this account."""
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "users_visits"


class Session(models.Model):
    """One signed-in browser. It ends with its row; what the panel keeps for it lies in django_session."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("users_sessions")
    user_id = models.BigIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """When it was last used, to the minute."""
    address = models.CharField(max_length=50, default="")
    browser = models.CharField(max_length=30, default="")
    system = models.CharField(max_length=30, default="")
    """Families only ("Firefox", "Windows"): enough to know it again by."""

    class Meta:
        db_table = "users_sessions"
        indexes = [models.Index(fields=["account_id", "user_id"], name="users_sessions_user")]


class SecondFactor(models.Model):
    """The secret that a user's authenticator app and we share. One for each user."""

    pk = models.CompositePrimaryKey("account_id", "user_id")
    account_id = models.IntegerField()
    user_id = models.BigIntegerField()
    secret_encrypted = models.BinaryField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    """null = set-up was begun, and no code of it was entered yet: it is not asked for."""
    last_step = models.BigIntegerField(default=0)
    """The 30 seconds (since 1970) whose code was used last: neither it nor an older one works again."""

    class Meta:
        db_table = "users_second_factors"


class RecoveryCode(models.Model):
    """A code that stands in for the app, once."""

    pk = models.CompositePrimaryKey("account_id", "user_id", "digest")
    account_id = models.IntegerField()
    user_id = models.BigIntegerField()
    digest = models.BinaryField()
    """Keyed, so that the table alone can not be searched for 50-bit codes."""
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "users_recovery_codes"


class Device(models.Model):
    """A browser in which a user is not asked for the second factor for a while."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("users_devices")
    user_id = models.BigIntegerField()
    digest = models.BinaryField()
    """SHA-256 of the random half of its cookie."""
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    address = models.CharField(max_length=50, default="")
    browser = models.CharField(max_length=30, default="")
    system = models.CharField(max_length=30, default="")

    class Meta:
        db_table = "users_devices"
        indexes = [models.Index(fields=["account_id", "user_id"], name="users_devices_user")]


class PasswordLink(models.Model):
    """The link by which a user may set a new password; the last one that was sent, and only once."""

    pk = models.CompositePrimaryKey("account_id", "user_id")
    account_id = models.IntegerField()
    user_id = models.BigIntegerField()
    digest = models.BinaryField()
    """SHA-256 of the link's 160 random bits."""
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "users_password_links"


class HelpRequest(models.Model):
    """
    Somebody has forgotten his password or user id. Not a tenant table: whether there is such a user is looked up later, by a
    job, so that the page that asks takes the same time and says the same in every case.
    """

    kind = models.CharField(max_length=8)
    """password, user_id."""
    about = models.CharField(max_length=254)
    """The user id, or the e-mail address, as it was typed."""
    host = models.CharField(max_length=253, default="")
    """The host that was asked."""
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "users_help_requests"


class SetupCode(models.Model):
    """The code by which an installation without users is set up; one at most. Not a tenant table: there is no account yet."""

    digest = models.BinaryField(primary_key=True)
    """SHA-256 of its 160 random bits."""
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "users_setup_codes"


class SecurityEvent(models.Model):
    """What happened to somebody's access (users/security_log.py). Of account 0: tries for user ids that do not exist."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("users_security_events")
    at = models.DateTimeField(db_default=Now())
    """By the installation's clock: a test clock of the account does not move it."""
    event = models.CharField(max_length=30)
    user_id = models.BigIntegerField()
    user_code = models.CharField(max_length=41)
    by_code = models.CharField(max_length=41, default="")
    """Who did it, where that was another; "" of a reset too, where the operator did it on the machine."""
    address = models.CharField(max_length=50, default="")
    how = models.CharField(max_length=80, default="")

    class Meta:
        db_table = "users_security_events"
        indexes = [models.Index(fields=["account_id", "at"], name="users_security_events_at")]
