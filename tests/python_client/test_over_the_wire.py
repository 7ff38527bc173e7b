# SPDX-License-Identifier: Apache-2.0
"""The client against a real server over TLS: every call, both ways of waiting, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.cli.certificate import own_certificate
from regulars.client import AsyncClient, BadAnswer, Client, ConnectionFailed, OutcomeUnknown, Retry, errors
from regulars.protocol.params import declared
from tests.api.conftest import api
from tests.client import Api
from tests.clients.server import Server, free_port
from tests.factories import make_account, make_campaign, make_customer
from tests.scene import Scene, make_scene, registered_calls, requests

__all__ = ["api"]
CALLS = {key: call for key, _, call in registered_calls()}
ONLY_COALITIONS = {
    **dict.fromkeys(("reports.coalition_points", "reports.coalition_stored_value"), errors.NoCoalition),
    **dict.fromkeys(("settlement", "settlement_close", "settlement_list"), errors.ModuleNotActivated),
}
"""Calls that the scene's account, which shares nothing, is refused, and how."""
NEW_CODES = {"user_new": "user_name", "agency_new": "new_account_id", "account_new": "new_account_id"}
"""Which parameter has to be nobody's yet."""
ONCE = Retry(seconds_max=0)


@pytest.fixture(scope="module")
def scene(api: Api) -> Scene:
    return make_scene(api)


def method(shop: Client | AsyncClient, scene: Scene, key: str) -> Callable[..., Any]:
    """Return the method of a call, of a client signed as the scene's request for it is."""
    sent = requests(scene)[key]
    if "user_api_key" in sent:  # not the owner's: the platform owner's
        shop = shop.as_user(**{name: sent[name] for name in ("account_id", "user_id", "user_api_key")})
    return getattr(shop, key.replace(".", "_"))


def arguments(scene: Scene, key: str) -> dict[str, object]:
    """Return the scene's valid request for a call as a program would write it."""
    sent = dict(requests(scene)[key])
    if key in NEW_CODES:  # another test of this database may have carried the scene's request out
        sent[NEW_CODES[key]] = f"{sent[NEW_CODES[key]][:13]}_{secrets.token_hex(3)}"  # at most 20 characters
    given: dict[str, object] = {}
    if CALLS[key].credentials == "password":
        given = {name: sent.pop(name) for name in ("user_id", "user_password")}
    for name in ("account_id", "user_id", "user_api_key"):
        sent.pop(name, None)
    for attribute, parameter in declared(CALLS[key].params):
        kind = parameter.kind
        if kind.prefix:
            members = {int(name[len(kind.prefix) : len(name) - len(kind.suffix)]): name for name in sent if _is_of(name, kind)}
            if members:
                given[attribute.lower()] = {number: sent.pop(name) for number, name in members.items()}
        for name in parameter.names:
            if name in sent:
                given[attribute.lower()] = sent.pop(name)
    assert not sent, f"{key}: {sent} are no parameters"
    return given | ({"dry_run": True} if CALLS[key].writes else {})


def _is_of(name: str, kind) -> bool:
    number = name.removeprefix(kind.prefix).removesuffix(kind.suffix)
    return name.startswith(kind.prefix) and name.endswith(kind.suffix) and number.isdecimal()


@pytest.mark.parametrize("key", sorted(CALLS))
def test_each_call_is_answered(connect: Callable[..., Client], scene: Scene, key: str) -> None:
    shop = connect(**scene.made.credentials)
    make = method(shop, scene, key)
    if key in ONLY_COALITIONS:
        with pytest.raises(ONLY_COALITIONS[key]):
            make(**arguments(scene, key))
        return
    answer = make(**arguments(scene, key))
    assert answer.status in ("success", "valid")
    assert answer.sent.request_id


def test_each_call_is_answered_to_those_who_await_it(connect_async: Callable[..., AsyncClient], scene: Scene) -> None:
    async def all_of_them() -> list[str]:
        async with connect_async(**scene.made.credentials) as shop:
            keys = sorted(key for key, call in CALLS.items() if call.credentials == "token" and key not in ONLY_COALITIONS)
            answers = [await method(shop, scene, key)(**arguments(scene, key)) for key in keys]
        return [answer.status for answer in answers]

    assert set(asyncio.run(all_of_them())) <= {"success", "valid"}


