# SPDX-License-Identifier: Apache-2.0
"""Databases beside the worker's own, where ids begin at 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


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
            connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
