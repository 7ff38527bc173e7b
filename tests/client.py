# SPDX-License-Identifier: Apache-2.0
"""
The API as a test speaks to it: the pure handler on an event loop of its own, no server, no socket.

    answer = api.call("customer_info", **made.credentials, code="1")
    assert answer.ok and answer.xml.findtext("customer/code") == "1"

A call is carried out once and its one element tree written in every format, so that each answer of the whole suite also
proves that XML, JSON and JSONP agree (I14); every XML is parsed again by lxml.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from lxml import etree

from regulars.api.entry import Answer, carry_out, handle, write
from regulars.api.exchange import Request, Response, plain_headers
from regulars.api.options import Options
from regulars.api.reference.catalogue import GENERAL_ERRORS
from regulars.api.registry import CALLS
from regulars.api.services import Services, open_services
from regulars.protocol.render import Envelope, json_value

T = TypeVar("T")
WAIT_SECONDS_MAX = 60
FORM = {"content-type": "application/x-www-form-urlencoded"}
Value = str | int | bool | Iterable[str]


def parse_xml(body: bytes) -> etree._Element:
    """Parse a document strictly; no entities, no network."""
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, recover=False))


class Parsed:
    """One answer, in all formats."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.response: Response = write(answer)
        self.xml_body = write(_in(answer, Envelope("XML"))).body
        self.json_body = write(_in(answer, Envelope("JSON"))).body
        self.xml = parse_xml(self.xml_body)
        self.json: dict[str, Any] = json.loads(self.json_body)
        self._compare()
        self._is_declared()

    def _is_declared(self) -> None:
        """Every error is one that the reference of the call names."""
        call = self.answer.call
        if call is not None and call.type in CALLS:
            unknown = set(self.error_codes) - set(call.errors) - set(GENERAL_ERRORS)
            assert not unknown, f"{call.type} ({call.summary}) does not declare {sorted(unknown)} in its Call.errors"

    def _compare(self) -> None:
        condensed = write(_in(self.answer, Envelope("JSON", is_condensed=True))).body
        padded = write(_in(self.answer, Envelope("JSON", "lib.answer", is_condensed=True))).body
        assert b"\n" not in condensed, "condensed JSON stands on one line"
        assert json.loads(condensed) == self.json
        assert (padded[:11], padded[-2:]) == (b"lib.answer(", b");")
        assert json.loads(padded[11:-2]) == self.json
        if self.answer.root is not None:
            assert self.json == json_value(self.answer.root)
            same = shown_by_both(self.xml, self.json)
            assert same is None, f"XML and JSON differ: {same}\n{self.xml_body.decode()}\n{self.json_body.decode()}"

    @property
    def ok(self) -> bool:
        return self.xml.get("status") in ("success", "valid")

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.response.headers)

    @property
    def text(self) -> str:
        """The error's text (the first), or the text of the root."""
        return self.xml.findtext("error") or "" if not self.ok else (self.xml.text or "")

    @property
    def errors(self) -> list[str]:
        return [element.text or "" for element in self.xml.findall("error")]

    @property
    def error_code(self) -> str:
        """The first error's code; "" on success."""
        element = self.xml.find("error")
        return "" if element is None else element.get("code", "")

    @property
    def error_codes(self) -> list[str]:
        return [element.get("code", "") for element in self.xml.findall("error")]

    def at(self, path: str) -> str:
        """Return the text of ``path`` below the root ("customer/code"). Fails where there is no such element."""
        found = self.xml.findtext(path)
        assert found is not None, f"no {path} in {self.xml_body.decode()}"
        return found

    def __repr__(self) -> str:
        return self.xml_body.decode()


def _in(answer: Answer, envelope: Envelope) -> Answer:
    return replace(answer, envelope=envelope)


def shown_by_both(xml: etree._Element, shown: Any) -> str | None:
    """Return where an XML element and a JSON value say different things, or None. Members ``only`` in one are left out."""
    return _differs(xml, shown, xml.tag)


