# SPDX-License-Identifier: Apache-2.0
"""A running server as its monitoring sees it: numbers, health, and lines that hang together by their request."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.rig import Server, copy_data, regulars

PASSWORD = "a wrong password that nobody may read"  # what people type by mistake
SECRET_CARD = "4929111122223333"
WAIT_SECONDS_MAX = 30


@pytest.fixture(scope="module")
def server(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("watched")
    options = ("--demo", "--metrics-port", "0", "--log-format", "json")
    made = Server(copy_data(demo_data, folder / "data"), folder, options, {"REGULARS_ACCESS_LOG": "1"}).start()
    yield made
    made.close()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def get(server: Server, url: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
    data = urlencode(fields).encode() if fields is not None else None
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    trust = ssl.create_default_context(cafile=server.ready["ca_file"])
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, given), timeout=20, context=trust) as answer:
            return answered(answer)
    except urllib.error.HTTPError as error:
        return answered(error)


def answered(given: Any) -> Answer:
    return Answer(given.status, {name.lower(): value for name, value in given.headers.items()}, given.read().decode())


def numbers(server: Server) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    body = get(server, server.ready["metrics_url"]).body
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.words.splitlines()]


def line_of(server: Server, request_id: str, logger: str) -> dict[str, Any]:
    """The line about a request; lines are written a moment later."""
    until = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        found = [each for each in lines(server) if each.get("request_id") == request_id and each["logger"] == logger]
        if found:
            return found[0]
        assert time.monotonic() < until, server.words
        time.sleep(0.05)


def owner(server: Server) -> dict[str, str]:
    account = server.ready["accounts"][0]
    return {**account["owner"], "account_id": account["account_id"]}


def credentials(server: Server) -> dict[str, str]:
    return {name: owner(server)[name] for name in ("user_id", "user_api_key", "account_id")}


def test_what_is_done_is_counted_by_type_and_outcome(server: Server) -> None:
    before = numbers(server)
    for _ in range(3):
        assert 'status="success"' in server.sell()
    assert "customer_not_found" in server.ask(type="customer_info", code="nobody", **credentials(server))
    assert "bad_credentials" in server.ask(type="account_info", user_id="nobody", user_api_key="x")
    after = numbers(server)

    def grown(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert grown("regulars_calls_total", "ok", "record_activity") == 3
    assert grown("regulars_calls_total", "customer_not_found", "customer_info") == 1
    assert grown("regulars_calls_total", "bad_credentials", "account_info") == 1
    assert grown("regulars_call_seconds_count", "record_activity") == 3
    assert grown("regulars_call_seconds_bucket", "+Inf", "record_activity") == 3
    assert 0 < grown("regulars_call_seconds_sum", "record_activity") < 60
    assert grown("regulars_batch_size_sum", "post") == 3
    assert grown("regulars_batch_seconds_count", "post") == grown("regulars_batch_size_count", "post") == 3
    assert after["regulars_child_starts_total", "API"] == 1
    assert after["regulars_processes", "api"] == 1
    assert after["regulars_database_up",] == 1
    assert after["regulars_accounts",] >= 3


def test_the_numbers_are_on_their_own_port_only(server: Server) -> None:
    assert server.ready["metrics_url"].startswith("http://127.0.0.1:")
    assert "regulars_calls_total" not in get(server, server.ready["url"] + "/metrics").body
    assert "regulars_calls_total" not in get(server, server.ready["http_url"] + "/metrics").body


def test_health_is_told_on_every_listener_without_credentials(server: Server) -> None:
    for base in (server.ready["url"], server.ready["http_url"]):
        for path in ("/healthz", "/readyz"):
            answer = get(server, base + path)
            assert (answer.status, answer.body) == (200, "ok\n"), base + path
    with psycopg.connect(server.ready["database_url"], autocommit=True) as connection:
        taken = connection.execute("DELETE FROM django_migrations WHERE app = 'upkeep' RETURNING app, name, applied").fetchall()
        try:
            until = time.monotonic() + WAIT_SECONDS_MAX
            while (answer := get(server, server.ready["url"] + "/readyz")).status == 200:
                assert time.monotonic() < until, "it never noticed"
                time.sleep(0.1)
            assert (answer.status, answer.body) == (503, "migrations are missing\n")
            assert get(server, server.ready["url"] + "/healthz").status == 200
        finally:
            connection.cursor().executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", taken)
    while get(server, server.ready["url"] + "/readyz").status != 200:
        assert time.monotonic() < until, "it never noticed that all is well again"
        time.sleep(0.1)


def test_a_command_asks_for_containers_and_scripts(server: Server, tmp_path: Path) -> None:
    asked = regulars("health", "--data", server.data)
    assert (asked.returncode, asked.stdout) == (0, "ok\n")
    nobody = regulars("health", "--data", tmp_path)
    assert (nobody.returncode, nobody.stdout) == (1, "No server runs here.\n")
    state = json.loads((server.data / "serve.json").read_text())
    (tmp_path / "serve.json").write_text(json.dumps({**state, "url": "https://localhost:1"}))  # of one that was killed
    assert regulars("health", "--data", tmp_path).returncode == 1


def test_a_calls_id_is_in_its_answer_in_the_log_and_in_the_accounts_request_log(server: Server) -> None:
    answer = get(server, server.ready["url"] + "/api.php", {"type": "account_info", **credentials(server)})
    request_id = answer.headers["x-request-id"]
    line = line_of(server, request_id, "regulars.api.access")
    assert (line["type"], line["code"], line["account"], line["process"]) == (
        "account_info",
        "ok",
        owner(server)["account_id"],
        "api",
    )
    assert line["at"].endswith("Z")
    chosen = {"type": "customer_info", "code": "nobody", **credentials(server)}
    told = get(server, server.ready["url"] + "/api.php", chosen, X_Request_Id="till-7.0042")
    assert told.headers["x-request-id"] == "till-7.0042"
    until = time.monotonic() + WAIT_SECONDS_MAX
    while "till-7.0042" not in server.ask(type="request_log", output="JSON", **credentials(server)):
        assert time.monotonic() < until, "it is not in the request log"
        time.sleep(0.2)


def test_a_pages_id_is_in_its_answer_and_in_the_panels_lines(server: Server) -> None:
    answer = get(server, server.ready["url"] + "/admin.php/sign-in", X_Request_Id="page-1")
    assert answer.headers["x-request-id"] == "page-1"
    line = line_of(server, "page-1", "regulars.panel.access")
    assert (line["method"], line["process"]) == ("GET", "panel")
    bad = get(server, server.ready["url"] + "/admin.php", X_Request_Id="not a plain one!")
    assert bad.headers["x-request-id"] != "not a plain one!"
    for path in ("/docs/api", "/healthz", "/static/nothing.css"):
        assert get(server, server.ready["url"] + path, X_Request_Id="other-1").headers["x-request-id"] == "other-1"


def test_every_line_is_an_object_and_none_tells_a_secret(server: Server) -> None:
    account = owner(server)
    url = server.ready["url"]
    secrets = {PASSWORD, SECRET_CARD, account["user_api_key"], account["password"], "a-private-name"}
    get(server, f"{url}/api.php?type=account_info&user_id={account['user_id']}&user_api_key={account['user_api_key']}")
    get(server, f"{url}/api.php", {"type": "user_login", "user_id": account["user_id"], "user_password": PASSWORD})
    get(server, f"{url}/api.php", {"type": "user_login", "user_id": PASSWORD, "user_password": account["password"]})
    get(server, f"{url}/api.php", {"type": "customer_info", "card_number": SECRET_CARD, **credentials(server)})
    get(server, f"{url}/api.php", {"type": "customer_search", "search": "a-private-name", **credentials(server)})
    get(server, f"{url}/admin.php/customers?words=a-private-name&user_api_key={account['user_api_key']}")
    get(server, f"{url}/admin.php/new-password/{account['user_api_key']}", X_Request_Id="last-page")
    get(server, f"{url}/api.php", {"type": "test"}, X_Request_Id="last-call")
    line_of(server, "last-page", "regulars.panel.access")
    line_of(server, "last-call", "regulars.api.access")
    for line in lines(server):  # each of them is JSON
        assert {"at", "level", "process", "pid", "logger"} <= line.keys()
    database_password = psycopg.conninfo.conninfo_to_dict(server.ready["database_url"])["password"]
    key = (server.data / "secret.key").read_text().strip()
    for secret in (*secrets, str(database_password), key):
        assert secret not in server.words
    told = get(server, server.ready["metrics_url"]).body
    assert not [secret for secret in secrets if secret in told]
    assert account["account_id"] not in told


def test_commands_note_when_they_were_done(server: Server, tmp_path: Path) -> None:
    began = int(time.time())
    assert regulars("backup", tmp_path / "backup.tar", "--data", server.data).returncode == 0
    assert regulars("verify", "--data", server.data).returncode == 0
    told = numbers(server)
    assert told["regulars_last_success_timestamp_seconds", "backup"] >= began
    assert told["regulars_last_success_timestamp_seconds", "verify"] >= began
    assert ("regulars_last_failure_timestamp_seconds", "verify") not in told


@pytest.mark.parametrize(
    ("options", "environment", "says"),
    [
        (["--metrics-port", "0", "--metrics-host", "0.0.0.0"], {}, "REGULARS_METRICS_TOKEN_FILE"),
        (["--metrics-port", "70000"], {}, "--metrics-port"),
        ([], {"REGULARS_LOG_FORMAT": "xml"}, "REGULARS_LOG_FORMAT"),
    ],
)
def test_what_would_be_wrong_is_said_before_anything_starts(
    tmp_path: Path, options: list[str], environment: dict[str, str], says: str
) -> None:
    done = regulars("serve", "--data", tmp_path / "data", "--port", "0", *options, **environment)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "data").exists()
