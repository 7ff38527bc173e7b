# SPDX-License-Identifier: Apache-2.0
"""
Writes regulars.client's calls and errors from the registry and the tree of errors: ``python -m regulars.api.client_source``.

A method for each call, its parameters those that the call declares, with their types and notes; a class for each error code.
The files are checked in, so that "go to definition" ends in a signature; tests/client/test_source.py holds them up to date.
"""

from __future__ import annotations

import builtins
import os
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.api.call import Call
    from regulars.errors import RegularsError
    from regulars.protocol.params import Kind, Parameter

CLIENT = Path(__file__).resolve().parents[1] / "client"
COLUMNS = 128
SEPARATE_MAX = 40
"""A call of more parameters does not give each a line of its own: the function must fit a screen."""
SECTIONS = {
    3: "accounts", 4: "accounts", 5: "users", 6: "fields", 7: "customers", 8: "transactions", 9: "campaigns", 10: "reports",
    11: "tokens", 13: "extensions",
}  # fmt: skip
"""Sections of api.md -> the modules the calls are written to."""
RULES = re.compile(r"(campaign_)?(depreciation|fee)")
"""Calls of section 9 with a module of their own."""

TYPES = {
    "text": "str", "id": "int | str", "value": "Decimal | int | str", "whole": "int", "decimal": "Decimal | int | str",
    "date": "date | str", "date_time": "datetime | date | str", "flag": "bool",
}  # fmt: skip
"""Shapes of parameters -> what a program may give."""
IMPORTS = {
    "Iterable": "from collections.abc import Iterable", "Mapping": "from collections.abc import Mapping",
    "date": "from datetime import date", "datetime": "from datetime import datetime", "Decimal": "from decimal import Decimal",
    "Literal": "from typing import Literal", "family": "from regulars.client.wire import family",
}  # fmt: skip
NOT_ANSWERED = frozenset({"Problems", "SettlementDue", "CustomerBusy", "HostTaken", "HostNotFound"})
"""Errors that stand for others, or that the writer and the edge deal with, or that commands alone meet: no caller does."""
HEAD = '''# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

'''
ERRORS_HEAD = '''# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""
What a call may raise: a class for each permanent code. Written by ``python -m regulars.api.client_source``; do not edit.

    try:
        shop.redeem(...)
    except InsufficientBalance: ...    # this one refusal
    except Refused: ...                # any other "no" of the programme
    except OutcomeUnknown as error: ...# ask again under error.idempotency_key
    except CallError: ...              # everything else

``retry`` says whether to try again: never, same_key (under the same idempotency key), later. The client has tried already.
"""

from __future__ import annotations

from typing import ClassVar

from regulars.client.failure import Advice, CallError

'''
ERRORS_OWN = '''
class ConnectionFailed(OperationalError):
    """The server could not be reached, or did not answer a look-up: nothing was carried out."""
    default_code = "connection_failed"

class BadAnswer(CallError):
    """What came back is no answer of the API: the address is wrong, or something stands between. A write may be done."""
    default_code = "bad_answer"
    retry: ClassVar[Advice] = "same_key"

BY_CODE: dict[str, type[CallError]] = {
'''


def client_files() -> dict[str, str]:
    """Return what is written: file names below ``client/`` -> sources."""
    groups: dict[str, list[tuple[str, str, Call]]] = defaultdict(list)
    for method, selection, call in _calls():
        groups[_module_of(call)].append((method, selection, call))
    files = {f"calls/{module}.py": _module(module, calls) for module, calls in groups.items()}
    return {**files, "calls/__init__.py": _package(sorted(groups)), "errors.py": _errors()}


def _calls() -> Iterator[tuple[str, str, Call]]:
    """Give each call: its method's name, the field that selects it ("action=add"), itself."""
    # Imported here, for Django must be set up before the calls can be.
    from regulars.api.call import Call
    from regulars.api.registry import CALLS

    for name, entry in sorted(CALLS.items()):
        if isinstance(entry, Call):
            yield name, "", entry
        else:
            for selected, call in entry.calls.items():
                yield f"{name}_{selected}", f"{entry.selector}={selected}", call


def _module_of(call: Call) -> str:
    section = re.search(r"api\.md (\d+)", call.source)
    module = SECTIONS[int(section[1])] if section else "extensions"
    return "campaign_rules" if module == "campaigns" and RULES.match(call.type) else module


def class_of(module: str) -> str:
    """Return the name of a module's class: campaign_rules holds CampaignRulesCalls."""
    return "".join(part.capitalize() for part in module.split("_")) + "Calls"


