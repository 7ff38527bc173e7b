# SPDX-License-Identifier: Apache-2.0
"""The Postman collection (format 2.1): a folder for each group, a request for each call, with the answers of the contract."""

from __future__ import annotations

import json
from typing import Any

from regulars.api.reference.catalogue import Entry, entries
from regulars.api.reference.examples import Example
from regulars.api.reference.openapi import ABOUT, TITLE
from regulars.protocol.render import Envelope

FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
VARIABLES = ("user_id", "user_api_key", "account_id")


def postman(origin: str) -> dict[str, Any]:
    """Return the collection; ``origin`` becomes its variable base_url, the credentials are variables to be filled in."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for entry in entries():
        folders.setdefault(entry.group, []).append(_item(entry))
    return {
        "info": {"name": TITLE, "description": ABOUT, "schema": FORMAT},
        "item": [{"name": group, "item": items} for group, items in folders.items()],
        "variable": [
            {"key": "base_url", "value": origin},
            *({"key": name, "value": "", "type": "string"} for name in VARIABLES),
        ],
    }


def _item(entry: Entry) -> dict[str, Any]:
    shown = [one for one in entry.examples if not one.is_error][:1] + [one for one in entry.examples if one.is_error][:1]
    request = _request(entry, shown[0].fields)
    return {
        "name": f"{entry.call.summary} ({entry.key})",
        "request": request,
        "response": [_response(entry, one) for one in shown],
    }


def _request(entry: Entry, sent: dict[str, str]) -> dict[str, Any]:
    """Return a request; what it does not send is there too, switched off, with its words."""
    has_variables = entry.call.credentials == "token"
    fields: list[dict[str, Any]] = [
        {"key": name, "value": f"{{{{{name}}}}}" if has_variables and name in VARIABLES else value, "type": "text"}
        for name, value in sent.items()
    ]
    fields += [
        {"key": one.name, "value": "", "type": "text", "disabled": True, "description": one.note}
        for one in entry.parameters
        if not one.kind.prefix and one.name not in sent
    ]
    if "output" not in sent:
        fields.append({"key": "output", "value": "JSON", "type": "text"})
    return {
        "method": "POST",
        "description": entry.words,
        "header": [],
        "url": {"raw": "{{base_url}}/api.php", "host": ["{{base_url}}"], "path": ["api.php"]},
        "body": {"mode": "urlencoded", "urlencoded": fields},
    }


def _response(entry: Entry, example: Example) -> dict[str, Any]:
    return {
        "name": example.name,
        "originalRequest": _request(entry, example.fields),
        "status": "OK",
        "code": 200,
        "_postman_previewlanguage": "json",
        "header": [{"key": "Content-Type", "value": "application/json; charset=utf-8"}],
        "body": json.dumps(json.loads(example.written(Envelope("JSON"))), indent=2, ensure_ascii=False),
    }
