# SPDX-License-Identifier: Apache-2.0
"""
What every call answers, byte for byte, in XML, JSON and JSONP.

The files beside this one are the contract. ``make examples`` writes them again; the difference is for a person to review.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.api.reference.examples import FOLDER
from regulars.api.registry import CALLS
from tests.client import parse_xml, shown_by_both
from tests.contract.examples import GENERAL_ERRORS
from tests.databases import fresh_database as made_database
from tests.scene import registered_calls

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENDINGS = (".request", ".xml", ".json", ".jsonp")
IS_REWRITTEN = os.environ.get("REGULARS_WRITE_EXAMPLES") == "1"
"""What ``make examples`` sets."""


@pytest.fixture(scope="session")
def fresh_database(owner_url: str) -> Iterator[str]:
    """A database of its own, where ids begin at 1."""
    with made_database(owner_url, "contract") as url:
        yield url


@pytest.fixture(scope="session")
def written(fresh_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the examples as the server answers them now."""
    directory, reference = tmp_path_factory.mktemp("examples"), tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.write", str(directory), str(reference)],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": fresh_database}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    if IS_REWRITTEN:
        for old in HERE.iterdir():
            if old.is_dir() and not old.name.startswith("_"):
                shutil.rmtree(old)
        shutil.copytree(directory, HERE, dirs_exist_ok=True)
        shutil.rmtree(FOLDER)
        shutil.copytree(reference, FOLDER)
    assert files_of(reference) == files_of(FOLDER), "run make examples: the reference shows other examples"
    return directory


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def files_below(directory: Path) -> dict[str, bytes]:
    """Return the examples' files by their path below ``directory``."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.glob("*/*") if path.suffix in ENDINGS}


@pytest.mark.parametrize("call_type", [*sorted(CALLS), GENERAL_ERRORS])
def test_the_answers_are_those_of_the_contract(written: Path, call_type: str) -> None:
    now = {path: body for path, body in files_below(written).items() if path.startswith(f"{call_type}/")}
    kept = {path: body for path, body in files_below(HERE).items() if path.startswith(f"{call_type}/")}
    assert set(now) == set(kept), "run make examples, and review the difference"
    for path in sorted(now):
        assert now[path] == kept[path], f"{path}: run make examples, and review the difference"


@pytest.mark.parametrize("key", sorted(key for key, _, _ in registered_calls()))
def test_every_call_has_a_success_and_an_error_in_each_format(written: Path, key: str) -> None:
    call_type, _, action = key.partition(".")
    select = {line for line in (f"action={action}", f"customer_action={action}", f"report={action}") if action}
    own = [
        path
        for path in (HERE / call_type).glob("*.request")
        if f"type={call_type}" in (lines := path.read_text("utf-8").splitlines()) and (not select or select & set(lines))
    ]
    statuses = {parse_xml(path.with_suffix(".xml").read_bytes()).get("status") for path in own}
    assert statuses & {"success", "valid"}, f"{key} has no example"
    assert "error" in statuses or key == "test", f"{key} has no example of an error"
    for path in own:
        assert all(path.with_suffix(ending).exists() for ending in ENDINGS), path


def test_no_file_is_left_of_an_example_that_is_gone(written: Path) -> None:
    assert set(files_below(HERE)) == set(files_below(written))


def test_the_three_formats_of_an_example_say_the_same(written: Path) -> None:
    for path in sorted(written.glob("*/*.xml")):
        if path.parent.name == GENERAL_ERRORS and path.stem == "output":
            continue  # an output that does not exist is answered in XML
        xml = parse_xml(path.read_bytes())
        shown = json.loads(path.with_suffix(".json").read_bytes())
        padded = path.with_suffix(".jsonp").read_text("utf-8")
        assert padded.startswith("answer(")
        assert padded.endswith(");")
        assert json.loads(padded[len("answer(") : -2]) == shown, path
        if xml.get("status") != "error":
            assert shown_by_both(xml, shown) is None, path
        else:
            assert shown["errors"] == [error.text for error in xml.findall("error")], path
            assert shown["error_codes"] == [error.get("code") for error in xml.findall("error")], path
