# SPDX-License-Identifier: Apache-2.0
"""Databases beside the worker's own, where ids begin at 1, and how databases of tests are dropped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DROP_TRIES, DROP_PAUSE_SECONDS = 60, 0.5


def drop_database(connection: psycopg.Connection[Any], name: str) -> None:
    """
    Drop a database with whoever is still connected to it.

    An owner who is no superuser may not end an autovacuum worker that is just there: it is gone a moment later.
    """
    statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(DROP_TRIES - 1):
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(DROP_PAUSE_SECONDS)
        else:
            return
    connection.execute(statement)


@contextmanager
def fresh_database(owner_url: str, suffix: str) -> Iterator[str]:
    """Make a database from the run's template, give its URL, and drop it."""
    parts = urlsplit(owner_url)
    own = parts.path.lstrip("/")
    template, name = f"{own.rpartition('_')[0]}_template", f"{own}_{suffix}"
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
        rebuilt = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        try:
            yield rebuilt if parts.netloc else rebuilt.replace(":/", ":///", 1)
        finally:
            drop_database(connection, name)