def test_a_till_sells_redeems_and_asks(connect: Callable[..., Client]) -> None:
    made = make_account()
    club, card = make_campaign(made, points_ratio_ppm=100_000_000), make_campaign(made, kind="giftcard")
    shop = connect(**made.credentials)
    assert shop.record_customer_new(code="1001", first_name="Zo\u00eb & Co", campaign_id=[club.number]).customer.code == "1001"
    sale = shop.record_activity(campaign_id=club.number, code="1001", amount=Decimal("9.95")).receipt.transaction
    assert (sale.purchase.amount.as_decimal(), sale.balance.points.as_int()) == (Decimal("9.95"), 995)
    shop.record_activity(campaign_id=card.number, code="1001", amount=50)
    left = shop.redeem(campaign_id=card.number, code="1001", reward_to_redeem=Decimal("12.50")).receipt.transaction.balance
    assert left.amount.as_decimal() == Decimal("37.50")
    balance = shop.customer_balance(campaign_id=club.number, code="1001").campaign.customer
    assert [row.amount.as_int() for row in balance.transactions] == [995, 0]
    assert {campaign.name for campaign in shop.campaigns_list().rows("campaigns")} == {club.name, card.name}
    with pytest.raises(errors.InsufficientBalance) as caught:
        shop.redeem(campaign_id=card.number, code="1001", reward_to_redeem="37.51")
    assert (caught.value.retry, caught.value.status) == ("never", 200)
    with pytest.raises(errors.RequestError) as several:
        shop.record_activity(campaign_id=1, code="1001", amount="1.2.3", buyx_quantity=0)
    assert len(several.value.codes) == len(several.value.texts) == 3


def test_a_key_of_its_own_gives_the_first_answer_again(connect: Callable[..., Client]) -> None:
    made = make_account()
    club = make_campaign(made)
    make_customer(made, code="c1")
    shop = connect(**made.credentials)
    first, again = (
        shop.record_activity(campaign_id=club.number, code="c1", amount=5, idempotency_key="receipt 17") for _ in range(2)
    )
    assert (first, first.sent.idempotency_key) == (again, "receipt 17")
    other = shop.record_activity(campaign_id=club.number, code="c1", amount=5)
    assert len(other.sent.idempotency_key) == 32
    assert other.receipt.transaction.id != first.receipt.transaction.id
    with pytest.raises(errors.KeyReused):
        shop.record_activity(campaign_id=club.number, code="c1", amount=6, idempotency_key="receipt 17")


def test_other_users_and_other_calls_over_the_same_connections(connect: Callable[..., Client], scene: Scene) -> None:
    nobody = connect()
    assert nobody.test().xml_value_to_show == "Success"
    account = nobody.user_login(user_id=scene.made.owner.code, user_password=scene.made.password).account
    shop = nobody.as_user(user_id=account.user_id, user_api_key=account.user_api_key, account_id=account.account_id)
    assert shop.account_info().account.account_id == scene.made.code
    assert shop.call("customer_info", {"code": "1001"}, writes=False).customer.first_name == "Amy"
    tried = shop.call("record_customer", {"customer_action": "new", "code": "viacall"}, writes=True, idempotency_key="v1")
    assert (tried.customer.code, tried.sent.idempotency_key) == ("viacall", "v1")
    with pytest.raises(errors.MissingParameter):
        nobody.account_info()
    assert scene.made.token not in repr(shop)


def test_connections_are_kept(ca_file, server: Server, connect: Callable[..., Client], scene: Scene) -> None:
    accepted = _Counting(server.port)
    with accepted:
        shop = connect(url=f"https://127.0.0.1:{accepted.port}", **scene.made.credentials)
        for _ in range(5):
            shop.customer_info(code="1001")
    assert accepted.count == 1


