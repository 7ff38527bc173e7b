# SPDX-License-Identifier: Apache-2.0
"""The guide says what is sent, and its code, which the panel shows too, tells what is ours from what is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from regulars.kit import webhook_snippets
from regulars.kit.db import unit_of_work
from regulars.transactions.erase import delete_customer
from regulars.webhooks.operations import send_test
from regulars.webhooks.rules import KINDS, TEST, headers, written_secret
from tests.client import Api
from tests.factories import NOW, make_campaign, make_customer
from tests.till import RunAsOwner, make_till
from tests.webhooks.telling import collect_all, make_webhook

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "webhooks.md").read_text("utf-8")
SECRET, OTHER = written_secret(b"s" * 32), written_secret(b"o" * 32)
BODY = '{"id":"evt_t1","data":"café"}'.encode()
needs_php = pytest.mark.skipif(shutil.which("php") is None, reason="PHP's command line is not installed")


def cases() -> list[tuple[bool, dict[str, str], bytes]]:
    """Whether it is genuine, headers, body."""
    given: dict[str, Any] = {"event_id": "evt_t1", "payload": BODY, "agent": "test"}
    at = int(time.time())
    good = dict(headers(**given, timestamp=at, secrets=(SECRET,)))
    return [
        (True, good, BODY),
        (True, dict(headers(**given, timestamp=at, secrets=(OTHER, SECRET))), BODY),
        (False, dict(headers(**given, timestamp=at, secrets=(OTHER,))), BODY),
        (False, dict(headers(**given, timestamp=at - 600, secrets=(SECRET,))), BODY),
        (False, good, BODY + b" "),
        (False, {**good, "webhook-id": "evt_t2"}, BODY),
        (False, {**good, "webhook-timestamp": "soon"}, BODY),
        (False, {}, BODY),
    ]


def test_the_guide_has_the_code() -> None:
    for code, language in ((webhook_snippets.PYTHON, "python"), (webhook_snippets.PHP, "php")):
        assert f"```{language}\n{code}```" in GUIDE


def test_the_python_code_does_what_it_says() -> None:
    place: dict[str, Any] = {}
    exec(webhook_snippets.PYTHON.replace("whsec_...", SECRET), place)
    assert [place["is_genuine"](sent, body) for _, sent, body in cases()] == [is_good for is_good, _, _ in cases()]


@needs_php
def test_the_php_code_does_what_it_says(tmp_path: Path) -> None:
    function = webhook_snippets.PHP.replace("whsec_...", SECRET).partition("$headers = array_change_key_case")[0]
    program = tmp_path / "check.php"
    program.write_text(
        function + "foreach (json_decode(stream_get_contents(STDIN), true) as [$headers, $body])"
        " { echo is_genuine($headers, base64_decode($body)) ? 'yes' : 'no', \"\\n\"; }\n"
    )
    import base64

    given = json.dumps([[sent, base64.b64encode(body).decode()] for _, sent, body in cases()])
    done = subprocess.run(
        ["php", "-d", "error_reporting=-1", "-d", "display_errors=stderr", str(program)],
        input=given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.split() == ["yes" if is_good else "no" for is_good, _, _ in cases()]


@needs_php
def test_the_whole_php_program_answers(tmp_path: Path) -> None:
    """It is read as PHP reads it; getallheaders() is there under a web server only."""
    program = tmp_path / "hook.php"
    program.write_text(webhook_snippets.PHP)
    done = subprocess.run(["php", "-l", str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_guide_names_every_event_and_every_member(api: Api, run_as_owner: RunAsOwner) -> None:
    assert set(re.findall(r"^\| `((?:transaction|customer|webhook)\.[a-z]+)`", GUIDE, re.MULTILINE)) == {*KINDS, TEST}
    till = make_till(api, run_as_owner)
    club = make_campaign(till.made)
    hook = make_webhook(till.made)
    make_customer(till.made, code="c1")
    assert till.call("record_customer", customer_action="edit", code="c1", first_name="Ann").ok
    first, second = till.sold(club, amount="10"), till.sold(club, amount="10")
    till.redeemed(club, custom_points_redeem="5")
    assert till.call("transaction_reverse", transaction_id=first).ok
    assert till.call("transaction_delete", campaign_id=club.number, code="c1", transaction_id=second).ok
    collect_all(hook)
    with unit_of_work(till.made.id):
        delete_customer(account=till.made.fresh(), by=till.made.owner, at=NOW, code="c1")
    hook.do(send_test)
    events = [json.loads(delivery.payload) for delivery in collect_all(hook)]
    assert {event["type"] for event in events} == {*KINDS, TEST}
    missing = {name for event in events for name in names(event) if f"`{name}`" not in GUIDE and f'"{name}":' not in GUIDE}
    assert missing == set()


def names(document: Any) -> set[str]:
    """Every member's name, at any depth."""
    if not isinstance(document, dict):
        return set()
    return {name for name, value in document.items() for name in ({name} | names(value))}


def test_the_example_is_one() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0])
    assert example["type"] in KINDS
    assert list(example["data"]) == ["transaction", "customer"]