def _differs(xml: etree._Element, shown: Any, path: str) -> str | None:
    if isinstance(shown, str):
        return None if not len(xml) and (xml.text or "") == shown else path
    if isinstance(shown, list):
        if len(shown) != len(xml):
            return path
        return next(
            filter(None, (_differs(child, one, f"{path}/{child.tag}") for child, one in zip(xml, shown, strict=True))), None
        )
    for name, value in xml.attrib.items():
        if shown.get(name) != value:
            return f"{path}@{name}"
    if (xml.text or "") != shown.get("xml_value_to_show", ""):
        return path
    for tag in {child.tag for child in xml}:
        children = xml.findall(tag)
        plural = f"{tag}s"
        if plural in shown and xml.find(plural) is None:
            values = shown[plural]  # campaigns_list, reports: side by side in XML, an array in JSON
        elif tag not in shown:
            return None if tag in ("customer", "customers") else f"{path}/{tag}"  # the other pair that differs on purpose
        else:
            member = shown[tag]
            values = member if len(children) > 1 and isinstance(member, list) else [member]
        for child, value in zip(children, values, strict=True):
            found = _differs(child, value, f"{path}/{tag}")
            if found:
                return found
    return None


class Api:
    """The client. ``as_(**credentials)`` gives one that signs every call."""

    def __init__(self, options: Options | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self._defaults: dict[str, Value] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-api", daemon=True)
        self._thread.start()
        chosen = options or Options(
            database_url=os.environ["DATABASE_URL"],
            database_role=os.environ.get("REGULARS_DATABASE_ROLE", ""),
            has_access_log=False,
        )
        self.services: Services = self.run(open_services(chosen, clock) if clock else open_services(chosen))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the client's event loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(WAIT_SECONDS_MAX)

    def as_(self, **credentials: Value) -> Api:
        """Return a client that adds these fields to every call (a call's own win)."""
        other = object.__new__(Api)
        other.__dict__.update(self.__dict__)
        other._defaults = {**self._defaults, **credentials}
        return other

    def call(self, call_type: str, *, headers: Mapping[str, str] | None = None, **fields: Value) -> Parsed:
        """POST one call as a form and return its answer in all formats. None values are left out."""
        return self.send(self.request({"type": call_type, **self._defaults, **fields}, headers))

    def call_at(self, at: datetime, call_type: str, **fields: Value) -> Parsed:
        """As ``call``, when the clock shows ``at``."""
        request = self.request({"type": call_type, **self._defaults, **fields}, None)
        return Parsed(self.run(carry_out(request, replace(self.services, clock=lambda: at))))

    def send(self, request: Request) -> Parsed:
        """Carry out a request made by hand."""
        return Parsed(self.run(carry_out(request, self.services)))

    def together(self, requests: Iterable[Request]) -> list[Parsed]:
        """Carry out several requests at the same time."""

        async def all_of_them() -> list[Answer]:
            return await asyncio.gather(*(carry_out(request, self.services) for request in requests))

        return [Parsed(answer) for answer in self.run(all_of_them())]

    def raw(self, request: Request) -> Response:
        """Return exactly what would go over the wire."""
        return self.run(handle(request, self.services))

    def request(self, fields: Mapping[str, Value | None], headers: Mapping[str, str] | None = None) -> Request:
        """Return the POST request of a form; a list is sent as ``name[]``."""
        pairs: list[tuple[str, str]] = []
        for name, value in fields.items():
            if isinstance(value, bool):
                pairs.append((name, "Y" if value else "N"))
            elif isinstance(value, str | int):
                pairs.append((name, str(value)))
            elif value is not None:
                pairs += [(f"{name}[]", one) for one in value]
        body = urlencode(pairs).encode()
        return Request("POST", "/api.php", b"", {**FORM, **plain_headers(headers)}, body, "192.0.2.7")

    def signed_request(self, call_type: str, **fields: Value) -> Request:
        """Return the request that ``call`` would send."""
        return self.request({"type": call_type, **self._defaults, **fields})

    def close(self) -> None:
        self.run(self.services.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