def test_threads_share_one_client(connect: Callable[..., Client], scene: Scene) -> None:
    shop = connect(**scene.made.credentials)
    found: list[str] = []

    def ask() -> None:
        found.extend(shop.customer_info(code="1001").customer.code for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == ["1001"] * 80


# -- what goes wrong ---------------------------------------------------------------------------------------------------
class _Counting:
    """A listener that passes connections on and counts them."""

    def __init__(self, port: int) -> None:
        self._target, self.count = port, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.count += 1
            far = socket.create_connection(("127.0.0.1", self._target))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with source:
        while True:
            try:
                piece = source.recv(65536)
                sink.sendall(piece)
            except OSError:
                return
            if not piece:
                return


def test_another_authority_is_not_trusted_and_asked_once(server: Server, tmp_path, scene: Scene) -> None:
    other = own_certificate(tmp_path, ("127.0.0.1",), datetime.now(UTC))
    started = time.monotonic()
    for trusted in (other.ca_file, None):
        with (
            Client(server.url, ca_file=trusted, trust_env=False, **scene.made.credentials) as shop,
            pytest.raises(ConnectionFailed, match=r"(?i)certificate"),
        ):
            shop.account_info()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1", "ftp://x", "https://"])
def test_keys_are_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match=r"https://|no host"):
        Client(url)


def test_nobody_there_is_said_in_time() -> None:
    shop = Client(f"https://127.0.0.1:{free_port()}", retry=Retry(seconds_max=0.5), trust_env=False)
    started = time.monotonic()
    with shop, pytest.raises(ConnectionFailed, match="could not be asked"):
        shop.account_info()
    assert time.monotonic() - started < 5


class _Silent:
    """Accepts, and answers with these bytes, one every so many seconds."""

    def __init__(self, answer: bytes = b"", seconds_each: float = 0.0) -> None:
        self._answer, self._seconds = answer, seconds_each
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = 0

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer_slowly, args=(connection,), daemon=True).start()

    def _answer_slowly(self, connection: socket.socket) -> None:
        with connection:
            try:
                if not connection.recv(65536):
                    return
                self.asked += 1
                if not self._seconds:
                    connection.sendall(self._answer)
                for byte in self._answer if self._seconds else b"":
                    connection.sendall(bytes([byte]))
                    time.sleep(self._seconds)
                connection.recv(1)
            except OSError:
                return


def _both(url: str, **options) -> list[Exception]:
    """Return what a write without a key raises, from both clients."""
    given = {"trust_env": False, "allow_plain_http": True, "sends_keys": False, "account_id": "a", "user_id": "u", **options}

    async def wait() -> None:
        async with AsyncClient(url, **given) as shop:
            await shop.record_activity(campaign_id=1, code="1", amount=1)

    def block() -> None:
        with Client(url, **given) as shop:
            shop.record_activity(campaign_id=1, code="1", amount=1)

    raised = []
    for ask in (block, lambda: asyncio.run(wait())):
        with pytest.raises(Exception, match=r".") as caught:
            ask()
        raised.append(caught.value)
    return raised


def test_silence_is_an_unknown_outcome_and_nothing_is_sent_again() -> None:
    with _Silent() as silent:
        started = time.monotonic()
        raised = _both(silent.url, timeout_seconds=0.3)
        assert [type(error) for error in raised] == [OutcomeUnknown] * 2
        assert silent.asked == 2
        assert time.monotonic() - started < 6


def test_an_answer_in_drops_is_given_up_in_time() -> None:
    with _Silent(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b" " * 100_000, 0.05) as slow:
        started = time.monotonic()
        assert [type(error) for error in _both(slow.url, timeout_seconds=2.5)] == [OutcomeUnknown] * 2
        assert (slow.asked, 4 < time.monotonic() - started < 12) == (2, True)


def test_another_web_site_is_no_server() -> None:
    page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"
    with _Silent(page) as site:
        assert [type(error) for error in _both(site.url)] == [BadAnswer] * 2
    with _Silent(b"SSH-2.0-OpenSSH\r\n") as other:
        assert [type(error) for error in _both(other.url, retry=ONCE, timeout_seconds=1)] == [OutcomeUnknown] * 2
