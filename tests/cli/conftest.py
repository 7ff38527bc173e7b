# SPDX-License-Identifier: Apache-2.0
"""An installation with the demo business, made once per worker and copied for each test that changes it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.rig import Server, copy_data, regulars


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the demo business that nobody serves. Not to be changed: ask for ``data``."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    done = regulars("demo", "--data", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def data(demo_data: Path, tmp_path: Path) -> Path:
    """A copy of the demo installation for this test alone."""
    return copy_data(demo_data, tmp_path / "data")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``serve(data, *options, **environment)`` starts a server that is stopped when the test ends."""
    started: list[Server] = []
    numbers = itertools.count()

    def start(data: Path, *options: str, **environment: str) -> Server:
        folder = tmp_path / f"server{next(numbers)}"
        folder.mkdir()
        server = Server(data, folder, ("--demo", *options), {"REGULARS_TEST_MARK": str(data), **environment})
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.close()
