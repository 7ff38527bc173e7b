# SPDX-License-Identifier: Apache-2.0
"""Carries the examples out, one after the other, and writes what was sent and answered. Django is set up."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from regulars.accounts.queries import get_account_config
from regulars.api.entry import Answer, carry_out, write
from regulars.api.reference.examples import SCENE, to_document
from regulars.kit.db import unit_of_work
from regulars.protocol.render import Envelope
from regulars.protocol.stored import to_stored
from regulars.protocol.tree import Element
from regulars.users.operations import update_user
from tests.client import Api
from tests.contract.examples import TOKEN, Example, examples
from tests.factories import (
    NOW,
    MadeAccount,
    make_campaign,
    make_coalition,
    make_logged_request,
    make_second_tier,
    make_user,
)
from tests.scene import Scene, make_scene, registered_calls, requests

ENVELOPES = {"xml": Envelope("XML"), "json": Envelope("JSON"), "jsonp": Envelope("JSON", "answer")}
BEGIN = NOW + timedelta(minutes=5)
SELECTORS = {key: select for key, select, _ in registered_calls()}


@dataclass(frozen=True)
class Cast:
    """Who is in the examples, on a database of their own."""

    scene: Scene
    mall: Scene
    signers: dict[str, dict[str, str]]
    """The credentials by ``signs_as``."""

    def requests(self) -> Iterator[tuple[datetime, Example, dict[str, str]]]:
        """Yield each example with the time it is carried out at and the fields it sends, a minute apart."""
        at = BEGIN
        for example in examples(self.scene, self.mall):
            at += timedelta(minutes=1)
            yield at, example, fields_of(example, self.scene, self.signers[example.signs_as])


def make_cast(api: Api) -> Cast:
    """Make the two accounts of the examples, the same each time."""
    scene = make_scene(api, code="beanleaf", rng=random.Random(1), at=BEGIN)
    mall = make_scene(api, code="riverside_mall", rng=random.Random(2), at=BEGIN, prepare=make_mall)
    signers = {"owner": scene.made.credentials, "clerk": clerk_of(scene), "mall": mall.made.credentials, "nobody": {}}
    log_requests(scene)
    return Cast(scene, mall, signers)


def write_examples(directory: Path, reference: Path) -> None:
    """
    Write every example below ``directory``, and for the reference of the API (api/reference/examples) to ``reference``.

    Raises AssertionError where one is not answered as it says.
    """
    documents: dict[str, list[str]] = defaultdict(list)
    api = Api()
    cast = make_cast(api)
    for at, example, sent in cast.requests():
        answer = answer_at(api, at, sent)
        assert (answer.error is not None) is example.is_error, f"{example.path}: {write(answer).body.decode()}"
        if answer.root is not None:
            for path, shown in example.masks.items():
                mask(answer.root, path, shown)
        target = directory / example.path
        assert not target.with_suffix(".xml").exists(), f"two examples are called {example.path}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if "user_api_key" in sent:
            sent["user_api_key"] = TOKEN
        target.with_suffix(".request").write_text("".join(f"{name}={value}\n" for name, value in sent.items()), "utf-8")
        documents[example.folder or example.key.partition(".")[0]].append(_for_the_reference(example, sent, answer))
        for ending, wanted in ENVELOPES.items():
            envelope = answer.envelope if example.keeps_output else wanted
            target.with_suffix(f".{ending}").write_bytes(write(replace(answer, envelope=envelope)).body)
    api.close()
    for name, lines in documents.items():
        (reference / f"{name}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    kinds = {campaign.number: kind for each in (cast.scene, cast.mall) for kind, campaign in each.campaigns.items()}
    (reference / f"{SCENE}.json").write_text(json.dumps(kinds, indent=1) + "\n", "utf-8")


def _for_the_reference(example: Example, sent: dict[str, str], answer: Answer) -> str:
    tree = None if answer.root is None else to_stored(answer.root)
    parts = [] if answer.error is None else [(part.code, part.message) for part in answer.error.parts]
    return json.dumps(to_document(example.key, example.name, sent, tree, parts), ensure_ascii=False)


def fields_of(example: Example, scene: Scene, credentials: dict[str, str]) -> dict[str, str]:
    """Return the fields of the example's request, in the order they are sent."""
    fields = SELECTORS[example.key] | credentials | requests(scene)[example.key] | dict(example.fields)
    return {name: value for name, value in fields.items() if value is not None}


def answer_at(api: Api, at: datetime, fields: dict[str, str]) -> Answer:
    """Carry one request out when the clock shows ``at``."""
    return api.run(carry_out(api.request(fields), replace(api.services, clock=lambda: at)))


def mask(root: Element, path: str, shown: str) -> None:
    """Replace the text of each element at ``path``, random by its nature. Raises AssertionError where there is none."""
    found = [root]
    for name in path.split("/"):
        found = [child for element in found for child in element.children if child.name == name]
    assert found, f"no {path}"
    for element in found:
        element.text = shown


def clerk_of(scene: Scene) -> dict[str, str]:
    """Add a clerk who sees the points campaign alone, and return how he signs."""
    made = make_user(
        scene.made, role="K", code="bob_cole", campaigns_access="some", allowed_campaign_ids=[scene.campaigns["points"].id],
        first_name="Bob", last_name="Cole", custom1="Boise", pin="2468", rng=random.Random(3),
    )  # fmt: skip
    with unit_of_work(scene.made.id):  # his second sale of the same within an hour is told from the first
        config = get_account_config(scene.made.id)
        update_user(account=config, by=None, at=BEGIN, code="bob_cole", duplicate_guard="flag", duplicate_guard_seconds=3_600)
    return made.credentials


def log_requests(scene: Scene) -> None:
    """Put three requests into the account's log, as a worker writes them."""
    points, giftcard = scene.campaigns["points"].number, scene.campaigns["giftcard"].number
    sale = {"type": "record_activity", "account_id": "beanleaf", "campaign_id": points, "code": "***1001", "amount": "9.95"}
    refused = {"type": "redeem", "account_id": "beanleaf", "campaign_id": giftcard, "card_number": "***0001", "email": "***"}
    rows = (
        ("0f3c9a6b1d2e4f58", "record_activity", "beanleaf", "ok", 5_120, sale, '{"status":"success"}'),
        ("5b7d0c1e9f8a2364", "redeem", "bob_cole", "insufficient_balance", 3_004, refused,
         '{"status":"error","error":["The amount entered exceeds the available balance"]}'),
        ("a94f02b7c6d81e35", "user_login", "bob_cole", "bad_credentials", 71_950, {"type": "user_login"},
         '{"status":"error","error":["The user_id or user_api_key is not valid."]}'),
    )  # fmt: skip
    for number, (request_id, call, user_code, code, duration_us, fields, answer) in enumerate(rows):
        make_logged_request(
            scene.made, at=NOW + timedelta(seconds=number), request_id=request_id, call=call, user_code=user_code, code=code,
            duration_us=duration_us, fields=fields, answer=answer,
        )  # fmt: skip


def make_mall(made: MadeAccount) -> None:
    """Put the account under an agency, let its stores share points and money, a tenth of all points go to a master campaign."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        agency = "INSERT INTO accounts_agencies (id, name, email, created_at) VALUES (900, 'City Cards', 'a@city.example', %s)"
        owner.execute(agency, (NOW,))  # its number is out of the way of those that the examples make
        owner.execute("UPDATE accounts_accounts SET agency_id = 900 WHERE id = %s", (made.id,))
    make_coalition(made)
    make_second_tier(made, make_campaign(made, name="Mall Points", coalition_opt_out=True, rng=random.Random(4)))
