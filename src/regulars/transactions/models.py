# SPDX-License-Identifier: Apache-2.0
"""
Batches of lines that a file or one call brought (ADR-0012): how far each has come, and what became of every line. And the
files themselves, from the moment they are brought until their lines are a batch (ADR-0027).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from regulars.kit.ids import numbered

STATES = ["running", "completed", "refused", "failed", "undoing", "undone"]
KINDS = ["customers", "transactions"]
IMPORT_STATES = ["reading", "read", "checking", "checked", "starting", "importing", "imported", "failed"]


class Batch(models.Model):
    """One batch. Every count is of lines, but for ``new_customers`` and ``transactions``."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("transactions_batches")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="running")
    """running; completed; refused (atomic, and a line was wrong: nothing was written); failed (our bug); undoing; undone."""
    user_id = models.BigIntegerField()
    options = models.JSONField(default=dict)
    """How its lines are read and what is done with them: batches/options.py."""
    campaign_ids = models.JSONField(default=list)
    """The campaigns it has touched: whoever may not see them all may not see the batch of another user."""
    allows_undo = models.BooleanField()
    lines_count = models.IntegerField()
    lines_done = models.IntegerField(default=0)
    last_line = models.IntegerField(default=0)
    """Number of the line that was done last."""
    refused_lines = models.IntegerField(default=0)
    ignored_lines = models.IntegerField(default=0)
    customers = models.IntegerField(default=0)
    """Lines that enrolled or changed a customer."""
    new_customers = models.IntegerField(default=0)
    transactions = models.IntegerField(default=0)
    undo_line = models.IntegerField(null=True)
    """Undoing goes from the last line to the first: number of the line that was undone last."""
    undo_lines_done = models.IntegerField(default=0)
    undo_refused_lines = models.IntegerField(default=0)
    customers_undone = models.IntegerField(default=0)
    transactions_undone = models.IntegerField(default=0)
    undone_by = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(db_default=Now())
    """By the database's clock: a batch that nobody has touched for a while is taken up by the jobs."""
    is_handed_over = models.BooleanField(default=False)
    """Too long for one answer: the jobs carry it out from the start."""

    has_lines = models.BooleanField(default=True)
    """Whether its lines are still there; after a while they are forgotten, and the counts stay."""

    class Meta:
        db_table = "transactions_batches"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="transactions_batches_state"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="transactions_batches_kind"),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "id"], condition=Q(state__in=["running", "undoing"]), name="transactions_batches_open"
            )
        ]


class BatchLine(models.Model):
    """One line: its text until it is done, then what it did, to be undone. Without undo, the good lines of a batch go."""

    pk = models.CompositePrimaryKey("account_id", "batch_id", "line")
    account_id = models.IntegerField()
    batch_id = models.BigIntegerField()
    line = models.IntegerField()
    """Counted as the sender counts them: from 1, blank ones too."""
    content = models.TextField(null=True)  # noqa: DJ001 - null = done
    """As sent; encrypted where it holds passwords or PINs."""
    customer_id = models.BigIntegerField(null=True)
    is_new = models.BooleanField(default=False)
    """Whether this line enrolled the customer."""
    entry_ids = models.JSONField(default=list)
    errors = models.JSONField(null=True)
    """[[code, text], ...]: why it was refused."""
    former = models.JSONField(null=True)
    """The customer's row before the line changed it; gone when the customer is erased."""
    changed_at = models.DateTimeField(null=True)
    """The customer's updated_at right after the line."""
    undo_errors = models.JSONField(null=True)

    class Meta:
        db_table = "transactions_batch_lines"
        indexes = [
            models.Index(
                fields=["account_id", "customer_id"],
                condition=Q(former__isnull=False),
                name="transactions_batches_former",
            )
        ]


class FileImport(models.Model):
    """A file that a person brought. Counts are of its last trial run; of what was imported the batch tells."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("transactions_imports")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="reading")
    """
    reading; read (its columns are to be named); checking; checked; starting; importing (its lines are a batch); imported;
    failed (``problem`` says why).
    """
    user_id = models.BigIntegerField()
    file_name = models.CharField(max_length=120)
    """"" = the lines were pasted."""
    separator = models.CharField(max_length=10, default="")
    """As the user said; "" = to be found."""
    size_bytes = models.BigIntegerField()
    sheet_encrypted = models.BinaryField(null=True)
    """What was seen of the file (imports/plans.py Sheet)."""
    plan = models.JSONField(null=True)
    """imports/plans.py Plan."""
    lines_count = models.IntegerField(default=0)
    """But for the headings."""
    lines_done = models.IntegerField(default=0)
    part_done = models.IntegerField(default=0)
    """Number of the part that was tried last."""
    unreadable_lines = models.IntegerField(default=0)
    """Refused already before they are lines of a batch: a date or a number that can not be read. Of the import itself."""
    refused_lines = models.IntegerField(default=0)
    """In the trial run, the unreadable ones too."""
    ignored_lines = models.IntegerField(default=0)
    customers = models.IntegerField(default=0)
    new_customers = models.IntegerField(default=0)
    transactions = models.IntegerField(default=0)
    batch_id = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=300, default="")
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "transactions_imports"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=IMPORT_STATES), name="transactions_imports_state"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="transactions_imports_kind"),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "id"],
                condition=Q(state__in=["reading", "checking", "starting", "importing"]),
                name="transactions_imports_open",
            ),
            models.Index(fields=["account_id", "batch_id"], name="transactions_imports_batch"),
        ]


class ImportPart(models.Model):
    """A piece of a file as it came, or some of its lines. Encrypted: whatever it holds, nobody has said yet what that is."""

    pk = models.CompositePrimaryKey("account_id", "import_id", "is_raw", "number")
    account_id = models.IntegerField()
    import_id = models.BigIntegerField()
    is_raw = models.BooleanField()
    number = models.IntegerField()
    """From 1."""
    content_encrypted = models.BinaryField()
    last_line = models.IntegerField(default=0)
    """Number of its last line in the file."""
    problems = models.JSONField(default=dict)
    """Number of a line -> [[code, text], ...]: why it is refused."""

    class Meta:
        db_table = "transactions_import_parts"
