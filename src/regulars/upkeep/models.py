# SPDX-License-Identifier: Apache-2.0
"""When what keeps an installation in order was last done: the periodic tasks, verifying, backing up."""

from __future__ import annotations

from django.db import models


class LastRun(models.Model):
    """One row for each thing that is done again and again. Of the whole installation: it holds nothing of any account."""

    name = models.CharField(max_length=40, primary_key=True)
    """A task of jobs/tasks.py, or backup, verify, base_backup."""
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    took_ms = models.BigIntegerField()
    """Of the last run, whether it succeeded or failed."""
    says = models.CharField(max_length=200, default="")
    """What it came to, in words of ours."""

    class Meta:
        db_table = "upkeep_last_runs"
