# SPDX-License-Identifier: Apache-2.0
"""The outbox: what is to be sent is written with its cause and sent by a job."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from regulars.kit.ids import numbered


class OutboxMessage(models.Model):
    """
    One mail to be sent. Kind ``transaction`` is written from its entry when it is sent, ``password_link`` for its user; other
    kinds bring their text.
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("messages_outbox")
    kind = models.CharField(max_length=20)
    """transaction, welcome, update, password_link, user_ids, test, ..."""
    customer_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    """Of kind password_link, whose link is made, and put into the text, when it is sent: it is kept nowhere."""
    recipient = models.CharField(max_length=254, default="")
    """Empty for kind transaction: the customer's address at the time of sending."""
    subject = models.CharField(max_length=200, default="")
    body = models.TextField(default="")
    """Of kind password_link: where the panel is, as links begin; empty = not known."""
    created_at = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempt_count = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "messages_outbox"
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at__isnull=True, abandoned_at__isnull=True),
                name="messages_outbox_due",
            )
        ]


class MailSettings(models.Model):
    """How an account's mails leave and what they say. No row, or what is empty: as the installation does."""

    account_id = models.IntegerField(primary_key=True)
    smtp_host = models.CharField(max_length=253, default="")
    """A mail service of its own; "" = the installation's."""
    smtp_port = models.IntegerField(null=True)
    smtp_security = models.CharField(max_length=8, default="")
    """tls, starttls, none."""
    smtp_user = models.CharField(max_length=254, default="")
    smtp_password_encrypted = models.BinaryField(null=True)
    sender = models.CharField(max_length=254, default="")
    """The address that mails over its own service come from."""
    texts = models.JSONField(default=dict)
    """Kind of mail -> [subject, body]."""
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "messages_settings"


class TextGateway(models.Model):
    """
    The HTTP service that an account's texts leave by; no row = it sends none. The name and password it is known by there are
    columns of the account (sms_username, sms_password_encrypted).
    """

    account_id = models.IntegerField(primary_key=True)
    url = models.CharField(max_length=500)
    """https; placeholders may stand behind the host."""
    method = models.CharField(max_length=4, default="POST")
    """GET or POST."""
    format = models.CharField(max_length=4, default="form")
    """form (name=value, a line each) or json."""
    body = models.TextField(default="")
    """What is sent, with placeholders in braces (messages/text_rules.py)."""
    authorization = models.CharField(max_length=6, default="none")
    """none, basic (name and password), bearer (password)."""
    sender = models.CharField(max_length=20, default="")
    """Whom texts come from: a number, or a name of up to 11 letters."""
    expects = models.CharField(max_length=80, default="")
    """What an answer must hold to be a success, "" = nothing but its status."""
    receipt = models.CharField(max_length=600, default="")
    """The account's own text of a receipt, "" = ours."""
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "messages_text_gateways"
