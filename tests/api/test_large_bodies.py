# SPDX-License-Identifier: Apache-2.0
"""Only calls that bring a batch may have a body over the usual limit, and only so many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, urlencode

import pytest

from regulars.api.exchange import Response, plain_headers
from regulars.api.gate import respond
from regulars.api.large import AT_ONCE_MAX, announces_batch
from tests.client import Api, parse_xml
from tests.factories import make_account, make_campaign

LIMIT = 20_000
BATCH_LIMIT = 200_000
FORM = "application/x-www-form-urlencoded"
NAMES = ("code", "first_name")


@dataclass
class Sent:
    """A POST as a server hands it over, in pieces of 4 KB; ``read`` counts what was taken of it."""

    body: bytes
    query: bytes = b""
    declares: bool = True
    expects: bool = False
    content_type: str = FORM
    method: str = "POST"
    path: str = "/api.php"
    peer: str = "192.0.2.7"
    scheme: str = "https"
    host: str = "localhost"
    read: int = field(default=0, init=False)

    @property
    def headers(self) -> Mapping[str, str]:
        length = {"content-length": str(len(self.body))} if self.declares else {"transfer-encoding": "chunked"}
        return plain_headers(
            {"content-type": self.content_type, **length, **({"expect": "100-continue"} if self.expects else {})}
        )

    def values_of(self, _: str) -> list[str]:
        return []

    async def whole(self) -> bytes:
        self.read = len(self.body)
        return self.body

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), 4096):
            piece = self.body[start : start + 4096]
            self.read += len(piece)
            yield piece


def post(api: Api, sent: Sent) -> Response:
    options = replace(api.services.options, body_bytes_max=LIMIT, batch_bytes_max=BATCH_LIMIT)
    response = api.run(respond(sent, replace(api.services, options=options), None))  # type: ignore[arg-type]
    assert isinstance(response, Response)
    return response


def code_of(response: Response) -> str:
    error = parse_xml(response.body).find("error")
    return "" if error is None else error.get("code", "")


def batch(data_bytes: int, *, type_last: bool = False, **changes: str) -> dict[str, str]:
    made = make_account()
    line = "{}|" + "n" * 90
    data = "\n".join(line.format(number) for number in range(data_bytes // 100))
    fields = {f"profiles_header_{number}": name for number, name in enumerate(NAMES, 1)}
    fields |= {**made.credentials, "delimiter": "pipe", "campaigns_to_include": make_campaign(made).number}
    first = {} if type_last else {"type": "customers_batch"}
    return {**first, **fields, "profiles_data": data, **({"type": "customers_batch"} if type_last else {}), **changes}


@pytest.mark.parametrize("declares", [True, False])
@pytest.mark.parametrize("type_last", [True, False])
@pytest.mark.parametrize("expects", [True, False])
def test_a_batch_may_be_larger_than_other_calls(api: Api, declares: bool, type_last: bool, expects: bool) -> None:
    body = urlencode(batch(60_000, type_last=type_last)).encode()
    assert LIMIT < len(body) < BATCH_LIMIT
    response = post(api, Sent(body, declares=declares, expects=expects))
    assert (response.status, parse_xml(response.body).findtext("batch/new_customers")) == (200, "600")
    assert api.services.large_bodies.taken == 0


def test_also_as_multipart_as_php_sends_arrays(api: Api) -> None:
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in batch(60_000).items()
    )
    response = post(api, Sent(f"{parts}--B--\r\n".encode(), content_type="multipart/form-data; boundary=B"))
    assert parse_xml(response.body).findtext("batch/new_customers") == "600"


def test_a_batch_over_its_own_limit_is_refused(api: Api) -> None:
    response = post(api, Sent(urlencode(batch(300_000)).encode()))
    assert (response.status, code_of(response)) == (413, "too_large")
    assert api.services.large_bodies.taken == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "record_customer", "street1": "x" * 60_000},
        {"type": "record_customer", "street1": "x" * 1000 + "&type=customers_batch" + "x" * 60_000},
        {"type": "record_customer", "note": "type=customers_batch", "street1": "x" * 60_000},
        {"street1": "x" * 60_000, "type": "customers_batch"},
    ],
)
def test_other_bodies_stay_small(api: Api, fields: dict[str, str]) -> None:
    sent = Sent(urlencode(fields, quote_via=quote_plus).encode())
    response = post(api, sent)
    assert (response.status, code_of(response)) == (413, "too_large")


def test_a_body_that_lies_about_its_call_is_refused_when_it_was_read(api: Api) -> None:
    body = urlencode({"profiles_data": "1|2\n" * 10_000, "type": "account_info"}).encode()
    assert code_of(post(api, Sent(body))) == "too_large"
    assert code_of(post(api, Sent(body, query=b"type=customers_batch"))) == "duplicate_parameter"


def test_so_many_at_once_and_no_more(api: Api) -> None:
    body = urlencode(batch(60_000)).encode()
    places = api.services.large_bodies
    for _ in range(AT_ONCE_MAX):
        places.__enter__()
    try:
        response = post(api, Sent(body))
        assert (response.status, code_of(response)) == (503, "overloaded")
        assert places.taken == AT_ONCE_MAX
    finally:
        for _ in range(AT_ONCE_MAX):
            places.__exit__(None, None, None)
    assert post(api, Sent(body)).status == 200


@pytest.mark.parametrize(
    ("query", "start", "is_batch"),
    [
        (b"type=customers_batch", b"", True),
        (b"user_id=a&type=Batch_Transactions&x=1", b"", True),
        (b"", b"user_id=a&type=batch_transactions", True),
        (b"", b"a=1&Visits_Data=", True),
        (b"", b'--B\r\nContent-Disposition: form-data; name="type"\r\n\r\ncustomers_batch\r\n', True),
        (
            b"",
            b'--B\r\nContent-Disposition: form-data; name="type"\r\nContent-Type: text/plain\r\n\r\ncustomers_batch\r\n',
            True,
        ),
        (b"", b"type=customers_batches&", False),
        (b"", b"x=type=customers_batch", False),
        (b"", b"type=customer_search", False),
    ],
)
def test_what_announces_a_batch(query: bytes, start: bytes, is_batch: bool) -> None:
    assert announces_batch(query, start) is is_batch
