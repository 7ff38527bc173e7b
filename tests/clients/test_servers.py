# SPDX-License-Identifier: Apache-2.0
"""What clients of the field send over real sockets, to granian (RSGI) and to uvicorn (ASGI)."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.clients.server import Server, granian, uvicorn
from tests.factories import MadeAccount, make_account, make_campaign, make_customer

XML_SUCCESS = '<?xml version="1.0" encoding="UTF-8"?><response status="success">Success</response>'
SECURE = {"X-Forwarded-Proto": "https"}
"""What a TLS proxy says; the servers of these tests trust 127.0.0.1."""


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    start = {"granian": granian, "uvicorn": uvicorn}[request.param]
    with start(REGULARS_BEHIND_PROXY="127.0.0.1", REGULARS_BODY_TIMEOUT_SECONDS="1") as running:
        yield running


@pytest.fixture
def made() -> MadeAccount:
    return make_account()


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=SECURE, timeout=30, trust_env=False) as one:
        yield one


def test_the_bare_url_and_the_test_call_answer(client: httpx2.Client) -> None:
    for path in ("/", "/api.php", "/index.php?type=test", "/api.php?type=test"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, XML_SUCCESS)
        assert response.headers["content-type"] == "text/xml; charset=utf-8"
        assert response.headers["x-request-id"]
    assert client.head("/").status_code == 200
    assert client.get("/?type=test&output=JSON").json() == {"status": "success", "xml_value_to_show": "Success"}


def test_a_sale_and_a_look_up_over_the_wire(client: httpx2.Client, made: MadeAccount) -> None:
    campaign = make_campaign(made)
    code = make_customer(made, first_name="Z\u00f6e & Co <1>").code
    who = {**made.credentials, "campaign_id": campaign.number, "code": code, "output": "JSON"}
    sale = client.post("/api.php", data={**who, "type": "record_activity", "amount": "9,95"}).json()
    assert sale["status"] == "success", sale
    assert sale["receipt"]["transaction"]["purchase"]["amount"] == "9.95"
    assert sale["receipt"]["customer"]["first_name"] == "Z\u00f6e & Co <1>"
    multipart = {name: (None, value) for name, value in {**who, "type": "customer_balance"}.items()}
    assert (
        client.post("/", files=multipart).json()["campaign"]["customer"]["balance"]
        == sale["receipt"]["transaction"]["balance"]["points"]
    )
    assert client.get("/", params={**who, "type": "customer_info"}).json()["status"] == "success"
    header = {name: value for name, value in who.items() if name != "user_api_key"}
    answer = client.post("/", data={**header, "type": "customer_info"}, headers={"api_access_key": made.token})
    assert answer.json()["status"] == "success"


def test_old_clients_in_latin_1_are_read(client: httpx2.Client, made: MadeAccount) -> None:
    body = (
        "&".join(f"{k}={v}" for k, v in made.credentials.items())
        + "&type=record_customer&customer_action=new&code=latin&first_name=Zo%EB"
    )
    headers = {"content-type": "application/x-www-form-urlencoded; charset=ISO-8859-1"}
    assert client.post("/", content=body, headers=headers).status_code == 200
    answer = client.post("/", data={**made.credentials, "type": "customer_info", "code": "latin", "output": "JSON"})
    assert answer.json()["customer"]["first_name"] == "Zo\u00eb"


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_of_ten_megabytes_is_refused_and_the_caller_gets_to_read_it(client: httpx2.Client, is_chunked: bool) -> None:
    body = b"type=test&x=" + b"a" * 10_485_760
    pieces = (body[i : i + 65_536] for i in range(0, len(body), 65_536))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = client.post("/?output=JSON", content=pieces if is_chunked else body, headers=headers)
    assert response.status_code == 413
    assert response.json()["error_code"] == "too_large"


def test_a_body_that_never_comes_is_given_up(server: Server) -> None:
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(20)
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nContent-Length: 100\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntype=test"
        )
        answer = b""
        while b"</response>" not in answer:
            piece = connection.recv(65_536)
            assert piece, answer
            answer += piece
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"did not arrive in time" in answer
    assert 0.9 < time.monotonic() - started < 10


def test_a_caller_that_goes_away_disturbs_nobody(server: Server, client: httpx2.Client) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ntype=")
    assert client.get("/").text == XML_SUCCESS


def test_curl_waits_for_the_word_to_continue(server: Server) -> None:
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "--max-time",
            "20",
            "-v",
            "-H",
            "X-Forwarded-Proto: https",
            "-H",
            "Expect: 100-continue",
            "--expect100-timeout",
            "10",
            "--data-binary",
            "type=test&x=" + "a" * 2000,
            server.url + "/api.php",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == XML_SUCCESS
    assert "100 Continue" in done.stderr


def test_plain_http_is_refused_and_nothing_is_carried_out(server: Server, made: MadeAccount) -> None:
    with httpx2.Client(base_url=server.url, trust_env=False) as plain:
        assert plain.get("/api.php?type=test").text == XML_SUCCESS
        fields = {**made.credentials, "type": "record_customer", "customer_action": "new", "code": "unsafe"}
        refused = plain.post("/api.php", data=fields)
        assert refused.status_code == 403
        assert "plain_http_refused" in refused.text
        page = plain.get("/login?next=1", headers={"Host": "shop.example:8080"})
        assert (page.status_code, page.headers["location"]) == (308, "https://shop.example/login?next=1")
        assert plain.post("/login", data={"password": "x"}).status_code == 403
        assert plain.get("/login?user_password=x").status_code == 403
        fields = {**made.credentials, "type": "customer_info", "code": "unsafe"}
        assert "customer_not_found" in plain.post("/", data=fields, headers=SECURE).text


def test_other_paths_are_not_the_apis(client: httpx2.Client) -> None:
    assert client.get("/admin.php").status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /%ff%fe?%ff=%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: \xff\xfe\r\napi_access_key: \xe9\r\n\r\n",
    ],
)
def test_raw_garbage_does_not_harm_the_server(server: Server, client: httpx2.Client, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(10)
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    assert client.get("/").text == XML_SUCCESS
