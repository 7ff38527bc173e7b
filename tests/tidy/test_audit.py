# SPDX-License-Identifier: Apache-2.0
"""The bill of materials names everything that a server is made of, as it is locked."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKED = (ROOT / "requirements" / "run.txt").read_text()


def test_every_locked_package_is_in_the_bill_with_its_hashes_and_licence():
    audit = runpy.run_path(str(ROOT / "scripts" / "audit"), run_name="audit")
    told = json.loads(audit["bill"](audit["locked"](LOCKED), "1.2.3"))
    parts = {part["name"]: part for part in told["components"]}
    assert {f"{name}=={part['version']}" for name, part in parts.items()} == set(
        re.findall(r"^[\w.-]+==[^\s;\\]+", LOCKED, re.MULTILINE)
    )
    assert sum(len(part["hashes"]) for part in parts.values()) == LOCKED.count("--hash=sha256:")
    assert parts["django"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert parts["django"]["purl"] == f"pkg:pypi/django@{parts['django']['version']}"
    assert told["metadata"]["component"]["version"] == "1.2.3"
