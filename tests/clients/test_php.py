# SPDX-License-Identifier: Apache-2.0
"""The published PHP function, run by PHP itself against the server over TLS."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.clients.php_program import needs_php
from tests.clients.server import Server
from tests.factories import make_account, make_campaign, make_customer

SCRIPT = Path(__file__).with_name("seed.php")

pytestmark = needs_php


def php(tls_server: Server, **fields: str) -> list[str]:
    """Run the function; return the class of its result, the status, the result as JSON and its text."""
    pairs = [f"{name}={value}" for name, value in fields.items()]
    done = subprocess.run(
        ["php", "-d", "error_reporting=E_ALL & ~E_DEPRECATED", str(SCRIPT), f"{tls_server.url}/api.php", *pairs],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("\n")


def test_phps_own_test_call_gets_a_simplexml_object(tls_server: Server) -> None:
    assert php(tls_server, type="test")[:4:3] == ["SimpleXMLElement", "Success"]
    assert php(tls_server, type="test")[1] == "success"


def test_php_records_a_sale_with_multipart_and_reads_the_receipt(tls_server: Server) -> None:
    made = make_account(biz_name="Bean & Leaf <\u00c9t\u00e9>")
    campaign = make_campaign(made)
    make_customer(made, code="php1", first_name="Amy & Bob")
    fields = {**made.credentials, "campaign_id": campaign.number, "code": "php1"}
    sale = php(tls_server, type="record_activity", amount="9.95", authorization="API test & more", **fields)
    assert sale[1] == "success", sale
    receipt = json.loads(sale[2])["receipt"]
    assert receipt["account_name"] == "Bean & Leaf <\u00c9t\u00e9>"
    assert receipt["customer"]["first_name"] == "Amy & Bob"
    assert receipt["transaction"]["recorded"]["description"] == "API test & more"


def test_php_reads_an_error(tls_server: Server) -> None:
    answer = php(tls_server, type="customer_info", user_id="nobody", user_api_key="x", account_id="nobody")
    assert answer[1] == "error"
    assert json.loads(answer[2])["error"] == "The user_id or user_api_key is not valid."
