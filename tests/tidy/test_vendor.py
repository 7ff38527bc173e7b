# SPDX-License-Identifier: Apache-2.0
"""What others made is as it came: every file is declared, has its hash and its licence, and is used."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PANEL = ROOT / "src" / "regulars" / "panel"
FOLDERS = (PANEL / "static" / "vendor", PANEL / "templates" / "panel" / "icons", ROOT / "tests" / "panel" / "vendor")
DECLARED = tomllib.loads((PANEL / "vendor.toml").read_text())


def files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.is_file())


def test_every_file_has_the_hash_it_came_with() -> None:
    lines = [line.split("  ") for line in (PANEL / "vendor.sha256").read_text().splitlines()]
    expected = {name: digest for digest, name in lines}
    found = {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files() if path.suffix != ".gz"
    }
    assert found == expected, "make vendor"


def test_every_compressed_file_holds_the_one_beside_it() -> None:
    compressed = [path for path in files() if path.suffix == ".gz"]
    assert compressed
    for path in compressed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes(), path.name


def test_every_package_says_its_version_and_its_licence() -> None:
    for package in (*DECLARED["package"], DECLARED["icons"]):
        assert package["licence"] in ("MIT", "0BSD", "MPL-2.0"), package["name"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    for folder in {path.parent for path in files()}:
        assert (folder / "LICENSE.txt").exists(), folder


def test_every_icon_is_declared_and_used() -> None:
    drawn = {path.stem for path in files() if path.suffix == ".svg"}
    assert drawn == set(DECLARED["icons"]["names"]), "make vendor"
    written = "".join(path.read_text() for path in PANEL.rglob("*") if path.suffix in (".py", ".html"))
    unused = {name for name in drawn if f'"{name}"' not in written}
    assert not unused
