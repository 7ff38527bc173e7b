# SPDX-License-Identifier: Apache-2.0
"""An entry has few columns and a document: half the cost of writing it. What was logged before is dropped."""

from __future__ import annotations

from django.db import migrations, models

GONE = ("request_id", "user_code", "client", "http_status", "duration_us", "answer_bytes", "fields", "answer")


class Migration(migrations.Migration):
    dependencies = [("regulars_request_log", "0001_initial")]
    operations = [
        migrations.RunSQL("TRUNCATE request_log_entries", migrations.RunSQL.noop),
        *(migrations.RemoveField("loggedrequest", name) for name in GONE),
        migrations.AddField("loggedrequest", "details", models.TextField()),
    ]
