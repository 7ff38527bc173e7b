# SPDX-License-Identifier: Apache-2.0
"""
Exports while they are made: how many at once, and how far each is, for the bar beside its button.

Kept in the process: the panel is one (ADR-0001). Where it was restarted, or somebody runs several, a bar is not shown and the
file comes all the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

AT_ONCE_MAX = 2
"""Each takes one of the process's few threads."""
KEPT_MAX = 500

T = TypeVar("T")
places = threading.BoundedSemaphore(AT_ONCE_MAX)
_lock = threading.Lock()
_progress: OrderedDict[tuple[int, str], Progress] = OrderedDict()


@dataclass(slots=True)
class Progress:
    """Rows written, of how many; ``total`` 0 = they are still being counted."""

    done: int = 0
    total: int = 0
    is_over: bool = False


def begin(account_id: int, mark: str) -> Progress:
    """Begin to tell how far an export is; the oldest are forgotten."""
    with _lock:
        progress = _progress[account_id, mark] = Progress()
        while len(_progress) > KEPT_MAX:
            _progress.popitem(last=False)
    return progress


def find(account_id: int, mark: str) -> Progress | None:
    """Return how far an export of the account is."""
    with _lock:
        return _progress.get((account_id, mark))


def counted(rows: Iterator[T], progress: Progress) -> Iterator[T]:
    """Yield the rows, and tell of each."""
    for row in rows:
        progress.done += 1
        yield row
