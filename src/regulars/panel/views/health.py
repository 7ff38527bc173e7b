# SPDX-License-Identifier: Apache-2.0
"""How the installation is, its proofs and its backups, for the platform owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from regulars.panel import viewer as edge
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.reports.health import Health, can_back_up, get_health
from regulars.upkeep.runs import BACKUP, VERIFY, RunRow, RunUnderWay, ask_run

STATES = {
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Under way"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
}
GOOD, NOTE, BAD = "badge-good", "badge-note", "badge-bad"
COLOURS = {"waiting": NOTE, "running": NOTE, "done": GOOD, "failed": BAD}


@require_safe
@signed_in(needs="manage_agencies", offices=("platform",))
def platform_health(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what was found, the last verifications, and when each task was last done."""
    health = get_health(account=viewer.account, by=viewer.user, at=edge.clock())
    parts = [each(viewer, health) for each in PARTS]
    context = {
        "parts": parts,
        "bad": sum(part["colour"] == BAD for part in parts),
        "runs": [_verification(viewer, run) for run in health.verifications],
        "is_live": any(run.is_under_way for run in health.verifications),
        "tasks": [
            {
                "name": task.name.replace("_", " "),
                "done": viewer.shown.moment(task.succeeded_at) if task.succeeded_at else "",
                "failed": viewer.shown.moment(task.failed_at) if task.failed_at else "",
                "is_bad": task.has_failed,
                "took": _lasted(viewer, task.took_ms),
                "says": task.says,
            }
            for task in health.tasks
        ],
    }
    return render(request, "panel/health.html", context)


