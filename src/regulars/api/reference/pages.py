# SPDX-License-Identifier: Apache-2.0
"""The pages of the reference: the index, one page a call, the errors, the files to take away."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from regulars.api.reference.catalogue import GENERAL_ERRORS, GROUPS, CommonParameter, Entry, entries, errors, shown_name
from regulars.api.reference.examples import Example, general_examples
from regulars.api.reference.markup import code, inline, page, prose, table, tabs
from regulars.api.reference.shapes import Schema, shape_of
from regulars.kit import snippets
from regulars.protocol.params import Parameter
from regulars.protocol.render import Envelope
from regulars.users.access import ROLES

TRY_MARK = "<!--try-->"
"""Where the form to try a call goes, on a server with the demo accounts."""
RETRY = {
    "never": "no: the same request fails again",
    "same_key": "yes, with the same idempotency_key",
    "later": "yes, after a pause",
}
ABOUT = """One address, one form. Send a form by POST to `/api.php`; its field `type` says which call it is. The answer is XML,
or JSON with `output=JSON`. Every call but `test` carries `user_id`, `user_api_key` and `account_id`.

The examples on these pages are carried out by the tests, each of them, as they are shown."""


def index_page() -> str:
    """Return the page of all calls, by group."""
    found = entries()
    groups = [*GROUPS, *sorted({one.group for one in found} - set(GROUPS))]
    parts = [f"<h1>The API</h1>{prose(ABOUT)}"]
    for group in groups:
        rows = [
            (f'<a href="{one.key}.html">{escape(one.call.summary)}</a>{_badge(one)}', _selects(one), _first_sentence(one))
            for one in found
            if one.group == group
        ]
        if rows:
            parts.append(f'<h2 id="{group.lower()}">{escape(group)}</h2>')
            parts.append(table(("Call", "Sent as", "What it does"), rows, "calls"))
    return page("index", "All calls", "".join(parts))


def _badge(entry: Entry) -> str:
    return ' <span class="badge">extension</span>' if entry.is_extension else ""


def _selects(entry: Entry) -> str:
    return " ".join(code(f"{name}={value}") for name, value in entry.select.items())


def _first_sentence(entry: Entry) -> str:
    first = entry.words.split("\n\n")[0].replace("\n", " ")
    end = first.find(". ")
    return inline(first if end < 0 else first[: end + 1])


def call_page(entry: Entry) -> str:
    """Return the page of one call."""
    call = entry.call
    aliases = "".join(f" Also sent as {code(f'type={alias}')}." for alias in call.aliases)
    writes = "Writes: it takes an <code>idempotency_key</code>, and <code>dry_run=Y</code>." if call.writes else "Reads only."
    parts = [
        f"<h1>{escape(call.summary)}{_badge(entry)}</h1>",
        f'<p class="lead">{_selects(entry)}{aliases}</p>',
        prose(entry.words),
        f"<p>{writes}</p>",
        f'<h2 id="who">Who may</h2>{_who(entry)}',
        f'<h2 id="parameters">Parameters</h2>{_own_parameters(entry.parameters)}',
        f"<details><summary>Parameters of every call</summary>{_common_parameters(entry.common)}</details>",
        TRY_MARK,
        f'<h2 id="examples">Examples</h2>{"".join(_examples(entry.examples))}',
        f'<h2 id="answer">The answer</h2>{_answer(entry)}',
        f'<h2 id="errors">Errors</h2>{_errors(entry)}',
    ]
    return page(entry.key, call.summary, "\n".join(parts))


def _who(entry: Entry) -> str:
    call = entry.call
    if call.credentials == "none":
        return "<p>Everybody; no credentials are looked at.</p>"
    if call.credentials == "password":
        return "<p>Every user, with the login password in <code>user_password</code>.</p>"
    if call.permission is None:
        return "<p>Every user of the account.</p>"
    roles = ", ".join(f"{escape(ROLES[letter])} ({letter})" for letter in entry.roles)
    return (
        f'<p>The permission {code(call.permission)}: the owner, and the <a href="permissions.html">roles</a> {roles}; in the'
        " campaigns the user is allowed.</p>"
    )


def _own_parameters(parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return "<p>None of its own.</p>"
    rows = []
    for one in parameters:
        also = "".join(f"<br>or {code(name)}" for name in one.names[1:])
        need = "<strong>required</strong>" if one.required else "optional"
        said = f"{inline(one.note)}<br><small>{escape(one.kind.says)}</small>"
        rows.append((f"{code(shown_name(one))}{also}", need, said))
    return table(("Name", "", "What it is"), rows, "parameters")


def _common_parameters(parameters: tuple[CommonParameter, ...]) -> str:
    rows = [
        (code(one.name), "<strong>required</strong>" if one.required else "optional",
         f"{inline(one.note)}<br><small>{escape(one.says)}</small>")
        for one in parameters
    ]  # fmt: skip
    return table(("Name", "", "What it is"), rows, "parameters")


def _examples(examples: tuple[Example, ...]) -> Iterator[str]:
    for number, one in enumerate(examples):
        kind = " (an error)" if one.is_error else ""
        name = one.name.removeprefix("error_").replace("_", " ").capitalize()
        yield f'<h3 id="example-{escape(one.name)}">{escape(name)}{kind}</h3>'
        yield tabs(f"e{number}", example_panels(one))


def example_panels(example: Example) -> list[tuple[str, str]]:
    """Return what an example is shown in: three programs, and the answer in two formats."""
    panels = [("curl", snippets.curl(example.fields)), ("PHP", snippets.php(example.fields)), ("XML", _indented(example))]
    if "output" in example.fields:
        return panels  # it is about the format
    return [
        *panels[:2],
        ("Python", snippets.python(example.fields)),
        *panels[2:],
        ("JSON", example.written(Envelope("JSON")).decode()),
    ]


def _indented(example: Example) -> str:
    """Return the XML as people read it; on the wire it has no white space between its elements."""
    import xml.etree.ElementTree as ET

    root = ET.fromstring(example.written(Envelope("XML")))  # noqa: S314 - our own answer
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _answer(entry: Entry) -> str:
    shape = shape_of([one.answer for one in entry.examples if one.answer is not None])
    rows = list(_members(shape, 0))
    if not rows:
        return "<p>Nothing but the status.</p>"
    shown = table(("Member", "", "For example"), rows, "members")
    return f"<p>As members of the JSON; elements of the XML have the same names, attributes excepted.</p>{shown}"


def _members(shape: Schema, depth: int) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each member of an answer, and for those within."""
    for one in shape.get("anyOf", ()):
        yield from _members(one, depth)
    if shape.get("type") == "array":
        yield from _members(shape["items"], depth)
    required = set(shape.get("required", ()))
    named = [*shape.get("properties", {}).items()]
    named += [(pattern[1:].replace("[0-9]+$", "#"), within) for pattern, within in shape.get("patternProperties", {}).items()]
    for name, within in named:
        suffix = "[]" if within.get("type") == "array" else ""
        example = within.get("examples", within.get("enum", [""]))[0]
        shown = f'<span class="depth{min(depth, 6)}">{code(name + suffix)}</span>'
        yield (shown, "always" if name in required else "sometimes", escape(example[:80]))
        yield from _members(within, depth + 1)


