# SPDX-License-Identifier: Apache-2.0
"""The requests that were lately made for an account, without secrets and without personal data (ADR-0009)."""

from __future__ import annotations

from django.db import models

DETAILS = ("request_id", "user_code", "client", "http_status", "duration_us", "answer_bytes", "fields", "answer")
"""``client``: network address. ``duration_us``: microseconds. ``fields``: object, masked. ``answer``: JSON text, masked."""


class LoggedRequest(models.Model):
    """One request. ``id`` holds its time (rules.time_of); the primary key is the only index."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = models.BigIntegerField()
    call = models.CharField(max_length=64)
    """The call's ``type``."""
    code = models.CharField(max_length=40)
    """ok, or the first error's code."""
    details = models.TextField()
    """JSON array of what DETAILS names, in that order: a row of few columns costs half as much."""

    class Meta:
        db_table = "request_log_entries"
