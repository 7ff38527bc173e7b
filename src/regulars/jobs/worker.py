# SPDX-License-Identifier: Apache-2.0
"""The process that runs the jobs: ``python -m regulars.jobs.worker``, started by ``regulars serve``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import Any

log = logging.getLogger("regulars.jobs")

POLLING_SECONDS = 2.0
"""How often the queue is looked at. No LISTEN/NOTIFY: it would bind us to one database session (design.md 7)."""
STOP_SECONDS_MAX = 20.0
"""How long a task may take to end when the worker is told to stop; then it is aborted and comes again by its schedule."""
RESTART_SECONDS = 3.0
CONCURRENCY = 11
"""One for each task, so that none waits for another."""

OPTIONS: dict[str, Any] = {
    "wait": True,
    "concurrency": CONCURRENCY,
    "listen_notify": False,
    "fetch_job_polling_interval": POLLING_SECONDS,
    "shutdown_graceful_timeout": STOP_SECONDS_MAX,
    "delete_jobs": "successful",
    "install_signal_handlers": False,
}


def main() -> int:
    """
    Run jobs until SIGTERM or SIGINT, then end in order: the step under way is finished, nothing new is begun.

    Reads DATABASE_URL, REGULARS_DATABASE_ROLE, REGULARS_SMTP_URL or REGULARS_MAIL_DIR, REGULARS_MAIL_FROM,
    REGULARS_SMTP_PRIVATE, REGULARS_KEY_DAYS, REGULARS_CHANGES_DAYS, REGULARS_WEBHOOKS_PRIVATE, REGULARS_WEBHOOKS_DAYS,
    REGULARS_TEXTS_PRIVATE.

    Returns the exit code: 0; 64 where a setting is wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
    os.environ.setdefault("REGULARS_FACE", "jobs")
    from regulars.kit import logs
    from regulars.kit.metrics import open_store

    logs.configure("jobs", text="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # a line per mail batch is noise
    import django  # after the settings are named

    from regulars.kit.processes import end_with_parent

    end_with_parent()
    open_store(os.environ.get("REGULARS_METRICS_FOLDER", ""), "jobs")
    django.setup()
    from regulars.jobs import tasks  # needs Django's registry
    from regulars.messages.carriers import MailOptions
    from regulars.messages.text_carrier import TextOptions
    from regulars.webhooks.options import WebhookOptions

    try:
        options = MailOptions.from_environment()
        tasks.key_days()
        tasks.changes_days()
        WebhookOptions.from_environment()
        TextOptions.from_environment()
    except ValueError as error:
        log.critical("%s", error)  # a sentence for whoever set it; no traceback
        return 64
    if options.carrier() is None:
        log.info("no mail service is set up (REGULARS_SMTP_URL or REGULARS_MAIL_DIR): mails wait in the outbox")
    asyncio.run(_run())
    return 0


async def _run() -> None:
    """Run workers one after the other until told to stop; one that fails (the database restarts) is followed by the next."""
    import psycopg
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector
    from procrastinate.exceptions import ConnectorException

    from regulars.jobs import tasks

    tasks.register(app)
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()
    running: list[asyncio.Future[None]] = []

    def stop() -> None:
        if not told_to_stop.is_set():
            told_to_stop.set()
            tasks.stopping.set()
            for worker in running:
                worker.cancel()  # procrastinate takes it as: finish what you do, then end

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    while not told_to_stop.is_set():
        try:
            with app.replace_connector(connector.get_worker_connector()):
                async with app.open_async():
                    running[:] = [asyncio.ensure_future(app.run_worker_async(**OPTIONS))]
                    await running[0]
        except asyncio.CancelledError:
            if not told_to_stop.is_set():
                raise
        except (ConnectorException, psycopg.Error, OSError) as error:
            log.warning("the jobs stand still: %s", error)
        if not told_to_stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told_to_stop.wait(), RESTART_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
