# SPDX-License-Identifier: Apache-2.0
"""The guide's examples, from top to bottom, against a server."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from tests.clients.server import Server
from tests.factories import make_account

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "python-client.md"


def test_the_guide_does_what_it_says(server: Server, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_account()
    sent = {"URL": server.url, "CA": str(ca_file), "ACCOUNT": made.code, "USER": made.owner.code, "KEY": made.token}
    for name, value in sent.items():
        monkeypatch.setenv(f"LOYALTY_{name}", value)
    text = "\n".join("" if line.startswith("```") else line for line in GUIDE.read_text("utf-8").splitlines())
    examples = doctest.DocTestParser().get_doctest(text, {}, "guide", str(GUIDE), 0)
    assert len(examples.examples) > 15
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples, out=said.append)
    assert not runner.summarize(verbose=False).failed, "".join(said)
