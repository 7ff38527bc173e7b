# SPDX-License-Identifier: Apache-2.0
"""The doctor finds each planted fault, says how to mend it, and is content once it is mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from regulars.cli.certificate import own_certificate
from regulars.kit.embedded import EmbeddedPostgres
from tests.cli.rig import copy_data, regulars, taken_port


@pytest.fixture(scope="module")
def data(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_data(demo_data, tmp_path_factory.mktemp("doctor") / "data")


def run_sql(data: Path, *statements: str) -> None:
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def examine(data: Path, *options: object) -> tuple[int, str]:
    done = regulars("doctor", "--data", data, *options)
    assert done.returncode in (0, 1), done.stderr
    assert ("BAD" in done.stdout) == (done.returncode == 1)
    assert done.stdout.count("mend:") == done.stdout.count("BAD")
    return done.returncode, done.stdout


def free_port() -> int:
    listener, port = taken_port()
    listener.close()
    return port


def test_a_sound_installation_is_well(data: Path) -> None:
    code, said = examine(data, "--port", free_port())
    assert code == 0, said
    assert "All is well." in said


FAULTS = {
    "role": ("ALTER ROLE regulars_app BYPASSRLS", "ALTER ROLE regulars_app NOBYPASSRLS", "not bound by row-level security"),
    "row security": (
        "ALTER TABLE customers_customers DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE customers_customers ENABLE ROW LEVEL SECURITY",
        "Row-level security is off on customers_customers",
    ),
    "append only": (
        "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
        "ALTER TABLE ledger_entries ENABLE TRIGGER USER",
        "trigger that keeps entries",
    ),
    "durability": (
        "ALTER DATABASE regulars SET synchronous_commit = off",
        "ALTER DATABASE regulars RESET synchronous_commit",
        "synchronous_commit is off",
    ),
    "migrations": (
        "UPDATE django_migrations SET name = name || '_gone' WHERE id = (SELECT max(id) FROM django_migrations)",
        "UPDATE django_migrations SET name = replace(name, '_gone', '')",
        "migrations are missing",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_database_is_found(data: Path, fault: str) -> None:
    plant, mend, says = FAULTS[fault]
    run_sql(data, plant)
    try:
        code, said = examine(data, "--port", free_port())
    finally:
        run_sql(data, mend)
    assert code == 1
    assert says in said
    assert examine(data, "--port", free_port())[0] == 0


def open_to_others(data: Path) -> Callable[[], None]:
    data.chmod(0o755)
    return lambda: data.chmod(0o700)


def readable_key(data: Path) -> Callable[[], None]:
    (data / "secret.key").chmod(0o644)
    return lambda: (data / "secret.key").chmod(0o600)


def lost_key(data: Path) -> Callable[[], None]:
    (data / "secret.key").rename(data / "away")
    return lambda: (data / "away").rename(data / "secret.key") and None


def another_key(data: Path) -> Callable[[], None]:
    kept = (data / "secret.key").read_text()
    (data / "secret.key").write_text("a key that sealed nothing here\n")
    return lambda: (data / "secret.key").write_text(kept) and None


def old_certificate(data: Path) -> Callable[[], None]:
    own_certificate(data, (), datetime(2020, 1, 1, tzinfo=UTC))
    return lambda: own_certificate(data, (), datetime.now(UTC)) and None


def other_version(data: Path) -> Callable[[], None]:
    version = data / "postgres" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("14\n")
    return lambda: version.write_text(kept) and None


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (open_to_others, "Others may look into"),
        (readable_key, "Others may read"),
        (lost_key, "The secret key is missing"),
        (another_key, "not the one of this database"),
        (old_certificate, "The certificate is valid until 2021"),
        (other_version, "written by PostgreSQL 14"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_in_the_files_is_found(data: Path, plant: Callable[[Path], Callable[[], None]], says: str) -> None:
    mend = plant(data)
    try:
        code, said = examine(data, "--port", free_port())
    finally:
        mend()
    assert code == 1
    assert says in said
    assert examine(data, "--port", free_port())[0] == 0


def test_a_port_that_another_program_has_is_found(data: Path) -> None:
    listener, port = taken_port()
    with listener:
        code, said = examine(data, "--port", port)
    assert code == 1
    assert f"Port {port} is in use" in said


def test_a_directory_without_data_is_found(tmp_path: Path) -> None:
    code, said = examine(tmp_path / "nowhere", "--port", free_port())
    assert code == 1
    assert "is not there" in said


def test_where_mail_leaves_it_must_be_known_how_people_find_the_server(data: Path) -> None:
    def said(**environment: str) -> str:
        done = regulars(
            "doctor", "--data", data, "--port", free_port(), REGULARS_SMTP_URL="smtp://mail.example.com", **environment
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    warning = "Mail is set up, and REGULARS_PUBLIC_URL is not"
    assert warning in said()
    assert warning in said(REGULARS_PUBLIC_URL="https://localhost:8443")
    told = said(REGULARS_PUBLIC_URL="https://loyalty.example.com")
    assert ("Links in mails begin with https://loyalty.example.com." in told, warning in told) == (True, False)
