# SPDX-License-Identifier: Apache-2.0
"""What was changed in an account: by whom, when, from where, before and after (ADR-0023). Only sql/note.sql writes it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from regulars.kit.ids import numbered


class Change(models.Model):
    """One change of one row of configuration, of a user, or of a customer's data. Append-only (a trigger refuses)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("changes_changes")
    at = models.DateTimeField(db_default=Now())
    """By the installation's clock: a test clock of the account does not move it."""
    user_id = models.BigIntegerField(db_default=0)
    """0 = nobody who was signed in."""
    user_code = models.CharField(max_length=64, db_default="")
    """As he was called then: of an agency's user too, who has no row here."""
    face = models.CharField(max_length=8)
    """panel, api, cli, jobs."""
    subject = models.CharField(max_length=16)
    """What kind of thing (rules.SUBJECTS)."""
    subject_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField(null=True)
    """Of what belongs to a campaign."""
    name = models.CharField(max_length=255)
    """What the thing was called then; "" of a customer who was erased."""
    action = models.CharField(max_length=8)
    """added, changed, ended, deleted, erased (a customer whose balances go on, ADR-0022)."""
    before = models.JSONField(db_default={})
    """What differs, by column; secrets are a dot."""
    after = models.JSONField(db_default={})

    class Meta:
        db_table = "changes_changes"
        indexes = [
            models.Index(fields=["account_id", "at"], name="changes_changes_at"),
            models.Index(fields=["account_id", "subject", "subject_id"], name="changes_changes_subject"),
        ]
