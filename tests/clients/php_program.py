# SPDX-License-Identifier: Apache-2.0
"""Runs the PHP programs of this folder against a server, by PHP's own command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
NEEDED = {"curl", "simplexml"}


def _is_installed() -> bool:
    if shutil.which("php") is None:
        return False
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout.lower().split()
    return set(modules) >= NEEDED


needs_php = pytest.mark.skipif(not _is_installed(), reason="PHP's command line with cURL and SimpleXML is not installed")


def run_php(script: str, url: str, story: dict[str, Any]) -> Any:
    """Run one of this folder's programs with a story, and return what it printed, read as JSON. A warning is a failure."""
    options = ["-d", "error_reporting=E_ALL & ~E_DEPRECATED", "-d", "display_errors=stderr"]
    done = subprocess.run(
        ["php", *options, str(HERE / script), url, json.dumps(story)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return json.loads(done.stdout)
