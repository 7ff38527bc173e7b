# SPDX-License-Identifier: Apache-2.0
"""
The OpenAPI 3.1 document: one operation for each call, though all calls share one URL.

A path ends in a fragment with the call's key (``/api.php#record_activity``): it tells the operations apart in documents and
in the names that generators make, and no HTTP client sends it. What selects the call is ``type`` in the form, a constant.
"""

from __future__ import annotations

from typing import Any

from regulars import __version__
from regulars.api.reference.catalogue import GENERAL_ERRORS, GROUPS, CommonParameter, Entry, entries, errors, shown_name
from regulars.api.reference.shapes import Schema, shape_of
from regulars.protocol.params import Kind, Parameter
from regulars.protocol.render import Envelope, json_value

FORM = "application/x-www-form-urlencoded"
TITLE = "Regulars API"
ABOUT = (
    "Calls are forms sent by POST to /api.php; `type` selects the call. Answers are XML, or JSON with `output=JSON`. The "
    "fragment of each path only tells the operations apart: it is never sent. Errors have HTTP status 200 too, unless "
    "`strict_status=Y` asks for others."
)
STATUSES = {
    "400": "With strict_status=Y: the message is wrong. Without: the HTTP message could not be read.",
    "401": "With strict_status=Y: the credentials are not valid.",
    "403": "With strict_status=Y: the user may not. Without: the request came over plain http.",
    "404": "With strict_status=Y: there is no such thing in this account.",
    "409": "With strict_status=Y: it exists, is in use, or was done before.",
    "413": "The request is too large.",
    "422": "With strict_status=Y: valid, but the programme says no.",
    "429": "Too many requests; Retry-After says for how many seconds to wait.",
    "503": "The service is not available at the moment; Retry-After says when to try again.",
}
_TYPES: dict[str, Schema] = {
    "whole": {"type": "integer"},
    "flag": {"type": "string", "enum": ["Y", "N"]},
}


def openapi(origin: str) -> dict[str, Any]:
    """Return the document; ``origin`` is the server's address, without a path."""
    found = entries()
    schemas: dict[str, Any] = {"Error": _error_schema()}
    paths = {}
    for entry in found:
        name = entry.key.replace(".", "_")
        schemas[name] = shape_of([one.answer for one in entry.examples if one.answer is not None])
        paths[f"/api.php#{entry.key}"] = {"post": _operation(entry, name)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE, "version": __version__, "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": origin}],
        "tags": [{"name": group} for group in GROUPS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                f"Status{status}": {"description": words, "content": _content({"$ref": "#/components/schemas/Error"})}
                for status, words in STATUSES.items()
            },
            "securitySchemes": {
                "SecurityToken": {
                    "type": "apiKey", "in": "header", "name": "api_access_key",
                    "description": "The Security Token of `user_id`. It may be sent as the field `user_api_key` instead.",
                }
            },
        },
    }  # fmt: skip


def _operation(entry: Entry, name: str) -> dict[str, Any]:
    codes = [*GENERAL_ERRORS, *entry.call.errors]
    failed = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"error_code": {"enum": codes}}}]}
    success = next(one for one in entry.examples if one.answer is not None)
    assert success.answer is not None
    answer = {"oneOf": [{"$ref": f"#/components/schemas/{name}"}, failed]}
    content: dict[str, Any] = _content(answer)
    content["application/json"]["examples"] = {
        one.name: {"value": json_value(one.answer)} for one in entry.examples if one.answer is not None
    }
    content["text/xml"]["examples"] = {success.name: {"value": success.written(Envelope("XML")).decode()}}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": entry.call.summary,
        "description": entry.words,
        "tags": [entry.group],
        "requestBody": {"required": True, "content": {FORM: {"schema": request_schema(entry)}}},
        "responses": {"200": {"description": "The answer, or an error.", "content": content}}
        | {status: {"$ref": f"#/components/responses/Status{status}"} for status in STATUSES},
        "security": [{"SecurityToken": []}] if entry.call.credentials == "token" else [],
    }
    return operation


