# SPDX-License-Identifier: Apache-2.0
"""Every example of the reference runs as it is shown, by curl, PHP and Python, and is answered as it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from regulars.api.reference.catalogue import entries
from regulars.api.reference.examples import Example, general_examples
from regulars.api.reference.pages import example_panels
from regulars.protocol.render import Envelope
from tests.client import parse_xml
from tests.databases import fresh_database

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = [*(example for entry in entries() for example in entry.examples), *general_examples()]
RANDOM_NAMES = {"user_api_key", "token", "card_number", "code", "id", "previous_code", "previous_card_number"}
"""What may be random by its nature; only where the contract masks it do the two differ."""


def folder_of(example: Example) -> str:
    return "errors" if example in general_examples() else example.key.partition(".")[0]


@pytest.fixture(params=["curl", "PHP", "Python"], scope="module")
def ran(request: pytest.FixtureRequest, owner_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A language, and the directory of what its programs printed."""
    language: str = request.param
    program = {"curl": "curl", "PHP": "php"}.get(language)
    if program and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    directory = tmp_path_factory.mktemp(language)
    with fresh_database(owner_url, f"reference_{language.lower()}") as url:
        done = subprocess.run(
            [sys.executable, "-m", "tests.reference.run", language, str(directory)],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        yield language, directory


def test_every_example_is_answered_as_it_says(ran: tuple[str, Path]) -> None:
    language, directory = ran
    expected = [one for one in EXAMPLES if language in dict(example_panels(one))]
    assert len(expected) > 200
    wrong = []
    for example in expected:
        printed = (directory / folder_of(example) / example.name).read_text("utf-8")
        if language == "Python":
            said, found = json.loads(example.written(Envelope("JSON"))), json.loads(printed)
        else:
            text = printed.partition("\n")[2] if language == "PHP" else printed
            said, found = _plain(parse_xml(example.written(Envelope("XML")))), _plain(parse_xml(text.encode()))
        if not same(said, found):
            wrong.append(f"{example.key} {example.name}:\n{printed}")
    assert not wrong, "\n".join(wrong)


def _plain(element: etree._Element) -> Any:
    """Return an element as what compares: its name, attributes, text and children."""
    return {
        "@": dict(element.attrib),
        "name": element.tag,
        element.tag: element.text or "",
        "in": [_plain(one) for one in element],
    }


def same(said: Any, found: Any, name: str = "") -> bool:
    """Whether two answers are the same but for masked values, which have the same form."""
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(same(said[key], found[key], key) for key in said)
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(same(one, other) for one, other in zip(said, found, strict=True))
    if said == found or name == "kept_days":  # the run keeps no log of its own requests: see tests/reference/run.py
        return True
    return name in RANDOM_NAMES and isinstance(said, str) and len(said) == len(found) and said.isalnum() and is_mask(said)


def is_mask(said: str) -> bool:
    """Whether a value is one of those that stand for something random (tests/contract/examples.py)."""
    from tests.contract.examples import LETTERS, NUMBER, TOKEN

    return said in (TOKEN, NUMBER, LETTERS, "7712345678", "1234567890")
