# SPDX-License-Identifier: Apache-2.0
"""``regulars host`` and ``regulars brand``: the operator's commands."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

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


def test_a_brand_is_set_in_parts_and_shown(data: Path, tmp_path: Path) -> None:
    whose = ("--account", "beanandleaf", "--data", data)
    logo = tmp_path / "logo.png"
    Image.new("RGB", (30, 10)).save(logo)
    made = regulars("brand", "set", *whose, "--name", "Bean", "--accent-colour", "#7A1F5C", "--logo", logo)
    assert made.returncode == 0, made.stderr
    expected = {
        "account_id": "beanandleaf", "name": "Bean", "accent_colour": "#7a1f5c", "bar_colour": "", "mail_name": "",
        "mail_reply_to": "", "has_logo": True,
    }  # fmt: skip
    assert json.loads(made.stdout) == expected
    for wrong in (["--accent-colour", "#ffee00"], ["--logo", tmp_path / "none.png"], ["--logo", __file__]):
        assert regulars("brand", "set", *whose, *wrong).returncode == 2, wrong
    assert json.loads(regulars("brand", "show", *whose).stdout) == expected
    emptied = regulars("brand", "set", *whose, "--name", "", "--logo", "")
    assert json.loads(emptied.stdout) == {**expected, "name": "", "has_logo": False}
