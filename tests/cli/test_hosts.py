# SPDX-License-Identifier: Apache-2.0
"""``regulars host``: the operator's command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.rig import regulars


def test_hosts_are_added_listed_and_removed(data: Path) -> None:
    at = ("--data", data)
    agency = json.loads(regulars("agency", "create", "loyal_co", "--name", "Loyal", "--email", "us@loyal.example", *at).stdout)
    added = regulars("host", "add", "Bean.Example.", "--account", "beanandleaf", *at)
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout) == {"host": "bean.example", "account_id": "beanandleaf"}
    assert regulars("host", "add", "loyal.example", "--agency", str(agency["agency"]), *at).returncode == 0
    for wrong, code in (
        (["bean.example", "--account", "carolsbooks"], 5),
        (["localhost", "--account", "carolsbooks"], 2),
        (["new.example", "--account", "nosuchshop"], 4),
        (["new.example", "--agency", "999999"], 4),
        (["new.example"], 2),
        (["new.example", "--account", "carolsbooks", "--agency", "1"], 2),
    ):
        assert regulars("host", "add", *wrong, *at).returncode == code, wrong
    shown = json.loads(regulars("host", "list", *at).stdout)
    assert shown == [
        {"host": "bean.example", "account_id": "beanandleaf", "agency": None},
        {"host": "loyal.example", "account_id": "loyal_co", "agency": agency["agency"]},
    ]
    assert regulars("host", "remove", "BEAN.example", *at).returncode == 0
    assert regulars("host", "remove", "bean.example", *at).returncode == 4
    assert [row["host"] for row in json.loads(regulars("host", "list", *at).stdout)] == ["loyal.example"]