def _errors(entry: Entry) -> str:
    known = {one.code: one for one in errors()}
    rows = [
        (f'<a href="errors.html#{c}">{code(c)}</a>', escape(known[c].text), inline(known[c].words)) for c in entry.call.errors
    ]
    own = table(("Code", "Text", "What it means"), rows, "errors") if rows else "<p>None of its own.</p>"
    return f'{own}<p>And what <a href="errors.html">any call</a> may be answered with.</p>'


def errors_page() -> str:
    """Return the page of all errors."""
    rows: dict[bool, list[tuple[str, ...]]] = {True: [], False: []}
    for one in errors():
        status = f"{one.status}" + ("" if one.always_status else " or 200")
        calls = ", ".join(f'<a href="{key}.html">{escape(key)}</a>' for key in one.calls)
        said = inline(one.words) + (f"<br><small>{calls}</small>" if calls else "")
        rows[one.code in GENERAL_ERRORS].append(
            (f'<span id="{one.code}">{code(one.code)}</span>', escape(one.text), said, status, RETRY[one.retry])
        )
    head = ("Code", "Text", "What it means", "Status", "Again?")
    about = (
        "<p>Codes are for programs and never change; texts are for people. Errors have HTTP status 200 unless"
        " <code>strict_status=Y</code> asks for the one shown here. The same list as a file:"
        ' <a href="errors.json">errors.json</a>; in which order things are checked:'
        ' <a href="errors-and-their-order.html">Errors and their order</a>.</p>'
    )
    parts = [
        f"<h1>Errors</h1>{about}",
        f'<h2 id="any">Any call</h2>{table(head, rows[True], "errors")}',
        f'<h2 id="some">Some calls</h2>{table(head, rows[False], "errors")}',
        f'<h2 id="examples">Examples</h2>{"".join(_examples(general_examples()))}',
    ]
    return page("errors", "Errors", "\n".join(parts))


FILES = {
    "openapi.json": "OpenAPI 3.1: each call an operation, for generators of clients and for testers. The fragment of a path, as"
    " in `/api.php#record_activity`, only tells the operations apart.",
    "postman.json": "A Postman collection (2.1): fill in the variables `user_id`, `user_api_key`, `account_id`.",
    "errors.json": "Every error code with its text, meaning, HTTP status, and whether to try again.",
}


def downloads_page() -> str:
    """Return the page of the files that programs read."""
    rows = [(f'<a href="{name}">{name}</a>', inline(words)) for name, words in FILES.items()]
    about = "<p>Made from the declarations that parse the calls.</p>"
    main = f"<h1>OpenAPI and Postman</h1>{about}{table(('File', 'What it is'), rows)}"
    return page("downloads", "OpenAPI and Postman", main)
