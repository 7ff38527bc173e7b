# SPDX-License-Identifier: Apache-2.0
"""``regulars serve`` as its operator and its clients meet it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.rig import Server, copy_data, regulars, taken_port

Serve = Callable[..., Server]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


@pytest.fixture(scope="module")
def server(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One running server for the tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("served")
    made = Server(copy_data(demo_data, folder / "data"), folder, ("--demo",)).start()
    yield made
    made.close()


def sales_of(server: Server) -> int:
    with psycopg.connect(server.ready["database_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_entries WHERE kind = 'earn'").fetchone()
        assert row is not None
        return int(row[0])


def test_the_ready_file_tells_test_rigs_what_is_served(server: Server) -> None:
    ready = server.ready
    assert set(ready) == {"url", "http_url", "metrics_url", "ca_file", "pid", "database_url", "accounts"}
    assert {account["kind"] for account in ready["accounts"]} == {"plain", "coalition", "two_tier"}
    assert [account["kind"] for account in ready["accounts"]].count("plain") == 2
    for account in ready["accounts"]:
        assert account["kind"] in ("plain", "coalition", "two_tier")
        assert set(account["campaigns"]) == {"points", "giftcard", "events", "earned", "buyx"}
        assert all(len(number) == 16 for number in account["campaigns"].values())
        assert {user["user_role"] for user in account["users"]} >= set("AMKPO")
        assert len({customer["code"] for customer in account["customers"]}) >= 20
        assert all(customer["card_number"] for customer in account["customers"])
    assert server.ready_file.stat().st_mode & 0o777 == 0o600


def test_a_sale_is_taken_over_https_and_the_plain_port_refuses_it(server: Server) -> None:
    before = sales_of(server)
    assert '<response status="success"><receipt>' in server.sell()
    assert '<response status="success">Success</response>' in server.ask(plain=True, type="test")
    owner = server.ready["accounts"][0]["owner"]
    refused = server.ask(plain=True, type="account_info", user_id=owner["user_id"], user_api_key=owner["user_api_key"])
    assert "plain_http_refused" in refused
    assert sales_of(server) == before + 1


def test_what_is_printed_works_when_pasted(server: Server) -> None:
    printed = (server.folder / "serve.out").read_text()
    lines = [line.strip() for line in printed.splitlines() if line.strip().startswith("curl ")]
    assert len(lines) >= 3
    for line in lines:
        answer = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
        assert 'status="success"' in answer or '"status": "success"' in answer, line


def test_one_data_directory_has_one_server(server: Server) -> None:
    second = regulars("serve", "--data", server.data, "--port", "0")
    assert second.returncode == 5
    assert str(server.pid) in second.stderr
    assert 'status="success"' in server.sell()


def test_commands_work_beside_a_running_server(server: Server, tmp_path: Path) -> None:
    data = server.data
    assert regulars("verify", "--data", data).returncode == 0
    assert regulars("backup", tmp_path / "backup.tar", "--data", data).returncode == 0
    doctor = regulars("doctor", "--data", data)
    assert doctor.returncode == 0, doctor.stdout
    assert f"answers at {server.ready['url']}" in doctor.stdout
    refused = regulars("restore", tmp_path / "backup.tar", "--data", data, "--force")
    assert refused.returncode == 6
    assert "stop it" in refused.stderr


def test_a_port_in_use_is_said(data: Path) -> None:
    listener, port = taken_port()
    with listener:
        done = regulars("serve", "--data", data, "--port", port)
    assert done.returncode == 5
    assert f"Port {port}" in done.stderr


def test_demo_accounts_are_not_exposed(data: Path) -> None:
    for options in (["--demo"], []):  # asked for now, or there from before
        done = regulars("serve", "--data", data, "--host", "0.0.0.0", "--port", "0", *options)
        assert done.returncode == 6, done.stderr
        assert "demo_exposed" in done.stderr


def test_a_proxy_in_front_ends_tls(serve: Serve, data: Path) -> None:
    server = serve(data, "--behind-proxy", "127.0.0.0/8")
    assert server.ready["url"].startswith("http://")
    assert server.ready["http_url"] is None
    assert "plain_http_refused" in server.sell()  # the proxy did not say that its client came by https
    from http.client import HTTPConnection
    from urllib.parse import urlencode, urlsplit

    owner = server.ready["accounts"][0]["owner"]
    link = HTTPConnection("127.0.0.1", urlsplit(server.ready["url"]).port, timeout=20)
    form = {"type": "account_info", "user_id": owner["user_id"], "user_api_key": owner["user_api_key"]}
    form["account_id"] = server.ready["accounts"][0]["account_id"]
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.7",
    }
    link.request("POST", "/api.php", urlencode(form), headers)
    answer = link.getresponse().read().decode()
    link.close()
    assert "plain_http_refused" not in answer


def test_another_secret_key_is_refused(data: Path) -> None:
    done = regulars("serve", "--data", data, "--port", "0", REGULARS_SECRET_KEY="another key than the one of this data")
    assert done.returncode == 6
    assert "secret_key_does_not_fit" in done.stderr
