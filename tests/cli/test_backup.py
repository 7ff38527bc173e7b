# SPDX-License-Identifier: Apache-2.0
"""A backup brings everything back, and a restore never destroys by accident."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.cli.rig import copy_data, regulars


@pytest.fixture(scope="module")
def installation(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_data(demo_data, tmp_path_factory.mktemp("backup") / "data")


@pytest.fixture(scope="module")
def backup(installation: Path) -> Path:
    """A backup of the demo installation."""
    file = installation.parent / "backup.tar"
    done = regulars("backup", file, "--data", installation)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(file)
    return file


def token_of(data: Path, account: str = "beanandleaf", user: str = "bl_clerk") -> str:
    done = regulars("user", "token", account, user, "--data", data)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["user_api_key"])


def altered(backup: Path, target: Path, name: str, content: bytes | None) -> Path:
    """A copy of a backup with one member changed, or left out."""
    with tarfile.open(backup) as source, tarfile.open(target, "w") as copy:
        for member in source.getmembers():
            opened = source.extractfile(member)
            assert opened is not None
            body = content if member.name == name else opened.read()
            if body is not None:
                member.size = len(body)
                copy.addfile(member, io.BytesIO(body))
    return target


def test_only_its_owner_may_read_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert backup.stat().st_uid == os.geteuid()
    with tarfile.open(backup) as archive:
        assert archive.getnames() == ["manifest.json", "secret.key", "database.dump"]


def test_a_backup_does_not_overwrite(backup: Path, installation: Path) -> None:
    before = backup.stat().st_mtime_ns
    assert regulars("backup", backup, "--data", installation).returncode == 5
    assert backup.stat().st_mtime_ns == before


def test_a_restored_installation_has_the_books_the_tokens_and_the_key(backup: Path, installation: Path, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    done = regulars("restore", backup, "--data", restored)
    assert done.returncode == 0, done.stderr
    assert "The books are in order." in done.stderr
    assert (restored / "secret.key").read_text() == (installation / "secret.key").read_text()
    assert (restored / "secret.key").stat().st_mode & 0o777 == 0o600
    assert token_of(restored) == token_of(installation)
    assert regulars("doctor", "--data", restored).returncode == 0


def test_data_is_replaced_only_by_force(backup: Path, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    assert regulars("restore", backup, "--data", restored).returncode == 0
    added = regulars("user", "create", "beanandleaf", "later", "--role", "K", "--data", restored)
    assert added.returncode == 0
    refused = regulars("restore", backup, "--data", restored)
    assert refused.returncode == 6
    assert token_of(restored, user="later")
    forced = regulars("restore", backup, "--data", restored, "--force")
    assert forced.returncode == 0, forced.stderr
    assert regulars("user", "token", "beanandleaf", "later", "--data", restored).returncode == 4


def test_a_damaged_backup_leaves_the_data_as_it_was(backup: Path, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    assert regulars("restore", backup, "--data", restored).returncode == 0
    token = token_of(restored)
    with tarfile.open(backup) as archive:
        dump = archive.extractfile("database.dump")
        assert dump is not None
        half = dump.read()[:-20_000]
    damaged = altered(backup, tmp_path / "damaged.tar", "database.dump", half)
    done = regulars("restore", damaged, "--data", restored, "--force")
    assert done.returncode == 1
    assert token_of(restored) == token
    assert regulars("verify", "--data", restored).returncode == 0


@pytest.mark.parametrize("name", ["manifest.json", "secret.key", "database.dump"])
def test_a_file_that_is_no_backup_is_named(backup: Path, tmp_path: Path, name: str) -> None:
    done = regulars("restore", altered(backup, tmp_path / "partial.tar", name, None), "--data", tmp_path / "data")
    assert done.returncode == 2
    assert name in done.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_another_installations_key_is_not_overwritten(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret.key").write_text("the key of another installation\n")
    done = regulars("restore", backup, "--data", other)
    assert done.returncode == 6
    assert (other / "secret.key").read_text() == "the key of another installation\n"