def _content(schema: Schema) -> dict[str, Any]:
    return {
        "application/json": {"schema": schema},
        "text/xml": {"schema": schema | {"xml": {"name": "response"}}},
        "application/javascript": {"schema": {"type": "string", "description": "JSONP: name(<the JSON>);"}},
    }


def _error_schema() -> Schema:
    codes = [one.code for one in errors()]
    text, code = {"type": "string"}, {"type": "string", "enum": codes}
    return {
        "type": "object",
        "description": 'In XML: <response status="error"><error code="...">text</error></response>, <error> once for each.',
        "properties": {
            "status": {"type": "string", "enum": ["error"], "xml": {"attribute": True}},
            "error": text | {"description": "The first error's sentence, for people."},
            "errors": {"type": "array", "items": text, "minItems": 1},
            "error_code": {"type": "string", "description": "The first error's code, for programs; it never changes."},
            "error_codes": {"type": "array", "items": code, "minItems": 1},
        },
        "required": ["status", "error", "errors", "error_code", "error_codes"],
        "additionalProperties": False,
    }  # fmt: skip


def request_schema(entry: Entry) -> Schema:
    """Return the schema of the call's form."""
    properties: Schema = {}
    patterns: Schema = {}
    required = list(entry.select)
    for name, value in entry.select.items():
        properties[name] = {"type": "string", "enum": [value]}
    for common in entry.common:
        if common.name not in properties:
            properties[common.name] = _common_schema(common)
            if (
                common.required
                and common.name != "user_api_key"
                and (common.name != "account_id" or entry.call.needs_account_id)
            ):
                required.append(common.name)
    if entry.call.credentials == "password":
        properties["user_password"] = {"type": "string", "maxLength": 128, "description": "The login password."}
        required.append("user_password")
    for parameter in entry.parameters:
        schema = parameter_schema(parameter)
        if parameter.kind.prefix:
            patterns[f"^{parameter.kind.prefix}[1-9][0-9]{{0,3}}{parameter.kind.suffix}$"] = schema
            said = {"description": f"{shown_name(parameter)}, for any number: {schema['description']}"}
            properties[parameter.kind.member(1)] = schema | said
        else:
            properties[parameter.name] = schema
        if parameter.required:
            required.append(parameter.name)
    result: Schema = {"type": "object", "properties": properties, "required": required}
    return result | ({"patternProperties": patterns} if patterns else {})


def _common_schema(common: CommonParameter) -> Schema:
    rules: dict[str, Schema] = {
        "output": {"enum": ["XML", "JSON"]},
        "condensed": {"enum": ["Y", "N"]},
        "strict_status": {"enum": ["Y", "N"]},
        "dry_run": {"enum": ["Y", "N"]},
        "user_api_key": {"pattern": "^[0-9a-f]{40}$"},
        "user_id": {"pattern": "^[A-Za-z0-9_]{1,20}$"},
        "account_id": {"pattern": "^[A-Za-z0-9_]{5,20}$"},
        "idempotency_key": {"pattern": "^[ -~]{1,128}$"},
        "callback": {"pattern": "^[A-Za-z_$][A-Za-z0-9_$]{0,127}$"},
        "API": {"enum": ["1.0", "1.1", "1.5", "1.6"]},
    }
    return {"type": "string", **rules[common.name], "description": f"{common.note} ({common.says})"}


def parameter_schema(parameter: Parameter) -> Schema:
    """Return the schema of one parameter. Blank, where it means something, is described, not modelled."""
    also = f" Also sent as {', '.join(parameter.names[1:])}." if len(parameter.names) > 1 else ""
    return kind_schema(parameter.kind) | {"description": f"{parameter.note} ({parameter.kind.says}).{also}"}


def kind_schema(kind: Kind[Any]) -> Schema:
    """Return the schema of what a kind takes, in its plainest form."""
    schema = {**_TYPES.get(kind.shape, {"type": "string"}), **kind.bounds}
    if kind.choices:
        schema = {"type": "string", "enum": list(kind.choices)}
    return schema
