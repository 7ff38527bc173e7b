# SPDX-License-Identifier: Apache-2.0
"""
schemathesis makes requests from the OpenAPI document, valid and broken ones, and holds each answer against it.

Some fields of each request are put back to values that work, or no call would get further than its parameters. A short run in
the suite; ``make fuzz-api`` carries out 20,000 requests.
"""

from __future__ import annotations

import functools
import os
import random
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import requests as http
import schemathesis
import schemathesis.specs.openapi.checks as conforms
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from regulars.api.reference.catalogue import Entry, entries
from regulars.api.reference.openapi import FORM, openapi
from regulars.api.reference.shapes import shape_of
from regulars.cli.certificate import own_certificate
from tests.client import parse_xml
from tests.clients.server import granian
from tests.scene import make_scene, requests

if TYPE_CHECKING:
    from tests.client import Api

CASES = int(os.environ.get("REGULARS_FUZZ_CASES", "0"))
"""How many requests in all, at least (a tenth more are asked for: some calls have few different ones); 0: a short run."""
SHORT = 6
"""Requests for each call and mode in a short run."""
CHECKS = [
    not_a_server_error,
    conforms.status_code_conformance,
    conforms.content_type_conformance,
    conforms.response_schema_conformance,
]
ENTRIES = {entry.key: entry for entry in entries()}
SEEN: Counter[str] = Counter()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, http.Session]]:
    """A server over TLS, and a session of a client that trusts it."""
    files = own_certificate(tmp_path_factory.mktemp("data"), (), datetime.now(UTC))
    with granian(files.certificate_file, files.key_file) as running, http.Session() as session:
        session.verify = str(files.ca_file)
        session.trust_env = False
        yield running.url, session
    if CASES:
        print(f"\n{sum(SEEN.values())} requests: {dict(SEEN.most_common())}")


@functools.cache
def document() -> Any:
    """The document as schemathesis reads it. Fields nobody knows are ignored, so making them is no use."""
    described = openapi("https://localhost")
    for path in described["paths"].values():
        path["post"]["requestBody"]["content"][FORM]["schema"]["additionalProperties"] = False
    return schemathesis.openapi.from_dict(described)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("key", ENTRIES)
def test_no_answer_is_outside_its_schema(api: Api, server: tuple[str, http.Session], key: str, mode: GenerationMode) -> None:
    url, session = server
    scene = make_scene(api)
    entry = ENTRIES[key]
    works = {**scene.made.credentials, **requests(scene)[key], **entry.select}
    token = works.pop("user_api_key", "")
    operation = document()[f"/api.php#{key}"]["POST"]

    @seed(random.randrange(2**32) if CASES else 1)
    @settings(
        max_examples=CASES * 11 // (20 * len(ENTRIES)) if CASES else SHORT,
        deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def send(case: Any, chance: random.Random) -> None:
        case.headers = {"api_access_key": token} if chance.random() < 0.97 and token else {}
        if isinstance(case.body, dict):
            case.body = mended(case.body, works, entry, chance)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a request looks like is schemathesis's to worry about
            response = case.call(base_url=url, session=session, verify=session.verify)
        SEEN[f"{response.status_code} {response.headers.get('x-error-code', ['ok'])[0]}"] += 1
        kind = response.headers["content-type"][0]
        if kind.startswith("application/json") and response.status_code == 200:
            assert_inside(response.json(), entry)
        elif kind.startswith("text/xml"):
            assert_declared(parse_xml(response.content), entry)
        case.validate_response(response, checks=CHECKS)

    send()


def mended(body: dict[str, Any], works: dict[str, str], entry: Entry, chance: random.Random) -> dict[str, Any]:
    """Return the form with some values that work; who asks works nearly always, and most answers are to be JSON."""
    fields = dict(body)
    if chance.random() < 0.8:
        fields.pop("callback", None)
        fields["output"] = "JSON"
    for name, value in works.items():
        certainty = 0.97 if name in ("user_id", "account_id", *entry.select) else 0.7
        if chance.random() < certainty:
            fields[name] = value
    return fields


@functools.cache
def shape(key: str) -> Any:
    return jsonschema_rs.validator_for(shape_of([one.answer for one in ENTRIES[key].examples if one.answer is not None]))


def assert_inside(answer: dict[str, Any], entry: Entry) -> None:
    """As schemathesis does, but saying what is outside: the schema has two branches, an answer and an error."""
    if answer["status"] == "error":
        return
    outside = [f"/{'/'.join(map(str, one.instance_path))}: {one.message[:300]}" for one in shape(entry.key).iter_errors(answer)]
    assert not outside, f"{entry.key}: add an example of it to tests/contract/examples.py:\n" + "\n".join(outside)


def assert_declared(answer: Any, entry: Entry) -> None:
    """XML has no schema to be held against here: an error's code is one that the call declares."""
    from regulars.api.reference.catalogue import GENERAL_ERRORS

    codes = {error.get("code") for error in answer.findall("error")} if answer.get("status") == "error" else set()
    assert codes <= {*GENERAL_ERRORS, *entry.call.errors}


def test_the_document_is_openapi(tmp_path: Path) -> None:
    schemathesis.openapi.from_dict(openapi("https://localhost")).validate()
