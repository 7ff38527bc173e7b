# SPDX-License-Identifier: Apache-2.0
"""When what keeps an installation in order was last done: the periodic tasks, verifying, backing up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


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


class Run(models.Model):
    """One time that the books were verified or a backup was made. Of the whole installation."""

    name = models.CharField(max_length=40)
    """verify, backup."""
    state = models.CharField(max_length=8)
    """waiting (for the jobs), running, done, failed."""
    asked_by = models.CharField(max_length=64, default="")
    """The user id of who asked for it in the panel; "" = by its schedule, or on the machine."""
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    """When it last said how far it is."""
    ended_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    """Steps: of a verification the checks of each account; 0 = not known."""
    says = models.CharField(max_length=400, default="")
    details = models.JSONField(default=dict)
    """verify: findings, each [account id, invariant, what does not hold, how many]; backup: file, size_bytes, is_checked."""

    class Meta:
        db_table = "upkeep_runs"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state__in=["waiting", "running"]), name="upkeep_runs_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["name", "-id"], name="upkeep_runs_latest")]