def _module(module: str, calls: Iterable[tuple[str, str, Call]]) -> str:
    methods = "\n".join(_method(*call) for call in calls)
    lines = {line for word, line in IMPORTS.items() if re.search(rf"\b{word}\b(?!=)", _code_of(methods))}
    lines |= {"from regulars.client.session import Caller, R"}
    first, last = (sorted(line for line in lines if ("regulars" in line) is ours) for ours in (False, True))
    body = f"class {class_of(module)}(Caller[R]):\n" + f'    """Calls about {module.replace("_", " ")}."""\n\n{methods}'
    shadows = re.search(rf"[ (](?:{'|'.join(dir(builtins))}): ", _code_of(methods))
    head = HEAD.replace("# fmt: off", "# ruff: noqa: A002\n# fmt: off") if shadows else HEAD
    return head + "\n".join([*_merged(first), "", *last]).lstrip("\n") + "\n\n\n" + body


def _code_of(methods: str) -> str:
    """Return the methods without their docstrings."""
    return re.sub(r'""".*?"""', "", methods, flags=re.DOTALL)


def _merged(lines: Iterable[str]) -> list[str]:
    """Return imports, those from one module on one line."""
    names: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        start, _, name = line.partition(" import ")
        names[start].append(name)
    return [f"{start} import {', '.join(sorted(found))}" for start, found in sorted(names.items())]


def _package(modules: Iterable[str]) -> str:
    imports = "\n".join(f"from regulars.client.calls.{module} import {class_of(module)}" for module in modules)
    bases = _wrapped(f"{class_of(module)}[R]" for module in modules)
    return (
        HEAD
        + f"from typing import Generic\n\n{imports}\nfrom regulars.client.session import R\n\n\n"
        + f"class Calls(\n{bases},\n    Generic[R],\n):\n"
        + '    """Every call; what each returns is an Answer, or is awaited for one."""\n'
    )


def _wrapped(parts: Iterable[str], indent: str = "    ") -> str:
    """Return parts joined by commas, in lines that fit."""
    lines, line = [], ""
    for part in parts:
        longer = f"{line}, {part}" if line else indent + part
        if line and len(longer) > COLUMNS - 1:
            lines.append(line + ",")
            line = indent + part
        else:
            line = longer
    return "\n".join([*lines, line])


# -- one call ----------------------------------------------------------------------------------------------------------
def _method(name: str, selection: str, call: Call) -> str:
    from regulars.protocol.params import declared

    arguments, notes, sent, families = [], [], [], []
    selector, _, selected = selection.partition("=")
    if selector:
        sent.append(f'"{selector}": "{selected}"')
    for field, parameter in sorted(declared(call.params), key=lambda pair: not pair[1].required):
        attribute = field.lower()
        arguments.append(_argument(attribute, parameter))
        notes.append(_note(attribute, parameter))
        kind = parameter.kind
        if kind.prefix:
            suffix = f', "{kind.suffix}"' if kind.suffix else ""
            families.append(f'**family("{kind.prefix}", {attribute}{suffix})')
        else:
            sent.append(f'"{parameter.name}": {attribute}')
    special, sent_first = _credentials(call, {name for name, *_ in map(_named, sent)})
    arguments, sent = special + arguments, sent_first + sent + families
    how = "_read"
    ending = "})"
    if call.writes:
        how, ending = "_write", "}, idempotency_key, dry_run=dry_run)"
        arguments += ["idempotency_key: str | None = None", "dry_run: bool = False"]
    given = f"{_wrapped(['self', '*', *arguments], '        ')},\n" if arguments else "        self,\n"
    what = f"`{call.type}`, {selector} `{selected}`" if selector else f"`{call.type}`"
    body = f'        return self.{how}("{call.type}", {{'
    inner = _wrapped(sent, " " * 12)
    body += f"\n{inner},\n        {ending}\n" if sent else f"{ending}\n"
    says = f"{call.summary} ({what})."
    if notes:
        says = "\n".join(["", f"        {says}", "", *_lines(notes), "        "])
    return f'    def {name}(\n{given}    ) -> R:\n        """{says}"""\n{body}'


def _named(sent: str) -> tuple[str, str]:
    name, _, value = sent.partition(": ")
    return name.strip('"'), value


