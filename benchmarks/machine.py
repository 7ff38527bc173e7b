# SPDX-License-Identifier: Apache-2.0
"""The machine and the versions a result was made with: enough to judge it by, nothing that names whose it is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.options import ROOT, BenchmarkError

PACKAGES = ("granian", "asyncpg", "uvloop", "orjson", "Django", "psycopg")
SYNC_TRIES = 200
MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs", "devtmpfs"})


def describe_machine() -> dict[str, str]:
    """Return processor, cores, memory, kernel and disk kind of this machine. No names of hosts, users or paths."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gib:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
    }


def short_name() -> str:
    """Return what result files are called after: "2-cores-x86_64"."""
    return f"{os.cpu_count()}-cores-{platform.machine()}"


def describe_versions() -> dict[str, str]:
    """Return the versions of what takes part."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    shown = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"wrk\s+(\S+)", shown)
    found["wrk"] = match[1] if match else "unknown"
    return found


def describe_commit() -> str:
    """Return the commit that is measured, marked where the tree differs from it."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return "unknown"
    commit = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{commit} with uncommitted changes" if changed else commit


def refuse_memory_disk(directory: Path) -> None:
    """Raise BenchmarkError where a directory is held in memory: nothing there is durable, so nothing would be measured."""
    if not Path("/proc/mounts").exists():
        return
    where, kind = Path("/"), ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, found, *_ = line.split(" ")
        point = Path(mount.replace("\\040", " "))
        if directory.is_relative_to(point) and len(point.parts) >= len(where.parts):
            where, kind = point, found
    if kind in MEMORY_FILE_SYSTEMS:
        raise BenchmarkError(f"BENCH_DIRECTORY lies on {kind}, in memory: commits there are not durable. Name a real disk.")


def sync_milliseconds(directory: Path) -> float:
    """Return the median time of one 8 KiB write with fdatasync: what one durable commit can not be faster than."""
    file = directory / "sync-probe"
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, bytes(8192 * SYNC_TRIES))
        os.fsync(handle)
        times = []
        for number in range(SYNC_TRIES):
            started = time.perf_counter()
            os.pwrite(handle, os.urandom(8192), 8192 * number)
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(handle)
            times.append(time.perf_counter() - started)
    finally:
        os.close(handle)
        file.unlink()
    return statistics.median(times) * 1000


def _processor() -> str:
    if Path("/proc/cpuinfo").exists():
        match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        if match:
            return match[1].strip()
    shown = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or platform.processor() or "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False).stdout.strip()
