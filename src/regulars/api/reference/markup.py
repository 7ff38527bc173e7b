# SPDX-License-Identifier: Apache-2.0
"""HTML of the reference's pages: the frame around each, and what its parts are made of. No script, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt

from regulars.api.reference.catalogue import GROUPS, entries
from regulars.api.reference.guides import GUIDES

STYLE = "reference.css"
BASE_MARK = "<!--base-->"
"""Where the address of the index goes, on a server; links are relative, so that the files work without one."""


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def prose(text: str) -> str:
    """Return the HTML of a Markdown text."""
    html = str(_markdown().render(text))
    return html.replace(' style="text-align:center"', ' class="center"')  # the pages forbid styles within


def inline(text: str) -> str:
    """Return the HTML of one line of Markdown."""
    return str(_markdown().renderInline(text))


def code(text: str) -> str:
    """Return a piece of code within a line."""
    return f"<code>{escape(text)}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table of cells that are HTML already; on a narrow screen each row is a block of its own."""
    top = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join(
        "<tr>" + "".join(f'<td data-head="{escape(name)}">{cell}</td>' for name, cell in zip(head, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def tabs(name: str, panels: Sequence[tuple[str, str]]) -> str:
    """Return panels of code, one of which is shown; radio buttons choose, so no script is needed."""
    pieces = []
    for number, (title, _) in enumerate(panels):
        checked = " checked" if number == 0 else ""
        own = f"{name}-{number}"
        pieces.append(f'<input type="radio" name="{name}" id="{own}"{checked}><label for="{own}">{escape(title)}</label>')
    pieces += [f'<pre tabindex="0" aria-label="{escape(title)}"><code>{escape(text)}</code></pre>' for title, text in panels]
    return f'<div class="tabs" role="group">{"".join(pieces)}</div>'


def page(name: str, title: str, main: str) -> str:
    """Return a whole page. ``name``: its file without ending, to be marked in the menu."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{BASE_MARK}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{escape(title)} · Regulars API</title>\n<link rel="stylesheet" href="{STYLE}">\n</head>\n<body>\n'
        f'<a class="skip" href="{name}.html#main">Skip to the content</a>\n'
        '<header><a class="brand" href="index.html">Regulars <span>API</span></a><nav aria-label="Documents">'
        f"{_documents(name)}</nav></header>\n"
        f'<div class="frame"><nav class="menu" aria-label="Calls"><details><summary>All calls</summary>{_menu(name)}</details>'
        f'<div class="wide">{_menu(name)}</div></nav>\n<main id="main">\n{main}\n</main></div>\n</body>\n</html>\n'
    )


def _link(target: str, text: str, here: str) -> str:
    current = ' aria-current="page"' if target == f"{here}.html" else ""
    return f'<a href="{target}"{current}>{escape(text)}</a>'


def _documents(here: str) -> str:
    pages = [("index.html", "Calls"), *((f"{one.name}.html", one.short) for one in GUIDES if one.short)]
    files = [("errors.html", "Errors"), ("permissions.html", "Permissions"), ("downloads.html", "OpenAPI & Postman")]
    return "".join(_link(target, text, here) for target, text in (*pages, *files))


def _menu(here: str) -> str:
    found = entries()
    groups = [*GROUPS, *sorted({one.group for one in found} - set(GROUPS))]
    parts = []
    for group in groups:
        mine = [one for one in found if one.group == group]
        links = "".join(f"<li>{_link(f'{one.key}.html', one.call.summary, here)}</li>" for one in mine)
        if links:
            parts.append(f"<h2>{escape(group)}</h2><ul>{links}</ul>")
    guides = "".join(f"<li>{_link(f'{one.name}.html', one.title, here)}</li>" for one in GUIDES)
    return f"<h2>Guides</h2><ul>{guides}</ul>{''.join(parts)}"
