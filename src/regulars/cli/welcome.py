# SPDX-License-Identifier: Apache-2.0
"""What a started server tells: to people on the terminal, to test rigs in the ready file."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from regulars.cli.installation import write_private
from regulars.cli.listeners import Listeners

PANEL_PATH = "/admin.php"


def write_ready_file(
    path: Path, *, listeners: Listeners, ca_file: Path | None, pid: int, database_url: str, accounts: list[dict[str, Any]]
) -> None:
    """Write the ready file, whole or not at all. It holds credentials: only its owner may read it."""
    document = {
        "url": listeners.url,
        "http_url": listeners.http_url,
        "metrics_url": listeners.metrics_url,
        "ca_file": str(ca_file) if ca_file else None,
        "pid": pid,
        "database_url": database_url,
        "accounts": accounts,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(document, indent=2) + "\n")


def welcome(
    listeners: Listeners, ca_file: Path | None, accounts: list[dict[str, Any]], *, setup_code: str = "", public_url: str = ""
) -> str:
    """
    Return what is printed once the server answers: addresses, demo users, where the first account is set up while there is
    none, and lines that work when pasted. ``public_url``: how people find the server behind a proxy, "" = not known.
    """
    lines = [
        "",
        f"Regulars answers at {listeners.url}",
        f"  Control Panel  {listeners.url}{PANEL_PATH}",
        f"  API            {listeners.url}/api.php",
        f"  reference      {listeners.url}/docs/api",
    ]
    if listeners.http_url:
        lines.append(f"  plain http     {listeners.http_url} (type=test only; it sends people to https)")
    if listeners.metrics_url:
        lines.append(f"  metrics        {listeners.metrics_url}")
    if ca_file:
        lines.append(f"  certificate    signed by {ca_file}")
    if setup_code:
        lines += _first_steps(listeners, setup_code, public_url)
    if accounts:
        lines += _demo_users(accounts)
    lines += ["", "Try it:", *_curl_lines(listeners, ca_file, accounts), "", "Stop it with Ctrl-C."]
    return "\n".join(lines)


def _first_steps(listeners: Listeners, setup_code: str, public_url: str) -> list[str]:
    # Behind a proxy our own address answers no person: only its operator knows the one that does.
    begins = public_url or ("https://<where your proxy answers>" if listeners.proxies else listeners.url)
    return [
        "",
        "Nobody can sign in yet. Set up the first account in a browser, at this address (once, within 24 hours):",
        f"  {begins}{PANEL_PATH}/setup/{setup_code}",
    ]


def _demo_users(accounts: list[dict[str, Any]]) -> list[str]:
    lines = ["", "Demo accounts (never expose them: these tokens are known to everybody):"]
    for account in accounts:
        lines.append(f"  {account['account_id']} ({account['kind']})")
        owner = {**account["owner"], "user_role": "owner"}
        for user in (owner, *account["users"]):
            secrets = f"token {user['user_api_key']}  password {user['password']}"
            lines.append(f"    {user['user_role']:<6} {user['user_id']:<20} {secrets}")
    return lines


def _curl_lines(listeners: Listeners, ca_file: Path | None, accounts: list[dict[str, Any]]) -> list[str]:
    curl = "  curl -s" + (f" --cacert {shlex.quote(str(ca_file))}" if ca_file else "")
    address = shlex.quote(f"{listeners.url}/api.php")
    lines = [f"{curl} '{listeners.url}/api.php?type=test'"]
    if not accounts:
        return lines
    first = accounts[0]
    who = f"-d user_id={first['owner']['user_id']} -d user_api_key={first['owner']['user_api_key']}"
    where = f"-d account_id={first['account_id']} -d campaign_id={first['campaigns']['points']}"
    customer = f"-d code={first['customers'][0]['code']}"
    return [
        *lines,
        f"{curl} {address} {who} -d type=record_activity {where} {customer} -d amount=9.95",
        f"{curl} {address} {who} -d type=customer_balance {where} {customer} -d output=JSON",
        f"{curl} {address} {who} -d type=campaigns_list -d account_id={first['account_id']} -d output=JSON",
    ]
