# SPDX-License-Identifier: Apache-2.0
"""The requests that were lately made for an account, without secrets and without personal data (ADR-0009)."""

from __future__ import annotations

from django.db import models


class LoggedRequest(models.Model):
    """One request. ``id`` holds its time (rules.time_of); the primary key is the only index."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = models.BigIntegerField()
    request_id = models.CharField(max_length=64)
    call = models.CharField(max_length=64)
    """The call's ``type``, with its action where there are several."""
    user_code = models.CharField(max_length=20)
    client = models.CharField(max_length=45)
    """Network address."""
    code = models.CharField(max_length=40)
    """ok, or the first error's code."""
    http_status = models.SmallIntegerField()
    duration_us = models.IntegerField()
    """Microseconds."""
    answer_bytes = models.IntegerField()
    fields = models.TextField()
    """JSON object of the request's fields; what may not be shown is masked."""
    answer = models.TextField()
    """JSON of the answer, masked in the same way and cut; empty where it was not kept."""

    class Meta:
        db_table = "request_log_entries"
