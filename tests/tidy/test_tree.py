# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its own rules: lengths, names, licence lines, exact numbers in the books, paths that documents name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "regulars"
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
DRAWER_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
EXACT_PACKAGES = ("ledger", "campaigns", "transactions", "coalition", "kit/units.py", "customers/rules.py")
WEB_HALF = ("django.http", "django.shortcuts", "django.views", "django.urls", "django.template", "django.forms", "django.test")
CLIENTS = ("httpx2", "requests", "urllib.request", "http.client", "smtplib", "socket", "granian")
FACES = ("api", "panel", "cli", "jobs")
IMPURE = ("django", "psycopg", "asyncpg", "random", "secrets", "time", "os", "socket", "asyncio")
CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time", "timezone.now"}
MADE_LATER = ("data/", ".venv/", "tls/")
LEDGER_WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "save", "get_or_create", "update_or_create"}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


SOURCES = python_files("src", "tests", "benchmarks")
WRITTEN_BY_US = re.compile("/client/(calls/[^/]+|errors.py)$")
"""Written by `make client`: as long as a call has parameters, and as there are errors."""
PRODUCT = python_files("src")


def problems(paths: list[Path], find: Callable[[Path], Iterable[str]]) -> list[str]:
    """Return "file: problem" for everything that ``find`` finds."""
    return [f"{path.relative_to(ROOT)}: {problem}" for path in paths for problem in find(path)]


def assert_none(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def calls_in(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def belongs_to(path: Path, *packages: str) -> bool:
    return path.relative_to(SOURCE).parts[0] in packages


def imported_names(path: Path) -> set[str]:
    """Every module named by an import of the file; ``from a import b`` names both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def matches(names: set[str], forbidden: tuple[str, ...]) -> set[str]:
    return {name for name in names if any(name == one or name.startswith(f"{one}.") for one in forbidden)}


def test_a_file_is_short_enough_to_be_read() -> None:
    def too_long(path: Path) -> Iterable[str]:
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES_MAX and "migrations" not in path.parts and not WRITTEN_BY_US.search(path.as_posix()):
            yield f"{lines} lines: split it by operation"

    assert_none(problems(SOURCES, too_long))


def test_a_function_fits_a_screen() -> None:
    def too_long(path: Path) -> Iterable[str]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX and not WRITTEN_BY_US.search(path.as_posix()):
                    yield f"{node.name} has {lines} lines"

    assert_none(problems(SOURCES, too_long))


def test_a_module_is_named_for_what_it_holds() -> None:
    assert_none(problems(SOURCES, lambda path: {path.stem, *path.relative_to(ROOT).parts[:-1]} & DRAWER_NAMES))


def test_a_file_says_its_licence_first() -> None:
    written = [path for path in SOURCES if path.read_text() and "migrations" not in path.parts]
    others = [*SOURCE.rglob("*.sql"), ROOT / "Makefile", ROOT / "scripts" / "setup", ROOT / ".ci" / "run"]

    def unlicensed(path: Path) -> Iterable[str]:
        if "SPDX-License-Identifier: Apache-2.0" not in "".join(path.read_text().splitlines()[:2]):
            yield "no SPDX line"

    assert_none(problems([*written, *others], unlicensed))


def test_the_books_know_no_float() -> None:
    def inexact(path: Path) -> Iterable[str]:
        for node in ast.walk(ast.parse(path.read_text())):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            names_float = isinstance(node, ast.Name) and node.id == "float"
            divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            if is_float or names_float or divides:
                yield f"line {node.lineno}"

    exact = [path for path in PRODUCT if str(path.relative_to(SOURCE)).startswith(EXACT_PACKAGES)]
    assert_none(problems(exact, inexact))


def test_sql_of_the_books_knows_no_float() -> None:
    pattern = re.compile(r"\b(float4|float8|real|double\s+precision|money)\b", re.IGNORECASE)
    files = sorted((SOURCE / "ledger" / "sql").glob("*.sql"))
    assert files
    assert_none(problems(files, lambda path: pattern.findall(re.sub(r"--.*", "", path.read_text()))))


def test_nothing_below_the_faces_knows_the_web() -> None:
    below = [path for path in PRODUCT if not belongs_to(path, *FACES)]
    assert_none(problems(below, lambda path: matches(imported_names(path), WEB_HALF)))


def test_no_network_inside_a_unit_of_work() -> None:
    inside = [path for path in PRODUCT if belongs_to(path, "ledger", "transactions", "customers", "campaigns")]
    assert_none(problems(inside, lambda path: matches(imported_names(path), CLIENTS)))


def test_rules_are_pure() -> None:
    rules = [path for path in PRODUCT if path.name == "rules.py"]
    assert rules
    assert_none(problems(rules, lambda path: matches(imported_names(path), IMPURE)))


def test_only_faces_ask_the_clock() -> None:
    below = [path for path in PRODUCT if not belongs_to(path, *FACES, "kit")]
    assert_none(problems(below, lambda path: {ast.unparse(call.func) for call in calls_in(path)} & CLOCKS))


def test_only_the_ledger_writes_its_tables() -> None:
    def writes(path: Path) -> Iterable[str]:
        ledger_models = {
            alias.asname or alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module == "regulars.ledger.models"
            for alias in node.names
        }
        for call in calls_in(path):
            if isinstance(call.func, ast.Attribute) and call.func.attr in LEDGER_WRITES:
                named = {node.id for node in ast.walk(call.func) if isinstance(node, ast.Name)}
                if named & ledger_models:
                    yield f"line {call.lineno}: {ast.unparse(call.func)}"

    assert_none(problems([path for path in PRODUCT if not belongs_to(path, "ledger")], writes))


def test_a_note_of_something_to_do_names_its_issue() -> None:
    pattern = re.compile(r"#\s*(?:TODO|FIXME|XXX)\b(?!.*#\d+)")
    others = [path for path in SOURCES if path != Path(__file__)]
    assert_none(problems(others, lambda path: pattern.findall(path.read_text())))


def is_there(quoted: str) -> bool:
    """Whether a path exists from the root, from the package, or (a folder's own name) anywhere in tests or the package."""
    anywhere = [] if quoted.count("/") > 1 else [*SOURCE.rglob(quoted.rstrip("/")), *(ROOT / "tests").rglob(quoted.rstrip("/"))]
    return bool(anywhere) or any((top / quoted).exists() for top in (ROOT, SOURCE))


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"])
def test_every_path_a_document_names_exists(name: str) -> None:
    missing = []
    for quoted in re.findall(r"`([^`\s]+)`", (ROOT / name).read_text()):
        is_path = re.fullmatch(r"[.\w][\w.-]*/[\w./-]*", quoted)
        if is_path and not quoted.startswith(MADE_LATER) and not is_there(quoted):
            missing.append(quoted)
    assert_none(missing)


def test_the_architecture_page_is_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 200


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    files = sorted((ROOT / "requirements").glob("*.txt"))
    assert files
    address = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host")
    assert_none(problems(files, lambda path: address.findall(path.read_text())))
    unpinned = re.compile(r"^[a-z][^=]*==[^\\]*$", re.MULTILINE | re.IGNORECASE)
    assert_none(problems(files, lambda path: unpinned.findall(path.read_text())))


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        assert path.read_text().startswith(f"# ADR-{path.name[:4]}: "), path.name
