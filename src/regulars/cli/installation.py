# SPDX-License-Identifier: Apache-2.0
"""
One installation as a command sees it: its data directory, its database and its secret key.

The database is the one of ``DATABASE_URL``, or the embedded server in the data directory: the running one, or one that is
started for as long as the command takes.
"""

from __future__ import annotations

import argparse
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulars.cli.progress import say
from regulars.errors import InvalidParameter, NotFound, RequestError
from regulars.kit.embedded import DataDirectoryInUse, EmbeddedPostgres, is_locked, running_url
from regulars.kit.environment import APP_ROLE, database_from_url, secret_from_environment

SECRET_KEY_BYTES_MIN = 32


class NothingHere(NotFound):
    code = "no_installation"


class KeyMissing(RequestError):
    code = "secret_key_missing"


class Installation:
    """
    The data directory and the database that a command works on.

    ``data`` holds the secret key, the certificate and, without ``DATABASE_URL``, the embedded cluster.
    """

    def __init__(self, data: Path, database_url: str = "") -> None:
        self.data = data.resolve()
        self.external_url = database_url
        if database_url:
            try:
                database_from_url(database_url)
            except ValueError as error:
                raise InvalidParameter("DATABASE_URL", text=str(error)) from error

    @property
    def secret_key_file(self) -> Path:
        return self.data / "secret.key"

    @property
    def exists(self) -> bool:
        """Whether there is a database to work on (an external one is asked only when it is used)."""
        return bool(self.external_url) or (self.data / "postgres" / "PG_VERSION").exists()

    def secret_key(self, *, create: bool = False) -> str:
        """Return the key that seals tokens. Raises KeyMissing; with ``create`` it is made on the first start."""
        given = secret_from_environment()
        if given:
            return given
        if self.secret_key_file.exists():
            return self.secret_key_file.read_text("ascii").strip()
        if not create:
            raise KeyMissing(
                f"The secret key is missing: {self.secret_key_file} is not there and neither REGULARS_SECRET_KEY nor "
                "REGULARS_SECRET_KEY_FILE is set. Security Tokens can not be read without it; restore it from a backup."
            )
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_urlsafe(SECRET_KEY_BYTES_MIN)
        write_private(self.secret_key_file, key + "\n")
        return key

    @contextmanager
    def database(self, *, create: bool = False) -> Iterator[str]:
        """
        Yield the owner's URL of the database, started for the length of the block if nothing serves it.

        Raises: NothingHere (no database yet and ``create`` is off), EmbeddedError.
        """
        if not self.exists and not create:
            raise NothingHere(
                f"There is no Regulars data in {self.data}. Name its directory with --data, or a server with DATABASE_URL; "
                "`regulars serve` or `regulars migrate` begins a new one."
            )
        if self.external_url:
            yield self.external_url
            return
        told = False
        while True:
            if url := running_url(self.data):
                yield url
                return
            server = EmbeddedPostgres(self.data, say=say)
            try:
                url = server.start()
                break
            except DataDirectoryInUse:
                if not told:
                    say("Another Regulars process is starting or stopping here: waiting for it.")
                    told = True
                time.sleep(0.2)
        try:
            yield url
        finally:
            server.stop()

    @property
    def is_running(self) -> bool:
        """Whether a process holds the embedded database of this installation."""
        return not self.external_url and is_locked(self.data)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a command the option that says where the installation is."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=Path(os.environ.get("REGULARS_DATA", "") or "data"),
        help="data directory: secret key, certificate and embedded database (default: $REGULARS_DATA or ./data); "
        "with DATABASE_URL in the environment that database is used instead of the embedded one",
    )


def installation_of(arguments: argparse.Namespace) -> Installation:
    """Return the installation that a command line names."""
    return Installation(arguments.data, os.environ.get("DATABASE_URL", ""))


def configure_django(url: str, secret_key: str, *, as_owner: bool = False) -> None:
    """
    Point Django at a database: in the application's role, which row-level security binds, or as the owner of the tables.

    Once per process: a command has one database.
    """
    os.environ["DATABASE_URL"] = url
    os.environ["REGULARS_SECRET_KEY"] = secret_key
    os.environ.pop("REGULARS_SECRET_KEY_FILE", None)
    os.environ["REGULARS_DATABASE_ROLE"] = "" if as_owner else APP_ROLE
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.kit.settings"
    import django  # Django reads the environment when it is set up

    django.setup()
