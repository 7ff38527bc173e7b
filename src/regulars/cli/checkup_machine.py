# SPDX-License-Identifier: Apache-2.0
"""The doctor's look at the machine: programs, files, disk, certificate, ports."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from regulars.cli.checkup import Finding
from regulars.cli.installation import Installation
from regulars.cli.listeners import PortTaken, free_port
from regulars.cli.reach import Unreachable, ask_listener
from regulars.errors import RegularsError
from regulars.kit.postgres_binaries import NoBinaries, find_binaries
from regulars.kit.public_address import PublicAddress
from regulars.messages.carriers import MailOptions
from regulars.upkeep.health import FREE_BYTES_MIN, CertificateUnusable, room_of, validity_of

PRIVATE_FILES = ("secret.key", "postgres.password", "tls/server.key", "tls/ca.key")


def check_binaries(place: Installation) -> Iterator[Finding]:
    """PostgreSQL's programs, and whether the cluster was written by their major version."""
    try:
        found = find_binaries()
    except NoBinaries as error:
        if place.external_url:
            yield Finding(False, "There are no PostgreSQL programs, which backup and restore need.", str(error))
        else:
            yield Finding(False, "There are no PostgreSQL programs.", str(error))
        return
    yield Finding(True, f"PostgreSQL programs {found.version} ({found.source}).")
    version_file = place.data / "postgres" / "PG_VERSION"
    if not place.external_url and _readable(version_file):
        written_by = version_file.read_text().strip()
        yield Finding(
            written_by == str(found.major),
            f"The data was written by PostgreSQL {written_by}.",
            f"the programs here are {found.version}: back up with the release that wrote it, restore with this one",
        )


def check_data_directory(place: Installation) -> Iterator[Finding]:
    """The data directory and its secrets belong to us and to nobody else."""
    data = place.data
    if not data.is_dir():
        yield Finding(
            False, f"The data directory {data} is not there.", "name the right one with --data, or start the server once"
        )
        return
    found = data.stat()
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        owner = _user_name(found.st_uid)
        yield Finding(False, f"The data directory {data} belongs to {owner}.", f"run as {owner}, or choose another --data")
        return
    yield Finding(
        found.st_mode & 0o066 == 0,  # passing through (711) tells nothing
        f"Only its owner may look into {data}." if found.st_mode & 0o066 == 0 else f"Others may look into {data}.",
        f"chmod 700 {data}",
    )
    for name in PRIVATE_FILES:
        path = data / name
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding(False, f"Others may read {path}.", f"chmod 600 {path}")
    cluster = data / "postgres"
    if cluster.exists() and os.geteuid() == 0 and _user_name(cluster.stat().st_uid) == "nobody":
        yield Finding(
            False,
            "PostgreSQL runs as the user nobody, as other programs may.",
            f"stop the server; useradd --system regulars; chown -R regulars {cluster}",
        )


def check_disk(place: Installation) -> Iterator[Finding]:
    """Room to write."""
    folder = place.data if place.data.exists() else place.data.parent
    if not folder.exists():
        return
    room = room_of(folder)
    yield Finding(
        room.is_enough,
        f"{room.free_bytes / 2**30:.1f} GB are free on the disk of {folder}.",
        f"make room: at least {FREE_BYTES_MIN / 2**30:.0f} GB; PostgreSQL stops where it can not write",
    )


def check_certificate(place: Installation) -> Iterator[Finding]:
    """The validity of the installation's own certificate."""
    path = place.data / "tls" / "server.pem"
    if not _readable(path):
        return
    try:
        validity = validity_of(path)
    except CertificateUnusable as error:
        yield Finding(False, str(error), f"delete {path}: the next start makes another")
        return
    at = datetime.now(UTC)
    if not validity.has_begun(at):
        said = f"The certificate is valid from {validity.begins_at:%Y-%m-%d} on only."
        yield Finding(False, said, "set this machine's clock")
    else:
        yield Finding(
            validity.is_long_enough(at),
            f"The certificate is valid until {validity.ends_at:%Y-%m-%d}.",
            "restart the server: a start renews it",
        )


def check_mail() -> Iterator[Finding]:
    """Where mail leaves, links in it must lead here."""
    try:
        options, public = MailOptions.from_environment(), PublicAddress.from_environment()
    except ValueError as error:
        yield Finding(False, str(error), "set the variable right where the server is started, and here")
        return
    if options.smtp is not None:
        yield Finding(
            public.leads_here,
            f"Links in mails begin with {public.url}."
            if public.leads_here
            else "Mail is set up, and REGULARS_PUBLIC_URL is not: links in mails lead nowhere, or to this machine alone.",
            "set REGULARS_PUBLIC_URL=https://... to where people find the server",
        )


def check_ports(place: Installation, host: str, port: int) -> Iterator[Finding]:
    """The server answers where it says, or the port is free for it."""
    try:
        state = json.loads((place.data / "serve.json").read_text())
        os.kill(int(state["pid"]), 0)
    except (OSError, ValueError, KeyError):
        state = None
    if state is None:
        try:
            free_port(host, port)
        except PortTaken:
            yield Finding(
                False, f"Port {port} is in use by another program.", "stop that program, or serve with another --port"
            )
        except RegularsError as error:
            yield Finding(False, str(error), "serve with another --host or --port")
        else:
            yield Finding(True, f"No server runs here; port {port} is free.")
        return
    url = str(state["url"])
    secure, running_port = url.startswith("https"), int(url.rsplit(":", 1)[1])
    try:
        # Where the operator brought a certificate, who signed it is not ours to judge here.
        ask_listener(host, running_port, secure=secure, ca_file=Path(state["ca_file"]) if state["ca_file"] else None)
    except Unreachable as error:
        yield Finding(False, f"The server at {url} does not answer ({error}).", "look at its output; restart it")
    else:
        yield Finding(True, f"The server answers at {url}.")


def _readable(path: Path) -> bool:
    return os.access(path, os.R_OK)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user number {uid}"
