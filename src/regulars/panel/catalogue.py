# SPDX-License-Identifier: Apache-2.0
"""
The panel's texts for translators: ``python -m regulars.panel.catalogue`` (make messages).

Reads every text from Python and templates, brings each locale/<language>/LC_MESSAGES/django.po up to date and writes the
.mo beside it, which is committed: nobody who installs Regulars needs gettext. Babel does the work.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from regulars.panel.sentences import NUMBER, as_sentence

PANEL = Path(__file__).resolve().parent
DOMAIN = PANEL.parent
FACES = frozenset({"api", "cli", "client", "panel"})
"""Packages whose texts nobody meets in the panel, and the panel, whose texts are found first."""
LOCALE = PANEL / "locale"
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Of every catalogue: when it was written is git's to say, and nothing changes where no text did."""
KEYWORDS = {
    "_": None, "_now": None,
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def texts(folder: Path = PANEL) -> Catalog:
    """Return every text of the panel's source, with the places it stands at. No line numbers: they would change daily."""
    catalog = Catalog(project="Regulars", charset="utf-8")
    files = [*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]
    for path in sorted(path for path in files if "static" not in path.parts and "icons" not in path.parts):
        place = path.relative_to(folder).as_posix()
        for _, message, comments, context in _texts_in(path):
            catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)  # type: ignore[arg-type]
    return catalog


def add_domain(catalog: Catalog, folder: Path = DOMAIN) -> None:
    """
    Add the domain's own texts (mails, roles in words), and what its errors say (sentences.py).

    What is put into an error is taken for a number, and each number of such a sentence stands as {0}, {1} ...; other pieces
    cannot be known.
    """
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder)
        if place.parts[0] not in FACES:
            for _, message, comments, context in _texts_in(path):
                catalog.add(message, locations=[(place.as_posix(), 0)], auto_comments=comments, context=context)  # type: ignore[arg-type]
            for text in _errors_in(ast.parse(path.read_text(encoding="utf-8"))):
                catalog.add(as_sentence(text), locations=[(place.as_posix(), 0)])


def _errors_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            said = {
                part.targets[0].id: part.value
                for part in node.body
                if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
            }
            if "code" in said and "text" in said:
                yield from _pattern(said["text"])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id[:1].isupper():
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            if "text" in named:
                yield from _pattern(named["text"])
            elif node.func.id == "InvalidParameter" and len(node.args) > 1:
                yield from _pattern(node.args[1])


def _pattern(node: ast.expr) -> Iterator[str]:
    """Yield a literal text, or an f-string with {0}, {1} ... for its numbers, as sentences.py looks them up."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)
        places = iter(range(len(text)))
        yield NUMBER.sub(lambda _: f"{{{next(places)}}}", text)


def _texts_in(path: Path) -> Iterator[tuple[int, object, list[str], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize  # needs settings, which reading Python does not

        source = re.sub(r"^[ \t]+", "", templatize(source), flags=re.MULTILINE)
    read = io.BytesIO(source.encode())
    yield from extract(extract_python, read, keywords=KEYWORDS, comment_tags=["Translators:"])  # type: ignore[arg-type]


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as gettext reads it. What is untranslated or to be looked at again stays English."""
    written = io.BytesIO()
    write_mo(written, catalog, use_fuzzy=False)
    return written.getvalue()


def read(path: Path) -> Catalog:
    """Return the catalogue of a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def renew(path: Path, template: Catalog) -> Catalog:
    """Bring one .po file up to date (or begin it) and write the .mo beside it; texts that are gone are dropped."""
    language = path.parents[1].name
    catalog = read(path) if path.exists() else Catalog(locale=language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version, catalog.fuzzy = "Regulars", "1", False
    catalog.header_comment = "# SPDX-License-Identifier: Apache-2.0"
    catalog.creation_date = catalog.revision_date = NO_DATE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=128, no_location=False, omit_header=False, sort_output=True, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(read(path)))
    return catalog


def main(languages: list[str]) -> None:
    """Renew every catalogue there is, and begin those of ``languages``."""
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    template = texts()
    add_domain(template)
    known = {path.parents[1].name for path in LOCALE.glob("*/LC_MESSAGES/django.po")}
    for language in sorted(known | set(languages)):
        catalog = renew(LOCALE / language / "LC_MESSAGES" / "django.po", template)
        missing = sum(1 for message in catalog if message.id and not _is_translated(message.string))
        sys.stdout.write(f"{language}: {len(catalog)} texts, {missing} to translate\n")


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    main(sys.argv[1:])