@require_POST
@signed_in(needs="manage_agencies", offices=("platform",))
def verify_books(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Let the jobs verify the books of every account."""
    _ask(request, viewer, VERIFY, _("The books are being verified. You need not wait here."))
    return HttpResponseRedirect(reverse("platform_health"))


@require_safe
@signed_in(needs="manage_agencies", offices=("platform",))
def platform_backups(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the backups that were made, by whom and where."""
    health = get_health(account=viewer.account, by=viewer.user, at=edge.clock())
    context = {
        "runs": [_backup(viewer, run) for run in health.backups],
        "is_live": any(run.is_under_way for run in health.backups),
        "may_back_up": can_back_up(health),
        "has_folder": health.room is not None,
        "free": viewer.shown.size(health.room.free_bytes) if health.room else "",
    }
    return render(request, "panel/backups.html", context)


@require_POST
@signed_in(needs="manage_agencies", offices=("platform",))
def make_backup(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Let the jobs make a backup in the data directory."""
    if can_back_up(get_health(account=viewer.account, by=viewer.user, at=edge.clock())):
        _ask(request, viewer, BACKUP, _("A backup is being made. You need not wait here."))
    else:
        messages.error(request, _("There is no room for a backup here."))
    return HttpResponseRedirect(reverse("platform_backups"))


def _ask(request: HttpRequest, viewer: Viewer, name: str, said: str) -> None:
    try:
        ask_run(name=name, at=edge.clock(), by=viewer.user.code)
    except RunUnderWay as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, said)


# -- runs ------------------------------------------------------------------------------------------------------------
def _run(viewer: Viewer, run: RunRow) -> dict[str, Any]:
    took = (run.ended_at - run.began_at) // timedelta(milliseconds=1) if run.ended_at and run.began_at else None
    return {
        "id": run.id,
        "at": viewer.shown.moment(run.began_at or run.asked_at),
        "by": run.asked_by,
        "state": STATES[run.state],
        "colour": COLOURS[run.state],
        "took": "" if took is None else _lasted(viewer, took),
        "is_under_way": run.is_under_way,
        "done": run.done,
        "total": run.total,
        "share": viewer.shown.percent(run.done * 1_000_000 // run.total) if run.total else "",
        "says": run.says if run.state == "failed" else "",
    }


def _verification(viewer: Viewer, run: RunRow) -> dict[str, Any]:
    return _run(viewer, run) | {"findings": run.details.get("findings", [])}


def _backup(viewer: Viewer, run: RunRow) -> dict[str, Any]:
    size = run.details.get("size_bytes")
    return _run(viewer, run) | {
        "file": run.details.get("file", ""),
        "size": viewer.shown.size(size) if size else "",
        "is_checked": bool(run.details.get("is_checked")),
    }


def _lasted(viewer: Viewer, milliseconds: int) -> str:
    """So long a time in words: 0.4 s, 12 s, 15 min."""
    if milliseconds >= 600_000:
        return _("%(count)s min") % {"count": viewer.shown.number(milliseconds // 60_000)}
    shown = Decimal(milliseconds // 100) / 10 if milliseconds < 10_000 else Decimal(milliseconds // 1000)
    return _("%(count)s s") % {"count": viewer.shown.exact(shown)}


# -- what was found --------------------------------------------------------------------------------------------------
def _part(label: str, text: str, colour: str, mend: str = "") -> dict[str, str]:
    """``mend``: what to do about it, where it is not good."""
    return {"label": label, "text": text, "colour": colour, "mend": mend if colour != GOOD else ""}


def _database(viewer: Viewer, health: Health) -> dict[str, str]:
    figures = health.figures
    told = {
        "version": figures.version,
        "size": viewer.shown.size(figures.database_bytes),
        "used": viewer.shown.number(figures.connections),
        "most": viewer.shown.number(figures.connections_max),
    }
    text = _("PostgreSQL %(version)s, %(size)s, %(used)s of %(most)s connections.") % told
    is_full = figures.connections * 10 > figures.connections_max * 9
    return _part(_("Database"), text, BAD if is_full else GOOD, _("Allow more connections, or find out who holds them."))


def _migrations(viewer: Viewer, health: Health) -> dict[str, str]:
    count = len(health.pending)
    if not count:
        return _part(_("Migrations"), _("All are applied."), GOOD)
    text = ngettext("%(count)s is missing.", "%(count)s are missing.", count) % {"count": viewer.shown.number(count)}
    return _part(_("Migrations"), text, BAD, _("Start the server again, or run: regulars migrate"))


def _jobs(viewer: Viewer, health: Health) -> dict[str, str]:
    jobs = health.figures.jobs
    told = {state: viewer.shown.number(count) for state, count in jobs.items()}
    if not health.jobs_live:
        seen = viewer.shown.moment(health.heartbeats[0]) if health.heartbeats else ""
        text = (
            _("No process of the jobs was seen since %(time)s.") % {"time": seen} if seen else _("No process of the jobs runs.")
        )
        return _part(_("Jobs"), text, BAD, _("Start the server again; its output says why they ended."))
    text = _("They run: %(doing)s under way, %(todo)s waiting, %(failed)s failed in the last 30 days.") % told
    return _part(
        _("Jobs"), text, NOTE if jobs["failed"] else GOOD, _("Below it stands which failed; the server's output says why.")
    )


def _mail(viewer: Viewer, health: Health) -> dict[str, str]:
    figures = health.figures
    label, count = _("Mail"), viewer.shown.number(figures.mails_waiting)
    if not health.sends_mail:
        text = _("No mail service is set up. %(count)s wait.") % {"count": count}
        return _part(
            label, text, NOTE, _("Set REGULARS_SMTP_URL and REGULARS_MAIL_FROM. Accounts may have services of their own.")
        )
    waited = _lasted(viewer, figures.oldest_mail_seconds * 1000)
    text = _("%(count)s wait, the oldest for %(time)s.") % {"count": count, "time": waited}
    text = text if figures.mails_waiting else _("None waits.")
    return _part(
        label,
        text,
        GOOD if health.mail_leaves else BAD,
        _("The mail service can not be reached, or refuses us: see the server's output."),
    )


def _links(_viewer: Viewer, health: Health) -> dict[str, str]:
    label = _("Links in mails")
    if health.links_lead_here:
        return _part(label, _("They lead here."), GOOD)
    text = _("Nobody has said how people find this server: links lead nowhere, or to this machine alone.")
    return _part(
        label, text, BAD if health.sends_mail else NOTE, _("Set REGULARS_PUBLIC_URL=https://... where the server is started.")
    )


def _disk(viewer: Viewer, health: Health) -> dict[str, str]:
    if health.room is None:
        return _part(_("Disk"), _("No data directory is known here."), NOTE)
    text = _("%(size)s are free beside the data.") % {"size": viewer.shown.size(health.room.free_bytes)}
    return _part(
        _("Disk"), text, GOOD if health.room.is_enough else BAD, _("Make room: PostgreSQL stops where it can not write.")
    )


def _certificate(viewer: Viewer, health: Health) -> dict[str, str]:
    label = _("Certificate")
    if health.certificate is None:
        return _part(label, _("TLS ends at a proxy: it has the certificate."), NOTE)
    text = _("It is valid until %(day)s.") % {"day": viewer.shown.day(health.certificate.ends_at)}
    is_good = health.certificate.is_long_enough(health.at)
    return _part(label, text, GOOD if is_good else BAD, _("Bring a new one, or start the server again: it renews its own."))


def _last_backup(viewer: Viewer, health: Health) -> dict[str, str]:
    last = health.last_backup
    if last is None or last.ended_at is None:
        return _part(_("Last backup"), _("None was made yet."), BAD, _("Make one, and keep it on another machine."))
    text = viewer.shown.moment(last.ended_at)
    return _part(_("Last backup"), text, GOOD if health.backup_is_fresh else BAD, _("It is more than a week old."))


def _last_verification(viewer: Viewer, health: Health) -> dict[str, str]:
    label, last = _("Last verification"), health.last_verification
    if last is None or last.ended_at is None:
        return _part(label, _("The books were not verified yet."), NOTE, _("It is done every night, and when you ask for it."))
    text = viewer.shown.moment(last.ended_at)
    if last.details.get("findings"):
        return _part(label, text, BAD, _("The books are not in order. Stop selling, keep the data as it is, and report this."))
    is_old = health.at - last.ended_at > timedelta(days=2)
    mend = _("It is old.") if is_old else _("It did not come to its end.")
    return _part(label, text, GOOD if health.books_are_proven else BAD, mend)


PARTS: tuple[Callable[[Viewer, Health], dict[str, str]], ...] = (
    _database, _migrations, _jobs, _mail, _links, _disk, _certificate, _last_backup, _last_verification,
)  # fmt: skip
