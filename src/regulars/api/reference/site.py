# SPDX-License-Identifier: Apache-2.0
"""All files of the reference by name. They are made when first asked for, and kept; nothing is written anywhere."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from regulars.api.permissions_page import permissions_page
from regulars.api.reference import pages
from regulars.api.reference.catalogue import entries, errors
from regulars.api.reference.guides import GUIDES, Guide
from regulars.api.reference.markup import STYLE, page, prose
from regulars.api.reference.openapi import openapi
from regulars.api.reference.postman import postman
from regulars.kit.snippets import ORIGIN

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@cache
def makers() -> dict[str, Callable[[], str]]:
    """Return what makes each file, by its name. ``ORIGIN`` stands in them for the server's address."""
    files: dict[str, Callable[[], str]] = {
        "index.html": pages.index_page,
        "errors.html": pages.errors_page,
        "downloads.html": pages.downloads_page,
        "permissions.html": lambda: page("permissions", "Permissions", prose(permissions_page())),
        "openapi.json": lambda: _json(openapi(ORIGIN)),
        "postman.json": lambda: _json(postman(ORIGIN)),
        "errors.json": lambda: _json({"errors": [dataclasses.asdict(one) for one in errors()]}),
        STYLE: Path(__file__).with_name(STYLE).read_text,
    }
    files |= {f"{guide.name}.html": partial(_guide_page, guide) for guide in GUIDES}
    return files | {f"{entry.key}.html": partial(pages.call_page, entry) for entry in entries()}


def _guide_page(guide: Guide) -> str:
    return page(guide.name, guide.title, prose(guide.text))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


@cache
def file(name: str) -> str | None:
    """Return one file, or None where there is none of the name; pages may be named without their ending."""
    make = makers().get(name) or makers().get(f"{name}.html")
    return None if make is None else make()


def content_type(name: str) -> str:
    """Return the HTTP content type of a file."""
    return TYPES.get(name.rpartition(".")[2], TYPES["html"])
