# SPDX-License-Identifier: Apache-2.0
"""
``python -m tests.reference.run LANGUAGE DIRECTORY``: runs every example of the reference, as its page shows it.

On the fresh database that DATABASE_URL names, against a server of its own over TLS whose clock shows the contract's times.
What the programs print is written to DIRECTORY/<key>/<name>.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
import uvicorn

from tests.clients.server import free_port

START_SECONDS_MAX = 60
RUN_SECONDS_MAX = 60


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@contextlib.contextmanager
def serving(clock: Clock, directory: Path) -> Iterator[str]:
    """Serve the API over TLS in a thread, and make what programs of this process and its children trust."""
    from regulars.api.asgi import Application
    from regulars.cli.certificate import own_certificate

    files = own_certificate(directory, (), datetime.now(UTC))
    for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        os.environ[name] = str(files.ca_file)
    port = free_port()
    config = uvicorn.Config(
        Application(clock=clock), port=port, log_level="warning", proxy_headers=False,
        ssl_certfile=str(files.certificate_file), ssl_keyfile=str(files.key_file),
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        assert server.started, "the server did not start"
        yield f"https://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()


def run_curl(text: str) -> str:
    """Run a command line with a POSIX shell; return what it prints."""
    return _output(["sh"], text)


def run_php(text: str) -> str:
    """Run a PHP program; return what it prints."""
    return _output(["php", "-d", f"curl.cainfo={os.environ['CURL_CA_BUNDLE']}"], text)


def _output(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stderr + text
    return done.stdout


def run_python(text: str) -> str:
    """Run a Python program; return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "<example>", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


RUNNERS = {"curl": run_curl, "PHP": run_php, "Python": run_python}


def run_examples(language: str, directory: Path) -> None:
    """Run every example in one language."""
    from regulars.api.reference.examples import examples_of, general_examples
    from regulars.api.reference.pages import example_panels
    from regulars.kit.snippets import ORIGIN
    from tests.client import Api
    from tests.contract.carry import make_cast
    from tests.contract.examples import GENERAL_ERRORS, TOKEN

    api = Api()
    cast = make_cast(api)
    api.close()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("UPDATE accounts_accounts SET request_log_days = 0")  # the contract's log has three requests, and no more
    clock = Clock()
    with serving(clock, directory) as url:
        for at, example, sent in cast.requests():
            clock.at = at
            shown = general_examples() if example.folder == GENERAL_ERRORS else examples_of(example.key)
            panels = dict(example_panels(next(one for one in shown if one.name == example.name)))
            if language not in panels:
                continue
            program = panels[language].replace(ORIGIN, url)
            if example.signs_as != "nobody":
                program = program.replace(TOKEN, sent["user_api_key"])
            target = directory / example.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(RUNNERS[language](program), "utf-8")


if __name__ == "__main__":
    django.setup()
    run_examples(sys.argv[1], Path(sys.argv[2]))