def _credentials(call: Call, declared_names: set[str]) -> tuple[list[str], list[str]]:
    """Return further arguments, and fields that take the place of what the client sends with every call."""
    if call.credentials == "password":
        return (
            ["user_id: str", "user_password: str"],
            ['"user_id": user_id', '"user_password": user_password', '"user_api_key": None', '"account_id": None'],
        )
    if call.credentials == "none":
        return [], ['"user_id": None', '"user_api_key": None', '"account_id": None']
    return [], ([] if call.needs_account_id or "account_id" in declared_names else ['"account_id": None'])


def _argument(attribute: str, parameter: Parameter) -> str:
    kind = parameter.kind
    given = _type_of(kind, keeps_blank=parameter.keeps_blank)
    if kind.prefix:
        return f"{attribute}: Mapping[int, {given}] | None = None"
    return f"{attribute}: {given}" if parameter.required else f"{attribute}: {given} | None = None"


def _type_of(kind: Kind[Any], *, keeps_blank: bool = False) -> str:
    if kind.choices:
        words = (*kind.choices, "") if keeps_blank else kind.choices
        return "Literal[" + ", ".join(f'"{word}"' for word in words) + "]"
    if kind.shape == "list":
        each = "str" if kind.each is None else _type_of(kind.each)
        return f"Iterable[{each}] | str"
    given = TYPES[kind.shape]
    return f'{given} | Literal[""]' if keeps_blank and "str" not in given.split(" | ") else given


def _note(attribute: str, parameter: Parameter) -> tuple[str, str]:
    """Return a parameter's name, with the one on the wire where that is another, and what is said of it."""
    kind = parameter.kind
    wire = f"{kind.prefix}#{kind.suffix}" if kind.prefix else parameter.name
    says = "yes or no" if kind.shape == "flag" else kind.says
    text = f"{says}; {parameter.note}" if parameter.note else says
    named = attribute if wire == attribute else f"{attribute} ({wire})"
    return named, text.replace("\\", "\\\\").replace('"""', "'''")


def _lines(notes: list[tuple[str, str]]) -> Iterator[str]:
    """Give the lines of a docstring; of very many parameters, those of which the same is said share a line."""
    shared: dict[str, list[str]] = defaultdict(list)
    for name, text in notes:
        shared[text].append(name)
    apart = ((text, [name]) for name, text in notes)
    for text, names in shared.items() if len(notes) > SEPARATE_MAX else apart:
        line = f"{', '.join(names)}: {text}"
        yield from textwrap.wrap(
            line, COLUMNS, initial_indent=" " * 8, subsequent_indent=" " * 12, break_long_words=False, break_on_hyphens=False
        )


# -- errors ------------------------------------------------------------------------------------------------------------
def _errors() -> str:
    import regulars.api.entry  # noqa: F401 - it has an error of its own
    from regulars.errors import RegularsError

    tree = sorted(_below(RegularsError, 0), key=lambda pair: pair[0])
    written: dict[type, str] = {RegularsError: "CallError"}
    text, codes = ERRORS_HEAD, {}
    for _, error in tree:
        parent = next(written[base] for base in error.__mro__[1:] if base in written)
        written[error] = error.__name__
        if error.code not in codes:
            codes[error.code] = error.__name__
        text += _error(error, parent)
    return text + ERRORS_OWN + "".join(f'    "{code}": {name},\n' for code, name in sorted(codes.items())) + "}\n"


def _below(error: type[RegularsError], depth: int) -> Iterator[tuple[tuple[int, str], type[RegularsError]]]:
    for one in error.__subclasses__():
        if one.__name__ not in NOT_ANSWERED and one.__module__.startswith("regulars."):
            yield (depth, one.__name__), one
            yield from _below(one, depth + 1)


def _error(error: type[RegularsError], parent: str) -> str:
    says = error.text if "text" in vars(error) else (error.__doc__ or "").strip().partition("\n")[0]
    lines = [f'    """{says or error.code}"""', f'    default_code = "{error.code}"']
    if "retry" in vars(error):
        lines.append(f'    retry: ClassVar[Advice] = "{error.retry}"')
    return f"\nclass {error.__name__}({parent}):\n" + "\n".join(lines) + "\n"


def main(client: Path = CLIENT) -> None:
    """Write the files; those of modules that are no more are removed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
    import django

    django.setup()
    write(client_files(), client)


def write(files: Mapping[str, str], client: Path) -> None:
    """Write the files below a folder."""
    for old in (client / "calls").glob("*.py"):
        if f"calls/{old.name}" not in files:
            old.unlink()
    (client / "calls").mkdir(exist_ok=True)
    for name, text in files.items():
        (client / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
