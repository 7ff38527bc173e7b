# SPDX-License-Identifier: Apache-2.0
"""How the installation is, for its platform owner: what `regulars doctor` and monitoring know, on one page. Reads only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.kit.public_address import PublicAddress
from regulars.messages.carriers import MailOptions
from regulars.upkeep.health import CertificateUnusable, Room, Validity, pending_migrations, room_of, validity_of
from regulars.upkeep.queries import Figures, TaskRow, get_figures, list_heartbeats, list_tasks
from regulars.upkeep.runs import BACKUP, VERIFY, RunRow, list_runs
from regulars.users.access import require

HEARTBEAT_MAX = timedelta(minutes=1)
"""The jobs say every ten seconds that they live."""
MAIL_WAITS_MAX_SECONDS = 3600
BACKUP_MAX_AGE = timedelta(days=7)
VERIFY_MAX_AGE = timedelta(days=2)
"""It is done every night."""


@dataclass(frozen=True, slots=True)
class Health:
    """``room`` None: no data directory is known here; ``certificate`` None: TLS ends elsewhere, or it can not be read."""

    at: datetime
    figures: Figures
    pending: tuple[str, ...]
    heartbeats: tuple[datetime, ...]
    tasks: tuple[TaskRow, ...]
    sends_mail: bool
    links_lead_here: bool
    room: Room | None
    certificate: Validity | None
    verifications: tuple[RunRow, ...]
    backups: tuple[RunRow, ...]

    @property
    def jobs_live(self) -> bool:
        return bool(self.heartbeats) and self.at - self.heartbeats[0] <= HEARTBEAT_MAX

    @property
    def mail_leaves(self) -> bool:
        """Whether nothing has waited for long; where no mail service is set up, nothing is expected to leave."""
        return not self.sends_mail or self.figures.oldest_mail_seconds <= MAIL_WAITS_MAX_SECONDS

    @property
    def last_backup(self) -> RunRow | None:
        """The last one that was made."""
        return next((run for run in self.backups if run.state == "done"), None)

    @property
    def last_verification(self) -> RunRow | None:
        """The last one that is over."""
        return next((run for run in self.verifications if not run.is_under_way), None)

    @property
    def backup_is_fresh(self) -> bool:
        last = self.last_backup
        return last is not None and last.ended_at is not None and self.at - last.ended_at <= BACKUP_MAX_AGE

    @property
    def books_are_proven(self) -> bool:
        last = self.last_verification
        return last is not None and last.state == "done" and self.at - (last.ended_at or self.at) <= VERIFY_MAX_AGE


def get_health(*, account: AccountConfig, by: UserConfig, at: datetime, environment: Mapping[str, str] | None = None) -> Health:
    """
    Return how the installation is. ``at``: its clock, never an account's; ``environment``: what `regulars serve` has told its
    processes.

    Queries: 8.
    Raises:  PermissionDenied.
    """
    require(by, "manage_agencies")
    env = os.environ if environment is None else environment
    options = MailOptions.from_environment(env)
    return Health(
        at=at,
        figures=get_figures(),
        pending=tuple(pending_migrations()),
        heartbeats=list_heartbeats(),
        tasks=list_tasks(),
        sends_mail=options.smtp is not None or options.directory is not None,
        links_lead_here=PublicAddress.from_environment(env).leads_here,
        room=_room(env),
        certificate=_certificate(env),
        verifications=list_runs(name=VERIFY, at=at),
        backups=list_runs(name=BACKUP, at=at, length=50),
    )


def can_back_up(health: Health) -> bool:
    """Whether a backup can be made into the data directory: there is one, with room for another copy of the database."""
    return health.room is not None and health.room.free_bytes > 2 * health.figures.database_bytes


def _room(env: Mapping[str, str]) -> Room | None:
    folder = Path(env.get("REGULARS_DATA", "") or "/nowhere")
    try:
        return room_of(folder) if os.access(folder, os.W_OK | os.X_OK) else None
    except OSError:
        return None


def _certificate(env: Mapping[str, str]) -> Validity | None:
    file = env.get("REGULARS_CERTIFICATE_FILE", "")
    try:
        return validity_of(Path(file)) if file else None
    except CertificateUnusable:
        return None
